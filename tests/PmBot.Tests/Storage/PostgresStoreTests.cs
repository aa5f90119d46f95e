using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NUnit.Framework;
using PmBot.Storage;

namespace PmBot.Tests.Storage;

[TestFixture]
public sealed class PostgresStoreTests : StoreContract
{
    private string _connection = "";

    protected override int Writers => 6;

    [OneTimeSetUp]
    public void NeedsPostgres() => PostgresServer.Require();

    [TearDown]
    public void ForgetSchema() => _connection = "";

    [Test]
    public async Task Several_that_start_together_make_the_schema_once()
    {
        var connection = PostgresServer.Shared.NewSchema();
        var stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Open(connection))));
        await Task.WhenAll(stores.Select(s => s.ProbeAsync(TimeProvider.System, Cancellation)));
        var versions = await stores[0].ReadAsync(t => t.Query<long>("select version from schema_version"), Cancellation);
        Assert.That(versions, Is.EqualTo([PostgresMigrations.Latest]));
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Test]
    public async Task A_newer_schema_is_refused_and_not_touched()
    {
        await Store.ExecuteAsync(t => t.Run("update schema_version set version = version + 4"), Cancellation);
        var refused = Assert.Throws<StoreRefusedException>(() => Open());
        Assert.That(refused!.Message, Does.Contain($"its version is {PostgresMigrations.Latest + 4}").And.Contain($"up to {PostgresMigrations.Latest}"));
        Assert.That(await Store.ReadAsync(t => t.Query<long>("select version from schema_version")[0], Cancellation), Is.EqualTo(PostgresMigrations.Latest + 4));
    }

    [Test]
    public void Steps_bear_the_numbers_of_SQLite() => Assert.That(PostgresMigrations.Latest, Is.EqualTo(SqliteMigrations.Latest));

    [Test]
    public async Task A_schema_of_another_program_is_refused()
    {
        await Store.ExecuteAsync(t => t.Run("drop table schema_version"), Cancellation);
        Assert.That(Assert.Throws<StoreRefusedException>(() => Open())!.Message, Does.Contain("another program"));
    }

    [TestCase("Host=127.0.0.1;Port=1;Database=x;Username=x", "does not reach")]
    [TestCase("", "Host and Database")]
    [TestCase("Host=127.0.0.1", "Host and Database")]
    [TestCase("Wirt=127.0.0.1;Password=geheim", "cannot be read")]
    public void A_connection_string_without_a_usable_database_is_refused(string connectionString, string says)
    {
        var refused = Assert.Throws<StoreRefusedException>(() => Open(connectionString));
        Assert.That(refused!.Message, Does.Contain(says).And.Not.Contain("geheim"));
    }

    [Test]
    public void A_database_that_is_not_there_is_told() => Assert.That(
        Assert.Throws<StoreRefusedException>(() => Open(PostgresServer.Shared.NewSchema().Replace("Database=postgres", "Database=nobodys", StringComparison.Ordinal)))!.Message,
        Does.StartWith("There is no database nobodys at 127.0.0.1:"));

    [Test]
    public async Task Two_processes_lose_no_increment_of_each_other()
    {
        await Save(New("a"));
        await using var other = Open();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async caller =>
        {
            for (var i = 0; i < 25; i++)
            {
                await (caller % 2 == 0 ? Store : other).ExecuteAsync(
                    t =>
                    {
                        var sample = t.Find(Samples, "a")!;
                        t.Save(Samples, sample with { Count = sample.Count + 1 });
                        return 0;
                    },
                    Cancellation);
            }
        }));
        Assert.That((await Find("a"))!.Count, Is.EqualTo(400));
    }

    [Test]
    public async Task Of_two_that_make_the_same_row_the_later_one_finds_it()
    {
        await using var other = Open();
        using var bothHaveLooked = new CountdownEvent(2);
        var rounds = await Task.WhenAll(Make(Store), Make(other));
        Assert.That((rounds.Sum(), (await Find("a"))!.Count), Is.EqualTo((3, 2)), "one of them ran twice");

        Task<int> Make(IStore store)
        {
            var round = 0;
            return store.ExecuteAsync(
                t =>
                {
                    var found = t.Find(Samples, "a");
                    if (++round == 1)
                    {
                        bothHaveLooked.Signal();
                        bothHaveLooked.Wait(TimeSpan.FromSeconds(20));
                    }

                    t.Save(Samples, found is null ? New("a") with { Count = 1 } : found with { Count = found.Count + 1 });
                    return round;
                },
                Cancellation);
        }
    }

    [Test]
    public async Task A_deadlock_is_nobodys_error()
    {
        await Save(New("a"));
        await Save(New("b"));
        using var bothHold = new CountdownEvent(2);
        await Task.WhenAll(Both("a", "b"), Both("b", "a"));
        Assert.That(((await Find("a"))!.Count, (await Find("b"))!.Count), Is.EqualTo((2, 2)));

        Task Both(string first, string second)
        {
            var round = 0;
            return Store.ExecuteAsync(
                t =>
                {
                    var one = t.Find(Samples, first)!;
                    if (++round == 1)
                    {
                        bothHold.Signal();
                        bothHold.Wait(TimeSpan.FromSeconds(20));
                    }

                    var two = t.Find(Samples, second)!;
                    t.Save(Samples, one with { Count = one.Count + 1 });
                    t.Save(Samples, two with { Count = two.Count + 1 });
                    return 0;
                },
                Cancellation);
        }
    }

    [Test]
    public async Task A_name_is_held_by_one_at_a_time()
    {
        await using var other = Open();
        using var gate = new ManualResetEventSlim();
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var order = new List<int>();
        var first = Store.ExecuteAsync(
            t =>
            {
                t.Lock("lane:v");
                t.Lock("lane:x");
                t.Run("insert into notes (number) values (@number)", ("number", 1L));
                taken.SetResult();
                Assert.That(gate.Wait(TimeSpan.FromSeconds(30)), Is.True);
                order.Add(1);
                return 0;
            },
            Cancellation);
        await taken.Task;
        var second = other.ExecuteAsync(
            t =>
            {
                t.Lock("lane:x");
                order.Add((int)t.Query<long>("select count(*) from notes")[0] + 1);
                return 0;
            },
            Cancellation);
        var third = other.ExecuteAsync(
            t =>
            {
                t.Lock("lane:v");
                return 0;
            },
            Cancellation);
        await other.ExecuteAsync(
            t =>
            {
                t.Lock("lane:y");
                return t.Run("insert into notes (number) values (@number)", ("number", 2L));
            },
            Cancellation);
        Assert.That(third.IsCompleted, Is.False, "a change that does nothing else has its name, too");
        gate.Set();
        await Task.WhenAll(first, second, third);
        Assert.That(order, Is.EqualTo([1, 3]), "the second sees what the first wrote");
    }

    [Test]
    public async Task A_lost_connection_in_the_middle_is_nobodys_error()
    {
        await Save(New("a"));
        var rounds = 0;
        await Store.ExecuteAsync(
            t =>
            {
                var sample = t.Find(Samples, "a")!;
                t.Save(Samples, sample with { Count = sample.Count + 1 });
                if (++rounds == 1)
                {
                    Terminate(t.Query<int>("select pg_backend_pid()")[0]);
                }

                return t.Run("insert into notes (number) values (1)");
            },
            Cancellation);
        Assert.That((rounds, (await Find("a"))!.Count, await Count("notes")), Is.EqualTo((2, 1, 1L)));
    }

    [Test]
    public async Task A_change_that_ignores_a_failed_statement_is_kept_by_nobody()
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Store.ExecuteAsync(
            t =>
            {
                t.Save(Samples, New("a"));
                Assert.Catch(() => t.Run("insert into nowhere values (1)"));
                return 0;
            },
            Cancellation));
        Assert.That(await Find("a"), Is.Null);
    }

    [Test]
    public async Task While_the_data_is_moved_no_bot_starts_and_while_one_runs_it_is_not_moved()
    {
        using var mover = PostgresSession.Open(PostgresSettings.Read(Connection));
        Assert.That(mover.TryHold(PostgresStore.RunningLock, shared: false), Is.False);
        await Store.DisposeAsync();

        // The server lets go of it a moment after the connection is closed.
        while (!mover.TryHold(PostgresStore.RunningLock, shared: false))
        {
            await Task.Delay(10, Cancellation);
        }

        Assert.That(Assert.Throws<StoreRefusedException>(() => Open())!.Message, Does.Contain("is being moved"));
    }

    [Test]
    public async Task A_commit_is_durable_whatever_the_database_says()
    {
        Execute("alter role pmbot set synchronous_commit = off");
        try
        {
            await using var store = Open();
            Assert.That(await store.ExecuteAsync(t => t.Query<string>("show synchronous_commit")[0], Cancellation), Is.EqualTo("on"));
        }
        finally
        {
            Execute("alter role pmbot reset synchronous_commit");
        }
    }

    private string Connection => _connection.Length > 0 ? _connection : _connection = PostgresServer.Shared.NewSchema();

    protected override IStore Open() => Open(Connection);

    private static PostgresStore Open(string connectionString) => PostgresStore.Open(connectionString, TimeProvider.System, NullLogger<PostgresStore>.Instance);

    private void Terminate(int process) => Execute($"select pg_terminate_backend({process}, 10000)");

    private void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(Connection + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
