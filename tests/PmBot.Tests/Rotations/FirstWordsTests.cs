using System.Diagnostics;
using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Rotations;

/// <summary>How a team comes to its first rotation: the button of the first answer, and the form with the people of the channel.</summary>
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class FirstWordsTests
{
    [Test]
    public async Task The_button_is_believed_only_as_it_was_signed()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var real = await ButtonAsync(edge);
        var before = await edge.EverythingAsync();
        foreach (var (field, value) in Changed(real, edge.Team.Twitter.Id))
        {
            var forged = real.DeepClone().AsObject();
            forged[field] = value?.DeepClone();
            Assert.That(await edge.PressAsync(edge.Team.Katie, forged), Is.EqualTo(new Answer(401, null, "")), $"{field}={value}");
        }

        Assert.That((await edge.PressAsync(edge.Team.Adam, real)).Ephemeral, Is.EqualTo("This button is for somebody else. Nothing was changed."));
        Assert.That(edge.Team.Server.Dialogs(edge.Team.Katie), Is.Empty);
        Assert.That(edge.Team.Server.Dialogs(edge.Team.Adam), Is.Empty);
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task The_form_is_believed_only_as_it_was_signed()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var real = JsonNode.Parse((await OpenAsync(edge)).State)!.AsObject();
        var before = await edge.EverythingAsync();

        // Without what stands behind the channel it would be a form that may make a second rotation.
        foreach (var (field, value) in Changed(real, real["s"]!.GetValue<string>().Split(' ')[0]))
        {
            var forged = real.DeepClone().AsObject();
            forged[field] = value?.DeepClone();
            var answer = await edge.SubmitAsync(edge.Team.Katie, forged.ToJsonString(), ("name", "Forged"), ("members", "@adam.c"));
            Assert.That(answer, Is.EqualTo(new Answer(401, null, "")), $"{field}={value}");
        }

        var stranger = await edge.SubmitAsync(edge.Team.Sam, real.ToJsonString(), ("name", "Sam's"), ("members", "@sam.sales"));
        Assert.That(stranger.Json.GetProperty("error").GetString(), Is.EqualTo("This form was opened for somebody else."));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_form_that_is_sent_many_times_makes_one_rotation_and_tells_its_members_once()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var state = (await OpenAsync(edge)).State;
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => edge.SubmitAsync(edge.Team.Katie, state, ("name", "PM rotation"), ("members", "@adam.c @katie.w"))));
        await edge.SettledAsync();
        Assert.That(answers.Count(a => a.Body == "{}"), Is.EqualTo(1));
        Assert.That(
            answers.Where(a => a.Body != "{}").Select(a => a.Json.GetProperty("error").GetString()), Has.All.EqualTo("This form was submitted already. Nothing was changed."));
        Assert.That(await edge.RowsAsync("rotations"), Has.Count.EqualTo(1));
        var told = edge.Team.Server.Posts().Where(p => p.Author == edge.Team.BotUser.Username).Select(p => p.Message).ToList();
        Assert.That(told, Has.Count.EqualTo(2));
        Assert.That(told, Has.One.StartsWith("You have shifts in **PM rotation**").And.One.StartsWith("**PM rotation** is made with 2 members: adam.c, katie.w."));
    }

    [Test]
    public async Task Of_two_forms_the_second_makes_nothing()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var (one, other) = ((await OpenAsync(edge)).State, (await OpenAsync(edge)).State);
        Assert.That((await edge.SubmitAsync(edge.Team.Katie, one, ("name", "PM rotation"), ("members", "@adam.c"))).Body, Is.EqualTo("{}"));
        var before = await edge.EverythingAsync();
        var late = await edge.SubmitAsync(edge.Team.Katie, other, ("name", "PM duty"), ("members", "@adam.c"));
        Assert.That(late.Json.GetProperty("error").GetString(), Does.StartWith("By now there is a rotation in this team: PM rotation. Nothing was changed."));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));

        var forms = edge.Team.Server.Dialogs(edge.Team.Katie).Count;
        await PressAsync(edge);
        Assert.That(edge.Team.Server.Dialogs(edge.Team.Katie), Has.Count.EqualTo(forms), "nor is there a third form");
    }

    [Test]
    public async Task Whoever_is_no_admin_any_more_makes_nothing_with_the_form()
    {
        await using var edge = await Edge.StartAsync(Admin("jason.b"), rotation: false);
        await edge.Team.Server.TypeAsync(edge.Team.Jason, edge.Team.ProductManagement, "/pm-rotation");
        var post = edge.Team.Server.EphemeralsOf(edge.Team.Jason).Last(p => p.Actions.Any(a => a.Name == "Set it up"));
        await edge.Team.Server.PressAsync(edge.Team.Jason, post.Id, "Set it up");
        var state = edge.Team.Server.Dialogs(edge.Team.Jason)[^1].State;
        await edge.Team.StopBotAsync();
        await edge.StartBotAsync(Admin("katie.w"));
        var before = await edge.EverythingAsync();
        var refused = await edge.SubmitAsync(edge.Team.Jason, state, ("name", "PM rotation"), ("members", "@adam.c"));
        Assert.That(refused.Json.GetProperty("error").GetString(), Does.StartWith("Only admins may make a rotation"));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Members_who_cannot_be_are_named_and_nothing_is_made()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var server = edge.Team.Server;
        var outsider = server.AddUser("oscar", "Oscar", "Outside");
        server.Join(server.AddChannel(server.AddTeam("other"), "elsewhere"), outsider);
        var former = server.AddUser("fred", "Fred", "Former");
        server.Join(edge.Team.ProductManagement, former);
        server.Deactivate(former);
        var state = (await OpenAsync(edge)).State;
        var before = await edge.EverythingAsync();
        foreach (var (typed, problem) in new[]
            {
                ("@nobody", "I know nobody called `@nobody`."),
                ("@pm-bot", "pm-bot is a bot."),
                ("fred", "The account of fred is deactivated."),
                ("@adam.c;@oscar", "oscar is not in this team."),
                ("@adam.c\n@a!b", "`@a!b` is no user. Write each as `@name`."),
                ("@channel", "I know nobody called `@\u200bchannel`."),
                ("@a @b @c @d @e", "I know nobody called `@a`. I know nobody called `@b`. I know nobody called `@c`. And 2 more."),
                (string.Join(' ', Enumerable.Range(0, 201).Select(n => $"@u{n}")), "A rotation has at most 200 members."),
            })
        {
            var answer = await edge.SubmitAsync(edge.Team.Katie, state, ("name", "PM rotation"), ("members", typed));
            var errors = answer.Json.GetProperty("errors").EnumerateObject().ToDictionary(e => e.Name, e => e.Value.GetString());
            Assert.That(errors, Is.EqualTo(new Dictionary<string, string?> { ["members"] = problem }), typed);
        }

        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
        Assert.That((await edge.SubmitAsync(edge.Team.Katie, state, ("name", "PM rotation"), ("members", " Adam.C,\n@katie.w\t@adam.c "))).Body, Is.EqualTo("{}"), "the form may be sent again");
        await edge.MustAsync("schedule 3", "| Mon, Dec 7 | katie.w |");
    }

    [TestCase(40, "Under **Members** stand the people of this channel. Take out who has no turns.")]
    [TestCase(41, "This channel has 41 people, too many to begin with. Under **Members** write who takes turns.")]
    [TestCase(250, "This channel has more than 40 people, too many to begin with. Under **Members** write who takes turns.")]
    public async Task The_form_begins_with_the_people_of_the_channel_unless_they_are_too_many(int people, string says)
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var channel = edge.Team.Server.AddChannel(edge.Team.Team, "crowd");
        edge.Team.Server.Join(channel, edge.Team.BotUser, edge.Team.Feed, edge.Team.Katie);
        edge.Team.Server.Join(channel, [.. Enumerable.Range(1, people - 1).Select(n => edge.Team.Server.AddUser($"user{n:000}", $"Zoe{n:000}", "Doe"))]);
        var gone = edge.Team.Server.AddUser("gone", "Zoe", "Doe");
        edge.Team.Server.Join(channel, gone);
        edge.Team.Server.Deactivate(gone);
        var form = await OpenAsync(edge, channel);
        Assert.That(form.Definition.GetProperty("introduction_text").GetString(), Is.EqualTo(says));
        Assert.That(
            Members(form), people > 40 ? Is.Empty : Is.EqualTo(string.Join('\n', [.. Enumerable.Range(1, people - 1).Select(n => $"@user{n:000}").Prepend("@katie.w")])));
    }

    [Test]
    public async Task A_slow_server_costs_the_names_not_the_form()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await ButtonAsync(edge);
        edge.Team.Server.Faults.Add(
            new Fault(call => call.Path.StartsWith($"/api/v4/channels/{edge.Team.ProductManagement.Id}/members", StringComparison.Ordinal), new FaultKind.Delay(TimeSpan.FromSeconds(10))));
        var started = Stopwatch.GetTimestamp();
        await PressAsync(edge);
        Assert.That(Stopwatch.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(3)), "as long as the trigger lives");
        var form = edge.Team.Server.Dialogs(edge.Team.Katie)[^1];
        Assert.That(form.Definition.GetProperty("introduction_text").GetString(), Is.EqualTo("I could not see who is in this channel. Under **Members** write who takes turns."));
        Assert.That(Members(form), Is.Empty);
    }

    [Test]
    public async Task In_a_direct_message_the_channel_of_the_announcements_must_be_chosen()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var direct = edge.Team.Server.DirectChannel(edge.Team.Katie, edge.Team.BotUser);
        var form = await OpenAsync(edge, direct);
        var announce = form.Elements.Single(e => e.GetProperty("name").GetString() == "announce");
        Assert.That(announce.TryGetProperty("default", out var standard) && standard.ToString().Length > 0, Is.False);
        Assert.That(announce.TryGetProperty("optional", out var optional) && optional.GetBoolean(), Is.False);
        Assert.That((await edge.SubmitAsync(edge.Team.Katie, form.State, ("name", "PM rotation"))).Body, Does.Contain("This is no channel of a team."));
        Assert.That(
            (await edge.SubmitAsync(edge.Team.Katie, form.State, ("name", "PM rotation"), ("announce", edge.Team.ProductManagement.Id), ("members", "@katie.w"))).Body, Is.EqualTo("{}"));
    }

    [Test]
    public async Task Others_read_who_can_set_it_up()
    {
        await using var edge = await Edge.StartAsync(Admin("@Jason.B"), rotation: false);
        var answer = await edge.CommandAsync("", edge.Team.Adam);
        Assert.That(answer.Text, Does.StartWith("There is no rotation in this team yet. jason.b, katie.w can set one up, or any other admin of this team:"));
        Assert.That(answer.Body, Does.Not.Contain("attachments"));
        Assert.That((await edge.CommandAsync("who", edge.Team.Jason)).Body, Does.Contain("Set it up"));
    }

    private static IEnumerable<(string Field, JsonNode? Value)> Changed(JsonObject real, string subject) =>
    [
        ("s", subject), ("s", ""), ("w", "other"), ("a", "rotation.delete"), ("u", ""), ("x", real["x"]!.GetValue<long>() + 1), ("n", "0"), ("m", "AAAA"), ("m", null),
    ];

    private static Dictionary<string, string?> Admin(string name) => new(StringComparer.Ordinal) { ["PmBot:Admins:0"] = name };

    private static string Members(ChatDialog form) =>
        form.Elements.Single(e => e.GetProperty("name").GetString() == "members").TryGetProperty("default", out var standard) ? standard.ToString() : "";

    private static async Task<JsonObject> ButtonAsync(Edge edge, ChatChannel? channel = null)
    {
        await edge.Team.Server.TypeAsync(edge.Team.Katie, channel ?? edge.Team.ProductManagement, "/pm-rotation");
        return edge.Button("Set it up", edge.Team.Katie);
    }

    private static async Task PressAsync(Edge edge)
    {
        var post = edge.Team.Server.EphemeralsOf(edge.Team.Katie).Last(p => p.Actions.Any(a => a.Name == "Set it up"));
        await edge.Team.Server.PressAsync(edge.Team.Katie, post.Id, "Set it up");
    }

    private static async Task<ChatDialog> OpenAsync(Edge edge, ChatChannel? channel = null)
    {
        await ButtonAsync(edge, channel);
        await PressAsync(edge);
        return edge.Team.Server.Dialogs(edge.Team.Katie)[^1];
    }
}
