using NodaTime;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Meetings;
using PmBot.Tests.Rotations;
using static PmBot.Tests.Agenda.AgendaExample;

namespace PmBot.Tests.Agenda;

/// <summary>How a meeting is run: the way through its agenda, who may take it, what is left behind.</summary>
[TestFixture]
public sealed class SessionTests
{
    [Test]
    public void Parts_come_in_their_order_and_empty_ones_are_passed_by(
        [Values] bool release, [Values] bool requests, [Values] bool actions, [Values("", "a", "a,b", "P", "P,a", "a,P,b")] string items)
    {
        var parts = new AgendaParts(release, requests, actions);
        var texts = items.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var expected = new List<string>();
        if (release)
        {
            expected.Add("Release");
        }

        if (requests)
        {
            expected.Add("Requests");
        }

        // Confidential ones come last: whoever is not to hear them can leave.
        expected.AddRange(texts.Where(t => t != "P"));
        expected.AddRange(texts.Where(t => t == "P"));
        if (actions)
        {
            expected.Add("Actions");
        }

        expected.Add("Through");
        var meeting = Of(texts).Started(parts);
        var way = new List<string> { meeting.At() };
        while (meeting.Next(parts) is AgendaStep.Done { Meeting: var after })
        {
            Assert.That(after.Session!.Turn, Is.EqualTo(meeting.Session!.Turn + 1));
            meeting = after;
            way.Add(meeting.At());
        }

        Assert.That(way, Is.EqualTo(expected));
        Assert.That(meeting.Next(parts).Why(), Is.EqualTo(AgendaRefusal.IsThrough));
        Assert.That(meeting.Next(parts, ItemOutcome.Skipped).Why(), Is.EqualTo(AgendaRefusal.IsThrough));
    }

    [TestCase(0, "Release", "Requests a late Actions Through")]
    [TestCase(1, "Requests", "a late Actions Through")]
    [TestCase(2, "a", "late Actions Through")]
    [TestCase(3, "Actions", "late Through")]
    [TestCase(4, "Through", "late Through")]
    public void What_is_queued_on_the_way_is_reached_wherever_the_way_has_got_to(int moves, string at, string rest)
    {
        var meeting = Of("a").Started(All);
        for (var i = 0; i < moves; i++)
        {
            meeting = Done(meeting.Next(All));
        }

        Assert.That(meeting.At(), Is.EqualTo(at));
        meeting = Done(meeting.Add(Item("late")));
        var way = new List<string>();
        while (meeting.Next(All) is AgendaStep.Done { Meeting: var after })
        {
            meeting = after;
            way.Add(meeting.At());
        }

        Assert.That(string.Join(' ', way), Is.EqualTo(rest));
        Assert.That(meeting.End().Items.Select(i => i.Item.Outcome), Is.All.EqualTo(ItemOutcome.Discussed));
    }

    [Test]
    public void An_item_deferred_to_today_is_reached_and_one_of_another_date_is_not()
    {
        var meeting = Of(Plan(), Item("a"), Item("b", notBefore: Wednesday.PlusWeeks(1)), Item("c", notBefore: Wednesday.PlusWeeks(2))).Started();
        meeting = Done(meeting.Defer(meeting.Item("b"), Wednesday));
        meeting = Done(meeting.Next());
        Assert.That(meeting.At(), Is.EqualTo("b"));
        Assert.That(Done(meeting.Next()).At(), Is.EqualTo("Through"));
    }

    [Test]
    public void Of_two_who_press_the_same_button_one_is_too_late()
    {
        var meeting = Of("a", "b", "c").Started();
        var turn = meeting.Session!.Turn;
        var after = Done(meeting.Advance(turn, ItemOutcome.Discussed, null, "katie", true, None, Nine + Duration.FromMinutes(3)));
        foreach (var who in new[] { "jason", "katie" })
        {
            Assert.That(after.Advance(turn, ItemOutcome.Skipped, null, who, true, None, Nine + Duration.FromMinutes(20)).Why(), Is.EqualTo(AgendaRefusal.IsOvertaken));
        }

        Assert.That(after.At(), Is.EqualTo("b"));
        Assert.That(Done(after.Advance(turn + 1, ItemOutcome.Discussed, null, "jason", true, None, Nine + Duration.FromMinutes(3))).At(), Is.EqualTo("c"), "who has seen the new turn has meant it");
    }

    [TestCase("jason", 0, AgendaRefusal.IsOvertaken)]
    [TestCase("jason", 4_999, AgendaRefusal.IsOvertaken)]
    [TestCase("jason", 5_000, null)]
    [TestCase("katie", 0, null)]
    public void What_another_types_within_five_seconds_was_the_same_move(string who, int milliseconds, AgendaRefusal? why)
    {
        var after = Done(Of("a", "b", "c").Started().Advance(null, ItemOutcome.Discussed, null, "katie", true, None, Nine + Duration.FromMinutes(3)));
        var step = after.Advance(null, ItemOutcome.Discussed, null, who, true, None, Nine + Duration.FromMinutes(3) + Duration.FromMilliseconds(milliseconds));
        Assert.That(step.Why(), Is.EqualTo(why));
    }

