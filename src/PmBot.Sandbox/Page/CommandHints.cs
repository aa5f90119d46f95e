using PmBot.Agenda;
using PmBot.Mattermost.Commands;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Sandbox.StandIn;

namespace PmBot.Sandbox.Page;

/// <summary>A verb, offered while it is typed.</summary>
/// <param name="Name">The word to complete.</param>
/// <param name="Usages">Its forms, without the trigger.</param>
/// <param name="Does">What it does.</param>
internal sealed record VerbHint(string Name, IReadOnlyList<string> Usages, string Does);

/// <summary>A slash command, offered while it is typed.</summary>
/// <param name="Trigger">Its word, without the slash.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Verbs">Its verbs; none if the sandbox does not know the command.</param>
internal sealed record CommandHint(string Trigger, string Description, IReadOnlyList<VerbHint> Verbs);

/// <summary>What the message box offers while a command is typed: the bot's own tables of verbs, so that they cannot differ from its help.</summary>
internal static class CommandHints
{
    private static readonly VerbHint Help = new("help", ["help", "help VERB"], "all verbs, or one of them with examples");

    private static readonly Dictionary<string, CommandHint> Known = new CommandHint[]
    {
        new("pm-rotation", "Whose week it is, who is next, covers, swaps, absences", Verbs(RotationVerbs.All)),
        new("cr-assign", "Customer requests: file, assign, decide, finish", Verbs(RequestVerbs.All)),
        new("agenda", "The meetings: queue items, run them, minutes, action steps", Verbs(AgendaVerbs.All)),
    }.ToDictionary(hint => hint.Trigger, StringComparer.Ordinal);

    /// <summary>The commands that a server has; what it says of one itself counts more.</summary>
    public static IReadOnlyList<CommandHint> Of(StandInServer server) =>
    [
        .. server.OfferedCommands.OrderBy(command => command.Trigger, StringComparer.Ordinal).Select(command =>
        {
            var known = Known.GetValueOrDefault(command.Trigger) ?? new CommandHint(command.Trigger, "", []);
            return command.Description.Length > 0 ? known with { Description = command.Description } : known;
        }),
    ];

    // Beside the message box there is no Markdown.
    private static List<VerbHint> Verbs<T>(VerbTable<T> table) =>
        [.. table.Verbs.Select(verb => new VerbHint(verb.Name, verb.Usages, verb.Does.Replace("`", "", StringComparison.Ordinal))), Help];
}
