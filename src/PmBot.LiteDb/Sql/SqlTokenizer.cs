using System.Globalization;

namespace PmBot.LiteDb.Sql;

/// <summary>What a piece of a statement is.</summary>
internal enum TokenKind
{
    /// <summary>A keyword or a name, in lower case.</summary>
    Word,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A text between single quotes, without them.</summary>
    Text,

    /// <summary>A parameter, without its sign.</summary>
    Parameter,

    /// <summary>An operator or a mark.</summary>
    Symbol,

    /// <summary>The end of the statement.</summary>
    End,
}

/// <summary>A piece of a statement.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">What it says.</param>
/// <param name="Start">Where it begins in the statement.</param>
/// <param name="End">Where it ends, exclusive.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Start, int End);

/// <summary>Takes statements apart.</summary>
internal static class SqlTokenizer
{
    private static readonly string[] Symbols = ["<>", "!=", "<=", ">=", "||", "<", ">", "=", "(", ")", ",", ".", "+", "-", "*", ";"];

    /// <summary>The pieces of a statement, an end at last. Comments are left out.</summary>
    /// <exception cref="SqlRefusedException">It has a sign that means nothing here.</exception>
    public static List<Token> Read(string sql)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (at < sql.Length)
        {
            var start = at;
            if (char.IsWhiteSpace(sql[at]))
            {
                at++;
            }
            else if (sql.AsSpan(at).StartsWith("--", StringComparison.Ordinal))
            {
                at = sql.IndexOf('\n', at) is var end and >= 0 ? end : sql.Length;
            }
            else if (sql[at] == '\'')
            {
                at = AfterText(sql, at);
                tokens.Add(new Token(TokenKind.Text, sql[(start + 1)..(at - 1)].Replace("''", "'", StringComparison.Ordinal), start, at));
            }
            else if (sql[at] == '@')
            {
                at = AfterWord(sql, at + 1);
                tokens.Add(new Token(TokenKind.Parameter, sql[(start + 1)..at], start, at));
            }
            else if (char.IsAsciiDigit(sql[at]))
            {
                at = AfterWord(sql, at);
                tokens.Add(new Token(TokenKind.Number, sql[start..at], start, at));
                if (!long.TryParse(sql.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                {
                    throw SqlRefusedException.At(sql, start, "is no whole number");
                }
            }
            else if (IsOfWord(sql[at]))
            {
                at = AfterWord(sql, at);
                tokens.Add(new Token(TokenKind.Word, sql[start..at].ToLowerInvariant(), start, at));
            }
            else
            {
                var symbol = Array.Find(Symbols, s => sql.AsSpan(start).StartsWith(s, StringComparison.Ordinal)) ?? throw SqlRefusedException.At(sql, at, "is not known here");
                at += symbol.Length;
                tokens.Add(new Token(TokenKind.Symbol, symbol, start, at));
            }
        }

        tokens.Add(new Token(TokenKind.End, "", sql.Length, sql.Length));
        return tokens;
    }

    private static int AfterText(string sql, int at)
    {
        var start = at++;
        while (true)
        {
            at = sql.IndexOf('\'', at);
            if (at < 0)
            {
                throw SqlRefusedException.At(sql, start, "begins a text that does not end");
            }

            if (at + 1 == sql.Length || sql[at + 1] != '\'')
            {
                return at + 1;
            }

            at += 2;
        }
    }

    private static int AfterWord(string sql, int at)
    {
        while (at < sql.Length && IsOfWord(sql[at]))
        {
            at++;
        }

        return at;
    }

    private static bool IsOfWord(char sign) => char.IsAsciiLetterOrDigit(sign) || sign == '_';
}

/// <summary>A statement is not of the dialect that this engine understands, or does not fit the tables. The message says where.</summary>
internal sealed class SqlRefusedException(string message) : Exception(message)
{
    private const int MostShown = 40;

    /// <summary>A part of a statement cannot be taken.</summary>
    public static SqlRefusedException At(string sql, int at, string why)
    {
        var rest = sql[at..];
        return new SqlRefusedException($"\"{(rest.Length > MostShown ? rest[..MostShown] + "…" : rest)}\" {why}, in the statement: {sql.Trim()}");
    }
}
