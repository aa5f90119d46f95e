using System.Diagnostics.Metrics;

namespace PmBot.Storage;

/// <summary>The only one that writes the file.</summary>
internal sealed class SqliteWriter : BatchWriter
{
    private readonly Func<SqliteSession> open;
    private readonly Snapshots snapshots;
    private SqliteSession? session;

    /// <summary>Starts the thread, which owns <paramref name="session"/>; after a failure it takes one from <paramref name="open"/>.</summary>
    public SqliteWriter(SqliteSession session, Func<SqliteSession> open, AggregateCache known, Snapshots snapshots, TimeProvider time, ILogger logger, IMeterFactory? meters)
        : base(known, time, logger, meters)
    {
        (this.session, this.open, this.snapshots) = (session, open, snapshots);
        Start();
    }

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<Change> batch)
    {
        var writing = session ??= open();
        writing.Run("begin immediate");
        if (!AllSucceed(writing, batch))
        {
            writing.Run("rollback");
            if (batch.Count == 1)
            {
                return;
            }

            writing.Run("begin immediate");
            foreach (var change in batch)
            {
                RunApart(writing, change);
            }
        }

        Commit(
            () =>
            {
                snapshots.Changing();
                writing.Run("commit");
            },
            batch.Count);
    }

    /// <inheritdoc/>
    // Closing the connection rolls back whatever was left; the next batch opens another.
    protected override void GiveUp()
    {
        session?.Dispose();
        session = null;
    }

    /// <inheritdoc/>
    // Before anybody is told: whoever was, finds what was changed.
    protected override void Settle() => snapshots.Changed();

    /// <inheritdoc/>
    protected override void Close() => session?.Dispose();

    /// <summary>
    /// Runs the changes one after the other, as nearly always none has an error of its own. Otherwise all of them are to be run again, each apart: a savepoint
    /// for each has SQLite copy every page before it is changed.
    /// </summary>
    private bool AllSucceed(SqliteSession writing, IReadOnlyList<Change> batch)
    {
        foreach (var change in batch)
        {
            Run(writing, change);
            if (change.Error is not null)
            {
                RestoreVersions(batch);
                return false;
            }
        }

        return true;
    }

    // An error of the change itself stays with the change; it is told only after the commit, as it may rest on what the batch wrote.
    private void RunApart(SqliteSession writing, Change change)
    {
        writing.Run("savepoint change");
        Run(writing, change);
        if (change.Error is not null)
        {
            writing.Run("rollback to change");
            change.Transaction!.RestoreVersions();
        }

        writing.Run("release change");
    }

    private void Run(SqliteSession writing, Change change)
    {
        Run(change, writing, SqliteErrors.IsTrouble);
        if (!writing.InTransaction)
        {
            throw new StoreUnavailableException("SQLite gave the transaction up.", change.Error);
        }
    }
}
