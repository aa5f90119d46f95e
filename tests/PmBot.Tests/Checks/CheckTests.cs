using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using PmBot.Checks;
using PmBot.Tests.Hosting;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Sandbox;

namespace PmBot.Tests.Checks;

/// <summary>The check, of the real bot and a server: each line as it is when all is well, and when something is not.</summary>
[Parallelizable(ParallelScope.All)]
[UnsupportedOSPlatform("windows")]
[CancelAfter(120_000)]
internal sealed class CheckTests
{
    [Test]
    public async Task All_is_well_while_the_bot_runs()
    {
        await using var edge = await Edge.StartAsync();
        var report = await edge.CheckAsync(adminToken: edge.Team.Server.Admin.Token);
        Assert.That(report.ExitCode, Is.Zero);
        Checking.AssertGolden(edge, report, "all-is-well.golden");
    }

    [Test]
    public async Task All_is_well_before_the_first_start()
    {
        await using var edge = await NeverStartedAsync();
        var report = await edge.CheckAsync(adminToken: edge.Team.Server.Admin.Token);
        Assert.That(report.Faults(), Is.Empty);
        Assert.That(report.Of("store").Single(), Does.Contain("pmbot.db is not there yet; the first start makes it."));
        Assert.That(report.Of("bot").Single(), Is.EqualTo("Fine: it does not run; what Mattermost sends to it is answered here, as long as the way back is checked"));
        Assert.That(report.Of("way back").Single(), Does.StartWith("Fine: /pm-rotation, /cr-assign, /agenda of the team core: Mattermost reaches this bot as "));
        Assert.That(report.Render(), Does.EndWith("All is well.\n"));
    }

    [Test]
    public async Task A_stopped_bot_is_well_and_left_as_it_is()
    {
        await using var edge = await Edge.StartAsync();
        await edge.Team.StopBotAsync();
        var report = await edge.CheckAsync();
        Assert.That(report.Faults(), Is.Empty);
        Assert.That(report.Of("store").Single(), Does.Match("^Fine: .*pmbot.db, schema [0-9]+, undamaged. [0-9]+ [MG]B free.$"));
        Assert.That(report.Of("channels"), Is.EqualTo(new List<string> { "Fine: team core: ~product-management, ~pm-private, ~twitter" }));
        Assert.That(report.Of("commands").Single(), Does.StartWith("Skipped: ").And.Contains("MATTERMOST_ADMIN_TOKEN"));
        Assert.That(report.Of("webhooks").Single(), Does.StartWith("Skipped: "));
        Assert.That(report.Render(), Does.EndWith("\nNothing is wrong; 2 not checked.\n"));

        // Nothing of the check is left in the way of the bot.
        await edge.StartBotAsync();
        await edge.MustAsync("", "aaron.r");
    }

