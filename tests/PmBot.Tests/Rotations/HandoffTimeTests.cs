using NodaTime;
using NUnit.Framework;
using PmBot.Rotations;

namespace PmBot.Tests.Rotations;

/// <summary>
/// Twenty years of handoffs, walked one by one and in irregular strides. What time a handoff is at is worked out here from each
/// zone's law, without the time zone database.
/// </summary>
[TestFixture]
public sealed class HandoffTimeTests
{
    private static readonly LocalDate From = new(2010, 1, 4);
    private static readonly LocalDate To = new(2030, 1, 7);

    [Test]
    public void Every_handoff_of_twenty_years_is_at_its_wall_clock_time(
        [Values("America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia")] string zone,
        [Values(1, 2, 3)] int weeks,
        [Values(IsoDayOfWeek.Monday, IsoDayOfWeek.Friday, IsoDayOfWeek.Sunday)] IsoDayOfWeek day)
    {
        var schedule = new HandoffSchedule(day, new LocalTime(9, 0), zone, weeks);
        var shifts = WalkByHandoffs(schedule);
        var first = From.DayOfWeek == day ? From : From.Next(day);
        Assert.That(shifts[0].ScheduledOn, Is.EqualTo(first));
        for (var i = 0; i < shifts.Count; i++)
        {
            var date = first.PlusDays(7 * weeks * i);
            Assert.That(shifts[i].Number, Is.EqualTo(i + 1));
            Assert.That(shifts[i].ScheduledOn, Is.EqualTo(date));
            Assert.That(shifts[i].ScheduledOn.DayOfWeek, Is.EqualTo(day));
            Assert.That(shifts[i].Start, Is.EqualTo(Nine(date, zone)), $"{date}");
            Assert.That(i + 1 == shifts.Count ? shifts[i].Start : shifts[i].End, Is.EqualTo(i + 1 == shifts.Count ? shifts[i].Start : shifts[i + 1].Start));
        }

        Assert.That(shifts, Has.Count.EqualTo((Period.DaysBetween(first, To) / (7 * weeks)) + 1));
    }

    [Test]
    public void In_whatever_strides_time_goes_on_no_handoff_is_missed_or_done_twice(
        [Values("America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia")] string zone,
        [Values(1, 2, 3)] int weeks)
    {
        var schedule = new HandoffSchedule(IsoDayOfWeek.Friday, new LocalTime(9, 0), zone, weeks);
        var oneByOne = WalkByHandoffs(schedule);
        int[] strides = [1, 3, 17, 24, 60, 24 * 8, 24 * 33, 5, 24 * 190, 24 * 7, 24 * 6, 24 * 21, 2];
        var past = new List<Shift>();
        var rotation = Start(schedule);
        var now = Nine(From, zone);
        var end = Nine(To, zone);
        for (var i = 0; now < end; i++)
        {
            now = Instant.Min(end, now + Duration.FromHours(strides[i % strides.Length]));
            var handover = rotation.AdvanceTo(now);
            past.AddRange(handover?.Past.Select(p => p.Shift) ?? []);
            rotation = handover?.Rotation ?? rotation;
            Assert.That(rotation.AdvanceTo(now), Is.Null);
        }

        // The first is what was before the first handoff; the last is still under way.
        Assert.That(past.Skip(1).Append(rotation.Shifts().First()), Is.EqualTo(oneByOne));
    }

    [Test]
    public void The_day_that_Samoa_left_out_moves_its_handoff_on_by_a_day_and_no_other()
    {
        var schedule = new HandoffSchedule(IsoDayOfWeek.Friday, new LocalTime(9, 0), "Pacific/Apia", 1);
        Assert.That(schedule.At(new LocalDate(2011, 12, 23)), Is.EqualTo(Instant.FromUtc(2011, 12, 23, 19, 0)));
        Assert.That(schedule.At(new LocalDate(2011, 12, 30)), Is.EqualTo(Instant.FromUtc(2011, 12, 30, 19, 0)));
        Assert.That(schedule.DateOf(schedule.At(new LocalDate(2011, 12, 30))), Is.EqualTo(new LocalDate(2011, 12, 31)));
        Assert.That(schedule.At(new LocalDate(2012, 1, 6)), Is.EqualTo(Instant.FromUtc(2012, 1, 5, 19, 0)));
    }

