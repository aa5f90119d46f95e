using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>A dialog's state travels through its user's browser, and the submission comes from there.</summary>
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class DialogTests
{
    private static readonly string[] Fields = ["a", "w", "s", "u", "x", "n", "m"];

    [Test]
    public async Task The_state_cannot_be_changed()
    {
        await using var edge = await Edge.StartAsync();
        var state = await OpenAsync(edge);
        var before = await edge.EverythingAsync();
        foreach (var field in Fields)
        {
            foreach (var value in new JsonNode?[] { null, "x", 1, new JsonArray(), new JsonObject(), true, "" })
            {
                var forged = JsonNode.Parse(state)!.AsObject();
                forged[field] = value?.DeepClone();
                await AssertForgedAsync(edge, forged.ToJsonString());
            }

            var missing = JsonNode.Parse(state)!.AsObject();
            missing.Remove(field);
            await AssertForgedAsync(edge, missing.ToJsonString());
        }

        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task What_is_no_state_is_refused()
    {
        await using var edge = await Edge.StartAsync();
        var before = await edge.EverythingAsync();
        foreach (var state in new JsonNode?[]
            {
                null, "", "s", "null", "[]", "{}", "\"x\"", new string('[', 5000), "{\"a\":\"\\ud800\"}", 1, new JsonArray(), new JsonObject(), true,
            })
        {
            edge.Logs.Clear();
            var answer = await edge.PostJsonAsync(edge.DialogUrl, edge.Submission(edge.Team.Katie, state, ("name", "Forged")).ToJsonString());
            Assert.That((answer.Status, answer.Body), Is.EqualTo((401, "")), $"{state}");
            Assert.That(edge.Logs.Warnings.Single().Message, Does.StartWith("A dialog from"));
        }

        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Another_user_or_a_later_hour_changes_nothing()
    {
        await using var edge = await Edge.StartAsync();
        var state = await OpenAsync(edge);
        var before = await edge.EverythingAsync();
        var other = await edge.SubmitAsync(edge.Team.Sam, state, ("name", "Second"));
        Assert.That(other.Json.GetProperty("error").GetString(), Is.EqualTo("This form was opened for somebody else."));
        edge.Clock.Advance(TimeSpan.FromHours(1));
        var late = await edge.SubmitAsync(edge.Team.Katie, state, ("name", "Second"));
        Assert.That(late.Json.GetProperty("error").GetString(), Does.StartWith("This form is too old."));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_button_is_no_dialog_and_a_dialog_no_button()
    {
        await using var edge = await Edge.StartAsync();
        var state = await OpenAsync(edge);
        var button = edge.Button("I've got it");
        var before = await edge.EverythingAsync();
        Assert.That((await edge.PressAsync(edge.Team.Katie, JsonNode.Parse(state))).Ephemeral, Does.StartWith("This button is of an older version of me"));
        var answer = await edge.SubmitAsync(edge.Team.Aaron, button.ToJsonString(), ("name", "Second"));
        Assert.That(answer.Json.GetProperty("error").GetString(), Is.EqualTo("This form was opened for somebody else."));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Errors_stand_by_their_fields_and_keep_the_form_open()
    {
        await using var edge = await Edge.StartAsync();
        var state = await OpenAsync(edge);
        var before = await edge.EverythingAsync();
        var answer = await edge.SubmitAsync(
            edge.Team.Katie, state, ("name", new string('x', 65)), ("handoff", "someday"), ("every", "13w"), ("zone", "Mars/Base"), ("announce", edge.Team.TownSquare.Id),
            ("header", "none-such"));
        Assert.That(answer.Status, Is.EqualTo(200));
        var errors = answer.Json.GetProperty("errors").EnumerateObject().ToDictionary(e => e.Name, e => e.Value.GetString());
        Assert.That(errors.Keys, Is.EquivalentTo(new List<string> { "name", "handoff", "every", "zone", "announce", "header" }));
        Assert.That(errors.Values, Has.All.Not.Empty);
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));

        var closed = await edge.SubmitAsync(edge.Team.Katie, state, ("name", "Second"), ("handoff", null), ("every", "2w"));
        Assert.That(closed.Json.EnumerateObject(), Is.Empty, "no error closes the dialog");
        await edge.MustAsync("settings --rotation second", "| every | 2w |");
    }

    [Test]
    public async Task Odd_values_are_errors_or_ignored_and_never_faults()
    {
        await using var edge = await Edge.StartAsync();
        var state = await OpenAsync(edge);
        var before = await edge.EverythingAsync();
        var json = edge.Submission(edge.Team.Katie, state).ToJsonString();
        foreach (var submission in new[]
            {
                "null", "[]", "1", "\"x\"", "{}", "{\"name\":null}", "{\"name\":\"\"}", "{\"name\":[]}", "{\"handoff\":{}}", "{\"handoff\":\"\\u0000\"}",
                "{\"name\":\"\\ud800\",\"handoff\":\"x\"}", "{\"\\ud800\":\"x\"}", $"{{\"name\":\"{new string('x', 50_000)}\"}}",
            })
        {
            var answer = await edge.PostJsonAsync(edge.DialogUrl, json.Replace("\"submission\":{}", $"\"submission\":{submission}", StringComparison.Ordinal));
            Assert.That(answer.Status, Is.EqualTo(200).Or.EqualTo(400), submission);
            Assert.That(answer.Body, Does.Not.Contain("fault `"), submission);
            Assert.That(answer.Body, answer.Status == 200 ? Does.Contain("error") : Is.Empty, submission);
        }

        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_form_that_was_closed_changes_nothing_and_may_be_sent_after_all()
    {
        await using var edge = await Edge.StartAsync();
        var state = await OpenAsync(edge);
        var before = await edge.EverythingAsync();
        foreach (var submission in new JsonNode?[] { null, new JsonObject { ["name"] = "Second" } })
        {
            var json = edge.Submission(edge.Team.Katie, state);
            json["submission"] = submission?.DeepClone();
            json["cancelled"] = true;
            Assert.That(await edge.PostJsonAsync(edge.DialogUrl, json.ToJsonString()), Has.Property("Status").EqualTo(200).And.Property("Body").EqualTo("{}"));
            json["state"] = "forged";
            Assert.That((await edge.PostJsonAsync(edge.DialogUrl, json.ToJsonString())).Status, Is.EqualTo(401));
        }

        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
        Assert.That((await edge.SubmitAsync(edge.Team.Katie, state, ("name", "Second"))).Body, Is.EqualTo("{}"));
        Assert.That(await edge.RowsAsync("rotations"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task The_right_is_asked_for_when_the_form_comes_back()
    {
        await using var edge = await Edge.StartAsync();
        var state = await OpenAsync(edge, edge.Team.Sam);
        var before = await edge.EverythingAsync();
        var answer = await edge.SubmitAsync(edge.Team.Sam, state, ("name", "Sam's"));
        Assert.That(answer.Json.GetProperty("error").GetString(), Does.StartWith("Only admins may make a rotation"));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_form_that_is_sent_twice_makes_one_rotation()
    {
        await using var edge = await Edge.StartAsync();
        var state = await OpenAsync(edge);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => edge.SubmitAsync(edge.Team.Katie, state, ("name", "Second"))));
        Assert.That(answers.Count(a => !a.Json.EnumerateObject().Any()), Is.EqualTo(1));
        Assert.That(await edge.RowsAsync("rotations"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_form_that_was_used_is_refused_whatever_it_holds()
    {
        await using var edge = await Edge.StartAsync();
        var state = await OpenAsync(edge);
        await edge.SubmitAsync(edge.Team.Katie, state, ("name", "Second"));
        var before = await edge.EverythingAsync();
        await edge.SubmitAsync(edge.Team.Katie, state, ("name", "Third"));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    private static async Task AssertForgedAsync(Edge edge, string state)
    {
        var answer = await edge.SubmitAsync(edge.Team.Katie, state, ("name", "Forged"));
        Assert.That((answer.Status, answer.Body), Is.EqualTo((401, "")), state);
    }

    private static async Task<string> OpenAsync(Edge edge, ChatUser? user = null)
    {
        await edge.Team.Server.TypeAsync(user ?? edge.Team.Katie, edge.Team.ProductManagement, "/pm-rotation create");
        return edge.Team.Server.Dialogs(user ?? edge.Team.Katie)[^1].State;
    }
}
