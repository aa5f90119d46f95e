using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Rotations;
using PmBot.Storage;
using PmBot.Tests.Hosting;

namespace PmBot.Tests.Faults;

/// <summary>Stopping in the middle of work, clocks that go back, and a second bot on the same data.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RestartTests : FaultyTeam
{
    [Test]
    [CancelAfter(120_000)]
    public async Task A_stop_answers_the_commands_and_ends_the_sends_that_are_under_way(CancellationToken cancellationToken)
    {
        var waiting = 0;
        var lookUp = new TaskCompletionSource();
        var send = new TaskCompletionSource();
        Meddle = async (http, next) =>
        {
            if (IsPost(http) || http.Request.Path.Value!.EndsWith("/channels/name/twitter", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref waiting);
                await (IsPost(http) ? send : lookUp).Task;
            }

            await next(http);
        };
        await Team.StopBotAsync();
        await StartBotAsync(Hasty with { Attempt = TimeSpan.FromSeconds(20) });
        var ids = await SendAsync((Team.Twitter, "one"), (Team.Twitter, "two"));
        var typed = Server.TypeAsync(Team.Katie, Team.ProductManagement, "/pm-rotation create \"PM rotation\" --header ~twitter --announce ~twitter");
        await UntilAsync(() => Task.FromResult(waiting == 2), "a send and a command's look-up are under way", cancellationToken);

        var stopping = Team.StopBotAsync();
        await UntilAsync(() => RefusedAsync(), "the bot takes no more requests", cancellationToken);
        lookUp.SetResult();
        var answer = await typed;

        // Only the send holds it now. That it does not end by itself can only be seen by giving it some time to.
        await Task.WhenAny(stopping, Task.Delay(500, cancellationToken));
        Assert.That(stopping.IsCompleted, Is.False);
        send.SetResult();
        await stopping;
        Meddle = null;

        Assert.That(answer.Text, Does.Contain("is made"));
        Assert.That(Texts(Team.Twitter), Does.Contain("one"));
        await StartBotAsync();
        await AllEndedAsync(cancellationToken);
        Assert.That(Texts(Team.Twitter).Where(t => t is "one" or "two"), Is.EqualTo(["one", "two"]));
        Assert.That(await CountAsync($"id = '{ids[0]}' and state = 2 and attempts = 1"), Is.EqualTo(1), "the outcome was recorded before the end");
        var who = await Server.TypeAsync(Team.Katie, Team.ProductManagement, "/pm-rotation settings");
        Assert.That(who.Text, Does.Contain("PM rotation"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_clock_that_goes_back_repeats_nothing([Values] bool restarted, CancellationToken cancellationToken)
    {
        await TypeAsync("create \"PM rotation\" --header ~twitter");
        await TypeAsync("add @adam.c @jason.b @katie.w");
        var monday = Start.AddDays(7).AddMinutes(-1);
        Clock.MoveTo(monday.AddSeconds(1));
        await UntilAsync(() => Task.FromResult(Announcements().Count == 1), "the handoff is announced", cancellationToken);
        await AllEndedAsync(cancellationToken);
        var seen = Server.Posts().Count;

        Clock.Advance(TimeSpan.FromHours(-1));
        if (restarted)
        {
            await Team.StopBotAsync();
            await StartBotAsync();
        }

        await TypeAsync("who");
        Clock.MoveTo(monday.AddSeconds(1));
        await TypeAsync("who");
        Clock.MoveTo(monday.AddMinutes(30));
        await Team.SettledAsync(cancellationToken);
        await AllEndedAsync(cancellationToken);
        Assert.That(Server.Posts(), Has.Count.EqualTo(seen), "nothing is told again");

        // The next week is what it would have been.
        Clock.MoveTo(monday.AddDays(7).AddSeconds(1));
        await UntilAsync(() => Task.FromResult(Announcements().Count > 1), "the next handoff is announced", cancellationToken);
        await AllEndedAsync(cancellationToken);
        Assert.That(Announcements(), Has.Count.EqualTo(2));
        Assert.That(Announcements()[0], Does.Contain("@adam.c is on duty"));
        Assert.That(Announcements()[1], Does.Contain("week of Mon, Dec 14").And.Contain("@jason.b is on duty"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_handoff_moved_to_later_on_its_day_is_not_told_twice(CancellationToken cancellationToken)
    {
        await TypeAsync("create \"PM rotation\"");
        await TypeAsync("add @adam.c @jason.b @katie.w");
        var monday = Start.AddDays(7).AddMinutes(-1);
        Clock.MoveTo(monday.AddSeconds(1));
        await UntilAsync(() => Task.FromResult(Announcements().Count == 1), "the handoff is announced", cancellationToken);
        await TypeAsync("set handoff monday 10:00");
        Clock.MoveTo(monday.AddHours(1).AddSeconds(1));
        await TypeAsync("who");
        await Team.SettledAsync(cancellationToken);
        await AllEndedAsync(cancellationToken);
        Assert.That(Announcements(), Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_the_ledger_has_is_not_told_again_whatever_the_rotation_says(CancellationToken cancellationToken)
    {
        await TypeAsync("create \"PM rotation\"");
        await TypeAsync("add @adam.c @jason.b @katie.w");
        var before = await Store.ReadAsync(t => t.RotationsOf(Team.Team.Id)[0], cancellationToken);
        Clock.MoveTo(Start.AddDays(7));
        await UntilAsync(() => Task.FromResult(Announcements().Count == 1), "the handoff is announced", cancellationToken);
        await AllEndedAsync(cancellationToken);
        var seen = Server.Posts().Count;

        // Rotation and history as they were: only the ledger knows better.
        await Store.ExecuteAsync(
            transaction =>
            {
                var current = transaction.Find(RotationStore.Table, before.Id)!;
                transaction.Save(RotationStore.Table, before with { Version = current.Version });
                transaction.DeleteHistory(before.Id);
                transaction.AfterCommit(() => Team.Bot.GetRequiredService<Alarms>().Set(RotationClock.AlarmKind, before.Id));
                return true;
            },
            cancellationToken);
        await Team.SettledAsync(cancellationToken);
        await AllEndedAsync(cancellationToken);

        Assert.That(Server.Posts(), Has.Count.EqualTo(seen));
        Assert.That(await Store.ReadAsync(t => t.Find(RotationStore.Table, before.Id)!.NextOn, cancellationToken), Is.GreaterThan(before.NextOn));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_second_bot_on_the_same_data_refuses_to_start_and_says_why(CancellationToken cancellationToken)
    {
        var before = Team.Bot;
        Assert.That(async () => await StartBotAsync(), Throws.InstanceOf<StoreRefusedException>());
        Assert.That(Team.Bot, Is.SameAs(before));

        // The program itself, as an operator sees it.
        var (code, _, error) = await PmBotProgram.RunAsync(
            Team.Settings.ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value, StringComparer.Ordinal), AppContext.BaseDirectory, cancellationToken);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("pmbot.db").And.Not.Contain("   at "), "a sentence, not a stack trace");

        // The first one goes on.
        await SendAsync((Team.Twitter, "still here"));
        await AllEndedAsync(cancellationToken);
        Assert.That(Texts(Team.Twitter), Is.EqualTo(["still here"]));
    }

    private List<string> Announcements() =>
        [.. Texts(Team.ProductManagement).Where(t => t.StartsWith("#### PM rotation", StringComparison.Ordinal))];

    private async Task TypeAsync(string text)
    {
        var result = await Server.TypeAsync(Team.Katie, Team.ProductManagement, $"/pm-rotation {text}");
        Assert.That(result.Error, Is.Null, text);
    }

    private async Task<bool> RefusedAsync()
    {
        using var http = new HttpClient();
        try
        {
            using var answer = await http.GetAsync(new Uri($"{Team.BotUrl}/health/live"));
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }
}
