using System.Globalization;
using System.Security.Cryptography;
using LiteDB;
using NodaTime;
using NodaTime.Text;
using PmBot.LiteDb.Files;
using PmBot.LiteDb.Sql;
using PmBot.LiteDb.Tables;
using PmBot.Storage;

namespace PmBot.LiteDb;

/// <summary>Backups of the LiteDB database. LiteDB cannot be read by a second program, so the bot must be stopped for either way.</summary>
/// <param name="connectionString">The database's, as <see cref="LiteStore.Open(string, TimeProvider, ILogger{LiteStore}, System.Diagnostics.Metrics.IMeterFactory?)"/> takes it.</param>
/// <param name="time">Names what is kept aside.</param>
public sealed class LiteBackup(string connectionString, TimeProvider time) : IStoreBackup
{
    // Between the database's name and a moment. The first is complete and checked: from then on the restore is decided.
    private const string Ready = ".restoring-";
    private const string Kept = ".before-restore-";

    private static readonly InstantPattern Stamp = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    /// <inheritdoc/>
    public Task<BackupMade> MakeAsync(string file, bool overwrite, CancellationToken cancellationToken) =>
        Task.Run(() => Make(file, overwrite, cancellationToken), CancellationToken.None);

    /// <inheritdoc/>
    public Task<BackupRestored> RestoreAsync(string file, CancellationToken cancellationToken) =>
        Task.Run(() => Restore(file, cancellationToken), CancellationToken.None);

    /// <summary>Ends a restore that was decided and then interrupted. Whoever holds the database calls it before opening it.</summary>
    internal static void Finish(string database)
    {
        var folder = Path.GetDirectoryName(database)!;
        foreach (var ready in Directory.EnumerateFiles(folder, Path.GetFileName(database) + Ready + "*").Order(StringComparer.Ordinal).ToList())
        {
            // The log first: it must never lie beside another database.
            var kept = database + Kept + ready[(database.Length + Ready.Length)..];
            Move(LiteFiles.LogOf(database), LiteFiles.LogOf(kept));
            Move(database, kept);
            File.Move(ready, database);
            DurableFiles.SyncFolder(folder);
        }
    }

    private BackupMade Make(string file, bool overwrite, CancellationToken cancellationToken)
    {
        var database = LiteStore.FileOf(connectionString);
        var target = Path.GetFullPath(file);
        var folder = Path.GetDirectoryName(target) ?? target;
        RefuseTarget(database, target, folder, overwrite);
        var unfinished = NewUnfinished(target);
        return Try(
            unfinished,
            () =>
            {
                using var hold = SqliteStore.TakeHold(database, "Stop it for the time of the backup: a LiteDB database is read by one program at a time.");
                Finish(database);
                int schema;
                using (var files = Open(database))
                {
                    schema = Checked(files, database, cancellationToken);
                    files.Checkpoint();
                }

                DurableFiles.Copy(database, unfinished);
                cancellationToken.ThrowIfCancellationRequested();
                DurableFiles.Publish(unfinished, target, overwrite);
                return new BackupMade(database, target, new FileInfo(target).Length, schema);
            },
            e => e is LiteException or LiteTroubleException
                ? $"{LiteFiles.Unreadable(database)} There is no backup of it."
                : $"The backup {target} could not be made: {e.Message} Nothing was left there.");
    }

    private static void RefuseTarget(string database, string target, string folder, bool overwrite)
    {
        if (Directory.Exists(target))
        {
            throw new StoreRefusedException($"{target} is a folder. Name a file in it, such as {Path.Combine(target, "pmbot.litedb")}.");
        }

        if (!Directory.Exists(folder))
        {
            throw new StoreRefusedException($"There is no folder {folder}. Make it, or name a file elsewhere.");
        }

        var named = Path.Combine(DurableFiles.RealPath(folder), Path.GetFileName(target));
        var own = Path.Combine(DurableFiles.RealPath(Path.GetDirectoryName(database)!), Path.GetFileName(database));
        if (named == own || named == own + ".lock" || named == LiteFiles.LogOf(own) || DurableFiles.RealPath(target) == DurableFiles.RealPath(database))
        {
            throw new StoreRefusedException($"{target} belongs to the database itself. Name another file; one on another disk is safest.");
        }

        if (File.Exists(target) && !overwrite)
        {
            throw new StoreRefusedException($"{target} is there already, and was left as it is. Name another file, or add --force to replace it.");
        }

        if (!File.Exists(database))
        {
            throw new StoreRefusedException($"There is no database {database}, so there is nothing to back up. Look at Storage:ConnectionString.");
        }
    }

