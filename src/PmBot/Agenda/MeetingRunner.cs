using NodaTime;
using PmBot.Mattermost;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Requests;

namespace PmBot.Agenda;

/// <summary>Runs meetings: starts them, goes from point to point, ends them. Commands and buttons all come here.</summary>
internal sealed class MeetingRunner(AgendaDesk desk, AgendaBoard board, AgendaMessages messages, AgendaTexts texts, RequestsAtMeeting requests)
{
    private static readonly Duration More = Duration.FromMinutes(5);

    /// <summary>How long before its time a meeting can be started; earlier it is a mistake, which could not be undone.</summary>
    private static readonly Duration Early = Duration.FromHours(1);

    /// <summary>Carries out a verb as it was typed.</summary>
    public async Task<CommandReply> RunAsync(SlashCommand slash, AgendaCommand command, CancellationToken cancellationToken)
    {
        var name = command switch
        {
            AgendaCommand.Start start => start.Meeting,
            AgendaCommand.Next next => next.Meeting,
            AgendaCommand.Skip skip => skip.Meeting,
            AgendaCommand.End end => end.Meeting,
            _ => throw new InvalidOperationException(command.GetType().Name),
        };
        var (meeting, problem) = await desk.ChooseAsync(slash.TeamId, name, MeetingUse.Run, cancellationToken);
        if (meeting is null)
        {
            return AgendaItems.Refused(slash, problem);
        }

        var caller = new Person(slash.UserId, slash.Username);
        if (command is AgendaCommand.Next { Decision: { } said } && TypedText.Line(said) is { Length: > AgendaTexts.TextLength } line)
        {
            return AgendaItems.Refused(slash, $"What was decided has {AgendaTexts.TextLength} characters at most, and this has {line.Length}.");
        }

        var result = command switch
        {
            AgendaCommand.Start => await StartAsync(meeting, meeting.On, caller, slash.ChannelId, cancellationToken),
            AgendaCommand.Next next => await AdvanceAsync(meeting, null, ItemOutcome.Discussed, TypedText.Line(next.Decision), caller, slash.ChannelId, cancellationToken),
            AgendaCommand.Skip => await AdvanceAsync(meeting, null, ItemOutcome.Skipped, null, caller, slash.ChannelId, cancellationToken),
            _ => await EndAsync(meeting, meeting.On, caller, slash.ChannelId, cancellationToken),
        };
        return result.Answer is { } answer ? new CommandReply(answer) : AgendaItems.Refused(slash, result.Problem);
    }

