using PmBot.Mattermost.Client;

namespace PmBot.Provisioning;

/// <summary>All that stands in the way of provisioning, each with its cure: found before anything is changed.</summary>
public static class Objections
{
    /// <summary>Of ids of users; who owns a bot is a plugin otherwise.</summary>
    private const int IdLength = 26;

    private const string IntegrationManagement = "System Console > Integrations > Integration Management";

    /// <summary>The sentences.</summary>
    /// <param name="wanted">What is to be there.</param>
    /// <param name="state">What is there.</param>
    /// <param name="record">What was made here, see <see cref="Reconciliation"/>.</param>
    public static IReadOnlyList<string> Of(Wanted wanted, ServerState state, ProvisionRecord record) =>
    [
        .. Server(state, needsBot: state.BotUser is null, needsHooks: state.HookChannels.Length > 0, hadHooks: record.Made.Any(m => m.Kind == MadeKind.Hook)),
        .. Account(wanted, state),
        .. Places(wanted, state),
        .. Triggers(wanted, state, record),
        .. Words(wanted, state, record),
    ];

    /// <summary>What stands in the way of taking back what was made.</summary>
    public static IReadOnlyList<string> OfTakingBack(ServerState state, ProvisionRecord record) =>
    [
        .. Switched(state.Config.Service.EnableCommands, record.Made.Any(m => m.Kind == MadeKind.Command), Commands),
        .. Switched(state.Config.Service.EnableOutgoingWebhooks, record.Made.Any(m => m.Kind == MadeKind.Hook), Hooks),
    ];

    private static string Commands => $"Slash commands are switched off on the server. Switch on {IntegrationManagement} > Enable Custom Slash Commands (ServiceSettings.EnableCommands).";

    private static string Hooks => $"Outgoing webhooks are switched off on the server. Switch on {IntegrationManagement} > Enable Outgoing Webhooks (ServiceSettings.EnableOutgoingWebhooks)";

    private static IEnumerable<string> Server(ServerState state, bool needsBot, bool needsHooks, bool hadHooks) =>
    [
        .. state.Version is { } version && version < ProvisionDefaults.OldestServer
            ? (string[])[$"The server is Mattermost {version}; the bot works with {ProvisionDefaults.OldestServer} and later. Upgrade the server."]
            : [],
        .. Switched(
            state.Config.Service.EnableBotAccountCreation, needsBot,
            "Bot accounts are switched off on the server. Switch on System Console > Integrations > Bot Accounts > Enable Bot Account Creation (ServiceSettings.EnableBotAccountCreation)."),
        .. Switched(state.Config.Service.EnableCommands, isNeeded: true, Commands),
        .. Switched(state.Config.Service.EnableOutgoingWebhooks, needsHooks, $"{Hooks}, or leave webhooks out with --no-hooks."),
        .. Switched(state.Config.Service.EnableOutgoingWebhooks, hadHooks && !needsHooks, $"{Hooks}: those that were made before are to be deleted."),
    ];

    private static IEnumerable<string> Switched(bool? setting, bool isNeeded, string sentence) => setting is false && isNeeded ? [sentence.EndsWith('.') ? sentence : sentence + "."] : [];

    private static IEnumerable<string> Account(Wanted wanted, ServerState state)
    {
        if (state.BotUser is { IsBot: false } person)
        {
            yield return $"@{person.Username} is a person's account. Give the bot another name with --bot-name, such as --bot-name {wanted.BotName}-2, or rename that account.";
        }
        else if (state.Bot is { OwnerId: { Length: > 0 } owner } bot && owner.Length != IdLength)
        {
            yield return $"@{bot.Username} belongs to the plugin {owner}. Give the bot another name with --bot-name, such as --bot-name {wanted.BotName}-2.";
        }
    }

