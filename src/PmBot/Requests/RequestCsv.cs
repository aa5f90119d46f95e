using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace PmBot.Requests;

/// <summary>A line of a CSV file; with line breaks in its cells it takes several lines of the text.</summary>
/// <param name="Number">The line of the text in which it begins, from 1.</param>
/// <param name="Row">Its number as a spreadsheet counts, from 1: each line of the file is one, however long.</param>
/// <param name="Cells">Its cells, as they were before they were guarded.</param>
/// <param name="IsBroken">A quoted cell goes on behind its closing quote, so what it means is a guess.</param>
internal sealed record CsvLine(long Number, long Row, IReadOnlyList<string> Cells, bool IsBroken);

/// <summary>What became of a file that was read as CSV.</summary>
internal abstract record CsvContent
{
    private CsvContent()
    {
    }

    /// <summary>It is CSV.</summary>
    /// <param name="Header">The first line that is not empty.</param>
    /// <param name="Lines">The other lines that are not empty.</param>
    public sealed record Table(CsvLine Header, IReadOnlyList<CsvLine> Lines) : CsvContent;

    /// <summary>It cannot be read; the sentence says why, and what to do.</summary>
    public sealed record Unreadable(string Problem) : CsvContent;
}

/// <summary>
/// CSV as RFC 4180 and spreadsheets have it. A cell that a spreadsheet would take for a formula is guarded by an apostrophe before it, which
/// is taken off again when it is read.
/// </summary>
internal static class RequestCsv
{
    /// <summary>Full-width variants stand in it too: some spreadsheets take them for the narrow ones.</summary>
    private const string Formula = "=+-@\uff1d\uff0b\uff0d\uff20";

    /// <summary>A text with an apostrophe before it, if a spreadsheet could take it for a formula.</summary>
    public static string Guard(string text) => IsRisky(text) ? "'" + text : text;

    /// <summary>The text that <see cref="Guard"/> was given.</summary>
    public static string Unguard(string cell) => cell.StartsWith('\'') && IsRisky(cell) ? cell[1..] : cell;

    /// <summary>Writes UTF-8 with a byte order mark, by which spreadsheets know it, and CRLF at the end of each line.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    public static CsvWriter To(Stream stream) => CsvWriter.Create(stream, new CsvWriterOptions { WriteByteOrderMark = true }, leaveOpen: true);

    /// <summary>Writes a line, its cells guarded.</summary>
    public static void Line(this CsvWriter writer, IEnumerable<string?> cells)
    {
        foreach (var cell in cells)
        {
            // NUL has no meaning in a text, and makes readers believe that the file is none.
            writer.WriteField(Guard(cell ?? "").Replace("\0", "", StringComparison.Ordinal));
        }

        writer.EndRecord();
    }

    /// <summary>Reads a file: UTF-8, its cells divided by whichever of comma, semicolon and tab its first line has most of.</summary>
    /// <param name="content">The file.</param>
    /// <param name="mostLines">With more lines below its header it is not read to its end.</param>
    public static CsvContent Read(byte[] content, int mostLines)
    {
        if (content.Contains((byte)0) || !Utf8.IsValid(content))
        {
            return new CsvContent.Unreadable("is no UTF-8 text, so its letters cannot be told. In a spreadsheet, save it as \"CSV UTF-8\".");
        }

        long? open = null;
        var broken = new HashSet<long>();
        using var reader = CsvReader.Create(content, new CsvReaderOptions
        {
            HasHeader = false,
            Separator = SeparatorOf(content),
            SkipEmptyLines = false,
            TrackLineNumbers = true,
            MaxRecordSize = Math.Max(content.Length, 1024) * 2,
            OnMalformedRecord = record =>
            {
                if (record.Reason == CsvMalformedReason.UnterminatedQuote)
                {
                    open = record.LineNumber;
                }
                else if (record.Reason == CsvMalformedReason.TextAfterClosingQuote)
                {
                    broken.Add(record.LineNumber);
                }
            },
        });
        CsvLine? header = null;
        var lines = new List<CsvLine>();
        for (var row = 1L; reader.Read(); row++)
        {
            var number = reader.LineNumber;
            var cells = Enumerable.Range(0, reader.FieldCount).Select(i => Unguard(reader.GetString(i)).Replace("\0", "", StringComparison.Ordinal)).ToList();
            if (open is { } line)
            {
                return new CsvContent.Unreadable($"has a quote (\") in line {line} that is never closed, so where its cells end cannot be told.");
            }

            if (cells.TrueForAll(string.IsNullOrWhiteSpace))
            {
                continue;
            }

            var read = new CsvLine(number, row, cells, broken.Contains(number));
            if (header is null)
            {
                header = read;
                continue;
            }

            lines.Add(read);
            if (lines.Count > mostLines)
            {
                return new CsvContent.Unreadable($"has more than {mostLines} lines. Split it; each part needs the header.");
            }
        }

        return header is null
            ? new CsvContent.Unreadable("is empty.")
            : new CsvContent.Table(header, lines);
    }

    /// <summary>Whether the first character that a spreadsheet heeds begins a formula; apostrophes before it may be guards, or text that looks like one.</summary>
    private static bool IsRisky(string text)
    {
        var bare = text.AsSpan().TrimStart('\'');
        if (bare.Length > 0 && bare[0] is '\t' or '\r' or '\n')
        {
            return true;
        }

        foreach (var rune in bare.EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) != System.Globalization.UnicodeCategory.Format)
            {
                return rune.IsBmp && Formula.Contains((char)rune.Value, StringComparison.Ordinal);
            }
        }

        return false;
    }

    /// <summary>The header decides alone: what stands in the lines below it are texts, which may have any number of commas.</summary>
    private static char SeparatorOf(ReadOnlySpan<byte> content)
    {
        Span<int> counts = stackalloc int[3];
        var quoted = false;
        var begun = false;
        foreach (var b in content)
        {
            if (b == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && b is (byte)'\r' or (byte)'\n')
            {
                if (begun)
                {
                    break;
                }

                continue;
            }
            else if (!quoted && ",;\t".IndexOf((char)b, StringComparison.Ordinal) is >= 0 and var found)
            {
                counts[found]++;
            }

            begun = true;
        }

        return counts[1] > counts[0] && counts[1] >= counts[2] ? ';' : counts[2] > counts[0] ? '\t' : ',';
    }
}
