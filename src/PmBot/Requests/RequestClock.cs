using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Rotations;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>
/// Says on schedule what waits: Mondays, in the product managers' channel, the requests without a decision; Tuesdays, to the one on
/// duty, what is still nobody's. Where there is nothing to say, nothing is said. The ledger sees to it that each is said once.
/// </summary>
internal sealed partial class RequestClock(
    RequestDesk desk,
    RequestMessages messages,
    RequestTexts texts,
    Admins admins,
    Alarms alarms,
    IOptions<PmBotOptions> options,
    Timetable timetable,
    ILogger<RequestClock> logger) : IAlarmed
{
    /// <summary>The kind of its alarms: one for each workspace's book.</summary>
    public const string AlarmKind = "requests";

    /// <summary>The ledger's kind of Monday's reminder.</summary>
    public const string DecisionsKind = "requests.decisions";

    /// <summary>The ledger's kind of Tuesday's.</summary>
    public const string UnassignedKind = "requests.unassigned";

    /// <summary>A reminder is of use for a day: till then the day's work, or the meeting, is over.</summary>
    private static readonly Duration Useful = Duration.FromDays(1);

    /// <summary>While Mattermost cannot be asked where to post, nothing can be posted either.</summary>
    private static readonly Duration Again = Duration.FromSeconds(15);

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

        var found = await desk.RemindersChannelAsync(id, cancellationToken);
        if (found is not MattermostResult<Channel>.Ok && !IsMissing(found))
        {
            Log.Waits(logger, id, found.Describe());
            alarms.Set(AlarmKind, id, desk.Now() + Again);
            return;
        }

        var place = new Place(
            found.ValueOrDefault?.Id, seen.RemindersChannelId is null ? "channel.pm" : "channel.reminders",
            found.ValueOrDefault is null ? await admins.ToTellAsync(id, cancellationToken) : []);
        var visit = await VisitAsync(id, seen, cancellationToken);
        await desk.ExecuteAsync(
            visit,
            work =>
            {
                var (now, book, zone) = (work.Now, work.Book, work.Book.DateTimeZone());
                if (book.Decisions.LatestDue(now, zone) is { } decisions)
                {
                    if (timetable.IsToBeSaid(work.Transaction, DecisionsKind, work.WorkspaceId, decisions.On, decisions.At, work.Now, decisions.At + Useful))
                    {
                        RemindOfDecisions(work, place, decisions.At);
                    }

                    book = book with { Decisions = book.Decisions.Done(now, zone) };
                }

                if (book.Unassigned.LatestDue(now, zone) is { } unassigned)
                {
                    if (timetable.IsToBeSaid(work.Transaction, UnassignedKind, work.WorkspaceId, unassigned.On, unassigned.At, work.Now, unassigned.At + Useful))
                    {
                        TellUnassigned(work, place, unassigned.At);
                    }

                    book = book with { Unassigned = book.Unassigned.Done(now, zone) };
                }

                if (book != work.Book)
                {
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
        var found = await desk.RemindersChannelAsync(slash.TeamId, cancellationToken);
        if (found is not MattermostResult<Channel>.Ok { Value: var channel })
        {
            return IsMissing(found)
                ? $"I can see no channel of the product managers to post it in. An admin sets one: {SetCommand("channel.pm ~channel")}. Nothing was posted."
                : $"I could not look up where to post it: {found.Describe()} Nothing was posted; please try again.";
        }

        var visit = await desk.EnterAsync(slash.TeamId, slash.UserId, slash.Username, await ToRemindAsync(slash.TeamId, cancellationToken), cancellationToken);
        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                if (!work.CallerIsPm)
                {
                    return RequestTexts.NotForYou(work.Caller, "remind product managers");
                }

                var people = WithoutDecision(work, work.Actor);
                if (people.Count == 0)
                {
                    return "Every request that is somebody's has a decision or is snoozed. Nothing was posted.";
                }

                messages.Post(work.Transaction, work.WorkspaceId, channel.Id, Text(work, people, null));
                work.Transaction.Audit(work.WorkspaceId, work.Now, work.Actor, "requests", "remind", null, null);
                return $"Posted in ~{channel.Name}.";
            },
            cancellationToken);
    }

    /// <summary>Whether there is no channel; a token that is refused says nothing of that, and is the operator's to mend.</summary>
    private static bool IsMissing(MattermostResult<Channel> found) => found is MattermostResult<Channel>.Refused { Error.StatusCode: not 401 };

    private async Task<Visit> VisitAsync(string workspaceId, RequestBook book, CancellationToken cancellationToken)
    {
        var names = await desk.People.NamesAsync([.. await ToRemindAsync(workspaceId, cancellationToken), .. book.Owners.Select(o => o.Id)], cancellationToken);
        return new Visit(workspaceId, new Caller("schedule", "schedule", new AdminRight.No()), names);
    }

    /// <summary>The ids of those who have requests without a decision.</summary>
    private Task<List<string>> ToRemindAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        return desk.Store.ReadAsync(
            t => t.WithoutDecision(workspaceId, t.BookOf(workspaceId, now).DateOf(now)).Select(c => c.AssigneeId).OfType<string>().ToList(), cancellationToken);
    }

    private void RemindOfDecisions(Work work, Place place, Instant due)
    {
        var people = WithoutDecision(work, null);
        if (people.Count == 0)
        {
            return;
        }

        if (place.ChannelId is { } channel)
        {
            messages.Post(work.Transaction, work.WorkspaceId, channel, Text(work, people, LateFor(work, due)), due + Useful);
        }
        else
        {
            TellAdmins(work, place, texts.DecisionsNowhere(people, SetCommand($"{place.Key} ~channel"), SetCommand("schedule.decisions off"), due, work.Setting));
        }
    }

    private void TellUnassigned(Work work, Place place, Instant due)
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
        else if (place.ChannelId is { } channel)
        {
            messages.Post(work.Transaction, work.WorkspaceId, channel, $"Nobody is on duty, so this goes to all. {text}", due + Useful);
        }
        else
        {
            TellAdmins(work, place, RequestTexts.UnassignedNowhere(text, SetCommand($"{place.Key} ~channel")));
        }
    }

    /// <summary>What has no channel to go to is not lost silently.</summary>
    private void TellAdmins(Work work, Place place, string text)
    {
        Log.NoChannel(logger, work.WorkspaceId, place.Admins.Count);
        foreach (var admin in place.Admins)
        {
            messages.Tell(work.Transaction, work.WorkspaceId, admin, "", text);
        }
    }

    private string SetCommand(string rest) => Markdown.Code($"/{options.Value.Triggers[RotationHandler.CommandName]} set {rest}");

    private static string? LateFor(Work work, Instant due) => work.Now - due > Timetable.Late ? work.Setting.Time(due) : null;

    private static List<PersonsRequests> WithoutDecision(Work work, string? actor)
    {
        var today = work.Setting.Today;
        var away = work.Presence.Away;
        return [.. work.Transaction.WithoutDecision(work.WorkspaceId, today).Where(c => c.AssigneeId is not null).Select(Of)];

        PersonsRequests Of(RequestCount count)
        {
            var id = count.AssigneeId!;
            var note = work.Setting.Names.IsGone(id) ? "no account in use any more"
                : away.TryGetValue(id, out var until) ? $"away until {work.Setting.Date(until)}"
                : null;
            var oldest = work.Transaction.OldestWithoutDecision(work.WorkspaceId, id, today, RequestTexts.MostIds);
            return new PersonsRequests(count, oldest, note is null && id != actor, note);
        }
    }

    private string Text(Work work, IReadOnlyList<PersonsRequests> people, string? lateFor) =>
        texts.WithoutDecision(people, desk.PracticeOf(work.Transaction, work.WorkspaceId), lateFor, work.Setting);

    /// <summary>Where the reminders go.</summary>
    /// <param name="ChannelId">The channel; null if there is none that the bot can see.</param>
    /// <param name="Key">The setting that names it.</param>
    /// <param name="Admins">Whom to tell if there is none.</param>
    private sealed record Place(string? ChannelId, string Key, IReadOnlyList<string> Admins);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The reminders of workspace {Workspace} wait, for their channel could not be looked up: {Reason}")]
        public static partial void Waits(ILogger logger, string workspace, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "A reminder of workspace {Workspace} has no channel to go to; {Admins} admins are told")]
        public static partial void NoChannel(ILogger logger, string workspace, int admins);
    }
}

/// <summary>Somebody's requests without a decision.</summary>
/// <param name="Count">How many, and the oldest.</param>
/// <param name="Oldest">Some of them, at least one, the oldest first.</param>
/// <param name="Mention">Whether to interrupt them.</param>
/// <param name="Note">Why they cannot be expected to act, as people read it; null if they can.</param>
internal sealed record PersonsRequests(RequestCount Count, IReadOnlyList<CustomerRequest> Oldest, bool Mention, string? Note);
