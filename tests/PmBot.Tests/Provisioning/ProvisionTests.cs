using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using PmBot.Hosting;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Provisioning;

namespace PmBot.Tests.Provisioning;

/// <summary>Provisioning a server, again, otherwise, for a second team, and taking it back.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class ProvisionTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task A_server_is_provisioned_and_a_second_run_changes_nothing()
    {
        await using var team = await ProvisionTeam.StartAsync();
        var first = await team.ProvisionAsync();
        Assert.That(first.Code, Is.Zero, first.Error);
        var (setUp, settings, writes) = (team.Server.SetUp(), await File.ReadAllTextAsync(team.Path), team.Writes.Count);
        Assert.That(setUp, Does.Contain("member pm-bot of ~pm-private in core").And.Contain("member pm-bot of team core"));
        Assert.That(setUp.Where(l => l.StartsWith("bot ", StringComparison.Ordinal)), Has.One.Items.And.One.Contains("with picture, tokens: 1"));
        Assert.That(setUp.Count(l => l.StartsWith("command ", StringComparison.Ordinal)), Is.EqualTo(3));
        Assert.That(setUp.Count(l => l.StartsWith("webhook ", StringComparison.Ordinal)), Is.EqualTo(4), "two of each public channel");
        Assert.That(setUp.Where(l => l.StartsWith("webhook ", StringComparison.Ordinal)), Has.All.Contains("as pm-bot").And.All.Contains("application/json"));
        Assert.That(setUp.Count(l => l.StartsWith("post of pm-bot", StringComparison.Ordinal)), Is.EqualTo(3));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(team.Path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        Assert.That(Directory.GetFiles(team.Folder), Is.EqualTo((string[])[team.Path]), "no draft is left");
        Assert.That(Read(team.Path).EnumerateObject().Select(p => p.Name), Is.EqualTo((string[])["Mattermost", "PmBot", "Provisioned"]), "what people read comes first");
        await AssertTokensAsync(team);
        var again = await team.ProvisionAsync();
        Assert.That(again.Code, Is.Zero, again.Error);
        Assert.That(again.Output, Does.EndWith("All of it was there already. Nothing was changed.\n"));
        Assert.That(team.Writes, Has.Count.EqualTo(writes));
        Assert.That(await File.ReadAllTextAsync(team.Path), Is.EqualTo(settings));
        Assert.That(team.Server.SetUp(), Is.EqualTo(setUp));
        Assert.That(team.Server.UnexpectedCalls, Is.Empty);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_dry_run_does_nothing()
    {
        await using var team = await ProvisionTeam.StartAsync();
        var before = team.Server.SetUp();
        var run = await team.ProvisionAsync(r => r with { DryRun = true });
        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("would make     command /agenda to http://pmbot.internal:5000/mattermost/commands/agenda"));
        Assert.That(team.Writes, Is.Empty);
        Assert.That(Directory.GetFiles(team.Folder), Is.Empty);
        Assert.That(team.Server.SetUp(), Is.EqualTo(before));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Another_public_address_changes_commands_and_webhooks_and_keeps_their_tokens()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        await team.ProvisionAsync(r => r with { Team = "sales" });
        var tokens = Lists(team.Path);
        var writes = team.Writes.Count;

        var run = await team.ProvisionAsync(r => r with { PublicUrl = "https://bot.example.com/", BasePath = "/pm" });

        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(team.Writes.Skip(writes).Select(w => w.Method).Distinct(), Is.EqualTo((string[])["PUT"]));
        Assert.That(team.Server.SetUp().Where(l => l.Contains("pmbot.internal", StringComparison.Ordinal)), Is.Empty, "the other team's, too");
        Assert.That(team.Server.SetUp().Count(l => l.Contains("to https://bot.example.com/pm/mattermost/", StringComparison.Ordinal)), Is.EqualTo(6 + 6));
        Assert.That(Lists(team.Path), Is.EqualTo(tokens));
        var settings = Read(team.Path);
        Assert.That(settings.GetProperty("PmBot").GetProperty("PublicUrl").GetString(), Is.EqualTo("https://bot.example.com"));
        Assert.That(settings.GetProperty("PmBot").GetProperty("BasePath").GetString(), Is.EqualTo("/pm"));
        var after = team.Writes.Count;
        Assert.That((await team.ProvisionAsync(r => r with { PublicUrl = "https://bot.example.com" })).Output, Does.Contain("Nothing was changed."), "the base path is in the file");
        Assert.That(team.Writes, Has.Count.EqualTo(after));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_second_team_adds_its_tokens_to_the_same_file_and_uses_the_same_account()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        var first = Lists(team.Path);
        var botToken = Read(team.Path).GetProperty("Mattermost").GetProperty("BotToken").GetString();

        var run = await team.ProvisionAsync(r => r with { Team = "sales" });

        Assert.That(run.Code, Is.Zero, run.Error);
        var lists = Lists(team.Path);
        Assert.That(lists, Is.SupersetOf(first));
        Assert.That(lists, Has.Count.EqualTo(first.Count + 3 + 2));
        Assert.That(Read(team.Path).GetProperty("Mattermost").GetProperty("BotToken").GetString(), Is.EqualTo(botToken));
        Assert.That(team.Server.Users.Count(u => u.IsBot), Is.EqualTo(1));
        Assert.That((await team.ProvisionAsync()).Output, Does.EndWith("Nothing was changed.\n"));
        Assert.That((await team.ProvisionAsync(r => r with { Team = "sales" })).Output, Does.EndWith("Nothing was changed.\n"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_was_in_the_file_stays_and_comes_back_by_deprovision()
    {
        await using var team = await ProvisionTeam.StartAsync();
        const string before = """
            {
              "Storage": {
                "ConnectionString": "Data Source=/var/lib/pmbot/pmbot.db"
              },
              "mattermost": {
                "CommandTokens": {
                  "agenda": [
                    "a-token-of-another-team"
                  ]
                }
              },
              "PmBot": {
                "PublicUrl": "http://before.example.com",
                "Admins": [
                  "katie.w"
                ]
              }
            }

            """;
        await File.WriteAllTextAsync(team.Path, before);
        var clean = team.Server.SetUp();

        var run = await team.ProvisionAsync();
        Assert.That(run.Code, Is.Zero, run.Error);
        var settings = Read(team.Path);
        Assert.That(settings.GetProperty("Storage").GetProperty("ConnectionString").GetString(), Is.EqualTo("Data Source=/var/lib/pmbot/pmbot.db"));
        Assert.That(settings.GetProperty("PmBot").GetProperty("Admins")[0].GetString(), Is.EqualTo("katie.w"));
        Assert.That(settings.GetProperty("mattermost").GetProperty("CommandTokens").GetProperty("agenda").GetArrayLength(), Is.EqualTo(2));

        var back = await team.DeprovisionAsync();
        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(await File.ReadAllTextAsync(team.Path), Is.EqualTo(before));
        Assert.That(team.Server.SetUp().Where(l => !l.StartsWith("bot ", StringComparison.Ordinal)), Is.EqualTo(clean));
        Assert.That(team.Server.SetUp().Single(l => l.StartsWith("bot ", StringComparison.Ordinal)), Does.Contain(" disabled").And.Contain("tokens: 0"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Deprovision_takes_the_file_away_that_it_made_and_provisioning_again_enables_the_account()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        var setUp = team.Server.SetUp();
        var dry = await team.DeprovisionAsync(dryRun: true);
        Assert.That(dry.Code, Is.Zero, dry.Error);
        Assert.That(team.Server.SetUp(), Is.EqualTo(setUp));

        var back = await team.DeprovisionAsync();
        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(File.Exists(team.Path), Is.False);
        Assert.That((await team.DeprovisionAsync()).Output, Does.Contain("no record"));

        var again = await team.ProvisionAsync();
        Assert.That(again.Code, Is.Zero, again.Error);
        Assert.That(again.Output, Does.Contain("changed        bot account @pm-bot, enabled again"));
        Assert.That(team.Server.SetUp(), Is.EqualTo(setUp));
        var writes = team.Writes.Count;
        Assert.That((await team.ProvisionAsync()).Output, Does.EndWith("Nothing was changed.\n"));
        Assert.That(team.Writes, Has.Count.EqualTo(writes));

        await team.DeprovisionAsync();
        Assert.That(team.Server.SetUp().Single(), Does.StartWith("bot ").And.Contain(" disabled"), "as it was before");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_was_there_before_is_used_and_left()
    {
        await using var team = await ProvisionTeam.StartAsync();
        var account = team.Server.AddBot("pm-bot", "Our own PM Bot");
        team.Server.Join(team.Pm, account);
        team.Server.AddCommand(team.Core, "agenda", "http://pmbot.internal:5000/mattermost/commands/agenda");
        team.Server.AddOutgoingWebhook(team.Core, null, ["#cr"], "http://pmbot.internal:5000/mattermost/hooks/outgoing");
        var before = team.Server.SetUp();

        var run = await team.ProvisionAsync();
        Assert.That(run.Code, Is.Zero, run.Error);
        var setUp = team.Server.SetUp();
        Assert.That(setUp, Does.Contain("bot pm-bot \"Our own PM Bot\" \"\", tokens: 1"));
        Assert.That(setUp.Count(l => l.Contains("/agenda in core", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(setUp.Where(l => l.StartsWith("webhook ", StringComparison.Ordinal) && l.Contains("(0) in ~twitter", StringComparison.Ordinal)).Single(), Does.StartWith("webhook #escalate #agenda (0)"));
        Assert.That(setUp.Where(l => l.StartsWith("post of", StringComparison.Ordinal)), Has.None.Contains("in product-management:"), "the bot was there before");
        Assert.That(Lists(team.Path), Has.Count.EqualTo(3 + 1 + 4));
        var writes = team.Writes.Count;
        Assert.That((await team.ProvisionAsync()).Output, Does.EndWith("Nothing was changed.\n"));
        Assert.That(team.Writes, Has.Count.EqualTo(writes));

        var back = await team.DeprovisionAsync();
        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(team.Server.SetUp(), Is.EqualTo(before));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task An_account_with_another_name_that_was_there_before_is_remembered()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.AddBot("duty", "Our own");
        var before = team.Server.SetUp();
        Assert.That((await team.ProvisionAsync(r => r with { BotName = "duty" })).Code, Is.Zero);
        var (setUp, writes) = (team.Server.SetUp(), team.Writes.Count);
        Assert.That((await team.ProvisionAsync()).Output, Does.EndWith("Nothing was changed.\n"), "no second account beside it");
        Assert.That((await team.ProvisionAsync(r => r with { BotName = "pm-bot" })).Error, Does.Contain("The bot's account is @duty already, so it cannot become @pm-bot."));
        Assert.That((team.Server.SetUp(), team.Writes.Count), Is.EqualTo((setUp, writes)));

        var back = await team.DeprovisionAsync();
        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(team.Server.SetUp(), Is.EqualTo(before), "its token and its memberships, too, and it is as it was");
        Assert.That(File.Exists(team.Path), Is.False);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Webhooks_of_channels_that_are_not_asked_for_any_more_are_deleted_with_their_tokens()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        var dry = await team.ProvisionAsync(r => r with { HookChannels = ["twitter"], DryRun = true });
        Assert.That(dry.Output, Does.Contain("would change   webhook for #cr #escalate #agenda in ~product-management, which is not asked for any more, deleted"));
        var run = await team.ProvisionAsync(r => r with { HookChannels = ["twitter"], PublicUrl = "http://bot.example.com" });
        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(Hooks(), Has.Count.EqualTo(2).And.All.Contains(" in ~twitter").And.All.Contains("bot.example.com"));
        await AssertTokensAsync(team);
        Assert.That((await team.ProvisionAsync(r => r with { PublicUrl = "http://bot.example.com" })).Output, Does.EndWith("Nothing was changed.\n"));

        // Switched off, they can neither be seen nor deleted, and are not forgotten.
        team.Server.Settings.EnableOutgoingWebhooks = false;
        var without = await team.ProvisionAsync(r => r with { HookChannels = [], PublicUrl = "http://bot.example.com" });
        Assert.That(without.Error, Does.Contain("(ServiceSettings.EnableOutgoingWebhooks): those that were made before are to be deleted.").And.Not.Contain("--no-hooks"));
        team.Server.Settings.EnableOutgoingWebhooks = true;
        run = await team.ProvisionAsync(r => r with { HookChannels = [], PublicUrl = "http://bot.example.com" });
        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(Hooks(), Is.Empty);
        await AssertTokensAsync(team);

        List<string> Hooks() => [.. team.Server.SetUp().Where(l => l.StartsWith("webhook ", StringComparison.Ordinal))];
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_somebody_changed_in_the_settings_since_is_theirs()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        var text = await File.ReadAllTextAsync(team.Path);
        await File.WriteAllTextAsync(team.Path, text.Replace("\"PublicUrl\": \"http://pmbot.internal:5000\"", "\"PublicUrl\": \"http://mine.example.com\"", StringComparison.Ordinal));
        var back = await team.DeprovisionAsync();
        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(Read(team.Path).GetProperty("PmBot").GetProperty("PublicUrl").GetString(), Is.EqualTo("http://mine.example.com"));
        Assert.That(Read(team.Path).EnumerateObject().Select(p => p.Name), Is.EqualTo((string[])["PmBot"]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_is_gone_already_is_said_and_passed_over()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        var account = team.Server.FindUser("pm-bot")!;
        team.Server.DeleteCommand(team.Server.Commands(team.Core)[0].Id);
        team.Server.RevokeToken(team.Server.Tokens(account).Single().Id);
        team.Server.Leave(team.Twitter, account);

        var back = await team.DeprovisionAsync();

        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(back.Output, Does.Contain("gone already   command /pm-rotation")
            .And.Contain("gone already   access token").And.Contain("gone already   membership in ~twitter"));
        Assert.That(team.Server.SetUp().Single(), Does.StartWith("bot ").And.Contain(" disabled"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_somebody_deleted_is_made_again_and_its_old_token_leaves_the_file()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        var (setUp, tokens) = (team.Server.SetUp(), Lists(team.Path));
        var account = team.Server.FindUser("pm-bot")!;
        team.Server.DeleteCommand(team.Server.Commands(team.Core)[0].Id);
        team.Server.RevokeToken(team.Server.Tokens(account).Single().Id);

        var run = await team.ProvisionAsync();

        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(team.Server.SetUp(), Is.EqualTo(setUp));
        Assert.That(Lists(team.Path), Has.Count.EqualTo(tokens.Count));
        Assert.That(Lists(team.Path).Except(tokens).Count(), Is.EqualTo(1));
        await AssertTokensAsync(team);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_token_that_is_not_in_the_file_any_more_is_revoked_and_made_anew()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        var setUp = team.Server.SetUp();
        var text = await File.ReadAllTextAsync(team.Path);
        await File.WriteAllTextAsync(team.Path, text.Replace($"\"BotToken\": \"{Read(team.Path).GetProperty("Mattermost").GetProperty("BotToken").GetString()}\"", "\"BotToken\": \"\"", StringComparison.Ordinal));

        var run = await team.ProvisionAsync();

        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(team.Server.SetUp(), Is.EqualTo(setUp), "still one token");
        await AssertTokensAsync(team);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Answers_to_the_first_words_are_not_deleted_with_them()
    {
        await using var team = await ProvisionTeam.StartAsync();
        await team.ProvisionAsync();
        var hello = team.Server.Posts(team.Pm).Single(p => p.Author == "pm-bot");
        await team.Server.TypeAsync(team.Adam, team.Pm, "Thank you", hello.Id);

        var back = await team.DeprovisionAsync();

        Assert.That(back.Output, Does.Contain("left           first words in ~product-management").And.Contain("taken back     first words in ~twitter"));
        Assert.That(team.Server.Posts(team.Pm).Select(p => p.Message), Does.Contain("Thank you").And.Contain(hello.Message));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task The_default_channel_is_left_with_the_team()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.AddChannel(team.Core, "town-square");
        var clean = team.Server.SetUp();
        var run = await team.ProvisionAsync(r => r with { Channels = ["town-square"] });
        Assert.That(run.Code, Is.Zero, run.Error);
        var back = await team.DeprovisionAsync();
        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(back.Output, Does.Contain("left           membership in ~town-square"));
        Assert.That(team.Server.SetUp().Where(l => !l.StartsWith("bot ", StringComparison.Ordinal)), Is.EqualTo(clean));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Another_word_for_a_command_and_other_channels()
    {
        await using var team = await ProvisionTeam.StartAsync();
        var run = await team.ProvisionAsync(r => r with
        {
            Triggers = ImmutableDictionary<string, string>.Empty.Add("agenda", "pm-agenda"),
            Channels = ["twitter"],
            HookChannels = [],
            BotName = "duty",
        });
        Assert.That(run.Code, Is.Zero, run.Error);
        var settings = Read(team.Path);
        Assert.That(settings.GetProperty("PmBot").GetProperty("Triggers").GetProperty("agenda").GetString(), Is.EqualTo("pm-agenda"));
        Assert.That(settings.GetProperty("Mattermost").GetProperty("CommandTokens").GetProperty("pm-agenda").GetArrayLength(), Is.EqualTo(1));
        Assert.That(team.Server.SetUp().Where(l => l.StartsWith("webhook", StringComparison.Ordinal)), Is.Empty);
        Assert.That(team.Server.Posts(team.Twitter).Single().Message, Does.Contain("`/pm-agenda add TEXT`"));
        Assert.That((await team.ProvisionAsync()).Output, Does.EndWith("Nothing was changed.\n"), "all that was asked for is remembered");

        var back = await team.ProvisionAsync(r => r with { Triggers = ImmutableDictionary<string, string>.Empty.Add("agenda", "agenda") });
        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(team.Server.Commands(team.Core).Select(c => c.Trigger), Is.EquivalentTo((string[])["pm-rotation", "cr-assign", "agenda"]));
        Assert.That(Read(team.Path).GetProperty("Mattermost").GetProperty("CommandTokens").EnumerateObject().Select(p => p.Name), Does.Not.Contain("pm-agenda"));
        await AssertTokensAsync(team);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task The_bot_starts_with_the_file_and_answers(CancellationToken cancellationToken)
    {
        await using var team = await ProvisionTeam.StartAsync();
        var port = FreePort();
        var run = await team.ProvisionAsync(r => r with { PublicUrl = $"http://127.0.0.1:{port}", BasePath = "/pm" }, cancellationToken: cancellationToken);
        Assert.That(run.Code, Is.Zero, run.Error);
        await using var bot = BotHost.Build(team.Path, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Urls"] = $"http://127.0.0.1:{port}",
                ["Storage:ConnectionString"] = $"Data Source={Path.Combine(team.Folder, "pmbot.db")}",
            });
            builder.Services.AddSingleton<TimeProvider>(team.Clock);
        });
        Assert.That(
            ProvisionDefaults.Words.SelectMany(w => w.Words), Is.EquivalentTo(bot.Services.GetRequiredService<HookRouter>().Words), "every word that the bot knows is sent to it");
        await bot.StartAsync(cancellationToken);

        Assert.That((await team.Server.TypeAsync(team.Adam, team.Pm, "/pm-rotation help")).Text, Does.Contain("`schedule`"));
        Assert.That((await team.Server.TypeAsync(team.Adam, team.Pm, "/cr-assign help")).Text, Does.Contain("`new TITLE"));
        Assert.That((await team.Server.TypeAsync(team.Adam, team.Private, "/agenda help")).Text, Does.Contain("`add TEXT"));
        var filed = await team.Server.TypeAsync(team.Adam, team.Twitter, "cr:SAML group sync for guests");
        var answer = team.Server.Posts(team.Twitter).Single(p => p.RootId == filed.Post!.Id);
        Assert.That(answer.Author, Is.EqualTo("pm-bot"), "not the administrator");
        Assert.That(answer.Message, Does.Contain("CR-1"));
        var crash = await team.Server.TypeAsync(team.Adam, team.Twitter, "#crash of the server");
        Assert.That(team.Server.Posts(team.Twitter).Where(p => p.RootId == crash.Post!.Id), Is.Empty, "a word of its own");
        await bot.StopAsync(cancellationToken);
    }

    [Test]
    public void Hints_list_all_verbs_and_fit()
    {
        foreach (var command in BotCommand.All)
        {
            Assert.That(command.Hint, Has.Length.LessThanOrEqualTo(IntegrationLimits.Hint));
            Assert.That(command.Title, Has.Length.LessThanOrEqualTo(IntegrationLimits.DisplayName));
            Assert.That(command.Does, Has.Length.LessThanOrEqualTo(IntegrationLimits.CommandDescription));
        }

        Assert.That(BotCommand.All.Single(c => c.Name == "agenda").Hint, Does.StartWith("[list | add | ").And.EndsWith(" | help]"));
        Assert.That(BotCommand.All.Select(c => c.Name), Is.EquivalentTo(new PmBotOptions().Triggers.Keys));
        Assert.That(ProvisionDefaults.Words.Select(Reconciliation.Title), Has.All.Length.LessThanOrEqualTo(IntegrationLimits.DisplayName));
        Assert.That(ProvisionDefaults.Picture().Length, Is.InRange(100, 10_000));
    }

    /// <summary>Every token of the settings is one that the server sends or knows, and the other way round.</summary>
    internal static async Task AssertTokensAsync(ProvisionTeam team)
    {
        using var connection = new MattermostConnection(team.Url, new ClientTiming());
        var admin = connection.Admin(team.Server.Admin.Token);
        var tokens = new List<string>();
        foreach (var id in new[] { team.Core.Id, team.Sales.Id })
        {
            tokens.AddRange((await admin.CommandsAsync(id, customOnly: true, default)).ValueOrDefault!.Select(c => c.Token!));
            tokens.AddRange((await admin.OutgoingHooksAsync(id, default)).ValueOrDefault!.Select(h => h.Token!));
        }

        Assert.That(Lists(team.Path), Is.EquivalentTo(tokens));
        var me = await connection.Bot(Read(team.Path).GetProperty("Mattermost").GetProperty("BotToken").GetString()!).MeAsync(default);
        Assert.That(me.ValueOrDefault?.IsBot, Is.True, me.Describe());
    }

    internal static JsonElement Read(string path) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(path));

    /// <summary>The tokens of commands and webhooks in the settings.</summary>
    internal static List<string> Lists(string path)
    {
        var mattermost = Read(path).EnumerateObject().Single(p => p.Name.Equals("Mattermost", StringComparison.OrdinalIgnoreCase)).Value;
        return
        [
            .. mattermost.GetProperty("CommandTokens").EnumerateObject().SelectMany(p => p.Value.EnumerateArray()).Select(t => t.GetString()!),
            .. mattermost.TryGetProperty("WebhookTokens", out var hooks) ? hooks.EnumerateArray().Select(t => t.GetString()!) : [],
        ];
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
