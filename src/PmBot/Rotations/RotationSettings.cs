using System.Globalization;
using NodaTime;
using NodaTime.Text;
using PmBot.Mattermost.Commands;

namespace PmBot.Rotations;

/// <summary>How the values of a rotation's settings are written and read.</summary>
public static class RotationSettings
{
    /// <summary>Every key of a rotation with its values, for help and errors.</summary>
    public const string Explained =
        """
        A rotation has
        - `handoff`: weekday and time, such as `monday 09:00`
        - `zone`: a time zone, such as `America/Los_Angeles`
        - `every`: the length of a shift, from `1w` to `12w`
        - `announce`: the channel of the announcements, or `off`
        - `header`: the channel whose header names who is on duty, or `off`
        - `reminder`: how long to wait for an acknowledgement, such as `4h` or `90m`, or `off`
        - `notice`: when the next on duty is told, such as `friday 09:00`, or `off`
        """;

    /// <summary>Reads <c>monday 09:00</c>; also <c>9am</c>, <c>9:30 pm</c>.</summary>
    public static (IsoDayOfWeek Day, LocalTime Time)? DayAndTime(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length >= 2 && DateText.Weekday(words[0]) is { } day && Time(string.Concat(words[1..])) is { } time ? (day, time) : null;
    }

    /// <summary>Reads a zone's id, without regard to case, as the time zone database writes it; or null.</summary>
    public static string? Zone(string text) =>
        DateTimeZoneProviders.Tzdb.Ids.FirstOrDefault(id => string.Equals(id, text.Trim(), StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads <c>1w</c> to <c>12w</c>; or null.</summary>
    public static int? Weeks(string text)
    {
        var number = text.Trim().ToLowerInvariant().Replace("weeks", "w", StringComparison.Ordinal).Replace("week", "w", StringComparison.Ordinal);
        return number.EndsWith('w') && int.TryParse(number[..^1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var weeks)
            && weeks is >= 1 and <= 12 ? weeks : null;
    }

    /// <summary>Reads <c>4h</c> or <c>90m</c>, up to 72 hours, in minutes; or null.</summary>
    public static int? Minutes(string text)
    {
        var value = text.Trim().ToLowerInvariant();
        var factor = value.EndsWith('h') ? 60 : value.EndsWith('m') ? 1 : 0;
        return factor > 0 && int.TryParse(value[..^1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= 4320 && number * factor <= 4320 ? number * factor : null;
    }

    /// <summary>Whether a value switches something off.</summary>
    public static bool IsOff(string text) => text.Trim().ToLowerInvariant() is "off" or "none" or "never";

    /// <summary><c>every Monday at 09:00</c>, <c>every 2 weeks on Monday at 09:00</c>.</summary>
    public static string Describe(HandoffSchedule schedule) =>
        (schedule.Weeks == 1 ? $"every {schedule.Day}" : $"every {schedule.Weeks} weeks on {schedule.Day}") + $" at {When.TimeOfDay(schedule.Time)}";

    /// <summary>Reads <c>09:00</c>, <c>9am</c>, <c>9:30pm</c>, without spaces; or null.</summary>
    public static LocalTime? Time(string text)
    {
        foreach (var pattern in (string[])["H:mm", "HH:mm", "h:mmtt", "htt"])
        {
            if (LocalTimePattern.CreateWithInvariantCulture(pattern).Parse(text.ToUpperInvariant()) is { Success: true } parsed)
            {
                return parsed.Value;
            }
        }

        return null;
    }
}
