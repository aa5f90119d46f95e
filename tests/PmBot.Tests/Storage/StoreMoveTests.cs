using Npgsql;
using NUnit.Framework;
using PmBot.Storage;
using PmBot.Tests.Hosting;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.Storage;

/// <summary><c>pmbot move-store</c>, as an operator types it: SQLite to PostgreSQL and back.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(180_000)]
internal sealed class StoreMoveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pmbot-move-").FullName;

    public StoreMoveTests() => PostgresServer.Require();

    private string Back => Path.Combine(_folder, "back.db");

    private string Postgres { get; } = PostgresServer.Shared.NewSchema();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task What_a_team_did_goes_there_and_back_and_its_bot_goes_on(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        await edge.MustAsync("cover @katie.w 2026-12-07", "Dec 7");
        var before = await edge.RowsAsync();
        var settings = await SettingsAsync("sqlite.json", "Sqlite", $"Data Source={Path.Combine(edge.Folder, "pmbot.db")}");
        var moved = await SettingsAsync("postgres.json", "Postgres", Postgres);

        var refused = await RunAsync(cancellationToken, "--settings", settings, "--to", moved);
        Assert.That((refused.Code, refused.Output), Is.EqualTo((1, "")));
        Assert.That(refused.Error, Does.StartWith("PmBot moved nothing:\n- Another PmBot is using ").And.Contain("Stop it"));

        await edge.Team.StopBotAsync();
        var there = await RunAsync(cancellationToken, "--settings", settings, "--to", moved);
        Assert.That((there.Code, there.Error), Is.EqualTo((0, "")));
        Assert.That(there.Output, Does.Match(@"^Moved [0-9,]+ rows from .*pmbot\.db \(Sqlite\) to postgres at 127\.0\.0\.1:\d+, schema t[0-9a-f]+ \(Postgres\); counts and checksums agree\.\n")
            .And.Match(@"\nrotations +1  [0-9a-f]{16}…\n").And.Contain("Next: set Storage:Provider to Postgres"));

        var again = await RunAsync(cancellationToken, "--settings", settings, "--to", moved);
        Assert.That(again.Error, Does.Contain(" has data already ("));

        // The bot goes on with it: what it adds comes after what was there.
        await edge.StartBotAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage:Provider"] = "Postgres", ["Storage:ConnectionString"] = Postgres });
        await edge.MustAsync("who", "aaron.r");
        await edge.MustAsync("cover @jason.b 2026-12-14", "Dec 14");
        var running = await RunAsync(cancellationToken, "--settings", moved, "--to", $"Sqlite:Data Source={Back}");
        Assert.That(running.Error, Does.StartWith("PmBot moved nothing:\n- A PmBot is using postgres at 127.0.0.1:").And.Contain("Stop all of them"));
        await edge.SettledAsync();
        await edge.Team.StopBotAsync();

        var back = await RunAsync(cancellationToken, "--settings", moved, "--to", $"Sqlite:Data Source={Back}");
        Assert.That((back.Code, back.Error), Is.EqualTo((0, "")));
        await edge.StartBotAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage:ConnectionString"] = $"Data Source={Back}" });
        var after = await edge.RowsAsync("audit");
        Assert.That(before.Where(r => r.StartsWith("[\"audit\"", StringComparison.Ordinal)), Is.SubsetOf(after));
        Assert.That(after, Has.Count.EqualTo(before.Count(r => r.StartsWith("[\"audit\"", StringComparison.Ordinal)) + 1));
    }

    [Test]
    public async Task Interrupted_at_any_moment_it_leaves_nothing_and_is_run_again(CancellationToken cancellationToken)
    {
        var database = Path.Combine(_folder, "pmbot.db");
        await using (var store = SqliteStore.Open($"Data Source={database}", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteStore>.Instance))
        {
            await SqliteBackupTests.FillAsync(store, 30_000);
        }

        var settings = await SettingsAsync("sqlite.json", "Sqlite", $"Data Source={database}");
        for (var copied = 1; copied <= 20_001; copied += 10_000)
        {
            using var process = PmBotProgram.Start(new Dictionary<string, string?>(StringComparer.Ordinal), _folder, "move-store", "--settings", settings, "--to", $"Postgres:{Postgres}");

            // The rows of an open transaction are in the table's file already, though nobody sees them.
            while (!process.HasExited && Bytes() < copied * 1000L)
            {
                await Task.Delay(2, cancellationToken);
            }

            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
            if (Count() > 0)
            {
                // It was done before it could be killed.
                Assert.That(Count(), Is.EqualTo(30_000));
                return;
            }
        }

        var moved = await RunAsync(cancellationToken, "--settings", settings, "--to", $"Postgres:{Postgres}");
        Assert.That((moved.Code, moved.Error), Is.EqualTo((0, "")));
        Assert.That(Count(), Is.EqualTo(30_000));

        long Count() => Ask("select count(*) from meta");

        long Bytes() => Ask("select coalesce(sum(pg_relation_size(c.oid)), 0) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and relname = 'meta'");

        long Ask(string sql)
        {
            using var connection = new NpgsqlConnection(Postgres + ";Pooling=false");
            connection.Open();
            try
            {
#pragma warning disable CA2100 // the test's own statements
                using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
                return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                return 0;
            }
        }
    }

    [Test]
    public async Task What_the_target_cannot_hold_is_told_and_nothing_is_moved(CancellationToken cancellationToken)
    {
        var database = Path.Combine(_folder, "pmbot.db");
        await using (var store = SqliteStore.Open($"Data Source={database}", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteStore>.Instance))
        {
            await store.ExecuteAsync(t => t.Run("insert into meta (key, value) values ('odd', @value)", ("value", "a\0b")), cancellationToken);
        }

        var settings = await SettingsAsync("sqlite.json", "Sqlite", $"Data Source={database}");
        var refused = await RunAsync(cancellationToken, "--settings", settings, "--to", $"Postgres:{Postgres}");
        Assert.That((refused.Code, refused.Output), Is.EqualTo((1, "")));
        Assert.That(refused.Error, Does.Contain("could not be moved").And.Contain("0x00").And.Contain("Nothing was changed"));
    }

    [TestCase("Oracle:x", "--to names neither a settings file nor a database. Write Sqlite:CONNECTION or Postgres:CONNECTION")]
    [TestCase("nowhere.json", "--to names neither")]
    [TestCase("Postgres:Host=127.0.0.1", "--to Postgres: PmBot needs a PostgreSQL database")]
    [TestCase("Sqlite:", "--to Sqlite: Set it to the database's file")]
    public async Task What_is_no_target_is_told(string to, string says)
    {
        var settings = await SettingsAsync("sqlite.json", "Sqlite", $"Data Source={Path.Combine(_folder, "pmbot.db")}");
        var refused = await RunAsync(CancellationToken.None, "--settings", settings, "--to", to);
        Assert.That((refused.Code, refused.Output), Is.EqualTo((1, "")));
        Assert.That(refused.Error, Does.StartWith("PmBot moved nothing:\n- " + says));
    }

    [Test]
    public async Task Without_a_database_there_is_nothing_to_move(CancellationToken cancellationToken)
    {
        var settings = await SettingsAsync("sqlite.json", "Sqlite", $"Data Source={Path.Combine(_folder, "none.db")}");
        Assert.That((await RunAsync(cancellationToken, "--settings", settings, "--to", $"Postgres:{Postgres}")).Error, Does.Contain("There is no database "));
        Assert.That((await RunAsync(cancellationToken, "--settings", settings, "--to", settings)).Error, Does.Contain("is where the data is already"));
        Assert.That(File.Exists(Path.Combine(_folder, "none.db")), Is.False);
    }

    [Test]
    public void Every_table_is_moved_in_the_order_of_its_key()
    {
        using var sqlite = SqliteStore.OpenToMove($"Data Source={Path.Combine(_folder, "all.db")}", create: true);
        var tables = new List<(string, int)>();
        using (var command = sqlite.Connection.CreateCommand())
        {
            command.CommandText = "select m.name, (select count(*) from pragma_table_info(m.name) where pk > 0), (select max(cid) + 1 from pragma_table_info(m.name) where pk > 0) from sqlite_master m where type = 'table' and name not like 'sqlite_%'";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                Assert.That(reader.GetInt32(1), Is.EqualTo(reader.GetInt32(2)), "a key is a table's first columns");
                tables.Add((reader.GetString(0), reader.GetInt32(1)));
            }
        }

        Assert.That(StoreMove.Tables, Is.EquivalentTo(tables));
        using var postgres = PostgresStore.OpenToMove(Postgres);
        using var names = postgres.Connection.CreateCommand();
        names.CommandText = "select string_agg(tablename, ',') from pg_tables where schemaname = current_schema() and tablename <> 'schema_version'";
        Assert.That(((string)names.ExecuteScalar()!).Split(','), Is.EquivalentTo(StoreMove.Tables.Select(t => t.Name)));
    }

    private async Task<string> SettingsAsync(string name, string provider, string connection)
    {
        var file = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(file, $$"""{ "Storage": { "Provider": "{{provider}}", "ConnectionString": "{{connection}}" } }""");
        return file;
    }

    private Task<(int Code, string Output, string Error)> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        PmBotProgram.RunAsync(new Dictionary<string, string?>(StringComparer.Ordinal), _folder, cancellationToken, ["move-store", .. arguments]);
}
