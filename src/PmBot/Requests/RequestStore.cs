using System.Globalization;
using NodaTime;
using NodaTime.Text;
using PmBot.Storage;

namespace PmBot.Requests;

/// <summary>Which requests a list shows.</summary>
internal abstract record RequestFilter
{
    private RequestFilter()
    {
    }

    /// <summary>Those that are neither processed nor closed.</summary>
    public sealed record Open : RequestFilter;

    /// <summary>Those that are nobody's.</summary>
    public sealed record Unassigned : RequestFilter;

    /// <summary>Those that are somebody's and have no decision, snoozed ones left out; by assignee.</summary>
    public sealed record Undecided(LocalDate Today) : RequestFilter;

    /// <summary>Somebody's open ones.</summary>
    public sealed record Of(string UserId) : RequestFilter;

    /// <summary>The open ones filed under an area.</summary>
    public sealed record In(string AreaKey) : RequestFilter;

    /// <summary>Those without a decision that nobody touched since, snoozed ones left out.</summary>
    public sealed record Stale(Instant Since, LocalDate Today) : RequestFilter;

    /// <summary>All, finished ones too.</summary>
    public sealed record All : RequestFilter;
}

/// <summary>Some of the requests that a filter takes.</summary>
/// <param name="Requests">In the order of the list.</param>
/// <param name="Count">How many there are in all; no more than <see cref="RequestStore.MostCounted"/> are counted.</param>
internal sealed record RequestPage(IReadOnlyList<CustomerRequest> Requests, int Count);

/// <summary>How many requests somebody has, and the oldest.</summary>
internal sealed record RequestCount(string? AssigneeId, long Count, long OldestFiledAt);

/// <summary>Where requests are stored.</summary>
internal static class RequestStore
{
    /// <summary>Counting goes no further: a list's answer must not take longer the more requests there are.</summary>
    public const int MostCounted = 1000;

    private const string NotSnoozed = "(snoozed_until is null or snoozed_until <= @today)";

    private static readonly RequestList OpenOnes = new("open = 1", "filed_at, number");
    private static readonly RequestList UnassignedOnes = new("state = 0", "filed_at, number");
    private static readonly RequestList AwakeUnassignedOnes = new($"state = 0 and {NotSnoozed}", "filed_at, number");
    private static readonly RequestList UndecidedOnes = new($"state = 1 and {NotSnoozed}", "assignee_id, filed_at, number");
    private static readonly RequestList OnesOf = new("assignee_id = @user and open = 1", "filed_at, number");
    private static readonly RequestList OnesIn = new("area_key = @area and open = 1", "filed_at, number");
    private static readonly RequestList StaleOnes = new($"state < 2 and changed_at <= @since and {NotSnoozed}", "changed_at, number");
    private static readonly RequestList AllOnes = new("1 = 1", "filed_at, number");

    public static Table<CustomerRequest> Table { get; } = new(
        "requests",
        new Column<CustomerRequest>("workspace_id", r => r.WorkspaceId),
        new Column<CustomerRequest>("number", r => r.Number),
        new Column<CustomerRequest>("state", r => (long)r.State),
        new Column<CustomerRequest>("open", r => r.IsFinished ? 0L : 1L),
        new Column<CustomerRequest>("assignee_id", r => r.Assignee?.Id),
        new Column<CustomerRequest>("area_key", r => r.Area is { } area ? Area.KeyOf(area) : null),
        new Column<CustomerRequest>("decision", r => r.Decision?.Text),
        new Column<CustomerRequest>("filed_at", r => r.FiledAt.ToUnixTimeMilliseconds()),
        new Column<CustomerRequest>("changed_at", r => r.ChangedAt.ToUnixTimeMilliseconds()),
        new Column<CustomerRequest>("assigned_at", r => r.FirstAssignedAt?.ToUnixTimeMilliseconds()),
        new Column<CustomerRequest>("snoozed_until", r => r.SnoozedUntil is { } date ? Iso(date) : null),
        new Column<CustomerRequest>("discuss", r => r.Discuss is null ? 0L : 1L));

