using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;

namespace PmBot.Storage;

/// <summary>The embedded engine: one SQLite file, one process. See <see cref="IStore"/> for what it promises.</summary>
public sealed class SqliteStore : IStore
{
    private readonly FileStream hold;
    private readonly SqliteWriter writer;
    private readonly SqliteReaders readers;
    private int disposed;

    private SqliteStore(FileStream hold, SqliteWriter writer, SqliteReaders readers)
    {
        this.hold = hold;
        this.writer = writer;
        this.readers = readers;
    }

    /// <summary>Opens the database, creating or upgrading it as needed, and keeps every other PmBot out of it until disposed.</summary>
    /// <param name="connectionString">Microsoft.Data.Sqlite's; <c>Data Source</c> is a file (memory is not supported).</param>
    /// <param name="time">Times the commits.</param>
    /// <param name="logger">Told what no caller can be told, and every failed batch.</param>
    /// <param name="meters">Makes the meter "PmBot"; without it nothing is measured.</param>
    /// <exception cref="StoreRefusedException">In use, newer than this program, no database, or not accessible.</exception>
    public static SqliteStore Open(string connectionString, TimeProvider time, ILogger<SqliteStore> logger, IMeterFactory? meters = null)
    {
        RowMap.Use();
        var settings = Settings(connectionString);
        var path = settings.DataSource;
        FileStream? taken = null;
        SqliteSession? session = null;
        try
        {
            taken = TakeHold(path, "Stop it first, or give this one a database of its own.");
            SqliteBackup.Finish(path);
            CreateFile(path);
            session = SqliteSession.Open(settings.ConnectionString);
            var version = SqliteMigrations.Check(session, path);
            session.MakeDurable();
            SqliteMigrations.Apply(session, version);
            var (known, snapshots) = (new AggregateCache(), new Snapshots());
            return new SqliteStore(
                taken,
                new SqliteWriter(session, () => SqliteSession.OpenWriter(settings.ConnectionString), known, snapshots, time, logger, meters),
                new SqliteReaders(() => SqliteSession.OpenReader(settings.ConnectionString), known, snapshots));
        }
        catch (Exception e)
        {
            session?.Dispose();
            taken?.Dispose();
            throw e switch
            {
                StoreRefusedException => e,
                SqliteException sqlite when sqlite.IsUnreadableFile() => new StoreRefusedException(Unreadable(path), e),
                _ => new StoreRefusedException(
                    $"PmBot cannot use the database {path}: {e.Message} Its folder must be writable for this user and on a local disk.", e),
            };
        }
    }

    /// <summary>Never: the file is kept from every other PmBot.</summary>
    public bool IsShared => false;

    /// <summary>Opens the database for a move of its data. See <see cref="StoreEngine.OpenToMove"/>.</summary>
    internal static MoveEnd OpenToMove(string connectionString, bool create)
    {
        var settings = Settings(connectionString);
        if (!create && !File.Exists(settings.DataSource))
        {
            throw new StoreRefusedException($"There is no database {settings.DataSource}, so there is nothing to move. Look at Storage:ConnectionString.");
        }

        // Checked and brought up to date as by a start.
        Open(connectionString, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteStore>.Instance).DisposeAsync().AsTask().GetAwaiter().GetResult();
        var taken = TakeHold(settings.DataSource, "Stop it, then move the data. Nothing was changed.");
        try
        {
            var connection = new SqliteConnection(settings.ConnectionString);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma synchronous = full";
            command.ExecuteNonQuery();
            return new MoveEnd(settings.DataSource, connection, taken);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<T> ExecuteAsync<T>(Func<IWriteTransaction, T> change, CancellationToken cancellationToken) =>
        writer.ExecuteAsync(change, cancellationToken);

    /// <inheritdoc/>
    public Task<T> ReadAsync<T>(Func<IReadTransaction, T> query, CancellationToken cancellationToken) =>
        readers.ReadAsync(null, query, cancellationToken);

    /// <inheritdoc/>
    public Task<T> ReadAsync<T>(Question question, Func<IReadTransaction, T> query, CancellationToken cancellationToken) =>
        readers.Known<T>(question) is [var known] ? Task.FromResult(known) : readers.ReadAsync(question, query, cancellationToken);

    /// <summary>Takes no new work, finishes and answers all that was accepted, closes the database and lets others have it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            await using (hold)
            {
                await Task.WhenAll(readers.DisposeAsync().AsTask(), writer.DisposeAsync().AsTask());
            }
        }
    }

    /// <summary>Whether a connection string names a database file.</summary>
    public static bool NamesFile(string connectionString)
    {
        try
        {
            return Settings(connectionString).DataSource.Length > 0;
        }
        catch (StoreRefusedException)
        {
            return false;
        }
    }

    /// <summary>What is said of a file that is damaged, or none of SQLite's.</summary>
    internal static string Unreadable(string path) => $"{path} is no SQLite database, or a damaged one. Restore a backup (pmbot restore BACKUP), or give PmBot another file.";

    /// <summary>The full path of the file that a connection string names.</summary>
    /// <exception cref="StoreRefusedException">It cannot be read, or names no file.</exception>
    public static string FileOf(string connectionString) => Settings(connectionString).DataSource;

    /// <summary>The connection string as this engine uses it; its <c>DataSource</c> is the file's full path.</summary>
    /// <exception cref="StoreRefusedException">It cannot be read, or names no file.</exception>
    internal static SqliteConnectionStringBuilder Settings(string connectionString)
    {
        try
        {
            var settings = new SqliteConnectionStringBuilder(connectionString);
            if (settings.DataSource is not ("" or ":memory:") && settings.Mode != SqliteOpenMode.Memory)
            {
                settings.DataSource = Path.GetFullPath(settings.DataSource);
                // The store makes the file itself, so one that vanishes later is an error and not silently an empty database.
                settings.Mode = SqliteOpenMode.ReadWrite;
                // A pool of the library would keep files open that the store has closed.
                settings.Pooling = false;
                settings.ForeignKeys = true;
                settings.DefaultTimeout = 5;
                return settings;
            }
        }
        catch (ArgumentException e)
        {
            throw new StoreRefusedException($"The connection string for SQLite cannot be read: {e.Message}", e);
        }

        throw new StoreRefusedException("PmBot needs a database file: give its path as Data Source=… in the connection string.");
    }

    /// <summary>Keeps every other PmBot out of a database until it is disposed.</summary>
    /// <param name="path">The database.</param>
    /// <param name="remedy">What to do if another one has it.</param>
    /// <exception cref="StoreRefusedException">Another one has it.</exception>
    // A file of its own, as closing a second handle to the database would drop the locks SQLite has on it. The file is never deleted:
    // two programs could then hold two files of one name. The kernel lets go of it however the process ends.
    internal static FileStream TakeHold(string path, string remedy)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new FileStream(path + ".lock", DurableFiles.Own(FileMode.OpenOrCreate));
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new StoreRefusedException($"Another PmBot is using {path}. {remedy}", e);
        }
    }

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows; .NET has no type of its own for it.
    internal static bool IsHeldByAnother(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static void CreateFile(string path)
    {
        if (!File.Exists(path))
        {
            new FileStream(path, DurableFiles.Own(FileMode.CreateNew)).Dispose();
        }
    }
}
