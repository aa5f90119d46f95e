using NUnit.Framework;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>The right person is told the right thing once, and nobody of their own doing; who may do what, where the transcripts do not show it.</summary>
[Engines]
internal sealed class WhoIsToldTests : RequestTeam
{
    [SetUp]
    public Task MakeRosterAsync() => RotateAsync();

    [Test]
    public async Task Whoever_was_given_a_request_may_go_on_with_it_in_a_roster_or_not()
    {
        await FileAsync(null, "Dark mode");
        Assert.That(await TypeAsync(Team.Sam, "/cr-assign snooze 1 next week"), Does.StartWith("Only product managers may snooze requests"));
        await TypeAsync(Team.Katie, "/cr-assign 1 @sam.sales");
        Assert.That(await TypeAsync(Team.Sam, "/cr-assign decide 1 v7.10"), Does.Contain("is decided: **v7.10**"));
        Assert.That(await TypeAsync(Team.Sam, "/cr-assign unassign 1"), Does.Contain("is nobody's now"));
        Assert.That(await TypeAsync(Team.Sam, "/cr-assign take 1"), Does.StartWith("Only product managers may assign requests"));
    }

    [Test]
    public async Task Whoever_filed_a_request_for_another_may_correct_it()
    {
        await TypeAsync(Team.Sam, "/cr-assign new Dark mode --reporter @adam.c");
        Assert.That(await TypeAsync(Team.Sam, "/cr-assign edit 1 title Dark theme"), Does.StartWith("The title of CR-1 is \"Dark theme\" now"));
        await TypeAsync(Team.Katie, "/cr-assign new Another --reporter @adam.c");
        Assert.That(await TypeAsync(Team.Sam, "/cr-assign edit 2 title Mine"), Does.StartWith("Only product managers may edit a request that others filed"));
    }

    [Test]
    public async Task A_request_sleeps_a_year_at_most()
    {
        await FileAsync(Team.Adam, "Dark mode");
        Assert.That(await TypeAsync(Team.Adam, "/cr-assign snooze 1 2027-11-26"), Does.Contain("more than a year away").And.Contain("Nothing was changed."));
        Assert.That(await TypeAsync(Team.Adam, "/cr-assign snooze 1 2027-11-25"), Does.Contain("is off the reminders until"));
    }

    [Test]
    public async Task A_reporter_who_is_given_their_own_request_hears_of_it_once_and_so_when_it_is_opened_again()
    {
        await TypeAsync(Team.Katie, "/cr-assign new Dark mode --reporter @adam.c");
        var before = ToAdam();
        await TypeAsync(Team.Katie, "/cr-assign 1 @adam.c");
        Assert.That(ToAdam().Skip(before.Count), Has.One.Items.And.All.StartsWith("CR-1 \"Dark mode\" is yours now"));
        await TypeAsync(Team.Adam, "/cr-assign decide 1 won't do");
        await TypeAsync(Team.Adam, "/cr-assign close 1");
        Assert.That(ToAdam(), Has.Count.EqualTo(before.Count + 1), "nobody is told of their own doing");
        await TypeAsync(Team.Katie, "/cr-assign reopen 1");
        Assert.That(ToAdam().Skip(before.Count + 1), Has.One.Items.And.All.StartsWith("CR-1 \"Dark mode\" is open again"));
    }

    [Test]
    public async Task Whoever_processes_their_own_request_is_neither_mentioned_nor_said_to_be_told()
    {
        await TypeAsync(Team.Adam, "/cr-assign new Dark mode");
        await TypeAsync(Team.Adam, "/cr-assign take 1");
        Assert.That(await TypeAsync(Team.Adam, "/cr-assign decide 1 near term"), Does.Not.Contain("is told"));
        Assert.That(await TypeAsync(Team.Adam, "/cr-assign process 1"), Does.Not.Contain("is told"));
        var told = Server.Posts(Team.ProductManagement)[^1];
        Assert.That((told.RootId.Length, told.Message), Is.EqualTo((26, "CR-1 \"Dark mode\": the outcome is **Planned: Near Term**. Handled by adam.c. More: `/cr-assign 1`")));
    }

    [Test]
    public async Task Owners_hear_of_their_areas_and_a_channel_without_the_bot_is_none()
    {
        var before = ToAdam();
        await TypeAsync(Team.Katie, "/cr-assign area set Mobile @adam.c @katie.w --keywords ios");
        await TypeAsync(Team.Katie, "/cr-assign area set Mobile @katie.w @adam.c");
        await TypeAsync(Team.Katie, "/cr-assign area set Mobile @katie.w");
        Assert.That(ToAdam().Skip(before.Count).Select(m => m.Split(':')[0]), Is.EqualTo(["You own **Mobile** now, one of 2", "**Mobile** is yours no longer"]));

        Server.Leave(Team.ProductManagement, Team.BotUser);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.That(await TypeAsync(Team.Katie, "/cr-assign new Dark mode"), Does.Contain("it is announced nowhere").And.Contain("invite me to theirs"));
    }

    private List<string> ToAdam() => [.. Server.Direct(Team.Adam, Team.BotUser).Select(p => p.Message)];
}
