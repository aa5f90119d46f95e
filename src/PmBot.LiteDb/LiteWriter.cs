using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using PmBot.Hosting;
using PmBot.LiteDb.Files;
using PmBot.LiteDb.Tables;
using PmBot.Storage;

namespace PmBot.LiteDb;

/// <summary>
/// The only one that writes: a thread with a queue, as LiteDB's transactions belong to their thread. What waits while a commit is synced to disk
/// goes into the next one together. A change that fails is taken back within the transaction, for LiteDB has no savepoints.
/// </summary>
internal sealed partial class LiteWriter : IAsyncDisposable
{
    private const int MostWaiting = 4096;
    private const int MostPerCommit = 128;

    private readonly Channel<Change> queue = Channel.CreateBounded<Change>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CurrentFiles files;
    private readonly AggregateCache known;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Histogram<int>? batchSize;
    private readonly Histogram<double>? commitSeconds;

    /// <summary>Starts the thread, which owns <paramref name="files"/>.</summary>
    public LiteWriter(CurrentFiles files, AggregateCache known, TimeProvider time, ILogger logger, IMeterFactory? meters)
    {
        (this.files, this.known) = (files, known);
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

    /// <summary>Refuses new changes, finishes the queued ones and closes the database.</summary>
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
            files.Dispose();
            finished.SetResult();
        }
    }

    private void Commit(List<Change> batch)
    {
        OpenFiles open;
        try
        {
            open = Write(batch);
        }
        catch (Exception e)
        {
            GiveUp();
            LogFailed(e, batch.Count);
            foreach (var change in batch)
            {
                change.Transaction?.RestoreVersions();
                change.Fail(new StoreUnavailableException("The database could not be written; nothing of the change was kept.", e));
            }

            return;
        }

        batch.ForEach(change => change.Finish(LogAfterCommit));
        try
        {
            files.Tidy(open);
        }
        catch (Exception e)
        {
            // All that was acknowledged is in the log, which is tried again with the next change.
            GiveUp();
            LogNotTidied(e);
        }
    }

    private OpenFiles Write(List<Change> batch)
    {
        var open = files.ForWriting();
        open.Engine.BeginTrans();
        var session = new LiteSession(new StoredRows(open.Engine, isWriting: true), open.Catalog, (catalog, statement) => Make(open, catalog, statement));
        foreach (var change in batch)
        {
            Attempt(change, session);
        }

        if (session.Catalog != open.Catalog)
        {
            LiteSchema.Keep(session.Rows, session.Catalog);
        }

        session.Rows.Finish();
        var started = time.GetTimestamp();
        open.Commit(session.Rows.HasWritten);
        commitSeconds?.Record(time.GetElapsedTime(started).TotalSeconds);
        batchSize?.Record(batch.Count);
        open.Catalog = session.Catalog;
        files.LetIn();
        return open;
    }

    private Catalog Make(OpenFiles open, Catalog catalog, string statement)
    {
        files.KeepOut();
        return LiteSchema.Make(new StoredRows(open.Engine, isWriting: true), catalog, statement);
    }

    // An error of the change itself stays with the change; it is told only after the commit, as it may rest on what the batch wrote.
    private void Attempt(Change change, LiteSession session)
    {
        var (changes, catalog) = (session.Rows.Changes, session.Catalog);
        var transaction = change.Transaction = new WriteTransaction(session, known);
        Activity.Current = change.Caller;
        try
        {
            change.Run(transaction, e => e is LiteTroubleException, null);
        }
        finally
        {
            Activity.Current = null;
            transaction.End();
        }

        if (change.Error is not null)
        {
            if (session.Catalog != catalog)
            {
                throw new LiteTroubleException("A change that made tables failed; they cannot be taken back alone.", change.Error);
            }

            session.Rows.Undo(changes);
            transaction.RestoreVersions();
        }
    }

    private void GiveUp()
    {
        files.LetIn();
        files.GiveUp();
    }

    [LoggerMessage(LogLevel.Error, "A batch of {Count} changes could not be written; its callers are told, and the database is reopened")]
    private partial void LogFailed(Exception exception, int count);

    [LoggerMessage(LogLevel.Error, "The log could not be brought into the database; nothing is lost, and the database is reopened")]
    private partial void LogNotTidied(Exception exception);

    [LoggerMessage(LogLevel.Error, "An action after a commit failed; the change itself is durable")]
    private partial void LogAfterCommit(Exception exception);

    [LoggerMessage(LogLevel.Critical, "The store's writer has stopped; nothing can be written until PmBot is restarted")]
    private partial void LogStopped(Exception exception);
}
