using FsCheck.Fluent;
using NodaTime;
using NUnit.Framework;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Tests.Requests;
using PmBot.Tests.Rotations;

namespace PmBot.Tests.Meetings;

/// <summary>When meetings are: their dates without those that were cancelled, and the instants of their wall-clock times.</summary>
[TestFixture]
public sealed class MeetingPlanTests
{
    private static readonly LocalDate Wednesday = new(2026, 11, 25);

    [TestCase(20_261_125u)]
    [TestCase(3u)]
    public void Dates_and_spans_with_dates_cancelled(uint seed)
    {
        // Two years of days, about the change of a year; a third of all days is cancelled, on most of which nothing would be anyhow.
        var cases = from kind in Gen.Choose(0, 2)
                    from number in Gen.Choose(1, 4)
                    from day in Gen.Choose(0, 6)
                    from cancelled in Gen.Choose(0, 99).ArrayOf(730)
                    from start in Gen.Choose(0, (24 * 60) - 1)
                    from minutes in Gen.Elements(1, 30, 60, 480)
                    select (kind, number, day: (DayOfWeek)day, cancelled, start, minutes);
        Samples.Check(60, seed, Prop.ForAll(Arb.From(cases), c =>
        {
            var first = new DateTime(2026, 1, 1);
            var anchor = first.AddDays(400);
            while (anchor.DayOfWeek != c.day)
            {
                anchor = anchor.AddDays(1);
            }

            var iso = c.day == DayOfWeek.Sunday ? IsoDayOfWeek.Sunday : (IsoDayOfWeek)(int)c.day;
            bool Falls(DateTime date) => date.DayOfWeek == c.day && c.kind switch
            {
                0 => Math.Abs((date - anchor).Days) % (7 * c.number) == 0,
                1 => (date.Day + 6) / 7 == c.number,
                _ => date.AddDays(7).Month != date.Month,
            };
            bool Cancelled(DateTime date) => (date - first).Days is >= 0 and < 730 and var at && c.cancelled[at] < 33;
            var days = Enumerable.Range(0, 1000).Select(i => first.AddDays(i)).ToList();
            var on = days.Where(d => Falls(d) && !Cancelled(d)).ToList();
            var plan = new MeetingPlan
            {
                Name = "m",
                Kind = MeetingKind.Plain,
                Recurrence = c.kind switch
                {
                    0 => new Recurrence.EveryWeeks(iso, c.number, LocalDate.FromDateTime(anchor)),
                    1 => new Recurrence.NthOfMonth(c.number, iso),
                    _ => new Recurrence.LastOfMonth(iso),
                },
                Start = LocalTime.FromMinutesSinceMidnight(c.start),
                Minutes = c.minutes,
                Zone = "Etc/UTC",
                Cancelled = [.. days.Where(Cancelled).Select(d => new Cancellation(LocalDate.FromDateTime(d), null, "u", true))],
            };
            foreach (var day in days.Take(740))
            {
                var date = LocalDate.FromDateTime(day);
                Samples.Hold(plan.IsOn(date) == on.Contains(day), $"it is on {day:yyyy-MM-dd}");
                Samples.Hold(!(plan with { IsOver = true }).IsOn(date), "what is over takes place no more");
                Samples.Hold(plan.OnOrAfter(date) == LocalDate.FromDateTime(on.First(d => d >= day)), $"the first not before {day:yyyy-MM-dd}");
                Samples.Hold(plan.NextAfter(date) == LocalDate.FromDateTime(on.First(d => d > day)), $"the next after {day:yyyy-MM-dd}");
            }

            // In UTC an instant is its date and time.
            DateTime Start(DateTime day) => day.AddMinutes(c.start);
            DateTime End(DateTime day) => Start(day).AddMinutes(c.minutes);
            foreach (var at in on.Where(d => d < first.AddDays(900)).Take(30).SelectMany(d => new[] { Start(d), End(d) }).SelectMany(t => new[] { t.AddTicks(-1), t, t.AddHours(5) }))
            {
                Samples.Hold(plan.FirstAt(Utc(at)) == LocalDate.FromDateTime(on.First(d => End(d) > at)), $"the first not over at {at:O}");
                var until = at.AddDays(45);
                Samples.Hold(
                    plan.Between(Utc(at), Utc(until)).SequenceEqual(
                        on.Where(d => Start(d) >= at && Start(d) < until).Select(d => new Occurrence(LocalDate.FromDateTime(d), Utc(Start(d)), Utc(End(d))))),
                    $"those that begin in the 45 days from {at:O}");
            }
        }));
    }

