using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using static Microsoft.Playwright.Assertions;

namespace PmBot.Tests.Sandbox.Browser;

/// <summary>What a person expects of a small chat, in a real browser.</summary>
internal sealed class ChatTests : PageTest
{
    private const string Nasty = "<img src=x onerror=\"document.title='hacked'\"> <script>alert(1)</script> [a](javascript:alert(2)) \"' &lt;b&gt;";

    [Test]
    public async Task What_is_new_is_marked_for_each_user_until_it_is_seen()
    {
        await GoAsync("Twitter");
        await GoAsync("Product Management");
        await TypesAsync(Team.Katie, Team.Twitter, "Has somebody seen this?");
        await TypesAsync(Team.Katie, Team.Twitter, "@adam.c, have you?");

        await MarkedAsync("Twitter", "public, 2 unread, 1 for you");
        await Expect(Channel("Twitter")).ToHaveCSSAsync("font-weight", "700");
        await Expect(Channel("Twitter").Locator(".badge")).ToHaveTextAsync("1");
        await Expect(Channel("Town Square")).ToHaveCSSAsync("font-weight", "400");

        await GoAsync("Twitter");
        await MarkedAsync("Twitter", "public");
        await Expect(Channel("Twitter").Locator(".badge")).ToHaveCountAsync(0);
        await Expect(Page.Locator("#posts .line.new + article")).ToContainTextAsync("Has somebody seen this?");
        await Expect(PostWith("have you?").Locator(".mention.me")).ToHaveTextAsync("@adam.c");

        // Of the others nobody has seen it; who wrote it need not.
        await GoAsync("Product Management");
        await BeAsync("jason.b");
        await MarkedAsync("Twitter", "public, 5 unread");
        await BeAsync("katie.w");
        await MarkedAsync("Twitter", "public, 3 unread");
    }

    [Test]
    public async Task What_comes_while_one_types_or_reads_disturbs_neither()
    {
        for (var n = 0; n < 30; n++)
        {
            await TypesAsync(Team.Katie, Team.TownSquare, $"Post number {n}");
        }

        await GoAsync("Town Square");
        await Expect(PostWith("Post number 29")).ToBeInViewportAsync();
        await Message.FillAsync("half a sent");
        await Page.Locator("#posts").EvaluateAsync("box => { box.scrollTop = 0; }");
        await Expect(PostWith("Post number 0")).ToBeInViewportAsync();

        await TypesAsync(Team.Katie, Team.TownSquare, "One more");

        await Expect(PostWith("One more")).ToHaveCountAsync(1);
        await Expect(PostWith("Post number 0")).ToBeInViewportAsync();
        await Expect(Message).ToHaveValueAsync("half a sent");
        await Expect(Message).ToBeFocusedAsync();

        // Told to those who do not look, and one press away for those who do.
        await Expect(Page.Locator("#said")).ToHaveTextAsync("katie.w: One more");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Newer posts below" }).ClickAsync();
        await Expect(PostWith("One more")).ToBeInViewportAsync();

        // The draft waits in its channel, for its author.
        await GoAsync("Twitter");
        await Expect(Message).ToHaveValueAsync("");
        await GoAsync("Town Square");
        await Expect(Message).ToHaveValueAsync("half a sent");
    }

    [Test]
    public async Task Commands_people_and_channels_are_completed_by_keyboard_alone()
    {
        await Expect(Message).ToBeFocusedAsync();
        var choices = Page.GetByRole(AriaRole.Listbox, new() { Name = "Suggestions" }).GetByRole(AriaRole.Option);
        await Page.Keyboard.TypeAsync("/");
        await Expect(choices).ToHaveCountAsync(3);
        await Page.Keyboard.TypeAsync("pm");
        await Expect(choices).ToContainTextAsync(["/pm-rotation"]);
        await Page.Keyboard.PressAsync("Tab");
        await Expect(Message).ToHaveValueAsync("/pm-rotation ");

        // The verbs are those of the bot's own help.
        await Expect(choices.First).ToContainTextAsync("who is on duty, until when");
        await Page.Keyboard.TypeAsync("s");
        await Expect(choices).ToContainTextAsync(["schedule [N]", "stats", "swap DATE DATE", "settings"]);
        await Page.Keyboard.PressAsync("ArrowDown");
        await Expect(Message).ToHaveAttributeAsync("aria-activedescendant", new Regex("-1$"));
        await Page.Keyboard.PressAsync("ArrowUp");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Message).ToHaveValueAsync("/pm-rotation schedule ");
        await Expect(Page.Locator("#main .note")).ToContainTextAsync("/pm-rotation schedule [N]");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(PostWith("Only visible to you").Last).ToContainTextAsync("PM rotation");

