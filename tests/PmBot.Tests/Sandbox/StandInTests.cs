using System.Text.Json;
using NUnit.Framework;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Sandbox;

/// <summary>The rules that the captures' README tells of.</summary>
internal sealed class StandInTests : StandInFixture
{
    [Test]
    public async Task A_message_and_a_header_have_their_greatest_length()
    {
        await PostIdAsync(PmBot, new { channel_id = Pm.Id, message = string.Concat(Enumerable.Repeat("😀", 16_383)) });
        Assert.That(await RefusalAsync(PmBot, "POST", "/api/v4/posts", new { channel_id = Pm.Id, message = new string('x', 16_384) }),
            Is.EqualTo((400, "model.post.is_valid.msg.app_error")));

        using var longest = await CallAsync(PmBot, "PUT", $"/api/v4/channels/{Pm.Id}/patch", new { header = new string('x', 1_024) });
        Assert.That((int)longest.StatusCode, Is.EqualTo(200));
        Assert.That(await RefusalAsync(PmBot, "PUT", $"/api/v4/channels/{Pm.Id}/patch", new { header = new string('x', 1_025) }),
            Is.EqualTo((400, "model.channel.is_valid.header.app_error")));
    }

    [Test]
    public async Task A_pending_post_id_is_remembered_for_thirty_seconds()
    {
        var post = new { channel_id = Pm.Id, message = "once", pending_post_id = PmBot.Id + ":1" };
        var first = await PostIdAsync(PmBot, post);

        Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.That(await PostIdAsync(PmBot, post), Is.EqualTo(first));
        Assert.That(Server.Posts(Pm), Has.Count.EqualTo(1));

        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await PostIdAsync(PmBot, post), Is.Not.EqualTo(first));
        Assert.That(Server.Posts(Pm), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Who_is_no_member_may_neither_post_nor_patch_nor_read()
    {
        var forbidden = (403, "api.context.permissions.app_error");
        Assert.That(await RefusalAsync(PmBot, "POST", "/api/v4/posts", new { channel_id = Private.Id, message = "x" }),
            Is.EqualTo(forbidden));
        Assert.That(await RefusalAsync(PmBot, "PUT", $"/api/v4/channels/{Private.Id}/patch", new { header = "x" }), Is.EqualTo(forbidden));
        Assert.That(await RefusalAsync(PmBot, "GET", $"/api/v4/channels/{Private.Id}/posts"), Is.EqualTo(forbidden));
        var direct = Server.DirectChannel(Adam, Katie);
        Assert.That(await RefusalAsync(PmBot, "POST", "/api/v4/posts", new { channel_id = direct.Id, message = "x" }),
            Is.EqualTo(forbidden));
        Assert.That(await RefusalAsync(PmBot, "GET", $"/api/v4/teams/{Team.Id}/channels/name/pm-private"),
            Is.EqualTo((404, "app.channel.get_by_name.missing.app_error")));
        Assert.That(await RefusalAsync(PmBot, "GET", $"/api/v4/channels/{Pm.Id}/members/{Server.Admin.Id}"),
            Is.EqualTo((404, "app.channel.get_member.missing.app_error")));
    }

    [Test]
    public async Task A_reply_needs_a_root_that_is_there_and_an_archived_channel_takes_no_posts()
    {
        Assert.That(await RefusalAsync(PmBot, "POST", "/api/v4/posts",
            new { channel_id = Pm.Id, message = "x", root_id = new string('a', 26) }),
            Is.EqualTo((400, "api.post.create_post.root_id.app_error")));

        Server.DeleteChannel(Pm);
        Assert.That(await RefusalAsync(PmBot, "POST", "/api/v4/posts", new { channel_id = Pm.Id, message = "x" }),
            Is.EqualTo((400, "api.post.create_post.can_not_post_to_deleted.error")));
    }

    [Test]
    public async Task Posts_since_a_time_are_those_that_changed_after_it_with_the_deleted_ones()
    {
        var old = (await Server.TypeAsync(Adam, Pm, "old")).Post!;
        var reacted = (await Server.TypeAsync(Adam, Pm, "reacted to later")).Post!;
        var deleted = (await Server.TypeAsync(Adam, Pm, "deleted later")).Post!;
        var since = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Server.React(Katie, reacted, "heart");
        Server.DeletePost(deleted);
        var added = await PostIdAsync(PmBot, new { channel_id = Pm.Id, message = "new", props = new { pmbot_delivery = "d-7" } });

        var list = await JsonAsync(PmBot, "GET", $"/api/v4/channels/{Pm.Id}/posts?since={since}");

        Assert.That(Texts(list.GetProperty("order")), Is.EqualTo($"{added} {deleted.Id} {reacted.Id}"));
        var posts = list.GetProperty("posts");
        Assert.That(posts.TryGetProperty(old.Id, out _), Is.False);
        Assert.That(posts.GetProperty(added).GetProperty("props").GetProperty("pmbot_delivery").GetString(), Is.EqualTo("d-7"));
        Assert.That(posts.GetProperty(deleted.Id).GetProperty("delete_at").GetInt64(), Is.GreaterThan(since));
        Assert.That(posts.GetProperty(reacted.Id).GetProperty("metadata").GetProperty("reactions")[0].GetProperty("emoji_name")
            .GetString(), Is.EqualTo("heart"));
    }

    [Test]
    public async Task A_thread_is_its_root_with_the_replies_that_are_left()
    {
        var root = await PostIdAsync(PmBot, new { channel_id = Pm.Id, message = "root" });
        var reply = await PostIdAsync(PmBot, new { channel_id = Pm.Id, message = "reply", root_id = root });
        var gone = await PostIdAsync(PmBot, new { channel_id = Pm.Id, message = "gone", root_id = root });
        using var deleted = await CallAsync(PmBot, "DELETE", $"/api/v4/posts/{gone}");

        var thread = await JsonAsync(PmBot, "GET", $"/api/v4/posts/{reply}/thread");

        Assert.That((int)deleted.StatusCode, Is.EqualTo(200));
        Assert.That(Texts(thread.GetProperty("order")), Is.EqualTo($"{root} {reply}"));
        Assert.That(thread.GetProperty("posts").GetProperty(root).GetProperty("reply_count").GetInt32(), Is.EqualTo(1));
        Assert.That(await RefusalAsync(PmBot, "GET", $"/api/v4/posts/{gone}"), Is.EqualTo((404, "app.post.get.app_error")));
        Assert.That(await RefusalAsync(PmBot, "DELETE", $"/api/v4/posts/{(await Server.TypeAsync(Adam, Pm, "his")).Post!.Id}"),
            Is.EqualTo((403, "api.context.permissions.app_error")));
    }

    [Test]
    public async Task A_file_is_uploaded_as_a_form_attached_and_fetched_again()
    {
        using var form = new MultipartFormDataContent();
        form.Add(new StringContent(Pm.Id), "channel_id");
        form.Add(new StringContent("a,b"), "files", "requests.csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v4/files") { Content = form };
        request.Headers.Authorization = new("Bearer", PmBot.Token);
        using var uploaded = await SendAsync(request);
        var file = JsonSerializer.Deserialize<JsonElement>(await uploaded.Content.ReadAsStringAsync())
            .GetProperty("file_infos")[0].GetProperty("id").GetString()!;

        var post = await JsonAsync(PmBot, "POST", "/api/v4/posts", new { channel_id = Pm.Id, message = "", file_ids = new[] { file } });
        using var fetched = await CallAsync(PmBot, "GET", $"/api/v4/files/{file}");

        Assert.That(Texts(post.GetProperty("file_ids")), Is.EqualTo(file));
        Assert.That(post.GetProperty("metadata").GetProperty("files")[0].GetProperty("name").GetString(), Is.EqualTo("requests.csv"));
        Assert.That(await fetched.Content.ReadAsStringAsync(), Is.EqualTo("a,b"));

        var seen = Server.Posts(Pm).Single(p => p.FileIds.Length > 0);
        Assert.That(Server.Files(seen).Single().Text, Is.EqualTo("a,b"));
        var again = await JsonAsync(PmBot, "POST", "/api/v4/posts", new { channel_id = Pm.Id, message = "again", file_ids = new[] { file } });
        Assert.That(again.TryGetProperty("file_ids", out _), Is.False, "a file belongs to one post");
        var stranger = Server.AddUser("sam.sales", "Sam", "Sales");
        Assert.That(await RefusalAsync(stranger, "GET", $"/api/v4/files/{file}"), Is.EqualTo((403, "api.context.permissions.app_error")));
        Assert.That(await RefusalAsync(PmBot, "GET", "/api/v4/files/none"), Is.EqualTo((404, "app.file_info.get.app_error")));
    }

    [Test]
    public async Task A_response_URL_takes_plain_text_too_and_a_renamed_user_keeps_what_they_saw()
    {
        Server.AddCommand(Team, "x", Bot.Url);
        await Server.TypeAsync(Adam, Pm, "/x");
        var url = Bot.Last.Body.Split('&').Single(field => field.StartsWith("response_url=", StringComparison.Ordinal));
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri.UnescapeDataString(url["response_url=".Length..]));
        request.Content = new StringContent("plain words");
        using var answered = await SendAsync(request);

        Server.Rename(Adam, "adam.clarkson");

        Assert.That((int)answered.StatusCode, Is.EqualTo(200));
        Assert.That(Server.EphemeralsOf(Adam).Single().Message, Is.EqualTo("plain words"));
        Assert.That(Server.FindUser("adam.clarkson")!.Id, Is.EqualTo(Adam.Id));
    }

