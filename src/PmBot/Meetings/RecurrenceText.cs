using System.Globalization;
using NodaTime;
using NodaTime.Text;
using PmBot.Mattermost.Commands;

namespace PmBot.Meetings;

/// <summary>How people write and read on which dates a meeting takes place.</summary>
public static class RecurrenceText
{
    /// <summary>What users can write, for help and errors.</summary>
    public const string Forms = "`weekly wednesday`, `every 2 weeks thursday`, `2nd monday`, `last friday`";

    /// <summary>The most weeks between two dates.</summary>
    public const int MostWeeks = 26;

    private static readonly string[] Fillers = ["on", "the"];
    private static readonly string[] Each = ["every", "each", "weekly"];
    private static readonly string[] Ordinals = ["1st", "2nd", "3rd", "4th"];
    private static readonly string[] OrdinalWords = ["first", "second", "third", "fourth"];
    private static readonly string[] Numbers = ["one", "two", "three", "four"];

    /// <summary>
    /// Reads <c>weekly wednesday</c>, <c>every 2 weeks thursday</c>, <c>every other thursday</c>, <c>2nd monday</c>, <c>last friday</c> and
    /// the like; null if it is none. Behind several weeks <c>from DATE</c> says from which date they are counted.
    /// </summary>
    /// <param name="text">What was typed.</param>
    /// <param name="earliest">Several weeks are counted from the first such weekday that is not before this date, unless it says otherwise.</param>
    public static Recurrence? Parse(string text, LocalDate earliest)
    {
        var words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(w => w.Trim(',', '.')).Where(w => !Fillers.Contains(w)).ToList();
        var from = words.IndexOf("from");
        if (from >= 0)
        {
            return DateText.Parse(string.Join(' ', words.Skip(from + 1)))?.Resolve(earliest) is { } date
                && Weeks(words.Take(from).ToList()) is { Weeks: > 1 } counted && counted.Day == date.DayOfWeek
                ? new Recurrence.EveryWeeks(counted.Day, counted.Weeks, date)
                : null;
        }

        var isMonthly = words is [.., "of", "month"] or [.., "of", "every" or "each" or "a", "month"];
        if (isMonthly)
        {
            words = words[..words.LastIndexOf("of")];
            words = words is ["every" or "each", ..] ? words[1..] : words;
        }

        // "Every 2nd Monday" is said of every other week and of months alike, so it is taken for neither.
        return words is [var nth, var name] && DateText.Weekday(name) is { } weekday && Nth(nth) is { } number
            ? number == 0 ? new Recurrence.LastOfMonth(weekday) : new Recurrence.NthOfMonth(number, weekday)
            : !isMonthly && Weeks(words) is { } weekly ? new Recurrence.EveryWeeks(weekly.Day, weekly.Weeks, OnOrAfter(earliest, weekly.Day))
            : null;
    }

    /// <summary>As it is typed: <see cref="Parse"/> reads it as the same dates.</summary>
    public static string Typed(Recurrence recurrence)
    {
        var day = recurrence.Day.ToString().ToLowerInvariant();
        return recurrence switch
        {
            Recurrence.EveryWeeks { Weeks: 1 } => $"weekly {day}",
            Recurrence.EveryWeeks weeks => FormattableString.Invariant($"every {weeks.Weeks} weeks {day} from {LocalDatePattern.Iso.Format(weeks.From)}"),
            Recurrence.NthOfMonth nth => $"{Ordinals[nth.Nth - 1]} {day}",
            Recurrence.LastOfMonth => $"last {day}",
            _ => throw new InvalidOperationException(recurrence.GetType().Name),
        };
    }

    /// <summary>As it stands in a sentence: <c>every Wednesday</c>, <c>on the 2nd Monday of the month</c>.</summary>
    public static string InWords(Recurrence recurrence) => recurrence switch
    {
        Recurrence.EveryWeeks { Weeks: 1 } => $"every {recurrence.Day}",
        Recurrence.EveryWeeks weeks => FormattableString.Invariant($"every {weeks.Weeks} weeks on {recurrence.Day}"),
        Recurrence.NthOfMonth nth => $"on the {Ordinals[nth.Nth - 1]} {recurrence.Day} of the month",
        Recurrence.LastOfMonth => $"on the last {recurrence.Day} of the month",
        _ => throw new InvalidOperationException(recurrence.GetType().Name),
    };

    private static (IsoDayOfWeek Day, int Weeks)? Weeks(List<string> words)
    {
        var weeks = words[..Math.Max(0, words.Count - 1)] switch
        {
            [] => 1,
            [var each] when Each.Contains(each) => 1,
            ["biweekly" or "fortnightly"] => 2,
            ["every" or "each", "week"] => 1,
            ["every" or "each", "other"] or ["every" or "each", "other", "week"] => 2,
            ["every" or "each", var number, "week" or "weeks"] => Number(number),
            _ => null,
        };
        return weeks is { } count && words.Count > 0 && DateText.Weekday(words[^1]) is { } day ? (day, count) : null;
    }

    private static int? Number(string text) => Array.IndexOf(Numbers, text) is >= 0 and var index ? index + 1
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MostWeeks ? number
        : null;

    /// <summary>1 to 4, or 0 for the last one.</summary>
    private static int? Nth(string text) => text == "last" ? 0
        : Math.Max(Array.IndexOf(Ordinals, text), Array.IndexOf(OrdinalWords, text)) is >= 0 and var index ? index + 1
        : null;

    private static LocalDate OnOrAfter(LocalDate date, IsoDayOfWeek day) => date.DayOfWeek == day ? date : date.Next(day);
}
