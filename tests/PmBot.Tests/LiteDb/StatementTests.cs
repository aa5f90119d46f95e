using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.LiteDb;
using PmBot.LiteDb.Sql;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.LiteDb;

/// <summary>The statements of the program are of the SQL that the engine understands, and fit its tables.</summary>
[TestFixture]
internal sealed class StatementTests
{
    private static readonly string[] Verbs = ["select ", "insert into ", "update ", "delete from ", "with "];

    [Test]
    public void Those_of_the_outbox_are_understood()
    {
        string[] statements =
        [
            .. typeof(Outbox).GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(f => f.IsLiteral && f.FieldType == typeof(string) && f.Name.EndsWith("Sql", StringComparison.Ordinal))
                .Select(f => (string)f.GetRawConstantValue()!),
        ];

        Assert.That(statements, Has.Length.GreaterThanOrEqualTo(8).And.Contain(Outbox.LanesSql));
        Assert.That(statements.Select(WhyNot), Is.All.Null);
    }

    [Test]
    public async Task Those_of_the_alarms_are_understood()
    {
        await using var edge = await Edge.StartAsync();
        var sources = edge.Team.Bot.GetServices<AlarmSource>().ToList();
        Assert.That(sources, Has.Count.GreaterThanOrEqualTo(5));

        var folder = Directory.CreateTempSubdirectory("pmbot-alarms-").FullName;
        await using (var lite = LiteStore.Open($"Filename={folder}/a.litedb", TimeProvider.System, NullLogger<LiteStore>.Instance))
        {
            foreach (var source in sources)
            {
                Assert.That(await lite.ReadAsync(t => source.Until(t, NodaTime.Instant.MaxValue.Minus(NodaTime.Duration.FromDays(1))).ToList(), CancellationToken.None), Is.Empty, source.Kind);
                Assert.That(await lite.ReadAsync(t => source.Due(t, "x"), CancellationToken.None), Is.Null, source.Kind);
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    // Those that are put together while the program runs are not among them; the tests of features run those.
    [Test]
    public async Task Those_that_stand_in_the_program_are_understood()
    {
        var folder = Directory.CreateTempSubdirectory("pmbot-statements-").FullName;
        await SqliteStore.Open($"Data Source={folder}/a.db", TimeProvider.System, NullLogger<SqliteStore>.Instance).DisposeAsync();
        await using (var sqlite = new SqliteConnection($"Data Source={folder}/a.db;Pooling=false"))
        {
            await sqlite.OpenAsync(CancellationToken.None);

            // What SQLite takes on the bot's tables is a statement for all engines; only what looks into SQLite itself is not, nor its own restore (min of two).
            var statements = Literals().Where(l => Array.Exists(Verbs, v => l.StartsWith(v, StringComparison.Ordinal)))
                .Where(l => !l.Contains("sqlite_", StringComparison.Ordinal) && !l.Contains("min(coalesce(", StringComparison.Ordinal) && IsTaken(sqlite, l)).Distinct(StringComparer.Ordinal).ToList();
            Assert.That(statements, Has.Count.GreaterThan(60).And.Contain(Outbox.LanesSql));
            Assert.That(statements.Select(WhyNot).Where(w => w is not null), Is.Empty);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static string? WhyNot(string sql)
    {
        try
        {
            _ = LiteSchema.Newest.Plan(sql);
            return null;
        }
        catch (SqlRefusedException e)
        {
            return $"{e.Message} {sql}";
        }
    }

    private static bool IsTaken(SqliteConnection sqlite, string sql)
    {
        using var command = sqlite.CreateCommand();
#pragma warning disable CA2100 // the program's own statements
        command.CommandText = sql;
#pragma warning restore CA2100
        try
        {
            command.Prepare();
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private static List<string> Literals()
    {
        using var file = new PEReader(File.OpenRead(typeof(Outbox).Assembly.Location));
        var reader = file.GetMetadataReader();
        var literals = new List<string>();
        for (var handle = reader.GetNextHandle(default(UserStringHandle)); !handle.IsNil; handle = reader.GetNextHandle(handle))
        {
            literals.Add(reader.GetUserString(handle).Trim());
        }

        return literals;
    }
}
