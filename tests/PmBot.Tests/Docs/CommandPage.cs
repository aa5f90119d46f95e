using System.Text;
using PmBot.Mattermost.Commands;

namespace PmBot.Tests.Docs;

/// <summary>The part of a command's page that comes from its table of verbs, between two marks; all else in the page is written by hand.</summary>
internal static class CommandPage
{
    private const string Begin = "<!-- verbs: from the command's table; PMBOT_ACCEPT=1 writes them (CONTRIBUTING.md) -->";
    private const string End = "<!-- end of the verbs -->";

    /// <summary>The page with its verbs as the table has them now.</summary>
    /// <exception cref="FormatException">The page lacks a mark.</exception>
    public static string WithVerbs<T>(string page, string trigger, VerbTable<T> table)
    {
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        return begin < 0 || end < begin
            ? throw new FormatException($"The page of /{trigger} needs a line \"{Begin}\" and behind it a line \"{End}\".")
            : page[..begin] + Begin + "\n" + Verbs(trigger, table) + "\n" + page[end..];
    }

    private static string Verbs<T>(string trigger, VerbTable<T> table)
    {
        var text = new StringBuilder();
        foreach (var group in table.Groups)
        {
            text.Append($"\n### {group.Heading}\n\n| | | who may |\n| :-- | :-- | :-- |\n");
            foreach (var verb in group.Verbs)
            {
                text.Append($"| [`{verb.Name}`](#{verb.Name}) | {verb.Does} | {verb.Who} |\n");
            }

            foreach (var verb in group.Verbs)
            {
                text.Append($"\n#### {verb.Name}\n\n```\n{string.Concat(verb.Usages.Select(u => $"/{trigger} {u}\n"))}```\n\n")
                    .Append($"{char.ToUpperInvariant(verb.Does[0])}{verb.Does[1..]}.")
                    .Append(verb.Notes is { } notes ? $" {notes}\n" : "\n")
                    .Append($"\nFor example: {string.Join(", ", verb.Examples.Select(e => $"`/{trigger} {e}`"))}\n");
            }
        }

        return text.ToString();
    }
}
