using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Agenda;

/// <summary>A step from a confidential item is read in the private channel and nowhere else.</summary>
[Engines]
internal sealed class StepSecrecyTests : StepTeam
{
    private const string Hidden = "Hush ask Finance";

    [Test]
    public async Task It_stands_in_the_private_channel_only_through_its_whole_life()
    {
        await StartMeetingAsync();
        await TypeAsync(Team.Katie, "/agenda next");
        await TypeAsync(Team.Katie, "/agenda next");
        Assert.That(await TypeAsync(Team.Katie, $"/agenda action @jason.b {Hidden} one"), Does.StartWith("A1, a confidential action step, is jason.b's").And.Not.Contain("Hush"));
        Assert.That(await TypeAsync(Team.Katie, Team.PmPrivate, $"/agenda action P1 @adam.c {Hidden} two"), Does.StartWith($"A2 \"{Hidden} two\" is adam.c's"));
        await PressAsync(Team.Katie, Team.ProductManagement, "Action step…");
        Assert.That((await SubmitAsync(Team.Katie, ("owner", Team.Aaron.Id), ("text", $"{Hidden} three"))).Closed, Is.True);
        Assert.That(Thread(Team.PmPrivate, Secret), Has.Count.EqualTo(3).And.All.Contain(Hidden));
        foreach (var typed in new[] { "update A1 Hush it goes on", "update A1 none", "done A1", "done A1", "reopen A1", "reopen A1" })
        {
            Assert.That(await TypeAsync(Team.Jason, $"/agenda {typed}"), Does.Not.Contain(Hidden), typed);
        }

        Assert.That(await TypeAsync(Team.Katie, "/agenda done A1"), Does.Not.Contain("Hush"));
        await TypeAsync(Team.Katie, "/agenda reopen A1");
        await TypeAsync(Team.Jason, "/agenda update A1 Hush it goes on");
        await PressDirectAsync(Team.Aaron, "Done");
        await TypeAsync(Team.Katie, "/agenda end");
        await GoToAsync("2026-12-04 09:00");
        Assert.That(Fridays(Team.Jason).Single(), Does.Contain("- A1, a confidential action step, due Wed, Dec 9: it stands in ~pm-private\n"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda minutes"), Does.Contain("- 3 confidential ones"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda actions"), Does.StartWith("#### 2 open action steps\n2 confidential ones: typed in the private channel, this shows them"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda actions @jason.b"), Does.Contain("1 confidential one"));
        Assert.That(await TypeAsync(Team.Katie, Team.PmPrivate, "/agenda actions"), Does.Contain($"A1 {Hidden} one").And.Contain("jason.b: Hush it goes on"));

        // Of all that anybody sees, what is typed and answered in the private channel, and echoed to its author, is left out.
        Assert.That(
            Server.Posts().Where(p => p.ChannelId != Team.PmPrivate.Id && p.UserId == Team.BotUser.Id).SelectMany(p => p.Attachments.Select(a => a.Text).Append(p.Message)),
            Has.None.Contains("Hush"));
        Assert.That(Logs.Lines.Select(l => l.ToString()), Has.None.Contains("Hush"));
        var trail = await Store.ReadAsync(t => t.Query<string>("select coalesce(before, '') || coalesce(after, '') from audit"), Patience);
        Assert.That(trail, Has.None.Contains("Hush"));
    }

    [Test]
    public async Task Only_members_of_the_private_channel_have_to_do_with_it_even_if_they_are_admins()
    {
        await TypeAsync(Team.Jason, Team.PmPrivate, $"/agenda action P1 @adam.c {Hidden}");
        Server.MakeTeamAdmin(Team.Team, Team.Sam);
        Clock.Advance(TimeSpan.FromMinutes(10));
        foreach (var typed in new[] { "update A1 Guess", "done A1", "reopen A1" })
        {
            Assert.That(await TypeAsync(Team.Sam, $"/agenda {typed}"), Does.StartWith("A1 is confidential: sam.sales is no member of ~pm-private. Nothing was changed.").And.Not.Contain("Hush"));
        }

        Assert.That(await TypeAsync(Team.Sam, "/agenda action P1 @adam.c Guess"), Does.StartWith("Only members of ~pm-private have to do with confidential items. Nothing was changed."));
        Assert.That((await StepsAsync()).Single().Updates, Is.Empty);

        // Who leaves the channel leaves its steps, too.
        Server.Leave(Team.PmPrivate, Team.Adam);
        Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.That(await PressDirectAsync(Team.Adam, "Done"), Does.StartWith("A1 is confidential: adam.c is no member of ~pm-private. Nothing was changed."));
        Assert.That(await StepsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Its_owner_is_a_member_of_the_private_channel_typed_or_by_form()
    {
        Assert.That(await TypeAsync(Team.Jason, Team.PmPrivate, "/agenda action P1 @sam.sales Guess"), Does.StartWith("A step from a confidential item cannot be sam.sales's: sam.sales is no member of ~pm-private. Nothing was changed."));
        await StartMeetingAsync();
        await TypeAsync(Team.Katie, "/agenda next");
        await TypeAsync(Team.Katie, "/agenda next");
        await PressAsync(Team.Jason, Team.PmPrivate, "Action step…");
        Assert.That((await SubmitAsync(Team.Jason, ("owner", Team.Sam.Id), ("text", "Guess"))).Errors["owner"], Does.Contain("sam.sales is no member of ~pm-private."));
        Assert.That(await StepsAsync(), Is.Empty);
        Assert.That(Server.Direct(Team.BotUser, Team.Sam).Select(p => p.Message), Has.None.Contains("action step"));
        Assert.That(await PressAsync(Team.Sam, Team.ProductManagement, "Action step…"), Does.StartWith("Only members of the private channel have to do with confidential items. Nothing was changed."));
        Assert.That(await TypeAsync(Team.Sam, "/agenda action"), Does.Contain("only members of the private channel"));
        Assert.That(Server.Dialogs(Team.Sam), Is.Empty);
    }

    [Test]
    public async Task It_does_not_follow_a_private_channel_that_was_changed()
    {
        await TypeAsync(Team.Jason, Team.PmPrivate, $"/agenda action P1 @adam.c {Hidden}");
        ChatChannel other = Server.AddChannel(Team.Team, "pm-other", isPrivate: true);
        Server.Join(other, Team.Katie, Team.Sam, Team.BotUser);
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation set channel.private ~pm-other"), Does.Contain("~pm-other"));
        Assert.That(await TypeAsync(Team.Sam, other, "/agenda actions"), Does.Contain("1 confidential one").And.Not.Contain("Hush"));
        Assert.That(await TypeAsync(Team.Sam, other, "/agenda done A1"), Does.StartWith("A1 is confidential: sam.sales is no member of ~pm-private."));
        Assert.That(await TypeAsync(Team.Katie, Team.PmPrivate, "/agenda done A1"), Does.StartWith($"A1 \"{Hidden}\" is done."));
        Assert.That(Server.Posts(other).Select(p => p.Message), Has.None.Contains("Hush"));
    }
}