    [Test]
    public void It_is_at_its_wall_clock_time_for_twenty_years(
        [Values("America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia")] string zone,
        [Values(IsoDayOfWeek.Sunday, IsoDayOfWeek.Monday, IsoDayOfWeek.Friday)] IsoDayOfWeek day)
    {
        var first = new LocalDate(2010, 1, 4).Next(day);
        var plan = Plan(new Recurrence.EveryWeeks(day, 1, first), 9, 0, 30, zone);
        var all = plan.Between(HandoffTimeTests.Nine(first, zone), HandoffTimeTests.Nine(new LocalDate(2030, 1, 4), zone)).ToList();
        Assert.That(all, Has.Count.EqualTo((Period.DaysBetween(first, new LocalDate(2030, 1, 3)) / 7) + 1));
        for (var i = 0; i < all.Count; i++)
        {
            var (date, start) = (first.PlusDays(7 * i), HandoffTimeTests.Nine(first.PlusDays(7 * i), zone));
            Assert.That(all[i], Is.EqualTo(new Occurrence(date, start, start + Duration.FromMinutes(30))));
            Assert.That(plan.FirstAt(start + Duration.FromMinutes(29)), Is.EqualTo(date));
            Assert.That(plan.FirstAt(start + Duration.FromMinutes(30)), Is.EqualTo(date.PlusDays(7)));
        }
    }

    [Test]
    public void What_comes_before_it_is_at_its_own_wall_clock_time([Values("America/Los_Angeles", "Europe/London")] string zone, [Values(0, 1, 3, 14)] int days)
    {
        // Over every change of the clocks between the two.
        var plan = Plan(new Recurrence.EveryWeeks(IsoDayOfWeek.Monday, 1, new LocalDate(2010, 1, 4)), 17, 0, 30, zone);
        for (var on = new LocalDate(2010, 1, 4); on.Year < 2030; on = on.PlusDays(7))
        {
            Assert.That(plan.At(on, new Ahead(days, new LocalTime(9, 0))), Is.EqualTo(HandoffTimeTests.Nine(on.PlusDays(-days), zone)));
        }
    }

    // The zone skips the time: it is moved on by the length of the gap, and lasts as long as ever.
    [TestCase("America/Los_Angeles", "2026-03-08", 2, 30, "2026-03-08T10:30:00Z")]
    [TestCase("Europe/London", "2026-03-29", 1, 30, "2026-03-29T01:30:00Z")]
    [TestCase("Australia/Lord_Howe", "2026-10-04", 2, 15, "2026-10-03T15:45:00Z")]
    // The time happens twice: it is the first.
    [TestCase("America/Los_Angeles", "2026-11-01", 1, 30, "2026-11-01T08:30:00Z")]
    [TestCase("Europe/London", "2026-10-25", 1, 30, "2026-10-25T00:30:00Z")]
    // The change comes while it is held.
    [TestCase("America/Los_Angeles", "2026-03-08", 1, 45, "2026-03-08T09:45:00Z")]
    [TestCase("America/Los_Angeles", "2026-11-01", 0, 45, "2026-11-01T07:45:00Z")]
    // A day that there was not.
    [TestCase("Pacific/Apia", "2011-12-30", 9, 0, "2011-12-30T19:00:00Z")]
    public void In_the_night_of_the_change(string zone, string date, int hour, int minute, string utc)
    {
        var on = Example.On(date);
        var meeting = Plan(new Recurrence.EveryWeeks(on.DayOfWeek, 1, on), hour, minute, 60, zone).Occurrence(on);
        Assert.That((meeting.On, meeting.Start.ToString(), meeting.End - meeting.Start), Is.EqualTo((on, utc, Duration.FromHours(1))));
        var plan = Plan(new Recurrence.EveryWeeks(on.DayOfWeek, 1, on), hour, minute, 60, zone);
        Assert.That(plan.FirstAt(meeting.End - Duration.Epsilon), Is.EqualTo(on));
        Assert.That(plan.FirstAt(meeting.End), Is.EqualTo(on.PlusDays(7)));
        Assert.That(plan.Between(meeting.Start, meeting.Start + Duration.Epsilon), Is.EqualTo([meeting]));
        Assert.That(plan.Between(meeting.Start + Duration.Epsilon, meeting.End), Is.Empty);
    }

