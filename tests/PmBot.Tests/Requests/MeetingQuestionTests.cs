using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Requests;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>What of the requests belongs on the PM sync's agenda by itself.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class MeetingQuestionTests : RequestTeam
{
    [Test]
    public async Task What_is_nobody_s_and_not_obvious_is_in_it_with_the_reason()
    {
        await TypeAsync(Team.Katie, "/cr-assign area set Cloud @katie.w --keywords \"helm, saml\"");
        await TypeAsync(Team.Katie, "/cr-assign area set Plugins @aaron.r --keywords plugins");
        await FileAsync(null, "Helm chart", "Dark | mode", "SAML for plugins", "Snoozed");
        await FileAsync(Team.Adam, "Somebody's");
        await TypeAsync(Team.Katie, "/cr-assign snooze 4 2026-12-03");
        await GoToAsync("2026-12-02 08:00");
        Assert.That(await AskAsync(), Is.EqualTo(
        [
            new RequestForMeeting(2, "Dark | mode", "No area's keywords stand in it. Not obvious."),
            new RequestForMeeting(3, "SAML for plugins", "Fits two areas: Cloud (katie.w), Plugins (aaron.r). Not obvious."),
        ]));
        await GoToAsync("2026-12-03 08:00");
        Assert.That((await AskAsync()).Select(r => r.Number), Is.EqualTo([2, 3, 4]), "the snoozed one is back on its date");
    }

    [Test]
    public async Task What_somebody_queued_is_in_it_with_who_and_why_until_it_is_decided()
    {
        await TypeAsync(Team.Katie, "/cr-assign area set Cloud @katie.w --keywords helm");
        await FileAsync(Team.Adam, "One", "Two");
        await FileAsync(null, "Helm chart", "Snoozed helm");
        await TypeAsync(Team.Sam, "/cr-assign discuss 1 pricing | is unclear");
        await TypeAsync(Team.Adam, "/cr-assign discuss 2");
        await TypeAsync(Team.Katie, "/cr-assign discuss 3");
        await TypeAsync(Team.Katie, "/cr-assign snooze 4 2026-12-24");
        await TypeAsync(Team.Katie, "/cr-assign discuss 4 before Christmas");
        Assert.That((await AskAsync()).Select(r => $"{r.Number} {r.Why}"), Is.EqualTo(
        [
            "1 Queued by sam.sales: pricing \\| is unclear.", "2 Queued by adam.c.", "3 Queued by katie.w.", "4 Queued by katie.w: before Christmas.",
        ]));
        await TypeAsync(Team.Katie, "/cr-assign decide 1 future");
        await TypeAsync(Team.Katie, "/cr-assign close 2 v7.10");
        await TypeAsync(Team.Katie, "/cr-assign discuss 3 off");
        Assert.That((await AskAsync()).Select(r => r.Number), Is.EqualTo([4]));
    }

    private Task<IReadOnlyList<RequestForMeeting>> AskAsync() =>
        Team.Bot.GetRequiredService<RequestQuestions>().ForMeetingAsync(Team.Team.Id, Patience);
}
