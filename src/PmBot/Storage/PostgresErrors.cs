using Npgsql;

namespace PmBot.Storage;

/// <summary>What PostgreSQL's SQLSTATEs, and a lost connection, mean to this engine.</summary>
internal static class PostgresErrors
{
    /// <summary>
    /// Whether another one was in the way, so that the same change can be made again: a serialization failure, a deadlock, a lock that was
    /// not to be had in time, or a row that was changed or made meanwhile.
    /// </summary>
    public static bool IsConflict(Exception error) => error is ConcurrencyException || error is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable,
    };

    /// <summary>Whether the database is away, or this connection to it is lost; with another one it may go on.</summary>
    public static bool IsAway(Exception error) => error switch
    {
        // Too many connections; not the primary any more; idle for too long in a transaction (this process was stopped); shutting down, crashed,
        // starting up; the connection itself.
        PostgresException { SqlState: var state } =>
            state is PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ReadOnlySqlTransaction or "25P03"
            || state.StartsWith("57P", StringComparison.Ordinal) || state.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Whether the database itself is in trouble (away, out of room, damaged), and not just one statement wrong.</summary>
    public static bool IsTrouble(Exception error) => IsAway(error) || error is PostgresException { SqlState: var state }
        && (state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("58", StringComparison.Ordinal) || state.StartsWith("XX", StringComparison.Ordinal)
            || state is PostgresErrorCodes.QueryCanceled);

    /// <summary>Whether a primary key or unique index already holds the value.</summary>
    public static bool IsDuplicate(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };
}
