using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace PmBot.Mattermost;

/// <summary>
/// The one place where text that users supplied is made safe to stand in a message: it mentions nobody, breaks no table, link or
/// line, and reads in the direction it stands in. Whom to interrupt is decided where a message is made, never by a text it quotes.
/// </summary>
public static partial class Markdown
{
    // A zero-width space between @ and the word: it looks the same and is no mention.
    private const string Gap = "\u200b";

    // None of them, nor a row of them, is anything but text, unless a line begins with it; most texts have no others.
    private static readonly SearchValues<char> Ordinary =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -_/.,:;'\"()?!=%&+");

    /// <summary>A text of one or more lines, for a place of its own.</summary>
    public static string Text(string value) => Quiet(value.ReplaceLineEndings("\n").Trim());

    /// <summary>A text within a sentence or a table's cell: one line, its Markdown shown rather than obeyed where it could break out.</summary>
    public static string Inline(string value)
    {
        if (IsOrdinary(value) && char.IsAsciiLetter(value[0]))
        {
            return value;
        }

        var text = new StringBuilder();
        var line = Quiet(OneLine(value));

        // At the beginning of a list's item or of a frame's text it would otherwise become a heading, a list or a quotation.
        var block = BlockBeginning().Match(line) is { Success: true } begins ? begins.Groups["sign"].Index : -1;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (i == block || c is '|' or '`' or '[' or ']' or '\\')
            {
                text.Append('\\');
            }

            text.Append(c);
        }

        return text.ToString();
    }

    /// <summary>
    /// A text for a place that shows no Markdown but links, such as the title or the footer of an attachment: one line, without
    /// backslashes, which would be seen there.
    /// </summary>
    public static string Plain(string value) => Quiet(OneLine(value)).Replace("](", "]" + Gap + "(", StringComparison.Ordinal);

    /// <summary>A text as code within a sentence: shown to the letter, without notifying anybody.</summary>
    public static string Code(string value)
    {
        if (IsOrdinary(value))
        {
            return $"`{value}`";
        }

        var text = Harmless(OneLine(value));
        if (text.Length == 0)
        {
            return "` `";
        }

        // A fence longer than any run of back-ticks inside holds them.
        var fence = new string('`', text.Contains('`', StringComparison.Ordinal) ? LongestRun(text) + 1 : 1);
        var pad = text[0] == '`' || text[^1] == '`' ? " " : "";
        return fence + pad + text + pad + fence;
    }

    /// <summary>Cuts to a number of characters, with an ellipsis, never through a surrogate pair. For labels, never for content.</summary>
    public static string Shorten(string value, int length)
    {
        if (value.Length <= length)
        {
            return value;
        }

        var end = length - 1;
        return value[..(end > 0 && char.IsHighSurrogate(value[end - 1]) ? end - 1 : end)] + "…";
    }

    /// <summary>Whether there is nothing to be done about a text: it is asked often, and what would be done takes several regular expressions.</summary>
    private static bool IsOrdinary(string value) => !value.AsSpan().ContainsAnyExcept(Ordinary) && IsOneLine(value);

    /// <summary>One line. Some line ends are control characters, so they become spaces before these are taken out; two spaces may be left then.</summary>
    private static string OneLine(string value) =>
        IsOneLine(value) ? value : WhiteSpace().Replace(Control().Replace(WhiteSpace().Replace(value, " "), ""), " ").Trim();

    // Among printable ASCII characters there are no others that are white space or control characters.
    private static bool IsOneLine(string value) =>
        value.Length > 0 && value[0] != ' ' && value[^1] != ' ' && !value.AsSpan().ContainsAnyExceptInRange(' ', '~') && !value.Contains("  ", StringComparison.Ordinal);

    /// <summary>Without mentions of users, too: the server looks for them everywhere but in code.</summary>
    private static string Quiet(string value) => UserMention().Replace(Harmless(value), "@" + Gap);

    /// <summary>Without mentions of groups, by their names or as Slack writes them, which Mattermost understands in answers to webhooks.</summary>
    private static string Harmless(string value)
    {
        // Printable ASCII characters control nothing, and without its sign there is no mention: most texts need none of these.
        var text = value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? Control().Replace(value, "") : value;
        text = text.Contains('@', StringComparison.Ordinal) ? GroupMention().Replace(text, m => "@" + Gap + m.Groups["group"].Value) : text;
        return text.Contains('<', StringComparison.Ordinal) ? SlackTag().Replace(text, "<" + Gap) : text;
    }

    private static int LongestRun(string text) => BackTicks().Matches(text).Max(m => m.Length);

    // An underscore, a dot or a dash behind the word does not end the mention for Mattermost, so neither do they here.
    [GeneratedRegex("@(?<group>all|channel|here)(?![a-z0-9])", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex GroupMention();

    // Behind a Latin letter or digit it is an address such as sam@example.com. Usernames have none but these characters.
    [GeneratedRegex("(?<![a-z0-9])@(?=[a-z0-9._-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UserMention();

    // <!channel>, <@id>, <#id>, <https://a|b>.
    [GeneratedRegex("<(?=[!@#a-z])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SlackTag();

    // The sign that makes a block of the line.
    [GeneratedRegex(@"\A(?:(?<sign>#)\#{0,5}(?:\s|\z)|(?<sign>>)|(?<sign>[-+*])(?:[-*\s]|\z)|(?<sign>_)[_\s]+\z|(?<sign>~)~~|[0-9]{1,9}(?<sign>[.)])(?:\s|\z))", RegexOptions.ExplicitCapture)]
    private static partial Regex BlockBeginning();

    // Characters that change the direction of what follows, and other invisible control characters, tabs and line ends excepted.
    [GeneratedRegex("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")]
    private static partial Regex Control();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex("`+")]
    private static partial Regex BackTicks();
}
