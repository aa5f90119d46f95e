using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PmBot.Storage;

/// <summary>One connection with the statements prepared on it. Used by one thread at a time.</summary>
internal sealed class SqliteSession : ISession, IDisposable
{
    // Texts are constants of the program, so there are some dozens; the limit is for a text somebody composes.
    private const int MostStatements = 256;

    // SQLITE_DBCONFIG_ENABLE_QPSG, which the library has no name for.
    private const int EnableQueryPlannerStability = 1007;

    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> statements = new(StringComparer.Ordinal);
    private readonly TableStatements tables = new("");

    private SqliteSession(SqliteConnection connection) => this.connection = connection;

    /// <summary>Whether a transaction is open. SQLite ends one by itself on some errors.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(connection.Handle) == 0;

    /// <summary>Opens the file as it is and changes nothing in it.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteSession Open(string connectionString) => Open(connectionString, _ => { });

    /// <summary>Opens the file for queries only.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    // Not Mode=ReadOnly: such a connection cannot recover a write-ahead log that a crash left behind.
    public static SqliteSession OpenReader(string connectionString) =>
        Open(connectionString, session => session.Run("pragma query_only = on"));

    /// <summary>Opens the file for durable writing.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteSession OpenWriter(string connectionString) => Open(connectionString, session => session.MakeDurable());

    /// <summary>Switches to the write-ahead log, synced at every commit.</summary>
    /// <exception cref="StoreUnavailableException">The file system has no shared memory for the log (a network drive).</exception>
    public void MakeDurable()
    {
        var mode = Text("pragma journal_mode = wal");
        if (!string.Equals(mode, "wal", StringComparison.OrdinalIgnoreCase))
        {
            throw new StoreUnavailableException($"The write-ahead log cannot be used here (journal mode is {mode}); use a local disk.");
        }

        Run("pragma synchronous = full");

        // In pages, 12 MB of log. A page that changes again and again, such as the end of a table, goes into the database once for all of them; with the 1,000 of the
        // library a sixth of the writes that many callers get done was spent on that (ADR 0025).
        Run("pragma wal_autocheckpoint = 3000");

        // In KiB: with the 2,000 of the library the ends of tables and indexes, where all that is new goes, were read again and again (ADR 0025).
        Run("pragma cache_size = -8000");

        // After a burst the log is cut back, and does not keep its greatest size for ever.
        Run("pragma journal_size_limit = 16777216");
    }

    /// <summary>Runs a statement, prepared once per text, and returns the number of rows it changed.</summary>
    public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Statement(sql, parameters).ExecuteNonQuery();

    /// <summary>The first value of the first row as text, or null.</summary>
    public string? Text(string sql) => Convert.ToString(Statement(sql, []).ExecuteScalar(), CultureInfo.InvariantCulture);

    /// <summary>The same, if it comes soon enough.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="every">After how many of SQLite's instructions <paramref name="isLate"/> is asked.</param>
    /// <param name="isLate">Whether to give up.</param>
    /// <returns>The text; null if it was given up.</returns>
    public string? Text(string sql, int every, Func<bool> isLate)
    {
        raw.sqlite3_progress_handler(connection.Handle, every, _ => isLate() ? 1 : 0, null);
        try
        {
            return Text(sql);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            return null;
        }
        finally
        {
            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
        }
    }

    /// <inheritdoc/>
    public FoundRow? Find(string sql, string id)
    {
        using var reader = Statement(sql, [("id", id)]).ExecuteReader();
        return reader.Read() ? new FoundRow(reader.GetInt64(0), reader.GetString(1)) : null;
    }

    /// <summary>Rows mapped by Dapper, of a statement that is prepared once per text; Dapper itself would prepare it each time.</summary>
    public IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters)
    {
        using var reader = Statement(sql, StatementParameters.Of(parameters)).ExecuteReader();
        var parse = reader.GetRowParser(typeof(TRow));
        var rows = new List<TRow>();
        while (reader.Read())
        {
            rows.Add((TRow)parse(reader));
        }

        return rows;
    }

    /// <summary>Runs a script of several statements.</summary>
    public void RunScript(string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The script is a migration of this assembly.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public TableSql Sql<T>(Table<T> table)
        where T : Aggregate => tables.Of(table);

    /// <inheritdoc/>
    public bool IsDuplicate(Exception error) => error is SqliteException sqlite && sqlite.IsDuplicate();

    /// <summary>Nothing to do: changes come one after the other.</summary>
    public void Lock(string name)
    {
    }

    /// <summary>Has the statement that runs now fail with SQLITE_INTERRUPT. The one member that another thread may call.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(connection.Handle);

    /// <summary>Closes the connection; an open transaction is rolled back.</summary>
    public void Dispose()
    {
        DisposeStatements();
        connection.Dispose();
    }

    private static SqliteSession Open(string connectionString, Action<SqliteSession> prepare)
    {
        var session = new SqliteSession(new SqliteConnection(connectionString));
        try
        {
            session.connection.Open();

            // Plans do not depend on the values bound; otherwise SQLite plans some statements anew each time that a value is bound, which costs more than running them.
            raw.sqlite3_db_config(session.connection.Handle, EnableQueryPlannerStability, 1, out _);
            session.Run("pragma busy_timeout = 5000");
            prepare(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private SqliteCommand Statement(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!statements.TryGetValue(sql, out var command))
        {
            if (statements.Count == MostStatements)
            {
                DisposeStatements();
            }

            command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts come from the program; values are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            statements[sql] = command;
        }

        Bind(command.Parameters, parameters);
        return command;
    }

    private static void Bind(SqliteParameterCollection bound, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (bound.Count != parameters.Length)
        {
            bound.Clear();
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            var (name, value) = parameters[i];
            if (i == bound.Count)
            {
                bound.Add(new SqliteParameter());
            }

            // Without its sign the library would look for the name four times whenever it is bound.
            if (!IsNamed(bound[i].ParameterName, name))
            {
                bound[i].ParameterName = '@' + name;
            }

            bound[i].Value = StatementParameters.Value(name, value) ?? DBNull.Value;
        }
    }

    private static bool IsNamed(string known, string name) => known.Length == name.Length + 1 && known.EndsWith(name, StringComparison.Ordinal);

    private void DisposeStatements()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        statements.Clear();
    }
}
