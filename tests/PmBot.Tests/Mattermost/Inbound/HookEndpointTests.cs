using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using PmBot.Mattermost.Inbound;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>Who may bring a post, in which form, and what a refusal leaves behind.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class HookEndpointTests
{
    private const int MostBytes = 256 * 1024;
    private const string FormType = "application/x-www-form-urlencoded";
    private static readonly string[] OnlyRemote = ["Remote"];

    private Edge _edge = null!;
    private Notebook _notebook = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => (_edge, _notebook) = await Notebook.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _edge.DisposeAsync();

    [TestCase("outgoing-webhook-json.http", "/hook/agenda", "hu8xu67g7bgmxbhhcrs3ox98ew", "agenda:", "8xkt1n7pkfnr986zt5snanbnqw", "discuss Fix Version cleanup https://example.com/doc")]
    [TestCase("outgoing-webhook-form.http", "/hook/agendaform", "igbd9rfjijfjtcwy7x4y3p8zmo", "agendaf%3A", "unxbguqesfykdnyne57u5zzmsr", "discuss form")]
    public async Task The_captured_posts_are_read_to_the_field(string file, string path, string token, string word, string postId, string rest)
    {
        // The same length, so that the captured header still holds. The words and the author are the stand-in's.
        var own = word.EndsWith(':') ? "cr:    " : "cr%3A+++++";
        var request = RawHttp.Captured(file)
            .Replace($"POST {path} ", $"POST {MattermostEndpoints.HooksPath} ", StringComparison.Ordinal)
            .Replace(token, Notebook.Token, StringComparison.Ordinal)
            .Replace("3bmuyrgh97fx3ckwopda98r8oo", _edge.Team.Adam.Id, StringComparison.Ordinal)
            .Replace(word, own, StringComparison.Ordinal);
        var answer = await RawHttp.SendAsync(_edge.Team.BotUrl, request);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(200));
            Assert.That(answer.ContentType, Does.StartWith("application/json"));
            Assert.That(answer.Body, Is.EqualTo($$"""{"text":"Noted: {{rest}}","response_type":"comment"}"""));
            var post = _notebook.Noted.Single(p => p.PostId == postId);
            Assert.That(post with { Text = "" }, Is.EqualTo(new HookPost(
                "jtrtftutmirj8pu8mshqzqu5ue", "core", "mboiqyjba3ns9rqbbwdebuqqjo", "product-management", postId, _edge.Team.Adam.Id, "adam.clarkson", "", "cr:")));
            Assert.That(post.Rest, Is.EqualTo(rest));
        });
    }

    [TestCase("first", true, false, 200)]
    [TestCase("second", true, false, 200)]
    [TestCase("first", false, true, 200)]
    [TestCase("first", true, true, 200)]
    [TestCase("none", false, false, 401)]
    [TestCase("wrong", true, false, 401)]
    [TestCase("wrong", false, true, 401)]
    [TestCase("empty", true, false, 401)]
    [TestCase("command", true, false, 401)]
    [TestCase("upper case", true, false, 401)]
    [TestCase("cut", true, false, 401)]
    public async Task A_post_needs_one_of_the_tokens(string token, bool inBody, bool inHeader, int status)
    {
        foreach (var form in new[] { true, false })
        {
            var before = await _edge.EverythingAsync();
            var count = _notebook.Noted.Count;
            var answer = await PostAsync("#cr x", inBody ? [Value(token)] : [], inHeader ? [$"Token {Value(token)}"] : [], form);
            Assert.That(answer.Status, Is.EqualTo(status));
            if (status == 200)
            {
                Assert.That((answer.Text, _notebook.Noted.Count), Is.EqualTo(("Noted: x", count + 1)));
            }
            else
            {
                Assert.That(answer, Is.EqualTo(new Answer(401, null, "")));
                Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
            }
        }
    }

    [TestCase(new[] { "wrong", "first" }, new string[0])]
    [TestCase(new[] { "first", "wrong" }, new string[0])]
    [TestCase(new[] { "first", "" }, new string[0])]
    [TestCase(new[] { "first" }, new[] { "Token wrong" })]
    [TestCase(new[] { "wrong" }, new[] { "Token first" })]
    [TestCase(new[] { "first" }, new[] { "Bearer first" })]
    [TestCase(new[] { "first" }, new[] { "Token first", "Token wrong" })]
    public async Task One_wrong_token_beside_a_right_one_is_a_refusal(string[] fields, string[] headers)
    {
        foreach (var form in new[] { true, false })
        {
            var before = await _edge.EverythingAsync();
            var answer = await PostAsync(
                "#cr x", [.. fields.Select(Value)], [.. headers.Select(h => h.Split(' ') is [var scheme, var token] ? $"{scheme} {Value(token)}" : h)], form);
            Assert.That(answer, Is.EqualTo(new Answer(401, null, "")));
            Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
        }
    }

    [TestCase("null")]
    [TestCase("1")]
    [TestCase("true")]
    [TestCase("[\"token-of-the-first-webhook\"]")]
    [TestCase("{\"token\":\"token-of-the-first-webhook\"}")]
    public async Task A_token_that_is_no_text_is_a_wrong_one(string token)
    {
        var json = Json("#cr x").Replace($"\"{Notebook.Token}\"", token, StringComparison.Ordinal);
        Assert.That(await _edge.PostJsonAsync(_edge.HookUrl, json), Is.EqualTo(new Answer(401, null, "")));
    }

    [Test]
    public async Task A_token_in_the_address_is_none()
    {
        var json = _edge.Hook("#cr x", "");
        json.Remove("token");
        Assert.That((await _edge.PostJsonAsync($"{_edge.HookUrl}?token={Notebook.Token}", json.ToJsonString())).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task Without_tokens_in_the_settings_everything_is_refused()
    {
        await using var edge = await Edge.StartAsync(rotation: false, configure: new Notebook().AddTo);
        foreach (var token in new[] { "", edge.Team.CommandToken, Notebook.Token })
        {
            Assert.That(await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#cr x", token).ToJsonString()), Is.EqualTo(new Answer(401, null, "")));
        }
    }

    [Test]
    public async Task A_refusal_is_logged_with_the_address_and_nothing_else()
    {
        _edge.Logs.Clear();
        var json = _edge.Hook("#cr secret-of-the-text", "not-the-token-at-all").ToJsonString();
        var answer = await _edge.SendAsync(
            HttpMethod.Post, _edge.HookUrl, Encoding.UTF8.GetBytes(json), "application/json", authorization: ["Token not-in-the-header-either"]);
        Assert.That(answer.Status, Is.EqualTo(401));
        var line = _edge.Logs.Warnings.Single();
        Assert.That(line.Values.Keys, Is.EquivalentTo(OnlyRemote));
        Assert.That(line.Values["Remote"], Does.Contain("127.0.0.1"));
        var log = string.Join('\n', _edge.Logs.Lines);
        foreach (var secret in new[] { "not-the-token-at-all", "not-in-the-header-either", "secret-of-the-text", "adam.c", _edge.Team.Adam.Id, Notebook.Token })
        {
            Assert.That(log, Does.Not.Contain(secret));
        }
    }

    [Test]
    public async Task What_is_carried_out_is_not_in_the_log()
    {
        _edge.Logs.Clear();
        Assert.That((await SendAsync("#cr secret-of-the-text")).Status, Is.EqualTo(200));
        Assert.That(string.Join('\n', _edge.Logs.Lines), Does.Not.Contain("secret-of-the-text").And.Not.Contain(Notebook.Token));
    }

    [TestCase(MostBytes, false, 200)]
    [TestCase(MostBytes, true, 200)]
    [TestCase(MostBytes + 1, false, 413)]
    [TestCase(MostBytes + 1, true, 413)]
    public async Task A_body_has_256_kilobytes_at_most(int length, bool chunked, int status)
    {
        var json = Json("#cr x");
        var form = Edge.Encode(Form("#cr x", [Notebook.Token])) + "&padding=";
        foreach (var (body, type) in new[] { (json + new string(' ', length - json.Length), "application/json"), (form + new string('x', length - form.Length), FormType) })
        {
            var answer = await _edge.SendAsync(HttpMethod.Post, _edge.HookUrl, Encoding.ASCII.GetBytes(body), type, chunked);
            Assert.That(answer.Status, Is.EqualTo(status));
            Assert.That(answer.Body, status == 200 ? Is.Not.Empty : Is.Empty);
        }
    }

    [TestCase("\u7533")]
    [TestCase("e\u0301")]
    [TestCase("👩")]
    public async Task The_longest_post_in_any_script_is_taken(string sign)
    {
        // Mattermost counts runes, of which a post has 16,383; percent-encoded each of them has up to twelve bytes.
        var text = "#cr x\n" + string.Concat(Enumerable.Repeat(sign, 16_300 / sign.EnumerateRunes().Count()));
        Assert.That((await _edge.PostFormAsync(_edge.HookUrl, Form(text, [Notebook.Token]))).Text, Does.StartWith("Noted"));
    }

    [TestCase("application/json; charset=utf-8", 200)]
    [TestCase("APPLICATION/JSON", 200)]
    [TestCase("text/json", 415)]
    [TestCase("multipart/form-data; boundary=x", 415)]
    [TestCase("text/plain", 415)]
    [TestCase(null, 415)]
    public async Task Only_json_and_forms_are_read(string? type, int status) =>
        Assert.That((await _edge.SendAsync(HttpMethod.Post, _edge.HookUrl, Encoding.UTF8.GetBytes(Json("#cr x")), type)).Status, Is.EqualTo(status));

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("\"#cr\"")]
    [TestCase("{\"token\":")]
    [TestCase("{\"token\":\"token-of-the-first-webhook\",}")]
    [TestCase("{\"token\":\"token-of-the-first-webhook\",\"text\":\"#cr \\ud83d\"}")]
    public async Task What_is_no_object_is_no_request(string json) =>
        Assert.That(await _edge.PostJsonAsync(_edge.HookUrl, json), Is.EqualTo(new Answer(400, null, "")));

    private Task<Answer> SendAsync(string text) => _edge.PostJsonAsync(_edge.HookUrl, Json(text));

    private string Json(string text) => _edge.Hook(text, Notebook.Token, postId: Ids.New()).ToJsonString();

    private List<KeyValuePair<string, string>> Form(string text, string[] tokens) =>
    [
        .. _edge.Hook(text, "", postId: Ids.New()).Where(f => f.Key != "token").Select(f => KeyValuePair.Create(f.Key, f.Value!.ToString())),
        .. tokens.Select(t => KeyValuePair.Create("token", t)),
    ];

    private Task<Answer> PostAsync(string text, string[] tokens, string[] headers, bool form)
    {
        if (form)
        {
            return _edge.PostFormAsync(_edge.HookUrl, Form(text, tokens), headers);
        }

        var json = _edge.Hook(text, "", postId: Ids.New());
        json.Remove("token");
        var body = "{" + string.Concat(tokens.Select(t => $"\"token\":\"{t}\",")) + json.ToJsonString()[1..];
        return _edge.SendAsync(HttpMethod.Post, _edge.HookUrl, Encoding.UTF8.GetBytes(body), "application/json", authorization: headers);
    }

    private string Value(string name) => name switch
    {
        "first" => Notebook.Token,
        "second" => Notebook.Second,
        "command" => _edge.Team.CommandToken,
        "empty" or "" => "",
        "upper case" => Notebook.Token.ToUpperInvariant(),
        "cut" => Notebook.Token[..^1],
        _ => "wrong-token-of-26-characters",
    };

    private static class Ids
    {
        public static string New() => Guid.NewGuid().ToString("n")[..26];
    }
}

/// <summary>What becomes of a post that Mattermost did bring.</summary>
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class HookAnswerTests
{
    private static readonly string[] Ids = ["post_id", "user_id", "channel_id", "team_id"];

    [Test]
    public async Task The_same_post_again_is_answered_again_and_done_once()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        var json = edge.Hook("#cr Fix it", Notebook.Token).ToJsonString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => edge.PostJsonAsync(edge.HookUrl, json)));
        Assert.That(answers.Select(a => a.Text), Has.All.EqualTo("Noted: Fix it"));
        Assert.That(notebook.Noted, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task It_works_from_a_post_in_a_channel_to_the_comment_below_it([Values("application/json", "application/x-www-form-urlencoded")] string type)
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;

        // Settings are read at the start only, so the token of the webhook that the server makes is given with another one.
        await edge.Team.StopBotAsync();
        notebook.Words = ["#note"]; // those of the features have webhooks of their own in this team
        var token = edge.Team.Server.AddOutgoingWebhook(edge.Team.Team, null, notebook.Words, edge.HookUrl, type);
        await edge.StartBotAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mattermost:WebhookTokens:0"] = token }, notebook.AddTo);
        notebook.Use(edge.Store);

        var typed = await edge.Team.Server.TypeAsync(edge.Team.Sam, edge.Team.ProductManagement, "#note Export <!channel> as **CSV**\nplease & thanks");
        var comment = edge.Team.Server.Posts(edge.Team.ProductManagement)[^1];
        Assert.That((comment.RootId, comment.Message), Is.EqualTo((typed.Post!.Id, "Noted: Export <\u200b!channel> as **CSV**\nplease & thanks")));
        Assert.That(notebook.Noted.Single() with { Text = "" }, Is.EqualTo(new HookPost(
            edge.Team.Team.Id, "core", edge.Team.ProductManagement.Id, "product-management", typed.Post.Id, edge.Team.Sam.Id, "sam.sales", "", "#note")));
        Assert.That(edge.Team.Server.UnexpectedCalls, Is.Empty);
    }

    [Test]
    public async Task A_reply_is_answered_in_its_thread_and_nowhere_else()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        var (root, reply) = await ThreadAsync(edge);

        var answer = await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#cr Fix it", Notebook.Token, postId: reply.Id).ToJsonString());

        Assert.That(answer.Body, Is.EqualTo("{}"));
        Assert.That(Answers(edge).Select(p => (p.RootId, p.UserId)), Is.EqualTo([(root.Id, edge.Team.BotUser.Id)]));
        Assert.That(notebook.Noted, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_reply_in_whose_thread_the_bot_may_not_write_is_answered_by_a_post()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        var (_, reply) = await ThreadAsync(edge);
        edge.Team.Server.Faults.Add(new Fault(request => request is { Method: "POST", Path: "/api/v4/posts" }, new FaultKind.Status(403)));

        var answer = await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#cr Fix it", Notebook.Token, postId: reply.Id).ToJsonString());

        Assert.That(answer.Body, Is.EqualTo("""{"text":"Noted: Fix it"}"""));
        Assert.That(Answers(edge), Is.Empty);
        Assert.That(notebook.Noted, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Posts_of_bots_are_ignored()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        foreach (var bot in new[] { edge.Team.BotUser, edge.Team.Feed })
        {
            foreach (var text in new[] { "#cr x", "#nothing x" })
            {
                edge.Logs.Clear();
                Assert.That((await edge.PostJsonAsync(edge.HookUrl, edge.Hook(text, Notebook.Token, bot).ToJsonString())).Body, Is.EqualTo("{}"));
                Assert.That(edge.Logs.Lines.Single(l => l.Values.GetValueOrDefault("Reason") == "a bot posted it").Level, Is.EqualTo(LogLevel.Debug));
            }
        }

        Assert.That(notebook.Noted, Is.Empty);
        Assert.That(await edge.RowsAsync("inbox"), Is.Empty);
    }

    [Test]
    public async Task A_post_whose_author_cannot_be_looked_up_is_answered_and_not_carried_out()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        var json = edge.Hook("#cr x", Notebook.Token).ToJsonString();
        edge.Team.Server.Faults.Down = true;
        var answer = await edge.PostJsonAsync(edge.HookUrl, json);
        Assert.That(answer.Text, Is.EqualTo("I could not ask Mattermost who posted this, so nothing was changed. Please post it again in a minute."));
        Assert.That(answer.Json.GetProperty("response_type").GetString(), Is.EqualTo("comment"));
        Assert.That(edge.Logs.Warnings.Any(l => l.Message.StartsWith("Nothing was done about post 8xkt1n7pkfnr986zt5snanbnqw", StringComparison.Ordinal)));
        Assert.That(notebook.Noted, Is.Empty);

        edge.Team.Server.Faults.Clear();
        edge.Team.Server.Faults.Down = false;
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, json)).Text, Is.EqualTo("Noted: x"), "it is not remembered as done");
    }

    [Test]
    public async Task An_author_whom_Mattermost_does_not_know_is_answered_and_not_carried_out([Values("7idbys9jmfgf3da7ic9x7r1uir", "../../users/me", "\u0000")] string user)
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        var json = edge.Hook("#cr x", Notebook.Token);
        json["user_id"] = user;
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, json.ToJsonString())).Text, Does.StartWith("I could not ask Mattermost who posted this"));
        Assert.That(notebook.Noted, Is.Empty);
    }

    [Test]
    public async Task Without_its_ids_a_post_is_answered_and_not_carried_out([ValueSource(nameof(Ids))] string id)
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        foreach (var value in new JsonNode?[] { null, "", " ", 1, new JsonArray("x") })
        {
            var json = edge.Hook("#cr x", Notebook.Token);
            json[id] = value;
            Assert.That(
                (await edge.PostJsonAsync(edge.HookUrl, json.ToJsonString())).Text,
                Is.EqualTo($"Mattermost sent this post without its `{id}`, so nothing was changed. Please post it again; if it stays so, tell whoever runs me."));
        }

        Assert.That(notebook.Noted, Is.Empty);
        Assert.That(await edge.RowsAsync("inbox"), Is.Empty);
    }

    [Test]
    public async Task A_word_that_is_none_is_answered_with_those_there_are()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        var answer = await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#crash `in` the night", Notebook.Token).ToJsonString());
        Assert.That(answer.Text, Is.EqualTo("I don't know the word `#crash`, so nothing was changed. The words that I know: `#cr`, `cr:`."));
        var group = await edge.PostJsonAsync(edge.HookUrl, edge.Hook("@all<!here> x", Notebook.Token, word: "@all").ToJsonString());
        Assert.That(group.Text, Does.StartWith("I don't know the word `@\u200ball<\u200b!here>`"));
        Assert.That(notebook.Noted, Is.Empty);
    }

    [Test]
    public async Task A_post_without_a_word_from_a_webhook_without_words_is_not_for_the_bot()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, edge.Hook("good morning", Notebook.Token, word: "").ToJsonString())).Body, Is.EqualTo("{}"));
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, edge.Hook("cr: x", Notebook.Token, word: "").ToJsonString())).Text, Is.EqualTo("Noted: x"));
        Assert.That(notebook.Noted, Has.Count.EqualTo(1));
    }

    [TestCase("#cr again", "#cr", "\u200b#cr again")]
    [TestCase("#CR again", "#cr", "\u200b#CR again")]
    [TestCase(" \n\u3000cr:x", "#cr", "\u200b \n\u3000cr:x")]
    [TestCase("#crash", "#cr", "\u200b#crash")]
    [TestCase("Bot: done", "bot:", "\u200bBot: done")]
    [TestCase("Filed with #cr.", "#cr", "Filed with #cr.")]
    [TestCase("<!channel> <@u1> <!all>", "#cr", "<\u200b!channel> <\u200b@u1> <\u200b!all>")]
    public async Task An_answer_sets_nothing_off(string says, string word, string answered)
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        notebook.Says = _ => says;
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, edge.Hook("cr: x", Notebook.Token, word: word).ToJsonString())).Text, Is.EqualTo(answered));
    }

    [Test]
    public async Task Even_a_fault_or_a_help_text_does_not_begin_with_the_word()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, edge.Hook("I am here", Notebook.Token, word: "I").ToJsonString())).Text, Does.StartWith("\u200bI don't know"));
        notebook.Says = _ => throw new InvalidOperationException("a fault");
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, edge.Hook("cr: x", Notebook.Token, word: "Something").ToJsonString())).Text, Does.StartWith("\u200bSomething went wrong"));
    }

    [Test]
    public async Task An_answer_is_never_longer_than_mattermost_takes()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        foreach (var says in new[] { "#cr" + new string('x', 16_380), string.Concat(Enumerable.Repeat("<!", 8_191)) + "x", new string('y', 60_000) })
        {
            notebook.Says = _ => says;
            var json = edge.Hook("cr: x", Notebook.Token, postId: $"post{says[0] + says.Length}").ToJsonString();
            Assert.That((await edge.PostJsonAsync(edge.HookUrl, json)).Text, Has.Length.EqualTo(16_383));
        }
    }

    [TestCase(null)]
    [TestCase(" \n")]
    public async Task Nothing_to_say_is_no_comment(string? says)
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        notebook.Says = _ => says;
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, edge.Hook("cr: x", Notebook.Token).ToJsonString())).Body, Is.EqualTo("{}"));
        Assert.That(notebook.Noted, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_fault_is_a_comment_with_an_id_that_the_log_has()
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        var json = edge.Hook("#cr secret-of-the-text", Notebook.Token).ToJsonString();
        notebook.Says = _ => throw new InvalidOperationException("a fault");
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, json)).Text, Does.StartWith("Something went wrong on my side (fault `"));
        notebook.Says = post => $"Noted: {post.Rest.Length}";
        Assert.That((await edge.PostJsonAsync(edge.HookUrl, json)).Text, Is.EqualTo("Noted: 18"), "what failed is not remembered");

        await edge.Store.DisposeAsync();
        edge.Logs.Clear();
        var answer = await edge.PostJsonAsync(edge.HookUrl, json);
        Assert.That((answer.Status, answer.Json.GetProperty("response_type").GetString()), Is.EqualTo((200, "comment")));
        var fault = edge.Logs.Lines.Single(l => l.Values.ContainsKey("Fault"));
        Assert.That(fault.Values["What"], Is.EqualTo("hook #cr"));
        Assert.That(answer.Text, Does.Contain($"fault `{fault.Values["Fault"]}`"));
        Assert.That(string.Join('\n', edge.Logs.Lines), Does.Not.Contain("secret-of-the-text"));
    }

    private static async Task<(ChatPost Root, ChatPost Reply)> ThreadAsync(Edge edge)
    {
        var root = (await edge.Team.Server.TypeAsync(edge.Team.Adam, edge.Team.ProductManagement, "a question")).Post!;
        return (root, (await edge.Team.Server.TypeAsync(edge.Team.Adam, edge.Team.ProductManagement, "an answer", root.Id)).Post!);
    }

    private static IEnumerable<ChatPost> Answers(Edge edge) => edge.Team.Server.Posts(edge.Team.ProductManagement).Where(p => p.Message == "Noted: Fix it");
}
