using PmBot.Delivery;
using PmBot.Mattermost.Inbound;
using PmBot.People;
using PmBot.Requests;

namespace PmBot.Agenda;

/// <summary>The buttons and menus about meetings. They are everybody's who sees them; whether one may is checked at each press.</summary>
internal abstract class AgendaButton(AgendaDesk desk) : IActionHandler
{
    public abstract string Action { get; }

    protected AgendaDesk Desk { get; } = desk;

    public async Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken)
    {
        // A press carries no token, so the user's name is not believed without looking.
        var who = await Desk.People.ByIdAsync(press.Action.WorkspaceId, press.UserId, cancellationToken);
        if (who is not UserChoice.Known { Person: var presser })
        {
            return new ActionReply($"{((UserChoice.Unknown)who).Problem} Nothing was changed.");
        }

        var meetingId = press.Action.Subject.Split(' ')[0];
        var now = Desk.Now();
        var meeting = await Desk.Store.ReadAsync(t => t.MeetingsOf(press.Action.WorkspaceId, now).FirstOrDefault(m => m.Id == meetingId), cancellationToken);
        if (meeting is null)
        {
            return new ActionReply("That meeting is gone. Nothing was changed.");
        }

        var result = await PressAsync(press, meeting, presser, cancellationToken);
        return new ActionReply(result.Answer is { Length: 0 } ? null : result.Answer ?? RequestTexts.Unchanged(result.Problem));
    }

    /// <summary>Carries the press out.</summary>
    protected abstract Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken);

    /// <summary>Without an answer if it was done, where a post says it to everybody in the same moment.</summary>
    protected static async Task<AgendaResult> QuietlyAsync(Task<AgendaResult> pressed) => await pressed is { Answer: not null } done ? done with { Answer = "" } : await pressed;

    /// <summary>The answer to a press that opens a form.</summary>
    protected static AgendaResult Opened(bool isOpen) => isOpen ? AgendaResult.Of("I opened a form for it.") : AgendaResult.Wrong("I could not open the form for it. Please try again.");
}

/// <summary>"Start the meeting".</summary>
internal sealed class StartButton(AgendaDesk desk, MeetingRunner runner) : AgendaButton(desk)
{
    public override string Action => AgendaActions.Start;

    protected override Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken) =>
        runner.StartAsync(meeting, AgendaBoard.Read(press.Action.Subject).On, presser, press.ChannelId, cancellationToken);
}

/// <summary>"Next".</summary>
internal sealed class NextButton(AgendaDesk desk, MeetingRunner runner) : AgendaButton(desk)
{
    public override string Action => AgendaActions.Next;

    protected override Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken)
    {
        var (_, on, turn) = AgendaBoard.Read(press.Action.Subject);
        return QuietlyAsync(runner.AdvanceAsync(meeting, (on, (int)turn!.Value), ItemOutcome.Discussed, null, presser, press.ChannelId, cancellationToken));
    }
}

/// <summary>"Carry it over", "Skip".</summary>
internal sealed class SkipButton(AgendaDesk desk, MeetingRunner runner) : AgendaButton(desk)
{
    public override string Action => AgendaActions.Skip;

    protected override Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken)
    {
        var (_, on, turn) = AgendaBoard.Read(press.Action.Subject);
        return QuietlyAsync(runner.AdvanceAsync(meeting, (on, (int)turn!.Value), ItemOutcome.Skipped, null, presser, press.ChannelId, cancellationToken));
    }
}

/// <summary>"5 more minutes".</summary>
internal sealed class MoreButton(AgendaDesk desk, MeetingRunner runner) : AgendaButton(desk)
{
    public override string Action => AgendaActions.More;

    protected override Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken)
    {
        var (_, on, turn) = AgendaBoard.Read(press.Action.Subject);
        return runner.ExtendAsync(meeting, on, (int)turn!.Value, presser, press.ChannelId, cancellationToken);
    }
}

/// <summary>"End the meeting".</summary>
internal sealed class EndButton(AgendaDesk desk, MeetingRunner runner) : AgendaButton(desk)
{
    public override string Action => AgendaActions.End;

    protected override Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken) =>
        runner.EndAsync(meeting, AgendaBoard.Read(press.Action.Subject).On, presser, press.ChannelId, cancellationToken);
}

/// <summary>"Add an item".</summary>
internal sealed class OpenAddButton(AgendaDesk desk, AgendaDialogs dialogs) : AgendaButton(desk)
{
    public override string Action => AgendaActions.OpenAdd;

    protected override async Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken) =>
        Opened(await dialogs.OpenAddAsync(press.TriggerId, meeting.Settled(Desk.Now()).Meeting, presser.Id, press.ChannelId, null, false, cancellationToken));
}

