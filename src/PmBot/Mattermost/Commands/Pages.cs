using System.Text;

namespace PmBot.Mattermost.Commands;

/// <summary>Long answers, page by page: nothing is lost by being too long for one message.</summary>
internal static class Pages
{
    /// <summary>How much of a message is filled before the rest goes to the next page; the head and foot of the answer need some room.</summary>
    public const int Length = 12_000;

    /// <summary>Puts blocks together as long as they fit into one message; the rest is on further pages, each below the same head.</summary>
    /// <param name="blocks">Pieces that are not torn apart, with their line ends.</param>
    /// <param name="page">Which page, from 1.</param>
    /// <param name="command">The command that shows a page, as code.</param>
    /// <param name="head">What stands above each page.</param>
    public static string Of(IReadOnlyList<string> blocks, int page, Func<int, string> command, string head = "")
    {
        var pages = new List<StringBuilder> { new(head) };
        foreach (var block in blocks)
        {
            if (pages[^1].Length > head.Length && pages[^1].Length + block.Length > Length)
            {
                pages.Add(new StringBuilder(head));
            }

            pages[^1].Append(block);
        }

        if (page > pages.Count)
        {
            return $"There is no page {page}; there {(pages.Count == 1 ? "is one" : $"are {pages.Count}")}: {command(1)}";
        }

        return pages[page - 1].ToString().TrimEnd('\n')
            + (pages.Count == 1 ? "" : $"\n\nPage {page} of {pages.Count}." + (page < pages.Count ? $" Next: {command(page + 1)}" : ""));
    }
}
