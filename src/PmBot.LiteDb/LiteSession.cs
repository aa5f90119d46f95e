using Dapper;
using PmBot.LiteDb.Sql;
using PmBot.LiteDb.Tables;
using PmBot.Storage;
using ISession = PmBot.Storage.ISession;

namespace PmBot.LiteDb;

/// <summary>The SQL of the storage port over LiteDB's collections, within a transaction of the calling thread.</summary>
/// <param name="rows">The rows.</param>
/// <param name="catalog">The tables.</param>
/// <param name="make">Makes a table or an index, and returns the tables with it; null for queries only.</param>
internal sealed class LiteSession(StoredRows rows, Catalog catalog, Func<Catalog, string, Catalog>? make) : ISession
{
    private readonly TableStatements tables = new("");

    /// <summary>The rows.</summary>
    public StoredRows Rows => rows;

    /// <summary>The tables, with those that were made in this transaction.</summary>
    public Catalog Catalog { get; private set; } = catalog;

    /// <inheritdoc/>
    public TableSql Sql<T>(Table<T> table)
        where T : Aggregate => tables.Of(table);

    /// <inheritdoc/>
    public FoundRow? Find(string sql, string id) =>
        Found(sql, new Dictionary<string, object?>(StringComparer.Ordinal) { ["id"] = id }).Rows is [var row] ? new FoundRow((long)row[0]!, (string)row[1]!) : null;

    /// <inheritdoc/>
    public IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters)
    {
        var (names, found) = Found(sql, Named(StatementParameters.Of(parameters)));
        using var reader = new RowReader(names, found);
        return reader.Parse<TRow>().AsList();
    }

    /// <inheritdoc/>
    // A statement is done whole or not at all, also for a change that goes on after its error.
    public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var plan = Catalog.Plan(sql);
        if (make is null)
        {
            throw new SqlRefusedException($"A query changes nothing: {sql}");
        }

        if (plan is SqlPlan.Make making)
        {
            Catalog = make(Catalog, making.Text);
            return 0;
        }

        var named = Named(parameters);
        var since = rows.Changes;
        try
        {
            return plan is SqlPlan.Change change ? change.Run(new Call(rows, named)) : throw new SqlRefusedException($"It changes nothing: {sql}");
        }
        catch (Exception e) when (e is not LiteTroubleException)
        {
            rows.Undo(since);
            throw;
        }
    }

    /// <inheritdoc/>
    // There is one writer.
    public void Lock(string name)
    {
    }

    /// <inheritdoc/>
    public bool IsDuplicate(Exception error) => error is DuplicateKeyException;

    private (IReadOnlyList<string> Names, IReadOnlyList<object?[]> Rows) Found(string sql, IReadOnlyDictionary<string, object?> parameters) =>
        Catalog.Plan(sql) is SqlPlan.Query query ? (query.Names, query.Rows(null, new Call(rows, parameters)).ToList()) : throw new SqlRefusedException($"It is no query: {sql}");

    private static Dictionary<string, object?> Named(ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var named = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in parameters)
        {
            named[name] = StatementParameters.Value(name, value);
        }

        return named;
    }
}
