using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Sandbox;

namespace PmBot.Tests.Replicas;

/// <summary>A delivery is one replica's at a time; whoever lost it sends nothing and records nothing.</summary>
[CancelAfter(120_000)]
internal sealed class LeaseTests
{
    private const string Lost = "Another process took delivery";

    private ReplicaTeam _replicas = null!;

    [SetUp]
    public async Task StartAsync() => _replicas = await ReplicaTeam.StartAsync();

    [TearDown]
    public ValueTask StopAsync() => _replicas.DisposeAsync();

    [Test]
    public async Task What_a_dead_replica_had_under_way_is_taken_over_and_its_lane_goes_on_in_order(CancellationToken cancellationToken)
    {
        var channel = _replicas.Team.ProductManagement;
        using var clock = SandboxClock.Pinned(ReplicaTeam.Start);
        await using (var store = _replicas.OpenStore(clock))
        {
            using var dead = new Outbox(store, clock);
            await store.ExecuteAsync(
                transaction =>
                {
                    dead.Add(transaction, _replicas.Team.Team.Id, new Content.Post(channel.Id, "first", null));
                    dead.Add(transaction, _replicas.Team.Team.Id, new Content.Post(channel.Id, "second", null));
                    return true;
                },
                cancellationToken);
            Assert.That(await dead.LeaseAsync(4, [], cancellationToken), Has.Count.EqualTo(1));
        }

        var bots = await _replicas.AddAsync(SandboxClock.Pinned(ReplicaTeam.Start), SandboxClock.Pinned(ReplicaTeam.Start + TimeSpan.FromSeconds(5)));
        await PassAsync(bots, () => _replicas.Texts(channel).Count == 2, cancellationToken);

        Assert.That(_replicas.Texts(channel), Is.EqualTo(["first", "second"]));
        Assert.That(await bots[0].CountAsync("deliveries where state = 2 and uncertain = 1"), Is.EqualTo(1), "nobody knew how far it had got");
    }

