using System.Globalization;
using System.Runtime;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using PmBot.Delivery;
#if LITEDB
using PmBot.LiteDb;
#endif
using PmBot.Rotations;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Benchmarks;

/// <summary>Does what a command writes: loads an aggregate, changes it, adds to the audit trail and to the outbox; complete when it is durable.</summary>
internal interface IWriter : IAsyncDisposable
{
    /// <summary>Does it to the rotation of that id.</summary>
    ValueTask WriteAsync(string id, int number);
}

/// <summary>
/// Durable writes of 32 callers at once, at the storage port, beside the engine alone that writes the same rows; and over HTTP. By turns; each round is compared
/// with its own.
/// </summary>
internal static class WriteBenchmark
{
    private const int Callers = 32;
    private const int Rotations = 320;
    private const int PostgresWriters = 12;

    /// <summary>Measures and adds the table.</summary>
    public static async Task RunAsync(SpeedOptions options, Report report)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Folder, "writes"));
        if (new DriveInfo(folder.FullName).DriveFormat is "tmpfs" or "ramfs")
        {
            throw new InvalidOperationException($"{folder} is in memory: a commit there is no durable one. Give --folder one on a disk.");
        }

        folder.Delete(recursive: true);
        folder.Create();

        await using var byHand = new SqliteByHand(await FilledAsync(folder, "by-hand"));
        await using var port = new PortWriter(Open(await FilledAsync(folder, "port")));
        await using var server = await PostgresFolder.StartAsync(Directory.CreateDirectory(Path.Combine(folder.FullName, "postgres")));
        await using var postgresByHand = server is null ? null : new PostgresByHand(await FilledAsync(server, "by_hand"), PostgresWriters);
        await using var postgres = server is null ? null : new PortWriter(Open(server, "port"));
        if (postgres is not null)
        {
            await FillAsync(postgres.Store);
        }

#if LITEDB
        await using var lite = new PortWriter(LiteStore.Open($"Filename={Path.Combine(folder.FullName, "lite.db")}", TimeProvider.System, NullLogger<LiteStore>.Instance));
        await FillAsync(lite.Store);
#endif

        await using var team = await GeneratedTeam.StartAsync(options.Folder, new StoreSize(1_000, 1));
        var number = 0;
        var notes = new Load(
            "over HTTP: /pm-rotation handoff NOTE", team.Bot.Url, n => team.Request("pm-rotation", $"handoff note number {n}"), "note number");
        List<(string Name, int Alone, Func<TimeSpan, Task<LoadResult>> Run)> cases =
        [
            ("SQLite by hand: aggregate, audit, delivery", 0, time => WriteAsync(byHand, time)),
            ("the storage port on SQLite: the same", 0, time => WriteAsync(port, time)),
            (notes.Name + ": aggregate, audit", 0, time => notes.RunAsync(time)),
        ];
#if LITEDB
        cases.Add(("the storage port on LiteDB: the same", 0, time => WriteAsync(lite, time)));
#endif
        if (postgresByHand is not null && postgres is not null)
        {
            var alone = cases.Count;
            cases.Add(($"PostgreSQL by hand, {PostgresWriters} connections: aggregate, audit, delivery", alone, time => WriteAsync(postgresByHand, time)));
            cases.Add(("the storage port on PostgreSQL: the same", alone, time => WriteAsync(postgres, time)));
        }

        await WarmUp.RunAsync(async () => JitInfo.GetCompiledMethodCount() + await team.Bot.CompiledAsync(), async () =>
        {
            foreach (var (_, _, run) in cases)
            {
                await run(TimeSpan.FromSeconds(1));
            }
        });
        var rounds = cases.Select(_ => new List<LoadResult>()).ToList();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (n, (_, _, run)) in cases.Index())
            {
                rounds[n].Add(await run(options.Time));
            }
        }

        report.Begin($"Durable writes, {Callers} callers", ["", "commands/s", "of the engine alone", "p50 ms", "p99 ms"], "Goal: 0.7 of the engine alone. Synced to disk before each answer.");
        foreach (var (n, (name, alone, _)) in cases.Index())
        {
            var median = LoadResult.Median(rounds[n]);
            var ratio = Medians.Of(rounds[n].Zip(rounds[alone], (own, engine) => own.PerSecond / engine.PerSecond));
            report.Row(name, $"{median.PerSecond:F0}", $"{ratio:F2}", $"{median.P50:F1}", $"{median.P99:F1}");
        }

        Task<LoadResult> WriteAsync(IWriter writer, TimeSpan time) => LoadResult.MeasureAsync(
            Callers, time, n => Interlocked.Increment(ref number) is var next ? writer.WriteAsync(WriteWork.Id((Callers * (next % (Rotations / Callers))) + n), next) : default);
    }

    /// <summary>A store with some rotations in it, closed again.</summary>
    private static async Task<string> FilledAsync(DirectoryInfo folder, string name)
    {
        var file = Path.Combine(folder.FullName, $"{name}.db");
        await using var store = Open(file);
        await FillAsync(store);
        return file;
    }

    private static async Task<string> FilledAsync(PostgresFolder server, string schema)
    {
        await using var store = Open(server, schema);
        await FillAsync(store);
        return server.Connection(schema, PostgresWriters) + ";Max Auto Prepare=20;Auto Prepare Min Usages=1";
    }

    private static async Task FillAsync(IStore store)
    {
        await RotationGenerator.WriteAsync(store, [RotatingTeam.Silent(1)], Rotations, _ => HandoffSchedule.Default, RequestGenerator.End);
        await store.ExecuteAsync(
            t =>
            {
                for (var n = 0; n < Rotations; n++)
                {
                    t.Save(RotationStore.Table, t.Find(RotationStore.Table, WriteWork.Id(n))! with { Note = WriteWork.Note(0) });
                }

                return true;
            },
            CancellationToken.None);
    }

    // A quarter of the connections are for reading.
    private static PostgresStore Open(PostgresFolder server, string schema) =>
        PostgresStore.Open(server.Connection(schema, PostgresWriters * 4 / 3), TimeProvider.System, NullLogger<PostgresStore>.Instance);

    private static SqliteStore Open(string file) => SqliteStore.Open($"Data Source={file}", TimeProvider.System, NullLogger<SqliteStore>.Instance);
}

