using System.Text.Json.Nodes;
using NodaTime;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Mattermost.Inbound;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using Quartz;

namespace PmBot.Tests.Replicas;

/// <summary>Nothing in a replica's memory decides: what one did, the others know.</summary>
[CancelAfter(120_000)]
internal sealed class SharedStateTests
{
    private ReplicaTeam _replicas = null!;

    [SetUp]
    public async Task StartAsync() => _replicas = await ReplicaTeam.StartAsync();

    [TearDown]
    public ValueTask StopAsync() => _replicas.DisposeAsync();

    [Test]
    public async Task Posts_come_in_the_order_of_their_lane_whoever_sends_them(CancellationToken cancellationToken)
    {
        var bots = await _replicas.AddAsync(null, null, null);
        _replicas.Meddle = async (http, next) =>
        {
            await Task.Delay(Random.Shared.Next(15), http.RequestAborted);
            await next(http);
        };
        // More lanes than one replica sends at once.
        var team = _replicas.Team;
        ChatChannel[] channels = [team.ProductManagement, team.Twitter, team.PmPrivate];
        ChatUser[] users = [team.Adam, team.Katie, team.Jason, team.Aaron, team.Sam];
        await Task.WhenAll(Enumerable.Range(0, 60).Select(n => bots[n % 3].SendAsync(
            new Content.Post(channels[n % 3].Id, $"{n} a", null), new Content.Direct(users[n % 5].Id, $"{n} b", null))));
        await ReplicaTeam.UntilAsync(async () => await bots[0].CountAsync("deliveries where state < 2") == 0, "all are sent", cancellationToken);

        foreach (var channel in channels.Concat(users.Select(u => team.Server.DirectChannel(u, team.BotUser))))
        {
            var written = await bots[1].Store.ReadAsync(
                t => t.Query<string>("select post_id from deliveries where channel_id = @channel order by seq", new { channel = channel.Id }), cancellationToken);
            Assert.That(written, Is.Not.Empty);
            Assert.That(_replicas.Team.Server.Posts(channel).Where(p => p.UserId == _replicas.Team.BotUser.Id).Select(p => p.Id), Is.EqualTo(written));
        }

        Assert.That(_replicas.PostCalls, Is.EqualTo(120));
        Assert.That(bots.Count(b => b.Logs.Lines.Any(l => l.Message.Contains("POST posts answered", StringComparison.Ordinal))), Is.GreaterThan(1), "several have sent");
    }

    [Test]
    public async Task A_lane_s_numbers_are_given_in_the_order_in_which_its_changes_are_committed(CancellationToken cancellationToken)
    {
        using var clock = SandboxClock.Pinned(ReplicaTeam.Start);
        await using var store = _replicas.OpenStore(clock);
        await using var another = _replicas.OpenStore(clock);
        using var outbox = new Outbox(store, clock);
        var added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gate = new ManualResetEventSlim();
        var first = store.ExecuteAsync(
            transaction =>
            {
                outbox.Add(transaction, "team", new Content.Post("channel", "first", null));

                // It goes to the database with the next statement.
                Assert.That(transaction.Query<long>("select count(*) from deliveries")[0], Is.EqualTo(1));
                added.TrySetResult();
                gate.Wait(cancellationToken);
                return true;
            },
            cancellationToken);
        await added.Task.WaitAsync(cancellationToken);
        var second = another.ExecuteAsync(
            transaction =>
            {
                outbox.Add(transaction, "team", new Content.Post("channel", "second", null));
                return true;
            },
            cancellationToken);
        await ReplicaTeam.UntilAsync(
            async () => await store.ReadAsync(
                t => t.Query<long>("select count(*) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())")[0], cancellationToken) > 0,
            "the second waits for the first", cancellationToken);
        Assert.That(await outbox.LeaseAsync(4, [], cancellationToken), Is.Empty, "neither is there yet");
        gate.Set();
        await Task.WhenAll(first, second);
        Assert.That((await outbox.LeaseAsync(4, [], cancellationToken)).Select(d => ((Content.Post)d.Content).Message), Is.EqualTo(["first"]));
    }

