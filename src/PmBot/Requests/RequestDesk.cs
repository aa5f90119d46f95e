using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost.Client;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>What a change of requests starts from, looked up before its transaction: who asks, and the users it may speak of.</summary>
/// <param name="WorkspaceId">The team.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Names">The users.</param>
internal sealed record Visit(string WorkspaceId, Caller Caller, Names Names);

/// <summary>What a change of requests works with inside its transaction.</summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="Visit">What it starts from.</param>
/// <param name="Setting">The book, names and the present.</param>
/// <param name="Presence">Who is in a roster, and who is away.</param>
internal sealed record Work(IWriteTransaction Transaction, Visit Visit, Setting Setting, Presence Presence)
{
    /// <summary>Whether the caller may act as a product manager.</summary>
    public bool CallerIsPm { get; } = Visit.Caller.IsAdmin || RequestDesk.IsPm(Presence.Members, Setting.Book, Visit.Caller.UserId);

    public string WorkspaceId => Visit.WorkspaceId;

    public Caller Caller => Visit.Caller;

    public string Actor => Visit.Caller.UserId;

    public RequestBook Book => Setting.Book;

    public Instant Now => Setting.Now;

    private AreaIndex Areas { get; } = new(Setting.Book.Areas);

    private IReadOnlyDictionary<string, AbsentOwner> Absent { get; } = RequestDesk.Absent(Setting.Book, Presence.Away, Visit.Names);

    /// <summary>Whose a request is, as far as the rule can tell.</summary>
    public Fit Fit(CustomerRequest request) => AssignmentPolicy.Decide(request, Areas, Absent);

    /// <summary>The same, which matters only while it is nobody's; null otherwise.</summary>
    public Fit? FitIfUnassigned(CustomerRequest request) => request.State == RequestState.Unassigned ? Fit(request) : null;

    /// <summary>Saves a changed request, with its entry in the audit trail.</summary>
    public void Save(CustomerRequest after, string action, string? from, string? to)
    {
        Transaction.Save(RequestStore.Table, after);
        Transaction.Audit(WorkspaceId, Now, Actor, RequestStore.Subject(after.Number), action, from, to);
    }
}

