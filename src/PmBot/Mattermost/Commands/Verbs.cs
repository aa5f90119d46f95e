namespace PmBot.Mattermost.Commands;

/// <summary>What a verb was typed with.</summary>
public sealed class VerbInput(CommandText text)
{
    /// <summary>The words behind the verb, and the flags.</summary>
    public CommandText Text { get; } = text;

    /// <summary>The words behind the verb, flags left out.</summary>
    public IReadOnlyList<Word> Words => Text.Words;

    /// <summary>The username of word <paramref name="index"/> if it is <c>@name</c>, or null.</summary>
    public string? User(int index) => index < Words.Count ? Username(Words[index].Text) : null;

    /// <summary>The username in <c>@name</c>, lower case as Mattermost keeps it, or null.</summary>
    public static string? Username(string word)
    {
        var name = word.TrimEnd(',', ';');
        return name.Length > 1 && name[0] == '@' && name.Skip(1).All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? name[1..].ToLowerInvariant()
            : null;
    }
}

/// <summary>What became of a typed text: a command, or one of the ways in which it is none.</summary>
/// <typeparam name="T">The closed hierarchy of the trigger's commands.</typeparam>
public abstract record Parsed<T>
{
    private Parsed()
    {
    }

    /// <summary>A command that can be carried out; <paramref name="Verb"/> is the name of its verb.</summary>
    public sealed record Command(T Value, string Verb) : Parsed<T>;

    /// <summary>The verb is known, its arguments are not what it needs. <paramref name="Problem"/> says so in one sentence.</summary>
    public sealed record Incomplete(Verb<T> Verb, string Problem) : Parsed<T>;

    /// <summary>No such verb; <paramref name="Nearest"/> are those it may have meant, the likeliest first.</summary>
    public sealed record Unknown(string Typed, string Rest, IReadOnlyList<Verb<T>> Nearest) : Parsed<T>;

    /// <summary>Help was asked for, of one verb or of all.</summary>
    public sealed record Help(Verb<T>? Of) : Parsed<T>;
}

/// <summary>One verb of a slash command: how it is typed, what it does, how it is read. Help and parser share it.</summary>
/// <param name="Name">The word that selects it.</param>
/// <param name="Usages">Its forms, without trigger, e.g. <c>cover DATE @user</c>; the list of all verbs has room for the first.</param>
/// <param name="Does">What it does, in a short sentence without a full stop; the rest belongs into <see cref="Notes"/>.</param>
/// <param name="Examples">Complete examples, without the trigger, the likeliest first.</param>
/// <param name="Parse">Reads the words behind the verb; returns the command or a sentence about what is missing.</param>
public sealed record Verb<T>(
    string Name, IReadOnlyList<string> Usages, string Does, IReadOnlyList<string> Examples, Func<VerbInput, Read<T>> Parse)
{
    /// <summary>The verb's flags, without dashes, and whether each takes a value.</summary>
    public IReadOnlyDictionary<string, bool> Flags { get; init; } = new Dictionary<string, bool>(StringComparer.Ordinal);

    /// <summary>Those of the flags whose value may be of several words without quotes, see <see cref="CommandText.Split"/>.</summary>
    public IReadOnlyCollection<string> Phrases { get; init; } = [];

    /// <summary>Other words that people try for it, lower case. They are not run: the answer offers this verb.</summary>
    public IReadOnlyCollection<string> Synonyms { get; init; } = [];

    /// <summary>What the button says that runs it where it was probably meant.</summary>
    public string RunLabel { get; init; } = "Run it";

    /// <summary>Who may use it: a part of a sentence, e.g. one of <see cref="WhoMay"/>.</summary>
    public string Who { get; init; } = WhoMay.Everybody;

    /// <summary>More to know, shown by <c>help VERB</c> and by the command's page, not by the list of all.</summary>
    public string? Notes { get; init; }
}

/// <summary>Who may use a verb, where few words say it: the list of all verbs marks these.</summary>
public static class WhoMay
{
    /// <summary>Whoever is in the team; not marked.</summary>
    public const string Everybody = "everybody";

    /// <summary>Those of the Mattermost team and server, and of the setting <c>PmBot:Admins</c>.</summary>
    public const string Admins = "admins";

    /// <summary>Product managers, admins among them.</summary>
    public const string Managers = "PMs";

    /// <summary>The mark of a verb, or of a group whose verbs are all alike, with a space before it; empty for what needs more words.</summary>
    public static string Mark(string who) => who is Admins or Managers ? $" ({who})" : "";
}

