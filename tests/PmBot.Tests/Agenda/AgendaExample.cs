using NodaTime;
using PmBot.Agenda;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Tests.Rotations;

namespace PmBot.Tests.Agenda;

/// <summary>A weekly meeting on Wednesdays, 09:00–09:30 in Palo Alto; katie is its chair, jason and aaron are officers. It is Monday, November 23, 2026.</summary>
internal static class AgendaExample
{
    public static LocalDate Wednesday { get; } = new(2026, 11, 25);

    public static Instant Made { get; } = Example.At("2026-11-23 10:00");

    public static Instant Nine { get; } = Example.At("2026-11-25 09:00");

    public static AgendaParts All { get; } = new(Release: true, Requests: true, Actions: true);

    public static AgendaParts None { get; } = new(Release: false, Requests: false, Actions: false);

    public static Person Person(string name) => new(name, name);

    public static MeetingPlan Plan() => new()
    {
        Name = "PM sync",
        Kind = MeetingKind.Sync,
        Recurrence = new Recurrence.EveryWeeks(IsoDayOfWeek.Wednesday, 1, Wednesday),
        Start = new LocalTime(9, 0),
        Minutes = 30,
        Chair = Person("katie"),
        ViceChair = Person("jason"),
        CoChairs = [Person("aaron")],
        Agenda = new Ahead(0, new LocalTime(8, 0)),
        Call = new Ahead(1, new LocalTime(9, 0)),
    };

    public static AgendaItem Item(string text, bool isPrivate = false, int? minutes = null, LocalDate? notBefore = null) => new()
    {
        Serial = 0,
        Text = text,
        IsPrivate = isPrivate,
        Minutes = minutes,
        NotBefore = notBefore,
        Owner = Person("adam"),
        QueuedAt = Made,
        FirstOn = notBefore ?? Wednesday,
    };

    public static Meeting Of(MeetingPlan plan, params AgendaItem[] items) => items.Aggregate(Meeting.New("m", "w", plan, Made), (m, i) => Done(m.Add(i)));

    /// <summary>With items of these texts; one that begins with <c>P</c> is confidential.</summary>
    public static Meeting Of(params string[] items) => Of(Plan(), [.. items.Select(i => Item(i, i[0] == 'P'))]);

    public static Meeting Done(AgendaStep step) => ((AgendaStep.Done)step).Meeting;

    public static AgendaItem Item(this Meeting meeting, string text) => meeting.Items.Single(i => i.Text == text);

    public static Meeting Started(this Meeting meeting, AgendaParts? parts = null, Instant? at = null) => Done(meeting.Start("katie", true, parts ?? None, at ?? Nine));

    public static AgendaStep Next(this Meeting meeting, AgendaParts? parts = null, ItemOutcome outcome = ItemOutcome.Discussed, string? decided = null) =>
        meeting.Advance(meeting.Session!.Turn, outcome, decided, "katie", true, parts ?? None, meeting.Session.Since + Duration.FromMinutes(1));

    /// <summary>Where it has got to: <c>Release</c>, or the item's text.</summary>
    public static string At(this Meeting meeting) => meeting.Talked?.Text ?? $"{meeting.Session?.At.Kind}";

    public static AgendaRefusal? Why(this AgendaStep step) => (step as AgendaStep.Refused)?.Why;
}
