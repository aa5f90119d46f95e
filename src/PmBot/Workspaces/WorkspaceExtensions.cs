using PmBot.Storage;

namespace PmBot.Workspaces;

/// <summary>Finds the workspace of a team.</summary>
internal static class WorkspaceExtensions
{
    /// <summary>The workspace, or a new, unsaved one.</summary>
    public static Workspace WorkspaceOf(this IReadTransaction transaction, string id, string userId) =>
        transaction.Find(Workspace.Table, id) ?? new Workspace { Id = id, CreatedBy = userId };

    /// <summary>The practice that is followed: the workspace's own, else that of the settings.</summary>
    public static Practice PracticeOr(this Workspace? workspace, string configured) =>
        workspace?.Practice ?? (configured == "2021" ? Practice.Y2021 : Practice.Y2020);
}
