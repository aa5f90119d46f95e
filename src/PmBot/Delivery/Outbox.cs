using System.Globalization;
using System.Text.Json;
using NodaTime;
using PmBot.Hosting;
using PmBot.Storage;

namespace PmBot.Delivery;

/// <summary>A delivery under way: taken from the outbox by this process, under a lease.</summary>
/// <param name="Seq">Its place in the outbox.</param>
/// <param name="Id">Its key: goes with the post, and finds it again.</param>
/// <param name="WorkspaceId">The workspace it belongs to.</param>
/// <param name="Content">What to send.</param>
/// <param name="Attempts">How often it has been tried, this time included.</param>
/// <param name="FirstAttemptAt">When it was first tried.</param>
/// <param name="Uncertain">An earlier attempt may have had its effect: look before sending.</param>
/// <param name="Lease">The lease's number; whoever has an older one may no longer write the outcome.</param>
public sealed record Leased(
    long Seq, string Id, string WorkspaceId, Content Content, int Attempts, Instant FirstAttemptAt, bool Uncertain, long Lease)
{
    /// <summary>The span that caused it, as in the header <c>traceparent</c>; null if it is not recorded.</summary>
    public string? Cause { get; init; }
}

/// <summary>
/// What is still to reach Mattermost. A row is written in the transaction of the change that causes it, so that neither exists
/// without the other; the <see cref="Dispatcher"/> sends it.
/// </summary>
public sealed class Outbox : IDisposable
{
    // However busy the others are: what they leave behind is taken over soon after it may be.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSharedSleep = TimeSpan.FromSeconds(3);

    // Of a shared outbox the others take from the same end: enough to read that something is left for each.
    private const int SharedReading = 4;

    // No attempt is put off for as long as this: whatever seems due later was written before the clock went back.
    private static readonly Duration LongestWait = Duration.FromMinutes(10);

    /// <summary>How things stand, read from the indexes of what is open: all that was ever sent is not looked at.</summary>
    internal const string StateSql =
        """
        select (select count(*) from deliveries where state < 2) as waiting,
          (select min(created_at) from deliveries where state < 2) as oldest,
          (select count(*) from deliveries where state = 3 and target is null) as parked
        """;

    // So many that wait are looked at one by one: few at first, as nearly always the longest due are the first of their lanes. Where too few of the most are, the
    // lanes are gone through instead.
    private static readonly int[] LookedAt = [64, 500];

    private const string IsFirst = "not exists (select 1 from deliveries e where e.lane = d.lane and e.state < 2 and e.seq < d.seq)";

    /// <summary>The first of their lanes that are due, the longest due first, among so many that are (see <see cref="LookedAt"/>).</summary>
    internal const string FirstsSql =
        $"""
        select d.seq from (select seq, lane, due_at from deliveries where state = 0 and due_at <= @now order by due_at, seq limit @looked) d
        where {IsFirst} order by d.due_at, d.seq limit @most
        """;

    /// <summary>1 if there are no more that are due than <see cref="FirstsSql"/> looks at.</summary>
    internal const string IsAllSql = "select case when count(*) < @looked then 1 else 0 end from (select 1 from deliveries where state = 0 and due_at <= @now limit @looked) s";

    /// <summary>The same as <see cref="FirstsSql"/> among all, from lane to lane: how many wait in each does not matter.</summary>
    internal const string LanesSql =
        """
        with recursive lanes (lane) as (
          select min(lane) from deliveries where state < 2
          union all
          select (select min(e.lane) from deliveries e where e.state < 2 and e.lane > lanes.lane) from lanes where lanes.lane is not null)
        select d.seq from lanes join deliveries d on d.seq = (select min(e.seq) from deliveries e where e.lane = lanes.lane and e.state < 2)
        where d.state = 0 and d.due_at <= @now order by d.due_at, d.seq limit @most
        """;