/// <summary>Writes by the storage port, as a feature does.</summary>
internal sealed class PortWriter(IStore store) : IWriter
{
    private readonly Outbox _outbox = new(store, TimeProvider.System);

    /// <summary>The store.</summary>
    public IStore Store => store;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(string id, int number) => await store.ExecuteAsync(
        t =>
        {
            var rotation = t.Find(RotationStore.Table, id)! with { Note = WriteWork.Note(number) };
            t.Save(RotationStore.Table, rotation);
            t.Audit(rotation.WorkspaceId, RequestGenerator.End, rotation.CreatedBy, $"rotation:{id}", "note", null, WriteWork.Text(number));
            _outbox.Add(t, rotation.WorkspaceId, new Content.Post(WriteWork.Channel(id), WriteWork.Text(number), null));
            return true;
        },
        CancellationToken.None);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _outbox.Dispose();
        return store.DisposeAsync();
    }
}

/// <summary>What is written, and the statements of those who write it by hand.</summary>
internal static partial class WriteWork
{
    /// <summary>Adds to the audit trail.</summary>
    public const string Audit =
        "insert into audit (at, workspace_id, actor_id, subject, action, before, after) values (@at, @workspace, @actor, @subject, @action, @before, @after)";

    /// <summary>Adds to the outbox.</summary>
    public const string Delivery =
        """
        insert into deliveries (id, workspace_id, lane, body, state, created_at, due_at, expires_at, attempts, first_attempt_at, uncertain, lease, target, trace)
        values (@id, @workspace, @lane, @body, 0, @now, @now, null, 0, null, 0, 0, null, null)
        """;

    private static readonly RotatingTeam Team = RotatingTeam.Silent(1);

    /// <summary>The parameters of <see cref="Audit"/>.</summary>
    public static IReadOnlyList<string> AuditNames { get; } = ["@at", "@workspace", "@actor", "@subject", "@action", "@before", "@after"];

    /// <summary>The parameters of <see cref="Delivery"/>.</summary>
    public static IReadOnlyList<string> DeliveryNames { get; } = ["@id", "@workspace", "@lane", "@body", "@now"];

    /// <summary>The id of a rotation.</summary>
    public static string Id(int number) => $"{Team.TeamId[..13]}-{number.ToString("D6", CultureInfo.InvariantCulture)}";

    /// <summary>The channel of a rotation. Each has its own: those who write into one channel at once wait for each other, to keep its order.</summary>
    public static string Channel(string id) => $"of{id}".PadRight(26, 'x');

    /// <summary>What a write says.</summary>
    public static string Text(int number) => $"Two threads about SSO still wait for an answer, {number.ToString("D9", CultureInfo.InvariantCulture)}.";

    /// <summary>What a write leaves in the aggregate.</summary>
    public static HandoffNote Note(int number) => new(Text(number), Team.People[0].Name, RequestGenerator.End);

    /// <summary>The text of an aggregate with another note in it.</summary>
    public static string Changed(string body, int number) => NoteText().Replace(body, Text(number), 1);

    /// <summary>The values of <see cref="AuditNames"/>.</summary>
    public static object?[] AuditValues(string id, int number) =>
        [RequestGenerator.End.ToUnixTimeMilliseconds(), Team.TeamId, Team.People[0].Id, $"rotation:{id}", "note", null, Text(number)];

    /// <summary>The values of <see cref="DeliveryNames"/>.</summary>
    public static object?[] DeliveryValues(string id, int number)
    {
        var now = TimeProvider.System.GetUtcNow();
        return
        [
            Guid.CreateVersion7(now).ToString("n"), Team.TeamId, $"channel:{Channel(id)}", $$"""{"type":"post","channelId":"{{Channel(id)}}","message":"{{Text(number)}}"}""",
            now.ToUnixTimeMilliseconds(),
        ];
    }

    [GeneratedRegex(@"Two threads about SSO still wait for an answer, \d{9}\.")]
    private static partial Regex NoteText();
}
