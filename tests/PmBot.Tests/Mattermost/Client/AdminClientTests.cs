using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.Mattermost.Client;

namespace PmBot.Tests.Mattermost.Client;

/// <summary>What an administrator's client sends is what Mattermost was seen to take, and what it was seen to answer is understood.</summary>
internal sealed class AdminClientTests : WithServer
{
    private const string TeamId = "jtrtftutmirj8pu8mshqzqu5ue";
    private const string Bot = "8rzhuyj5zirmib8qfph5a9x9uy";

    [Test]
    public async Task A_command_is_made()
    {
        var made = Value(await Replay("a slash command is made", a => a.CreateCommandAsync(
            new ServerCommand { TeamId = TeamId, Trigger = "x1795291981", Url = "http://127.0.0.1:9099/x", AutoComplete = true, AutoCompleteHint = "[verb]", AutoCompleteDesc = "d", DisplayName = "n" }, default)));
        Assert.That(made.Id, Is.EqualTo("cbohoruzkbnmmr88fbwnsjh37h"));
        Assert.That(made.Token, Is.EqualTo("<26 characters a-z0-9>"));
        Assert.That(made.CreatorId, Is.EqualTo("hjapg5xwn3rwimrcgyothef9da"));
        Assert.That(made.Url, Is.EqualTo("http://127.0.0.1:9099/x"));
    }

    [Test]
    public async Task A_word_that_is_taken() =>
        Assert.That(
            (await Replay("the same trigger again", a => a.CreateCommandAsync(new ServerCommand { TeamId = TeamId, Trigger = "x1795291981", Url = "http://127.0.0.1:9099/x" }, default))).Describe(),
            Does.Contain("api.command.duplicate_trigger.app_error"));

    [Test]
    public async Task A_webhook_is_made()
    {
        var hook = Hook();
        var made = Value(await Replay("an outgoing webhook is made", a => a.CreateHookAsync(hook, default)));
        Assert.That(made.Id, Is.EqualTo("sqpmtyfksfdr5dxthsxhefr17r"));
        Assert.That(made.CallbackUrls, Is.EqualTo(hook.CallbackUrls));
        Assert.That(made.TriggerWords, Is.EqualTo(hook.TriggerWords));
        Assert.That(made.CreatorId, Is.EqualTo("hjapg5xwn3rwimrcgyothef9da"));
    }

    [Test]
    public async Task Webhooks_that_clash_are_a_failure_whose_outcome_is_unknown() =>
        Assert.That(await Replay("the same trigger word again", a => a.CreateHookAsync(Hook(), default)), Is.TypeOf<MattermostResult<OutgoingHook>.Unknown>());

    [Test]
    public async Task A_bot_its_token_and_the_list_of_tokens()
    {
        var bot = Value(await Replay("a bot account is made", a => a.CreateBotAsync("b1795291981", "B", "d", default)));
        Assert.That((bot.UserId, bot.OwnerId, bot.DeleteAt), Is.EqualTo((Bot, "hjapg5xwn3rwimrcgyothef9da", (NodaTime.Instant?)null)));
        Server.Requests.Clear();
        var token = Value(await Replay("an access token for it", a => a.CreateTokenAsync(Bot, "d", default)));
        Assert.That((token.Id, token.Token, token.IsActive), Is.EqualTo(("inq5fkjseifzz8hpn5zsr4jmwr", "<26 characters a-z0-9>", true)));
        Server.AnswerAll(200, Captures.Get("tokens of it").Answer);
        var tokens = Value(await WithAdmin(a => a.TokensAsync(Bot, default)));
        Assert.That(tokens.Select(t => (t.Id, t.Token, t.Description)), Is.EqualTo(new[] { ("inq5fkjseifzz8hpn5zsr4jmwr", "", "d") }));
    }

    [Test]
    public async Task Lists_are_read_to_their_end()
    {
        var page = "[" + string.Join(',', Enumerable.Repeat("{\"id\":\"x\"}", 200)) + "]";
        Server.AnswerInTurn((200, page), (200, "[{\"id\":\"y\"}]"));
        var hooks = Value(await WithAdmin(a => a.OutgoingHooksAsync(TeamId, default)));
        Assert.That(hooks, Has.Count.EqualTo(201));
        Assert.That(Server.Requests.Select(r => r.Target), Is.EqualTo((string[])
        [
            $"/api/v4/hooks/outgoing?team_id={TeamId}&page=0&per_page=200", $"/api/v4/hooks/outgoing?team_id={TeamId}&page=1&per_page=200",
        ]));
    }

    [Test]
    public async Task Settings_that_the_server_does_not_tell_are_not_known()
    {
        Server.AnswerAll(200, """{ "ServiceSettings": { "SiteURL": "https://chat.example.com", "EnableCommands": false, "AllowedUntrustedInternalConnections": "10.0.0.0/8" } }""");
        var config = Value(await WithAdmin(a => a.ConfigAsync(default)));
        Assert.That(config.Service, Is.EqualTo(new ServiceConfig { SiteUrl = "https://chat.example.com", EnableCommands = false, AllowedUntrustedInternalConnections = "10.0.0.0/8" }));
        Assert.That(config.Service.EnableBotAccountCreation, Is.Null);
    }

    [Test]
    public async Task A_picture_is_sent_as_a_form()
    {
        Server.AnswerAll(200, "{\"status\":\"OK\"}");
        Value(await WithAdmin(a => a.SetPictureAsync(Bot, "PNG"u8.ToArray(), default)));
        var sent = Server.Requests.Single();
        Assert.That((sent.Method, sent.Target), Is.EqualTo(("POST", $"/api/v4/users/{Bot}/image")));
        Assert.That(sent.Body, Does.Contain("name=\"image\"; filename=\"picture.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--"));
    }

    [Test]
    public async Task What_is_no_id_is_not_asked_for()
    {
        Assert.That((await WithAdmin(a => a.TeamByNameAsync("../users", default))).IsNotFound, Is.True);
        Assert.That((await WithAdmin(a => a.DeleteCommandAsync("", default))).IsNotFound, Is.True);
        Assert.That(Server.Requests, Is.Empty);
    }

    private static OutgoingHook Hook() => new()
    {
        TeamId = TeamId,
        ChannelId = "mboiqyjba3ns9rqbbwdebuqqjo",
        DisplayName = "n",
        TriggerWords = ["t1795291981"],
        CallbackUrls = ["http://127.0.0.1:9099/h"],
        ContentType = "application/json",
    };

    /// <summary>Answers as it was recorded; every value that was recorded in the request must be in what is sent.</summary>
    private async Task<MattermostResult<T>> Replay<T>(string title, Func<IMattermostAdmin, Task<MattermostResult<T>>> call)
    {
        var capture = Captures.Get(title);
        Server.AnswerAll(capture.Status, capture.Answer);
        var result = await WithAdmin(call);
        var request = Server.Requests.Single();
        Assert.That((request.Method, request.Target, request.Authorization), Is.EqualTo((capture.Method, capture.Target, $"Bearer {ScriptedServer.Token}")));
        var sent = JsonNode.Parse(request.Body)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(capture.Request!)!.AsObject())
        {
            Assert.That(sent[name]?.ToJsonString(), Is.EqualTo(value!.ToJsonString()), name);
        }

        return result;
    }

    private async Task<MattermostResult<T>> WithAdmin<T>(Func<IMattermostAdmin, Task<MattermostResult<T>>> call)
    {
        using var connection = new MattermostConnection(Server.Url, new ClientTiming());
        return await call(connection.Admin(ScriptedServer.Token));
    }
}
