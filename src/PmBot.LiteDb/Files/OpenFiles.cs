using System.Runtime.InteropServices;
using LiteDB;
using LiteDB.Engine;
using PmBot.LiteDb.Tables;

namespace PmBot.LiteDb.Files;

/// <summary>An open database: its two files, and LiteDB on them.</summary>
internal sealed class OpenFiles : IDisposable
{
    private readonly IPageFile data;
    private readonly IPageFile log;
    private readonly LogStream logStream;
    private readonly Lock committing = new();
    private int shown;

    private OpenFiles(IPageFile data, IPageFile log)
    {
        this.data = data;
        this.log = log;
        logStream = new LogStream(log, BeginShowing);

        // The collation is checked: by any other, LiteDB would find texts equal that are not.
        Engine = new LiteEngine(new EngineSettings { DataStream = new PageStream(data), LogStream = logStream, Collation = Collation.Binary });
    }

    /// <summary>Opens a database.</summary>
    /// <param name="open">Opens its files; they are closed with it.</param>
    /// <param name="durable">The length of the log behind which a failed write may have left something; null if there was none.</param>
    /// <exception cref="LiteException">It is no database of LiteDB, or another kind of one.</exception>
    /// <exception cref="IOException">The files cannot be opened.</exception>
    public static OpenFiles Open(Func<(IPageFile Data, IPageFile Log)> open, long? durable = null)
    {
        var (data, log) = open();
        try
        {
            if (durable is { } length)
            {
                // Nobody who was told of the failure may find its change later.
                log.SetLength(length);
                log.Sync();
            }

            return new OpenFiles(data, log);
        }
        catch
        {
            data.Dispose();
            log.Dispose();
            throw;
        }
    }

    /// <summary>LiteDB.</summary>
    public LiteEngine Engine { get; }

    /// <summary>The tables that there are. Replaced when no reader is there.</summary>
    public Catalog Catalog { get; set; } = new([]);

    /// <summary>The length of the log.</summary>
    public long LogLength => logStream.Length;

    /// <summary>How much of the log is durable.</summary>
    public long DurableLength => logStream.DurableLength;

    /// <summary>Makes the transaction of this thread durable, and then shows it to others.</summary>
    /// <param name="hasWritten">Whether it wrote anything.</param>
    /// <exception cref="LiteTroubleException">It is not durable.</exception>
    public void Commit(bool hasWritten)
    {
        var confirmed = logStream.Confirmed;
        lock (committing)
        {
            Engine.Commit();
            if (logStream.Failure is { } failure)
            {
                // LiteDB takes it for committed. Nobody begins to read any more, until it is opened anew without it.
                throw new LiteTroubleException(failure.Message, failure);
            }

            if ((shown & 1) == 1)
            {
                Interlocked.Increment(ref shown);
            }
        }

        // LiteDB says nothing of a commit that wrote no confirmation.
        if (hasWritten && logStream.Confirmed != confirmed + 1)
        {
            throw new LiteTroubleException("LiteDB did not confirm the transaction.");
        }
    }

    /// <summary>
    /// Begins a transaction of this thread that sees one committed state. LiteDB takes the state of each collection when it is first touched,
    /// so all of them are touched now, between two commits.
    /// </summary>
    public void BeginRead()
    {
        const int Tries = 4;
        for (var i = 0; i < Tries; i++)
        {
            // Odd while a commit is being shown, which takes some microseconds; syncing it is over by then.
            var before = Volatile.Read(ref shown);
            if ((before & 1) == 0)
            {
                Touch();
                if (Volatile.Read(ref shown) == before)
                {
                    return;
                }

                Engine.Rollback();
            }
            else
            {
                Thread.Yield();
            }
        }

        // Commits come faster than the collections can be touched: the next one is held up, once.
        lock (committing)
        {
            if (logStream.Failure is { } failure)
            {
                throw new LiteTroubleException(failure.Message, failure);
            }

            Touch();
        }
    }

    /// <summary>Ends the transaction of this thread, which has written nothing.</summary>
    public void EndRead() => Engine.Rollback();

    /// <summary>Brings the log into the database. Nobody may have a transaction.</summary>
    public void Checkpoint() => Engine.Checkpoint();

    /// <summary>Keeps LiteDB from bringing its log into the database whenever it likes, on whatever thread ends a transaction.</summary>
    public void StopCheckpoints()
    {
        if (Engine.Pragma(Pragmas.CHECKPOINT) != 0)
        {
            Engine.Pragma(Pragmas.CHECKPOINT, 0);
        }
    }

    /// <summary>
    /// Closes it after an error. LiteDB may then be left with transactions whose finalizers throw, which would end the process: they must never
    /// run, so it is kept for ever. Not so after a failure of the log, which LiteDB was not told of.
    /// </summary>
    public void GiveUp()
    {
        if (logStream.Failure is null)
        {
            GCHandle.Alloc(Engine);
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Engine.Dispose();
        data.Dispose();
        log.Dispose();
    }

    private void BeginShowing()
    {
        if ((shown & 1) == 0)
        {
            Interlocked.Increment(ref shown);
        }
    }

    private void Touch()
    {
        Engine.BeginTrans();
        try
        {
            foreach (var table in Catalog.Tables)
            {
                Engine.Query(table.Name, new Query { ExplainPlan = true }).Dispose();
            }
        }
        catch
        {
            Engine.Rollback();
            throw;
        }
    }
}