    /// <summary>The first of their lanes that were put off before the clock went back.</summary>
    internal const string PutOffSql = $"select d.seq from deliveries d where d.state = 0 and d.due_at > @latest and {IsFirst} order by d.due_at, d.seq limit @most";

    /// <summary>When the next one is due that was not yet when it was looked last.</summary>
    internal const string NextSql = "select min(due_at) from deliveries where state = 0 and due_at > @looked";

    /// <summary>Ends those that are of no more use.</summary>
    internal const string ExpireSql = "update deliveries set state = 4, finished_at = @now, error = 'of no more use' where state = 0 and expires_at <= @now";

    /// <summary>Those that are being sent.</summary>
    internal const string UnderWaySql = "select seq, lease, lease_until from deliveries where state = 1";

    private readonly IStore _store;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private long _lookedAt = long.MaxValue;

    /// <summary>The outbox of a store.</summary>
    public Outbox(IStore store, TimeProvider time)
    {
        _store = store;
        _time = time;
    }

    /// <summary>Whether other processes send from it, too.</summary>
    public bool IsShared => _store.IsShared;

    /// <summary>A new key for a delivery, for callers that must know it before it is written.</summary>
    public string NewId() => Guid.CreateVersion7(_time.GetUtcNow()).ToString("n");

    /// <summary>
    /// The key of a message that a transaction is about to add, for callers that must know it before: of what came due one that is the same
    /// each time (see <see cref="Cause"/>), otherwise a new one.
    /// </summary>
    public string NewId(IWriteTransaction transaction, Content content)
    {
        if (content is not (Content.Post or Content.Direct) || transaction.Cause?.NextKey(content.Lane) is not { } id)
        {
            return NewId();
        }

        // What was taken back and is done once more is said once more.
        return transaction.Query<long>("select count(*) from deliveries where id = @id", new { id })[0] == 0 ? id : NewId();
    }

    /// <summary>
    /// Adds a delivery in the transaction of the change that causes it; it is sent soon after the commit. An edit takes the place of those
    /// of the same post that still wait.
    /// </summary>
    /// <param name="transaction">The transaction of the change.</param>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="content">What to send.</param>
    /// <param name="expires">From when it is of no more use and is dropped unsent; null for never.</param>
    /// <param name="id">Its key, from <see cref="NewId(IWriteTransaction, Content)"/>; null for that.</param>
    public void Add(IWriteTransaction transaction, string workspaceId, Content content, Instant? expires = null, string? id = null)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();

        // A lane's numbers are given in the order in which its changes are committed. Otherwise one could be sent while an earlier one is not
        // yet to be seen.
        transaction.Lock($"lane:{content.Lane}");
        if (content is Content.Edit edit)
        {
            content = Supersede(transaction, edit, now);
        }

