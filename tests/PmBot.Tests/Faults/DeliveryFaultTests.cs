using System.Diagnostics;
using System.Text.Json;
using NodaTime;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Faults;

/// <summary>Mattermost fails in every way: each message arrives once, those of a channel in their order, and nothing is lost.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class DeliveryFaultTests : FaultyTeam
{
    private const int Each = 6;

    private static IEnumerable<TestCaseData> Trouble()
    {
        yield return Case("every post is made and its connection cut", new FaultKind.DropAfter(), 1);
        yield return Case("half the posts are made and their connection cut", new FaultKind.DropAfter(), 0.5);
        yield return Case("half the connections are cut before", new FaultKind.DropBefore(), 0.5);
        yield return Case("half the answers are 500", new FaultKind.Status(500), 0.5);
        yield return Case("half the answers are a proxy's 502", new FaultKind.Status(502, """{"not":"mattermost"}"""), 0.5);

        static TestCaseData Case(string name, FaultKind kind, double rate) => new TestCaseData(kind, rate).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Trouble))]
    [CancelAfter(120_000)]
    public async Task Once_and_in_order(FaultKind kind, double rate, CancellationToken cancellationToken)
    {
        Server.Faults.Add(new Fault(IsPost, kind, int.MaxValue) { Rate = rate, Seed = 7 });
        await PlayAsync(cancellationToken);
        Assert.That(PostCalls, kind is FaultKind.DropAfter ? Has.Count.EqualTo(3 * Each) : Has.Count.GreaterThan(3 * Each));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Once_and_in_order_when_made_posts_are_answered_500(CancellationToken cancellationToken)
    {
        Meddle = (http, next) => IsPost(http) ? AnswerInsteadAsync(http, next, 500, new { id = "app.fault", message = "Oh." }) : next(http);
        await PlayAsync(cancellationToken);
        Assert.That(PostCalls, Has.Count.EqualTo(3 * Each), "none was sent again");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Once_and_in_order_when_everything_fails_at_random(CancellationToken cancellationToken)
    {
        var turn = 0;
        Meddle = (http, next) => IsPost(http) && Interlocked.Increment(ref turn) % 3 == 0
            ? AnswerInsteadAsync(http, next, 500, new { id = "app.fault", message = "Oh." })
            : next(http);
        FaultKind[] kinds = [new FaultKind.DropAfter(), new FaultKind.DropBefore(), new FaultKind.Status(503)];
        foreach (var (n, kind) in kinds.Index())
        {
            Server.Faults.Add(new Fault(r => !IsPost(r), kind, int.MaxValue) { Rate = 0.1, Seed = n });
            Server.Faults.Add(new Fault(IsPost, kind, int.MaxValue) { Rate = 0.2, Seed = n });
        }

        await PlayAsync(cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task An_answer_that_comes_too_late_is_as_good_as_none([Values] bool made, CancellationToken cancellationToken)
    {
        var slow = 2;
        Meddle = async (http, next) =>
        {
            if (!IsPost(http) || Interlocked.Decrement(ref slow) < 0)
            {
                await next(http);
                return;
            }

            // Longer than the client waits; it hangs up.
            var gone = new TaskCompletionSource();
            await using var hungUp = http.RequestAborted.Register(gone.SetResult);
            if (made)
            {
                await AnswerInsteadAsync(http, next, 201, new { });
            }

            await gone.Task;
        };
        await Team.StopBotAsync();
        await StartBotAsync(Hasty with { Attempt = TimeSpan.FromMilliseconds(500) });

        await SendAsync((Team.Twitter, "one"), (Team.Twitter, "two"));
        await AllEndedAsync(cancellationToken);

        Assert.That(Texts(Team.Twitter), Is.EqualTo(["one", "two"]));
        Assert.That(PostCalls, Has.Count.EqualTo(made ? 2 : 4));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_call_that_takes_effect_after_the_next_attempt_makes_no_second_post(CancellationToken cancellationToken)
    {
        var calls = 0;
        var served = new TaskCompletionSource();
        Meddle = async (http, next) =>
        {
            if (!IsPost(http) || Interlocked.Increment(ref calls) > 1)
            {
                await next(http);
                return;
            }

            // The bot hangs up, looks, finds nothing and tries again; only then the server comes to this one.
            await UntilAsync(() => Task.FromResult(Texts(Team.Twitter).Count == 1), "the second attempt made the post", cancellationToken);
            await next(http);
            served.SetResult();
        };
        await Team.StopBotAsync();
        await StartBotAsync(Hasty with { Attempt = TimeSpan.FromMilliseconds(500) });

        await SendAsync((Team.Twitter, "one"));
        await AllEndedAsync(cancellationToken);
        await served.Task.WaitAsync(cancellationToken);

        Assert.That(calls, Is.EqualTo(2));
        Assert.That(Texts(Team.Twitter), Is.EqualTo(["one"]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_clock_that_goes_back_holds_up_nothing(CancellationToken cancellationToken)
    {
        Server.Faults.Down = true;
        var ids = await SendAsync((Team.Twitter, "one"));
        await TriedAsync(ids[0], 2, cancellationToken);
        Clock.Advance(TimeSpan.FromHours(-1));
        Server.Faults.Down = false;
        await SendAsync((Team.Twitter, "two"));
        await AllEndedAsync(cancellationToken);

        Assert.That(Texts(Team.Twitter), Is.EqualTo(["one", "two"]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_rate_limit_is_obeyed_by_all(CancellationToken cancellationToken)
    {
        const int reset = 2;
        var calls = new List<TimeSpan>();
        var time = Stopwatch.StartNew();
        Server.Faults.Add(new Fault(
            request =>
            {
                if (IsPost(request))
                {
                    calls.Add(time.Elapsed);
                }

                return false;
            },
            new FaultKind.DropBefore()));
        Server.Faults.Add(new Fault(request => IsPost(request) && calls.Count == 3, new FaultKind.RateLimited(reset)));

        await SendAsync([.. Enumerable.Range(0, Each).SelectMany(n => new[] { (Team.Twitter, $"{n}"), (Team.ProductManagement, $"{n}") })]);
        await AllEndedAsync(cancellationToken);

        // Those that were on their way when the limit was told cannot be called back; there is one in each lane.
        var limited = calls[2];
        Assert.That(calls.Where(c => c > limited + TimeSpan.FromMilliseconds(300) && c < limited + TimeSpan.FromSeconds(reset)), Is.Empty);
        Assert.That(calls.Count(c => c > limited && c < limited + TimeSpan.FromSeconds(reset)), Is.LessThan(2));
        Assert.That(calls.Count(c => c > limited + TimeSpan.FromSeconds(reset)), Is.GreaterThanOrEqualTo(2 * Each - 4));
        Assert.That(Texts(Team.Twitter), Is.EqualTo(Enumerable.Range(0, Each).Select(n => $"{n}")));
        Assert.That(Texts(Team.ProductManagement), Is.EqualTo(Enumerable.Range(0, Each).Select(n => $"{n}")));
        Assert.That(await CountAsync("attempts > 1"), Is.LessThanOrEqualTo(4), "waiting for the limit is one wait, not many attempts");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_was_sent_while_Mattermost_was_down_arrives_when_it_is_back(CancellationToken cancellationToken)
    {
        Server.Faults.Down = true;
        var ids = await SendAsync((Team.Twitter, "one"), (Team.Twitter, "two"), (Team.PmPrivate, "three"));
        await TriedAsync(ids[0], 3, cancellationToken);
        await TriedAsync(ids[2], 3, cancellationToken);
        Server.Faults.Down = false;
        await AllEndedAsync(cancellationToken);

        Assert.That(Texts(Team.Twitter), Is.EqualTo(["one", "two"]));
        Assert.That(Texts(Team.PmPrivate), Is.EqualTo(["three"]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_post_made_long_ago_is_found_by_its_key([Values] bool restarted, CancellationToken cancellationToken)
    {
        KeepUnknown();
        Server.Faults.Add(new Fault(IsPost, new FaultKind.DropAfter()));
        var ids = await SendAsync((Team.Twitter, "one"), (Team.Twitter, "two"));
        await TriedAsync(ids[0], 2, cancellationToken);
        if (restarted)
        {
            await Team.StopBotAsync();
        }

        Clock.Advance(TimeSpan.FromHours(3));
        Server.Faults.Clear();
        if (restarted)
        {
            await StartBotAsync();
        }

        await AllEndedAsync(cancellationToken);
        Assert.That(Texts(Team.Twitter), Is.EqualTo(["one", "two"]));
        Assert.That(PostCalls, Has.Count.EqualTo(2));
        Assert.That(await Outbox.PostOfAsync(ids[0], cancellationToken), Is.EqualTo(Server.Posts(Team.Twitter)[0].Id));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_post_that_a_lagging_reader_does_not_show_is_recognised_by_its_pending_id(CancellationToken cancellationToken)
    {
        Server.Faults.Add(new Fault(IsPost, new FaultKind.DropAfter()));
        Meddle = (http, next) => http.Request.Path.Value!.EndsWith("/posts", StringComparison.Ordinal) && http.Request.Method == "GET"
            ? AnswerInsteadAsync(http, next, 200, new { order = Array.Empty<string>(), posts = new { } })
            : next(http);
        await SendAsync((Team.Twitter, "one"));
        await AllEndedAsync(cancellationToken);

        Assert.That(PostCalls, Has.Count.EqualTo(2));
        Assert.That(PostCalls.Select(c => JsonSerializer.Deserialize<JsonElement>(c.Body).GetProperty("pending_post_id").GetString()).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Texts(Team.Twitter), Is.EqualTo(["one"]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Somebody_elses_post_with_the_key_is_not_taken_for_it(CancellationToken cancellationToken)
    {
        KeepUnknown();
        Server.Faults.Add(new Fault(IsPost, new FaultKind.DropBefore()));
        var ids = await SendAsync((Team.Twitter, "the real one"));
        await TriedAsync(ids[0], 2, cancellationToken);
        await PostAsAsync(Team.Adam, Team.Twitter, "a forged one", new Dictionary<string, string>(StringComparer.Ordinal) { [Dispatcher.Key] = ids[0] });
        Server.Faults.Clear();
        await AllEndedAsync(cancellationToken);

        Assert.That(Texts(Team.Twitter), Is.EqualTo(["the real one"]));
        Assert.That(await Outbox.PostOfAsync(ids[0], cancellationToken), Is.EqualTo(Server.Posts(Team.Twitter).Single(p => p.UserId == Team.BotUser.Id).Id));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_post_with_a_thousand_newer_ones_is_found(CancellationToken cancellationToken)
    {
        KeepUnknown();
        Server.Faults.Add(new Fault(IsPost, new FaultKind.DropAfter()));
        var ids = await SendAsync((Team.Twitter, "one"));
        await TriedAsync(ids[0], 2, cancellationToken);
        for (var n = 0; n < 1250; n++)
        {
            await Server.TypeAsync(Team.Adam, Team.Twitter, "chatter");
        }

        Clock.Advance(TimeSpan.FromMinutes(2));
        Server.Faults.Clear();
        await AllEndedAsync(cancellationToken);

        Assert.That(Texts(Team.Twitter), Is.EqualTo(["one"]));
        Assert.That(PostCalls, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_is_of_no_more_use_is_not_posted_late_and_holds_up_nothing(CancellationToken cancellationToken)
    {
        Server.Faults.Down = true;
        var soon = Instant.FromDateTimeOffset(Clock.GetUtcNow()) + Duration.FromMinutes(5);
        var old = await SendAsync(soon, (Team.Twitter, "of use for five minutes"));
        await SendAsync((Team.Twitter, "of use for ever"));
        await TriedAsync(old[0], 1, cancellationToken);
        Clock.Advance(TimeSpan.FromMinutes(10));
        Server.Faults.Down = false;
        await AllEndedAsync(cancellationToken);

        Assert.That(Texts(Team.Twitter), Is.EqualTo(["of use for ever"]));
        Assert.That(await CountAsync($"id = '{old[0]}' and state = 4 and post_id is null"), Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_post_that_fails_holds_back_its_channel_and_no_other(CancellationToken cancellationToken)
    {
        Server.Faults.Add(new Fault(r => IsPost(r) && r.Body.Contains("first", StringComparison.Ordinal), new FaultKind.DropBefore(), int.MaxValue));
        var ids = await SendAsync((Team.Twitter, "first"), (Team.Twitter, "second"), (Team.ProductManagement, "elsewhere"));
        await UntilAsync(() => Task.FromResult(Texts(Team.ProductManagement).Count > 0), "the other channel has its post", cancellationToken);
        await TriedAsync(ids[0], 4, cancellationToken);
        Assert.That(Texts(Team.Twitter), Is.Empty);

        Server.Faults.Clear();
        await AllEndedAsync(cancellationToken);
        Assert.That(Texts(Team.Twitter), Is.EqualTo(["first", "second"]));
        Assert.That(Texts(Team.ProductManagement), Is.EqualTo(["elsewhere"]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_cannot_succeed_is_parked_told_once_and_sent_when_somebody_says_so(CancellationToken cancellationToken)
    {
        await SendAsync((Team.TownSquare, "before the invitation"));
        await AllEndedAsync(cancellationToken);
        Assert.That(await CountAsync("state = 3"), Is.EqualTo(1));
        Assert.That(Texts(Team.TownSquare), Is.Empty);
        ChatUser[] admins = [Team.Katie, Team.Adam];
        var reports = admins.Select(a => Server.Direct(a, Team.BotUser)).ToList();
        Assert.That(reports, Has.All.Count.EqualTo(1));

        // The next one is not held up by it.
        Server.Join(Team.TownSquare, Team.BotUser);
        await SendAsync((Team.TownSquare, "after it"));
        await AllEndedAsync(cancellationToken);
        Assert.That(Texts(Team.TownSquare), Is.EqualTo(["after it"]));

        // Both admins press, one of them twice.
        var answers = new List<string>();
        answers.Add((await Server.PressAsync(Team.Katie, reports[0][0].Id, "Try again")).Text);
        answers.Add((await Server.PressAsync(Team.Katie, reports[0][0].Id, "Try again")).Text);
        answers.Add((await Server.PressAsync(Team.Adam, reports[1][0].Id, "Try again")).Text);
        await AllEndedAsync(cancellationToken);
        Assert.That(Texts(Team.TownSquare), Is.EqualTo(["after it", "before the invitation"]));
        Assert.That(answers.Count(a => a.Contains("I am trying it again", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(admins.Select(a => Server.Direct(a, Team.BotUser)), Has.All.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_post_that_was_made_and_then_parked_is_not_made_again_by_the_button(CancellationToken cancellationToken)
    {
        // Made, the answer lost; then the bot is thrown out, so that it cannot even look.
        Server.Faults.Add(new Fault(
            request =>
            {
                if (IsPost(request))
                {
                    KeepUnknown();
                }

                return IsPost(request);
            },
            new FaultKind.DropAfter()));
        var ids = await SendAsync((Team.Twitter, "one"));
        await TriedAsync(ids[0], 1, cancellationToken);
        Server.Leave(Team.Twitter, Team.BotUser);
        Server.Faults.Clear();
        await UntilAsync(async () => await CountAsync("state = 3") == 1, "it is parked", cancellationToken);
        Server.Join(Team.Twitter, Team.BotUser);
        Clock.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => Task.FromResult(Server.Direct(Team.Katie, Team.BotUser).Count == 1), "an admin is told", cancellationToken);
        await Server.PressAsync(Team.Katie, Server.Direct(Team.Katie, Team.BotUser)[0].Id, "Try again");
        await AllEndedAsync(cancellationToken);

        Assert.That(Texts(Team.Twitter), Is.EqualTo(["one"]));
        Assert.That(await CountAsync($"id = '{ids[0]}' and state = 2"), Is.EqualTo(1));
    }

    /// <summary>Sends to two channels and a person, and looks how it arrived.</summary>
    private async Task PlayAsync(CancellationToken cancellationToken)
    {
        ChatChannel[] channels = [Team.Twitter, Team.ProductManagement];
        await SendAsync([.. Enumerable.Range(0, Each).SelectMany(n => channels.Select(c => (c, $"{n}")))]);
        await Store.ExecuteAsync(
            transaction =>
            {
                for (var n = 0; n < Each; n++)
                {
                    Outbox.Add(transaction, Team.Team.Id, new Content.Direct(Team.Sam.Id, $"{n}", null));
                }

                return true;
            },
            cancellationToken);
        await AllEndedAsync(cancellationToken, hurry: true);

        Assert.That(await CountAsync("state = 2"), Is.EqualTo(3 * Each));
        var expected = Enumerable.Range(0, Each).Select(n => $"{n}");
        Assert.Multiple(() =>
        {
            Assert.That(Texts(channels[0]), Is.EqualTo(expected));
            Assert.That(Texts(channels[1]), Is.EqualTo(expected));
            Assert.That(Texts(Server.DirectChannel(Team.Sam, Team.BotUser)), Is.EqualTo(expected));
        });
    }
}
