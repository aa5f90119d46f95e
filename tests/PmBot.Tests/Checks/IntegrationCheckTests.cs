using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.Checks;

/// <summary>What an administrator's token shows of commands and webhooks.</summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(120_000)]
internal sealed class IntegrationCheckTests
{
    [Test]
    public async Task Commands_that_are_missing_or_lead_elsewhere_or_have_another_token_are_named()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var (team, url) = (edge.Team, edge.Team.BotUrl);
        var report = await edge.CheckAsync(
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["PmBot:Triggers:cr-assign"] = "cr",
                ["Mattermost:CommandTokens:cr:0"] = "token-of-no-command-0123456789",
                ["PmBot:Triggers:agenda"] = "pm-agenda",
                ["Mattermost:CommandTokens:pm-agenda:0"] = "token-of-no-command-9876543210",
                ["Mattermost:CommandTokens:agenda:0"] = null,
                ["Mattermost:CommandTokens:cr-assign:0"] = null,
            },
            Led(edge, "pm-agenda", $"{url}/mattermost/commands/agenda"));
        const string where = "In the team core, main menu > Integrations > Slash Commands";
        Assert.That(report.Of("commands"), Is.EquivalentTo(new List<string>
        {
            $"Wrong: The team core has no command /cr. {where} > Add Slash Command: trigger word cr, request URL {url}/mattermost/commands/cr, request method POST; then put its token into Mattermost:CommandTokens:cr.",
            $"Wrong: /pm-agenda of the team core leads to {url}/mattermost/commands/agenda. {where}: set its request URL to {url}/mattermost/commands/pm-agenda, or correct PmBot:PublicUrl and PmBot:BasePath.",
            $"Wrong: /pm-agenda of the team core has a token that the settings do not have. {where}: copy its token into the list Mattermost:CommandTokens:pm-agenda, and restart the bot.",
            "Warning: /cr-assign of the team core leads to the bot, which has no such command. Delete it, or name it in PmBot:Triggers.",
            "Warning: /agenda of the team core leads to the bot, which has no such command. Delete it, or name it in PmBot:Triggers.",
            "Warning: Mattermost:CommandTokens:cr:0 is the token of no slash command of the bot's teams. Take it out of the settings, unless you are just changing it.",
            "Warning: Mattermost:CommandTokens:pm-agenda:0 is the token of no slash command of the bot's teams. Take it out of the settings, unless you are just changing it.",
        }));
    }

    [Test]
    public async Task Webhooks_that_lead_elsewhere_or_have_another_token_are_named()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var (team, server) = (edge.Team, edge.Team.Server);
        server.AddOutgoingWebhook(team.Team, null, ["#idea"], team.BotUrl + "/mattermost/hooks/outgoing");
        var elsewhere = server.AddOutgoingWebhook(team.Team, null, ["#elsewhere"], "http://127.0.0.1:1/hook");
        server.AddOutgoingWebhook(team.Team, null, ["#theirs"], "http://127.0.0.1:1/theirs");
        var report = await edge.CheckAsync(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mattermost:WebhookTokens:8"] = elsewhere, ["Mattermost:WebhookTokens:9"] = "token-of-no-webhook-0123456789" },
            server.Admin.Token);
        const string where = "In the team core, main menu > Integrations > Outgoing Webhooks";
        Assert.That(report.Of("webhooks"), Is.EquivalentTo(new List<string>
        {
            $"Wrong: The webhook #idea of the team core has a token that the settings do not have. {where}: copy its token into the list Mattermost:WebhookTokens, and restart the bot.",
            $"Wrong: The webhook #elsewhere of the team core leads to http://127.0.0.1:1/hook. {where}: set its callback URL to {team.BotUrl}/mattermost/hooks/outgoing, or correct PmBot:PublicUrl and PmBot:BasePath.",
            "Warning: Mattermost:WebhookTokens:4 is the token of no outgoing webhook of the bot's teams. Take it out of the settings, unless you are just changing it.",
        }));
        Assert.That(report.Of("commands").Single(), Does.StartWith("Fine: team core: /pm-rotation, /cr-assign, /agenda lead to "));
    }

    [Test]
    public async Task Words_are_said_once_with_the_channels_that_they_are_heard_in()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var (team, server) = (edge.Team, edge.Team.Server);
        var hooks = team.BotUrl + "/mattermost/hooks/outgoing";
        var unseen = server.AddChannel(team.Team, "unseen");
        List<string> tokens = [];
        foreach (var channel in new[] { team.ProductManagement, team.Twitter, unseen })
        {
            tokens.Add(server.AddOutgoingWebhook(team.Team, channel, ["#x", "#y"], hooks));
            tokens.Add(server.AddOutgoingWebhook(team.Team, channel, ["x:", "#x"], hooks + "/"));
        }

        tokens.Add(server.AddOutgoingWebhook(team.Team, server.AddChannel(team.Team, "all"), [], hooks));
        var report = await edge.CheckAsync(tokens.Select((t, n) => (Key: $"Mattermost:WebhookTokens:{10 + n}", t)).ToDictionary(t => t.Key, t => (string?)t.t, StringComparer.Ordinal), server.Admin.Token);
        Assert.That(report.Of("webhooks").Single(), Does.StartWith("Fine: team core: #cr, cr:, #agenda, agenda:, #escalate in all public channels; "
            + $"#x, #y, x: in ~product-management, ~twitter, a channel that the bot is not in ({unseen.Id}); all posts in a channel that the bot is not in (").And.EndsWith($") lead to {team.BotUrl} with tokens that the settings have"));
    }

    [Test]
    public async Task A_command_by_GET_is_named()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        edge.Team.Server.Faults.Add("GET", "/api/v4/commands?", new FaultKind.Status(200, System.Text.Json.JsonSerializer.Serialize(edge.Team.CommandTokens.Select(t => new
        {
            id = t.Key,
            token = t.Value,
            team_id = edge.Team.Team.Id,
            trigger = t.Key,
            method = t.Key == "agenda" ? "G" : "P",
            url = $"{edge.Team.BotUrl}/mattermost/commands/{t.Key}",
        }))));
        Assert.That((await edge.CheckAsync(adminToken: edge.Team.Server.Admin.Token)).Of("commands").Single(), Is.EqualTo(
            "Wrong: /agenda of the team core is sent by GET. In the team core, main menu > Integrations > Slash Commands: set its request method to POST."));
    }

    [Test]
    public async Task A_token_that_is_no_administrator_s_is_said_to_be_none()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var unknown = await edge.CheckAsync(adminToken: "token-that-nobody-has-0123");
        Assert.That(unknown.Of("commands").Single(), Does.StartWith("Wrong: Mattermost does not know MATTERMOST_ADMIN_TOKEN."));
        var torn = await edge.CheckAsync(adminToken: "token-with-a\nline-end-0123");
        Assert.That(torn.Of("commands"), Is.EqualTo(unknown.Of("commands")));
        var adam = await edge.CheckAsync(adminToken: edge.Team.Adam.Token);
        Assert.That(adam.Of("commands"), Is.EqualTo(new List<string> { "Skipped: MATTERMOST_ADMIN_TOKEN is not that of somebody who may see the slash commands of the team core." }));
        Assert.That(adam.Of("webhooks"), Is.EqualTo(new List<string> { "Skipped: MATTERMOST_ADMIN_TOKEN is not that of somebody who may see the outgoing webhooks of the team core." }));
        Assert.That((await edge.CheckAsync(adminToken: edge.Team.Katie.Token)).Faults(), Is.Empty, "who administers the team sees enough");
    }

    [Test]
    public async Task What_is_switched_off_is_said_with_the_switch()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        edge.Team.Server.Faults.Add("GET", "/api/v4/commands?", new FaultKind.Status(501, """{"id":"api.command.disabled.app_error","message":"Commands have been disabled by the system admin."}"""), 3);
        edge.Team.Server.Faults.Add("GET", "/api/v4/hooks/outgoing", new FaultKind.Status(501, """{"id":"api.outgoing_webhook.disabled.app_error","message":"Outgoing webhooks have been disabled by the system admin."}"""), 3);
        var report = await edge.CheckAsync(adminToken: edge.Team.Server.Admin.Token);
        Assert.That(report.Of("commands"), Has.Some.EqualTo("Wrong: The server's slash commands are switched off. System Console > Integrations > Integration Management: Enable Custom Slash Commands."));
        Assert.That(report.Of("webhooks"), Has.Some.EqualTo("Warning: The server's outgoing webhooks are switched off. System Console > Integrations > Integration Management: Enable Outgoing Webhooks."));
        Assert.That(report.Faults(), Has.Count.EqualTo(2), "of tokens that cannot be compared nothing is said");
    }

    private static string Led(Edge edge, string trigger, string url)
    {
        edge.Team.Server.AddCommand(edge.Team.Team, trigger, url);
        return edge.Team.Server.Admin.Token;
    }
}
