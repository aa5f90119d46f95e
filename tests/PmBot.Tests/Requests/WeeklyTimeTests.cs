using FsCheck.Fluent;
using NodaTime;
using NodaTime.Text;
using NUnit.Framework;
using PmBot.People;
using PmBot.Requests;
using PmBot.Scheduling;

namespace PmBot.Tests.Requests;

/// <summary>When something weekly is due next, in zones whose clocks jump.</summary>
[TestFixture]
public sealed class WeeklyTimeTests
{
    [TestCase("America/Los_Angeles", IsoDayOfWeek.Monday, "09:05", "2026-11-25T18:00:00Z", "2026-11-30", "2026-11-30T17:05:00Z")]
    [TestCase("America/Los_Angeles", IsoDayOfWeek.Monday, "09:05", "2026-11-30T17:04:59Z", "2026-11-30", "2026-11-30T17:05:00Z")]
    [TestCase("America/Los_Angeles", IsoDayOfWeek.Monday, "09:05", "2026-11-30T17:05:00Z", "2026-12-07", "2026-12-07T17:05:00Z", Description = "later than now, not at it")]
    [TestCase("America/Los_Angeles", IsoDayOfWeek.Monday, "09:05", "2026-10-26T16:05:00Z", "2026-11-02", "2026-11-02T17:05:00Z", Description = "over the end of summer time")]
    [TestCase("America/Los_Angeles", IsoDayOfWeek.Monday, "09:05", "2027-03-08T17:05:00Z", "2027-03-15", "2027-03-15T16:05:00Z", Description = "over its beginning")]
    [TestCase("America/Los_Angeles", IsoDayOfWeek.Sunday, "02:30", "2027-03-10T00:00:00Z", "2027-03-14", "2027-03-14T10:30:00Z", Description = "a time that is skipped comes an hour later by the clock")]
    [TestCase("America/Los_Angeles", IsoDayOfWeek.Sunday, "02:30", "2027-03-14T10:30:00Z", "2027-03-21", "2027-03-21T09:30:00Z")]
    [TestCase("America/Los_Angeles", IsoDayOfWeek.Sunday, "01:30", "2026-11-01T08:00:00Z", "2026-11-01", "2026-11-01T08:30:00Z", Description = "of a time that comes twice it is the first")]
    [TestCase("America/Los_Angeles", IsoDayOfWeek.Sunday, "01:30", "2026-11-01T08:30:00Z", "2026-11-08", "2026-11-08T09:30:00Z", Description = "and only the first")]
    [TestCase("Europe/London", IsoDayOfWeek.Sunday, "01:30", "2027-03-27T00:00:00Z", "2027-03-28", "2027-03-28T01:30:00Z")]
    [TestCase("Europe/London", IsoDayOfWeek.Sunday, "01:30", "2026-10-24T12:00:00Z", "2026-10-25", "2026-10-25T00:30:00Z")]
    [TestCase("Australia/Lord_Howe", IsoDayOfWeek.Sunday, "02:15", "2026-10-03T00:00:00Z", "2026-10-04", "2026-10-03T15:45:00Z", Description = "half an hour is skipped")]
    [TestCase("Asia/Kolkata", IsoDayOfWeek.Tuesday, "09:00", "2026-11-25T18:00:00Z", "2026-12-01", "2026-12-01T03:30:00Z")]
    [TestCase("Pacific/Apia", IsoDayOfWeek.Friday, "09:00", "2011-12-28T20:00:00Z", "2011-12-30", "2011-12-30T19:00:00Z", Description = "that Friday was skipped: it is said on Saturday, a day's jump later")]
    [TestCase("Pacific/Apia", IsoDayOfWeek.Friday, "09:00", "2011-12-30T12:00:00Z", "2011-12-30", "2011-12-30T19:00:00Z", Description = "it is Saturday there, and Friday's is still to come")]
    [TestCase("Pacific/Apia", IsoDayOfWeek.Friday, "09:00", "2011-12-30T19:00:00Z", "2012-01-06", "2012-01-05T19:00:00Z")]
    [TestCase("UTC", IsoDayOfWeek.Monday, "00:00", "2026-11-29T23:59:59Z", "2026-11-30", "2026-11-30T00:00:00Z")]
    public void It_is_next_due(string zone, IsoDayOfWeek day, string time, string now, string on, string at)
    {
        var (date, instant) = new WeeklyTime(day, LocalTimePattern.CreateWithInvariantCulture("HH:mm").Parse(time).Value)
            .After(InstantPattern.General.Parse(now).Value, DateTimeZoneProviders.Tzdb[zone]);
        Assert.That((LocalDatePattern.Iso.Format(date), InstantPattern.General.Format(instant)), Is.EqualTo((on, at)));
    }

