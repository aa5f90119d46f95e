using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PmBot.Storage;

/// <summary>
/// A look at a database from outside. Nothing in it is changed, and a bot that runs on it goes on as if nobody looked: the file is opened by
/// SQLite alone, read-only, and the bot's lock is not asked for.
/// </summary>
internal sealed class SqliteInspection : IStoreInspection
{
    // Between two looks at the clock.
    private const int Instructions = 100_000;

    private readonly SqliteSession session;

    private SqliteInspection(SqliteSession session, int version)
    {
        this.session = session;
        Version = version;
    }

    /// <summary>The version of the schema this program works with.</summary>
    public static int LatestVersion => SqliteMigrations.Latest;

    /// <summary>The version of the file's schema, at most <see cref="LatestVersion"/>; 0 if there is nothing in it yet.</summary>
    public int Version { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Tables => session.Query<string>("select name from sqlite_master where type = 'table'", null);

    /// <summary>Whether a bot runs on the database.</summary>
    /// <exception cref="UnauthorizedAccessException">Its lock cannot be read by this user.</exception>
    public static bool IsInUse(string path)
    {
        try
        {
            // A share of the lock, for as long as this line takes, and only of one that nobody holds.
            using var file = new FileStream(path + ".lock", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException e) when (SqliteStore.IsHeldByAnother(e))
        {
            return true;
        }
    }

    /// <summary>Opens the file to be read.</summary>
    /// <param name="path">The file, which exists.</param>
    /// <param name="isInUse">Whether a bot runs on it, see <see cref="IsInUse"/>.</param>
    /// <exception cref="StoreRefusedException">It is newer than this program, no database of a bot, damaged, or cannot be read.</exception>
    public static SqliteInspection Open(string path, bool isInUse)
    {
        RowMap.Use();
        SqliteSession? opened = null;
        try
        {
            opened = SqliteSession.Open(new SqliteConnectionStringBuilder
            {
                DataSource = Source(path, isInUse),
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ConnectionString);
            return new SqliteInspection(opened, SqliteMigrations.Check(opened, path));
        }
        catch (Exception e)
        {
            opened?.Dispose();
            throw e switch
            {
                SqliteException sqlite when sqlite.IsUnreadableFile() => new StoreRefusedException(SqliteStore.Unreadable(path), e),
                SqliteException => new StoreRefusedException($"{path} cannot be read: {e.Message}", e),
                _ => e,
            };
        }
    }

    /// <summary>Whether this user may write the file. Nothing is written, nor read.</summary>
    public static bool IsWritable(string path)
    {
        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
            connection.Open();

            // SQLite opens for reading what it may not write.
            return raw.sqlite3_db_readonly(connection.Handle, "main") == 0;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    /// <summary>Looks through all pages for damage.</summary>
    /// <param name="limit">How long at most.</param>
    /// <returns><c>ok</c>, or what is damaged; null if there was not enough time.</returns>
    public string? QuickCheck(TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            return session.Text("pragma quick_check(1)", Instructions, () => Stopwatch.GetElapsedTime(started) > limit);
        }
        catch (SqliteException e) when (e.IsUnreadableFile())
        {
            return e.Message;
        }
    }

    /// <summary>Runs a query over one consistent, committed state.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">Something in it cannot be understood.</exception>
    public T Read<T>(Func<IReadTransaction, T> query)
    {
        try
        {
            session.Run("begin");
            var transaction = new ReadTransaction(session, new AggregateCache());
            try
            {
                return query(transaction);
            }
            finally
            {
                transaction.End();
                session.Run("rollback");
            }
        }
        catch (SqliteException e)
        {
            throw new StoreUnavailableException($"The database could not be read: {e.Message}", e);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => session.Dispose();

    // While nobody runs on it and no log is left of a crash, the file alone is all there is, and SQLite need not make the log and its index
    // to read it. With a log it must: then the index, which every start makes anew, may change.
    private static string Source(string path, bool isInUse) =>
        isInUse || new FileInfo(path + "-wal") is { Exists: true, Length: > 0 } ? path : new Uri(path).AbsoluteUri + "?immutable=1";
}
