using System.Text.Json;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace PmBot.Tests.Sandbox;

/// <summary>The stand-in is held to what was captured from a real server.</summary>
internal sealed partial class WireTests : StandInFixture
{
    [Test]
    public async Task The_captured_conversation_with_the_API_has_the_same_shape_here()
    {
        var stranger = Server.AddChannel(Team, "customer-requests");
        Server.MakeTeamAdmin(Team, Server.Admin);
        var ids = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["89jggt5kzido7jyg55yhbes5rr"] = PmBot.Id,
            ["rr8uocz35tbipfewndu44b1agy"] = Adam.Id,
            ["fnsdsqate38dux7j9zg9g6efme"] = Katie.Id,
            ["hjapg5xwn3rwimrcgyothef9da"] = Server.Admin.Id,
            ["jtrtftutmirj8pu8mshqzqu5ue"] = Team.Id,
            ["4nud64p457n4pft1xchhry9rjo"] = Twitter.Id,
            ["mboiqyjba3ns9rqbbwdebuqqjo"] = Pm.Id,
            ["xsu7c9n5ztfjtrz76qicpzzq7h"] = stranger.Id,
            ["bhjdg7z8s3dbixzu31mjwd1pec"] = Private.Id,
        };
        var tokens = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["bot"] = PmBot.Token,
            ["user"] = Adam.Token,
            ["admin"] = Server.Admin.Token,
            ["bad"] = "not-a-token",
            ["none"] = null,
        };
        await Server.TypeAsync(Adam, Pm, "an older post");

        var calls = Captures.Api();
        Assert.That(calls, Has.Count.GreaterThan(30));
        foreach (var call in calls)
        {
            var body = call.Path.Contains("/files", StringComparison.Ordinal) ? "a,b\n1,2\n" : call.Request;
            using var response = await SendAsync(tokens[call.As], call.Method, Mapped(call.Path), body is null ? null : Mapped(body));
            var text = await response.Content.ReadAsStringAsync();
            Assert.That((int)response.StatusCode, Is.EqualTo(call.Status), $"{call.Title}: {text}");
            Assert.That(response.Headers.GetValues("X-Version-Id").Single(), Is.EqualTo(call.VersionId), call.Title);
            Assert.That(response.Headers.GetValues("X-Request-Id").Single(), Does.Match("^[a-z0-9]{26}$"), call.Title);
            Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo("application/json"), call.Title);
            if (call.Answer is not { } captured)
            {
                continue;
            }

            var answer = JsonSerializer.Deserialize<JsonElement>(text);
            Assert.That(Shape(answer), Is.EqualTo(Shape(captured)), call.Title);
            if (call.Status >= 400)
            {
                foreach (var key in new[] { "id", "message", "detailed_error" })
                {
                    Assert.That(answer.GetProperty(key).GetString(), Is.EqualTo(Mapped(captured.GetProperty(key).GetString()!)),
                        call.Title);
                }

                continue;
            }

            Learn(captured, answer);
        }

        Assert.That(Server.UnexpectedCalls, Is.Empty);

        string Mapped(string text) => ids.Aggregate(text, (mapped, pair) => mapped.Replace(pair.Key, pair.Value, StringComparison.Ordinal));

        void Learn(JsonElement captured, JsonElement answer)
        {
            foreach (var key in new[] { "id", "user_id" })
            {
                if (captured.ValueKind == JsonValueKind.Object && captured.TryGetProperty(key, out var id))
                {
                    ids.TryAdd(id.GetString()!, answer.GetProperty(key).GetString()!);
                }
            }
        }
    }

    [Test]
    public async Task A_slash_command_is_sent_as_captured()
    {
        var captured = Captures.Read("slash-command.http");
        var token = Server.AddCommand(Team, "cr-assign", Bot.Url + "/slash/cr-assign");

        await Server.TypeAsync(Adam, Pm, "/cr-assign 42 @katie.w \"quoted thing\" in ~product-management");

        AssertSameHead(Bot.Last, captured);
        var (form, expected) = (Form(Bot.Last), Form(captured));
        Assert.That(form.Select(field => field.Key), Is.EqualTo(expected.Select(field => field.Key)));
        var fields = form.ToDictionary(StringComparer.Ordinal);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Bot.Last.Headers["Authorization"], Is.EqualTo("Token " + token));
            Assert.That(fields["token"], Is.EqualTo(token));
            Assert.That(fields["command"], Is.EqualTo("/cr-assign"));
            Assert.That(fields["text"], Is.EqualTo("42 @katie.w \"quoted thing\" in ~product-management"));
            Assert.That(fields["user_mentions"], Is.EqualTo("katie.w"));
            Assert.That(fields["user_mentions_ids"], Is.EqualTo(Katie.Id));
            Assert.That(fields["channel_mentions_ids"], Is.EqualTo(Pm.Id));
            Assert.That(fields["response_url"], Does.StartWith(Server.Url + "hooks/commands/"));
            Assert.That(fields["team_domain"], Is.EqualTo("core"));
        }
    }

    [Test]
    public async Task Mentions_of_nobody_are_left_out_and_several_stay_parallel()
    {
        Server.AddCommand(Team, "x", Bot.Url);

        await Server.TypeAsync(Adam, Pm, "/x ask @nobody.here, @katie.w. and @adam.c, not ~pm-private");

        var form = Form(Bot.Last);
        Assert.That(Values("user_mentions"), Is.EqualTo("katie.w adam.c"));
        Assert.That(Values("user_mentions_ids"), Is.EqualTo($"{Katie.Id} {Adam.Id}"));
        Assert.That(form.Select(field => field.Key), Has.None.StartsWith("channel_mentions"));

        string Values(string key) => string.Join(' ', form.Where(field => field.Key == key).Select(field => field.Value));
    }

    [Test]
    public async Task An_outgoing_webhook_is_sent_as_captured_in_JSON()
    {
        var captured = Captures.Read("outgoing-webhook-json.http");
        var token = Server.AddOutgoingWebhook(Team, Pm, ["agenda:"], Bot.Url + "/hook/agenda");

        var typed = await Server.TypeAsync(Adam, Pm, "agenda: discuss Fix Version cleanup");

        AssertSameHead(Bot.Last, captured);
        var json = JsonSerializer.Deserialize<JsonElement>(Bot.Last.Body);
        AssertSameJson(Bot.Last, captured);
        Assert.That(json.GetProperty("token").GetString(), Is.EqualTo(token));
        Assert.That(json.GetProperty("post_id").GetString(), Is.EqualTo(typed.Post!.Id));
        Assert.That(json.GetProperty("timestamp").GetInt64(), Is.EqualTo(Monday.ToUnixTimeMilliseconds()));
    }

    [Test]
    public async Task An_outgoing_webhook_is_sent_as_captured_as_a_form()
    {
        var captured = Captures.Read("outgoing-webhook-form.http");
        Server.AddOutgoingWebhook(Team, Pm, ["agendaf:"], Bot.Url + "/hook/agendaform", "application/x-www-form-urlencoded");

        await Server.TypeAsync(Adam, Pm, "agendaf: discuss form");

        AssertSameHead(Bot.Last, captured);
        Assert.That(Form(Bot.Last).Select(field => field.Key), Is.EqualTo(Form(captured).Select(field => field.Key)));
        Assert.That(Form(Bot.Last).ToDictionary(StringComparer.Ordinal)["timestamp"], Is.EqualTo($"{Monday.ToUnixTimeSeconds()}"));
    }

    [TestCase("message-action-button.http", "ack", null)]
    [TestCase("message-action-select.http", "who", "someone")]
    public async Task A_message_action_is_sent_as_captured(string file, string action, string? option)
    {
        var captured = Captures.Read(file);
        var integration = new { url = Bot.Url + "/action/x", context = new { sig = "abc", cr = 42 } };
        var post = await PostIdAsync(PmBot, new
        {
            channel_id = Pm.Id,
            message = "x",
            props = new
            {
                attachments = new[]
                {
                    new
                    {
                        actions = new object[]
                        {
                            new { id = "ack", name = "Take", type = "button", integration },
                            new { id = "who", name = "Assign", type = "select", data_source = "users", integration },
                        },
                    },
                },
            },
        });
        // The test's context has both keys of the captures; each captured one has fewer, and the menu's has the choice.
        var keys = JsonSerializer.Deserialize<JsonElement>(captured.Body).GetProperty("context").EnumerateObject()
            .Select(property => property.Name);

        await Server.PressAsync(Adam, post, action, option);

        AssertSameHead(Bot.Last, captured);
        var json = JsonSerializer.Deserialize<JsonElement>(Bot.Last.Body);
        Assert.That(json.EnumerateObject().Select(property => property.Name),
            Is.EqualTo(JsonSerializer.Deserialize<JsonElement>(captured.Body).EnumerateObject().Select(property => property.Name)));
        Assert.That(json.GetProperty("context").EnumerateObject().Select(property => property.Name), Is.SupersetOf(keys));
        Assert.That(json.GetProperty("type").GetString(), Is.EqualTo(option is null ? "button" : "select"));
        Assert.That(json.GetProperty("data_source").GetString(), Is.EqualTo(option is null ? "" : "users"));
    }

    [Test]
    public async Task A_dialog_submission_is_sent_as_captured()
    {
        var captured = Captures.Read("dialog-submission.http");
        using var opened = await CallAsync(PmBot, "POST", "/api/v4/actions/dialogs/open", new
        {
            trigger_id = Server.NewTrigger(Adam, Pm),
            url = Bot.Url + "/dialog",
            dialog = new
            {
                callback_id = "newcr",
                title = "New request",
                state = "s",
                elements = new[] { new { name = "title", type = "text" }, new { name = "owner", type = "select" } },
            },
        });

        var result = await Server.SubmitDialogAsync(Adam, [("title", "SAML group sync"), ("owner", Adam.Id)]);

        AssertSameHead(Bot.Last, captured);
        AssertSameJson(Bot.Last, captured);
        Assert.That(result.Closed, Is.True);
        Assert.That(Server.Dialogs(Adam), Is.Empty);
    }

    private static void AssertSameHead(CapturedRequest sent, CapturedRequest captured)
    {
        Assert.That(sent.Method, Is.EqualTo(captured.Method));
        Assert.That(sent.Path, Is.EqualTo(captured.Path));
        Assert.That(sent.Headers.Keys, Is.EquivalentTo(captured.Headers.Keys));
        foreach (var name in new[] { "User-Agent", "Accept", "Content-Type", "Accept-Encoding" })
        {
            Assert.That(sent.Headers[name], Is.EqualTo(captured.Headers[name]), name);
        }
    }

    private static void AssertSameJson(CapturedRequest sent, CapturedRequest captured) => Assert.That(
        Shape(JsonSerializer.Deserialize<JsonElement>(sent.Body)),
            Is.EqualTo(Shape(JsonSerializer.Deserialize<JsonElement>(captured.Body))));

    private static List<KeyValuePair<string, string>> Form(CapturedRequest request) =>
        [.. request.Body.Split('&').Select(field => field.Split('=', 2))
        .Select(pair => KeyValuePair.Create(pair[0], Uri.UnescapeDataString(pair[1].Replace('+', ' '))))];

    /// <summary>Every path of keys with the kind of its value, in the order of the document; ids as keys count as the same key.</summary>
    private static string Shape(JsonElement json)
    {
        return string.Join('\n', Paths("", json).Distinct(StringComparer.Ordinal));

        static IEnumerable<string> Paths(string path, JsonElement json) => json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject()
                .OrderBy(property => Id().IsMatch(property.Name) ? property.Value.GetRawText().Length : 0)
                .SelectMany(property => Paths($"{path}.{(Id().IsMatch(property.Name) ? "*" : property.Name)}", property.Value))
                    .Prepend($"{path} {{}}"),
            JsonValueKind.Array => json.EnumerateArray().SelectMany(item => Paths(path + "[]", item)).Prepend($"{path} []"),
            JsonValueKind.True or JsonValueKind.False => [$"{path} bool"],
            _ => [$"{path} {json.ValueKind}"],
        };
    }

    [GeneratedRegex("^[a-z0-9]{26}$", RegexOptions.None, 1000)]
    private static partial Regex Id();
}
