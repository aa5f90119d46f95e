using System.Text.Json.Serialization;
using NodaTime;

namespace PmBot.Mattermost.Client;

/// <summary>The sizes that Mattermost allows what an administrator makes, in bytes of UTF-8 or characters, whichever it counts; stay below.</summary>
public static class IntegrationLimits
{
    /// <summary>The longest display name of a command, a webhook or a bot.</summary>
    public const int DisplayName = 64;

    /// <summary>The longest description of a command.</summary>
    public const int CommandDescription = 128;

    /// <summary>The longest hint of a command's autocomplete.</summary>
    public const int Hint = 1_024;

    /// <summary>The longest address of a command, and of a webhook's addresses together.</summary>
    public const int Url = 1_024;
}

/// <summary>The server's settings, as far as the bot depends on them. What the server does not tell this administrator is null.</summary>
public sealed record ServerConfig
{
    /// <summary>The section of integrations and addresses.</summary>
    [JsonPropertyName("ServiceSettings")]
    public ServiceConfig Service { get; init; } = new();
}

/// <summary>The server's settings of integrations and addresses.</summary>
public sealed record ServiceConfig
{
    /// <summary>Where people reach the server; links in messages, and the addresses for later answers to commands, are made of it.</summary>
    [JsonPropertyName("SiteURL")]
    public string? SiteUrl { get; init; }

    /// <summary>Whether bot accounts can be made.</summary>
    [JsonPropertyName("EnableBotAccountCreation")]
    public bool? EnableBotAccountCreation { get; init; }

    /// <summary>Whether a bot's account is disabled when that of whoever made it is deactivated.</summary>
    [JsonPropertyName("DisableBotsWhenOwnerIsDeactivated")]
    public bool? DisableBotsWhenOwnerIsDeactivated { get; init; }

    /// <summary>Whether people can have access tokens. Bots can in any case.</summary>
    [JsonPropertyName("EnableUserAccessTokens")]
    public bool? EnableUserAccessTokens { get; init; }

    /// <summary>Whether there are custom slash commands.</summary>
    [JsonPropertyName("EnableCommands")]
    public bool? EnableCommands { get; init; }

    /// <summary>Whether there are outgoing webhooks.</summary>
    [JsonPropertyName("EnableOutgoingWebhooks")]
    public bool? EnableOutgoingWebhooks { get; init; }

    /// <summary>The hosts and ranges of reserved addresses that the server calls nevertheless, separated by white space or commas.</summary>
    [JsonPropertyName("AllowedUntrustedInternalConnections")]
    public string? AllowedUntrustedInternalConnections { get; init; }
}

/// <summary>A bot's account, as its administrator sees it.</summary>
public sealed record BotAccount
{
    /// <summary>The account's id, as a user.</summary>
    public string UserId { get; init; } = "";

    /// <summary>What follows the @ in a mention.</summary>
    public string Username { get; init; } = "";

    /// <summary>The name that people see.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>What it is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>The id of the user who made it, or the name of the plugin that it belongs to.</summary>
    public string OwnerId { get; init; } = "";

    /// <summary>When it was disabled, if it is.</summary>
    public Instant? DeleteAt { get; init; }
}

/// <summary>An access token of an account.</summary>
public sealed record AccessToken
{
    /// <summary>The token's id, by which it is revoked.</summary>
    public string Id { get; init; } = "";

    /// <summary>The token itself: the server gives it away once, when it is made; empty in lists.</summary>
    public string Token { get; init; } = "";

    /// <summary>Whose it is.</summary>
    public string UserId { get; init; } = "";

    /// <summary>What whoever made it wrote beside it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether it works.</summary>
    public bool IsActive { get; init; }
}

/// <summary>A slash command.</summary>
public sealed record ServerCommand
{
    /// <summary>Mattermost's id; empty for built-in commands and those of plugins, and for one that is to be made.</summary>
    public string? Id { get; init; }

    /// <summary>The token that it is sent with; only in lists of custom commands.</summary>
    public string? Token { get; init; }

    /// <summary>Who made it; empty for built-in commands, those of plugins, and in lists of all commands.</summary>
    public string? CreatorId { get; init; }

    /// <summary>The team.</summary>
    public string TeamId { get; init; } = "";

    /// <summary>The word behind the slash.</summary>
    public string Trigger { get; init; } = "";

    /// <summary><c>P</c> for POST, <c>G</c> for GET.</summary>
    public string Method { get; init; } = "P";

    /// <summary>Whether it is offered to those who type a slash.</summary>
    public bool AutoComplete { get; init; }

    /// <summary>What is said of it there.</summary>
    public string AutoCompleteDesc { get; init; } = "";

    /// <summary>What may follow it.</summary>
    public string AutoCompleteHint { get; init; } = "";

    /// <summary>Its name in the list of integrations.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>What is said of it in the list of integrations.</summary>
    public string Description { get; init; } = "";

    /// <summary>The name its answers bear instead of the user's, if the server allows it.</summary>
    public string? Username { get; init; }

    /// <summary>The picture its answers bear, if the server allows it.</summary>
    [JsonPropertyName("icon_url")]
    public string? IconUrl { get; init; }

    /// <summary>Where it is sent; empty in lists of all commands.</summary>
    public string Url { get; init; } = "";

    /// <summary>The plugin that it belongs to; empty for none.</summary>
    public string? PluginId { get; init; }
}

/// <summary>An outgoing webhook.</summary>
public sealed record OutgoingHook
{
    /// <summary>With <see cref="TriggerWhen"/>: the first word of the post is the word.</summary>
    public const int ExactWord = 0;

    /// <summary>With <see cref="TriggerWhen"/>: the first word of the post begins with the word.</summary>
    public const int StartsWith = 1;

    /// <summary>Mattermost's id; empty for one that is to be made.</summary>
    public string? Id { get; init; }

    /// <summary>The token that it is sent with.</summary>
    public string? Token { get; init; }

    /// <summary>In whose name its answers are posted; empty for the caller's.</summary>
    public string? CreatorId { get; init; }

    /// <summary>The channel; empty for all public ones of the team.</summary>
    public string ChannelId { get; init; } = "";

    /// <summary>The team.</summary>
    public string TeamId { get; init; } = "";

    /// <summary>The words; none for all posts of the channel.</summary>
    public IReadOnlyList<string> TriggerWords { get; init; } = [];

    /// <summary><see cref="ExactWord"/> or <see cref="StartsWith"/>.</summary>
    public int TriggerWhen { get; init; }

    /// <summary>Where posts are sent.</summary>
    [JsonPropertyName("callback_urls")]
    public IReadOnlyList<string> CallbackUrls { get; init; } = [];

    /// <summary>Its name in the list of integrations.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>What is said of it in the list of integrations.</summary>
    public string Description { get; init; } = "";

    /// <summary>How posts are sent.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>The name its answers bear instead of the creator's, if the server allows it.</summary>
    public string? Username { get; init; }

    /// <summary>The picture its answers bear, if the server allows it.</summary>
    [JsonPropertyName("icon_url")]
    public string? IconUrl { get; init; }
}
