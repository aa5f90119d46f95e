using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using PmBot.Hosting;

namespace PmBot.Storage;

/// <summary>
/// The only one that writes: a thread with a queue. What waits while a commit is synced to disk goes into the next one together,
/// so the store is fastest when it is busiest.
/// </summary>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private const int MostWaiting = 4096;
    private const int MostPerCommit = 128;

    private readonly Channel<Change> queue = Channel.CreateBounded<Change>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<SqliteSession> open;
    private readonly AggregateCache known;
    private readonly Snapshots snapshots;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Histogram<int>? batchSize;
    private readonly Histogram<double>? commitSeconds;
    private SqliteSession? session;

    /// <summary>Starts the thread, which owns <paramref name="session"/>; after a failure it takes one from <paramref name="open"/>.</summary>
    public SqliteWriter(SqliteSession session, Func<SqliteSession> open, AggregateCache known, Snapshots snapshots, TimeProvider time, ILogger logger, IMeterFactory? meters)
    {
        this.session = session;
        this.open = open;
        this.known = known;
        this.snapshots = snapshots;
        this.time = time;
        this.logger = logger;
        var meter = meters?.Create(Telemetry.Name);
        batchSize = meter?.CreateHistogram(
            "pmbot.store.batch", "{command}", "Changes made durable by one commit.", advice: Telemetry.Buckets(1, 2, 4, 8, 16, 32, 64, MostPerCommit));
        commitSeconds = meter?.CreateHistogram(
            "pmbot.store.commit", "s", "Time of a commit, the sync to disk included.",
            advice: Telemetry.Buckets(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5));
        new Thread(Work) { IsBackground = true, Name = "pmbot-store-writer" }.Start();
    }

    /// <summary>Queues the change, waiting for room, and completes when it is durable.</summary>
    /// <exception cref="StoreUnavailableException">It could not be made durable, or the store is closed.</exception>
    public async Task<T> ExecuteAsync<T>(Func<IWriteTransaction, T> change, CancellationToken cancellationToken)
    {
        var queued = new Change<T>(change, cancellationToken) { Caller = Tracing.Current };
        using var step = Tracing.Step("store write");
        try
        {
            await queue.Writer.WriteAsync(queued, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreUnavailableException("The store is closed.", e.InnerException ?? e);
        }

        // Cancelling answers the caller at once, even if the writer is busy with others.
        await using var registration = cancellationToken.UnsafeRegister(static state => ((Change)state!).Cancel(), queued);
        return await queued.Completion;
    }

    /// <summary>Refuses new changes, finishes the queued ones and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await finished.Task;
    }

    private void Work()
    {
        var batch = new List<Change>(MostPerCommit);
        try
        {
            while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                batch.Clear();
                while (batch.Count < MostPerCommit && queue.Reader.TryRead(out var change))
                {
                    if (change.TryBegin())
                    {
                        batch.Add(change);
                    }
                }

                if (batch.Count > 0)
                {
                    Commit(batch);
                }
            }
        }
        catch (Exception e)
        {
            // The thread is at its end, and nobody may wait for it for ever.
            queue.Writer.TryComplete(e);
            while (queue.Reader.TryRead(out var waiting))
            {
                batch.Add(waiting);
            }

            foreach (var change in batch)
            {
                change.Fail(new StoreUnavailableException("The store's writer has stopped; PmBot must be restarted.", e));
            }

            LogStopped(e);
        }
        finally
        {
            session?.Dispose();
            finished.SetResult();
        }
    }

    private void Commit(List<Change> batch)
    {
        try
        {
            session ??= open();
            session.Run("begin immediate");
            if (!AllSucceed(session, batch))
            {
                session.Run("rollback");
                if (batch is [var only])
                {
                    only.Finish(LogAfterCommit);
                    return;
                }

                session.Run("begin immediate");
                foreach (var change in batch)
                {
                    RunApart(session, change);
                }
            }

            var started = time.GetTimestamp();
            snapshots.Changing();
            session.Run("commit");
            commitSeconds?.Record(time.GetElapsedTime(started).TotalSeconds);
            batchSize?.Record(batch.Count);
        }
        catch (Exception e)
        {
            // Closing the connection rolls back whatever was left; the next batch opens another.
            session?.Dispose();
            session = null;
            LogFailed(e, batch.Count);
            RestoreVersions(batch);
            foreach (var change in batch)
            {
                change.Fail(new StoreUnavailableException("The database could not be written; nothing of the change was kept.", e));
            }

            return;
        }
        finally
        {
            // Before anybody is told: whoever was, finds what was changed.
            snapshots.Changed();
        }

        batch.ForEach(change => change.Finish(LogAfterCommit));
    }

    /// <summary>
    /// Runs the changes one after the other, as nearly always none has an error of its own. Otherwise all of them are to be run again, each apart: a savepoint
    /// for each has SQLite copy every page before it is changed.
    /// </summary>
    private bool AllSucceed(SqliteSession session, List<Change> batch)
    {
        foreach (var change in batch)
        {
            Run(session, change);
            if (change.Error is not null)
            {
                RestoreVersions(batch);
                return false;
            }
        }

        return true;
    }

    // An error of the change itself stays with the change; it is told only after the commit, as it may rest on what the batch wrote.
    private void RunApart(SqliteSession session, Change change)
    {
        session.Run("savepoint change");
        Run(session, change);
        if (change.Error is not null)
        {
            session.Run("rollback to change");
            change.Transaction!.RestoreVersions();
        }

        session.Run("release change");
    }

    private void Run(SqliteSession session, Change change)
    {
        var transaction = change.Transaction = new WriteTransaction(session, known);
        Activity.Current = change.Caller;
        try
        {
            change.Run(transaction, SqliteErrors.IsTrouble, null);
        }
        finally
        {
            Activity.Current = null;
            transaction.End();
        }

        if (!session.InTransaction)
        {
            throw new StoreUnavailableException("SQLite gave the transaction up.", change.Error);
        }
    }

    /// <summary>In the reverse order, for an instance may have been saved by several.</summary>
    private static void RestoreVersions(List<Change> batch)
    {
        for (var i = batch.Count - 1; i >= 0; i--)
        {
            batch[i].Transaction?.RestoreVersions();
        }
    }

    [LoggerMessage(LogLevel.Error, "A batch of {Count} changes could not be written; its callers are told, and the database is reopened")]
    private partial void LogFailed(Exception exception, int count);

    [LoggerMessage(LogLevel.Error, "An action after a commit failed; the change itself is durable")]
    private partial void LogAfterCommit(Exception exception);

    [LoggerMessage(LogLevel.Critical, "The store's writer has stopped; nothing can be written until PmBot is restarted")]
    private partial void LogStopped(Exception exception);
}