        await Page.Keyboard.TypeAsync("ask @ka");
        await Page.Keyboard.PressAsync("Tab");
        await Page.Keyboard.TypeAsync("in ~tw");
        await Page.Keyboard.PressAsync("Tab");
        await Expect(Message).ToHaveValueAsync("ask @katie.w in ~twitter ");

        // Escape leaves what was typed alone; the list comes back with the next letter.
        await Page.Keyboard.TypeAsync("@j");
        await Expect(choices).ToHaveCountAsync(1);
        await Page.Keyboard.PressAsync("Escape");
        await Expect(choices).ToHaveCountAsync(0);
        await Expect(Message).ToHaveValueAsync("ask @katie.w in ~twitter @j");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(PostWith("ask @katie.w in ~twitter @j")).ToBeVisibleAsync();

        // What was typed last comes back.
        await Page.Keyboard.PressAsync("ArrowUp");
        await Expect(Message).ToHaveValueAsync("ask @katie.w in ~twitter @j");
        await Page.Keyboard.PressAsync("ArrowUp");
        await Expect(Message).ToHaveValueAsync("/pm-rotation schedule ");
    }

    [Test]
    public async Task Channels_and_people_are_reached_by_keyboard_alone()
    {
        await Page.Keyboard.PressAsync("Control+k");
        await Page.Keyboard.TypeAsync("twit");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Page.Locator("#title")).ToHaveTextAsync("# Twitter");
        await Page.Keyboard.PressAsync("Alt+ArrowUp");
        await Expect(Page.Locator("#title")).ToHaveTextAsync("# Town Square");
        await Page.Keyboard.PressAsync("Alt+ArrowDown");
        await Expect(Page.Locator("#title")).ToHaveTextAsync("# Twitter");

        // Somebody to whom nothing was written yet.
        await Page.Keyboard.PressAsync("Control+k");
        await Page.Keyboard.TypeAsync("jason");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Page.Locator("#title")).ToHaveTextAsync("jason.b");
        await Page.Keyboard.TypeAsync("Lunch?");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(PostWith("Lunch?")).ToBeVisibleAsync();
        await GoAsync("Twitter");
        await BeAsync("jason.b");
        await MarkedAsync("adam.c", "direct messages, 1 unread, 1 for you");

        // The first thing that Tab reaches leads past all the others.
        await Page.ReloadAsync();
        await Expect(Message).ToBeFocusedAsync();
        await Message.EvaluateAsync("box => box.blur()");
        await Page.Locator(".skip").FocusAsync();
        await Expect(Page.Locator(".skip")).ToBeInViewportAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Message).ToBeFocusedAsync();
    }

    [Test]
    public async Task The_bot_is_written_to_directly()
    {
        await BeAsync("sam.sales");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Write to somebody" }).ClickAsync();
        await Page.Keyboard.TypeAsync("pm-bot");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Page.Locator("#title")).ToHaveTextAsync("pm-bot");
        await TypeAsync("/pm-rotation");
        await Expect(Posts.Last).ToContainTextAsync("PM rotation");
        await Expect(Posts.Last).ToContainTextAsync("Only visible to you");
    }

    [Test]
    public async Task Replies_are_written_in_a_thread_beside_the_channel()
    {
        var root = (await TypesAsync(Team.Katie, Team.ProductManagement, "Who comes to the offsite?")).Post!;
        await PostWith("offsite").HoverAsync();
        await PostWith("offsite").GetByRole(AriaRole.Button, new() { Name = "Reply" }).ClickAsync();
        await Expect(Thread.GetByRole(AriaRole.Textbox, new() { Name = "Reply" })).ToBeFocusedAsync();
        await Page.Keyboard.TypeAsync("I do");
        await Page.Keyboard.PressAsync("Enter");

        await Expect(Thread.Locator("article")).ToContainTextAsync(["Who comes to the offsite?", "I do"]);
        await Expect(Posts.Filter(new() { HasText = "I do" })).ToHaveCountAsync(0);
        await Expect(PostWith("offsite").GetByRole(AriaRole.Button, new() { Name = "1 reply" })).ToBeVisibleAsync();
        Assert.That(Team.Server.Posts(Team.ProductManagement).Single(p => p.Message == "I do").RootId, Is.EqualTo(root.Id));

        await Page.Keyboard.PressAsync("Escape");
        await Expect(Thread).ToBeHiddenAsync();
        await TypesAsync(Team.Jason, Team.ProductManagement, "Me, too", root.Id);
        await Expect(PostWith("offsite").GetByRole(AriaRole.Button, new() { Name = "2 replies" })).ToContainTextAsync("1 new");
        await PostWith("offsite").GetByRole(AriaRole.Button, new() { Name = "2 replies" }).ClickAsync();
        await Expect(Thread.Locator("article")).ToHaveCountAsync(3);
        await Expect(PostWith("offsite").Locator(".fresh")).ToHaveCountAsync(0);
    }

    [Test]
    public async Task What_only_one_user_is_told_is_marked_and_seen_by_nobody_else()
    {
        await TypeAsync("/cr-assign auto --dry-run");
        var answer = PostWith("Only visible to you");
        await Expect(answer).ToContainTextAsync("Helm chart for air-gapped clusters");
        await BeAsync("katie.w");
        await Expect(PostWith("Only visible to you").Filter(new() { HasText = "Helm chart" })).ToHaveCountAsync(0);
        await BeAsync("adam.c");
        await Expect(answer).ToContainTextAsync("Helm chart for air-gapped clusters");
    }

    [Test]
    public async Task Reactions_are_given_and_taken_back()
    {
        await GoAsync("Twitter");
        var post = PostWith("support SAML?");
        await post.HoverAsync();
        await post.GetByRole(AriaRole.Button, new() { Name = "React", Exact = true }).ClickAsync();
        await post.GetByRole(AriaRole.Button, new() { Name = "React with repeat" }).ClickAsync();
        var given = post.GetByRole(AriaRole.Button, new() { Name = "repeat, 1: adam.c" });
        await Expect(given).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(given).ToHaveAttributeAsync("title", "adam.c reacted with :repeat:");

        await BeAsync("katie.w");
        await post.GetByRole(AriaRole.Button, new() { Name = "repeat, 1: adam.c" }).ClickAsync();
        await post.GetByRole(AriaRole.Button, new() { Name = "repeat, 2: adam.c, katie.w" }).ClickAsync();
        await Expect(given).ToHaveAttributeAsync("aria-pressed", "false");
        Assert.That(Team.Server.Reactions(Team.Server.Posts(Team.Twitter)[0]).Select(r => (r.Username, r.EmojiName)).Single(), Is.EqualTo(("adam.c", "repeat")));
    }

    [Test]
    public async Task A_permalink_leads_to_its_post_and_marks_it()
    {
        var root = (await TypesAsync(Team.Katie, Team.Twitter, "The beginning")).Post!;
        var reply = (await TypesAsync(Team.Katie, Team.Twitter, "The reply that is meant", root.Id)).Post!;
        await TypesAsync(Team.Katie, Team.ProductManagement, $"See {Team.Server.Url}core/pl/{reply.Id}");
        await PostWith("See http").GetByRole(AriaRole.Link).ClickAsync();
        await Expect(Page.Locator("#title")).ToHaveTextAsync("# Twitter");
        await Expect(Thread.Locator("article.found")).ToContainTextAsync("The reply that is meant");

        // A channel that is mentioned is gone to as well.
        await TypesAsync(Team.Katie, Team.Twitter, "We moved over to ~town-square");
        await PostWith("We moved over").GetByRole(AriaRole.Link, new() { Name = "~town-square" }).ClickAsync();
        await Expect(Page.Locator("#title")).ToHaveTextAsync("# Town Square");

        // And from elsewhere, as an address.
        var tab = await NewPageAsync($"/core/pl/{root.Id}");
        await Expect(tab.Locator("#posts article.found")).ToContainTextAsync("The beginning");
        await Expect(tab).ToHaveURLAsync(Team.Server.Url.ToString());
    }

    [Test]
    public async Task What_people_write_is_shown_as_they_wrote_it()
    {
        Team.Server.Rename(Team.Sam, firstName: Nasty);
        await TypesAsync(Team.Sam, Team.ProductManagement, Nasty);
        await TypesAsync(Team.Sam, Team.ProductManagement, $"/cr-assign new {Nasty.Replace("\"", "", StringComparison.Ordinal)} --customer \"<b>bold</b>\"");
        await TypesAsync(Team.Sam, Team.ProductManagement, $"#agenda {Nasty}");
        Team.Server.SetHeader(Team.Katie, Team.ProductManagement, Nasty);
        await Team.Server.TypeAsync(Team.Sam, Team.ProductManagement, "a file", files: [new ChatFile("<i>.txt", Nasty)]);

        await Expect(Posts.Filter(new() { Has = Page.Locator(".top b", new() { HasText = "sam.sales" }) }).Filter(new() { HasText = "<script>alert(1)</script>" }).First).ToContainTextAsync("<img src=x onerror=");
        await Expect(PostWith("a file").Locator("pre")).ToHaveTextAsync(Nasty);
        await Expect(PostWith("<b>bold</b>").First).ToBeVisibleAsync();
        await Expect(Page.Locator("#about")).ToContainTextAsync("<script>alert(1)</script>");
        await Expect(Page.Locator("#user")).ToContainTextAsync("<img src=x");
        await Page.Keyboard.PressAsync("Control+k");
        await Expect(Page.Locator("#switcher")).ToContainTextAsync("<script>");
        Assert.That(await Page.Locator("body img, body script, body i, a[href^=javascript]").CountAsync(), Is.Zero);
        Assert.That(await Page.TitleAsync(), Does.Not.Contain("hacked"));
    }

    [Test]
    public async Task Every_kind_of_field_is_filled_in_and_sent()
    {
        await using var receiver = await Receiver.StartAsync();
        using var http = new HttpClient { BaseAddress = Team.Server.Url };
        object[] choices = [new { text = "One", value = "1" }, new { text = "Two", value = "2" }];
        using var opened = await http.PostAsJsonAsync("/api/v4/actions/dialogs/open", new
        {
            trigger_id = Team.Server.NewTrigger(Team.Adam, Team.ProductManagement),
            url = receiver.Url,
            dialog = new
            {
                title = "All of them",
                introduction_text = "Fill **everything** in.",
                elements = new object[]
                {
                    new { display_name = "Line", name = "line", type = "text", min_length = 3, @default = "ab" },
                    new { display_name = "Number", name = "number", type = "text", subtype = "number", optional = true },
                    new { display_name = "Words", name = "words", type = "textarea", placeholder = "Many" },
                    new { display_name = "Person", name = "person", type = "select", data_source = "users" },
                    new { display_name = "Place", name = "place", type = "select", data_source = "channels" },
                    new { display_name = "Colour", name = "colour", type = "select", options = choices, @default = "2" },
                    new { display_name = "Kind", name = "kind", type = "radio", options = choices },
                    new { display_name = "Sure", name = "sure", type = "bool", placeholder = "I am sure", optional = true },
                },
            },
        });
        await Expect(Dialog.GetByRole(AriaRole.Heading)).ToHaveTextAsync("All of them");
        await Expect(Dialog.Locator("strong")).ToHaveTextAsync("everything");
        await Expect(Dialog.GetByLabel("Colour")).ToHaveValueAsync("2");
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "Submit" }).ClickAsync();
        await Expect(Dialog.Locator(".wrong")).ToHaveTextAsync(
            ["At least 3 characters.", "", "This field is required.", "This field is required.", "This field is required.", "", "This field is required.", "", ""]);
        Assert.That(receiver.Requests, Is.Empty);

        await Dialog.GetByLabel("Line").FillAsync("abc");
        await Dialog.GetByLabel("Words").FillAsync("one\ntwo");
        await Dialog.GetByLabel("Person").SelectOptionAsync("katie.w");
        await Dialog.GetByLabel("Place").SelectOptionAsync("Town Square");
        await Dialog.GetByLabel("One").CheckAsync();
        await Dialog.GetByLabel("I am sure").CheckAsync();
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "Submit" }).ClickAsync();
        await Expect(Dialog).ToBeHiddenAsync();
        Assert.That(
            JsonSerializer.Deserialize<JsonElement>(receiver.Last.Body).GetProperty("submission").GetRawText(),
            Is.EqualTo($$"""{"colour":"2","kind":"1","line":"abc","number":null,"person":"{{Team.Katie.Id}}","place":"{{Team.TownSquare.Id}}","sure":true,"words":"one\ntwo"}"""));
    }

    /// <summary>What is said of a channel in the side bar, white space aside.</summary>
    private async Task MarkedAsync(string channel, string words) => await Expect(Channel(channel)).ToHaveAccessibleNameAsync(
        new Regex($"^{Regex.Escape(channel)} ?, ?{words.Replace(" ", " ?", StringComparison.Ordinal).Replace(",", " ?,", StringComparison.Ordinal)}$"));
}
