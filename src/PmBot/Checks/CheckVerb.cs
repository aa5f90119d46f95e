using System.CommandLine;
using System.Globalization;
using PmBot.Hosting;
using PmBot.Storage;

namespace PmBot.Checks;

/// <summary><c>pmbot check</c>: says what is wrong with an installation, and what to do about it.</summary>
internal static class CheckVerb
{
    /// <summary>Makes the verb.</summary>
    /// <param name="settings">The option with the settings file.</param>
    /// <param name="engines">The engines there are.</param>
    public static Command Create(Option<FileInfo?> settings, StoreEngines engines)
    {
        var verb = new Command(
            "check",
            $"Looks at settings, store, Mattermost and the way back from there, whether the bot runs or not, and changes nothing: 0 if nothing is wrong, 1 otherwise. {ProvisionVerbs.TokenVariable}, an administrator's token, lets it look at commands and webhooks, too.");
        verb.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(settings)?.FullName, engines, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string? settingsFile, StoreEngines engines, CancellationToken cancellationToken)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        using var configuration = new ConfigurationManager();
        CheckReport report;
        try
        {
            BotHost.Configure(configuration, settingsFile);
            var settings = new CheckSettings(configuration, settingsFile, Environment.GetEnvironmentVariable(ProvisionVerbs.TokenVariable)?.Trim()) { Engines = engines };
            report = await new CheckRun(settings, TimeProvider.System).RunAsync(cancellationToken);
        }
        catch (Exception e) when (Cli.Explain(e) is { Count: > 0 } lines)
        {
            // Without settings there is nothing to look at.
            report = new CheckReport([.. lines.Select(line => Finding.Wrong("settings", line))], []);
        }

        await Console.Out.WriteAsync(report.Render());
        return report.ExitCode;
    }
}
