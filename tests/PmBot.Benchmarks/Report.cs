using System.Text;

namespace PmBot.Benchmarks;

/// <summary>What was measured, in Markdown: each table is shown when its part is done, and all of them once more at the end.</summary>
internal sealed class Report
{
    private readonly StringBuilder _text = new();

    /// <summary>Begins a table.</summary>
    public void Begin(string title, IReadOnlyList<string> columns, string note)
    {
        _text.Append($"\n### {title}\n\n{note}\n\n");
        Line(columns);
        Line([.. columns.Select((_, n) => n == 0 ? ":--" : "--:")]);
    }

    /// <summary>Adds a row to the table.</summary>
    public void Row(params IReadOnlyList<string> cells) => Line(cells);

    /// <summary>Adds a text below the table.</summary>
    public void Say(string text)
    {
        Console.Error.WriteLine(text);
        _text.Append('\n').Append(text).Append('\n');
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void Line(IReadOnlyList<string> cells)
    {
        var line = $"| {string.Join(" | ", cells)} |";
        Console.Error.WriteLine(line);
        _text.Append(line).Append('\n');
    }
}

/// <summary>How a run is made.</summary>
/// <param name="Folder">Where stores are made: on a disk, for a commit to memory proves nothing.</param>
/// <param name="Rounds">How often each thing is measured; the median counts.</param>
/// <param name="Time">How long each is measured in a round.</param>
/// <param name="IsQuick">Whether the big stores are left out.</param>
internal sealed record SpeedOptions(string Folder, int Rounds, TimeSpan Time, bool IsQuick);
