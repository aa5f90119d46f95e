using System.Globalization;
using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.People;

namespace PmBot.Agenda;

/// <summary>The buttons of what owners of action steps are told.</summary>
internal sealed class StepFrames(Buttons buttons)
{
    /// <summary>A step is open for months at most before Fridays' messages bring new buttons.</summary>
    private static readonly Duration Life = Duration.FromDays(180);

    /// <summary>A button for each step that says it is done; of its owner only.</summary>
    public Attachment Done(IReadOnlyList<ActionStep> steps) => new()
    {
        Fallback = "Done",
        Actions =
        [
            .. steps.Select(s => buttons.Button(
                FormattableString.Invariant($"done{s.Number}"), steps.Count == 1 ? "Done" : $"Done: {AgendaTexts.Id(s.Number)}",
                buttons.Signer.New(AgendaActions.StepDone, s.WorkspaceId, FormattableString.Invariant($"{s.Number}"), s.Owner.Id, Life), steps.Count == 1 ? "primary" : null)),
        ],
    };
}

/// <summary>"Done", of an action step.</summary>
internal sealed class StepDoneButton(AgendaDesk desk, ActionSteps steps) : IActionHandler
{
    public string Action => AgendaActions.StepDone;

    public async Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken)
    {
        // A press carries no token, so the user's name is not believed without looking.
        if (await desk.People.ByIdAsync(press.Action.WorkspaceId, press.UserId, cancellationToken) is not UserChoice.Known { Person: var presser })
        {
            return new ActionReply("Mattermost did not tell me that you are in this team. Nothing was changed; please try again.");
        }

        var number = long.Parse(press.Action.Subject, NumberStyles.None, CultureInfo.InvariantCulture);
        var result = await steps.ChangeAsync(press.Action.WorkspaceId, presser, press.ChannelId, new AgendaCommand.FinishStep(number), cancellationToken);
        return new ActionReply(result.Answer ?? $"{result.Problem} Nothing was changed.");
    }
}

/// <summary>"Action step…".</summary>
internal sealed class OpenStepButton(AgendaDesk desk, AgendaDialogs dialogs) : AgendaButton(desk)
{
    public override string Action => AgendaActions.OpenStep;

    protected override async Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken)
    {
        var (_, on, serial) = AgendaBoard.Read(press.Action.Subject);
        if (meeting.On != on || meeting.Session is null)
        {
            return AgendaResult.Wrong("That meeting is not under way any more.");
        }

        var item = meeting.Find(serial);
        if (item is null && serial > 0)
        {
            return AgendaResult.Wrong("That item is not on the agenda any more.");
        }

        return item is { IsPrivate: true } && !(await Desk.EnterAsync(meeting, presser, press.ChannelId, cancellationToken)).IsInPrivate
            ? AgendaResult.Wrong("Only members of the private channel have to do with confidential items.")
            : Opened(await dialogs.OpenStepAsync(press.TriggerId, meeting, item, presser.Id, null, cancellationToken));
    }
}

/// <summary>The form for an action step.</summary>
internal sealed class StepForm(AgendaDesk desk, Outbox outbox, ActionSteps steps) : AgendaForm(desk, outbox)
{
    public override string Action => AgendaActions.Step;

    protected override async Task<AgendaResult> SubmitAsync(DialogSubmission submission, Meeting meeting, Person caller, CancellationToken cancellationToken)
    {
        var (_, on, serial) = AgendaBoard.Read(submission.Action.Subject);
        var typed = submission.Values.GetValueOrDefault("due");
        var due = typed is null ? null : DateText.Parse(typed);
        if (typed is not null && due is null)
        {
            return AgendaResult.Wrong("That is no date. Write it like 2026-12-09, nov 30, monday or next week.", "due");
        }

        if (submission.Values.GetValueOrDefault("owner") is not { Length: > 0 } chosen)
        {
            return AgendaResult.Wrong("Choose who is to do it.", "owner");
        }

        // What was chosen comes from the user's client.
        var choice = await Desk.People.ByIdAsync(submission.Action.WorkspaceId, chosen, cancellationToken);
        if (choice is not UserChoice.Known { Person: var owner })
        {
            return AgendaResult.Wrong(((UserChoice.Unknown)choice).Problem, "owner");
        }

        // The direct message that answers is read by its author only, but it is no place for what is confidential either.
        var visit = await Desk.EnterAsync(meeting, caller, submission.ChannelId, cancellationToken, others: [owner.Id]) with { ReadsPrivately = false };
        return await steps.NoteAsync(
            visit, new StepDraft(owner, submission.Values.GetValueOrDefault("text"), due), on, serial is > 0 ? serial : null,
            (work, note) => IsNew(work, submission) ? Answered(work, note()) : null, cancellationToken);
    }
}