/// <summary>"Show something".</summary>
internal sealed class OpenDemoButton(AgendaDesk desk, AgendaDialogs dialogs) : AgendaButton(desk)
{
    public override string Action => AgendaActions.OpenDemo;

    protected override async Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken) =>
        Opened(await dialogs.OpenDemoAsync(press.TriggerId, meeting.Settled(Desk.Now()).Meeting, presser.Id, cancellationToken));
}

/// <summary>"Send a release update".</summary>
internal sealed class OpenReleaseButton(AgendaDesk desk, AgendaDialogs dialogs) : AgendaButton(desk)
{
    public override string Action => AgendaActions.OpenRelease;

    protected override async Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken) =>
        Opened(await dialogs.OpenReleaseAsync(press.TriggerId, meeting.Settled(Desk.Now()).Meeting, presser.Id, cancellationToken));
}

/// <summary>"Decision…".</summary>
internal sealed class OpenDecidedButton(AgendaDesk desk, AgendaDialogs dialogs) : AgendaButton(desk)
{
    public override string Action => AgendaActions.OpenDecided;

    protected override async Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken)
    {
        var (_, on, serial) = AgendaBoard.Read(press.Action.Subject);
        if (meeting.On != on || meeting.Session is null || meeting.Find(serial) is not { } item)
        {
            return AgendaResult.Wrong("That meeting is not under way any more.");
        }

        // The form shows what was noted before, which of a confidential item only members of the private channel may read.
        if (item.IsPrivate && !(await Desk.EnterAsync(meeting, presser, press.ChannelId, cancellationToken)).IsInPrivate)
        {
            return AgendaResult.Wrong("Only members of the private channel have to do with confidential items.");
        }

        return Opened(await dialogs.OpenDecidedAsync(press.TriggerId, meeting, item, presser.Id, cancellationToken));
    }
}

/// <summary>"Fill in…".</summary>
internal sealed class OpenMinutesButton(AgendaDesk desk, AgendaDialogs dialogs) : AgendaButton(desk)
{
    public override string Action => AgendaActions.OpenMinutes;

    protected override async Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken)
    {
        var on = AgendaBoard.Read(press.Action.Subject).On;
        return await Desk.Store.ReadAsync(t => t.RecordOf(meeting.Id, on), cancellationToken) is { } record
            ? Opened(await dialogs.OpenMinutesAsync(press.TriggerId, record, presser.Id, cancellationToken))
            : AgendaResult.Wrong("There are no such minutes.");
    }
}

/// <summary>"Queue again…".</summary>
internal sealed class AgainMenu(AgendaDesk desk, MeetingMinutes minutes) : AgendaButton(desk)
{
    public override string Action => AgendaActions.Again;

    protected override async Task<AgendaResult> PressAsync(ActionPress press, Meeting meeting, Person presser, CancellationToken cancellationToken)
    {
        if (!long.TryParse(press.Selected, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var serial))
        {
            return AgendaResult.Wrong("No item was chosen.");
        }

        var visit = await Desk.EnterAsync(meeting, presser, press.ChannelId, cancellationToken);
        return await minutes.AgainAsync(visit, AgendaBoard.Read(press.Action.Subject).On, serial, cancellationToken);
    }
}

/// <summary>The forms about meetings, once they are submitted. Each works once.</summary>
internal abstract class AgendaForm(AgendaDesk desk, Outbox outbox) : IDialogHandler
{
    public abstract string Action { get; }

    protected AgendaDesk Desk { get; } = desk;

    public async Task<DialogReply> HandleAsync(DialogSubmission submission, CancellationToken cancellationToken)
    {
        var workspace = submission.Action.WorkspaceId;
        var meetingId = submission.Action.Subject.Split(' ')[0];
        if (await Desk.People.ByIdAsync(workspace, submission.UserId, cancellationToken) is not UserChoice.Known { Person: var caller })
        {
            return new DialogReply(Error: "Mattermost did not tell me that you are in this team. Nothing was changed; please try again.");
        }

        var now = Desk.Now();
        if (await Desk.Store.ReadAsync(t => t.MeetingsOf(workspace, now).FirstOrDefault(m => m.Id == meetingId), cancellationToken) is not { } meeting)
        {
            return new DialogReply(Error: "That meeting is gone. Nothing was changed.");
        }

        var result = await SubmitAsync(submission, meeting, caller, cancellationToken);
        return result.Answer is not null ? new DialogReply()
            : result.Problems.TryGetValue("", out var general) ? new DialogReply(Error: $"{general} Nothing was changed.")
            : new DialogReply(result.Problems);
    }

