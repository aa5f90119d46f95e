using System.Diagnostics;
using System.Diagnostics.Metrics;
using Npgsql;
using PmBot.Hosting;

namespace PmBot.Storage;

/// <summary>
/// The engine for several replicas: a transaction a change, the row that is changed held until its end, its version checked. Whoever finds
/// another one in the way is rolled back and run again. See <see cref="IStore"/> for what it promises.
/// </summary>
public sealed partial class PostgresStore : IStore
{
    /// <summary>The lock that every running bot shares; who moves the data must have it alone.</summary>
    internal const string RunningLock = "running";

    // A change that meets the same conflict again and again is not unlucky but wrong: it was loaded before its transaction.
    private const int MostConflicts = 5;

    // People wait for the answer to a command. A failover or restart that is over by then is not theirs to know of.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // A command comes to the store several times, and does not wait each time for a database that was not there a moment ago.
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(5);

    private readonly PostgresThreads writers;
    private readonly PostgresThreads readers;
    private readonly Func<PostgresSession> open;
    private readonly ManualResetEventSlim closing = new();
    private readonly AggregateCache known = new();
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Histogram<double>? commitSeconds;
    private readonly Counter<long>? reruns;
    private long gaveUp; // a Stopwatch's timestamp; 0 while the database is there
    private int disposed;

    private PostgresStore(PostgresSettings settings, TimeProvider time, ILogger<PostgresStore> logger, IMeterFactory? meters)
    {
        (this.time, this.logger) = (time, logger);
        open = () => OpenShared(settings, readOnly: false);
        var forReading = Math.Max(1, settings.Connections / 4);
        writers = new PostgresThreads(open, settings.Connections - forReading, "pmbot-store-writer");
        readers = new PostgresThreads(() => OpenShared(settings, readOnly: true), forReading, "pmbot-store-reader");
        var meter = meters?.Create(Telemetry.Name);
        commitSeconds = Telemetry.Commits(meter);
        reruns = meter?.CreateCounter<long>("pmbot.store.reruns", "{command}", "Changes that were run again, because another one was in the way or the database was away.");
    }

    /// <summary>Others change it, too.</summary>
    public bool IsShared => true;

    /// <summary>Connects, and makes or upgrades the schema as needed. Several may do so at once.</summary>
    /// <param name="connectionString">Npgsql's; <c>Search Path</c> names the schema, <c>Maximum Pool Size</c> the number of connections.</param>
    /// <param name="time">Times the commits.</param>
    /// <param name="logger">Told what no caller can be told.</param>
    /// <param name="meters">Makes the meter "PmBot"; without it nothing is measured.</param>
    /// <exception cref="StoreRefusedException">It cannot be reached or used, or is newer than this program.</exception>
    public static PostgresStore Open(string connectionString, TimeProvider time, ILogger<PostgresStore> logger, IMeterFactory? meters = null)
    {
        RowMap.Use();
        var settings = PostgresSettings.Read(connectionString);
        try
        {
            using var session = OpenShared(settings, readOnly: false);
            PostgresMigrations.Apply(session, settings);
            return new PostgresStore(settings, time, logger, meters);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or StoreUnavailableException)
        {
            throw new StoreRefusedException(Unusable(settings, e), e);
        }
    }

    /// <inheritdoc/>
    public async Task<T> ExecuteAsync<T>(Func<IWriteTransaction, T> change, CancellationToken cancellationToken)
    {
        var queued = new Change<T>(change, cancellationToken) { Caller = Tracing.Current };
        using var step = Tracing.Step("store write");
        cancellationToken.ThrowIfCancellationRequested();
        writers.Add(place => Carry(place, queued));

        // Cancelling answers the caller at once, even if the writers are busy with others.
        await using var registration = cancellationToken.UnsafeRegister(static state => ((Change)state!).Cancel(), queued);
        return await queued.Completion;
    }

    /// <inheritdoc/>
    public Task<T> ReadAsync<T>(Func<IReadTransaction, T> query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            readers.Add(place => Answer(place, query, answer, cancellationToken));
        }
        catch (StoreUnavailableException e)
        {
            return Task.FromException<T>(e);
        }

