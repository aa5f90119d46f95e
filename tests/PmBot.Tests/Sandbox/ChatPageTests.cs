using System.Text;
using System.Text.Json;
using NUnit.Framework;

namespace PmBot.Tests.Sandbox;

internal sealed class ChatPageTests : StandInFixture
{
    [TestCase("/", "text/html")]
    [TestCase("/sandbox/page.css", "text/css")]
    [TestCase("/sandbox/page.js", "text/javascript")]
    public async Task The_page_is_there(string path, string type)
    {
        using var response = await CallAsync(null, "GET", path);
        Assert.That((int)response.StatusCode, Is.EqualTo(200));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo(type));
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'self'"));
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
    public async Task A_direct_channel_with_each_bot_is_listed_and_channels_of_others_are_not()
    {
        var titles = (await StateAsync("adam.c", "")).GetProperty("channels").EnumerateArray()
            .Select(channel => channel.GetProperty("title").GetString());

        Assert.That(string.Join(' ', titles), Is.EqualTo("product-management twitter pm-bot"));
    }

    [TestCase("{\"next\":\"Monday\"}", "Mon, Dec 7 2026, 09:00 PST")]
    [TestCase("{\"next\":\"Wednesday\"}", "Wed, Dec 2 2026, 08:00 PST")]
    [TestCase("{\"next\":\"Friday\"}", "Fri, Dec 4 2026, 09:00 PST")]
    [TestCase("{\"hours\":4}", "Mon, Nov 30 2026, 13:00 PST")]
    [TestCase("{\"local\":\"2027-03-15T09:00\"}", "Mon, Mar 15 2027, 09:00 PDT")]
    public async Task The_clock_moves_in_the_wall_time_of_its_zone(string move, string shown)
    {
        Assert.That((await StateAsync("adam.c", "")).GetProperty("now").GetString(), Is.EqualTo("Mon, Nov 30 2026, 09:00 PST"));

        await PageAsync("clock", JsonSerializer.Deserialize<JsonElement>(move));

        Assert.That((await StateAsync("adam.c", "")).GetProperty("now").GetString(), Is.EqualTo(shown));
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
