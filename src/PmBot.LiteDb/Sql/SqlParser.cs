using System.Globalization;

namespace PmBot.LiteDb.Sql;

/// <summary>Reads the dialect of the storage port: what SQLite and PostgreSQL both take, and of that what PmBot uses.</summary>
internal sealed class SqlParser
{
    private static readonly HashSet<string> Reserved = new(
        [
            "all", "and", "as", "by", "case", "cast", "conflict", "create", "delete", "desc", "do", "else", "end", "except", "exists", "from", "full", "group", "having", "in", "inner", "insert", "intersect",
            "into", "is", "join", "left", "like", "limit", "natural", "not", "null", "offset", "on", "or", "order", "outer", "returning", "right", "select", "set", "then", "union", "update", "using", "values",
            "when", "where", "window", "with",
        ],
        StringComparer.Ordinal);

    private readonly string sql;
    private readonly List<Token> tokens;
    private int at;
    private SqlRecursion? recursion;

    private SqlParser(string sql)
    {
        this.sql = sql;
        tokens = SqlTokenizer.Read(sql);
    }

    /// <summary>Reads one statement.</summary>
    /// <exception cref="SqlRefusedException">It has something that this engine does not know; the message says what.</exception>
    public static SqlStatement Parse(string sql)
    {
        var parser = new SqlParser(sql);
        var statement = parser.Statement();
        _ = parser.Takes(";");
        return parser.Next.Kind == TokenKind.End ? statement : throw parser.Unknown();
    }

    /// <summary>The statements of a script, each as it is written.</summary>
    public static IReadOnlyList<string> Split(string script)
    {
        var statements = new List<string>();
        int? start = null;
        foreach (var token in SqlTokenizer.Read(script))
        {
            if (token is { Kind: TokenKind.End } or { Kind: TokenKind.Symbol, Text: ";" })
            {
                if (start is { } from)
                {
                    statements.Add(script[from..token.Start].Trim());
                }

                start = null;
            }
            else
            {
                start ??= token.Start;
            }
        }

        return statements;
    }

    /// <summary>Reads the condition after a <c>where</c>.</summary>
    public static SqlExpression ParseCondition(string sql)
    {
        var parser = new SqlParser(sql);
        var condition = parser.Expression();
        return parser.Next.Kind == TokenKind.End ? condition : throw parser.Unknown();
    }

    private Token Next => tokens[at];

    private SqlStatement Statement() => Next.Text switch
    {
        "select" => new SqlStatement.Read(Select()),
        "with" => With(),
        "insert" => Insert(),
        "update" => Update(),
        "delete" => Delete(),
        "create" => Create(),
        "drop" => Drop(),
        "alter" => Alter(),
        _ => throw Unknown(),
    };

    private SqlStatement.Read With()
    {
        Require("with");
        Require("recursive");
        var name = Name();
        var columns = Names();
        Require("as");
        Require("(");
        recursion = new SqlRecursion(name, columns, Select());
        Require(")");
        return new SqlStatement.Read(Select());
    }

    private SqlSelect Select()
    {
        List<SqlPart> parts = [Part()];
        while (Takes("union"))
        {
            Require("all");
            parts.Add(Part());
        }

        var order = new List<SqlOrder>();
        if (Takes("order"))
        {
            Require("by");
            do
            {
                var by = Expression();
                order.Add(new SqlOrder(by, Takes("desc")));
            }
            while (Takes(","));
        }

        var limit = Takes("limit") ? Expression() : null;
        return new SqlSelect(parts, order, limit, Takes("offset") ? Expression() : null);
    }

    private SqlPart Part()
    {
        Require("select");
        var items = new List<SqlItem>();
        do
        {
            var value = Expression();
            items.Add(new SqlItem(value, Takes("as") ? Name() : value is SqlExpression.Column column ? column.Name : FormattableString.Invariant($"column{items.Count + 1}")));
        }
        while (Takes(","));

        var source = Takes("from") ? Source() : null;
        SqlExpression? joined = null;
        if (source is not null && Takes("join"))
        {
            source = Source() with { JoinedTo = source };
            Require("on");
            joined = Expression();
        }

        var where = Takes("where") ? Expression() : null;
        where = joined is not null && where is not null ? new SqlExpression.Binary("and", joined, where) : joined ?? where;
        var groups = new List<SqlExpression>();
        if (Takes("group"))
        {
            Require("by");
            do
            {
                groups.Add(Expression());
            }
            while (Takes(","));
        }

        return new SqlPart(items, source, where, groups);
    }

    private SqlSource Source()
    {
        if (Takes("("))
        {
            var query = Select();
            Require(")");
            return new SqlSource(null, query, Name());
        }

        var table = Name();
        var name = Next.Kind == TokenKind.Word && !Reserved.Contains(Next.Text) ? Name() : table;
        return table == recursion?.Name ? new SqlSource(null, null, name) { Recursion = recursion } : new SqlSource(table, null, name);
    }