    // The zone skips the time: it is moved on by the length of the gap.
    [TestCase("America/Los_Angeles", "2026-03-08", 2, 30, "2026-03-08T10:30:00Z", "03:30")]
    [TestCase("America/Los_Angeles", "2027-03-14", 2, 0, "2027-03-14T10:00:00Z", "03:00")]
    [TestCase("Europe/London", "2026-03-29", 1, 30, "2026-03-29T01:30:00Z", "02:30")]
    [TestCase("Europe/London", "2027-03-28", 1, 0, "2027-03-28T01:00:00Z", "02:00")]
    [TestCase("Australia/Lord_Howe", "2026-10-04", 2, 15, "2026-10-03T15:45:00Z", "02:45")]
    [TestCase("Australia/Lord_Howe", "2026-10-04", 2, 0, "2026-10-03T15:30:00Z", "02:30")]
    // The time happens twice: it is the first.
    [TestCase("America/Los_Angeles", "2026-11-01", 1, 30, "2026-11-01T08:30:00Z", "01:30")]
    [TestCase("Europe/London", "2026-10-25", 1, 30, "2026-10-25T00:30:00Z", "01:30")]
    [TestCase("Australia/Lord_Howe", "2026-04-05", 1, 45, "2026-04-04T14:45:00Z", "01:45")]
    // Just beside the change it is what the clock shows.
    [TestCase("America/Los_Angeles", "2026-11-01", 2, 30, "2026-11-01T10:30:00Z", "02:30")]
    [TestCase("America/Los_Angeles", "2026-03-08", 1, 59, "2026-03-08T09:59:00Z", "01:59")]
    [TestCase("Europe/London", "2026-10-25", 2, 0, "2026-10-25T02:00:00Z", "02:00")]
    [TestCase("Australia/Lord_Howe", "2026-10-04", 2, 30, "2026-10-03T15:30:00Z", "02:30")]
    [TestCase("Australia/Lord_Howe", "2026-04-05", 2, 0, "2026-04-04T15:30:00Z", "02:00")]
    public void A_time_that_the_zone_skips_or_repeats(string zone, string date, int hour, int minute, string utc, string shown)
    {
        var schedule = new HandoffSchedule(IsoDayOfWeek.Sunday, new LocalTime(hour, minute), zone, 1);
        var at = schedule.At(Example.On(date));
        Assert.That(at.ToString(), Is.EqualTo(utc));
        Assert.That(at.InZone(schedule.DateTimeZone()).TimeOfDay.ToString("HH:mm", null), Is.EqualTo(shown));
    }

    // 02:30 on Sundays; on the Sundays of March when it does not exist it is 03:30.
    [TestCase("America/Los_Angeles", 2, 30, 3, 30, 20)]
    [TestCase("Europe/London", 1, 30, 2, 30, 20)]
    [TestCase("Australia/Lord_Howe", 2, 15, 2, 45, 20)]
    [TestCase("Asia/Kolkata", 2, 30, 3, 30, 0)]
    public void A_handoff_in_the_night_of_the_change_happens_once_a_week(string zone, int hour, int minute, int lateHour, int lateMinute, int late)
    {
        var schedule = new HandoffSchedule(IsoDayOfWeek.Sunday, new LocalTime(hour, minute), zone, 1);
        var shifts = WalkByHandoffs(schedule);
        var times = shifts.Select(s => s.Start.InZone(schedule.DateTimeZone()).TimeOfDay).ToList();
        Assert.That(shifts.Select(s => s.Number), Is.EqualTo(Enumerable.Range(1, shifts.Count)));
        Assert.That(shifts.Select(s => s.Start.InZone(schedule.DateTimeZone()).Date), Is.EqualTo(shifts.Select(s => s.ScheduledOn)));
        Assert.That(times, Has.Exactly(late).EqualTo(new LocalTime(lateHour, lateMinute)));
        Assert.That(times, Has.Exactly(times.Count - late).EqualTo(new LocalTime(hour, minute)));
    }

    [TestCase("2026-11-23 08:59", "2026-11-23")]
    [TestCase("2026-11-23 09:00", "2026-11-30")]
    [TestCase("2026-11-22 23:59", "2026-11-23")]
    [TestCase("2026-11-24 00:00", "2026-11-30")]
    public void The_first_handoff_is_the_next_one_to_come(string now, string first) =>
        Assert.That(HandoffSchedule.Default.FirstAfter(Example.At(now)), Is.EqualTo(Example.On(first)));

    [Test]
    public void The_first_handoff_is_reckoned_in_the_zone_of_the_schedule()
    {
        var kolkata = HandoffSchedule.Default with { Zone = "Asia/Kolkata" };

        // Sunday evening in Palo Alto, Monday 09:30 in Kolkata.
        Assert.That(kolkata.FirstAfter(Example.At("2026-11-22 20:00")), Is.EqualTo(new LocalDate(2026, 11, 30)));
        Assert.That(HandoffSchedule.Default.FirstAfter(Example.At("2026-11-22 20:00")), Is.EqualTo(new LocalDate(2026, 11, 23)));
    }

    // The last Friday 09:00 before the handoff.
    [TestCase(IsoDayOfWeek.Monday, "09:00", "2026-11-30", "2026-11-27T17:00:00Z")]
    [TestCase(IsoDayOfWeek.Friday, "09:00", "2026-12-04", "2026-11-27T17:00:00Z")]
    [TestCase(IsoDayOfWeek.Friday, "09:01", "2026-12-04", "2026-12-04T17:00:00Z")]
    [TestCase(IsoDayOfWeek.Friday, "08:59", "2026-12-04", "2026-11-27T17:00:00Z")]
    [TestCase(IsoDayOfWeek.Saturday, "00:00", "2026-12-05", "2026-12-04T17:00:00Z")]
    // Over the change of the clocks, in the night before the handoff.
    [TestCase(IsoDayOfWeek.Monday, "09:00", "2026-11-02", "2026-10-30T16:00:00Z")]
    [TestCase(IsoDayOfWeek.Monday, "09:00", "2026-03-09", "2026-03-06T17:00:00Z")]
    public void The_notice_comes_at_its_time_before_the_handoff(IsoDayOfWeek day, string time, string handoff, string notice)
    {
        var schedule = HandoffSchedule.Default with { Day = day, Time = NodaTime.Text.LocalTimePattern.HourMinuteIso.Parse(time).Value };
        Assert.That(NoticeTime.Default.Before(Example.On(handoff), schedule).ToString(), Is.EqualTo(notice));
    }

