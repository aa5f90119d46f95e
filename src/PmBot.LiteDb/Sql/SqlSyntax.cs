namespace PmBot.LiteDb.Sql;

/// <summary>An expression, as it is written.</summary>
internal abstract record SqlExpression
{
    private SqlExpression()
    {
    }

    /// <summary>A value: text, Int64, truth or null.</summary>
    public sealed record Literal(object? Value) : SqlExpression;

    /// <summary>A value that comes with the call.</summary>
    public sealed record Parameter(string Name) : SqlExpression;

    /// <summary>A column; <paramref name="Of"/> is the name of its table in the statement, or null.</summary>
    public sealed record Column(string? Of, string Name) : SqlExpression;

    /// <summary>The opposite of a condition.</summary>
    public sealed record Not(SqlExpression Of) : SqlExpression;

    /// <summary>Two expressions with an operator between them: <c>and or = &lt;&gt; &lt; &lt;= &gt; &gt;= + - || like</c>.</summary>
    public sealed record Binary(string Operator, SqlExpression Left, SqlExpression Right) : SqlExpression;

    /// <summary>Whether there is no value.</summary>
    public sealed record IsNull(SqlExpression Of) : SqlExpression;

    /// <summary>Whether a value is one of some.</summary>
    public sealed record InList(SqlExpression Of, IReadOnlyList<SqlExpression> Values) : SqlExpression;

    /// <summary>Whether a value is one of those that a query finds.</summary>
    public sealed record InQuery(SqlExpression Of, SqlSelect Query) : SqlExpression;

    /// <summary>Whether a query finds anything.</summary>
    public sealed record Exists(SqlSelect Query) : SqlExpression;

    /// <summary>The one value of the first row that a query finds, or null.</summary>
    public sealed record Single(SqlSelect Query) : SqlExpression;

    /// <summary>The value after the first condition that holds.</summary>
    public sealed record Case(IReadOnlyList<(SqlExpression When, SqlExpression Then)> Branches, SqlExpression Otherwise) : SqlExpression;

    /// <summary>A value as another type.</summary>
    public sealed record Cast(SqlExpression Of, SqlType Type) : SqlExpression;

    /// <summary>A function, an aggregate too; <c>count(*)</c> has no arguments.</summary>
    public sealed record Call(string Name, IReadOnlyList<SqlExpression> Arguments) : SqlExpression;

    /// <summary>The conditions that are joined by <c>and</c>.</summary>
    public static IEnumerable<SqlExpression> Conditions(SqlExpression? expression) => expression switch
    {
        null => [],
        Binary { Operator: "and" } and => [.. Conditions(and.Left), .. Conditions(and.Right)],
        _ => [expression],
    };

    /// <summary>What an expression is made of, but for queries in it.</summary>
    public static IEnumerable<SqlExpression> Parts(SqlExpression expression) => expression switch
    {
        Not not => [not.Of],
        Binary binary => [binary.Left, binary.Right],
        IsNull isNull => [isNull.Of],
        InList inList => [inList.Of, .. inList.Values],
        InQuery inQuery => [inQuery.Of],
        Case @case => [.. @case.Branches.SelectMany(b => new[] { b.When, b.Then }), @case.Otherwise],
        Cast cast => [cast.Of],
        Call call => call.Arguments,
        _ => [],
    };

    /// <summary>The expression with other ones in the place of its columns; null if there is a query in it.</summary>
    public static SqlExpression? With(SqlExpression expression, Func<Column, SqlExpression?> other)
    {
        var isWhole = true;
        var changed = Of(expression);
        return isWhole ? changed : null;

        List<SqlExpression> All(IReadOnlyList<SqlExpression> expressions) => [.. expressions.Select(Of)];

        SqlExpression Of(SqlExpression part)
        {
            switch (part)
            {
                case Column column:
                    var replaced = other(column);
                    isWhole &= replaced is not null;
                    return replaced ?? column;
                case Not not:
                    return new Not(Of(not.Of));
                case Binary binary:
                    return new Binary(binary.Operator, Of(binary.Left), Of(binary.Right));
                case IsNull isNull:
                    return new IsNull(Of(isNull.Of));
                case InList inList:
                    return new InList(Of(inList.Of), All(inList.Values));
                case Case @case:
                    return new Case([.. @case.Branches.Select(b => (Of(b.When), Of(b.Then)))], Of(@case.Otherwise));
                case Cast cast:
                    return new Cast(Of(cast.Of), cast.Type);
                case Call call:
                    return new Call(call.Name, All(call.Arguments));
                case Literal or Parameter:
                    return part;
                default:
                    isWhole = false;
                    return part;
            }
        }
    }

    /// <summary>The columns in an expression, but for queries in it.</summary>
    public static IEnumerable<string> Columns(SqlExpression expression) =>
        expression is Column column ? [column.Name] : Parts(expression).SelectMany(Columns);

