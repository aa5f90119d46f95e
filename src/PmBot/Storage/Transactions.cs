using System.Text.Json;

namespace PmBot.Storage;

/// <summary>What a query sees, as long as its transaction lasts.</summary>
/// <param name="session">The connection.</param>
/// <param name="known">What was read before.</param>
internal class ReadTransaction(IReadSession session, AggregateCache known) : IReadTransaction
{
    private bool ended;

    /// <summary>What was read and written before.</summary>
    protected AggregateCache Known { get; } = known;

    private IReadSession Session => InTime(session);

    /// <inheritdoc/>
    public T? Find<T>(Table<T> table, string id)
        where T : Aggregate
    {
        var sql = Session.Sql(table);
        if (Session.Find(Holds ? sql.FindToChange : sql.Find, id) is not { } row)
        {
            return null;
        }

        Held(table.Name, id, row.Version);

        // A change counts up the version of what it saves before it commits; then that is not what the row says.
        if (row.Aggregate is T made && made.Version == row.Version)
        {
            return made;
        }

        var aggregate = Known.Load(table, id, row.Version, row.Body);
        row.Aggregate = aggregate;
        return aggregate;
    }

    /// <summary>Whether what is found by its key stays as it is until the end.</summary>
    protected virtual bool Holds => false;

    /// <summary>Told of what was found by its key.</summary>
    protected virtual void Held(string table, string id, long version)
    {
    }

    /// <inheritdoc/>
    public IReadOnlyList<T> Select<T>(Table<T> table, string where, object? parameters = null)
        where T : Aggregate =>
        [.. Session.Query<StoredRow>(Session.Sql(table).Select + where, parameters).Select(row => Known.Load(table, row.Id, row.Version, row.Body))];

    /// <inheritdoc/>
    public IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters = null) => Session.Query<TRow>(sql, parameters);

    /// <summary>From here on every use is refused.</summary>
    public void End() => ended = true;

    /// <summary>The connection; refuses a use after the transaction, such as by a lazy sequence that was returned.</summary>
    /// <exception cref="InvalidOperationException">The transaction is over.</exception>
    protected TSession InTime<TSession>(TSession connection) =>
        ended ? throw new InvalidOperationException("The transaction is over; return what was read, not how to read it.") : connection;

    private sealed record StoredRow(string Id, long Version, string Body);
}

/// <summary>What one change can do. What has to happen after its end is kept here until the commit has decided.</summary>
/// <param name="session">The connection.</param>
/// <param name="known">What was read before.</param>
internal sealed class WriteTransaction(ISession session, AggregateCache known) : ReadTransaction(session, known), IWriteTransaction
{
    private readonly List<(Aggregate Aggregate, long Version)> loaded = [];
    private readonly List<Action> afterCommit = [];

    // The versions of the rows that nobody else can change before the end.
    private readonly Dictionary<(string Table, string Id), long> held = [];

    private ISession Session => InTime(session);

    /// <summary>What is to run once the change is durable, in the order it was asked for.</summary>
    public IReadOnlyList<Action> AfterCommitActions => afterCommit;

    /// <inheritdoc/>
    public Cause? Cause { get; set; }

    /// <inheritdoc/>
    protected override bool Holds => true;

    /// <inheritdoc/>
    protected override void Held(string table, string id, long version) => held[(table, id)] = version;

    /// <inheritdoc/>
    public void Save<T>(Table<T> table, T aggregate)
        where T : Aggregate
    {
        var sql = Session.Sql(table);
        var isNew = aggregate.Version == 0;
        var body = JsonSerializer.Serialize(aggregate, StoreJson.Options);
        var parameters = new (string Name, object? Value)[table.Columns.Count + (isNew ? 3 : 4)];
        parameters[0] = ("id", aggregate.Id);
        parameters[1] = ("version", aggregate.Version + 1);
        parameters[2] = ("body", body);
        for (var i = 0; i < table.Columns.Count; i++)
        {
            parameters[3 + i] = (table.Columns[i].Name, table.Columns[i].Value(aggregate));
        }

        if (!isNew)
        {
            parameters[^1] = ("loaded", aggregate.Version);
        }

        Session.Write(isNew ? sql.Insert : sql.Update, Row(table, aggregate), parameters);
        loaded.Add((aggregate, aggregate.Version));
        aggregate.Version++;
        held[(table.Name, aggregate.Id)] = aggregate.Version;
        Known.Add(table, aggregate, body);
    }

    /// <inheritdoc/>
    public void Delete<T>(Table<T> table, T aggregate)
        where T : Aggregate
    {
        Session.Write(Session.Sql(table).Delete, Row(table, aggregate), ("id", aggregate.Id), ("loaded", aggregate.Version));
        held.Remove((table.Name, aggregate.Id));
    }

    /// <inheritdoc/>
    public void Lock(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Session.Lock(name);
    }

    /// <inheritdoc/>
    public int Run(string sql, params (string Name, object? Value)[] parameters) => Session.Run(sql, parameters);

    /// <inheritdoc/>
    public void Write(string sql, params (string Name, object? Value)[] parameters) => Session.Write(sql, null, parameters);

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

    private OneRow Row<T>(Table<T> table, T aggregate)
        where T : Aggregate =>
        new(table.Name, aggregate.Id, aggregate.Version, held.TryGetValue((table.Name, aggregate.Id), out var version) && version == aggregate.Version);
}
