using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NUnit.Framework;
using PmBot.Checks;
using PmBot.Storage;
using PmBot.Tests.Storage;
using PmBot.Workspaces;

namespace PmBot.Tests.Checks;

/// <summary>The check's look at a PostgreSQL database.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PostgresCheckTests
{
    private readonly string _connection;

    public PostgresCheckTests()
    {
        PostgresServer.Require();
        _connection = PostgresServer.Shared.NewSchema();
    }

    [Test]
    public async Task What_is_well_is_said_and_the_bot_goes_on()
    {
        var empty = Check();
        Assert.That(empty.Findings[0].Text, Does.Match(@"^PostgreSQL \d+\.\d+, postgres at 127\.0\.0\.1:\d+, schema t[0-9a-f]+: nothing in it yet; the first start makes its tables\.$"));
        Assert.That(empty.Facts.IsInUse, Is.False);
        Assert.That(Schemas(), Is.Zero, "it changes nothing");

        await using (var store = Open())
        {
            await store.ExecuteAsync(t => { t.Save(Workspace.Table, new Workspace { Id = "team", CreatedBy = "user" }); return true; }, CancellationToken.None);
            var (facts, findings) = Check();
            Assert.That(findings[0].Text, Does.EndWith($": version {PostgresInspection.LatestVersion}, in use by a running bot."));
            Assert.That(facts.IsInUse, Is.True);
            Assert.That(facts.Workspaces, Is.EqualTo(["team"]));
            await store.ProbeAsync(TimeProvider.System, CancellationToken.None);
        }

        // Nothing of the look stays behind.
        await Open().DisposeAsync();
    }

    [Test]
    public void The_tests_own_server_that_syncs_nothing_is_warned_of() =>
        Assert.That(Check().Findings, Has.Exactly(1).Property("Verdict").EqualTo(Verdict.Warning).And.Property("Text").StartsWith("fsync is off at postgres at "));

    [Test]
    public async Task A_newer_one_is_wrong()
    {
        await using (var store = Open())
        {
            await store.ExecuteAsync(t => t.Run("update schema_version set version = version + 1"), CancellationToken.None);
        }

        AssertWrong(_connection, "was written by a newer PmBot");
    }

    [Test]
    public void What_is_in_the_way_is_told_with_its_remedy()
    {
        var role = $"r{Guid.NewGuid():n}";
        Execute($"create role {role} login");
        AssertWrong(_connection.Replace("Username=pmbot", $"Username={role}", StringComparison.Ordinal), "Make it the owner of the database, or of the schema.");
        AssertWrong(_connection.Replace("Database=postgres", "Database=nowhere", StringComparison.Ordinal), "There is no database nowhere at ");
        AssertWrong("Host=127.0.0.1;Port=1;Database=x;Username=x;Password=geheim", "Is PostgreSQL running there");
        Assert.That(Settings("Host=127.0.0.1;Database=x;Password=geheim").Secrets, Does.Contain("geheim"));
    }

    private static CheckSettings Settings(string connection) => new(
        new ConfigurationBuilder().AddInMemoryCollection([new("Storage:Provider", "Postgres"), new("Storage:ConnectionString", connection)]).Build(), null, null);

    private static void AssertWrong(string connection, string says)
    {
        var (_, findings) = new StoreCheck(Settings(connection)).Check();
        Assert.That(findings[0].Verdict, Is.EqualTo(Verdict.Wrong), findings[0].Text);
        Assert.That(findings[0].Text, Does.Contain(says).And.Not.Contain("geheim"));
    }

    private (StoreFacts Facts, IReadOnlyList<Finding> Findings) Check() => new StoreCheck(Settings(_connection)).Check();

    private PostgresStore Open() => PostgresStore.Open(_connection, TimeProvider.System, NullLogger<PostgresStore>.Instance);

    private long Schemas() => (long)Execute("select count(*) from pg_namespace where nspname = current_schema()")!;

    private object? Execute(string sql)
    {
        using var connection = new NpgsqlConnection(_connection + ";Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // the test's own statements
        using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
