using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using NUnit.Framework;
using static Microsoft.Playwright.Assertions;

namespace PmBot.Tests.Sandbox.Browser;

/// <summary>How the page looks where it is wide; its picture is the README's.</summary>
internal sealed class LookTests : PageTest
{
    // What heading somebody writes into a post is theirs to choose.
    private static readonly AxeRunOptions HeadingsOfPostsAside = new() { Rules = new Dictionary<string, RuleOptions>(StringComparer.Ordinal) { ["heading-order"] = new() { Enabled = false } } };

    [Test]
    public async Task It_is_light_or_dark_as_the_system_is_until_the_button_says_otherwise()
    {
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Expect(Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(28, 31, 38)");
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await Expect(Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(255, 255, 255)");
        await Page.Locator("#theme").ClickAsync();
        await Expect(Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(28, 31, 38)");
        await Page.ReloadAsync();
        await Expect(Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(28, 31, 38)");
        await Expect(Page.Locator("#theme")).ToHaveAccessibleNameAsync("Light");
    }

    [Test]
    public async Task The_first_steps_are_shown_until_they_are_closed()
    {
        var steps = Page.GetByRole(AriaRole.Region, new() { Name = "First steps" });
        await Expect(steps).ToBeVisibleAsync();
        await steps.GetByRole(AriaRole.Button, new() { Name = "/cr-assign auto --dry-run" }).ClickAsync();
        await Expect(Message).ToHaveValueAsync("/cr-assign auto --dry-run");
        await steps.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(steps).ToBeHiddenAsync();
        await Page.ReloadAsync();
        await Expect(Posts.First).ToBeVisibleAsync();
        await Expect(steps).ToBeHiddenAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "First steps" }).ClickAsync();
        await Expect(steps).ToBeVisibleAsync();
    }

    [TestCase(ColorScheme.Light)]
    [TestCase(ColorScheme.Dark)]
    public async Task Nothing_is_in_the_way_of_those_who_cannot_see_it_well(ColorScheme scheme)
    {
        await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await Page.Locator("#clock").GetByRole(AriaRole.Button, new() { Name = "Next handoff" }).ClickAsync();
        await Expect(PostWith("PM rotation: week of Mon, Nov 30")).ToBeVisibleAsync();
        await TypesAsync(Team.Katie, Team.Twitter, "@adam.c, have you seen this?");
        await TypeAsync("/agenda");
        await PostWith("#agenda What Sales").GetByRole(AriaRole.Button, new() { Name = "1 reply" }).ClickAsync();
        await Expect(Thread).ToBeVisibleAsync();
        await Message.FillAsync("/pm-rotation s");
        await NothingIsWrongAsync();

        await Message.FillAsync("");
        await TypeAsync("/cr-assign new");
        await Expect(Dialog).ToBeVisibleAsync();
        await Dialog.GetByRole(AriaRole.Button, new() { Name = "File it" }).ClickAsync();
        await Expect(Dialog.Locator(".wrong").First).ToHaveTextAsync("This field is required.");
        await NothingIsWrongAsync();
    }

    [Test]
    public async Task The_picture_of_the_readme()
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Close the first steps" }).ClickAsync();
        await GoAsync("Twitter");
        await GoAsync("Product Management");
        await Page.Locator("#clock").GetByRole(AriaRole.Button, new() { Name = "Next handoff" }).ClickAsync();
        var handoff = PostWith("PM rotation: week of Mon, Nov 30");
        await Expect(handoff.GetByRole(AriaRole.Table)).ToContainTextAsync("Twitter posts nobody handled");
        await Expect(handoff.GetByRole(AriaRole.Button, new() { Name = "I've got it" })).ToBeVisibleAsync();
        await Team.SettledAsync(CancellationToken.None);
        await TypesAsync(Team.Sam, Team.ProductManagement, "#cr Dark mode for the mobile app");
        await Team.SettledAsync(CancellationToken.None);
        await TypesAsync(Team.Katie, Team.Twitter, "@adam.c, is this one for you?");
        await BeAsync("katie.w");
        await BeAsync("adam.c");
        await Expect(PostWith("#cr Dark mode").GetByRole(AriaRole.Button, new() { Name = "1 reply" })).ToBeVisibleAsync();
        await Expect(Channel("Twitter").Locator(".badge")).ToHaveTextAsync("1");
        await PostWith("#cr Dark mode").GetByRole(AriaRole.Button, new() { Name = "1 reply" }).ClickAsync();
        await Expect(Thread.Locator("article").Last).ToContainTextAsync("is filed");
        if (Environment.GetEnvironmentVariable("PMBOT_ACCEPT") == "1")
        {
            await Page.Mouse.MoveAsync(0, 0);
            await handoff.EvaluateAsync("post => post.scrollIntoView()");
            await Page.ScreenshotAsync(new() { Path = Path.Combine(RepositoryRoot.Path, "docs", "sandbox.png"), Animations = ScreenshotAnimations.Disabled });
        }
    }

    private async Task NothingIsWrongAsync()
    {
        var found = await Page.RunAxe(HeadingsOfPostsAside);
        Assert.That(
            found.Violations.SelectMany(v => v.Nodes, (v, n) => $"{v.Id}: {v.Help}: {n.Html}"), Is.Empty);
    }
}
