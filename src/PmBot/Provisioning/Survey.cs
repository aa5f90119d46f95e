using System.Collections.Immutable;
using PmBot.Mattermost.Client;

namespace PmBot.Provisioning;

/// <summary>Looks at what is on the server, and changes nothing.</summary>
/// <param name="admin">The server, for an administrator.</param>
/// <param name="bot">The server, for whoever has a token.</param>
/// <param name="problems">Gets what went wrong, a sentence each with the remedy.</param>
internal sealed class Survey(IMattermostAdmin admin, Func<string, IMattermost> bot, List<string> problems)
{
    /// <summary>How to get an administrator's token.</summary>
    public const string HowToGetToken =
        "Make one in Mattermost as a system admin (Profile > Security > Personal Access Tokens, which System Console > Integrations > Integration Management > Enable Personal Access Tokens switches on), "
        + "or with mmctl token generate, and put it into the environment variable MATTERMOST_ADMIN_TOKEN.";

    /// <summary>Looks for what provisioning needs to know.</summary>
    /// <returns>Null if too little could be seen; the reason is among the problems.</returns>
    public async Task<ServerState?> LookAsync(Wanted wanted, SettingsDocument settings, CancellationToken cancellationToken)
    {
        if (await EnterAsync(wanted.Url, cancellationToken) is not { } state)
        {
            return null;
        }

        var record = settings.Record;
        var team = Take(await admin.TeamByNameAsync(wanted.Team, cancellationToken), "the team");
        state = await LookAtBotAsync(state, record, wanted.BotName, settings.Get("Mattermost:BotToken"), cancellationToken);
        state = state with { Team = team };
        if (team is { DeleteAt: null })
        {
            state = await LookAtChannelsAsync(state, team, wanted, cancellationToken);
            state = state with { TeamCommands = Take(await admin.CommandsAsync(team.Id, customOnly: false, cancellationToken), "the team's commands") ?? [] };
        }

        var channels = state.Channels.Select(c => c.Id).Concat(record.Made.Where(m => m.Kind == MadeKind.ChannelMember && m.Channel is not null).Select(m => m.Channel!));
        string[] teams = [.. record.Teams.Select(t => t.Id).Concat(team is null ? [] : [team.Id]).Distinct(StringComparer.Ordinal)];
        return await LookAtTeamsAsync(state, teams, channels, cancellationToken);
    }

    /// <summary>Looks for what was recorded only.</summary>
    public async Task<ServerState?> LookAsync(string url, ProvisionRecord record, CancellationToken cancellationToken)
    {
        if (await EnterAsync(url, cancellationToken) is not { } state)
        {
            return null;
        }

        var name = record.Account?.Name ?? record.Made.Find(m => m.Kind is MadeKind.Bot or MadeKind.Enabled or MadeKind.Picture)?.Name ?? ProvisionDefaults.BotName;
        state = await LookAtBotAsync(state, record, name, null, cancellationToken);
        var channels = record.Made.Where(m => m.Kind == MadeKind.ChannelMember && m.Channel is not null).Select(m => m.Channel!);
        return await LookAtTeamsAsync(state, [.. record.Teams.Select(t => t.Id)], channels, cancellationToken);
    }

    private async Task<ServerState?> EnterAsync(string url, CancellationToken cancellationToken)
    {
        var client = await admin.ClientConfigAsync(cancellationToken);
        switch (await admin.MeAsync(cancellationToken))
        {
            case MattermostResult<MattermostUser>.Ok { Value: var me }:
                if (!me.IsSystemAdmin)
                {
                    problems.Add(
                        $"The token in MATTERMOST_ADMIN_TOKEN is @{me.Username}'s, who is no system admin: the permission manage_system is missing. "
                        + $"Use a system admin's, or make @{me.Username} one (System Console > User Management > Users).");
                    return null;
                }

                return new ServerState
                {
                    Me = me,
                    Config = Take(await admin.ConfigAsync(cancellationToken), "the server's settings") ?? new(),
                    Version = Version.TryParse(client.ValueOrDefault?.GetValueOrDefault("Version"), out var version) ? version : null,
                };
            case MattermostResult<MattermostUser>.Refused { Error.StatusCode: 401 }:
                problems.Add($"Mattermost does not know the token in MATTERMOST_ADMIN_TOKEN: it was mistyped, revoked, or personal access tokens are switched off. {HowToGetToken}");
                return null;
            case var failed:
                problems.Add($"{url} could not be asked. {failed.Describe()} Check --url, and that this machine reaches it.");
                return null;
        }
    }

