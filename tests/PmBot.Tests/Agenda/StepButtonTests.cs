using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Agenda;

/// <summary>The buttons and the form of action steps are believed only as far as the bot signed them, and each form works once.</summary>
[Engines]
internal sealed class StepButtonTests : StepTeam
{
    [Test]
    public async Task A_button_pressed_twice_finishes_it_once()
    {
        await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Ask Sales");
        await Task.WhenAll(PressDirectAsync(Team.Adam, "Done"), PressDirectAsync(Team.Adam, "Done"));
        Assert.That(Server.EphemeralsOf(Team.Adam).Select(e => e.Message.Split(':', '.')[0]), Is.EquivalentTo(["A1 \"Ask Sales\" is done", "A1 \"Ask Sales\" is done already"]));
        Assert.That(Thread(Team.ProductManagement, "Pricing of guests").Count(t => t.Contains(" is done (adam.c)", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_button_is_its_owner_s_and_a_forged_one_nobody_s()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var (server, team) = (edge.Team.Server, edge.Team);
        await server.TypeAsync(team.Katie, team.ProductManagement, "/agenda add Pricing of guests");
        await server.TypeAsync(team.Katie, team.ProductManagement, "/agenda action 1 @adam.c Ask Sales");
        await server.TypeAsync(team.Katie, team.ProductManagement, "/agenda action 1 @katie.w Ask Legal");
        await edge.SettledAsync();
        var real = edge.Button("Done");
        var before = await edge.EverythingAsync();
        foreach (var stranger in new[] { team.Katie, team.Sam, team.Feed })
        {
            Assert.That((await edge.PressAsync(stranger, real)).Ephemeral, Does.Contain("Nothing was changed."));
        }

        foreach (var (field, value) in new (string, JsonNode?)[]
            {
                ("s", "2"), ("s", ""), ("s", "x"), ("w", "other"), ("a", AgendaActions.OpenStep), ("a", AgendaActions.Step), ("u", team.Katie.Id), ("u", ""),
                ("x", real["x"]!.GetValue<long>() + 1), ("n", "0"), ("m", "AAAA"), ("m", null),
            })
        {
            var forged = real.DeepClone().AsObject();
            forged[field] = value?.DeepClone();
            Assert.That(await edge.PressAsync(team.Adam, forged), Is.EqualTo(new Answer(401, null, "")), $"{field}={value}");
        }

        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));
        Assert.That((await edge.PressAsync(team.Adam, real)).Ephemeral, Does.StartWith("A1 \"Ask Sales\" is done."));
    }

    [Test]
    public async Task A_form_works_once_and_stays_open_until_it_is_right()
    {
        await StartMeetingAsync();
        await PressAsync(Team.Katie, Team.ProductManagement, "Action step…");
        var state = Server.Dialogs(Team.Katie)[^1].State;
        Assert.That((await SubmitAsync(Team.Katie, ("text", "Ask Sales"))).Errors.Keys, Is.EqualTo(["owner"]));
        Assert.That((await SubmitAsync(Team.Katie, ("owner", Team.BotUser.Id), ("text", "Ask Sales"))).Errors["owner"], Does.Contain("is a bot"));
        Assert.That((await SubmitAsync(Team.Katie, ("owner", Team.Adam.Id), ("text", " "))).Errors.Keys, Is.EqualTo(["text"]));
        Assert.That((await SubmitAsync(Team.Katie, ("owner", Team.Adam.Id), ("text", "Ask Sales"), ("due", "2026-12-01"))).Errors["due"], Does.Contain("is over"));
        Assert.That((await SubmitAsync(Team.Katie, ("owner", Team.Adam.Id), ("text", "Ask Sales"), ("due", "whenever"))).Errors["due"], Does.StartWith("That is no date."));
        Assert.That(await StepsAsync(), Is.Empty);
        Assert.That((await SubmitAsync(Team.Katie, ("owner", Team.Adam.Id), ("text", "Ask Sales"))).Closed, Is.True);

        using var http = new HttpClient();
        var again = new JsonObject
        {
            ["type"] = "dialog_submission",
            ["callback_id"] = "agenda",
            ["state"] = state,
            ["user_id"] = Team.Katie.Id,
            ["channel_id"] = Team.ProductManagement.Id,
            ["team_id"] = Team.Team.Id,
            ["submission"] = new JsonObject { ["owner"] = Team.Adam.Id, ["text"] = "Ask Sales" },
            ["cancelled"] = false,
        };
        using var content = new StringContent(again.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        var answer = await (await http.PostAsync(new Uri($"{Team.BotUrl}/mattermost/dialogs"), content, Patience)).Content.ReadAsStringAsync(Patience);
        Assert.That(answer, Does.Contain("This form was submitted already."));
        Assert.That(await StepsAsync(), Has.Count.EqualTo(1));
        Assert.That(Told(Team.Katie, "A1 \"Ask Sales\" is adam.c's"), Has.Count.EqualTo(1), "the answer to a form that stays");
    }

    [Test]
    public async Task A_form_that_is_filled_in_while_the_meeting_moves_on_or_ends_notes_its_own_item_s_step()
    {
        await StartMeetingAsync();
        await TypeAsync(Team.Katie, "/agenda next");
        await PressAsync(Team.Katie, Team.ProductManagement, "Action step…");
        await PressAsync(Team.Adam, Team.ProductManagement, "Action step…");
        await TypeAsync(Team.Katie, "/agenda next");
        Assert.That((await SubmitAsync(Team.Katie, ("owner", Team.Adam.Id), ("text", "While it moved on"))).Closed, Is.True);
        await TypeAsync(Team.Katie, "/agenda end");
        Assert.That((await SubmitAsync(Team.Adam, ("owner", Team.Adam.Id), ("text", "When it was ended"))).Closed, Is.True);
        Assert.That((await StepsAsync()).Select(s => (s.Origin.ItemText, s.IsPrivate, s.Due.Day)), Is.EqualTo([("Pricing of guests", false, 9), ("Pricing of guests", false, 9)]));
        Assert.That(await TypeAsync(Team.Katie, "/agenda minutes"), Does.Contain("- A1 While it moved on").And.Contain("- A2 When it was ended"));
    }

    [Test]
    public async Task The_button_of_a_meeting_that_is_over_opens_nothing()
    {
        await StartMeetingAsync();
        ChatPost point = Server.Posts(Team.ProductManagement).Last(p => p.Actions.Any(a => a.Name == "Action step…"));
        var context = JsonNode.Parse(point.Actions.Single(a => a.Name == "Action step…").Context!.Value.GetRawText());
        await TypeAsync(Team.Katie, "/agenda end");
        using var http = new HttpClient();
        var press = new JsonObject
        {
            ["user_id"] = Team.Katie.Id,
            ["user_name"] = Team.Katie.Username,
            ["channel_id"] = Team.ProductManagement.Id,
            ["team_id"] = Team.Team.Id,
            ["post_id"] = point.Id,
            ["trigger_id"] = "none",
            ["type"] = "button",
            ["context"] = context,
        };
        using var content = new StringContent(press.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        var answer = await (await http.PostAsync(new Uri($"{Team.BotUrl}/mattermost/actions"), content, Patience)).Content.ReadAsStringAsync(Patience);
        Assert.That(answer, Does.Contain("That meeting is not under way any more. Nothing was changed."));
        Assert.That(Server.Dialogs(Team.Katie), Is.Empty);
    }
}
