using NodaTime;

namespace PmBot.Scheduling;

/// <summary>A weekday and a wall-clock time.</summary>
public sealed record WeeklyTime(IsoDayOfWeek Day, LocalTime Time)
{
    /// <summary>The first date, later than <paramref name="now"/> at this time in the zone.</summary>
    /// <returns>The date, and the instant of that time on it; a time that the zone skips is as much later as the clocks jump.</returns>
    public (LocalDate Date, Instant At) After(Instant now, DateTimeZone zone)
    {
        // From yesterday on, for a zone that skips a day moves that day's time to the next one.
        var yesterday = now.InZone(zone).Date.PlusDays(-1);
        var date = yesterday.DayOfWeek == Day ? yesterday : yesterday.Next(Day);
        while (At(date) <= now)
        {
            date = date.PlusWeeks(1);
        }

        return (date, At(date));

        Instant At(LocalDate on) => on.At(Time).InZoneLeniently(zone).ToInstant();
    }
}

/// <summary>Something that is said every week: when, and when next.</summary>
/// <param name="When">The weekday and time; null if it is switched off.</param>
/// <param name="NextOn">The date for which it is due next; null if it is switched off.</param>
/// <param name="NextAt">The instant at which it is due next; null if it is switched off.</param>
public sealed record Weekly(WeeklyTime? When, LocalDate? NextOn, Instant? NextAt)
{
    /// <summary>At that time, the next time after <paramref name="now"/>.</summary>
    public static Weekly From(WeeklyTime? when, Instant now, DateTimeZone zone)
    {
        if (when is null)
        {
            return new Weekly(null, null, null);
        }

        var (date, at) = when.After(now, zone);
        return new Weekly(when, date, at);
    }

    /// <summary>It was said; next is the first time after <paramref name="now"/>.</summary>
    public Weekly Done(Instant now, DateTimeZone zone) => From(When, now, zone);

    /// <summary>The last time that came due by <paramref name="now"/>; null if none did. Of several only the last can still be of use.</summary>
    /// <returns>The date, and the instant of that time on it.</returns>
    public (LocalDate On, Instant At)? LatestDue(Instant now, DateTimeZone zone)
    {
        if (this is not { When: { } when, NextOn: { } on, NextAt: { } at } || at > now)
        {
            return null;
        }

        while (when.After(at, zone) is var next && next.At <= now)
        {
            (on, at) = next;
        }

        return (on, at);
    }
}
