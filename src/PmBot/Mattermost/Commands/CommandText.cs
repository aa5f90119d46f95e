using System.Text;

namespace PmBot.Mattermost.Commands;

/// <summary>A word of a command: its text, and where it stands in what was typed.</summary>
/// <param name="Text">The word, without the quotes around it.</param>
/// <param name="Start">The index of its first character, quotes included.</param>
/// <param name="End">The index behind its last character, quotes included.</param>
/// <param name="Quoted">It was put in quotes, so it is never a flag.</param>
public readonly record struct Word(string Text, int Start, int End, bool Quoted);

/// <summary>What a user typed behind a slash command's trigger, taken apart into words and flags.</summary>
/// <remarks>
/// Quotes group words, straight or curly, for phones make them curly by themselves; so is <c>—</c> taken for the <c>--</c> it was
/// made from. A quote that is never closed is an ordinary character: nothing typed is lost.
/// </remarks>
public sealed class CommandText
{
    private readonly string _text;
    private readonly List<Word> _words = [];
    private readonly List<KeyValuePair<string, string?>> _flags = [];

    private CommandText(string text) => _text = text;

    /// <summary>The words that are neither flags nor their values.</summary>
    public IReadOnlyList<Word> Words => _words;

    /// <summary>A sentence about the first flag that is unknown or lacks its value, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Splits <paramref name="text"/>; <paramref name="flags"/> says which flags there are and whether they take a value.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="flags">The flags, without dashes.</param>
    /// <param name="phrases">
    /// Flags whose value may be of several words without quotes, for so people type names: behind a first word that is no flag, it goes
    /// on until the next flag or <c>@user</c>.
    /// </param>
    public static CommandText Split(string text, IReadOnlyDictionary<string, bool> flags, IReadOnlyCollection<string>? phrases = null)
    {
        var result = new CommandText(text);
        var words = Scan(text);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word.Quoted || FlagName(word.Text) is not { } name)
            {
                result._words.Add(word);
            }
            else if (!flags.TryGetValue(name, out var takesValue))
            {
                result.Problem ??= $"There is no flag {Markdown.Code("--" + name)} here. "
                    + (flags.Count == 0 ? "This verb has none." : $"There is {string.Join(", ", flags.Keys.Select(f => $"`--{f}`"))}.");
            }
            else if (!takesValue)
            {
                result._flags.Add(new(name, null));
            }
            else if (i + 1 < words.Count && (words[i + 1].Quoted || FlagName(words[i + 1].Text) is null))
            {
                var first = words[++i];
                var last = i;
                while (!first.Quoted && result._words.Count > 0 && phrases?.Contains(name) == true && last + 1 < words.Count && IsOfPhrase(words[last + 1]))
                {
                    last++;
                }

                result._flags.Add(new(name, last == i ? first.Text : text[first.Start..words[last].End]));
                i = last;
            }
            else
            {
                result.Problem ??= $"`--{name}` needs a value behind it.";
            }
        }

        return result;
    }

    /// <summary>Whether the flag was given.</summary>
    public bool Has(string flag) => _flags.Exists(f => f.Key == flag);

    /// <summary>The flag's value, or null if it was not given; the last one, if it was given more than once.</summary>
    public string? Flag(string flag) => _flags.FindLast(f => f.Key == flag).Value;

    /// <summary>All values of a flag that makes sense more than once.</summary>
    public IReadOnlyList<string> Flags(string flag) => [.. _flags.Where(f => f.Key == flag).Select(f => f.Value).OfType<string>()];

    /// <summary>
    /// What was typed from word <paramref name="index"/> on, spaces and line breaks as they were. If it is one quoted word, its quotes
    /// are left out.
    /// </summary>
    public string From(int index)
    {
        if (index >= _words.Count)
        {
            return "";
        }

        if (index == _words.Count - 1)
        {
            return _words[index].Text;
        }

        // Flags that stand between the words are left out.
        var text = new StringBuilder();
        for (var i = index; i < _words.Count; i++)
        {
            text.Append(_text, _words[i].Start, _words[i].End - _words[i].Start);
            if (i + 1 < _words.Count)
            {
                var gap = _text[_words[i].End.._words[i + 1].Start];
                text.Append(string.IsNullOrWhiteSpace(gap) ? gap : " ");
            }
        }

        return text.ToString();
    }

    private static bool IsOfPhrase(Word word) => word.Quoted || (FlagName(word.Text) is null && word.Text[0] != '@');

    private static string? FlagName(string word) =>
        word.StartsWith("--", StringComparison.Ordinal) && word.Length > 2 && char.IsAsciiLetter(word[2]) ? word[2..].ToLowerInvariant()
        : word.Length > 1 && word[0] is '—' or '–' && char.IsAsciiLetter(word[1]) ? word[1..].ToLowerInvariant()
        : null;

    private static List<Word> Scan(string text)
    {
        var words = new List<Word>();

        // Looked up once: many quotes that are never closed must not each be followed to the end of a long text.
        var lastClose = text.Length - 1;
        while (lastClose >= 0 && !Closes(text, lastClose))
        {
            lastClose--;
        }

        var i = 0;
        while (i < text.Length)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var close = i < lastClose ? ClosingQuote(text, i) : -1;
            if (close > i)
            {
                words.Add(new Word(text[(i + 1)..close], i, close + 1, Quoted: true));
                i = close + 1;
                continue;
            }

            var end = i;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            words.Add(new Word(text[i..end], i, end, Quoted: false));
            i = end;
        }

        return words;
    }

    /// <summary>The index of the quote that closes the one at <paramref name="start"/> and ends a word, or -1.</summary>
    private static int ClosingQuote(string text, int start)
    {
        if (!IsQuote(text[start]))
        {
            return -1;
        }

        for (var i = start + 1; i < text.Length; i++)
        {
            if (Closes(text, i))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Closes(string text, int i) => IsQuote(text[i]) && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1]));

    private static bool IsQuote(char c) => c is '"' or '“' or '”' or '„';
}