    /// <summary>Starts a meeting.</summary>
    public async Task<AgendaResult> StartAsync(Meeting seen, LocalDate on, Person caller, string channelId, CancellationToken cancellationToken)
    {
        var visit = await desk.EnterAsync(seen, caller, channelId, cancellationToken, RightNeeded.Office, withRequests: true);
        if (Unknown(visit) is { } unknown)
        {
            return unknown;
        }

        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                if (Overtaken(work, on) is { } ended)
                {
                    return AgendaResult.Wrong(ended);
                }

                var earliest = work.Meeting.Current.Start - Early;
                if (work.Meeting.Session is null && work.Now < earliest)
                {
                    return AgendaResult.Wrong(AgendaTexts.TooEarly(work.Meeting, earliest, work.Setting));
                }

                if (work.Meeting.Session is null && !MayRun(work))
                {
                    return AgendaResult.Wrong(AgendaTexts.MayNotRun(work.Meeting, work.Setting));
                }

                var step = work.Meeting.Start(work.Actor, work.CallerHasOffice, work.Parts, work.Now);
                if (step is not AgendaStep.Done { Meeting: var started })
                {
                    return AgendaResult.Wrong(texts.Refused(((AgendaStep.Refused)step).Why, work.Meeting, null, work.Setting));
                }

                started = started.Progress.Post is null ? board.PostAgenda(work, started) : board.Refresh(work, started);
                started = board.ShowPoint(work, null, started, null);
                work.Save(started, "start", null, AgendaTexts.Iso(started.On));
                return AgendaResult.Of(
                    $"{AgendaTexts.Capital(AgendaTexts.Called(started, started.On, work.Setting))} is under way, at {AgendaTexts.At(started)}. Next: {texts.Command($"next{AgendaTexts.Flags(started, started.On)}")} or the button in the thread. End it: {texts.Command($"end{AgendaTexts.Flags(started, started.On)}")}");
            },
            cancellationToken,
            settle: false);
    }

    /// <summary>Goes on to the next point.</summary>
    /// <param name="seen">The meeting.</param>
    /// <param name="turn">The date and the turn that the button was made for; null if it was typed.</param>
    /// <param name="outcome">What became of the point that is left.</param>
    /// <param name="decided">What was decided on it; null for nothing.</param>
    /// <param name="caller">Who goes on.</param>
    /// <param name="channelId">Where they read the answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<AgendaResult> AdvanceAsync(
        Meeting seen, (LocalDate On, int Turn)? turn, ItemOutcome outcome, string? decided, Person caller, string channelId, CancellationToken cancellationToken)
    {
        var visit = await desk.EnterAsync(seen, caller, channelId, cancellationToken, RightNeeded.Office, withRequests: true);
        if (Unknown(visit) is { } unknown)
        {
            return unknown;
        }

        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                var meeting = work.Meeting;
                if (Forbidden(work, turn?.On) is { } why)
                {
                    return AgendaResult.Wrong(why);
                }

                if (decided is not null && meeting.Talked is null)
                {
                    return AgendaResult.Wrong($"The meeting is at {AgendaTexts.At(meeting)}, where no decision is noted. To go on: {texts.Command($"next{AgendaTexts.Flags(meeting, meeting.On)}")}");
                }

                switch (meeting.Advance(turn?.Turn, outcome, decided, work.Actor, work.CallerHasOffice, work.Parts, work.Now))
                {
                    case AgendaStep.Done { Meeting: var after, Item: var left }:
                        if (meeting.Session!.At.Kind == StopKind.Requests && outcome == ItemOutcome.Discussed)
                        {
                            after = after with { Session = after.Session! with { Requests = meeting.Session.RequestsShown } };
                        }

                        after = board.ShowPoint(work, meeting, after, left);
                        work.Save(after, outcome == ItemOutcome.Skipped ? "skip" : "next", Point(meeting), Point(after));
                        var noted = decided is null ? "" : left is { IsPrivate: true } && !work.Visit.ReadsPrivately ? " The decision is noted." : $" Noted: \"{Markdown.Inline(decided)}\". Undo: {texts.Command($"decided {after.NumberOf(left!)} none{AgendaTexts.Flags(after, after.On)}")}";
                        return AgendaResult.Of($"The {Markdown.Inline(after.Plan.Name)} is at {AgendaTexts.At(after)}.{noted}");
                    case AgendaStep.Refused { Why: var refusal }:
                        return AgendaResult.Wrong(texts.Refused(refusal, meeting, meeting.Talked, work.Setting));
                    default:
                        throw new InvalidOperationException(nameof(AgendaStep));
                }
            },
            cancellationToken,
            settle: false);
    }

    /// <summary>Gives the point that is talked about five minutes more.</summary>
    public async Task<AgendaResult> ExtendAsync(Meeting seen, LocalDate on, int turn, Person caller, string channelId, CancellationToken cancellationToken)
    {
        var visit = await desk.EnterAsync(seen, caller, channelId, cancellationToken, RightNeeded.Office);
        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                var meeting = work.Meeting;
                if (Forbidden(work, on) is { } why)
                {
                    return AgendaResult.Wrong(why);
                }

                if (meeting.Session!.Turn != turn)
                {
                    return AgendaResult.Wrong($"The meeting has gone on: it is at {AgendaTexts.At(meeting)}.");
                }

                var after = meeting.Extend(More, work.Now);
                work.Save(after, "more", null, null);
                return AgendaResult.Of($"Five more minutes, until {Mattermost.Commands.When.TimeOfDay((work.Now + More).InZone(meeting.Plan.DateTimeZone()).TimeOfDay)}.");
            },
            cancellationToken,
            settle: false);
    }

    /// <summary>Ends a meeting.</summary>
    public async Task<AgendaResult> EndAsync(Meeting seen, LocalDate on, Person caller, string channelId, CancellationToken cancellationToken)
    {
        var visit = await desk.EnterAsync(seen, caller, channelId, cancellationToken, RightNeeded.Office);
        if (Unknown(visit) is { } unknown)
        {
            return unknown;
        }

        var atMeeting = await requests.EnterAsync(seen.WorkspaceId, visit.Caller, cancellationToken);
        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                var meeting = work.Meeting;
                if (Overtaken(work, on) is { } ended)
                {
                    return AgendaResult.Wrong(ended);
                }

                if (meeting.Session is null && work.Now < meeting.Current.End)
                {
                    return AgendaResult.Wrong(texts.Refused(AgendaRefusal.IsNotUnderWay, meeting, null, work.Setting));
                }

                if (!MayRun(work))
                {
                    return AgendaResult.Wrong(AgendaTexts.MayNotRun(meeting, work.Setting));
                }

                var (after, record) = End(work, meeting, work.Actor, atMeeting);
                Save(work, after, record);
                var carried = record.Items.Count(i => i.Item.Outcome != ItemOutcome.Discussed);
                return AgendaResult.Of(
                    $"{AgendaTexts.Capital(AgendaTexts.Called(meeting, record.On, work.Setting))} is ended{(record.WasRun ? "; its minutes are in the thread" : "")}. "
                    + $"{(carried == 0 ? "Nothing is carried over" : $"{Mattermost.Commands.When.Count(carried, "item")} {(carried == 1 ? "is" : "are")} carried over")} to {work.Setting.Date(after.On)}. "
                    + $"Read them again: {texts.Command($"minutes {AgendaTexts.Iso(record.On)}{AgendaTexts.Flag(meeting.Plan.Kind, meeting.Plan.Name)}")}");
            },
            cancellationToken,
            settle: false);
    }

    /// <summary>Ends the current date in a transaction that is under way: keeps the record, posts the minutes; the caller saves the meeting.</summary>
    /// <param name="work">The work.</param>
    /// <param name="meeting">The meeting until now.</param>
    /// <param name="endedBy">Who ends it: a user id, or <c>schedule</c>.</param>
    /// <param name="atMeeting">What taking the requests off the queue needs.</param>
    /// <param name="isTimely">Whether what follows a meeting is still of use.</param>
    public (Meeting After, MeetingRecord Record) End(AgendaWork work, Meeting meeting, string endedBy, Visit atMeeting, bool isTimely = true)
    {
        var (after, items) = meeting.End();
        var record = work.Close(meeting, items, endedBy);
        requests.TalkedAbout(work.Transaction, atMeeting, record.Requests);
        if (meeting.Session is { } session)
        {
            board.LeavePoint(work, meeting, items.FirstOrDefault(i => i.Item.Serial == session.At.Serial)?.Item);
        }

        board.CloseAgenda(work, meeting, AgendaTexts.Ended(record, work.Setting));
        if (record.WasRun || endedBy != "schedule")
        {
            PostMinutes(work, record, after);
        }

        return record.Kind == MeetingKind.Demos && meeting.Plan.After && isTimely && work.Visit.Places.Public is { } channel ? (after, PostFollowUp(work, record, channel.Id)) : (after, record);
    }

    /// <summary>Saves a meeting whose date was ended.</summary>
    public static void Save(AgendaWork work, Meeting after, MeetingRecord record) => work.Save(
        after, "end", AgendaTexts.Iso(record.On), AgendaTexts.Iso(after.On),
        item => AgendaTexts.Settled(record.Items.FirstOrDefault(i => i.Item.Serial == item.Serial)?.Item ?? item, record.On, work.Setting));

    private void PostMinutes(AgendaWork work, MeetingRecord record, Meeting after)
    {
        var steps = work.Transaction.StepsOf(work.WorkspaceId, record.Actions);
        if (work.Visit.Places.Public is { } channel)
        {
            messages.Post(
                work.Transaction, work.WorkspaceId, channel.Id, FirstPage(record, steps, after, null, work.Setting), board.AgainFrame(record), record.Agenda);
        }

        if (work.Visit.Places.Private is { } inner && (record.Items.Any(i => i.Item.IsPrivate) || steps.Any(s => s.IsPrivate)))
        {
            messages.Post(work.Transaction, work.WorkspaceId, inner.Id, FirstPage(record, steps, after, inner.Id, work.Setting));
        }
    }

    private string FirstPage(MeetingRecord record, IReadOnlyList<ActionStep> steps, Meeting after, string? readIn, AgendaSetting setting) => Mattermost.Commands.Pages.Of(
        AgendaTexts.Minutes(record, steps, after.On, readIn, setting), 1,
        n => texts.Command($"minutes {AgendaTexts.Iso(record.On)}{AgendaTexts.Flag(record.Kind, record.MeetingName)}{(n == 1 ? "" : $" --page {n}")}"));

    private MeetingRecord PostFollowUp(AgendaWork work, MeetingRecord record, string channelId)
    {
        var after = record with { FollowUp = messages.Post(work.Transaction, work.WorkspaceId, channelId, texts.FollowUp(record, work.Setting), board.FollowUpFrame(record)) };
        work.Transaction.Save(AgendaStore.Records, after);
        return after;
    }

    /// <summary>While it is not known where to post, neither a point nor minutes would ever be posted.</summary>
    private static AgendaResult? Unknown(AgendaVisit visit) => visit.Places.Problem is { } problem ? AgendaResult.Wrong($"{problem} Please try again in a minute.") : null;

    /// <summary>A sentence if the meeting was ended, or has another date by now; null if it is the one that is meant.</summary>
    private string? Overtaken(AgendaWork work, LocalDate on) => on == work.Meeting.On ? null
        : work.Transaction.RecordOf(work.Meeting.Id, on) is { } record ? texts.EndedBefore(record, work.Setting)
        : $"{AgendaTexts.Capital(AgendaTexts.Called(work.Meeting, on, work.Setting))} does not take place; the next one is on {work.Setting.Date(work.Meeting.On)}.";

    private string? Forbidden(AgendaWork work, LocalDate? on) =>
        on is { } date && Overtaken(work, date) is { } ended ? ended
        : work.Meeting.Session is null ? texts.Refused(AgendaRefusal.IsNotUnderWay, work.Meeting, null, work.Setting)
        : !MayRun(work) ? AgendaTexts.MayNotRun(work.Meeting, work.Setting)
        : null;

    /// <summary>Whether the caller may run the meeting; where nobody has an office, product managers are the first who may.</summary>
    private static bool MayRun(AgendaWork work) =>
        work.CallerHasOffice
        || (work.Meeting.MayRun(work.Actor, work.Now)
            && (work.Meeting.Plan.Officers.Any() || work.CallerIsPm || work.Meeting.Session?.StartedBy == work.Actor || work.Now >= work.Meeting.Current.Start + Meeting.ChairIsAwaited));

    /// <summary>Where it has got to, for the audit trail.</summary>
    private static string Point(Meeting meeting) => meeting.Session is { } session
        ? $"{session.At.Kind.ToString().ToLowerInvariant()}{(session.At.Serial is { } serial ? FormattableString.Invariant($" {serial}") : "")}"
        : "";

}
