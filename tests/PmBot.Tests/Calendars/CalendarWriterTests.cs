using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using NUnit.Framework;
using PmBot.Calendars;

namespace PmBot.Tests.Calendars;

/// <summary>A calendar as it is written: each octet of it, and what a reader makes of that.</summary>
[TestFixture]
internal sealed class CalendarWriterTests
{
    private const string PaloAlto = "America/Los_Angeles";

    private static readonly Instant Changed = Instant.FromUtc(2026, 10, 1, 12, 0);

    /// <summary>Pieces of texts, and what is read of each.</summary>
    private static readonly (string Written, string Read)[] Pieces =
    [
        ("a", "a"), (" ", " "), (":", ":"), (";", ";"), (",", ","), ("\\", "\\"), ("\\n", "\\n"), ("\\N", "\\N"), ("\"", "\""), ("\t", "\t"), ("\n", "\n"), ("\r\n", "\n"), ("\r.", "\n."),
        ("\u0085", "\n"), ("\u2028", "\n"), ("\u2029", "\n"), ("\f", "\n"), ("\u0000", ""), ("\u000b", ""), ("\u001b[31m", "[31m"), ("\u007f", ""), ("\u009f", ""), ("\ud83d.", "\ufffd."),
        ("\udc00.", "\ufffd."), ("\nEND:VEVENT\r\n", "\nEND:VEVENT\n"), ("\r\n ", "\n "), ("ü", "ü"), ("—", "—"), ("漢字", "漢字"), ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"), ("e\u0301\u0301", "e\u0301\u0301"), ("\u200b", "\u200b"),
        ("\ufeff", "\ufeff"), ("مرحبا", "مرحبا"), ("&amp;<b>", "&amp;<b>"), (new string('x', 74), new string('x', 74)), (new string('ß', 40), new string('ß', 40)),
    ];

    private static readonly Gen<(string Written, string Read)> Texts =
        from pieces in Gen.Elements(Pieces).ListOf()
        select (string.Concat(pieces.Select(p => p.Written)), string.Concat(pieces.Select(p => p.Read)));

    // Each zone there is, from 1990 on, for 40 years.
    private static readonly Gen<(Instant Start, Instant End, string Zone)> Spans =
        from zone in Gen.Elements(DateTimeZoneProviders.Tzdb.Ids.ToArray())
        from start in Gen.Choose(631_152_000, 1_893_456_000)
        from minutes in Gen.OneOf(Gen.Choose(1, 3 * 60), Gen.Choose(1, 14 * 24 * 60))
        from millisecond in Gen.Choose(0, 999)
        let at = Instant.FromUnixTimeSeconds(start)
        select (at + Duration.FromMilliseconds(millisecond), at + Duration.FromMinutes(minutes), zone);

    [Test]
    public void A_week_across_the_end_of_summer_time_is_written_so() =>
        Assert.That(
            CalendarWriter.Write("PmBot", [Week(2026, 10, 26) with { Description = "You cover for adam.c.\nYou can't? In Mattermost: /pm-rotation help cover", IsTransparent = true }]),
            Is.EqualTo(
                """
                BEGIN:VCALENDAR
                VERSION:2.0
                PRODID:-//PmBot//PmBot//EN
                CALSCALE:GREGORIAN
                NAME:PmBot
                X-WR-CALNAME:PmBot
                REFRESH-INTERVAL;VALUE=DURATION:PT1H
                X-PUBLISHED-TTL:PT1H
                BEGIN:VTIMEZONE
                TZID:America/Los_Angeles
                BEGIN:STANDARD
                DTSTART:20251102T020000
                TZOFFSETFROM:-0700
                TZOFFSETTO:-0800
                TZNAME:PST
                END:STANDARD
                BEGIN:DAYLIGHT
                DTSTART:20260308T020000
                TZOFFSETFROM:-0800
                TZOFFSETTO:-0700
                TZNAME:PDT
                END:DAYLIGHT
                BEGIN:STANDARD
                DTSTART:20261101T020000
                TZOFFSETFROM:-0700
                TZOFFSETTO:-0800
                TZNAME:PST
                END:STANDARD
                END:VTIMEZONE
                BEGIN:VEVENT
                UID:one@pmbot
                DTSTAMP:20261001T120000Z
                DTSTART;TZID=America/Los_Angeles:20261026T090000
                DTEND;TZID=America/Los_Angeles:20261102T090000
                SUMMARY:PM rotation
                DESCRIPTION:You cover for adam.c.\nYou can't? In Mattermost: /pm-rotation h
                 elp cover
                STATUS:CONFIRMED
                TRANSP:TRANSPARENT
                END:VEVENT
                END:VCALENDAR

                """.ReplaceLineEndings("\r\n")));

