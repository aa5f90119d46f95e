using System.Data.Common;
using System.Diagnostics.Metrics;

namespace PmBot.Storage;

/// <summary>An engine that the setting <c>Storage:Provider</c> names.</summary>
public abstract class StoreEngine
{
    /// <summary>Its name in the settings, in any case.</summary>
    public abstract string Name { get; }

    /// <summary>What is wrong with a connection string, as a remedy; null if nothing is, as far as can be told without trying it.</summary>
    public abstract string? FaultOf(string connectionString);

    /// <summary>The full path of the one file that a connection string names; null for an engine that has none.</summary>
    public virtual string? FileOf(string connectionString) => null;

    /// <summary>See <see cref="IStore.IsShared"/>.</summary>
    public virtual bool IsShared => false;

    /// <summary>
    /// Connections to where the alarms of all replicas are kept: a schema of its own beside the data, made when the store is opened. Null for an
    /// engine that is not shared.
    /// </summary>
    /// <param name="connectionString">The engine's own.</param>
    public virtual DbDataSource? Schedules(string connectionString) => null;

    /// <summary>Opens the database, creating or upgrading it as needed.</summary>
    /// <param name="connectionString">The engine's own.</param>
    /// <param name="time">Times what is measured, and the probe.</param>
    /// <param name="loggers">Makes the engine's logger.</param>
    /// <param name="meters">Makes the meter "PmBot"; without it nothing is measured.</param>
    /// <exception cref="StoreRefusedException">It cannot be used; the message says why and what to do.</exception>
    public abstract IStore Open(string connectionString, TimeProvider time, ILoggerFactory loggers, IMeterFactory? meters = null);

    /// <summary>Opens the database for a move of all its data, upgrading it as needed, and keeps every bot out of it. Null for an engine whose data cannot be moved.</summary>
    /// <param name="connectionString">The engine's own.</param>
    /// <param name="create">Whether it is made if it is not there.</param>
    /// <exception cref="StoreRefusedException">It cannot be used, or a bot runs on it.</exception>
    public virtual MoveEnd? OpenToMove(string connectionString, bool create) => null;

    /// <summary>The engine's backups.</summary>
    public abstract IStoreBackup Backup(string connectionString, TimeProvider time);
}

/// <summary>The engines that a program has.</summary>
/// <param name="all">Each of them; the first is the default.</param>
public sealed class StoreEngines(params IReadOnlyList<StoreEngine> all)
{
    /// <summary>Those of this program itself.</summary>
    public static StoreEngines BuiltIn { get; } = new(new SqliteEngine(), new PostgresEngine());

    /// <summary>Each of them.</summary>
    public IReadOnlyList<StoreEngine> All { get; } = all;

    /// <summary>The engine of a name; null if the program has none of it.</summary>
    public StoreEngine? Find(string provider) => All.FirstOrDefault(e => string.Equals(e.Name, provider, StringComparison.OrdinalIgnoreCase));

    /// <summary>The engine of a name that was checked before.</summary>
    /// <exception cref="StoreRefusedException">The program has none of it.</exception>
    public StoreEngine Of(string provider) => Find(provider) ?? throw new StoreRefusedException($"There is no engine \"{provider}\". {Remedy(provider)}");

    /// <summary>What to do about a name that is none.</summary>
    public string Remedy(string provider) => string.Equals(provider, "LiteDb", StringComparison.OrdinalIgnoreCase)
        ? "LiteDb is not part of this program; docs/litedb.md says how to build the one that has it. Otherwise set it to Sqlite or Postgres."
        : $"Set it to {string.Join(" or ", All.Select(e => e.Name))}, or leave it out for {All[0].Name}.";
}

/// <summary>SQLite: one file, one process.</summary>
internal sealed class SqliteEngine : StoreEngine
{
    /// <inheritdoc/>
    public override string Name => "Sqlite";

    /// <inheritdoc/>
    public override string? FaultOf(string connectionString) =>
        SqliteStore.NamesFile(connectionString) ? null : "Set it to the database's file, such as Data Source=/var/lib/pmbot/pmbot.db.";

    /// <inheritdoc/>
    public override string FileOf(string connectionString) => SqliteStore.FileOf(connectionString);

    /// <inheritdoc/>
    public override IStore Open(string connectionString, TimeProvider time, ILoggerFactory loggers, IMeterFactory? meters = null) =>
        SqliteStore.Open(connectionString, time, loggers.CreateLogger<SqliteStore>(), meters);

    /// <inheritdoc/>
    public override MoveEnd OpenToMove(string connectionString, bool create) => SqliteStore.OpenToMove(connectionString, create);

    /// <inheritdoc/>
    public override IStoreBackup Backup(string connectionString, TimeProvider time) => new SqliteBackup(connectionString, time);
}

/// <summary>PostgreSQL: a server, several processes.</summary>
internal sealed class PostgresEngine : StoreEngine
{
    /// <inheritdoc/>
    public override string Name => "Postgres";

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    public override DbDataSource Schedules(string connectionString) => PostgresSettings.Read(connectionString).Schedules();

    /// <inheritdoc/>
    public override string? FaultOf(string connectionString)
    {
        try
        {
            _ = PostgresSettings.Read(connectionString);
            return null;
        }
        catch (StoreRefusedException e)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public override IStore Open(string connectionString, TimeProvider time, ILoggerFactory loggers, IMeterFactory? meters = null) =>
        PostgresStore.Open(connectionString, time, loggers.CreateLogger<PostgresStore>(), meters);

    /// <inheritdoc/>
    public override MoveEnd OpenToMove(string connectionString, bool create) => PostgresStore.OpenToMove(connectionString);

    /// <inheritdoc/>
    public override IStoreBackup Backup(string connectionString, TimeProvider time) => new NoStoreBackup(
        "PostgreSQL", "pg_dump --format=custom --file=pmbot.dump, with the database of Storage:ConnectionString.",
        "pg_restore --clean --if-exists --single-transaction --dbname=… pmbot.dump.");
}
