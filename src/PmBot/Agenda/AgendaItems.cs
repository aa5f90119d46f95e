using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Requests;

namespace PmBot.Agenda;

/// <summary>An item to be queued, its texts as typed.</summary>
/// <param name="Text">What it is about; null if it was not said.</param>
/// <param name="Minutes">Its time box; null for none.</param>
/// <param name="Docs">Where more can be read, as typed.</param>
/// <param name="IsPrivate">Whether it is confidential.</param>
/// <param name="IsDemo">Whether a feature is to be shown.</param>
/// <param name="Date">For the meeting of which date; null for the next one.</param>
/// <param name="Source">The link of the post it comes from; null for none.</param>
internal sealed record ItemDraft(string? Text, int? Minutes, IReadOnlyList<string> Docs, bool IsPrivate, bool IsDemo, DateText? Date, string? Source = null);

/// <summary>What became of something that was asked for.</summary>
/// <param name="Answer">What the caller reads.</param>
/// <param name="Problems">Sentences by field (the empty field: about the whole); then nothing was changed.</param>
internal sealed record AgendaResult(string? Answer, IReadOnlyDictionary<string, string> Problems)
{
    /// <summary>It was done.</summary>
    public static AgendaResult Of(string answer) => new(answer, new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>It was not.</summary>
    public static AgendaResult Wrong(string problem, string field = "") => new(null, new Dictionary<string, string>(StringComparer.Ordinal) { [field] = problem });

    /// <summary>The problems as sentences.</summary>
    public string Problem => string.Join(' ', Problems.Values);
}

/// <summary>Changes the queue of a meeting: for each verb who may, whether it can be, what it comes to, who is told.</summary>
internal sealed class AgendaItems(AgendaDesk desk, AgendaMessages messages, AgendaTexts texts)
{
    /// <summary>Queues an item as it was typed.</summary>
    public async Task<CommandReply> AddAsync(SlashCommand slash, AgendaCommand.Add add, CancellationToken cancellationToken) =>
        await QueueAsync(slash, add.Which.Meeting, MeetingUse.Queue, new ItemDraft(add.Text, add.Minutes, add.Docs, add.IsPrivate, false, add.Which.Date), cancellationToken);

    /// <summary>Signs the caller up to show a feature.</summary>
    public async Task<CommandReply> DemoAsync(SlashCommand slash, AgendaCommand.Demo demo, CancellationToken cancellationToken) =>
        await QueueAsync(slash, demo.Meeting, MeetingUse.Demo, new ItemDraft(demo.Feature, demo.Minutes, [], false, true, null), cancellationToken);

    private async Task<CommandReply> QueueAsync(SlashCommand slash, string? name, MeetingUse use, ItemDraft draft, CancellationToken cancellationToken)
    {
        var (meeting, problem) = await desk.ChooseAsync(slash.TeamId, name, use, cancellationToken);
        if (meeting is null)
        {
            return Refused(slash, problem);
        }

        var visit = await desk.EnterAsync(meeting, new Person(slash.UserId, slash.Username), slash.ChannelId, cancellationToken);
        if (visit.ReadsPrivately && draft is { IsPrivate: false, IsDemo: false })
        {
            // Who types it here probably means it to stay here, and what was posted for all to read cannot be taken back.
            return Refused(slash, "You typed this in the private channel. If it is confidential, add `--private`; if everybody may read it, type it in another channel.");
        }

        var result = await QueueAsync(visit, draft, null, cancellationToken);
        return result.Answer is { } answer ? new CommandReply(answer) : Refused(slash, result.Problem);
    }

