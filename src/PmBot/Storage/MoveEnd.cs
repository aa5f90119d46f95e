using System.Data.Common;

namespace PmBot.Storage;

/// <summary>One end of a move: a database, with its schema up to date, that nobody else uses as long as this is open.</summary>
/// <param name="name">The database as people know it, without a password.</param>
/// <param name="connection">An open connection to it.</param>
/// <param name="hold">What keeps others out, beside the connection itself.</param>
public sealed class MoveEnd(string name, DbConnection connection, IDisposable? hold = null) : IDisposable
{
    /// <summary>The database as people know it.</summary>
    public string Name => name;

    /// <summary>The connection.</summary>
    public DbConnection Connection => connection;

    /// <summary>Statements after all rows are in, such as what sets a sequence; null for none.</summary>
    public string? Afterwards { get; init; }

    /// <summary>Closes it and lets others in.</summary>
    public void Dispose()
    {
        connection.Dispose();
        hold?.Dispose();
    }
}
