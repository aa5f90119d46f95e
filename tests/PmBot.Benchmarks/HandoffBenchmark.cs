using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;

namespace PmBot.Benchmarks;

/// <summary>
/// Thousands of rotations whose duty changes hands within one minute, with a server that takes its time for each call: whether all is told, as fast as the server
/// takes it, the oldest first, and what it costs in memory.
/// </summary>
internal static class HandoffBenchmark
{
    private const int RotationsPerTeam = 10;
    private const int Senders = 4;

    private static readonly TimeSpan ServerDelay = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BeforeDue = TimeSpan.FromSeconds(20);

    // Ten groups, six seconds apart, so that there are older and newer ones.
    private static readonly IReadOnlyList<HandoffSchedule> Schedules =
        [.. Enumerable.Range(0, 10).Select(n => HandoffSchedule.Default with { Day = IsoDayOfWeek.Wednesday, Time = new LocalTime(12, 0, 6 * n), Zone = "UTC" })];

    /// <summary>Measures and adds the table.</summary>
    public static async Task RunAsync(SpeedOptions options, Report report)
    {
        var teams = options.IsQuick ? 50 : 1_000;
        var due = Instant.FromUtc(2026, 12, 2, 12, 0);
        var start = due.ToDateTimeOffset() - BeforeDue;
        var folder = Directory.CreateTempSubdirectory("pmbot-benchmark-");
        using var clock = SandboxClock.Running(start);
        await using var team = await SandboxTeam.StartAsync(clock, folder.FullName);
        var file = Path.Combine(folder.FullName, "pmbot.db");
        await GenerateAsync(team, file, teams, due - Duration.FromDays(1));
        team.Server.Faults.Add(new Fault(_ => true, new FaultKind.Delay(ServerDelay), int.MaxValue));
        report.Begin(
            $"{teams * RotationsPerTeam:N0} handoffs due in one minute",
            ["s after the first was due", "waiting deliveries", "posts so far", "posts/s", "resident MB", "heap MB"],
            $"The server takes {ServerDelay.TotalMilliseconds:F0} ms for each call; {Senders} are made at once.");

        var posts = 0;
        team.Server.Noted += () => Interlocked.Increment(ref posts);
        clock.MoveTo(start);
        var bot = await BotProcess.StartAsync(team.Settings, clock);
        await using (bot)
        {
            var last = 0;
            var sampled = Stopwatch.GetTimestamp();
            var every = TimeSpan.FromSeconds(options.IsQuick ? 2 : 10);
            long waiting;
            do
            {
                await Task.Delay(every);
                var now = (clock.GetUtcNow() - due.ToDateTimeOffset()).TotalSeconds;
                var (so, took) = (posts, Stopwatch.GetElapsedTime(sampled));
                sampled = Stopwatch.GetTimestamp();
                waiting = await bot.WaitingAsync();
                report.Row($"{now:F0}", $"{waiting:N0}", $"{so:N0}", $"{(so - last) / took.TotalSeconds:F0}", $"{bot.ResidentMegabytes:F0}", $"{await bot.HeapMegabytesAsync():F0}");
                last = so;
            }
            while (waiting > 0 || posts == 0 || clock.GetUtcNow() < due.ToDateTimeOffset() + TimeSpan.FromMinutes(1));
        }

        Summarize(report, team, file, teams * RotationsPerTeam, due);
        folder.Delete(recursive: true);
    }

    /// <summary>Teams with a channel and five people each, known to the server and to the store.</summary>
    private static async Task GenerateAsync(SandboxTeam sandbox, string file, int teams, Instant now)
    {
        var rotating = new List<RotatingTeam>();
        foreach (var silent in Enumerable.Range(1, teams).Select(RotatingTeam.Silent))
        {
            var team = sandbox.Server.AddTeam(silent.TeamId, silent.TeamId, silent.TeamId);
            var channel = sandbox.Server.AddChannel(team, "product-management");
            sandbox.Server.Join(channel, sandbox.BotUser);
            foreach (var person in silent.People)
            {
                sandbox.Server.Join(channel, sandbox.Server.AddUser(person.Name, person.Name, "", id: person.Id));
            }

            rotating.Add(silent with { ChannelId = channel.Id });
        }

        await using var store = SqliteStore.Open($"Data Source={file}", TimeProvider.System, NullLogger<SqliteStore>.Instance);
        await RotationGenerator.WriteAsync(store, rotating, RotationsPerTeam, n => Schedules[n % Schedules.Count], now);
    }

    /// <summary>What the store says of it afterwards.</summary>
    private static void Summarize(Report report, SandboxTeam team, string file, int handoffs, Instant due)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        var told = Dapper.SqlMapper.QuerySingle<(long Count, long Slowest)>(connection, "select count(*), max(recorded_at - due_at) from occurrences where kind = 'handoff'");
        var sent = Dapper.SqlMapper.Query<(long Seq, long State, long CreatedAt, long FinishedAt)>(
            connection, "select seq, state, created_at, finished_at from deliveries order by finished_at, seq").ToList();
        if (told.Count < handoffs / 2 || sent.Any(d => d.State != 2))
        {
            throw new InvalidOperationException($"{told.Count} of {handoffs} handoffs were told, {sent.Count(d => d.State != 2)} of {sent.Count} deliveries were not made.");
        }

        // A delivery may overtake those that are sent at the same moment, and those that wait for an earlier one of their channel.
        var behind = 0L;
        var latest = 0L;
        foreach (var delivery in sent)
        {
            behind = Math.Max(behind, latest - delivery.CreatedAt);
            latest = Math.Max(latest, delivery.CreatedAt);
        }

        var seconds = (sent.Max(d => d.FinishedAt) - due.ToUnixTimeMilliseconds()) / 1000.0;
        var calls = team.Server.Calls.Count;
        foreach (var g in team.Server.Calls.GroupBy(c => c.Method + " " + System.Text.RegularExpressions.Regex.Replace(c.Path, "/[a-z0-9]{26}", "/ID")).OrderByDescending(g => g.Count()).Take(12)) { Console.Error.WriteLine($"{g.Count()} {g.Key}"); }
        report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {told.Count:N0} handoffs and {sent.Count:N0} deliveries, each once, within {seconds:F0} s: {sent.Count / seconds:F0} deliveries and {calls / seconds:F0} calls a second, of {Senders / ServerDelay.TotalSeconds:F0} that the server takes from {Senders} at once.
            The slowest handoff was done {told.Slowest / 1000.0:F1} s after its time. No delivery came more than {behind / 1000.0:F1} s behind one that was written later.
            """));
    }
}