    [Test]
    public async Task A_header_makes_the_systems_post_and_no_second_one_for_the_same_text()
    {
        foreach (var header in new[] { "on duty: katie.w", "on duty: katie.w", "on duty: adam.c" })
        {
            using var patched = await CallAsync(PmBot, "PUT", $"/api/v4/channels/{Twitter.Id}/patch", new { header });
        }

        Assert.That(Server.Header(Twitter), Is.EqualTo("on duty: adam.c"));
        Assert.That(Server.Posts(Twitter).Select(post => post.Type + " " + post.Message), Is.EqualTo(string.Join('|',
            "system_header_change pm-bot updated the channel header to: on duty: katie.w",
            "system_header_change pm-bot updated the channel header from: on duty: katie.w to: on duty: adam.c").Split('|')));
    }

    [TestCase(500, "application/json", "{\"text\":\"secret\"}",
        "Command with a trigger of 'x' returned response 500 Internal Server Error.")]
    [TestCase(401, "application/json", "{}", "Command with a trigger of 'x' returned response 401 Unauthorized.")]
    [TestCase(200, "application/json", "", "Command with a trigger of 'x' failed.")]
    [TestCase(200, "application/json", "{\"text\":", "Command with a trigger of 'x' failed.")]
    [TestCase(200, "text/plain", "plain words", "plain words")]
    [TestCase(200, "application/json", "{\"response_type\":\"ephemeral\",\"text\":\"see <https://x.example|this>\"}",
        "see [this](https://x.example)")]
    public async Task An_answer_to_a_command_is_shown_as_the_server_shows_it(int status, string type, string body, string shown)
    {
        Server.AddCommand(Team, "x", Bot.Url);
        Bot.Answers(status, type, body);

        var result = await Server.TypeAsync(Adam, Pm, "/x");

        Assert.That(result.Text, Is.EqualTo(shown));
        Assert.That(Server.EphemeralsOf(Adam).Select(post => post.Message), Is.EqualTo(new[] { shown }));
        Assert.That(Server.Posts(Pm), Is.Empty);
    }

