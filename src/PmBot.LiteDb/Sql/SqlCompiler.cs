using LiteDB;
using PmBot.LiteDb.Tables;

namespace PmBot.LiteDb.Sql;

/// <summary>Makes plans of statements: names are looked up, indexes are chosen, and what is wrong is told before anything is run.</summary>
internal sealed class SqlCompiler
{
    private readonly Catalog catalog;

    private static readonly HashSet<string> Aggregates = new(["count", "sum", "min", "max", "string_agg"], StringComparer.Ordinal);

    /// <summary>Makes plans on some tables.</summary>
    public SqlCompiler(Catalog catalog) => this.catalog = catalog;

    /// <summary>The plan of a statement.</summary>
    /// <exception cref="SqlRefusedException">It does not fit the tables.</exception>
    public SqlPlan Compile(SqlStatement statement, string sql) => statement switch
    {
        SqlStatement.Read read => Query(read.Query, null),
        SqlStatement.Insert insert => Insert(insert),
        SqlStatement.Update update => Update(update),
        SqlStatement.Delete delete => Delete(delete),
        _ => new SqlPlan.Make(statement, sql),
    };

    /// <summary>Whether a condition of one table holds for a row of it.</summary>
    public static Func<object?[], bool> Condition(StoredTable table, SqlExpression condition)
    {
        var holds = new SqlCompiler(null!).Expression(condition, new Scope(null, table.Name, table.Place));
        return row => SqlValues.Truth(holds(new Frame(row, null), null!)) == true;
    }

    private SqlPlan.Query Query(SqlSelect select, Scope? outer)
    {
        select = Flat(select) ?? select;
        var names = select.Parts[0].Items.Select(i => i.Name).ToList();
        var parts = select.Parts.Select(p => new Part(this, p, outer, names, select.Order, isAlone: select.Parts.Count == 1)).ToList();
        if (select.Parts.Any(p => p.Items.Count != names.Count))
        {
            throw new SqlRefusedException("The parts of a union have as many columns each.");
        }

        var scope = new Scope(outer, null, _ => null);
        var limit = select.Limit is null ? null : Expression(select.Limit, scope);
        var offset = select.Offset is null ? null : Expression(select.Offset, scope);
        return new SqlPlan.Query(names, (around, call) =>
        {
            var rows = parts.Count == 1 ? parts[0].Rows(around, call) : parts.SelectMany(p => p.Rows(around, call));
            if (select.Order.Count > 0 && !(parts.Count == 1 && parts[0].IsOrdered))
            {
                rows = Sorted(rows, select.Order);
            }

            var frame = new Frame([], around);
            if (offset?.Invoke(frame, call) is { } skip)
            {
                rows = rows.Skip((int)SqlValues.Number(skip));
            }

            if (limit?.Invoke(frame, call) is { } take)
            {
                rows = rows.Take((int)Math.Min(SqlValues.Number(take), int.MaxValue));
            }

            return rows.Select(r => r.Values);
        });
    }

    /// <summary>
    /// A query over another one as one query, so that its conditions find an index; null if it is over a table, or the inner one does more than
    /// choose and name.
    /// </summary>
    private static SqlSelect? Flat(SqlSelect select)
    {
        if (select.Parts is not [{ Source: { JoinedTo: null, Query: { Parts: [{ Source: not null, Groups: [] } inner], Order: [], Limit: null, Offset: null } } source } part]
            || inner.Items.Any(i => HasAggregate(i.Value)))
        {
            return null;
        }

        var isWhole = true;
        var flat = new SqlPart(
            [.. part.Items.Select(i => new SqlItem(Of(i.Value), i.Name))], inner.Source,
            (inner.Where, part.Where) switch
            {
                (var one, null) => one,
                (null, var other) => Of(other),
                var (one, other) => new SqlExpression.Binary("and", one, Of(other)),
            },
            [.. part.Groups.Select(Of)]);
        SqlOrder[] order = [.. select.Order.Select(o => o.By is SqlExpression.Column { Of: null } named && flat.Items.Any(i => i.Name == named.Name) ? o : new SqlOrder(Of(o.By), o.IsDescending))];
        return isWhole ? new SqlSelect([flat], order, select.Limit, select.Offset) : null;

        SqlExpression Of(SqlExpression expression)
        {
            var other = SqlExpression.With(
                expression, c => c.Of is null || c.Of == source.Name ? inner.Items.FirstOrDefault(i => i.Name == c.Name)?.Value : null);
            isWhole &= other is not null;
            return other ?? expression;
        }
    }

