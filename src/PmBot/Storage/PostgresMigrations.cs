using System.Globalization;

namespace PmBot.Storage;

/// <summary>The schema's steps for PostgreSQL, and the table that keeps its version.</summary>
internal static class PostgresMigrations
{
    // pg_current_xact_id, pg_xact_status.
    private const int OldestServer = 130000;

    private static readonly IReadOnlyList<Migration> Steps = Migration.Of("Postgres");

    /// <summary>The version of the schema this program works with.</summary>
    public static int Latest => Steps[^1].Version;

    /// <summary>Brings the schema up to date. Of several that start together one does it, and the others wait for it.</summary>
    /// <exception cref="StoreRefusedException">It belongs to a newer PmBot or to another program, or the server does not do.</exception>
    public static void Apply(PostgresSession session, PostgresSettings settings)
    {
        RefuseServer(session, settings);
        session.BeginWriting();

        // Released by the end of the transaction, and not held longer than the lock's own patience by a process that hangs.
        session.Run("set local lock_timeout = '60s'");
        session.Lock("migrations");
        var version = Version(session, settings);
        if (version is null)
        {
            MakeSchema(session, settings.Schema);
            session.Run("create table schema_version (version bigint not null)");
            session.Run("insert into schema_version (version) values (0)");
        }

        foreach (var step in Steps.Where(step => step.Version > (version ?? 0)))
        {
            session.RunScript(step.Script);
            session.Run("update schema_version set version = @version", ("version", step.Version));
        }

        MakeSchema(session, settings.SchedulesSchema);
        session.Commit();
    }

    private static void MakeSchema(PostgresSession session, string schema)
    {
        if (session.Query<long>("select count(*) from pg_namespace where nspname = @schema", new { schema })[0] == 0)
        {
            session.Run($"create schema {PostgresSettings.Quoted(schema)}");
        }
    }

    /// <summary>The version of the schema; null if there is nothing of a PmBot in it yet.</summary>
    /// <exception cref="StoreRefusedException">It belongs to a newer PmBot or to another program.</exception>
    public static int? Version(PostgresSession session, PostgresSettings settings)
    {
        var tables = session.Query<string>("select tablename from pg_tables where schemaname = @schema", new { schema = settings.Schema });
        if (!tables.Contains("schema_version"))
        {
            return tables.Contains("rotations") || tables.Contains("meta")
                ? throw new StoreRefusedException($"The schema {settings.Schema} of {settings.Name} belongs to another program. Give PmBot a schema of its own: Search Path=… in the connection string.")
                : null;
        }

        var version = (int)session.Query<long>("select version from schema_version", null)[0];
        return version <= Latest
            ? version
            : throw new StoreRefusedException(
                $"The schema {settings.Schema} of {settings.Name} was written by a newer PmBot: its version is {version}, this program knows up to {Latest}. "
                + "Start that newer PmBot again, or restore a dump from before the upgrade (pg_restore).");
    }

    private static void RefuseServer(PostgresSession session, PostgresSettings settings)
    {
        var server = int.Parse(session.Query<string>("show server_version_num", null)[0], CultureInfo.InvariantCulture);
        if (server < OldestServer)
        {
            throw new StoreRefusedException($"{settings.Name} is PostgreSQL {server / 10000}. PmBot needs 13 or newer.");
        }

        if (session.Query<string>("show server_encoding", null)[0] is not "UTF8" and var encoding)
        {
            throw new StoreRefusedException($"The encoding of {settings.Name} is {encoding}, which cannot hold what people write. Make the database with encoding UTF8.");
        }
    }
}
