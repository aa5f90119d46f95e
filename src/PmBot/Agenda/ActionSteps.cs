using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.People;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>An action step to be noted, its texts as typed.</summary>
/// <param name="Owner">Who is to do it.</param>
/// <param name="Text">What; null if it was not said.</param>
/// <param name="Due">Until when; null for the date of the next meeting.</param>
internal sealed record StepDraft(Person Owner, string? Text, DateText? Due);

/// <summary>Action steps: notes them, lists them, says how they stand, finishes them. Commands, buttons and forms all come here.</summary>
internal sealed class ActionSteps(
    AgendaDesk desk,
    AgendaDialogs dialogs,
    AgendaMessages messages,
    StepFrames frames,
    AgendaTexts texts,
    IDirectory directory,
    IMattermost mattermost,
    Channels channels,
    Outbox outbox)
{
    /// <summary>Carries out a verb as it was typed.</summary>
    public async Task<CommandReply> RunAsync(SlashCommand slash, AgendaCommand command, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case AgendaCommand.AddStep add:
                return await AddAsync(slash, add, cancellationToken);
            case AgendaCommand.Steps list:
                return await ListAsync(slash, list, cancellationToken);
            case AgendaCommand.OfStep step:
                var result = await ChangeAsync(slash.TeamId, new Person(slash.UserId, slash.Username), slash.ChannelId, step, cancellationToken);
                return result.Answer is { } answer ? new CommandReply(answer) : AgendaItems.Refused(slash, result.Problem);
            default:
                throw new InvalidOperationException(command.GetType().Name);
        }
    }

    /// <summary>Notes a step, from a form.</summary>
    /// <param name="visit">Who notes it, and in which meeting.</param>
    /// <param name="draft">The step.</param>
    /// <param name="on">The meeting's date when the form was opened.</param>
    /// <param name="serial">The item's serial; null if it comes from none.</param>
    /// <param name="once">Notes it and hands the answer on, or returns null if the form was submitted before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AgendaResult> NoteAsync(
        AgendaVisit visit, StepDraft draft, LocalDate on, long? serial, Func<AgendaWork, Func<string>, string?> once, CancellationToken cancellationToken) =>
        NoteAsync(visit, draft, work => Find(work, on, serial), once, cancellationToken);

    /// <summary>Carries out a verb about one step, typed or pressed.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="caller">Who wants it.</param>
    /// <param name="channelId">Where they read the answer.</param>
    /// <param name="command">The verb.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<AgendaResult> ChangeAsync(string workspaceId, Person caller, string channelId, AgendaCommand.OfStep command, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var (step, meeting) = await desk.Store.ReadAsync(
            t => t.StepOf(workspaceId, command.Step) is { } found ? (found, t.MeetingsOf(workspaceId, now).FirstOrDefault(m => m.Id == found.Origin.MeetingId)) : (null, null), cancellationToken);
        if (step is null || meeting is null)
        {
            return AgendaResult.Wrong(texts.NoSuchStep(command.Step));
        }

        if (step.IsPrivate && await OutsideAsync(step.Origin.Post!.ChannelId, caller, cancellationToken) is { } outside)
        {
            return AgendaResult.Wrong($"{AgendaTexts.Id(step.Number)} is confidential: {outside}");
        }

        var isTheirs = IsTheirs(step, caller.Id);
        var visit = await desk.EnterAsync(
            meeting, caller, channelId, cancellationToken, isTheirs ? RightNeeded.None : RightNeeded.ProductManager,
            others: [step.Owner.Id, step.By, step.Done?.By ?? ""]);
        var place = step.Origin.Post is { } post && await StandsAsync(post, cancellationToken) ? post : null;
        return await desk.ExecuteAsync(visit, work => Change(work, command, place, channelId), cancellationToken, settle: false);
    }

    private async Task<CommandReply> AddAsync(SlashCommand slash, AgendaCommand.AddStep add, CancellationToken cancellationToken)
    {
        var (meeting, problem) = await desk.ChooseAsync(slash.TeamId, add.Which.Meeting, MeetingUse.Run, cancellationToken);
        if (meeting is { Session: null })
        {
            (meeting, problem) = await desk.ChooseAsync(slash.TeamId, add.Which.Meeting, MeetingUse.Queue, cancellationToken);
        }

        if (meeting is null)
        {
            return AgendaItems.Refused(slash, problem);
        }

        if (add.Number is null && (add.Which.Date is not null || meeting.Session is null))
        {
            return AgendaItems.Refused(slash, add.Which.Date is null ? texts.WhichItem() : texts.WhichItemOfDate());
        }

        var caller = new Person(slash.UserId, slash.Username);
        if (add.Owner is null)
        {
            return await OpenAsync(slash, meeting, add.Due, caller, cancellationToken);
        }

        var choice = await desk.People.MentionedAsync(slash, add.Owner, cancellationToken);
        if (choice is not UserChoice.Known { Person: var owner })
        {
            return AgendaItems.Refused(slash, ((UserChoice.Unknown)choice).Problem);
        }

        var visit = await desk.EnterAsync(meeting, caller, slash.ChannelId, cancellationToken, others: [owner.Id]);
        var result = await NoteAsync(visit, new StepDraft(owner, add.Text, add.Due), work => Find(work, add), (_, note) => note(), cancellationToken);
        return result.Answer is { } answer ? new CommandReply(answer) : AgendaItems.Refused(slash, result.Problem);
    }

    private async Task<CommandReply> OpenAsync(SlashCommand slash, Meeting meeting, DateText? due, Person caller, CancellationToken cancellationToken)
    {
        if (meeting.Talked is { IsPrivate: true } && !(await desk.EnterAsync(meeting, caller, slash.ChannelId, cancellationToken)).IsInPrivate)
        {
            return AgendaItems.Refused(slash, "A confidential item is talked about, and only members of the private channel have to do with it.");
        }

        return dialogs.Opened(
            await dialogs.OpenStepAsync(slash.TriggerId, meeting, meeting.Talked, caller.Id, due?.Resolve(meeting.Plan.DateOf(desk.Now())), cancellationToken), "action @owner TEXT");
    }

    private async Task<CommandReply> ListAsync(SlashCommand slash, AgendaCommand.Steps list, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var (book, steps) = await desk.Store.ReadAsync(t => (t.AgendaBookOf(slash.TeamId, now), t.OpenSteps(slash.TeamId, LocalDate.MaxIsoValue, int.MaxValue)), cancellationToken);
        var names = await desk.People.NamesAsync(
            [.. steps.Select(s => s.Owner.Id), .. steps.Where(s => s.Updates.Count > 0).Select(s => s.Updates[^1].By)], cancellationToken);
        if (list.Owner is { } asked)
        {
            // By the names of the owners, so that those of an account that is not in use any more are found, too.
            steps = [.. steps.Where(s => names.Of(s.Owner).Equals(asked, StringComparison.OrdinalIgnoreCase))];
            if (steps.Count == 0 && await desk.People.MentionedAsync(slash, asked, cancellationToken) is UserChoice.Unknown unknown)
            {
                return AgendaItems.Refused(slash, unknown.Problem);
            }
        }

        var again = $"actions{(list.Owner is null ? "" : $" @{list.Owner}")}";
        return new CommandReply(Pages.Of(
            texts.Steps(steps, list.Owner is null ? null : Markdown.Inline(list.Owner), slash.ChannelId, names, book.DateOf(now)), list.Page,
            n => texts.Command(n == 1 ? again : $"{again} --page {n}")));
    }

    private async Task<AgendaResult> NoteAsync(
        AgendaVisit visit, StepDraft draft, Func<AgendaWork, (StepSource? Source, string Problem)> find, Func<AgendaWork, Func<string>, string?> once, CancellationToken cancellationToken)
    {
        if (TypedText.Line(draft.Text) is not { } text)
        {
            return AgendaResult.Wrong("Say what is to be done.", "text");
        }

        if (text.Length > AgendaTexts.ItemLength)
        {
            return AgendaResult.Wrong($"An action step has {AgendaTexts.ItemLength} characters at most, and this one has {text.Length}.", "text");
        }

        // Whether it comes from a confidential item is known for sure in the transaction only.
        var outside = visit.Places.Private is { } inner ? await OutsideAsync(inner.Id, draft.Owner, cancellationToken) : null;
        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                var (due, wrong) = AgendaItems.DateOf(work, draft.Due);
                if (wrong is not null)
                {
                    return AgendaResult.Wrong($"It cannot be due then: {wrong}", "due");
                }

                var (source, problem) = find(work);
                if (source is null)
                {
                    return AgendaResult.Wrong(problem);
                }

                if (source.Item is { IsPrivate: true } && Forbidden(visit.Places, visit.IsInPrivate, draft.Owner, outside) is { } forbidden)
                {
                    return forbidden;
                }

                return once(work, () => Note(work, source, draft.Owner, text, due)) is { } answer ? AgendaResult.Of(answer) : AgendaResult.Wrong("This form was submitted already.");
            },
            cancellationToken);
    }

    /// <summary>Why nothing can be noted about a confidential item; null if it can.</summary>
    private static AgendaResult? Forbidden(MeetingPlaces places, bool callerIsIn, Person owner, string? ownerIsOutside) =>
        places.Private is null ? AgendaResult.Wrong(places.Problem is { } problem ? $"{problem} Please try again in a minute." : "I am in no private channel of the product managers, so nothing can be noted about a confidential item.")
        : !callerIsIn ? AgendaResult.Wrong($"Only members of ~{places.Private.Name} have to do with confidential items.")
        : ownerIsOutside is not null ? AgendaResult.Wrong($"A step from a confidential item cannot be {owner.Name}'s: {ownerIsOutside}", "owner")
        : null;

    /// <summary>The item that was typed, or the one that is talked about.</summary>
    private (StepSource? Source, string Problem) Find(AgendaWork work, AgendaCommand.AddStep add)
    {
        var meeting = work.Meeting;
        if (add.Number is not { } number)
        {
            return meeting.Session is null ? (null, texts.WhichItem()) : (new StepSource(meeting.On, meeting.Talked, meeting.Progress.Post, null), "");
        }

        var (date, wrong) = AgendaItems.DateOf(work, add.Which.Date);
        if (wrong is not null)
        {
            return (null, wrong);
        }

        var on = date is { } asked && asked > meeting.On ? meeting.Plan.OnOrAfter(asked) : meeting.On;
        return number.IsPrivate && !work.Visit.IsInPrivate ? (null, work.Visit.Places.Private is { } inner ? $"Only members of ~{inner.Name} have to do with confidential items." : "There is no private channel, so there are no confidential items.")
            : meeting.Find(on, number) is { } item ? (new StepSource(on, item, on == meeting.On ? meeting.Progress.Post : null, null), "")
            : (null, texts.NoSuchItem(meeting, on, number, work.Setting));
    }

    /// <summary>The item that a form was opened for; if the meeting was ended meanwhile, as its minutes keep it.</summary>
    private static (StepSource? Source, string Problem) Find(AgendaWork work, LocalDate on, long? serial)
    {
        var meeting = work.Meeting;
        if (meeting.On == on)
        {
            var item = meeting.Find(serial);
            return item is null && serial is not null ? (null, "That item is not on the agenda any more.") : (new StepSource(on, item, meeting.Progress.Post, null), "");
        }

        if (work.Transaction.RecordOf(meeting.Id, on) is not { } record)
        {
            return (null, "That meeting does not take place any more.");
        }

        var recorded = record.Items.FirstOrDefault(i => i.Item.Serial == serial)?.Item;
        return recorded is null && serial is not null ? (null, "That item does not stand in the minutes.") : (new StepSource(on, recorded, record.Agenda, record), "");
    }

    private string Note(AgendaWork work, StepSource source, Person owner, string text, LocalDate? due)
    {
        var (transaction, meeting, item) = (work.Transaction, work.Meeting, source.Item);
        var isPrivate = item is { IsPrivate: true };
        var book = transaction.AgendaBookOf(work.WorkspaceId, work.Now);
        transaction.Save(AgendaStore.Books, book with { LastStep = book.LastStep + 1 });

        // The private channel may be another by now than that of the item's post; nothing follows it into the old one.
        var place = !isPrivate ? item?.Post ?? source.Agenda : item!.Post is { } own && own.ChannelId == work.Visit.Places.Private!.Id ? own : null;
        var step = new ActionStep
        {
            Id = AgendaStore.StepId(work.WorkspaceId, book.LastStep + 1),
            WorkspaceId = work.WorkspaceId,
            Number = book.LastStep + 1,
            Text = text,
            Owner = owner,
            Due = due ?? meeting.Plan.NextAfter(source.On),
            By = work.Actor,
            At = work.Now,
            Origin = new StepOrigin(meeting.Id, meeting.Plan.Name, source.On, item?.Text, place),
            IsPrivate = isPrivate,
        };
        if ((isPrivate ? work.Visit.Places.Private!.Id : place?.ChannelId) is { } channel)
        {
            var post = messages.Post(transaction, work.WorkspaceId, channel, AgendaTexts.StepNoted(step, work.Setting), thread: place);
            step = step with { Origin = step.Origin with { Post = place ?? post } };
        }

        transaction.Save(AgendaStore.Steps, step);
        transaction.Audit(work.WorkspaceId, work.Now, work.Actor, AgendaStore.Subject(step), "new", null, isPrivate ? AgendaTexts.PrivateStep : text);
        if (source.Ended is { } record)
        {
            transaction.Save(AgendaStore.Records, record with { Actions = [.. record.Actions, step.Number] });
        }
        else if (meeting.Session is { } session && source.On == meeting.On)
        {
            work.Save(meeting with { Session = session with { Actions = [.. session.Actions, step.Number] } }, "action", null, AgendaTexts.Id(step.Number));
        }

        var told = messages.Tell(
            transaction, work.WorkspaceId, owner.Id, work.Actor, texts.StepIsYours(step, work.Visit.Places.Private?.Name, work.Setting), [frames.Done([step])]);
        return texts.StepAnswer(step, !isPrivate || work.Visit.ReadsPrivately, due is null, told, step.Origin.Post is not null, work.Setting);
    }

    private AgendaResult Change(AgendaWork work, AgendaCommand.OfStep command, AgendaPost? place, string channelId)
    {
        var step = work.Transaction.StepOf(work.WorkspaceId, command.Step)!;
        if (!IsTheirs(step, work.Actor) && !work.CallerIsPm)
        {
            return AgendaResult.Wrong(AgendaTexts.StepIsNotYours(step, work.Visit.Caller, work.Setting));
        }

        return command switch
        {
            AgendaCommand.UpdateStep update => Update(work, step, update.Text, place, AgendaTexts.StandsIn(step, channelId)),
            AgendaCommand.FinishStep => Turn(work, step, isDone: true, place, AgendaTexts.StandsIn(step, channelId)),
            AgendaCommand.ReopenStep => Turn(work, step, isDone: false, place, AgendaTexts.StandsIn(step, channelId)),
            _ => throw new InvalidOperationException(command.GetType().Name),
        };
    }

    private AgendaResult Update(AgendaWork work, ActionStep step, string typed, AgendaPost? place, bool open)
    {
        if (TypedText.Line(typed) is not { } text)
        {
            return AgendaResult.Wrong("Say how it stands.");
        }

        if (text.Length > AgendaTexts.TextLength)
        {
            return AgendaResult.Wrong($"An update has {AgendaTexts.TextLength} characters at most, and this one has {text.Length}.");
        }

        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            if (step.Updates.LastOrDefault(u => u.By == work.Actor) is not { } last)
            {
                return AgendaResult.Wrong($"There is no update of yours on {AgendaTexts.Id(step.Number)} to take back.");
            }

            if (last.Post is { } said)
            {
                messages.Edit(work.Transaction, work.WorkspaceId, said, AgendaTexts.StepUpdateGone(step, last, work.Setting));
            }

            Save(work, step with { Updates = [.. step.Updates.Where(u => u != last)] }, "update", last.Text, null);
            return AgendaResult.Of(texts.StepUpdateBack(step, last, open));
        }

        var update = new StepUpdate(text, work.Actor, work.Now);
        update = update with { Post = Say(work, place, AgendaTexts.StepUpdated(step, update, work.Setting)) };
        Save(work, step.With(update), "update", null, text);
        return AgendaResult.Of(texts.StepUpdateAnswer(step, update, open));
    }

    private AgendaResult Turn(AgendaWork work, ActionStep step, bool isDone, AgendaPost? place, bool open)
    {
        if (step.IsOpen != isDone)
        {
            return AgendaResult.Wrong(texts.StepIsSo(step, open, work.Setting));
        }

        var after = step with { Done = isDone ? new StepUpdate("", work.Actor, work.Now) : null };
        Save(work, after, isDone ? "done" : "reopen", null, null);
        var posted = Say(work, place, AgendaTexts.StepTurned(after, work.Actor, work.Setting)) is not null;
        var told = messages.Tell(
            work.Transaction, work.WorkspaceId, step.Owner.Id, work.Actor, texts.StepTurnedForOwner(after, work.Actor, work.Setting), isDone ? null : [frames.Done([after])]);
        return AgendaResult.Of(texts.StepTurnAnswer(after, open, told, posted, work.Setting));
    }

    private AgendaPost? Say(AgendaWork work, AgendaPost? place, string text) =>
        place is null ? null : messages.Post(work.Transaction, work.WorkspaceId, place.ChannelId, text, thread: place);

    /// <summary>Saves a changed step with its entry in the audit trail, which never has what is confidential.</summary>
    private static void Save(AgendaWork work, ActionStep after, string action, string? from, string? to)
    {
        work.Transaction.Save(AgendaStore.Steps, after);
        work.Transaction.Audit(work.WorkspaceId, work.Now, work.Actor, AgendaStore.Subject(after), action, after.IsPrivate ? null : from, after.IsPrivate ? null : to);
    }

    private static bool IsTheirs(ActionStep step, string userId) => step.Owner.Id == userId || step.By == userId;

    /// <summary>A sentence if somebody is no member of a confidential channel, or that cannot be found out; null if they are.</summary>
    private async Task<string?> OutsideAsync(string channelId, Person person, CancellationToken cancellationToken)
    {
        var found = await directory.IsInChannelAsync(channelId, person.Id, cancellationToken);
        if (found is MattermostResult<bool>.Ok { Value: true })
        {
            return null;
        }

        var name = (await channels.NamesAsync([channelId], cancellationToken)).TryGetValue(channelId, out var known) ? $"~{known}" : "the private channel";
        return found is MattermostResult<bool>.Ok
            ? $"{person.Name} is no member of {name}."
            : $"I could not find out whether {person.Name} is a member of {name}: {found.Describe()} Please try again.";
    }

    /// <summary>Whether a post can be replied to. One that still waits to be sent, or is not known to be gone, can.</summary>
    private async Task<bool> StandsAsync(AgendaPost post, CancellationToken cancellationToken) =>
        await outbox.PostOfAsync(post.Delivery, cancellationToken) is not { } id
        || await mattermost.PostAsync(id, cancellationToken) is not (MattermostResult<Post>.Ok { Value.IsDeleted: true } or MattermostResult<Post>.Refused { Error.StatusCode: 403 or 404 });

    /// <summary>Where a step comes from.</summary>
    /// <param name="On">The meeting's date.</param>
    /// <param name="Item">The item; null for none.</param>
    /// <param name="Agenda">The agenda's post; null for none.</param>
    /// <param name="Ended">The minutes, if the meeting was ended meanwhile; null otherwise.</param>
    private sealed record StepSource(LocalDate On, AgendaItem? Item, AgendaPost? Agenda, MeetingRecord? Ended);
}