    public static Table<RequestBook> Books { get; } = new(
        "request_books", new Column<RequestBook>("next_due", b => b.NextDue?.ToUnixTimeMilliseconds()));

    /// <summary>The key of a request.</summary>
    public static string Id(string workspaceId, long number) => string.Create(CultureInfo.InvariantCulture, $"{workspaceId}:{number}");

    /// <summary>What the audit trail calls a request.</summary>
    public static string Subject(long number) => string.Create(CultureInfo.InvariantCulture, $"request:{number}");

    public static CustomerRequest? RequestOf(this IReadTransaction transaction, string workspaceId, long number) =>
        transaction.Find(Table, Id(workspaceId, number));

    /// <summary>The workspace's book, or a new, unsaved one.</summary>
    public static RequestBook BookOf(this IReadTransaction transaction, string workspaceId, Instant now) =>
        transaction.Find(Books, workspaceId) ?? RequestBook.New(workspaceId, now);

    /// <summary>The same, for who asks for nothing else.</summary>
    public static async Task<RequestBook> BookOfAsync(this IStore store, string workspaceId, Instant now, CancellationToken cancellationToken) =>
        await store.ReadAsync(new Question("request book", workspaceId), t => t.Find(Books, workspaceId), cancellationToken) ?? RequestBook.New(workspaceId, now);

    /// <summary>Numbers for new requests, that nobody had before and nobody gets again.</summary>
    /// <returns>The first of them; the others follow it.</returns>
    public static long TakeNumbers(this IWriteTransaction transaction, string workspaceId, int count)
    {
        transaction.Write(
            "insert into request_numbers (workspace_id, last) values (@workspace, @count) on conflict (workspace_id) do update set last = request_numbers.last + @count",
            ("workspace", workspaceId), ("count", (long)count));
        return transaction.Query<long>("select last from request_numbers where workspace_id = @workspaceId", new { workspaceId })[0] - count + 1;
    }

    /// <summary>A page of a list, the oldest first.</summary>
    public static RequestPage Page(this IReadTransaction transaction, string workspaceId, RequestFilter filter, int skip, int take)
    {
        var list = filter switch
        {
            RequestFilter.Open => OpenOnes,
            RequestFilter.Unassigned => UnassignedOnes,
            RequestFilter.Undecided => UndecidedOnes,
            RequestFilter.Of => OnesOf,
            RequestFilter.In => OnesIn,
            RequestFilter.Stale => StaleOnes,
            _ => AllOnes,
        };
        var parameters = new
        {
            workspace = workspaceId,
            user = (filter as RequestFilter.Of)?.UserId,
            area = (filter as RequestFilter.In)?.AreaKey,
            since = (filter as RequestFilter.Stale)?.Since.ToUnixTimeMilliseconds(),
            today = filter switch
            {
                RequestFilter.Stale stale => Iso(stale.Today),
                RequestFilter.Undecided undecided => Iso(undecided.Today),
                _ => null,
            },
            skip,
            take,
            most = MostCounted + 1,
        };
        return transaction.Page(workspaceId, list, parameters);
    }

    /// <summary>How many requests there are, finished ones too.</summary>
    public static long CountOf(this IReadTransaction transaction, string workspaceId) =>
        transaction.Query<long>("select count(*) from requests where workspace_id = @workspaceId", new { workspaceId })[0];

    /// <summary>The requests of the next higher numbers, in their order.</summary>
    public static IReadOnlyList<CustomerRequest> NumberedAfter(
        this IReadTransaction transaction, string workspaceId, long number, int most, bool onlyOpen = false) =>
        transaction.Select(
            Table, $"workspace_id = @workspaceId and number > @number{(onlyOpen ? " and open = 1" : "")} order by number limit @most",
            new { workspaceId, number, most });

    /// <summary>The oldest unassigned requests, snoozed ones left out, and how many there are (no more than a thousand are counted).</summary>
    public static RequestPage UnassignedOf(this IReadTransaction transaction, string workspaceId, LocalDate date, int most)
    {
        var parameters = new { workspace = workspaceId, today = Iso(date), skip = 0, take = most, most = MostCounted + 1 };
        return transaction.Page(workspaceId, AwakeUnassignedOnes, parameters);
    }

