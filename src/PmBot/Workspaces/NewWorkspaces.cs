using PmBot.Storage;

namespace PmBot.Workspaces;

/// <summary>Gives every workspace what belongs to it from the first day.</summary>
internal interface IOnNewWorkspace
{
    /// <summary>The workspace is used for the first time; what is written here is written with that first change.</summary>
    void Opened(IWriteTransaction transaction, Workspace workspace);
}

/// <summary>Makes workspaces known to the store at the first change in them.</summary>
/// <param name="newcomers">What every new workspace gets.</param>
internal sealed class NewWorkspaces(IEnumerable<IOnNewWorkspace> newcomers)
{
    /// <summary>The workspace, saved; a new one if it was not known.</summary>
    /// <param name="transaction">The transaction of the change.</param>
    /// <param name="id">The team.</param>
    /// <param name="userId">Who changes something in it.</param>
    public Workspace Open(IWriteTransaction transaction, string id, string userId)
    {
        if (transaction.Find(Workspace.Table, id) is { } known)
        {
            return known;
        }

        transaction.Save(Workspace.Table, new Workspace { Id = id, CreatedBy = userId });
        var workspace = transaction.WorkspaceOf(id, userId);
        foreach (var newcomer in newcomers)
        {
            newcomer.Opened(transaction, workspace);
        }

        return workspace;
    }
}
