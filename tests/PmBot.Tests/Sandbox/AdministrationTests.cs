using System.Text.Json;
using NUnit.Framework;

namespace PmBot.Tests.Sandbox;

/// <summary>The stand-in's administration: who may what, what is switched off, and what a real server does that one would not expect.</summary>
internal sealed class AdministrationTests : StandInFixture
{
    [Test]
    public async Task What_only_administrators_may_is_refused_to_others()
    {
        var command = Server.Commands(Team);
        Assert.That(command, Is.Empty);
        var made = await JsonAsync(Server.Admin, "POST", "/api/v4/commands", new { team_id = Team.Id, trigger = "x", method = "P", url = Bot.Url });
        var hook = await JsonAsync(Server.Admin, "POST", "/api/v4/hooks/outgoing", Hook(["#x"]));
        foreach (var (method, path, body, error) in new (string, string, object?, string)[]
        {
            ("GET", "/api/v4/config", null, "api.context.permissions.app_error"),
            ("POST", "/api/v4/bots", new { username = "zz" }, "api.context.permissions.app_error"),
            ("PUT", $"/api/v4/bots/{PmBot.Id}", new { display_name = "zz" }, "api.context.permissions.app_error"),
            ("POST", $"/api/v4/bots/{PmBot.Id}/disable", null, "api.context.permissions.app_error"),
            ("POST", $"/api/v4/bots/{PmBot.Id}/enable", null, "api.context.permissions.app_error"),
            ("GET", $"/api/v4/bots/{PmBot.Id}", null, "store.sql_bot.get.missing.app_error"),
            ("POST", $"/api/v4/users/{PmBot.Id}/tokens", new { description = "d" }, "api.context.permissions.app_error"),
            ("GET", $"/api/v4/users/{PmBot.Id}/tokens", null, "api.context.permissions.app_error"),
            ("POST", "/api/v4/users/tokens/revoke", new { token_id = "x" }, "api.context.permissions.app_error"),
            ("POST", $"/api/v4/teams/{Team.Id}/members", new { user_id = PmBot.Id }, "api.context.permissions.app_error"),
            ("DELETE", $"/api/v4/teams/{Team.Id}/members/{PmBot.Id}", null, "api.context.permissions.app_error"),
            ("POST", "/api/v4/commands", new { team_id = Team.Id, trigger = "y", method = "P", url = Bot.Url }, "api.context.permissions.app_error"),
            ("GET", $"/api/v4/commands?team_id={Team.Id}", null, "api.context.permissions.app_error"),
            ("PUT", $"/api/v4/commands/{made.GetProperty("id")}", new { id = made.GetProperty("id").GetString() }, "store.sql_command.save.get.app_error"),
            ("DELETE", $"/api/v4/commands/{made.GetProperty("id")}", null, "store.sql_command.save.get.app_error"),
            ("POST", "/api/v4/hooks/outgoing", Hook(["#y"]), "api.context.permissions.app_error"),
            ("GET", $"/api/v4/hooks/outgoing?team_id={Team.Id}", null, "api.context.permissions.app_error"),
            ("PUT", $"/api/v4/hooks/outgoing/{hook.GetProperty("id")}", new { id = hook.GetProperty("id").GetString() }, "api.context.permissions.app_error"),
            ("DELETE", $"/api/v4/hooks/outgoing/{hook.GetProperty("id")}", null, "api.context.permissions.app_error"),
        })
        {
            var refused = await RefusalAsync(Adam, method, path, body);
            Assert.That(refused.Error, Is.EqualTo(error), $"{method} {path}");
            Assert.That(refused.Status, Is.EqualTo(error.StartsWith("api.", StringComparison.Ordinal) ? 403 : 404), $"{method} {path}");
        }
    }

