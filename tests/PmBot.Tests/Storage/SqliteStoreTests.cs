using System.Diagnostics.Metrics;
using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Storage;

namespace PmBot.Tests.Storage;

[TestFixture]
public sealed class SqliteStoreTests : StoreContract
{
    private string folder = "";

    private string File => Path.Combine(folder, "data", "pmbot.db");

    [TearDown]
    public async Task Clean()
    {
        await Store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        folder = "";
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
        Edit($"pragma user_version = {SqliteMigrations.Latest + 4}; pragma journal_mode = delete");
        var before = await System.IO.File.ReadAllBytesAsync(File);

        var refused = Assert.Throws<StoreRefusedException>(() => Open());
        Assert.That(
            refused!.Message,
            Does.Contain($"schema is {SqliteMigrations.Latest + 4}").And.Contain($"up to {SqliteMigrations.Latest}"));
        Assert.That(await System.IO.File.ReadAllBytesAsync(File), Is.EqualTo(before));
    }

    [Test]
    public async Task A_file_that_is_no_database_is_refused_and_not_touched()
    {
        await Store.DisposeAsync();
        await System.IO.File.WriteAllTextAsync(File, "minutes of the meeting");

        Assert.That(Assert.Throws<StoreRefusedException>(() => Open())!.Message, Does.Contain("no SQLite database"));
        Assert.That(await System.IO.File.ReadAllTextAsync(File), Is.EqualTo("minutes of the meeting"));
    }

    [Test]
    public async Task A_database_of_another_program_is_refused()
    {
        await Store.DisposeAsync();
        Edit("pragma application_id = 0; pragma user_version = 0");
        Assert.That(Assert.Throws<StoreRefusedException>(() => Open())!.Message, Does.Contain("another program"));
    }

    [Test]
    public async Task A_refusal_does_not_keep_the_database_held()
    {
        await Store.DisposeAsync();
        Edit("pragma user_version = 9999");
        Assert.Throws<StoreRefusedException>(() => Open());
        Edit($"pragma user_version = {SqliteMigrations.Latest}");
        Reopen();
        Assert.That(await Count("samples"), Is.Zero);
    }

