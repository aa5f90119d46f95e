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
        var starts = new List<int> { 0 };
        var length = head.Length;
        for (var i = 0; i < blocks.Count; i++)
        {
            if (length > head.Length && length + blocks[i].Length > Length)
            {
                starts.Add(i);
                length = head.Length;
            }

            length += blocks[i].Length;
        }

        if (page > starts.Count)
        {
            return $"There is no page {page}; there {(starts.Count == 1 ? "is one" : $"are {starts.Count}")}: {command(1)}";
        }

        var text = new StringBuilder(head, starts.Count == 1 ? length : Length);
        foreach (var block in blocks.Take(starts[page - 1]..(page < starts.Count ? starts[page] : blocks.Count)))
        {
            text.Append(block);
        }

        while (text.Length > 0 && text[^1] == '\n')
        {
            text.Length--;
        }

        if (starts.Count > 1)
        {
            text.Append($"\n\nPage {page} of {starts.Count}.").Append(page < starts.Count ? $" Next: {command(page + 1)}" : "");
        }

        return text.ToString();
    }
}
