using System.Text.Json.Nodes;
using NodaTime;
using NUnit.Framework;
using PmBot.Mattermost.Client;

namespace PmBot.Tests.Mattermost.Client;

/// <summary>What is sent is what Mattermost was seen to take, and what it was seen to answer is understood.</summary>
internal sealed class ClientWireTests : WithServer
{
    private const string Bot = "89jggt5kzido7jyg55yhbes5rr";
    private const string Adam = "rr8uocz35tbipfewndu44b1agy";
    private const string TeamId = "jtrtftutmirj8pu8mshqzqu5ue";
    private const string ChannelId = "mboiqyjba3ns9rqbbwdebuqqjo";
    private const string Twitter = "4nud64p457n4pft1xchhry9rjo";
    private const string PostId = "izzrj7i7ijbk5dckqrzb87yc4o";

    [Test]
    public async Task The_bot_itself()
    {
        var me = Value(await Replay("who the bot is", c => c.MeAsync(default)));

        Assert.That(me, Is.EqualTo(new MattermostUser
        {
            Id = Bot,
            Username = "pm-bot",
            FirstName = "PM Bot",
            IsBot = true,
            Roles = "system_user",
            Locale = "en",
        }));
    }

    [Test]
    public async Task A_user()
    {
        var user = Value(await Replay("a user", c => c.UserAsync(Adam, default)));

        Assert.That(user, Is.EqualTo(new MattermostUser
        {
            Id = Adam,
            Username = "adam.c",
            FirstName = "Adam",
            LastName = "Clark",
            Roles = "system_user",
            Locale = "en",
        }));
        Assert.That(user.IsSystemAdmin, Is.False);
    }

    [Test]
    public async Task Users_by_name_without_the_unknown_one()
    {
        var users = Value(await Replay("users by name, one unknown", c => c.UsersByNameAsync(["adam.c", "nobody.here"], default)));

        Assert.That(users.Select(u => u.Id), Is.EqualTo((string[])[Adam]));
    }

    [Test]
    public async Task Users_by_id()
    {
        var users = Value(await Replay("users by id", c => c.UsersByIdAsync(["fnsdsqate38dux7j9zg9g6efme"], default)));

        Assert.That(users.Select(u => u.Username), Is.EqualTo((string[])["katie.w"]));
    }

    [Test]
    public async Task A_team()
    {
        Server.AnswerAll(200, Captures.Get("a team by name").Answer);

        var team = Value(await Server.Client().TeamAsync(TeamId, default));

        Assert.That(team, Is.EqualTo(new Team { Id = TeamId, Name = "core", DisplayName = "Core" }));
        Assert.That(Server.Requests.Single().Target, Is.EqualTo($"/api/v4/teams/{TeamId}"));
    }

    [Test]
    public async Task A_team_admin()
    {
        var member = Value(await Replay(
            "a member of a team (admins have team_admin in roles)",
            c => c.TeamMemberAsync(TeamId, "hjapg5xwn3rwimrcgyothef9da", default)));

        Assert.That(member.IsAdmin, Is.True);
        Assert.That((member with { SchemeAdmin = false }).IsAdmin, Is.True, "by the role alone");
        Assert.That((member with { SchemeAdmin = false, Roles = "team_user" }).IsAdmin, Is.False);
        Assert.That((member with { DeleteAt = Instant.FromUnixTimeSeconds(1) }).IsAdmin, Is.False, "who left is no admin any more");
    }

    [Test]
    public async Task A_channel_by_name()
    {
        var channel = Value(await Replay("a channel by name", c => c.ChannelByNameAsync(TeamId, "twitter", default)));

        Assert.That(channel, Is.EqualTo(new Channel
        {
            Id = Twitter,
            TeamId = TeamId,
            Type = "O",
            Name = "twitter",
            DisplayName = "twitter",
        }));
        Assert.That(channel.IsArchived, Is.False);
    }

    [Test]
    public async Task A_channel_by_id()
    {
        Server.AnswerAll(200, Captures.Get("a channel by name").Answer);

        Assert.That(Value(await Server.Client().ChannelAsync(Twitter, default)).Name, Is.EqualTo("twitter"));
        Assert.That(Server.Requests.Single().Target, Is.EqualTo($"/api/v4/channels/{Twitter}"));
    }

