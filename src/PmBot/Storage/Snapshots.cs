using System.Collections.Concurrent;

namespace PmBot.Storage;

/// <summary>
/// What queries found in the state that the database has now, for the engine whose only writer is this process: until the next commit the same question has the
/// same answer. The writer says when a commit begins and when it is over; what was remembered before is forgotten then.
/// </summary>
internal sealed class Snapshots
{
    private volatile Snapshot? current = new();

    /// <summary>What is remembered of the present state; null while a commit decides which that is.</summary>
    public Snapshot? Current => current;

    /// <summary>From here on the state may be another one.</summary>
    public void Changing() => current = null;

    /// <summary>The state is certain again: the new one, or still the old one.</summary>
    public void Changed() => current = new Snapshot();
}

/// <summary>What queries found in one state of the database. Each state has an instance of its own.</summary>
internal sealed class Snapshot
{
    // Rows are kept for a while, though nobody may ask for them again: few of one question, and not too many of all.
    private const int MostRowsOfOne = 64;
    private const int MostRows = 16 * 1024;

    private readonly ConcurrentDictionary<Question, object> answers = new();
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

    private readonly record struct Question(string Sql, object? Parameters, Type Row)
    {
        // The texts are long and mostly the same ones, so that to compare them costs less than to reckon with all of their characters.
        public override int GetHashCode() => HashCode.Combine(Sql.Length, Parameters);
    }
}