        var told = SinceWhenTold(transaction, content);
        transaction.Write(
            """
            insert into deliveries (id, workspace_id, lane, body, state, created_at, due_at, expires_at, attempts, first_attempt_at, uncertain, lease, target, trace)
            values (@id, @workspace, @lane, @body, 0, @now, @now, @expires, 0, @told, @uncertain, 0, @target, @trace)
            """,
            ("id", id ?? NewId(transaction, content)), ("workspace", workspaceId), ("lane", content.Lane), ("body", JsonSerializer.Serialize(content, StoreJson.Options)),
            ("now", now), ("expires", expires?.ToUnixTimeMilliseconds()), ("told", told), ("uncertain", told is null ? 0L : 1L), ("target", (content as Content.Edit)?.DeliveryId),
            ("trace", Tracing.Current is { Recorded: true } cause ? cause.Id : null));
        transaction.AfterCommit(Wake);
    }

    /// <summary>
    /// Gives back, as uncertain ones, the deliveries that a process now gone had under way; for the start of one that has the store to itself.
    /// Of a shared one they may be those of processes that live: there only <see cref="LeaseWatch"/> can tell.
    /// </summary>
    /// <returns>How many.</returns>
    public Task<int> StartAsync(CancellationToken cancellationToken) => _store.ExecuteAsync(
        t =>
        {
            // What comes due from here on nobody can have said before.
            t.Write(
                """
                insert into meta (key, value) select 'restored_until', @now from meta where key = 'restored_since'
                on conflict (key) do nothing
                """,
                ("now", _time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
            return IsShared ? 0 : t.Run("update deliveries set state = 0, uncertain = 1, lease_until = null, lease = lease + 1 where state < 2 and state = 1");
        },
        cancellationToken);

    /// <summary>Takes the first due deliveries of free lanes under a lease. Those that are of no more use are dropped on the way.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="busy">Deliveries that this process is still sending, though it may have lost their leases.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<Leased>> LeaseAsync(int most, IReadOnlyCollection<long> busy, CancellationToken cancellationToken) =>
        _store.ExecuteAsync<IReadOnlyList<Leased>>(
            transaction =>
            {
                var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
                Volatile.Write(ref _lookedAt, now);
                transaction.Write(ExpireSql, ("now", now));
                var leased = new List<Leased>(most);
                foreach (var seq in Due(transaction, now, (most + busy.Count) * (IsShared ? SharedReading : 1)).Where(seq => !busy.Contains(seq)))
                {
                    if (leased.Count == most)
                    {
                        break;
                    }

                    if (Take(transaction, seq, now) is { } taken)
                    {
                        leased.Add(taken);
                    }
                }

                return leased;
            },
            cancellationToken);

    /// <summary>Says that these are still being sent here.</summary>
    /// <returns>The places of those whose leases hold; the others' are lost, or they have come to their end.</returns>
    public Task<IReadOnlySet<long>> RenewAsync(IReadOnlyCollection<Leased> sending, CancellationToken cancellationToken) =>
        _store.ExecuteAsync<IReadOnlySet<long>>(
            transaction =>
            {
                // It differs each time, also while the clock stands or is set back: that is what the others look at.
                var until = _time.GetUtcNow().ToUnixTimeMilliseconds() + (long)LeaseWatch.LeaseTime.TotalMilliseconds;
                return sending.Where(d => transaction.Run(
                    """
                    update deliveries set lease_until = case when lease_until >= @until then lease_until + 1 else @until end
                    where seq = @seq and lease = @lease and state = 1
                    """,
                    ("until", until), ("seq", d.Seq), ("lease", d.Lease)) == 1).Select(d => d.Seq).ToHashSet();
            },
            cancellationToken);

    /// <summary>Whether a lease is still the one under which the delivery is sent.</summary>
    public Task<bool> HoldsAsync(Leased leased, CancellationToken cancellationToken) => _store.ReadAsync(
        t => t.Query<long>("select count(*) from deliveries where seq = @Seq and lease = @Lease and state = 1", new { leased.Seq, leased.Lease })[0] == 1, cancellationToken);

    /// <summary>All that is being sent, by whichever process.</summary>
    public Task<IReadOnlyList<UnderWay>> UnderWayAsync(CancellationToken cancellationToken) => _store.ReadAsync(
        t => t.Query<UnderWay>(UnderWaySql), cancellationToken);

    /// <summary>Gives back, as uncertain ones, the deliveries of processes that are gone, unless these were only slow and have renewed their leases.</summary>
    /// <returns>How many.</returns>
    public Task<int> GiveBackAsync(IReadOnlyCollection<UnderWay> stale, CancellationToken cancellationToken) => _store.ExecuteAsync(
        transaction =>
        {
            transaction.AfterCommit(Wake);

            // Nobody knows how far its process got.
            return stale.Sum(s => transaction.Run(
                """
                update deliveries set state = 0, uncertain = 1, lease_until = null, lease = lease + 1
                where seq = @seq and lease = @lease and lease_until = @until and state = 1
                """,
                ("seq", s.Seq), ("lease", s.Lease), ("until", s.LeaseUntil)));
        },
        cancellationToken);

    /// <summary>Records that it is in Mattermost.</summary>
    /// <returns>Whether the lease still held; if not, another process has it, and nothing was recorded.</returns>
    public Task<bool> DeliveredAsync(Leased leased, string? postId, string? channelId, CancellationToken cancellationToken) =>
        FinishAsync(leased, 2, postId, channelId, null, null, cancellationToken);

    /// <summary>Drops it, for it is of no use any more.</summary>
    /// <returns>See <see cref="DeliveredAsync"/>.</returns>
    public Task<bool> DropAsync(Leased leased, string reason, CancellationToken cancellationToken) =>
        FinishAsync(leased, 4, null, null, reason, null, cancellationToken);

    /// <summary>Parks it, for it cannot succeed as things are, and does what <paramref name="also"/> says in the same transaction.</summary>
    /// <returns>See <see cref="DeliveredAsync"/>.</returns>
    public Task<bool> ParkAsync(Leased leased, string reason, Action<IWriteTransaction> also, CancellationToken cancellationToken) =>
        FinishAsync(leased, 3, null, null, reason, also, cancellationToken);

    /// <summary>
    /// Records that an edit found no post to change: it is parked with a post that is parked, waits for one that is sent again, and is
    /// dropped with one that will never be.
    /// </summary>
    /// <param name="leased">The edit.</param>
    /// <param name="postDelivery">The delivery of the post.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>See <see cref="DeliveredAsync"/>.</returns>
    public Task<bool> WithoutPostAsync(Leased leased, string postDelivery, CancellationToken cancellationToken) => _store.ExecuteAsync(
        transaction =>
        {
            // Looked up here and not before: somebody may have it sent again at this moment, and then this edit must come after it. Each sees
            // only one of the two rows that the other changes.
            transaction.Lock($"post:{postDelivery}");
            var post = transaction.Query<long>("select state from deliveries where id = @postDelivery", new { postDelivery });
            transaction.AfterCommit(Wake);
            return post switch
            {
                [3] => Finish(transaction, leased, 3, null, null, "its post is parked"),
                [not 4] => transaction.Run(
                    "update deliveries set state = 0, lease_until = null where seq = @seq and lease = @lease and state = 1",
                    ("seq", leased.Seq), ("lease", leased.Lease)) == 1,
                _ => Finish(transaction, leased, 4, null, null, "the post was never made"),
            };
        },
        cancellationToken);

    /// <summary>Tries it again later.</summary>
    /// <param name="leased">The delivery.</param>
    /// <param name="wait">After how long.</param>
    /// <param name="uncertain">Whether an attempt may have had its effect.</param>
    /// <param name="reason">Why it did not succeed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<bool> RetryAsync(Leased leased, Duration wait, bool uncertain, string reason, CancellationToken cancellationToken) =>
        _store.ExecuteAsync(
            transaction => transaction.Run(
                """
                update deliveries set state = 0, due_at = @due, uncertain = @uncertain, error = @error, lease_until = null
                where seq = @seq and lease = @lease and state = 1
                """,
                ("due", _time.GetUtcNow().ToUnixTimeMilliseconds() + (long)wait.TotalMilliseconds), ("uncertain", uncertain ? 1L : 0L), ("error", reason),
                ("seq", leased.Seq), ("lease", leased.Lease)) == 1,
            cancellationToken);

    /// <summary>Sends a parked delivery again, and the edit of its post that waits with it, in the transaction of the press that asks for it.</summary>
    /// <returns>Whether it was parked.</returns>
    public bool Unpark(IWriteTransaction transaction, string workspaceId, string id)
    {
        transaction.AfterCommit(Wake);
        transaction.Lock($"post:{id}"); // see WithoutPostAsync
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        const string Again = "update deliveries set state = 0, attempts = 0, due_at = @now, error = null, finished_at = null, lease = lease + 1";
        var isParked = transaction.Run(
            $"{Again} where id = @id and workspace_id = @workspace and state = 3 and (expires_at is null or expires_at > @now)",
            ("now", now), ("id", id), ("workspace", workspaceId)) == 1;
        if (isParked)
        {
            transaction.Write($"{Again} where target = @id and state = 3", ("now", now), ("id", id));
        }

        return isParked;
    }

    /// <summary>The id of the post that a delivery made; null if it made none.</summary>
    public async Task<string?> PostOfAsync(string deliveryId, CancellationToken cancellationToken)
    {
        var rows = await _store.ReadAsync(
            t => t.Query<string?>("select post_id from deliveries where id = @deliveryId and state = 2", new { deliveryId }), cancellationToken);
        return rows.Count == 1 ? rows[0] : null;
    }

    /// <summary>Waits until something was added here, or until the next delivery is due; of a shared outbox a few seconds at most.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();

        // What came due since then was not taken, so that it is no good to ask for what is due after now.
        var looked = Math.Min(now, Volatile.Read(ref _lookedAt));
        var next = (await _store.ReadAsync(t => t.Query<long?>(NextSql, new { looked }), cancellationToken))[0];

        // Of a shared one, what others leave is looked for soon, for nobody tells of it.
        var longest = (long)(IsShared ? LongestSharedSleep : LongestSleep).TotalMilliseconds;
        var until = Math.Min(next ?? long.MaxValue, now + longest);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var (wake, timer) = (_wake.WaitAsync(ended.Token), Task.Delay(TimeSpan.FromMilliseconds(Math.Max(until - now, 50)), _time, ended.Token));

            // What came due before the timer was set is not to wait for it: where the clock was moved meanwhile, it counts from there on.
            if (_time.GetUtcNow().ToUnixTimeMilliseconds() < until)
            {
                await Task.WhenAny(wake, timer);
            }
        }
        finally
        {
            await ended.CancelAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>How things stand, for health and metrics.</summary>
    public async Task<OutboxState> StateAsync(CancellationToken cancellationToken)
    {
        var rows = await _store.ReadAsync(t => t.Query<StateRow>(StateSql), cancellationToken);
        var age = rows[0].Oldest is { } oldest ? _time.GetUtcNow().ToUnixTimeMilliseconds() - oldest : 0;
        return new OutboxState(rows[0].Waiting, Duration.FromMilliseconds(Math.Max(0, age)), rows[0].Parked);
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    /// <summary>Ends the waiting edits of the same post, also one that is parked with it.</summary>
    /// <returns>The edit that says all that is still to be said.</returns>
    private static Content.Edit Supersede(IWriteTransaction transaction, Content.Edit edit, long now)
    {
        if (edit.Message is null)
        {
            // "The text stays" means the text as the waiting edits would have left it.
            var waiting = transaction.Query<string>(
                "select body from deliveries where state in (0, 3) and target = @target order by seq desc", new { target = edit.DeliveryId });
            edit = edit with { Message = waiting.Select(b => ((Content.Edit)Read(b)).Message).FirstOrDefault(message => message is not null) };
        }

        transaction.Write(
            "update deliveries set state = 4, finished_at = @now, error = 'superseded' where state in (0, 3) and target = @target",
            ("now", now), ("target", edit.DeliveryId));
        return edit;
    }

    /// <summary>
    /// Since when a message may be in Mattermost already, said by a bot whose memory of it a restored backup does not have; null for one that
    /// cannot be.
    /// </summary>
    private static long? SinceWhenTold(IWriteTransaction transaction, Content content)
    {
        if (content is not (Content.Post or Content.Direct) || transaction.Cause is not { } cause || Number("restored_since") is not { } since)
        {
            return null;
        }

        return Number("restored_until") is { } until && cause.Due.ToUnixTimeMilliseconds() > until ? null : since;

        long? Number(string key) =>
            transaction.FindMeta(key) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The places of those that can be sent now: due, and the first of their lanes.</summary>
    private static IReadOnlyList<long> Due(IReadTransaction transaction, long now, int most)
    {
        var firsts = Firsts(transaction, now, most);
        return firsts.Count == most
            ? firsts
            : [.. firsts, .. transaction.Query<long>(PutOffSql, new { latest = now + (long)LongestWait.TotalMilliseconds, most = most - firsts.Count })];
    }

    private static IReadOnlyList<long> Firsts(IReadTransaction transaction, long now, int most)
    {
        foreach (var looked in LookedAt)
        {
            var parameters = new { now, most, looked };
            var firsts = transaction.Query<long>(FirstsSql, parameters);
            if (firsts.Count == most || transaction.Query<long>(IsAllSql, parameters)[0] == 1)
            {
                return firsts;
            }
        }

        return transaction.Query<long>(LanesSql, new { now, most });
    }

    private static Content Read(string body) =>
        JsonSerializer.Deserialize<Content>(body, StoreJson.Options) ?? throw new JsonException("A delivery has no content.");

    /// <summary>Takes a delivery that was read, unless another process was faster.</summary>
    private static Leased? Take(IWriteTransaction transaction, long seq, long now)
    {
        var row = transaction.Query<Row>(
            "select seq, id, workspace_id, body, attempts, first_attempt_at, uncertain, lease, trace from deliveries where seq = @seq", new { seq })[0];
        var isTaken = transaction.Run(
            """
            update deliveries set state = 1, lease = lease + 1, lease_until = @until, attempts = attempts + 1,
              first_attempt_at = coalesce(first_attempt_at, @now)
            where seq = @seq and lease = @lease and state = 0
            """,
            ("until", now + (long)LeaseWatch.LeaseTime.TotalMilliseconds), ("now", now), ("seq", row.Seq), ("lease", row.Lease)) == 1;
        if (!isTaken)
        {
            return null;
        }

        return new Leased(
            row.Seq,
            row.Id,
            row.WorkspaceId,
            Read(row.Body),
            (int)row.Attempts + 1,
            Instant.FromUnixTimeMilliseconds(row.FirstAttemptAt ?? now),
            row.Uncertain != 0,
            row.Lease + 1)
        {
            Cause = row.Trace,
        };
    }

    private Task<bool> FinishAsync(
        Leased leased, long state, string? postId, string? channelId, string? error, Action<IWriteTransaction>? also, CancellationToken cancellationToken) =>
        _store.ExecuteAsync(
            transaction =>
            {
                var held = Finish(transaction, leased, state, postId, channelId, error);
                if (held)
                {
                    also?.Invoke(transaction);
                }

                return held;
            },
            cancellationToken);

    private bool Finish(IWriteTransaction transaction, Leased leased, long state, string? postId, string? channelId, string? error) => transaction.Run(
        """
        update deliveries set state = @state, post_id = @post, channel_id = @channel, error = @error, finished_at = @now, lease_until = null
        where seq = @seq and lease = @lease and state = 1
        """,
        ("state", state), ("post", postId), ("channel", channelId), ("error", error), ("now", _time.GetUtcNow().ToUnixTimeMilliseconds()),
        ("seq", leased.Seq), ("lease", leased.Lease)) == 1;

    private void Wake()
    {
        // One waiting wake-up is enough; a second one would find nothing more.
        lock (_wake)
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
    }

    private sealed record Row(
        long Seq, string Id, string WorkspaceId, string Body, long Attempts, long? FirstAttemptAt, long Uncertain, long Lease, string? Trace);

    private sealed record StateRow(long Waiting, long? Oldest, long Parked);
}

/// <summary>How the outbox stands.</summary>
/// <param name="Waiting">Deliveries still to be made.</param>
/// <param name="OldestAge">The age of the oldest of them; zero if there is none.</param>
/// <param name="Parked">Deliveries that could not succeed and wait for a person; edits that wait with their posts are not counted.</param>
public sealed record OutboxState(long Waiting, Duration OldestAge, long Parked);