    /// <summary>Finds the rows of a recursion in the order in which SQLite and PostgreSQL have them: those of the first query, then those found from them, and so on.</summary>
    private SqlPlan.Query Repeated(SqlRecursion recursion)
    {
        var width = recursion.Columns.Count;
        if (recursion.Query is not { Parts: [var first, { Source: { JoinedTo: null } from, Groups: [] } next], Order: [], Limit: null, Offset: null }
            || from.Table != recursion.Name || first.Items.Count != width || next.Items.Count != width || next.Items.Any(i => HasAggregate(i.Value)))
        {
            throw new SqlRefusedException($"{recursion.Name} does not go from one row to the next.");
        }

        var start = Query(new SqlSelect([first], [], null, null), null);
        var scope = new Scope(null, from.Name, PlaceIn(recursion.Columns));
        var where = next.Where is null ? null : Expression(next.Where, scope);
        var items = next.Items.Select(i => Expression(i.Value, scope)).ToList();
        return new SqlPlan.Query(recursion.Columns, Rows);

        IEnumerable<object?[]> Rows(Frame? around, Call call)
        {
            var found = new Queue<object?[]>(start.Rows(null, call));
            while (found.TryDequeue(out var row))
            {
                yield return row;
                var frame = new Frame(row, null);
                if (where is null || SqlValues.Truth(where(frame, call)) == true)
                {
                    found.Enqueue([.. items.Select(i => SqlValues.Plain(i(frame, call)))]);
                }
            }
        }
    }

    private static Func<string, int?> PlaceIn(IReadOnlyList<string> names) => column => names.Index().Where(n => n.Item == column).Select(n => (int?)n.Index).FirstOrDefault();

    private static IEnumerable<Found> Sorted(IEnumerable<Found> rows, IReadOnlyList<SqlOrder> order) =>
        rows.Order(Comparer<Found>.Create((one, other) =>
        {
            for (var i = 0; i < order.Count; i++)
            {
                if (SqlValues.Compare(one.Keys[i], other.Keys[i]) is var difference and not 0)
                {
                    return order[i].IsDescending ? -difference : difference;
                }
            }

            return 0;
        }));

    private SqlPlan.Change Insert(SqlStatement.Insert insert)
    {
        var table = catalog.Table(insert.Table);
        var places = insert.Columns.Select(c => table.Place(c) ?? throw NoColumn(c)).ToList();
        var rows = Query(insert.Rows, null);
        var counter = table.Counts ? table.Place(table.Key.Columns[0]) : null;
        var conflict = insert.Conflict;
        if (conflict is { Columns.Count: > 0 } && !UniqueOf(table).Any(i => i.Where is null && i.Columns.SequenceEqual(conflict.Columns)))
        {
            throw new SqlRefusedException($"({string.Join(", ", conflict.Columns)}) is no key of {table.Name}.");
        }

        var sets = Sets(table, conflict?.Sets ?? [], new Scope(new Scope(null, "excluded", table.Place), table.Name, table.Place));
        return new SqlPlan.Change(call =>
        {
            var changed = 0;
            foreach (var values in rows.Rows(null, call).ToList())
            {
                var row = new object?[table.Columns.Count];
                for (var i = 0; i < values.Length; i++)
                {
                    row[places[i]] = SqlValues.Plain(values[i]);
                }

                if (counter is { } place)
                {
                    row[place] = call.Rows.Count(table, row[place]);
                }

                if (conflict is not null && Taken(table, row, conflict, call) is { } taken)
                {
                    if (sets.Count > 0)
                    {
                        Change(table, taken, sets, new Frame(row, null), call);
                        changed++;
                    }

                    continue;
                }

                call.Rows.Insert(table, row);
                changed++;
            }

            return changed;
        });
    }

