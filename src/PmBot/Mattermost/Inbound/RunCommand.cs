using NodaTime;
using PmBot.Delivery;
using PmBot.Storage;

namespace PmBot.Mattermost.Inbound;

/// <summary>"Run it": the command that an unknown verb probably meant. It works once, for the one who typed it.</summary>
/// <param name="router">Finds the command's handler.</param>
/// <param name="store">Remembers that it was used.</param>
/// <param name="time">The time.</param>
internal sealed class RunCommand(CommandRouter router, IStore store, TimeProvider time) : IActionHandler
{
    /// <summary>The action's name.</summary>
    public const string Name = "command.run";

    public string Action => Name;

    /// <summary>What is signed: the trigger, the channel in which it was typed, the text behind the trigger.</summary>
    public static string Subject(SlashCommand typed, string text) => $"{typed.Trigger} {typed.ChannelId} {text}";

    public async Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken)
    {
        if (press.Action.Subject.Split(' ', 3) is not [var trigger, var channelId, var text])
        {
            throw new FormatException("The subject of a signed command has not its three parts.");
        }

        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        var slash = new SlashCommand(
            trigger, text, press.UserId, press.Username, channelId, press.Action.WorkspaceId, press.TriggerId, none, none);
        if (router.Find(trigger) is not { } handler)
        {
            return new ActionReply($"I have no command {Markdown.Code($"/{trigger}")} any more. Nothing was changed. It was: {Markdown.Code(slash.Typed)}");
        }

        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        if (!await store.ExecuteAsync(t => t.TryUse(press.Action.Nonce, press.Action.Expires, press.UserId, now), cancellationToken))
        {
            return new ActionReply("It was run already. Nothing was changed.");
        }

        var reply = await handler.Read(slash).RunAsync(cancellationToken);

        // The answer to a button has no room for further buttons.
        return new ActionReply(reply.Attachments.Count == 0 ? reply.Text : $"{reply.Text}\nPlease type it: {Markdown.Code(slash.Typed)}");
    }
}
