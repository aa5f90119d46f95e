using PmBot.LiteDb.Tables;

namespace PmBot.LiteDb.Sql;

/// <summary>The row at which an expression looks, and behind it those of the queries around.</summary>
internal sealed class Frame(object?[] row, Frame? outer)
{
    /// <summary>The row.</summary>
    public object?[] Row { get; } = row;

    /// <summary>The row of the query around; null if there is none.</summary>
    public Frame? Outer { get; } = outer;

    /// <summary>The rows of a group, of which <see cref="Row"/> is the first; null without a group.</summary>
    public IReadOnlyList<object?[]>? Group { get; init; }
}

/// <summary>A call of a statement.</summary>
/// <param name="Rows">The rows it sees.</param>
/// <param name="Parameters">The values of its parameters.</param>
internal sealed record Call(StoredRows Rows, IReadOnlyDictionary<string, object?> Parameters);

/// <summary>The value of an expression.</summary>
internal delegate object? Evaluate(Frame frame, Call call);

/// <summary>How a statement is run.</summary>
internal abstract class SqlPlan
{
    private SqlPlan()
    {
    }

    /// <summary>Reads.</summary>
    /// <param name="names">The names of the columns.</param>
    /// <param name="rows">Finds the rows; what it is given is the row of the query around.</param>
    public sealed class Query(IReadOnlyList<string> names, Func<Frame?, Call, IEnumerable<object?[]>> rows) : SqlPlan
    {
        /// <summary>The names of the columns.</summary>
        public IReadOnlyList<string> Names { get; } = names;

        /// <summary>Finds the rows, as they are asked for.</summary>
        public IEnumerable<object?[]> Rows(Frame? outer, Call call) => rows(outer, call);
    }

    /// <summary>Changes rows.</summary>
    public sealed class Change(Func<Call, int> change) : SqlPlan
    {
        /// <summary>Does it.</summary>
        /// <returns>How many rows it changed.</returns>
        public int Run(Call call) => change(call);
    }

    /// <summary>Makes a table or an index, or drops one.</summary>
    public sealed class Make(SqlStatement statement, string sql) : SqlPlan
    {
        /// <summary>The statement.</summary>
        public SqlStatement Statement { get; } = statement;

        /// <summary>Its text.</summary>
        public string Text { get; } = sql;
    }
}
