using NodaTime;
using PmBot.Hosting;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;

namespace PmBot.Mattermost.Commands;

/// <summary>Answers to a typed text that is no command which can be carried out: help, what is missing, what was probably meant.</summary>
/// <typeparam name="T">The closed hierarchy of the trigger's commands.</typeparam>
/// <param name="table">The trigger's verbs.</param>
/// <param name="buttons">Makes the button that runs what was probably meant.</param>
/// <param name="bareMeans">What the trigger alone does, e.g. <c>tells who is on duty</c>.</param>
/// <param name="written">How arguments are written: a sentence without a full stop, below the list of all verbs.</param>
/// <param name="helpExample">The verb whose own help is named as an example.</param>
/// <param name="ofEach">A sentence below the help of each verb, or null.</param>
public sealed class VerbAnswers<T>(
    VerbTable<T> table, Buttons buttons, string bareMeans, string written, string helpExample, string? ofEach = null)
{
    /// <summary>What a button runs travels with it; a longer text is typed again rather than signed.</summary>
    private const int LongestToRun = 2000;

    /// <summary>The longest form of a verb in the list of all: a table's cell has no room for many flags.</summary>
    private const int LongestInList = 44;

    /// <summary>A parsed text as a command that can be carried out, whatever it came to.</summary>
    /// <param name="slash">What was typed.</param>
    /// <param name="parsed">What became of it.</param>
    /// <param name="run">Carries out a command.</param>
    public ReadCommand Read(SlashCommand slash, Parsed<T> parsed, Func<T, CancellationToken, Task<CommandReply>> run) => parsed switch
    {
        Parsed<T>.Command { Value: { } command, Verb: var verb } => new ReadCommand(verb, limit => run(command, limit)),
        Parsed<T>.Help help => new ReadCommand("help", _ => Task.FromResult(Help(slash, help.Of)), CommandOutcome.Done),
        Parsed<T>.Incomplete incomplete => new ReadCommand(incomplete.Verb.Name, _ => Task.FromResult(Incomplete(slash, incomplete)), CommandOutcome.Incomplete),
        Parsed<T>.Unknown unknown => new ReadCommand("unknown", _ => Task.FromResult(Unknown(slash, unknown)), CommandOutcome.Unknown),
        _ => throw new InvalidOperationException(parsed.GetType().Name),
    };

    /// <summary>The help of one verb, or the list of all.</summary>
    public CommandReply Help(SlashCommand slash, Verb<T>? of)
    {
        var trigger = slash.Trigger;
        if (of is { } verb)
        {
            return new CommandReply(
                $"{Forms(trigger, verb)}\n{char.ToUpperInvariant(verb.Does[0])}{verb.Does[1..]}.\n"
                + (verb.Notes is { } notes ? notes + "\n" : "")
                + $"For example:\n{string.Join('\n', verb.Examples.Select(e => $"- `/{trigger} {e}`"))}"
                + (ofEach is null ? "" : $"\n{ofEach}"));
        }

        return new CommandReply(
            $"`/{trigger}` {bareMeans}. Behind it you can type\n\n| | |\n| :-- | :-- |\n"
            + string.Concat(table.Verbs.Select(v => $"| {string.Join(" · ", v.Usages.Select(u => $"`{Short(u)}`"))} | {v.Does} |\n"))
            + $"\n{written}. More of one, with examples: {Command(slash, $"help {helpExample}")}");
    }

    /// <summary>What a known verb lacks, how it is typed, and what was typed.</summary>
    public CommandReply Incomplete(SlashCommand slash, Parsed<T>.Incomplete incomplete)
    {
        var verb = incomplete.Verb;
        return new CommandReply(
            $"{incomplete.Problem}\nIt is typed {Forms(slash.Trigger, verb)}, for example `/{slash.Trigger} {verb.Examples[0]}`. "
            + $"More: {Command(slash, $"help {verb.Name}")}\nNothing was changed. You typed: {Markdown.Code(slash.Typed)}");
    }

    /// <summary>What an unknown verb probably meant, with a button that runs it; or where all verbs are.</summary>
    public CommandReply Unknown(SlashCommand slash, Parsed<T>.Unknown unknown)
    {
        var typed = Command(slash, unknown.Typed);
        var help = Command(slash, "help");
        if (unknown.Nearest.Count == 0 || slash.Text.Length > LongestToRun)
        {
            return new CommandReply($"I don't know {typed}. All that I know: {help}. Nothing was changed. You typed: {Markdown.Code(slash.Typed)}");
        }

        var about = unknown.Typed.StartsWith("help ", StringComparison.Ordinal) ? "help " : "";
        var meant = $"{about}{unknown.Nearest[0].Name} {unknown.Rest}".TrimEnd();
        var others = unknown.Nearest.Count > 1 ? $" Or {string.Join(", ", unknown.Nearest.Skip(1).Select(v => $"`{v.Name}`"))}?" : "";
        var run = buttons.Signer.New(
            RunCommand.Name, slash.TeamId, RunCommand.Subject(slash, meant), slash.UserId, Duration.FromMinutes(15));
        return new CommandReply(
            $"I don't know {typed}. Did you mean {Command(slash, meant)}?{others} All that I know: {help}",
            [new Attachment { Fallback = unknown.Nearest[0].RunLabel, Actions = [buttons.Button("run", unknown.Nearest[0].RunLabel, run, "primary")] }]);
    }

    private static string Command(SlashCommand slash, string rest) => Markdown.Code($"/{slash.Trigger} {rest}".TrimEnd());

    private static string Forms(string trigger, Verb<T> verb) => string.Join(" or ", verb.Usages.Select(u => $"`/{trigger} {u}`"));

    private static string Short(string usage) =>
        usage.Length > LongestInList && usage.IndexOf("[--", StringComparison.Ordinal) is > 0 and var flags ? usage[..flags] + "[--…]" : usage;
}
