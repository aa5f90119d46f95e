using NodaTime;
using PmBot.Storage;

namespace PmBot.Rotations;

/// <summary>Who is there in a workspace, as its rotations know it.</summary>
/// <param name="Members">See <see cref="RotationQuestions.Members"/>.</param>
/// <param name="Away">See <see cref="RotationQuestions.Away"/>.</param>
internal sealed record Presence(IReadOnlySet<string> Members, IReadOnlyDictionary<string, LocalDate> Away);

/// <summary>What other features may ask of a workspace's rotations.</summary>
internal static class RotationQuestions
{
    /// <summary>Who is in the rosters and who of them is away, at the price of one look at the rotations.</summary>
    /// <param name="transaction">The state that is asked.</param>
    /// <param name="workspaceId">The workspace; all its rotations are asked.</param>
    /// <param name="now">The present.</param>
    public static Presence PresenceOf(this IReadTransaction transaction, string workspaceId, Instant now)
    {
        var rotations = transaction.RotationsOf(workspaceId);
        return new Presence(
            rotations.SelectMany(r => r.Roster.Where(m => m.IsIn(r.Schedule.DateOf(now))).Select(m => m.UserId)).ToHashSet(StringComparer.Ordinal),
            rotations.SelectMany(r => r.Absences.Where(a => a.From <= r.Schedule.DateOf(now) && a.To >= r.Schedule.DateOf(now)))
                .GroupBy(a => a.UserId, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => g.Max(a => a.To), StringComparer.Ordinal));
    }

    /// <summary>Who is away today, by user id, with the last day of it; each rotation has its own today.</summary>
    /// <param name="transaction">The state that is asked.</param>
    /// <param name="workspaceId">The workspace; all its rotations are asked.</param>
    /// <param name="now">The present.</param>
    public static IReadOnlyDictionary<string, LocalDate> Away(this IReadTransaction transaction, string workspaceId, Instant now) =>
        transaction.PresenceOf(workspaceId, now).Away;

    /// <summary>
    /// Who is on duty in the workspace's first rotation, also where a handoff is due that has not been done yet; null if nobody is, or
    /// there is no rotation.
    /// </summary>
    /// <param name="transaction">The state that is asked.</param>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="now">The present.</param>
    public static string? OnDuty(this IReadTransaction transaction, string workspaceId, Instant now) =>
        transaction.RotationsOf(workspaceId) is [var first, ..] ? first.ShiftAt(now).OnDuty : null;

    /// <summary>The user ids of everybody who belongs to the roster of any rotation today.</summary>
    /// <param name="transaction">The state that is asked.</param>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="now">The present.</param>
    public static IReadOnlySet<string> Members(this IReadTransaction transaction, string workspaceId, Instant now) =>
        transaction.PresenceOf(workspaceId, now).Members;
}
