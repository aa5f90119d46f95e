using System.Text;

namespace PmBot.Calendars;

/// <summary>Content lines of iCalendar (RFC 5545, section 3.1): ended by CRLF, folded to at most 75 octets.</summary>
internal sealed class CalendarLines
{
    private const int MostOctets = 75;

    private readonly StringBuilder _text = new();

    /// <summary>Adds a line whose value is no free text, e.g. a time.</summary>
    /// <param name="name">The property with its parameters, e.g. <c>DTSTART;TZID=Europe/London</c>.</param>
    /// <param name="value">The value, as it stands there.</param>
    public void Add(string name, string value)
    {
        var octets = 0;

        // By whole characters, so that no line ends within one. What is half a surrogate pair becomes the replacement character.
        foreach (var rune in $"{name}:{value}".EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > MostOctets)
            {
                _text.Append("\r\n ");
                octets = 1;
            }

            _text.Append(rune);
            octets += rune.Utf8SequenceLength;
        }

        _text.Append("\r\n");
    }

    /// <summary>Adds a line whose value is free text, which is escaped.</summary>
    /// <param name="name">The property.</param>
    /// <param name="text">The text, of one or more lines. Control characters that no text may have are left out.</param>
    public void AddText(string name, string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text.ReplaceLineEndings("\n"))
        {
            _ = c switch
            {
                '\n' => escaped.Append(@"\n"),
                '\\' or ';' or ',' => escaped.Append('\\').Append(c),
                '\t' => escaped.Append(c),
                _ => char.IsControl(c) ? escaped : escaped.Append(c),
            };
        }

        Add(name, escaped.ToString());
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
