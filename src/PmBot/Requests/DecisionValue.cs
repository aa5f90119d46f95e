using System.Text.RegularExpressions;

namespace PmBot.Requests;

/// <summary>
/// What a product manager can decide on a request: a Fix Version (handbook, 2020 edition), a timeframe (2021 edition), a release, or
/// that it will not be done.
/// </summary>
public static partial class DecisionValue
{
    /// <summary>Won't do, in the words of the 2021 practice; the 2020 practice says <c>Not Planned</c>.</summary>
    public const string WontDo = "won't do";

    /// <summary>The Fix Versions of the 2020 practice, beside releases.</summary>
    public static IReadOnlyList<string> FixVersions { get; } =
        ["Planned: Near Term", "Planned: Ongoing", "Planned: Unscheduled", "Future Consideration", "Not Planned"];

    /// <summary>The timeframes of the 2021 practice, beside releases.</summary>
    public static IReadOnlyList<string> Timeframes { get; } = ["3 months", "6 months", "future"];

    /// <summary>Reads a value as people type it; null if it is none. <c>near term</c> and <c>7.10</c> are understood too.</summary>
    /// <returns>The value as it is stored and shown.</returns>
    public static string? Parse(string text)
    {
        var words = string.Join(' ', text.Replace('’', '\'').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Trim('`', '"', '“', '”', '.');
        if (Release(words) is { } release)
        {
            return release;
        }

        var key = Key(words);
        return key is "wontdo" or "wontfix" or "willnotdo"
            ? WontDo
            : FixVersions.Concat(Timeframes).FirstOrDefault(v => Key(v) == key || Key(v) == "planned" + key && key.Length > 0);
    }

    /// <summary>Reads a release such as <c>v7.10</c> or <c>7.10.1</c>, and writes it with its <c>v</c>; null if it is none.</summary>
    public static string? Release(string text) =>
        ReleaseForm().Match(text.Trim()) is { Success: true } match ? "v" + match.Groups["number"].Value : null;

    /// <summary>Whether the decision is that it will not be done.</summary>
    public static bool IsNo(string value) => value is WontDo or "Not Planned";

    private static string Key(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    [GeneratedRegex(@"\A[vV]?(?<number>(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){1,2})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex ReleaseForm();
}
