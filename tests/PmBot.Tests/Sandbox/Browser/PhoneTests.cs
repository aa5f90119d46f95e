using Microsoft.Playwright;
using NUnit.Framework;
using static Microsoft.Playwright.Assertions;

namespace PmBot.Tests.Sandbox.Browser;

/// <summary>The page on a small phone.</summary>
internal sealed class PhoneTests : PageTest
{
    protected override BrowserNewContextOptions Options => new() { ViewportSize = new() { Width = 360, Height = 740 }, HasTouch = true, IsMobile = true };

    [Test]
    public async Task All_of_it_fits_and_can_be_reached()
    {
        await NothingIsCutOffAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Close the first steps" }).TapAsync();

        // The clock is folded away.
        var handoff = Page.Locator("#clock").GetByRole(AriaRole.Button, new() { Name = "Next handoff" });
        await Expect(handoff).ToBeHiddenAsync();
        await Page.Locator("#clock-fold").TapAsync();
        await handoff.TapAsync();
        await Expect(PostWith("PM rotation: week of Mon, Nov 30").GetByRole(AriaRole.Table)).ToBeVisibleAsync();
        await NothingIsCutOffAsync();
        await Page.Locator("#clock-fold").TapAsync();
        await Expect(handoff).ToBeHiddenAsync();
        await Expect(Page.Locator("#brief")).ToHaveTextAsync("Mon 09:00");

        // A wide table is scrolled within its post.
        await TypesAsync(Team.Katie, Team.ProductManagement, $"| {string.Join(" | ", Enumerable.Range(1, 20).Select(n => $"column{n}"))} |\n|{string.Concat(Enumerable.Repeat("---|", 20))}\n\n{new string('w', 200)}");
        await Expect(PostWith("column20")).ToBeVisibleAsync();
        await NothingIsCutOffAsync();

        // The channels are a drawer.
        var twitter = Channel("Twitter");
        await Expect(twitter).ToBeHiddenAsync();
        await Page.Locator("#menu").TapAsync();
        await Expect(twitter).ToBeInViewportAsync();
        await twitter.TapAsync();
        await Expect(Page.Locator("#title")).ToHaveTextAsync("# Twitter");
        await Expect(twitter).ToBeHiddenAsync();

        // A thread takes the whole width, and goes away again.
        var root = PostWith("support SAML?");
        await root.GetByRole(AriaRole.Button, new() { Name = "Reply" }).TapAsync();
        await Expect(Thread).ToHaveCSSAsync("width", "360px");
        await Page.GetByRole(AriaRole.Textbox, new() { Name = "Reply" }).FillAsync("Yes");
        await Thread.GetByRole(AriaRole.Button, new() { Name = "Send" }).TapAsync();
        await Expect(Thread.Locator("article")).ToHaveCountAsync(2);
        await NothingIsCutOffAsync();
        await Thread.GetByRole(AriaRole.Button, new() { Name = "Close the thread" }).TapAsync();
        await Expect(Thread).ToBeHiddenAsync();

        await Message.FillAsync("/agenda add");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Send" }).TapAsync();
        await Expect(Dialog).ToBeVisibleAsync();
        await NothingIsCutOffAsync();
    }

    /// <summary>The page is not sideways to scroll, and no column is wider than the screen.</summary>
    private async Task NothingIsCutOffAsync() => Assert.That(
        await Page.EvaluateAsync<int>("""
            () => Math.max(...[document.documentElement, ...document.querySelectorAll('body, #bar, #columns, #main, #posts, .post, .write, #thread:not([hidden]), dialog[open]')]
              .map(box => Math.max(box.scrollWidth, Math.round(box.getBoundingClientRect().width))))
            """),
        Is.EqualTo(360));
}
