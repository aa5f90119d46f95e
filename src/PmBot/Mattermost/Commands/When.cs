using System.Globalization;
using NodaTime;

namespace PmBot.Mattermost.Commands;

/// <summary>How dates and times are written to users: with the weekday always, with the zone where there is a time.</summary>
public static class When
{
    // Many a line has a date or a time, and a pattern of the library takes several times as long (ADR 0025).
    private static readonly string[] Days = CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedDayNames;
    private static readonly string[] Months = CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames;
    private static readonly string[] Numbers = [.. Enumerable.Range(0, 32).Select(n => n.ToString(CultureInfo.InvariantCulture))];
    private static readonly string[] TwoDigits = [.. Enumerable.Range(0, 60).Select(n => n.ToString("D2", CultureInfo.InvariantCulture))];

    /// <summary><c>Mon, Nov 30</c>; with the year if it is not that of <paramref name="today"/>.</summary>
    public static string Date(LocalDate date, LocalDate today)
    {
        // From Sunday on there, from Monday on here.
        var text = string.Concat([Days[(int)date.DayOfWeek % 7], ", ", Months[date.Month - 1], " ", Numbers[date.Day]]);
        return date.Year == today.Year ? text : string.Create(CultureInfo.InvariantCulture, $"{text}, {date.Year:D4}");
    }

    /// <summary><c>Mon, Nov 30, 09:00 PST</c>; with the year if it is not that of <paramref name="now"/> in the zone.</summary>
    public static string Time(Instant instant, DateTimeZone zone, Instant now) => Time(instant, zone, now.InZone(zone).Date);

    /// <summary>The same, for who knows the date already.</summary>
    public static string Time(Instant instant, DateTimeZone zone, LocalDate today)
    {
        var interval = zone.GetZoneInterval(instant);
        var local = instant.WithOffset(interval.WallOffset);
        return string.Concat([Date(local.Date, today), ", ", TimeOfDay(local.TimeOfDay), " ", interval.Name]);
    }

    /// <summary><c>09:00</c>.</summary>
    public static string TimeOfDay(LocalTime time) => string.Concat(TwoDigits[time.Hour], ":", TwoDigits[time.Minute]);

    /// <summary><c>4 hours</c>, <c>90 minutes</c>, <c>6 days</c>: the largest unit that is exact, or whole days from two days on.</summary>
    public static string Length(Duration duration)
    {
        var minutes = (long)duration.TotalMinutes;
        return minutes switch
        {
            >= 2 * 24 * 60 => Count(minutes / (24 * 60), "day"),
            > 0 when minutes % 60 == 0 => Count(minutes / 60, "hour"),
            > 120 => Count(minutes / 60, "hour"),
            _ => Count(minutes, "minute"),
        };
    }

    /// <summary><c>1 item</c>, <c>3 items</c>.</summary>
    public static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
