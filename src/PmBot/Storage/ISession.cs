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

    /// <summary>See <see cref="IWriteTransaction.Lock"/>.</summary>
    void Lock(string name);

    /// <summary>Whether an error says that a primary key or unique index already holds the value.</summary>
    bool IsDuplicate(Exception error);
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