    /// <summary>How a condition of one table is written, whatever the table is called: two with one text mean the same.</summary>
    public static string Text(SqlExpression expression) => expression switch
    {
        Literal { Value: string text } => $"'{text}'",
        Literal literal => FormattableString.Invariant($"{literal.Value ?? "null"}"),
        Parameter parameter => $"@{parameter.Name}",
        Column column => column.Name,
        Not not => $"not ({Text(not.Of)})",
        Binary binary => $"({Text(binary.Left)} {binary.Operator} {Text(binary.Right)})",
        IsNull isNull => $"({Text(isNull.Of)} is null)",
        InList inList => $"({Text(inList.Of)} in ({string.Join(", ", inList.Values.Select(Text))}))",
        _ => $"{expression.GetType().Name} {Guid.NewGuid()}", // equal to nothing else
    };
}

/// <summary>The types of columns.</summary>
internal enum SqlType
{
    /// <summary>Unicode text.</summary>
    Text,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,
}

/// <summary>A query.</summary>
/// <param name="Parts">One, or several joined by <c>union all</c>.</param>
/// <param name="Order">By what the rows are ordered.</param>
/// <param name="Limit">How many rows at most; null for all.</param>
/// <param name="Offset">How many of the first ones are left out.</param>
internal sealed record SqlSelect(IReadOnlyList<SqlPart> Parts, IReadOnlyList<SqlOrder> Order, SqlExpression? Limit, SqlExpression? Offset);

/// <summary>A query's part.</summary>
internal sealed record SqlPart(IReadOnlyList<SqlItem> Items, SqlSource? Source, SqlExpression? Where, IReadOnlyList<SqlExpression> Groups);

/// <summary>A column of a query's answer.</summary>
internal sealed record SqlItem(SqlExpression Value, string Name);

/// <summary>By what rows are ordered.</summary>
internal sealed record SqlOrder(SqlExpression By, bool IsDescending);

/// <summary>Where a query's rows come from: a table, another query, or a recursion.</summary>
internal sealed record SqlSource(string? Table, SqlSelect? Query, string Name)
{
    /// <summary>The recursion; null for another source.</summary>
    public SqlRecursion? Recursion { get; init; }

    /// <summary>The source that it is joined to: each of its rows is looked at with each of that one. What they are joined on is a condition of the query.</summary>
    public SqlSource? JoinedTo { get; init; }
}

/// <summary>Rows that are found one from the other: a query, <c>union all</c>, and one that goes from a row to the next.</summary>
internal sealed record SqlRecursion(string Name, IReadOnlyList<string> Columns, SqlSelect Query);

/// <summary>A statement, as it is written.</summary>
internal abstract record SqlStatement
{
    private SqlStatement()
    {
    }

    /// <summary>Reads.</summary>
    public sealed record Read(SqlSelect Query) : SqlStatement;

    /// <summary>Adds rows: those of a query, or one whose values are given.</summary>
    public sealed record Insert(string Table, IReadOnlyList<string> Columns, SqlSelect Rows, SqlConflict? Conflict) : SqlStatement;

    /// <summary>Changes rows.</summary>
    public sealed record Update(string Table, IReadOnlyList<SqlSet> Sets, SqlExpression? Where) : SqlStatement;

    /// <summary>Takes rows away.</summary>
    public sealed record Delete(string Table, SqlExpression? Where) : SqlStatement;

    /// <summary>Makes a table.</summary>
    public sealed record CreateTable(string Table, IReadOnlyList<SqlColumn> Columns, IReadOnlyList<string> Key, bool Counts, IReadOnlyList<string> Unique) : SqlStatement;

    /// <summary>Adds a column to a table.</summary>
    public sealed record AddColumn(string Table, SqlColumn Column) : SqlStatement;

    /// <summary>Makes an index; of a partial one <paramref name="Where"/> says which rows are in it.</summary>
    public sealed record CreateIndex(string Name, string Table, IReadOnlyList<string> Columns, bool IsUnique, SqlExpression? Where) : SqlStatement;

    /// <summary>Takes an index away.</summary>
    public sealed record DropIndex(string Name) : SqlStatement;
}

/// <summary>What to do about a row whose key is taken.</summary>
/// <param name="Columns">The key; empty for any.</param>
/// <param name="Sets">How the row that has it is changed; empty if it stays as it is.</param>
internal sealed record SqlConflict(IReadOnlyList<string> Columns, IReadOnlyList<SqlSet> Sets);

/// <summary>A new value for a column.</summary>
internal sealed record SqlSet(string Column, SqlExpression Value);

/// <summary>A column of a table.</summary>
internal sealed record SqlColumn(string Name, SqlType Type, bool IsRequired);
