using NodaTime;
using PmBot.Mattermost;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>A request that the PM sync is to talk about.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Title">What is asked for; as it was typed, to be made safe where it is shown.</param>
/// <param name="Why">Why it is to be talked about: a sentence, safe Markdown.</param>
public sealed record RequestForMeeting(long Number, string Title, string Why);

/// <summary>Who the product managers are, for other features.</summary>
internal static class ProductManagers
{
    /// <summary>The user ids of everybody who is in a rotation's roster today or owns an area.</summary>
    public static IReadOnlySet<string> ProductManagersOf(this IReadTransaction transaction, string workspaceId, Instant now) =>
        transaction.Members(workspaceId, now).Concat(transaction.BookOf(workspaceId, now).Owners.Select(o => o.Id)).ToHashSet(StringComparer.Ordinal);
}

/// <summary>What other features may ask of a workspace's requests.</summary>
internal sealed class RequestQuestions(RequestDesk desk, RequestTexts texts) : IWaiting
{
    /// <summary>How many a meeting can be given; more than it could ever talk about.</summary>
    private const int MostForMeeting = 100;

    /// <summary>
    /// What belongs on the PM sync's agenda by itself: what is nobody's and not obvious, snoozed ones left out, and what somebody queued.
    /// The oldest first.
    /// </summary>
    public async Task<IReadOnlyList<RequestForMeeting>> ForMeetingAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var (book, unassigned, queued, away) = await desk.Store.ReadAsync(
            t =>
            {
                var read = t.BookOf(workspaceId, now);
                return (read, t.UnassignedOf(workspaceId, read.DateOf(now), MostForMeeting).Requests, t.ToDiscuss(workspaceId, MostForMeeting), t.Away(workspaceId, now));
            },
            cancellationToken);
        var names = await desk.People.NamesAsync(
            [.. book.Owners.Select(o => o.Id), .. queued.Select(q => q.Discuss!.By)], cancellationToken);
        var areas = new AreaIndex(book.Areas);
        var absent = RequestDesk.Absent(book, away, names);
        var setting = new Setting(book, names, now);
        return
        [
            .. queued.Concat(unassigned).DistinctBy(r => r.Number)
                .Select(r => (Request: r, Fit: AssignmentPolicy.Decide(r, areas, absent)))
                .Where(r => r.Request.Discuss is not null || r.Fit is not Fit.Obvious)
                .OrderBy(r => r.Request.FiledAt).ThenBy(r => r.Request.Number)
                .Select(r => new RequestForMeeting(r.Request.Number, r.Request.Title, Reason(r.Request, r.Fit, setting))),
        ];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WaitingLine>> WaitingAsync(Workspace workspace, DateTimeZone zone, Instant now, CancellationToken cancellationToken)
    {
        var (book, unassigned, undecided) = await desk.Store.ReadAsync(
            t =>
            {
                var read = t.BookOf(workspace.Id, now);
                var today = read.DateOf(now);
                return (read, t.UnassignedOf(workspace.Id, today, RequestTexts.MostIds), t.WithoutDecision(workspace.Id, today));
            },
            cancellationToken);
        var lines = new List<WaitingLine>();
        if (unassigned.Count > 0)
        {
            lines.Add(texts.UnassignedLine(unassigned, new Setting(book, Names.None, now)));
        }

        if (undecided.Count > 0)
        {
            lines.Add(texts.WithoutDecisionLine(undecided));
        }

        return lines;
    }

    private static string Reason(CustomerRequest request, Fit fit, Setting setting) => request.Discuss is { } discuss
        ? $"Queued by {setting.Names.Of(discuss.By)}{(discuss.Why is { } why ? $": {Markdown.Inline(why)}" : "")}."
        : RequestTexts.Why(fit, setting, Markdown.Inline);
}
