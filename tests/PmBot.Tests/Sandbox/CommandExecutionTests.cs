using System.Text.Json;
using NUnit.Framework;

namespace PmBot.Tests.Sandbox;

/// <summary>Commands over the API, as any account can type them, and where that account is.</summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class CommandExecutionTests : StandInFixture
{
    private const string Path = "/api/v4/commands/execute";

    [Test]
    public async Task A_command_is_typed_by_members_of_the_channel()
    {
        Server.AddCommand(Team, "x", Bot.Url);
        Bot.Answers(new { response_type = "ephemeral", text = "", props = new { proof = new { of = "it" } } });
        var answer = await JsonAsync(PmBot, "POST", Path, new { channel_id = Pm.Id, command = "/x one two" });
        Assert.That(answer.GetProperty("props").GetProperty("proof").GetProperty("of").GetString(), Is.EqualTo("it"));
        Assert.That(Server.EphemeralsOf(PmBot), Is.Empty, "an answer without a text is shown to nobody");
        Assert.That(Bot.Last.Body, Does.Contain("text=one+two").Or.Contain("text=one%20two"));

        Assert.That(await RefusalAsync(PmBot, "POST", Path, new { channel_id = Private.Id, command = "/x" }), Is.EqualTo((403, "api.context.permissions.app_error")));
        Assert.That(await RefusalAsync(PmBot, "POST", Path, new { channel_id = "none", command = "/x" }), Is.EqualTo((403, "api.context.permissions.app_error")));
        Assert.That(await RefusalAsync(PmBot, "POST", Path, new { channel_id = Pm.Id, command = "x" }), Is.EqualTo((400, "api.command.execute_command.start.app_error")));
        Assert.That(await RefusalAsync(PmBot, "POST", Path, new { channel_id = Pm.Id, command = "/" }), Is.EqualTo((400, "api.command.execute_command.start.app_error")));
        Assert.That(await RefusalAsync(PmBot, "POST", Path, new { channel_id = Pm.Id, command = "/y" }), Is.EqualTo((404, "api.command.execute_command.not_found.app_error")));
        Server.DeleteChannel(Pm);
        Assert.That(await RefusalAsync(PmBot, "POST", Path, new { channel_id = Pm.Id, command = "/x" }), Is.EqualTo((400, "api.command.execute_command.deleted.error")));
    }

    [Test]
    public async Task What_the_integration_does_wrong_is_the_server_s_failure()
    {
        Server.AddCommand(Team, "x", Bot.Url);
        Server.AddCommand(Team, "nowhere", "http://127.0.0.1:1");
        Bot.Answers(401, "text/plain", "");
        using var refused = await CallAsync(PmBot, "POST", Path, new { channel_id = Pm.Id, command = "/x" });
        var error = JsonSerializer.Deserialize<JsonElement>(await refused.Content.ReadAsStringAsync());
        Assert.That((int)refused.StatusCode, Is.EqualTo(500));
        Assert.That(error.GetProperty("id").GetString(), Is.EqualTo("api.command.execute_command.failed_resp.app_error"));
        Assert.That(error.GetProperty("message").GetString(), Is.EqualTo("Command with a trigger of 'x' returned response 401 Unauthorized."));
        Assert.That(await RefusalAsync(PmBot, "POST", Path, new { channel_id = Pm.Id, command = "/nowhere" }), Is.EqualTo((500, "api.command.execute_command.failed.app_error")));
    }

    [Test]
    public async Task The_team_is_that_of_the_channel_and_in_direct_messages_the_one_named()
    {
        var other = Server.AddTeam("other");
        Server.Join(Server.AddChannel(other, "elsewhere"), PmBot);
        Server.AddCommand(other, "x", Bot.Url);
        Assert.That(await RefusalAsync(PmBot, "POST", Path, new { channel_id = Pm.Id, team_id = other.Id, command = "/x" }), Is.EqualTo((404, "api.command.execute_command.not_found.app_error")));
        var direct = Server.DirectChannel(PmBot, Adam);
        Bot.Answers(new { text = "hello" });
        Assert.That((await JsonAsync(PmBot, "POST", Path, new { channel_id = direct.Id, team_id = other.Id, command = "/x" })).GetProperty("text").GetString(), Is.EqualTo("hello"));
        Assert.That(await RefusalAsync(Adam, "POST", Path, new { channel_id = direct.Id, team_id = other.Id, command = "/x" }), Is.EqualTo((403, "api.context.permissions.app_error")));
    }

    [Test]
    public async Task An_account_sees_its_teams_and_the_channels_that_it_is_in()
    {
        var other = Server.AddTeam("other");
        var direct = Server.DirectChannel(PmBot, Adam);
        Assert.That(Ids(await JsonAsync(PmBot, "GET", "/api/v4/users/me/teams")), Is.EqualTo(new[] { Team.Id }));
        Assert.That(Ids(await JsonAsync(PmBot, "GET", $"/api/v4/users/me/teams/{Team.Id}/channels")), Is.EquivalentTo(new[] { Pm.Id, Twitter.Id, direct.Id }));
        Server.DeleteChannel(Twitter);
        Assert.That(Ids(await JsonAsync(PmBot, "GET", $"/api/v4/users/me/teams/{Team.Id}/channels")), Is.EquivalentTo(new[] { Pm.Id, direct.Id }));
        Assert.That(await RefusalAsync(PmBot, "GET", $"/api/v4/users/me/teams/{other.Id}/channels"), Is.EqualTo((403, "api.context.permissions.app_error")));
    }

    private static IEnumerable<string?> Ids(JsonElement list) => list.EnumerateArray().Select(item => item.GetProperty("id").GetString());
}
