using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Requests;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Faults;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>Each reminder comes once, whatever happens around its time, and not at all when it is of no use any more.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class ReminderFaultTests : FaultyTeam
{
    /// <summary>Monday, 09:05.</summary>
    private static readonly DateTimeOffset Due = Start.AddMinutes(4);

    private IReadOnlyList<string> Reminders =>
        [.. Texts(Team.ProductManagement).Where(t => t.StartsWith("#### Requests without a decision\n", StringComparison.Ordinal))];

    private IReadOnlyList<string> Unassigned => [.. Texts(Team.ProductManagement).Where(t => t.Contains("Before the PM sync", StringComparison.Ordinal))];

    /// <summary>The bot is down until that time, and then does what is due.</summary>
    private async Task AwayUntilAsync(DateTimeOffset back, CancellationToken cancellationToken)
    {
        await Team.StopBotAsync();
        Clock.MoveTo(back);
        await StartBotAsync();
        await EndedAsync(cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_came_due_while_the_bot_was_down_says_for_when_it_was(CancellationToken cancellationToken)
    {
        await FileAsync(cancellationToken);
        await AwayUntilAsync(Due.AddMinutes(55), cancellationToken);
        Assert.That(Reminders.Single(), Does.StartWith("#### Requests without a decision\nThis was for Mon, Nov 30, 09:05 PST.\n- @adam.c: **1**"));
        await AwayUntilAsync(Due.AddDays(1).AddHours(2), cancellationToken);
        Assert.That(Unassigned.Single(), Does.Contain("(This was for Tue, Dec 1, 09:00 PST.) Before the PM sync"));
        Assert.That(Reminders, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_bot_that_was_down_for_days_leaves_out_what_is_of_no_use_any_more(CancellationToken cancellationToken)
    {
        await FileAsync(cancellationToken);
        await AwayUntilAsync(Due.AddDays(2), cancellationToken);
        Assert.That(Reminders, Is.Empty);
        Assert.That(Unassigned, Is.Empty);

        // Of several weeks the last one may still be of use.
        await AwayUntilAsync(Due.AddDays(21).AddHours(1), cancellationToken);
        Assert.That(Reminders.Single(), Does.Contain("\nThis was for Mon, Dec 21, 09:05 PST.\n"));
        Clock.MoveTo(Due.AddDays(28).AddSeconds(1));
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Has.Count.EqualTo(2));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_bot_that_is_killed_while_it_sends_the_reminder_sends_it_once([Values] bool made, CancellationToken cancellationToken)
    {
        await FileAsync(cancellationToken);
        await Team.StopBotAsync();
        Clock.MoveTo(Due.AddSeconds(1));
        await using (var bot = BotProcess.Start(Team))
        {
            if (made)
            {
                // The server has the call and carries it out; the bot never hears of it.
                Server.Faults.Add(new Fault(Kill, new FaultKind.DropAfter(), int.MaxValue));
            }
            else
            {
                Server.Faults.Add(new Fault(Kill, new FaultKind.DropBefore(), int.MaxValue));
            }

            await bot.ExitedAsync(cancellationToken);

            bool Kill(FaultRequest request)
            {
                if (!IsPost(request) || !request.Body.Contains("Requests without a decision", StringComparison.Ordinal))
                {
                    return false;
                }

                bot.Kill();
                return true;
            }
        }

        Server.Faults.Clear();
        Assert.That(Reminders, Has.Count.EqualTo(made ? 1 : 0));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await StartBotAsync();
        await AllEndedAsync(cancellationToken, hurry: true);
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_mattermost_that_is_down_at_the_time_and_back_later_gets_it_once([Values] bool restarted, CancellationToken cancellationToken)
    {
        await FileAsync(cancellationToken);
        if (restarted)
        {
            // Then the bot knows no channel, and has to wait with it until it can ask.
            await Team.StopBotAsync();
        }

        Server.Faults.Down = true;
        Clock.MoveTo(Due.AddSeconds(1));
        if (restarted)
        {
            await StartBotAsync();
        }
        else
        {
            await UntilAsync(async () => await CountAsync("state = 0 and attempts > 0") == 1, "it is tried", cancellationToken);
        }

        await RunAsync(cancellationToken);
        Assert.That(Reminders, Is.Empty);
        Server.Faults.Down = false;
        Clock.MoveTo(Due.AddHours(2).AddMinutes(-5));
        await UntilAsync(() => Task.FromResult(Reminders.Count > 0), "it is posted", cancellationToken);
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Has.Count.EqualTo(1));
        Assert.That(Reminders[0], Does.Contain("@adam.c: **1**"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_token_that_is_refused_for_a_while_does_not_look_like_a_missing_channel(CancellationToken cancellationToken)
    {
        await FileAsync(cancellationToken);
        await Team.StopBotAsync();
        Clock.MoveTo(Due.AddSeconds(1));
        Server.Faults.Add(new Fault(
            call => call.Path.EndsWith("/channels/name/product-management", StringComparison.Ordinal),
            new FaultKind.Status(401, """{"id":"api.context.session_expired.app_error","message":"expired","status_code":401}"""), int.MaxValue));
        await StartBotAsync();
        await RunAsync(cancellationToken);
        Assert.That(await CountAsync("state < 2"), Is.Zero, "nobody is told that there is no channel");

        Server.Faults.Clear();
        Clock.Advance(TimeSpan.FromSeconds(15));
        await UntilAsync(() => Task.FromResult(Reminders.Count > 0), "it is posted", cancellationToken);
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_mattermost_that_is_back_after_days_does_not_get_it_any_more(CancellationToken cancellationToken)
    {
        await FileAsync(cancellationToken);
        Server.Faults.Down = true;
        Clock.MoveTo(Due.AddSeconds(1));
        await UntilAsync(async () => await CountAsync("state = 0 and attempts > 0") == 1, "it is tried", cancellationToken);
        Clock.MoveTo(Due.AddDays(2));
        Server.Faults.Down = false;
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Is.Empty);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Several_runs_at_once_post_it_once(CancellationToken cancellationToken)
    {
        await FileAsync(cancellationToken);
        Clock.MoveTo(Due.AddSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => RunAsync(cancellationToken), cancellationToken)));
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_clock_that_goes_back_repeats_nothing([Values] bool restarted, CancellationToken cancellationToken)
    {
        await FileAsync(cancellationToken);
        Clock.MoveTo(Due.AddSeconds(1));
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Has.Count.EqualTo(1));
        Clock.Advance(TimeSpan.FromHours(-1));
        if (restarted)
        {
            await Team.StopBotAsync();
            await StartBotAsync();
        }

        await RunAsync(cancellationToken);
        Clock.MoveTo(Due.AddSeconds(2));
        await RunAsync(cancellationToken);
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Has.Count.EqualTo(1));
        Clock.MoveTo(Due.AddDays(7).AddSeconds(1));
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Has.Count.EqualTo(2));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_the_ledger_has_is_not_said_again_whatever_the_book_says(CancellationToken cancellationToken)
    {
        await FileAsync(cancellationToken);
        var before = await Store.ReadAsync(t => t.Find(RequestStore.Books, Team.Team.Id)!, cancellationToken);
        Clock.MoveTo(Due.AddSeconds(1));
        await EndedAsync(cancellationToken);
        await Store.ExecuteAsync(
            transaction =>
            {
                transaction.Save(RequestStore.Books, before with { Version = transaction.Find(RequestStore.Books, Team.Team.Id)!.Version });
                transaction.AfterCommit(() => Team.Bot.GetRequiredService<Alarms>().Set(RequestClock.AlarmKind, Team.Team.Id));
                return true;
            },
            cancellationToken);
        await EndedAsync(cancellationToken);
        Assert.That(Reminders, Has.Count.EqualTo(1));
    }

    /// <summary>One request of adam.c's without a decision, and one that is nobody's.</summary>
    private async Task FileAsync(CancellationToken cancellationToken)
    {
        foreach (var text in (string[])["new One", "1 @adam.c", "new Two"])
        {
            var answer = await Server.TypeAsync(Team.Katie, Team.ProductManagement, $"/cr-assign {text}");
            Assert.That(answer.Text, Does.StartWith("CR-"));
        }

        await EndedAsync(cancellationToken);
    }

    /// <summary>Waits until all that is due is done, and delivered.</summary>
    private async Task EndedAsync(CancellationToken cancellationToken)
    {
        await Team.SettledAsync(cancellationToken);
        await AllEndedAsync(cancellationToken);
    }

    private Task RunAsync(CancellationToken cancellationToken) => Team.Bot.GetRequiredService<RequestClock>().RunAsync(Team.Team.Id, cancellationToken);
}
