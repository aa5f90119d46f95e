using FsCheck.Fluent;
using NodaTime;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Meetings;
using PmBot.Tests.Requests;
using PmBot.Tests.Rotations;
using PmBot.Tests.Storage;
using static PmBot.Tests.Agenda.AgendaExample;

namespace PmBot.Tests.Agenda;

/// <summary>What is true of a meeting's queue whatever happens to it. A failure prints the shrunk steps and the seed that replays them.</summary>
[Engines]
public sealed class QueueTests
{
    private static readonly MeetingDeed[] Deeds =
    [
        .. Enum.GetValues<MeetingDeed>(), MeetingDeed.Add, MeetingDeed.Add, MeetingDeed.Add, MeetingDeed.Add, MeetingDeed.AddForLater, MeetingDeed.Move, MeetingDeed.Move, MeetingDeed.Wait,
        MeetingDeed.Wait, MeetingDeed.Sleep, MeetingDeed.Sleep, MeetingDeed.Start, MeetingDeed.Start, MeetingDeed.Start, MeetingDeed.Next, MeetingDeed.Next, MeetingDeed.Next, MeetingDeed.Skip, MeetingDeed.Skip, MeetingDeed.TimeBox, MeetingDeed.Resume,
    ];

    [TestCase(20_261_125u, false)]
    [TestCase(20_270_311u, false)]
    [TestCase(4_242_424u, true)]
    public void Whatever_happens_nothing_is_lost_and_numbers_have_no_gap(uint seed, bool isDemos)
    {
        var tally = new Dictionary<string, int>(StringComparer.Ordinal);
        var move = from deed in Gen.Elements(Deeds)
                   from a in Gen.Choose(0, 99)
                   from b in Gen.Choose(0, 99)
                   from c in Gen.Choose(0, 99)
                   select new MeetingMove(deed, a, b, c);
        Samples.Check(500, seed, Prop.ForAll(Arb.From(Gen.Choose(1, 80).SelectMany(n => move.ArrayOf(n)), Fewer), moves =>
        {
            var life = new MeetingLife(isDemos, (int)seed);
            foreach (var next in moves)
            {
                life.Do(next);
            }

            foreach (var (what, count) in life.Tally)
            {
                tally[what] = tally.GetValueOrDefault(what) + count;
            }
        }));
        TestContext.Out.WriteLine(string.Join(", ", tally.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {t.Value}")));
        foreach (var what in new[] { "queued", "moved", "deferred", "started", "discussed", "skipped", "carried", "ended", "cancelled", "told", "replanned", "time up", "after" })
        {
            Assert.That(tally.GetValueOrDefault(what), Is.GreaterThan(20), what);
        }
    }

    [Test]
    public void A_month_that_nobody_ran_carries_what_was_queued_and_tells_its_age()
    {
        var meeting = Of("a", "P", "b");
        for (var week = 1; week <= 4; week++)
        {
            var (after, items) = meeting.Settled(meeting.ClosesAt);
            Assert.That(items!.Select(i => $"{i.Number} {i.Item.Text} {i.Item.Carried}"), Is.EqualTo([$"1 a {week - 1}", $"2 b {week - 1}", $"P1 P {week - 1}"]));
            Assert.That(after.On, Is.EqualTo(Wednesday.PlusWeeks(week)));
            meeting = after;
        }
    }

    [TestCase("2026-11-25 09:29", false)]
    [TestCase("2026-11-25 09:30", true)]
    public void A_date_that_nobody_ran_settles_when_its_time_is_over(string at, bool settles)
    {
        var meeting = Of("a");
        Assert.That(meeting.Settled(Example.At(at)).Closed is not null, Is.EqualTo(settles));
        Assert.That(meeting.Started().Settled(Example.At(at)).Closed, Is.Null, "what is held is ended by those who hold it, or when the next date needs preparing");
    }

    [Test]
    public void The_week_of_a_meeting_comes_due_step_by_step()
    {
        var meeting = Of("a");
        Assert.That(meeting.NextDue, Is.EqualTo(Example.At("2026-11-24 09:00")), "the call");
        meeting = meeting with { Progress = meeting.Progress with { IsCalled = true } };
        Assert.That(meeting.NextDue, Is.EqualTo(Example.At("2026-11-25 08:00")), "the agenda");
        meeting = meeting with { Progress = meeting.Progress with { IsPosted = true } };
        Assert.That(meeting.NextDue, Is.EqualTo(Example.At("2026-11-25 09:30")), "what follows its end");
        meeting = meeting with { Progress = meeting.Progress with { IsAfter = true } };
        Assert.That((meeting.NextDue, meeting.ClosesAt), Is.EqualTo(((Instant?)Example.At("2026-12-01 09:00"), Example.At("2026-12-01 09:00"))), "the next one needs preparing");
        Assert.That((meeting with { Plan = meeting.Plan with { Call = null } }).ClosesAt, Is.EqualTo(Example.At("2026-12-02 08:00")));
        Assert.That((meeting with { Plan = meeting.Plan with { Call = null, Agenda = null, After = false } }).NextDue, Is.EqualTo(Example.At("2026-12-02 09:00")));
        Assert.That((meeting with { Plan = meeting.Plan with { Call = new Ahead(14, new LocalTime(9, 0)) } }).ClosesAt, Is.EqualTo(Example.At("2026-11-25 09:30")), "not before its own end");
    }

    [Test]
    public void A_new_meeting_does_not_say_what_would_have_been_said_before()
    {
        Assert.That(Meeting.New("m", "w", Plan(), Example.At("2026-11-24 08:59")).Progress, Is.EqualTo(new Progress()));
        Assert.That(Meeting.New("m", "w", Plan(), Example.At("2026-11-24 09:00")).Progress, Is.EqualTo(new Progress(IsCalled: true)));
        Assert.That(Meeting.New("m", "w", Plan(), Example.At("2026-11-25 09:29")).Progress, Is.EqualTo(new Progress(IsCalled: true, IsPosted: true)));
        Assert.That(Meeting.New("m", "w", Plan(), Example.At("2026-11-25 09:30")).On, Is.EqualTo(Wednesday.PlusWeeks(1)));
    }

    [Test]
    public void A_cancelled_date_is_told_on_its_day_if_it_would_have_taken_place()
    {
        var christmas = new LocalDate(2026, 12, 23);
        var meeting = Done(Of("a").Replan(Plan() with { Cancelled = [new Cancellation(christmas, "Holidays", "u", false)] }, Made));
        Assert.That(meeting.Untold()?.At, Is.EqualTo(Example.At("2026-12-23 08:00")));
        Assert.That((meeting with { Plan = meeting.Plan with { Agenda = null } }).Untold()?.At, Is.EqualTo(Example.At("2026-12-23 09:00")));
        var moved = Done(meeting.Replan(meeting.Plan with { Recurrence = new Recurrence.EveryWeeks(IsoDayOfWeek.Thursday, 1, new LocalDate(2026, 11, 26)) }, Made));
        Assert.That(moved.Untold(), Is.Null, "nobody expects it on that day any more");
        Assert.That((meeting with { Plan = meeting.Plan with { IsOver = true } }).Untold(), Is.Null);
    }

    [Test]
    public void What_waits_for_a_date_that_is_cancelled_is_on_the_next_one()
    {
        var later = Wednesday.PlusWeeks(1);
        var meeting = Of(Plan(), Item("a"), Item("b", notBefore: later), Item("c", notBefore: Wednesday.PlusWeeks(2)));
        var cancelled = Done(meeting.Replan(meeting.Plan with { Cancelled = [new Cancellation(later, null, "u", true)] }, Made));
        Assert.That(cancelled.ItemsOn(Wednesday.PlusWeeks(2), false).Select(i => i.Text), Is.EqualTo(["b", "c"]));
        Assert.That(cancelled.ItemsOn(later, false), Is.Empty);
        Assert.That(Done(cancelled.Replan(Plan(), Made)).ItemsOn(later, false).Select(i => i.Text), Is.EqualTo(["b"]), "and back on its own once that is restored");
        var today = Done(meeting.Replan(meeting.Plan with { Cancelled = [new Cancellation(Wednesday, null, "u", true)] }, Made));
        Assert.That(today.ItemsOn(later, false).Select(i => (i.Text, i.Carried)), Is.EqualTo(new[] { ("a", 0), ("b", 0) }), "a cancelled meeting carries nothing: it was none");
    }

    [Test]
    public void A_queue_holds_a_hundred_and_says_so()
    {
        var full = Of([.. Enumerable.Range(1, Meeting.MostItems).Select(n => $"{n}")]);
        Assert.That(full.Add(Item("more")).Why(), Is.EqualTo(AgendaRefusal.IsFull));
        var removed = Done(full.Remove(full.Item("7")));
        Assert.That(((AgendaStep.Done)removed.Add(Item("more"))).Item!.Serial, Is.EqualTo(101), "a serial is never given again");
        Assert.That((full with { Plan = full.Plan with { IsOver = true }, Items = [] }).Add(Item("x")).Why(), Is.EqualTo(AgendaRefusal.IsOver));
    }

    /// <summary>Halves first, then without one move each.</summary>
    private static IEnumerable<MeetingMove[]> Fewer(MeetingMove[] moves)
    {
        if (moves.Length > 3)
        {
            yield return moves[..(moves.Length / 2)];
            yield return moves[(moves.Length / 2)..];
        }

        for (var i = 0; i < moves.Length; i++)
        {
            yield return [.. moves[..i], .. moves[(i + 1)..]];
        }
    }
}