    [Test]
    public async Task A_channel_that_does_not_exist()
    {
        var result = await Replay("a channel that does not exist", c => c.ChannelByNameAsync(TeamId, "nope", default));

        Assert.That(result, Is.EqualTo(new MattermostResult<Channel>.Refused(
            new("app.channel.get_by_name.missing.app_error", "Channel does not exist.", 404, "os7m3u1f13yiu8yjqn1x5gkfuy"))));
        Assert.That(result.IsNotFound, Is.True);
    }

    [Test]
    public async Task A_channel_member()
    {
        var member = Value(await Replay("a channel member", c => c.ChannelMemberAsync(ChannelId, Bot, default)));

        Assert.That(member, Is.EqualTo(new ChannelMember { ChannelId = ChannelId, UserId = Bot, Roles = "channel_user" }));
    }

    [Test]
    public async Task Channel_members()
    {
        Server.AnswerAll(200, $"[{Captures.Get("a channel member").Answer}]");

        var members = Value(await Server.Client().ChannelMembersAsync(ChannelId, 2, 200, default));

        Assert.That(members.Single().UserId, Is.EqualTo(Bot));
        Assert.That(Server.Requests.Single().Target, Is.EqualTo($"/api/v4/channels/{ChannelId}/members?page=2&per_page=200"));
    }

    [Test]
    public async Task A_post_with_buttons()
    {
        var press = new ActionIntegration("http://127.0.0.1:9099/action", new JsonObject { ["k"] = "v" });
        var post = Value(await Replay("a post with buttons", c => c.CreatePostAsync(
            new NewPost
            {
                ChannelId = ChannelId,
                Message = "hello",
                PendingPostId = $"{Bot}:1795291981",
                Props = new JsonObject { ["pmbot_delivery"] = "d-1" }.WithAttachments(
                    new Attachment { Text = "choose", Actions = [PostAction.Button("ack", "I have it", press, "primary")] }),
            },
            default)));

        Assert.That(post.Id, Is.EqualTo(PostId));
        Assert.That(post.CreateAt, Is.EqualTo(Instant.FromUnixTimeMilliseconds(1795291981657)));
        Assert.That(post.UserId, Is.EqualTo(Bot));
        Assert.That((string?)post.Props["pmbot_delivery"], Is.EqualTo("d-1"));
        Assert.That(post.IsSystem || post.IsDeleted, Is.False);
    }

    [Test]
    public async Task A_reply()
    {
        var post = Value(await Replay("a reply", c => c.CreatePostAsync(
            new NewPost { ChannelId = ChannelId, RootId = PostId, Message = "reply" }, default)));

        Assert.That(post.RootId, Is.EqualTo(PostId));
    }