    [Test]
    public async Task An_answer_in_the_channel_is_posted_in_the_users_name_with_its_extras()
    {
        Server.AddCommand(Team, "x", Bot.Url);
        var extra_responses = new[] { new { text = "for you" } };
        Bot.Answers(new { response_type = "in_channel", text = "for all", goto_location = "/core/channels/twitter", extra_responses });

        var result = await Server.TypeAsync(Adam, Pm, "/x");

        var post = Server.Posts(Pm).Single();
        Assert.That((post.Author, post.Message, post.Prop("from_webhook")), Is.EqualTo(("adam.c", "for all", "true")));
        Assert.That(result.Text, Is.EqualTo("for you"));
        Assert.That(result.GotoLocation, Is.EqualTo("/core/channels/twitter"));
    }

    [Test]
    public async Task An_unknown_command_says_so()
    {
        var result = await Server.TypeAsync(Adam, Pm, "/nope now");

        Assert.That(result.Text, Does.StartWith("Command with a trigger of '/nope' not found."));
        Assert.That(result.Error, Is.EqualTo(result.Text));
    }

    [Test]
    public async Task A_response_URL_takes_five_answers()
    {
        Server.AddCommand(Team, "x", Bot.Url);
        await Server.TypeAsync(Adam, Pm, "/x");
        var url = Bot.Last.Body.Split('&').Single(field => field.StartsWith("response_url=", StringComparison.Ordinal));
        var path = new Uri(Uri.UnescapeDataString(url["response_url=".Length..])).AbsolutePath;

        for (var answer = 1; answer <= 5; answer++)
        {
            using var taken = await CallAsync(null, "POST", path, new { text = $"answer {answer}" });
            Assert.That((int)taken.StatusCode, Is.EqualTo(200));
        }

        var sixth = await JsonAsync(null, "POST", path, new { text = "answer 6" });
        Assert.That(sixth.GetProperty("message").GetString(), Is.EqualTo("Invalid webhook."));
        Assert.That(sixth.GetProperty("status_code").GetInt32(), Is.EqualTo(400));
        Assert.That(Server.EphemeralsOf(Adam), Has.Count.EqualTo(5));
    }

