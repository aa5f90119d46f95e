using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using static Microsoft.Playwright.Assertions;

namespace PmBot.Tests.Sandbox.Browser;

/// <summary>What the sandbox is there for: the bot's days, seen and acted on in a real browser.</summary>
internal sealed partial class DayTests : PageTest
{
    private static readonly string[] Pressed = ["Take", "Assign to…"];

    private static readonly DateTimeOffset Monday = new(2026, 11, 30, 17, 0, 0, TimeSpan.Zero);

    [Test]
    public async Task A_week_is_played_stopped_at_the_handoff_and_played_to_its_end()
    {
        // A pace at which there is time to stop it, however busy the machine is.
        await Page.GetByLabel("Pace").SelectOptionAsync("slowly");
        var play = Page.GetByRole(AriaRole.Button, new() { Name = "Play a week" }).First;
        await play.ClickAsync();
        await Expect(Page.Locator("#passing")).ToContainTextAsync("Playing until Fri, Dec 4, 10:00");
        var handoff = PostWith("PM rotation: week of Mon, Nov 30");
        await Expect(handoff).ToBeVisibleAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(Page.Locator("#passing")).ToBeHiddenAsync();
        await Expect(play).ToBeEnabledAsync();
        var stopped = Team.Clock.GetUtcNow();
        Assert.That(stopped, Is.InRange(Monday, Monday.AddDays(4)));

        // Whoever it mentions has it, by the button; then nobody is asked any more.
        var duty = (await handoff.Locator(".mention").First.InnerTextAsync()).TrimStart('@');
        await BeAsync(duty);
        await Expect(handoff.Locator(".mention.me").First).ToHaveTextAsync("@" + duty);
        await handoff.GetByRole(AriaRole.Button, new() { Name = "I've got it" }).ClickAsync();
        await Expect(handoff.GetByRole(AriaRole.Button, new() { Name = "I've got it" })).ToHaveCountAsync(0);
        await GoAsync("Twitter");
        await Expect(Page.Locator("#about")).ToContainTextAsync($"PM rotation: @{duty} until Mon, Dec 7");
        await GoAsync("Product Management");

        var reminders = Reminders(duty);

        // On from there, through Wednesday's meeting and the next handoff.
        await Page.GetByLabel("Pace").SelectOptionAsync("fast");
        await play.ClickAsync();
        await Expect(PostWith("PM rotation: week of Mon, Dec 7")).ToHaveCountAsync(1);
        await Expect(Page.Locator("#passing")).ToBeHiddenAsync();
        Assert.That(Team.Clock.GetUtcNow(), Is.EqualTo(stopped.AddDays(7)));
        await Expect(PostWith("PM sync: Wed, Dec 2, 09:00 to 09:30 PST").Locator("time").First).ToHaveTextAsync("08:00");
        await Expect(PostWith("PM rotation: week of Mon, Dec 7").Locator("time").First).ToHaveTextAsync("09:00");
        Assert.That(Reminders(duty), Is.EqualTo(reminders), "who has said so is not asked again");
    }