    [Test]
    public void One_that_goes_on_past_midnight_is_that_of_the_day_before()
    {
        var plan = Plan(new Recurrence.EveryWeeks(IsoDayOfWeek.Wednesday, 1, Wednesday), 23, 30, 60);
        Assert.That(plan.FirstAt(Example.At("2026-11-26 00:29")), Is.EqualTo(Wednesday));
        Assert.That(plan.FirstAt(Example.At("2026-11-26 00:30")), Is.EqualTo(Wednesday.PlusDays(7)));
    }

    [Test]
    public void A_span_of_what_is_over_is_empty() =>
        Assert.That(
            (Plan(new Recurrence.EveryWeeks(IsoDayOfWeek.Wednesday, 1, Wednesday), 9, 0, 30) with { IsOver = true })
                .Between(Example.At("2026-11-01 00:00"), Example.At("2027-11-01 00:00")),
            Is.Empty);

    [Test]
    public void A_new_workspace_has_the_three_of_the_team()
    {
        // PRODUCT.md, section 1; dates from a printed calendar.
        var plans = MeetingPlan.Defaults(new LocalDate(2026, 11, 22));
        Assert.That(
            plans.Select(p => string.Join(' ', p.Between(Example.At("2026-11-22 00:00"), Example.At("2027-01-15 00:00")).Take(3)
                .Select(o => $"{o.On:MM-dd}/{o.Start.InZone(p.DateTimeZone()):HH:mm}-{o.End.InZone(p.DateTimeZone()):HH:mm}"))),
            Is.EqualTo([
                "11-25/09:00-09:30 12-02/09:00-09:30 12-09/09:00-09:30",
                "12-14/08:30-09:00 01-11/08:30-09:00",
                "12-07/09:00-10:00 01-04/09:00-10:00",
            ]));
        Assert.That(plans.Select(p => p.Kind), Is.EqualTo([MeetingKind.Sync, MeetingKind.Demos, MeetingKind.Demos]));
        Assert.That(plans.Select(p => p.Zone), Is.All.EqualTo("America/Los_Angeles"));
        Assert.That(plans.Select(p => p.Agenda), Is.All.EqualTo(new Ahead(0, new LocalTime(8, 0))));
        Assert.That(plans.Select(p => p.Call?.Days), Is.EqualTo(new int?[] { 1, 3, 3 }));
        Assert.That(MeetingPlan.Defaults(Wednesday)[0].IsOn(Wednesday), Is.True, "made on a Wednesday it is on that day, too");
    }

    [Test]
    public void Officers_are_chair_vice_chair_and_co_chairs_each_once()
    {
        var (a, b, c) = (new Person("a", "a"), new Person("b", "b"), new Person("c", "c"));
        var plan = Plan(new Recurrence.LastOfMonth(IsoDayOfWeek.Friday), 9, 0, 30);
        Assert.That(plan.Officers, Is.Empty);
        Assert.That((plan with { Chair = a, ViceChair = b, CoChairs = [c, a], ReleaseManager = new Person("r", "r") }).Officers, Is.EqualTo([a, b, c]));
    }

    private static MeetingPlan Plan(Recurrence recurrence, int hour, int minute, int minutes, string zone = MeetingPlan.DefaultZone) => new()
    {
        Name = "m",
        Kind = MeetingKind.Plain,
        Recurrence = recurrence,
        Start = new LocalTime(hour, minute),
        Minutes = minutes,
        Zone = zone,
    };

    private static Instant Utc(DateTime time) => Instant.FromDateTimeUtc(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