    private static BsonDocument? Taken(StoredTable table, object?[] row, SqlConflict conflict, Call call) => UniqueOf(table)
        .Where(i => table.IsIn(i, row) && (conflict.Columns.Count == 0 || i.Columns.SequenceEqual(conflict.Columns)))
        .Select(i => call.Rows.Find(table, i, table.KeyOf(i, row)))
        .FirstOrDefault(d => d is not null);

    private static IEnumerable<StoredIndex> UniqueOf(StoredTable table) => table.Indexes.Where(i => i.IsUnique).Prepend(table.Key);

    private SqlPlan.Change Update(SqlStatement.Update update)
    {
        var table = catalog.Table(update.Table);
        var scope = new Scope(null, table.Name, table.Place);
        var sets = Sets(table, update.Sets, scope);
        var found = Matching(table, update.Where, scope);
        return new SqlPlan.Change(call =>
        {
            var documents = found(call);
            documents.ForEach(d => Change(table, d, sets, null, call));
            return documents.Count;
        });
    }

    private SqlPlan.Change Delete(SqlStatement.Delete delete)
    {
        var table = catalog.Table(delete.Table);
        var found = Matching(table, delete.Where, new Scope(null, table.Name, table.Place));
        return new SqlPlan.Change(call =>
        {
            var documents = found(call);
            documents.ForEach(d => call.Rows.Delete(table, d));
            return documents.Count;
        });
    }

    private List<(int Place, Evaluate Value)> Sets(StoredTable table, IReadOnlyList<SqlSet> sets, Scope scope) =>
        [.. sets.Select(s => (table.Place(s.Column) ?? throw NoColumn(s.Column), Expression(s.Value, scope)))];

    private static void Change(StoredTable table, BsonDocument document, List<(int Place, Evaluate Value)> sets, Frame? excluded, Call call)
    {
        var before = table.Row(document);
        var frame = new Frame(before, excluded);
        var after = (object?[])before.Clone();
        foreach (var (place, value) in sets)
        {
            after[place] = SqlValues.Plain(value(frame, call));
        }

        call.Rows.Update(table, document, after);
    }

    // All of them before the first is changed.
    private Func<Call, List<BsonDocument>> Matching(StoredTable table, SqlExpression? where, Scope scope)
    {
        var scan = Scan(table, where, scope, []);
        var holds = where is null ? null : Expression(where, scope);
        return call =>
        {
            return [.. scan.Read(new Frame([], null), call, null).Where(d => holds is null || SqlValues.Truth(holds(new Frame(table.Row(d), null), call)) == true)];
        };
    }

    private SqlScan Scan(StoredTable table, SqlExpression? where, Scope scope, IReadOnlyList<(string, bool)> order)
    {
        var conditions = SqlExpression.Conditions(where).ToList();
        return new SqlScan(table, conditions, [.. conditions.Select(c => Key(c, table, scope)).OfType<KeyCondition>()], order);
    }

