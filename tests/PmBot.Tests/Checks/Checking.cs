using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using NodaTime.TimeZones;
using NUnit.Framework;
using PmBot.Checks;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Sandbox;

namespace PmBot.Tests.Checks;

/// <summary>Runs the check for a sandbox's team, and holds it to what it promises each time: no secrets, and nothing changed.</summary>
internal static class Checking
{
    /// <summary>Checks.</summary>
    /// <param name="edge">The team; its bot may run or not.</param>
    /// <param name="changes">Settings beside, or instead of, the team's.</param>
    /// <param name="adminToken">An administrator's token, or null.</param>
    /// <param name="time">The machine's clock.</param>
    /// <param name="file">The settings file.</param>
    public static async Task<CheckReport> CheckAsync(
        this Edge edge, IReadOnlyDictionary<string, string?>? changes = null, string? adminToken = null, TimeProvider? time = null, string? file = null)
    {
        var server = edge.Team.Server;
        var before = await SeenAsync(edge);
        var calls = server.Calls.Count;
        var settings = new CheckSettings(
            new ConfigurationBuilder().AddInMemoryCollection(edge.Team.Settings).AddInMemoryCollection(changes ?? new Dictionary<string, string?>(StringComparer.Ordinal)).Build(),
            file, adminToken);
        var report = await new CheckRun(settings, time ?? TimeProvider.System).RunAsync(CancellationToken.None);
        var text = report.Render();
        Assert.Multiple(async () =>
        {
            Assert.That(await SeenAsync(edge), Is.EqualTo(before), "nothing may be changed");
            Assert.That(server.Calls.Skip(calls).Where(c => c.Method != "GET").Select(c => $"{c.Method} {c.Path}").Distinct(), Is.SubsetOf(new List<string> { "POST /api/v4/commands/execute" }));
            Assert.That(server.UnexpectedCalls, Is.Empty);
            Assert.That(text, Does.Not.Contain("Exception").And.Not.Contain("   at "));
            Assert.That(text.TrimEnd().Split('\n'), Has.Length.EqualTo(report.Findings.Count + 1), "a line each");
            foreach (var secret in settings.Secrets.Concat(edge.Team.CommandTokens.Values).Concat(edge.Team.WebhookTokens.Values).Append(edge.Team.BotUser.Token).Append(server.Admin.Token).Where(s => s.Length > 0))
            {
                Assert.That(text, Does.Not.Contain(secret));
                Assert.That(edge.Logs.Lines.Where(l => l.ToString().Contains(secret, StringComparison.Ordinal)), Is.Empty);
            }
        });
        return report;
    }

    /// <summary>The lines of a subject, each with its verdict.</summary>
    public static IReadOnlyList<string> Of(this CheckReport report, string subject) => [.. report.Findings.Where(f => f.Subject == subject).Select(f => $"{f.Verdict}: {f.Text}")];

    /// <summary>What is neither fine nor skipped.</summary>
    public static IReadOnlyList<string> Faults(this CheckReport report) =>
        [.. report.Findings.Where(f => f.Verdict is Verdict.Wrong or Verdict.Warning).Select(f => $"{f.Verdict} {f.Subject}: {f.Text}")];

    /// <summary>Compares a report with the one in this folder, whatever ports and folders there were; <c>PMBOT_ACCEPT=1</c> writes it.</summary>
    public static void AssertGolden(Edge edge, CheckReport report, string name)
    {
        var text = report.Render().Replace(edge.Team.BotUrl, "http://bot.internal:8080", StringComparison.Ordinal)
            .Replace(new Uri(edge.Team.BotUrl).Authority, "bot.internal:8080", StringComparison.Ordinal)
            .Replace(edge.Team.Server.Url.ToString().TrimEnd('/'), "https://chat.example.com", StringComparison.Ordinal)
            .Replace(edge.Folder, "/var/lib/pmbot", StringComparison.Ordinal)
            .Replace(TzdbDateTimeZoneSource.Default.TzdbVersion, "TZDB", StringComparison.Ordinal);
        text = Regex.Replace(text, "[0-9]+ [MG]B free", "N GB free", RegexOptions.None, TimeSpan.FromSeconds(1));
        text = Regex.Replace(text, "schema [0-9]+", "schema N", RegexOptions.None, TimeSpan.FromSeconds(1));
        var file = Path.Combine(RepositoryRoot.Path, "tests", "PmBot.Tests", "Checks", name);
        if (Environment.GetEnvironmentVariable("PMBOT_ACCEPT") == "1")
        {
            File.WriteAllText(file, text);
        }

        Assert.That(text, Is.EqualTo(File.ReadAllText(file).ReplaceLineEndings("\n")));
    }

    /// <summary>Another trigger for <c>/pm-rotation</c>, which leads to some address.</summary>
    /// <returns>The settings with it.</returns>
    public static Dictionary<string, string?> Leading(this Edge edge, string trigger, string url, string? token = null)
    {
        var given = edge.Team.Server.AddCommand(edge.Team.Team, trigger, url);
        return Named(trigger, token ?? given);
    }

    /// <summary>Settings with another trigger for <c>/pm-rotation</c>.</summary>
    public static Dictionary<string, string?> Named(string trigger, string token) => new(StringComparer.Ordinal)
    {
        ["PmBot:Triggers:pm-rotation"] = trigger,
        [$"Mattermost:CommandTokens:{trigger}:0"] = token,
    };

    /// <summary>Everything that the check could have changed: what the bot keeps, what is in its folder, what anybody can see.</summary>
    private static async Task<string> SeenAsync(Edge edge)
    {
        var server = edge.Team.Server;
        List<string> seen =
        [
            $"{server.Journal.Count(e => !(e is JournalEntry.EphemeralShown shown && shown.To.Id == edge.Team.BotUser.Id))} {server.Users.Count} {server.Channels.Count} {server.Posts().Count}",
            .. server.Channels.Select(c => $"{c.Name} {c.Header} {string.Join(',', server.Members(c).Select(m => m.Username))}"),
            .. Directory.EnumerateFileSystemEntries(edge.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
        ];

        // The files of a running bot are read by SQLite alone, or its locks are lost.
        if (edge.Team.IsBotRunning)
        {
            await edge.SettledAsync();
            seen.AddRange(await edge.RowsAsync());
        }
        else
        {
            seen.AddRange(Directory.EnumerateFiles(edge.Folder).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Select(f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))));
        }

        return string.Join('\n', seen);
    }
}

/// <summary>The machine's clock, wrong by some time.</summary>
internal sealed class WrongClock(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
