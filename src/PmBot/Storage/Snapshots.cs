using System.Collections.Concurrent;

namespace PmBot.Storage;

/// <summary>
/// What queries found in the state that the database has now, for the engine whose only writer is this process: until the next commit the same question has the
/// same answer. The writer says when a commit begins and when it is over; what was remembered before is forgotten then, or as soon as somebody may have seen more.
/// </summary>
internal sealed class Snapshots
{
    private volatile State state = new(new Snapshot(), IsChanging: false);

    /// <summary>
    /// What is remembered of the state that was answered last; null if somebody may have seen a newer one. While a commit is under way that is the state before it:
    /// nobody was told of another one, and a sync takes as long as a hundred queries.
    /// </summary>
    public Snapshot? Current => state.Remembered;

    /// <summary>From here on the database may have another state.</summary>
    // Readers change nothing as long as no commit is under way.
    public void Changing() => state = state with { IsChanging = true };

    /// <summary>The state is certain again: the new one, or still the old one.</summary>
    public void Changed() => state = new State(new Snapshot(), IsChanging: false);

    /// <summary>
    /// Told by a query that it has read the database, before it goes on. If a commit is under way, what is remembered is forgotten: this query may have seen what the
    /// commit makes, and whoever comes after it must not see less.
    /// </summary>
    /// <param name="snapshot">What the query uses; null for nothing.</param>
    /// <returns>Whether what it read is of the snapshot's state.</returns>
    public bool Reading(Snapshot? snapshot)
    {
        var now = state;
        if (!now.IsChanging)
        {
            return snapshot is not null && now.Remembered == snapshot;
        }

        // Only while it is this commit's state still.
        if (now.Remembered is not null)
        {
            Interlocked.CompareExchange(ref state, new State(null, IsChanging: true), now);
        }

        return false;
    }

    private sealed record State(Snapshot? Remembered, bool IsChanging);
}

/// <summary>What queries found in one state of the database. Each state has an instance of its own.</summary>
internal sealed class Snapshot
{
    // Rows are kept for a while, though nobody may ask for them again: few of one question, and not too many of all.
    private const int MostRowsOfOne = 64;
    private const int MostRows = 16 * 1024;

    private readonly ConcurrentDictionary<Asked, object> answers = new();
    private int rows;

    /// <summary>The rows of a statement, if it was asked before with equal parameters.</summary>
    /// <returns>The rows; null if it was not.</returns>
    public IReadOnlyList<TRow>? Find<TRow>(string sql, object? parameters) =>
        answers.TryGetValue(new(sql, parameters, typeof(TRow)), out var found) ? (IReadOnlyList<TRow>)found : null;

    /// <summary>Remembers them, unless they are many.</summary>
    public void Add<TRow>(string sql, object? parameters, IReadOnlyList<TRow> found)
    {
        if (found.Count > MostRowsOfOne)
        {
            return;
        }

        // An answer without rows takes its place, too.
        if (Interlocked.Add(ref rows, found.Count + 1) > MostRows)
        {
            answers.Clear();
            rows = found.Count + 1;
        }

        answers[new(sql, parameters, typeof(TRow))] = found;
    }

    private readonly record struct Asked(string Sql, object? Parameters, Type Row)
    {
        // The texts are long and mostly the same ones, so that to compare them costs less than to reckon with all of their characters.
        public override int GetHashCode() => HashCode.Combine(Sql.Length, Parameters);
    }
}