    /// <summary>How many requests without a decision each assignee has, snoozed ones left out.</summary>
    public static IReadOnlyList<RequestCount> WithoutDecision(this IReadTransaction transaction, string workspaceId, LocalDate date) =>
        transaction.Query<RequestCount>(
            $"""
            select assignee_id, count(*) as count, min(filed_at) as oldest_filed_at from requests
            where workspace_id = @workspaceId and state = 1 and {NotSnoozed} group by assignee_id order by min(filed_at), min(number)
            """,
            new { workspaceId, today = Iso(date) });

    /// <summary>Somebody's oldest requests without a decision, the oldest first, snoozed ones left out.</summary>
    public static IReadOnlyList<CustomerRequest> OldestWithoutDecision(
        this IReadTransaction transaction, string workspaceId, string userId, LocalDate date, int most) =>
        transaction.Select(
            Table,
            $"workspace_id = @workspaceId and assignee_id = @userId and state = 1 and {NotSnoozed} order by filed_at, number limit @most",
            new { workspaceId, userId, today = Iso(date), most });

    /// <summary>The open requests that are queued for the PM sync.</summary>
    public static IReadOnlyList<CustomerRequest> ToDiscuss(this IReadTransaction transaction, string workspaceId, int most) =>
        transaction.Select(Table, "workspace_id = @workspaceId and discuss = 1 order by filed_at, number limit @most", new { workspaceId, most });

    /// <summary>The last changes of a request, the newest first.</summary>
    public static IReadOnlyList<HistoryEntry> HistoryOf(this IReadTransaction transaction, string workspaceId, long number, int most) =>
        transaction.HistoryOf(workspaceId, Subject(number), most);

    /// <summary>The last entries of a subject in the audit trail, the newest first.</summary>
    public static IReadOnlyList<HistoryEntry> HistoryOf(this IReadTransaction transaction, string workspaceId, string subject, int most) =>
        [.. transaction.Query<AuditRow>(
            "select at, actor_id, action, before, after from audit where workspace_id = @workspaceId and subject = @subject order by id desc limit @most",
            new { workspaceId, subject, most })
            .Select(r => new HistoryEntry(Instant.FromUnixTimeMilliseconds(r.At), r.ActorId, r.Action, r.Before, r.After))];

    /// <summary>How many open requests were filed under an area.</summary>
    public static int OpenIn(this IReadTransaction transaction, string workspaceId, string areaKey) => (int)transaction.Query<long>(
        "select count(*) from requests where workspace_id = @workspaceId and area_key = @areaKey and open = 1", new { workspaceId, areaKey })[0];

    /// <summary>Reads a page's numbers in the list's index, for what is skipped must not be read, and then each of its requests.</summary>
    private static RequestPage Page(this IReadTransaction transaction, string workspaceId, RequestList list, object parameters) => new(
        [.. transaction.Query<long>(list.Numbers, parameters).Select(number => transaction.RequestOf(workspaceId, number)!)],
        (int)transaction.Query<long>(list.Count, parameters)[0]);

    /// <summary>A date as columns hold it.</summary>
    private static string Iso(LocalDate date) => LocalDatePattern.Iso.Format(date);

    /// <summary>The statements of a list.</summary>
    /// <param name="where">Which requests of a workspace it has.</param>
    /// <param name="order">In which order.</param>
    private sealed class RequestList(string where, string order)
    {
        /// <summary>The numbers of a page.</summary>
        public string Numbers { get; } = $"select number from requests where workspace_id = @workspace and {where} order by {order} limit @take offset @skip";

        // In the list's order only so that the list's own index is taken for it.
        public string Count { get; } = $"select count(*) from (select 1 from requests where workspace_id = @workspace and {where} order by {order} limit @most) s";
    }

    private sealed record AuditRow(long At, string ActorId, string Action, string? Before, string? After);
}
