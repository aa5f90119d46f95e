using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace PmBot.Storage;

/// <summary>
/// A few connections for queries, and what queries found since the last commit. In the write-ahead log they never wait for the writer, nor it for them.
/// </summary>
internal sealed class SqliteReaders : IAsyncDisposable
{
    private const int Count = 4;

    // In the place of a statement, for the whole answer to a question.
    private const string Whole = "";

    private readonly Func<SqliteSession> open;
    private readonly AggregateCache known;
    private readonly Snapshots snapshots;

    // A place without a session is one that is not open yet, or had to be closed.
    private readonly Channel<SqliteSession?> places = Channel.CreateBounded<SqliteSession?>(Count);

    public SqliteReaders(Func<SqliteSession> open, AggregateCache known, Snapshots snapshots)
    {
        (this.open, this.known, this.snapshots) = (open, known, snapshots);
        for (var i = 0; i < Count; i++)
        {
            places.Writer.TryWrite(null);
        }
    }

    /// <summary>What an equal question was answered in the present state, as the only row; null if it was not asked.</summary>
    public IReadOnlyList<T>? Known<T>(Question question) => snapshots.Current?.Find<T>(Whole, question);

    /// <summary>Runs the query in one read transaction: on the caller's thread, for handing it to another one takes longer than most queries do.</summary>
    /// <param name="question">By what the answer is remembered; null for not at all.</param>
    /// <param name="query">The query.</param>
    /// <param name="cancellationToken">Ends the wait for a connection.</param>
    /// <exception cref="StoreUnavailableException">It could not be read, or the store is closed.</exception>
    public async Task<T> ReadAsync<T>(Question? question, Func<IReadTransaction, T> query, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Read(places.Reader.TryRead(out var free) ? free : await places.Reader.ReadAsync(cancellationToken), question, query);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreUnavailableException("The store is closed.", e);
        }
    }

    /// <summary>Waits for the queries under way and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < Count; i++)
        {
            (await places.Reader.ReadAsync())?.Dispose();
        }

        places.Writer.Complete();
    }

    private T Read<T>(SqliteSession? session, Question? question, Func<IReadTransaction, T> query)
    {
        SqliteSession? healthy = null;
        try
        {
            session ??= open();
            T result;
            try
            {
                result = Read(session, question, query, snapshots.Current);
            }
            catch (SnapshotGoneException)
            {
                result = Read(session, question, query, null);
            }

            healthy = session;
            return result;
        }
        catch (SqliteException e) when (e.IsTrouble())
        {
            throw new StoreUnavailableException("The database could not be read.", e);
        }
        finally
        {
            // After any exception the connection is closed rather than put right: it is rare, and opening takes less than a millisecond.
            if (healthy is null)
            {
                session?.Dispose();
            }

            places.Writer.TryWrite(healthy);
        }
    }

    private T Read<T>(SqliteSession session, Question? question, Func<IReadTransaction, T> query, Snapshot? snapshot)
    {
        var asked = new SnapshotSession(session, snapshots, snapshot);
        var transaction = new ReadTransaction(asked, known);
        T result;
        try
        {
            result = query(transaction);
        }
        finally
        {
            transaction.End();
        }

        asked.End();
        if (question is not null)
        {
            asked.Remembered?.Add<T>(Whole, question, [result]);
        }

        return result;
    }
}
