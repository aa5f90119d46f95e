using NodaTime;
using NUnit.Framework;
using PmBot.Rotations;

namespace PmBot.Tests.Rotations;

/// <summary>Handoffs, covers, swaps and absences, each told by an example.</summary>
[TestFixture]
public sealed class TurnTests
{
    [Test]
    public void Until_its_first_handoff_nobody_is_on_duty()
    {
        var rotation = Example.Of("adam", "ben");
        Assert.That(rotation.Now(), Is.EqualTo("nobody:Uncovered"));
        Assert.That(rotation.Current.Start, Is.EqualTo(Example.Made));
        Assert.That(rotation.NextHandoff, Is.EqualTo(Example.At("2026-11-23 09:00")));
        Assert.That(rotation.Coming(3), Is.EqualTo("adam ben adam"));
    }

    [Test]
    public void A_handoff_makes_the_next_shift_the_present_one()
    {
        var before = Example.UnderWay("adam", "ben") with { Note = new HandoffNote("Mind ~twitter", "adam", Example.Made) };
        Assert.That(before.AdvanceTo(Example.At("2026-11-30 08:59")), Is.Null);
        var handover = before.AdvanceTo(Example.At("2026-11-30 09:00"))!;
        Assert.That(handover.Past.Single().Shift, Is.EqualTo(before.Shifts().First()));
        Assert.That(handover.Rotation.Current, Has.Property("OnDuty").EqualTo("ben").And.Property("From").EqualTo("adam"));
        Assert.That(handover.Rotation.Current.Since, Is.EqualTo(Example.At("2026-11-30 09:00")));
        Assert.That(handover.Rotation.Current.AcknowledgedAt, Is.Null);
        Assert.That(handover.Rotation.Note, Is.Null);
        Assert.That(handover.Rotation.NextOn, Is.EqualTo(Example.On("2026-12-07")));
    }

    [Test]
    public void Two_missed_Mondays_move_the_duty_on_twice()
    {
        var handover = Example.UnderWay("adam", "ben", "cara").AdvanceTo(Example.At("2026-12-10 15:00"))!;
        Assert.That(handover.Past.Select(p => p.Shift.OnDuty), Is.EqualTo(["adam", "ben"]));
        Assert.That(handover.Past.Select(p => p.Shift.End), Is.EqualTo([Example.At("2026-11-30 09:00"), Example.At("2026-12-07 09:00")]));
        Assert.That(handover.Rotation.Now(), Is.EqualTo("cara"));
        Assert.That(handover.Rotation.Current.Start, Is.EqualTo(Example.At("2026-12-07 09:00")));
        Assert.That(handover.Rotation.Current.From, Is.EqualTo("ben"));
        Assert.That(handover.Rotation.Coming(2), Is.EqualTo("adam ben"));
    }

