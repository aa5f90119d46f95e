using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace PmBot.Storage;

/// <summary>One connection to PostgreSQL. Its statements are prepared once each by Npgsql.</summary>
internal sealed class PostgresSession : ISession, IDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly string schema;
    private readonly TableStatements tables = new(" for update");

    // What the next statement is sent together with: going there and back takes longer than most statements.
    private readonly List<long> locks = [];
    private bool isUnnumbered;

    private NpgsqlTransaction? transaction;
    private string number = "";

    private PostgresSession(NpgsqlConnection connection, string schema) => (this.connection, this.schema) = (connection, schema);

    /// <summary>The first error of a statement in this transaction; PostgreSQL then keeps nothing of it, whatever follows.</summary>
    public Exception? Broken { get; private set; }

    /// <summary>The number of the server's process behind it.</summary>
    public int ProcessId => connection.ProcessID;

    /// <summary>Connects.</summary>
    /// <param name="settings">To what.</param>
    /// <param name="readOnly">For queries only.</param>
    /// <exception cref="NpgsqlException">It cannot.</exception>
    public static PostgresSession Open(PostgresSettings settings, bool readOnly = false)
    {
        var session = new PostgresSession(new NpgsqlConnection(settings.ConnectionString), settings.Schema);
        try
        {
            session.connection.Open();

            // A process that was stopped in the middle of a transaction must not hold its rows for ever, and a database that answers before
            // it has synced would break what the store promises.
            session.Run(
                """
                set lock_timeout = '5s'; set idle_in_transaction_session_timeout = '10s';
                select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'
                """);
            if (readOnly)
            {
                session.Run("set default_transaction_read_only = on");
            }

            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>A key for PostgreSQL's advisory locks, which belong to a whole database.</summary>
    /// <param name="schema">The schema in whose name it is.</param>
    /// <param name="name">What is locked.</param>
    public static long LockKey(string schema, string name) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"pmbot {schema} {name}")));

    /// <summary>Begins a transaction that sees one state from its first statement on.</summary>
    public void BeginReading()
    {
        Broken = null;
        transaction = connection.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);
    }

    /// <summary>Begins a transaction that writes.</summary>
    public void BeginWriting()
    {
        Broken = null;
        transaction = connection.BeginTransaction(System.Data.IsolationLevel.ReadCommitted);
        isUnnumbered = true;
    }

    /// <summary>The number of the transaction that writes, by which its outcome can be asked for later.</summary>
    public string Number()
    {
        Flush();
        return number;
    }

    /// <summary>Commits, and returns once that is durable.</summary>
    public void Commit()
    {
        Flush();
        transaction!.Commit();
        End();
    }

    /// <summary>Takes all back.</summary>
    public void Rollback()
    {
        isUnnumbered = false;
        locks.Clear();
        transaction?.Rollback();
        End();
    }

    /// <inheritdoc/>
    public TableSql Sql<T>(Table<T> table)
        where T : Aggregate => tables.Of(table);

    /// <inheritdoc/>
    public FoundRow? Find(string sql, string id) =>
        Ask(sql, [("@id", id)], reader => reader.Read() ? new FoundRow(reader.GetInt64(0), reader.GetString(1)) : null);

    /// <inheritdoc/>
    public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Ask(sql, parameters, reader =>
    {
        // What a statement changed is known once all is read, and what only reads changes nothing.
        while (reader.NextResult())
        {
        }

        return reader.RecordsAffected;
    });

    /// <inheritdoc/>
    public IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters)
    {
        Flush();
        return Try(() => connection.Query<TRow>(sql, parameters).AsList());
    }

    /// <inheritdoc/>
    public void Lock(string name) => locks.Add(LockKey(schema, name));

    /// <summary>Takes a lock that is kept as long as the connection, unless another one is in the way.</summary>
    /// <param name="name">What is locked.</param>
    /// <param name="shared">Whether others may share it.</param>
    /// <returns>Whether it is taken.</returns>
    public bool TryHold(string name, bool shared) =>
        Query<bool>($"select pg_try_advisory_lock{(shared ? "_shared" : "")}(@key)", new { key = LockKey(schema, name) })[0];

    /// <inheritdoc/>
    public bool IsDuplicate(Exception error) => PostgresErrors.IsDuplicate(error);

    /// <summary>The connection itself, to be used without this session from now on; with the session it is closed.</summary>
    public NpgsqlConnection Release()
    {
        // Reading millions of rows takes as long as it takes, and nobody else waits for them.
        Run("set idle_in_transaction_session_timeout = 0; set lock_timeout = 0");
        return connection;
    }

    /// <summary>Closes the connection; an open transaction is rolled back.</summary>
    public void Dispose()
    {
        transaction?.Dispose();
        connection.Dispose();
    }

    private NpgsqlCommand Command(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
#pragma warning disable CA2100 // Texts come from the program; values are parameters.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter
            {
                ParameterName = name,
                Value = value switch
                {
                    null => DBNull.Value,
                    string or long => value,
                    int number => (long)number,
                    _ => throw new ArgumentException($"{name} is a {value.GetType().Name}; a column takes text, Int64 or null.", nameof(parameters)),
                },
            });
        }

        return command;
    }

    /// <summary>Does now what waits for the next statement.</summary>
    private void Flush()
    {
        if (isUnnumbered || locks.Count > 0)
        {
            _ = Ask(null, [], _ => true);
        }
    }

    /// <summary>Runs a statement, and before it what waits for that.</summary>
    private TResult Ask<TResult>(string? sql, ReadOnlySpan<(string Name, object? Value)> parameters, Func<NpgsqlDataReader, TResult> read)
    {
        var (isFirst, held) = (isUnnumbered, locks.ToArray());
        isUnnumbered = false;
        locks.Clear();
        List<string> statements = [];
        if (isFirst)
        {
            statements.Add("select cast(pg_current_xact_id() as text)");
        }

        statements.AddRange(held.Select((_, n) => $"select pg_advisory_xact_lock(@held{n})"));
        if (sql is not null)
        {
            statements.Add(sql);
        }

        using var command = Command(string.Join("; ", statements), [.. parameters, .. held.Select((key, n) => ($"@held{n}", (object?)key))]);
        return Try(() =>
        {
            using var reader = command.ExecuteReader();
            if (isFirst)
            {
                reader.Read();
                number = reader.GetString(0);
                reader.NextResult();
            }

            foreach (var _ in held)
            {
                reader.NextResult();
            }

            return read(reader);
        });
    }

    private TResult Try<TResult>(Func<TResult> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
        {
            Broken ??= e;
            throw;
        }
    }

    private void End()
    {
        transaction?.Dispose();
        transaction = null;
    }
}
