using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace PmBot.Storage;

/// <summary>One connection to PostgreSQL. Its statements are prepared once each by Npgsql.</summary>
internal sealed class PostgresSession : ISession, IDisposable
{
    // An import writes thousands of rows, which are not all to be kept here until its end.
    private const int MostWaiting = 64;

    private readonly NpgsqlConnection connection;
    private readonly string schema;
    private readonly TableStatements tables = new(" for update");

    // Of the open transaction: what goes with the next statement, for going there and back takes longer than most statements.
    private readonly List<Statement> waiting = [];
    private int opening;
    private bool isSent;

    private PostgresSession(NpgsqlConnection connection, string schema) => (this.connection, this.schema) = (connection, schema);

    /// <summary>The first error of a statement in this transaction; PostgreSQL then keeps nothing of it, whatever follows.</summary>
    public Exception? Broken { get; private set; }

    /// <summary>Whether the transaction has not had anything to do yet.</summary>
    private bool IsIdle => !isSent && waiting.Count == opening;

    /// <summary>The number of the transaction that writes, by which its outcome can be asked for later; null as long as nothing of it was sent.</summary>
    public string? Number { get; private set; }

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
            session.RunScript(
                """
                set lock_timeout = '5s'; set idle_in_transaction_session_timeout = '10s';
                select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'
                """);
            if (readOnly)
            {
                session.RunScript("set default_transaction_read_only = on");
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
    public void BeginReading() => Begin(new Statement(Command("begin isolation level repeatable read", [])));

    /// <summary>Begins a transaction that writes.</summary>
    public void BeginWriting() => Begin(
        new Statement(Command("begin isolation level read committed", [])),
        new Statement(Command("select cast(pg_current_xact_id() as text)", []), reader =>
        {
            reader.Read();
            Number = reader.GetString(0);
        }));

    /// <summary>Sees to it that what is left is sent with the commit: all of it, and nothing of which the commit might make durable what should not be.</summary>
    public void Prepare()
    {
        // Whether a row was as the change expects it is known only afterwards, and what became of a transaction without a number never.
        if (!IsIdle && (Number is null || waiting.Exists(statement => statement.Row is { IsHeld: false })))
        {
            Flush();
        }
    }

    /// <summary>Commits, and returns once that is durable.</summary>
    public void Commit()
    {
        if (!IsIdle)
        {
            Ask(Command("commit", []), _ => true);
        }

        End();
    }

    /// <summary>Takes all back.</summary>
    public void Rollback()
    {
        waiting.Clear();
        if (isSent)
        {
            Ask(Command("rollback", []), _ => true);
        }

        End();
    }

    /// <inheritdoc/>
    public TableSql Sql<T>(Table<T> table)
        where T : Aggregate => tables.Of(table);

    /// <inheritdoc/>
    public FoundRow? Find(string sql, string id) =>
        Ask(Command(sql, [("id", id)]), reader => reader.Read() ? new FoundRow(reader.GetInt64(0), reader.GetString(1)) : null);

    /// <inheritdoc/>
    public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = Command(sql, parameters);
        return Ask(command, reader =>
        {
            // What a statement changed is known once all is read, and what only reads changes nothing.
            while (reader.NextResult())
            {
            }

            return command.RecordsAffected;
        });
    }

    /// <inheritdoc/>
    public void Write(string sql, OneRow? row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        waiting.Add(new Statement(Command(sql, parameters), Row: row));
        if (waiting.Count >= MostWaiting)
        {
            Flush();
        }
    }

    /// <summary>Runs a script of several statements.</summary>
    public void RunScript(string sql)
    {
        Flush();
#pragma warning disable CA2100 // The script is one of this assembly.
        using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        Try(command.ExecuteNonQuery);
    }

    /// <inheritdoc/>
    public IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters) =>
        Ask(Command(sql, StatementParameters.Of(parameters)), reader => reader.Parse<TRow>().AsList());

    /// <inheritdoc/>
    public void Lock(string name) =>
        waiting.Add(new Statement(Command("select pg_advisory_xact_lock(@key)", [("key", LockKey(schema, name))]), _ => { }));

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
        RunScript("set idle_in_transaction_session_timeout = 0; set lock_timeout = 0");
        return connection;
    }

    /// <summary>Closes the connection; an open transaction is rolled back.</summary>
    public void Dispose() => connection.Dispose();

    private static NpgsqlBatchCommand Command(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
#pragma warning disable CA2100 // Texts come from the program; values are parameters.
        var command = new NpgsqlBatchCommand(sql);
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { ParameterName = name, Value = StatementParameters.Value(name, value) ?? DBNull.Value });
        }

        return command;
    }

    private void Begin(params ReadOnlySpan<Statement> statements)
    {
        (Broken, Number, isSent) = (null, null, false);
        waiting.Clear();
        waiting.AddRange(statements);
        opening = statements.Length;
    }

    private void End()
    {
        waiting.Clear();
        (opening, isSent) = (0, false);
    }

    /// <summary>Does now what waits for the next statement.</summary>
    private void Flush()
    {
        if (waiting.Count > 0)
        {
            _ = Ask(null, _ => true);
        }
    }

    /// <summary>Runs a statement, and before it what waits for that.</summary>
    private TResult Ask<TResult>(NpgsqlBatchCommand? last, Func<NpgsqlDataReader, TResult> read) => Try(() =>
    {
        var first = waiting.ToArray();
        waiting.Clear();
        isSent = true;
        using var batch = connection.CreateBatch();
        foreach (var statement in first)
        {
            batch.BatchCommands.Add(statement.Command);
        }

        if (last is not null)
        {
            batch.BatchCommands.Add(last);
        }

        try
        {
            // What has no rows is passed over by the reader.
            using var reader = batch.ExecuteReader();
            foreach (var statement in first.Where(statement => statement.Read is not null))
            {
                statement.Read!(reader);
                reader.NextResult();
            }

            return first.FirstOrDefault(statement => statement.Row is not null && statement.Command.RecordsAffected != 1)?.Row is { } missed
                ? throw missed.Missed()
                : read(reader);
        }
        catch (PostgresException e) when (IsDuplicate(e) && Array.Find(first, statement => statement.Command == e.BatchCommand)?.Row is { } row)
        {
            throw row.Duplicate();
        }
    });

    private TResult Try<TResult>(Func<TResult> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or ConcurrencyException)
        {
            Broken ??= e;
            throw;
        }
    }

    /// <summary>A statement on its way.</summary>
    /// <param name="Command">The statement.</param>
    /// <param name="Read">Reads its rows; null if it has none.</param>
    /// <param name="Row">See <see cref="ISession.Write"/>.</param>
    private sealed record Statement(NpgsqlBatchCommand Command, Action<NpgsqlDataReader>? Read = null, OneRow? Row = null);
}
