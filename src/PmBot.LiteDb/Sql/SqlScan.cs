using LiteDB;
using PmBot.LiteDb.Tables;

namespace PmBot.LiteDb.Sql;

/// <summary>A condition that a key can answer: a column and values that are known before its row is read.</summary>
/// <param name="Column">The column.</param>
/// <param name="Operator"><c>= &lt; &lt;= &gt; &gt;=</c>, or <c>in</c>.</param>
/// <param name="Values">The values; of <c>in</c> all, else one.</param>
internal sealed record KeyCondition(string Column, string Operator, Func<Frame, Call, IEnumerable<object?>> Values)
{
    /// <summary>The values, if they stand in the statement.</summary>
    public IReadOnlyList<object?>? Constants { get; init; }
}

/// <summary>
/// How a table's rows are read: by the index that leaves the fewest, or all of them. It may find rows that the statement's condition does not
/// take, and misses none that it does.
/// </summary>
internal sealed class SqlScan
{
    private readonly StoredTable table;
    private readonly StoredIndex index;
    private readonly List<KeyCondition> equal = [];
    private readonly KeyCondition? among;
    private readonly KeyCondition? low;
    private readonly KeyCondition? high;
    private readonly bool isDescending;

    /// <summary>Chooses the index.</summary>
    /// <param name="table">The table.</param>
    /// <param name="conditions">What all rows must fulfil.</param>
    /// <param name="keys">Those of the conditions that a key can answer.</param>
    /// <param name="order">The columns by which the rows are to come, and whether the highest first.</param>
    public SqlScan(StoredTable table, IReadOnlyList<SqlExpression> conditions, IReadOnlyList<KeyCondition> keys, IReadOnlyList<(string Column, bool IsDescending)> order)
    {
        this.table = table;
        var texts = conditions.Select(SqlExpression.Text).ToHashSet(StringComparer.Ordinal);
        var best = table.Indexes.Append(table.Key)
            .Where(i => i.Conditions.All(c => texts.Contains(SqlExpression.Text(c)) || Follows(table, c, keys)))
            .Select(i => Use(i, keys, order))
            .MaxBy(u => u.Score)!;
        index = best.Index;
        equal = best.Equal;
        among = best.Among;
        low = best.Low;
        high = best.High;
        IsOrdered = best.IsOrdered;
        isDescending = best.IsOrdered && order.Count > 0 && order[0].IsDescending;
    }

    /// <summary>Whether the rows come in the order that was asked for, but for texts longer than <see cref="KeyCode.MostSigns"/>.</summary>
    public bool IsOrdered { get; }

    /// <summary>The documents that may be of the rows.</summary>
    /// <param name="frame">Of the row that is not read yet, with those around it.</param>
    /// <param name="call">The call.</param>
    /// <param name="fields">What is read of each; null for all.</param>
    public IEnumerable<BsonDocument> Read(Frame frame, Call call, Func<StoredIndex, BsonExpression>? fields)
    {
        var known = new object?[equal.Count];
        for (var i = 0; i < known.Length; i++)
        {
            // Nothing is equal to null.
            if ((known[i] = Value(equal[i], frame, call)) is null)
            {
                yield break;
            }
        }

        var prefix = KeyCode.Of(known);
        var prefixes = among is null
            ? [prefix]
            : among.Values(frame, call).Select(SqlValues.Plain).Where(v => v is not null).Distinct().Select(v => (byte[])[.. prefix, .. KeyCode.Of(v)]).ToList();
        foreach (var start in prefixes)
        {
            var isWhole = equal.Count + (among is null ? 0 : 1) == index.Columns.Count;
            var from = low is null ? start : KeyCode.From(start, Value(low, frame, call));
            var to = isWhole && index == table.Key ? start : high is null ? KeyCode.End(start) : KeyCode.To(start, Value(high, frame, call));
            foreach (var document in call.Rows.Read(table, index, from, to, isDescending, fields?.Invoke(index)))
            {
                yield return document;
            }
        }
    }

    private static object? Value(KeyCondition condition, Frame frame, Call call) => SqlValues.Plain(condition.Values(frame, call).First());

    // A row whose column has one of some known values is in an index for all of whose rows a condition of that column holds.
    private static bool Follows(StoredTable table, SqlExpression condition, IReadOnlyList<KeyCondition> keys)
    {
        if (condition is SqlExpression.Not { Of: SqlExpression.IsNull { Of: SqlExpression.Column column } })
        {
            return keys.Any(k => k.Column == column.Name);
        }

        var holds = SqlCompiler.Condition(table, condition);
        return keys.Any(k => k is { Operator: "=" or "in", Constants: { } constants } && SqlExpression.Columns(condition).All(c => c == k.Column) && constants.All(c =>
        {
            var row = new object?[table.Columns.Count];
            row[table.Place(k.Column)!.Value] = c;
            return holds(row);
        }));
    }

    private Choice Use(StoredIndex candidate, IReadOnlyList<KeyCondition> keys, IReadOnlyList<(string Column, bool IsDescending)> order)
    {
        var choice = new Choice(candidate);
        var next = 0;
        while (next < candidate.Columns.Count && keys.FirstOrDefault(k => k.Operator == "=" && k.Column == candidate.Columns[next]) is { } key)
        {
            choice.Equal.Add(key);
            next++;
        }

        if (next < candidate.Columns.Count)
        {
            choice.Among = keys.FirstOrDefault(k => k.Operator == "in" && k.Column == candidate.Columns[next]);
            if (choice.Among is null)
            {
                choice.Low = keys.FirstOrDefault(k => k.Operator is ">" or ">=" && k.Column == candidate.Columns[next]);
                choice.High = keys.FirstOrDefault(k => k.Operator is "<" or "<=" && k.Column == candidate.Columns[next]);
            }
        }

        // What is equal in all rows orders none.
        var wanted = order.Where(o => !choice.Equal.Any(e => e.Column == o.Column)).ToList();
        choice.IsOrdered = order.Count > 0 && choice.Among is null && wanted.TrueForAll(o => o.IsDescending == order[0].IsDescending)
            && wanted.Select(o => o.Column).SequenceEqual(candidate.Columns.Skip(next).Take(wanted.Count));
        choice.Score = (choice.Equal.Count * 100)
            + (choice.Equal.Count == candidate.Columns.Count && candidate.IsUnique ? 1000 : 0)
            + (candidate == table.Key ? 5 : 0)
            + (choice.Among is null ? 0 : 90) + (choice.Low is null ? 0 : 40) + (choice.High is null ? 0 : 40)
            + (candidate.Where is null ? 0 : 60) + (choice.IsOrdered ? 30 : 0);
        return choice;
    }

    private sealed class Choice(StoredIndex index)
    {
        public StoredIndex Index { get; } = index;

        public List<KeyCondition> Equal { get; } = [];

        public KeyCondition? Among { get; set; }

        public KeyCondition? Low { get; set; }

        public KeyCondition? High { get; set; }

        public bool IsOrdered { get; set; }

        public int Score { get; set; }
    }
}
