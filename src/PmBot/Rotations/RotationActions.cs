using System.Text.Json;
using PmBot.Storage;

namespace PmBot.Rotations;

/// <summary>The buttons of this feature.</summary>
internal static class RotationActions
{
    /// <summary>The one on duty has it. Subject: rotation id, colon, shift number.</summary>
    public const string Ack = "rotation.ack";

    /// <summary>Consent to a trade. Subject: a <see cref="Proposal"/>.</summary>
    public const string Agree = "rotation.agree";

    /// <summary>Refusal of a trade. Subject: a <see cref="Proposal"/>.</summary>
    public const string Decline = "rotation.decline";

    /// <summary>A rotation is really to be deleted. Subject: its id.</summary>
    public const string Delete = "rotation.delete";

    /// <summary>The form that makes the team's first rotation is to be opened. Subject: the channel in which it was offered.</summary>
    public const string SetUp = "rotation.setup";
}

/// <summary>A trade of shifts that waits for somebody's consent. It lives in the buttons that ask for it, nowhere else.</summary>
/// <param name="RotationId">The rotation.</param>
/// <param name="By">Who proposed it.</param>
/// <param name="ByName">Their name.</param>
/// <param name="Asked">Whose consent it needs.</param>
/// <param name="Moves">Which shifts go from whom to whom; all of them or none.</param>
/// <param name="Delivery">The delivery of the question.</param>
internal sealed record Proposal(string RotationId, string By, string ByName, string Asked, IReadOnlyList<Move> Moves, string Delivery = "")
{
    public string ToText() => JsonSerializer.Serialize(this, StoreJson.Options);

    public static Proposal FromText(string text) =>
        JsonSerializer.Deserialize<Proposal>(text, StoreJson.Options) ?? throw new JsonException("A signed proposal is empty.");
}

/// <summary>A shift that is to change hands.</summary>
/// <param name="Shift">Its number.</param>
/// <param name="From">Who has it; null if nobody.</param>
/// <param name="To">Who is to have it.</param>
/// <param name="Kind">Cover or swap.</param>
internal sealed record Move(long Shift, string? From, string To, ShiftReason Kind);