    [Test]
    public void Right_behind_the_start_anybody_s_next_is_a_move_of_its_own() =>
        Assert.That(Done(Of("a", "b").Started().Advance(null, ItemOutcome.Discussed, null, "jason", true, None, Nine + Duration.FromSeconds(1))).At(), Is.EqualTo("b"));

    [Test]
    public void What_is_left_keeps_its_outcome_and_what_was_decided()
    {
        var meeting = Of("a", "b", "c", "d").Started();
        meeting = Done(meeting.Next(decided: "Ship it"));
        meeting = Done(meeting.Edit(meeting.Item("b"), i => i with { Decided = "noted" }));
        meeting = Done(meeting.Next());
        meeting = Done(meeting.Next(outcome: ItemOutcome.Skipped, decided: "nothing"));
        var (after, items) = meeting.End();
        Assert.That(
            items.Select(i => $"{i.Number} {i.Item.Text} {i.Item.Outcome} {i.Item.Decided}"),
            Is.EqualTo(["1 a Discussed Ship it", "2 b Discussed noted", "3 c Skipped nothing", "4 d Discussed "]));
        Assert.That(after.Items.Select(i => (i.Text, i.Carried, i.Outcome, i.Decided)), Is.EqualTo(new[] { ("c", 1, (ItemOutcome?)null, (string?)null) }));
    }

    [Test]
    public void What_was_decided_on_an_item_that_was_not_reached_is_of_that_meeting_only()
    {
        var meeting = Of("a", "b").Started();
        meeting = Done(meeting.Edit(meeting.Item("b"), i => i with { Decided = "by mail" }));
        var (after, items) = meeting.End();
        Assert.That(items[1].Item.Decided, Is.EqualTo("by mail"));
        Assert.That(after.Item("b").Decided, Is.Null);
    }

    [Test]
    public void Ending_carries_what_was_not_reached_and_begins_anew()
    {
        var meeting = Of("a", "P", "b").With(new ReleaseUpdate(Person("adam"), "done", Made)).Started(All);
        var (after, items) = meeting.End();
        Assert.That(items.Select(i => $"{i.Number} {i.Item.Text} {i.Item.Outcome}"), Is.EqualTo(["1 a ", "2 b ", "P1 P "]));
        Assert.That((after.On, after.LastEnded, after.Session, after.Progress, after.Updates.Count), Is.EqualTo((Wednesday.PlusWeeks(1), (LocalDate?)Wednesday, (Session?)null, new Progress(), 0)));
        Assert.That(after.Items.Select(i => (i.Text, i.Carried)), Is.EqualTo(new[] { ("a", 1), ("P", 1), ("b", 1) }));
    }

    [Test]
    public void Of_demos_that_nobody_ran_the_demos_were_shown_and_the_rest_is_carried()
    {
        var demos = Of(Plan() with { Kind = MeetingKind.Demos }, Item("demo") with { IsDemo = true }, Item("question"), Item("later", notBefore: Wednesday.PlusWeeks(1)) with { IsDemo = true });
        var (after, items) = demos.Settled(Nine + Duration.FromMinutes(30));
        Assert.That(items!.Select(i => (i.Item.Text, i.Item.Outcome)), Is.EqualTo(new[] { ("demo", (ItemOutcome?)ItemOutcome.Discussed), ("question", null) }));
        Assert.That(after.Items.Select(i => (i.Text, i.Carried)), Is.EqualTo(new[] { ("question", 1), ("later", 0) }));

        // Run with the bot, only what was reached is shown.
        Assert.That(Done(demos.Started().Next(outcome: ItemOutcome.Skipped)).End().Meeting.Items.Select(i => i.Text), Is.EqualTo(["demo", "later"]));
    }

    [TestCase("2026-11-24 23:59", AgendaRefusal.IsNotOnThatDay)]
    [TestCase("2026-11-25 00:00", null)]
    [TestCase("2026-11-25 08:30", null)]
    [TestCase("2026-11-25 23:59", null)]
    [TestCase("2026-11-26 00:00", AgendaRefusal.IsNotOnThatDay)]
    public void It_is_started_on_its_day(string at, AgendaRefusal? why) => Assert.That(Of("a").Start("katie", true, None, Example.At(at)).Why(), Is.EqualTo(why));

    [TestCase("2026-11-25 23:30", null)]
    [TestCase("2026-11-26 00:29", null)]
    [TestCase("2026-11-26 00:30", AgendaRefusal.IsNotOnThatDay)]
    public void One_that_goes_on_past_midnight_can_be_started_until_its_end(string at, AgendaRefusal? why) =>
        Assert.That(Of(Plan() with { Start = new LocalTime(23, 30), Minutes = 60 }, Item("a")).Start("katie", true, None, Example.At(at)).Why(), Is.EqualTo(why));

