using NodaTime;
using NodaTime.Text;
using NUnit.Framework;
using PmBot.Mattermost.Commands;

namespace PmBot.Tests.Mattermost.Commands;

[TestFixture]
public sealed class DateTextTests
{
    // November 18, 2026 is a Wednesday, the 30th a Monday.
    [TestCase("2026-11-30", "2026-11-18", "2026-11-30")]
    [TestCase("2020-02-29", "2026-11-18", "2020-02-29", Description = "a date with its year may be past")]
    [TestCase("today", "2026-11-18", "2026-11-18")]
    [TestCase("Tomorrow", "2026-12-31", "2027-01-01")]
    [TestCase("monday", "2026-11-18", "2026-11-23")]
    [TestCase("Monday", "2026-11-30", "2026-11-30", Description = "a Monday's monday is today")]
    [TestCase("next monday", "2026-11-30", "2026-12-07", Description = "and its next monday is not")]
    [TestCase("next monday", "2026-11-29", "2026-11-30")]
    [TestCase("next wed", "2026-11-18", "2026-11-25")]
    [TestCase("sun", "2026-11-18", "2026-11-22")]
    [TestCase("thurs", "2026-11-18", "2026-11-19")]
    [TestCase("tues", "2026-11-18", "2026-11-24")]
    [TestCase("next week", "2026-11-18", "2026-11-23")]
    [TestCase("NEXT  WEEK", "2026-11-30", "2026-12-07", Description = "on a Monday it is not this one")]
    [TestCase("nov 30", "2026-11-18", "2026-11-30")]
    [TestCase("nov 18", "2026-11-18", "2026-11-18", Description = "today included")]
    [TestCase("nov 17", "2026-11-18", "2027-11-17")]
    [TestCase("30 nov", "2026-11-18", "2026-11-30")]
    [TestCase("November 30", "2026-11-18", "2026-11-30")]
    [TestCase("30th nov", "2026-11-18", "2026-11-30")]
    [TestCase("dec 1st", "2026-11-18", "2026-12-01")]
    [TestCase("dec 2nd", "2026-11-18", "2026-12-02")]
    [TestCase("dec 3rd", "2026-11-18", "2026-12-03")]
    [TestCase("sept 5", "2026-11-18", "2027-09-05")]
    [TestCase("sep. 5", "2026-11-18", "2027-09-05")]
    [TestCase("may 1", "2026-11-18", "2027-05-01")]
    [TestCase("nov 30 2027", "2026-11-18", "2027-11-30")]
    [TestCase("nov 30, 2027", "2026-11-18", "2027-11-30")]
    [TestCase("30 nov 2020", "2026-11-18", "2020-11-30")]
    [TestCase("feb 29", "2026-11-18", "2028-02-29", Description = "the next year that has one")]
    [TestCase("feb 29", "2028-02-29", "2028-02-29")]
    [TestCase("feb 29", "2096-03-01", "2104-02-29", Description = "2100 has none")]
    [TestCase("feb 29 2028", "2026-11-18", "2028-02-29")]
    [TestCase("feb 29 2027", "2026-11-18", null)]
    [TestCase("feb 30", "2026-11-18", null)]
    [TestCase("apr 31", "2026-11-18", null)]
    public void Is_read_as(string text, string today, string? date)
    {
        var read = DateText.Parse(text);
        Assert.That(read, Is.Not.Null);
        Assert.That(read!.Resolve(Iso(today)), Is.EqualTo(date is null ? (LocalDate?)null : Iso(date)));
        Assert.That(DateText.Parse($"\"{text}\""), Is.EqualTo(read), "quotes change nothing");
    }

    [TestCase("")]
    [TestCase("soon")]
    [TestCase("next")]
    [TestCase("next month")]
    [TestCase("week")]
    [TestCase("30")]
    [TestCase("nov")]
    [TestCase("nov 0")]
    [TestCase("nov 32")]
    [TestCase("no 3")]
    [TestCase("nov 30 monday")]
    [TestCase("nov 30 20260")]
    [TestCase("nov 30 1969")]
    [TestCase("nov -3")]
    [TestCase("2026-02-30")]
    [TestCase("2026-13-01")]
    [TestCase("2026-1-1")]
    [TestCase("1969-12-31")]
    [TestCase("3000-01-01")]
    [TestCase("30.11.2026")]
    [TestCase("11/30/2026")]
    [TestCase("\"nov 30\" x")]
    [TestCase("\"nov 30 x\"")]
    [TestCase("\"\"")]
    public void Is_no_date(string text) => Assert.That(DateText.Parse(text), Is.Null);

