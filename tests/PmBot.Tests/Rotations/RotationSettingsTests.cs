using NodaTime;
using NUnit.Framework;
using PmBot.Rotations;

namespace PmBot.Tests.Rotations;

[TestFixture]
public sealed class RotationSettingsTests
{
    [TestCase("monday 09:00", IsoDayOfWeek.Monday, 9, 0)]
    [TestCase("Monday 9:00", IsoDayOfWeek.Monday, 9, 0)]
    [TestCase("  fri   16:30 ", IsoDayOfWeek.Friday, 16, 30)]
    [TestCase("tue 9am", IsoDayOfWeek.Tuesday, 9, 0)]
    [TestCase("tue 9 AM", IsoDayOfWeek.Tuesday, 9, 0)]
    [TestCase("sunday 9:30 pm", IsoDayOfWeek.Sunday, 21, 30)]
    [TestCase("sunday 12am", IsoDayOfWeek.Sunday, 0, 0)]
    [TestCase("sunday 12pm", IsoDayOfWeek.Sunday, 12, 0)]
    [TestCase("wednesdays 0:00", IsoDayOfWeek.Wednesday, 0, 0)]
    [TestCase("thu 23:59", IsoDayOfWeek.Thursday, 23, 59)]
    public void A_weekday_and_a_time(string text, IsoDayOfWeek day, int hour, int minute) =>
        Assert.That(RotationSettings.DayAndTime(text), Is.EqualTo((day, new LocalTime(hour, minute))));

    [TestCase("")]
    [TestCase("monday")]
    [TestCase("09:00")]
    [TestCase("09:00 monday")]
    [TestCase("someday 09:00")]
    [TestCase("monday 24:00")]
    [TestCase("monday 9:60")]
    [TestCase("monday 9")]
    [TestCase("monday 13pm")]
    [TestCase("monday 0am")]
    [TestCase("monday 09:00 sharp")]
    [TestCase("monday 09:00:30")]
    [TestCase("monday -9:00")]
    public void No_weekday_and_time(string text) => Assert.That(RotationSettings.DayAndTime(text), Is.Null);

    [TestCase("Europe/London", "Europe/London")]
    [TestCase(" europe/london ", "Europe/London")]
    [TestCase("AMERICA/LOS_ANGELES", "America/Los_Angeles")]
    [TestCase("utc", "UTC")]
    [TestCase("PST", null)]
    [TestCase("London", null)]
    [TestCase("", null)]
    [TestCase("Europe/Atlantis", null)]
    public void A_zone(string text, string? zone) => Assert.That(RotationSettings.Zone(text), Is.EqualTo(zone));

    [TestCase("1w", 1)]
    [TestCase("12W", 12)]
    [TestCase(" 2 weeks ", 2)]
    [TestCase("1 week", 1)]
    [TestCase("3 w", 3)]
    [TestCase("0w", null)]
    [TestCase("13w", null)]
    [TestCase("2", null)]
    [TestCase("w", null)]
    [TestCase("-1w", null)]
    [TestCase("1.5w", null)]
    [TestCase("1m", null)]
    [TestCase("", null)]
    [TestCase("99999999999w", null)]
    public void A_length_in_weeks(string text, int? weeks) => Assert.That(RotationSettings.Weeks(text), Is.EqualTo(weeks));

    [TestCase("4h", 240)]
    [TestCase("90m", 90)]
    [TestCase(" 1 H ", 60)]
    [TestCase("72h", 4_320)]
    [TestCase("4320m", 4_320)]
    [TestCase("73h", null)]
    [TestCase("4321m", null)]
    [TestCase("0h", null)]
    [TestCase("0m", null)]
    [TestCase("-4h", null)]
    [TestCase("4", null)]
    [TestCase("h", null)]
    [TestCase("", null)]
    [TestCase("4d", null)]
    [TestCase("1h30m", null)]
    [TestCase("99999999999m", null)]
    public void A_time_to_wait(string text, int? minutes) => Assert.That(RotationSettings.Minutes(text), Is.EqualTo(minutes));

    [TestCase("off", true)]
    [TestCase(" NONE ", true)]
    [TestCase("never", true)]
    [TestCase("on", false)]
    [TestCase("", false)]
    [TestCase("offline", false)]
    public void Off(string text, bool off) => Assert.That(RotationSettings.IsOff(text), Is.EqualTo(off));

    [TestCase(1, "every Monday at 09:00")]
    [TestCase(3, "every 3 weeks on Monday at 09:00")]
    public void A_schedule_in_words(int weeks, string text) =>
        Assert.That(RotationSettings.Describe(HandoffSchedule.Default with { Weeks = weeks }), Is.EqualTo(text));
}
