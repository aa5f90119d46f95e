using NUnit.Framework;
using PmBot.Tests.Hosting;

namespace PmBot.Tests.Provisioning;

/// <summary>The verbs as an operator types them: the program, its streams, its exit codes.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class CommandLineTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task From_nothing_to_a_settings_file_and_back(CancellationToken cancellationToken)
    {
        await using var team = await ProvisionTeam.StartAsync();
        var token = team.Server.Admin.Token;
        string[] asked = ["provision", "--url", team.Url, "--team", "core", "--public-url", "http://127.0.0.1:5000", "--channel", "~twitter", "--trigger", "agenda=/pm-agenda", "--bot-name", "duty"];
        var first = await RunAsync(team, token, cancellationToken, asked);
        Assert.That(first.Code, Is.Zero, first.Error);
        Assert.That(first.Output, Does.Contain("made           command /pm-agenda to http://127.0.0.1:5000/mattermost/commands/pm-agenda").And.Contain("pmbot run --settings pmbot.json"));
        Assert.That(first.Error, Is.Empty);
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(team.Path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), "the file in the current folder");
        }

        Assert.That(team.Server.SetUp(), Has.One.StartsWith("bot duty "));
        var again = await RunAsync(team, token, cancellationToken, [.. asked, "--settings", team.Path]);
        Assert.That(again.Output, Does.EndWith("Nothing was changed.\n"), again.Error);

        var back = await RunAsync(team, token, cancellationToken, "deprovision", "--url", team.Url);
        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(File.Exists(team.Path), Is.False);
        Assert.That(first.Output + again.Output + back.Output, Does.Not.Contain(token));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Without_a_token_or_with_half_an_option_it_says_what_is_missing(CancellationToken cancellationToken)
    {
        await using var team = await ProvisionTeam.StartAsync();
        string[] asked = ["provision", "--url", team.Url, "--team", "core", "--public-url", "http://127.0.0.1:5000"];
        var without = await RunAsync(team, null, cancellationToken, asked);
        Assert.That(without.Code, Is.EqualTo(1));
        Assert.That(without.Error, Does.StartWith("PmBot cannot be provisioned. Nothing was changed.\n- The environment variable MATTERMOST_ADMIN_TOKEN is not set.")
            .And.Contain("Profile > Security > Personal Access Tokens").And.Contain("mmctl token generate"));

        foreach (var none in new[] { "…", "two words", "two\nlines" })
        {
            var placeholder = await RunAsync(team, none, cancellationToken, asked);
            Assert.That(placeholder.Code, Is.EqualTo(1));
            Assert.That(placeholder.Error, Does.StartWith("PmBot cannot be provisioned. Nothing was changed.\n- The environment variable MATTERMOST_ADMIN_TOKEN has spaces, line ends or other characters that no token has.")
                .And.Not.Contain("Exception"));
        }

        var half = await RunAsync(team, "x", cancellationToken, [.. asked, "--trigger", "agenda"]);
        Assert.That(half.Code, Is.EqualTo(1));
        Assert.That(half.Error, Does.Contain("--trigger is \"agenda\". Give the command and its word, such as agenda=pm-agenda."));

        var help = await RunAsync(team, null, cancellationToken, "provision", "--help");
        Assert.That(help.Output, Does.Contain("product-management, pm-private, twitter").And.Contain("MATTERMOST_ADMIN_TOKEN").And.Contain("pmbot.json"));
        Assert.That(team.Server.Calls, Is.Empty);
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(ProvisionTeam team, string? token, CancellationToken cancellationToken, params string[] arguments) =>
        PmBotProgram.RunAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["MATTERMOST_ADMIN_TOKEN"] = token }, team.Folder, cancellationToken, arguments);
}