        return answer.Task;
    }

    /// <summary>Takes no new work, finishes and answers all that was accepted, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            closing.Set();
            await Task.WhenAll(readers.DisposeAsync().AsTask(), writers.DisposeAsync().AsTask());
            closing.Dispose();
        }
    }

    /// <summary>Opens the database for a move of its data. See <see cref="StoreEngine.OpenToMove"/>.</summary>
    internal static MoveEnd OpenToMove(string connectionString)
    {
        RowMap.Use();
        var settings = PostgresSettings.Read(connectionString);
        PostgresSession? session = null;
        try
        {
            session = PostgresSession.Open(settings);
            if (!session.TryHold(RunningLock, shared: false))
            {
                throw new StoreRefusedException($"A PmBot is using {settings.Name}, schema {settings.Schema}. Stop all of them, then move the data. Nothing was changed.");
            }

            PostgresMigrations.Apply(session, settings);
            return new MoveEnd($"{settings.Name}, schema {settings.Schema}", session.Release(), session)
            {
                Afterwards =
                    """
                    select setval(pg_get_serial_sequence('audit', 'id'), max(id)) from audit having max(id) is not null;
                    select setval(pg_get_serial_sequence('deliveries', 'seq'), max(seq)) from deliveries having max(seq) is not null
                    """,
            };
        }
        catch (Exception e)
        {
            session?.Dispose();
            throw e is NpgsqlException or IOException or TimeoutException ? new StoreRefusedException(Unusable(settings, e), e) : e;
        }
    }

    /// <summary>What is said of a database that cannot be used.</summary>
    internal static string Unusable(PostgresSettings settings, Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            $"PostgreSQL does not let PmBot into {settings.Name}: {((PostgresException)error).MessageText}. Look at Username and Password in Storage:ConnectionString.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            $"There is no database {settings.Name}. Make it (create database …), or name another one in Storage:ConnectionString.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            $"PmBot may not make its tables in {settings.Name}: {((PostgresException)error).MessageText}. Make its user the owner of the database, or of the schema {settings.Schema} in it.",
        PostgresException postgres => $"PmBot cannot use the database {settings.Name}: {postgres.MessageText} ({postgres.SqlState}).",
        StoreUnavailableException => error.Message,
        _ => $"PmBot does not reach the database {settings.Name}: {error.Message} Is PostgreSQL running there, and Host and Port in Storage:ConnectionString right?",
    };

    private static PostgresSession OpenShared(PostgresSettings settings, bool readOnly)
    {
        var session = PostgresSession.Open(settings, readOnly);
        if (session.TryHold(RunningLock, shared: true))
        {
            return session;
        }

        session.Dispose();
        throw new StoreUnavailableException($"The data of {settings.Name} is being moved. Start the bot when that is done.");
    }

    /// <summary>Runs a change to its end, whatever comes between.</summary>
    private void Carry(PostgresThreads.Place place, Change change)
    {
        if (!change.TryBegin())
        {
            return;
        }

        var (began, patience) = (Stopwatch.GetTimestamp(), PatienceNow());
        try
        {
            for (int attempt = 1, conflicts = 0; ; attempt++)
            {
                if (Attempt(place, change) is not { } obstacle)
                {
                    Volatile.Write(ref gaveUp, 0);
                    break;
                }

                conflicts += PostgresErrors.IsConflict(obstacle) ? 1 : 0;
                if (conflicts == MostConflicts || !(PostgresErrors.IsConflict(obstacle) || PostgresErrors.IsAway(obstacle)) || IsOver(attempt, began, patience))
                {
                    Remember(obstacle);
                    throw obstacle as ConcurrencyException
                        ?? (obstacle as StoreUnavailableException ?? new StoreUnavailableException("The database could not be written; nothing of the change was kept.", obstacle) as Exception);
                }

                reruns?.Add(1);
                LogAgain(obstacle.Message);
                Pause(PostgresErrors.IsConflict(obstacle) ? TimeSpan.FromMilliseconds(Random.Shared.Next(1, 5 << conflicts)) : TimeSpan.FromMilliseconds(100));
            }

            change.Finish(LogAfterCommit);
        }
        catch (Exception e)
        {
            change.Fail(e);
        }
    }

    /// <summary>Runs a change in one transaction.</summary>
    /// <returns>What was in its way, and nothing was kept; null if it is durable, or failed by itself.</returns>
    private Exception? Attempt(PostgresThreads.Place place, Change change)
    {
        WriteTransaction? transaction = null;
        PostgresSession session;
        try
        {
            session = place.Session;
            session.BeginWriting();
            transaction = change.Transaction = new WriteTransaction(session, known);
            Activity.Current = change.Caller;
            try
            {
                change.Run(transaction, error => PostgresErrors.IsConflict(error) || PostgresErrors.IsTrouble(error), session.Prepare);
            }
            finally
            {
                Activity.Current = null;
                transaction.End();
            }

            if (change.Error is not null || session.Broken is not null)
            {
                session.Rollback();
                transaction.RestoreVersions();
                return change.Error is null ? session.Broken : null;
            }
        }
        catch (Exception e)
        {
            transaction?.RestoreVersions();
            if (PostgresErrors.IsConflict(e))
            {
                return RollBack(place) ?? e;
            }

            place.Drop();
            return e;
        }

        var (number, process) = (session.Number, session.ProcessId);
        try
        {
            var started = time.GetTimestamp();
            session.Commit();
            commitSeconds?.Record(time.GetElapsedTime(started).TotalSeconds);
            return null;
        }
        catch (Exception e)
        {
            if (PostgresErrors.IsConflict(e))
            {
                transaction.RestoreVersions();
                return RollBack(place) ?? e;
            }

            place.Drop();

            // Asked for and not answered: only the database knows.
            if (PostgresErrors.IsAway(e) && IsCommitted(number!, process))
            {
                return null;
            }

            transaction.RestoreVersions();
            if (PostgresErrors.IsTrouble(e))
            {
                return e;
            }

            // A statement that went with the commit was wrong.
            change.Refuse(e);
            return null;
        }
    }

    private static Exception? RollBack(PostgresThreads.Place place)
    {
        try
        {
            place.Session.Rollback();
            return null;
        }
        catch (Exception e) when (PostgresErrors.IsTrouble(e))
        {
            place.Drop();
            return e;
        }
    }

    /// <summary>What became of a transaction whose commit was not answered.</summary>
    /// <exception cref="StoreUnavailableException">The database does not say it in time.</exception>
    private bool IsCommitted(string number, int process)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var session = open();
                switch (session.Query<string?>("select pg_xact_status(cast(@number as xid8))", new { number })[0])
                {
                    case "committed":
                        return true;
                    case "in progress":
                        // Its process has not noticed yet that nobody listens.
                        session.Query<bool>("select pg_terminate_backend(cast(@process as int))", new { process });
                        break;
                    default:
                        return false;
                }
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
            {
                // Of the future: the database came back from before it.
                return false;
            }
            catch (Exception e) when (PostgresErrors.IsAway(e) || e is StoreUnavailableException)
            {
                LogAgain(e.Message);
            }

            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new StoreUnavailableException("The database was lost while the change became durable, and does not say whether it has.");
            }

            Pause(TimeSpan.FromMilliseconds(100));
        }
    }

    private void Answer<T>(PostgresThreads.Place place, Func<IReadTransaction, T> query, TaskCompletionSource<T> answer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            answer.TrySetCanceled(cancellationToken);
            return;
        }

        var (began, patience) = (Stopwatch.GetTimestamp(), PatienceNow());
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = Read(place, query);
                Volatile.Write(ref gaveUp, 0);
                answer.TrySetResult(result);
                return;
            }
            catch (Exception e) when (PostgresErrors.IsAway(e) && !IsOver(attempt, began, patience))
            {
                Pause(TimeSpan.FromMilliseconds(100));
            }
            catch (Exception e)
            {
                Remember(e);
                answer.TrySetException(PostgresErrors.IsTrouble(e) ? new StoreUnavailableException("The database could not be read.", e) : e);
                return;
            }
        }
    }

    private T Read<T>(PostgresThreads.Place place, Func<IReadTransaction, T> query)
    {
        try
        {
            var session = place.Session;
            session.BeginReading();
            var transaction = new ReadTransaction(session, known);
            T result;
            try
            {
                result = query(transaction);
            }
            finally
            {
                transaction.End();
            }

            session.Commit();
            return result;
        }
        catch
        {
            // Closed rather than put right: it is rare.
            place.Drop();
            throw;
        }
    }

    private TimeSpan PatienceNow() =>
        Volatile.Read(ref gaveUp) is var last && last != 0 && Stopwatch.GetElapsedTime(last) < Memory ? TimeSpan.Zero : Patience;

    // Never after the first: its connection may be one from before the database was away.
    private static bool IsOver(int attempt, long began, TimeSpan patience) => attempt > 1 && Stopwatch.GetElapsedTime(began) > patience;

    private void Remember(Exception error)
    {
        if (PostgresErrors.IsAway(error))
        {
            Volatile.Write(ref gaveUp, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Waits a moment; no longer once the store is being closed.</summary>
    private void Pause(TimeSpan wait) => closing.Wait(wait);

    [LoggerMessage(LogLevel.Debug, "A change is run again: {Reason}")]
    private partial void LogAgain(string reason);

    [LoggerMessage(LogLevel.Error, "An action after a commit failed; the change itself is durable")]
    private partial void LogAfterCommit(Exception exception);
}
