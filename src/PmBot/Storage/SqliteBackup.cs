using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using NodaTime;
using NodaTime.Text;
using static SQLitePCL.raw;

namespace PmBot.Storage;

/// <summary>Backups of the SQLite database: <c>VACUUM INTO</c> on a connection of its own, so that a running bot is neither stopped nor waited for.</summary>
/// <param name="connectionString">The database's, as <see cref="SqliteStore.Open"/> takes it.</param>
/// <param name="time">Names what is kept aside.</param>
public sealed class SqliteBackup(string connectionString, TimeProvider time) : IStoreBackup
{
    // Between the database's name and a moment. The first is complete and checked: from then on the restore is decided.
    private const string Ready = ".restoring-";
    private const string Kept = ".before-restore-";

    // What SQLite keeps beside a database, in the order in which it can be taken away: never a log without its database. A restored one has a
    // journal until its first start; left beside another database it would be played back into that one.
    private static readonly string[] Parts = ["-journal", "-wal", "-shm", ""];

    private static readonly InstantPattern Stamp = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    /// <inheritdoc/>
    public Task<BackupMade> MakeAsync(string file, bool overwrite, CancellationToken cancellationToken) =>
        Task.Run(() => Make(file, overwrite, cancellationToken), CancellationToken.None);

    /// <inheritdoc/>
    public Task<BackupRestored> RestoreAsync(string file, CancellationToken cancellationToken) =>
        Task.Run(() => Restore(file, cancellationToken), CancellationToken.None);

    /// <summary>
    /// Ends a restore that was decided and then interrupted. Whoever holds the database calls it before opening it.
    /// </summary>
    internal static void Finish(string database)
    {
        var folder = Path.GetDirectoryName(database)!;
        foreach (var ready in Directory.EnumerateFiles(folder, Path.GetFileName(database) + Ready + "*").Order(StringComparer.Ordinal).ToList())
        {
            var kept = database + Kept + ready[(database.Length + Ready.Length)..];
            foreach (var part in Parts.Where(p => File.Exists(database + p)))
            {
                File.Move(database + part, kept + part);
            }

            File.Move(ready, database);
            DurableFiles.SyncFolder(folder);
        }
    }

