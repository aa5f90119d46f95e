using PmBot.Delivery;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>"I've got it".</summary>
internal sealed class AcknowledgeButton(RotationChanges changes, IStore store, Admins admins, IDirectory directory) : IActionHandler
{
    public string Action => RotationActions.Ack;

    public async Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken)
    {
        var (id, number) = Subject(press.Action.Subject);
        if (await store.ReadAsync(t => t.Find(RotationStore.Table, id), cancellationToken) is not { } rotation || rotation.WorkspaceId != press.Action.WorkspaceId)
        {
            return new ActionReply("This rotation was deleted. Nothing was changed.");
        }

        // The refusal names who is on duty, and the rotation: that is for those of the team.
        var right = await admins.RightAsync(rotation.WorkspaceId, press.UserId, null, cancellationToken);
        if (right is not AdminRight.Yes && rotation.Current.OnDuty != press.UserId
            && await directory.IsMemberAsync(rotation.WorkspaceId, press.UserId, cancellationToken) is MattermostResult<bool>.Ok { Value: false })
        {
            return new ActionReply("You are not in this team. Nothing was changed.");
        }

        var reply = await changes.ChangeAsync(
            rotation.WorkspaceId, rotation.Name, new Caller(press.UserId, press.Username, right), change => changes.Acknowledge(change, number), cancellationToken);
        return new ActionReply(reply.Text);
    }

    private static (string Id, long Number) Subject(string subject)
    {
        var colon = subject.LastIndexOf(':');
        return (subject[..colon], long.Parse(subject[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>Answers the question whether somebody agrees to a trade. Either button works once, for the one who was asked.</summary>
internal abstract class ConsentButton(RotationChanges changes, RotationMessages messages, IStore store, Admins admins) : IActionHandler
{
    public abstract string Action { get; }

    public async Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken)
    {
        var proposal = Proposal.FromText(press.Action.Subject);
        if (await store.ReadAsync(t => t.Find(RotationStore.Table, proposal.RotationId), cancellationToken) is not { } rotation)
        {
            return new ActionReply("This rotation was deleted. Nothing was changed.");
        }

        var right = await admins.RightAsync(rotation.WorkspaceId, press.UserId, null, cancellationToken);
        var reply = await Changes.ChangeAsync(
            rotation.WorkspaceId, rotation.Name, new Caller(press.UserId, press.Username, right),
            change =>
            {
                if (!change.Transaction.TryUse(press.Action.Nonce, press.Action.Expires, press.UserId, change.Now))
                {
                    return "You have answered this already. Nothing was changed.";
                }

                var answer = Answer(change, proposal);
                Messages.Answered(change.Transaction, change.Stored, proposal, answer);
                return answer;
            },
            cancellationToken);
        return new ActionReply(reply.Text);
    }

    /// <summary>Carries out changes.</summary>
    protected RotationChanges Changes { get; } = changes;

    /// <summary>Tells people.</summary>
    protected RotationMessages Messages { get; } = messages;

    /// <summary>Does what the button says, and returns what is to be said of it.</summary>
    protected abstract string Answer(Change change, Proposal proposal);
}

/// <summary>"Yes, I do it".</summary>
internal sealed class AgreeButton(RotationChanges changes, RotationMessages messages, IStore store, Admins admins)
    : ConsentButton(changes, messages, store, admins)
{
    public override string Action => RotationActions.Agree;

    protected override string Answer(Change change, Proposal proposal)
    {
        // Everything may have changed since the question: whoever proposed it or was asked may have left, the shifts may be others'.
        var rotation = change.Stored;
        if (!RotationChanges.StillHolds(rotation, proposal.Moves) || proposal.Moves.Any(m => !rotation.IsMember(m.To, change.Now)))
        {
            Messages.Tell(
                change.Transaction, rotation, proposal.By, change.Caller.UserId,
                $"{change.Caller.Username} agreed to your trade in **{RotationTexts.Name(rotation)}**, but the plan has changed since. Nothing was changed.");
            return "The plan has changed since you were asked, so nothing was changed.";
        }

        return Changes.Carry(change, proposal.Moves, proposal.Moves.Count > 1 ? "swap" : "cover");
    }
}

/// <summary>"No".</summary>
internal sealed class DeclineButton(RotationChanges changes, RotationMessages messages, IStore store, Admins admins)
    : ConsentButton(changes, messages, store, admins)
{
    public override string Action => RotationActions.Decline;

    protected override string Answer(Change change, Proposal proposal)
    {
        var rotation = change.Stored;
        change.Transaction.Audit(rotation.WorkspaceId, change.Now, change.Caller.UserId, RotationClock.Subject(rotation), "decline", null, proposal.By);
        Messages.Tell(
            change.Transaction, rotation, proposal.By, change.Caller.UserId,
            $"{change.Caller.Username} did not agree to your trade in **{RotationTexts.Name(rotation)}**. The plan stays as it was.");
        return $"You did not agree; {proposal.ByName} is told. The plan stays as it was.";
    }
}

/// <summary>"Delete …".</summary>
internal sealed class DeleteButton(RotationMaker maker, Admins admins) : IActionHandler
{
    public string Action => RotationActions.Delete;

    public async Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken)
    {
        var right = await admins.RightAsync(press.Action.WorkspaceId, press.UserId, null, cancellationToken);
        return new ActionReply(await maker.DeleteAsync(press.Action, new Caller(press.UserId, press.Username, right), cancellationToken));
    }
}
