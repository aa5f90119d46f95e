using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;

namespace PmBot.Tests.Calendars;

/// <summary>A property of a component.</summary>
internal sealed record IcsProperty(string Name, IReadOnlyDictionary<string, string> Parameters, string Value)
{
    /// <summary>The value as the text that was escaped.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            for (var i = 0; i < Value.Length; i++)
            {
                text.Append(Value[i] switch
                {
                    '\\' => Value[++i] switch
                    {
                        'n' or 'N' => '\n',
                        '\\' or ';' or ',' => Value[i],
                        var other => throw new FormatException($"\\{other} stands for nothing."),
                    },
                    ';' or ',' => throw new FormatException($"{Value[i]} is not escaped."),
                    var c => c,
                });
            }

            return text.ToString();
        }
    }
}

/// <summary>
/// A small reader of iCalendar that knows nothing of the writer and forgives nothing. What it says of times is what stands in the
/// calendar's own VTIMEZONE.
/// </summary>
internal sealed record Ics(string Name, IReadOnlyList<IcsProperty> Properties, IReadOnlyList<Ics> Components)
{
    private static readonly Encoding Strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly LocalDateTimePattern Local = LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss");

    public IEnumerable<Ics> Events => Components.Where(c => c.Name == "VEVENT");

    public IcsProperty this[string name] => Properties.Single(p => p.Name == name);

    public bool Has(string name) => Properties.Any(p => p.Name == name);

    public static Ics Read(byte[] octets)
    {
        var lines = Unfold(octets).Select(Property).ToList();
        var at = 0;
        var calendar = Component(lines, ref at);
        return at == lines.Count && calendar.Name == "VCALENDAR" ? calendar : throw new FormatException("Something stands behind the calendar.");
    }

    /// <summary>The instant of one of an event's times.</summary>
    public Instant At(Ics one, string name)
    {
        var property = one[name];
        if (!property.Parameters.TryGetValue("TZID", out var id))
        {
            return InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'").Parse(property.Value).GetValueOrThrow();
        }

        var local = Local.Parse(property.Value).GetValueOrThrow();
        var periods = Components.Single(c => c.Name == "VTIMEZONE" && c["TZID"].Value == id).Components
            .Select(c => (Start: Local.Parse(c["DTSTART"].Value).GetValueOrThrow().WithOffset(Shift(c["TZOFFSETFROM"])).ToInstant(), Offset: Shift(c["TZOFFSETTO"])))
            .OrderBy(p => p.Start).ToList();
        for (var i = 0; i < periods.Count; i++)
        {
            // Of a time that there is twice, the first is meant.
            var at = local.WithOffset(periods[i].Offset).ToInstant();
            if (at >= periods[i].Start && (i + 1 == periods.Count || at < periods[i + 1].Start))
            {
                return at;
            }
        }

        throw new FormatException($"{property.Value} is no time in {id}.");
    }

    private static Offset Shift(IcsProperty property)
    {
        var (sign, digits) = (property.Value[0] switch { '+' => 1, '-' => -1, _ => throw new FormatException(property.Value) }, property.Value[1..]);
        if (digits.Length != 4 || !digits.All(char.IsAsciiDigit))
        {
            throw new FormatException(property.Value);
        }

        return Offset.FromSeconds(sign * ((int.Parse(digits[..2], CultureInfo.InvariantCulture) * 3600) + (int.Parse(digits[2..], CultureInfo.InvariantCulture) * 60)));
    }

    private static List<string> Unfold(byte[] octets)
    {
        var lines = new List<string>();
        var start = 0;
        while (start < octets.Length)
        {
            var end = octets.AsSpan(start).IndexOf("\r\n"u8);
            var line = end < 0 ? throw new FormatException("The last line has no end.") : octets.AsSpan(start, end);
            if (line.Length > 75 || line.IndexOfAny((byte)'\r', (byte)'\n') >= 0)
            {
                throw new FormatException($"A line of {line.Length} octets, or one with half a line end.");
            }

            // Each line by itself: a character that is cut in two is none in either.
            var text = Strict.GetString(line);
            if (text.Any(c => char.IsControl(c) && c != '\t'))
            {
                throw new FormatException("A control character.");
            }

            if (text.StartsWith(' '))
            {
                lines[^1] += text[1..];
            }
            else
            {
                lines.Add(text);
            }

            start += end + 2;
        }

        return lines;
    }

    private static IcsProperty Property(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var name = line[..colon].Split(';');
        if (name.Any(n => n.Length == 0) || !name[0].All(c => char.IsAsciiLetterUpper(c) || c == '-'))
        {
            throw new FormatException($"No name: {line}");
        }

        return new IcsProperty(name[0], name.Skip(1).Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal), line[(colon + 1)..]);
    }

    private static Ics Component(List<IcsProperty> lines, ref int at)
    {
        var name = lines[at].Name == "BEGIN" ? lines[at++].Value : throw new FormatException("No BEGIN.");
        var (properties, components) = (new List<IcsProperty>(), new List<Ics>());
        while (lines[at].Name != "END")
        {
            if (lines[at].Name == "BEGIN")
            {
                components.Add(Component(lines, ref at));
            }
            else
            {
                properties.Add(lines[at++]);
            }
        }

        return lines[at++].Value == name ? new Ics(name, properties, components) : throw new FormatException($"{name} does not end.");
    }
}