    /// <summary>The condition as one that a key of the table can answer; null if none can.</summary>
    private KeyCondition? Key(SqlExpression condition, StoredTable table, Scope scope)
    {
        switch (condition)
        {
            case SqlExpression.Binary { Operator: "=" or "<" or "<=" or ">" or ">=" } binary:
                if (ColumnOf(binary.Left, table, scope) is { } left && Known(binary.Right, scope) is { } right)
                {
                    return new KeyCondition(left, binary.Operator, (f, c) => [right(f, c)]) { Constants = Constants([binary.Right]) };
                }

                return ColumnOf(binary.Right, table, scope) is { } turned && Known(binary.Left, scope) is { } value
                    ? new KeyCondition(turned, Turned(binary.Operator), (f, c) => [value(f, c)]) { Constants = Constants([binary.Left]) }
                    : null;
            case SqlExpression.InList list when ColumnOf(list.Of, table, scope) is { } column:
                var values = list.Values.Select(v => Known(v, scope)).OfType<Evaluate>().ToList();
                return values.Count == list.Values.Count ? new KeyCondition(column, "in", (f, c) => values.Select(v => v(f, c))) { Constants = Constants(list.Values) } : null;
            case SqlExpression.InQuery query when ColumnOf(query.Of, table, scope) is { } column:
                var uses = scope.Uses;
                var rows = Query(query.Query, scope);
                return scope.Uses == uses ? new KeyCondition(column, "in", (f, c) => rows.Rows(f, c).Select(r => r[0]).ToList()) : null;
            default:
                return null;
        }
    }

    private static List<object?>? Constants(IReadOnlyList<SqlExpression> values) =>
        values.All(v => v is SqlExpression.Literal) ? [.. values.Select(v => ((SqlExpression.Literal)v).Value)] : null;

    private static string Turned(string symbol) => symbol switch { "<" => ">", "<=" => ">=", ">" => "<", ">=" => "<=", _ => symbol };

    private static string? ColumnOf(SqlExpression expression, StoredTable table, Scope scope) =>
        expression is SqlExpression.Column column && (column.Of is null || column.Of == scope.Name) && table.Place(column.Name) is { } place ? table.Columns[place].Name : null;

    /// <summary>The value of an expression that needs nothing of the row; null if it does.</summary>
    private Evaluate? Known(SqlExpression expression, Scope scope)
    {
        var uses = scope.Uses;
        var value = Expression(expression, scope);
        return scope.Uses == uses ? value : null;
    }

    private Evaluate Expression(SqlExpression expression, Scope scope)
    {
        switch (expression)
        {
            case SqlExpression.Literal literal:
                return (_, _) => literal.Value;
            case SqlExpression.Parameter parameter:
                return (_, call) => call.Parameters.TryGetValue(parameter.Name, out var value) ? value : throw new SqlRefusedException($"There is no value for @{parameter.Name}.");
            case SqlExpression.Column column:
                return scope.Read(column);
            case SqlExpression.Not not:
                var condition = Expression(not.Of, scope);
                return (frame, call) => !SqlValues.Truth(condition(frame, call));
            case SqlExpression.IsNull isNull:
                var tested = Expression(isNull.Of, scope);
                return (frame, call) => tested(frame, call) is null;
            case SqlExpression.Binary binary:
                return Binary(binary.Operator, Expression(binary.Left, scope), Expression(binary.Right, scope));
            case SqlExpression.InList list:
                var items = list.Values.Select(v => Expression(v, scope)).ToList();
                var sought = Expression(list.Of, scope);
                return (frame, call) => In(sought(frame, call), items.Select(i => i(frame, call)));
            case SqlExpression.InQuery query:
                var rows = Query(query.Query, scope);
                var of = Expression(query.Of, scope);
                return (frame, call) => In(of(frame, call), rows.Rows(frame, call).Select(r => r[0]));
            case SqlExpression.Exists exists:
                var any = Query(exists.Query, scope);
                return (frame, call) => any.Rows(frame, call).Any();
            case SqlExpression.Single single:
                var one = Query(single.Query, scope);
                return (frame, call) => one.Rows(frame, call).FirstOrDefault()?[0];
            case SqlExpression.Case @case:
                var branches = @case.Branches.Select(b => (When: Expression(b.When, scope), Then: Expression(b.Then, scope))).ToList();
                var otherwise = Expression(@case.Otherwise, scope);
                return (frame, call) => (branches.Find(b => SqlValues.Truth(b.When(frame, call)) == true).Then ?? otherwise)(frame, call);
            case SqlExpression.Cast cast:
                var given = Expression(cast.Of, scope);
                return (frame, call) => SqlValues.Cast(given(frame, call), cast.Type);
            case SqlExpression.Call call when Aggregates.Contains(call.Name):
                return Aggregate(call, scope);
            case SqlExpression.Call call:
                return Function(call.Name, [.. call.Arguments.Select(a => Expression(a, scope))]);
            default:
                throw new InvalidOperationException(expression.GetType().Name);
        }
    }

