using System.Text;
using NUnit.Framework;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>Who may send a command, in which form, and what a refusal leaves behind: nothing but a line in the log.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class CommandEndpointTests
{
    private const string Second = "second-token-of-the-trigger";
    private const string Standup = "token-of-the-standup-command";
    private static readonly string[] TriggerAndRemote = ["Trigger", "Remote"];
    private const int MostBytes = 256 * 1024;
    private const string FormType = "application/x-www-form-urlencoded";

    private Edge _edge = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _edge = await Edge.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Mattermost:CommandTokens:pm-rotation:1"] = Second,
        ["Mattermost:CommandTokens:standup:0"] = Standup,
    });

    [OneTimeTearDown]
    public async Task StopAsync() => await _edge.DisposeAsync();

    [Test]
    public async Task The_captured_command_is_answered_as_mattermost_wants_it()
    {
        var request = RawHttp.Captured("slash-command.http")
            .Replace("/slash/cr-assign", "/mattermost/commands/pm-rotation", StringComparison.Ordinal)
            .Replace("4gi9tjyj7inrijg9y3hdq8khoc", _edge.Team.CommandToken, StringComparison.Ordinal);
        var answer = await RawHttp.SendAsync(_edge.Team.BotUrl, request);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(200));
            Assert.That(answer.ContentType, Does.StartWith("application/json"));
            Assert.That(answer.Json.GetProperty("response_type").GetString(), Is.EqualTo("ephemeral"));
            Assert.That(answer.Text, Does.Contain("I don't know").And.Contain("42 @katie.wiersgalla \"quoted thing\" in ~product-management"));
        });
    }

    [TestCase("the command", true, false, 200)]
    [TestCase("the command", false, true, 200)]
    [TestCase("the command", true, true, 200)]
    [TestCase("second", true, true, 200)]
    [TestCase("none", false, false, 401)]
    [TestCase("wrong", true, false, 401)]
    [TestCase("wrong", false, true, 401)]
    [TestCase("standup", true, true, 401)]
    [TestCase("empty", true, true, 401)]
    [TestCase("upper case", true, true, 401)]
    [TestCase("cut", true, true, 401)]
    public async Task A_command_needs_one_of_its_triggers_tokens(string token, bool inField, bool inHeader, int status)
    {
        var value = Value(token);
        var before = await _edge.EverythingAsync();
        var answer = await PostAsync("set reminder 7h", inField ? [value] : [], inHeader ? [$"Token {value}"] : []);
        Assert.That(answer.Status, Is.EqualTo(status));
        if (status == 200)
        {
            Assert.That(answer.Text, Does.Contain("7 hours"));
            await _edge.MustAsync("set reminder 4h", "4 hours");
        }
        else
        {
            Assert.That(answer.Body, Is.Empty);
            Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
        }
    }

    [TestCase(new[] { "wrong" }, new[] { "Token the command" })]
    [TestCase(new[] { "the command" }, new[] { "Token wrong" })]
    [TestCase(new[] { "the command" }, new[] { "Token standup" })]
    [TestCase(new[] { "the command", "wrong" }, new string[0])]
    [TestCase(new[] { "the command" }, new[] { "Bearer the command" })]
    [TestCase(new[] { "the command" }, new[] { "Token the command", "Token wrong" })]
    [TestCase(new[] { "the command" }, new[] { "" })]
    [TestCase(new[] { "" }, new[] { "Token the command" })]
    public async Task One_wrong_token_beside_a_right_one_is_a_refusal(string[] fields, string[] headers)
    {
        var before = await _edge.EverythingAsync();
        var answer = await PostAsync(
            "set reminder 7h", [.. fields.Select(Value)],
            [.. headers.Select(h => h.Split(' ', 2) is [var scheme, var token] ? $"{scheme} {Value(token)}" : h)]);
        if (headers is [""] && answer.Status == 200)
        {
            // An empty header is none: clients and servers may leave it out on the way.
            await _edge.MustAsync("set reminder 4h", "4 hours");
            return;
        }

        Assert.That(answer, Is.EqualTo(new Answer(401, null, "")));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_second_header_cannot_hide_a_wrong_token([Values("Token wrong", "Bearer x", "")] string second, [Values] bool first)
    {
        var request = RawHttp.Captured("slash-command.http")
            .Replace("/slash/cr-assign", "/mattermost/commands/pm-rotation", StringComparison.Ordinal)
            .Replace("4gi9tjyj7inrijg9y3hdq8khoc", _edge.Team.CommandToken, StringComparison.Ordinal);
        var header = $"Authorization: Token {_edge.Team.CommandToken}\r\n";
        Assert.That(request, Does.Contain(header));
        var two = request.Replace(header, first ? $"Authorization: {second}\r\n{header}" : $"{header}Authorization: {second}\r\n", StringComparison.Ordinal);
        Assert.That((await RawHttp.SendAsync(_edge.Team.BotUrl, two)).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task Different_tokens_of_the_trigger_may_stand_side_by_side()
    {
        var answer = await PostAsync("who", [_edge.Team.CommandToken], [$"token  {Second} "]);
        Assert.That(answer.Status, Is.EqualTo(200));
    }

    [TestCase("nothing")]
    [TestCase("pm-rotation2")]
    [TestCase("PM-ROTATION")]
    [TestCase("pm-rotation%00")]
    public async Task An_unknown_trigger_is_refused_like_a_wrong_token(string trigger)
    {
        var before = await _edge.EverythingAsync();
        var answer = await _edge.PostFormAsync(
            _edge.Url($"/mattermost/commands/{trigger}"), _edge.Form("set reminder 7h"), $"Token {_edge.Team.CommandToken}");
        Assert.That(answer.Status, Is.EqualTo(401).Or.EqualTo(400));
        Assert.That(answer.Body, Is.Empty);
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_trigger_with_a_token_but_no_command_says_so()
    {
        var answer = await _edge.PostFormAsync(_edge.Url("/mattermost/commands/standup"), _edge.Form("list", token: Standup));
        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Text, Does.StartWith("I have no command `/standup`."));
    }

    [Test]
    public async Task A_refusal_is_logged_with_trigger_and_address_and_nothing_else()
    {
        _edge.Logs.Clear();
        var form = _edge.Form("handoff secret-of-the-text", _edge.Team.Adam, "not-the-token-at-all");
        Assert.That((await _edge.PostFormAsync(_edge.CommandUrl, form, "Token not-in-the-header-either")).Status, Is.EqualTo(401));
        var line = _edge.Logs.Warnings.Single();
        Assert.Multiple(() =>
        {
            Assert.That(line.Values.Keys, Is.EquivalentTo(TriggerAndRemote));
            Assert.That(line.Values["Trigger"], Is.EqualTo("pm-rotation"));
            Assert.That(line.Values["Remote"], Does.Contain("127.0.0.1"));
            Assert.That(line.Exception, Is.Empty);
            var log = string.Join('\n', _edge.Logs.Lines);
            foreach (var secret in new[]
                {
                    "not-the-token-at-all", "not-in-the-header-either", "secret-of-the-text", "adam.c", _edge.Team.Adam.Id, _edge.Team.CommandToken,
                    _edge.Team.Team.Id, _edge.Team.ProductManagement.Id, "response_url", "user_name",
                })
            {
                Assert.That(log, Does.Not.Contain(secret));
            }
        });
    }

    [TestCase("a%0Ab", "a?b")]
    [TestCase("a%0D%0A2026-11-25%20forged%20line", "a??2026-11-25?forged?line")]
    [TestCase("%1B%5B31mred", "??31mred")]
    [TestCase("%E2%80%AEabc", "?abc")]
    [TestCase("%C2%85next", "?next")]
    public async Task Control_characters_of_a_trigger_do_not_reach_the_log(string trigger, string logged)
    {
        _edge.Logs.Clear();
        var answer = await _edge.PostFormAsync(_edge.Url($"/mattermost/commands/{trigger}"), _edge.Form("who"));
        Assert.That(answer.Status, Is.EqualTo(401));
        var line = _edge.Logs.Warnings.Single();
        Assert.That(line.Values["Trigger"], Is.EqualTo(logged));
        Assert.That(line.Message.Any(c => char.IsControl(c) || c == '\u202e'), Is.False);
    }

    [Test]
    public async Task A_long_trigger_does_not_flood_the_log()
    {
        _edge.Logs.Clear();
        await _edge.PostFormAsync(_edge.Url($"/mattermost/commands/{new string('x', 5000)}"), _edge.Form("who"));
        Assert.That(_edge.Logs.Warnings.Single().Message, Has.Length.LessThan(200));
    }

    [TestCase(MostBytes, false, 200)]
    [TestCase(MostBytes, true, 200)]
    [TestCase(MostBytes + 1, false, 413)]
    [TestCase(MostBytes + 1, true, 413)]
    [TestCase(MostBytes * 3, true, 413)]
    public async Task A_body_has_256_kilobytes_at_most(int length, bool chunked, int status)
    {
        var head = Edge.Encode(_edge.Form("handoff x")) + "&padding=";
        var body = Encoding.ASCII.GetBytes(head + new string('x', length - head.Length));
        var answer = await _edge.SendAsync(HttpMethod.Post, _edge.CommandUrl, body, FormType, chunked);
        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Body, status == 200 ? Is.Not.Empty : Is.Empty);
    }

    [TestCase("application/x-www-form-urlencoded", 200)]
    [TestCase("application/x-www-form-urlencoded; charset=utf-8", 200)]
    [TestCase("Application/X-WWW-Form-Urlencoded;charset=UTF-8", 200)]
    [TestCase("application/json", 415)]
    [TestCase("multipart/form-data; boundary=x", 415)]
    [TestCase("text/plain", 415)]
    [TestCase("application/x-www-form-urlencodedx", 415)]
    [TestCase(null, 415)]
    public async Task Only_a_form_is_read(string? type, int status)
    {
        var body = Encoding.ASCII.GetBytes(Edge.Encode(_edge.Form("who")));
        var answer = await _edge.SendAsync(HttpMethod.Post, _edge.CommandUrl, body, type);
        Assert.That(answer.Status, Is.EqualTo(status));
    }

    [TestCase("GET")]
    [TestCase("PUT")]
    [TestCase("DELETE")]
    [TestCase("HEAD")]
    public async Task Other_methods_are_none(string method)
    {
        foreach (var url in new[] { _edge.CommandUrl, _edge.HookUrl, _edge.ActionUrl, _edge.DialogUrl })
        {
            var answer = await _edge.SendAsync(new HttpMethod(method), url + "?token=" + _edge.Team.CommandToken);
            Assert.That(answer.Status, Is.EqualTo(405).Or.EqualTo(404));
            Assert.That(answer.Body, Is.Empty);
        }
    }

    [Test]
    public async Task A_token_in_the_address_is_none()
    {
        var form = _edge.Form("who").Where(f => f.Key != "token");
        Assert.That((await _edge.PostFormAsync($"{_edge.CommandUrl}?token={_edge.Team.CommandToken}", form)).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task Every_mentioned_user_is_understood_by_the_ids_that_came_along()
    {
        // The ids are told apart from names by a name that the server does not know.
        List<KeyValuePair<string, string>> form =
        [
            .. _edge.Form("order @first.alias @second.alias @katie.w @aaron.r"),
            new("user_mentions", "first.alias"), new("user_mentions", "second.alias"), new("user_mentions", "katie.w"),
            new("user_mentions_ids", _edge.Team.Jason.Id), new("user_mentions_ids", _edge.Team.Adam.Id), new("user_mentions_ids", _edge.Team.Katie.Id),
        ];
        var answer = await _edge.PostFormAsync(_edge.CommandUrl, form);
        Assert.That(answer.Text, Does.Contain("as listed: jason.b, adam.c, katie.w, aaron.r."));
        await _edge.MustAsync("order alphabetical", "alphabetical");
    }

    [TestCase(1900, true)]
    [TestCase(2100, false, Description = "what a button runs travels with it")]
    public async Task A_long_text_with_an_unknown_verb_is_typed_again(int length, bool offered)
    {
        var answer = await _edge.CommandAsync("histry " + new string('x', length));
        Assert.That(answer.Text, Does.StartWith("I don't know `/pm-rotation histry`."));
        Assert.That(answer.Body.Contains("attachments", StringComparison.Ordinal), Is.EqualTo(offered));
    }

    [Test]
    public async Task A_mention_without_its_id_is_looked_up()
    {
        List<KeyValuePair<string, string>> form =
        [
            .. _edge.Form("order @adam.c @jason.b @katie.w @aaron.r"),
            new("user_mentions", "adam.c"), new("user_mentions", "jason.b"), new("user_mentions_ids", _edge.Team.Adam.Id),
        ];
        Assert.That((await _edge.PostFormAsync(_edge.CommandUrl, form)).Text, Does.Contain("as listed: adam.c, jason.b, katie.w, aaron.r."));
        await _edge.MustAsync("order alphabetical", "alphabetical");
    }

    [TestCase("help")]
    [TestCase("set announce")]
    [TestCase("histry")]
    public async Task An_answer_is_never_longer_than_mattermost_takes(string verb)
    {
        foreach (var text in new[] { new string('x', 60_000), string.Concat(Enumerable.Repeat("a b ", 7_000)), new string('`', 20_000) })
        {
            var answer = await _edge.PostFormAsync(_edge.CommandUrl, _edge.Form($"{verb} --flag {text}"));
            Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
            Assert.That(answer.Text, Has.Length.LessThanOrEqualTo(16_383));
        }
    }

    private Task<Answer> PostAsync(string text, string[] fields, string[] headers)
    {
        var form = _edge.Form(text).Where(f => f.Key != "token").Concat(fields.Select(f => KeyValuePair.Create("token", f)));
        return _edge.PostFormAsync(_edge.CommandUrl, form, headers);
    }

    private string Value(string name) => name switch
    {
        "the command" => _edge.Team.CommandToken,
        "second" => Second,
        "standup" => Standup,
        "empty" => "",
        "upper case" => _edge.Team.CommandToken.ToUpperInvariant(),
        "cut" => _edge.Team.CommandToken[..^1],
        _ => "wrong-token-of-26-characters",
    };
}

/// <summary>What goes wrong inside is told to the user, with an id that is in the log.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class FaultAnswerTests
{
    [Test]
    public async Task A_fault_is_an_answer_with_an_id_that_the_log_has()
    {
        await using var edge = await Edge.StartAsync();
        var button = edge.Button("I've got it");
        await edge.Store.DisposeAsync();
        edge.Logs.Clear();

        var command = await edge.CommandAsync("handoff note-that-is-private");
        var press = await edge.PressAsync(edge.Team.Aaron, button);
        Assert.Multiple(() =>
        {
            Assert.That(command.Status, Is.EqualTo(200));
            Assert.That(command.Json.GetProperty("response_type").GetString(), Is.EqualTo("ephemeral"));
            Assert.That(command.Text, Does.Contain("`/pm-rotation handoff note-that-is-private`"), "nothing typed is lost");
            Assert.That(press.Status, Is.EqualTo(200));
            var faults = edge.Logs.Lines.Where(l => l.Values.ContainsKey("Fault")).Select(l => l.Values["Fault"]).ToList();
            Assert.That(faults, Has.Count.EqualTo(2).And.Unique);
            Assert.That(command.Text, Does.Contain($"`{faults[0]}`"));
            Assert.That(press.Ephemeral, Does.Contain($"`{faults[1]}`"));
            Assert.That(string.Join('\n', edge.Logs.Lines), Does.Not.Contain("note-that-is-private"));
        });
    }

    [Test]
    public async Task All_endpoints_move_under_the_base_path()
    {
        await using var edge = await Edge.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:BasePath"] = "/bots/pm/" }, rotation: false);
        var answer = await edge.PostFormAsync(edge.Team.BotUrl + "/bots/pm/mattermost/commands/pm-rotation", edge.Form("create"));
        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That((await edge.PostFormAsync(edge.Team.BotUrl + "/mattermost/commands/pm-rotation", edge.Form("who"))).Status, Is.EqualTo(404));
        Assert.That((await edge.SendAsync(HttpMethod.Get, edge.Team.BotUrl + "/bots/pm/health/live")).Status, Is.EqualTo(200));
        Assert.That((await edge.SendAsync(HttpMethod.Get, edge.Team.BotUrl + "/health/live")).Status, Is.EqualTo(404));
        await edge.PostFormAsync(edge.Team.BotUrl + "/bots/pm/mattermost/commands/pm-rotation", edge.Form("create X"));
        var unknown = await edge.PostFormAsync(edge.Team.BotUrl + "/bots/pm/mattermost/commands/pm-rotation", edge.Form("histry"));
        Assert.That(unknown.Body, Does.Contain($"{edge.Team.BotUrl}/bots/pm/mattermost/actions"), "buttons lead to the new place");
    }
}
