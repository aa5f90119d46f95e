using NodaTime;
using PmBot.Meetings;
using PmBot.Scheduling;
using PmBot.Storage;

namespace PmBot.Agenda;

/// <summary>What a workspace's meetings have in common: the numbers of action steps, and when their owners are reminded.</summary>
public sealed record AgendaBook : Aggregate
{
    /// <summary>The last number that was given to an action step.</summary>
    public long LastStep { get; init; }

    /// <summary>When the owners of open action steps hear what is due.</summary>
    public required Weekly Steps { get; init; }

    /// <summary>The zone of that time, as the time zone database writes it.</summary>
    public string Zone { get; init; } = MeetingPlan.DefaultZone;

    /// <summary>The zone itself.</summary>
    public DateTimeZone DateTimeZone() => DateTimeZoneProviders.Tzdb[Zone];

    /// <summary>The calendar date in the book's zone.</summary>
    public LocalDate DateOf(Instant instant) => instant.InZone(DateTimeZone()).Date;

    /// <summary>A new book: owners are reminded on Fridays at 09:00 (PRODUCT.md, section 3).</summary>
    public static AgendaBook New(string workspaceId, Instant now) => new()
    {
        Id = workspaceId,
        Steps = Weekly.From(UsualSteps, now, DateTimeZoneProviders.Tzdb[MeetingPlan.DefaultZone]),
    };

    /// <summary>Friday, 09:00.</summary>
    public static WeeklyTime UsualSteps { get; } = new(IsoDayOfWeek.Friday, new LocalTime(9, 0));
}
