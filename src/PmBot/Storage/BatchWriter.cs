using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using PmBot.Hosting;

namespace PmBot.Storage;

/// <summary>
/// The only one that writes, for an engine of one process: a thread with a queue. What waits while a commit is synced to disk goes into the next one together,
/// so the store is fastest when it is busiest.
/// </summary>
internal abstract partial class BatchWriter : IAsyncDisposable
{
    private const int MostWaiting = 4096;
    private const int MostPerCommit = 128;

    private readonly Channel<Change> queue = Channel.CreateBounded<Change>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AggregateCache known;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Histogram<int>? batchSize;
    private readonly Histogram<double>? commitSeconds;

    /// <summary>Makes it; <see cref="Start"/> has it begin.</summary>
    protected BatchWriter(AggregateCache known, TimeProvider time, ILogger logger, IMeterFactory? meters)
    {
        (this.known, this.time, this.logger) = (known, time, logger);
        var meter = meters?.Create(Telemetry.Name);
        batchSize = meter?.CreateHistogram(
            "pmbot.store.batch", "{command}", "Changes made durable by one commit.", advice: Telemetry.Buckets(1, 2, 4, 8, 16, 32, 64, MostPerCommit));
        commitSeconds = Telemetry.Commits(meter);
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

    /// <summary>Refuses new changes, finishes the queued ones and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await finished.Task;
    }

    /// <summary>Starts the thread, on which everything below is called.</summary>
    protected void Start() => new Thread(Work) { IsBackground = true, Name = "pmbot-store-writer" }.Start();

    /// <summary>Runs the changes in one transaction and makes it durable. An error of a change itself stays with the change.</summary>
    /// <exception cref="Exception">Any: nothing of the batch was kept.</exception>
    protected abstract void Write(IReadOnlyList<Change> batch);

    /// <summary>Lets go of what failed, so that the next batch begins anew.</summary>
    protected abstract void GiveUp();

    /// <summary>Does what is to be done when a batch has come to its end, before anybody is told.</summary>
    protected virtual void Settle()
    {
    }

    /// <summary>Does what can wait until all were told that their changes are durable.</summary>
    protected virtual void Tidy()
    {
    }

    /// <summary>Closes the database.</summary>
    protected abstract void Close();

    /// <summary>Runs a change within the transaction of its batch.</summary>
    protected void Run(Change change, ISession session, Func<Exception, bool> isTrouble)
    {
        var transaction = change.Transaction = new WriteTransaction(session, known);
        Activity.Current = change.Caller;
        try
        {
            change.Run(transaction, isTrouble, null);
        }
        finally
        {
            Activity.Current = null;
            transaction.End();
        }
    }

    /// <summary>Commits, and measures how long it takes.</summary>
    protected void Commit(Action commit, int changes)
    {
        var started = time.GetTimestamp();
        commit();
        commitSeconds?.Record(time.GetElapsedTime(started).TotalSeconds);
        batchSize?.Record(changes);
    }

    /// <summary>In the reverse order, for an instance may have been saved by several.</summary>
    protected static void RestoreVersions(IReadOnlyList<Change> batch)
    {
        for (var i = batch.Count - 1; i >= 0; i--)
        {
            batch[i].Transaction?.RestoreVersions();
        }
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
                    Do(batch);
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
            Close();
            finished.SetResult();
        }
    }

    private void Do(List<Change> batch)
    {
        try
        {
            Write(batch);
        }
        catch (Exception e)
        {
            GiveUp();
            LogFailed(e, batch.Count);
            RestoreVersions(batch);
            Settle();
            foreach (var change in batch)
            {
                change.Fail(new StoreUnavailableException("The database could not be written; nothing of the change was kept.", e));
            }

            return;
        }

        Settle();
        batch.ForEach(change => change.Finish(LogAfterCommit));
        Tidy();
    }

    [LoggerMessage(LogLevel.Error, "A batch of {Count} changes could not be written; its callers are told, and the database is reopened")]
    private partial void LogFailed(Exception exception, int count);

    [LoggerMessage(LogLevel.Error, "An action after a commit failed; the change itself is durable")]
    private partial void LogAfterCommit(Exception exception);

    [LoggerMessage(LogLevel.Critical, "The store's writer has stopped; nothing can be written until PmBot is restarted")]
    private partial void LogStopped(Exception exception);
}
