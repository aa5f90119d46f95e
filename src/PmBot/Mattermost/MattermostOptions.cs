namespace PmBot.Mattermost;

/// <summary>How the bot and its Mattermost server know each other: the <c>Mattermost</c> section of the settings.</summary>
public sealed class MattermostOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Mattermost";

    /// <summary>Where the bot reaches the server, e.g. <c>https://chat.example.com</c>.</summary>
    public string Url { get; set; } = "";

    /// <summary>The access token of the bot account.</summary>
    public string BotToken { get; set; } = "";

    /// <summary>The tokens each slash command may come with: by trigger, several each (several teams, rotation of tokens).</summary>
    public Dictionary<string, List<string>> CommandTokens { get; } = new(StringComparer.Ordinal);

    /// <summary>The tokens that an outgoing webhook may come with, one of each webhook; with none, every one is refused.</summary>
    public List<string> WebhookTokens { get; } = [];
}