    [Test]
    public async Task What_is_switched_off_is_refused_as_the_server_does()
    {
        var made = await JsonAsync(Server.Admin, "POST", "/api/v4/commands", new { team_id = Team.Id, trigger = "x", method = "P", url = Bot.Url });
        Server.AddOutgoingWebhook(Team, Pm, ["#x"], Bot.Url);
        Server.Settings.EnableBotAccountCreation = false;
        Server.Settings.EnableCommands = false;
        Server.Settings.EnableOutgoingWebhooks = false;
        Server.Settings.EnableUserAccessTokens = false;

        Assert.That(await RefusalAsync(Server.Admin, "POST", "/api/v4/bots", new { username = "zz" }), Is.EqualTo((403, "api.bot.create_disabled")));
        Assert.That(await RefusalAsync(Server.Admin, "GET", $"/api/v4/commands?team_id={Team.Id}&custom_only=true"), Is.EqualTo((501, "api.command.disabled.app_error")));
        Assert.That(await RefusalAsync(Server.Admin, "DELETE", $"/api/v4/commands/{made.GetProperty("id")}"), Is.EqualTo((404, "store.sql_command.save.get.app_error")));
        Assert.That(await RefusalAsync(Server.Admin, "GET", $"/api/v4/hooks/outgoing?team_id={Team.Id}"), Is.EqualTo((501, "api.outgoing_webhook.disabled.app_error")));
        Assert.That(await RefusalAsync(Server.Admin, "POST", $"/api/v4/users/{Adam.Id}/tokens", new { description = "d" }), Is.EqualTo((501, "app.user_access_token.disabled")));
        Assert.That((await JsonAsync(Server.Admin, "POST", $"/api/v4/users/{PmBot.Id}/tokens", new { description = "d" })).GetProperty("token").GetString(), Has.Length.EqualTo(26), "bots are exempt");

        Assert.That((await Server.TypeAsync(Adam, Pm, "/x")).Error, Is.EqualTo("Commands have been disabled by the system admin."));
        await Server.TypeAsync(Adam, Pm, "#x something");
        Assert.That(Bot.Requests, Is.Empty);
    }

    [Test]
    public async Task A_webhook_that_is_changed_has_the_token_that_the_change_says()
    {
        var made = await JsonAsync(Server.Admin, "POST", "/api/v4/hooks/outgoing", Hook(["#x"]));
        var (id, token) = (made.GetProperty("id").GetString()!, made.GetProperty("token").GetString()!);
        object Changed(string? secret) => new { id, token = secret, team_id = Team.Id, channel_id = Pm.Id, trigger_words = new[] { "x:" }, trigger_when = 1, callback_urls = new[] { Bot.Url }, content_type = "application/json" };

        var kept = await JsonAsync(Server.Admin, "PUT", $"/api/v4/hooks/outgoing/{id}", Changed(token));
        Assert.That(kept.GetProperty("token").GetString(), Is.EqualTo(token));
        Assert.That(kept.GetProperty("trigger_when").GetInt32(), Is.EqualTo(1));
        await Server.TypeAsync(Adam, Pm, "x:without a space");
        Assert.That(JsonSerializer.Deserialize<JsonElement>(Bot.Last.Body).GetProperty("trigger_word").GetString(), Is.EqualTo("x:"));

        var lost = await JsonAsync(Server.Admin, "PUT", $"/api/v4/hooks/outgoing/{id}", Changed(null));
        Assert.That(lost.GetProperty("token").GetString(), Is.Empty);
    }

    [Test]
    public async Task A_plugin_s_command_can_be_had_twice_and_the_plugin_answers()
    {
        Server.AddPluginCommand(Team, "agenda", "com.mattermost.agenda");
        await JsonAsync(Server.Admin, "POST", "/api/v4/commands", new { team_id = Team.Id, trigger = "agenda", method = "P", url = Bot.Url });

        Assert.That((await Server.TypeAsync(Adam, Pm, "/agenda")).Text, Is.EqualTo("The plugin com.mattermost.agenda answers."));
        Assert.That(Bot.Requests, Is.Empty);
        var all = await JsonAsync(Server.Admin, "GET", $"/api/v4/commands?team_id={Team.Id}&custom_only=false");
        var agenda = all.EnumerateArray().Single(c => c.GetProperty("trigger").GetString() == "agenda");
        Assert.That(agenda.GetProperty("plugin_id").GetString(), Is.EqualTo("com.mattermost.agenda"));
        Assert.That(all.EnumerateArray().Select(c => c.GetProperty("trigger").GetString()), Does.Contain("help"));
        Assert.That(await RefusalAsync(Server.Admin, "POST", "/api/v4/commands", new { team_id = Team.Id, trigger = "help", method = "P", url = Bot.Url }), Is.EqualTo((400, "api.command.duplicate_trigger.app_error")));
    }

