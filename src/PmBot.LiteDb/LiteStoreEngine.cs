using System.Diagnostics.Metrics;
using PmBot.Storage;

namespace PmBot.LiteDb;

/// <summary>LiteDB: one file and its log, one process.</summary>
public sealed class LiteStoreEngine : StoreEngine
{
    /// <inheritdoc/>
    public override string Name => "LiteDb";

    /// <inheritdoc/>
    public override string? FaultOf(string connectionString)
    {
        try
        {
            _ = LiteStore.FileOf(connectionString);
            return null;
        }
        catch (StoreRefusedException e)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public override IStore Open(string connectionString, TimeProvider time, ILoggerFactory loggers, IMeterFactory? meters = null) =>
        LiteStore.Open(connectionString, time, loggers.CreateLogger<LiteStore>(), meters);

    /// <inheritdoc/>
    public override IStoreBackup Backup(string connectionString, TimeProvider time) => new LiteBackup(connectionString, time);
}
