using NodaTime;
using PmBot.People;

namespace PmBot.Meetings;

/// <summary>What a meeting is for, and with it what its agenda has.</summary>
public enum MeetingKind
{
    /// <summary>The PM sync: release updates, requests that are not obvious, items, action steps.</summary>
    Sync,

    /// <summary>Features are shown to others; before it, people sign up, and after it a recording and a survey are shared.</summary>
    Demos,

    /// <summary>Any other: items, and its own action steps.</summary>
    Plain,
}

/// <summary>A meeting on a date.</summary>
/// <param name="On">The date, in the meeting's zone.</param>
/// <param name="Start">When it begins.</param>
/// <param name="End">When it is over.</param>
public sealed record Occurrence(LocalDate On, Instant Start, Instant End);

/// <summary>A wall-clock time some days before a meeting, in its zone.</summary>
/// <param name="Days">How many days before; 0 for its own date.</param>
/// <param name="Time">The time.</param>
public sealed record Ahead(int Days, LocalTime Time);

/// <summary>A date on which the meeting does not take place.</summary>
/// <param name="On">The date.</param>
/// <param name="Why">The reason given; null for none.</param>
/// <param name="By">The user id of who cancelled it.</param>
/// <param name="IsTold">Whether people were told, or need not be told any more, on the day itself.</param>
public sealed record Cancellation(LocalDate On, string? Why, string By, bool IsTold);

/// <summary>A meeting as it is planned: when, who runs it, where it is talked about, what is said before and after it.</summary>
public sealed record MeetingPlan
{
    /// <summary>Palo Alto time, in which the team's meetings are (PRODUCT.md, section 1).</summary>
    public const string DefaultZone = "America/Los_Angeles";

    /// <summary>Its name, unique in the workspace.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public required MeetingKind Kind { get; init; }

    /// <summary>On which dates.</summary>
    public required Recurrence Recurrence { get; init; }

    /// <summary>When it begins, by the clocks of its zone.</summary>
    public required LocalTime Start { get; init; }

    /// <summary>How long it is, in minutes.</summary>
    public required int Minutes { get; init; }

    /// <summary>Its zone, as the time zone database writes it.</summary>
    public string Zone { get; init; } = DefaultZone;

    /// <summary>Who runs it; null if nobody is named.</summary>
    public Person? Chair { get; init; }

    /// <summary>Who runs it with the chair.</summary>
    public IReadOnlyList<Person> CoChairs { get; init; } = [];

    /// <summary>Who runs it for the chair; null if nobody is named.</summary>
    public Person? ViceChair { get; init; }

    /// <summary>Who collects the release updates; null if nobody is named.</summary>
    public Person? ReleaseManager { get; init; }

    /// <summary>Its channel; null for the product managers'.</summary>
    public string? ChannelId { get; init; }

    /// <summary>Where its confidential items are; null for the product managers' private channel.</summary>
    public string? PrivateChannelId { get; init; }

    /// <summary>Whether each item gets a post of its own; null for what the practice says (2020: yes, 2021: no).</summary>
    public bool? ItemPosts { get; init; }

    /// <summary>When the agenda is posted; null for never.</summary>
    public Ahead? Agenda { get; init; }

    /// <summary>When people are asked for what the meeting needs of them, release updates or demos; null for never.</summary>
    public Ahead? Call { get; init; }

    /// <summary>Whether something is posted when its time is over: a button that ends it; after demos the places for recording and survey.</summary>
    public bool After { get; init; } = true;

    /// <summary>The dates on which it does not take place, in their order.</summary>
    public IReadOnlyList<Cancellation> Cancelled { get; init; } = [];

    /// <summary>It takes place no more.</summary>
    public bool IsOver { get; init; }

    /// <summary>Everybody who may run it by their office.</summary>
    public IEnumerable<Person> Officers => new[] { Chair, ViceChair }.OfType<Person>().Concat(CoChairs).DistinctBy(p => p.Id);

    /// <summary>The zone itself.</summary>
    public DateTimeZone DateTimeZone() => DateTimeZoneProviders.Tzdb[Zone];

    /// <summary>The calendar date in the meeting's zone.</summary>
    public LocalDate DateOf(Instant instant) => instant.InZone(DateTimeZone()).Date;

