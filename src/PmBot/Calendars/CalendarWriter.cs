using NodaTime;
using NodaTime.Text;

namespace PmBot.Calendars;

/// <summary>Writes a calendar as RFC 5545 wants it. The same events are always the same text.</summary>
internal static class CalendarWriter
{
    private static readonly LocalDateTimePattern Local = LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss");
    private static readonly InstantPattern Utc = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");
    private static readonly OffsetPattern Offset = OffsetPattern.CreateWithInvariantCulture("+HHmm");

    /// <summary>Transitions of a zone before this one do not matter to any event; what was in force then has always been, as it were.</summary>
    private static readonly Instant Beginning = NodaConstants.UnixEpoch;

    /// <summary>How often programs are asked to look again.</summary>
    private const string Refresh = "PT1H";

    /// <summary>The calendar as text, line ends included.</summary>
    /// <param name="name">What programs call it.</param>
    /// <param name="events">What stands in it, in any order.</param>
    public static string Write(string name, IEnumerable<CalendarEvent> events)
    {
        var sorted = events.OrderBy(e => e.Start).ThenBy(e => e.Uid, StringComparer.Ordinal).ToList();
        var lines = new CalendarLines();
        lines.Add("BEGIN", "VCALENDAR");
        lines.Add("VERSION", "2.0");
        lines.Add("PRODID", "-//PmBot//PmBot//EN");
        lines.Add("CALSCALE", "GREGORIAN");
        lines.AddText("NAME", name);
        lines.AddText("X-WR-CALNAME", name);
        lines.Add("REFRESH-INTERVAL;VALUE=DURATION", Refresh);
        lines.Add("X-PUBLISHED-TTL", Refresh);
        foreach (var zone in sorted.GroupBy(e => e.Zone, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            AddZone(lines, zone.Key, zone.Min(e => e.Start), zone.Max(e => e.End));
        }

        if (sorted.Count == 0)
        {
            // A calendar without any component is none by the RFC.
            AddZone(lines, "Etc/UTC", Beginning, Beginning);
        }

        foreach (var one in sorted)
        {
            AddEvent(lines, one);
        }

        lines.Add("END", "VCALENDAR");
        return lines.ToString();
    }

    /// <summary>
    /// A zone's rules for a span of time, each period with its beginning. The one before the span goes with it: there are programs that
    /// want to have seen standard time before they understand summer time.
    /// </summary>
    private static void AddZone(CalendarLines lines, string id, Instant from, Instant until)
    {
        var zone = DateTimeZoneProviders.Tzdb[id];
        lines.Add("BEGIN", "VTIMEZONE");
        lines.Add("TZID", id);
        var first = zone.GetZoneInterval(from);
        foreach (var period in zone.GetZoneIntervals(IsBegun(first) ? first.Start - Duration.Epsilon : from, until + Duration.FromSeconds(1)))
        {
            var before = IsBegun(period) ? zone.GetUtcOffset(period.Start - Duration.Epsilon) : period.WallOffset;
            var start = IsBegun(period) ? period.Start.WithOffset(before).LocalDateTime : Beginning.InUtc().LocalDateTime;
            var kind = period.Savings > NodaTime.Offset.Zero ? "DAYLIGHT" : "STANDARD";
            lines.Add("BEGIN", kind);
            lines.Add("DTSTART", Local.Format(start));
            lines.Add("TZOFFSETFROM", Offset.Format(before));
            lines.Add("TZOFFSETTO", Offset.Format(period.WallOffset));
            lines.AddText("TZNAME", period.Name);
            lines.Add("END", kind);
        }

        lines.Add("END", "VTIMEZONE");

        static bool IsBegun(NodaTime.TimeZones.ZoneInterval period) => period.HasStart && period.Start > Beginning;
    }

    private static void AddEvent(CalendarLines lines, CalendarEvent one)
    {
        var (start, end) = (Floor(one.Start), Floor(one.End));
        lines.Add("BEGIN", "VEVENT");
        lines.AddText("UID", one.Uid);
        lines.Add("DTSTAMP", Utc.Format(one.Changed));
        AddTime(lines, "DTSTART", start, one.Zone);
        if (end > start)
        {
            AddTime(lines, "DTEND", end, one.Zone);
        }

        lines.AddText("SUMMARY", one.Summary);
        if (one.Description is { Length: > 0 } description)
        {
            lines.AddText("DESCRIPTION", description);
        }

        lines.Add("STATUS", "CONFIRMED");
        lines.Add("TRANSP", one.IsTransparent ? "TRANSPARENT" : "OPAQUE");
        lines.Add("END", "VEVENT");
    }

    /// <summary>A time in the zone. The second of two times that read the same cannot be told there, so it is written in UTC.</summary>
    private static void AddTime(CalendarLines lines, string name, Instant at, string zone)
    {
        var rules = DateTimeZoneProviders.Tzdb[zone];
        var local = at.InZone(rules).LocalDateTime;
        if (rules.MapLocal(local).First().ToInstant() == at)
        {
            lines.Add($"{name};TZID={zone}", Local.Format(local));
        }
        else
        {
            lines.Add(name, Utc.Format(at));
        }
    }

    /// <summary>Without parts of a second, which iCalendar does not have.</summary>
    private static Instant Floor(Instant at) => Instant.FromUnixTimeSeconds(at.ToUnixTimeSeconds());
}