    [Test]
    public void It_is_started_once_and_not_again_on_the_day_it_was_ended()
    {
        var started = Of("a").Started();
        Assert.That(started.Start("jason", true, None, Nine).Why(), Is.EqualTo(AgendaRefusal.IsUnderWay));
        Assert.That(started.End().Meeting.Start("jason", true, None, Nine).Why(), Is.EqualTo(AgendaRefusal.IsNotOnThatDay));
        Assert.That(Of("a").Advance(null, ItemOutcome.Discussed, null, "katie", true, None, Nine).Why(), Is.EqualTo(AgendaRefusal.IsNotUnderWay));
        Assert.That((Of("a") with { Plan = Plan() with { IsOver = true } }).Start("katie", true, None, Nine).Why(), Is.EqualTo(AgendaRefusal.IsOver));
    }

    [Test]
    public void What_is_talked_about_or_was_stays_and_the_others_can_go()
    {
        var meeting = Done(Of("a", "b", "c").Started().Next());
        foreach (var (text, why) in new[] { ("a", AgendaRefusal.IsPassed), ("b", AgendaRefusal.IsCurrent), ("c", (AgendaRefusal?)null) })
        {
            Assert.That(meeting.Remove(meeting.Item(text)).Why(), Is.EqualTo(why), text);
            Assert.That(meeting.Defer(meeting.Item(text), Wednesday.PlusDays(1)).Why(), Is.EqualTo(why), text);
        }
    }

    [Test]
    public void A_time_box_runs_from_the_move_and_can_be_extended()
    {
        var meeting = Of(Plan(), Item("a", minutes: 10), Item("b")).Started();
        Assert.That(meeting.Session!.TimeUpAt, Is.EqualTo(Nine + Duration.FromMinutes(10)));
        Assert.That(meeting.NextDue, Is.EqualTo(Nine + Duration.FromMinutes(10)));
        var more = meeting.Extend(Duration.FromMinutes(5), Nine + Duration.FromMinutes(11));
        Assert.That(more.Session!.TimeUpAt, Is.EqualTo(Nine + Duration.FromMinutes(16)));
        Assert.That(Done(more.Next()).Session!.TimeUpAt, Is.Null);
    }

    [Test]
    public void A_plan_that_changes_while_it_is_held_must_keep_its_date()
    {
        var meeting = Of("a", "b").Started();
        var other = meeting.Plan with { Recurrence = new Recurrence.EveryWeeks(IsoDayOfWeek.Friday, 1, Wednesday.PlusDays(2)) };
        Assert.That(meeting.Replan(other, Nine).Why(), Is.EqualTo(AgendaRefusal.IsUnderWay));
        Assert.That(meeting.Replan(meeting.Plan with { IsOver = true }, Nine).Why(), Is.EqualTo(AgendaRefusal.IsUnderWay));
        Assert.That(meeting.Replan(meeting.Plan with { Cancelled = [new Cancellation(Wednesday, null, "u", true)] }, Nine).Why(), Is.EqualTo(AgendaRefusal.IsUnderWay));
        var longer = Done(meeting.Replan(meeting.Plan with { Minutes = 60, Start = new LocalTime(8, 0) }, Nine + Duration.FromHours(2)));
        Assert.That((longer.On, longer.Session, longer.Progress), Is.EqualTo((Wednesday, meeting.Session, meeting.Progress)));
    }

    // Who asks; officers; who started it and whether an officer has run it since (nobody: it was not started); minutes after nine.
    [TestCase("katie", true, null, false, -60, true)]
    [TestCase("jason", true, null, false, -60, true)]
    [TestCase("aaron", true, null, false, -60, true)]
    [TestCase("adam", true, null, false, -60, false)]
    [TestCase("adam", true, null, false, 4, false)]
    [TestCase("adam", true, null, false, 5, true)]
    [TestCase("adam", true, null, false, 600, true)]
    [TestCase("adam", true, "katie", true, 6, false)]
    [TestCase("adam", true, "katie", true, 600, false)]
    [TestCase("jason", true, "katie", true, 1, true)]
    [TestCase("adam", true, "adam", false, 6, true)]
    [TestCase("adam", true, "adam", true, 6, true)]
    [TestCase("sam", true, "adam", false, 6, true)]
    [TestCase("sam", true, "adam", true, 6, false)]
    [TestCase("katie", true, "adam", false, 6, true)]
    [TestCase("adam", false, null, false, -60, true)]
    [TestCase("sam", false, "adam", false, -60, true)]
    [TestCase("sam", false, "katie", true, 1, true)]
    public void Who_may_run_it(string who, bool officers, string? startedBy, bool officerCame, int minutes, bool may)
    {
        var plan = officers ? Plan() : Plan() with { Chair = null, ViceChair = null, CoChairs = [] };
        var meeting = Of(plan, Item("a"), Item("b"), Item("c"));
        if (startedBy is not null)
        {
            meeting = Done(meeting.Start(startedBy, startedBy == "katie", None, Nine));
            if (officerCame)
            {
                meeting = Done(meeting.Advance(meeting.Session!.Turn, ItemOutcome.Discussed, null, "katie", true, None, Nine));
            }
        }

        Assert.That(meeting.MayRun(who, Nine + Duration.FromMinutes(minutes)), Is.EqualTo(may));
    }
}