    [Test]
    public async Task A_trigger_lives_three_seconds_and_its_dialog_stays_open_while_it_has_errors()
    {
        var dialog = new { title = "New", elements = new[] { new { name = "title", type = "text" } } };
        var open = new { trigger_id = Server.NewTrigger(Adam, Pm), url = Bot.Url, dialog };
        Clock.Advance(TimeSpan.FromSeconds(3));
        using var opened = await CallAsync(PmBot, "POST", "/api/v4/actions/dialogs/open", open);
        Assert.That((int)opened.StatusCode, Is.EqualTo(200));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(await RefusalAsync(PmBot, "POST", "/api/v4/actions/dialogs/open", open),
            Is.EqualTo((400, "interactive_message.decode_trigger_id.expired")));
        Assert.That(Server.Dialogs(Katie), Is.Empty);

        Bot.Answers(new { errors = new { title = "too short" } });
        var refused = await Server.SubmitDialogAsync(Adam, [("title", "x")]);
        Assert.That(refused.Closed, Is.False);
        Assert.That(refused.Errors["title"], Is.EqualTo("too short"));

        Bot.Answers(200, "application/json", "");
        Assert.That((await Server.SubmitDialogAsync(Adam, [("title", "longer")])).Closed, Is.True);
        Assert.That(Server.Dialogs(Adam), Is.Empty);
    }

    [Test]
    public async Task The_answer_to_a_press_replaces_the_message_and_the_buttons()
    {
        var id = await PostIdAsync(PmBot, WithButton("Take", "take"));
        var update = new { message = "adam.c has it", props = new { attachments = (object?)null } };
        Bot.Answers(new { update, ephemeral_text = "Noted." });

        var result = await Server.PressAsync(Adam, id, "Take");

        Assert.That(result.Error, Is.Null);
        Assert.That(result.Text, Is.EqualTo("Noted."));
        Assert.That((result.Post!.Message, result.Post.Actions.Count()), Is.EqualTo(("adam.c has it", 0)));
        Assert.That(Server.Journal.Select(entry => entry.GetType().Name),
            Is.EqualTo("PostCreated PostEdited EphemeralShown ActionAnswered".Split(' ')));
    }

    [Test]
    public async Task A_press_without_a_usable_answer_is_an_error_for_who_pressed()
    {
        var id = await PostIdAsync(PmBot, WithButton("Take", "take"));
        Bot.Answers(500, "application/json", "{}");
        Assert.That((await Server.PressAsync(Adam, id, "Take")).Error, Is.EqualTo("Action integration error. status=500"));
        Bot.Answers(200, "application/json", "");
        Assert.That((await Server.PressAsync(Adam, id, "Take")).Error, Does.StartWith("Action integration error."));

        var bad = await PostIdAsync(PmBot, WithButton("Take", "not-pressable"));
        var before = Bot.Requests.Count;
        Assert.That((await Server.PressAsync(Adam, bad, "Take")).Error, Does.StartWith("Invalid action id."));
        Assert.That(Bot.Requests, Has.Count.EqualTo(before));
    }

