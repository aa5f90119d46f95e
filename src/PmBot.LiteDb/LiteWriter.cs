using System.Diagnostics.Metrics;
using PmBot.LiteDb.Files;
using PmBot.LiteDb.Tables;
using PmBot.Storage;

namespace PmBot.LiteDb;

/// <summary>
/// The only one that writes the file, as LiteDB's transactions belong to their thread. A change that fails is taken back within the transaction, for LiteDB has
/// no savepoints.
/// </summary>
internal sealed partial class LiteWriter : BatchWriter
{
    private readonly CurrentFiles files;
    private readonly ILogger logger;
    private OpenFiles? written;

    /// <summary>Starts the thread, which owns <paramref name="files"/>.</summary>
    public LiteWriter(CurrentFiles files, AggregateCache known, TimeProvider time, ILogger logger, IMeterFactory? meters)
        : base(known, time, logger, meters)
    {
        (this.files, this.logger) = (files, logger);
        Start();
    }

    /// <inheritdoc/>
    protected override void Write(IReadOnlyList<Change> batch)
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
        Commit(() => open.Commit(session.Rows.HasWritten), batch.Count);
        open.Catalog = session.Catalog;
        files.LetIn();
        written = open;
    }

    /// <inheritdoc/>
    protected override void GiveUp()
    {
        files.LetIn();
        files.GiveUp();
    }

    /// <inheritdoc/>
    protected override void Tidy()
    {
        try
        {
            files.Tidy(written!);
        }
        catch (Exception e)
        {
            // All that was acknowledged is in the log, which is tried again with the next change.
            GiveUp();
            LogNotTidied(e);
        }
    }

    /// <inheritdoc/>
    protected override void Close() => files.Dispose();

    private Catalog Make(OpenFiles open, Catalog catalog, string statement)
    {
        files.KeepOut();
        return LiteSchema.Make(new StoredRows(open.Engine, isWriting: true), catalog, statement);
    }

    // An error of the change itself stays with the change; it is told only after the commit, as it may rest on what the batch wrote.
    private void Attempt(Change change, LiteSession session)
    {
        var (changes, catalog) = (session.Rows.Changes, session.Catalog);
        Run(change, session, e => e is LiteTroubleException);
        if (change.Error is not null)
        {
            if (session.Catalog != catalog)
            {
                throw new LiteTroubleException("A change that made tables failed; they cannot be taken back alone.", change.Error);
            }

            session.Rows.Undo(changes);
            change.Transaction!.RestoreVersions();
        }
    }

    [LoggerMessage(LogLevel.Error, "The log could not be brought into the database; nothing is lost, and the database is reopened")]
    private partial void LogNotTidied(Exception exception);
}