    private static Evaluate Binary(string symbol, Evaluate left, Evaluate right) => symbol switch
    {
        "and" => (frame, call) => SqlValues.Truth(left(frame, call)) is var one && one == false ? false : SqlValues.Truth(right(frame, call)) is var other && other == false ? false : one & other,
        "or" => (frame, call) => SqlValues.Truth(left(frame, call)) is var one && one == true ? true : SqlValues.Truth(right(frame, call)) is var other && other == true ? true : one | other,
        "+" => (frame, call) => SqlValues.Add(left(frame, call), right(frame, call), 1),
        "-" => (frame, call) => SqlValues.Add(left(frame, call), right(frame, call), -1),
        "||" => (frame, call) => SqlValues.Join(left(frame, call), right(frame, call)),
        "like" => (frame, call) => SqlValues.Like(left(frame, call), right(frame, call)),
        _ => (frame, call) => SqlValues.Test(symbol, left(frame, call), right(frame, call)),
    };

    private static object? In(object? value, IEnumerable<object?> among)
    {
        bool? isIn = false;
        foreach (var candidate in among)
        {
            switch (SqlValues.Test("=", value, candidate))
            {
                case true:
                    return true;
                case null:
                    isIn = null;
                    break;
            }
        }

        return isIn;
    }

    private static Evaluate Function(string name, List<Evaluate> arguments) => (name, arguments) switch
    {
        ("coalesce", { Count: > 0 }) => (frame, call) => arguments.Select(a => a(frame, call)).FirstOrDefault(v => v is not null),
        ("concat", { Count: > 0 }) => (frame, call) => string.Concat(arguments.Select(a => a(frame, call)).Where(v => v is not null).Select(v => SqlValues.Text(v!))),
        ("replace", [var text, var from, var to]) => (frame, call) => text(frame, call) is { } value && from(frame, call) is { } old && to(frame, call) is { } replacement
            ? SqlValues.Text(old) is { Length: > 0 } sought ? SqlValues.Text(value).Replace(sought, SqlValues.Text(replacement), StringComparison.Ordinal) : value
            : null,
        _ => throw new SqlRefusedException($"{name} with {arguments.Count} arguments is no function that the LiteDB engine knows."),
    };

    private Evaluate Aggregate(SqlExpression.Call call, Scope scope)
    {
        if (!scope.IsGrouped)
        {
            throw new SqlRefusedException($"{call.Name} stands where there is no group.");
        }

        var inner = new Scope(scope.Outer, scope.Name, scope.Place);
        var arguments = call.Arguments.Select(a => Expression(a, inner)).ToList();
        IEnumerable<object> Values(Frame frame, Call run) => frame.Group!.Select(row => arguments[0](new Frame(row, frame.Outer), run)).Where(v => v is not null)!;
        return (call.Name, arguments.Count) switch
        {
            ("count", 0) => (frame, _) => (long)frame.Group!.Count,
            ("count", 1) => (frame, run) => Values(frame, run).LongCount(),
            ("sum", 1) => (frame, run) => Values(frame, run).Aggregate((object?)null, (sum, value) => SqlValues.Add(sum ?? 0L, value, 1)),
            ("min", 1) => (frame, run) => Values(frame, run).Aggregate((object?)null, (least, value) => least is null || SqlValues.Compare(value, least) < 0 ? value : least),
            ("max", 1) => (frame, run) => Values(frame, run).Aggregate((object?)null, (most, value) => most is null || SqlValues.Compare(value, most) > 0 ? value : most),
            ("string_agg", 2) => (frame, run) => Values(frame, run).Select(SqlValues.Text).ToList() is { Count: > 0 } texts
                ? string.Join(SqlValues.Text(arguments[1](frame, run) ?? ""), texts)
                : null,
            _ => throw new SqlRefusedException($"{call.Name} with {arguments.Count} arguments is no function that the LiteDB engine knows."),
        };
    }

