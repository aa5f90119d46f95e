using NodaTime;
using PmBot.Storage;

namespace PmBot.Workspaces;

/// <summary>Which edition of the team's practice is followed (see the handbook editions).</summary>
public enum Practice
{
    /// <summary>The one on duty watches Twitter and newly filed customer requests.</summary>
    Y2020,

    /// <summary>Marketing watches Twitter; the customer requests stay with the one on duty.</summary>
    Y2021,
}

/// <summary>A Mattermost team and its settings.</summary>
public sealed record Workspace : Aggregate
{
    /// <summary>Who used the bot there first; told of trouble where no admin is configured.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>The product managers' channel; null for the team's <c>product-management</c>, where it exists.</summary>
    public string? PmChannelId { get; init; }

    /// <summary>The product managers' private channel; null for the team's <c>pm-private</c>, where it exists.</summary>
    public string? PrivateChannelId { get; init; }

    /// <summary>The channel with the posts from Twitter; null for the team's <c>twitter</c>, where it exists.</summary>
    public string? TwitterChannelId { get; init; }

    /// <summary>The practice, if the team set one of its own.</summary>
    public Practice? Practice { get; init; }

    /// <summary>Where workspaces are stored.</summary>
    public static Table<Workspace> Table { get; } = new("workspaces");
}

/// <summary>Who changed what, when, from what to what. Kept for ever, shown to nobody outside the workspace.</summary>
public static class AuditTrail
{
    /// <summary>Adds an entry to the trail, in the transaction of the change itself.</summary>
    /// <param name="transaction">The transaction of the change.</param>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="at">When.</param>
    /// <param name="actor">The user id, or <c>schedule</c>.</param>
    /// <param name="subject">What was changed, e.g. <c>rotation:4f…</c>.</param>
    /// <param name="action">What was done, e.g. <c>cover</c>.</param>
    /// <param name="before">From what; null if there was nothing.</param>
    /// <param name="after">To what; null if nothing is left.</param>
    public static void Audit(
        this IWriteTransaction transaction, string workspaceId, Instant at, string actor, string subject, string action, string? before, string? after) =>
        transaction.Write(
            """
            insert into audit (at, workspace_id, actor_id, subject, action, before, after)
            values (@at, @workspace, @actor, @subject, @action, @before, @after)
            """,
            ("at", at.ToUnixTimeMilliseconds()), ("workspace", workspaceId), ("actor", actor), ("subject", subject), ("action", action),
            ("before", before), ("after", after));

    /// <summary>When something was last changed; null if the trail knows nothing of it.</summary>
    /// <param name="transaction">The state that is asked.</param>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="subject">What was changed, as it stands in the trail.</param>
    public static Instant? LastChange(this IReadTransaction transaction, string workspaceId, string subject) =>
        transaction.Query<long>(
            "select at from audit where workspace_id = @workspaceId and subject = @subject order by id desc limit 1", new { workspaceId, subject }) is [var at]
            ? Instant.FromUnixTimeMilliseconds(at)
            : null;
}
