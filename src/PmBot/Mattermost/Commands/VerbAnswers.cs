using System.Text.RegularExpressions;
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
/// <param name="written">How arguments are written, and what else is heard: whole sentences, below the list of all verbs.</param>
/// <param name="helpExample">The verb whose own help is named as an example.</param>
/// <param name="ofEach">A sentence below the help of each verb, or null.</param>
public sealed partial class VerbAnswers<T>(
    VerbTable<T> table, Buttons buttons, string bareMeans, string written, string helpExample, string? ofEach = null)
{
    /// <summary>What a button runs travels with it; a longer text is typed again rather than signed.</summary>
    private const int LongestToRun = 2000;

    /// <summary>The most characters of a verb's forms that stand in a sentence.</summary>
    private const int LongestInSentence = 100;

    /// <summary>The most characters of a verb's forms in the list of all, whose first column a phone shows beside the second.</summary>
    private const int LongestInList = 26;

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
                $"{Forms(trigger, verb.Usages).TrimStart()}\n{char.ToUpperInvariant(verb.Does[0])}{verb.Does[1..]}.\n"
                + (verb.Notes is { } notes ? notes + "\n" : "")
                + $"For example:\n{string.Join('\n', verb.Examples.Select(e => $"- `/{trigger} {e}`"))}"
                + (verb.Who == WhoMay.Everybody ? "" : $"\nWho may: {verb.Who}.")
                + (ofEach is null ? "" : $"\n{ofEach}"));
        }

        return new CommandReply(
            $"`/{trigger}` {bareMeans}. What is typed most:\n"
            + string.Concat(table.First.Select(v => $"- `/{trigger} {v.Examples[0]}`: {v.Does.Split(';')[0]}\n"))
            + string.Concat(table.Groups.Select(Group))
            + $"\n{written}\nMore of one, with examples: {Command(slash, $"help {helpExample}")}");
    }

    /// <summary>A group as a table of its own, for a phone cuts a long one short; who may stands in its head where it is the same for all.</summary>
    private static string Group(VerbGroup<T> group) =>
        $"\n| {group.Heading}{WhoMay.Mark(group.Who ?? "")} | |\n| :-- | :-- |\n"
        + string.Concat(group.Verbs.Select(v => $"| {InList(v)} | {v.Does}{(group.Who is null ? WhoMay.Mark(v.Who) : "")} |\n"));

    /// <summary>What a known verb lacks, how it is typed, and what was typed.</summary>
    public CommandReply Incomplete(SlashCommand slash, Parsed<T>.Incomplete incomplete)
    {
        // Of a verb with several forms, such as `duties add TEXT`, the one that was begun is the one to go on with.
        var verb = incomplete.Verb;
        var common = verb.Usages.Max(u => Common(u, slash.Text));
        var forms = common > 1 ? verb.Usages.Where(u => Common(u, slash.Text) == common).ToList() : verb.Usages;
        var example = verb.Examples.MaxBy(e => Common(e, slash.Text));
        return new CommandReply(
            $"{incomplete.Problem}\nIt is typed{Forms(slash.Trigger, forms)}{(IsListed(forms) ? "\nFor" : ", for")} example `/{slash.Trigger} {example}`. "
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

    /// <summary>How a verb is typed: within a sentence, or, if that would be a long one, below it.</summary>
    private static string Forms(string trigger, IReadOnlyList<string> usages) => IsListed(usages)
        ? string.Concat(usages.Select(u => $"\n- `/{trigger} {u}`"))
        : " " + string.Join(" or ", usages.Select(u => $"`/{trigger} {u}`"));

    private static bool IsListed(IReadOnlyList<string> usages) => usages.Count > 1 && usages.Sum(u => u.Length) > LongestInSentence;

    /// <summary>How many words two texts begin with in common.</summary>
    private static int Common(string a, string b) =>
        Words(a).Zip(Words(b)).TakeWhile(pair => pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase)).Count();

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The first of a verb's forms, and those of the others for which there is room, without what may be left out.</summary>
    private static string InList(Verb<T> verb)
    {
        var forms = verb.Usages.Select(u => Optional().Replace(u, "")).Distinct(StringComparer.Ordinal).ToList();
        var most = Enumerable.Range(1, forms.Count).TakeWhile(n => forms.Take(n).Sum(f => f.Length) <= LongestInList).LastOrDefault(1);
        return string.Join(", ", forms.Take(most).Select(f => $"`{f}`"));
    }

    [GeneratedRegex(@"\s*\[[^\]]*\]")]
    private static partial Regex Optional();
}