    private BackupRestored Restore(string file, CancellationToken cancellationToken)
    {
        var database = LiteStore.FileOf(connectionString);
        var source = Path.GetFullPath(file);
        if (!File.Exists(source))
        {
            throw new StoreRefusedException($"There is no file {source}. Nothing was changed.");
        }

        if (DurableFiles.RealPath(source) == DurableFiles.RealPath(database))
        {
            throw new StoreRefusedException($"{source} is the database itself. Name a backup of it. Nothing was changed.");
        }

        var unfinished = NewUnfinished(database);
        return Try(
            unfinished,
            () =>
            {
                using var hold = SqliteStore.TakeHold(database, "Stop it, then restore again. Nothing was changed.");
                Finish(database);
                DurableFiles.Copy(source, unfinished);
                if (File.Exists(LiteFiles.LogOf(source)))
                {
                    DurableFiles.Copy(LiteFiles.LogOf(source), LiteFiles.LogOf(unfinished));
                }

                int schema;
                Instant? until;
                using (var files = Open(unfinished))
                {
                    schema = Checked(files, source, cancellationToken);
                    until = Mark(files);
                    files.Checkpoint();
                }

                var stamp = FreeStamp(database);
                var hasBefore = File.Exists(database);
                cancellationToken.ThrowIfCancellationRequested();

                // Decided with this name: whoever opens the database next ends what is interrupted from here on.
                DurableFiles.Publish(unfinished, database + Ready + stamp);
                Finish(database);
                return new BackupRestored(database, schema, until, hasBefore ? database + Kept + stamp : null);
            },
            e => e is LiteException or LiteTroubleException
                ? $"{source} is no LiteDB database, or a damaged one. Restore another backup. Nothing was changed."
                : $"{source} could not be restored: {e.Message} {(IsDecided(database) ? "The next start ends it." : "Nothing was changed.")}");
    }

    private static OpenFiles Open(string path)
    {
        LiteFiles.Prepare(path);
        return OpenFiles.Open(() => (new DiskFile(path), new DiskFile(LiteFiles.LogOf(path))));
    }

    /// <summary>Marks in a copy what may have happened since it was made.</summary>
    /// <returns>The last thing that it knows to have happened.</returns>
    private Instant? Mark(OpenFiles files)
    {
        RowMap.Use();
        files.StopCheckpoints();
        files.Engine.BeginTrans();
        var session = new LiteSession(new StoredRows(files.Engine, isWriting: true), files.Catalog, (_, statement) => throw new SqlRefusedException(statement));
        var until = LastMoment(session);

        // Searched from here on. Too early is only slower, too late would send twice; so the clocks of then and now are both heeded.
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        var since = (until is { } last ? Instant.Min(last, now) : now).ToUnixTimeMilliseconds();
        session.Run(
            """
            update deliveries set uncertain = 1, first_attempt_at = case when first_attempt_at <= @since then first_attempt_at else @since end
            where state in (0, 1, 3)
            """,
            ("since", since));
        session.Run("delete from meta where key = 'restored_until'");
        session.Run(
            "insert into meta (key, value) values ('restored_since', @since) on conflict (key) do update set value = excluded.value",
            ("since", since.ToString(CultureInfo.InvariantCulture)));
        session.Rows.Finish();
        files.Commit(hasWritten: true);
        return until;
    }

    private static Instant? LastMoment(LiteSession session)
    {
        var moments = session.Query<long?>(
            """
            select max(at) as at from audit union all select max(created_at) from deliveries union all select max(finished_at) from deliveries
            union all select max(recorded_at) from occurrences
            """,
            null).ToList();
        if (session.Query<string>("select value from meta where key = 'probe'", null) is [{ Length: > 0 } probe]
            && DateTimeOffset.TryParse(probe, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var probed))
        {
            moments.Add(probed.ToUnixTimeMilliseconds());
        }

        return moments.Max() is { } latest ? Instant.FromUnixTimeMilliseconds(latest) : null;
    }

    /// <summary>Refuses what is no whole database of PmBot, or a newer one. LiteDB has no check of its own, so all rows are read, by every index.</summary>
    private static int Checked(OpenFiles files, string of, CancellationToken cancellationToken)
    {
        var version = LiteSchema.Check(files, of);
        if (version == 0)
        {
            throw new StoreRefusedException($"{of} is no database of PmBot. Nothing was changed.");
        }

        var rows = new StoredRows(files.Engine, isWriting: false);
        foreach (var table in files.Catalog.Tables)
        {
            var inTable = rows.Read(table, table.Key, [], KeyCode.End([]), isDescending: false, null).Select(table.Row).ToList();
            foreach (var index in table.Indexes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (rows.Read(table, index, [], KeyCode.End([]), isDescending: false, null).Count() != inTable.Count(r => table.IsIn(index, r)))
                {
                    throw new StoreRefusedException($"{of} is damaged: {index.Name} has not the rows of {table.Name}. Nothing was changed.");
                }
            }
        }

        return version;
    }

    private static T Try<T>(string unfinished, Func<T> work, Func<Exception, string> refusal)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is LiteException or LiteTroubleException or IOException or UnauthorizedAccessException)
        {
            throw new StoreRefusedException(refusal(e), e);
        }
        finally
        {
            File.Delete(unfinished);
            File.Delete(LiteFiles.LogOf(unfinished));
        }
    }

    private string FreeStamp(string database)
    {
        var at = Instant.FromDateTimeOffset(time.GetUtcNow());
        while (File.Exists(database + Kept + Stamp.Format(at)))
        {
            at += Duration.FromSeconds(1);
        }

        return Stamp.Format(at);
    }

    private static bool IsDecided(string database) =>
        Path.GetDirectoryName(database) is { } folder && Directory.Exists(folder) && Directory.EnumerateFiles(folder, Path.GetFileName(database) + Ready + "*").Any();

    private static string NewUnfinished(string path) => $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.part";

    private static void Move(string from, string to)
    {
        if (File.Exists(from))
        {
            File.Move(from, to);
        }
    }
}
