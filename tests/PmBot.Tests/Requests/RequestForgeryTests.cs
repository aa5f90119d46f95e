using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.People;
using PmBot.Requests;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>
/// What comes back from a request's card and from the two dialogs is believed only as far as the bot signed it; who presses, and what
/// was chosen, is looked up anew.
/// </summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class RequestForgeryTests
{
    private const string Take = "Take";
    private const string Assign = "Assign to…";
    private const string AreaMenu = "Area…";
    private const string Discuss = "Discuss on Wednesday";

    private static readonly string[] Buttons = [Take, Assign, AreaMenu, Discuss];
    private static readonly string[] Dialogs = ["new", "area set"];

    private Edge _edge = null!;
    private ChatTeam _otherTeam = null!;
    private ChatUser _outsider = null!;
    private ChatUser _former = null!;

    private SandboxPeople People => new(_edge.Team.Adam, _edge.Team.Katie, _edge.Team.Jason, _edge.Team.Aaron, _edge.Team.Sam);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _edge = await Edge.StartAsync();
        var server = _edge.Team.Server;
        _otherTeam = server.AddTeam("other");
        _outsider = server.AddUser("oscar", "Oscar", "Outside");
        server.Join(server.AddChannel(_otherTeam, "elsewhere"), _outsider);
        _former = server.AddUser("fred", "Fred", "Former");
        server.Join(_edge.Team.ProductManagement, _former);
        server.Deactivate(_former);
        await TypeAsync(People.Katie, "area set Private Cloud @katie.w --keywords helm");
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _edge.DisposeAsync();

    [Test]
    public async Task A_card_that_was_changed_is_refused([ValueSource(nameof(Buttons))] string button)
    {
        var other = await FileAsync("Another request");
        var number = await FileAsync("Forged card");
        var real = Choosing(await ContextAsync(number, button), button);
        var before = await _edge.EverythingAsync();
        foreach (var (field, value) in new (string, JsonNode?)[]
            {
                ("s", $"{other}:"), ("s", $"{number}:{People.Adam.Id}"), ("s", ""), ("w", _otherTeam.Id), ("w", ""), ("a", "request.decide"), ("a", RequestActions.New),
                ("u", People.Adam.Id), ("x", real["x"]!.GetValue<long>() + 1), ("n", "0"), ("m", "AAAA"), ("m", null),
            })
        {
            var forged = real.DeepClone().AsObject();
            forged[field] = value?.DeepClone();
            Assert.That(await _edge.PressAsync(People.Adam, forged), Is.EqualTo(new Answer(401, null, "")), $"{field}={value}");
        }

        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_dialogs_state_that_was_changed_is_refused([ValueSource(nameof(Dialogs))] string dialog)
    {
        var real = JsonNode.Parse(await OpenAsync(People.Katie, dialog))!.AsObject();
        var before = await _edge.EverythingAsync();
        foreach (var (field, value) in new (string, JsonNode?)[]
            {
                ("s", "1:"), ("w", _otherTeam.Id), ("a", dialog == "new" ? RequestActions.SetArea : RequestActions.New), ("u", People.Sam.Id), ("u", ""),
                ("x", real["x"]!.GetValue<long>() + 1), ("n", "0"), ("m", "AAAA"), ("m", null),
            })
        {
            var forged = real.DeepClone().AsObject();
            forged[field] = value?.DeepClone();
            Assert.That(await SubmitAsync(People.Katie, forged.ToJsonString()), Is.EqualTo(new Answer(401, null, "")), $"{field}={value}");
            Assert.That(await SubmitAsync(People.Sam, forged.ToJsonString()), Is.EqualTo(new Answer(401, null, "")), $"{field}={value}");
        }

        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_card_is_no_dialog_and_a_dialog_no_card()
    {
        var card = await ContextAsync(await FileAsync("Card or dialog"), Take);
        var state = JsonNode.Parse(await OpenAsync(People.Katie, "new"))!.AsObject();
        var before = await _edge.EverythingAsync();
        var submitted = await SubmitAsync(People.Katie, card.ToJsonString());
        Assert.That(submitted.Body, Does.Contain("error").And.Not.Contain("fault `"));
        Assert.That((await _edge.PressAsync(People.Katie, state)).Ephemeral, Does.Contain("Nothing was changed."));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_card_lasts_180_days([ValueSource(nameof(Buttons))] string button)
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, "/cr-assign area set Private Cloud @adam.c @katie.w");
        await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, "/cr-assign new Long ago");
        await edge.SettledAsync();
        var context = edge.Button(button);
        context["selected_option"] = button == AreaMenu ? "Private Cloud" : edge.Team.Adam.Id;
        edge.Clock.Advance(TimeSpan.FromDays(180));
        var before = await edge.EverythingAsync();
        Assert.That((await edge.PressAsync(edge.Team.Adam, context)).Ephemeral, Is.EqualTo("This button is too old to be used. Nothing was changed."));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));

        edge.Clock.Advance(TimeSpan.FromMilliseconds(-1));
        Assert.That((await edge.PressAsync(edge.Team.Adam, context)).Ephemeral, Does.Not.Contain("Nothing was changed."));
    }

    [Test]
    public async Task A_dialog_lasts_an_hour_and_is_for_the_one_who_opened_it([ValueSource(nameof(Dialogs))] string dialog)
    {
        await using var edge = await Edge.StartAsync();
        await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, $"/cr-assign {dialog}");
        var state = edge.Team.Server.Dialogs(edge.Team.Katie)[^1].State;
        var before = await edge.EverythingAsync();
        foreach (var other in new[] { edge.Team.Adam, edge.Team.Sam, edge.Team.Feed })
        {
            Assert.That((await SubmitAsync(other)).Json.GetProperty("error").GetString(), Is.EqualTo("This form was opened for somebody else."));
        }

        edge.Clock.Advance(TimeSpan.FromHours(1));
        Assert.That((await SubmitAsync(edge.Team.Katie)).Json.GetProperty("error").GetString(), Does.StartWith("This form is too old."));
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before));

        edge.Clock.Advance(TimeSpan.FromMilliseconds(-1));
        Assert.That((await SubmitAsync(edge.Team.Katie)).Body, Is.EqualTo("{}"));

        Task<Answer> SubmitAsync(ChatUser user) => edge.SubmitAsync(user, state, ("title", "Late"), ("name", "Late"), ("owner", edge.Team.Katie.Id));
    }

    [Test]
    public async Task A_dialog_that_is_submitted_again_does_nothing_more([ValueSource(nameof(Dialogs))] string dialog)
    {
        var state = await OpenAsync(People.Katie, dialog);
        var (requests, areas) = (await CountAsync("requests"), await CountAsync("audit where subject = 'areas'"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SubmitAsync(People.Katie, state)));
        Assert.That(answers.Count(a => a.Body == "{}"), Is.EqualTo(1));
        Assert.That(answers.Where(a => a.Body != "{}").Select(a => a.Json.GetProperty("error").GetString()), Has.All.StartsWith("This form was submitted already."));
        Assert.That(await CountAsync("requests"), Is.EqualTo(requests + (dialog == "new" ? 1 : 0)));
        Assert.That(await CountAsync("audit where subject = 'areas'"), Is.EqualTo(areas + (dialog == "new" ? 0 : 1)));

        var before = await _edge.EverythingAsync();
        await _edge.SubmitAsync(People.Katie, state, ("title", "Something else"), ("name", "Something else"), ("owner", People.Katie.Id));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Who_is_no_product_manager_cannot_assign_by_a_card([Values(Take, Assign, AreaMenu)] string button)
    {
        var context = Choosing(await ContextAsync(await FileAsync("Not for Sam", People.Adam), button), button);
        var before = await _edge.EverythingAsync();
        var answer = await _edge.PressAsync(People.Sam, context);
        Assert.That(answer.Ephemeral, Does.StartWith("Only product managers may").And.Contain("Nothing was changed."));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Who_is_no_product_manager_cannot_set_an_area()
    {
        var state = await OpenAsync(People.Sam, "area set");
        var before = await _edge.EverythingAsync();
        Assert.That((await SubmitAsync(People.Sam, state)).Json.GetProperty("error").GetString(), Does.StartWith("Only product managers may change areas"));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Strangers_bots_and_accounts_out_of_use_change_nothing([ValueSource(nameof(Buttons))] string button)
    {
        var context = Choosing(await ContextAsync(await FileAsync("Not for strangers"), button), button);
        var before = await _edge.EverythingAsync();
        foreach (var user in new[] { _outsider, _former, _edge.Team.Feed, _edge.Team.BotUser, Nobody("n6cu7bdhfb8m5ptwzgfqh1fgsa"), Nobody("../../users/me"), Nobody("schedule") })
        {
            Assert.That((await _edge.PressAsync(user, context)).Ephemeral, Does.Contain("Nothing was changed."), user.Username);
        }

        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Only_people_of_the_team_can_be_chosen()
    {
        var context = await ContextAsync(await FileAsync("Chosen"), Assign);
        var before = await _edge.EverythingAsync();
        foreach (var chosen in new JsonNode?[]
            {
                null, "", " ", "n6cu7bdhfb8m5ptwzgfqh1fgsa", "adam.c", "@adam.c", "../../users/me", "me", "\u202e", new string('x', 50_000), _outsider.Id, _former.Id, _edge.Team.Feed.Id,
                _edge.Team.BotUser.Id, 1, true, new JsonArray(People.Adam.Id), new JsonObject { ["id"] = People.Adam.Id },
            })
        {
            context["selected_option"] = chosen?.DeepClone();
            var answer = await _edge.PressAsync(People.Katie, context);
            Assert.That(answer.Ephemeral, Does.Contain("Nothing was changed.").And.Not.Contain("fault `"), $"{chosen}");
        }

        context.Remove("selected_option");
        Assert.That((await _edge.PressAsync(People.Katie, context)).Ephemeral, Is.EqualTo("Nobody was chosen. Nothing was changed."));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Only_areas_that_exist_can_be_chosen()
    {
        var context = await ContextAsync(await FileAsync("Chosen"), AreaMenu);
        var before = await _edge.EverythingAsync();
        foreach (var chosen in new JsonNode?[] { null, "", "Atlantis", "none", "Private", new string('x', 5_000), 1, true, new JsonArray("Private Cloud"), new JsonObject { ["name"] = "Private Cloud" } })
        {
            context["selected_option"] = chosen?.DeepClone();
            var answer = await _edge.PressAsync(People.Katie, context);
            Assert.That(answer.Ephemeral, Does.Contain("Nothing was changed.").And.Not.Contain("fault `"), $"{chosen}");
        }

        context.Remove("selected_option");
        Assert.That((await _edge.PressAsync(People.Katie, context)).Ephemeral, Is.EqualTo("No area was chosen. Nothing was changed."));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task What_is_chosen_in_a_dialog_is_not_believed()
    {
        var news = await OpenAsync(People.Sam, "new");
        var areas = await OpenAsync(People.Katie, "area set");
        var before = await _edge.EverythingAsync();
        foreach (var person in new JsonNode[] { "n6cu7bdhfb8m5ptwzgfqh1fgsa", "adam.c", "../../users/me", _outsider.Id, _former.Id, _edge.Team.Feed.Id, 1 })
        {
            Assert.That(Errors(await _edge.SubmitAsync(People.Sam, news, ("title", "T"), ("reporter", person.DeepClone()))), Is.EqualTo((string[])["reporter"]));
            Assert.That(Errors(await _edge.SubmitAsync(People.Katie, areas, ("name", "N"), ("owner", person.DeepClone()))), Is.EqualTo((string[])["owner"]));
            Assert.That(
                Errors(await _edge.SubmitAsync(People.Katie, areas, ("name", "N"), ("owner", People.Katie.Id), ("second", person.DeepClone()))), Is.EqualTo((string[])["second"]));
        }

        Assert.That(Errors(await _edge.SubmitAsync(People.Sam, news, ("title", "T"), ("area", "Atlantis"))), Is.EqualTo((string[])["area"]));
        Assert.That(Errors(await _edge.SubmitAsync(People.Sam, news, ("title", new JsonObject()), ("link", "javascript:alert(1)"))), Is.EquivalentTo((string[])["title", "link"]));
        Assert.That(Errors(await _edge.SubmitAsync(People.Katie, areas, ("name", "stale"), ("owner", new JsonArray()))), Is.EquivalentTo((string[])["name", "owner"]));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_card_speaks_of_its_own_team_whatever_is_beside_it()
    {
        var number = await FileAsync("Of two teams");
        var context = await ContextAsync(number, Take);

        // The other team gets a request of the same number, and whoever files there first is a product manager there.
        for (var filed = 0L; filed < number; filed++)
        {
            Assert.That((await CommandOfAsync(_otherTeam, _outsider, $"new Theirs {filed + 1}")).Text, Does.StartWith($"CR-{filed + 1} "));
        }

        var theirs = await StoredAsync(_otherTeam, number);
        var press = _edge.Press(People.Adam, context);
        press["team_id"] = _otherTeam.Id;
        press["team_domain"] = "other";
        press["channel_id"] = _edge.Team.Server.FindChannel("elsewhere")!.Id;
        press["post_id"] = "n6cu7bdhfb8m5ptwzgfqh1fgsa";
        press["user_name"] = "oscar";
        Assert.That((await _edge.PostJsonAsync(_edge.ActionUrl, press.ToJsonString())).Json.GetProperty("ephemeral_text").GetString(), Does.Contain("is now yours"));
        Assert.That((await StoredAsync(_edge.Team.Team, number)).Assignee, Is.EqualTo(new Person(People.Adam.Id, "adam.c")));
        Assert.That((await StoredAsync(_otherTeam, number)).ChangedAt, Is.EqualTo(theirs.ChangedAt));
        Assert.That((await StoredAsync(_otherTeam, number)).Assignee, Is.Null);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Of_two_who_take_it_at_the_same_instant_one_has_it_and_the_other_hears_who(CancellationToken cancellationToken)
    {
        for (var round = 0; round < 25; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var number = await FileAsync($"Wanted by two, {round}");
            var context = await ContextAsync(number, Take);
            await RaceAsync(
                number,
                (People.Adam, async () => (await _edge.PressAsync(People.Adam, context)).Ephemeral!),
                (People.Jason, async () => (await _edge.PressAsync(People.Jason, context)).Ephemeral!));
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Of_one_who_takes_it_and_one_who_gives_it_away_only_one_does(CancellationToken cancellationToken)
    {
        for (var round = 0; round < 25; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var number = await FileAsync($"Taken or given, {round}");
            var take = await ContextAsync(number, Take);
            var give = await ContextAsync(number, Assign);
            give["selected_option"] = People.Aaron.Id;
            await RaceAsync(
                number,
                (People.Adam, async () => (await _edge.PressAsync(People.Adam, take)).Ephemeral!),
                (People.Aaron, async () => (await _edge.PressAsync(People.Katie, give)).Ephemeral!));
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Of_a_button_and_a_typed_command_one_takes_it(CancellationToken cancellationToken)
    {
        for (var round = 0; round < 25; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var number = await FileAsync($"Pressed or typed, {round}");
            var context = await ContextAsync(number, Take);
            await RaceAsync(
                number,
                (People.Adam, async () => (await _edge.PressAsync(People.Adam, context)).Ephemeral!),
                (People.Jason, async () => (await CommandOfAsync(_edge.Team.Team, People.Jason, $"take {number}")).Text));
        }
    }

    [Test]
    public async Task Pressing_twice_takes_it_once()
    {
        var number = await FileAsync("Pressed twice");
        var context = await ContextAsync(number, Take);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _edge.PressAsync(People.Adam, context)));
        Assert.That(answers.Count(a => a.Ephemeral!.Contains("is now yours", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(answers.Count(a => a.Ephemeral!.Contains("is yours already.", StringComparison.Ordinal)), Is.EqualTo(5));
        Assert.That(await CountAsync($"audit where subject = '{RequestStore.Subject(number)}' and action = 'assign'"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_menu_that_showed_another_assignee_changes_nothing()
    {
        var number = await FileAsync("Shown as nobody's");
        var context = await ContextAsync(number, Assign);
        await TypeAsync(People.Jason, $"take {number}");
        context["selected_option"] = People.Aaron.Id;
        var before = await _edge.EverythingAsync();
        Assert.That((await _edge.PressAsync(People.Katie, context)).Ephemeral, Does.StartWith("Somebody was faster:").And.Contain("jason.b").And.Contain("Nothing was changed."));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_button_of_an_old_card_takes_nobodys_reason_away()
    {
        var number = await FileAsync("Queued with a reason");
        var context = await ContextAsync(number, Discuss);
        await TypeAsync(People.Jason, $"discuss {number} two customers wait for it");
        var before = await _edge.EverythingAsync();
        Assert.That(
            (await _edge.PressAsync(People.Katie, context)).Ephemeral,
            Does.StartWith($"CR-{number} \"Queued with a reason\" is queued for the PM sync already").And.Contain("two customers wait for it").And.EndsWith("Nothing was changed."));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task The_old_card_of_a_finished_request_assigns_nothing([Values(Take, Assign, Discuss)] string button)
    {
        var number = await FileAsync("Finished");
        var context = Choosing(await ContextAsync(number, button), button);
        await TypeAsync(People.Jason, $"take {number}");
        await TypeAsync(People.Jason, $"decide {number} won't do");
        await TypeAsync(People.Jason, $"process {number}");
        var before = await _edge.EverythingAsync();
        Assert.That((await _edge.PressAsync(People.Katie, context)).Ephemeral, Does.Contain("Nothing was changed."));
        Assert.That(await _edge.EverythingAsync(), Is.EqualTo(before));
    }

    [TestCase("new", "/cr-assign new TITLE")]
    [TestCase("area set", "/cr-assign area set NAME @owner")]
    public async Task Where_no_dialog_can_be_opened_any_more_the_answer_says_what_to_type(string dialog, string instead)
    {
        var open = _edge.Team.Server.Dialogs(People.Katie).Count;
        var trigger = _edge.Team.Server.NewTrigger(People.Katie, _edge.Team.ProductManagement);
        _edge.Clock.Advance(TimeSpan.FromSeconds(4));
        foreach (var late in new[] { trigger, "none", "" })
        {
            var answer = await CommandOfAsync(_edge.Team.Team, People.Katie, dialog, late);
            Assert.That(answer.Text, Does.StartWith("I could not open the form for it. Type it instead: ").And.Contain(instead));
        }

        Assert.That(_edge.Team.Server.Dialogs(People.Katie), Has.Count.EqualTo(open));
    }

    /// <summary>Two do it at once: one wins, the other reads that nothing was changed and whose it is.</summary>
    private async Task RaceAsync(long number, (ChatUser Gets, Func<Task<string>> Does) one, (ChatUser Gets, Func<Task<string>> Does) other)
    {
        var answers = await Task.WhenAll(Task.Run(one.Does), Task.Run(other.Does));
        var oneWon = answers[0].Contains(" is now ", StringComparison.Ordinal);
        var (won, lost, winner) = oneWon ? (answers[0], answers[1], one.Gets) : (answers[1], answers[0], other.Gets);
        Assert.That(won, Does.Contain(" is now ").And.Not.Contain("Nothing was changed."));
        Assert.That(lost, Does.Contain($" is {winner.Username}'s since ").And.Contain("Nothing was changed."));
        Assert.That((await StoredAsync(_edge.Team.Team, number)).Assignee!.Id, Is.EqualTo(winner.Id));
        Assert.That(await CountAsync($"audit where subject = '{RequestStore.Subject(number)}' and action = 'assign'"), Is.EqualTo(1));
    }

    private static ChatUser Nobody(string id) => new(id, id, "", "", "", 0);

    private static IEnumerable<string> Errors(Answer answer) => answer.Json.GetProperty("errors").EnumerateObject().Select(e => e.Name);

    private JsonObject Choosing(JsonObject context, string button)
    {
        context["selected_option"] = button switch { Assign => People.Adam.Id, AreaMenu => "Private Cloud", _ => null };
        return context;
    }

    private async Task<long> FileAsync(string title, ChatUser? user = null)
    {
        var said = await TypeAsync(user ?? People.Katie, $"new {title}");
        Assert.That(said, Does.Contain("is filed"));
        return long.Parse(said["CR-".Length..said.IndexOf(' ', StringComparison.Ordinal)]);
    }

    private async Task<string> TypeAsync(ChatUser user, string text) =>
        (await _edge.Team.Server.TypeAsync(user, _edge.Team.ProductManagement, $"/cr-assign {text}")).Text;

    /// <summary>What a button of a request's card brings back.</summary>
    private async Task<JsonObject> ContextAsync(long number, string button)
    {
        await _edge.SettledAsync();
        var card = _edge.Team.Server.Posts(_edge.Team.ProductManagement)
            .Single(p => p.Attachments.Any(a => a.Title.StartsWith($"CR-{number} ", StringComparison.Ordinal)));
        return JsonNode.Parse(card.Actions.Single(a => a.Name == button).Context!.Value.GetRawText())!.AsObject();
    }

    private async Task<string> OpenAsync(ChatUser user, string dialog)
    {
        await TypeAsync(user, dialog);
        return _edge.Team.Server.Dialogs(user)[^1].State;
    }

    private Task<Answer> SubmitAsync(ChatUser user, string state) =>
        _edge.SubmitAsync(user, state, ("title", "Submitted"), ("name", "Submitted"), ("owner", People.Adam.Id));

    private Task<Answer> CommandOfAsync(ChatTeam team, ChatUser user, string text, string trigger = "none")
    {
        var token = _edge.Team.CommandTokens["cr-assign"];
        var form = _edge.Form(text, user, token).Where(f => f.Key is not ("command" or "team_id" or "trigger_id"));
        return _edge.PostFormAsync(
            _edge.Url("/mattermost/commands/cr-assign"), [.. form, new("command", "/cr-assign"), new("team_id", team.Id), new("trigger_id", trigger)], $"Token {token}");
    }

    private Task<CustomerRequest> StoredAsync(ChatTeam team, long number) => _edge.Store.ReadAsync(t => t.RequestOf(team.Id, number)!, CancellationToken.None);

    private Task<long> CountAsync(string what) => _edge.Store.ReadAsync(t => t.Query<long>($"select count(*) from {what}")[0], CancellationToken.None);

    private sealed record SandboxPeople(ChatUser Adam, ChatUser Katie, ChatUser Jason, ChatUser Aaron, ChatUser Sam);
}