    private static IEnumerable<string> Places(Wanted wanted, ServerState state)
    {
        if (state.Team is not { DeleteAt: null } team)
        {
            yield return state.Team is null
                ? $"There is no team \"{wanted.Team}\". Give its name as it stands in its address, {wanted.Url}/NAME."
                : $"The team {state.Team.Name} is archived. Restore it, or name another one with --team.";
            yield break;
        }

        foreach (var name in state.MissingChannels)
        {
            yield return $"There is no channel ~{name} in the team {team.Name}. Make it, or give another name, as it stands in the channel's address.";
        }

        foreach (var channel in state.Channels.Where(c => c.IsArchived))
        {
            yield return $"~{channel.Name} is archived. Unarchive it (the channel's menu), or leave it out.";
        }

        foreach (var channel in state.HookChannels.Where(c => c is { IsArchived: false, Type: not "O" }))
        {
            yield return $"~{channel.Name} is private, and outgoing webhooks work in public channels only. Leave it out of --hook-channel; slash commands work there all the same.";
        }

        if (state.Channels.IsEmpty && state.MissingChannels.IsEmpty)
        {
            yield return $"The team {team.Name} has none of the channels {string.Join(", ", ProvisionDefaults.Channels.Select(c => $"~{c}"))}. Name those that the bot is to work in with --channel, one or more times.";
        }
    }

    /// <summary>Words of commands that others have: in the team, and in those that were provisioned before.</summary>
    private static IEnumerable<string> Triggers(Wanted wanted, ServerState state, ProvisionRecord record)
    {
        foreach (var command in BotCommand.All)
        {
            var word = wanted.Triggers[command.Name];
            var other = $"Give the bot's command another word, such as --trigger {command.Name}=pm-{command.Name.Replace("pm-", "", StringComparison.Ordinal)}{(command.Name == "pm-rotation" ? "-duty" : "")}, or delete that one.";

            // A plugin's command wins over a custom one; the server does not even refuse to make that.
            if (state.TeamCommands.FirstOrDefault(c => c.Trigger == word && c.PluginId is { Length: > 0 }) is { PluginId: var plugin })
            {
                yield return $"/{word} belongs to the plugin {plugin}, which would answer in the bot's place. {other.Replace("delete that one", "disable the plugin", StringComparison.Ordinal)}";
            }
            else if (Custom(state.Team?.Id, command, word) is { } custom)
            {
                yield return $"/{word} belongs to somebody else already: {Describe(custom, state)}. {other}";
            }
            else if (state.TeamCommands.Any(c => c.Trigger == word && string.IsNullOrEmpty(c.Id)))
            {
                yield return $"/{word} is one of Mattermost's own commands. {other.Replace(", or delete that one", "", StringComparison.Ordinal)}";
            }

            foreach (var team in record.Teams.Where(t => t.Id != state.Team?.Id && record.Find(MadeKind.Command, t.Id, command.Name) is { Done: true }))
            {
                if (Custom(team.Id, command, word) is { } custom)
                {
                    yield return $"/{word} belongs to somebody else in the team {team.Name}: {Describe(custom, state)}. {other}";
                }
            }
        }

        ServerCommand? Custom(string? team, BotCommand command, string word) => state.Commands.FirstOrDefault(c =>
            c.TeamId == team && c.Trigger == word && !wanted.IsCommandUrl(c.Url, command.Name) && !record.Made.Any(m => m is { Kind: MadeKind.Command, Done: true } && m.Id == c.Id));
    }

    private static IEnumerable<string> Words(Wanted wanted, ServerState state, ProvisionRecord record) =>
        from hook in state.Hooks
        where hook.TeamId == state.Team?.Id && !hook.CallbackUrls.Any(wanted.IsHooksUrl) && !record.Made.Any(m => m is { Kind: MadeKind.Hook, Done: true } && m.Id == hook.Id)
        let words = ProvisionDefaults.Words.SelectMany(w => w.Words).Intersect(hook.TriggerWords, StringComparer.Ordinal).ToList()
        where words.Count > 0
        from channel in state.HookChannels
        where hook.ChannelId.Length == 0 || hook.ChannelId == channel.Id
        select $"Posts with {string.Join(", ", words)} in ~{channel.Name} go to somebody else already: the outgoing webhook {Quoted(hook.DisplayName)} of {Maker(hook.CreatorId, state)}, to {string.Join(", ", hook.CallbackUrls)}. "
            + $"Both would answer. Take the words out of it (Integrations > Outgoing Webhooks), or leave ~{channel.Name} out by naming the others with --hook-channel.";

    private static string Describe(ServerCommand command, ServerState state) =>
        $"the slash command {Quoted(command.DisplayName)} of {Maker(command.CreatorId, state)}, to {command.Url}";

    private static string Quoted(string name) => name.Length == 0 ? "without a name" : $"\"{name}\"";

    private static string Maker(string? id, ServerState state) => state.Usernames.TryGetValue(id ?? "", out var name) ? $"@{name}" : "somebody unknown";
}