    [Test]
    public async Task A_disabled_bot_s_tokens_work_again_once_it_is_enabled()
    {
        var token = (await JsonAsync(Server.Admin, "POST", $"/api/v4/users/{PmBot.Id}/tokens", new { description = "d" })).GetProperty("token").GetString();
        await JsonAsync(Server.Admin, "POST", $"/api/v4/bots/{PmBot.Id}/disable");
        Assert.That(await StatusAsync(token), Is.EqualTo(401));
        await JsonAsync(Server.Admin, "POST", $"/api/v4/bots/{PmBot.Id}/enable");
        Assert.That(await StatusAsync(token), Is.EqualTo(200));
        var id = Server.Tokens(PmBot).Single().Id;
        await JsonAsync(Server.Admin, "POST", "/api/v4/users/tokens/revoke", new { token_id = id });
        Assert.That(await StatusAsync(token), Is.EqualTo(401));
        Assert.That((await RefusalAsync(Server.Admin, "POST", "/api/v4/users/tokens/revoke", new { token_id = id })).Status, Is.EqualTo(404));

        async Task<int> StatusAsync(string? with)
        {
            using var response = await SendAsync(with, "GET", "/api/v4/users/me", null);
            return (int)response.StatusCode;
        }
    }

    [Test]
    public async Task A_command_s_token_can_be_made_anew_and_stays_otherwise()
    {
        var made = await JsonAsync(Server.Admin, "POST", "/api/v4/commands", new { team_id = Team.Id, trigger = "x", method = "P", url = Bot.Url });
        var id = made.GetProperty("id").GetString();
        var updated = await JsonAsync(Server.Admin, "PUT", $"/api/v4/commands/{id}", new { id, team_id = Team.Id, trigger = "y", method = "P", url = Bot.Url + "/y", token = "chosen-by-the-caller-000000" });
        Assert.That(updated.GetProperty("token").GetString(), Is.EqualTo(made.GetProperty("token").GetString()));
        Assert.That(Server.Commands(Team).Single().Trigger, Is.EqualTo("y"));
        var renewed = await JsonAsync(Server.Admin, "PUT", $"/api/v4/commands/{id}/regen_token");
        Assert.That(renewed.GetProperty("token").GetString(), Has.Length.EqualTo(26).And.Not.EqualTo(made.GetProperty("token").GetString()));
    }

    [Test]
    public async Task Whoever_leaves_the_team_leaves_its_channels_and_only_members_of_the_team_come_into_them()
    {
        await JsonAsync(Server.Admin, "DELETE", $"/api/v4/teams/{Team.Id}/members/{PmBot.Id}");
        Assert.That(Server.Members(Pm).Select(u => u.Id), Does.Not.Contain(PmBot.Id));
        Assert.That((await RefusalAsync(Server.Admin, "POST", $"/api/v4/channels/{Pm.Id}/members", new { user_id = PmBot.Id })).Status, Is.EqualTo(404));
        await JsonAsync(Server.Admin, "POST", $"/api/v4/teams/{Team.Id}/members", new { team_id = Team.Id, user_id = PmBot.Id });
        await JsonAsync(Server.Admin, "POST", $"/api/v4/channels/{Pm.Id}/members", new { user_id = PmBot.Id });
        Assert.That(Server.Members(Pm).Select(u => u.Id), Does.Contain(PmBot.Id));
    }

    [Test]
    public async Task An_internal_address_that_the_settings_do_not_name_is_not_called()
    {
        Server.AddCommand(Team, "x", Bot.Url);
        Server.Settings.AllowedUntrustedInternalConnections = "";
        Assert.That((await Server.TypeAsync(Adam, Pm, "/x")).Error, Is.EqualTo("Command with a trigger of 'x' failed."));
        Assert.That(Bot.Requests, Is.Empty);
        Server.Settings.AllowedUntrustedInternalConnections = "192.168.0.0/16, 127.0.0.0/8";
        await Server.TypeAsync(Adam, Pm, "/x");
        Assert.That(Bot.Requests, Has.Count.EqualTo(1));
    }

    private object Hook(string[] words) =>
        new { team_id = Team.Id, channel_id = Pm.Id, trigger_words = words, trigger_when = 0, callback_urls = new[] { Bot.Url }, content_type = "application/json" };
}
