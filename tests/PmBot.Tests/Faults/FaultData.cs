using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Faults;

/// <summary>The database of a run with faults, of one engine: the bot is given the settings, the test reads what the bot left in it.</summary>
internal abstract class FaultData(string engine, string connectionString)
{
    /// <summary>The engines that the faults are tried with; <c>PMBOT_TEST_ENGINE</c> names the only one that is wanted.</summary>
    public static IReadOnlyList<string> Engines { get; } = Environment.GetEnvironmentVariable("PMBOT_TEST_ENGINE") is { Length: > 0 } wanted ? [wanted] : [.. TestEngine.All.Select(e => e.Name)];

    /// <summary>The bot's settings for it.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Storage:Provider"] = engine,
        ["Storage:ConnectionString"] = connectionString,
    };

    /// <summary>A new, empty database; skips the test where the engine is not to be had.</summary>
    /// <param name="engine">One of <see cref="Engines"/>.</param>
    /// <param name="folder">Where its files go, if it has any.</param>
    public static FaultData New(string engine, string folder)
    {
        switch (engine)
        {
            case "Sqlite":
                return new OfFile(TestEngine.Of(engine), folder, "pmbot.db", "pmbot.db-wal", SqliteKillTests.Check);
#if LITEDB
            case "LiteDb":
                return new OfFile(TestEngine.Of(engine), folder, "pmbot.litedb", "pmbot-log.litedb", LiteDb.LiteKillTests.ReadAll);
#endif
            case "Postgres":
                PostgresServer.Require();
                return On(PostgresServer.Shared);
            default:
                throw new ArgumentOutOfRangeException(nameof(engine), engine, "No engine that the faults are tried with.");
        }
    }

    /// <summary>A new, empty database on a server of one's own.</summary>
    public static FaultData On(PostgresServer server) => new OfPostgres(server.NewSchema());

    /// <summary>Opens it; of an engine with a file no bot may have it then.</summary>
    public IStore Open(TimeProvider time) => TestEngine.Engines.Of(engine).Open(connectionString, time, NullLoggerFactory.Instance);

    /// <summary>Opens it as a kill left it, without changing what the next bot finds, and looks for damage.</summary>
    public abstract Task<Reopened> ReopenAsync(TimeProvider time);

    /// <summary>How large it is now.</summary>
    public abstract Task<DataSize> SizeAsync();

    /// <summary>An engine that keeps a file and its log.</summary>
    private sealed class OfFile(TestEngine engine, string folder, string file, string log, Func<IReadTransaction, IReadOnlyList<string>> damage)
        : FaultData(engine.Name, engine.ConnectionString(folder))
    {
        private int _copies;

        // A copy: closing the database would tidy it up, and the next bot is to find what the last one left.
        public override async Task<Reopened> ReopenAsync(TimeProvider time)
        {
            var copy = Directory.CreateDirectory(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"copy-{++_copies}")));
            foreach (var part in (string[])[file, log])
            {
                if (File.Exists(Path.Combine(folder, part)))
                {
                    File.Copy(Path.Combine(folder, part), Path.Combine(copy.FullName, part));
                }
            }

            var started = Stopwatch.GetTimestamp();
            await using (var store = engine.Open(copy.FullName, time))
            {
                var took = Stopwatch.GetElapsedTime(started);
                var found = await store.ReadAsync(damage, CancellationToken.None);
                copy.Delete(recursive: true);
                return new Reopened(took, found);
            }
        }

        public override Task<DataSize> SizeAsync() => Task.FromResult(new DataSize(Length(file), Length(log)));

        private long Length(string part) => new FileInfo(Path.Combine(folder, part)) is { Exists: true, Length: var length } ? length : 0;
    }

    private sealed class OfPostgres(string connectionString) : FaultData("Postgres", connectionString)
    {
        private readonly string _connection = connectionString;

        public override async Task<Reopened> ReopenAsync(TimeProvider time)
        {
            var started = Stopwatch.GetTimestamp();
            await using var store = Open(time);
            var took = Stopwatch.GetElapsedTime(started);
            return new Reopened(took, await DamageAsync());
        }

        public override async Task<DataSize> SizeAsync()
        {
            await using var connection = await ConnectAsync();
            await using var command = new NpgsqlCommand(
                "select sum(pg_total_relation_size(oid))::bigint from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'", connection);

            // The log is that of the whole server.
            return new DataSize((long)(await command.ExecuteScalarAsync())!, 0);
        }

        /// <summary>What PostgreSQL's own checker says of each table and each index.</summary>
        private async Task<IReadOnlyList<string>> DamageAsync()
        {
            await using var connection = await ConnectAsync();
            await using var command = new NpgsqlCommand(
                """
                create extension if not exists amcheck with schema public;
                select public.bt_index_check(i.indexrelid, true) from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = current_schema()::regnamespace;
                select c.relname || ': ' || v.msg from pg_class c cross join lateral public.verify_heapam(c.oid) v where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r';
                """,
                connection);
            var found = new List<string>();
            try
            {
                await using var rows = await command.ExecuteReaderAsync();
                await rows.NextResultAsync();
                while (await rows.ReadAsync())
                {
                    found.Add(rows.GetString(0));
                }
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.IndexCorrupted)
            {
                found.Add(e.MessageText);
            }

            return found;
        }

        private async Task<NpgsqlConnection> ConnectAsync()
        {
            var connection = new NpgsqlConnection($"{_connection};Pooling=false");
            await connection.OpenAsync();
            return connection;
        }
    }
}

/// <summary>What a database came to after a kill.</summary>
/// <param name="Time">How long it took to open.</param>
/// <param name="Damage">What is damaged; empty if nothing is.</param>
internal sealed record Reopened(TimeSpan Time, IReadOnlyList<string> Damage);

/// <summary>How large a database is.</summary>
/// <param name="Data">What is stored, in bytes.</param>
/// <param name="Log">The file of the log of what is not yet in its place, in bytes; 0 for an engine that keeps none for itself.</param>
internal sealed record DataSize(long Data, long Log);
