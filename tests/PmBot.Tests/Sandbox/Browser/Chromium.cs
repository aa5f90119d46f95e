using Microsoft.Playwright;
using NUnit.Framework;

namespace PmBot.Tests.Sandbox.Browser;

/// <summary>
/// The one browser of all tests in this folder: Debian's Chromium, named by <c>PMBOT_CHROMIUM</c> or found as <c>chromium</c>. Where there is
/// none the tests are skipped, saying so; with <c>CI=true</c> they fail instead.
/// </summary>
[SetUpFixture]
internal sealed class Chromium
{
    private const string Needed = "Chromium is needed (Debian: chromium), as `chromium` on the path or named by PMBOT_CHROMIUM";

    // As it runs in a container, as root, without a screen, and without calls of its own to the outside.
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync",
    ];

    /// <summary>How long a test waits for a condition at most, in milliseconds: several builds at once leave a browser little time.</summary>
    public const int Patience = 90_000;

    private static IPlaywright? _driver;
    private static IBrowser? _browser;

    /// <summary>The browser; each test opens a context of its own in it.</summary>
    public static IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser was not started.");

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (Find() is not { } program)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail($"{Needed}; .ci/run installs it.");
            }

            Assert.Ignore($"{Needed}.");
            return;
        }

        Assertions.SetDefaultExpectTimeout(Patience);
        _driver = await Playwright.CreateAsync();
        _browser = await _driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Headless = true, Args = Flags });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _driver?.Dispose();
    }

    private static string? Find() => Environment.GetEnvironmentVariable("PMBOT_CHROMIUM") is { Length: > 0 } named
        ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);
}
