using System.Collections.Immutable;

namespace PmBot.Provisioning;

/// <summary>What an operator asks <c>pmbot provision</c> for. What is null was not said: then what the settings file says counts, and else the default.</summary>
/// <param name="Url">Where this program reaches the Mattermost server.</param>
/// <param name="Team">The team's name in URLs.</param>
/// <param name="PublicUrl">Where the Mattermost server reaches the bot.</param>
public sealed record ProvisionRequest(string Url, string Team, string PublicUrl)
{
    /// <summary>The channels that the bot is to be a member of, by their names in URLs.</summary>
    public ImmutableArray<string>? Channels { get; init; }

    /// <summary>The public channels whose posts with a trigger word the bot is to hear.</summary>
    public ImmutableArray<string>? HookChannels { get; init; }

    /// <summary>Other words for commands than the usual ones, by command.</summary>
    public ImmutableDictionary<string, string> Triggers { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The bot account's username.</summary>
    public string? BotName { get; init; }

    /// <summary>The path under which the bot's endpoints are.</summary>
    public string? BasePath { get; init; }

    /// <summary>Whether it is only said what would be done.</summary>
    public bool DryRun { get; init; }
}