    [Test]
    public void Of_three_missed_Mondays_none_is_lost_and_the_fourth_is_taken_on_time()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara").At("2026-12-18 00:00");
        Assert.That(rotation.Current.Number, Is.EqualTo(4));
        Assert.That(rotation.At("2026-12-21 09:00").Current, Has.Property("Number").EqualTo(5).And.Property("OnDuty").EqualTo("ben"));
    }

    [Test]
    public void Handed_over_at_once_there_is_no_second_handoff_on_Monday()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var thursday = Example.At("2026-11-26 16:00");
        var handover = rotation.HandOffNow(thursday)!;
        Assert.That(handover.Past.Single().Shift, Is.EqualTo(rotation.Shifts().First() with { End = thursday }));
        var after = handover.Rotation;
        Assert.That(after.Now(), Is.EqualTo("ben"));
        Assert.That(after.Current, Has.Property("Start").EqualTo(thursday).And.Property("Since").EqualTo(thursday).And.Property("Number").EqualTo(2));
        Assert.That(after.AdvanceTo(Example.At("2026-11-30 09:00")), Is.Null);
        Assert.That(after.NextHandoff, Is.EqualTo(Example.At("2026-12-07 09:00")));
        Assert.That(after.At("2026-12-07 09:00").Now(), Is.EqualTo("cara"));
    }

    [Test]
    public void A_second_one_at_once_is_refused_until_the_time_of_the_first_has_come()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara").HandOffNow(Example.At("2026-11-26 16:00"))!.Rotation;
        Assert.That(rotation.HandOffNow(Example.At("2026-11-26 16:01")), Is.Null);
        Assert.That(rotation.HandOffNow(Example.At("2026-11-30 08:59")), Is.Null);
        Assert.That(rotation.HandOffNow(Example.At("2026-11-30 09:00"))!.Rotation.Now(), Is.EqualTo("cara"));
    }

    [Test]
    public void Before_the_first_handoff_one_at_once_begins_the_first_turn_and_keeps_the_handoff()
    {
        var handover = Example.Of("adam", "ben").HandOffNow(Example.At("2026-11-18 12:05"))!;
        Assert.That(handover.Past, Is.Empty);
        Assert.That(handover.Rotation.Now(), Is.EqualTo("adam"));
        Assert.That(handover.Rotation.NextHandoff, Is.EqualTo(Example.At("2026-11-23 09:00")));
        Assert.That(handover.Rotation.At("2026-11-23 09:00").Now(), Is.EqualTo("ben"));
    }

    [Test]
    public void One_at_once_passes_over_somebody_who_is_away_today()
    {
        var rotation = Away(Example.UnderWay("adam", "ben", "cara"), "ben", "2026-11-26", "2026-11-27");
        var after = rotation.HandOffNow(Example.At("2026-11-26 16:00"))!.Rotation;
        Assert.That(after.Now(), Is.EqualTo("cara:Absence"));
        Assert.That(after.At("2026-12-07 09:00").Now(), Is.EqualTo("cara"));
    }

    [Test]
    public void A_change_of_the_schedule_does_not_make_a_handoff_early()
    {
        var monday = Example.At("2026-11-30 10:00");
        var rotation = Example.UnderWay("adam", "ben", "cara").At("2026-11-30 09:00").Reschedule(HandoffSchedule.Default with { Time = new LocalTime(17, 0) }, monday);
        Assert.That(rotation.HandOffNow(monday), Is.Not.Null);
    }

    [Test]
    public void A_cover_is_for_that_shift_and_the_order_goes_on_as_before()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var after = rotation.Give(rotation.ShiftOf("2026-11-30"), "cara", ShiftReason.Cover, Example.At("2026-11-24 10:00"));
        Assert.That(after.Coming(4), Is.EqualTo("cara:Cover cara adam ben"));
        Assert.That(after.ShiftOf("2026-11-30").TurnOf, Is.EqualTo("ben"));
        Assert.That(after.At("2026-11-30 09:00").Now(), Is.EqualTo("cara:Cover"));
        Assert.That(after.At("2026-12-07 09:00").Assignments, Is.Empty);
    }

    [Test]
    public void Taken_back_nothing_is_left_of_a_cover()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var covered = rotation.Give(rotation.ShiftOf("2026-11-30"), "cara", ShiftReason.Cover, Example.At("2026-11-24 10:00"));
        var back = covered.Give(covered.ShiftOf("2026-11-30"), "ben", ShiftReason.Cover, Example.At("2026-11-24 11:00"));
        Assert.That(back.Assignments, Is.Empty);
        Assert.That(back.Shifts().Take(20), Is.EqualTo(rotation.Shifts().Take(20)));
    }

    [Test]
    public void A_later_cover_takes_the_place_of_an_earlier_one()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var once = rotation.Give(rotation.ShiftOf("2026-11-30"), "cara", ShiftReason.Cover, Example.Made);
        var twice = once.Give(once.ShiftOf("2026-11-30"), "adam", ShiftReason.Cover, Example.Made);
        Assert.That(twice.Coming(2), Is.EqualTo("adam:Cover cara"));
        Assert.That(twice.Assignments, Has.Count.EqualTo(1));
    }

    [Test]
    public void The_shift_under_way_can_be_taken_over_and_taken_back()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var tuesday = Example.At("2026-11-24 10:00");
        var wednesday = Example.At("2026-11-25 10:00");
        var covered = rotation.Acknowledge(Example.At("2026-11-23 10:00")).Give(rotation.ShiftOf("2026-11-23"), "cara", ShiftReason.Cover, tuesday);
        Assert.That(covered.Now(), Is.EqualTo("cara:Cover"));
        Assert.That(covered.Current, Has.Property("From").EqualTo("adam").And.Property("Since").EqualTo(tuesday).And.Property("AcknowledgedAt").Null);
        Assert.That(covered.Current, Has.Property("Start").EqualTo(rotation.Current.Start).And.Property("Number").EqualTo(1));
        Assert.That(covered.Coming(3), Is.EqualTo("ben cara adam"));

        var back = covered.Give(covered.ShiftOf("2026-11-23"), "adam", ShiftReason.Cover, wednesday);
        Assert.That(back.Now(), Is.EqualTo("adam"));
        var past = back.AdvanceTo(Example.At("2026-11-30 09:00"))!.Past.Single();
        Assert.That(past.Earlier, Is.EqualTo([new Stint("adam", Example.At("2026-11-23 09:00"), tuesday), new Stint("cara", tuesday, wednesday)]));
        Assert.That(past.Shift.OnDuty, Is.EqualTo("adam"));
    }

    [Test]
    public void A_swap_changes_two_shifts_and_no_other()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var after = rotation
            .Give(rotation.ShiftOf("2026-11-30"), "cara", ShiftReason.Swap, Example.Made)
            .Give(rotation.ShiftOf("2026-12-07"), "ben", ShiftReason.Swap, Example.Made);
        Assert.That(after.Coming(5), Is.EqualTo("cara:Swap ben:Swap adam ben cara"));
        Assert.That(after.At("2026-12-14 09:00").Coming(3), Is.EqualTo("ben cara adam"));
    }

    [Test]
    public void An_agreed_shift_stays_with_its_taker_when_the_roster_or_the_order_changes()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var agreed = rotation.Give(rotation.ShiftOf("2026-12-07"), "adam", ShiftReason.Cover, Example.Made);
        var date = Example.On("2026-11-24");
        Assert.That(agreed.Remove("cara", date).ShiftOf("2026-12-07").OnDuty, Is.EqualTo("adam"));
        Assert.That(agreed.Add(Example.Person("abel"), date).ShiftOf("2026-12-07").OnDuty, Is.EqualTo("adam"));
        Assert.That(agreed.Reorder(["cara", "ben", "adam"]).ShiftOf("2026-12-07").OnDuty, Is.EqualTo("adam"));
    }

    [Test]
    public void An_absence_passes_the_shift_to_the_next_one_present_and_the_order_goes_on()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara", "dora");
        var after = Away(rotation, "ben", "2026-12-02", "2026-12-03");
        Assert.That(after.Coming(5), Is.EqualTo("cara:Absence cara dora adam ben"));
        Assert.That(after.Current, Is.EqualTo(rotation.Current));
        var both = Away(after, "cara", "2026-12-06", "2026-12-06");
        Assert.That(both.Coming(5), Is.EqualTo("dora:Absence cara dora adam ben"));
    }

    [TestCase("2026-12-06", "2026-12-06", "cara:Absence cara adam")]
    [TestCase("2026-12-07", "2026-12-07", "ben adam:Absence adam", Description = "the day of the next handoff is no day of the shift before it")]
    [TestCase("2026-11-29", "2026-11-29", "ben cara adam")]
    [TestCase("2026-11-30", "2026-11-30", "cara:Absence cara adam")]
    public void One_day_away_is_enough(string from, string to, string coming)
    {
        var who = from == "2026-12-07" ? "cara" : "ben";
        Assert.That(Away(Example.UnderWay("adam", "ben", "cara"), who, from, to).Coming(3), Is.EqualTo(coming));
    }

    [Test]
    public void Where_everybody_is_away_nobody_is_on_duty_and_the_turn_is_over_all_the_same()
    {
        var rotation = Away(Away(Example.UnderWay("adam", "ben"), "adam", "2026-11-30", "2026-12-06"), "ben", "2026-11-30", "2026-12-06");
        Assert.That(rotation.Coming(3), Is.EqualTo("nobody:Uncovered adam ben"));
        var monday = rotation.At("2026-11-30 09:00");
        Assert.That(monday.Now(), Is.EqualTo("nobody:Uncovered"));
        Assert.That(monday.Current, Has.Property("RemindAt").Null.And.Property("TurnOf").EqualTo("ben"));
    }

    [Test]
    public void Back_ends_all_absences_of_that_member_only()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var away = Away(Away(Away(rotation, "ben", "2026-12-02", "2026-12-03"), "ben", "2026-12-22", "2026-12-23"), "cara", "2026-12-08", "2026-12-08");
        Assert.That(away.Coming(5), Is.EqualTo("cara:Absence adam:Absence adam cara:Absence cara"));
        Assert.That(away.Back("ben").Coming(5), Is.EqualTo("ben adam:Absence adam ben cara"));
    }

    [Test]
    public void Who_is_on_duty_and_away_from_today_passes_on_the_shift_under_way()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var tuesday = Example.At("2026-11-24 10:00");
        var after = rotation.Away(new Absence("adam", Example.On("2026-11-24"), Example.On("2026-11-25"), "ill"), tuesday);
        Assert.That(after.Now(), Is.EqualTo("ben:Absence"));
        Assert.That(after.Current, Has.Property("From").EqualTo("adam").And.Property("Since").EqualTo(tuesday).And.Property("TurnOf").EqualTo("adam"));
        Assert.That(after.Current.RemindAt, Is.EqualTo(tuesday + Duration.FromHours(4)));
        Assert.That(after.Coming(3), Is.EqualTo("ben cara adam"));
    }

    [Test]
    public void Who_takes_it_over_must_be_there_for_what_is_left_of_it()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var tuesday = Example.At("2026-11-24 10:00");
        var adam = new Absence("adam", Example.On("2026-11-24"), Example.On("2026-11-25"), null);
        var benIsBack = new Absence("ben", Example.On("2026-11-23"), Example.On("2026-11-23"), null);
        var benLeaves = new Absence("ben", Example.On("2026-11-28"), Example.On("2026-11-28"), null);
        Assert.That(rotation.Away(benIsBack, tuesday).Away(adam, tuesday).Now(), Is.EqualTo("ben:Absence"));
        Assert.That(rotation.Away(benLeaves, tuesday).Away(adam, tuesday).Now(), Is.EqualTo("cara:Absence"));
        Assert.That(Example.UnderWay("adam").Away(adam, tuesday).Now(), Is.EqualTo("nobody:Uncovered"));
    }

    [TestCase("2026-11-25", "2026-11-26", TestName = "An absence from tomorrow leaves the shift under way")]
    [TestCase("2026-11-20", "2026-11-23", TestName = "An absence that is over leaves the shift under way")]
    public void Away_later(string from, string to)
    {
        var rotation = Example.UnderWay("adam", "ben");
        Assert.That(
            rotation.Away(new Absence("adam", Example.On(from), Example.On(to), null), Example.At("2026-11-24 10:00")).Current,
            Is.EqualTo(rotation.Current));
    }

    [Test]
    public void Somebody_away_who_is_not_on_duty_leaves_the_shift_under_way()
    {
        var rotation = Example.UnderWay("adam", "ben");
        Assert.That(Away(rotation, "ben", "2026-11-24", "2026-11-24").Current, Is.EqualTo(rotation.Current));
    }

    [Test]
    public void Who_takes_a_shift_although_they_are_away_has_it()
    {
        var rotation = Away(Example.UnderWay("adam", "ben", "cara"), "ben", "2026-12-02", "2026-12-03");
        var taken = rotation.Give(rotation.ShiftOf("2026-11-30"), "ben", ShiftReason.Cover, Example.Made);
        Assert.That(taken.Coming(2), Is.EqualTo("ben cara"));
        Assert.That(taken.Assignments.Single().EvenIfAway, Is.True);
        Assert.That(taken.At("2026-11-30 09:00").Now(), Is.EqualTo("ben"));
    }

    [Test]
    public void Who_is_away_after_they_took_a_shift_passes_it_on_to_the_next_behind_them()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara", "dora");
        var taken = rotation.Give(rotation.ShiftOf("2026-11-30"), "cara", ShiftReason.Cover, Example.Made);
        Assert.That(Away(taken, "cara", "2026-12-01", "2026-12-01").Coming(2), Is.EqualTo("dora:Absence cara"));
        Assert.That(Away(taken, "cara", "2026-12-01", "2026-12-01").Back("cara").Coming(2), Is.EqualTo("cara:Cover cara"));
    }

    [Test]
    public void Absences_that_are_over_are_forgotten_with_a_handoff()
    {
        var rotation = Away(Away(Example.UnderWay("adam", "ben"), "ben", "2026-11-25", "2026-11-29"), "adam", "2026-11-29", "2026-11-30");
        Assert.That(rotation.At("2026-11-30 09:00").Absences.Select(a => a.UserId), Is.EqualTo(["adam"]));
    }

    [Test]
    public void The_reminder_is_due_four_hours_after_the_handoff_unless_it_is_acknowledged()
    {
        var rotation = Example.UnderWay("adam", "ben");
        Assert.That(rotation.Current.RemindAt, Is.EqualTo(Example.At("2026-11-23 13:00")));
        Assert.That(rotation.NextDue, Is.EqualTo(Example.At("2026-11-23 13:00")));
        var acknowledged = rotation.Acknowledge(Example.At("2026-11-23 09:30"));
        Assert.That(acknowledged.Current, Has.Property("RemindAt").Null.And.Property("AcknowledgedAt").EqualTo(Example.At("2026-11-23 09:30")));
        Assert.That(acknowledged.NextDue, Is.EqualTo(Example.At("2026-11-27 09:00")));
    }

    [Test]
    public void The_reminder_of_a_late_handoff_waits_from_when_it_was_done() =>
        Assert.That(Example.Of("adam").At("2026-11-24 08:00").Current.RemindAt, Is.EqualTo(Example.At("2026-11-24 12:00")));

    [Test]
    public void The_reminder_can_be_moved_and_switched_off()
    {
        var rotation = Example.UnderWay("adam", "ben");
        Assert.That(rotation.Remind(90).Current.RemindAt, Is.EqualTo(Example.At("2026-11-23 10:30")));
        Assert.That(rotation.Remind(null).Current.RemindAt, Is.Null);
        Assert.That(rotation.Remind(null).At("2026-11-30 09:00").Current.RemindAt, Is.Null);
        Assert.That(rotation.Remind(90).At("2026-11-30 09:00").Current.RemindAt, Is.EqualTo(Example.At("2026-11-30 10:30")));
        Assert.That(rotation.Acknowledge(Example.At("2026-11-23 09:30")).Remind(90).Current.RemindAt, Is.Null);
    }

    [Test]
    public void The_next_one_is_told_on_Friday_unless_they_have_been()
    {
        var rotation = Example.UnderWay("adam", "ben").Acknowledge(Example.At("2026-11-23 09:30"));
        Assert.That(rotation.NoticeDue, Is.EqualTo(Example.At("2026-11-27 09:00")));
        var told = rotation with { NoticedFor = rotation.NextOn };
        Assert.That(told.NoticeDue, Is.Null);
        Assert.That(told.NextDue, Is.EqualTo(Example.At("2026-11-30 09:00")));
        Assert.That(told.At("2026-11-30 09:00").NoticeDue, Is.EqualTo(Example.At("2026-12-04 09:00")));
        Assert.That((rotation with { Notice = null }).NoticeDue, Is.Null);
    }

    [TestCase("2026-11-20 08:59", false)]
    [TestCase("2026-11-20 09:00", true)]
    [TestCase("2026-11-22 23:00", true)]
    public void A_rotation_made_after_the_time_of_the_notice_gives_none_for_its_first_shift(string made, bool none)
    {
        var rotation = Rotation.Create("r", "w", "r", "adam", HandoffSchedule.Default, Example.At(made));
        Assert.That(rotation.NextOn, Is.EqualTo(Example.FirstHandoff));
        Assert.That(rotation.NoticeDue is null, Is.EqualTo(none));
    }

    [TestCase(IsoDayOfWeek.Wednesday, "2026-11-24 10:00", "2026-12-02", TestName = "To a later weekday of its week")]
    [TestCase(IsoDayOfWeek.Sunday, "2026-11-24 10:00", "2026-12-06", TestName = "To the last weekday of its week")]
    [TestCase(IsoDayOfWeek.Monday, "2026-11-24 10:00", "2026-11-30", TestName = "To the weekday it has")]
    public void Rescheduled(IsoDayOfWeek day, string now, string next)
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var after = rotation.Reschedule(rotation.Schedule with { Day = day, Time = new LocalTime(10, 0) }, Example.At(now));
        Assert.That(after.NextHandoff, Is.EqualTo(Example.At($"{next} 10:00")));
        Assert.That(after.Current, Is.EqualTo(rotation.Current));
        Assert.That(after.Coming(3), Is.EqualTo("ben cara adam"));
    }

    [TestCase("2026-12-01 08:59", "2026-12-01", TestName = "An earlier weekday that is still to come stays in its week")]
    [TestCase("2026-12-01 09:00", "2026-12-08", TestName = "An earlier weekday that has passed moves on by one shift")]
    [TestCase("2026-12-03 12:00", "2026-12-08", TestName = "An earlier weekday that has long passed moves on by one shift")]
    public void Rescheduled_to_an_earlier_weekday(string now, string next)
    {
        var friday = Example.UnderWay("adam", "ben").Reschedule(HandoffSchedule.Default with { Day = IsoDayOfWeek.Friday }, Example.At("2026-11-24 10:00"));
        Assert.That(friday.NextOn, Is.EqualTo(Example.On("2026-12-04")));
        var after = friday.Reschedule(HandoffSchedule.Default with { Day = IsoDayOfWeek.Tuesday }, Example.At(now));
        Assert.That(after.NextOn, Is.EqualTo(Example.On(next)));
    }

    [Test]
    public void Longer_shifts_begin_with_the_next_handoff()
    {
        var rotation = Example.UnderWay("adam", "ben");
        var after = rotation.Reschedule(rotation.Schedule with { Weeks = 2 }, Example.At("2026-11-24 10:00"));
        Assert.That(after.Shifts().Take(4).Select(s => s.ScheduledOn.ToString("uuuu-MM-dd", null)), Is.EqualTo(["2026-11-23", "2026-11-30", "2026-12-14", "2026-12-28"]));
    }

    [Test]
    public void Another_zone_moves_the_handoff_to_its_own_nine_o_clock()
    {
        var rotation = Example.UnderWay("adam", "ben");
        var after = rotation.Reschedule(rotation.Schedule with { Zone = "Europe/London" }, Example.At("2026-11-24 10:00"));
        Assert.That(after.NextHandoff, Is.EqualTo(Example.At("2026-11-30 09:00", "Europe/London")));

        // Monday 01:30 in Palo Alto: in London it is past nine, so the handoff of that day is the next one's.
        var late = rotation.Reschedule(rotation.Schedule with { Zone = "Europe/London" }, Example.At("2026-11-30 01:30"));
        Assert.That(late.NextHandoff, Is.EqualTo(Example.At("2026-12-07 09:00", "Europe/London")));
    }

    [Test]
    public void Who_was_told_of_the_next_handoff_is_not_told_again_when_it_moves()
    {
        var rotation = Example.UnderWay("adam", "ben");
        var told = rotation with { NoticedFor = rotation.NextOn };
        var after = told.Reschedule(rotation.Schedule with { Day = IsoDayOfWeek.Wednesday }, Example.At("2026-11-28 10:00"));
        Assert.That(after.NoticeDue, Is.Null);
        Assert.That(rotation.Reschedule(rotation.Schedule with { Day = IsoDayOfWeek.Wednesday }, Example.At("2026-11-24 10:00")).NoticeDue, Is.EqualTo(Example.At("2026-11-27 09:00")));
    }

    [TestCase("2026-11-22", null)]
    [TestCase("2026-11-23", "adam", Description = "the first day")]
    [TestCase("2026-11-29", "adam", Description = "the last day")]
    [TestCase("2026-11-30", "ben", Description = "on the day of a handoff it is the shift that begins")]
    [TestCase("2026-12-06", "ben")]
    [TestCase("2026-12-07", "cara")]
    [TestCase("2027-11-22", "ben", Description = "52 shifts later")]
    public void A_date_means_the_shift_it_falls_in(string date, string? onDuty) =>
        Assert.That(Example.UnderWay("adam", "ben", "cara").ShiftOn(Example.On(date))?.OnDuty, Is.EqualTo(onDuty));

    [TestCase("2026-11-25", null)]
    [TestCase("2026-11-26", "ben", Description = "the day it was taken over early")]
    [TestCase("2026-11-30", "ben", Description = "the day it was to begin")]
    [TestCase("2026-12-06", "ben")]
    [TestCase("2026-12-07", "cara")]
    public void A_date_in_a_shift_that_began_early_means_that_shift(string date, string? onDuty) =>
        Assert.That(
            Example.UnderWay("adam", "ben", "cara").HandOffNow(Example.At("2026-11-26 16:00"))!.Rotation.ShiftOn(Example.On(date))?.OnDuty,
            Is.EqualTo(onDuty));

    [Test]
    public void An_instant_means_the_shift_under_way_then()
    {
        var rotation = Example.UnderWay("adam", "ben");
        Assert.That(rotation.ShiftAt(Example.At("2026-11-30 08:59")).OnDuty, Is.EqualTo("adam"));
        Assert.That(rotation.ShiftAt(Example.At("2026-11-30 09:00")).OnDuty, Is.EqualTo("ben"));
    }

    private static Rotation Away(Rotation rotation, string userId, string from, string to) =>
        rotation.Away(new Absence(userId, Example.On(from), Example.On(to), null), Example.At("2026-11-24 10:00"));
}
