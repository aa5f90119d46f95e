using System.Runtime.Versioning;
using LiteDB;
using LiteDB.Engine;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.LiteDb;
using PmBot.LiteDb.Files;
using PmBot.LiteDb.Sql;
using PmBot.LiteDb.Tables;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.LiteDb;

[TestFixture]
public sealed class LiteStoreTests : StoreContract
{
    private string _folder = "";

    private string File => Path.Combine(_folder, "data", "pmbot.litedb");

    [TearDown]
    public async Task Clean()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        _folder = "";
    }

    [Test]
    public void A_second_one_is_kept_out_until_the_first_is_closed()
    {
        var refused = Assert.Throws<StoreRefusedException>(() => Open());
        Assert.That(refused!.Message, Does.Contain("Another PmBot is using").And.Contain(File));
    }

    [Test]
    public async Task A_newer_database_is_refused_and_not_touched()
    {
        await Store.DisposeAsync();
        Edit(engine => engine.Update("pmbot", [Own(engine, version: LiteSchema.Latest + 4)]));
        var before = await System.IO.File.ReadAllBytesAsync(File);

        var refused = Assert.Throws<StoreRefusedException>(() => Open());
        Assert.That(refused!.Message, Does.Contain($"schema is {LiteSchema.Latest + 4}").And.Contain($"up to {LiteSchema.Latest}"));
        Assert.That(await System.IO.File.ReadAllBytesAsync(File), Is.EqualTo(before));

        // Nor is it kept held.
        Edit(engine => engine.Update("pmbot", [Own(engine, version: LiteSchema.Latest)]));
        Reopen();
        Assert.That(await Count("samples"), Is.Zero);
    }

    [TestCase(20)]
    [TestCase(10_000)]
    [TestCase(16_384)]
    public async Task A_file_that_is_no_database_is_refused_and_not_touched(int length)
    {
        await Store.DisposeAsync();
        var minutes = new string('m', length);
        await System.IO.File.WriteAllTextAsync(File, minutes);

        Assert.That(Assert.Throws<StoreRefusedException>(() => Open())!.Message, Does.Contain("no LiteDB database"));
        Assert.That(await System.IO.File.ReadAllTextAsync(File), Is.EqualTo(minutes));
    }

    [Test]
    public async Task A_database_of_another_program_is_refused()
    {
        await Store.DisposeAsync();
        Edit(engine => engine.DropCollection("pmbot"));
        Assert.That(Assert.Throws<StoreRefusedException>(() => Open())!.Message, Does.Contain("another program"));
    }

    [Test]
    public async Task A_database_that_compares_texts_by_a_language_is_refused()
    {
        await Store.DisposeAsync();
        System.IO.File.Delete(File);
        using (var data = new DiskFile(File, FileMode.CreateNew))
        using (var stream = new PageStream(data))
        using (new LiteEngine(new EngineSettings { DataStream = stream, LogStream = new MemoryStream(), Collation = new Collation("en-US/IgnoreCase") }))
        {
            // It is made.
        }

        Assert.That(Assert.Throws<StoreRefusedException>(() => Open())!.Message, Does.Contain("collation"));
    }

    [Test]
    public async Task A_log_whose_database_is_gone_is_not_taken_for_another()
    {
        await Store.DisposeAsync();
        System.IO.File.Delete(File);
        await System.IO.File.WriteAllBytesAsync(LiteFiles.LogOf(File), new byte[LogStream.PageLength]);
        Assert.That(Assert.Throws<StoreRefusedException>(() => Open())!.Message, Does.Contain("Put both back"));
    }

    [Test]
    public async Task A_file_of_an_older_version_gets_the_indexes_of_this_one()
    {
        await Store.DisposeAsync();
        System.IO.File.Delete(File);
        System.IO.File.Delete(LiteFiles.LogOf(File));
        LiteFiles.Prepare(File);
        using (var files = OpenFiles.Open(() => (new DiskFile(File), new DiskFile(LiteFiles.LogOf(File)))))
        {
            LiteSchema.Apply(files, 0, upTo: 6);
            files.Engine.BeginTrans();
            var rows = new StoredRows(files.Engine, isWriting: true);
            var session = new LiteSession(rows, files.Catalog, (_, _) => throw new InvalidOperationException());
            foreach (var (lane, state, due) in new[] { ("a", 0L, 5L), ("a", 0L, 4L), ("b", 1L, 3L), ("c", 0L, 2L), ("d", 2L, 1L) })
            {
                session.Run(
                    """
                    insert into deliveries (id, workspace_id, lane, body, state, created_at, due_at, attempts, uncertain, lease)
                    values (@lane || @due, 'w', @lane, '{}', @state, 0, @due, 0, 0, 0)
                    """,
                    ("lane", lane), ("state", state), ("due", due));
            }

            rows.Finish();
            files.Commit(hasWritten: true);
        }

        Reopen();
        Assert.That(
            await Store.ReadAsync(t => t.Query<long>(Outbox.FirstsSql, new { now = 9L, most = 9L, looked = 9L }), Cancellation), Is.EqualTo([4L, 1L]));
        await Store.DisposeAsync();
        Edit(engine =>
        {
            var indexes = Found(engine, "$indexes", "$.collection = 'deliveries'").Select(i => i["name"].AsString).ToList();
            Assert.That(indexes, Is.EquivalentTo(LiteSchema.Newest.Table("deliveries").Indexes.Select(i => i.Field).Append("_id")));
            Assert.That(indexes, Is.Unique);
        });
        Reopen();
        Assert.That(await Store.ReadAsync(t => t.Query<long?>(Outbox.NextSql, new { looked = 2L }), Cancellation), Is.EqualTo(new long?[] { 4L }));
    }

    [TestCase("")]
    [TestCase("Filename=:memory:")]
    [TestCase("Filename=x;Password=secret")]
    [TestCase("Filename=x;Connection=shared")]
    [TestCase("Datei=x")]
    [TestCase("Filename=/dev/null/pmbot.litedb")]
    public void A_connection_string_without_a_usable_file_is_refused(string connectionString)
    {
        var refused = Assert.Throws<StoreRefusedException>(() => LiteStore.Open(connectionString, TimeProvider.System, NullLogger<LiteStore>.Instance));
        Assert.That(refused!.Message, Does.Not.Contain("secret"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void Only_the_owner_can_read_the_files() =>
        Assert.That(
            Directory.GetFiles(Path.GetDirectoryName(File)!).Select(System.IO.File.GetUnixFileMode),
            Has.Exactly(3).Items.And.All.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));

    [TestCase("")]
    [TestCase("  a  ")]
    [TestCase("\0\n\t")]
    [TestCase("👩‍💻 ü")]
    public async Task Texts_come_back_as_they_were(string text)
    {
        await Store.ExecuteAsync(t => t.Run("insert into notes (number, text) values (1, @text)", ("text", text)), Cancellation);
        Assert.That(await Store.ReadAsync(t => t.Query<string>("select text from notes where text = @text", new { text }), Cancellation), Is.EqualTo([text]));
    }

    [Test]
    public async Task Long_texts_are_told_apart_by_their_ends()
    {
        var (one, other) = (new string('x', 3000) + "1", new string('x', 3000) + "2");
        await Save(New("a") with { Name = one });
        await Save(New("b") with { Name = other });
        await Assert.ThrowsAsync<ConcurrencyException>(() => Save(New("c") with { Name = one }));
        Assert.That(
            await Store.ReadAsync(t => t.Query<string>("select id from samples where owner = 'team' order by name_key desc"), Cancellation), Is.EqualTo(["b", "a"]));
    }

    [Test]
    public async Task A_query_sees_one_state_of_all_tables()
    {
        await Save(New("a"));
        using var changed = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var query = Store.ReadAsync(
            transaction =>
            {
                var samples = transaction.Query<long>("select count(*) from samples")[0];
                begun.SetResult();
                changed.Wait(TimeSpan.FromSeconds(30));
                return (samples, notes: transaction.Query<long>("select count(*) from notes")[0]);
            },
            Cancellation);
        await begun.Task;
        await Store.ExecuteAsync(t => t.Run("insert into notes (number) values (1)"), Cancellation);
        changed.Set();

        Assert.That(await query, Is.EqualTo((1L, 0L)));
        Assert.That(await Count("notes"), Is.EqualTo(1));
    }

    [Test]
    public async Task Queries_see_one_state_while_others_write_as_fast_as_they_can()
    {
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 1L; !stop.IsCancellationRequested; i++)
            {
                await Store.ExecuteAsync(
                    t => t.Run("insert into notes (number) values (@i)", ("i", i)) + t.Run(
                        "insert into meta (key, value) values ('notes', @i) on conflict (key) do update set value = excluded.value", ("i", $"{i}")),
                    Cancellation);
            }
        });
        for (var i = 0; i < 300; i++)
        {
            var (notes, meta) = await Store.ReadAsync(t => (t.Query<long>("select count(*) from notes")[0], t.FindMeta("notes") ?? "0"), Cancellation);
            Assert.That(meta, Is.EqualTo($"{notes}"));
        }

        await stop.CancelAsync();
        await writing;
    }

    [Test]
    public async Task A_failed_write_is_acknowledged_to_nobody_and_found_by_nobody_and_the_next_one_works()
    {
        var disk = new FullDisk();
        await using var store = LiteStore.Open("a full disk", disk.Open, hold: null, TimeProvider.System, NullLogger<LiteStore>.Instance);
        await store.ExecuteAsync(t => t.Run("insert into meta (key, value) values ('before', 'x')"), Cancellation);

        // At each of the writes and syncs of a commit, until there are no more.
        var expected = new List<string> { "before" };
        var step = 1;
        for (; await FailsAsync(step); step++)
        {
            await store.ExecuteAsync(t => t.Run("insert into meta (key, value) values (@key, 'x')", ("key", $"after {step}")), Cancellation);
            expected.Add($"after {step}");
            Assert.That(await store.ReadAsync(t => t.Query<string>("select key from meta"), Cancellation), Is.EquivalentTo(expected));
        }

        // At least a page, its sync, the mark, and its sync.
        Assert.That(step, Is.GreaterThan(4));

        // The finalizers of what was given up must not end the process.
        GC.Collect();
        GC.WaitForPendingFinalizers();

        async Task<bool> FailsAsync(int step)
        {
            disk.FailsIn = step;
            var after = false;
            try
            {
                await store.ExecuteAsync(
                    t =>
                    {
                        t.AfterCommit(() => after = true);
                        return t.Run("insert into meta (key, value) values (@key, 'x')", ("key", $"step {step}"));
                    },
                    Cancellation);
                return false;
            }
            catch (StoreUnavailableException e)
            {
                Assert.That((e.InnerException!.InnerException!.Message, after), Is.EqualTo(("The disk is full.", false)));
                return true;
            }
            finally
            {
                disk.FailsIn = null;
            }
        }
    }

    [Test]
    public async Task The_log_is_brought_into_the_database_while_others_read()
    {
        await Store.DisposeAsync();
        const long longLog = 8 * LogStream.PageLength;
        (IPageFile, IPageFile) Files() => (new DiskFile(File), new DiskFile(LiteFiles.LogOf(File)));
        await using (var store = LiteStore.Open(File, Files, hold: null, TimeProvider.System, NullLogger<LiteStore>.Instance, longLog: longLog))
        {
            using var stop = new CancellationTokenSource();
            var reading = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await store.ReadAsync(t => t.Query<long>("select count(*) from notes")[0], Cancellation);
                }
            })));
            for (var i = 0L; i < 100; i++)
            {
                await store.ExecuteAsync(t => t.Run("insert into notes (number, text) values (@i, @text)", ("i", i), ("text", new string('x', 5000))), Cancellation);
                Assert.That(new FileInfo(LiteFiles.LogOf(File)).Length, Is.LessThan(20 * longLog));
            }

            await stop.CancelAsync();
            await reading;
        }

        Reopen();
        Assert.That(await Count("notes"), Is.EqualTo(100));
        Assert.That(new FileInfo(File).Length, Is.GreaterThan(100 * 5000));
    }

    [Test]
    public async Task A_number_is_never_given_twice()
    {
        Task<long> Add() => Store.ExecuteAsync(
            t =>
            {
                t.Run("insert into audit (at, workspace_id, actor_id, subject, action) values (1, 'w', 'a', 's', 'x')");
                return t.Query<long>("select max(id) from audit")[0];
            },
            Cancellation);
        var first = await Add();
        await Store.ExecuteAsync(t => t.Run("delete from audit where id = @first", ("first", first)), Cancellation);
        await Store.DisposeAsync();
        Reopen();
        Assert.That((first, await Add()), Is.EqualTo((1L, 2L)));
    }

    [TestCase("select id from samples where id glob 'a*'", "glob")]
    [TestCase("select upper(id) from samples", "upper")]
    [TestCase("select id from samples left join notes on id = number", "left")]
    [TestCase("with recursive n (i) as (select 1 union all select max(i) from n) select i from n", "n does not go")]
    [TestCase("select count(*) from samples join notes on id = number", "joined")]
    [TestCase("select distinct id from samples", "id from")]
    [TestCase("select colour from samples", "colour")]
    [TestCase("select id from nowhere", "nowhere")]
    [TestCase("insert into notes (number) values (1) returning number", "returning")]
    [TestCase("pragma integrity_check", "pragma")]
    public async Task What_it_does_not_understand_is_named(string sql, string part)
    {
        var refused = await Assert.CatchAsync(() => Store.ReadAsync(t => t.Query<string>(sql), Cancellation));
        Assert.That(refused, Is.TypeOf<SqlRefusedException>().With.Message.Contain(part));
    }

    [Test]
    public async Task Its_tables_are_those_of_sqlite()
    {
        await SqliteStore.Open($"Data Source={_folder}/a.db", TimeProvider.System, NullLogger<SqliteStore>.Instance).DisposeAsync();
        await using var connection = new SqliteConnection($"Data Source={_folder}/a.db;Pooling=false");
        await connection.OpenAsync(Cancellation);
        var tables = Read(connection, "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name");

        Assert.That(LiteSchema.Newest.Tables.Select(t => t.Name).Order(StringComparer.Ordinal), Is.EqualTo(tables));
        foreach (var name in tables)
        {
            var table = LiteSchema.Newest.Table(name);
            Assert.That(
                table.Columns.Select(c => $"{c.Name} {(c.Type == SqlType.Text ? "TEXT" : "INTEGER")} {(c.IsRequired ? 1 : 0)}"),
                Is.EqualTo(Read(connection, $"select name || ' ' || upper(type) || ' ' || max(\"notnull\", pk > 0) from pragma_table_info('{name}') order by cid")), name);
            Assert.That(table.Key.Columns, Is.EqualTo(Read(connection, $"select name from pragma_table_info('{name}') where pk > 0 order by pk")), name);
            Assert.That(
                table.Indexes.Select(i => $"{string.Join(",", i.Columns)} {(i.IsUnique ? 1 : 0)} {(i.Where is null ? 0 : 1)}"),
                Is.EquivalentTo(Read(
                    connection,
                    $"select (select group_concat(name) from pragma_index_info(l.name)) || ' ' || \"unique\" || ' ' || partial from pragma_index_list('{name}') l where origin <> 'pk'")), name);
        }
    }

    protected override IStore Open()
    {
        if (_folder.Length == 0)
        {
            _folder = Directory.CreateTempSubdirectory("pmbot-litedb-").FullName;
        }

        return LiteStore.Open($"Filename={File}", TimeProvider.System, NullLogger<LiteStore>.Instance);
    }

    private static List<string> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own statements
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static List<BsonDocument> Found(LiteEngine engine, string collection, string condition)
    {
        using var reader = engine.Query(collection, new Query { Where = { BsonExpression.Create(condition) } });
        var found = new List<BsonDocument>();
        while (reader.Read())
        {
            found.Add(reader.Current.AsDocument);
        }

        return found;
    }

    private static BsonDocument Own(LiteEngine engine, int version)
    {
        var own = Found(engine, "pmbot", "$._id = 'schema'").Single();
        own["version"] = version;
        return own;
    }

    private void Edit(Action<LiteEngine> edit)
    {
        using var data = new DiskFile(File);
        using var log = new DiskFile(LiteFiles.LogOf(File));
        using var engine = new LiteEngine(new EngineSettings { DataStream = new PageStream(data), LogStream = new PageStream(log), Collation = Collation.Binary });
        edit(engine);
        engine.Checkpoint();
    }

    /// <summary>Two files in memory on a disk that is full for a time.</summary>
    private sealed class FullDisk
    {
        private readonly SimulatedPower _power = new(int.MaxValue);
        private readonly SimulatedFile _data;
        private readonly SimulatedFile _log;

        public FullDisk()
        {
            (_data, _log) = (new SimulatedFile(_power, []), new SimulatedFile(_power, []));
            LiteFiles.MakeEmpty(_data);
        }

        /// <summary>At which write or sync from now on it is full; null for never.</summary>
        public int? FailsIn { get; set; }

        public (IPageFile, IPageFile) Open() => (_data, new Limited(this, _log));

        private sealed class Limited(FullDisk disk, IPageFile file) : IPageFile
        {
            public long Length => file.Length;

            public int Read(Span<byte> buffer, long offset) => file.Read(buffer, offset);

            public void Write(ReadOnlySpan<byte> bytes, long offset)
            {
                Use();
                file.Write(bytes, offset);
            }

            public void SetLength(long length) => file.SetLength(length);

            public void Sync()
            {
                Use();
                file.Sync();
            }

            public void Dispose() => file.Dispose();

            private void Use()
            {
                if (disk.FailsIn is { } left)
                {
                    disk.FailsIn = left - 1;
                    if (left <= 1)
                    {
                        throw new IOException("The disk is full.");
                    }
                }
            }
        }
    }
}
