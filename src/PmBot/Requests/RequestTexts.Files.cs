using System.Text;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;

namespace PmBot.Requests;

/// <summary>What is said of an imported file beside the lines that are wrong.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Count">How many lines it has below its header.</param>
/// <param name="Wrong">The lines that cannot be imported.</param>
/// <param name="Twice">The lines of which title and customer are those of an open request, or of an earlier line.</param>
/// <param name="Unknown">Headers that mean nothing here.</param>
/// <param name="Own">Headers of columns that the bot writes and does not read.</param>
internal sealed record ImportNotes(
    string Name, int Count, IReadOnlyList<CheckedRow> Wrong, IReadOnlyList<CsvLine> Twice, IReadOnlyList<string> Unknown, IReadOnlyList<string> Own);

internal sealed partial class RequestTexts
{
    /// <summary>The most lines of a file that an answer names as wrong.</summary>
    private const int MostWrong = 40;

    /// <summary>How much of an answer is filled with the lines that are wrong.</summary>
    private const int MostWrongText = 10_000;

    /// <summary>The answer to an export.</summary>
    public static string Exports(long count) => $"The file comes to you as a direct message: {When.Count(count, "request")}.";

    /// <summary>The answer to an export of nothing.</summary>
    public string NothingToExport() => $"There are no requests yet, so there is no file. File one: {Command("new TITLE")}";

    /// <summary>The message that brings the file.</summary>
    public string Exported() =>
        "All customer requests, as a CSV file. Times are in UTC. A cell that a spreadsheet would take for a formula has an apostrophe (`'`) before it. "
        + $"How such a file is read in: {Command("help import")}";

    /// <summary>The numbers of requests that were filed at once.</summary>
    public static string Ids(long first, int count) => count switch
    {
        1 => Id(first),
        2 => $"{Id(first)} and {Id(first + 1)}",
        _ => $"{Id(first)} to {Id(first + count - 1)}",
    };

    /// <summary>The post in the product managers' channel.</summary>
    public string Imported(string actor, long first, int count, int nobodys) =>
        $"{actor} imported {When.Count(count, "request")}: {Ids(first, count)}{Nobodys(count, nobodys)}. {Command(nobodys > 0 ? "list unassigned" : "list")}";

    /// <summary>The answer to an import.</summary>
    public string Imported(ImportNotes notes, long first, int count, int nobodys, bool others, string? channelName)
    {
        var text = new StringBuilder($"**{When.Count(count, "request")}** of {Markdown.Code(notes.Name)} {(count == 1 ? "is" : "are")} imported: {Ids(first, count)}{Nobodys(count, nobodys)}.");
        text.Append(others ? " The assignees are told." : "");
        text.Append(channelName is null ? "" : $" Announced in ~{channelName}.");
        text.Append(nobodys > 0 ? $" What is obvious, {Command("auto")} assigns." : "");
        text.Append($" See them: {Command("list")}, one in full: {Command($"{first}")}. An import cannot be taken back; to correct one: {Command($"edit {first} FIELD VALUE")}");
        Append(text, notes);
        if (notes.Wrong.Count > 0)
        {
            text.Append($"\n\nNot imported, **{notes.Wrong.Count} of {notes.Count} lines**:\n");
            Append(text, notes.Wrong);
            text.Append("Correct these and attach them as a new file.");
        }

        return text.ToString();
    }

    /// <summary>The answer to an import that was only tried.</summary>
    public string WouldImport(ImportNotes notes, int count, int nobodys, string again, bool partial)
    {
        if (notes.Wrong.Count > 0 && !partial)
        {
            return NotImported(notes, again);
        }

        var text = new StringBuilder($"**{When.Count(count, "request")}** of {Markdown.Code(notes.Name)} would be imported{Nobodys(count, nobodys)}.");
        Append(text, notes);
        if (notes.Wrong.Count > 0)
        {
            text.Append($"\n\nLeft out, **{notes.Wrong.Count} of {notes.Count} lines**:\n");
            Append(text, notes.Wrong);
        }
        else
        {
            text.Append("\n\n");
        }

        return text.Append($"Nothing was imported yet. Do it: {Command(again + (partial ? " --partial" : ""))}").ToString();
    }

    /// <summary>The answer to a file with lines that are wrong.</summary>
    public string NotImported(ImportNotes notes, string again)
    {
        var text = new StringBuilder($"**{notes.Wrong.Count} of {When.Count(notes.Count, "line")}** of {Markdown.Code(notes.Name)} cannot be imported:\n");
        Append(text, notes.Wrong);
        var right = notes.Count - notes.Wrong.Count;
        text.Append("Nothing was imported. Correct the file and attach it anew")
            .Append(right > 0 ? $"; or import the {(right == 1 ? "one line that is" : $"{right} lines that are")} right: {Command(again + " --partial")}" : ".");
        Append(text, notes);
        return text.ToString();
    }

    /// <summary>A file that was imported before.</summary>
    public static string ImportedAlready(string file, HistoryEntry before, Setting setting) =>
        $"{Markdown.Code(file)} of that post was imported already, by {setting.Names.Of(before.ActorId)} on {setting.Time(before.At)}, as {before.After}. "
        + "Nothing was imported. To import more, attach a new file with the other lines.";

    /// <summary>Where a line is: in the text, and in a spreadsheet where line breaks in cells make that another number.</summary>
    private static string Line(CsvLine line) => line.Row == line.Number ? $"line {line.Number}" : $"line {line.Number} (row {line.Row} of a spreadsheet)";

    private static string Nobodys(int count, int nobodys) =>
        nobodys == 0 ? "" : nobodys == count ? count == 1 ? ", nobody's yet" : ", all of them nobody's yet" : $", {nobodys} of them nobody's";

    private static void Append(StringBuilder text, IReadOnlyList<CheckedRow> wrong)
    {
        var end = text.Length + MostWrongText;
        for (var i = 0; i < wrong.Count; i++)
        {
            var line = $"- {Line(wrong[i].Line)}: {string.Join("; ", wrong[i].Problems)}\n";
            if (i == MostWrong || text.Length + line.Length > end)
            {
                text.Append($"- and {wrong.Count - i} more\n");
                return;
            }

            text.Append(line);
        }
    }

    private static void Append(StringBuilder text, ImportNotes notes)
    {
        if (notes.Twice.Count > 0)
        {
            text.Append($"\n{(notes.Twice.Count == 1 ? "1 line has" : $"{notes.Twice.Count} lines have")} the title and customer of an open request or of an earlier line: {Some(notes.Twice.Select(Line))}.");
        }

        if (notes.Own.Count > 0)
        {
            text.Append($"\nNot read, for an imported request is open and gets a number of its own: {Columns(notes.Own)}.");
        }

        if (notes.Unknown.Count > 0)
        {
            text.Append($"\nNot read, for I know no such columns: {Columns(notes.Unknown)}.");
        }

        static string Columns(IReadOnlyList<string> headers) => Some(headers.Select(h => Markdown.Code(Markdown.Shorten(h, 40))));

        static string Some(IEnumerable<string> all)
        {
            var some = all.Take(MostIds + 1).ToList();
            return some.Count > MostIds ? string.Join(", ", some.Take(MostIds)) + " …" : string.Join(", ", some);
        }
    }
}
