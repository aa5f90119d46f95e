using NodaTime;

namespace PmBot.Rotations;

/// <summary>When duty changes hands: a wall-clock time on a weekday of a zone, every so many weeks.</summary>
/// <param name="Day">The weekday. Monday unless set otherwise (handbook, 2020 edition, "Twitter Rotation").</param>
/// <param name="Time">The wall-clock time in <paramref name="Zone"/>.</param>
/// <param name="Zone">An id of the IANA time zone database, such as <c>America/Los_Angeles</c>.</param>
/// <param name="Weeks">The length of a shift in weeks, at least 1.</param>
public sealed record HandoffSchedule(IsoDayOfWeek Day, LocalTime Time, string Zone, int Weeks)
{
    /// <summary>Mondays at 09:00 Palo Alto time, every week.</summary>
    public static HandoffSchedule Default { get; } = new(IsoDayOfWeek.Monday, new LocalTime(9, 0), "America/Los_Angeles", 1);

    /// <summary>The zone's rules.</summary>
    public DateTimeZone DateTimeZone() => DateTimeZoneProviders.Tzdb[Zone];

    /// <summary>
    /// The instant of this schedule's wall-clock time on <paramref name="date"/>. A time that the zone skips is moved on by the
    /// length of the gap (02:30 becomes 03:30); of a time that happens twice it is the first.
    /// </summary>
    public Instant At(LocalDate date) => At(date, Time);

    /// <summary>The instant of another wall-clock time on <paramref name="date"/>, by the same rule.</summary>
    public Instant At(LocalDate date, LocalTime time) => date.At(time).InZoneLeniently(DateTimeZone()).ToInstant();

    /// <summary>The calendar date in the schedule's zone.</summary>
    public LocalDate DateOf(Instant instant) => instant.InZone(DateTimeZone()).Date;

    /// <summary>The date of the handoff after the one on <paramref name="date"/>.</summary>
    public LocalDate After(LocalDate date) => date.PlusWeeks(Weeks);

    /// <summary>The first date whose handoff is later than <paramref name="now"/>.</summary>
    public LocalDate FirstAfter(Instant now)
    {
        // From yesterday on, for a zone that skips a day moves that day's handoff to the next one.
        var yesterday = DateOf(now).PlusDays(-1);
        var date = yesterday.DayOfWeek == Day ? yesterday : yesterday.Next(Day);
        return At(date) > now ? date : date.PlusWeeks(1);
    }

    /// <summary>
    /// Where a handoff planned for <paramref name="date"/> goes under this schedule: to the new weekday in the same ISO week, or so
    /// many shifts later that it lies after <paramref name="now"/>.
    /// </summary>
    public LocalDate Move(LocalDate date, Instant now)
    {
        var moved = date.PlusDays((int)Day - (int)date.DayOfWeek);
        while (At(moved) <= now)
        {
            moved = After(moved);
        }

        return moved;
    }
}

/// <summary>When the next member is told that they are up: the last such weekday and time before the handoff.</summary>
public sealed record NoticeTime(IsoDayOfWeek Day, LocalTime Time)
{
    /// <summary>Fridays at 09:00.</summary>
    public static NoticeTime Default { get; } = new(IsoDayOfWeek.Friday, new LocalTime(9, 0));

    /// <summary>The instant of the notice before the handoff on <paramref name="handoff"/>.</summary>
    public Instant Before(LocalDate handoff, HandoffSchedule schedule)
    {
        var date = handoff.DayOfWeek == Day && Time < schedule.Time ? handoff : handoff.Previous(Day);

        // A time that the zone skips moves on, and could overtake the handoff.
        return schedule.At(date, Time) < schedule.At(handoff) ? schedule.At(date, Time) : schedule.At(date.PlusWeeks(-1), Time);
    }
}
