using System.Text;
using System.Text.Json;
using NUnit.Framework;
using PmBot.Agenda;

namespace PmBot.Tests.Sandbox;

internal sealed class ChatPageTests : StandInFixture
{
    [TestCase("/", "text/html")]
    [TestCase("/sandbox/page.css", "text/css")]
    [TestCase("/sandbox/page.js", "text/javascript")]
    [TestCase("/sandbox/posts.js", "text/javascript")]
    [TestCase("/core/pl/whatever", "text/html")]
    public async Task The_page_is_there(string path, string type)
    {
        using var response = await CallAsync(null, "GET", path);
        Assert.That((int)response.StatusCode, Is.EqualTo(200));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo(type));
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(),
            Does.StartWith("default-src 'none'; script-src 'self'; style-src 'self';").And.Not.Contain("unsafe"));
    }

    [Test]
    public async Task What_is_typed_and_answered_is_in_the_state()
    {
        Server.AddCommand(Team, "x", Bot.Url);
        var run = new { id = "run", name = "Run", type = "button", integration = new { url = Bot.Url } };
        Bot.Answers(new { text = "| a | b |\n|---|---|\n| 1 | 2 |", attachments = new[] { new { title = "CR-17", actions = new[] { run } } } });
        await PageAsync("type", new { user = "adam.c", channel = Pm.Id, text = "hello @katie.w in ~twitter" });
        await PageAsync("type", new { user = "adam.c", channel = Pm.Id, text = "/x" });

        var mine = (await StateAsync("adam.c", Pm.Id)).GetProperty("posts").EnumerateArray().ToList();
        var hers = (await StateAsync("katie.w", Pm.Id)).GetProperty("posts").EnumerateArray().ToList();

        Assert.That(mine, Has.Count.EqualTo(2));
        Assert.That(mine[0].GetProperty("html").GetString(),
            Does.Contain("<span class=\"mention\">@katie.w</span> in <span class=\"mention\">~twitter</span>"));
        Assert.That(mine[1].GetProperty("ephemeral").GetBoolean(), Is.True);
        Assert.That(mine[1].GetProperty("html").GetString(), Does.Contain("<td>1</td>"));
        Assert.That(mine[1].GetProperty("attachments")[0].GetProperty("actions")[0].GetProperty("name").GetString(), Is.EqualTo("Run"));
        Assert.That(hers, Has.Count.EqualTo(1), "an ephemeral answer is only its user's");
    }

    [TestCase("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;")]
    [TestCase("[a](javascript:alert(1))", "<a href=\"#\"")]
    [TestCase("![a](https://tracker.example/x.png)", "<a href=\"https://tracker.example/x.png\"")]
    [TestCase("a@b.example ~~gone~~ `@code`", "<del>gone</del> <code>@code</code>")]
    [TestCase("ask @katie.w.", "<span class=\"mention\">@katie.w</span>.")]
    public async Task What_people_write_is_harmless(string text, string shown)
    {
        await PageAsync("type", new { user = "adam.c", channel = Pm.Id, text });

        var html = (await StateAsync("katie.w", Pm.Id)).GetProperty("posts")[0].GetProperty("html").GetString();

        Assert.That(html, Does.Contain(shown));
        Assert.That(html, Does.Not.Contain("<img").And.Not.Contain("javascript:"));
    }

    [Test]
    public async Task A_file_is_attached_and_shown()
    {
        await PageAsync("type", new { user = "adam.c", channel = Pm.Id, text = "these", files = new[] { new { name = "a.csv", text = "a,b" } } });

        var file = (await StateAsync("katie.w", Pm.Id)).GetProperty("posts")[0].GetProperty("files")[0];
        Assert.That((file.GetProperty("name").GetString(), file.GetProperty("text").GetString()), Is.EqualTo(("a.csv", "a,b")));
    }

    [Test]
    public async Task Listed_are_the_own_channels_and_those_whom_one_writes_to_or_heard_from()
    {
        Server.DirectChannel(PmBot, Katie);
        await PageAsync("direct", new { user = "adam.c", with = "pm-bot" });
        await Server.TypeAsync(Katie, Server.DirectChannel(Katie, Adam), "hello");

        Assert.That(await TitlesAsync("adam.c"), Is.EqualTo("product-management twitter katie.w pm-bot"));
        Assert.That(await TitlesAsync("katie.w"), Is.EqualTo("pm-private product-management twitter adam.c"), "nobody has written to her, nor she to the bot");

        async Task<string> TitlesAsync(string user) => string.Join(
            ' ', (await StateAsync(user, "")).GetProperty("channels").EnumerateArray().Select(channel => channel.GetProperty("title").GetString()));
    }

    [Test]
    public async Task Read_is_what_was_shown_to_that_user_and_only_they_see_their_channels()
    {
        var secret = (await Server.TypeAsync(Katie, Private, "for @katie.w only")).Post!;
        await Server.TypeAsync(Adam, Pm, "@katie.w, look. So should you, @adam.c.");
        Assert.That(await UnreadAsync("katie.w"), Is.EqualTo("pm-private 0 0, product-management 1 1, twitter 0 0"));
        Assert.That(await UnreadAsync("adam.c"), Is.EqualTo("product-management 0 0, twitter 0 0"));

        var upTo = (await StateAsync("katie.w", Pm.Id)).GetProperty("sequence").GetInt32();
        await Server.TypeAsync(Adam, Pm, "@all, once more");
        await PageAsync("read", new { user = "katie.w", channel = Pm.Id, upTo });
        Assert.That(await UnreadAsync("katie.w"), Is.EqualTo("pm-private 0 0, product-management 1 1, twitter 0 0"));

        Assert.That((await PageAsync("find", new { user = "katie.w", post = secret.Id })).GetProperty("channel").GetString(), Is.EqualTo(Private.Id));
        Assert.That((await PageAsync("find", new { user = "adam.c", post = secret.Id })).GetProperty("error").GetString(), Does.StartWith("adam.c sees no such post."));
        Assert.That((await PageAsync("react", new { user = "adam.c", post = secret.Id, emoji = "heart" })).GetProperty("error").GetString(), Does.StartWith("adam.c sees no such post."));
        Assert.That((await StateAsync("adam.c", Private.Id)).GetProperty("channel").GetString(), Is.EqualTo(Pm.Id));

        async Task<string> UnreadAsync(string user) => string.Join(
            ", ", (await StateAsync(user, "")).GetProperty("channels").EnumerateArray()
                .Select(channel => $"{channel.GetProperty("title").GetString()} {channel.GetProperty("unread").GetInt32()} {channel.GetProperty("mentions").GetInt32()}"));
    }

    [Test]
    public async Task Replies_stand_in_their_thread()
    {
        var root = (await Server.TypeAsync(Adam, Pm, "root")).Post!;
        await Server.TypeAsync(Katie, Pm, "reply", root.Id);

        var state = await JsonAsync(null, "GET", $"/sandbox/state?user=adam.c&channel={Pm.Id}&thread={root.Id}");
        var shown = state.GetProperty("posts").EnumerateArray().Single();
        Assert.That((shown.GetProperty("replies").GetInt32(), shown.GetProperty("fresh").GetInt32()), Is.EqualTo((1, 1)));
        Assert.That(
            string.Concat(state.GetProperty("thread").GetProperty("posts").EnumerateArray().Select(post => post.GetProperty("html").GetString())),
            Is.EqualTo("<p>root</p>\n<p>reply</p>\n"));
    }

    [Test]
    public async Task What_happens_is_told_at_once()
    {
        using var http = new HttpClient { BaseAddress = Server.Url };
        await using var stream = await http.GetStreamAsync(new Uri("/sandbox/events", UriKind.Relative));
        using var events = new StreamReader(stream);
        Assert.That(await NextAsync(), Is.EqualTo("data: 0"));
        await Server.TypeAsync(Adam, Pm, "hi");
        Assert.That(await NextAsync(), Is.EqualTo("data: 1"));
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.That(await NextAsync(), Is.EqualTo("data: 2"));

        async Task<string?> NextAsync()
        {
            var line = await events.ReadLineAsync();
            await events.ReadLineAsync();
            return line;
        }
    }

    [Test]
    public async Task Commands_are_offered_with_the_verbs_of_the_bot_s_own_tables()
    {
        Server.AddCommand(Team, "agenda", Bot.Url);
        Server.AddCommand(Team, "other", Bot.Url);
        var commands = (await JsonAsync(null, "GET", "/sandbox/commands")).EnumerateArray().ToList();
        Assert.That(string.Join(' ', commands.Select(command => command.GetProperty("trigger").GetString())), Is.EqualTo("agenda other"));
        var verbs = commands[0].GetProperty("verbs").EnumerateArray().Select(verb => verb.GetProperty("name").GetString());
        Assert.That(verbs, Is.EqualTo(AgendaVerbs.All.Verbs.Select(verb => verb.Name).Append("help")));
        Assert.That(commands[1].GetProperty("verbs").GetArrayLength(), Is.Zero);
    }

    [TestCase("{\"next\":\"Monday\"}", "Mon, Dec 7 2026, 09:00 PST")]
    [TestCase("{\"next\":\"Wednesday\"}", "Wed, Dec 2 2026, 08:00 PST")]
    [TestCase("{\"next\":\"Friday\"}", "Fri, Dec 4 2026, 09:00 PST")]
    [TestCase("{\"hours\":4}", "Mon, Nov 30 2026, 13:00 PST")]
    [TestCase("{\"local\":\"2027-03-15T09:00\"}", "Mon, Mar 15 2027, 09:00 PDT")]
    public async Task The_clock_moves_in_the_wall_time_of_its_zone(string move, string shown)
    {
        Assert.That((await StateAsync("adam.c", "")).GetProperty("clock").GetProperty("now").GetString(), Is.EqualTo("Mon, Nov 30 2026, 09:00 PST"));

        await PageAsync("clock", JsonSerializer.Deserialize<JsonElement>(move));

        Assert.That((await StateAsync("adam.c", "")).GetProperty("clock").GetProperty("now").GetString(), Is.EqualTo(shown));
    }

    [TestCase("http://evil.example", null, 403)]
    [TestCase("null", null, 403)]
    [TestCase(null, "evil.example", 403)]
    [TestCase("http://evil.example", "evil.example", 403)]
    [TestCase(null, null, 200)]
    public async Task Only_the_page_itself_may_act(string? origin, string? host, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sandbox/clock");
        request.Content = new StringContent("{\"hours\":1}", Encoding.UTF8, "application/json");
        request.Headers.Host = host;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        Assert.That(Clock.GetUtcNow(), Is.EqualTo(status == 200 ? Monday.AddHours(1) : Monday));
    }

    [Test]
    public async Task A_dialog_is_shown_and_submitted_with_its_checkbox_as_a_boolean()
    {
        using var opened = await CallAsync(PmBot, "POST", "/api/v4/actions/dialogs/open", new
        {
            trigger_id = Server.NewTrigger(Adam, Pm),
            url = Bot.Url,
            dialog = new { title = "New", elements = new[] { new { name = "title", type = "text" }, new { name = "urgent", type = "bool" } } },
        });
        Assert.That((await StateAsync("adam.c", Pm.Id)).GetProperty("dialog").GetProperty("title").GetString(), Is.EqualTo("New"));

        await PageAsync("dialog", new { user = "adam.c", values = new { title = "SAML", urgent = true } });

        var submission = JsonSerializer.Deserialize<JsonElement>(Bot.Last.Body).GetProperty("submission");
        Assert.That(submission.GetRawText(), Is.EqualTo("{\"title\":\"SAML\",\"urgent\":true}"));
        Assert.That((await StateAsync("adam.c", Pm.Id)).GetProperty("dialog").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task A_reaction_is_toggled_and_a_press_answers_its_error()
    {
        var post = (await Server.TypeAsync(Adam, Pm, "hi")).Post!;
        await PageAsync("react", new { user = "katie.w", post = post.Id, emoji = "heart" });
        Assert.That(Server.Reactions(post).Single().Username, Is.EqualTo("katie.w"));
        await PageAsync("react", new { user = "katie.w", post = post.Id, emoji = "heart" });
        Assert.That(Server.Reactions(post), Is.Empty);

        Assert.That((await PageAsync("press", new { user = "adam.c", post = post.Id, action = "gone" })).GetProperty("error").GetString(),
            Does.StartWith("Invalid action id."));
        Assert.That((await PageAsync("type", new { user = "nobody", channel = Pm.Id, text = "x" })).GetProperty("error").GetString(),
            Is.EqualTo("There is no such user."));
    }

    private Task<JsonElement> StateAsync(string user, string channel) =>
        JsonAsync(null, "GET", $"/sandbox/state?user={user}&channel={channel}");

    private Task<JsonElement> PageAsync(string verb, object body) => JsonAsync(null, "POST", "/sandbox/" + verb, body);
}