    [Test]
    public void Of_longer_shifts_the_notice_still_comes_in_the_week_of_the_handoff()
    {
        var rotation = Example.Empty(HandoffSchedule.Default with { Weeks = 3 }).At("2026-11-23 09:00");
        Assert.That(rotation.NextOn, Is.EqualTo(Example.On("2026-12-14")));
        Assert.That(rotation.NoticeDue, Is.EqualTo(Example.At("2026-12-11 09:00")));
    }

    [Test]
    public void The_wall_clock_stays_over_a_change_of_the_clocks_and_the_shift_is_longer_or_shorter()
    {
        var rotation = Example.UnderWay("adam");
        var spring = rotation.ShiftOf("2027-03-08");
        var autumn = rotation.ShiftOf("2027-11-01");
        Assert.That(spring.End - spring.Start, Is.EqualTo(Duration.FromHours((7 * 24) - 1)));
        Assert.That(autumn.End - autumn.Start, Is.EqualTo(Duration.FromHours((7 * 24) + 1)));
    }

    private static Rotation Start(HandoffSchedule schedule)
    {
        var made = Nine(From, schedule.Zone) - Duration.FromHours(1);
        return Rotation.Create("r", "w", "r", "adam", schedule, made)
            .Add(Example.Person("adam"), new LocalDate(2000, 1, 1)).Add(Example.Person("ben"), new LocalDate(2000, 1, 1)).Add(Example.Person("cara"), new LocalDate(2000, 1, 1));
    }

    /// <summary>The shifts that begin in the twenty years; a clock that goes off at each handoff.</summary>
    private static List<Shift> WalkByHandoffs(HandoffSchedule schedule)
    {
        var rotation = Start(schedule);
        var shifts = new List<Shift>();
        var end = Nine(To, schedule.Zone);
        while (rotation.NextHandoff <= end)
        {
            Assert.That(rotation.AdvanceTo(rotation.NextHandoff - Duration.Epsilon), Is.Null);
            var handover = rotation.AdvanceTo(rotation.NextHandoff)!;
            Assert.That(handover.Past, Has.Count.EqualTo(1));
            rotation = handover.Rotation;
            shifts.Add(rotation.Shifts().First());
        }

        return shifts;
    }

    /// <summary>The instant of 09:00 on a date, by the law of the zone.</summary>
    internal static Instant Nine(LocalDate date, string zone)
    {
        // December 30, 2011 was no day in Samoa; its 09:00 counts as that of the 31st.
        var day = zone == "Pacific/Apia" && date == new LocalDate(2011, 12, 30) ? date.PlusDays(1) : date;
        var minutes = zone switch
        {
            "America/Los_Angeles" => Between(day, Sunday(day.Year, 3, 2), Sunday(day.Year, 11, 1)) ? -7 * 60 : -8 * 60,
            "Europe/London" => Between(day, LastSunday(day.Year, 3), LastSunday(day.Year, 10)) ? 60 : 0,
            "Australia/Lord_Howe" => Between(day, Sunday(day.Year, 4, 1), Sunday(day.Year, 10, 1)) ? 10 * 60 + 30 : 11 * 60,
            "Asia/Kolkata" => 5 * 60 + 30,
            "Pacific/Apia" => ((day < new LocalDate(2011, 12, 30) ? -11 : 13) + (SamoanSummer(day) ? 1 : 0)) * 60,
            _ => throw new ArgumentOutOfRangeException(nameof(zone)),
        };
        return day.At(new LocalTime(9, 0)).WithOffset(Offset.FromHoursAndMinutes(minutes / 60, minutes % 60)).ToInstant();
    }

    private static bool SamoanSummer(LocalDate day) =>
        Between(day, new LocalDate(2010, 9, 26), new LocalDate(2011, 4, 2))
        || Between(day, new LocalDate(2011, 9, 24), new LocalDate(2012, 4, 1))
        || Enumerable.Range(2012, 9).Any(y => Between(day, LastSunday(y, 9), Sunday(y + 1, 4, 1)));

    private static bool Between(LocalDate day, LocalDate first, LocalDate end) => day >= first && day < end;

    private static LocalDate Sunday(int year, int month, int nth) =>
        new LocalDate(year, month, 1).PlusDays(-1).Next(IsoDayOfWeek.Sunday).PlusWeeks(nth - 1);

    private static LocalDate LastSunday(int year, int month) =>
        new LocalDate(year, month, 1).PlusMonths(1).Previous(IsoDayOfWeek.Sunday);
}
