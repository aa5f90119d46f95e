namespace PmBot.Mattermost.Inbound;

/// <summary>Finds the handler of a trigger; the triggers' words are settings.</summary>
/// <param name="handlers">One for each command.</param>
/// <param name="triggers">The configured word of each command.</param>
public sealed class CommandRouter(IEnumerable<ICommandHandler> handlers, IReadOnlyDictionary<string, string> triggers)
{
    private readonly Dictionary<string, ICommandHandler> _byTrigger =
        handlers.ToDictionary(h => triggers.GetValueOrDefault(h.Command, h.Command), StringComparer.Ordinal);

    /// <summary>The handler, or null if the word is none of the bot's.</summary>
    public ICommandHandler? Find(string trigger) => _byTrigger.GetValueOrDefault(trigger);
}
