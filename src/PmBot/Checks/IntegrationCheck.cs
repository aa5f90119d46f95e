using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;

namespace PmBot.Checks;

/// <summary>Whether the commands and outgoing webhooks of the bot's teams lead to it with tokens that it knows. Only administrators see them.</summary>
internal sealed class IntegrationCheck(CheckSettings settings, IMattermostAdmin admin)
{
    private const string Commands = "commands";
    private const string Hooks = "webhooks";

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>What is said where there is no administrator's token.</summary>
    public static IReadOnlyList<Finding> Skipped() =>
    [
        Finding.Skipped(Commands, "Their addresses and tokens are seen by administrators only. Set MATTERMOST_ADMIN_TOKEN to the access token of one (Profile > Security > Personal Access Tokens) for this command, and for nothing else."),
        Finding.Skipped(Hooks, "The same."),
    ];

    /// <summary>Looks.</summary>
    /// <param name="teams">The bot's teams.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<Finding>> CheckAsync(IReadOnlyList<BotTeam> teams, CancellationToken cancellationToken)
    {
        var me = await admin.MeAsync(cancellationToken);
        if (me is not MattermostResult<MattermostUser>.Ok)
        {
            var reason = me is MattermostResult<MattermostUser>.Refused { Error.StatusCode: 401 }
                ? "Mattermost does not know MATTERMOST_ADMIN_TOKEN. Set it to the access token of an administrator (Profile > Security > Personal Access Tokens), or leave it out."
                : me.Describe();
            return [Finding.Wrong(Commands, reason), Finding.Skipped(Hooks, "The same.")];
        }

        var (commands, hooks) = (new List<Finding>(), new List<Finding>());
        var (allCommands, allHooks) = (true, true);
        foreach (var team in teams.Select(t => t.Team))
        {
            var (areListed, said) = await CommandsAsync(team, cancellationToken);
            allCommands &= areListed;
            commands.AddRange(said);
            (areListed, said) = await HooksAsync(team, cancellationToken);
            allHooks &= areListed;
            hooks.AddRange(said);
        }

        // A token may be of what could not be listed.
        if (allCommands)
        {
            commands.AddRange(settings.Mattermost.CommandTokens.SelectMany(t => Unused($"Mattermost:CommandTokens:{t.Key}", t.Value, "slash command")).Select(t => Finding.Warning(Commands, t)));
        }

        if (allHooks)
        {
            hooks.AddRange(Unused("Mattermost:WebhookTokens", settings.Mattermost.WebhookTokens, "outgoing webhook").Select(t => Finding.Warning(Hooks, t)));
        }

        return [.. commands, .. hooks];
    }

    private async Task<(bool AreListed, IReadOnlyList<Finding> Findings)> CommandsAsync(Team team, CancellationToken cancellationToken)
    {
        var listed = await admin.CommandsAsync(team.Id, customOnly: true, cancellationToken);
        if (listed is not MattermostResult<IReadOnlyList<ServerCommand>>.Ok { Value: var all })
        {
            return (false, [Unlisted(Commands, team, listed, "Enable Custom Slash Commands", "slash commands")]);
        }

        var findings = settings.Triggers.SelectMany(trigger => Command(team, trigger, all.FirstOrDefault(c => c.Trigger == trigger))).ToList();
        foreach (var command in all)
        {
            _seen.Add(command.Token ?? "");
            if (!settings.Triggers.Contains(command.Trigger, StringComparer.Ordinal) && command.Url.StartsWith($"{settings.Address}/mattermost/", StringComparison.Ordinal))
            {
                findings.Add(Finding.Warning(Commands, $"/{command.Trigger} of the team {team.Name} leads to the bot, which has no such command. Delete it, or name it in PmBot:Triggers."));
            }
        }

        return (true, findings.Count > 0 ? findings : [Finding.Fine(Commands, $"team {team.Name}: {string.Join(", ", settings.Triggers.Select(t => $"/{t}"))} lead to {settings.Address} with tokens that the settings have")]);
    }

