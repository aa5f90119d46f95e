using PmBot.Mattermost.Client;

namespace PmBot.Delivery;

/// <summary>
/// The bot's parts of a channel's header. Each stands between two invisible separators, so that it can be found again and people read
/// only the text; whatever is outside of them belongs to people and is never changed.
/// </summary>
public static class HeaderPart
{
    // U+2063 INVISIBLE SEPARATOR, twice: it survives editing in the clients, and nobody types it.
    private const string Mark = "\u2063\u2063";

    private const string Separator = " | ";

    /// <summary>Replaces, adds or takes out the part that begins with <paramref name="label"/>.</summary>
    /// <param name="header">The header as it is.</param>
    /// <param name="label">How the part begins.</param>
    /// <param name="text">What follows the label, or null to take the part out.</param>
    /// <param name="shorter">What follows it if the whole does not fit.</param>
    /// <returns>The new header, or null if there is no room for the part.</returns>
    public static string? Write(string header, string label, string? text, string? shorter)
    {
        var (before, after) = Around(header, label);
        if (text is null)
        {
            // With the part goes the separator that came with it, and nothing else.
            return !header.Contains(Mark + label, StringComparison.Ordinal) ? header
                : after.StartsWith(Separator, StringComparison.Ordinal) ? before + after[Separator.Length..]
                : before.EndsWith(Separator, StringComparison.Ordinal) ? before[..^Separator.Length] + after
                : before + after;
        }

        return Fit(before, label + text, after) ?? (shorter is null ? null : Fit(before, label + shorter, after));
    }

    private static string? Fit(string before, string part, string after)
    {
        var header = before + Mark + part + Mark + after;
        return header.Length <= MattermostLimits.Header ? header : null;
    }

    /// <summary>What stands before and behind the part; a header without it gets it at its beginning.</summary>
    private static (string Before, string After) Around(string header, string label)
    {
        var start = header.IndexOf(Mark + label, StringComparison.Ordinal);
        if (start >= 0)
        {
            var end = header.IndexOf(Mark, start + Mark.Length, StringComparison.Ordinal);
            if (end >= 0)
            {
                return (header[..start], header[(end + Mark.Length)..]);
            }
        }

        return ("", header.Length > 0 ? Separator + header : "");
    }
}
