using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace PmBot.Storage;

/// <summary>
/// Why a transaction says something: a thing came due. Messages of one cause have the same keys whenever and however often it is done, so that
/// a bot whose memory was set back by a restored backup finds in Mattermost what it said before.
/// </summary>
/// <param name="kind">What came due, e.g. <c>handoff</c>.</param>
/// <param name="subject">For what, e.g. a rotation's id.</param>
/// <param name="date">The local date for which it was due.</param>
/// <param name="due">When it was due.</param>
public sealed class Cause(string kind, string subject, LocalDate date, Instant due)
{
    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);

    /// <summary>When it was due.</summary>
    public Instant Due { get; } = due;

    /// <summary>The key of its next message in a lane: of the form of any other, and the same each time this is done.</summary>
    public string NextKey(string lane)
    {
        var number = _told[lane] = _told.GetValueOrDefault(lane) + 1;
        var key = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
            new[] { "pmbot.1", kind, subject, LocalDatePattern.Iso.Format(date), lane, number.ToString(CultureInfo.InvariantCulture) }));
        return Convert.ToHexStringLower(key.AsSpan(0, 16));
    }
}