    [Test]
    public async Task A_delivery_is_leased_by_one_however_many_ask(CancellationToken cancellationToken)
    {
        using var clock = SandboxClock.Pinned(ReplicaTeam.Start);
        await using var store = _replicas.OpenStore(clock);
        await using var another = _replicas.OpenStore(clock);
        Outbox[] outboxes = [new Outbox(store, clock), new Outbox(another, clock)];
        const int Lanes = 200;
        await store.ExecuteAsync(
            transaction =>
            {
                for (var lane = 0; lane < Lanes; lane++)
                {
                    outboxes[0].Add(transaction, "team", new Content.Post($"channel{lane}", "text", null));
                }

                return true;
            },
            cancellationToken);
        var leased = await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            var mine = new List<long>();
            while (mine.Count < Lanes && await outboxes[n % 2].LeaseAsync(4, [], cancellationToken) is { Count: > 0 } some)
            {
                mine.AddRange(some.Select(d => d.Seq));
            }

            return mine;
        }));
        Assert.That(leased.SelectMany(l => l).ToList(), Is.Unique.And.Count.EqualTo(Lanes));
        foreach (var outbox in outboxes)
        {
            outbox.Dispose();
        }
    }

    [Test]
    public async Task What_is_used_up_at_one_is_used_up_at_the_others()
    {
        var bots = await _replicas.AddAsync(null, null);
        var action = bots[0].Signer.New(RunCommand.Name, _replicas.Team.Team.Id, $"pm-rotation {_replicas.Team.ProductManagement.Id} help");
        var context = bots[0].Signer.Sign(action);
        var presses = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => bots[n % 2].PressAsync(context.DeepClone())));
        Assert.That(presses.Select(p => p.Status), Has.All.EqualTo(200));
        Assert.That(presses.Count(p => p.Text.Contains("It was run already.", StringComparison.Ordinal)), Is.EqualTo(5));
    }

    [Test]
    public async Task Numbers_are_given_once_each_and_without_gaps(CancellationToken cancellationToken)
    {
        var bots = await _replicas.AddAsync(null, null, null);
        await Task.WhenAll(Enumerable.Range(0, 45).Select(n => bots[n % 3].MustAsync($"new request {n}", "CR-", "cr-assign")));
        var numbers = await bots[0].Store.ReadAsync(t => t.Query<long>("select number from requests order by number"), cancellationToken);
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, 45)));
    }

    [Test]
    public async Task Of_several_that_are_made_at_once_one_is_the_first_and_somebody_has_one_calendar()
    {
        var bots = await _replicas.AddAsync(null, null, null);
        await bots[0].MustAsync("new a request", "CR-1", "cr-assign"); // the team is known, so that nothing else keeps them apart
        await Task.WhenAll(Enumerable.Range(0, 6).Select(n => bots[n % 3].MustAsync($"create \"Rotation {n}\"", "is made")));
        var first = await bots[1].Store.ReadAsync(t => t.Query<string>("select body from rotations"), CancellationToken.None);
        Assert.That(first.Count(b => (bool?)JsonNode.Parse(b)!["isFirst"] == true), Is.EqualTo(1));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => bots[n % 3].CommandAsync("calendar")));
        Assert.That(answers.Select(a => (string?)a["text"]).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_key_that_is_replaced_is_known_to_those_that_run(CancellationToken cancellationToken)
    {
        var running = await _replicas.AddAsync(SandboxClock.Pinned(ReplicaTeam.Start));
        var old = Signed(running);
        await running.Store.ExecuteAsync(
            t =>
            {
                t.RotateOwnSigningKey(Instant.FromDateTimeOffset(ReplicaTeam.Start));
                return true;
            },
            cancellationToken);
        var started = await _replicas.AddAsync(SandboxClock.Pinned(ReplicaTeam.Start));
        Assert.That((await running.PressAsync(Signed(started))).Status, Is.EqualTo(200), "the other one's new key, though no time has passed");
        Assert.That((await started.PressAsync(old)).Status, Is.EqualTo(200), "the old one is valid for a day");

        var stale = Signed(running);
        await running.Store.ExecuteAsync(
            t =>
            {
                t.RotateOwnSigningKey(Instant.FromDateTimeOffset(ReplicaTeam.Start));
                t.ForgetRetiredSigningKeys();
                return true;
            },
            cancellationToken);
        await ReplicaTeam.UntilAsync(
            async () =>
            {
                running.Clock.Advance(KeyWatch.Every);
                return (await running.PressAsync(stale.DeepClone())).Status == 401;
            },
            "what a leaked key signed is refused", cancellationToken);

        JsonObject Signed(Replica by) => by.Signer.Sign(by.Signer.New(RunCommand.Name, _replicas.Team.Team.Id, $"pm-rotation {_replicas.Team.ProductManagement.Id} help"));
    }

    [Test]
    public async Task A_rotation_that_is_changed_at_one_wakes_all_at_its_new_time_and_a_deleted_one_none(CancellationToken cancellationToken)
    {
        var bots = await _replicas.AddAsync(null, null, null);
        await bots[0].MustAsync("create \"PM rotation\"", "is made");
        await bots[0].MustAsync("add @adam.c @katie.w", "Added to");
        await AlarmIsSetAsync();
        var before = await DueAsync();
        await bots[1].MustAsync("set handoff sunday 10:00", "Sun");
        Assert.That(await DueAsync(), Is.Not.EqualTo(before));
        await AlarmIsSetAsync();

        var asked = await bots[2].CommandAsync("delete \"PM rotation\"");
        var (status, text) = await bots[0].PressAsync(asked["attachments"]![0]!["actions"]![0]!["integration"]!["context"]!.DeepClone());
        Assert.That(status, Is.EqualTo(200));
        Assert.That(text, Does.Contain("is deleted"));
        foreach (var bot in bots)
        {
            await ReplicaTeam.UntilAsync(async () => (await TriggersAsync(bot, cancellationToken)).Count == 0, "no alarm is left", cancellationToken);
        }

        async Task AlarmIsSetAsync()
        {
            var due = await DueAsync();
            foreach (var bot in bots)
            {
                await ReplicaTeam.UntilAsync(async () => (await TriggersAsync(bot, cancellationToken)) is [var one] && one == due, "the alarm is set for all", cancellationToken);
            }
        }

        async Task<DateTimeOffset> DueAsync() =>
            DateTimeOffset.FromUnixTimeMilliseconds(await bots[0].Store.ReadAsync(t => t.Query<long>("select next_due from rotations")[0], cancellationToken));
    }

    [Test]
    public async Task What_nobody_set_an_alarm_for_is_done_all_the_same(CancellationToken cancellationToken)
    {
        var bots = await _replicas.AddAsync(SandboxClock.Pinned(ReplicaTeam.Start), SandboxClock.Pinned(ReplicaTeam.Start));
        await bots[0].MustAsync("create \"PM rotation\"", "is made");
        await bots[0].MustAsync("add @adam.c @katie.w", "Added to");
        var id = await bots[0].Store.ReadAsync(t => t.Query<string>("select id from rotations")[0], cancellationToken);
        await ReplicaTeam.UntilAsync(async () => (await TriggersAsync(bots[0], cancellationToken)).Count == 1, "the alarm is set", cancellationToken);

        // As if it had been killed between its commit and the alarm.
        await (await bots[0].Get<ISchedulerFactory>().GetScheduler(cancellationToken)).UnscheduleJob(new TriggerKey(id, "rotations"), cancellationToken);
        foreach (var bot in bots)
        {
            bot.Clock.MoveTo(ReplicaTeam.Start + TimeSpan.FromMinutes(5));
        }

        await ReplicaTeam.UntilAsync(async () => await bots[0].CountAsync("occurrences where kind = 'handoff'") == 1, "it is handed off", cancellationToken);
        Assert.That(await bots[0].CountAsync("shifts"), Is.EqualTo(1));
        Assert.That(bots.SelectMany(b => b.Logs.Warnings).Select(l => l.Message), Has.Some.StartsWith("Something is overdue for rotations"));
    }

    [Test]
    public async Task Clocks_that_differ_by_seconds_hand_off_once(CancellationToken cancellationToken)
    {
        const int Rotations = 12;
        TimeSpan[] skews = [TimeSpan.FromSeconds(-5), TimeSpan.Zero, TimeSpan.FromSeconds(5)];
        var bots = await _replicas.AddAsync([.. skews.Select(s => SandboxClock.Running(ReplicaTeam.Start + s))]);
        for (var n = 0; n < Rotations; n++)
        {
            await bots[n % 3].MustAsync($"create \"Rotation {n}\"", "is made");
            await bots[(n + 1) % 3].MustAsync($"add @adam.c @katie.w @jason.b --rotation \"Rotation {n}\"", "Added to");
        }

        await ReplicaTeam.UntilAsync(async () => await bots[0].CountAsync("deliveries where state < 2") == 0, "what came before is said", cancellationToken);
        var said = _replicas.Texts(_replicas.Team.ProductManagement).Count;
        foreach (var (bot, skew) in bots.Zip(skews))
        {
            bot.Clock.MoveTo(ReplicaTeam.Start + TimeSpan.FromSeconds(178) + skew);
        }

        await ReplicaTeam.UntilAsync(
            async () => await bots[0].CountAsync("occurrences where kind = 'handoff'") == Rotations && await bots[0].CountAsync("deliveries where state < 2") == 0,
            "all are handed off and told", cancellationToken);

        var told = _replicas.Texts(_replicas.Team.ProductManagement).Skip(said).ToList();
        Assert.That(told, Is.Unique.And.Count.EqualTo(Rotations));
        Assert.That(await bots[0].CountAsync("shifts"), Is.EqualTo(Rotations), "each moved on by one");
    }

    /// <summary>When the alarms of rotations go off, as a replica knows them.</summary>
    private static async Task<IReadOnlyList<DateTimeOffset>> TriggersAsync(Replica bot, CancellationToken cancellationToken)
    {
        var scheduler = await bot.Get<ISchedulerFactory>().GetScheduler(cancellationToken);
        var found = new List<DateTimeOffset>();
        foreach (var key in await scheduler.GetTriggerKeys(GroupMatcher<TriggerKey>.GroupEquals("rotations"), cancellationToken))
        {
            if (await scheduler.GetTrigger(key, cancellationToken) is { } trigger)
            {
                found.Add(trigger.StartTimeUtc);
            }
        }

        return found;
    }
}
