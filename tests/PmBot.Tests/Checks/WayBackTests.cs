using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using PmBot.Checks;
using PmBot.Mattermost.Inbound;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Sandbox;

namespace PmBot.Tests.Checks;

/// <summary>The way from Mattermost back to the bot: proved by going it, and told apart where it is broken.</summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(120_000)]
internal sealed class WayBackTests
{
    private const string Nonce = "0123456789abcdef0123456789abcdef";

    [TestCase(true, "")]
    [TestCase(true, "/pm")]
    [TestCase(false, "")]
    [TestCase(false, "/pm")]
    public async Task It_is_proved_whether_the_bot_runs_or_not(bool runs, string basePath)
    {
        await using var edge = await Edge.StartAsync(Base(basePath), rotation: false);
        if (!runs)
        {
            await edge.Team.StopBotAsync();
        }

        // The sandbox's commands lead to a bot without a base path.
        Dictionary<string, string?> changes = new(StringComparer.Ordinal);
        foreach (var command in basePath.Length == 0 ? [] : new[] { "pm-rotation", "cr-assign", "agenda" })
        {
            changes[$"PmBot:Triggers:{command}"] = $"x-{command}";
            changes[$"Mattermost:CommandTokens:x-{command}:0"] = edge.Team.Server.AddCommand(edge.Team.Team, $"x-{command}", $"{edge.Team.BotUrl}{basePath}/mattermost/commands/x-{command}");
        }

        if (runs && basePath.Length > 0)
        {
            await edge.Team.StopBotAsync();
            await edge.StartBotAsync(changes);
        }

        var report = await edge.CheckAsync(changes);
        var name = basePath.Length == 0 ? "/" : "/x-";
        Assert.That(report.Of("way back"), Is.EqualTo(new List<string>
        {
            $"Fine: {name}pm-rotation, {name}cr-assign, {name}agenda of the team core: Mattermost reaches this bot as {new Uri(edge.Team.BotUrl).Authority}, with the right token. Buttons and forms go the same way.",
        }));
    }