    [TestCase("next week", "2026-11-18", "2026-11-29")]
    [TestCase("next week", "2026-11-30", "2026-12-13")]
    [TestCase("next week", "2026-11-29", "2026-12-06")]
    [TestCase("monday", "2026-11-18", "2026-11-23")]
    [TestCase("nov 30", "2026-11-18", "2026-11-30")]
    [TestCase("feb 30", "2026-11-18", null)]
    public void Where_a_span_is_asked_for_it_ends_on(string text, string today, string? end) =>
        Assert.That(DateText.Parse(text)!.ResolveEnd(Iso(today)), Is.EqualTo(end is null ? (LocalDate?)null : Iso(end)));

    [TestCase("nov 30 @adam", 2)]
    [TestCase("nov 30 2026 @adam", 3)]
    [TestCase("nov 30 2026-12-04", 2)]
    [TestCase("monday friday", 1)]
    [TestCase("next week ill", 2)]
    [TestCase("next friday", 2)]
    [TestCase("\"nov 30\" @adam", 1)]
    [TestCase("nov 30, dec 7", 2)]
    [TestCase("2026-11-30, dec 7", 1)]
    [TestCase("@adam monday", 0)]
    [TestCase("next adam", 0)]
    [TestCase("nov adam", 0)]
    [TestCase("\"nov 30 and so on\" x", 0)]
    public void It_reads_no_further_than_the_date(string text, int words)
    {
        var all = CommandText.Split(text, new Dictionary<string, bool>(StringComparer.Ordinal)).Words;
        var index = 0;
        var date = DateText.Read(all, ref index);
        Assert.That(index, Is.EqualTo(words));
        Assert.That(date is null, Is.EqualTo(words == 0));
    }

    [TestCase("2026-11-30", "2026-01-01", "Mon, Nov 30")]
    [TestCase("2027-01-04", "2026-11-30", "Mon, Jan 4, 2027")]
    public void Dates_are_written_with_their_weekday(string date, string today, string text) =>
        Assert.That(When.Date(Iso(date), Iso(today)), Is.EqualTo(text));

    [TestCase("2026-11-30T17:00:00Z", "America/Los_Angeles", "Mon, Nov 30, 09:00 PST")]
    [TestCase("2026-10-26T16:00:00Z", "America/Los_Angeles", "Mon, Oct 26, 09:00 PDT")]
    [TestCase("2027-01-01T07:59:00Z", "America/Los_Angeles", "Thu, Dec 31, 23:59 PST", Description = "the zone's year counts")]
    [TestCase("2027-01-01T00:00:00Z", "Europe/London", "Fri, Jan 1, 2027, 00:00 GMT")]
    public void Times_are_written_with_their_zone(string instant, string zone, string text) =>
        Assert.That(
            When.Time(InstantPattern.ExtendedIso.Parse(instant).Value, DateTimeZoneProviders.Tzdb[zone], Instant.FromUtc(2026, 11, 20, 0, 0)),
            Is.EqualTo(text));

    [TestCase(0, "0 minutes")]
    [TestCase(1, "1 minute")]
    [TestCase(60, "1 hour")]
    [TestCase(90, "90 minutes")]
    [TestCase(121, "2 hours")]
    [TestCase(240, "4 hours")]
    [TestCase(2_879, "47 hours")]
    [TestCase(2_880, "2 days")]
    [TestCase(10_000, "6 days")]
    public void Lengths_are_written_in_their_largest_unit(int minutes, string text) =>
        Assert.That(When.Length(Duration.FromMinutes(minutes)), Is.EqualTo(text));

    private static LocalDate Iso(string text) => LocalDatePattern.Iso.Parse(text).Value;
}
