using NodaTime;

namespace PmBot.Storage;

/// <summary>Backups of an engine's database as files, made and restored by the engine itself.</summary>
/// <remarks>
/// It stands beside <see cref="IStore"/> and needs none: a backup is made while a bot runs on the database, by this process or another.
/// An engine whose database comes with such tools refuses, and names them: <see cref="NoStoreBackup"/>.
/// </remarks>
public interface IStoreBackup
{
    /// <summary>
    /// Writes the whole database, as it was at one moment after the call, into one file that only its owner can read. The file has its
    /// name only once it is complete, checked and on disk.
    /// </summary>
    /// <param name="file">Where; its folder exists.</param>
    /// <param name="overwrite">Whether a file of that name is replaced.</param>
    /// <param name="cancellationToken">Gives up; nothing is left behind.</param>
    /// <exception cref="StoreRefusedException">It could not be made; nothing was left behind. The message says why and what to do.</exception>
    Task<BackupMade> MakeAsync(string file, bool overwrite, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a backup in the database's place, and keeps what was there. Ended at any moment, either the one or the other is what the next
    /// start finds. What had not been delivered when the backup was made is looked for before it is sent, for it may have been since.
    /// </summary>
    /// <param name="file">The backup; it stays as it is.</param>
    /// <param name="cancellationToken">Heeded until the backup is about to take its place.</param>
    /// <exception cref="StoreRefusedException">It cannot be restored, and nothing was changed. The message says why and what to do.</exception>
    Task<BackupRestored> RestoreAsync(string file, CancellationToken cancellationToken);
}

/// <summary>A backup that was made and checked.</summary>
/// <param name="Database">Of what.</param>
/// <param name="File">Where it is.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Schema">The version of its schema.</param>
public sealed record BackupMade(string Database, string File, long Bytes, int Schema);

/// <summary>A backup that is the database now.</summary>
/// <param name="Database">The database.</param>
/// <param name="Schema">The version of its schema; the next start brings it up to date.</param>
/// <param name="Until">The last moment of which it knows anything; null if nothing had happened.</param>
/// <param name="KeptAs">Where the database from before is; null if there was none.</param>
public sealed record BackupRestored(string Database, int Schema, Instant? Until, string? KeptAs);

/// <summary>For an engine whose database has tools of its own for it.</summary>
/// <param name="engine">The engine, as people know it.</param>
/// <param name="toMake">The command that makes a backup.</param>
/// <param name="toRestore">The command that restores one.</param>
public sealed class NoStoreBackup(string engine, string toMake, string toRestore) : IStoreBackup
{
    /// <inheritdoc/>
    public Task<BackupMade> MakeAsync(string file, bool overwrite, CancellationToken cancellationToken) =>
        Task.FromException<BackupMade>(new StoreRefusedException($"The data is in {engine}, which has a tool of its own for backups: {toMake}"));

    /// <inheritdoc/>
    public Task<BackupRestored> RestoreAsync(string file, CancellationToken cancellationToken) => Task.FromException<BackupRestored>(
        new StoreRefusedException($"The data is in {engine}, which has a tool of its own for that. Stop the bot, then: {toRestore}"));
}