    [Test]
    public async Task One_that_stood_still_before_it_sent_wakes_up_and_sends_nothing(CancellationToken cancellationToken)
    {
        var channel = _replicas.Team.ProductManagement;
        var root = await PostAsync();
        var (reached, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var held = 0;
        _replicas.Meddle = async (http, next) =>
        {
            // All is looked up, and the last look-up's answer does not come.
            if (http.Request.Method == "GET" && http.Request.Path == $"/api/v4/posts/{root}" && Interlocked.Exchange(ref held, 1) == 0)
            {
                reached.SetResult();
                await gate.Task;
            }

            await next(http);
        };
        var asleep = await _replicas.AddAsync(SandboxClock.Pinned(ReplicaTeam.Start));
        await asleep.SendAsync(new Content.Post(channel.Id, "a reply", null, new PostThread.OfPost(root)));
        await reached.Task.WaitAsync(cancellationToken);

        var awake = await _replicas.AddAsync(SandboxClock.Pinned(ReplicaTeam.Start));
        await PassAsync([awake], () => _replicas.Texts(channel).Count == 1, cancellationToken);
        gate.SetResult();
        await ReplicaTeam.UntilAsync(() => asleep.Logs.Lines.Any(l => l.Message.StartsWith(Lost, StringComparison.Ordinal)), "it knows", cancellationToken);

        await ReplicaTeam.UntilAsync(async () => await awake.CountAsync("deliveries where state = 2 and attempts >= 2") == 1, "the other one has recorded it", cancellationToken);
        Assert.That(_replicas.PostCalls, Is.EqualTo(2), "the root, and the reply once");

        async Task<string> PostAsync()
        {
            using var http = new HttpClient { BaseAddress = _replicas.Team.Server.Url };
            http.DefaultRequestHeaders.Authorization = new("Bearer", _replicas.Team.Katie.Token);
            using var body = new StringContent($$"""{"channel_id":"{{channel.Id}}","message":"root"}""", null, "application/json");
            using var answer = await http.PostAsync(new Uri("/api/v4/posts", UriKind.Relative), body, cancellationToken);
            Assert.That(answer.IsSuccessStatusCode);
            return _replicas.Team.Server.Posts(channel)[^1].Id;
        }
    }

    [Test]
    public async Task A_late_outcome_is_not_recorded(CancellationToken cancellationToken)
    {
        var channel = _replicas.Team.ProductManagement;
        var (reached, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        _replicas.Meddle = async (http, next) =>
        {
            if (http.Request.Method != "POST" || http.Request.Path != "/api/v4/posts" || reached.Task.IsCompleted)
            {
                await next(http);
                return;
            }

            // The post is made, and its answer does not come.
            var answer = http.Response.Body;
            using var kept = new MemoryStream();
            http.Response.Body = kept;
            await next(http);
            reached.SetResult();
            await gate.Task;
            http.Response.Body = answer;
            kept.Position = 0;
            await kept.CopyToAsync(answer, CancellationToken.None);
        };
        var asleep = await _replicas.AddAsync(SandboxClock.Pinned(ReplicaTeam.Start));
        await asleep.SendAsync(new Content.Post(channel.Id, "once", null));
        await reached.Task.WaitAsync(cancellationToken);

        var awake = await _replicas.AddAsync(SandboxClock.Pinned(ReplicaTeam.Start));
        await PassAsync([awake], async () => await awake.CountAsync("deliveries where state = 2") == 1, cancellationToken);
        gate.SetResult();
        await ReplicaTeam.UntilAsync(() => asleep.Logs.Lines.Any(l => l.Message.StartsWith(Lost, StringComparison.Ordinal)), "its outcome is refused", cancellationToken);

        Assert.That((_replicas.PostCalls, _replicas.Texts(channel).Count), Is.EqualTo((1, 1)), "the other one looked, and found it");
    }

    [Test]
    public async Task One_that_is_only_slow_keeps_its_lease(CancellationToken cancellationToken)
    {
        var channel = _replicas.Team.ProductManagement;
        var (reached, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        _replicas.Meddle = async (http, next) =>
        {
            if (http.Request.Method == "POST" && http.Request.Path == "/api/v4/posts" && reached.TrySetResult())
            {
                await gate.Task;
            }

            await next(http);
        };
        var slow = await _replicas.AddAsync(SandboxClock.Running(ReplicaTeam.Start));
        await slow.SendAsync(new Content.Post(channel.Id, "once", null));
        await reached.Task.WaitAsync(cancellationToken);
        var other = await _replicas.AddAsync(SandboxClock.Running(ReplicaTeam.Start));

        // Long past the time at which it would be taken over, with both of them renewing and looking.
        for (var look = 0; look < 8; look++)
        {
            var before = await RenewedAsync();
            slow.Clock.Advance(LeaseWatch.Every);
            await ReplicaTeam.UntilAsync(async () => await RenewedAsync() > before, "the lease is renewed", cancellationToken);
            other.Clock.Advance(LeaseWatch.Every);
        }

        gate.SetResult();
        await ReplicaTeam.UntilAsync(async () => await other.CountAsync("deliveries where state = 2 and attempts = 1 and lease = 1") == 1, "it is delivered by the first", cancellationToken);
        Assert.That(_replicas.PostCalls, Is.EqualTo(1));

        Task<long> RenewedAsync() => other.Store.ReadAsync(t => t.Query<long?>("select max(lease_until) from deliveries where state = 1")[0] ?? 0, cancellationToken);
    }

    [Test]
    public void A_lease_is_stale_when_nobody_renewed_it_for_four_looks()
    {
        var watch = new LeaseWatch();
        var (dead, slow, born) = (new UnderWay(1, 1, 100), new UnderWay(2, 1, 100), new UnderWay(3, 1, 100));
        Assert.That(watch.Look([dead, slow]), Is.Empty);
        Assert.That(watch.Look([dead, slow]), Is.Empty);
        Assert.That(watch.Look([dead, slow = slow with { LeaseUntil = 101 }, born]), Is.Empty);
        Assert.That(watch.Look([dead, slow, born]), Is.EqualTo([dead]));
        Assert.That(watch.Look([slow]), Is.Empty, "a lease that is gone for a look is another one when it comes back");
        Assert.That(watch.Look([slow, born]), Is.EqualTo([slow]));
        Assert.That(watch.Look([slow with { Lease = 2 }, born]), Is.Empty, "somebody has it now");
    }

    /// <summary>Lets time pass for some of them, a look at a time.</summary>
    private static Task PassAsync(Replica[] bots, Func<bool> until, CancellationToken cancellationToken) =>
        PassAsync(bots, () => Task.FromResult(until()), cancellationToken);

    private static Task PassAsync(Replica[] bots, Func<Task<bool>> until, CancellationToken cancellationToken) => ReplicaTeam.UntilAsync(
        async () =>
        {
            foreach (var bot in bots)
            {
                bot.Clock.Advance(LeaseWatch.Every);
            }

            return await until();
        },
        "another one has taken it over",
        cancellationToken);
}
