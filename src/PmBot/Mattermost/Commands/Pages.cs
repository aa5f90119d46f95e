using System.Text;

namespace PmBot.Mattermost.Commands;

/// <summary>Long answers, page by page: nothing is lost by being too long for one message.</summary>
internal static class Pages
{
    /// <summary>How much of a message is filled before the rest goes to the next page; the head and foot of the answer need some room.</summary>
    public const int Length = 12_000;

    /// <summary>How many characters an answer usually has, to begin with room for them.</summary>
    public const int UsualLength = 1024;

    /// <summary>Puts blocks together as long as they fit into one message; the rest is on further pages, each below the same head.</summary>
    /// <param name="blocks">Pieces that are not torn apart, with their line ends.</param>
    /// <param name="page">Which page, from 1.</param>
    /// <param name="command">The command that shows a page, as code.</param>
    /// <param name="head">What stands above each page.</param>
    public static string Of(IReadOnlyList<string> blocks, int page, Func<int, string> command, string head = "")
    {
        var answer = new LongAnswer(blocks.Sum(block => block.Length));
        foreach (var block in blocks)
        {
            answer.Text.Append(block);
            answer.EndPiece();
        }

        return answer.Page(page, command, head);
    }
}

/// <summary>A long answer on its way: its text, and where it may be cut into pages.</summary>
/// <param name="usual">How many characters there is room for from the beginning.</param>
internal sealed class LongAnswer(int usual)
{
    private readonly List<int> _ends = [];

    /// <summary>What it has so far.</summary>
    public StringBuilder Text { get; } = new(usual);

    /// <summary>Ends a piece, with its line end, that is not torn apart.</summary>
    public void EndPiece() => _ends.Add(Text.Length);

    /// <summary>One page of it.</summary>
    /// <param name="page">Which, from 1.</param>
    /// <param name="command">The command that shows a page, as code.</param>
    /// <param name="head">What stands above each page.</param>
    public string Page(int page, Func<int, string> command, string head = "")
    {
        List<int> starts = [0];
        for (var i = 1; i < _ends.Count; i++)
        {
            if (head.Length + _ends[i] - starts[^1] > Pages.Length && _ends[i - 1] > starts[^1])
            {
                starts.Add(_ends[i - 1]);
            }
        }

        if (page > starts.Count)
        {
            return $"There is no page {page}; there {(starts.Count == 1 ? "is one" : $"are {starts.Count}")}: {command(1)}";
        }

        var (from, to) = (starts[page - 1], page < starts.Count ? starts[page] : Text.Length);
        var text = string.Concat(head, Text.ToString(from, to - from)).TrimEnd('\n');
        return starts.Count == 1 ? text : $"{text}\n\nPage {page} of {starts.Count}." + (page < starts.Count ? $" Next: {command(page + 1)}" : "");
    }
}
