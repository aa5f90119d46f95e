using System.Text.Json;
using NUnit.Framework;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>When and where requests are called to mind, as an admin sets it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class ReminderSettingsTests : RequestTeam
{
    [Test]
    public async Task Each_change_says_what_is_so_now_when_it_is_due_and_how_to_undo_it()
    {
        Assert.That(await SetAsync("schedule.decisions friday 16:30"), Is.EqualTo(
            "PMs are reminded of their requests without a decision every Friday at 16:30 (America/Los_Angeles), next on **Fri, Nov 27, 16:30 PST**. "
            + "Undo: `/pm-rotation set schedule.decisions monday 09:05`"));
        Assert.That(await SetAsync("schedule.unassigned WED 7am"), Is.EqualTo(
            "Whoever is on duty is told every Wednesday at 07:00 (America/Los_Angeles) which requests are still nobody's, next on **Wed, Dec 2, 07:00 PST**. "
            + "Undo: `/pm-rotation set schedule.unassigned tuesday 09:00`"));
        Assert.That(await SetAsync("schedule.zone europe/london"), Is.EqualTo(
            "The reminders keep to the clocks of Europe/London. Requests without a decision: next on **Fri, Nov 27, 16:30 GMT**. "
            + "Requests without an owner: next on **Wed, Dec 2, 07:00 GMT**. Dates of requests are told in that zone, too. Undo: `/pm-rotation set schedule.zone America/Los_Angeles`"));
        Assert.That(await SetAsync("channel.reminders ~twitter"), Is.EqualTo(
            "Reminders of requests are posted in ~twitter, next on **Fri, Nov 27, 16:30 GMT**. Undo: `/pm-rotation set channel.reminders default`"));
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation settings"), Does.Contain(
            "| schedule.decisions | every Friday at 16:30 |\n| schedule.unassigned | every Wednesday at 07:00 |\n| schedule.zone | Europe/London |\n| channel.reminders | ~twitter |\n"));
        Assert.That(await SetAsync("schedule.decisions off"), Is.EqualTo(
            "PMs are not reminded of their requests without a decision any more, unless somebody types `/cr-assign remind`. Undo: `/pm-rotation set schedule.decisions friday 16:30`"));
        Assert.That(await SetAsync("schedule.unassigned off"), Does.Contain("`/cr-assign list unassigned`").And.EndWith("Undo: `/pm-rotation set schedule.unassigned wednesday 07:00`"));
        Assert.That(await SetAsync("channel.reminders default"), Is.EqualTo(
            "Reminders of requests are posted in the channel that is `channel.pm`, when somebody asks for one; on schedule they are off. Undo: `/pm-rotation set channel.reminders ~twitter`"));
        Assert.That(await SetAsync("schedule.zone default"), Does.Contain("Requests without a decision: off. Requests without an owner: off."));
        Assert.That(await SetAsync("schedule.decisions default"), Does.Contain("every Monday at 09:05").And.EndWith("`/pm-rotation set schedule.decisions off`"));
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation settings"), Does.Contain(
            "| schedule.decisions | every Monday at 09:05 |\n| schedule.unassigned | off |\n| schedule.zone | America/Los_Angeles |\n"
            + "| channel.reminders | ~product-management (as `channel.pm`) |\n"));
    }

    [Test]
    public async Task A_change_is_audited_and_what_is_no_change_is_refused()
    {
        await SetAsync("schedule.decisions friday 16:30");
        await SetAsync("schedule.zone UTC");
        Assert.That(await SetAsync("schedule.decisions fri 4:30pm"), Does.StartWith("That is how it is"));
        Assert.That(await SetAsync("schedule.unassigned default"), Does.StartWith("That is how it is"));
        Assert.That(await SetAsync("schedule.zone utc"), Does.StartWith("That is how it is"));
        Assert.That(await SetAsync("channel.reminders default"), Does.StartWith("That is how it is"));
        Assert.That(await SetAsync("schedule.decisions whenever"), Does.StartWith("`whenever` is no weekday and time. Write it like `monday 09:05`, or `off`, or `default`."));
        Assert.That(await SetAsync("schedule.zone Springfield"), Does.StartWith("`Springfield` is no time zone that I know."));
        Assert.That(await SetAsync("channel.reminders ~town-square"), Does.StartWith("I am no member of ~town-square."));
        Assert.That(await TypeAsync(Team.Adam, "/pm-rotation set schedule.decisions off"), Does.StartWith("Only admins may change settings"));
        var audit = await Store.ReadAsync(
            t => TestEngine.Current.Rows(t, ["workspace_id", "actor_id", "subject", "action", "before", "after"], "audit order by id"), Patience);
        var (team, katie) = (Team.Team.Id, Team.Katie.Id);
        Assert.That(audit.Select(a => JsonSerializer.Deserialize<string?[]>(a)), Is.EqualTo(new List<string?[]>
        {
            new[] { team, katie, "workspace", "set schedule.decisions", "monday 09:05", "friday 16:30" },
            new[] { team, katie, "workspace", "set schedule.zone", "America/Los_Angeles", "UTC" },
        }));
    }

    [Test]
    public async Task A_time_moved_before_it_was_said_is_said_at_the_new_time_only()
    {
        await FileAsync(Team.Adam, "One");
        await GoToAsync("2026-11-30 08:00");
        Assert.That(await SetAsync("schedule.decisions monday 10:00"), Does.Contain("next on **Mon, Nov 30, 10:00 PST**"));
        await GoToAsync("2026-11-30 09:30");
        Assert.That(Reminders(), Is.Empty);
        await GoToAsync("2026-11-30 10:00");
        Assert.That(Reminders(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_time_moved_to_earlier_than_now_is_next_week_s()
    {
        await FileAsync(Team.Adam, "One");
        await GoToAsync("2026-11-30 08:00");
        Assert.That(await SetAsync("schedule.decisions monday 07:00"), Does.Contain("next on **Mon, Dec 7, 07:00 PST**"));
        await GoToAsync("2026-11-30 12:00");
        Assert.That(Reminders(), Is.Empty);
        await GoToAsync("2026-12-07 07:00");
        Assert.That(Reminders(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_was_said_today_is_not_said_again_today()
    {
        await FileAsync(Team.Adam, "One");
        await GoToAsync("2026-11-30 09:05");
        Assert.That(await SetAsync("schedule.decisions monday 10:00"), Does.Contain("next on **Mon, Dec 7, 10:00 PST**"));
        Assert.That(await SetAsync("schedule.decisions off"), Does.StartWith("PMs are not reminded"));
        Assert.That(await SetAsync("schedule.decisions monday 11:00"), Does.Contain("next on **Mon, Dec 7, 11:00 PST**"));
        Assert.That(await SetAsync("schedule.zone Pacific/Honolulu"), Does.Contain("Requests without a decision: next on **Mon, Dec 7, 11:00 HST**"));
        await GoToAsync("2026-11-30 13:30");
        Assert.That(Reminders(), Has.Count.EqualTo(1));
        Assert.That(await SetAsync("schedule.decisions tuesday 10:00"), Does.Contain("next on **Tue, Dec 1, 10:00 HST**"), "another day is another day");
        await GoToAsync("2026-12-01 10:00", "Pacific/Honolulu");
        Assert.That(Reminders(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_is_off_is_quiet_and_comes_back()
    {
        await FileAsync(Team.Adam, "One");
        await FileAsync(null, "Two");
        await SetAsync("schedule.decisions off");
        await SetAsync("schedule.unassigned off");
        await GoToAsync("2026-12-03 09:00");
        Assert.That(OfRequests(), Is.Empty);
        await SetAsync("schedule.decisions default");
        await SetAsync("schedule.unassigned default");
        await GoToAsync("2026-12-07 09:05");
        await GoToAsync("2026-12-08 09:00");
        Assert.That(Reminders(), Has.Count.EqualTo(1));
        Assert.That(OfRequests(), Has.Count.EqualTo(2));

        List<string> OfRequests() => [.. Texts(Team.ProductManagement).Where(t => t.Contains("CR-", StringComparison.Ordinal))];
    }

    [Test]
    public async Task They_are_posted_in_the_channel_that_was_set()
    {
        await FileAsync(Team.Adam, "One");
        await FileAsync(null, "Two");
        await SetAsync("channel.reminders ~twitter");
        await GoToAsync("2026-11-30 09:05");
        await GoToAsync("2026-12-01 09:00");
        Assert.That(Texts(Team.Twitter), Has.Count.EqualTo(2));
        Assert.That(Texts(Team.ProductManagement), Is.Empty);
        Assert.That(await TypeAsync(Team.Adam, "/cr-assign remind"), Is.EqualTo("Posted in ~twitter."));

        // That channel goes away: the admins hear of the setting that names it.
        Server.DeleteChannel(Team.Twitter);
        await GoToAsync("2026-12-07 09:05");
        Assert.That(Server.Direct(Team.BotUser, Team.Sam).Select(p => p.Message), Has.Some.Contains("`/pm-rotation set channel.reminders ~channel`"));
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation settings"), Does.Contain("| channel.reminders | a channel that I cannot see any more |"));
    }

    [Test]
    public async Task The_wall_clock_time_stays_when_the_clocks_change(
        [Values("America/Los_Angeles", "Europe/London", "Australia/Lord_Howe")] string zone, [Values("2027-03-01", "2027-10-25")] string from)
    {
        if (zone != "America/Los_Angeles")
        {
            await SetAsync($"schedule.zone {zone}");
        }

        await FileAsync(Team.Adam, "One");
        var first = NodaTime.Text.LocalDatePattern.Iso.Parse(from).Value;
        await GoToAsync($"{first.PlusDays(-1):uuuu-MM-dd} 12:00", zone);
        var told = Reminders().Count;
        for (var week = 0; week < 7; week++)
        {
            var monday = first.PlusWeeks(week);
            await GoToAsync($"{monday:uuuu-MM-dd} 09:04", zone);
            Assert.That(Reminders(), Has.Count.EqualTo(told + week), $"{monday} 09:04");
            await GoToAsync($"{monday:uuuu-MM-dd} 09:05", zone);
            Assert.That(Reminders(), Has.Count.EqualTo(told + week + 1), $"{monday} 09:05");
            Assert.That(Reminders()[^1], Does.Not.Contain("This was for"));
        }
    }

    private Task<string> SetAsync(string text) => TypeAsync(Team.Katie, $"/pm-rotation set {text}");
}
