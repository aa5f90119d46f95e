using PmBot.LiteDb.Files;
using PmBot.LiteDb.Tables;
using PmBot.Storage;

namespace PmBot.LiteDb;

/// <summary>Runs queries, a few at a time. They read what is committed, and do not wait for a commit to reach the disk.</summary>
internal sealed class LiteReaders(CurrentFiles files, AggregateCache known) : IAsyncDisposable
{
    private const int Count = 4;

    private readonly SemaphoreSlim places = new(Count);
    private volatile bool closed;

    /// <summary>Runs the query in one transaction, on one thread of the pool: LiteDB's transactions belong to their thread.</summary>
    /// <exception cref="StoreUnavailableException">It could not be read, or the store is closed.</exception>
    public async Task<T> ReadAsync<T>(Func<IReadTransaction, T> query, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            return closed ? throw new StoreUnavailableException("The store is closed.") : await Task.Run(() => files.Read(open => Read(open, query)), CancellationToken.None);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Refuses new queries and waits for those under way.</summary>
    public async ValueTask DisposeAsync()
    {
        closed = true;
        for (var i = 0; i < Count; i++)
        {
            await places.WaitAsync();
        }

        places.Release(Count);
    }

    private T Read<T>(OpenFiles open, Func<IReadTransaction, T> query)
    {
        try
        {
            open.BeginRead();
        }
        catch (Exception e)
        {
            throw new StoreUnavailableException("The database could not be read.", e);
        }

        var transaction = new ReadTransaction(new LiteSession(new StoredRows(open.Engine, isWriting: false), open.Catalog, make: null), known);
        try
        {
            return query(transaction);
        }
        catch (LiteTroubleException e)
        {
            throw new StoreUnavailableException("The database could not be read.", e);
        }
        finally
        {
            transaction.End();
            End(open);
        }
    }

    private static void End(OpenFiles open)
    {
        try
        {
            open.EndRead();
        }
        catch (Exception e)
        {
            throw new StoreUnavailableException("The database was closed while it was read.", e);
        }
    }
}
