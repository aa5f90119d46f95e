using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Requests;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>Two teams on one server, served by one bot: neither hears of the other.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class TwoTeamsTests : RequestTeam
{
    private ChatTeam _other = null!;
    private ChatChannel _channel = null!;

    [Test]
    public async Task Requests_areas_lists_reminders_and_questions_stay_in_their_team()
    {
        await AddOtherAsync();
        await TypeAsync(Team.Katie, "/cr-assign area set Cloud @katie.w --keywords helm");
        await FileAsync(Team.Adam, "Ours one");
        await FileAsync(null, "Ours helm", "Ours unclear");
        Assert.That(await TypeAsync(Team.Jason, _channel, "/cr-assign new Theirs helm"), Does.StartWith("CR-1 ").And.Contain("No areas are set up"), "their own numbers and areas");
        await TypeAsync(Team.Jason, _channel, "/cr-assign take 1");
        await TypeAsync(Team.Jason, _channel, "/cr-assign new Theirs unclear");
        await TypeAsync(Team.Jason, _channel, "/cr-assign discuss 1 theirs only");

        Assert.That(await TypeAsync(Team.Jason, _channel, "/cr-assign areas"), Does.Contain("No areas are set up yet"));
        foreach (var (channel, own, foreign, count) in new[] { (Team.ProductManagement, "Ours", "Theirs", 3), (_channel, "Theirs", "Ours", 2) })
        {
            var user = channel == _channel ? Team.Jason : Team.Katie;
            foreach (var text in (string[])["list", "list unassigned", "list all", "auto --dry-run", "stats", "1"])
            {
                Assert.That(await TypeAsync(user, channel, $"/cr-assign {text}"), Does.Not.Contain(foreign), $"{text} in {channel.Name}");
            }

            Assert.That(await TypeAsync(user, channel, "/cr-assign"), Does.Contain(own).And.Contain($"**Open requests**: {count}"));
        }

        Assert.That(await TypeAsync(Team.Jason, _channel, "/cr-assign 3"), Does.StartWith("There is no CR-3"));
        Assert.That(await TypeAsync(Team.Jason, _channel, "/cr-assign list mine"), Does.Contain("Theirs helm"));
        Assert.That(await TypeAsync(Team.Jason, "/cr-assign list mine"), Does.Not.Contain("Theirs"));

        var questions = Team.Bot.GetRequiredService<RequestQuestions>();
        Assert.That((await questions.ForMeetingAsync(Team.Team.Id, Patience)).Select(r => r.Title), Is.EqualTo(["Ours unclear"]));
        Assert.That((await questions.ForMeetingAsync(_other.Id, Patience)).Select(r => r.Title), Is.EqualTo(["Theirs helm", "Theirs unclear"]));

        await GoToAsync("2026-11-30 09:05");
        Assert.That(Reminders().Single(), Does.Contain("- @adam.c: **1**, the oldest for 4 days: CR-1\n").And.Not.Contain("jason.b"));
        Assert.That(Reminders(_channel).Single(), Does.Contain("- @jason.b: **1**, the oldest for 4 days: CR-1\n").And.Not.Contain("adam.c"));
        await GoToAsync("2026-12-01 09:00");
        Assert.That(Texts(Team.ProductManagement)[^1], Does.Contain("**2 requests**").And.Not.Contain("Theirs"));
        Assert.That(Texts(_channel)[^1], Does.Contain("**1 request**").And.Contain("Theirs unclear").And.Not.Contain("Ours"));
    }

    [Test]
    public async Task A_team_s_settings_are_its_own()
    {
        await AddOtherAsync();
        await FileAsync(Team.Adam, "Ours");
        await TypeAsync(Team.Jason, _channel, "/cr-assign new Theirs");
        await TypeAsync(Team.Jason, _channel, "/cr-assign take 1");
        await TypeAsync(Team.Katie, "/pm-rotation set schedule.decisions off");
        await GoToAsync("2026-11-30 09:05");
        Assert.That(Reminders(), Is.Empty);
        Assert.That(Reminders(_channel), Has.Count.EqualTo(1));
    }

    private async Task AddOtherAsync()
    {
        _other = Server.AddTeam("other", "Other");
        _channel = Server.AddChannel(_other, "product-management", "Product Management");
        Server.Join(_channel, Team.Jason, Team.BotUser);
        Settings["Mattermost:CommandTokens:cr-assign:1"] = Server.AddCommand(_other, "cr-assign", $"{Team.BotUrl}/mattermost/commands/cr-assign");
        await Team.StopBotAsync();
        await StartBotAsync();
    }
}