    /// <summary>Queues an item, however it comes: typed, by form, from a post.</summary>
    /// <param name="visit">Who queues it, and for which meeting.</param>
    /// <param name="draft">The item.</param>
    /// <param name="once">Makes the same post or form have its effect once: returns the answer it got before, or queues and remembers; null for a command.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<AgendaResult> QueueAsync(AgendaVisit visit, ItemDraft draft, Func<AgendaWork, Func<string>, string?>? once, CancellationToken cancellationToken)
    {
        if (visit.Places.Problem is { } unknown)
        {
            // Queued now, it would never be posted.
            return AgendaResult.Wrong($"{unknown} Please try again in a minute.");
        }

        if (draft.IsPrivate && visit.Places.Private is null)
        {
            return AgendaResult.Wrong(
                "I am in no private channel of the product managers, so nothing confidential can be queued. Invite me to theirs; another than ~pm-private is the setting `channel.private`.", "private");
        }

        if (draft.IsPrivate && !visit.IsInPrivate)
        {
            return AgendaResult.Wrong($"Only members of ~{visit.Places.Private!.Name} can queue something confidential.", "private");
        }

        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                var problems = Check(draft);
                if (problems.Count > 0)
                {
                    return new AgendaResult(null, problems);
                }

                var (date, wrong) = DateOf(work, draft.Date);
                if (wrong is not null)
                {
                    return AgendaResult.Wrong(wrong, "date");
                }

                // Before anything is remembered: what was refused may come again.
                if (Add(work.Meeting, draft, date, work) is AgendaStep.Refused { Why: var why })
                {
                    return AgendaResult.Wrong(texts.Refused(why, work.Meeting, null, work.Setting));
                }

                var answer = once is null ? Queue() : once(work, Queue);
                return answer is null ? AgendaResult.Wrong("This form was submitted already.") : AgendaResult.Of(answer);

                string Queue()
                {
                    var added = (AgendaStep.Done)Add(work.Meeting, draft, date, work);
                    var (after, item) = Post(work, added.Meeting, added.Item!);
                    var saved = work.Save(after, "add", null, item.IsPrivate ? "a confidential item" : item.Text);
                    return texts.Queued(saved, item, work.Visit.Places, work.Setting, work.Visit.ReadsPrivately);
                }
            },
            cancellationToken);
    }

    /// <summary>Takes in the caller's release update; <c>none</c> takes it back.</summary>
    /// <param name="visit">Whose it is.</param>
    /// <param name="typed">What they say.</param>
    /// <param name="isNew">Whether the form it comes from is submitted for the first time; null for a command.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="answered">Sends the answer where a form has none that stays; null for a command.</param>
    public async Task<AgendaResult> ReleaseAsync(
        AgendaVisit visit, string typed, Func<AgendaWork, bool>? isNew, CancellationToken cancellationToken, Func<AgendaWork, string, string>? answered = null)
    {
        if (TypedText.Line(typed) is not { } text)
        {
            return AgendaResult.Wrong("Say how your items of the release plan stand.", "text");
        }

        if (text.Length > AgendaTexts.TextLength)
        {
            return AgendaResult.Wrong($"An update has {AgendaTexts.TextLength} characters at most, and this one has {text.Length}.", "text");
        }

        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                var meeting = work.Meeting;
                var before = meeting.Updates.FirstOrDefault(u => u.By.Id == work.Actor)?.Text;
                var back = text.Equals("none", StringComparison.OrdinalIgnoreCase);
                if (back ? before is null : before == text)
                {
                    return AgendaResult.Wrong(back ? "There is no update of yours to take back." : "That is what your update says already.");
                }

                // Only now: a form that was refused is submitted again, corrected.
                if (isNew?.Invoke(work) == false)
                {
                    return AgendaResult.Wrong("This form was submitted already.");
                }

                var after = back
                    ? meeting with { Updates = [.. meeting.Updates.Where(u => u.By.Id != work.Actor)] }
                    : meeting.With(new ReleaseUpdate(new Person(work.Actor, work.Visit.Caller.Username), text, work.Now));
                work.Save(after, "release", before, back ? null : text);
                var undo = texts.Command($"release {(before is null ? "none" : AgendaTexts.Arg(before))}");
                var answer = back
                    ? $"Your release update for {AgendaTexts.Called(meeting, meeting.On, work.Setting)} is taken back. Undo: {undo}"
                    : $"Your release update for {AgendaTexts.Called(meeting, meeting.On, work.Setting)}: \"{Markdown.Inline(text)}\"{(before is null ? "" : $" (was: \"{Markdown.Inline(before)}\")")}. Undo: {undo}";
                return AgendaResult.Of(answered is null ? answer : answered(work, answer));
            },
            cancellationToken);
    }

    /// <summary>Takes in a release update as it was typed.</summary>
    public async Task<CommandReply> ReleaseAsync(SlashCommand slash, string typed, CancellationToken cancellationToken)
    {
        var (meeting, problem) = await desk.ChooseAsync(slash.TeamId, null, MeetingUse.Queue, cancellationToken);
        if (meeting is not { Plan.Kind: MeetingKind.Sync })
        {
            return Refused(slash, meeting is null ? problem : "There is no meeting that release updates are collected for.");
        }

        var visit = await desk.EnterAsync(meeting, new Person(slash.UserId, slash.Username), slash.ChannelId, cancellationToken);
        var result = await ReleaseAsync(visit, typed, null, cancellationToken);
        return result.Answer is { } answer ? new CommandReply(answer) : Refused(slash, result.Problem);
    }

    /// <summary>Carries out a verb about one item.</summary>
    public async Task<CommandReply> RunAsync(SlashCommand slash, AgendaCommand.OfItem command, CancellationToken cancellationToken)
    {
        var use = command is AgendaCommand.Decided ? MeetingUse.Run : MeetingUse.Queue;
        var (meeting, problem) = await desk.ChooseAsync(slash.TeamId, command.Which.Meeting, use, cancellationToken);
        if (meeting is null)
        {
            return Refused(slash, problem);
        }

        var visit = await desk.EnterAsync(meeting, new Person(slash.UserId, slash.Username), slash.ChannelId, cancellationToken, RightNeeded.ProductManager);
        var result = await desk.ExecuteAsync(visit, work => Change(work, command), cancellationToken);
        return result.Answer is { } answer ? new CommandReply(answer) : Refused(slash, result.Problem);
    }

    /// <summary>Notes what was decided on an item, from a form.</summary>
    /// <param name="visit">Who notes it.</param>
    /// <param name="on">The date of the meeting in which the form was opened.</param>
    /// <param name="serial">The item's serial.</param>
    /// <param name="typed">What was decided.</param>
    /// <param name="answered">Sends the answer, for a form has none that stays.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AgendaResult> DecidedAsync(
        AgendaVisit visit, LocalDate on, long serial, string typed, Func<AgendaWork, string, string> answered, CancellationToken cancellationToken) => desk.ExecuteAsync(
        visit,
        work =>
        {
            var result = work.Meeting.On != on || work.Meeting.Find(serial) is not { } item
                ? AgendaResult.Wrong("That meeting was ended meanwhile.")
                : MayChange(work, item) is { } forbidden ? AgendaResult.Wrong(forbidden) : Decide(work, item, typed);
            return result.Answer is { } answer ? AgendaResult.Of(answered(work, answer)) : result;
        },
        cancellationToken);

    /// <summary>A refusal with what was typed, so that nothing is lost.</summary>
    public static CommandReply Refused(SlashCommand slash, string problem) =>
        new($"{RequestTexts.Unchanged(problem)} You typed: {Markdown.Code(slash.Typed)}");

    /// <summary>A date that was asked for, at which items can be queued.</summary>
    public static (LocalDate? Date, string? Problem) DateOf(AgendaWork work, DateText? typed)
    {
        if (typed is null)
        {
            return (null, null);
        }

        if (typed.Resolve(work.Setting.Today) is not { } date)
        {
            return (null, $"There is no such date. Dates are written {DateText.Forms}.");
        }

        return date < work.Setting.Today ? (null, $"{work.Setting.Date(date)} is over.")
            : date > work.Setting.Today.PlusYears(1) ? (null, $"{work.Setting.Date(date)} is more than a year away.")
            : (date, null);
    }

    private static AgendaStep Add(Meeting meeting, ItemDraft draft, LocalDate? date, AgendaWork work)
    {
        var on = date is { } asked && asked > meeting.On ? meeting.Plan.OnOrAfter(asked) : meeting.On;
        return meeting.Add(new AgendaItem
        {
            Serial = 0,
            Text = TypedText.Line(draft.Text)!,
            Minutes = draft.Minutes,
            Docs = [.. draft.Docs.Select(d => TypedText.Url(d)!)],
            Owner = new Person(work.Actor, work.Visit.Caller.Username),
            QueuedAt = work.Now,
            FirstOn = on,
            NotBefore = on == meeting.On ? null : on,
            IsPrivate = draft.IsPrivate,
            IsDemo = draft.IsDemo,
            Source = draft.Source,
        });
    }

    /// <summary>Gives an item its own post, where items have one and there is a channel for it.</summary>
    private (Meeting Meeting, AgendaItem Item) Post(AgendaWork work, Meeting meeting, AgendaItem item)
    {
        var channel = item.IsPrivate ? work.Visit.Places.Private : work.Visit.Places.Public;
        if (channel is null || (!work.ItemsHavePosts && !item.IsPrivate))
        {
            return (meeting, item);
        }

        var posted = item with { Post = messages.Post(work.Transaction, work.WorkspaceId, channel.Id, AgendaTexts.Card(meeting, item, work.Setting)) };
        return (meeting.With(posted), posted);
    }

    private AgendaResult Change(AgendaWork work, AgendaCommand.OfItem command)
    {
        var meeting = work.Meeting;
        var (date, wrong) = DateOf(work, command.Which.Date);
        if (wrong is not null)
        {
            return AgendaResult.Wrong(wrong);
        }

        var on = date is { } asked && asked > meeting.On ? meeting.Plan.OnOrAfter(asked) : meeting.On;
        if (command.Number.IsPrivate && !work.Visit.IsInPrivate)
        {
            return AgendaResult.Wrong(work.Visit.Places.Private is { } inner ? $"Only members of ~{inner.Name} have to do with confidential items." : "There is no private channel, so there are no confidential items.");
        }

        if (meeting.Find(on, command.Number) is not { } item)
        {
            return AgendaResult.Wrong(texts.NoSuchItem(meeting, on, command.Number, work.Setting));
        }

        if (MayChange(work, item) is { } forbidden)
        {
            return AgendaResult.Wrong(forbidden);
        }

        var open = !item.IsPrivate || work.Visit.ReadsPrivately;
        var called = AgendaTexts.Quoted(item, work.Visit.ReadsPrivately);
        var flags = AgendaTexts.Flags(meeting, on);
        switch (command)
        {
            case AgendaCommand.Edit edit:
                return TypedText.Line(edit.Text) is not { } text ? AgendaResult.Wrong("Say the new text.")
                    : text.Length > AgendaTexts.ItemLength ? AgendaResult.Wrong(AgendaTexts.TooLong(text))
                    : Done(meeting.Edit(item, i => i with { Text = text }), "edit", item.Text, text, (after, now) =>
                        $"Item {after.NumberOf(now)} says {(open ? $"\"{Markdown.Inline(text)}\" now (was: {called})" : "something else now")}. "
                        + (open ? $"Undo: {texts.Command($"edit {after.NumberOf(now)} {AgendaTexts.Arg(item.Text)}{flags}")}" : $"Change it again: {texts.Command($"edit {after.NumberOf(now)} TEXT{flags}")}"));
            case AgendaCommand.Time time:
                return Done(meeting.Edit(item, i => i with { Minutes = time.Minutes }), "time", Box(item.Minutes), Box(time.Minutes), (after, now) =>
                    $"{called} ({after.NumberOf(now)}) has {Box(time.Minutes)} now (was: {Box(item.Minutes)}). The agenda has {AgendaTexts.Load(after, on, work.Visit.ReadsPrivately)}. "
                    + $"Undo: {texts.Command($"time {after.NumberOf(now)} {(item.Minutes is { } old ? $"{old}m" : "none")}{flags}")}");
            case AgendaCommand.Move move:
                return !work.CallerIsPm ? AgendaResult.Wrong(AgendaTexts.NotForYou(work.Visit.Caller, "change the order of an agenda"))
                    : Done(meeting.Move(item, move.To), "move", $"{command.Number}", $"{command.Number with { Number = move.To }}", (after, now) =>
                        $"{called} is {after.NumberOf(now)} now (was: {command.Number}). Undo: {texts.Command($"move {after.NumberOf(now)} to {command.Number}{flags}")}");
            case AgendaCommand.Remove:
                return Done(meeting.Remove(item), "remove", item.Text, null, (after, _) =>
                    {
                        Tell(work, item, $"{work.Setting.Names.Of(work.Actor)} took {Theirs(item)} off {AgendaTexts.Called(meeting, on, work.Setting)}: {texts.ListCommand(after, on)}");
                        return $"{called} is off {AgendaTexts.Called(meeting, on, work.Setting)}, which has {AgendaTexts.Load(after, on, work.Visit.ReadsPrivately)} now. "
                            + (open ? "Undo" : "Queue it again") + $": {texts.Command($"{(item.IsDemo ? "demo" : "add")} {(open ? AgendaTexts.Arg(item.Text) : "TEXT")}{Again(item)}{flags}")}";
                    });
            case AgendaCommand.Defer defer:
                var (later, problem) = DateOf(work, defer.To);
                if (problem is not null)
                {
                    return AgendaResult.Wrong(problem);
                }

                return Done(meeting.Defer(item, later ?? meeting.Plan.NextAfter(on)), "defer", AgendaTexts.Iso(on), AgendaTexts.Iso(later ?? meeting.Plan.NextAfter(on)), (after, now) =>
                    {
                        var to = after.DateOf(now);
                        Tell(work, item, $"{work.Setting.Names.Of(work.Actor)} moved {Theirs(item)} to {AgendaTexts.Called(meeting, to, work.Setting)}: {texts.ListCommand(after, to)}");
                        return $"{called} is {after.NumberOf(now)} on the agenda of **{work.Setting.Date(to)}** now (was: {work.Setting.Date(on)}). Undo: {texts.Command($"defer {after.NumberOf(now)} {AgendaTexts.Iso(on)}{AgendaTexts.Flags(after, to)}")}";
                    });
            case AgendaCommand.Decided decided:
                return Decide(work, item, decided.Text);
            default:
                throw new InvalidOperationException(command.GetType().Name);
        }

        AgendaResult Done(AgendaStep step, string action, string? from, string? to, Func<Meeting, AgendaItem, string> answer)
        {
            if (step is not AgendaStep.Done { Meeting: var after, Item: { } changed })
            {
                return AgendaResult.Wrong(texts.Refused(((AgendaStep.Refused)step).Why, meeting, item, work.Setting));
            }

            var saved = work.Save(
                after, $"{action} {item.Serial}", Audited(from), Audited(to), _ => $"Taken off the agenda by {work.Setting.Names.Of(work.Actor)}.");
            return AgendaResult.Of(answer(saved, changed));
        }

        // What is confidential stays out of the trail, too; a time box or a date gives nothing away.
        string? Audited(string? text) => text is not null && item.IsPrivate && command is (AgendaCommand.Edit or AgendaCommand.Remove) ? "a confidential item" : text;
    }

    private AgendaResult Decide(AgendaWork work, AgendaItem item, string? typed)
    {
        var meeting = work.Meeting;
        var open = !item.IsPrivate || work.Visit.ReadsPrivately;
        if (meeting.Session is null)
        {
            return AgendaResult.Wrong(texts.Refused(AgendaRefusal.IsNotUnderWay, meeting, item, work.Setting));
        }

        var text = TypedText.Line(typed);
        if (text is { Length: > AgendaTexts.TextLength })
        {
            return AgendaResult.Wrong($"That has {text.Length} characters; there is room for {AgendaTexts.TextLength}.", "text");
        }

        if (meeting.Edit(item, i => i with { Decided = text }) is not AgendaStep.Done { Meeting: var after })
        {
            return AgendaResult.Wrong("That is what was noted already.");
        }

        work.Save(after, $"decided {item.Serial}", item.IsPrivate ? null : item.Decided, item.IsPrivate ? "on a confidential item" : text);
        var number = meeting.NumberOf(item);
        var was = item.Decided is null ? "" : open ? $" (was: \"{Markdown.Inline(item.Decided)}\")" : " (it was noted otherwise before)";
        return AgendaResult.Of(
            $"Noted for item {number}{(open ? $", {AgendaTexts.Quoted(item, true)}" : "")}: {(text is null ? "nothing" : open ? $"\"{Markdown.Inline(text)}\"" : "it is in the private channel's minutes")}{was}. "
            + (item.Decided is null || open ? "Undo" : "Change it again")
            + $": {texts.Command($"decided {number} {(item.Decided is null ? "none" : open ? AgendaTexts.Arg(item.Decided) : "TEXT")}{AgendaTexts.Flags(meeting, meeting.On)}")}");
    }

    /// <summary>A sentence if the caller may not change an item; null if they may.</summary>
    private static string? MayChange(AgendaWork work, AgendaItem item) =>
        work.CallerIsPm || item.Owner.Id == work.Actor || work.Meeting.Session?.StartedBy == work.Actor ? null
        : AgendaTexts.NotForYou(work.Visit.Caller, "change what others queued");

    private void Tell(AgendaWork work, AgendaItem item, string text) => messages.Tell(work.Transaction, work.WorkspaceId, item.Owner.Id, work.Actor, text);

    private static string Theirs(AgendaItem item) => item.IsPrivate ? "your confidential item" : $"your {(item.IsDemo ? "demo" : "item")} \"{Markdown.Inline(item.Text)}\"";

    private static string Box(int? minutes) => minutes is { } box ? When.Count(box, "minute") : "no time box";

    private static string Again(AgendaItem item) =>
        (item.Minutes is { } minutes ? $" --time {minutes}m" : "") + string.Concat(item.Docs.Select(d => $" --doc {d}")) + (item.IsPrivate ? " --private" : "");

    private static Dictionary<string, string> Check(ItemDraft draft)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        if (TypedText.Line(draft.Text) is not { } text)
        {
            problems["text"] = draft.IsDemo ? "Say which feature you will show." : "Say what it is about.";
        }
        else if (text.Length > AgendaTexts.ItemLength)
        {
            problems["text"] = AgendaTexts.TooLong(text);
        }

        if (draft.Docs.FirstOrDefault(d => TypedText.Url(d) is null) is { } wrong)
        {
            problems["doc"] = $"{Markdown.Code(Markdown.Shorten(wrong, 100))} is no link. It begins with `https://` or `http://` and has {TypedText.LinkLength} characters at most.";
        }
        else if (draft.Docs.Count > AgendaTexts.MostDocs)
        {
            problems["doc"] = $"An item has {AgendaTexts.MostDocs} links at most.";
        }

        return problems;
    }
}
