using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>What the schedule says of requests, to whom, and when it says nothing.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class ReminderTests : RequestTeam
{
    private const string Monday = "2026-11-30 09:05";
    private const string Tuesday = "2026-12-01 09:00";

    [Test]
    public async Task Monday_has_a_line_for_each_pm_with_mention_count_and_the_oldest()
    {
        await FileAsync(Team.Adam, "One", "Two");
        await GoToAsync("2026-11-27 10:00");
        await FileAsync(Team.Jason, "Three");
        await FileAsync(null, "Four");
        await FileAsync(Team.Katie, "Five");
        await TypeAsync(Team.Katie, "/cr-assign decide 5 v7.10");
        await GoToAsync("2026-11-30 09:04");
        Assert.That(Reminders(), Is.Empty);
        await GoToAsync(Monday);
        Assert.That(Reminders(), Is.EqualTo(
        [
            """
            #### Requests without a decision
            - @adam.c: **2**, the oldest for 4 days: CR-1, CR-2
            - @jason.b: **1**, the oldest for 2 days: CR-3

            Please set at least the Fix Version: `/cr-assign decide ID VALUE`. Not now? `/cr-assign snooze ID DATE`. Yours: `/cr-assign list mine`
            """.ReplaceLineEndings("\n"),
        ]));
        await GoToAsync("2026-12-07 09:05");
        Assert.That(Reminders(), Has.Count.EqualTo(2), "and again a week later");
    }

    [Test]
    public async Task Nobody_is_interrupted_who_cannot_act_or_asked_for_it()
    {
        await RotateAsync();
        await FileAsync(Team.Adam, "One");
        await FileAsync(Team.Jason, "Two");
        await FileAsync(Team.Aaron, "Three");
        await FileAsync(Team.Katie, "Four");
        await TypeAsync(Team.Adam, "/pm-rotation away 2026-11-30 2026-12-04");
        await GoToAsync("2026-11-30 09:01");
        Meddle = Deactivated(Team.Jason);
        Clock.MoveTo(At("2026-11-30 09:04").AddMinutes(3));
        await Team.SettledAsync(Patience);
        Assert.That(Lines(), Is.EqualTo(
        [
            "- adam.c (away until Fri, Dec 4): **1**, the oldest for 4 days: CR-1",
            "- jason.b (no account in use any more): **1**, the oldest for 4 days: CR-2",
            "- @aaron.r: **1**, the oldest for 4 days: CR-3",
            "- @katie.w: **1**, the oldest for 4 days: CR-4",
        ]));
        Assert.That(await TypeAsync(Team.Katie, "/cr-assign remind"), Is.EqualTo("Posted in ~product-management."));
        Assert.That(Reminders()[1], Does.Contain("\n- katie.w: **1**").And.Contain("\n- @aaron.r: **1**"));
    }

    [Test]
    public async Task A_snoozed_request_is_quiet_until_its_date_and_back_on_it()
    {
        await FileAsync(Team.Adam, "One", "Two", "Three");
        await FileAsync(null, "Four", "Five");
        await TypeAsync(Team.Adam, "/cr-assign snooze 1 2026-12-01");
        await TypeAsync(Team.Adam, "/cr-assign snooze 2 2026-11-30");
        await TypeAsync(Team.Adam, "/cr-assign snooze 4 2026-12-02");
        await TypeAsync(Team.Adam, "/cr-assign snooze 5 2026-12-01");
        await GoToAsync(Monday);
        Assert.That(Lines(), Is.EqualTo(["- @adam.c: **2**, the oldest for 4 days: CR-2, CR-3"]));
        await GoToAsync(Tuesday);
        Assert.That(Texts(Team.ProductManagement)[^1], Does.Contain("**1 request** is still nobody's").And.Contain("CR-5").And.Not.Contain("CR-4"));
    }

    [Test]
    public async Task More_than_ten_ids_end_in_the_command_that_lists_them()
    {
        await FileAsync(Team.Adam, [.. Enumerable.Range(1, 12).Select(n => $"Wish {n}")]);
        await GoToAsync(Monday);
        Assert.That(Lines().Single(), Does.EndWith("CR-9, CR-10 and 2 more: `/cr-assign list @adam.c`").And.Contain("**12**"));
    }

    [Test]
    public async Task Nothing_to_say_is_not_said()
    {
        await RotateAsync();
        await FileAsync(Team.Adam, "One", "Two");
        await TypeAsync(Team.Adam, "/cr-assign decide 1 won't do");
        await TypeAsync(Team.Adam, "/cr-assign snooze 2 2026-12-24");
        await GoToAsync("2026-11-30 09:04");
        await TypeAsync(Team.Aaron, "/pm-rotation ack");
        var before = await DeliveriesAsync();
        await GoToAsync(Monday);
        await GoToAsync(Tuesday);
        Assert.That(await DeliveriesAsync(), Is.EqualTo(before));
        Assert.That(await TypeAsync(Team.Adam, "/cr-assign remind"), Does.EndWith("Nothing was posted."));
        Assert.That(Logs.Warnings, Is.Empty);
    }

    [Test]
    public async Task Tuesday_goes_to_the_one_on_duty_and_says_what_auto_would_do_and_why_not_the_rest()
    {
        await RotateAsync();
        await TypeAsync(Team.Katie, "/cr-assign area set Cloud @katie.w --keywords \"helm, saml\"");
        await TypeAsync(Team.Katie, "/cr-assign area set Plugins @aaron.r --keywords plugins");
        await FileAsync(null, "Helm chart", "Dark mode", "SAML for plugins");
        await GoToAsync("2026-11-30 09:04");
        Assert.That(
            await TypeAsync(Team.Katie, "/pm-rotation cover 2026-12-01 @jason.b") is { } covered && covered.Contains("jason.b", StringComparison.Ordinal));
        await GoToAsync(Tuesday);
        Assert.That(StillUnassigned(Team.Aaron), Is.Empty, "jason.b covers the shift");
        Assert.That(StillUnassigned(Team.Jason), Is.EqualTo(
        [
            """
            Before the PM sync, **3 requests** are still nobody's, the oldest for 5 days.

            Obvious; `/cr-assign auto` assigns it:
            - CR-1 "Helm chart" → katie.w

            Not obvious; they go to the PM sync unless somebody takes them:
            - CR-2 "Dark mode". No area's keywords stand in it. Not obvious.
            - CR-3 "SAML for plugins". Fits two areas: Cloud (katie.w), Plugins (aaron.r). Not obvious.
            """.ReplaceLineEndings("\n"),
        ]));
    }

    [Test]
    public async Task Where_nobody_is_on_duty_tuesday_goes_to_the_channel()
    {
        await FileAsync(null, "Dark mode");
        await GoToAsync(Tuesday);
        Assert.That(Texts(Team.ProductManagement)[^1], Does.StartWith("Nobody is on duty, so this goes to all. Before the PM sync, **1 request** is still nobody's"));
    }

    [Test]
    public async Task A_long_list_fits_into_one_message_and_names_the_command_for_the_rest()
    {
        await FileAsync(null, [.. Enumerable.Range(1, 17).Select(n => $"{n} {new string('*', 490)}")]);
        await GoToAsync(Tuesday);
        var text = Texts(Team.ProductManagement)[^1];
        Assert.That(text, Does.Contain("**17 requests** are still nobody's").And.EndWith("\nAll of them: `/cr-assign list unassigned`"));
        Assert.That(text, Has.Length.LessThan(16_000));
    }

    [Test]
    public async Task Without_a_channel_the_admins_hear_of_it_and_how_to_set_one()
    {
        await FileAsync(Team.Adam, "One", "Two");
        await FileAsync(null, "Three");
        Server.DeleteChannel(Team.ProductManagement);
        await GoToAsync(Monday);

        // Nobody is configured, so it is who used the bot first.
        Assert.That(Server.Direct(Team.BotUser, Team.Sam).Select(p => p.Message).Where(m => m.Contains("posted nowhere", StringComparison.Ordinal)), Is.EqualTo(
        [
            """
            The reminder of Mon, Nov 30, 09:05 PST was posted nowhere: I can see no channel for it. 2 requests of 1 PM have no decision: `/cr-assign list undecided`
            Invite me to the product managers' channel and say which it is: `/pm-rotation set channel.pm ~channel`. Then post the reminder: `/cr-assign remind`. You want none? `/pm-rotation set schedule.decisions off`
            """.ReplaceLineEndings("\n"),
        ]));
        await GoToAsync(Tuesday);
        Assert.That(
            StillUnassigned(Team.Sam).Single(),
            Does.StartWith("Nobody is on duty, and I can see no channel of the product managers (`/pm-rotation set channel.pm ~channel`), so this goes to you. Before"));
        Assert.That(Logs.Warnings.Select(w => w.Message), Has.Exactly(2).StartsWith("A reminder of workspace"));
        Assert.That(await TypeAsync(Team.Katie, Team.Twitter, "/cr-assign remind"), Does.Contain("`/pm-rotation set channel.pm ~channel`").And.EndWith("Nothing was posted."));
    }

    [Test]
    public async Task Without_a_channel_nobody_hears_days_later_of_what_is_of_no_use_any_more()
    {
        await FileAsync(Team.Adam, "One");
        await FileAsync(null, "Two");
        Server.DeleteChannel(Team.ProductManagement);
        await Team.StopBotAsync();
        Clock.MoveTo(At("2026-12-03 09:00"));
        await StartBotAsync();
        await Team.SettledAsync(Patience);
        Assert.That(
            Server.Direct(Team.BotUser, Team.Sam).Select(p => p.Message),
            Has.None.Contains("posted nowhere").And.None.Contains("Before the PM sync"));
    }

    [Test]
    public async Task Where_the_bot_may_not_post_the_admins_hear_of_the_parked_delivery()
    {
        await FileAsync(Team.Adam, "One");
        Server.Leave(Team.ProductManagement, Team.BotUser);
        await GoToAsync(Monday);
        Assert.That(Reminders(), Is.Empty);
        var told = Server.Direct(Team.BotUser, Team.Sam).Single(p => p.Actions.Any(a => a.Name == "Try again"));
        Assert.That(told.Attachments.Single().Text, Does.Contain("~product-management"));
        Server.Join(Team.ProductManagement, Team.BotUser);
        await Server.PressAsync(Team.Sam, told.Id, "Try again");
        await Team.SettledAsync(Patience);
        Assert.That(Reminders(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_handoff_names_what_is_nobody_s_and_what_has_no_decision([Values("2020", "2021")] string practice)
    {
        await RotateAsync();
        if (practice == "2021")
        {
            await TypeAsync(Team.Katie, "/pm-rotation set practice 2021");
        }

        await FileAsync(null, [.. Enumerable.Range(1, 11).Select(n => $"Wish {n}")]);
        await FileAsync(Team.Adam, "Twelve", "Thirteen");
        await FileAsync(Team.Jason, "Fourteen");
        await GoToAsync("2026-11-30 09:00");
        var handoff = Texts(Team.ProductManagement).Single(t => t.StartsWith("#### PM rotation: week of Mon, Nov 30", StringComparison.Ordinal));
        Assert.That(handoff, Does.Contain(
            "\n| requests without an owner | **11**, the oldest for 4 days: CR-1, CR-2, CR-3, CR-4, CR-5, CR-6, CR-7, CR-8, CR-9, CR-10 and 1 more: `/cr-assign list unassigned` |\n"
            + "| requests without a decision | 3, of 2 PMs: `/cr-assign list undecided` |\n"));
    }

    [Test]
    public async Task The_handoff_is_silent_where_nothing_waits()
    {
        await RotateAsync();
        await FileAsync(Team.Adam, "One");
        await TypeAsync(Team.Adam, "/cr-assign decide 1 v7.10");
        await FileAsync(null, "Two");
        await TypeAsync(Team.Adam, "/cr-assign snooze 2 2026-12-24");
        await GoToAsync("2026-11-30 09:00");
        Assert.That(Texts(Team.ProductManagement).Single(t => t.Contains("week of Mon, Nov 30", StringComparison.Ordinal)), Does.Not.Contain("requests without"));
    }

    /// <summary>Mattermost says that an account is deactivated.</summary>
    private static Func<HttpContext, RequestDelegate, Task> Deactivated(ChatUser user) => async (http, next) =>
    {
        if (http.Request.Path != "/api/v4/users/ids")
        {
            await next(http);
            return;
        }

        var answer = http.Response.Body;
        using var kept = new MemoryStream();
        http.Response.Body = kept;
        await next(http);
        http.Response.Body = answer;
        var users = JsonNode.Parse(kept.ToArray())!.AsArray();
        foreach (var one in users.Where(u => (string?)u!["id"] == user.Id))
        {
            one!["delete_at"] = 1_790_000_000_000;
        }

        http.Response.ContentLength = null;
        await http.Response.WriteAsync(users.ToJsonString());
    };
}