    private SqlStatement.Insert Insert()
    {
        Require("insert");
        Require("into");
        var table = Name();
        var columns = Names();
        SqlSelect rows;
        if (Takes("values"))
        {
            Require("(");
            rows = new SqlSelect([new SqlPart([.. Expressions().Select((value, i) => new SqlItem(value, columns.ElementAtOrDefault(i) ?? ""))], null, null, [])], [], null, null);
            Require(")");
        }
        else
        {
            rows = Select();
        }

        if (rows.Parts.Any(p => p.Items.Count != columns.Count))
        {
            throw new SqlRefusedException($"There are as many columns as values in an insert, but not in the statement: {sql.Trim()}");
        }

        return new SqlStatement.Insert(table, columns, rows, Takes("on") ? Conflict() : null);
    }

    private SqlConflict Conflict()
    {
        Require("conflict");
        IReadOnlyList<string> columns = Next.Text == "(" ? Names() : [];
        Require("do");
        if (Takes("nothing"))
        {
            return new SqlConflict(columns, []);
        }

        Require("update");
        return new SqlConflict(columns, Sets());
    }

    private SqlStatement.Update Update()
    {
        Require("update");
        return new SqlStatement.Update(Name(), Sets(), Takes("where") ? Expression() : null);
    }

    private List<SqlSet> Sets()
    {
        Require("set");
        var sets = new List<SqlSet>();
        do
        {
            var column = Name();
            Require("=");
            sets.Add(new SqlSet(column, Expression()));
        }
        while (Takes(","));

        return sets;
    }

    private SqlStatement.Delete Delete()
    {
        Require("delete");
        Require("from");
        return new SqlStatement.Delete(Name(), Takes("where") ? Expression() : null);
    }

    private SqlStatement Create()
    {
        Require("create");
        if (Takes("table"))
        {
            return Table();
        }

        var isUnique = Takes("unique");
        Require("index");
        var name = Name();
        Require("on");
        return new SqlStatement.CreateIndex(name, Name(), Names(), isUnique, Takes("where") ? Expression() : null);
    }

    private SqlStatement.DropIndex Drop()
    {
        Require("drop");
        Require("index");
        return new SqlStatement.DropIndex(Name());
    }

    private SqlStatement.CreateTable Table()
    {
        var table = Name();
        var columns = new List<SqlColumn>();
        var unique = new List<string>();
        List<string> key = [];
        var counts = false;
        Require("(");
        do
        {
            if (Takes("primary"))
            {
                Require("key");
                key = Names();
            }
            else
            {
                var column = ColumnDefinition(out var isKey, out var isCounter, out var isUnique);
                columns.Add(column);
                key = isKey ? [column.Name] : key;
                counts |= isCounter;
                unique.AddRange(isUnique ? [column.Name] : []);
            }
        }
        while (Takes(","));

        Require(")");
        while (Takes("strict") || Takes(","))
        {
            // How SQLite keeps it is nothing to this engine.
        }

        if (Takes("without"))
        {
            Require("rowid");
        }

        return new SqlStatement.CreateTable(table, columns, key, counts, unique);
    }

    private SqlColumn ColumnDefinition(out bool isKey, out bool isCounter, out bool isUnique)
    {
        var name = Name();
        var type = Type();
        (isKey, isCounter, isUnique) = (false, false, false);
        var isRequired = false;
        while (true)
        {
            if (Takes("primary"))
            {
                Require("key");
                isKey = isRequired = true;
                isCounter = Takes("autoincrement");
            }
            else if (Takes("not"))
            {
                Require("null");
                isRequired = true;
            }
            else if (Takes("unique"))
            {
                isUnique = true;
            }
            else
            {
                return new SqlColumn(name, type, isRequired);
            }
        }
    }

    private SqlStatement.AddColumn Alter()
    {
        Require("alter");
        Require("table");
        var table = Name();
        Require("add");
        Require("column");
        var column = ColumnDefinition(out var isKey, out _, out var isUnique);
        return isKey || isUnique || column.IsRequired ? throw Unknown() : new SqlStatement.AddColumn(table, column);
    }

    private SqlType Type()
    {
        var type = Next.Text switch
        {
            "text" => SqlType.Text,
            "integer" or "bigint" => SqlType.Integer,
            _ => throw Unknown(),
        };
        at++;
        return type;
    }

    private SqlExpression Expression()
    {
        var left = And();
        while (Takes("or"))
        {
            left = new SqlExpression.Binary("or", left, And());
        }

        return left;
    }

    private SqlExpression And()
    {
        var left = Not();
        while (Takes("and"))
        {
            left = new SqlExpression.Binary("and", left, Not());
        }

        return left;
    }

    private SqlExpression Not() => Takes("not") ? new SqlExpression.Not(Not()) : Comparison();

