using Npgsql;

namespace PmBot.Storage;

/// <summary>A look at a PostgreSQL database. No lock of the bot's is asked for.</summary>
internal sealed class PostgresInspection : IStoreInspection
{
    private readonly PostgresSession session;
    private readonly PostgresSettings settings;

    private PostgresInspection(PostgresSession session, PostgresSettings settings, int version) => (this.session, this.settings, Version) = (session, settings, version);

    /// <summary>The version of the schema this program works with.</summary>
    public static int LatestVersion => PostgresMigrations.Latest;

    /// <inheritdoc/>
    public int Version { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Tables => Of<string>("select tablename from pg_tables where schemaname = @schema");

    /// <summary>The server's version, as people call it.</summary>
    public string Server => Of<string>("show server_version")[0].Split(' ')[0];

    /// <summary>Whether the server syncs what it has acknowledged.</summary>
    public bool Syncs => Of<string>("show fsync")[0] == "on";

    /// <summary>Whether this user may make or upgrade the tables.</summary>
    public bool MayChange => Of<bool>(
        """
        select case when to_regnamespace(quote_ident(@schema)) is null then has_database_privilege(current_database(), 'create')
          else has_schema_privilege(quote_ident(@schema), 'create') end
        """)[0];

    /// <summary>Whether a bot runs on it.</summary>
    public bool IsInUse => session.Query<long>(
        """
        select count(*) from pg_locks where locktype = 'advisory' and objsubid = 1 and granted and pid <> pg_backend_pid()
          and database = (select oid from pg_database where datname = current_database()) and (cast(classid as bigint) << 32) + cast(objid as bigint) = @key
        """,
        new { key = PostgresSession.LockKey(settings.Schema, PostgresStore.RunningLock) })[0] > 0;

    /// <summary>Connects.</summary>
    /// <exception cref="StoreRefusedException">It cannot be reached, or belongs to a newer bot or to another program.</exception>
    public static PostgresInspection Open(string connectionString)
    {
        RowMap.Use();
        var settings = PostgresSettings.Read(connectionString);
        PostgresSession? session = null;
        try
        {
            session = PostgresSession.Open(settings, readOnly: true);
            return new PostgresInspection(session, settings, PostgresMigrations.Version(session, settings) ?? 0);
        }
        catch (Exception e)
        {
            session?.Dispose();
            throw e is NpgsqlException or IOException or TimeoutException ? new StoreRefusedException(PostgresStore.Unusable(settings, e), e) : e;
        }
    }

    /// <inheritdoc/>
    public T Read<T>(Func<IReadTransaction, T> query)
    {
        try
        {
            session.BeginReading();
            var transaction = new ReadTransaction(session, new AggregateCache());
            try
            {
                return query(transaction);
            }
            finally
            {
                transaction.End();
                session.Rollback();
            }
        }
        catch (Exception e) when (PostgresErrors.IsTrouble(e))
        {
            throw new StoreUnavailableException($"The database could not be read: {e.Message}", e);
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => session.Dispose();

    private IReadOnlyList<TRow> Of<TRow>(string sql) => session.Query<TRow>(sql, new { schema = settings.Schema });
}
