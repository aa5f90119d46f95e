using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace PmBot.Storage;

/// <summary>What SQLite's result codes mean to this engine.</summary>
internal static class SqliteErrors
{
    /// <summary>
    /// Whether the database itself is in trouble (disk full, I/O error, damage, locked by a stranger), and not just one statement wrong.
    /// Only the second kind is known to leave the transaction of the others intact.
    /// </summary>
    public static bool IsTrouble(this SqliteException error) => error.SqliteErrorCode is not
        (SQLITE_ERROR or SQLITE_TOOBIG or SQLITE_CONSTRAINT or SQLITE_MISMATCH or SQLITE_MISUSE or SQLITE_RANGE);

    /// <summary>The same, of any error.</summary>
    public static bool IsTrouble(Exception error) => error is SqliteException sqlite && sqlite.IsTrouble();

    /// <summary>Whether a primary key or unique index already holds the value.</summary>
    public static bool IsDuplicate(this SqliteException error) =>
        error.SqliteExtendedErrorCode is SQLITE_CONSTRAINT_UNIQUE or SQLITE_CONSTRAINT_PRIMARYKEY or SQLITE_CONSTRAINT_ROWID;

    /// <summary>Whether the file is no SQLite database, or a damaged one.</summary>
    public static bool IsUnreadableFile(this SqliteException error) => error.SqliteErrorCode is SQLITE_NOTADB or SQLITE_CORRUPT;
}
