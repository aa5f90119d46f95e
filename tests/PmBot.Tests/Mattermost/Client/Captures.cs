using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PmBot.Tests.Mattermost.Client;

/// <summary>A request to a real Mattermost server and what that answered.</summary>
internal sealed record Capture(string Method, string Target, string As, string? Request, int Status, string RequestId, string Answer);

/// <summary>The exchanges that were recorded in <c>api-v4.md</c>, by their headings.</summary>
internal static partial class Captures
{
    private static readonly Lazy<IReadOnlyDictionary<string, Capture>> All = new(() =>
        Sections.Matches(File.ReadAllText(Path.Combine(Sandbox.Captures.Folder, "api-v4.md"))).ToDictionary(
            m => m.Groups["title"].Value,
            m => new Capture(
                m.Groups["method"].Value,
                m.Groups["target"].Value,
                m.Groups["as"].Value,
                m.Groups["request"].Success ? m.Groups["request"].Value : null,
                int.Parse(m.Groups["status"].Value),
                m.Groups["id"].Value,
                Whole(m.Groups["answer"].Value)),
            StringComparer.Ordinal));

    public static Capture Get(string title) => All.Value[title];

    public static JsonNode Json(string title) => JsonNode.Parse(Get(title).Answer)!;

    // A cut answer ends in the middle of an object of strings: its last whole line is kept.
    private static string Whole(string answer) =>
        answer.EndsWith('…') ? answer[..answer.LastIndexOf(',')] + "}" : answer;

    [GeneratedRegex(
        """
        ^\#\#\ (?<title>.+)\n\n
        `(?<method>[A-Z]+)\ (?<target>\S+)`\ as\ (?<as>\w+)\n\n
        (```json\n(?<request>[^`]+)\n```\n\n)?
        (?<status>\d+);.*X-Request-Id:\ (?<id>\w+),.*\n\n
        ```json\n(?<answer>(.|\n)+?)\n```
        """,
        RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Sections { get; }
}