    [Test]
    public async Task The_question_changes_nothing_and_shows_nothing_but_is_logged()
    {
        await using var edge = await Edge.StartAsync();
        var before = await edge.EverythingAsync();
        var journal = edge.Team.Server.Journal.Count;
        edge.Logs.Clear();
        var said = await edge.Team.Server.TypeAsync(edge.Team.Adam, edge.Team.ProductManagement, $"/pm-rotation {WayBack.Question(Nonce)}");
        Assert.That((said.Text, said.Error), Is.EqualTo(("", (string?)null)));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
        Assert.That(edge.Team.Server.Journal, Has.Count.EqualTo(journal));
        Assert.That(edge.Logs.Lines.Select(l => l.Message), Has.Some.StartsWith("A check asked by /pm-rotation from "));
        Assert.That(edge.Logs.Lines.Where(l => l.ToString().Contains(Nonce, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task Only_who_knows_the_token_is_answered_and_only_to_the_very_question()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var refused = await edge.PostFormAsync(edge.CommandUrl, edge.Form(WayBack.Question(Nonce), token: "token-that-nobody-has-0123"));
        Assert.That((refused.Status, refused.Body), Is.EqualTo((401, "")));

        var answer = await edge.CommandAsync(WayBack.Question(Nonce));
        var proof = WayBack.Read(answer.Json)!;
        Assert.That(answer.Text, Is.Empty);
        Assert.That(proof.Token, Is.EqualTo(WayBack.TokenProof(edge.Team.CommandToken, Nonce)));
        Assert.That(proof.Bot, Is.EqualTo(edge.Signer.Prove(Nonce)));
        Assert.That(WayBack.Read((await edge.CommandAsync(WayBack.Question(Nonce.Replace('0', 'f')))).Json)!.Token, Is.Not.EqualTo(proof.Token));

        foreach (var other in new[] { WayBack.Word, $"{WayBack.Word} {Nonce}0", $"{WayBack.Word} {Nonce[..^1]}G", $"{WayBack.Word} {Nonce} more", $"who {WayBack.Word} {Nonce}" })
        {
            Assert.That(WayBack.Read((await edge.CommandAsync(other)).Json), Is.Null, other);
        }
    }

    [Test]
    public async Task While_the_check_answers_for_the_bot_people_are_told_and_strangers_are_not()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await edge.Team.StopBotAsync();
        var settings = new CheckSettings(new Microsoft.Extensions.Configuration.ConfigurationManager(), null, null);
        foreach (var (key, value) in edge.Team.Settings)
        {
            settings.Configuration[key] = value;
        }

        var (listener, problem) = await ProbeListener.StartAsync(new CheckSettings(settings.Configuration, null, null), new ActionSigner(new SigningKeys(new byte[32], []), TimeProvider.System), CancellationToken.None);
        Assert.That(problem, Is.Empty);
        await using (listener)
        {
            var said = await edge.Team.Server.TypeAsync(edge.Team.Adam, edge.Team.ProductManagement, "/pm-rotation who @all");
            Assert.That(said.Text, Does.StartWith("I am not running yet; ").And.Contains("Nothing was changed. You typed: `/pm-rotation who"));
            Assert.That((await edge.PostFormAsync(edge.CommandUrl, edge.Form("who", token: "wrong"))).Status, Is.EqualTo(401));
            Assert.That((await edge.SendAsync(HttpMethod.Get, edge.Url("/health/live"))).Status, Is.EqualTo(404), "nobody may take it for a bot that runs");
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task An_address_that_nobody_answers_is_told_from_one_that_answers_here(bool answersHere)
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var changes = edge.Leading("pm-nowhere", "http://127.0.0.1:1/mattermost/commands/pm-nowhere");
        if (!answersHere)
        {
            changes["PmBot:PublicUrl"] = "http://127.0.0.1:1";
        }

        var url = answersHere ? edge.Team.BotUrl : "http://127.0.0.1:1";
        Assert.That((await edge.CheckAsync(changes)).Of("way back").Single(l => l.Contains("nowhere", StringComparison.Ordinal)), Is.EqualTo(
            $"Wrong: /pm-nowhere of the team core: Mattermost gets no answer from where it leads. From this machine, {url} "
            + (answersHere ? "does answer, so it is the way from Mattermost to here." : "does not answer either, so PmBot:PublicUrl may be wrong, or nothing passes on what comes there.")
            + " Mattermost calls 127.0.0.1 only if it is allowed to: System Console > Environment > Developer > Allow untrusted internal connections to (ServiceSettings.AllowedUntrustedInternalConnections): add 127.0.0.1."
            + $" It must lead to {url}/mattermost/commands/… (main menu > Integrations > Slash Commands), and no firewall may stand between."));
    }

    [Test]
    public async Task A_token_that_the_running_bot_does_not_know_is_told()
    {
        await using var edge = await Edge.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mattermost:CommandTokens:agenda:0"] = "token-of-long-ago-0123456789" }, rotation: false);
        var lines = (await edge.CheckAsync()).Of("way back");
        Assert.That(lines[0], Does.StartWith("Fine: /pm-rotation, /cr-assign of the team core: "));
        Assert.That(lines[1], Is.EqualTo(
            "Wrong: /agenda of the team core: Whoever answers does not know the command's token (401). Copy it (main menu > Integrations > Slash Commands) into the list Mattermost:CommandTokens:agenda, and restart the bot. "
            + $"If it is there, another bot answers: let the command lead to {edge.Team.BotUrl}/mattermost/commands/agenda."));

        await edge.Team.StopBotAsync();
        Assert.That((await edge.CheckAsync()).Of("way back"), Is.EqualTo(lines), "the check in its place does not know it either");
    }

    [Test]
    public async Task A_bot_that_was_started_with_other_settings_is_told()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var token = await edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mattermost:CommandTokens:agenda:0"] = "token-of-long-ago-0123456789" });
        Assert.That(token.Of("way back"), Has.Some.StartsWith("Wrong: /agenda of the team core: A bot answers that knows the command's token, which these settings do not have."));
        var key = await edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:SigningKey"] = "a-signing-key-of-at-least-32-characters" });
        Assert.That(key.Of("way back").Single(), Does.StartWith("Wrong: /pm-rotation, /cr-assign, /agenda of the team core: Another bot answers, with another store or another PmBot:SigningKey."));
        var store = await edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage:ConnectionString"] = $"Data Source={edge.Folder}/other/pmbot.db" });
        Assert.That(store.Of("bot").Single(), Does.StartWith($"Wrong: {edge.Team.BotUrl}/health/live answers like a bot, but none runs on this store."));
        Assert.That(store.Of("way back").Single(), Does.StartWith($"Wrong: The bot does not run, and cannot listen at {edge.Team.BotUrl}: "));
    }

    [Test]
    public async Task Buttons_that_lead_to_another_name_than_the_commands_are_a_warning()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var elsewhere = edge.Team.BotUrl.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        var report = await edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:PublicUrl"] = elsewhere });
        Assert.That(report.Of("way back").Single(), Is.EqualTo(
            $"Warning: /pm-rotation, /cr-assign, /agenda of the team core: This bot answers, but was called as {new Uri(edge.Team.BotUrl).Authority}, and buttons and forms lead to {elsewhere}. "
            + "Set PmBot:PublicUrl to what the commands lead to, unless a proxy between is known to change the name."));
        Assert.That(report.ExitCode, Is.Zero);
    }

    [TestCase("pmbot.example.com", "https", "Fine", "Mattermost reaches this bot as pmbot.example.com, with the right token. Buttons and forms go the same way.")]
    [TestCase("pmbot.example.com, inner.example.com", "HTTPS, http", "Fine", "Mattermost reaches this bot as pmbot.example.com, with the right token. Buttons and forms go the same way.")]
    [TestCase("pmbot.example.com", null, "Fine", "Mattermost reaches this bot as pmbot.example.com, with the right token. Buttons and forms lead to https://pmbot.example.com/pm.")]
    [TestCase("pmbot.example.com", "http", "Warning", "This bot answers, but was called as http://pmbot.example.com, and buttons and forms lead to https://pmbot.example.com.")]
    [TestCase("pmbot.example.com:8443", "https", "Warning", "This bot answers, but was called as pmbot.example.com:8443, and buttons and forms lead to https://pmbot.example.com.")]
    [TestCase("other.example.com", "https", "Warning", "This bot answers, but was called as other.example.com, and buttons and forms lead to https://pmbot.example.com.")]
    [TestCase(null, null, "Warning", "This bot answers, but was called as 127.0.0.1:")]
    public async Task A_proxy_between_is_believed_by_what_it_says_it_was_called(string? host, string? scheme, string verdict, string says)
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await edge.Team.StopBotAsync();
        await using var proxy = await Receiver.StartAsync();
        using var http = new HttpClient();
        proxy.Answer = async (request, response) =>
        {
            // It takes the first part of the path away, and calls the bot by another name.
            using var passed = new HttpRequestMessage(HttpMethod.Post, edge.Team.BotUrl + request.Path) { Content = new StringContent(request.Body, null, "application/x-www-form-urlencoded") };
            passed.Headers.TryAddWithoutValidation("X-Forwarded-Host", host ?? "");
            passed.Headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme ?? "");
            using var answer = await http.SendAsync(passed);
            response.StatusCode = (int)answer.StatusCode;
            response.ContentType = "application/json";
            await response.WriteAsync(await answer.Content.ReadAsStringAsync());
        };
        var changes = edge.Leading("pm-other", proxy.Url + "/pm/mattermost/commands/pm-other");
        changes["PmBot:PublicUrl"] = "https://pmbot.example.com";
        changes["PmBot:BasePath"] = "/pm";
        Assert.That((await edge.CheckAsync(changes)).Of("way back"), Has.One.StartsWith($"{verdict}: /pm-other of the team core: {says}"));
    }

    [Test]
    public async Task A_server_that_is_asked_too_often_is_not_taken_for_a_broken_one()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        edge.Team.Server.Faults.Add("POST", "/api/v4/commands/execute", new FaultKind.RateLimited(1), int.MaxValue);
        Assert.That((await edge.CheckAsync()).Of("way back"), Has.All.Contains("Mattermost did not carry the command out: it is asked too often at the moment (429). Try again;"));
        edge.Team.Server.Faults.Add("GET", "/api/v4/system/ping", new FaultKind.RateLimited(1), int.MaxValue);
        Assert.That((await edge.CheckAsync()).Of("mattermost").Single(), Does.StartWith("Wrong: ").And.EndsWith(" is asked too often at the moment, and answers 429. Try again in a minute."));
    }

    [Test]
    public async Task What_a_proxy_before_the_server_says_is_told_by_its_status()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await using var proxy = await Receiver.StartAsync();
        using var http = new HttpClient();
        proxy.Answer = async (request, response) =>
        {
            if (request.Path == "/api/v4/commands/execute")
            {
                response.StatusCode = 502;
                response.ContentType = "text/html";
                await response.WriteAsync("<html>Bad Gateway</html>");
                return;
            }

            using var passed = new HttpRequestMessage(HttpMethod.Parse(request.Method), new Uri(edge.Team.Server.Url, request.Path));
            passed.Headers.TryAddWithoutValidation("Authorization", request.Headers.GetValueOrDefault("Authorization", ""));
            using var answer = await http.SendAsync(passed);
            response.StatusCode = (int)answer.StatusCode;
            response.ContentType = "application/json";
            await response.WriteAsync(await answer.Content.ReadAsStringAsync());
        };
        var report = await edge.CheckAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mattermost:Url"] = proxy.Url });
        Assert.That(report.Of("way back").Single(), Does.Contain("Mattermost did not carry the command out: the server answered 502."));
    }

    [Test]
    public async Task A_number_in_the_word_is_not_taken_for_the_status()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await using var other = await Receiver.StartAsync();
        other.Answers(502, "text/plain", "no");
        Assert.That((await edge.CheckAsync(edge.Leading("pm-404", other.Url))).Of("way back"), Has.One.StartsWith("Wrong: /pm-404 of the team core: A proxy answers, which does not reach the bot (502)."));
    }

    [TestCase("""{"response_type":"ephemeral","text":"Which agenda?"}""", "Another program answers: a plugin of Mattermost has this command, or it leads elsewhere. Give the bot's command another word, and set PmBot:Triggers:pm-rotation to it;")]
    [TestCase("""{"text":"I don't know `/pm-other pmbot-check`. Did you mean …"}""", "Something answers that does not know the question of this check: a PmBot of an older version, or another program.")]
    [TestCase("""{"props":{"pmbot_check":{"token":"forged","bot":"forged"}}}""", "A bot answers that knows the command's token, which these settings do not have.")]
    [TestCase("""{"props":{"pmbot_check":"forged"}}""", "Another program answers: ")]
    public async Task Another_program_is_told_from_an_older_bot(string answer, string says)
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await using var other = await Receiver.StartAsync();
        other.Answers(200, "application/json", answer);
        var line = (await edge.CheckAsync(edge.Leading("pm-other", other.Url + "/hook"))).Of("way back").Single(l => l.Contains("pm-other", StringComparison.Ordinal));

        // What the other one said is shown to the bot's account only, as is what everybody's command says.
        Assert.That(line, Does.StartWith($"Wrong: /pm-other of the team core: {says}"));
    }

    [TestCase(401, "Whoever answers does not know the command's token (401).")]
    [TestCase(404, "Where it leads, there is no such page (404).")]
    [TestCase(405, "It is sent by GET (405).")]
    [TestCase(502, "A proxy answers, which does not reach the bot (502).")]
    [TestCase(500, "Where it leads, the answer is 500.")]
    public async Task A_refusal_is_told_by_its_status(int status, string says)
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await using var other = await Receiver.StartAsync();
        other.Answers(status, "text/plain", "no");
        Assert.That(
            (await edge.CheckAsync(edge.Leading("pm-other", other.Url))).Of("way back"), Has.One.StartsWith($"Wrong: /pm-other of the team core: {says}"));
    }

    [Test]
    public async Task A_command_that_there_is_not_is_told_with_how_to_make_it()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        Assert.That((await edge.CheckAsync(Checking.Named("pm-none", "token-of-no-command-0123456789"))).Of("way back"), Has.One.EqualTo(
            "Wrong: /pm-none of the team core: There is no such command. Type pmbot provision, or in Mattermost, main menu > Integrations > Slash Commands > Add Slash Command: trigger word pm-none, "
            + $"request URL {edge.Team.BotUrl}/mattermost/commands/pm-none, request method POST; then put its token into Mattermost:CommandTokens:pm-none."));
    }

    [TestCase(501, "api.command.disabled.app_error", "The server's slash commands are switched off. System Console > Integrations > Integration Management: Enable Custom Slash Commands.")]
    [TestCase(403, "api.context.permissions.app_error", "The bot's account may not type commands where it is.")]
    [TestCase(500, "api.command.execute_command.failed_empty.app_error", "Another program answers, with nothing.")]
    [TestCase(400, "api.command.execute_command.site_url_required.app_error", "Mattermost did not carry the command out: Some words (api.command.execute_command.site_url_required.app_error, 400).")]
    public async Task What_the_server_itself_refuses_is_told(int status, string id, string says)
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        edge.Team.Server.Faults.Add("POST", "/api/v4/commands/execute", new FaultKind.Status(status, JsonSerializer.Serialize(new { id, message = "Some words." })), int.MaxValue);
        Assert.That((await edge.CheckAsync()).Of("way back"), Is.Not.Empty.And.All.Match("^Wrong: /pm-rotation|^Wrong: /cr-assign|^Wrong: /agenda").And.All.Contains($" of the team core: {says}"));
    }

    [Test]
    public async Task A_channel_for_reading_only_does_not_stop_it()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        edge.Team.Server.Faults.Add(new Fault(
            call => call.Path == "/api/v4/commands/execute" && call.Body.Contains(edge.Team.ProductManagement.Id, StringComparison.Ordinal),
            new FaultKind.Status(403, """{"id":"api.context.permissions.app_error","message":"You do not have the appropriate permissions."}"""), int.MaxValue));
        Assert.That((await edge.CheckAsync()).Of("way back").Single(), Does.StartWith("Fine: "));
    }

    [Test]
    public async Task A_bot_in_no_channel_cannot_ask()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        foreach (var channel in new[] { edge.Team.ProductManagement, edge.Team.Twitter, edge.Team.PmPrivate })
        {
            edge.Team.Server.Leave(channel, edge.Team.BotUser);
        }

        var report = await edge.CheckAsync();
        Assert.That(report.Of("way back"), Is.EqualTo(new List<string> { "Skipped: There is no channel of the team core in which the bot could type a command." }));
        Assert.That(report.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task Each_team_has_commands_of_its_own()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var (team, server) = (edge.Team, edge.Team.Server);
        var second = server.AddTeam("second");
        server.Join(server.AddChannel(second, "anywhere"), team.BotUser);
        server.AddCommand(second, "agenda", $"{team.BotUrl}/mattermost/commands/agenda");
        var lines = (await edge.CheckAsync()).Of("way back");
        Assert.That(lines, Has.Count.EqualTo(4));
        Assert.That(lines[0], Does.StartWith("Fine: /pm-rotation, /cr-assign, /agenda of the team core: "));
        Assert.That(lines[1], Does.StartWith("Wrong: /pm-rotation of the team second: There is no such command."));
        Assert.That(lines[2], Does.StartWith("Wrong: /cr-assign of the team second: There is no such command."));
        Assert.That(lines[3], Does.StartWith("Wrong: /agenda of the team second: Whoever answers does not know the command's token (401)."));
    }

    [Test]
    public async Task A_port_that_another_program_has_is_told()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await edge.Team.StopBotAsync();
        using var taken = new TcpListener(IPAddress.Loopback, new Uri(edge.Team.BotUrl).Port);
        taken.Start();
        Assert.That((await edge.CheckAsync()).Of("way back").Single(), Does.StartWith($"Wrong: The bot does not run, and cannot listen at {edge.Team.BotUrl}: ").And.Contains("address already in use").And.Contains("Set ASPNETCORE_URLS to a free address"));
    }

    private static Dictionary<string, string?> Base(string basePath) => new(StringComparer.Ordinal) { ["PmBot:BasePath"] = basePath };
}