    private IEnumerable<Finding> Command(Team team, string trigger, ServerCommand? command)
    {
        var address = settings.CommandAddress(trigger);
        var where = $"In the team {team.Name}, main menu > Integrations > Slash Commands";
        if (command is null)
        {
            yield return Finding.Wrong(Commands, $"The team {team.Name} has no command /{trigger}. {where} > Add Slash Command: trigger word {trigger}, request URL {address}, request method POST; then put its token into Mattermost:CommandTokens:{trigger}.");
            yield break;
        }

        if (!IsSame(command.Url, address))
        {
            yield return Finding.Wrong(Commands, $"/{trigger} of the team {team.Name} leads to {command.Url}. {where}: set its request URL to {address}, or correct PmBot:PublicUrl and PmBot:BasePath.");
        }

        if (command.Method != "P")
        {
            yield return Finding.Wrong(Commands, $"/{trigger} of the team {team.Name} is sent by GET. {where}: set its request method to POST.");
        }

        if (!settings.TokensOf(trigger).Contains(command.Token ?? "", StringComparer.Ordinal))
        {
            yield return Finding.Wrong(Commands, $"/{trigger} of the team {team.Name} has a token that the settings do not have. {where}: copy its token into the list Mattermost:CommandTokens:{trigger}, and restart the bot.");
        }
    }

    private async Task<(bool AreListed, IReadOnlyList<Finding> Findings)> HooksAsync(Team team, CancellationToken cancellationToken)
    {
        var listed = await admin.OutgoingHooksAsync(team.Id, cancellationToken);
        if (listed is not MattermostResult<IReadOnlyList<OutgoingHook>>.Ok { Value: var all })
        {
            return (false, [Unlisted(Hooks, team, listed, "Enable Outgoing Webhooks", "outgoing webhooks")]);
        }

        var address = settings.Address + MattermostEndpoints.HooksPath;
        var where = $"In the team {team.Name}, main menu > Integrations > Outgoing Webhooks";
        var findings = new List<Finding>();
        var ours = new List<string>();
        foreach (var hook in all)
        {
            _seen.Add(hook.Token ?? "");
            var leadsHere = hook.CallbackUrls.Any(u => IsSame(u, address));
            var isKnown = settings.Mattermost.WebhookTokens.Contains(hook.Token ?? "", StringComparer.Ordinal);
            var name = $"The webhook {(hook.TriggerWords.Count == 0 ? hook.Id : string.Join(", ", hook.TriggerWords))} of the team {team.Name}";
            if (leadsHere && isKnown)
            {
                ours.AddRange(hook.TriggerWords);
            }
            else if (leadsHere)
            {
                findings.Add(Finding.Wrong(Hooks, $"{name} has a token that the settings do not have. {where}: copy its token into the list Mattermost:WebhookTokens, and restart the bot."));
            }
            else if (isKnown)
            {
                findings.Add(Finding.Wrong(Hooks, $"{name} leads to {string.Join(", ", hook.CallbackUrls)}. {where}: set its callback URL to {address}, or correct PmBot:PublicUrl and PmBot:BasePath."));
            }
        }

        return (true, findings.Count > 0 ? findings : [Finding.Fine(Hooks, ours.Count > 0
            ? $"team {team.Name}: {string.Join(", ", ours.Distinct(StringComparer.Ordinal))} lead to {settings.Address} with tokens that the settings have"
            : $"team {team.Name}: none, so that posts which begin with #cr, #agenda or #escalate do not reach the bot")]);
    }

    private static Finding Unlisted<T>(string subject, Team team, MattermostResult<T> failed, string setting, string what)
    {
        if (failed is MattermostResult<T>.Refused { Error.StatusCode: 403 })
        {
            return Finding.Skipped(subject, $"MATTERMOST_ADMIN_TOKEN is not that of somebody who may see the {what} of the team {team.Name}.");
        }

        // Teams do without posts that begin with a word; commands they need.
        return failed is MattermostResult<T>.Unknown { Reason: var reason } && reason.Contains(".disabled.app_error", StringComparison.Ordinal)
            ? new Finding(subject == Commands ? Verdict.Wrong : Verdict.Warning, subject, $"The server's {what} are switched off. System Console > Integrations > Integration Management: {setting}.")
            : Finding.Skipped(subject, $"The {what} of the team {team.Name} cannot be listed. {failed.Describe()}");
    }

    private IEnumerable<string> Unused(string name, IEnumerable<string> tokens, string what) =>
        from token in tokens.Select((value, n) => (value, n))
        where token.value is not null && !_seen.Contains(token.value)
        select $"{name}:{token.n} is the token of no {what} of the bot's teams. Take it out of the settings, unless you are just changing it.";

    private static bool IsSame(string one, string other) => one.TrimEnd('/').Equals(other, StringComparison.OrdinalIgnoreCase);
}
