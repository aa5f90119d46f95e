using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost.Commands;
using PmBot.Scheduling;
using PmBot.Storage;

namespace PmBot.Workspaces;

/// <summary>What settings of things that are said every week have in common.</summary>
internal static class WeeklySettings
{
    /// <summary>A value that brings the usual one back.</summary>
    public static bool IsDefault(string value) => value.Trim().Equals("default", StringComparison.OrdinalIgnoreCase);

    /// <summary><c>monday 09:05</c>, as it is typed; <c>off</c>.</summary>
    public static string Typed(WeeklyTime? when) =>
        when is null ? "off" : $"{when.Day.ToString().ToLowerInvariant()} {When.TimeOfDay(when.Time)}";

    /// <summary><c>every Monday at 09:05</c>, as people read it; <c>off</c>.</summary>
    public static string Shown(WeeklyTime? when) => when is null ? "off" : $"every {when.Day} at {When.TimeOfDay(when.Time)}";

    /// <summary>
    /// When something is said next at that time. What was said on a date already is not said on it again, so a time that is moved to
    /// later on its day comes the week after.
    /// </summary>
    /// <param name="transaction">The transaction of the change.</param>
    /// <param name="kind">The ledger's kind.</param>
    /// <param name="subject">The ledger's subject.</param>
    /// <param name="when">The time; null to switch it off.</param>
    /// <param name="now">The present.</param>
    /// <param name="zone">The zone of the time.</param>
    public static Weekly Next(IReadTransaction transaction, string kind, string subject, WeeklyTime? when, Instant now, DateTimeZone zone)
    {
        var next = Weekly.From(when, now, zone);
        while (next is { NextOn: { } on, NextAt: { } at } && transaction.HasOccurred(kind, subject, on))
        {
            next = Weekly.From(when, at, zone);
        }

        return next;
    }
}