    [Test]
    public async Task A_button_of_an_ephemeral_answer_can_be_pressed_but_its_post_cannot_be_replaced()
    {
        Server.AddCommand(Team, "x", Bot.Url);
        var run = new { id = "run", name = "Run", type = "button", integration = new { url = Bot.Url } };
        Bot.Answers(new { text = "Did you mean", attachments = new[] { new { actions = new[] { run } } } });
        var shown = (await Server.TypeAsync(Adam, Pm, "/x")).Ephemerals.Single();

        Bot.Answers(new { ephemeral_text = "Done." });
        var said = (await Server.PressAsync(Adam, shown.Id, "Run")).Ephemerals.Single();
        Assert.That((said.Message, said.RootId), Is.EqualTo(("Done.", shown.Id)));
        Assert.That(JsonSerializer.Deserialize<JsonElement>(Bot.Last.Body).GetProperty("post_id").GetString(), Is.EqualTo(shown.Id));

        Bot.Answers(new { update = new { message = "gone" }, ephemeral_text = "Done." });
        var updated = await Server.PressAsync(Adam, shown.Id, "Run");
        Assert.That(updated.Error, Is.Not.Null);
        Assert.That(updated.Post!.Message, Is.EqualTo("Did you mean"));
    }

    [Test]
    public async Task Webhooks_fire_for_bots_too_but_only_in_public_channels_and_never_for_their_own_answers()
    {
        Server.AddOutgoingWebhook(Team, null, ["#cr", "cr:"], Bot.Url);
        Bot.Answers(new { text = "cr: filed as CR-1", response_type = "comment" });

        var typed = (await Server.TypeAsync(Adam, Pm, "cr: SAML for guests")).Post!;
        await Server.TypeAsync(Katie, Private, "cr: confidential");
        await Server.TypeAsync(Adam, Pm, "see cr: not the first word");

        Assert.That(Bot.Requests, Has.Count.EqualTo(1));
        var answer = Server.Posts(Pm).Single(post => post.RootId.Length > 0);
        Assert.That((answer.RootId, answer.Author, answer.Prop("from_webhook")), Is.EqualTo((typed.Id, "sysadmin", "true")));

        await PostIdAsync(PmBot, new { channel_id = Pm.Id, message = "#cr by a bot" });
        Assert.That(() => Bot.Requests, Has.Count.EqualTo(2).After(5).Seconds.PollEvery(10).MilliSeconds);
    }

    [TestCase(404, "text/plain", "", null)]
    [TestCase(200, "text/plain", "plain words", null)]
    [TestCase(200, "application/json", "{}", null)]
    [TestCase(500, "application/json", "{\"text\":\"the status is not looked at\"}", "the status is not looked at")]
    public async Task What_a_webhook_answers_is_shown_if_it_is_JSON_with_a_text(int status, string type, string body, string? shown)
    {
        Server.AddOutgoingWebhook(Team, null, ["#cr"], Bot.Url);
        Bot.Answers(status, type, body);

        var typed = await Server.TypeAsync(Adam, Pm, "#cr SAML");

        Assert.That(typed.Error, Is.Null);
        Assert.That(Bot.Requests, Has.Count.EqualTo(1));
        Assert.That(Server.Posts(Pm).Skip(1).Select(post => post.Message), Is.EqualTo(shown is null ? [] : new List<string> { shown }));
    }

    [Test]
    public async Task A_reply_fires_webhooks_too_but_takes_no_comment()
    {
        Server.AddOutgoingWebhook(Team, null, ["#cr"], Bot.Url);
        var root = (await Server.TypeAsync(Adam, Pm, "guests need SAML")).Post!;
        Bot.Answers(new { text = "as a comment", response_type = "comment" });
        var reply = (await Server.TypeAsync(Katie, Pm, "#cr SAML for guests", root.Id)).Post!;

        Assert.That(JsonSerializer.Deserialize<JsonElement>(Bot.Last.Body).GetProperty("post_id").GetString(), Is.EqualTo(reply.Id));
        Assert.That(Server.Posts(Pm), Has.Count.EqualTo(2));

        Bot.Answers(new { text = "in the channel" });
        await Server.TypeAsync(Katie, Pm, "#cr SAML for guests", root.Id);
        Assert.That((Server.Posts(Pm)[^1].Message, Server.Posts(Pm)[^1].RootId), Is.EqualTo(("in the channel", "")));
    }

