using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using static Microsoft.Playwright.Assertions;

namespace PmBot.Tests.Sandbox.Browser;

/// <summary>
/// The sandbox as <c>dotnet run</c> starts it, its bot included, on a Friday morning that stands still; and a person with a browser. A message
/// of the browser's about an error, or a request that failed, fails the test.
/// </summary>
internal abstract class PageTest
{
    private readonly ConcurrentQueue<string> _complaints = [];
    private SandboxClock _clock = null!;
    private DirectoryInfo _folder = null!;
    private IBrowserContext? _context;

    protected SandboxTeam Team { get; private set; } = null!;

    protected IPage Page { get; private set; } = null!;

    /// <summary>How the browser is set up.</summary>
    protected virtual BrowserNewContextOptions Options => new() { ViewportSize = new() { Width = 1280, Height = 800 } };

    // The page

    protected ILocator Posts => Page.Locator("#posts article");

    protected ILocator Thread => Page.GetByRole(AriaRole.Region, new() { Name = "Thread", Exact = true });

    protected ILocator Now => Page.Locator("#now");

    protected ILocator Message => Page.Locator("#text");

    protected ILocator Dialog => Page.Locator("#dialog");

    [SetUp]
    public async Task OpenAsync()
    {
        _folder = Directory.CreateTempSubdirectory("pmbot-test-");
        _clock = SandboxClock.Pinned(new DateTimeOffset(2026, 11, 27, 18, 0, 0, TimeSpan.Zero));
        Team = await Demo.StartAsync(_clock, _folder.FullName, 0, builder => builder.Logging.ClearProviders());
        await Team.SettledAsync(CancellationToken.None);
        var options = Options;
        options.BaseURL = Team.Server.Url.ToString();
        _context = await Chromium.Browser.NewContextAsync(options);
        _context.SetDefaultTimeout(Chromium.Patience);
        Page = await NewPageAsync();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed && Page is not null)
        {
            var picture = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{TestContext.CurrentContext.Test.MethodName}.png");
            await Page.ScreenshotAsync(new() { Path = picture });
            TestContext.AddTestAttachment(picture);
        }

        string[] complaints = [.. _complaints];
        if (_context is not null)
        {
            await _context.CloseAsync();
        }

        await Team.DisposeAsync();
        _clock.Dispose();
        _folder.Delete(recursive: true);
        Assert.That(complaints, Is.Empty);
    }

    /// <summary>Another tab of the same browser, at the page, as it is when it has been loaded.</summary>
    protected async Task<IPage> NewPageAsync(string path = "/")
    {
        var page = await _context!.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue($"{message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue($"not caught: {error}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
            {
                _complaints.Enqueue($"{response.Status}: {response.Url}");
            }
        };
        page.RequestFailed += (_, request) =>
        {
            // The stream of events is cut whenever its page is left.
            if (!request.Url.EndsWith("/sandbox/events", StringComparison.Ordinal))
            {
                _complaints.Enqueue($"{request.Failure}: {request.Url}");
            }
        };
        await page.GotoAsync(path);
        await Expect(page.Locator("#title")).Not.ToBeEmptyAsync();
        return page;
    }

    protected ILocator Channel(string title) => Page.GetByRole(AriaRole.Navigation, new() { Name = "Channels" }).GetByRole(AriaRole.Button, new() { Name = title });

    /// <summary>The posts of the channel that have a text.</summary>
    protected ILocator PostWith(string text) => Posts.Filter(new() { HasText = text });

    protected async Task BeAsync(string username)
    {
        await Page.Locator("#user").SelectOptionAsync(username);
        await Expect(Page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex($" · {username}$"));
    }

    protected async Task GoAsync(string channel)
    {
        await Channel(channel).ClickAsync();
        await Expect(Page.Locator("#title")).ToContainTextAsync(channel);
    }

    protected async Task TypeAsync(string text)
    {
        await Message.FillAsync(text);
        await Message.PressAsync("Enter");
        await Expect(Message).ToHaveValueAsync("");
    }

    protected Task<TypeResult> TypesAsync(ChatUser user, ChatChannel channel, string text, string? root = null) =>
        Team.Server.TypeAsync(user, channel, text, root);
}
