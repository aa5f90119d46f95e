using System.Globalization;
using PmBot.Mattermost.Commands;
using PmBot.Rotations;

namespace PmBot.Meetings;

/// <summary>How people write and read a time before a meeting.</summary>
public static class AheadText
{
    /// <summary>What users can write, for help and errors.</summary>
    public const string Forms = "`08:00` for the day itself, `1 day 16:00` for the day before";

    private const int MostDigits = 4;

    private static readonly string[] Fillers = ["at", "before", "ahead", "the", "on"];

    /// <summary>Reads <c>08:00</c>, <c>1 day 16:00</c>, <c>3 days before at 9am</c>; null if it is none.</summary>
    public static Ahead? Parse(string text)
    {
        var words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(w => !Fillers.Contains(w)).ToList();
        var (days, rest) = words is [var number, "day" or "days", .. var behind] ? (Number(number), behind)
            : words is [[.. var digits, 'd'], .. var after] && words.Count > 1 ? (Number(digits), after)
            : ((int?)0, words);
        return days is { } count && rest.Count > 0 && RotationSettings.Time(string.Concat(rest)) is { } time ? new Ahead(count, time) : null;
    }

    /// <summary>As it is typed: <see cref="Parse"/> reads it as the same.</summary>
    public static string Typed(Ahead ahead) =>
        FormattableString.Invariant($"{(ahead.Days == 0 ? "" : $"{When.Count(ahead.Days, "day")} ")}{When.TimeOfDay(ahead.Time)}");

    /// <summary>As it stands in a sentence: <c>on the day at 08:00</c>, <c>3 days before at 09:00</c>.</summary>
    public static string InWords(Ahead ahead) =>
        $"{(ahead.Days == 0 ? "on the day" : $"{When.Count(ahead.Days, "day")} before")} at {When.TimeOfDay(ahead.Time)}";

    private static int? Number(string digits) =>
        digits.Length <= MostDigits && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