    [Test]
    public async Task Many_faults_are_told_at_once()
    {
        await using var edge = await Edge.StartAsync();
        await edge.Team.StopBotAsync();
        var team = edge.Team;
        Sql(edge, "update rotations set body = json_set(body, '$.schedule.zone', 'Mars/Olympus')");
        File.SetUnixFileMode(Path.Combine(edge.Folder, "pmbot.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        team.Server.Leave(team.Twitter, team.BotUser);
        team.Server.DeleteChannel(team.PmPrivate);
        team.Server.Settings.Version = "6.7.2";
        await using var other = await Receiver.StartAsync();
        other.Answers(new { response_type = "ephemeral", text = "Which agenda?" });
        var changes = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PmBot:Practice"] = "2019",
            ["Mattermost:CommandTokens:pm-rotation:0"] = "token-of-long-ago-0123456789",
            ["PmBot:Triggers:cr-assign"] = "cr",
            ["Mattermost:CommandTokens:cr:0"] = "token-of-no-command-0123456789",
            ["PmBot:Triggers:agenda"] = "pm-agenda",
            ["Mattermost:CommandTokens:pm-agenda:0"] = team.Server.AddCommand(team.Team, "pm-agenda", other.Url),
            ["Mattermost:WebhookTokens:0"] = "token-of-no-webhook-0123456789",
        };
        var report = await edge.CheckAsync(changes, team.Server.Admin.Token, new WrongClock(TimeSpan.FromHours(-7)));
        Assert.That(report.ExitCode, Is.EqualTo(1));
        Checking.AssertGolden(edge, new CheckReport(
            [.. report.Findings.Select(f => f with { Text = f.Text.Replace(other.Url, "http://elsewhere.internal", StringComparison.Ordinal) })], []), "many-faults.golden");
    }

    [Test]
    public async Task Wrong_settings_are_all_named_and_the_rest_is_checked()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var report = await edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Mattermost:CommandTokens:agenda:0"] = "short",
            ["PmBot:Practice"] = "2019",
            ["PmBot:PublicUrl"] = "http://name:secret-password@bot.internal",
            ["Storage:ConnectionString"] = "Data Source=:memory:",
        });
        Assert.That(report.Of("settings"), Has.Count.EqualTo(4));
        Assert.That(report.Render(), Does.Not.Contain("secret-password"));
        Assert.That(report.Of("store").Single(), Does.StartWith("Skipped: "));
        Assert.That(report.Of("account").Single(), Does.StartWith("Fine: @pm-bot"));
        Assert.That(report.Of("channels").Single(), Does.StartWith("Fine: "));
        Assert.That(report.Of("commands, webhooks, way back").Single(), Is.EqualTo("Skipped: PmBot:PublicUrl is no address."));
        Assert.That(report.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task Without_an_address_of_the_server_all_else_is_checked()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var report = await edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mattermost:Url"] = "http://name:secret-password@chat.internal" });
        Assert.That(report.Render(), Does.Not.Contain("secret-password"));
        Assert.That(report.Of("mattermost"), Is.EqualTo(new List<string> { "Skipped: Mattermost:Url is no address." }));
        Assert.That(report.Of("store").Single(), Does.StartWith("Fine: "));
        Assert.That(report.Of("bot").Single(), Does.StartWith("Fine: it runs, and answers at "));
    }

    [Test]
    public async Task A_settings_file_that_others_can_read_is_a_warning()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var file = Path.Combine(Directory.CreateTempSubdirectory("pmbot-check-").FullName, "settings.json");
        await File.WriteAllTextAsync(file, "{}");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var report = await edge.CheckAsync(file: file);
        Assert.That(report.Of("settings"), Is.EqualTo(new List<string> { $"Warning: Everybody on this machine can read {file}, and the tokens in it. Type: chmod o-r {file}" }));
        Assert.That(report.ExitCode, Is.Zero);

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.That((await edge.CheckAsync(file: file)).Of("settings").Single(), Does.StartWith($"Fine: {file}, "));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [TestCase(59.0, null)]
    [TestCase(-59.0, null)]
    [TestCase(90.0, "This machine is (8[89]|90) s ahead of Mattermost's. Handoffs come as much too early")]
    [TestCase(-10_800.0, "This machine is 3 h behind Mattermost's. Handoffs come as much too late")]
    public async Task A_clock_that_is_wrong_is_a_warning(double seconds, string? says)
    {
        await using var edge = await NeverStartedAsync();
        var report = await edge.CheckAsync(time: new WrongClock(TimeSpan.FromSeconds(seconds)));
        Assert.That(report.Of("clock").Single(), says is null ? Is.EqualTo("Fine: within a minute of Mattermost's") : Does.Match($"^Warning: {says}"));
        Assert.That(report.ExitCode, Is.Zero);
    }

    [Test]
    public async Task A_zone_that_the_program_does_not_know_is_named_with_what_is_in_it()
    {
        await using var edge = await Edge.StartAsync();
        await edge.Team.StopBotAsync();
        Sql(edge, "update rotations set body = json_set(body, '$.schedule.zone', 'Mars/Olympus')");
        var zones = (await edge.CheckAsync()).Of("zones").Single();
        Assert.That(zones, Does.StartWith("Wrong: the rotation \"PM rotation\" is in Mars/Olympus, which the time zone database of this program ("));
        Assert.That(zones, Does.EndWith("/pm-rotation set zone ZONE --rotation \"PM rotation\""));
    }

    [Test]
    public async Task A_server_that_is_away_is_said_once()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        edge.Team.Server.Faults.Down = true;
        var report = await edge.CheckAsync();
        Assert.That(report.Of("mattermost").Single(), Does.Match("^Wrong: http://127.0.0.1:[0-9]+ does not answer: .+"));
        Assert.That(report.Of("account, channels, commands, webhooks, way back"), Is.EqualTo(new List<string> { "Skipped: Mattermost cannot be asked." }));
        Assert.That(report.Findings.Count(f => f.Verdict == Verdict.Wrong), Is.EqualTo(1));

        report = await edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mattermost:Url"] = "http://127.0.0.1:1" });
        Assert.That(report.Of("mattermost").Single(), Does.StartWith("Wrong: http://127.0.0.1:1 does not answer: Connection refused"));
    }

    [Test]
    public async Task What_is_no_Mattermost_server_is_said_to_be_none()
    {
        await using var edge = await NeverStartedAsync();
        await using var other = await Receiver.StartAsync();
        other.Answers(200, "text/html", "<html>Welcome</html>");
        Assert.That((await CheckAsync()).Of("mattermost").Single(), Does.StartWith($"Wrong: {other.Url} answers 200: that is no Mattermost server, or one that is not well."));
        other.Answers(301, "text/html", "");
        Assert.That((await CheckAsync()).Of("mattermost").Single(), Does.StartWith($"Wrong: {other.Url} answers 301, a redirect. Set Mattermost:Url to"));

        Task<CheckReport> CheckAsync() => edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mattermost:Url"] = other.Url });
    }

    [TestCase("6.7.0", "Wrong: * has version 6.7.0; the bot needs 7.0 at least. Upgrade the server.")]
    [TestCase("7.0.0", "Fine: *, version 7.0.0")]
    [TestCase("10.11.2", "Fine: *, version 10.11.2")]
    [TestCase("dev", "Warning: * answers, but does not say its version. It must be 7.0 at least: main menu > About Mattermost.")]
    public async Task The_server_s_version_counts(string version, string says)
    {
        await using var edge = await NeverStartedAsync();
        edge.Team.Server.Settings.Version = version;
        Assert.That((await edge.CheckAsync()).Of("mattermost").Single(), Is.EqualTo(says.Replace("*", edge.Team.Server.Url.ToString().TrimEnd('/'), StringComparison.Ordinal)));
    }

    [Test]
    public async Task The_account_is_a_bot_s_and_no_administrator_s()
    {
        await using var edge = await NeverStartedAsync();
        Assert.That((await With("token-that-nobody-has-0123")).Of("account").Single(), Does.StartWith("Wrong: Mattermost does not know Mattermost:BotToken"));
        Assert.That((await With("token-that-nobody-has-0123")).Of("channels, commands, webhooks, way back"), Is.EqualTo(new List<string> { "Skipped: The bot has no account." }));
        Assert.That((await With("two\nlines-of-a-token")).Of("account"), Is.EqualTo(new List<string> { "Skipped: Mattermost:BotToken is no token." }));
        Assert.That((await With("")).Of("account"), Is.EqualTo(new List<string> { "Skipped: Mattermost:BotToken is not set." }));
        var person = await With(edge.Team.Adam.Token);
        Assert.That(person.Of("account").Single(), Does.StartWith("Warning: @adam.c is a person's account."));
        Assert.That(person.ExitCode, Is.Zero);
        Assert.That((await With(edge.Team.Server.Admin.Token)).Of("account").Single(), Does.StartWith("Warning: @sysadmin administers the whole server"));

        Task<CheckReport> With(string token) => edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mattermost:BotToken"] = token });
    }

    [Test]
    public async Task A_channel_without_the_bot_is_named_with_what_is_to_be_done_there()
    {
        await using var edge = await Edge.StartAsync();
        var (team, server) = (edge.Team, edge.Team.Server);
        server.Leave(team.Twitter, team.BotUser);
        server.Leave(team.PmPrivate, team.BotUser);
        Assert.That((await edge.CheckAsync()).Of("channels"), Is.EqualTo(new List<string>
        {
            "Wrong: ~twitter in the team core has the posts from Twitter (channel.twitter) and has whoever is on duty for \"PM rotation\" in its header, and @pm-bot is not in it. Type there: /invite @pm-bot",
        }), "a private channel that nobody set is seen by those only who are in it");

        server.Join(team.Twitter, team.BotUser);
        Assert.That((await edge.CheckAsync()).Of("channels"), Is.EqualTo(new List<string>
        {
            "Fine: team core: ~product-management, ~twitter. It sees no ~pm-private; where there is one that it is to work in, type there: /invite @pm-bot",
        }));

        server.Join(team.PmPrivate, team.BotUser);
        await edge.MustAsync("set channel.private ~pm-private", "channel");
        await edge.SettledAsync();
        server.Leave(team.PmPrivate, team.BotUser);
        server.DeleteChannel(team.Twitter);
        Assert.That((await edge.CheckAsync()).Of("channels"), Is.EquivalentTo(new List<string>
        {
            $"Wrong: A private channel (id {team.PmPrivate.Id}) in the team core is their private channel (channel.private), and @pm-bot is not in it. Type there: /invite @pm-bot",
            "Wrong: ~twitter in the team core has whoever is on duty for \"PM rotation\" in its header, and is archived. Unarchive it, or set another channel; \"settings\" of each command shows how.",
        }));
    }

    [Test]
    public async Task Where_the_bot_is_in_no_channel_or_team_it_is_said()
    {
        await using var edge = await Edge.StartAsync();
        var (team, server) = (edge.Team, edge.Team.Server);
        foreach (var channel in new[] { team.ProductManagement, team.Twitter, team.PmPrivate })
        {
            server.Leave(channel, team.BotUser);
        }

        var report = await edge.CheckAsync();
        Assert.That(report.Of("channels"), Has.Some.EqualTo("Wrong: @pm-bot is in no channel of the team core. Type in each that it is to work in: /invite @pm-bot"));
        server.LeaveTeam(team.Team, team.BotUser);
        report = await edge.CheckAsync();
        Assert.That(report.Of("channels"), Is.EqualTo(new List<string>
        {
            "Wrong: @pm-bot is in no team. In each team that is to use it, main menu > Invite People > @pm-bot; then type in its channels: /invite @pm-bot",
            "Wrong: @pm-bot is not in the team core, which has used it. There, main menu > Invite People > @pm-bot",
        }));
        Assert.That(report.Of("commands, webhooks, way back"), Is.EqualTo(new List<string> { "Skipped: The bot is in no team." }));
    }

    [Test]
    public async Task The_program_ends_with_what_it_found(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var environment = edge.Team.Settings.ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value, StringComparer.Ordinal);
        environment["MATTERMOST_ADMIN_TOKEN"] = edge.Team.Server.Admin.Token;
        var (code, output, error) = await PmBotProgram.RunAsync(environment, edge.Folder, cancellationToken, "check");
        Assert.That((code, error), Is.EqualTo((0, "")), output);
        Assert.That(output, Does.Contain(", in use by a running bot.").And.EndsWith("\nAll is well.\n"), "the lock of another process is seen");
        await edge.MustAsync("cover next monday @jason.b", "jason.b has");

        environment["PmBot__Practice"] = "2019";
        (code, output, error) = await PmBotProgram.RunAsync(environment, edge.Folder, cancellationToken, "check");
        Assert.That((code, error), Is.EqualTo((1, "")));
        Assert.That(output, Does.StartWith("WRONG    settings: PmBot:Practice is \"2019\". ").And.EndsWith("\n1 thing is wrong.\n"));

        (code, output, _) = await PmBotProgram.RunAsync(environment, edge.Folder, cancellationToken, "check", "--settings", "none.json");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.StartWith("WRONG    settings: --settings ").And.EndsWith("none.json: there is no such file.\n1 thing is wrong.\n"));
    }

    private static async Task<Edge> NeverStartedAsync()
    {
        var edge = await Edge.StartAsync(rotation: false);
        await edge.Team.StopBotAsync();
        foreach (var file in Directory.EnumerateFiles(edge.Folder))
        {
            File.Delete(file);
        }

        return edge;
    }

    private static void Sql(Edge edge, string statement)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(edge.Folder, "pmbot.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own statements
        command.CommandText = statement;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
