using System.CommandLine;

namespace PmBot.Hosting;

/// <summary><c>pmbot health</c>: for whoever watches the bot and has no shell, such as the health check of a container.</summary>
internal static class HealthVerb
{
    /// <summary>Makes the verb.</summary>
    /// <param name="settings">The option with the settings file.</param>
    public static Command Create(Option<FileInfo?> settings)
    {
        var ready = new Option<bool>("--ready") { Description = "Asks whether it can do its work, not only whether it answers." };
        var verb = new Command("health", "Asks the running bot, where ASPNETCORE_URLS says that it listens, whether it is well: 0 if so, 1 if not.") { ready };
        verb.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(settings)?.FullName, parsed.GetValue(ready) ? OwnHealth.ReadyPath : OwnHealth.LivePath, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string? settingsFile, string path, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> reasons;
        try
        {
            using var configuration = new ConfigurationManager();
            BotHost.Configure(configuration, settingsFile);
            switch (await OwnHealth.AskAsync(configuration, path, cancellationToken))
            {
                case HealthAnswer.Well well:
                    await Console.Out.WriteLineAsync($"The bot is well: {well.Address}");
                    return 0;
                case HealthAnswer.Unwell unwell:
                    reasons = unwell.Reasons;
                    break;
                case var other:
                    throw new InvalidOperationException(other.GetType().Name);
            }
        }
        catch (Exception e) when (Cli.Explain(e) is { Count: > 0 } lines)
        {
            reasons = lines;
        }

        await Console.Error.WriteLineAsync("The bot is not well:");
        foreach (var reason in reasons)
        {
            await Console.Error.WriteLineAsync($"- {reason}");
        }

        return 1;
    }
}