    private SqlExpression Comparison()
    {
        var left = Sum();
        while (true)
        {
            if (Next is { Kind: TokenKind.Symbol, Text: "=" or "<>" or "!=" or "<" or "<=" or ">" or ">=" })
            {
                var symbol = tokens[at++].Text;
                left = new SqlExpression.Binary(symbol == "!=" ? "<>" : symbol, left, Sum());
            }
            else if (Takes("is"))
            {
                var isNot = Takes("not");
                Require("null");
                left = Perhaps(isNot, new SqlExpression.IsNull(left));
            }
            else if (Next is { Kind: TokenKind.Word, Text: "in" or "like" or "not" })
            {
                var isNot = Takes("not");
                left = Perhaps(isNot, Takes("in") ? In(left) : Takes("like") ? new SqlExpression.Binary("like", left, Sum()) : throw Unknown());
            }
            else
            {
                return left;
            }
        }
    }

    private static SqlExpression Perhaps(bool isNot, SqlExpression condition) => isNot ? new SqlExpression.Not(condition) : condition;

    private SqlExpression In(SqlExpression left)
    {
        Require("(");
        SqlExpression condition = Next.Text == "select" && Next.Kind == TokenKind.Word ? new SqlExpression.InQuery(left, Select()) : new SqlExpression.InList(left, Expressions());
        Require(")");
        return condition;
    }

    private SqlExpression Sum()
    {
        var left = Joined();
        while (Next is { Kind: TokenKind.Symbol, Text: "+" or "-" })
        {
            left = new SqlExpression.Binary(tokens[at++].Text, left, Joined());
        }

        return left;
    }

    private SqlExpression Joined()
    {
        var left = Operand();
        while (Takes("||"))
        {
            left = new SqlExpression.Binary("||", left, Operand());
        }

        return left;
    }

    private SqlExpression Operand()
    {
        var token = Next;
        switch (token)
        {
            case { Kind: TokenKind.Number }:
                at++;
                return new SqlExpression.Literal(long.Parse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture));
            case { Kind: TokenKind.Text }:
                at++;
                return new SqlExpression.Literal(token.Text);
            case { Kind: TokenKind.Parameter }:
                at++;
                return new SqlExpression.Parameter(token.Text);
            case { Kind: TokenKind.Symbol, Text: "-" }:
                at++;
                return new SqlExpression.Binary("-", new SqlExpression.Literal(0L), Operand());
            case { Kind: TokenKind.Symbol, Text: "(" }:
                at++;
                var inner = Next is { Kind: TokenKind.Word, Text: "select" } ? new SqlExpression.Single(Select()) : Expression();
                Require(")");
                return inner;
            case { Kind: TokenKind.Word, Text: "null" or "true" or "false" }:
                at++;
                return new SqlExpression.Literal(token.Text == "null" ? null : token.Text == "true");
            case { Kind: TokenKind.Word, Text: "case" }:
                return Case();
            case { Kind: TokenKind.Word, Text: "exists" }:
                at++;
                Require("(");
                var query = Select();
                Require(")");
                return new SqlExpression.Exists(query);
            case { Kind: TokenKind.Word, Text: "cast" }:
                at++;
                Require("(");
                var value = Expression();
                Require("as");
                var type = Type();
                Require(")");
                return new SqlExpression.Cast(value, type);
            case { Kind: TokenKind.Word }:
                var name = Name();
                return Takes("(") ? Call(name) : Takes(".") ? new SqlExpression.Column(name, Name()) : new SqlExpression.Column(null, name);
            default:
                throw Unknown();
        }
    }

    private SqlExpression.Call Call(string name)
    {
        var arguments = Takes("*") ? [] : Expressions();
        Require(")");
        return new SqlExpression.Call(name, arguments);
    }

    private SqlExpression.Case Case()
    {
        Require("case");
        var branches = new List<(SqlExpression, SqlExpression)>();
        while (Takes("when"))
        {
            var when = Expression();
            Require("then");
            branches.Add((when, Expression()));
        }

        SqlExpression otherwise = Takes("else") ? Expression() : new SqlExpression.Literal(null);
        Require("end");
        return new SqlExpression.Case(branches, otherwise);
    }

    private List<SqlExpression> Expressions()
    {
        var expressions = new List<SqlExpression>();
        do
        {
            expressions.Add(Expression());
        }
        while (Takes(","));

        return expressions;
    }

    private List<string> Names()
    {
        Require("(");
        var names = new List<string>();
        do
        {
            names.Add(Name());
        }
        while (Takes(","));

        Require(")");
        return names;
    }

    private string Name()
    {
        if (Next.Kind != TokenKind.Word || Reserved.Contains(Next.Text))
        {
            throw Unknown();
        }

        return tokens[at++].Text;
    }

    private bool Takes(string text)
    {
        if (Next.Kind is not (TokenKind.Word or TokenKind.Symbol) || Next.Text != text)
        {
            return false;
        }

        at++;
        return true;
    }

    private void Require(string text)
    {
        if (!Takes(text))
        {
            throw Unknown();
        }
    }

    private SqlRefusedException Unknown() => Next.Kind == TokenKind.End
        ? new SqlRefusedException($"The statement ends too soon: {sql.Trim()}")
        : SqlRefusedException.At(sql, Next.Start, "is not of the SQL that the LiteDB engine understands");
}
