using System.Text.Json;
using NodaTime;
using NUnit.Framework;
using PmBot.Storage;

namespace PmBot.Tests.Storage;

[TestFixture]
public sealed class StoreJsonTests
{
    [Test]
    public void It_is_written_in_a_form_that_lasts()
    {
        var page = new Page(IsoDayOfWeek.Friday, Instant.FromUtc(2026, 3, 29, 1, 30), new(2026, 3, 29), new(9, 30)) { Note = null };
        Assert.That(
            JsonSerializer.Serialize(page, StoreJson.Options),
            Is.EqualTo("""{"day":"Friday","at":"2026-03-29T01:30:00Z","on":"2026-03-29","from":"09:30","turns":{}}"""));
    }

    [Test]
    public void Everything_comes_back_exactly()
    {
        var page = new Page(
            IsoDayOfWeek.Monday,
            Instant.FromUnixTimeTicks(17_743_000_000_000_001).PlusNanoseconds(7),
            new(1999, 12, 31),
            LocalTime.FromHourMinuteSecondNanosecond(23, 59, 59, 1))
        {
            Note = null,
            Turns = { [new(2026, 1, 5)] = "anna" },
        };
        var back = JsonSerializer.Deserialize<Page>(JsonSerializer.Serialize(page, StoreJson.Options), StoreJson.Options)!;

        Assert.That(back with { Turns = page.Turns }, Is.EqualTo(page));
        Assert.That(back.Turns, Is.EqualTo(page.Turns));
    }

    [TestCase("09:30", 34_200)]
    [TestCase("09:30:15", 34_215)]
    public void A_time_may_have_seconds(string text, int seconds) =>
        Assert.That(
            JsonSerializer.Deserialize<LocalTime>($"\"{text}\"", StoreJson.Options),
            Is.EqualTo(LocalTime.FromSecondsSinceMidnight(seconds)));

    [TestCase("""{"day":"Someday"}""")]
    [TestCase("""{"day":5}""")]
    [TestCase("""{"on":"29.03.2026"}""")]
    [TestCase("""{"at":"2026-03-29T01:30:00+02:00"}""")]
    [TestCase("""{"from":930}""")]
    public void What_it_would_not_write_it_does_not_read(string text) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Page>(text, StoreJson.Options));

    private sealed record Page(IsoDayOfWeek Day, Instant At, LocalDate On, LocalTime From)
    {
        public required string? Note { get; init; }

        public Dictionary<LocalDate, string> Turns { get; init; } = [];
    }
}
