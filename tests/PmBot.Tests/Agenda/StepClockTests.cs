using NUnit.Framework;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Agenda;

/// <summary>On Fridays owners of open action steps hear once what is due, at a time that is a setting.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class StepClockTests : StepTeam
{
    private Task<string> NoteAsync(string owner, string text, string due) => TypeAsync(Team.Katie, $"/agenda action 1 @{owner} {text} --due {due}");

    private Task<string> SetAsync(string value) => TypeAsync(Team.Katie, $"/pm-rotation set schedule.actions {value}");

    private async Task AwayUntilAsync(string local)
    {
        await Team.StopBotAsync();
        Clock.MoveTo(At(local));
        await StartBotAsync();
        await Team.SettledAsync(Patience);
    }

    [Test]
    public async Task Each_owner_hears_in_one_message_what_is_due_within_a_week_or_late()
    {
        await NoteAsync("adam.c", "Late one", "2026-11-26");
        await NoteAsync("adam.c", "In a week", "2026-12-04");
        await NoteAsync("adam.c", "Later", "2026-12-05");
        await NoteAsync("jason.b", "Later too", "2026-12-05");
        await NoteAsync("katie.w", "Mine", "2026-11-27");
        await NoteAsync("aaron.r", "Finished", "2026-11-27");
        await TypeAsync(Team.Aaron, "/agenda done A6");
        await GoToAsync("2026-11-27 09:00");
        Assert.That(Fridays(Team.Adam), Is.EqualTo(
            ["#### Your action steps that are due by Fri, Dec 4\n- A1 Late one, due Thu, Nov 26 (late)\n- A2 In a week, due Fri, Dec 4\nHow one stands: `/agenda update A TEXT`; done: `/agenda done A` or a button"]));
        Assert.That(Fridays(Team.Katie), Has.Count.EqualTo(1), "who noted it themselves is told, for it is due");
        Assert.That(Fridays(Team.Jason).Concat(Fridays(Team.Aaron)), Is.Empty);
        Assert.That(await PressDirectAsync(Team.Adam, "Done: A2"), Does.StartWith("A2 \"In a week\" is done."));

        await GoToAsync("2026-12-04 08:59");
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(1));
        await GoToAsync("2026-12-04 09:00");
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(2));
        Assert.That(Fridays(Team.Adam)[1], Does.Contain("A1 ").And.Contain("A3 ").And.Not.Contain("A2 "));
    }

    [Test]
    public async Task Further_ones_than_ten_are_named_by_the_list()
    {
        foreach (var n in Enumerable.Range(1, 13))
        {
            await NoteAsync("adam.c", $"Step {n}", "2026-11-27");
        }

        await GoToAsync("2026-11-27 09:00");
        var told = Told(Team.Adam)[^1];
        Assert.That(told.Message, Does.Contain("- A10 ").And.Contain("\nand 3 more: `/agenda actions @adam.c`\n").And.Not.Contain("- A11 "));
        Assert.That(told.Actions.Select(a => a.Name), Is.EqualTo(Enumerable.Range(1, 10).Select(n => $"Done: A{n}")));
    }

    [Test]
    public async Task It_comes_once_with_two_alarms_and_after_a_restart()
    {
        await NoteAsync("adam.c", "Ask Sales", "2026-11-27");
        await GoToAsync("2026-11-27 09:00");
        await Task.WhenAll(RunStepClockAsync(), RunStepClockAsync());
        await AwayUntilAsync("2026-11-27 09:30");
        await RunStepClockAsync();
        await Team.SettledAsync(Patience);
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Two_that_run_at_the_time_itself_tell_it_once()
    {
        await NoteAsync("adam.c", "Ask Sales", "2026-11-27");
        await Team.StopBotAsync();
        Clock.MoveTo(At("2026-11-27 09:00"));
        await StartBotAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunStepClockAsync()));
        await Team.SettledAsync(Patience);
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_comes_late_says_for_when_it_was_and_after_a_day_it_is_of_no_use()
    {
        await NoteAsync("adam.c", "Ask Sales", "2026-11-27");
        await AwayUntilAsync("2026-11-27 15:00");
        Assert.That(Fridays(Team.Adam).Single(), Does.StartWith("#### Your action steps that are due by Fri, Dec 4\n(for Fri, Nov 27, 09:00 PST)\n- A1 "));
        await AwayUntilAsync("2026-12-05 09:00");
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(1));
        await AwayUntilAsync("2026-12-19 08:59");
        Assert.That(Fridays(Team.Adam)[1], Does.Contain("(for Fri, Dec 18, 09:00 PST)"), "of several weeks the last one may still be of use");
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Accounts_that_are_gone_are_left_out()
    {
        await NoteAsync("adam.c", "Ask Sales", "2026-11-27");
        await NoteAsync("jason.b", "Ask Legal", "2026-11-27");
        Server.Deactivate(Team.Adam);
        await GoToAsync("2026-11-27 09:00");
        Assert.That(Fridays(Team.Jason), Has.Count.EqualTo(1));
        Assert.That(Fridays(Team.Adam), Is.Empty);
    }

    [Test]
    public async Task The_time_is_a_setting_with_a_zone_and_comes_back()
    {
        Assert.That(await SetAsync("thursday 9am europe/london"), Is.EqualTo(
            "The owners of action steps hear every Thursday at 09:00 (Europe/London) what is due, next on **Thu, Nov 26, 09:00 GMT**. Undo: `/pm-rotation set schedule.actions friday 09:00 America/Los_Angeles`"));
        Assert.That(await SetAsync("thu 9:00"), Does.StartWith("That is how it is: `/pm-rotation settings`. Nothing was changed."));
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation settings"), Does.Contain("| schedule.actions | every Thursday at 09:00 (Europe/London) |"));
        await NoteAsync("adam.c", "Ask Sales", "2026-11-27");
        await GoToAsync("2026-11-26 09:00", "Europe/London");
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(1));
        Assert.That(await SetAsync("off"), Does.EndWith("They can see it themselves: `/agenda actions @name`. Undo: `/pm-rotation set schedule.actions thursday 09:00`"));
        Assert.That(await SetAsync("never"), Does.StartWith("That is how it is"));
        await GoToAsync("2026-12-03 09:00", "Europe/London");
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(1));
        Assert.That(await SetAsync("default"), Does.Contain("every Friday at 09:00 (America/Los_Angeles)").And.Contain("next on **Fri, Dec 4, 09:00 PST**"));
        await GoToAsync("2026-12-04 09:00");
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(2));
        foreach (var wrong in new[] { "whenever", "friday", "friday 25:00", "friday 09:00 Springfield", "Europe/London", "off Europe/London" })
        {
            Assert.That(await SetAsync(wrong), Does.StartWith($"`{wrong}` is no weekday and time.").And.Contain("Nothing was changed."), wrong);
        }

        Assert.That(await TypeAsync(Team.Adam, "/pm-rotation set schedule.actions off"), Does.StartWith("Only admins may change settings"));
    }

    [Test]
    public async Task What_was_said_today_is_not_said_again_at_a_later_time_of_today()
    {
        await NoteAsync("adam.c", "Ask Sales", "2026-11-27");
        await GoToAsync("2026-11-27 09:00");
        Assert.That(await SetAsync("friday 11:00"), Does.Contain("next on **Fri, Dec 4, 11:00 PST**"));
        Assert.That(await SetAsync("friday 11:00 Pacific/Honolulu"), Does.Contain("next on **Fri, Dec 4, 11:00 HST**"));
        await GoToAsync("2026-11-27 20:00");
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_time_moved_before_it_was_said_is_said_at_the_new_time_only()
    {
        await NoteAsync("adam.c", "Ask Sales", "2026-11-27");
        await GoToAsync("2026-11-27 08:00");
        Assert.That(await SetAsync("friday 11:00"), Does.Contain("next on **Fri, Nov 27, 11:00 PST**"));
        await GoToAsync("2026-11-27 10:59");
        Assert.That(Fridays(Team.Adam), Is.Empty);
        await GoToAsync("2026-11-27 11:00");
        Assert.That(Fridays(Team.Adam), Has.Count.EqualTo(1));
    }
}