    private static bool HasAggregate(SqlExpression expression) =>
        expression is SqlExpression.Call call && Aggregates.Contains(call.Name) ? true : SqlExpression.Parts(expression).Any(HasAggregate);

    private static SqlRefusedException NoColumn(string name) => new($"There is no column {name} here.");

    /// <summary>A row of an answer, and the values by which it is ordered.</summary>
    private sealed record Found(object?[] Values, object?[] Keys);

    /// <summary>The names that an expression may use.</summary>
    private sealed class Scope(Scope? outer, string? name, Func<string, int?> place, bool isGrouped = false)
    {
        /// <summary>Those of the query around.</summary>
        public Scope? Outer { get; } = outer;

        /// <summary>What the table is called in the statement.</summary>
        public string? Name { get; } = name;

        /// <summary>Where a column is in a row.</summary>
        public Func<string, int?> Place { get; } = place;

        /// <summary>Whether aggregates may be used.</summary>
        public bool IsGrouped { get; } = isGrouped;

        /// <summary>How often a column of the row was named.</summary>
        public int Uses { get; private set; }

        /// <summary>Reads a column.</summary>
        public Evaluate Read(SqlExpression.Column column)
        {
            var level = 0;
            for (var scope = this; scope is not null; scope = scope.Outer, level++)
            {
                if ((column.Of is null || column.Of == scope.Name) && scope.Place(column.Name) is { } place)
                {
                    scope.Uses++;
                    return level == 0 ? (frame, _) => frame.Row[place] : (frame, _) => Above(frame, level).Row[place];
                }
            }

            throw NoColumn(column.Of is null ? column.Name : $"{column.Of}.{column.Name}");
        }

        private static Frame Above(Frame frame, int level)
        {
            for (; level > 0; level--)
            {
                frame = frame.Outer!;
            }

            return frame;
        }
    }

    /// <summary>One of the parts of a union, or the only one.</summary>
    private sealed class Part
    {
        private readonly Func<Frame?, Call, IEnumerable<object?[]>> source;
        private readonly Func<Frame?, Call, IEnumerable<object?[]>>? joinedTo;
        private readonly Fields? fields;
        private readonly Evaluate? extreme;
        private readonly Evaluate? where;
        private readonly List<Evaluate> groups;
        private readonly List<Evaluate> items;
        private readonly List<Evaluate?> keys;
        private readonly List<int> keyItems;
        private readonly bool isGrouped;
        private readonly bool hasLongKeys;
        private readonly IReadOnlyList<SqlOrder> order;

