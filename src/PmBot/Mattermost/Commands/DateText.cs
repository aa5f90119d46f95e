using System.Globalization;
using NodaTime;

namespace PmBot.Mattermost.Commands;

/// <summary>
/// A date as users write it: <c>2026-11-30</c>, <c>nov 30</c>, <c>30 nov 2026</c>, <c>monday</c>, <c>next monday</c>, <c>today</c>,
/// <c>tomorrow</c>, <c>next week</c>. What it means depends on the day it is read.
/// </summary>
public abstract record DateText
{
    private DateText()
    {
    }

    /// <summary>What users can write, for help and errors.</summary>
    public const string Forms = "`2026-11-30`, `nov 30`, `monday`, `next week`";

    /// <summary>Reads a date that begins at word <paramref name="index"/>, and moves the index behind it.</summary>
    /// <returns>The date, or null (and the index as it was) if none begins there.</returns>
    public static DateText? Read(IReadOnlyList<Word> words, ref int index) => Read(words, ref index, withinQuotes: false);

    private static DateText? Read(IReadOnlyList<Word> words, ref int index, bool withinQuotes)
    {
        if (index >= words.Count)
        {
            return null;
        }

        var one = words[index].Text.ToLowerInvariant().TrimEnd(',');
        var two = index + 1 < words.Count ? words[index + 1].Text.ToLowerInvariant().TrimEnd(',') : "";
        if (words[index].Quoted && one.Contains(' ', StringComparison.Ordinal))
        {
            if (withinQuotes)
            {
                // Quotes within quotes group nothing; to follow them down would let a text decide how deep the stack grows.
                return null;
            }

            var inner = CommandText.Split(one, new Dictionary<string, bool>(StringComparer.Ordinal)).Words;
            var at = 0;
            var quoted = Read(inner, ref at, withinQuotes: true);
            index += quoted is not null && at == inner.Count ? 1 : 0;
            return at == inner.Count ? quoted : null;
        }

        var (date, length) = (one, two) switch
        {
            ("today", _) => (new InDays(0), 1),
            ("tomorrow", _) => (new InDays(1), 1),
            ("next", "week") => (new NextWeek(), 2),
            ("next", _) when Weekday(two) is { } day => (new OnWeekday(day, AfterToday: true), 2),
            _ when Weekday(one) is { } day => (new OnWeekday(day, AfterToday: false), 1),
            _ when Iso(one) is { } iso => (new Fixed(iso), 1),
            _ when MonthNumber(one) is { } month && DayNumber(two) is { } day => WithYear(month, day, words, index),
            _ when MonthNumber(two) is { } month && DayNumber(one) is { } day => WithYear(month, day, words, index),
            _ => ((DateText?)null, 0),
        };
        index += length;
        return date;
    }

    /// <summary>Reads a text that is a date and nothing else.</summary>
    public static DateText? Parse(string text)
    {
        var words = CommandText.Split(text, new Dictionary<string, bool>(StringComparer.Ordinal)).Words;
        var index = 0;
        var date = Read(words, ref index);
        return index == words.Count ? date : null;
    }

    /// <summary>The weekday of a name such as <c>mon</c> or <c>Monday</c>, or null.</summary>
    public static IsoDayOfWeek? Weekday(string text) => text.ToLowerInvariant() switch
    {
        "mon" or "monday" or "mondays" => IsoDayOfWeek.Monday,
        "tue" or "tues" or "tuesday" or "tuesdays" => IsoDayOfWeek.Tuesday,
        "wed" or "wednesday" or "wednesdays" => IsoDayOfWeek.Wednesday,
        "thu" or "thur" or "thurs" or "thursday" or "thursdays" => IsoDayOfWeek.Thursday,
        "fri" or "friday" or "fridays" => IsoDayOfWeek.Friday,
        "sat" or "saturday" or "saturdays" => IsoDayOfWeek.Saturday,
        "sun" or "sunday" or "sundays" => IsoDayOfWeek.Sunday,
        _ => null,
    };

    /// <summary>The date meant on <paramref name="today"/>; null if there is no such date (<c>feb 30</c>).</summary>
    public abstract LocalDate? Resolve(LocalDate today);

    /// <summary>The last date meant where a span is asked for: a week's Sunday for <c>next week</c>, else the date itself.</summary>
    public virtual LocalDate? ResolveEnd(LocalDate today) => Resolve(today);

    /// <summary>The last date meant where this is the end of a span that begins on <paramref name="from"/>: a weekday is the first one since then.</summary>
    public virtual LocalDate? ResolveEnd(LocalDate today, LocalDate from) => ResolveEnd(today);

    private static (DateText?, int) WithYear(int month, int day, IReadOnlyList<Word> words, int index) =>
        index + 2 < words.Count && words[index + 2].Text.TrimEnd(',') is { Length: 4 } text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 1970 and <= 2999
            ? (new MonthDay(month, day, year), 3)
            : (new MonthDay(month, day, null), 2);

    private static LocalDate? Iso(string text) =>
        NodaTime.Text.LocalDatePattern.Iso.Parse(text) is { Success: true } parsed && parsed.Value.Year is >= 1970 and <= 2999
            ? parsed.Value
            : null;

    private static int? MonthNumber(string text)
    {
        string[] names =
        [
            "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
        ];
        var name = text.TrimEnd('.');
        var found = Array.FindIndex(names, m => m == name || (name.Length is 3 or 4 && m.StartsWith(name, StringComparison.Ordinal)));
        return found < 0 ? null : found + 1;
    }

    private static int? DayNumber(string text)
    {
        var digits = text.Length > 2 && text[^2..] is "st" or "nd" or "rd" or "th" ? text[..^2] : text;
        return digits.Length is 1 or 2 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var day)
            && day is >= 1 and <= 31 ? day : null;
    }

    private sealed record Fixed(LocalDate Date) : DateText
    {
        public override LocalDate? Resolve(LocalDate today) => Date;
    }

    private sealed record InDays(int Days) : DateText
    {
        public override LocalDate? Resolve(LocalDate today) => today.PlusDays(Days);
    }

    private sealed record NextWeek : DateText
    {
        public override LocalDate? Resolve(LocalDate today) => today.Next(IsoDayOfWeek.Monday);

        public override LocalDate? ResolveEnd(LocalDate today) => today.Next(IsoDayOfWeek.Monday).PlusDays(6);
    }

    /// <summary>The next such weekday; today counts unless <c>next</c> was said.</summary>
    private sealed record OnWeekday(IsoDayOfWeek Day, bool AfterToday) : DateText
    {
        public override LocalDate? Resolve(LocalDate today) => today.DayOfWeek == Day && !AfterToday ? today : today.Next(Day);

        public override LocalDate? ResolveEnd(LocalDate today, LocalDate from) => Resolve(from);
    }

    /// <summary>Without a year it is the next such date, today included.</summary>
    private sealed record MonthDay(int Month, int Day, int? Year) : DateText
    {
        public override LocalDate? Resolve(LocalDate today)
        {
            if (Year is { } year)
            {
                return In(year);
            }

            return Enumerable.Range(today.Year, 9).Select(In).FirstOrDefault(d => d is { } date && date >= today);
        }

        private LocalDate? In(int year) =>
            Day <= CalendarSystem.Iso.GetDaysInMonth(year, Month) ? new LocalDate(year, Month, Day) : null;
    }
}
