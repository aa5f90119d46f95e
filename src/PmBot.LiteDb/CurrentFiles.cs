using PmBot.LiteDb.Files;
using PmBot.Storage;

namespace PmBot.LiteDb;

/// <summary>The open database of a store, as its writer and its readers share it. After a failure the writer opens it anew.</summary>
/// <param name="files">The database, open.</param>
/// <param name="open">Opens its files again.</param>
/// <param name="longLog">From which length on the log is brought into the database: LiteDB reads it whole when it opens, and keeps it in memory.</param>
internal sealed class CurrentFiles(OpenFiles files, Func<(IPageFile Data, IPageFile Log)> open, long longLog = CurrentFiles.LongLog) : IDisposable
{
    /// <summary>Where the log is long.</summary>
    public const long LongLog = 16 << 20;

    // From here on readers are waited for.
    private readonly long tooLongLog = 16 * longLog;

    // Readers hold it while they read. The writer does not take it to write, only where LiteDB has to be alone.
    private readonly ReaderWriterLockSlim alone = new(LockRecursionPolicy.SupportsRecursion);
    private OpenFiles? current = files;
    private long? durable;

    /// <summary>Runs a query on the database.</summary>
    /// <exception cref="StoreUnavailableException">It is closed after a failure.</exception>
    public T Read<T>(Func<OpenFiles, T> query)
    {
        alone.EnterReadLock();
        try
        {
            return query(current ?? throw new StoreUnavailableException("The database could not be written and is closed; it is opened again with the next change."));
        }
        finally
        {
            alone.ExitReadLock();
        }
    }

    /// <summary>The database for the writer, opened again if it was given up.</summary>
    /// <exception cref="Exception">It cannot be opened.</exception>
    public OpenFiles ForWriting()
    {
        if (current is { } known)
        {
            return known;
        }

        var again = OpenFiles.Open(open, durable);
        try
        {
            LiteSchema.Check(again, "The database");
            again.StopCheckpoints();
        }
        catch
        {
            again.Dispose();
            throw;
        }

        AsOnly(() => current = again);
        return again;
    }

    /// <summary>Closes the database after a failure, once those who read it are done.</summary>
    public void GiveUp() => AsOnly(() =>
    {
        if (current is { } failed)
        {
            current = null;
            durable = failed.DurableLength;
            failed.GiveUp();
        }
    });

    /// <summary>Brings a long log into the database when nobody reads; a very long one also if somebody does, who is waited for.</summary>
    public void Tidy(OpenFiles written)
    {
        if (written.LogLength < longLog)
        {
            return;
        }

        if (!alone.TryEnterWriteLock(0))
        {
            if (written.LogLength < tooLongLog)
            {
                return;
            }

            alone.EnterWriteLock();
        }

        try
        {
            written.Checkpoint();
        }
        finally
        {
            alone.ExitWriteLock();
        }
    }

    /// <summary>Keeps readers out until <see cref="LetIn"/>, once those who read are done.</summary>
    public void KeepOut()
    {
        if (!alone.IsWriteLockHeld)
        {
            alone.EnterWriteLock();
        }
    }

    /// <summary>Ends <see cref="KeepOut"/>, if it was begun.</summary>
    public void LetIn()
    {
        if (alone.IsWriteLockHeld)
        {
            alone.ExitWriteLock();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        current?.Dispose();
        alone.Dispose();
    }

    private void AsOnly(Action action)
    {
        alone.EnterWriteLock();
        try
        {
            action();
        }
        finally
        {
            alone.ExitWriteLock();
        }
    }
}
