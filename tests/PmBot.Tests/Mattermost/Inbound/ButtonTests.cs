using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NUnit.Framework;
using PmBot.Mattermost.Inbound;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>
/// Presses carry no token: nothing in them is believed but what the bot signed, and who may do it is asked anew at each press.
/// </summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class ButtonTests
{
    private static readonly string[] Fields = ["a", "w", "s", "u", "x", "n", "m"];
    private static readonly string[] WhatAndRemote = ["What", "Remote"];

    private Edge _edge = null!;

    [SetUp]
    public async Task StartAsync() => _edge ??= await Edge.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _edge.DisposeAsync();

    [TestCase("message-action-button.http", "/action/x")]
    [TestCase("message-action-select.http", "/action/x")]
    [TestCase("dialog-submission.http", "/dialog")]
    public async Task What_another_integration_signed_is_refused(string file, string path)
    {
        var before = await _edge.EverythingAsync();
        _edge.Logs.Clear();
        var own = path == "/dialog" ? MattermostEndpoints.DialogsPath : MattermostEndpoints.ActionsPath;
        var answer = await RawHttp.SendAsync(_edge.Team.BotUrl, RawHttp.Captured(file).Replace($"POST {path} ", $"POST {own} ", StringComparison.Ordinal));
        Assert.That((answer.Status, answer.Body), Is.EqualTo((401, "")));
        AssertLoggedWithoutSecrets("3bmuyrgh97fx3ckwopda98r8oo", "adam.clarkson", "abc", "SAML");
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task No_field_of_a_signed_button_can_be_changed([ValueSource(nameof(Fields))] string field, [Values] Forgery forgery)
    {
        var real = _edge.Button("I've got it");
        var context = real.DeepClone().AsObject();
        switch (forgery)
        {
            case Forgery.Missing:
                context.Remove(field);
                break;
            case Forgery.Null:
                context[field] = null;
                break;
            case Forgery.Number:
                context[field] = field == "x" ? real["x"]!.GetValue<long>() + 1 : 1;
                break;
            case Forgery.Text:
                context[field] = field switch
                {
                    "x" => real["x"]!.ToJsonString(),
                    "a" => "rotation.delete",
                    "u" => _edge.Team.Sam.Id,
                    "m" => _edge.Signer.SignText(_edge.Signer.New("rotation.ack", "w", "s")),
                    _ => $"{real[field]}0",
                };
                break;
            case Forgery.Empty:
                context[field] = field == "u" ? " " : "";
                break;
            case Forgery.Array:
                context[field] = new JsonArray(real[field]!.DeepClone());
                break;
            case Forgery.Object:
                context[field] = new JsonObject { ["a"] = real[field]!.DeepClone() };
                break;
            case Forgery.Boolean:
                context[field] = true;
                break;
            case Forgery.Huge:
                context[field] = field == "x" ? JsonNode.Parse("1e400") : new string('x', 50_000);
                break;
            case Forgery.Negative:
                context[field] = field == "x" ? -1 : JsonNode.Parse("-0.5");
                break;
        }

        await AssertRefusedAsync(_edge.Press(_edge.Team.Aaron, context).ToJsonString(), real["m"]!.GetValue<string>());
    }

    [TestCase("\"context\":null")]
    [TestCase("\"context\":[]")]
    [TestCase("\"context\":[[[[[[[[[[]]]]]]]]]]")]
    [TestCase("\"context\":\"text\"")]
    [TestCase("\"context\":12")]
    [TestCase("\"context\":true")]
    [TestCase("\"context\":{}")]
    [TestCase("\"CONTEXT\":{}")]
    [TestCase("\"other\":1")]
    public async Task A_press_without_a_signed_context_is_refused(string field) =>
        await AssertRefusedAsync($$"""{"user_id":"{{_edge.Team.Aaron.Id}}","user_name":"aaron.r",{{field}}}""");

    [TestCase("a")]
    [TestCase("s")]
    [TestCase("u")]
    [TestCase("m")]
    public async Task Broken_characters_in_a_context_are_refused(string field)
    {
        var context = _edge.Button("I've got it").ToJsonString();
        var name = $"\"{field}\":\"";
        await AssertUnreadAsync(_edge.Press(_edge.Team.Aaron, null).ToJsonString().Replace(
            "\"context\":null", "\"context\":" + context.Replace(name, name + "\\ud800", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [TestCase("\"\\udc00\":1")]
    [TestCase("\"x\":\"\\ud83d\"")]
    [TestCase("\"x\":[[\"\\ud83d\"]]")]
    [TestCase("\"x\":{\"\\ud83d\":1}")]
    [TestCase("\"user_id\":\"\\ud800\"")]
    public async Task Broken_characters_anywhere_else_are_no_request(string field) =>
        await AssertUnreadAsync($"{{\"user_id\":\"x\",{field},\"context\":{_edge.Button("I've got it").ToJsonString()}}}");

    private async Task AssertUnreadAsync(string json)
    {
        var before = await _edge.EverythingAsync();
        foreach (var url in new[] { _edge.ActionUrl, _edge.DialogUrl })
        {
            Assert.That(await _edge.PostJsonAsync(url, json), Is.EqualTo(new Answer(400, null, "")));
        }

        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Broken_bytes_in_a_context_are_refused()
    {
        var json = _edge.Press(_edge.Team.Aaron, _edge.Button("I've got it")).ToJsonString();
        var bytes = Encoding.UTF8.GetBytes(json);
        bytes[json.IndexOf("\"a\":\"", StringComparison.Ordinal) + 5] = 0xff;
        var before = await _edge.EverythingAsync();
        var answer = await _edge.SendAsync(HttpMethod.Post, _edge.ActionUrl, bytes, "application/json");
        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [TestCase("{\"user_id\":\"\",")]
    [TestCase("{\"user_id\":null,")]
    [TestCase("{\"user_id\":1,")]
    [TestCase("{\"user_id\":[\"x\"],")]
    [TestCase("{")]
    public async Task A_press_of_nobody_is_refused(string start) => await AssertRefusedAsync(
        $"{start}\"context\":{_edge.Button("I've got it").ToJsonString()}}}");

    [TestCase("[]")]
    [TestCase("\"text\"")]
    [TestCase("12")]
    [TestCase("null")]
    [TestCase("")]
    [TestCase("{\"context\":")]
    [TestCase("{'context':{}}")]
    [TestCase("{\"context\":{},}")]
    public async Task What_is_no_object_is_no_request(string json)
    {
        foreach (var url in new[] { _edge.ActionUrl, _edge.DialogUrl })
        {
            Assert.That(await _edge.PostJsonAsync(url, json), Is.EqualTo(new Answer(400, null, "")));
        }
    }

    [Test]
    public async Task Deep_json_is_no_request([Values(17, 1000, 30_000)] int depth)
    {
        foreach (var url in new[] { _edge.ActionUrl, _edge.DialogUrl })
        {
            var json = $"{{\"user_id\":\"x\",\"state\":\"x\",\"context\":{new string('[', depth)}{new string(']', depth)}}}";
            Assert.That((await _edge.PostJsonAsync(url, json)).Status, Is.EqualTo(400));
        }
    }

    [Test]
    public async Task A_large_press_is_refused_unread()
    {
        var json = Encoding.UTF8.GetBytes($"{{\"context\":\"{new string('x', 256 * 1024)}\"}}");
        foreach (var chunked in new[] { true, false })
        {
            Assert.That((await _edge.SendAsync(HttpMethod.Post, _edge.ActionUrl, json, "application/json", chunked)).Status, Is.EqualTo(413));
            Assert.That((await _edge.SendAsync(HttpMethod.Post, _edge.DialogUrl, json, "application/json", chunked)).Status, Is.EqualTo(413));
        }
    }

    [TestCase("application/json; charset=utf-8", 200)]
    [TestCase("APPLICATION/JSON", 200)]
    [TestCase("application/x-www-form-urlencoded", 415)]
    [TestCase("text/json", 415)]
    [TestCase(null, 415)]
    public async Task Only_json_is_read(string? type, int status)
    {
        // A press by a stranger: it is read, and changes nothing.
        var json = Encoding.UTF8.GetBytes(_edge.Press(_edge.Team.Sam, _edge.Button("I've got it")).ToJsonString());
        Assert.That((await _edge.SendAsync(HttpMethod.Post, _edge.ActionUrl, json, type)).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task Another_key_signs_nothing()
    {
        var other = new ActionSigner(new SigningKeys(new byte[32], []), _edge.Clock);
        var real = _edge.Button("I've got it");
        var action = other.New("rotation.ack", _edge.Team.Team.Id, real["s"]!.GetValue<string>());
        await AssertRefusedAsync(_edge.Press(_edge.Team.Aaron, other.Sign(action)).ToJsonString());
    }

    [Test]
    public async Task Neighbouring_fields_cannot_flow_into_each_other()
    {
        var signer = _edge.Signer;
        var signed = signer.Sign(signer.New("rotation.ack", "team", "subject", "user"));
        Assert.That(Check(signed), Is.InstanceOf<SignatureCheck.Valid>());
        Assert.That(Check(signed, ("w", "teams"), ("s", "ubject")), Is.InstanceOf<SignatureCheck.Forged>());
        Assert.That(Check(signed, ("s", "subject\",\"user"), ("u", "")), Is.InstanceOf<SignatureCheck.Forged>());
        Assert.That(Check(signed, ("a", "rotation.ack\",\"team"), ("w", "subject"), ("s", "user"), ("u", "")), Is.InstanceOf<SignatureCheck.Forged>());

        SignatureCheck Check(JsonObject from, params (string Name, string Value)[] changes)
        {
            var context = from.DeepClone().AsObject();
            foreach (var (name, value) in changes)
            {
                context[name] = value;
            }

            return signer.Check(context.ToJsonString());
        }
    }

    [Test]
    public async Task A_button_or_form_of_an_action_that_is_gone_says_what_to_do()
    {
        var gone = _edge.Signer.New("rotation.run", _edge.Team.Team.Id, "channel schedule", _edge.Team.Aaron.Id);
        var before = await _edge.EverythingAsync();
        _edge.Logs.Clear();
        Assert.That(
            (await _edge.PressAsync(_edge.Team.Aaron, _edge.Signer.Sign(gone))).Ephemeral,
            Is.EqualTo("This button is of an older version of me; I no longer know it. Nothing was changed. Please type the command instead."));
        Assert.That(
            (await _edge.SubmitAsync(_edge.Team.Aaron, _edge.Signer.SignText(gone), ("name", "x"))).Json.GetProperty("error").GetString(),
            Is.EqualTo("This form is of an older version of me; I no longer know it. Nothing was changed. Please open it again."));
        Assert.That(_edge.Logs.Warnings.Select(w => w.Message), Is.EqualTo(new List<string>
        {
            "A button was signed for rotation.run, which nobody handles", "A form was signed for rotation.run, which nobody handles",
        }));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task An_expired_button_says_so_and_does_nothing()
    {
        await using var edge = await Edge.StartAsync();
        var context = edge.Button("I've got it");
        var before = await edge.EverythingAsync();
        edge.Clock.MoveTo(DateTimeOffset.FromUnixTimeMilliseconds(context["x"]!.GetValue<long>()));
        await edge.SettledAsync();
        var later = await edge.EverythingAsync();
        Assert.That(later, Is.Not.EqualTo(before), "handoffs went on");
        Assert.That((await edge.PressAsync(edge.Team.Aaron, context)).Ephemeral, Is.EqualTo("This button is too old to be used. Nothing was changed."));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(later));
    }

    [Test]
    public async Task A_button_works_until_the_last_moment()
    {
        var action = _edge.Signer.New("rotation.ack", "team", "none:1", "", Duration.FromMilliseconds(1));
        Assert.That(_edge.Signer.Check(_edge.Signer.SignText(action)), Is.InstanceOf<SignatureCheck.Valid>());
        Assert.That(_edge.Signer.Check(_edge.Signer.SignText(action with { Expires = action.Expires - Duration.FromMilliseconds(1) })), Is.InstanceOf<SignatureCheck.Expired>());
    }

    private async Task AssertRefusedAsync(string json, params string[] secrets)
    {
        var before = await _edge.EverythingAsync();
        _edge.Logs.Clear();
        var answer = await _edge.PostJsonAsync(_edge.ActionUrl, json);
        Assert.That(answer, Is.EqualTo(new Answer(401, null, "")));
        AssertLoggedWithoutSecrets([_edge.Team.Aaron.Id, "aaron.r", .. secrets]);
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    private void AssertLoggedWithoutSecrets(params string[] secrets)
    {
        Assert.That(_edge.Logs.Warnings.Single().Values.Keys, Is.EquivalentTo(WhatAndRemote));
        foreach (var line in _edge.Logs.Lines)
        {
            foreach (var secret in secrets)
            {
                Assert.That(line.ToString(), Does.Not.Contain(secret));
            }
        }
    }

    /// <summary>What becomes of a field.</summary>
    public enum Forgery
    {
        Missing,
        Null,
        Number,
        Text,
        Empty,
        Array,
        Object,
        Boolean,
        Huge,
        Negative,
    }
}

/// <summary>What was chosen in a menu comes from the user's client, beside what the bot signed.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class MenuTests
{
    private readonly Choices _choices = new();
    private Edge _edge = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _edge = await Edge.StartAsync(rotation: false, configure: b => b.Services.AddSingleton<IActionHandler>(_choices));

    [OneTimeTearDown]
    public async Task StopAsync() => await _edge.DisposeAsync();

    [Test]
    public async Task The_captured_choice_is_read_with_its_post()
    {
        var signed = Signed();
        var captured = RawHttp.Captured("message-action-select.http").Split("\r\n\r\n", 2)[1];
        var press = JsonNode.Parse(captured)!.AsObject();
        foreach (var (name, value) in signed)
        {
            press["context"]![name] = value?.DeepClone();
        }

        Assert.That((await _edge.PostJsonAsync(_edge.ActionUrl, press.ToJsonString())).Ephemeral, Is.EqualTo("Chosen: 3bmuyrgh97fx3ckwopda98r8oo"));
        var read = _choices.Last!;
        Assert.That((read.Action.Subject, read.UserId, read.Username, read.ChannelId), Is.EqualTo(
            ("subject", "3bmuyrgh97fx3ckwopda98r8oo", "adam.clarkson", "mboiqyjba3ns9rqbbwdebuqqjo")));
        Assert.That((read.PostId, read.Selected), Is.EqualTo(("7idbys9jmfgf3da7ic9x7r1uir", "3bmuyrgh97fx3ckwopda98r8oo")));
    }

    [TestCase("null")]
    [TestCase("\"\"")]
    [TestCase("1")]
    [TestCase("true")]
    [TestCase("[\"x\"]")]
    [TestCase("{}")]
    [TestCase(null)]
    public async Task What_is_no_choice_is_none(string? selected)
    {
        var context = Signed();
        if (selected is not null)
        {
            context["selected_option"] = JsonNode.Parse(selected);
        }

        Assert.That((await _edge.PressAsync(_edge.Team.Aaron, context)).Ephemeral, Is.EqualTo("Chosen: nothing"));
    }

    [Test]
    public async Task A_choice_does_not_make_a_forged_menu_a_signed_one()
    {
        var context = Signed();
        context["s"] = "another";
        context["selected_option"] = _edge.Team.Aaron.Id;
        Assert.That((await _edge.PressAsync(_edge.Team.Aaron, context)).Status, Is.EqualTo(401));
    }

    private JsonObject Signed() => _edge.Signer.Sign(_edge.Signer.New("test.choose", _edge.Team.Team.Id, "subject"));

    private sealed class Choices : IActionHandler
    {
        public string Action => "test.choose";

        public ActionPress? Last { get; private set; }

        public Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken)
        {
            Last = press;
            return Task.FromResult(new ActionReply($"Chosen: {press.Selected ?? "nothing"}"));
        }
    }
}

/// <summary>Who may use a button that the bot did sign.</summary>
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class ButtonRightTests
{
    [Test]
    public async Task The_acknowledgement_works_for_whom_it_is_for_and_once()
    {
        await using var edge = await Edge.StartAsync();
        var context = edge.Button("I've got it");
        await AssertNothingAsync(edge, edge.Team.Adam, context, "Only aaron.r, who is on duty, can say so.");
        await AssertNothingAsync(edge, edge.Team.Sam, context, "Only aaron.r, who is on duty, can say so.");
        Assert.That((await edge.PressAsync(edge.Team.Aaron, context)).Ephemeral, Does.StartWith("Noted: you have"));
        await AssertNothingAsync(edge, edge.Team.Aaron, context, "It was acknowledged");
    }

    [Test]
    public async Task The_name_in_a_press_gives_nobody_a_right()
    {
        await using var edge = await Edge.StartAsync();
        var context = edge.Button("I've got it");
        await AssertNothingAsync(edge, edge.Team.Sam with { Username = "aaron.r" }, context, "Only aaron.r");
        await AssertNothingAsync(edge, edge.Team.Sam with { Username = "katie.w" }, context, "Only aaron.r");
    }

    [Test]
    public async Task What_is_beside_the_signed_fields_is_ignored()
    {
        await using var edge = await Edge.StartAsync();
        var context = edge.Button("I've got it");
        context["selected_option"] = edge.Team.Aaron.Id;
        context["user_id"] = edge.Team.Aaron.Id;
        context["A"] = "rotation.delete";
        var press = edge.Press(edge.Team.Sam, context);
        press["type"] = "select";
        press["data_source"] = "users";
        var before = await edge.EverythingAsync();
        Assert.That((await edge.PostJsonAsync(edge.ActionUrl, press.ToJsonString())).Ephemeral, Does.Contain("Nothing was changed."));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
        press["user_id"] = edge.Team.Aaron.Id;
        Assert.That((await edge.PostJsonAsync(edge.ActionUrl, press.ToJsonString())).Ephemeral, Does.StartWith("Noted"));
    }

    [Test]
    public async Task The_acknowledgement_of_a_shift_that_is_over_is_refused()
    {
        await using var edge = await Edge.StartAsync();
        var old = edge.Button("I've got it");
        edge.Clock.MoveTo(new DateTimeOffset(2026, 11, 30, 17, 0, 0, TimeSpan.Zero));
        await edge.SettledAsync();
        await AssertNothingAsync(edge, edge.Team.Aaron, old, "That shift is over; adam.c is on duty now.");
        await AssertNothingAsync(edge, edge.Team.Adam, old, "That shift is over");
        Assert.That((await edge.PressAsync(edge.Team.Adam, edge.Button("I've got it"))).Ephemeral, Does.StartWith("Noted"));
    }

    [Test]
    public async Task Consent_is_for_the_one_who_was_asked_and_for_once([Values("Yes, I do it", "No")] string first, [Values("Yes, I do it", "No")] string second)
    {
        await using var edge = await Edge.StartAsync();
        await edge.MustAsync("cover next monday @jason.b", "I asked jason.b", edge.Team.Adam);
        await edge.SettledAsync();
        var (pressed, other) = (edge.Button(first), edge.Button(second));
        foreach (var stranger in new[] { edge.Team.Adam, edge.Team.Katie, edge.Team.Sam })
        {
            await AssertNothingAsync(edge, stranger, pressed, "This button is for somebody else.");
        }

        Assert.That((await edge.PressAsync(edge.Team.Jason, pressed)).Ephemeral, Does.StartWith(first == "No" ? "You did not agree" : "jason.b has the shift"));
        await edge.SettledAsync();
        await AssertNothingAsync(edge, edge.Team.Jason, other, "You have answered this already.");
        await edge.MustAsync("schedule", first == "No" ? "| Mon, Nov 30 | adam.c |" : "| Mon, Nov 30 | jason.b |");
    }

    [Test]
    public async Task Consent_to_a_plan_that_has_changed_changes_nothing_more()
    {
        await using var edge = await Edge.StartAsync();
        await edge.MustAsync("cover next monday @jason.b", "I asked jason.b", edge.Team.Adam);
        await edge.SettledAsync();
        await edge.MustAsync("cover next monday @katie.w", "katie.w has");
        var rotations = await edge.RowsAsync("rotations");
        Assert.That((await edge.PressAsync(edge.Team.Jason, edge.Button("Yes, I do it"))).Ephemeral, Does.StartWith("The plan has changed"));
        Assert.That(await edge.RowsAsync("rotations"), Is.EqualTo(rotations));
    }

    [Test]
    public async Task Pressing_twice_at_once_counts_once()
    {
        await using var edge = await Edge.StartAsync();
        await edge.MustAsync("cover next monday @jason.b", "I asked jason.b", edge.Team.Adam);
        await edge.SettledAsync();
        var agree = edge.Button("Yes, I do it");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => edge.PressAsync(edge.Team.Jason, agree)));
        Assert.That(answers.Count(a => a.Ephemeral!.StartsWith("jason.b has the shift", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That((await edge.RowsAsync("audit")).Count(r => r.Contains("\"cover\"", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_stolen_delete_button_does_nothing()
    {
        await using var edge = await Edge.StartAsync();
        var stolen = Edge.ButtonIn(await edge.CommandAsync("delete \"PM rotation\""));
        await AssertNothingAsync(edge, edge.Team.Sam, stolen, "This button is for somebody else.");
        await AssertNothingAsync(edge, edge.Team.Aaron, stolen, "This button is for somebody else.");
        await AssertNothingAsync(edge, edge.Team.Aaron with { Username = "katie.w" }, stolen, "This button is for somebody else.");
        Assert.That((await edge.PressAsync(edge.Team.Katie, stolen)).Ephemeral, Is.EqualTo("**PM rotation** is deleted."));
        await AssertNothingAsync(edge, edge.Team.Katie, stolen, "It is deleted already.");
    }

    [Test]
    public async Task A_delete_button_lasts_ten_minutes()
    {
        await using var edge = await Edge.StartAsync();
        var button = Edge.ButtonIn(await edge.CommandAsync("delete \"PM rotation\""));
        edge.Clock.Advance(TimeSpan.FromMinutes(10));
        await AssertNothingAsync(edge, edge.Team.Katie, button, "This button is too old");
    }

    [Test]
    public async Task A_right_that_was_taken_away_since_is_gone()
    {
        await using var edge = await Edge.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:Admins:0"] = "jason.b" });
        var offered = Edge.ButtonIn(await edge.CommandAsync("delete \"PM rotation\"", edge.Team.Jason));
        await edge.Team.StopBotAsync();
        await edge.StartBotAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:Admins:0"] = "katie.w" });
        await AssertNothingAsync(edge, edge.Team.Jason, offered, "Only admins may delete a rotation");
    }

    [Test]
    public async Task Without_an_answer_of_mattermost_nobody_is_an_admin()
    {
        await using var edge = await Edge.StartAsync();
        var offered = Edge.ButtonIn(await edge.CommandAsync("delete \"PM rotation\""));
        await edge.Team.StopBotAsync();
        await edge.StartBotAsync();
        var before = await edge.EverythingAsync();
        edge.Team.Server.Faults.Down = true;
        var answer = await edge.PressAsync(edge.Team.Katie, offered);
        edge.Team.Server.Faults.Clear();
        Assert.That(answer.Ephemeral, Does.Contain("I could not find out whether you are one"));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task The_guess_at_an_unknown_verb_runs_once_with_the_rights_of_the_one_who_typed_it()
    {
        await using var edge = await Edge.StartAsync();
        var sams = Edge.ButtonIn(await edge.CommandAsync("sett reminder 9h", edge.Team.Sam));
        await AssertNothingAsync(edge, edge.Team.Katie, sams, "This button is for somebody else.");
        Assert.That((await edge.PressAsync(edge.Team.Sam, sams)).Ephemeral, Does.StartWith("Only admins may change settings"));
        await AssertNothingAsync(edge, edge.Team.Sam, sams, "It was run already.");
        var katies = Edge.ButtonIn(await edge.CommandAsync("sett reminder 9h"));
        Assert.That((await edge.PressAsync(edge.Team.Katie, katies)).Ephemeral, Does.Contain("9 hours"));
        await AssertNothingAsync(edge, edge.Team.Katie, katies, "It was run already.");
    }

    [Test]
    public async Task The_guess_of_a_command_that_has_another_name_by_now_is_shown_again()
    {
        await using var edge = await Edge.StartAsync();
        var run = edge.Signer.New("command.run", edge.Team.Team.Id, $"pm-rota {edge.Team.ProductManagement.Id} set reminder 9h", edge.Team.Katie.Id);
        await AssertNothingAsync(
            edge, edge.Team.Katie, edge.Signer.Sign(run), "I have no command `/pm-rota` any more. Nothing was changed. It was: `/pm-rota set reminder 9h`");
    }

    [Test]
    public async Task A_button_survives_a_restart()
    {
        await using var edge = await Edge.StartAsync();
        var button = edge.Button("I've got it");
        await edge.Team.StopBotAsync();
        await edge.StartBotAsync();
        Assert.That((await edge.PressAsync(edge.Team.Aaron, button)).Ephemeral, Does.StartWith("Noted"));
    }

    private static async Task AssertNothingAsync(Edge edge, ChatUser user, JsonObject context, string says)
    {
        var before = await edge.EverythingAsync();
        var answer = await edge.PressAsync(user, context);
        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Ephemeral, Does.StartWith(says));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }
}
