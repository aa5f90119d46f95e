using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Requests;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>Where a meeting is talked about.</summary>
/// <param name="Public">Its channel; null if there is none that the bot is a member of.</param>
/// <param name="Private">The channel of its confidential items; null if there is none that the bot is a member of.</param>
/// <param name="Problem">A sentence, if Mattermost could not be asked: then it is not known whether there are any.</param>
internal sealed record MeetingPlaces(Channel? Public, Channel? Private, string? Problem);

/// <summary>What a change of a meeting starts from, looked up before its transaction.</summary>
/// <param name="MeetingId">The meeting.</param>
/// <param name="WorkspaceId">The team.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Names">The users that may be spoken of.</param>
/// <param name="Places">Where it is talked about.</param>
/// <param name="IsInPrivate">Whether the caller is a member of the private channel.</param>
/// <param name="ReadsPrivately">Whether the answer is read in the private channel, so that it may quote what is confidential.</param>
/// <param name="Requests">The requests that belong into the meeting by themselves; none unless they were asked for.</param>
internal sealed record AgendaVisit(
    string MeetingId, string WorkspaceId, Caller Caller, Names Names, MeetingPlaces Places, bool IsInPrivate, bool ReadsPrivately, IReadOnlyList<RequestForMeeting> Requests)
{
    /// <summary>The private channel, if the answer is read there; null otherwise.</summary>
    public string? ReadIn => ReadsPrivately ? Places.Private?.Id : null;
}

/// <summary>What a text about a meeting needs to know beside the meeting.</summary>
/// <param name="Plan">The meeting's plan.</param>
/// <param name="Names">The users spoken of.</param>
/// <param name="Now">The present.</param>
internal sealed record AgendaSetting(MeetingPlan Plan, Names Names, Instant Now)
{
    public LocalDate Today => Plan.DateOf(Now);

    public string Date(LocalDate date) => Mattermost.Commands.When.Date(date, Today);

    public string Time(Instant instant) => Mattermost.Commands.When.Time(instant, Plan.DateTimeZone(), Now);
}