    [Test]
    public async Task A_post_is_changed()
    {
        var post = Value(await Replay("patch a post", c => c.PatchPostAsync(PostId, "hello again", null, default)));

        Assert.That(post.Message, Is.EqualTo("hello again"));
        Assert.That(post.ReplyCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_page_of_posts_with_their_reactions()
    {
        Server.AnswerAll(200, Captures.Get("posts of a channel").Answer);

        var posts = Value(await Server.Client().PostsPageAsync(ChannelId, 0, 2, default));

        Assert.That(posts.Select(p => p.Message), Is.EqualTo((string[])["reply", "hello again"]), "the newest first");
        Assert.That(posts[1].Reactions, Is.EqualTo(new[]
        {
            new Reaction
            {
                UserId = Adam, PostId = PostId, EmojiName = "heart", CreateAt = Instant.FromUnixTimeMilliseconds(1795291981687),
            },
        }));
        Assert.That(posts[0].Reactions, Is.Empty);
        Assert.That(Server.Requests.Single().Target, Is.EqualTo($"/api/v4/channels/{ChannelId}/posts?page=0&per_page=2"));
    }

    [Test]
    public async Task Posts_since_a_moment_with_the_deleted_ones()
    {
        var list = Captures.Json("posts of a channel");
        list["posts"]![PostId]!["delete_at"] = 1795291990000;
        list["posts"]!["root"] = list["posts"]![PostId]!.DeepClone();
        Server.AnswerAll(200, list.ToJsonString());

        var posts = Value(await Server.Client().PostsSinceAsync(
            ChannelId, Instant.FromUnixTimeMilliseconds(1795291981000), default));

        Assert.That(posts.Select(p => p.IsDeleted), Is.EqualTo((bool[])[false, true]), "and no post beyond the order");
        Assert.That(posts[1].DeleteAt, Is.EqualTo(Instant.FromUnixTimeMilliseconds(1795291990000)));
        Assert.That(Server.Requests.Single().Target, Is.EqualTo($"/api/v4/channels/{ChannelId}/posts?since=1795291981000"));
    }

    [Test]
    public async Task One_post()
    {
        var post = Value(await Replay("one post", c => c.PostAsync(PostId, default)));

        Assert.That(post.Reactions.Single().EmojiName, Is.EqualTo("heart"));
    }

    [Test]
    public async Task A_direct_channel()
    {
        var channel = Value(await Replay("a direct channel", c => c.DirectChannelAsync(Bot, Adam, default)));

        Assert.That((channel.Type, channel.TeamId), Is.EqualTo(("D", "")));
    }

    [Test]
    public async Task The_header()
    {
        var channel = Value(await Replay("the header", c => c.PatchHeaderAsync(Twitter, "PM on duty: @adam.c", default)));

        Assert.That(channel.Header, Is.EqualTo("PM on duty: @adam.c"));
    }

    [Test]
    public async Task A_post_where_the_bot_is_no_member()
    {
        var result = await Replay("a post where the bot is no member", c => c.CreatePostAsync(
            new NewPost { ChannelId = "xsu7c9n5ztfjtrz76qicpzzq7h", Message = "x" }, default));

        Assert.That(result.Describe(), Is.EqualTo(
            "Mattermost refused it: You do not have the appropriate permissions (api.context.permissions.app_error, 403)."));
    }

    [Test]
    public async Task The_upload_of_a_file()
    {
        var capture = Captures.Get("upload of a file");
        Server.AnswerAll(capture.Status, capture.Answer);

        var file = Value(await Server.Client().UploadFileAsync(ChannelId, "a.csv", "a,b\n1,2\n"u8.ToArray(), default));

        Assert.That(file, Is.EqualTo(new PostFile
        {
            Id = "gx6ohxea9idipqhpt53xrmmm3o",
            Name = "a.csv",
            Size = 8,
            MimeType = "text/csv; charset=utf-8",
            Extension = "csv",
        }));
        var request = Server.Requests.Single();
        Assert.That((request.Method, request.Target, request.Body), Is.EqualTo((capture.Method, capture.Target, "a,b\n1,2\n")));
        Assert.That(request.Authorization, Is.EqualTo($"Bearer {ScriptedServer.Token}"));
    }

    [Test]
    public async Task A_files_name_may_be_anything_and_changes_nothing_else_of_the_request()
    {
        Server.AnswerAll(201, Captures.Get("upload of a file").Answer);

        Value(await Server.Client().UploadFileAsync(ChannelId, "50% & {channel}/é?.csv", default, default));

        Assert.That(
            Server.Requests.Single().Target,
            Is.EqualTo($"/api/v4/files?channel_id={ChannelId}&filename=50%25%20%26%20%7Bchannel%7D%2F%C3%A9%3F.csv"));
    }

    [TestCase("""{"file_infos":[],"client_ids":null}""")]
    [TestCase("""{"file_infos":null}""")]
    public async Task An_upload_that_names_no_file_says_nothing(string answer)
    {
        Server.AnswerAll(201, answer);

        Assert.That(
            await Server.Client().UploadFileAsync(ChannelId, "a.csv", default, default),
            Is.EqualTo(new MattermostResult<PostFile>.Unknown("the answer names no file")));
    }

    [Test]
    public async Task A_post_with_a_file()
    {
        var made = Captures.Json("a reply");
        made["file_ids"] = new JsonArray("f1");
        made["metadata"] = new JsonObject { ["files"] = Captures.Json("upload of a file")["file_infos"]!.DeepClone() };
        Server.AnswerAll(201, made.ToJsonString());

        var post = Value(await Server.Client().CreatePostAsync(
            new NewPost { ChannelId = ChannelId, Message = "the list", FileIds = ["f1"] }, default));

        AssertJson(Server.Requests.Single().Body, $$"""{"channel_id":"{{ChannelId}}","message":"the list","file_ids":["f1"]}""");
        Assert.That(post.FileIds, Is.EqualTo((string[])["f1"]));
        Assert.That(post.Metadata.Files.Single(), Has.Property("Name").EqualTo("a.csv").And.Property("Size").EqualTo(8));
    }

    [Test]
    public async Task A_file_is_read_as_it_is()
    {
        byte[] content = [0, 0xFF, (byte)'"', (byte)'\n', 0xC3];
        Server.Answer = async (http, _) => await http.Response.Body.WriteAsync(content);

        Assert.That(Value(await Server.Client().FileAsync("f1", content.Length, default)), Is.EqualTo(content));
        Assert.That((Server.Requests.Single().Method, Server.Requests.Single().Target), Is.EqualTo(("GET", "/api/v4/files/f1")));
    }

    [Test]
    public async Task An_empty_file_is_a_file()
    {
        Server.AnswerAll(200, "");

        Assert.That(Value(await Server.Client().FileAsync("f1", 100, default)), Is.Empty);
    }

    [Test]
    public async Task Ping() =>
        Assert.That(Value(await Replay("ping", c => c.PingAsync(default))).Status, Is.EqualTo("OK"));

    [Test]
    public async Task The_settings_for_clients()
    {
        var capture = Captures.Get("what the server allows");
        Server.AnswerAll(200, capture.Answer);

        var config = Value(await Server.Client().ClientConfigAsync(default));

        Assert.That(config["DefaultClientLocale"], Is.EqualTo("en"));
        Assert.That(Server.Requests.Single().Target, Is.EqualTo(capture.Target));
        Assert.That(Server.Requests.Single().Authorization, Is.Not.Empty, "older servers tell SiteURL only to whom they know");
    }

    [Test]
    public async Task A_dialog()
    {
        Server.AnswerAll(200, """{"status":"OK"}""");

        var result = await Server.Client().OpenDialogAsync(
            "trigger",
            "http://bot/dialog",
            new Dialog
            {
                CallbackId = "newcr",
                Title = "A request",
                State = "s",
                SubmitLabel = "Save",
                NotifyOnCancel = true,
                Elements =
                [
                    new() { DisplayName = "Title", Name = "title", Type = "text", MinLength = 3, MaxLength = 80, Placeholder = "…" },
                    new() { DisplayName = "Owner", Name = "owner", Type = "select", DataSource = "users", Optional = true },
                    new() { DisplayName = "Area", Name = "area", Type = "select", Options = [new("Login", "login")], Default = "login" },
                ],
            },
            default);

        Assert.That(Value(result).Status, Is.EqualTo("OK"));
        AssertJson(Server.Requests.Single().Body, """
            {"trigger_id":"trigger","url":"http://bot/dialog","dialog":{
              "callback_id":"newcr","title":"A request","submit_label":"Save","notify_on_cancel":true,"state":"s","elements":[
              {"display_name":"Title","name":"title","type":"text","placeholder":"…","optional":false,"min_length":3,"max_length":80},
              {"display_name":"Owner","name":"owner","type":"select","optional":true,"data_source":"users"},
              {"display_name":"Area","name":"area","type":"select","default":"login","optional":false,
               "options":[{"text":"Login","value":"login"}]}]}}
            """);
    }

    [Test]
    public void Menus_and_fields_of_an_attachment()
    {
        var integration = new ActionIntegration("http://bot/action", new JsonObject { ["cr"] = 42 });
        var props = new JsonObject().WithAttachments(new Attachment
        {
            Fallback = "f",
            Color = "#2f81b7",
            Pretext = "p",
            Title = "t",
            TitleLink = "http://x",
            Footer = "foot",
            Fields = [new("Area", "Login", IsShort: true)],
            Actions = [PostAction.UserMenu("who", "Assign", integration), PostAction.Menu("area", "Area", integration, [new("A", "a")])],
        });

        AssertJson(props.ToJsonString(), """
            {"attachments":[{"fallback":"f","color":"#2f81b7","pretext":"p","title":"t","title_link":"http://x","footer":"foot",
              "fields":[{"title":"Area","value":"Login","short":true}],
              "actions":[
                {"id":"who","type":"select","name":"Assign","data_source":"users",
                 "integration":{"url":"http://bot/action","context":{"cr":42}}},
                {"id":"area","type":"select","name":"Area","options":[{"text":"A","value":"a"}],
                 "integration":{"url":"http://bot/action","context":{"cr":42}}}]}]}
            """);
    }

    [TestCase("")]
    [TestCase("snooze-1")]
    [TestCase("snooze_1")]
    [TestCase("é")]
    public void An_action_that_could_never_be_pressed_is_not_made(string id) =>
        Assert.That(() => PostAction.Button(id, "n", new("u", [])), Throws.ArgumentException);

    [Test]
    public async Task Nulls_and_new_fields_do_no_harm()
    {
        Server.AnswerInTurn(
            (200, """{"order":null,"posts":null,"news":1}"""),
            (200, """{"id":"a","username":null,"delete_at":null,"first_name":"A"}"""),
            (200, """{"id":"p","props":null,"metadata":null,"message":null}"""));
        var client = Server.Client();

        Assert.That(Value(await client.PostsPageAsync(ChannelId, 0, 2, default)), Is.Empty);
        Assert.That(Value(await client.UserAsync("a", default)), Is.EqualTo(new MattermostUser { Id = "a", FirstName = "A" }));
        var post = Value(await client.PostAsync("p", default));
        Assert.That((post.Message, post.Props.Count, post.Reactions.Count), Is.EqualTo(("", 0, 0)));
    }

    [Test]
    public async Task Many_names_are_asked_for_a_hundred_at_a_time()
    {
        Server.Answer = (http, request) => ScriptedServer.Reply(
            http,
            200,
            new JsonArray([.. JsonNode.Parse(request.Body)!.AsArray().Select(n => new JsonObject { ["username"] = (string?)n })])
                .ToJsonString());
        string[] names = [.. Enumerable.Range(0, 250).Select(i => $"u{i}")];

        var users = Value(await Server.Client().UsersByNameAsync([.. names, "u7"], default));

        Assert.That(users.Select(u => u.Username), Is.EqualTo(names));
        Assert.That(
            Server.Requests.Select(r => JsonNode.Parse(r.Body)!.AsArray().Count), Is.EqualTo((int[])[100, 100, 50]));
    }

    [Test]
    public async Task Nobody_is_asked_for_no_names()
    {
        Assert.That(Value(await Server.Client().UsersByNameAsync([], default)), Is.Empty);
        Assert.That(Server.Requests, Is.Empty);
    }

    [TestCase("..")]
    [TestCase("a/b")]
    [TestCase("a?b=c")]
    [TestCase("a\n")]
    [TestCase("")]
    public async Task What_cannot_be_a_name_is_not_asked_for(string name)
    {
        Assert.That((await Server.Client().ChannelByNameAsync(TeamId, name, default)).IsNotFound, Is.True);
        Assert.That(Server.Requests, Is.Empty);
    }

    /// <summary>Gives the recorded answer and checks that the request is the recorded one.</summary>
    private async Task<MattermostResult<T>> Replay<T>(string title, Func<IMattermost, Task<MattermostResult<T>>> call)
    {
        var capture = Captures.Get(title);
        Server.AnswerAll(capture.Status, capture.Answer, ("X-Request-Id", capture.RequestId));

        var result = await call(Server.Client());

        var request = Server.Requests.Single();
        Assert.That((request.Method, request.Target), Is.EqualTo((capture.Method, capture.Target)));
        Assert.That(request.Authorization, Is.EqualTo(capture.As == "none" ? "" : $"Bearer {ScriptedServer.Token}"));
        if (capture.Request is null)
        {
            Assert.That(request.Body, Is.Empty);
        }
        else
        {
            AssertJson(request.Body, capture.Request);
        }

        return result;
    }

    private static void AssertJson(string actual, string expected) =>
        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(actual), JsonNode.Parse(expected)), Is.True, $"{actual}\nis not\n{expected}");
}