        /// <summary>Compiles it.</summary>
        /// <param name="compiler">Knows the tables.</param>
        /// <param name="part">What is written.</param>
        /// <param name="outer">The names of the query around.</param>
        /// <param name="names">The names of the columns, which are those of the first part.</param>
        /// <param name="order">By what all parts together are ordered.</param>
        /// <param name="isAlone">Whether it is the only one.</param>
        public Part(SqlCompiler compiler, SqlPart part, Scope? outer, List<string> names, IReadOnlyList<SqlOrder> order, bool isAlone)
        {
            this.order = order;
            keyItems = [.. order.Select(o => o.By is SqlExpression.Column { Of: null } column ? names.IndexOf(column.Name) : -1)];
            isGrouped = part.Groups.Count > 0 || part.Items.Any(i => HasAggregate(i.Value)) || order.Any(o => HasAggregate(o.By));
            if (part.Source is { JoinedTo: { } other })
            {
                if (isGrouped)
                {
                    throw new SqlRefusedException("What is joined is not grouped.");
                }

                // To each of its rows the other source is as a query within: the names are looked up here first, then there.
                (outer, joinedTo) = All(compiler, other, outer);
            }

            Scope scope;
            if (part.Source is { Table: { } name } from)
            {
                var table = compiler.catalog.Table(name);
                fields = new Fields(table);
                scope = new Scope(outer, from.Name, fields.Place);
                var columns = order.Select((o, i) => ColumnOf(keyItems[i] < 0 ? o.By : part.Items[keyItems[i]].Value, table, scope)).ToList();
                var least = Extreme(part, table, scope);
                var scan = compiler.Scan(
                    table, part.Where, scope,
                    least is { } sought ? [sought] : isAlone && !isGrouped && joinedTo is null && columns.TrueForAll(c => c is not null) ? [.. columns.Select((c, i) => (c!, order[i].IsDescending))] : []);
                IsOrdered = scan.IsOrdered && least is null;
                extreme = scan.IsOrdered && least is { } first ? compiler.Expression(new SqlExpression.Column(null, first.Column), scope) : null;
                hasLongKeys = columns.Exists(c => c is not null && table.Columns[table.Place(c)!.Value].Type == SqlType.Text);
                source = (around, call) => scan.Read(new Frame([], around), call, fields.Of).Select(fields.Row);
            }
            else if (part.Source is { } derived)
            {
                (scope, source) = All(compiler, derived, outer);
            }
            else
            {
                scope = new Scope(outer, null, _ => null);
                source = (_, _) => [[]];
            }

            where = part.Where is null ? null : compiler.Expression(part.Where, scope);
            groups = [.. part.Groups.Select(g => compiler.Expression(g, scope))];
            var answer = new Scope(outer, scope.Name, scope.Place, isGrouped);
            items = [.. part.Items.Select(i => compiler.Expression(i.Value, answer))];
            keys = [.. order.Select((o, i) => keyItems[i] >= 0 ? null : isAlone ? compiler.Expression(o.By, answer) : throw new SqlRefusedException("A union is ordered by the names of its columns."))];
        }

        /// <summary>Whether the rows come in order by themselves.</summary>
        public bool IsOrdered { get; }

        /// <summary>Finds the rows.</summary>
        public IEnumerable<Found> Rows(Frame? around, Call call)
        {
            var frames = Outer(around, call).SelectMany(outer => source(outer, call).Select(row => new Frame(row, outer))).Where(f => where is null || SqlValues.Truth(where(f, call)) == true);
            var found = (isGrouped ? Grouped(frames, around, call) : frames).Select(f => Answer(f, call));
            return IsOrdered && hasLongKeys ? Exactly(found) : found;
        }

        /// <summary>All rows of a source.</summary>
        private static (Scope Scope, Func<Frame?, Call, IEnumerable<object?[]>> Rows) All(SqlCompiler compiler, SqlSource source, Scope? outer)
        {
            if (source.Table is { } name)
            {
                var table = compiler.catalog.Table(name);
                var columns = new Fields(table);
                var scope = new Scope(outer, source.Name, columns.Place);
                var scan = compiler.Scan(table, null, scope, []);
                return (scope, (around, call) => scan.Read(new Frame([], around), call, columns.Of).Select(columns.Row));
            }

            var rows = source.Recursion is { } recursion ? compiler.Repeated(recursion) : compiler.Query(source.Query!, null);
            return (new Scope(outer, source.Name, PlaceIn(rows.Names)), (_, call) => rows.Rows(null, call));
        }

        /// <summary>The column whose least or greatest value is all that is asked for: an index that has its order has that first. Null if more is asked for.</summary>
        private static (string Column, bool IsDescending)? Extreme(SqlPart part, StoredTable table, Scope scope) =>
            part is { Groups: [], Items: [{ Value: SqlExpression.Call { Name: "min" or "max", Arguments: [var of] } call }] } && ColumnOf(of, table, scope) is { } column
                ? (column, call.Name == "max")
                : null;

