using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;
using PmBot.Mattermost;
using PmBot.People;
using PmBot.Requests;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>
/// What users type appears harmless and whole wherever it appears: each nasty text is title, customer, area, keyword, use case and
/// comment of a request, which is walked through every answer and post.
/// </summary>
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed partial class TextSafetyTests
{
    private static readonly string[] Nasty =
    [
        "@all @channel @here, @ALL. @here_ @channel- x@all", "hi @nat.v and (@nat.v), x.@nat.v", "a | b || c \\| d", "`code` ``x`` ```y```", "[a](http://evil.example/) ](http://x) [b][c] ![i](http://x/i.png)",
        "line one\nline two\r\n\n| x | y |\n# head", "\u202eevil\u202c \u2066x\u2069 \u200fשלום", "👩‍💻 😀 🇩🇪 e\u0301", "<!channel> <!here|x> <@nat.v> <https://evil.example/|nice>",
        "<b>bold</b> <script>alert(1)</script> &lt;", "~town-square :smile: #hashtag", "--- a", "# a", "- a", "1. a", "> a", "*** b", "~~~ b", "\\ \\\\ \\[", "*a* _b_ ~~c~~ $x$",
        new('|', 500), new('[', 500), string.Concat(Enumerable.Repeat("@nat.v ", 70)), new('x', 500), string.Concat(Enumerable.Repeat("😀", 250)), string.Concat(Enumerable.Repeat("<@", 250)),
    ];

    private static IEnumerable<TestCaseData> Cases => Nasty.Select((t, i) => new TestCaseData(t).SetArgDisplayNames($"{i}"));

    [TestCaseSource(nameof(Cases))]
    [CancelAfter(120_000)]
    public async Task It_is_harmless_and_whole_everywhere(string text, CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var (team, server) = (edge.Team, edge.Team.Server);
        var from = server.Journal.Count == 0 ? 0 : server.Journal.Max(e => e.Sequence);
        var (customer, name) = (Cut(text, 100), Cut(text, 64));
        await edge.Store.ExecuteAsync(
            t =>
            {
                var owner = new Person(team.Aaron.Id, team.Aaron.Username);
                t.Save(RequestStore.Books, RequestBook.New(team.Team.Id, Samples.Now).With(new Area(name, [owner], [name])).With(new Area("Two", [owner, new Person(team.Adam.Id, "adam.c")], [name])));
                return true;
            },
            cancellationToken);

        await Sam($"new \"{text}\" --customer \"{customer}\" --area \"{name}\"");
        await Sam($"new \"{text}\"");
        await server.TypeAsync(team.Sam, team.ProductManagement, $"#cr {Regex.Replace(text, @"\s+", " ")}\n{text}");
        await server.TypeAsync(team.Sam, team.ProductManagement, $"#escalate {text}");
        await Sam($"usecase 1 \"{text}\"");
        await Sam($"discuss 1 \"{text}\"");
        await Sam($"edit 1 customer \"{text}\"");
        await Sam($"edit 1 area \"{text}\"");
        await Sam($"edit 1 title \"{text}\"");
        foreach (var list in (string[])["list", "list all", "list unassigned", $"list \"{name}\"", "1", "areas", "stats", "auto --dry-run"])
        {
            await Adam(list);
        }

        // Tuesday's list, while they are nobody's; Monday's reminder and the handoff, when they are somebody's.
        server.Clock.MoveTo(new DateTimeOffset(2026, 12, 1, 17, 0, 0, TimeSpan.Zero));
        await edge.SettledAsync();
        await Adam("auto");
        await Adam("take 2");
        await Adam("3 @katie.w");
        await Adam("unassign 3");
        await Adam("3 @katie.w");
        await Adam("remind");
        server.Clock.MoveTo(new DateTimeOffset(2026, 12, 7, 17, 10, 0, TimeSpan.Zero));
        await edge.SettledAsync();
        await Adam($"idea 1 \"{text}\"");
        await Adam($"effort 1 \"{customer}\"");
        await Adam($"decide 1 \"{text}\"");
        foreach (var number in (int[])[1, 2, 3])
        {
            await Adam($"decide {number} near term");
            await Adam($"{(number == 2 ? "close" : "process")} {number} {(number == 2 ? "" : $"\"{text}\"")}");
        }

        await Adam("reopen 1");
        await Adam("process 1");
        foreach (var list in (string[])["1", "2", "3", "list all", "list @katie.w", "mine", "stats", "usecase 1 remove 1", $"area remove \"{name}\"", "1", $"list \"{name}\"", "xyz", $"\"{text}\""])
        {
            await Adam(list);
        }

        await edge.SettledAsync();
        var posts = Read(team, from);
        Assert.That(posts, Has.Count.GreaterThan(50));
        var problems = posts.SelectMany(p => Problems(p, Shown(text))).Distinct().ToList();
        Assert.That(problems.Take(5), Is.Empty, $"{problems.Count} problems");
        Assert.That(server.UnexpectedCalls, Is.Empty);

        async Task Sam(string typed) => await server.TypeAsync(team.Sam, team.ProductManagement, $"/cr-assign {typed}");

        async Task Adam(string typed)
        {
            await server.TypeAsync(team.Adam, team.ProductManagement, $"/cr-assign {typed}");
            await edge.SettledAsync();
        }
    }

    [TestCaseSource(nameof(Cases))]
    [CancelAfter(120_000)]
    public async Task In_a_meeting_it_is_harmless_everywhere(string text, CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var (team, server) = (edge.Team, edge.Team.Server);
        var from = server.Journal.Max(e => e.Sequence);
        var name = Cut(text, 60);
        foreach (var typed in (string[])[$"add \"{text}\" --time 10m", $"add \"{text}\"", $"release \"{text}\"", $"demo \"{text}\" --meeting Roadmap", "action 1 @adam.c Ask Sales", $"action 1 @adam.c {text}", "list", "actions"])
        {
            await Katie(typed);
        }

        await server.TypeAsync(team.Katie, team.PmPrivate, $"/agenda add \"{text}\" --private");
        await server.TypeAsync(team.Sam, team.ProductManagement, $"#agenda {Regex.Replace(text, @"\s+", " ")}\n{text}");
        await Katie($"edit 1 \"{text}\"");
        await Katie("move 2 to 1");
        await Katie($"meeting create \"{name}\" --every \"weekly thursday\" --at 10:00");
        await Katie($"meeting cancel \"{name}\" --date 2026-12-03 --why \"{text}\"");
        await Katie($"meeting set \"{name}\" agenda 08:00");
        await Katie($"add Something --meeting \"{name}\"");
        await Katie("meetings");
        await Katie($"list {text}");
        await Katie($"\"{text}\"");
        foreach (var at in (string[])["2026-12-01T17:00Z", "2026-12-02T17:00Z"])
        {
            await team.PassTimeAsync(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), null, cancellationToken);
            await edge.SettledAsync();
        }

        foreach (var typed in (string[])["start", $"decided 1 \"{text}\"", "next", $"next \"{text}\"", "skip", $"update A1 {text}", "next", "next", "next", "done A1", "end", "minutes", "list", "actions", "calendar"])
        {
            await Katie(typed);
        }

        await server.TypeAsync(team.Katie, team.PmPrivate, "/agenda minutes");
        await team.PassTimeAsync(new DateTimeOffset(2026, 12, 15, 18, 0, 0, TimeSpan.Zero), null, cancellationToken);
        await edge.SettledAsync();
        var posts = Read(team, from);
        Assert.That(posts, Has.Count.GreaterThan(50));
        var problems = posts.SelectMany(p => Problems(p, Shown(text))).Distinct().ToList();
        Assert.That(problems.Take(5), Is.Empty, $"{problems.Count} problems");
        Assert.That(server.UnexpectedCalls, Is.Empty);

        async Task Katie(string typed)
        {
            await server.TypeAsync(team.Katie, team.ProductManagement, $"/agenda {typed}");
            await edge.SettledAsync();
        }
    }

    [Test]
    public void These_rules_find_what_is_wrong()
    {
        Assert.That(Mentioned("hi @all, x.@Nat.v. (@here_) :@channel"), Is.EquivalentTo((string[])["@all", "@nat.v", "@here", "@channel"]));
        Assert.That(Mentioned("x@all `@all` @\u200ball ``a ` @here`` me@nat.v \\`@nat.v\\`"), Is.EquivalentTo((string[])["@nat.v"]));
        Assert.That(Links("[a](b) [post](http://h/core/pl/x) \\[a\\](b) `[a](b)`"), Is.EqualTo(1));
        Assert.That(BrokenTable("| a | b |\n| :-- | :-- |\n| \\| | x |"), Is.False);
        Assert.That(BrokenTable("| a | b |\n| :-- | :-- |\n| | | x |"), Is.True);
    }

    /// <summary>What people read of the bot.</summary>
    private static List<ChatPost> Read(SandboxTeam team, int from) =>
    [
        .. team.Server.Journal.Where(e => e.Sequence > from).Select(e => e switch
        {
            JournalEntry.PostCreated { Post: { Type: "" } p } when p.Author == team.BotUser.Username || p.Prop("from_webhook") == "true" => p,
            JournalEntry.PostEdited { Post: var p } => p,
            JournalEntry.EphemeralShown { Post: var p } => p,
            _ => null,
        }).OfType<ChatPost>(),
    ];

    private static IEnumerable<string> Problems(ChatPost post, string shown)
    {
        var fields = post.Attachments.SelectMany(a => (a.Fields ?? []).SelectMany(f => new[] { f.Title, f.Value }));
        var markdown = post.Attachments.SelectMany(a => new[] { a.Pretext, a.Text }).Concat(fields).Prepend(post.Message).ToList();
        var plain = post.Attachments.SelectMany(a => new[] { a.Title, a.Footer, a.Fallback }).Concat(post.Actions.SelectMany(a => a.Options.Select(o => o.Text))).ToList();
        foreach (var text in markdown.Concat(plain).Where(t => t.Length > 0))
        {
            if (Mentioned(text).Intersect(["@all", "@channel", "@here", "@nat.v"]).Any())
            {
                yield return $"mentions: {text}";
            }

            if (Slack().IsMatch(text) || Hidden().IsMatch(text) || text.Length >= 16_383)
            {
                yield return $"is read by Slack's rules, turns the direction, or is cut: {text}";
            }

            if (Links(text) > 0)
            {
                yield return $"has a link: {text}";
            }
        }

        foreach (var text in markdown.Where(t => BrokenTable(t) || t.Split('\n').Any(l => Block().IsMatch(l))))
        {
            yield return $"breaks a table or begins a block: {text}";
        }

        foreach (var text in markdown.Where(t => Called().IsMatch(t) && !Seen(t).Contains($"\"{shown}\"", StringComparison.Ordinal)))
        {
            yield return $"does not have the whole title: {text}";
        }

        foreach (var card in post.Attachments.Where(a => a.Title.StartsWith("CR-", StringComparison.Ordinal) && !Seen(a.Title, false).EndsWith(shown, StringComparison.Ordinal)))
        {
            yield return $"has not the whole title: {card.Title}";
        }

        if (post.Message.StartsWith("#### CR-", StringComparison.Ordinal) && !Seen(post.Message).Contains($" {shown}\n", StringComparison.Ordinal))
        {
            yield return $"does not show the whole title: {post.Message}";
        }
    }

    /// <summary>Whom the server would notify: it looks outside of code, and takes words apart at what no name can have.</summary>
    private static HashSet<string> Mentioned(string text)
    {
        string[] known = ["@all", "@channel", "@here", "@nat.v"];
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match match in Word().Matches(WithoutCode(text)))
        {
            var word = match.Value.ToLowerInvariant().TrimStart(':', '.', '-', '_');
            found.UnionWith(known.Where(k => word == k || word.TrimEnd('.', '-', ':', '_') == k || word.Split('.', '-', ':').Contains(k) || word.EndsWith($".{k}", StringComparison.Ordinal)
                || word.Contains($".{k}.", StringComparison.Ordinal)));
        }

        return found;
    }

    /// <summary>How many links with a text of their own there are, the bot's own left out.</summary>
    private static int Links(string text) => Link().Count(WithoutCode(text).Replace("\\\\", "", StringComparison.Ordinal)) - OwnLink().Count(text);

    private static bool BrokenTable(string text)
    {
        int? cells = null;
        foreach (var line in text.Split('\n'))
        {
            var count = line.StartsWith('|') ? line.Replace("\\\\", "", StringComparison.Ordinal).Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|') : (int?)null;
            if (cells is not null && count is not null && count != cells)
            {
                return true;
            }

            cells = count;
        }

        return false;
    }

    private static string WithoutCode(string text)
    {
        var rest = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                rest.Append(text, i, 2);
                i += 2;
                continue;
            }

            var fence = text.AsSpan(i).IndexOfAnyExcept('`') is var run and >= 0 ? run : text.Length - i;
            var close = fence == 0 ? -1 : Closing(text, i + fence, fence);
            rest.Append(close >= 0 ? " " : fence > 0 ? text.Substring(i, fence) : text[i].ToString());
            i = close >= 0 ? close : i + Math.Max(1, fence);
        }

        return rest.ToString();
    }

    /// <summary>The index behind the run of back-ticks that closes one of that length; -1 if none does.</summary>
    private static int Closing(string text, int from, int fence)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '`')
            {
                var run = text.AsSpan(i).IndexOfAnyExcept('`') is var length and >= 0 ? length : text.Length - i;
                if (run == fence)
                {
                    return i + run;
                }

                i += run - 1;
            }
        }

        return -1;
    }

    /// <summary>As people see it: gaps are not seen, escaped signs are seen without their backslash.</summary>
    private static string Seen(string text, bool escaped = true)
    {
        var bare = text.Replace("\u200b", "", StringComparison.Ordinal).Replace("&lt;", "<", StringComparison.Ordinal);
        return escaped ? Escaped().Replace(bare, "${sign}") : bare;
    }

    /// <summary>What is to be seen of a typed text.</summary>
    private static string Shown(string text) => Regex.Replace(Hidden().Replace(text, ""), @"\s+", " ").Trim().Replace("&lt;", "<", StringComparison.Ordinal);

    private static string Cut(string text, int length)
    {
        var cut = text[..Math.Min(length, text.Length)];
        return TypedText.Line(char.IsHighSurrogate(cut[^1]) ? cut[..^1] : cut)!;
    }

    [GeneratedRegex(@"[\p{L}\p{N}:.\-_@]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<!\\)\]\(")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[post\]\(http://[^)\s]+/pl/[a-z0-9]+\)")]
    private static partial Regex OwnLink();

    [GeneratedRegex("<[!@#a-zA-Z]")]
    private static partial Regex Slack();

    [GeneratedRegex("[\u061c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")]
    private static partial Regex Hidden();

    // A frame's text or a list's item that begins a block of its own; the bot's own heading has four signs.
    [GeneratedRegex(@"^(?:[0-9]+\. )?(?:#{1,3} |> |1\. 1\. |---|\*\*\* |~~~)|^[0-9]+\. (?:- |[0-9]+\. )")]
    private static partial Regex Block();

    [GeneratedRegex(@"CR-[0-9]+ """)]
    private static partial Regex Called();

    [GeneratedRegex(@"\\(?<sign>[|`\[\]\\#>\-+*_~.)])", RegexOptions.ExplicitCapture)]
    private static partial Regex Escaped();
}