    [TestCase("")]
    [TestCase("Data Source=:memory:")]
    [TestCase("Data Source=x;Mode=Memory")]
    [TestCase("Datei=x")]
    [TestCase("Data Source=/dev/null/pmbot.db")]
    public void A_connection_string_without_a_usable_file_is_refused(string connectionString) =>
        Assert.Throws<StoreRefusedException>(
            () => SqliteStore.Open(connectionString, TimeProvider.System, NullLogger<SqliteStore>.Instance));

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void Only_the_owner_can_read_the_files() =>
        Assert.That(
            Directory.GetFiles(Path.GetDirectoryName(File)!).Select(System.IO.File.GetUnixFileMode),
            Has.Exactly(4).Items.And.All.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));

    [Test]
    public async Task A_commit_that_fails_is_acknowledged_to_nobody_and_the_next_one_works()
    {
        await Store.ExecuteAsync(
            transaction => transaction.Run("create table orphans (parent text references samples (id) deferrable initially deferred)"),
            Cancellation);
        var innocent = New("a");
        var after = false;
        using var gate = new ManualResetEventSlim();
        var first = await HoldBegun(gate);

        // Its foreign key is looked at by COMMIT only. Both are in one batch.
        var failing = Store.ExecuteAsync(transaction => transaction.Run("insert into orphans values ('nobody')"), Cancellation);
        var beside = Store.ExecuteAsync(
            transaction =>
            {
                transaction.AfterCommit(() => after = true);
                transaction.Save(Samples, innocent);
                return 0;
            },
            Cancellation);
        gate.Set();
        await first;

        Assert.That((await Assert.ThrowsAsync<StoreUnavailableException>(() => failing))!.InnerException, Is.InstanceOf<SqliteException>());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => beside);
        Assert.That((after, innocent.Version, await Count("samples"), await Count("orphans")), Is.EqualTo((false, 0L, 0L, 0L)));

        // The same statements again, on the new connection.
        await Save(innocent);
        await Change("a", sample => sample with { Count = 1 });
        Assert.That((await Find("a"))!.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Every_commit_is_synced_to_disk_on_a_reopened_connection_too()
    {
        Task<(long, string)> Durability() => Store.ExecuteAsync(
            transaction => (transaction.Query<long>("pragma synchronous")[0], transaction.Query<string>("pragma journal_mode")[0]),
            Cancellation);
        const long full = 2;
        var first = await Durability();
        await Store.ExecuteAsync(transaction => transaction.Query<long>("pragma max_page_count = 1"), Cancellation);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Save(New("a") with { Name = new string('x', 100_000) }));

        Assert.That((first, await Durability()), Is.EqualTo(((full, "wal"), (full, "wal"))));
    }

    [Test]
    public async Task A_full_disk_is_told_to_the_caller_and_keeps_nothing()
    {
        // A limit of the connection stands for the disk's; the one that is opened afterwards has none.
        await Store.ExecuteAsync(transaction => transaction.Query<long>("pragma max_page_count = 1"), Cancellation);
        var full = await Assert.ThrowsAsync<StoreUnavailableException>(() => Save(New("a") with { Name = new string('x', 100_000) }));
        Assert.That(full!.InnerException, Is.InstanceOf<SqliteException>().With.Property("SqliteErrorCode").EqualTo(13));

        Assert.That(await Count("samples"), Is.Zero);
        await Save(New("a"));
    }

    [Test]
    public async Task When_the_writer_dies_nobody_waits_for_ever()
    {
        await Store.DisposeAsync();
        var logger = new LoggerThatThrowsOnce();
        await using var store = SqliteStore.Open($"Data Source={File}", TimeProvider.System, logger);
        using var gate = new ManualResetEventSlim();
        var deadly = store.ExecuteAsync(
            transaction =>
            {
                transaction.AfterCommit(() => throw new InvalidTimeZoneException());
                return gate.Wait(TimeSpan.FromSeconds(30));
            },
            Cancellation);
        var waiting = store.ExecuteAsync(_ => 1, Cancellation);
        gate.Set();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => deadly);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ProbeAsync(TimeProvider.System, Cancellation));
    }

    [Test]
    public async Task A_failing_action_after_commit_is_logged()
    {
        await Store.DisposeAsync();
        var logger = new LoggerThatThrowsOnce { Thrown = true };
        await using var store = SqliteStore.Open($"Data Source={File}", TimeProvider.System, logger);
        await store.ExecuteAsync(
            transaction =>
            {
                transaction.AfterCommit(() => throw new InvalidTimeZoneException());
                return 0;
            },
            Cancellation);

        Assert.That(logger.Logged.Single(), Is.InstanceOf<InvalidTimeZoneException>());
    }

    [Test]
    public async Task What_waits_together_is_committed_together()
    {
        await Store.DisposeAsync();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var batches = new List<int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Meter.Name: "PmBot", Name: "pmbot.store.batch" } && instrument.Meter.Scope == meters)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => batches.Add(value));
        listener.Start();
        await using (var store = SqliteStore.Open(
            $"Data Source={File}", TimeProvider.System, NullLogger<SqliteStore>.Instance, meters))
        {
            using var gate = new ManualResetEventSlim();
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var first = store.ExecuteAsync(
                _ =>
                {
                    begun.SetResult();
                    return gate.Wait(TimeSpan.FromSeconds(30));
                },
                Cancellation);
            await begun.Task;
            var others = Enumerable.Range(0, 200).Select(_ => store.ProbeAsync(TimeProvider.System, Cancellation)).ToList();
            gate.Set();
            await first;
            await Task.WhenAll(others);
        }

        Assert.That(batches, Is.EqualTo([1, 128, 72]));
    }

    [Test]
    public async Task An_equal_question_is_not_worked_out_again_before_a_change()
    {
        var times = 0;
        Task<long> Ask(long number) => Store.ReadAsync(
            new Question("notes", "team", number),
            t =>
            {
                times++;
                return t.Query<long>("select count(*) from notes where number <= @number", new { number })[0];
            },
            Cancellation);

        Assert.That((await Ask(1), await Ask(1), await Ask(2), times), Is.EqualTo((0L, 0L, 0L, 2)));
        await Store.ExecuteAsync(t => t.Run("insert into notes (number) values (2)"), Cancellation);
        Assert.That((await Ask(1), await Ask(2), await Ask(2), times), Is.EqualTo((0L, 1L, 1L, 4)));
    }

    [Test]
    public async Task More_callers_than_the_queue_has_room_for_are_all_answered()
    {
        using var gate = new ManualResetEventSlim();
        var first = await HoldBegun(gate);
        var others = Enumerable.Range(0, 5000).Select(i => Store.ExecuteAsync(_ => i, Cancellation)).ToList();
        gate.Set();
        await first;
        Assert.That((await Task.WhenAll(others)).Sum(), Is.EqualTo(5000 * 4999 / 2));
    }

    protected override IStore Open()
    {
        if (folder.Length == 0)
        {
            folder = Directory.CreateTempSubdirectory("pmbot-store-").FullName;
        }

        return SqliteStore.Open($"Data Source={File}", TimeProvider.System, NullLogger<SqliteStore>.Instance);
    }

    private void Edit(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class LoggerThatThrowsOnce : ILogger<SqliteStore>
    {
        public bool Thrown { get; set; }

        public List<Exception?> Logged { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!Thrown)
            {
                Thrown = true;
                throw new InvalidOperationException("The log cannot be written.");
            }

            Logged.Add(exception);
        }
    }
}
