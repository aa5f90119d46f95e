using System.Data.Common;
using System.Diagnostics.Metrics;
using LiteDB;
using PmBot.LiteDb.Files;
using PmBot.Storage;

namespace PmBot.LiteDb;

/// <summary>The embedded engine on LiteDB: one file and its log, one process. See <see cref="IStore"/> for what it promises.</summary>
public sealed class LiteStore : IStore
{
    private const string Remedy = "Stop it first, or give this one a database of its own.";

    private readonly FileStream? hold;
    private readonly LiteWriter writer;
    private readonly LiteReaders readers;
    private int disposed;

    private LiteStore(FileStream? hold, LiteWriter writer, LiteReaders readers)
    {
        this.hold = hold;
        this.writer = writer;
        this.readers = readers;
    }

    /// <summary>Opens the database, creating or upgrading it as needed, and keeps every other PmBot out of it until disposed.</summary>
    /// <param name="connectionString"><c>Filename=…</c> or <c>Data Source=…</c>; the engine knows nothing else, and no password.</param>
    /// <param name="time">Times the commits.</param>
    /// <param name="logger">Told what no caller can be told, and every failed batch.</param>
    /// <param name="meters">Makes the meter "PmBot"; without it nothing is measured.</param>
    /// <exception cref="StoreRefusedException">In use, newer than this program, no database, or not accessible.</exception>
    public static LiteStore Open(string connectionString, TimeProvider time, ILogger<LiteStore> logger, IMeterFactory? meters = null)
    {
        var path = FileOf(connectionString);
        FileStream? taken = null;
        try
        {
            // LiteDB lets two processes open one file, without a word.
            taken = SqliteStore.TakeHold(path, Remedy);
            LiteBackup.Finish(path);
            LiteFiles.Prepare(path);
            return Open(path, () => (new DiskFile(path), new DiskFile(LiteFiles.LogOf(path))), taken, time, logger, meters);
        }
        catch (Exception e)
        {
            taken?.Dispose();
            throw e switch
            {
                StoreRefusedException => e,
                LiteException => new StoreRefusedException($"{LiteFiles.Unreadable(path)} LiteDB says: {e.Message}", e),
                _ => new StoreRefusedException($"PmBot cannot use the database {path}: {e.Message} Its folder must be writable for this user and on a local disk.", e),
            };
        }
    }

    /// <summary>Opens a database in files that a test gives.</summary>
    internal static LiteStore Open(
        string path, Func<(IPageFile Data, IPageFile Log)> open, FileStream? hold, TimeProvider time, ILogger<LiteStore> logger, IMeterFactory? meters = null,
        long longLog = CurrentFiles.LongLog)
    {
        RowMap.Use();
        var files = OpenFiles.Open(open);
        try
        {
            var version = LiteSchema.Check(files, path);
            files.StopCheckpoints();
            LiteSchema.Apply(files, version);
            files.Checkpoint();
            var current = new CurrentFiles(files, open, longLog);
            var known = new AggregateCache();
            return new LiteStore(hold, new LiteWriter(current, known, time, logger, meters), new LiteReaders(current, known));
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Never: the file is kept from every other PmBot.</summary>
    public bool IsShared => false;

    /// <inheritdoc/>
    public Task<T> ExecuteAsync<T>(Func<IWriteTransaction, T> change, CancellationToken cancellationToken) =>
        writer.ExecuteAsync(change, cancellationToken);

    /// <inheritdoc/>
    public Task<T> ReadAsync<T>(Func<IReadTransaction, T> query, CancellationToken cancellationToken) =>
        readers.ReadAsync(query, cancellationToken);

    /// <summary>Takes no new work, finishes and answers all that was accepted, closes the database and lets others have it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            await readers.DisposeAsync();
            await writer.DisposeAsync();
            if (hold is not null)
            {
                await hold.DisposeAsync();
            }
        }
    }

    /// <summary>The full path of the file that a connection string names.</summary>
    /// <exception cref="StoreRefusedException">It cannot be read, names no file, or asks for what this engine does not have.</exception>
    public static string FileOf(string connectionString)
    {
        try
        {
            var settings = new DbConnectionStringBuilder { ConnectionString = connectionString };
            var keys = settings.Keys.Cast<string>().ToList();
            if (keys.Find(k => k is not ("filename" or "data source")) is { } unknown)
            {
                throw new StoreRefusedException($"The connection string for LiteDB has \"{unknown}\", which this engine does not have. Give nothing but the file, as Filename=…");
            }

            if (keys is [var key] && (string)settings[key] is { Length: > 0 } file && !file.StartsWith(':'))
            {
                return Path.GetFullPath(file);
            }
        }
        catch (ArgumentException e)
        {
            throw new StoreRefusedException($"The connection string for LiteDB cannot be read: {e.Message}", e);
        }

        throw new StoreRefusedException("PmBot needs a database file: give its path as Filename=… in the connection string.");
    }
}
