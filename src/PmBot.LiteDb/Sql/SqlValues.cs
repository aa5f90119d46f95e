using System.Globalization;

namespace PmBot.LiteDb.Sql;

/// <summary>What operators do with values: text, Int64, truth, and null, which stands for "nobody knows".</summary>
internal static class SqlValues
{
    /// <summary>The order of two values, as SQLite has it: null first, then numbers, then texts by their code points.</summary>
    public static int Compare(object? left, object? right) => (Plain(left), Plain(right)) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (long one, long other) => one.CompareTo(other),
        (string one, string other) => CompareTexts(one, other),
        (long, _) => -1,
        _ => 1,
    };

    /// <summary>Whether a condition holds; null if nobody knows.</summary>
    public static bool? Truth(object? value) => value switch
    {
        null => null,
        bool truth => truth,
        long number => number != 0,
        _ => throw new SqlRefusedException("A text is no condition."),
    };

    /// <summary>The answer of a comparing operator.</summary>
    public static object? Test(string symbol, object? left, object? right)
    {
        if (left is null || right is null)
        {
            return null;
        }

        var order = Compare(left, right);
        return symbol switch
        {
            "=" => order == 0,
            "<>" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            ">=" => order >= 0,
            _ => throw new SqlRefusedException($"{symbol} compares nothing."),
        };
    }

    /// <summary>The sum or difference of two numbers; null if one of them is.</summary>
    /// <exception cref="OverflowException">It has more than 64 bits.</exception>
    public static object? Add(object? left, object? right, int sign) =>
        left is null || right is null ? null : checked(Number(left) + (sign * Number(right)));

    /// <summary>Two texts one after the other; null if one of them is.</summary>
    public static object? Join(object? left, object? right) => left is null || right is null ? null : Text(left) + Text(right);

    /// <summary>Whether a text is like a pattern, in which <c>%</c> stands for any text and <c>_</c> for any sign; A to Z are like a to z.</summary>
    public static object? Like(object? value, object? pattern) => value is null || pattern is null ? null : Like(Text(value), Text(pattern));

    /// <summary>A number.</summary>
    /// <exception cref="SqlRefusedException">It is a text.</exception>
    public static long Number(object value) => Plain(value) as long? ?? throw new SqlRefusedException("A text is no number; cast it.");

    /// <summary>A value as text.</summary>
    public static string Text(object value) => Convert.ToString(Plain(value), CultureInfo.InvariantCulture)!;

    /// <summary>A value as another type; null stays null.</summary>
    /// <exception cref="SqlRefusedException">A text is not that of a number.</exception>
    public static object? Cast(object? value, SqlType type) => value switch
    {
        null => null,
        _ when type == SqlType.Text => Text(value),
        string text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new SqlRefusedException($"The text \"{text}\" is no whole number."),
        _ => Number(value),
    };

    /// <summary>A value as it is stored and answered: truth is 1 or 0.</summary>
    public static object? Plain(object? value) => value is bool truth ? (truth ? 1L : 0L) : value;

    // Ordinal comparison goes by UTF-16, in which the signs beyond the first 65,536 come before some of those.
    private static int CompareTexts(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (one, other) = (left[same], right[same]);
        return char.IsSurrogate(one) != char.IsSurrogate(other) && one >= '\ud800' && other >= '\ud800'
            ? char.IsSurrogate(one) ? 1 : -1
            : one.CompareTo(other);
    }

    private static bool Like(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        while (!pattern.IsEmpty && pattern[0] != '%')
        {
            if (text.IsEmpty || (pattern[0] != '_' && Lower(pattern[0]) != Lower(text[0])))
            {
                return false;
            }

            text = text[1..];
            pattern = pattern[1..];
        }

        if (pattern.IsEmpty)
        {
            return text.IsEmpty;
        }

        for (var skipped = 0; skipped <= text.Length; skipped++)
        {
            if (Like(text[skipped..], pattern[1..]))
            {
                return true;
            }
        }

        return false;
    }

    private static char Lower(char sign) => sign is >= 'A' and <= 'Z' ? (char)(sign + ('a' - 'A')) : sign;
}