    [Test]
    public async Task A_request_is_filed_by_form_and_taken_by_button()
    {
        await BeAsync("sam.sales");
        await TypeAsync("/cr-assign new");
        await Expect(Dialog.GetByRole(AriaRole.Heading)).ToHaveTextAsync("A new customer request");
        await Expect(Dialog.GetByLabel("Title")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Escape");
        await Expect(Dialog).ToBeHiddenAsync();

        await TypeAsync("/cr-assign new");
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "File it" }).ClickAsync();
        await Expect(Dialog.GetByLabel("Title")).ToHaveAccessibleDescriptionAsync(new Regex("This field is required.$"));
        await Dialog.GetByLabel("Title").FillAsync("Calendars for guests");
        await Dialog.GetByLabel("Area").SelectOptionAsync("Mobile");
        await Dialog.GetByLabel("Use case").FillAsync("Guests plan, too");
        await Dialog.GetByLabel("Link").FillAsync("ftp://example.com/x");
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "File it" }).ClickAsync();

        // What the bot does not take stands below its field; what was filled in stays.
        await Expect(Dialog.GetByLabel("Link")).ToHaveAccessibleDescriptionAsync(new Regex("is no link"));
        await Expect(Dialog.GetByLabel("Link")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(Dialog.GetByLabel("Link")).ToBeFocusedAsync();
        await Expect(Dialog.GetByLabel("Use case")).ToHaveValueAsync("Guests plan, too");
        await Dialog.GetByLabel("Link").FillAsync("https://example.com/x");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Dialog).ToBeHiddenAsync();

        var card = PostWith("Calendars for guests").Filter(new() { Has = Page.Locator(".attachment") });
        await Expect(card).ToContainTextAsync("reported by sam.sales");
        await BeAsync("adam.c");
        await card.GetByRole(AriaRole.Button, new() { Name = "Take" }).ClickAsync();
        await Expect(card.Locator(".fields div").Filter(new() { HasText = "Assignee" })).ToContainTextAsync("adam.c");
        await Expect(card.GetByRole(AriaRole.Button, new() { Name = "Take" })).ToHaveCountAsync(0);

        // A menu of users, by keyboard: what one only passes by is not chosen.
        await card.GetByLabel("Assign to…").FocusAsync();
        await Page.Keyboard.PressAsync("ArrowDown");
        await Expect(card.Locator("select:open")).ToHaveCountAsync(1);
        await Page.Keyboard.PressAsync("ArrowDown");
        await Page.Keyboard.TypeAsync("ja");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(card.Locator(".fields div").Filter(new() { HasText = "Assignee" })).ToContainTextAsync("jason.b");
        Assert.That(Team.Server.Journal.OfType<JournalEntry.ActionAnswered>().Select(answered => answered.Action), Is.EqualTo(Pressed));
    }

    [Test]
    public async Task A_meeting_is_run_from_its_agenda_to_its_minutes()
    {
        await TypeAsync("/agenda add Pricing of guests --time 10m");
        await Expect(PostWith("Only visible to you").Filter(new() { HasText = "Pricing of guests" })).ToBeVisibleAsync();
        await Page.Locator("#clock").GetByRole(AriaRole.Button, new() { Name = "Next meeting" }).ClickAsync();
        await Expect(Now).ToHaveTextAsync("Wed, Dec 2 2026, 09:00 PST");

        // On the way there the handoff was on Monday, and the agenda came at eight.
        var agenda = PostWith("PM sync: Wed, Dec 2, 09:00 to 09:30 PST");
        await Expect(agenda).ToContainTextAsync("Pricing of guests");
        await Expect(agenda.Locator("time").First).ToHaveTextAsync("08:00");
        await agenda.GetByRole(AriaRole.Button, new() { Name = "Start the meeting" }).ClickAsync();
        await agenda.GetByRole(AriaRole.Button, new() { NameRegex = Replies() }).ClickAsync();
        await Expect(Thread.Locator("article").Last).ToContainTextAsync("Release updates");

        foreach (var item in (string[])["SAML group sync for guests", "Who answers the forum", "What Sales may promise for 7.10", "Pricing of guests"])
        {
            await Thread.GetByRole(AriaRole.Button, new() { Name = "Next", Exact = true }).Last.ClickAsync();
            await Expect(Thread.Locator("article").Filter(new() { Has = Page.GetByRole(AriaRole.Button, new() { Name = "Next", Exact = true }) })).ToContainTextAsync(item);
        }

        // What was talked about says so, in the place where it was asked.
        await Expect(Thread.Locator("article").Filter(new() { HasText = "Release updates: done" }).Locator(".edited")).ToHaveTextAsync("Edited");
        await Thread.GetByRole(AriaRole.Button, new() { Name = "End the meeting" }).Last.ClickAsync();
        var minutes = Thread.Locator("article").Filter(new() { HasText = "Minutes: PM sync, Wed, Dec 2" });
        await Expect(minutes).ToContainTextAsync("Talked about");
        await Expect(minutes).ToContainTextAsync("Pricing of guests");
        await Expect(agenda).ToContainTextAsync("The minutes are in the thread.");
    }

    [Test]
    public async Task The_clock_is_moved_by_hours_days_and_to_any_time()
    {
        await Expect(Now).ToHaveTextAsync("Fri, Nov 27 2026, 10:00 PST");
        var clock = Page.Locator("#clock");
        await clock.GetByRole(AriaRole.Button, new() { Name = "+1 h" }).ClickAsync();
        await Expect(Now).ToHaveTextAsync("Fri, Nov 27 2026, 11:00 PST");
        await clock.GetByRole(AriaRole.Button, new() { Name = "+1 day" }).ClickAsync();
        await Expect(Now).ToHaveTextAsync("Sat, Nov 28 2026, 11:00 PST");
        await Page.GetByLabel("Any time").FillAsync("2026-11-30T08:59");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Now).ToHaveTextAsync("Mon, Nov 30 2026, 08:59 PST");
        await Expect(PostWith("PM rotation: week of Mon, Nov 30")).ToHaveCountAsync(0);
        await clock.GetByRole(AriaRole.Button, new() { Name = "Next handoff" }).ClickAsync();
        await Expect(PostWith("PM rotation: week of Mon, Nov 30")).ToBeVisibleAsync();

        // And back.
        await Page.GetByLabel("Any time").FillAsync("2026-11-27T10:00");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Now).ToHaveTextAsync("Fri, Nov 27 2026, 10:00 PST");
    }

    /// <summary>How often somebody was reminded that they have not said that they have the duty.</summary>
    private int Reminders(string username) => Team.Server.Direct(Team.BotUser, Team.Server.FindUser(username)!)
        .Count(post => post.Message.Contains("you have not said yet", StringComparison.Ordinal));

    [GeneratedRegex("repl(?:y|ies)", RegexOptions.None, 1000)]
    private static partial Regex Replies();
}