/// <summary>What a change of a meeting works with inside its transaction.</summary>
internal sealed class AgendaWork(
    IWriteTransaction transaction, AgendaVisit visit, Meeting stored, Practice practice, bool callerIsPm, Instant now, bool settle, AgendaMessages messages, Alarms alarms, NewWorkspaces workspaces)
{
    private readonly (Meeting Meeting, IReadOnlyList<RecordedItem>? Closed) _settled = settle ? stored.Settled(now) : (stored, null);

    public IWriteTransaction Transaction { get; } = transaction;

    public AgendaVisit Visit { get; } = visit;

    /// <summary>The meeting; if its date is over and nobody ran it, as it goes on with the next one (unless that is the matter itself).</summary>
    public Meeting Meeting => _settled.Meeting;

    /// <summary>The meeting as it is stored.</summary>
    public Meeting Stored { get; } = stored;

    public Instant Now { get; } = now;

    public string WorkspaceId => Visit.WorkspaceId;

    public string Actor => Visit.Caller.UserId;

    /// <summary>Whether the caller may act as a product manager: officers of the meeting may, too.</summary>
    public bool CallerIsPm { get; } = callerIsPm || stored.Plan.Officers.Any(o => o.Id == visit.Caller.UserId);

    /// <summary>Whether the caller may run the meeting by their office, or as an admin.</summary>
    public bool CallerHasOffice => Visit.Caller.IsAdmin || Stored.Plan.Officers.Any(o => o.Id == Actor);

    public AgendaSetting Setting { get; } = new(stored.Plan, visit.Names, now);

    /// <summary>Whether items get posts of their own.</summary>
    public bool ItemsHavePosts => Meeting.Plan.ItemPosts ?? practice == Practice.Y2020;

    /// <summary>What there is on the agenda beside the items.</summary>
    public AgendaParts Parts => new(
        Meeting.Plan.Kind == MeetingKind.Sync, Visit.Requests.Count > 0, Meeting.Plan.Kind != MeetingKind.Demos && DueSteps(1).Count > 0);

    /// <summary>The open action steps that are due by the current meeting: all of the workspace for the PM sync, else the meeting's own.</summary>
    public IReadOnlyList<ActionStep> DueSteps(int most) => Transaction.DueStepsOf(Meeting, most);

    /// <summary>
    /// Saves the changed meeting with its entry in the audit trail; posts of items that read otherwise now are changed, the agenda's post
    /// is looked over again, and the alarm follows.
    /// </summary>
    /// <param name="after">The meeting.</param>
    /// <param name="action">What was done.</param>
    /// <param name="from">What was; null for nothing. Never what is confidential.</param>
    /// <param name="to">What is; null for nothing. Never what is confidential.</param>
    /// <param name="gone">What the post of an item says that is not queued any more; null to leave it.</param>
    /// <returns>The meeting as it was saved.</returns>
    public Meeting Save(Meeting after, string action, string? from, string? to, Func<AgendaItem, string?>? gone = null)
    {
        if (_settled.Closed is { } closed)
        {
            var record = Close(Stored, closed, "schedule");
            if (Stored.Progress.Post is { } post)
            {
                var ended = AgendaTexts.Ended(record, Setting);
                messages.Reframe(Transaction, WorkspaceId, post, new Attachment { Text = ended, Fallback = ended });
            }

            var other = gone;
            gone = item => closed.FirstOrDefault(c => c.Item.Serial == item.Serial) is { Item: { Outcome: ItemOutcome.Discussed } held } ? AgendaTexts.Settled(held, Stored.On, Setting) : other?.Invoke(item);
        }

        if (after is { Session: null, Progress.Post: not null } && after.On == Stored.On)
        {
            after = after with { Progress = after.Progress with { RefreshAt = Now } };
        }

        Transaction.Audit(WorkspaceId, Now, Actor, AgendaStore.Subject(after), action, from, to);
        SaveQuietly(after, gone);
        return after;
    }

    /// <summary>The same for what the schedule does: nobody changed anything.</summary>
    public void SaveQuietly(Meeting after, Func<AgendaItem, string?>? gone = null)
    {
        workspaces.Open(Transaction, WorkspaceId, Actor);
        after.Version = Math.Max(after.Version, Transaction.Find(AgendaStore.Meetings, after.Id)?.Version ?? 0);
        Transaction.Save(AgendaStore.Meetings, after);
        messages.Follow(Transaction, Stored, after, gone ?? (_ => null), Setting);
        Transaction.AfterCommit(() => alarms.Set(AgendaClock.MeetingsKind, after.Id));
    }

    /// <summary>Keeps what a date came to.</summary>
    /// <param name="ended">The meeting as it was until then.</param>
    /// <param name="items">The items that stood on its agenda.</param>
    /// <param name="endedBy">Who ended it: a user id, or <c>schedule</c>.</param>
    public MeetingRecord Close(Meeting ended, IReadOnlyList<RecordedItem> items, string endedBy)
    {
        var record = new MeetingRecord
        {
            Id = AgendaStore.RecordId(ended.Id, ended.On),
            WorkspaceId = WorkspaceId,
            MeetingId = ended.Id,
            MeetingName = ended.Plan.Name,
            Kind = ended.Plan.Kind,
            On = ended.On,
            Zone = ended.Plan.Zone,
            StartedAt = ended.Session?.StartedAt,
            EndedAt = endedBy == "schedule" && ended.Session is null ? ended.Current.End : Now,
            EndedBy = endedBy,
            Items = items,
            Updates = ended.Updates,
            Requests = ended.Session is not { } session ? [] : session.At.Kind == StopKind.Requests ? session.RequestsShown : session.Requests,
            Actions = ended.Session?.Actions ?? [],
            Agenda = ended.Progress.Post,
        };
        Transaction.Save(AgendaStore.Records, record);
        return Transaction.RecordOf(ended.Id, ended.On)!;
    }

    /// <summary>What the current agenda is made of beside the queue.</summary>
    public AgendaMaterial Material(Meeting meeting) => Transaction.MaterialOf(meeting, Visit.Requests, Visit.Names, Now);
}

/// <summary>What somebody must be to be allowed something; an admin may everything.</summary>
internal enum RightNeeded
{
    /// <summary>Anybody.</summary>
    None,

    /// <summary>A product manager, or an officer of the meeting.</summary>
    ProductManager,

    /// <summary>An officer of the meeting.</summary>
    Office,
}

/// <summary>For what a meeting is chosen where nobody named one.</summary>
internal enum MeetingUse
{
    /// <summary>To talk about something in it: the PM sync.</summary>
    Queue,

    /// <summary>To run it: the one under way, else today's.</summary>
    Run,

    /// <summary>To show something in it: the next one for demos.</summary>
    Demo,
}