/// <summary>What the changes of requests have in common: who asks, what they may, whom it speaks of, which channels it goes to.</summary>
internal sealed class RequestDesk(
    IStore store, UserLookup people, Admins admins, Channels channels, IDirectory directory, IOptions<PmBotOptions> options, TimeProvider time)
{
    /// <summary>The usual name of the product managers' channel.</summary>
    public const string PmChannel = "product-management";

    public IStore Store { get; } = store;

    public UserLookup People { get; } = people;

    public Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>Looks up, before a transaction, who asks and the users that it may speak of.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="userId">Who asks.</param>
    /// <param name="username">Their name, as it came with a token or was looked up.</param>
    /// <param name="others">Ids of users beside the owners of areas and the caller.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="forAll">It is something that everybody may do, so that nobody's right is looked up.</param>
    public async Task<Visit> EnterAsync(
        string workspaceId, string userId, string username, IEnumerable<string> others, CancellationToken cancellationToken, bool forAll = false)
    {
        var now = Now();
        var (book, isPm) = await Store.ReadAsync(
            t =>
            {
                var read = t.BookOf(workspaceId, now);
                return (read, IsPm(t.Members(workspaceId, now), read, userId));
            },
            cancellationToken);
        var names = await People.NamesAsync([.. book.Owners.Select(o => o.Id), userId, .. others], cancellationToken);

        // Mattermost is asked only about those whom the bot does not know as product managers itself.
        var right = isPm || forAll ? new AdminRight.No() : await admins.RightAsync(workspaceId, userId, username, cancellationToken);
        return new Visit(workspaceId, new Caller(userId, username, right), names);
    }

    /// <summary>Runs a change in one transaction.</summary>
    public Task<T> ExecuteAsync<T>(Visit visit, Func<Work, T> change, CancellationToken cancellationToken) =>
        Store.ExecuteAsync(transaction => change(WorkOn(transaction, visit)), cancellationToken);

    /// <summary>What a change works with, inside a transaction that is under way.</summary>
    public Work WorkOn(IWriteTransaction transaction, Visit visit)
    {
        var now = Now();
        var book = transaction.BookOf(visit.WorkspaceId, now);
        return new Work(transaction, visit, new Setting(book, visit.Names, now), transaction.PresenceOf(visit.WorkspaceId, now));
    }

    /// <summary>The owners of areas who are not there: away in a rotation, or without an account in use.</summary>
    public static IReadOnlyDictionary<string, AbsentOwner> Absent(RequestBook book, IReadOnlyDictionary<string, LocalDate> away, Names names) =>
        book.Owners
            .Where(o => away.ContainsKey(o.Id) || names.IsGone(o.Id))
            .ToDictionary(o => o.Id, o => new AbsentOwner(o, names.IsGone(o.Id) ? null : away[o.Id]), StringComparer.Ordinal);

    /// <summary>The practice that the workspace follows.</summary>
    public Practice PracticeOf(IReadTransaction transaction, string workspaceId) =>
        transaction.Find(Workspace.Table, workspaceId).PracticeOr(options.Value.Practice);

    /// <summary>The product managers' channel, or null if there is none that the bot is a member of.</summary>
    /// <returns>With a problem, a sentence, if Mattermost could not be asked: then it is not known whether there is one.</returns>
    public async Task<(Channel? Channel, string? Problem)> PmChannelAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var set = await Store.ReadAsync(t => t.Find(Workspace.Table, workspaceId)?.PmChannelId, cancellationToken);
        return await channels.ToPostAsync(workspaceId, set, PmChannel, "the product managers' channel", cancellationToken);
    }

    /// <summary>Where the reminders are posted: the channel that was set for them, else the product managers'.</summary>
    /// <returns>The channel; a refusal other than 401 if there is none that the bot can see; another failure if Mattermost could not be asked.</returns>
    public async Task<MattermostResult<Channel>> RemindersChannelAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var set = await Store.ReadAsync(
            t => t.Find(RequestStore.Books, workspaceId)?.RemindersChannelId ?? t.Find(Workspace.Table, workspaceId)?.PmChannelId, cancellationToken);
        return await channels.LookUpAsync(workspaceId, set, PmChannel, cancellationToken);
    }

    /// <summary>Where the reporter can be mentioned: on the post it was filed from, where the bot is a member; else on the bot's own post.</summary>
    public async Task<ReporterPlace?> PlaceAsync(CustomerRequest request, CancellationToken cancellationToken)
    {
        if (request.Source is { } source
            && await directory.SelfAsync(cancellationToken) is MattermostResult<MattermostUser>.Ok { Value: var self }
            && await IsInAsync(source.ChannelId, self.Id))
        {
            return new ReporterPlace(source.ChannelId, new PostThread.OfPost(source.PostId), await IsInAsync(source.ChannelId, request.Reporter.Id));
        }

        return request.Card is { } card
            ? new ReporterPlace(card.ChannelId, new PostThread.OfDelivery(card.Delivery), await IsInAsync(card.ChannelId, request.Reporter.Id))
            : null;

        async Task<bool> IsInAsync(string channelId, string userId) =>
            await directory.IsInChannelAsync(channelId, userId, cancellationToken) is MattermostResult<bool>.Ok { Value: true };
    }

    /// <summary>Where nobody is known as a product manager yet, everybody may act as one; otherwise nobody could begin.</summary>
    public static bool IsPm(IReadOnlySet<string> members, RequestBook book, string userId) =>
        members.Contains(userId) || book.Owners.Any(o => o.Id == userId) || (members.Count == 0 && book.Areas.Count == 0);
}
