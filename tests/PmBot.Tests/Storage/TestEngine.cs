using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;
using PmBot.Storage;

namespace PmBot.Tests.Storage;

/// <summary>An engine that the tests of features are run on.</summary>
internal sealed class TestEngine
{
    private const string Property = "Engine";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Func<string, string> _connection;

    private TestEngine(string name, Action require, Func<string, string> connection) => (Name, Require, _connection) = (name, require, connection);

    /// <summary>Those there are; <c>PMBOT_TEST_ENGINE</c> names the only one that is wanted.</summary>
    public static IReadOnlyList<TestEngine> All { get; } =
    [
        new("Sqlite", () => { }, folder => $"Data Source={Path.Combine(folder, "pmbot.db")}"),
        new("Postgres", PostgresServer.Require, folder => PostgresServer.Shared.ConnectionString(Path.GetFileName(folder).ToLowerInvariant())),
#if LITEDB
        new("LiteDb", () => { }, folder => $"Filename={Path.Combine(folder, "pmbot.litedb")}"),
#endif
    ];

    /// <summary>Those that a bot of the tests has.</summary>
    public static StoreEngines Engines { get; } = new(
    [
        .. StoreEngines.BuiltIn.All,
#if LITEDB
        new PmBot.LiteDb.LiteStoreEngine(),
#endif
    ]);

    /// <summary>The engine of the test that is running; SQLite for one that is run on no other.</summary>
    public static TestEngine Current
    {
        get
        {
            for (ITest? test = TestExecutionContext.CurrentContext.CurrentTest; test is not null; test = test.Parent)
            {
                if (test.Properties.Get(Property) is string name)
                {
                    return Of(name);
                }
            }

            return All[0];
        }
    }

    /// <summary>Its name in the settings.</summary>
    public string Name { get; }

    /// <summary>Skips the test where it cannot be had.</summary>
    public Action Require { get; }

    /// <summary>The engine of a name.</summary>
    public static TestEngine Of(string name) => All.Single(e => e.Name == name);

    /// <summary>Where the data for a folder of the test's own are.</summary>
    public string ConnectionString(string folder) => _connection(folder);

    /// <summary>The settings of a bot that keeps its data for a folder of the test's own: in it, or in a schema of its name.</summary>
    public IReadOnlyDictionary<string, string?> Settings(string folder, IReadOnlyDictionary<string, string?>? others = null)
    {
        Require();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage:Provider"] = Name, ["Storage:ConnectionString"] = ConnectionString(folder) };
        if (Name == "Postgres")
        {
            // A clock that halts every minute would make Quartz ask the database some forty things each time. Tests of replicas keep them there.
            settings["Storage:SharedAlarms"] = "false";
        }

        foreach (var (key, value) in others ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            settings[key] = value;
        }

        return settings;
    }

    /// <summary>Opens the same data.</summary>
    public IStore Open(string folder, TimeProvider time)
    {
        Require();
        return Engines.Of(Name).Open(ConnectionString(folder), time, NullLoggerFactory.Instance);
    }

    /// <summary>The names of all tables of the bot's data.</summary>
    public IReadOnlyList<string> Tables(IReadTransaction transaction) => Name switch
    {
        "Postgres" => transaction.Query<string>("select tablename from pg_tables where schemaname = current_schema() and tablename <> 'schema_version' order by 1"),
#if LITEDB
        "LiteDb" => [.. PmBot.LiteDb.LiteSchema.Newest.Tables.Select(t => t.Name).Order(StringComparer.Ordinal)],
#endif
        _ => transaction.Query<string>("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"),
    };

    /// <summary>The names of a table's columns.</summary>
    public IReadOnlyList<string> Columns(IReadTransaction transaction, string table) => Name switch
    {
        "Postgres" => transaction.Query<string>($"select column_name from information_schema.columns where table_schema = current_schema() and table_name = '{table}' order by ordinal_position"),
#if LITEDB
        "LiteDb" => [.. PmBot.LiteDb.LiteSchema.Newest.Table(table).Columns.Select(c => c.Name)],
#endif
        _ => transaction.Query<string>($"select name from pragma_table_info('{table}')"),
    };

    /// <summary>Rows as JSON arrays.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="columns">Columns and constants.</param>
    /// <param name="from">A table, and which of its rows.</param>
    public IReadOnlyList<string> Rows(IReadTransaction transaction, IReadOnlyList<string> columns, string from) => Name switch
    {
        "Postgres" => [.. transaction.Query<string>($"select cast(json_build_array({string.Join(", ", columns)}) as text) from {from}").Select(json => JsonNode.Parse(json)!.ToJsonString(Plain))],
        "LiteDb" =>
        [
            .. transaction.Query<dynamic>($"select {string.Join(", ", columns.Select((c, i) => $"{c} as c{i}"))} from {from}")
                .Select(row => JsonSerializer.Serialize(((IDictionary<string, object?>)row).Values, Plain)),
        ],
        _ => transaction.Query<string>($"select json_array({string.Join(", ", columns)}) from {from}"),
    };

    /// <summary>The tests of a class on each engine.</summary>
    public static IEnumerable<TestSuite> Fixtures(ITypeInfo type, IPreFilter filter)
    {
        var wanted = Environment.GetEnvironmentVariable("PMBOT_TEST_ENGINE");
        foreach (var engine in All.Where(e => wanted is not { Length: > 0 } || e.Name == wanted))
        {
            var parameters = new TestFixtureParameters { TestName = engine == All[0] ? type.Name : $"{type.Name}({engine.Name})" };
            parameters.Properties.Set(Property, engine.Name);
            var fixture = new NUnitTestFixtureBuilder().BuildFrom(type, filter, parameters);
            fixture.ApplyAttributesToTest(type.Type);
            yield return fixture;
        }
    }
}

/// <summary>Runs a class of tests on every engine.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class EnginesAttribute : NUnitAttribute, IFixtureBuilder2
{
    /// <inheritdoc/>
    public IEnumerable<TestSuite> BuildFrom(ITypeInfo typeInfo) => BuildFrom(typeInfo, new Everything());

    /// <inheritdoc/>
    public IEnumerable<TestSuite> BuildFrom(ITypeInfo typeInfo, IPreFilter filter) => TestEngine.Fixtures(typeInfo, filter);

    private sealed class Everything : IPreFilter
    {
        public bool IsMatch(Type type) => true;

        public bool IsMatch(Type type, System.Reflection.MethodInfo method) => true;
    }
}