    /// <summary>The instant of a wall-clock time; one that the zone skips is as much later as the clocks jump.</summary>
    public Instant At(LocalDate date, LocalTime time) => date.At(time).InZoneLeniently(DateTimeZone()).ToInstant();

    /// <summary>The instant of a time before the meeting of a date.</summary>
    public Instant At(LocalDate on, Ahead ahead) => At(on.PlusDays(-ahead.Days), ahead.Time);

    /// <summary>The meeting of a date, whether or not it falls on it.</summary>
    public Occurrence Occurrence(LocalDate on)
    {
        var start = At(on, Start);
        return new Occurrence(on, start, start + Duration.FromMinutes(Minutes));
    }

    /// <summary>Whether it was cancelled for that date.</summary>
    public bool IsCancelled(LocalDate on) => Cancelled.Any(c => c.On == on);

    /// <summary>Whether it takes place on that date.</summary>
    public bool IsOn(LocalDate date) => !IsOver && Recurrence.Contains(date) && !IsCancelled(date);

    /// <summary>The first date, not before <paramref name="date"/>, on which it takes place.</summary>
    public LocalDate OnOrAfter(LocalDate date)
    {
        var on = Recurrence.OnOrAfter(date);
        while (IsCancelled(on))
        {
            on = Recurrence.OnOrAfter(on.PlusDays(1));
        }

        return on;
    }

    /// <summary>The first date after another on which it takes place.</summary>
    public LocalDate NextAfter(LocalDate date) => OnOrAfter(date.PlusDays(1));

    /// <summary>The date of the first meeting that is not over at <paramref name="now"/>.</summary>
    public LocalDate FirstAt(Instant now)
    {
        // From yesterday on, for a meeting may go on past midnight.
        var on = OnOrAfter(DateOf(now).PlusDays(-1));
        while (Occurrence(on).End <= now)
        {
            on = NextAfter(on);
        }

        return on;
    }

    /// <summary>The meetings that begin in a span of time, those that were cancelled left out, the first one first.</summary>
    public IEnumerable<Occurrence> Between(Instant from, Instant until)
    {
        if (IsOver)
        {
            yield break;
        }

        for (var on = OnOrAfter(DateOf(from).PlusDays(-1)); Occurrence(on) is var occurrence && occurrence.Start < until; on = NextAfter(on))
        {
            if (occurrence.Start >= from)
            {
                yield return occurrence;
            }
        }
    }

    /// <summary>The meetings that every new workspace has (PRODUCT.md, section 1).</summary>
    /// <param name="today">From when on the weeks are counted.</param>
    public static IReadOnlyList<MeetingPlan> Defaults(LocalDate today) =>
    [
        new MeetingPlan
        {
            Name = "PM sync",
            Kind = MeetingKind.Sync,
            Recurrence = new Recurrence.EveryWeeks(IsoDayOfWeek.Wednesday, 1, today.Next(IsoDayOfWeek.Wednesday)),
            Start = new LocalTime(9, 0),
            Minutes = 30,
            Agenda = UsualAgenda(),
            Call = UsualCall(MeetingKind.Sync),
        },
        new MeetingPlan
        {
            Name = "Roadmap Q&A",
            Kind = MeetingKind.Demos,
            Recurrence = new Recurrence.NthOfMonth(2, IsoDayOfWeek.Monday),
            Start = new LocalTime(8, 30),
            Minutes = 30,
            Agenda = UsualAgenda(),
            Call = UsualCall(MeetingKind.Demos),
        },
        new MeetingPlan
        {
            Name = "Product-Sales call",
            Kind = MeetingKind.Demos,
            Recurrence = new Recurrence.NthOfMonth(1, IsoDayOfWeek.Monday),
            Start = new LocalTime(9, 0),
            Minutes = 60,
            Agenda = UsualAgenda(),
            Call = UsualCall(MeetingKind.Demos),
        },
    ];

    /// <summary>Agendas are posted on the day at 08:00 (PRODUCT.md, section 3).</summary>
    public static Ahead UsualAgenda() => new(0, new LocalTime(8, 0));

    /// <summary>Release updates are asked for the day before, demos three days before, at 09:00 (PRODUCT.md, section 3).</summary>
    public static Ahead? UsualCall(MeetingKind kind) => kind switch
    {
        MeetingKind.Sync => new Ahead(1, new LocalTime(9, 0)),
        MeetingKind.Demos => new Ahead(3, new LocalTime(9, 0)),
        _ => null,
    };
}
