using System.Collections.Immutable;
using System.CommandLine;
using PmBot.Mattermost.Client;
using PmBot.Provisioning;

namespace PmBot.Hosting;

/// <summary>The verbs <c>provision</c> and <c>deprovision</c>: they need no host, only a server and an administrator's token.</summary>
internal static class ProvisionVerbs
{
    /// <summary>The environment variable with the administrator's token; a token on the command line would be seen by others.</summary>
    public const string TokenVariable = "MATTERMOST_ADMIN_TOKEN";

    /// <summary>Both verbs.</summary>
    /// <param name="settings">The option that names the settings file.</param>
    public static IEnumerable<Command> All(Option<FileInfo?> settings) => [Provision(settings), Deprovision(settings)];

    private static Command Provision(Option<FileInfo?> settings)
    {
        var url = new Option<string>("--url") { Description = "The Mattermost server, such as https://chat.example.com.", Required = true };
        var team = new Option<string>("--team") { Description = "The team, by its name as it stands in its address.", Required = true };
        var publicUrl = new Option<string>("--public-url") { Description = "Where the Mattermost server reaches the bot, such as http://pmbot.internal:5000.", Required = true };
        var channels = new Option<string[]>("--channel")
        {
            Description = "A channel that the bot is to work in; may be given several times. Without it: those of the last time, at first those that exist of "
                + $"{string.Join(", ", ProvisionDefaults.Channels)}.",
        };
        var hooks = new Option<string[]>("--hook-channel")
        {
            Description = $"A public channel in which posts that begin with {string.Join(", ", ProvisionDefaults.Words.SelectMany(w => w.Words))} are for the bot; may be given several times. "
                + "Without it: the public ones of the channels.",
        };
        var noHooks = new Option<bool>("--no-hooks") { Description = "No channel in which posts are for the bot." };
        var triggers = new Option<string[]>("--trigger")
        {
            Description = "Another word for a command, such as agenda=pm-agenda, where something else has the usual one; may be given several times.",
        };
        var botName = new Option<string?>("--bot-name") { Description = $"The bot account's username. Without it: {ProvisionDefaults.BotName}." };
        var basePath = new Option<string?>("--base-path") { Description = "The path under which the bot's endpoints are, such as /pmbot. Without it: none." };
        var dryRun = DryRun();
        var command = new Command(
            "provision",
            $"Sets the bot up on a Mattermost server: account, token, memberships, slash commands, outgoing webhooks, and the settings file (--settings, or {ProvisionDefaults.SettingsFile} here). "
            + $"Takes a system admin's token from the environment variable {TokenVariable}. May be run again at any time: what is there stays.")
        {
            url, team, publicUrl, channels, hooks, noHooks, triggers, botName, basePath, dryRun,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var words = (parsed.GetValue(triggers) ?? []).Select(t => t.Split('=', 2)).ToList();
            if (words.Find(w => w.Length != 2) is { } wrong)
            {
                return Console().Refuse("PmBot cannot be provisioned.", [$"--trigger is \"{wrong[0]}\". Give the command and its word, such as agenda=pm-agenda."]);
            }

            var request = new ProvisionRequest(parsed.GetRequiredValue(url), parsed.GetRequiredValue(team), parsed.GetRequiredValue(publicUrl))
            {
                Channels = Names(parsed.GetValue(channels)),
                HookChannels = parsed.GetValue(noHooks) ? [] : Names(parsed.GetValue(hooks)),
                Triggers = words.GroupBy(w => w[0], StringComparer.Ordinal).ToImmutableDictionary(g => g.Key, g => g.Last()[1].TrimStart('/'), StringComparer.Ordinal),
                BotName = parsed.GetValue(botName)?.TrimStart('@'),
                BasePath = parsed.GetValue(basePath),
                DryRun = parsed.GetValue(dryRun),
            };
            return await WithServerAsync(
                "PmBot cannot be provisioned.",
                request.Url,
                (connection, admin) => new Provisioner(admin, connection.Bot, File(parsed.GetValue(settings)), Console(), InternalAddress.ResolveAsync, TimeProvider.System).RunAsync(request, cancellationToken));
        });
        return command;
    }

    private static Command Deprovision(Option<FileInfo?> settings)
    {
        var url = new Option<string>("--url") { Description = "The Mattermost server, such as https://chat.example.com.", Required = true };
        var dryRun = DryRun();
        var command = new Command(
            "deprovision",
            $"Takes back exactly what provision made, as the settings file tells (--settings, or {ProvisionDefaults.SettingsFile} here). Takes a system admin's token from the environment variable {TokenVariable}.")
        {
            url, dryRun,
        };
        command.SetAction((parsed, cancellationToken) => WithServerAsync(
            "What was provisioned cannot be taken back.",
            parsed.GetRequiredValue(url),
            (connection, admin) => new Deprovisioner(admin, connection.Bot, File(parsed.GetValue(settings)), Console(), TimeProvider.System)
                .RunAsync(parsed.GetRequiredValue(url), parsed.GetValue(dryRun), cancellationToken)));
        return command;
    }

    private static Option<bool> DryRun() => new("--dry-run") { Description = "Only says what would be done." };

    private static async Task<int> WithServerAsync(string refused, string url, Func<MattermostConnection, IMattermostAdmin, Task<int>> run)
    {
        if (Environment.GetEnvironmentVariable(TokenVariable)?.Trim() is not { Length: > 0 } token)
        {
            return Console().Refuse(refused, [$"The environment variable {TokenVariable} is not set. {Survey.HowToGetToken}"]);
        }

        if (!SettingFault.IsToken(token))
        {
            return Console().Refuse(refused, [$"The environment variable {TokenVariable} has spaces, line ends or other characters that no token has. {Survey.HowToGetToken}"]);
        }

        if (!SettingFault.IsAddress(url))
        {
            return Console().Refuse(refused, [$"--url is \"{url}\". Give the address of your Mattermost server, such as https://chat.example.com."]);
        }

        using var connection = new MattermostConnection(url, new ClientTiming());
        try
        {
            return await run(connection, connection.Admin(token));
        }
        catch (OperationCanceledException)
        {
            await System.Console.Error.WriteLineAsync("Stopped by you. What was done until then stands, and is noted in the settings file; run the same again to go on.");
            return 1;
        }
    }

    private static SettingsFile File(FileInfo? named) => new(named?.ToString() ?? ProvisionDefaults.SettingsFile);

    private static Report Console() => new(System.Console.Out, System.Console.Error);

    private static ImmutableArray<string>? Names(string[]? names) => names is { Length: > 0 } ? [.. names.Select(n => n.TrimStart('~'))] : null;
}
