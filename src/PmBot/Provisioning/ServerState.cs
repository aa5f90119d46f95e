using System.Collections.Immutable;
using PmBot.Mattermost.Client;

namespace PmBot.Provisioning;

/// <summary>What is on the server, as far as provisioning looks at it.</summary>
public sealed record ServerState
{
    /// <summary>Whose token is used.</summary>
    public required MattermostUser Me { get; init; }

    /// <summary>The server's settings.</summary>
    public ServerConfig Config { get; init; } = new();

    /// <summary>The server's version; null if it does not say.</summary>
    public Version? Version { get; init; }

    /// <summary>The team that was asked for; null if there is none.</summary>
    public Team? Team { get; init; }

    /// <summary>Whoever has the bot's name, or the account that was recorded.</summary>
    public MattermostUser? BotUser { get; init; }

    /// <summary>The same as a bot, if it is one.</summary>
    public BotAccount? Bot { get; init; }

    /// <summary>The bot's access tokens.</summary>
    public IReadOnlyList<AccessToken> Tokens { get; init; } = [];

    /// <summary>Whether the settings file has a token that works and is the bot's.</summary>
    public bool SettingsTokenWorks { get; init; }

    /// <summary>The ids of those teams that the bot is in.</summary>
    public ImmutableHashSet<string> TeamsOfBot { get; init; } = [];

    /// <summary>The ids of those channels that the bot is in.</summary>
    public ImmutableHashSet<string> ChannelsOfBot { get; init; } = [];

    /// <summary>The channels that were asked for, and those that exist of the usual ones.</summary>
    public ImmutableArray<Channel> Channels { get; init; } = [];

    /// <summary>Those of them that are to have webhooks.</summary>
    public ImmutableArray<Channel> HookChannels { get; init; } = [];

    /// <summary>Names of channels that were asked for and do not exist.</summary>
    public ImmutableArray<string> MissingChannels { get; init; } = [];

    /// <summary>All commands of the team, with those built in and those of plugins.</summary>
    public IReadOnlyList<ServerCommand> TeamCommands { get; init; } = [];

    /// <summary>The custom commands of the team and of those recorded.</summary>
    public ImmutableList<ServerCommand> Commands { get; init; } = [];

    /// <summary>The outgoing webhooks of the team and of those recorded.</summary>
    public ImmutableList<OutgoingHook> Hooks { get; init; } = [];

    /// <summary>The usernames of those who made commands and webhooks, by id.</summary>
    public IReadOnlyDictionary<string, string> Usernames { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
