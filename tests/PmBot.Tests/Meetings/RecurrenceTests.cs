using NodaTime;
using NUnit.Framework;
using PmBot.Meetings;

namespace PmBot.Tests.Meetings;

/// <summary>On which dates meetings fall, against a walk over every day of twenty years that knows nothing of how they are computed.</summary>
[TestFixture]
public sealed class RecurrenceTests
{
    private static readonly DateTime First = new(2010, 1, 1);
    private static readonly DateTime Last = new(2029, 12, 31);

    private static IEnumerable<int> Ordinals => [1, 2, 3, 4];

    [Test]
    public void Every_few_weeks_counted_from_any_date_in_both_directions(
        [Values] DayOfWeek day, [Values(1, 2, 3, 4, 5, 6)] int weeks, [Values("1999-12-28", "2010-01-01", "2020-02-29", "2026-11-25", "2045-06-01")] string anchor)
    {
        var from = DateTime.Parse(anchor, null);
        while (from.DayOfWeek != day)
        {
            from = from.AddDays(1);
        }

        // Stepping from the anchor, not counting.
        var dates = new HashSet<DateTime>();
        for (var date = from; date <= Last.AddDays(60); date = date.AddDays(7 * weeks))
        {
            dates.Add(date);
        }

        for (var date = from; date >= First; date = date.AddDays(-7 * weeks))
        {
            dates.Add(date);
        }

        Check(new Recurrence.EveryWeeks(Iso(day), weeks, LocalDate.FromDateTime(from)), dates.Contains);
    }

    [Test]
    public void The_first_to_the_fourth_such_weekday_of_every_month([Values] DayOfWeek day, [ValueSource(nameof(Ordinals))] int nth)
    {
        // Counted on a wall calendar: the nth such weekday since the first of the month.
        var (dates, seen) = (new HashSet<DateTime>(), 0);
        for (var date = First; date <= Last.AddDays(60); date = date.AddDays(1))
        {
            seen = (date.Day == 1 ? 0 : seen) + (date.DayOfWeek == day ? 1 : 0);
            if (seen == nth && date.DayOfWeek == day)
            {
                dates.Add(date);
            }
        }

        Check(new Recurrence.NthOfMonth(nth, Iso(day)), dates.Contains);
    }

    [Test]
    public void The_last_such_weekday_of_every_month([Values] DayOfWeek day) =>
        Check(new Recurrence.LastOfMonth(Iso(day)), date => date.DayOfWeek == day && date.AddDays(7).Month != date.Month);

    // Read from a printed calendar.
    [TestCase("2026-12-01", "2026-12-07", "2026-12-14", "2026-12-25")]
    [TestCase("2026-12-08", "2027-01-04", "2026-12-14", "2026-12-25")]
    [TestCase("2026-12-26", "2027-01-04", "2027-01-11", "2027-01-29")]
    [TestCase("2027-02-01", "2027-02-01", "2027-02-08", "2027-02-26")]
    [TestCase("2028-02-15", "2028-03-06", "2028-03-13", "2028-02-25")]
    public void The_next_of_a_month(string date, string firstMonday, string secondMonday, string lastFriday)
    {
        var on = LocalDate.FromDateTime(DateTime.Parse(date, null));
        Assert.That(
            new[] { new Recurrence.NthOfMonth(1, IsoDayOfWeek.Monday), new Recurrence.NthOfMonth(2, IsoDayOfWeek.Monday), (Recurrence)new Recurrence.LastOfMonth(IsoDayOfWeek.Friday) }
                .Select(r => $"{r.OnOrAfter(on):uuuu-MM-dd}"),
            Is.EqualTo([firstMonday, secondMonday, lastFriday]));
    }

    private static void Check(Recurrence recurrence, Func<DateTime, bool> isOn)
    {
        // Backwards, so that the next date is the last one seen.
        var next = (DateTime?)null;
        for (var date = Last.AddDays(60); date >= First; date = date.AddDays(-1))
        {
            next = isOn(date) ? date : next;
            var local = new LocalDate(date.Year, date.Month, date.Day);
            if (date > Last)
            {
                continue;
            }

            if (recurrence.Contains(local) != isOn(date) || recurrence.OnOrAfter(local) != LocalDate.FromDateTime(next!.Value))
            {
                Assert.Fail($"{recurrence} on {date:yyyy-MM-dd}: next is {next:yyyy-MM-dd}, said was {recurrence.OnOrAfter(local)}");
            }
        }
    }

    private static IsoDayOfWeek Iso(DayOfWeek day) => day == DayOfWeek.Sunday ? IsoDayOfWeek.Sunday : (IsoDayOfWeek)(int)day;
}