        private IEnumerable<Frame?> Outer(Frame? around, Call call) => joinedTo is null ? [around] : joinedTo(around, call).Select(row => (Frame?)new Frame(row, around));

        private Found Answer(Frame frame, Call call)
        {
            var values = new object?[items.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = SqlValues.Plain(items[i](frame, call));
            }

            var by = keys.Count == 0 ? [] : new object?[keys.Count];
            for (var i = 0; i < by.Length; i++)
            {
                by[i] = keys[i] is { } key ? key(frame, call) : values[keyItems[i]];
            }

            return new Found(values, by);
        }

        private IEnumerable<Frame> Grouped(IEnumerable<Frame> frames, Frame? around, Call call)
        {
            if (groups.Count == 0)
            {
                var all = (extreme is null ? frames : Enough(frames, call)).Select(f => f.Row).ToList();
                return [new Frame(all.Count > 0 ? all[0] : new object?[fields?.Count ?? 0], around) { Group = all }];
            }

            return frames.GroupBy(f => KeyOf(f, call), f => f.Row, GroupKey.Comparer).Select(g => new Frame(g.First(), around) { Group = [.. g] });
        }

        // The least or greatest value is among these: an index has it first, but knows the beginning only of a long text.
        private IEnumerable<Frame> Enough(IEnumerable<Frame> frames, Call call)
        {
            foreach (var frame in frames)
            {
                yield return frame;
                if (extreme!(frame, call) is not (null or string { Length: > KeyCode.MostSigns }))
                {
                    yield break;
                }
            }
        }

        private object?[] KeyOf(Frame frame, Call call) => [.. groups.Select(g => SqlValues.Plain(g(frame, call)))];

        // An index knows the beginning only of a long text; from the first of them on, the rows are put in order here.
        private IEnumerable<Found> Exactly(IEnumerable<Found> rows)
        {
            List<Found>? rest = null;
            foreach (var row in rows)
            {
                if (rest is null && !Array.Exists(row.Keys, k => k is string { Length: > KeyCode.MostSigns }))
                {
                    yield return row;
                }
                else
                {
                    (rest ??= []).Add(row);
                }
            }

            foreach (var row in Sorted(rest ?? [], order))
            {
                yield return row;
            }
        }
    }

    private static class GroupKey
    {
        public static IEqualityComparer<object?[]> Comparer { get; } = EqualityComparer<object?[]>.Create(
            (one, other) => one.AsSpan().SequenceEqual(other),
            key => key.Aggregate(17, (hash, value) => HashCode.Combine(hash, value)));
    }

    /// <summary>What is read of the documents of a table: the columns that a query uses. They are all known once it is compiled.</summary>
    private sealed class Fields(StoredTable table)
    {
        private readonly List<string> needed = [];
        private BsonExpression? expression;

        /// <summary>How many they are.</summary>
        public int Count => needed.Count;

        /// <summary>Where a column is in a row that is read, which it is from now on; null if the table has none of that name.</summary>
        public int? Place(string column)
        {
            if (table.Place(column) is not { } place)
            {
                return null;
            }

            var name = table.Columns[place].Name;
            if (needed.IndexOf(name) is var known and >= 0)
            {
                return known;
            }

            needed.Add(name);
            return needed.Count - 1;
        }

        /// <summary>What LiteDB is to read; where nothing is needed of a row, no more than the index itself.</summary>
        public BsonExpression Of(StoredIndex index) => needed.Count == 0
            ? BsonExpression.Create($"{{ {index.Field}: $.{index.Field} }}")
            : expression ??= BsonExpression.Create($"{{ {string.Join(", ", needed.Select(n => $"{n}: $.{n}"))} }}");

        /// <summary>A document as a row.</summary>
        public object?[] Row(BsonDocument document)
        {
            var row = new object?[needed.Count];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = StoredTable.Value(document[needed[i]]);
            }

            return row;
        }
    }
}