    [Test]
    public void Whenever_it_is_asked_it_comes_once_a_week()
    {
        var cases = from zone in Gen.Elements("America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo", "Africa/Cairo")
                    from day in Gen.Choose(1, 7)
                    from minute in Gen.Choose(0, (24 * 60) - 1)
                    from hours in Gen.Choose(0, 24 * 365 * 12)
                    select (zone, day, minute, hours);
        Samples.Check(2000, 9, Prop.ForAll(Arb.From(cases), c =>
        {
            var (name, day, minute, hours) = c;
            var zone = DateTimeZoneProviders.Tzdb[name];
            var weekly = new WeeklyTime((IsoDayOfWeek)day, LocalTime.FromMinutesSinceMidnight(minute));
            var now = Instant.FromUtc(2010, 1, 1, 0, 0) + Duration.FromHours(hours);
            var (date, at) = weekly.After(now, zone);
            var (next, then) = weekly.After(at, zone);
            Samples.Hold(at > now, "it is still to come");
            Samples.Hold(at - now <= Duration.FromHours((7 * 24) + 25), "within a week, or a little more where the clocks jump");
            Samples.Hold(date.DayOfWeek == (IsoDayOfWeek)day, "it is on its weekday");
            Samples.Hold(next == date.PlusWeeks(1) && then > at, "the next one is a week later");
            Samples.Hold(weekly.After(at - Duration.Epsilon, zone) == (date, at), "an instant before it is still this one");
            var local = at.InZone(zone).LocalDateTime;
            Samples.Hold(local == date.At(weekly.Time) || zone.MapLocal(date.At(weekly.Time)).Count == 0, "at its time, if there is such a time");
        }));
    }

    [Test]
    public void A_book_knows_when_something_is_due_next()
    {
        var book = RequestBook.New("w", Samples.Now);
        Assert.That((book.Decisions.NextOn, book.Unassigned.NextOn), Is.EqualTo(((LocalDate?)new LocalDate(2026, 11, 30), (LocalDate?)new LocalDate(2026, 12, 1))));
        Assert.That(book.NextDue, Is.EqualTo(Instant.FromUtc(2026, 11, 30, 17, 5)));
        Assert.That((book with { Decisions = Weekly.From(null, Samples.Now, book.DateTimeZone()) }).NextDue, Is.EqualTo(book.Unassigned.NextAt));
        Assert.That((book with { Unassigned = Weekly.From(null, Samples.Now, book.DateTimeZone()) }).NextDue, Is.EqualTo(book.Decisions.NextAt));
        var off = Weekly.From(null, Samples.Now, book.DateTimeZone());
        Assert.That((book with { Decisions = off, Unassigned = off }).NextDue, Is.Null);
        Assert.That(off.Done(Samples.Now, book.DateTimeZone()), Is.EqualTo(off));
        Assert.That(book.Decisions.Done(book.NextDue!.Value, book.DateTimeZone()).NextOn, Is.EqualTo(new LocalDate(2026, 12, 7)));
        Assert.That((book.DateOf(Instant.FromUtc(2026, 11, 25, 7, 59)), book.DateOf(Instant.FromUtc(2026, 11, 25, 8, 0))), Is.EqualTo((new LocalDate(2026, 11, 24), new LocalDate(2026, 11, 25))));
    }

    [Test]
    public void A_book_has_one_area_of_a_name()
    {
        Person[] owners = [Samples.Pm];
        var book = RequestBook.New("w", Samples.Now).With(new Area("Search", owners, [])).With(new Area("Mobile", owners, [])).With(new Area("SEARCH", owners, ["x"]));
        Assert.That(book.Areas.Select(a => a.Name), Is.EqualTo((string[])["SEARCH", "Mobile"]));
        Assert.That(book.Find(" search ")?.Keywords, Is.EqualTo((string[])["x"]));
        Assert.That(book.Without(new Area("mobile", owners, [])).Areas.Select(a => a.Name), Is.EqualTo((string[])["SEARCH"]));
        Assert.That(book.Find("none"), Is.Null);
    }
}
