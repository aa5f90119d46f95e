using NodaTime;
using PmBot.People;
using PmBot.Storage;

namespace PmBot.Agenda;

/// <summary>Where an action step comes from.</summary>
/// <param name="MeetingId">The meeting.</param>
/// <param name="MeetingName">Its name then.</param>
/// <param name="On">The meeting's date, in its zone.</param>
/// <param name="ItemText">What the item was about; null if it came from none.</param>
/// <param name="Post">The post under which updates belong: the item's own, else that of the agenda; null if there is none.</param>
public sealed record StepOrigin(string MeetingId, string MeetingName, LocalDate On, string? ItemText, AgendaPost? Post);

/// <summary>What was said of an action step since.</summary>
/// <param name="Text">What.</param>
/// <param name="By">The user id of who said it.</param>
/// <param name="At">When.</param>
/// <param name="Post">The reply that says it; null if there is none.</param>
public sealed record StepUpdate(string Text, string By, Instant At, AgendaPost? Post = null);

/// <summary>Something that somebody is to do, noted in a meeting.</summary>
public sealed record ActionStep : Aggregate
{
    /// <summary>The most updates that are kept; the thread has them all.</summary>
    public const int MostUpdates = 50;

    /// <summary>The team.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>Its number, unique in the workspace for ever; people write <c>A7</c>.</summary>
    public required long Number { get; init; }

    /// <summary>What is to be done, one line.</summary>
    public required string Text { get; init; }

    /// <summary>Who is to do it.</summary>
    public required Person Owner { get; init; }

    /// <summary>The last date on which it is in time, in the meeting's zone.</summary>
    public required LocalDate Due { get; init; }

    /// <summary>The user id of who noted it.</summary>
    public required string By { get; init; }

    /// <summary>When it was noted.</summary>
    public required Instant At { get; init; }

    /// <summary>Where it comes from.</summary>
    public required StepOrigin Origin { get; init; }

    /// <summary>It comes from a confidential item, and is as confidential as that.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>What was said of it since, the oldest first.</summary>
    public IReadOnlyList<StepUpdate> Updates { get; init; } = [];

    /// <summary>Who said that it is done, and when; null while it is open.</summary>
    public StepUpdate? Done { get; init; }

    /// <summary>Whether it is still to be done.</summary>
    public bool IsOpen => Done is null;

    /// <summary>The step with another update; the oldest ones make room.</summary>
    public ActionStep With(StepUpdate update) => this with { Updates = [.. Updates.Append(update).TakeLast(MostUpdates)] };
}