    private BackupMade Make(string file, bool overwrite, CancellationToken cancellationToken)
    {
        RowMap.Use();
        var settings = SqliteStore.Settings(connectionString);
        var database = settings.DataSource;
        var target = Path.GetFullPath(file);
        var folder = Path.GetDirectoryName(target) ?? target;
        RefuseTarget(database, target, folder, overwrite);
        var unfinished = $"{target}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.part";
        try
        {
            // An empty file of ours is what VACUUM INTO fills, so nobody else can read it at any moment.
            new FileStream(unfinished, DurableFiles.Own(FileMode.CreateNew)).Dispose();

            // Not a reader's connection: query_only forbids this, too.
            using (var session = SqliteSession.Open(settings.ConnectionString))
            {
                _ = SqliteMigrations.Check(session, database);
                Interruptible(session, () => session.Run("vacuum into @file", ("file", unfinished)), cancellationToken);
            }

            int schema;
            using (var copy = SqliteSession.Open(Of(settings, unfinished)))
            {
                schema = Checked(copy, database, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            DurableFiles.Publish(unfinished, target, overwrite);
            return new BackupMade(database, target, new FileInfo(target).Length, schema);
        }
        catch (Exception e) when (IsOfTheDisk(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new StoreRefusedException(
                e is SqliteException { SqliteErrorCode: SQLITE_FULL }
                    ? $"There is no room in {folder} for a backup of {Size(new FileInfo(database).Length)}. Make room, or name a file elsewhere. Nothing was left there."
                : e is SqliteException sqlite && sqlite.IsUnreadableFile() ? $"{database} is no SQLite database, or a damaged one, so there is no backup of it. Restore an earlier one."
                : $"The backup {target} could not be made: {e.Message} Nothing was left there.", e);
        }
        finally
        {
            Remove(unfinished);
        }
    }

    private static void RefuseTarget(string database, string target, string folder, bool overwrite)
    {
        if (Directory.Exists(target))
        {
            throw new StoreRefusedException($"{target} is a folder. Name a file in it, such as {Path.Combine(target, "pmbot.db")}.");
        }

        if (!Directory.Exists(folder))
        {
            throw new StoreRefusedException($"There is no folder {folder}. Make it, or name a file elsewhere.");
        }

        // Compared by the folder that is meant and the name in it, for a link of that name is replaced and not followed.
        var own = Path.Combine(DurableFiles.RealPath(Path.GetDirectoryName(database)!), Path.GetFileName(database));
        var named = Path.Combine(DurableFiles.RealPath(folder), Path.GetFileName(target));
        if (named == own || named == own + ".lock" || Parts.Any(p => named == own + p) || DurableFiles.RealPath(target) == DurableFiles.RealPath(database))
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
        RowMap.Use();
        var settings = SqliteStore.Settings(connectionString);
        var database = settings.DataSource;
        var source = Path.GetFullPath(file);
        if (!File.Exists(source))
        {
            throw new StoreRefusedException($"There is no file {source}. Nothing was changed.");
        }

        if (DurableFiles.RealPath(source) == DurableFiles.RealPath(database))
        {
            throw new StoreRefusedException($"{source} is the database itself. Name a backup of it. Nothing was changed.");
        }

        var unfinished = $"{database}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.part";
        try
        {
            using var hold = SqliteStore.TakeHold(database, "Stop it, then restore again. Nothing was changed.");
            Finish(database);
            using (HoldSource(source))
            {
                DurableFiles.Copy(source, unfinished);
                foreach (var part in ((string[])["-journal", "-wal"]).Where(p => File.Exists(source + p)))
                {
                    DurableFiles.Copy(source + part, unfinished + part);
                }
            }

            var (schema, until) = Prepare(settings, unfinished, source, cancellationToken);
            var stamp = FreeStamp(database);
            var hasBefore = File.Exists(database);
            cancellationToken.ThrowIfCancellationRequested();

            // Decided with this name: whoever opens the database next ends what is interrupted from here on.
            DurableFiles.Publish(unfinished, database + Ready + stamp);
            Finish(database);
            return new BackupRestored(database, schema, until, hasBefore ? database + Kept + stamp : null);
        }
        catch (Exception e) when (IsOfTheDisk(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new StoreRefusedException(
                e is SqliteException sqlite && sqlite.IsUnreadableFile() ? $"{source} is no SQLite database, or a damaged one. Restore another backup. Nothing was changed."
                : e is SqliteException { SqliteErrorCode: SQLITE_FULL } ? $"There is no room beside {database} for the backup. Make room. Nothing was changed."
                : $"{source} could not be restored: {e.Message} {(IsDecided(database) ? "The next start ends it." : "Nothing was changed.")}", e);
        }
        finally
        {
            Remove(unfinished);
        }
    }

    /// <summary>Checks the copy and marks in it what may have happened since it was made.</summary>
    private (int Schema, Instant? Until) Prepare(SqliteConnectionStringBuilder settings, string copy, string source, CancellationToken cancellationToken)
    {
        using var session = SqliteSession.Open(Of(settings, copy));
        var schema = Checked(session, source, cancellationToken);
        var until = LastMoment(session);

        // Searched from here on. Too early is only slower, too late would send twice; so the clocks of then and now are both heeded.
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        var since = until is { } last ? Instant.Min(last, now) : now;
        session.Run("begin immediate");
        session.Run(
            "update deliveries set uncertain = 1, first_attempt_at = min(coalesce(first_attempt_at, @since), @since) where state in (0, 1, 3)",
            ("since", since.ToUnixTimeMilliseconds()));
        session.Run("delete from meta where key = 'restored_until'");
        session.Run(
            "insert into meta (key, value) values ('restored_since', @since) on conflict (key) do update set value = excluded.value",
            ("since", since.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
        session.Run("commit");

        // One file and no log beside it: then its name is all that has to change.
        _ = session.Text("pragma journal_mode = delete");
        return (schema, until);
    }

    /// <summary>The last thing that a database knows to have happened.</summary>
    private static Instant? LastMoment(SqliteSession session)
    {
        var moments = session.Query<long?>(
            """
            select max(at) from audit union all select max(created_at) from deliveries union all select max(finished_at) from deliveries
            union all select max(recorded_at) from occurrences
            """,
            null).ToList();
        if (session.Text("select value from meta where key = 'probe'") is { Length: > 0 } probe
            && DateTimeOffset.TryParse(probe, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var probed))
        {
            moments.Add(probed.ToUnixTimeMilliseconds());
        }

        return moments.Max() is { } last ? Instant.FromUnixTimeMilliseconds(last) : null;
    }

    /// <summary>Refuses what is no whole database of PmBot, or a newer one.</summary>
    /// <param name="session">The copy.</param>
    /// <param name="of">What it is a copy of.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The version of its schema.</returns>
    private static int Checked(SqliteSession session, string of, CancellationToken cancellationToken)
    {
        var (isOurs, version) = SqliteMigrations.Look(session);
        if (!isOurs)
        {
            throw new StoreRefusedException($"{of} is no database of PmBot. Nothing was changed.");
        }

        if (version > SqliteMigrations.Latest)
        {
            throw new StoreRefusedException(
                $"{of} was written by a newer PmBot: its schema is {version}, this program knows up to {SqliteMigrations.Latest}. " +
                "Use that newer program, or a backup from before the upgrade. Nothing was changed.");
        }

        IReadOnlyList<string> damage = [];
        Interruptible(session, () => damage = session.Query<string>("pragma integrity_check", null), cancellationToken);
        return damage is ["ok"] ? version : throw new StoreRefusedException($"{of} is damaged: {damage[0]}. Nothing was changed.");
    }

    private static void Interruptible(SqliteSession session, Action work, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static state => ((SqliteSession)state!).Interrupt(), session);
        try
        {
            work();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException("Given up.", e, cancellationToken);
        }
    }

    /// <summary>A backup that is itself the database of a running bot would be copied in the middle of its writing.</summary>
    private static FileStream? HoldSource(string source) =>
        File.Exists(source + ".lock") ? SqliteStore.TakeHold(source, "Make a backup of it by pmbot backup, and restore that. Nothing was changed.") : null;

    private string FreeStamp(string database)
    {
        var at = Instant.FromDateTimeOffset(time.GetUtcNow());
        while (Parts.Any(p => File.Exists(database + Kept + Stamp.Format(at) + p)))
        {
            at += Duration.FromSeconds(1);
        }

        return Stamp.Format(at);
    }

    private static bool IsOfTheDisk(Exception error) => error is SqliteException or IOException or UnauthorizedAccessException;

    private static bool IsDecided(string database) =>
        Path.GetDirectoryName(database) is { } folder && Directory.Exists(folder) && Directory.EnumerateFiles(folder, Path.GetFileName(database) + Ready + "*").Any();

    private static string Of(SqliteConnectionStringBuilder settings, string file) =>
        new SqliteConnectionStringBuilder(settings.ConnectionString) { DataSource = file }.ConnectionString;

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"about {bytes / 1_000_000.0:0.#} MB");

    private static void Remove(string unfinished)
    {
        foreach (var part in Parts)
        {
            File.Delete(unfinished + part);
        }
    }
}
