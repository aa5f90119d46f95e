using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Rotations;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>
/// Says on schedule what waits: Mondays, in the product managers' channel, the requests without a decision; Tuesdays, to the one on
/// duty, what is still nobody's. Where there is nothing to say, nothing is said. The ledger sees to it that each is said once.
/// </summary>
internal sealed partial class RequestClock(
    RequestDesk desk, RequestMessages messages, RequestTexts texts, Alarms alarms, Telemetry telemetry, ILogger<RequestClock> logger) : IAlarmed
{
    /// <summary>The kind of its alarms: one for each workspace's book.</summary>
    public const string AlarmKind = "requests";

    /// <summary>The ledger's kinds.</summary>
    private const string DecisionsKind = "requests.decisions";
    private const string UnassignedKind = "requests.unassigned";

    /// <summary>A reminder is of use for a day: till then the day's work, or the meeting, is over.</summary>
    private static readonly Duration Useful = Duration.FromDays(1);

    /// <summary>Something told this much after its time says for when it was.</summary>
    private static readonly Duration Late = Duration.FromMinutes(5);

    public string Kind => AlarmKind;

    /// <inheritdoc/>
    public async Task RunAsync(string id, CancellationToken cancellationToken)
    {
        var seen = await desk.Store.ReadAsync(t => t.Find(RequestStore.Books, id), cancellationToken);
        if (seen?.NextDue is not { } next || next > desk.Now())
        {
            alarms.Set(AlarmKind, id);
            return;
        }

        var visit = await VisitAsync(id, seen, cancellationToken);
        var channel = await desk.PmChannelAsync(id, cancellationToken);
        await desk.ExecuteAsync(
            visit,
            work =>
            {
                var (now, book, zone) = (work.Now, work.Book, work.Book.DateTimeZone());
                if (book.Decisions is { NextAt: { } due, NextOn: { } on } && due <= now)
                {
                    if (IsToBeSaid(work, DecisionsKind, on, due) && channel is not null && Decisions(work, null, LateFor(work, due)) is { } text)
                    {
                        messages.Post(work.Transaction, id, channel.Id, text, due + Useful);
                    }

                    book = book with { Decisions = book.Decisions.Done(now, zone) };
                }

                if (book.Unassigned is { NextAt: { } asked, NextOn: { } day } && asked <= now)
                {
                    if (IsToBeSaid(work, UnassignedKind, day, asked))
                    {
                        TellUnassigned(work, channel?.Id, asked);
                    }

                    book = book with { Unassigned = book.Unassigned.Done(now, zone) };
                }

                if (book != work.Book)
                {
                    book.Version = work.Book.Version;
                    work.Transaction.Save(RequestStore.Books, book);
                }

                work.Transaction.AfterCommit(() => alarms.Set(AlarmKind, id));
                return true;
            },
            cancellationToken);
    }

    /// <summary>Posts now what Monday's schedule posts.</summary>
    public async Task<string> RemindNowAsync(SlashCommand slash, CancellationToken cancellationToken)
    {
        var channel = await desk.PmChannelAsync(slash.TeamId, cancellationToken);
        if (channel is null)
        {
            return "I can see no channel of the product managers to post it in. There is none called ~product-management that I am a member of; an admin sets another as `channel.pm` in the settings. Nothing was posted.";
        }

        var waiting = await desk.Store.ReadAsync(t => t.WithoutDecision(slash.TeamId, t.BookOf(slash.TeamId, desk.Now()).DateOf(desk.Now())), cancellationToken);
        var visit = await desk.EnterAsync(slash.TeamId, slash.UserId, slash.Username, waiting.Select(w => w.AssigneeId).OfType<string>(), cancellationToken);
        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                if (!work.CallerIsPm)
                {
                    return RequestTexts.NotForYou(work.Caller, "remind product managers");
                }

                if (Decisions(work, work.Actor, null) is not { } text)
                {
                    return "Every request that is somebody's has a decision or is snoozed. Nothing was posted.";
                }

                messages.Post(work.Transaction, work.WorkspaceId, channel.Id, text);
                work.Transaction.Audit(work.WorkspaceId, work.Now, work.Actor, "requests", "remind", null, null);
                return $"Posted in ~{channel.Name}.";
            },
            cancellationToken);
    }

    private async Task<Visit> VisitAsync(string workspaceId, RequestBook book, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var spoken = await desk.Store.ReadAsync(
            t => t.WithoutDecision(workspaceId, book.DateOf(now)).Select(c => c.AssigneeId).OfType<string>().ToList(), cancellationToken);
        var names = await desk.People.NamesAsync([.. spoken, .. book.Areas.SelectMany(a => a.Owners).Select(o => o.Id)], cancellationToken);
        return new Visit(workspaceId, new Caller("schedule", "schedule", new AdminRight.No()), names);
    }

    private bool IsToBeSaid(Work work, string kind, LocalDate on, Instant due)
    {
        telemetry.Lag(kind, (work.Now - due).ToTimeSpan());
        if (!work.Transaction.TryOccur(kind, work.WorkspaceId, on, due, work.Now))
        {
            return false;
        }

        if (work.Now - due >= Useful)
        {
            Log.TooLate(logger, kind, work.WorkspaceId);
            return false;
        }

        return true;
    }

    private static string? LateFor(Work work, Instant due) => work.Now - due > Late ? work.Setting.Time(due) : null;

    private string? Decisions(Work work, string? actor, string? lateFor)
    {
        var today = work.Setting.Today;
        var away = work.Transaction.Away(work.WorkspaceId, work.Now);
        var lines = work.Transaction.WithoutDecision(work.WorkspaceId, today)
            .Where(c => c.AssigneeId is not null)
            .Select(c => new PersonsRequests(
                c, work.Transaction.NumbersWithoutDecision(work.WorkspaceId, c.AssigneeId!, today, RequestTexts.MostIds),
                work.Setting.Names.IsGone(c.AssigneeId!) || c.AssigneeId == actor ? null : away.ContainsKey(c.AssigneeId!) ? false : true))
            .ToList();
        return lines.Count == 0 ? null : texts.WithoutDecision(lines, desk.PracticeOf(work.Transaction, work.WorkspaceId), lateFor, work.Setting);
    }

    private void TellUnassigned(Work work, string? channelId, Instant due)
    {
        var page = work.Transaction.UnassignedOf(work.WorkspaceId, work.Setting.Today, RequestTexts.MostLines);
        if (page.Count == 0)
        {
            return;
        }

        var text = texts.StillUnassigned(page, [.. page.Requests.Select(r => (r, work.Fit(r)))], LateFor(work, due), work.Setting);
        if (work.Transaction.OnDuty(work.WorkspaceId, work.Now) is { } onDuty)
        {
            messages.Tell(work.Transaction, work.WorkspaceId, onDuty, "", text, due + Useful);
        }
        else if (channelId is not null)
        {
            messages.Post(work.Transaction, work.WorkspaceId, channelId, $"Nobody is on duty, so this goes to all. {text}", due + Useful);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Kind} of workspace {Workspace} came due more than a day ago and is of no more use")]
        public static partial void TooLate(ILogger logger, string kind, string workspace);
    }
}

/// <summary>Somebody's requests without a decision.</summary>
/// <param name="Count">How many, and the oldest.</param>
/// <param name="Numbers">Some of them, the oldest first.</param>
/// <param name="Mention">True to interrupt them; false if they are away; null if they cannot or need not be told.</param>
internal sealed record PersonsRequests(RequestCount Count, IReadOnlyList<long> Numbers, bool? Mention);
