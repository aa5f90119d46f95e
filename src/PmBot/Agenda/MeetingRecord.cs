using NodaTime;
using PmBot.Meetings;
using PmBot.Storage;

namespace PmBot.Agenda;

/// <summary>What became of an item, as the minutes keep it.</summary>
/// <param name="Item">The item as it was then.</param>
/// <param name="Number">Its number on that day.</param>
public sealed record RecordedItem(AgendaItem Item, ItemNumber Number);

/// <summary>What a meeting came to on a date: what its minutes are made of.</summary>
public sealed record MeetingRecord : Aggregate
{
    /// <summary>The team.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>The meeting.</summary>
    public required string MeetingId { get; init; }

    /// <summary>Its name then.</summary>
    public required string MeetingName { get; init; }

    /// <summary>What kind of meeting it was.</summary>
    public MeetingKind Kind { get; init; }

    /// <summary>The date, in the meeting's zone.</summary>
    public required LocalDate On { get; init; }

    /// <summary>The zone of its times, as the time zone database writes it.</summary>
    public required string Zone { get; init; }

    /// <summary>When it was started with the bot; null if it was not.</summary>
    public Instant? StartedAt { get; init; }

    /// <summary>When it was ended.</summary>
    public required Instant EndedAt { get; init; }

    /// <summary>The user id of who ended it, or <c>schedule</c>.</summary>
    public required string EndedBy { get; init; }

    /// <summary>All items that stood on its agenda.</summary>
    public IReadOnlyList<RecordedItem> Items { get; init; } = [];

    /// <summary>What was said on the release plan.</summary>
    public IReadOnlyList<ReleaseUpdate> Updates { get; init; } = [];

    /// <summary>The numbers of the requests that were talked about.</summary>
    public IReadOnlyList<long> Requests { get; init; } = [];

    /// <summary>The numbers of the action steps that were noted.</summary>
    public IReadOnlyList<long> Actions { get; init; } = [];

    /// <summary>Where the recording is; null if nobody said so yet.</summary>
    public string? Recording { get; init; }

    /// <summary>Where feedback can be given; null if nobody said so yet.</summary>
    public string? Survey { get; init; }

    /// <summary>The post that holds the places for recording and survey; null if there is none.</summary>
    public AgendaPost? FollowUp { get; init; }

    /// <summary>The post of the agenda, whose thread has the minutes; null if there was none.</summary>
    public AgendaPost? Agenda { get; init; }

    /// <summary>Whether it was run with the bot.</summary>
    public bool WasRun => StartedAt is not null;
}
