using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Sandbox;
using PmBot.Storage;

namespace PmBot.Tests.Storage;

/// <summary>Backups are whole or not there at all; a restore is the old or the new database at every moment.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(120_000)]
internal sealed class SqliteBackupTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 3, 30, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("pmbot-backup-").FullName;
    private readonly SandboxClock _time = SandboxClock.Pinned(Now);

    private string Database => Path.Combine(_folder, "data", "pmbot.db");

    private string Copy => Path.Combine(_folder, "copy.db");

    private SqliteBackup Backup => new(Connection(Database), _time);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task A_backup_under_load_holds_all_that_was_acknowledged_before_it_began(CancellationToken cancellationToken)
    {
        const int Writers = 8;
        await using var store = Open();
        var acknowledged = new long[Writers];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                while (!end.IsCancellationRequested)
                {
                    var number = acknowledged[writer] + 1;
                    await store.ExecuteAsync(t => Write(t, $"{writer}:{number}") + Write(t, $"{writer}:{number}:also"), CancellationToken.None);
                    Volatile.Write(ref acknowledged[writer], number);
                }
            },
            CancellationToken.None)).ToList();
        for (var round = 0; round < 5; round++)
        {
            while (acknowledged.Any(a => Volatile.Read(in a) < 50 * (round + 1)))
            {
                await Task.Delay(5, cancellationToken);
            }

            var before = acknowledged.ToArray();
            var made = await Backup.MakeAsync(Copy, overwrite: true, cancellationToken);
            var keys = Rows(Copy, "select key from meta where key like '%:%'").ToHashSet(StringComparer.Ordinal);
            Assert.Multiple(() =>
            {
                Assert.That(made.Schema, Is.EqualTo(SqliteMigrations.Latest));
                Assert.That(Rows(Copy, "pragma integrity_check"), Is.EqualTo(["ok"]));
                Assert.That(
                    before.SelectMany((last, writer) => Enumerable.Range(1, (int)last).Select(number => $"{writer}:{number}")).Where(key => !keys.Contains(key)),
                    Is.Empty, "acknowledged before it began, and not in it");
                Assert.That(keys.Count(k => k.EndsWith(":also", StringComparison.Ordinal)), Is.EqualTo(keys.Count / 2.0), "whole changes only");
            });
        }

        await end.CancelAsync();
        await Task.WhenAll(writing);
        Assert.That(Files(), Is.EqualTo(["copy.db"]));
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_its_owner_reads_it_and_it_starts_as_a_database()
    {
        await using (var store = Open())
        {
            await WriteAsync(store, "here");
            await Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None);
        }

        Assert.That(File.GetUnixFileMode(Copy), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await using var copy = Open(Copy);
        Assert.That(await copy.ReadAsync(t => t.Query<string>("select value from meta where key = 'here'"), CancellationToken.None), Is.EqualTo(["x"]));
    }

    [Test]
    public async Task A_file_that_is_there_is_replaced_only_when_asked()
    {
        await using var store = Open();
        await File.WriteAllTextAsync(Copy, "mine");
        var refused = Refused(() => Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None));
        Assert.That(refused, Does.StartWith($"{Copy} is there already").And.Contain("--force"));
        Assert.That(await File.ReadAllTextAsync(Copy), Is.EqualTo("mine"));
        await Backup.MakeAsync(Copy, overwrite: true, CancellationToken.None);
        Assert.That(Rows(Copy, "pragma integrity_check"), Is.EqualTo(["ok"]));
    }

    [TestCase("data/pmbot.db")]
    [TestCase("data/pmbot.db-wal")]
    [TestCase("data/pmbot.db-shm")]
    [TestCase("data/pmbot.db.lock")]
    [TestCase("data/../data/pmbot.db")]
    [TestCase("link/pmbot.db")]
    [TestCase("linked.db")]
    public async Task The_database_is_no_place_for_its_backup(string target)
    {
        await using var store = Open();
        await WriteAsync(store, "here");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "link"), Path.Combine(_folder, "data"));
        File.CreateSymbolicLink(Path.Combine(_folder, "linked.db"), Database);
        Assert.That(Refused(() => Backup.MakeAsync(Path.Combine(_folder, target), overwrite: true, CancellationToken.None)), Does.Contain("belongs to the database itself"));
        await WriteAsync(store, "still");
    }

    [Test]
    public async Task What_cannot_be_written_or_read_is_told()
    {
        Assert.That(Refused(() => Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None)), Does.StartWith($"There is no database {Database}"));
        await using (Open())
        {
            Assert.That(Refused(() => Backup.MakeAsync(_folder, overwrite: false, CancellationToken.None)), Does.StartWith($"{_folder} is a folder"));
            Assert.That(Refused(() => Backup.MakeAsync(Path.Combine(_folder, "no", "copy.db"), overwrite: false, CancellationToken.None)), Does.StartWith($"There is no folder {Path.Combine(_folder, "no")}"));
        }

        Edit(Database, "pragma application_id = 7");
        Assert.That(Refused(() => Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None)), Does.Contain("a database of another program"));
        await File.WriteAllTextAsync(Database, new string('x', 5000));
        Assert.That(Refused(() => Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None)), Does.Contain("is no SQLite database"));
        Assert.That(Files(), Is.Empty);
    }

    [Test]
    public async Task Given_up_it_leaves_nothing(CancellationToken cancellationToken)
    {
        await using var store = Open();
        var isGivenUp = false;
        for (int rows = 20_000, from = 0; !isGivenUp; from += rows, rows *= 2)
        {
            await FillAsync(store, rows, from);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var making = Backup.MakeAsync(Copy, overwrite: false, end.Token);
            while (!making.IsCompleted && !Files().Any(f => f.EndsWith(".part", StringComparison.Ordinal)))
            {
                await Task.Delay(1, cancellationToken);
            }

            await end.CancelAsync();
            try
            {
                // Done before anybody could give it up? A larger one takes longer.
                await making;
                File.Delete(Copy);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                isGivenUp = true;
            }
        }

        Assert.That(Files(), Is.Empty);
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    public async Task On_a_full_disk_it_says_so_and_leaves_nothing()
    {
        var small = Directory.CreateDirectory(Path.Combine(_folder, "small")).FullName;
        if (Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small) != 0)
        {
            Assert.Ignore("A small file system cannot be mounted here: that takes root and the right to mount.");
        }

        try
        {
            await using var store = Open();
            await FillAsync(store, 2_000);
            var refused = Refused(() => Backup.MakeAsync(Path.Combine(small, "copy.db"), overwrite: false, CancellationToken.None));
            Assert.That(refused, Does.StartWith($"There is no room in {small} for a backup of about ").And.EndsWith("Nothing was left there."));
            Assert.That(Directory.EnumerateFileSystemEntries(small), Is.Empty);
            await WriteAsync(store, "the database itself is well");
        }
        finally
        {
            Run("umount", small);
        }
    }

    [Test]
    public async Task A_restore_brings_the_state_of_the_backup_and_keeps_what_was_there()
    {
        await MakeCopyAsync("old");
        await using (var store = Open())
        {
            await WriteAsync(store, "new");
        }

        var restored = await Backup.RestoreAsync(Copy, CancellationToken.None);
        Assert.That(restored.KeptAs, Is.EqualTo($"{Database}.before-restore-20261130T033000Z"));
        Assert.That(Keys(Database), Does.Contain("old").And.Not.Contain("new"));
        Assert.That(Keys(restored.KeptAs!), Does.Contain("new"));
        Assert.That(Keys(Copy), Does.Contain("old"), "the backup stays");

        // And back; within the same second, too.
        var back = await Backup.RestoreAsync(restored.KeptAs!, CancellationToken.None);
        Assert.That(back.KeptAs, Is.EqualTo($"{Database}.before-restore-20261130T033001Z"));
        await using var again = Open();
        Assert.That(await again.ReadAsync(t => t.Query<string>("select key from meta"), CancellationToken.None), Does.Contain("new"));
    }

    [Test]
    public async Task What_a_crash_left_in_the_log_is_kept_and_can_be_restored()
    {
        await MakeCopyAsync("old");
        await using (var store = Open())
        {
            await WriteAsync(store, "in the log");
            foreach (var part in (string[])["", "-wal"])
            {
                File.Copy(Database + part, Path.Combine(_folder, "crashed.db" + part));
            }
        }

        foreach (var part in (string[])["", "-wal"])
        {
            File.Move(Path.Combine(_folder, "crashed.db" + part), Database + part, overwrite: true);
        }

        Assert.That(new FileInfo(Database + "-wal").Length, Is.Positive);
        var restored = await Backup.RestoreAsync(Copy, CancellationToken.None);
        Assert.That(File.Exists(Database + "-wal"), Is.False);
        Assert.That(File.Exists(restored.KeptAs + "-wal"));
        await Backup.RestoreAsync(restored.KeptAs!, CancellationToken.None);
        Assert.That(Keys(Database), Does.Contain("in the log"));
        Assert.That(Rows(Database, "pragma journal_mode"), Is.EqualTo(["delete"]), "one file, with nothing beside it that could be missed");
    }

    [TestCase(-60, -60, Description = "the backup is an hour old")]
    [TestCase(60, 0, Description = "the clock was ahead when it was made")]
    public async Task What_had_not_arrived_may_have_since_the_last_moment_that_the_backup_knows(int lastMinutes, int sinceMinutes)
    {
        var (last, since) = (Now.AddMinutes(lastMinutes).ToUnixTimeMilliseconds(), Now.AddMinutes(sinceMinutes).ToUnixTimeMilliseconds());
        await using (var store = Open())
        {
            await store.ExecuteAsync(
                transaction =>
                {
                    transaction.Run("insert into meta (key, value) values ('restored_since', '1'), ('restored_until', '2')");
                    foreach (var (id, state, first) in new (string, long, long?)[]
                    {
                        ("waits", 0, null), ("waits, tried", 0, 1000), ("waits, tried later", 0, since + 1), ("leased", 1, 1000), ("arrived", 2, 1000), ("parked", 3, null), ("dropped", 4, null),
                    })
                    {
                        transaction.Run(
                            """
                            insert into deliveries (id, workspace_id, lane, body, state, created_at, due_at, attempts, first_attempt_at, uncertain, lease)
                            values (@id, 'team', @id, '{}', @state, @last, @last, 0, @first, 0, 0)
                            """,
                            ("id", id), ("state", state), ("last", last), ("first", first));
                    }

                    return true;
                },
                CancellationToken.None);
            await Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None);
        }

        var restored = await Backup.RestoreAsync(Copy, CancellationToken.None);
        Assert.That(restored.Until?.ToUnixTimeMilliseconds(), Is.EqualTo(last));
        Assert.That(
            Rows(Database, "select concat_ws(':', id, uncertain, first_attempt_at) from deliveries order by seq"),
            Is.EqualTo([$"waits:1:{since}", "waits, tried:1:1000", $"waits, tried later:1:{since}", "leased:1:1000", "arrived:0:1000", $"parked:1:{since}", "dropped:0"]));
        Assert.That(Rows(Database, "select concat_ws(':', key, value) from meta where key like 'restored%'"), Is.EqualTo([$"restored_since:{since}"]));
    }

    [Test]
    public async Task A_journal_that_a_crash_left_is_kept_with_its_database_and_never_played_into_another()
    {
        await MakeCopyAsync("old");
        await using (var store = Open())
        {
            await FillAsync(store, 2_000);
        }

        // As a first start after a restore leaves it that was killed: half a change in the file, and the way back in the journal.
        using (var connection = new SqliteConnection($"{Connection(Database)};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma journal_mode = delete; pragma cache_size = 1; begin; update meta set value = 'torn' where key like 'fill %'";
            command.ExecuteNonQuery();
            foreach (var part in (string[])["", "-journal"])
            {
                File.Copy(Database + part, Path.Combine(_folder, "crashed.db" + part));
            }
        }

        foreach (var part in (string[])["", "-journal"])
        {
            File.Move(Path.Combine(_folder, "crashed.db" + part), Database + part, overwrite: true);
        }

        var restored = await Backup.RestoreAsync(Copy, CancellationToken.None);
        Assert.That(File.Exists(Database + "-journal"), Is.False);
        Assert.That(Rows(Database, "pragma integrity_check"), Is.EqualTo(["ok"]));
        Assert.That(Keys(Database), Does.Contain("old").And.Not.Contain("fill 0"));
        await Backup.RestoreAsync(restored.KeptAs!, CancellationToken.None);
        Assert.That(Rows(Database, "select distinct substr(value, 1, 4) from meta where key like 'fill %'"), Is.EqualTo(["xxxx"]));
    }

    [Test]
    public async Task A_damaged_database_is_no_obstacle_and_is_kept_as_it_is()
    {
        await MakeCopyAsync("old");
        await File.WriteAllTextAsync(Database, "ruins");
        await File.WriteAllTextAsync(Database + "-wal", "more ruins");
        var restored = await Backup.RestoreAsync(Copy, CancellationToken.None);
        Assert.That(Keys(Database), Does.Contain("old"));
        Assert.That(await File.ReadAllTextAsync(restored.KeptAs!), Is.EqualTo("ruins"));
        Assert.That(await File.ReadAllTextAsync(restored.KeptAs + "-wal"), Is.EqualTo("more ruins"));
    }

    [Test]
    public async Task Where_there_is_no_database_the_backup_becomes_one()
    {
        await MakeCopyAsync("old");
        Directory.Delete(Path.GetDirectoryName(Database)!, recursive: true);
        var restored = await Backup.RestoreAsync(Copy, CancellationToken.None);
        Assert.That(restored.KeptAs, Is.Null);
        Assert.That(Keys(Database), Does.Contain("old"));
    }

    [Test]
    public async Task It_refuses_what_it_cannot_restore_and_changes_nothing()
    {
        await MakeCopyAsync("old");
        await using (var running = Open())
        {
            await WriteAsync(running, "new");
            Assert.That(RestoreRefused(Copy), Does.StartWith($"Another PmBot is using {Database}. Stop it, then restore again."));
        }

        var before = await File.ReadAllBytesAsync(Database);
        Assert.That(RestoreRefused(Path.Combine(_folder, "none.db")), Does.StartWith("There is no file"));
        Assert.That(RestoreRefused(Database), Does.Contain("is the database itself"));

        var other = Path.Combine(_folder, "other.db");
        Edit(other, "create table theirs (x text)");
        Assert.That(RestoreRefused(other), Does.StartWith($"{other} is no database of PmBot."));
        await File.WriteAllTextAsync(other, "");
        Assert.That(RestoreRefused(other), Does.StartWith($"{other} is no database of PmBot."));
        await File.WriteAllTextAsync(other, new string('x', 5000));
        Assert.That(RestoreRefused(other), Does.StartWith($"{other} is no SQLite database, or a damaged one."));

        File.Copy(Copy, other, overwrite: true);
        Edit(other, $"pragma user_version = {SqliteMigrations.Latest + 1}");
        Assert.That(RestoreRefused(other), Does.Contain("was written by a newer PmBot"));

        File.Copy(Copy, other, overwrite: true);
        await using (var damaged = File.OpenWrite(other))
        {
            damaged.Seek(4096 * 3, SeekOrigin.Begin);
            await damaged.WriteAsync(new byte[4096 * 8]);
        }

        Assert.That(RestoreRefused(other), Does.StartWith($"{other} is damaged").Or.StartWith($"{other} is no SQLite database, or a damaged one."));

        File.Copy(Copy, other, overwrite: true);
        await using (Open(other))
        {
            Assert.That(RestoreRefused(other), Does.StartWith($"Another PmBot is using {other}. Make a backup of it"));
        }

        Assert.That(await File.ReadAllBytesAsync(Database), Is.EqualTo(before));
        Assert.That(Directory.EnumerateFiles(Path.GetDirectoryName(Database)!).Select(Path.GetFileName), Is.EquivalentTo(["pmbot.db", "pmbot.db.lock"]));
    }

    [TestCaseSource(nameof(OlderSchemas))]
    public async Task An_older_schema_is_restored_and_brought_up_to_date_by_the_next_start(int schema)
    {
        const string Steps = "PmBot.Storage.Migrations.Sqlite.";
        var assembly = typeof(SqliteMigrations).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Steps, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(schema))
        {
            using var step = new StreamReader(assembly.GetManifestResourceStream(name)!);
            Edit(Copy, await step.ReadToEndAsync());
        }

        Edit(Copy, $"insert into meta (key, value) values ('old', 'x'); pragma application_id = {0x506D426F}; pragma user_version = {schema}");
        Assert.That((await Backup.RestoreAsync(Copy, CancellationToken.None)).Schema, Is.EqualTo(schema));
        await using (Open())
        {
            Assert.That(Rows(Database, "pragma user_version"), Is.EqualTo([SqliteMigrations.Latest.ToString(CultureInfo.InvariantCulture)]));
            Assert.That(Keys(Database), Does.Contain("old"));
        }
    }

    /// <summary>The files as a kill after each of its steps leaves them.</summary>
    [TestCase(0, ExpectedResult = "new", TestName = "Killed while copying, the old database is there")]
    [TestCase(1, ExpectedResult = "old", TestName = "Killed once it is decided, the backup is there")]
    [TestCase(2, ExpectedResult = "old", TestName = "Killed after the log was put aside, the backup is there")]
    [TestCase(3, ExpectedResult = "old", TestName = "Killed after the database was put aside, the backup is there")]
    public async Task<string> Killed_at_each_step(int steps)
    {
        await MakeCopyAsync("old");
        await using (var store = Open())
        {
            await WriteAsync(store, "new");
        }

        await File.WriteAllBytesAsync(Database + "-wal", []);
        await File.WriteAllBytesAsync(Database + "-shm", []);
        var kept = Database + ".before-restore-20261130T033000Z";
        File.Copy(Copy, steps == 0 ? Database + ".0a1b2c3d.part" : Database + ".restoring-20261130T033000Z");
        foreach (var part in ((string[])["-wal", "-shm", ""]).Take(steps switch { 2 => 1, 3 => 3, _ => 0 }))
        {
            File.Move(Database + part, kept + part);
        }

        await using (var store = Open())
        {
            var keys = await store.ReadAsync(t => t.Query<string>("select key from meta"), CancellationToken.None);
            if (steps > 0)
            {
                Assert.That(Keys(kept), Does.Contain("new"), "the one before is kept");
                Assert.That(Directory.EnumerateFiles(Path.GetDirectoryName(Database)!, "*.restoring-*"), Is.Empty);
            }

            return keys.Contains("new") ? "new" : keys.Contains("old") ? "old" : "neither";
        }
    }

    [Test]
    public async Task A_restore_ends_one_that_was_killed_and_keeps_what_that_one_brought()
    {
        await MakeCopyAsync("old");
        await using (var store = Open())
        {
            await WriteAsync(store, "new");
        }

        File.Copy(Copy, Database + ".restoring-20261130T032900Z");
        File.Move(Database, Database + ".before-restore-20261130T032900Z");
        var restored = await Backup.RestoreAsync(Database + ".before-restore-20261130T032900Z", CancellationToken.None);
        Assert.That(restored.KeptAs, Is.EqualTo($"{Database}.before-restore-20261130T033000Z"));
        Assert.That(Keys(restored.KeptAs!), Does.Contain("old"));
        Assert.That(Keys(Database), Does.Contain("new"));
    }

    [Test]
    public void An_engine_with_tools_of_its_own_names_them()
    {
        var engine = new NoStoreBackup("PostgreSQL", "pg_dump …", "pg_restore …");
        Assert.That(Refused(() => engine.MakeAsync("x", false, CancellationToken.None)), Does.Contain("PostgreSQL").And.Contain("pg_dump"));
        Assert.That(Refused(() => engine.RestoreAsync("x", CancellationToken.None)), Does.Contain("Stop the bot").And.Contain("pg_restore"));
    }

    private static IEnumerable<int> OlderSchemas() => Enumerable.Range(1, SqliteMigrations.Latest - 1);

    internal static async Task FillAsync(IStore store, int rows, int from = 0) => await store.ExecuteAsync(
        transaction => Enumerable.Range(from, rows).Sum(n => transaction.Run(
            "insert into meta (key, value) values (@key, @value)", ("key", $"fill {n}"), ("value", new string('x', 1000)))),
        CancellationToken.None);

    private static string Connection(string file) => $"Data Source={file}";

    private static int Write(IWriteTransaction transaction, string key) =>
        transaction.Run("insert into meta (key, value) values (@key, 'x')", ("key", key));

    private static Task<int> WriteAsync(SqliteStore store, string key) => store.ExecuteAsync(t => Write(t, key), CancellationToken.None);

    private static string Refused(Func<Task> work) => Assert.Throws<StoreRefusedException>(() => work().GetAwaiter().GetResult())!.Message;

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static List<string> Rows(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own statements
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        }

        return rows;
    }

    private static void Edit(string file, string sql) => Rows(file, sql);

    private static List<string> Keys(string file) => Rows(file, "select key from meta");

    private string RestoreRefused(string file)
    {
        var message = Refused(() => Backup.RestoreAsync(file, CancellationToken.None));
        Assert.That(message, Does.EndWith("Nothing was changed."));
        return message;
    }

    private SqliteStore Open(string? file = null) => SqliteStore.Open(Connection(file ?? Database), _time, NullLogger<SqliteStore>.Instance);

    private async Task MakeCopyAsync(string key)
    {
        await using var store = Open();
        await WriteAsync(store, key);
        await Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None);
        await store.ExecuteAsync(t => t.Run("delete from meta where key = @key", ("key", key)), CancellationToken.None);
    }

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_folder).Select(f => Path.GetFileName(f)!);
}
