using System.Collections.Immutable;
using System.Net;
using NUnit.Framework;
using PmBot.Provisioning;

namespace PmBot.Tests.Provisioning;

/// <summary>What stands in the way is said before anything is changed, all of it at once, each with its cure.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class RefusalTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task Everything_that_is_wrong_is_said_at_once()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.Settings.EnableBotAccountCreation = false;
        team.Server.Settings.EnableCommands = false;
        team.Server.Settings.EnableOutgoingWebhooks = false;
        team.Server.Settings.Version = "6.7.2";
        team.Addresses = [IPAddress.Parse("10.1.2.3")];
        await RefusedAsync(
            team,
            r => r with { Channels = ["product-management", "nope"] },
            "The server is Mattermost 6.7.2; the bot works with 7.0 and later.",
            "System Console > Integrations > Bot Accounts > Enable Bot Account Creation (ServiceSettings.EnableBotAccountCreation)",
            "System Console > Integrations > Integration Management > Enable Custom Slash Commands (ServiceSettings.EnableCommands)",
            "System Console > Integrations > Integration Management > Enable Outgoing Webhooks (ServiceSettings.EnableOutgoingWebhooks), or leave webhooks out with --no-hooks.",
            "There is no channel ~nope in the team core.",
            "pmbot.internal is an internal address (10.1.2.3)");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Personal_tokens_switched_off_do_not_matter_to_a_bot_and_webhooks_do_not_where_none_is_wanted()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.Settings.EnableUserAccessTokens = false;
        team.Server.Settings.EnableOutgoingWebhooks = false;
        var run = await team.ProvisionAsync(r => r with { HookChannels = [] });
        Assert.That(run.Code, Is.Zero, run.Error);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_server_without_its_own_address_is_told_of()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.Settings.HasSiteUrl = false;
        Assert.That((await team.ProvisionAsync()).Output, Does.Contain("System Console > Environment > Web Server > Site URL"));
        Assert.That((await team.ProvisionAsync()).Output, Does.Not.Contain("DisableBotsWhenOwnerIsDeactivated"), "the bot is there");
        team.Server.Settings.HasSiteUrl = true;
        Assert.That((await team.ProvisionAsync()).Output, Does.Not.Contain("Site URL"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_bot_that_is_there_needs_no_right_to_make_one()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        team.Server.Settings.EnableBotAccountCreation = false;
        Assert.That((await team.ProvisionAsync()).Output, Does.EndWith("Nothing was changed.\n"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_token_that_is_wrong_or_no_administrator_s()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Token = "not-a-token";
        await RefusedAsync(team, null, "Mattermost does not know the token in MATTERMOST_ADMIN_TOKEN", "mmctl token generate", "Enable Personal Access Tokens");
        team.Token = team.Adam.Token;
        await RefusedAsync(team, null, "@adam.c's, who is no system admin: the permission manage_system is missing");
        team.Server.MakeTeamAdmin(team.Core, team.Adam);
        await RefusedAsync(team, null, "System Console > User Management > Users");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_server_that_is_not_there()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.Faults.Down = true;
        await RefusedAsync(team, null, "could not be asked.", "Check --url");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Teams_and_channels_that_are_not_fit()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await RefusedAsync(team, r => r with { Team = "cores" }, "There is no team \"cores\".");
        await RefusedAsync(team, r => r with { HookChannels = ["pm-private"] }, "~pm-private is private, and outgoing webhooks work in public channels only.");
        team.Server.DeleteChannel(team.Twitter);
        await RefusedAsync(team, r => r with { Channels = ["twitter"] }, "~twitter is archived.");
        var run = await team.ProvisionAsync();
        Assert.That(run.Code, Is.Zero, "the usual channels are taken where they can be: " + run.Error);
        Assert.That(run.Output, Does.Not.Contain("~twitter"));

        var bare = team.Server.AddTeam("bare");
        Assert.That(bare.Name, Is.EqualTo("bare"));
        await RefusedAsync(team, r => r with { Team = "bare" }, "has none of the channels ~product-management, ~pm-private, ~twitter", "--channel");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_name_that_a_person_or_a_plugin_has()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.AddUser("pm-bot", "Pam", "Bot");
        await RefusedAsync(team, null, "@pm-bot is a person's account.", "--bot-name pm-bot-2");
        team.Server.AddPluginBot("playbot", "playbooks");
        await RefusedAsync(team, r => r with { BotName = "playbot" }, "@playbot belongs to the plugin playbooks.");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_command_of_somebody_else()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.AddCommand(team.Core, "cr-assign", "https://other.example.com/cr");
        team.Server.AddPluginCommand(team.Core, "agenda", "com.mattermost.agenda");
        await RefusedAsync(
            team,
            r => r with { Triggers = ImmutableDictionary<string, string>.Empty.Add("pm-rotation", "help") },
            "/agenda belongs to the plugin com.mattermost.agenda, which would answer in the bot's place. Give the bot's command another word, such as --trigger agenda=pm-agenda, or disable the plugin.",
            "/cr-assign belongs to somebody else already: the slash command without a name of @sysadmin, to https://other.example.com/cr. Give the bot's command another word, such as --trigger cr-assign=pm-cr-assign, or delete that one.",
            "/help is one of Mattermost's own commands.");

        var run = await team.ProvisionAsync(r => r with { Triggers = ImmutableDictionary<string, string>.Empty.Add("agenda", "pm-agenda").Add("cr-assign", "pm-cr") });
        Assert.That(run.Code, Is.Zero, run.Error);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_word_that_is_taken_in_a_team_provisioned_before()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        team.Server.AddPluginCommand(team.Sales, "agenda", "com.mattermost.agenda");
        team.Server.AddCommand(team.Core, "pm-agenda", "https://other.example.com/agenda");
        await RefusedAsync(
            team,
            r => r with { Team = "sales", Triggers = ImmutableDictionary<string, string>.Empty.Add("agenda", "pm-agenda") },
            "/pm-agenda belongs to somebody else in the team core: the slash command without a name of @sysadmin, to https://other.example.com/agenda.");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_webhook_of_somebody_else()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.AddOutgoingWebhook(team.Core, team.Twitter, ["#cr", "!x"], "https://other.example.com/hook");
        await RefusedAsync(
            team, null, "Posts with #cr in ~twitter go to somebody else already: the outgoing webhook without a name of @sysadmin, to https://other.example.com/hook.");
        var run = await team.ProvisionAsync(r => r with { HookChannels = ["product-management"] });
        Assert.That(run.Code, Is.Zero, run.Error);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_webhook_of_somebody_else_for_all_channels()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.AddOutgoingWebhook(team.Core, null, ["agenda:"], "https://other.example.com/hook\u001b[2J");
        await RefusedAsync(team, null, "Posts with agenda: in ~product-management go to somebody else already", "Posts with agenda: in ~twitter go to somebody else already", "/hook [2J");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Options_that_cannot_be()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await RefusedAsync(
            team,
            r => r with
            {
                PublicUrl = "pmbot:5000",
                BasePath = "pm",
                BotName = "PM Bot",
                Channels = ["Product Management"],
                Triggers = ImmutableDictionary<string, string>.Empty.Add("meetings", "m").Add("cr-assign", "agenda"),
            },
            "--public-url is \"pmbot:5000\".",
            "--base-path is \"pm\".",
            "--bot-name is \"PM Bot\".",
            "\"Product Management\" is no name of a team or channel.",
            "--trigger meetings=m: there is no command meetings. The commands: pm-rotation, cr-assign, agenda.",
            "Two commands would have the word agenda.");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_settings_file_that_cannot_be_used()
    {
        await using var team = await ProvisionTeam.StartAsync();
        foreach (var (text, says) in new[]
        {
            ("{ \"PmBot\": ", "pmbot.json cannot be read as settings"),
            ("[]", "is no JSON object"),
            ("{ // mine\n }", "has comments, which would be lost"),
            ("{ \"PmBot:PublicUrl\": \"x\" }", "has names with a colon in them"),
            ("{ \"Mattermost\": { \"CommandTokens\": { \"agenda\": \"x\" } } }", "has Mattermost:CommandTokens:agenda, but not as a list"),
            ("{ \"PmBot\": 1 }", "has PmBot, but not as a section"),
            ("{ \"Mattermost\": { \"Url\": \"https://other.example.com\" } }", "is for https://other.example.com, not for"),
        })
        {
            await File.WriteAllTextAsync(team.Path, text);
            await RefusedAsync(team, null, says);
            Assert.That(await File.ReadAllTextAsync(team.Path), Is.EqualTo(text));
        }

        File.Delete(team.Path);
        var file = new SettingsFile(Path.Combine(team.Folder, "none", "pmbot.json"));
        Assert.That((await team.ProvisionAsync(file: file)).Error, Does.Contain("there is no folder"));
        Assert.That(team.Writes, Is.Empty);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Deprovision_refuses_what_would_be_left_half_done()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        var setUp = team.Server.SetUp();
        team.Server.Settings.EnableCommands = false;
        team.Server.Settings.EnableOutgoingWebhooks = false;
        var run = await team.DeprovisionAsync();
        Assert.That(run.Code, Is.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("What was provisioned cannot be taken back. Nothing was changed.\n")
            .And.Contain("ServiceSettings.EnableCommands").And.Contain("ServiceSettings.EnableOutgoingWebhooks"));
        Assert.That((await team.DeprovisionAsync(url: "https://other.example.com")).Error, Does.Contain("not for https://other.example.com"));
        Assert.That(team.Server.SetUp(), Is.EqualTo(setUp));
    }

    [TestCase("http://127.0.0.1:5000", "127.0.0.1", "", true)]
    [TestCase("http://127.0.0.1:5000", "127.0.0.1", "127.0.0.1", false)]
    [TestCase("http://localhost:5000", "127.0.0.1", "127.0.0.1", true, Description = "the server compares names as they stand in the URL")]
    [TestCase("http://localhost:5000", "127.0.0.1", "example.com,localhost", false)]
    [TestCase("http://pmbot.internal:5000", "10.1.2.3", "10.0.0.0/8", false)]
    [TestCase("http://pmbot.internal:5000", "10.1.2.3", "192.168.0.0/16 pmbot.example.com", true)]
    [TestCase("http://pmbot.internal:5000", "172.20.0.4", "", true)]
    [TestCase("http://pmbot.internal:5000", "172.32.0.4", "", false)]
    [TestCase("http://[fd00::1]:5000", "fd00::1", "", true)]
    [TestCase("http://[fd00::1]:5000", "fd00::1", "fd00::1", false, Description = "without brackets")]
    [TestCase("http://PmBot:5000", "10.1.2.3", "PmBot", false)]
    [TestCase("http://localhost:5000", "::1 127.0.0.1", "127.0.0.0/8", false, Description = "the server takes the one that it may call")]
    [TestCase("http://localhost:5000", "::1 127.0.0.1", "10.0.0.0/8", true)]
    [TestCase("http://bot.example.com", "10.1.2.3 203.0.113.7", "", false)]
    [TestCase("http://pmbot.internal:5000", "::ffff:10.1.2.3", "10.0.0.0/8", false)]
    [TestCase("http://pmbot.internal:5000", "::ffff:10.1.2.3", "", true)]
    [TestCase("https://bot.example.com", "203.0.113.7", "", false)]
    [TestCase("http://pmbot.internal:5000", null, "", false, Description = "not known here; the server may know it")]
    [TestCase("http://127.0.0.1:5000", "127.0.0.1", null, false, Description = "the server does not tell")]
    public void An_address_that_the_server_would_not_call(string url, string? addresses, string? allowed, bool isRefused)
    {
        var objection = InternalAddress.Objection(new Uri(url), [.. (addresses ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)], allowed);
        Assert.That(objection, isRefused
            ? Does.Contain("System Console > Environment > Developer > Allow untrusted internal connections to (ServiceSettings.AllowedUntrustedInternalConnections)")
            : Is.Null);
    }

    /// <summary>Says all of it, and changes nothing.</summary>
    private static async Task RefusedAsync(ProvisionTeam team, Func<ProvisionRequest, ProvisionRequest>? change, params string[] says)
    {
        var (setUp, writes, files) = (team.Server.SetUp(), team.Writes.Count, Directory.GetFiles(team.Folder));
        var run = await team.ProvisionAsync(change);
        Assert.That(run.Code, Is.EqualTo(1));
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.Error, Does.StartWith("PmBot cannot be provisioned. Nothing was changed.\n- "));
        foreach (var sentence in says)
        {
            Assert.That(run.Error, Does.Contain(sentence));
        }

        Assert.That(run.Error, Does.Not.Contain("   at ").And.Not.Contain("Exception").And.Not.Contain(team.Server.Admin.Token));
        Assert.That(team.Server.SetUp(), Is.EqualTo(setUp));
        Assert.That(team.Writes, Has.Count.EqualTo(writes));
        Assert.That(Directory.GetFiles(team.Folder), Is.EqualTo(files));
    }
}