    private async Task<ServerState> LookAtBotAsync(ServerState state, ProvisionRecord record, string name, string? token, CancellationToken cancellationToken)
    {
        // An account that was renamed since is still the bot's.
        var user = record.Account is { Id: var id }
            ? Take(await admin.UserAsync(id, cancellationToken), "the bot's account")
            : Take(await admin.UsersByNameAsync([name], cancellationToken), "the bot's account") is [var named, ..] ? named : null;
        if (user is not { IsBot: true })
        {
            return state with { BotUser = user };
        }

        var works = token is { Length: > 0 } && token.All(char.IsAsciiLetterOrDigit) && user is { IsDeactivated: false }
            && (await bot(token).MeAsync(cancellationToken)).ValueOrDefault?.Id == user.Id;
        return state with
        {
            BotUser = user,
            Bot = Take(await admin.BotAsync(user.Id, cancellationToken), "the bot's account"),
            Tokens = Take(await admin.TokensAsync(user.Id, cancellationToken), "the bot's access tokens") ?? [],
            SettingsTokenWorks = works,
        };
    }

    private async Task<ServerState> LookAtChannelsAsync(ServerState state, Team team, Wanted wanted, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        var channels = await FindAsync(wanted.Channels ?? ProvisionDefaults.Channels, isAsked: wanted.Channels is not null);
        var hooks = wanted.HookChannels is { } named
            ? await FindAsync(named, isAsked: true)
            : [.. channels.Where(c => c is { Type: "O", IsArchived: false })];
        return state with
        {
            Channels = [.. channels.Concat(hooks).DistinctBy(c => c.Id, StringComparer.Ordinal)],
            HookChannels = hooks,
            MissingChannels = [.. missing.Distinct(StringComparer.Ordinal)],
        };

        async Task<ImmutableArray<Channel>> FindAsync(IEnumerable<string> names, bool isAsked)
        {
            var found = new List<Channel>();
            foreach (var name in names.Distinct(StringComparer.Ordinal))
            {
                var channel = Take(await admin.ChannelByNameAsync(team.Id, name, cancellationToken), $"the channel {name}");
                if (channel is null && isAsked)
                {
                    missing.Add(name);
                }
                else if (channel is not null && (isAsked || !channel.IsArchived))
                {
                    found.Add(channel);
                }
            }

            return [.. found];
        }
    }

    private async Task<ServerState> LookAtTeamsAsync(ServerState state, IReadOnlyList<string> teams, IEnumerable<string> channels, CancellationToken cancellationToken)
    {
        var commands = new List<ServerCommand>();
        var hooks = new List<OutgoingHook>();
        var (inTeams, inChannels) = (new List<string>(), new List<string>());
        foreach (var team in teams)
        {
            // While they are switched off, the server answers a failure that says less than the setting does.
            if (state.Config.Service.EnableCommands is not false)
            {
                commands.AddRange(Take(await admin.CommandsAsync(team, customOnly: true, cancellationToken), "the slash commands") ?? []);
            }

            if (state.Config.Service.EnableOutgoingWebhooks is not false)
            {
                hooks.AddRange(Take(await admin.OutgoingHooksAsync(team, cancellationToken), "the outgoing webhooks") ?? []);
            }

            if (state.BotUser is { } user && Take(await admin.TeamMemberAsync(team, user.Id, cancellationToken), "the team's members") is { DeleteAt: null })
            {
                inTeams.Add(team);
            }
        }

        foreach (var channel in channels.Distinct(StringComparer.Ordinal))
        {
            if (state.BotUser is { } user && Take(await admin.ChannelMemberAsync(channel, user.Id, cancellationToken), "the channel's members") is not null)
            {
                inChannels.Add(channel);
            }
        }

        string[] makers = [.. commands.Select(c => c.CreatorId).Concat(hooks.Select(h => h.CreatorId)).Where(i => i is { Length: > 0 }).Cast<string>().Distinct(StringComparer.Ordinal)];
        var users = makers.Length == 0 ? [] : Take(await admin.UsersByIdAsync(makers, cancellationToken), "who made the commands") ?? [];
        return state with
        {
            Commands = [.. commands],
            Hooks = [.. hooks],
            TeamsOfBot = [.. inTeams],
            ChannelsOfBot = [.. inChannels],
            Usernames = users.ToDictionary(u => u.Id, u => u.Username, StringComparer.Ordinal),
        };
    }

    /// <summary>The answer; null for what does not exist, and for what could not be seen, which is a problem.</summary>
    private T? Take<T>(MattermostResult<T> result, string what)
        where T : class
    {
        if (result is not MattermostResult<T>.Ok && !result.IsNotFound)
        {
            problems.Add($"Looking at {what} failed. {result.Describe()} Run it again; if it stays so, the server's log says more.");
        }

        return result.ValueOrDefault;
    }
}
