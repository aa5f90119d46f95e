namespace PmBot.Storage;

/// <summary>What a query needs of an engine that takes SQL. Used by one thread at a time.</summary>
internal interface IReadSession
{
    /// <summary>The statements of a table, composed once.</summary>
    TableSql Sql<T>(Table<T> table)
        where T : Aggregate;

    /// <summary>The version and body of a row; null if there is none.</summary>
    /// <param name="sql">The statement, with the parameter <c>@id</c>.</param>
    /// <param name="id">The row's key.</param>
    FoundRow? Find(string sql, string id);

    /// <summary>Rows mapped by Dapper.</summary>
    IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters);
}

/// <summary>The version and body of a row.</summary>
internal sealed class FoundRow(long version, string body)
{
    /// <summary>What was stored.</summary>
    public long Version => version;

    /// <inheritdoc cref="Version"/>
    public string Body => body;

    /// <summary>What was made of it, for a row that is remembered; null if nobody has read it yet.</summary>
    public Aggregate? Aggregate { get; set; }
}

/// <summary>One connection of an engine that takes SQL. Used by one thread at a time.</summary>
internal interface ISession : IReadSession
{
    /// <summary>Runs a statement, prepared once per text, and returns the number of rows it changed.</summary>
    int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>Runs a statement now or together with the next one. See <see cref="IWriteTransaction.Write"/>.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="row">The only row that it is to change; null for as many as it finds.</param>
    /// <param name="parameters">Its parameters.</param>
    void Write(string sql, OneRow? row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        int changed;
        try
        {
            changed = Run(sql, parameters);
        }
        catch (Exception e) when (row is not null && IsDuplicate(e))
        {
            throw row.Duplicate();
        }

        if (row is not null && changed != 1)
        {
            throw row.Missed();
        }
    }

    /// <summary>See <see cref="IWriteTransaction.Lock"/>.</summary>
    void Lock(string name);

    /// <summary>Whether an error says that a primary key or unique index already holds the value.</summary>
    bool IsDuplicate(Exception error);
}

/// <summary>The row of an aggregate that a statement makes, changes or deletes.</summary>
/// <param name="table">Its table.</param>
/// <param name="id">Its key.</param>
/// <param name="version">The version that it must have; 0 if there must be none.</param>
/// <param name="isHeld">Whether the transaction holds it at that version.</param>
internal sealed class OneRow(string table, string id, long version, bool isHeld)
{
    /// <summary>Whether the transaction holds it as the statement expects it. Then nobody can be in the way.</summary>
    public bool IsHeld => isHeld;

    /// <summary>The error if another row has its key or another unique value.</summary>
    public ConcurrencyException Duplicate() => new($"{table} {id}: another row already has its id or another unique value.");

    /// <summary>The error if nothing was changed.</summary>
    public ConcurrencyException Missed() => version == 0 ? Duplicate() : new($"{table} {id} is not at version {version} any more; somebody else changed it.");
}

/// <summary>The statements over tables of aggregates, composed once each.</summary>
/// <param name="hold">What ends the statement that finds a row to change it, so that it stays as it is until then.</param>
internal sealed class TableStatements(string hold)
{
    private readonly Dictionary<object, TableSql> tables = [];

    /// <summary>Those of a table.</summary>
    public TableSql Of<T>(Table<T> table)
        where T : Aggregate
    {
        if (!tables.TryGetValue(table, out var sql))
        {
            tables[table] = sql = TableSql.For(table, hold);
        }

        return sql;
    }
}

/// <summary>The statements over a table of aggregates.</summary>
internal sealed record TableSql(string Find, string FindToChange, string Select, string Insert, string Update, string Delete)
{
    /// <summary>Composes them; names come from the program, never from a user.</summary>
    public static TableSql For<T>(Table<T> table, string hold)
        where T : Aggregate
    {
        string[] columns = ["version", "body", .. table.Columns.Select(column => column.Name)];
        var find = $"select version, body from {table.Name} where id = @id";
        return new(
            find,
            find + hold,
            $"select id, version, body from {table.Name} where ",
            $"insert into {table.Name} (id, {string.Join(", ", columns)}) values (@id, {string.Join(", ", columns.Select(c => '@' + c))}) on conflict do nothing",
            $"update {table.Name} set {string.Join(", ", columns.Select(c => $"{c} = @{c}"))} where id = @id and version = @loaded",
            $"delete from {table.Name} where id = @id and version = @loaded");
    }
}
