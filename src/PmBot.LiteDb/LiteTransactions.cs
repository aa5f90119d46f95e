using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using Dapper;
using PmBot.LiteDb.Sql;
using PmBot.LiteDb.Tables;
using PmBot.Storage;

namespace PmBot.LiteDb;

/// <summary>What a query sees, as long as its transaction lasts.</summary>
internal class LiteRead(StoredRows rows, Func<Catalog> catalog) : IReadTransaction
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = [];

    private bool ended;

    /// <summary>The rows; refuses a use after the transaction, such as by a lazy sequence that was returned.</summary>
    /// <exception cref="InvalidOperationException">The transaction is over.</exception>
    protected StoredRows Rows => ended ? throw new InvalidOperationException("The transaction is over; return what was read, not how to read it.") : rows;

    /// <summary>The tables.</summary>
    protected Catalog Catalog => catalog();

    /// <inheritdoc/>
    public T? Find<T>(Table<T> table, string id)
        where T : Aggregate =>
        Found($"select version, body from {table.Name} where id = @id", new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["id"] = id }).Rows is [var row]
            ? Load(table, id, (long)row[0]!, (string)row[1]!)
            : null;

    /// <inheritdoc/>
    public IReadOnlyList<T> Select<T>(Table<T> table, string where, object? parameters = null)
        where T : Aggregate =>
        [.. Found($"select id, version, body from {table.Name} where {where}", Named(parameters)).Rows.Select(row => Load(table, (string)row[0]!, (long)row[1]!, (string)row[2]!))];

    /// <inheritdoc/>
    public IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters = null)
    {
        var (names, found) = Found(sql, Named(parameters));
        using var reader = new RowReader(names, found);
        return reader.Parse<TRow>().AsList();
    }

    /// <summary>From here on every use is refused.</summary>
    public void End() => ended = true;

    /// <summary>A value of a parameter as statements take it.</summary>
    protected static object? Value(string name, object? value) => value switch
    {
        null or string or long => value,
        int number => (long)number,
        _ => throw new ArgumentException($"{name} is a {value.GetType().Name}; a column takes text, Int64 or null.", nameof(value)),
    };

    private (IReadOnlyList<string> Names, IReadOnlyList<object?[]> Rows) Found(string sql, IReadOnlyDictionary<string, object?> parameters)
    {
        var call = new Call(Rows, parameters);
        return Catalog.Plan(sql) is SqlPlan.Query query ? (query.Names, query.Rows(null, call).ToList()) : throw new SqlRefusedException($"It is no query: {sql}");
    }

    private static Dictionary<string, object?> Named(object? parameters) => parameters is null
        ? []
        : Properties.GetOrAdd(parameters.GetType(), type => type.GetProperties())
            .ToDictionary(p => p.Name, p => Value(p.Name, p.GetValue(parameters)), StringComparer.OrdinalIgnoreCase);

    private static T Load<T>(Table<T> table, string id, long version, string body)
        where T : Aggregate
    {
        try
        {
            var aggregate = JsonSerializer.Deserialize<T>(body, StoreJson.Options) ?? throw new JsonException("The body is null.");
            aggregate.Version = version;
            return aggregate;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{table.Name} {id} holds a body that cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>What one change can do. What has to happen after its end is kept here until the commit has decided.</summary>
/// <param name="rows">The rows, in the transaction of the batch.</param>
/// <param name="catalog">The tables.</param>
/// <param name="make">Makes a table or an index.</param>
internal sealed class LiteWrite(StoredRows rows, Func<Catalog> catalog, Action<SqlPlan.Make> make) : LiteRead(rows, catalog), IWriteTransaction
{
    private readonly List<(Aggregate Aggregate, long Version)> loaded = [];
    private readonly List<Action> afterCommit = [];

    /// <summary>What is to run once the change is durable, in the order it was asked for.</summary>
    public IReadOnlyList<Action> AfterCommitActions => afterCommit;

    /// <inheritdoc/>
    public Cause? Cause { get; set; }

    /// <inheritdoc/>
    public void Save<T>(Table<T> table, T aggregate)
        where T : Aggregate
    {
        var sql = TableSql.For(table);
        List<(string, object?)> parameters =
        [
            ("id", aggregate.Id), ("version", aggregate.Version + 1), ("body", JsonSerializer.Serialize(aggregate, StoreJson.Options)), ("loaded", aggregate.Version),
            .. table.Columns.Select(c => (c.Name, c.Value(aggregate))),
        ];
        try
        {
            if (Run(aggregate.Version == 0 ? sql.Insert : sql.Update, [.. parameters]) != 1)
            {
                throw Conflict(table, aggregate);
            }
        }
        catch (DuplicateKeyException)
        {
            throw new ConcurrencyException($"{table.Name} {aggregate.Id}: another row already has its id or another unique value.");
        }

        loaded.Add((aggregate, aggregate.Version));
        aggregate.Version++;
    }

    /// <inheritdoc/>
    public void Delete<T>(Table<T> table, T aggregate)
        where T : Aggregate
    {
        if (Run(TableSql.For(table).Delete, ("id", aggregate.Id), ("loaded", aggregate.Version)) != 1)
        {
            throw Conflict(table, aggregate);
        }
    }

    /// <inheritdoc/>
    public int Run(string sql, params (string Name, object? Value)[] parameters)
    {
        var named = parameters.ToDictionary(p => p.Name.TrimStart('@'), p => Value(p.Name, p.Value), StringComparer.OrdinalIgnoreCase);
        switch (Catalog.Plan(sql))
        {
            case SqlPlan.Change change:
                return Run(change, new Call(Rows, named));
            case SqlPlan.Make making:
                _ = Rows;
                make(making);
                return 0;
            default:
                throw new SqlRefusedException($"It changes nothing: {sql}");
        }
    }

    /// <inheritdoc/>
    public void AfterCommit(Action action) => afterCommit.Add(action);

    /// <summary>Gives saved instances the version they came with, as the rows have it again.</summary>
    public void RestoreVersions()
    {
        for (var i = loaded.Count - 1; i >= 0; i--)
        {
            loaded[i].Aggregate.Version = loaded[i].Version;
        }
    }

    // A statement is done whole or not at all, also for a change that goes on after its error.
    private static int Run(SqlPlan.Change change, Call call)
    {
        var since = call.Rows.Changes;
        try
        {
            return change.Run(call);
        }
        catch (Exception e) when (e is not LiteTroubleException)
        {
            call.Rows.Undo(since);
            throw;
        }
    }

    private static ConcurrencyException Conflict<T>(Table<T> table, T aggregate)
        where T : Aggregate =>
        new($"{table.Name} {aggregate.Id} is not at version {aggregate.Version} any more; somebody else changed it.");
}