    /// <summary>Carries the form out.</summary>
    protected abstract Task<AgendaResult> SubmitAsync(DialogSubmission submission, Meeting meeting, Person caller, CancellationToken cancellationToken);

    /// <summary>Whether the form is submitted for the first time.</summary>
    protected static bool IsNew(AgendaWork work, DialogSubmission submission) =>
        work.Transaction.TryUse(submission.Action.Nonce, submission.Action.Expires, work.Actor, work.Now);

    /// <summary>A form has no answer that stays, so it comes as a direct message.</summary>
    protected string Answered(AgendaWork work, string answer)
    {
        outbox.Add(work.Transaction, work.WorkspaceId, new Content.Direct(work.Actor, answer, null));
        return answer;
    }
}

/// <summary>The forms for an item and for a demo.</summary>
internal sealed class ItemForm(AgendaDesk desk, Outbox outbox, AgendaItems items, bool isDemo) : AgendaForm(desk, outbox)
{
    public override string Action => isDemo ? AgendaActions.Demo : AgendaActions.Add;

    protected override async Task<AgendaResult> SubmitAsync(DialogSubmission submission, Meeting meeting, Person caller, CancellationToken cancellationToken)
    {
        var values = submission.Values;
        var (minutes, time) = ((int?)null, values.GetValueOrDefault("time"));
        if (time is not null && (minutes = AgendaVerbs.Minutes(time)) is null)
        {
            return AgendaResult.Wrong("That is no length of time. Write it like 10m or 1h.", "time");
        }

        var date = values.TryGetValue("date", out var typed) ? Mattermost.Commands.DateText.Parse(typed) : null;
        if (typed is not null && date is null)
        {
            return AgendaResult.Wrong("That is no date. Write it like 2026-12-09, nov 30, monday or next week.", "date");
        }

        var visit = await Desk.EnterAsync(meeting, caller, submission.ChannelId, cancellationToken);
        var draft = new ItemDraft(
            values.GetValueOrDefault("text"), minutes, (values.GetValueOrDefault("doc") ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
            values.GetValueOrDefault("private") == "yes", isDemo, date);

        // The direct message that answers is read by its author only, but it is no place for what is confidential either.
        return await items.QueueAsync(visit with { ReadsPrivately = false }, draft, (work, queue) => IsNew(work, submission) ? Answered(work, queue()) : null, cancellationToken);
    }
}

/// <summary>The form for a release update.</summary>
internal sealed class ReleaseForm(AgendaDesk desk, Outbox outbox, AgendaItems items) : AgendaForm(desk, outbox)
{
    public override string Action => AgendaActions.Release;

    protected override async Task<AgendaResult> SubmitAsync(DialogSubmission submission, Meeting meeting, Person caller, CancellationToken cancellationToken) =>
        await items.ReleaseAsync(
            await Desk.EnterAsync(meeting, caller, submission.ChannelId, cancellationToken), submission.Values.GetValueOrDefault("text") ?? "", work => IsNew(work, submission), cancellationToken,
            Answered);
}

/// <summary>The form for what was decided.</summary>
internal sealed class DecidedForm(AgendaDesk desk, Outbox outbox, AgendaItems items) : AgendaForm(desk, outbox)
{
    public override string Action => AgendaActions.Decided;

    protected override async Task<AgendaResult> SubmitAsync(DialogSubmission submission, Meeting meeting, Person caller, CancellationToken cancellationToken)
    {
        var (_, on, serial) = AgendaBoard.Read(submission.Action.Subject);
        var visit = await Desk.EnterAsync(meeting, caller, submission.ChannelId, cancellationToken, RightNeeded.ProductManager);
        return meeting.Find(serial) is { IsPrivate: true } && !visit.IsInPrivate
            ? AgendaResult.Wrong("Only members of the private channel have to do with confidential items.")
            : await items.DecidedAsync(visit with { ReadsPrivately = false }, on, serial!.Value, submission.Values.GetValueOrDefault("text") ?? "", Answered, cancellationToken);
    }
}

/// <summary>The form for recording and survey.</summary>
internal sealed class MinutesForm(AgendaDesk desk, Outbox outbox, MeetingMinutes minutes) : AgendaForm(desk, outbox)
{
    public override string Action => AgendaActions.Minutes;

    protected override async Task<AgendaResult> SubmitAsync(DialogSubmission submission, Meeting meeting, Person caller, CancellationToken cancellationToken)
    {
        var visit = await Desk.EnterAsync(meeting, caller, submission.ChannelId, cancellationToken, RightNeeded.ProductManager);
        return await minutes.FillAsync(
            visit, AgendaBoard.Read(submission.Action.Subject).On, submission.Values.GetValueOrDefault("recording"), submission.Values.GetValueOrDefault("survey"),
            cancellationToken);
    }
}
