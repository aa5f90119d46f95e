using PmBot.Mattermost.Client;

namespace PmBot.Mattermost;

/// <summary>What the caller of a command reads. It is ephemeral: what others must know is posted by the outbox.</summary>
/// <param name="Text">Markdown.</param>
/// <param name="Attachments">Buttons, if any.</param>
public sealed record CommandReply(string Text, IReadOnlyList<Attachment> Attachments)
{
    /// <summary>A plain answer.</summary>
    public CommandReply(string text)
        : this(text, [])
    {
    }
}

/// <summary>A slash command, as the Mattermost server sent it with a valid token.</summary>
/// <param name="Trigger">The word behind the slash, as configured.</param>
/// <param name="Text">What was typed behind it.</param>
/// <param name="UserId">Who typed it.</param>
/// <param name="Username">Their name.</param>
/// <param name="ChannelId">Where.</param>
/// <param name="TeamId">The team, which is the workspace.</param>
/// <param name="TriggerId">Opens a dialog within three seconds; empty if it is carried out by a button.</param>
/// <param name="Users">Ids of the users mentioned, by username.</param>
/// <param name="Channels">Ids of the channels mentioned, by name.</param>
public sealed record SlashCommand(
    string Trigger,
    string Text,
    string UserId,
    string Username,
    string ChannelId,
    string TeamId,
    string TriggerId,
    IReadOnlyDictionary<string, string> Users,
    IReadOnlyDictionary<string, string> Channels)
{
    /// <summary>What was typed, to show it again.</summary>
    public string Typed => Text.Trim().Length == 0 ? $"/{Trigger}" : $"/{Trigger} {Text.Trim()}";
}

/// <summary>Carries out the slash commands of one trigger.</summary>
public interface ICommandHandler
{
    /// <summary>The key under which the trigger is configured, e.g. <c>pm-rotation</c>.</summary>
    string Command { get; }

    /// <summary>Reads what was typed; nothing is done yet.</summary>
    ReadCommand Read(SlashCommand command);
}

/// <summary>A command that was read.</summary>
/// <param name="Verb">Its verb, for metrics; a word of the code, never of the user.</param>
/// <param name="RunAsync">Carries it out. Refusals are answers; an exception is a fault.</param>
/// <param name="Outcome">What becomes of it, for metrics, where that is known before; null where the answer tells.</param>
public sealed record ReadCommand(string Verb, Func<CancellationToken, Task<CommandReply>> RunAsync, string? Outcome = null);