/// <summary>What the changes of meetings have in common: which meeting is meant, who asks, what they may, where it is talked about.</summary>
internal sealed class AgendaDesk(
    IStore store,
    UserLookup people,
    Admins admins,
    Channels channels,
    IDirectory directory,
    RequestQuestions requests,
    NewWorkspaces workspaces,
    AgendaMessages messages,
    Alarms alarms,
    IOptions<PmBotOptions> options,
    TimeProvider time)
{
    private const string PrivateChannel = "pm-private";

    public IStore Store { get; } = store;

    public UserLookup People { get; } = people;

    public Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>The meeting of a name; without one, the usual one for the use.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="name">The name as typed, or a part of it that no other meeting's has; null for the usual one.</param>
    /// <param name="use">What for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The meeting; or a sentence that says which there are.</returns>
    public async Task<(Meeting? Meeting, string Problem)> ChooseAsync(
        string workspaceId, string? name, MeetingUse use, CancellationToken cancellationToken)
    {
        var now = Now();
        var meetings = await Store.ReadAsync(t => t.MeetingsOf(workspaceId, now), cancellationToken);
        return name is null
            ? Usual(meetings.Where(m => !m.Plan.IsOver).ToList(), use, now) is { } usual ? (usual, "") : (null, "There is no such meeting.")
            : Named(meetings, name);
    }

    /// <summary>The meeting of a name, or of a part of it that no other meeting's has.</summary>
    public static (Meeting? Meeting, string Problem) Named(IReadOnlyList<Meeting> meetings, string name)
    {
        var key = AgendaStore.Key(name);
        var found = meetings.Where(m => AgendaStore.Key(m.Plan.Name) == key).ToList();
        found = found.Count > 0 || key.Length == 0 ? found : [.. meetings.Where(m => AgendaStore.Key(m.Plan.Name).StartsWith(key, StringComparison.Ordinal))];
        found = found.Count > 0 || key.Length == 0 ? found : [.. meetings.Where(m => Tails(m.Plan.Name).Any(t => t.StartsWith(key, StringComparison.Ordinal)))];
        var all = string.Join(", ", meetings.Select(m => Markdown.Code(m.Plan.Name)));
        return found switch
        {
            [var one] => (one, ""),
            [] => (null, $"There is no meeting {Markdown.Code(Markdown.Shorten(name, 64))}. {(meetings.Count == 0 ? "There are none at all." : $"There is {all}.")}"),
            _ => (null, $"{Markdown.Code(Markdown.Shorten(name, 64))} can be {string.Join(" or ", found.Select(m => Markdown.Code(m.Plan.Name)))}. Say more of its name."),
        };
    }

    /// <summary>A name from each of its words on, as it is compared.</summary>
    private static IEnumerable<string> Tails(string name) =>
        Enumerable.Range(0, name.Length).Where(i => char.IsLetterOrDigit(name[i]) && (i == 0 || !char.IsLetterOrDigit(name[i - 1]))).Select(i => AgendaStore.Key(name[i..]));

    /// <summary>Looks up, before a transaction, who asks, where the meeting is talked about, and the users that it may speak of.</summary>
    /// <param name="meeting">The meeting as it was seen.</param>
    /// <param name="caller">Who asks, by name as it came with a token or was looked up.</param>
    /// <param name="channelId">Where they read the answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="needs">What they must be; whether they are an admin is looked up only if that matters.</param>
    /// <param name="withRequests">Whether the requests that belong into the meeting are needed.</param>
    /// <param name="others">Ids of further users.</param>
    public async Task<AgendaVisit> EnterAsync(
        Meeting meeting, Person caller, string channelId, CancellationToken cancellationToken, RightNeeded needs = RightNeeded.None, bool withRequests = false, IEnumerable<string>? others = null)
    {
        var now = Now();
        var pms = await Store.ReadAsync(t => t.ProductManagersOf(meeting.WorkspaceId, now), cancellationToken);
        var places = await PlacesAsync(meeting, cancellationToken);
        var names = await People.NamesAsync([.. Spoken(meeting), caller.Id, .. pms, .. others ?? []], cancellationToken);
        var known = meeting.Plan.Officers.Any(o => o.Id == caller.Id) || (needs == RightNeeded.ProductManager && (pms.Count == 0 || pms.Contains(caller.Id)));
        var right = needs != RightNeeded.None && !known
            ? await admins.RightAsync(meeting.WorkspaceId, caller.Id, caller.Name, cancellationToken)
            : new AdminRight.No();
        return new AgendaVisit(
            meeting.Id, meeting.WorkspaceId, new Caller(caller.Id, caller.Name, right), names, places,
            places.Private is { } inner && await IsInAsync(inner.Id, caller.Id, cancellationToken),
            places.Private?.Id == channelId,
            withRequests && meeting.Plan.Kind == MeetingKind.Sync ? await requests.ForMeetingAsync(meeting.WorkspaceId, cancellationToken) : []);
    }

    /// <summary>What the clock starts from.</summary>
    public async Task<AgendaVisit> EnterAsync(Meeting meeting, CancellationToken cancellationToken)
    {
        var now = Now();
        var pms = await Store.ReadAsync(t => t.ProductManagersOf(meeting.WorkspaceId, now), cancellationToken);
        return new AgendaVisit(
            meeting.Id, meeting.WorkspaceId, new Caller("schedule", "schedule", new AdminRight.No()), await People.NamesAsync([.. Spoken(meeting), .. pms], cancellationToken),
            await PlacesAsync(meeting, cancellationToken), false, false,
            meeting.Plan.Kind == MeetingKind.Sync ? await requests.ForMeetingAsync(meeting.WorkspaceId, cancellationToken) : []);
    }

    /// <summary>Runs a change of a meeting in one transaction.</summary>
    /// <param name="visit">What it starts from.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="settle">Whether a date that is over and that nobody ran is left behind; not where running it is the matter.</param>
    public Task<T> ExecuteAsync<T>(AgendaVisit visit, Func<AgendaWork, T> change, CancellationToken cancellationToken, bool settle = true) =>
        Store.ExecuteAsync(transaction => change(WorkOn(transaction, visit, settle)), cancellationToken);

    /// <summary>What a change works with, inside a transaction that is under way.</summary>
    private AgendaWork WorkOn(IWriteTransaction transaction, AgendaVisit visit, bool settle)
    {
        var now = Now();
        // Where nothing was changed yet, the meetings are those that the workspace gets with its first change.
        var meeting = transaction.Find(AgendaStore.Meetings, visit.MeetingId)
            ?? transaction.MeetingsOf(visit.WorkspaceId, now).FirstOrDefault(m => m.Id == visit.MeetingId)
            ?? throw new InvalidOperationException($"Meeting {visit.MeetingId} is gone.");
        // What follows a meeting with demos is the clock's to say; until it has, the date is not left behind.
        settle = settle && !(meeting.Plan is { Kind: MeetingKind.Demos, After: true } && !meeting.Progress.IsAfter);
        var pms = transaction.ProductManagersOf(visit.WorkspaceId, now);
        return new AgendaWork(
            transaction, visit, meeting, transaction.Find(Workspace.Table, visit.WorkspaceId).PracticeOr(options.Value.Practice),
            visit.Caller.IsAdmin || pms.Count == 0 || pms.Contains(visit.Caller.UserId), now, settle, messages, alarms, workspaces);
    }

    /// <summary>Where a meeting is talked about.</summary>
    public async Task<MeetingPlaces> PlacesAsync(Meeting meeting, CancellationToken cancellationToken)
    {
        var workspace = await Store.ReadAsync(t => t.Find(Workspace.Table, meeting.WorkspaceId), cancellationToken);
        var (open, problem) = await channels.ToPostAsync(
            meeting.WorkspaceId, meeting.Plan.ChannelId ?? workspace?.PmChannelId, RequestDesk.PmChannel, "the meeting's channel", cancellationToken);
        var (inner, other) = await channels.ToPostAsync(
            meeting.WorkspaceId, meeting.Plan.PrivateChannelId ?? workspace?.PrivateChannelId, PrivateChannel, "the private channel", cancellationToken);

        // One that was made public meanwhile, or is public and only called so, is no place for what is confidential.
        return new MeetingPlaces(open, inner is { Type: "P" } ? inner : null, problem ?? other);
    }

    private async Task<bool> IsInAsync(string channelId, string userId, CancellationToken cancellationToken) =>
        await directory.IsInChannelAsync(channelId, userId, cancellationToken) is MattermostResult<bool>.Ok { Value: true };

    /// <summary>The ids of everybody that texts about a meeting speak of.</summary>
    public static IEnumerable<string> Spoken(Meeting meeting) =>
    [
        .. meeting.Items.Select(i => i.Owner.Id), .. meeting.Updates.Select(u => u.By.Id), .. meeting.Plan.Officers.Select(o => o.Id),
        .. meeting.Plan.ReleaseManager is { } manager ? [manager.Id] : Array.Empty<string>(), .. meeting.Session is { } session ? [session.StartedBy, session.MovedBy] : Array.Empty<string>(),
    ];

    private static Meeting? Usual(List<Meeting> meetings, MeetingUse use, Instant now)
    {
        var queue = meetings.Find(m => m.Plan.Kind == MeetingKind.Sync) ?? (meetings.Count > 0 ? meetings[0] : null);
        return use switch
        {
            MeetingUse.Run => meetings.Where(m => m.Session is not null).MaxBy(m => m.Session!.StartedAt)
                ?? meetings.Where(m => m.Plan.DateOf(now) == m.On).MinBy(m => Math.Abs((m.Current.Start - now).TotalSeconds)) ?? queue,
            MeetingUse.Demo => meetings.Where(m => m.Plan.Kind == MeetingKind.Demos).MinBy(m => m.Settled(now).Meeting.Current.Start),
            _ => queue,
        };
    }
}
