using System.Text;
using PmBot.Rotations;

namespace PmBot.Tests.Fuzz;

/// <summary>What somebody might type, sensible or not, from a seed.</summary>
internal sealed class Words(int seed)
{
    private static readonly string[] Verbs = [.. RotationVerbs.All.Verbs.Select(v => v.Name), "", "help", "histry", "xyzzy", "?", "-h", "DELETE", "sett"];

    private static readonly string[] Users = ["@adam.c", "@katie.w", "@jason.b", "@aaron.r", "@sam.sales", "@pm-bot", "@nobody", "@ALL", "@channel", "@here.", "@", "@@adam.c", "@adam.c,"];

    private static readonly string[] Dates =
    [
        "2026-11-30", "monday", "next monday", "next week", "nov 30", "30 nov 2026", "feb 30", "feb 29", "2026-02-31", "0001-01-01", "9999-12-31", "2999-12-31", "1970-01-01",
        "today", "tomorrow", "2026-12-21", "dec 32", "nov 31st", "2029-11-25", "32 dec", "next", "-2026-11-30", "２０２６-11-30",
    ];

    private static readonly string[] Values =
    [
        "0", "1", "-1", "104", "105", "2147483648", "99999999999999999999", "1e9", "NaN", "0x10", "٣", "1.5", "off", "none", "default", "1w", "12w", "13w", "4h", "72h", "73h", "90m",
        "999999999999h", "friday 16:00", "25:00", "monday", "9am", "Europe/London", "America/Los_Angeles", "Mars/Base", "UTC", "Etc/GMT+12", "2020", "2021", "~twitter", "~town-square",
        "~pm-private", "~", "~none", "alphabetical", "add", "remove", "handoff", "zone", "every", "announce", "header", "reminder", "notice", "channel.pm", "practice", "\"PM rotation\"",
        "PM rotation", "'; drop table rotations; --", "{0}", "%s", "@name", "null", "true", "\\", "$(reboot)",
    ];

    private static readonly string[] Flags =
        ["--from", "--rotation", "--handoff", "--every", "--zone", "--announce", "--header", "--now", "--", "---", "—from", "–rotation", "--FROM", "--nonsense", "--now=1", "-n"];

    private static readonly string[] Odd =
    [
        "\u202e", "\u200b", "\u200d", "\ufeff", "\u2028", "\u2029", "\u0000", "\u0001", "\u001b[31m", "\u0085", "\u00a0", "\u3000", "e\u0301\u0301\u0301", "👩‍👩‍👧‍👦", "🇩🇪", "𝕏", "ﷺ", "ß", "İ", "ı",
        "ǅ", "\"", "“", "”", "„", "'", "`", "```", "|", "||", "[", "](", "\\", "<!channel>", "<@U1>", "&amp;", "\r\n", "\n", "\t", "#", "> ", "@all", "@here", "@channel_", "\uffff", "مرحبا", "שלום",
    ];

    // A seeded choice is wanted, so that a failing run can be repeated; nothing secret depends on it.
#pragma warning disable CA5394
    private readonly Random _random = new(seed);

    public T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    public byte[] Bytes(int most)
    {
        var bytes = new byte[_random.Next(most)];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Any text.</summary>
    public string Text()
    {
        if (_random.Next(3) == 0)
        {
            return Sensible();
        }

        var text = new StringBuilder(Pick(Verbs));
        for (var i = _random.Next(12); i > 0; i--)
        {
            text.Append(_random.Next(6) == 0 ? "" : " ").Append(_random.Next(8) switch
            {
                0 => Pick(Users),
                1 => Pick(Dates),
                2 => Pick(Values),
                3 => Pick(Flags),
                4 or 5 => Pick(Odd),
                6 => Letters(),
                _ => $"\"{Pick(Odd)}{Pick(Values)}\"",
            });
        }

        if (_random.Next(100) == 0)
        {
            text.Append(' ').Append(string.Concat(Enumerable.Repeat(Pick(Odd) + Pick(Values), 1000)));
        }

        return text.ToString();
    }

    /// <summary>A command as somebody would type it, though not always with success.</summary>
    public string Sensible() => _random.Next(22) switch
    {
        0 => $"create {Letters()} --zone {Pick(Values)}",
        1 => $"add {Pick(Users)} {Pick(Users)}",
        2 => $"add {Pick(Users)} --from \"{Pick(Dates)}\"",
        3 => $"remove {Pick(Users)}",
        4 => $"remove {Pick(Users)} --from \"{Pick(Dates)}\"",
        5 => _random.Next(2) == 0 ? "order alphabetical" : "order @katie.w @adam.c @jason.b @aaron.r",
        6 => $"cover {Pick(Dates)} {Pick(Users)}",
        7 => $"take {Pick(Dates)}",
        8 => $"swap {Pick(Users)} {Pick(Users)}",
        9 => $"swap {Pick(Dates)} {Pick(Dates)}",
        10 => $"away {Pick(Users)} {Pick(Dates)} {Pick(Dates)} {Letters()}",
        11 => $"away {Pick(Dates)} {Pick(Dates)}",
        12 => _random.Next(2) == 0 ? "back" : $"back {Pick(Users)}",
        13 => $"handoff {Letters()}",
        14 => $"handoff --now {Letters()}",
        15 => "ack",
        16 => $"duties add {Letters()}",
        17 => $"duties remove {_random.Next(8)}",
        18 => $"set {Pick(Values)} {Pick(Values)}",
        19 => $"set {Pick<string>(["handoff", "zone", "every", "announce", "header", "reminder", "notice", "practice", "channel.pm", "channel.twitter"])} {Pick(Values)}",
        20 => "delete PM rotation",
        _ => $"{Pick<string>(["schedule", "history", "stats", "settings", "who", "duties"])} {Pick(Values)}",
    };

    /// <summary>A token that is none.</summary>
    public string Token(string real) => _random.Next(5) switch
    {
        0 => "",
        1 => real[..^1],
        2 => real + Pick(Odd),
        3 => real[1..] + real[0],
        _ => Letters(),
    };

    /// <summary>Percent-encoded, and now and then in ways that no honest client uses.</summary>
    public string Encoded(string text)
    {
        var encoded = Uri.EscapeDataString(text);
        return _random.Next(12) switch
        {
            0 => encoded + "%ED%A0%80",
            1 => "%ED%BF%BF" + encoded,
            2 => encoded + "%FF%FE%C0%80",
            3 => encoded + "%",
            4 => encoded + "%zz%u0041",
            5 => encoded.Replace("%20", "+", StringComparison.Ordinal),
            6 => encoded + "&text=" + encoded,
            _ => encoded,
        };
    }

    private string Letters()
    {
        var text = new StringBuilder();
        for (var i = _random.Next(1, 30); i > 0; i--)
        {
            text.Append(_random.Next(10) switch { 0 => ' ', 1 => (char)_random.Next(0x20, 0x7f), 2 => (char)_random.Next(0xa0, 0xd800), _ => (char)_random.Next('a', 'z' + 1) });
        }

        return text.ToString();
    }
#pragma warning restore CA5394
}
