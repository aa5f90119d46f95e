using NUnit.Framework;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>What changes while Mattermost is asked: the outcome reaches whoever is the reporter when it is recorded.</summary>
[Engines]
internal sealed class OutcomeRaceTests : RequestTeam
{
    [Test]
    public async Task A_reporter_who_came_meanwhile_and_does_not_see_the_post_is_told_directly()
    {
        var nina = Server.AddUser("nina.new", "Nina", "New");
        Server.Join(Team.TownSquare, nina);
        await FileAsync(Team.Adam, "Raced outcome");
        await TypeAsync(Team.Adam, "/cr-assign decide 1 near term");
        var changed = 0;
        Meddle = async (http, next) =>
        {
            if (http.Request.Path.Value!.EndsWith($"/channels/{Team.ProductManagement.Id}/members/{Team.Sam.Id}", StringComparison.Ordinal) && Interlocked.Exchange(ref changed, 1) == 0)
            {
                Assert.That((await Server.TypeAsync(Team.Adam, Team.ProductManagement, "/cr-assign edit 1 reporter @nina.new")).Text, Does.Contain("nina.new"));
            }

            await next(http);
        };
        Assert.That(await TypeAsync(Team.Adam, "/cr-assign process 1"), Does.Contain("nina.new is told."));
        Assert.That(changed, Is.EqualTo(1));
        Assert.That(Server.Direct(Team.BotUser, nina).Select(p => p.Message), Has.Some.Contains("Raced outcome").And.Some.Contains("Planned: Near Term"));
        Assert.That(Texts(Team.ProductManagement), Has.None.Contains("@nina.new"), "a mention that she does not see tells her nothing");
    }
}
