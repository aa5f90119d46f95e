using System.Collections.Immutable;
using System.Text;
using NUnit.Framework;
using PmBot.Tests.Sandbox;

namespace PmBot.Tests.Provisioning;

/// <summary>
/// What an operator reads, from the first run to the last, must come out as it is written in <c>provision.golden</c>. To accept what is said
/// now, run the test with <c>PMBOT_ACCEPT=1</c> and read the difference that git shows.
/// </summary>
internal sealed class TranscriptTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task Comes_out_as_written()
    {
        var file = Path.Combine(RepositoryRoot.Path, "tests", "PmBot.Tests", "Provisioning", "provision.golden");
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.AddPluginCommand(team.Core, "agenda", "com.mattermost.agenda");
        var played = new StringBuilder();
        var words = ImmutableDictionary<string, string>.Empty.Add("agenda", "pm-agenda");
        const string asked = "pmbot provision --url https://chat.example.com --team core --public-url http://pmbot.internal:5000";

        Play(asked, await team.ProvisionAsync());
        Play($"{asked} --trigger agenda=pm-agenda --dry-run", await team.ProvisionAsync(r => r with { Triggers = words, DryRun = true }));
        Play($"{asked} --trigger agenda=pm-agenda", await team.ProvisionAsync(r => r with { Triggers = words }));
        foreach (var post in team.Server.Posts(team.Pm))
        {
            played.AppendLine($"~{post.Channel}, {post.Author}:").AppendLine($"    {post.Message.Replace("\n", "\n    ", StringComparison.Ordinal)}").AppendLine();
        }

        Play(asked, await team.ProvisionAsync());
        Play(
            "pmbot provision --url https://chat.example.com --team core --public-url https://bot.example.com",
            await team.ProvisionAsync(r => r with { PublicUrl = "https://bot.example.com" }));
        Play(
            "pmbot provision --url https://chat.example.com --team sales --public-url https://bot.example.com",
            await team.ProvisionAsync(r => r with { Team = "sales", PublicUrl = "https://bot.example.com" }));
        var settings = team.Settings();
        played.AppendLine("pmbot.json:").AppendLine(settings[..settings.IndexOf("  \"Provisioned\"", StringComparison.Ordinal)] + "  \"Provisioned\": …").AppendLine();
        Play("pmbot deprovision --url https://chat.example.com --dry-run", await team.DeprovisionAsync(dryRun: true));
        team.Server.Leave(team.Twitter, team.Server.FindUser("pm-bot")!);
        Play("pmbot deprovision --url https://chat.example.com", await team.DeprovisionAsync());
        Play("pmbot deprovision --url https://chat.example.com", await team.DeprovisionAsync());

        var text = TrailingSpace(played.ToString().ReplaceLineEndings("\n"));
        if (Environment.GetEnvironmentVariable("PMBOT_ACCEPT") == "1")
        {
            await File.WriteAllTextAsync(file, text);
        }
        else
        {
            Assert.That(text, Is.EqualTo((await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n")));
        }

        void Play(string typed, Run run) => played.AppendLine($"$ {typed}")
            .Append(team.Masked(run.Output))
            .Append(team.Masked(run.Error))
            .AppendLine(run.Code == 0 ? "" : $"(exit code {run.Code})")
            .AppendLine();
    }

    private static string TrailingSpace(string text) => string.Join('\n', text.Split('\n').Select(l => l.TrimEnd()));
}
