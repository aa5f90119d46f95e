using NodaTime;
using PmBot.Delivery;
using PmBot.Meetings;
using PmBot.Requests;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>
/// Does what is due for a meeting: asks for updates and demos, posts the agenda and keeps it up to date, says when a time box is over,
/// what follows its end, and that it does not take place. The ledger sees to it that each is said once.
/// </summary>
internal sealed partial class AgendaClock(
    AgendaDesk desk,
    AgendaBoard board,
    AgendaMessages messages,
    AgendaTexts texts,
    MeetingRunner runner,
    RequestsAtMeeting requests,
    Admins admins,
    Alarms alarms,
    Timetable timetable,
    ILogger<AgendaClock> logger) : IAlarmed
{
    /// <summary>The kind of the meetings' alarms.</summary>
    public const string MeetingsKind = "meetings";

    /// <summary>The ledger's kind of the call for updates or demos.</summary>
    public const string CallKind = "meeting.call";

    /// <summary>The ledger's kind of the agenda's post.</summary>
    public const string AgendaKind = "meeting.agenda";

    /// <summary>The ledger's kind of what is said when the time is over.</summary>
    public const string AfterKind = "meeting.after";

    /// <summary>The ledger's kind of the news that a meeting does not take place.</summary>
    public const string CancelledKind = "meeting.cancelled";

    private const string NowhereKind = "meeting.nowhere";

    /// <summary>A button that ends a meeting is of use for a day, the places for recording and survey for a week.</summary>
    private static readonly Duration NudgeIsUseful = Duration.FromDays(1);

    private static readonly Duration FollowUpIsUseful = Duration.FromDays(7);

    /// <summary>While Mattermost cannot be asked where to post, nothing can be posted either.</summary>
    private static readonly Duration Again = Duration.FromSeconds(15);

    public string Kind => MeetingsKind;

    /// <inheritdoc/>
    public async Task RunAsync(string id, CancellationToken cancellationToken)
    {
        var seen = await desk.Store.ReadAsync(t => t.Find(AgendaStore.Meetings, id), cancellationToken);
        if (seen?.NextDue is not { } next || next > desk.Now())
        {
            alarms.Set(MeetingsKind, id);
            return;
        }

        var visit = await desk.EnterAsync(seen, cancellationToken);
        if (visit.Places.Problem is { } unknown)
        {
            Log.Waits(logger, id, unknown);
            alarms.Set(MeetingsKind, id, desk.Now() + Again);
            return;
        }

        var atMeeting = await requests.EnterAsync(seen.WorkspaceId, visit.Caller, cancellationToken);
        var toTell = visit.Places.Public is null ? await admins.ToTellAsync(seen.WorkspaceId, cancellationToken) : [];
        await desk.ExecuteAsync(
            visit,
            work =>
            {
                var meeting = work.Meeting;
                MeetingRecord? record = null;

                // After a long time of not running several dates may be over, each with what belongs to it.
                while (meeting.NextDue <= work.Now)
                {
                    (meeting, var ended) = Once(work, meeting, atMeeting, toTell);
                    record = ended ?? record;
                }

                if (record is not null)
                {
                    MeetingRunner.Save(work, meeting, record);
                }
                else if (meeting != work.Stored)
                {
                    work.SaveQuietly(meeting);
                }

                return true;
            },
            cancellationToken,
            settle: false);
    }

    /// <summary>Does the first thing that is due.</summary>
    private (Meeting Meeting, MeetingRecord? Ended) Once(AgendaWork work, Meeting meeting, Visit atMeeting, IReadOnlyList<string> toTell)
    {
        var (plan, now) = (meeting.Plan, work.Now);
        if (meeting.Untold() is { } untold && untold.At <= now)
        {
            if (timetable.IsToBeSaid(work.Transaction, CancelledKind, meeting.Id, untold.Cancellation.On, untold.At, work.Now, plan.Occurrence(untold.Cancellation.On).End) && work.Visit.Places.Public is { } there)
            {
                messages.Post(work.Transaction, work.WorkspaceId, there.Id, AgendaTexts.NoMeeting(meeting, untold.Cancellation, work.Setting), expires: plan.Occurrence(untold.Cancellation.On).End);
            }

            return (meeting with { Plan = plan with { Cancelled = [.. plan.Cancelled.Select(c => c.On == untold.Cancellation.On ? c with { IsTold = true } : c)] } }, null);
        }

        if (meeting.Session is null && !meeting.Progress.IsCalled && plan.Call is { } call && plan.At(meeting.On, call) is var callAt && callAt <= now)
        {
            if (timetable.IsToBeSaid(work.Transaction, CallKind, meeting.Id, meeting.On, callAt, work.Now, meeting.Current.Start))
            {
                Call(work, meeting, LateFor(work, callAt), toTell);
            }

            return (meeting with { Progress = meeting.Progress with { IsCalled = true } }, null);
        }

        if (meeting.Session is null && !meeting.Progress.IsPosted && plan.Agenda is { } agenda && plan.At(meeting.On, agenda) is var agendaAt && agendaAt <= now)
        {
            var posted = meeting with { Progress = meeting.Progress with { IsPosted = true } };
            if (!timetable.IsToBeSaid(work.Transaction, AgendaKind, meeting.Id, meeting.On, agendaAt, work.Now, meeting.Current.End))
            {
                return (posted, null);
            }

            if (work.Visit.Places.Public is null)
            {
                Nowhere(work, meeting, toTell);
            }

            return (board.PostAgenda(work, posted with { Progress = posted.Progress with { LateFor = now - agendaAt > Timetable.Late ? agendaAt : null } }), null);
        }

        if (meeting.Session is { TimeUpAt: { } up } && up <= now)
        {
            board.TimeUp(work, meeting);
            return (meeting with { Session = meeting.Session with { TimeUpAt = null } }, null);
        }

        if (plan.After && !meeting.Progress.IsAfter && meeting.Current.End <= now)
        {
            return After(work, meeting, atMeeting);
        }

        if (meeting.ClosesAt <= now)
        {
            // The ledger is not asked, for the date that follows ends this; what is said has its cause all the same.
            work.Transaction.Cause = new Cause("meeting.closed", meeting.Id, meeting.On, meeting.ClosesAt);
            return runner.End(work, meeting, "schedule", atMeeting, isTimely: false);
        }

        return (board.Refresh(work, meeting), null);
    }

    /// <summary>What follows the end of a meeting's time.</summary>
    private (Meeting Meeting, MeetingRecord? Ended) After(AgendaWork work, Meeting meeting, Visit atMeeting)
    {
        var end = meeting.Current.End;
        var after = meeting with { Progress = meeting.Progress with { IsAfter = true, RefreshAt = null } };
        var isDemos = meeting.Plan.Kind == MeetingKind.Demos;
        if (!timetable.IsToBeSaid(work.Transaction, AfterKind, meeting.Id, meeting.On, end, work.Now, end + (isDemos ? FollowUpIsUseful : NudgeIsUseful)))
        {
            return (after, null);
        }

        if (isDemos && meeting.Session is null)
        {
            return runner.End(work, after, "schedule", atMeeting);
        }

        if (meeting.Session is null)
        {
            board.CloseAgenda(work, meeting, "Its time is over, and nobody started it here.");
        }

        if (work.Visit.Places.Public is { } channel)
        {
            messages.Post(
                work.Transaction, work.WorkspaceId, channel.Id, AgendaTexts.NotEnded(meeting, work.Setting), board.EndFrame(meeting), meeting.Progress.Post, end + NudgeIsUseful);
        }

        return (after, null);
    }

    private void Call(AgendaWork work, Meeting meeting, string? lateFor, IReadOnlyList<string> toTell)
    {
        if (meeting.Plan.Kind == MeetingKind.Demos)
        {
            if (work.Visit.Places.Public is { } channel)
            {
                messages.Post(
                    work.Transaction, work.WorkspaceId, channel.Id, texts.CallForDemos(meeting, lateFor, work.Setting), board.AskFrame(meeting), expires: meeting.Current.Start);
            }
            else
            {
                Nowhere(work, meeting, toTell);
            }
        }
        else if (meeting.Plan.Kind == MeetingKind.Sync)
        {
            foreach (var (userId, awayUntil) in work.Material(meeting).Missing)
            {
                if (awayUntil is not { } until || until < meeting.On)
                {
                    messages.Tell(
                        work.Transaction, work.WorkspaceId, userId, "", texts.CallForUpdates(meeting, lateFor, work.Setting), [board.AskFrame(meeting)], meeting.Current.Start);
                }
            }
        }
    }

    /// <summary>What has no channel to go to is told to the admins, once for each meeting.</summary>
    private void Nowhere(AgendaWork work, Meeting meeting, IReadOnlyList<string> toTell)
    {
        Log.NoChannel(logger, meeting.Id);
        if (work.Transaction.TryOccur(NowhereKind, meeting.Id, new LocalDate(1970, 1, 1), work.Now, work.Now))
        {
            foreach (var admin in toTell)
            {
                messages.Tell(work.Transaction, work.WorkspaceId, admin, "", texts.Nowhere(meeting, work.Setting));
            }
        }
    }

    private static string? LateFor(AgendaWork work, Instant due) => work.Now - due > Timetable.Late ? work.Setting.Time(due) : null;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "What is due for meeting {Meeting} waits, for its channel could not be looked up: {Reason}")]
        public static partial void Waits(ILogger logger, string meeting, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Meeting {Meeting} has no channel to be announced in")]
        public static partial void NoChannel(ILogger logger, string meeting);
    }
}
