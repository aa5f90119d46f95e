using System.Collections.Immutable;
using PmBot.Agenda;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.Requests;
using PmBot.Rotations;

namespace PmBot.Provisioning;

/// <summary>One of the bot's slash commands, as Mattermost shows it.</summary>
/// <param name="Name">The command, which is its usual trigger word.</param>
/// <param name="Title">Its name in the list of integrations.</param>
/// <param name="Does">What it is for.</param>
/// <param name="Hint">What may follow it: its verbs.</param>
public sealed record BotCommand(string Name, string Title, string Does, string Hint)
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<BotCommand> All { get; } =
    [
        new("pm-rotation", "PmBot: duty rotation", "Who is on duty, and the weekly duty rotation", Verbs(RotationVerbs.All)),
        new("cr-assign", "PmBot: customer requests", "Customer requests and who they belong to", Verbs(RequestVerbs.All)),
        new("agenda", "PmBot: agenda", "The agenda of the PM meetings, and their minutes", Verbs(AgendaVerbs.All)),
    ];

    private static string Verbs<T>(VerbTable<T> table) => $"[{string.Join(" | ", table.Verbs.Select(v => v.Name).Append("help"))}]";
}

/// <summary>What is made unless somebody says otherwise, and what it is called.</summary>
public static class ProvisionDefaults
{
    /// <summary>The bot account's username.</summary>
    public const string BotName = "pm-bot";

    /// <summary>The name that people see.</summary>
    public const string BotDisplayName = "PM Bot";

    /// <summary>What people read of it in its profile.</summary>
    public const string BotDescription = "Runs the duty rotation, customer requests and meeting agendas of Product Management. Type /pm-rotation help.";

    /// <summary>The name of the settings file, in the current folder.</summary>
    public const string SettingsFile = "pmbot.json";

    /// <summary>The oldest Mattermost server that the bot works with.</summary>
    public static Version OldestServer { get; } = new(7, 0);

    /// <summary>The channels that the bot works in, where they exist.</summary>
    public static ImmutableArray<string> Channels { get; } = ["product-management", "pm-private", "twitter"];

    /// <summary>
    /// The words that posts begin with, by how Mattermost is to compare them: a word that ends in a colon may stand before the text without a
    /// space; <c>#cr</c> must be a word of its own, or <c>#crash</c> would be for the bot.
    /// </summary>
    public static ImmutableArray<HookWords> Words { get; } =
    [
        new("word", OutgoingHook.ExactWord, ["#cr", "#escalate", "#agenda"]),
        new("beginning", OutgoingHook.StartsWith, ["cr:", "agenda:"]),
    ];

    /// <summary>The bot's picture, a PNG.</summary>
    public static byte[] Picture()
    {
        using var stream = typeof(ProvisionDefaults).Assembly.GetManifestResourceStream("PmBot.Provisioning.pm-bot.png")
            ?? throw new InvalidOperationException("The bot's picture is missing in this program.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>Where a command is sent.</summary>
    public static string CommandUrl(string root, string trigger) => $"{root}{MattermostEndpoints.CommandsPath}/{trigger}";

    /// <summary>Where posts with a trigger word are sent.</summary>
    public static string HooksUrl(string root) => root + MattermostEndpoints.HooksPath;

    /// <summary>Where the bot's endpoints are: its address as Mattermost reaches it, with the base path.</summary>
    public static string Root(string publicUrl, string basePath) => publicUrl.TrimEnd('/') + basePath.TrimEnd('/');
}

/// <summary>Words of one outgoing webhook.</summary>
/// <param name="Key">What tells it from the others of its channel.</param>
/// <param name="When">How the server compares, see <see cref="OutgoingHook.TriggerWhen"/>.</param>
/// <param name="Words">The words.</param>
public sealed record HookWords(string Key, int When, ImmutableArray<string> Words);
