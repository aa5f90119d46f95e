using NodaTime;
using NUnit.Framework;
using PmBot.Meetings;

namespace PmBot.Tests.Meetings;

/// <summary>How people write when a meeting is, and how it is written to them.</summary>
[TestFixture]
public sealed class RecurrenceTextTests
{
    // A Wednesday.
    private static readonly LocalDate Today = new(2026, 11, 25);

    [TestCase("wednesday", "weekly wednesday", "every Wednesday")]
    [TestCase("weekly Wed", "weekly wednesday", "every Wednesday")]
    [TestCase("weekly on wednesdays", "weekly wednesday", "every Wednesday")]
    [TestCase("every wednesday", "weekly wednesday", "every Wednesday")]
    [TestCase("every week on wednesday", "weekly wednesday", "every Wednesday")]
    [TestCase("every 1 week wednesday", "weekly wednesday", "every Wednesday")]
    [TestCase("every 2 weeks thursday", "every 2 weeks thursday from 2026-11-26", "every 2 weeks on Thursday")]
    [TestCase("every two weeks on wednesday", "every 2 weeks wednesday from 2026-11-25", "every 2 weeks on Wednesday")]
    [TestCase("every other thursday", "every 2 weeks thursday from 2026-11-26", "every 2 weeks on Thursday")]
    [TestCase("biweekly thursday", "every 2 weeks thursday from 2026-11-26", "every 2 weeks on Thursday")]
    [TestCase("every 3 weeks tuesday from 2026-12-08", "every 3 weeks tuesday from 2026-12-08", "every 3 weeks on Tuesday")]
    [TestCase("every 2 weeks tuesday from dec 8", "every 2 weeks tuesday from 2026-12-08", "every 2 weeks on Tuesday")]
    [TestCase("2nd monday", "2nd monday", "on the 2nd Monday of the month")]
    [TestCase("second monday", "2nd monday", "on the 2nd Monday of the month")]
    [TestCase("1st monday of the month", "1st monday", "on the 1st Monday of the month")]
    [TestCase("every 2nd monday of the month", "2nd monday", "on the 2nd Monday of the month")]
    [TestCase("on the 4th Fri of every month", "4th friday", "on the 4th Friday of the month")]
    [TestCase("last friday", "last friday", "on the last Friday of the month")]
    [TestCase("the last friday of each month", "last friday", "on the last Friday of the month")]
    public void It_is_read_and_written(string typed, string again, string inWords)
    {
        var read = RecurrenceText.Parse(typed, Today)!;
        Assert.Multiple(() =>
        {
            Assert.That(RecurrenceText.Typed(read), Is.EqualTo(again));
            Assert.That(RecurrenceText.InWords(read), Is.EqualTo(inWords));
        });
    }

    [TestCase("")]
    [TestCase("every")]
    [TestCase("from monday")]
    [TestCase("sometimes")]
    [TestCase("daily")]
    [TestCase("5th monday")]
    [TestCase("0th monday")]
    [TestCase("every 2nd monday")]
    [TestCase("every 0 weeks monday")]
    [TestCase("every 27 weeks monday")]
    [TestCase("every -1 weeks monday")]
    [TestCase("every 2 weeks")]
    [TestCase("every 2 weeks tuesday from 2026-12-09")]
    [TestCase("every week tuesday from 2026-12-08")]
    [TestCase("every 2 weeks tuesday from")]
    [TestCase("wednesday of the month")]
    [TestCase("of the month")]
    [TestCase("monday tuesday")]
    [TestCase("2nd monday 3rd tuesday")]
    public void Anything_else_is_none(string typed) => Assert.That(RecurrenceText.Parse(typed, Today), Is.Null);

    [Test]
    public void What_is_written_reads_as_the_same_dates()
    {
        var days = Enum.GetValues<IsoDayOfWeek>().Where(d => d != IsoDayOfWeek.None).ToList();
        var all = days.SelectMany(d => new Recurrence[] { new Recurrence.LastOfMonth(d) }
            .Concat(Enumerable.Range(1, 4).Select(n => new Recurrence.NthOfMonth(n, d)))
            .Concat(Enumerable.Range(1, RecurrenceText.MostWeeks).Select(w => new Recurrence.EveryWeeks(d, w, Today.Next(d).PlusWeeks(w / 2)))));
        foreach (var one in all)
        {
            var again = RecurrenceText.Parse(RecurrenceText.Typed(one), Today.PlusDays(100))!;
            for (var (a, b, n) = (one.OnOrAfter(Today), again.OnOrAfter(Today), 0); n < 60; (a, b, n) = (one.OnOrAfter(a.PlusDays(1)), again.OnOrAfter(b.PlusDays(1)), n + 1))
            {
                Assert.That(b, Is.EqualTo(a), RecurrenceText.Typed(one));
            }
        }
    }

    [TestCase("08:00", "08:00", "on the day at 08:00")]
    [TestCase("8 am", "08:00", "on the day at 08:00")]
    [TestCase("0 days 08:00", "08:00", "on the day at 08:00")]
    [TestCase("1 day 16:00", "1 day 16:00", "1 day before at 16:00")]
    [TestCase("1d 4pm", "1 day 16:00", "1 day before at 16:00")]
    [TestCase("3 days before at 09:00", "3 days 09:00", "3 days before at 09:00")]
    public void A_time_before_it_is_read_and_written(string typed, string again, string inWords)
    {
        var read = AheadText.Parse(typed)!;
        Assert.That((AheadText.Typed(read), AheadText.InWords(read), AheadText.Parse(AheadText.Typed(read))), Is.EqualTo((again, inWords, read)));
    }

    [TestCase("")]
    [TestCase("day")]
    [TestCase("1 day")]
    [TestCase("d 09:00")]
    [TestCase("-1 days 09:00")]
    [TestCase("99999999999 days 09:00")]
    [TestCase("24:00")]
    [TestCase("09:00 09:00")]
    [TestCase("1 week 09:00")]
    public void No_such_time_is_none(string typed) => Assert.That(AheadText.Parse(typed), Is.Null);
}
