using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using PmBot.Requests;

namespace PmBot.Tests.Requests;

/// <summary>CSV, read and written: what is written is what is read, and what cannot be read is said with its line.</summary>
[TestFixture]
internal sealed class RequestCsvTests
{
    private const int Most = 100;

    private static readonly Gen<string> Cells =
        from parts in Gen.Elements("a", " ", "\"", ",", ";", "\t", "\n", "\r\n", "\r", "'", "=", "+", "-", "@", "\uff1d", "\u200b", "\ufeff", "ü", "\U0001F600", "|", "sep=;")
            .ListOf()
        select string.Concat(parts);

    [Test]
    public void What_is_written_is_read_again()
    {
        var tables = from width in Gen.Choose(1, 5)
                     from rows in Cells.ListOf(width).NonEmptyListOf()
                     select rows.Select(r => r.ToArray()).ToArray();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Arb.From(tables), rows =>
        {
            string[][] expected = [.. rows.Where(r => r.Any(c => !string.IsNullOrWhiteSpace(c)))];
            var header = Enumerable.Range(0, rows[0].Length).Select(i => $"column {i}").ToArray();
            var read = Read(Written([header, .. rows])) as CsvContent.Table ?? throw new InvalidOperationException("It cannot be read.");
            return read.Header.Cells.SequenceEqual(header) && read.Lines.Count == expected.Length
                && read.Lines.Zip(expected).All(p => p.First.Cells.SequenceEqual(p.Second) && !p.First.IsBroken);
        }));
    }

    [Test]
    public void A_guarded_text_begins_no_formula_and_is_known_again() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Arb.From(Cells), text =>
        {
            var cell = RequestCsv.Guard(text);
            var first = cell.FirstOrDefault(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && c is not ('\u200b' or '\ufeff'));
            return RequestCsv.Unguard(cell) == text && !"=+-@\uff1d".Contains(first, StringComparison.Ordinal) && (cell.Length == 0 || cell[0] is not ('\t' or '\r'));
        }));

    [TestCase("=1+1", "'=1+1")]
    [TestCase("  =1+1", "'  =1+1")]
    [TestCase("-2", "'-2")]
    [TestCase("@sum(1)", "'@sum(1)")]
    [TestCase("+1", "'+1")]
    [TestCase("\tx", "'\tx")]
    [TestCase("\rx", "'\rx")]
    [TestCase("\u0001=x", "'\u0001=x")]
    [TestCase("\uff1dx", "'\uff1dx")]
    [TestCase("\uff20x", "'\uff20x")]
    [TestCase("'=x", "''=x")]
    [TestCase("a=b", "a=b")]
    [TestCase("'tis", "'tis")]
    [TestCase("", "")]
    public void A_formula_is_guarded(string text, string cell) => Assert.That((RequestCsv.Guard(text), RequestCsv.Unguard(cell)), Is.EqualTo((cell, text)));

    [Test]
    public void It_is_written_as_RFC_4180_has_it() => Assert.That(
        Written([["title", "say"], ["a, \"b\"", "one\ntwo"], ["=c", ""]]),
        Is.EqualTo(Encoding.UTF8.Preamble.ToArray().Concat(Encoding.UTF8.GetBytes("title,say\r\n\"a, \"\"b\"\"\",\"one\ntwo\"\r\n'=c,\r\n"))));

    [Test]
    public void NUL_is_left_out() => Assert.That(Encoding.UTF8.GetString(Written([["a\0b"]])), Does.EndWith("ab\r\n"));

    [TestCase("title,customer\na,b")]
    [TestCase("title;customer\na;b")]
    [TestCase("title\tcustomer\na\tb")]
    [TestCase("title,customer\r\na,b\r\n")]
    [TestCase("title,customer\ra,b\r")]
    [TestCase("\n\r\ntitle,customer\n\n , \na,b\n\n")]
    [TestCase("\"title\";\"customer\"\n\"a\";\"b\"")]
    [TestCase("\ufefftitle,customer\na,b")]
    public void Separators_line_ends_and_marks_are_taken_as_they_come(string text)
    {
        var table = Table(text);
        Assert.That(table.Header.Cells, Is.EqualTo(["title", "customer"]));
        Assert.That(table.Lines.Single().Cells, Is.EqualTo(["a", "b"]));
    }

    [Test]
    public void The_header_alone_says_what_separates() => Assert.That(Table("title\na; b; c\nd, e").Lines[0].Cells, Is.EqualTo(["a; b; c"]));

    [Test]
    public void A_line_is_named_by_where_it_begins_in_the_text_and_in_a_spreadsheet()
    {
        var table = Table("title,say\na,\"one\ntwo\n\nthree\"\n\nb,c\n");
        Assert.That(table.Lines.Select(l => (l.Number, l.Row, l.Cells[0])), Is.EqualTo([(2L, 2L, "a"), (7L, 4L, "b")]));
        Assert.That(table.Lines[0].Cells[1], Is.EqualTo("one\ntwo\n\nthree"));
    }

    [Test]
    public void A_quote_that_is_never_closed_is_named_with_its_line() =>
        Assert.That(Problem("title,say\na,b\nc,\"d\ne,f\ng,h\n"), Does.StartWith("has a quote (\") in line 3 that is never closed"));

    [Test]
    public void Text_behind_a_closing_quote_breaks_its_line_only() =>
        Assert.That(Table("title\n\"a\" b\n\"c\"\n5\" screen\n").Lines.Select(l => l.IsBroken), Is.EqualTo([true, false, false]));

    [Test]
    public void Ragged_lines_have_the_cells_that_they_have() =>
        Assert.That(Table("a,b\n1\n1,2,3\n").Lines.Select(l => l.Cells.Count), Is.EqualTo([1, 3]));

    [Test]
    public void What_is_no_UTF_8_is_refused()
    {
        Assert.That(Problem(Encoding.Latin1.GetBytes("title\nKöln\n")), Does.Contain("CSV UTF-8"));
        Assert.That(Problem(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("title\na\n")).ToArray()), Does.Contain("CSV UTF-8"));
        Assert.That(Problem("title\na\0b\n"), Does.Contain("CSV UTF-8"));
    }

    [TestCase("")]
    [TestCase("\ufeff")]
    [TestCase("\n\n")]
    [TestCase(" , ,\n")]
    public void What_holds_nothing_is_refused(string text) => Assert.That(Problem(text), Is.EqualTo("is empty."));

    [Test]
    public void Too_many_lines_are_refused()
    {
        Assert.That(Read("title\n" + string.Concat(Enumerable.Repeat("a\n", Most))), Is.InstanceOf<CsvContent.Table>());
        Assert.That(Problem("title\n" + string.Concat(Enumerable.Repeat("a\n", Most + 1))), Does.StartWith("has more than 100 lines"));
    }

    [Test]
    public void Any_bytes_come_to_an_answer() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(
        Arb.From(Gen.Elements<byte>((byte)'"', (byte)',', (byte)'\n', (byte)'\r', (byte)'a', 0xc3, 0xbc, 0xff, 0).ListOf()),
        bytes => Read([.. bytes]) is not null));

    private static byte[] Written(IEnumerable<IReadOnlyList<string>> rows)
    {
        using var stream = new MemoryStream();
        using (var writer = RequestCsv.To(stream))
        {
            foreach (var row in rows)
            {
                writer.Line(row);
            }
        }

        return stream.ToArray();
    }

    private static CsvContent Read(byte[] content) => RequestCsv.Read(content, Most);

    private static CsvContent Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    private static CsvContent.Table Table(string text) =>
        Read(text) as CsvContent.Table ?? throw new AssertionException(Problem(text));

    private static string Problem(string text) => Problem(Encoding.UTF8.GetBytes(text));

    private static string Problem(byte[] content) => ((CsvContent.Unreadable)Read(content)).Problem;
}