/// <summary>Verbs that serve one purpose.</summary>
/// <param name="Heading">By which help and the command's page list them, e.g. <c>Trade shifts</c>.</param>
/// <param name="Verbs">In the order in which they are listed.</param>
public sealed record VerbGroup<T>(string Heading, IReadOnlyList<Verb<T>> Verbs)
{
    /// <summary>Who may use all of them, if that is the same for all; or null.</summary>
    public string? Who => Verbs.All(v => v.Who == Verbs[0].Who) ? Verbs[0].Who : null;
}

/// <summary>A command, or the sentence that says what is missing.</summary>
public readonly record struct Read<T>(T? Command, string? Problem)
{
    /// <summary>The command could be read.</summary>
    public static implicit operator Read<T>(T command) => new(command, null);

    /// <summary>Something is missing or wrong.</summary>
    public static implicit operator Read<T>(Missing problem) => new(default, problem.Sentence);
}

/// <summary>A sentence that says what a verb lacks.</summary>
public sealed record Missing(string Sentence);

/// <summary>The verbs of one slash command, and how a typed text finds its way to one of them.</summary>
/// <param name="groups">In the order in which help lists them.</param>
/// <param name="first">The names of the verbs that are used most; help begins with an example of each.</param>
/// <param name="bare">The verb that the trigger alone means: it shows, and never changes anything.</param>
/// <param name="global">Flags that every verb takes.</param>
public sealed class VerbTable<T>(IReadOnlyList<VerbGroup<T>> groups, IReadOnlyList<string> first, string bare, IReadOnlyDictionary<string, bool> global)
{
    // Of each verb, with those that every verb takes, in the order in which they are listed.
    private readonly Dictionary<string, Dictionary<string, bool>> _flags = groups.SelectMany(g => g.Verbs)
        .ToDictionary(v => v.Name, v => v.Flags.Concat(global).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>All verbs, by what one wants to do.</summary>
    public IReadOnlyList<VerbGroup<T>> Groups { get; } = groups;

    /// <summary>All verbs.</summary>
    public IReadOnlyList<Verb<T>> Verbs { get; } = [.. groups.SelectMany(g => g.Verbs)];

    /// <summary>The verbs that are used most.</summary>
    public IReadOnlyList<Verb<T>> First { get; } = [.. first.Select(name => groups.SelectMany(g => g.Verbs).Single(v => v.Name == name))];

    /// <summary>Reads a text as typed behind the trigger.</summary>
    public Parsed<T> Parse(string text)
    {
        var trimmed = text.Trim();
        var end = 0;
        while (end < trimmed.Length && !char.IsWhiteSpace(trimmed[end]))
        {
            end++;
        }

        var (name, rest) = (trimmed[..end].ToLowerInvariant(), trimmed[end..].Trim());
        if (name.Length == 0 || name[0] is '-' or '—' or '–')
        {
            (name, rest) = (bare, trimmed);
        }

        if (name is "help" or "?")
        {
            var of = rest.Split(' ', 2)[0].ToLowerInvariant();
            return of.Length == 0 || of == "help" ? new Parsed<T>.Help(null)
                : Find(of) is { } helped ? new Parsed<T>.Help(helped)
                : new Parsed<T>.Unknown($"help {of}", "", Nearest(of));
        }

        if (Find(name) is not { } verb)
        {
            return new Parsed<T>.Unknown(trimmed[..end], rest, Nearest(name));
        }

        var input = CommandText.Split(rest, _flags[verb.Name], verb.Phrases);
        if (input.Problem is { } problem)
        {
            return new Parsed<T>.Incomplete(verb, problem);
        }

        var read = verb.Parse(new VerbInput(input));
        return read.Command is { } command
            ? new Parsed<T>.Command(command, verb.Name)
            : new Parsed<T>.Incomplete(verb, read.Problem ?? throw new InvalidOperationException(verb.Name));
    }

    /// <summary>The verb of that name, or null.</summary>
    public Verb<T>? Find(string name) => Verbs.FirstOrDefault(v => string.Equals(v.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The verbs that a typed word may have meant, the likeliest first.</summary>
    public IReadOnlyList<Verb<T>> Nearest(string typed)
    {
        return
        [
            .. Verbs
                .Select(v => (Verb: v, Distance: v.Synonyms.Contains(typed) ? 0 : Distance(typed, v.Name)))
                .Where(x => x.Distance <= Math.Max(1, x.Verb.Name.Length / 3)
                    || (typed.Length >= 2 && x.Verb.Name.StartsWith(typed, StringComparison.Ordinal)))
                .OrderBy(x => x.Distance)
                .Take(3)
                .Select(x => x.Verb),
        ];
    }

    /// <summary>How many letters must be put in, left out, replaced or exchanged with their neighbour to make one word of the other.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > 40)
        {
            return int.MaxValue;
        }

        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                var replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