    [Test]
    public async Task A_typed_post_carries_files_for_those_who_see_it()
    {
        Server.AddOutgoingWebhook(Team, null, ["#cr"], Bot.Url);

        var post = (await Server.TypeAsync(Adam, Pm, "#cr these", files: [new("a.csv", "title\nä\n"), new("b.txt", "")])).Post!;
        await Server.TypeAsync(Katie, Private, "secret", files: [new("c.csv", "c")]);

        Assert.That(Server.Files(post), Is.EqualTo(new List<ChatFile> { new("a.csv", "title\nä\n"), new("b.txt", "") }));
        Assert.That(JsonSerializer.Deserialize<JsonElement>(Bot.Last.Body).GetProperty("file_ids").GetString(), Is.EqualTo(string.Join(',', post.FileIds)));
        using var fetched = await CallAsync(PmBot, "GET", $"/api/v4/files/{post.FileIds[0]}");
        Assert.That(await fetched.Content.ReadAsStringAsync(), Is.EqualTo("title\nä\n"));
        Assert.That(await RefusalAsync(PmBot, "GET", $"/api/v4/files/{Server.Posts(Private).Single().FileIds[0]}"),
            Is.EqualTo((403, "api.context.permissions.app_error")));
        Assert.That(() => Server.TypeAsync(Adam, Pm, "/x", files: [new("a.csv", "")]), Throws.InvalidOperationException);
    }

    [Test]
    public async Task What_it_does_not_know_is_answered_501_and_kept()
    {
        Assert.That(await RefusalAsync(PmBot, "GET", "/api/v4/emoji"), Is.EqualTo((501, "sandbox.not_implemented")));
        Assert.That(await RefusalAsync(PmBot, "DELETE", "/api/v4/users/me"), Is.EqualTo((501, "sandbox.not_implemented")));
        Assert.That(Server.UnexpectedCalls, Is.EqualTo("GET /api/v4/emoji,DELETE /api/v4/users/me".Split(',')));
        await JsonAsync(PmBot, "GET", "/api/v4/users/me");
        Assert.That(Server.Calls[^1], Is.EqualTo(new ApiCall("GET", "/api/v4/users/me", "pm-bot", 200, "")));
    }

    [Test]
    public async Task People_can_do_over_HTTP_what_they_do_in_process()
    {
        Server.AddCommand(Team, "x", Bot.Url);
        Bot.Answers(new { text = "hello" });
        var answer = await JsonAsync(Adam, "POST", "/api/v4/commands/execute",
            new { channel_id = Pm.Id, command = "/x", team_id = Team.Id });
        Assert.That(answer.GetProperty("text").GetString(), Is.EqualTo("hello"));
        Assert.That(Server.EphemeralsOf(Adam).Single().Message, Is.EqualTo("hello"));

        var post = await PostIdAsync(PmBot, WithButton("Take", "take"));
        Bot.Answers(new { update = new { message = "taken" } });
        using var pressed = await CallAsync(Adam, "POST", $"/api/v4/posts/{post}/actions/take", new { });
        Assert.That((int)pressed.StatusCode, Is.EqualTo(200));
        Assert.That(Server.FindPost(post).Message, Is.EqualTo("taken"));
        Assert.That(Server.FindPost(post).Actions.Single().Name, Is.EqualTo("Take"), "an update without props keeps them");

        using var submitted = await CallAsync(Adam, "POST", "/api/v4/actions/dialogs/submit",
            new { url = Bot.Url + "/dialog", channel_id = Pm.Id, team_id = Team.Id, state = "forged", submission = new { a = "b" } });
        Assert.That((int)submitted.StatusCode, Is.EqualTo(200));
        Assert.That(JsonSerializer.Deserialize<JsonElement>(Bot.Last.Body).GetProperty("state").GetString(), Is.EqualTo("forged"));
    }

    private object WithButton(string name, string id) => new
    {
        channel_id = Pm.Id,
        message = "choose",
        props = new { attachments = new[] { new { actions = new[] { new { id, name, type = "button", integration = new { url = Bot.Url } } } } } },
    };

    private static string Texts(JsonElement array) => string.Join(' ', array.EnumerateArray().Select(item => item.GetString()));
}
