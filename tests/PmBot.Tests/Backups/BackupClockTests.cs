using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.Backups;

/// <summary>The daily backup of the running bot, in the time of its clock.</summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(120_000)]
internal sealed class BackupClockTests
{
    [Test]
    public async Task It_is_made_at_the_start_and_then_daily_and_old_ones_go(CancellationToken cancellationToken)
    {
        await using var edge = await StartAsync(("Storage:Backup:Keep", "2"));
        await edge.SettledAsync();
        Assert.That(Files(edge), Is.EqualTo(["pmbot-2026-11-25T1800Z.db"]), "there was none, so one is made at once");
        Assert.That(await ReadyAsync(edge), Does.Contain("\"The newest backup is from Wed, Nov 25, 18:00 UTC.\""));

        foreach (var (day, files) in new[]
        {
            (26, new[] { "pmbot-2026-11-25T1800Z.db", "pmbot-2026-11-26T0330Z.db" }), (27, ["pmbot-2026-11-26T0330Z.db", "pmbot-2026-11-27T0330Z.db"]),
        })
        {
            edge.Clock.MoveTo(new DateTimeOffset(2026, 11, day, 3, 29, 59, TimeSpan.Zero));
            await edge.SettledAsync();
            Assert.That(Files(edge), Does.Not.Contain(files[1]));
            edge.Clock.MoveTo(new DateTimeOffset(2026, 11, day, 3, 30, 0, TimeSpan.Zero));
            await edge.SettledAsync();
            Assert.That(Files(edge), Is.EqualTo(files));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(edge.Folder, "backups")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        }

        // It is one that can be restored.
        await edge.Team.StopBotAsync();
        await new SqliteBackup($"Data Source={Path.Combine(edge.Folder, "pmbot.db")}", edge.Clock).RestoreAsync(Path.Combine(edge.Folder, "backups", Files(edge)[^1]), cancellationToken);
        await edge.StartBotAsync();
        await edge.MustAsync("who", "PM rotation");
    }

    [Test]
    public async Task A_restart_makes_none_unless_the_newest_is_older_than_a_day()
    {
        await using var edge = await StartAsync();
        await edge.SettledAsync();
        edge.Clock.Advance(TimeSpan.FromHours(1));
        await edge.StartAgainAsync();
        await edge.SettledAsync();
        Assert.That(Files(edge), Has.Count.EqualTo(1));

        await edge.Team.StopBotAsync();
        edge.Clock.Advance(TimeSpan.FromDays(3));
        await edge.StartBotAsync();
        await edge.SettledAsync();
        Assert.That(Files(edge), Is.EqualTo(["pmbot-2026-11-25T1800Z.db", "pmbot-2026-11-28T1900Z.db"]));
    }

    [Test]
    public async Task A_failure_degrades_is_counted_and_told_once_until_it_works_again()
    {
        var blocked = Directory.CreateTempSubdirectory("pmbot-blocked-").FullName;
        var folder = Path.Combine(blocked, "backups");
        await File.WriteAllTextAsync(folder, "a file, where the folder should be");
        using var counted = new MeterListener();
        var outcomes = new List<string>();
        await using var edge = await StartAsync(("Storage:Backup:Folder", folder), ("PmBot:Admins:0", "katie.w"));
        var meters = edge.Team.Bot.GetRequiredService<IMeterFactory>();
        counted.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "pmbot.backups" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        counted.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (outcomes)
            {
                outcomes.Add((string)tags[0].Value!);
            }
        });
        counted.Start();
        await edge.SettledAsync();

        // Made when the bot had no team to tell of it; the next failure after a success is told.
        var start = await ReadyAsync(edge);
        Assert.That(start, Does.Contain("\"status\":\"Degraded\"").And.Contain("The backup of Wed, Nov 25, 18:00 UTC failed: "));
        File.Delete(folder);
        edge.Clock.Advance(TimeSpan.FromHours(1));
        await edge.SettledAsync();
        Assert.That(await ReadyAsync(edge), Does.StartWith("{\"status\":\"Healthy\""));
        Directory.Delete(folder, recursive: true);
        await File.WriteAllTextAsync(folder, "and again");

        for (var hour = 0; hour < 30; hour++)
        {
            edge.Clock.Advance(TimeSpan.FromHours(1));
            await edge.SettledAsync();
        }

        var told = edge.Team.Server.Posts().Where(p => p.Message.StartsWith("The daily backup failed: ", StringComparison.Ordinal)).ToList();
        Assert.That(told, Has.Count.EqualTo(1));
        Assert.That(told[0].Message, Does.Contain("There is none yet. I try again every hour"));
        await edge.StartAgainAsync();
        await edge.SettledAsync();
        Assert.That(await ReadyAsync(edge), Does.StartWith("{\"status\":\"Degraded\""));
        Assert.That(edge.Team.Server.Posts().Count(p => p.Message.StartsWith("The daily backup failed: ", StringComparison.Ordinal)), Is.EqualTo(1), "not after a restart either");

        lock (outcomes)
        {
            Assert.That(outcomes.Count(o => o == "done"), Is.EqualTo(1));
            Assert.That(outcomes.Count(o => o == "failed"), Is.GreaterThan(15), "every hour from 03:30 on");
        }

        File.Delete(folder);
        edge.Clock.Advance(TimeSpan.FromHours(1));
        await edge.SettledAsync();
        Assert.That(await ReadyAsync(edge), Does.StartWith("{\"status\":\"Healthy\""));
        Directory.Delete(blocked, recursive: true);
    }

    [Test]
    public async Task Switched_off_it_writes_nothing_and_says_so()
    {
        await using var edge = await Edge.StartAsync();
        edge.Clock.Advance(TimeSpan.FromDays(2));
        await edge.SettledAsync();
        Assert.That(Directory.EnumerateDirectories(edge.Folder), Is.Empty);
        Assert.That(await ReadyAsync(edge), Does.Contain("\"Daily backups are off.\""));
    }

    private static Task<Edge> StartAsync(params (string Name, string Value)[] settings) => Edge.StartAsync(
        settings.Prepend((Name: "Storage:Backup:Folder", Value: "backups")).GroupBy(s => s.Name, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => (string?)g.Last().Value, StringComparer.Ordinal));

    private static List<string> Files(Edge edge) =>
        [.. Directory.EnumerateFiles(Path.Combine(edge.Folder, "backups")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private static async Task<string> ReadyAsync(Edge edge) => (await edge.SendAsync(HttpMethod.Get, edge.Url("/health/ready"))).Body;
}