    [Test]
    public void Whatever_is_written_is_read_again() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000),
            Prop.ForAll(
                Arb.From(from name in Texts from events in Gen.Zip(Spans, Gen.Zip(Texts, Texts)).ListOf() select (Name: name, Events: events)),
                calendar =>
                {
                    var events = calendar.Events.Select((e, i) =>
                        new CalendarEvent($"{i}{CalendarEvent.UidSuffix}", e.Item1.Start, e.Item1.End, e.Item1.Zone, e.Item2.Item1.Written, Changed)
                        {
                            Description = e.Item2.Item2.Written,
                        }).ToList();
                    var read = Read(calendar.Name.Written, events);
                    return read["X-WR-CALNAME"].Text == calendar.Name.Read && read.Components.Count > 0
                        && read.Events.Count() == events.Count
                        && calendar.Events.Select((e, i) => (e, Read: read.Events.Single(r => r["UID"].Text == events[i].Uid))).All(p =>
                            p.Read["SUMMARY"].Text == p.e.Item2.Item1.Read
                            && (p.Read.Has("DESCRIPTION") ? p.Read["DESCRIPTION"].Text : "") == p.e.Item2.Item2.Read
                            && read.At(p.Read, "DTSTART").ToUnixTimeSeconds() == p.e.Item1.Start.ToUnixTimeSeconds()
                            && read.At(p.Read, "DTEND").ToUnixTimeSeconds() == p.e.Item1.End.ToUnixTimeSeconds());
                }));

    [Test]
    public void A_line_has_at_most_75_octets_and_ends_within_no_character()
    {
        for (var before = 0; before < 80; before++)
        {
            foreach (var character in new[] { "x", "ü", "漢", "😀" })
            {
                var text = new string('a', before) + string.Concat(Enumerable.Repeat(character, 60));
                Assert.That(Read("x", [Week(2026, 1, 5) with { Summary = text }]).Events.Single()["SUMMARY"].Text, Is.EqualTo(text));
            }
        }

        var folded = CalendarWriter.Write("x", [Week(2026, 1, 5) with { Summary = new string('a', 300) }]).Split("\r\n");
        Assert.That(folded.Max(l => l.Length), Is.EqualTo(75), "no line is shorter than it need be");
    }

    [TestCase("2026-10-26", 7 * 24 + 1, Description = "the end of summer time is in it")]
    [TestCase("2027-03-08", 7 * 24 - 1, Description = "its beginning is")]
    [TestCase("2026-12-07", 7 * 24)]
    public void A_week_from_nine_to_nine_is_so_on_both_sides_of_a_change(string monday, int hours)
    {
        var date = NodaTime.Text.LocalDatePattern.Iso.Parse(monday).Value;
        var one = Week(date.Year, date.Month, date.Day);
        var read = Read("x", [one]);
        Assert.Multiple(() =>
        {
            Assert.That(read.Events.Single()["DTSTART"].Value, Does.EndWith("T090000"));
            Assert.That(read.Events.Single()["DTEND"].Value, Does.EndWith("T090000"));
            Assert.That(read.At(read.Events.Single(), "DTEND") - read.At(read.Events.Single(), "DTSTART"), Is.EqualTo(Duration.FromHours(hours)));
        });
    }

    [Test]
    public void The_hour_that_there_is_twice_is_told_apart()
    {
        var first = new LocalDateTime(2026, 11, 1, 1, 30).InZoneLeniently(DateTimeZoneProviders.Tzdb[PaloAlto]).ToInstant();
        var read = Read("x", [new CalendarEvent("one@pmbot", first, first + Duration.FromHours(1), PaloAlto, "x", Changed)]);
        Assert.Multiple(() =>
        {
            Assert.That(read.Events.Single()["DTSTART"].Value, Is.EqualTo("20261101T013000"));
            Assert.That(read.Events.Single()["DTEND"].Value, Is.EqualTo("20261101T093000Z"), "half past one again, an hour later");
        });
    }

    [TestCase("Asia/Kolkata", "+0530")]
    [TestCase("Etc/UTC", "+0000")]
    [TestCase("America/Phoenix", "-0700")]
    public void A_zone_without_summer_time_has_one_period(string zone, string offset)
    {
        var read = Read("x", [Week(2026, 10, 26) with { Zone = zone }]);
        var period = read.Components[0].Components.Single();
        Assert.That(
            (period.Name, period["DTSTART"].Value, period["TZOFFSETFROM"].Value, period["TZOFFSETTO"].Value), Is.EqualTo(("STANDARD", "19700101T000000", offset, offset)));
    }

    [Test]
    public void Each_zone_stands_there_once_with_all_that_its_events_need()
    {
        var read = Read("x", [Week(2027, 6, 7), Week(2026, 1, 5) with { Uid = "two@pmbot" }, Week(2026, 1, 5) with { Uid = "three@pmbot", Zone = "Europe/London" }]);
        var zones = read.Components.Where(c => c.Name == "VTIMEZONE").ToList();
        Assert.That(zones.Select(z => z["TZID"].Value), Is.EqualTo(new List<string> { PaloAlto, "Europe/London" }));
        Assert.That(
            zones[0].Components.Select(p => p["DTSTART"].Value[..8]), Is.EqualTo(new List<string> { "20250309", "20251102", "20260308", "20261101", "20270314" }));
    }

    [Test]
    public void What_is_written_depends_on_nothing_but_the_events()
    {
        CalendarEvent[] events = [Week(2026, 10, 26), Week(2026, 10, 26) with { Uid = "another@pmbot" }, Week(2026, 9, 7) with { Uid = "two@pmbot", Zone = "Europe/London" }];
        Assert.That(CalendarWriter.Write("x", events.Reverse()), Is.EqualTo(CalendarWriter.Write("x", events)));
    }

    [Test]
    public void An_empty_calendar_is_one() =>
        Assert.That(Read("x", []).Components.Select(c => (c.Name, c["TZID"].Value)), Is.EqualTo(new List<(string, string)> { ("VTIMEZONE", "Etc/UTC") }), "one component there must be");

    [Test]
    public void What_takes_time_is_told_from_what_does_not()
    {
        var read = Read("x", [Week(2026, 10, 26) with { IsTransparent = true }, Week(2026, 11, 2) with { Uid = "two@pmbot" }]);
        Assert.That(read.Events.Select(e => e["TRANSP"].Value), Is.EqualTo(new List<string> { "TRANSPARENT", "OPAQUE" }));
    }

    private static CalendarEvent Week(int year, int month, int day)
    {
        var zone = DateTimeZoneProviders.Tzdb[PaloAlto];
        var monday = new LocalDateTime(year, month, day, 9, 0);
        return new CalendarEvent(
            "one@pmbot", monday.InZoneStrictly(zone).ToInstant(), monday.PlusWeeks(1).InZoneStrictly(zone).ToInstant(), PaloAlto, "PM rotation", Changed);
    }

    private static Ics Read(string name, IReadOnlyList<CalendarEvent> events) => Ics.Read(Encoding.UTF8.GetBytes(CalendarWriter.Write(name, events)));
}
