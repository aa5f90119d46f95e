namespace PmBot.Storage;

/// <summary>
/// What one query asks: of the snapshot what it remembers, the rest of the database, in a transaction that begins with the first such question. All of it is of
/// one state, for the snapshot's state is that of the transaction if no commit began before the transaction had read.
/// </summary>
/// <param name="session">The connection.</param>
/// <param name="snapshots">Says which state is the present one.</param>
/// <param name="snapshot">What is remembered; null to ask the database everything.</param>
internal sealed class SnapshotSession(SqliteSession session, Snapshots snapshots, Snapshot? snapshot) : IReadSession
{
    private bool begun;
    private bool used;

    /// <summary>What remembers the state of which all was that was asked so far; null if none does.</summary>
    public Snapshot? Remembered { get; private set; } = snapshot;

    /// <inheritdoc/>
    public TableSql Sql<T>(Table<T> table)
        where T : Aggregate => session.Sql(table);

    /// <inheritdoc/>
    public FoundRow? Find(string sql, string id)
    {
        var found = Ask(sql, id, static (session, sql, id) => session.Find(sql, (string)id!) is { } row ? new[] { row } : []);
        return found.Count > 0 ? found[0] : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters) => Ask(sql, parameters, static (session, sql, parameters) => session.Query<TRow>(sql, parameters));

    /// <summary>Ends the transaction, if one was needed.</summary>
    public void End()
    {
        if (begun)
        {
            session.Run("commit");
        }
    }

    private IReadOnlyList<TRow> Ask<TRow>(string sql, object? parameters, Func<SqliteSession, string, object?, IReadOnlyList<TRow>> ask)
    {
        if (Remembered?.Find<TRow>(sql, parameters) is { } known)
        {
            used = true;
            return known;
        }

        var isFirst = !begun;
        if (isFirst)
        {
            session.Run("begin");
            begun = true;
        }

        var found = ask(session, sql, parameters);

        // A transaction of SQLite's sees the state of its first statement, and only now it is certain which one that is.
        if (isFirst && !snapshots.Reading(Remembered) && Remembered is not null)
        {
            Remembered = null;
            if (used)
            {
                End();
                throw new SnapshotGoneException("A change was made while the query was under way.");
            }
        }

        Remembered?.Add(sql, parameters, found);
        return found;
    }
}

/// <summary>A query used what was remembered of a state that is over, and is to be run again.</summary>
internal sealed class SnapshotGoneException(string message) : Exception(message);
