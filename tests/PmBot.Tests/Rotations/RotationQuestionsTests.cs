using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using NUnit.Framework;
using PmBot.Rotations;
using PmBot.Sandbox;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Rotations;

/// <summary>What other features learn of the rotations, from the real store.</summary>
[Engines]
public sealed class RotationQuestionsTests
{
    private static readonly string[] Both = ["adam", "ben"];

    private DirectoryInfo _folder = null!;
    private SandboxClock _clock = null!;
    private IStore _store = null!;

    [SetUp]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("pmbot-questions-");
        _clock = SandboxClock.Pinned(Example.Made.ToDateTimeOffset());
        _store = TestEngine.Current.Open(_folder.FullName, _clock);
    }

    [TearDown]
    public async Task Close()
    {
        await _store.DisposeAsync();
        _clock.Dispose();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Without_a_rotation_nobody_is_on_duty_away_or_a_member()
    {
        await SaveAsync(Example.UnderWay("adam") with { WorkspaceId = "another" });
        Assert.That(await AskAsync(t => t.OnDuty("w", Example.Made)), Is.Null);
        Assert.That(await AskAsync(t => t.Away("w", Example.Made)), Is.Empty);
        Assert.That(await AskAsync(t => t.Members("w", Example.Made)), Is.Empty);
    }

    [Test]
    public async Task Nobody_is_on_duty_before_the_first_turn()
    {
        await SaveAsync(Example.Of("adam", "ben"));
        Assert.That(await AskAsync(t => t.OnDuty("w", Example.Made)), Is.Null);
    }

    [TestCase("2026-11-23 09:00", "adam")]
    [TestCase("2026-11-30 08:59", "adam")]
    [TestCase("2026-11-30 09:00", "ben")]
    [TestCase("2026-12-07 09:00", "adam")]
    public async Task A_handoff_that_is_due_counts_as_done(string now, string onDuty)
    {
        await SaveAsync(Example.UnderWay("adam", "ben"));
        Assert.That(await AskAsync(t => t.OnDuty("w", Example.At(now))), Is.EqualTo(onDuty));
    }

    [Test]
    public async Task The_first_rotation_says_who_is_on_duty()
    {
        await SaveAsync(
            Example.UnderWay("zoe") with { Id = "a", Name = "Support", CreatedAt = Example.Made + Duration.FromMinutes(1), IsFirst = false },
            Example.UnderWay("adam"));
        Assert.That(await AskAsync(t => t.OnDuty("w", Example.At("2026-11-24 12:00"))), Is.EqualTo("adam"));
    }

    [TestCase("2026-11-24 23:59", null)]
    [TestCase("2026-11-25 00:00", "2026-11-27")]
    [TestCase("2026-11-27 23:59", "2026-11-27")]
    [TestCase("2026-11-28 00:00", null)]
    public async Task Somebody_is_away_from_the_first_day_to_the_last(string now, string? until)
    {
        await SaveAsync(Example.Of("adam", "ben") with { Absences = [new Absence("adam", Example.On("2026-11-25"), Example.On("2026-11-27"), null)] });
        var away = await AskAsync(t => t.Away("w", Example.At(now)));
        Assert.That(away.Select(a => $"{a.Key} {RotationTexts.Iso(a.Value)}"), Is.EqualTo(until is null ? Array.Empty<string>() : [$"adam {until}"]));
    }

    [Test]
    public async Task Absences_of_all_rotations_count_each_in_its_zone_and_the_last_to_end()
    {
        var until = Example.On("2026-11-24");
        await SaveAsync(
            Example.Of("adam") with { Absences = [new Absence("adam", Example.On("2026-11-23"), until, null), new Absence("adam", Example.On("2026-11-24"), until.PlusDays(4), null)] },
            Example.Empty(HandoffSchedule.Default with { Zone = "Asia/Tokyo" }) with
            {
                Id = "tokyo",
                Name = "Tokyo",
                Absences = [new Absence("ben", until, until, null), new Absence("carl", until.PlusDays(1), until.PlusDays(1), null)],
            });

        // In Tokyo it is the 25th by then.
        var away = await AskAsync(t => t.Away("w", Example.At("2026-11-24 12:00")));
        Assert.That(away, Is.EquivalentTo(new Dictionary<string, LocalDate>(StringComparer.Ordinal) { ["adam"] = until.PlusDays(4), ["carl"] = until.PlusDays(1) }));
    }

    [Test]
    public async Task Members_are_those_of_today_of_all_rotations()
    {
        var today = Example.On("2026-11-24");
        await SaveAsync(
            Example.Of("adam", "gone").Remove("gone", today).Add(Example.Person("later"), today.PlusDays(1)),
            Example.Of("ben", "adam") with { Id = "second", Name = "Support" });
        Assert.That(await AskAsync(t => t.Members("w", Example.At("2026-11-24 12:00"))), Is.EquivalentTo(Both));
    }

    private Task<bool> SaveAsync(params Rotation[] rotations) => _store.ExecuteAsync(
        transaction =>
        {
            foreach (var rotation in rotations)
            {
                transaction.Save(RotationStore.Table, rotation);
            }

            return true;
        },
        CancellationToken.None);

    private Task<T> AskAsync<T>(Func<IReadTransaction, T> question) => _store.ReadAsync(question, CancellationToken.None);
}
