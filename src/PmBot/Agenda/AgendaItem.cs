using NodaTime;
using PmBot.People;

namespace PmBot.Agenda;

/// <summary>What became of an item in the meeting under way.</summary>
public enum ItemOutcome
{
    /// <summary>It was talked about.</summary>
    Discussed,

    /// <summary>It was passed over, and is carried to the next meeting.</summary>
    Skipped,
}

/// <summary>A post of the bot's.</summary>
/// <param name="Delivery">The key of its delivery.</param>
/// <param name="ChannelId">Where it is.</param>
public sealed record AgendaPost(string Delivery, string ChannelId);

/// <summary>Something that somebody wants to talk about in a meeting.</summary>
public sealed record AgendaItem
{
    /// <summary>Unique in its meeting for ever; people see its number instead, which changes with what stands before it.</summary>
    public required long Serial { get; init; }

    /// <summary>What it is about, one line.</summary>
    public required string Text { get; init; }

    /// <summary>Its time box in minutes; null for none.</summary>
    public int? Minutes { get; init; }

    /// <summary>Where more can be read, as links.</summary>
    public IReadOnlyList<string> Docs { get; init; } = [];

    /// <summary>Who queued it, and leads the talk about it.</summary>
    public required Person Owner { get; init; }

    /// <summary>When it was queued.</summary>
    public required Instant QueuedAt { get; init; }

    /// <summary>The date of the meeting for which it was queued at first.</summary>
    public required LocalDate FirstOn { get; init; }

    /// <summary>Not before the meeting of that date; null for the next one.</summary>
    public LocalDate? NotBefore { get; init; }

    /// <summary>From how many meetings it was carried over.</summary>
    public int Carried { get; init; }

    /// <summary>Confidential: nothing but that it exists may be seen outside of the private channel.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>A feature that is to be shown.</summary>
    public bool IsDemo { get; init; }

    /// <summary>Its own post; null if it has none.</summary>
    public AgendaPost? Post { get; init; }

    /// <summary>The link of the post from which it was queued; null for none.</summary>
    public string? Source { get; init; }

    /// <summary>The serial of an item that was talked about before, of which this is the continuation; null for none.</summary>
    public long? FollowUpOf { get; init; }

    /// <summary>What became of it in the meeting under way; null if that has not come to it.</summary>
    public ItemOutcome? Outcome { get; init; }

    /// <summary>What was decided on it in the meeting under way; null for nothing.</summary>
    public string? Decided { get; init; }
}

/// <summary>An item's number as people see and type it: <c>3</c>, or <c>P1</c> for a confidential one.</summary>
/// <param name="Number">Its place, from 1, among the items of its kind on the agenda of a date.</param>
/// <param name="IsPrivate">Whether it is counted among the confidential ones.</param>
public readonly record struct ItemNumber(int Number, bool IsPrivate)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{(IsPrivate ? "P" : "")}{Number}");
}

/// <summary>What somebody has to say on the release plan's items.</summary>
/// <param name="By">Who.</param>
/// <param name="Text">What, one line.</param>
/// <param name="At">When they sent it.</param>
public sealed record ReleaseUpdate(Person By, string Text, Instant At);
