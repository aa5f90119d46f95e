using System.Text.Json;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace PmBot.Tests.Sandbox;

/// <summary>The directory of the repository that the tests were built from.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find(TestContext.CurrentContext.TestDirectory);

    private static string Find(string directory) => File.Exists(System.IO.Path.Combine(directory, "bot.sln"))
        ? directory
        : Find(Directory.GetParent(directory)?.FullName ?? throw new DirectoryNotFoundException("bot.sln was not found above the tests."));
}

/// <summary>A captured request of a Mattermost server to an integration.</summary>
internal sealed record CapturedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A captured call of the REST API with its answer; a cut answer has no JSON.</summary>
internal sealed record CapturedCall(string Title, string Method, string Path, string As, string? Request, int Status, string VersionId,
    JsonElement? Answer)
{
    public override string ToString() => Title;
}

/// <summary>What was captured from a real Mattermost server.</summary>
internal static partial class Captures
{
    /// <summary>Where the recordings are: beside the checkout. A test that needs them is skipped where they are missing, saying so.</summary>
    public static string Folder
    {
        get
        {
            var folder = System.IO.Path.GetFullPath(System.IO.Path.Combine(RepositoryRoot.Path, "..", "shared", "mattermost-wire"));
            if (!Directory.Exists(folder))
            {
                Assert.Ignore("The recordings of a Mattermost server are not at ../shared/mattermost-wire, beside the checkout.");
            }

            return folder;
        }
    }

    public static CapturedRequest Read(string file)
    {
        var text = File.ReadAllText(System.IO.Path.Combine(Folder, file)).ReplaceLineEndings("\n");
        var parts = text.Split("\n\n", 2);
        var lines = parts[0].Split('\n');
        var start = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        return new CapturedRequest(start[0], start[1], headers, parts[1].Trim());
    }

    public static IReadOnlyList<CapturedCall> Api()
    {
        var text = File.ReadAllText(System.IO.Path.Combine(Folder, "api-v4.md")).ReplaceLineEndings("\n");
        return [.. text.Split("\n## ").Skip(1).Select(Call)];
    }

    private static CapturedCall Call(string section)
    {
        var call = CallLine().Match(section);
        var answer = AnswerLine().Match(section);
        var request = JsonBlock().Match(section[..answer.Index]);
        var json = JsonBlock().Match(section, answer.Index).Groups["json"].Value;
        return new CapturedCall(
            section.Split('\n')[0],
            call.Groups["method"].Value,
            call.Groups["path"].Value,
            call.Groups["as"].Value,
            request.Success ? request.Groups["json"].Value : null,
            int.Parse(answer.Groups["status"].Value),
            answer.Groups["version"].Value,
            json.Contains('…', StringComparison.Ordinal) ? null : JsonSerializer.Deserialize<JsonElement>(json));
    }

    [GeneratedRegex("^`(?<method>[A-Z]+) (?<path>[^`]+)` as (?<as>\\w+)", RegexOptions.Multiline, 1000)]
    private static partial Regex CallLine();

    [GeneratedRegex(@"^(?<status>\d{3}); .*X-Version-Id: (?<version>\S+)", RegexOptions.Multiline, 1000)]
    private static partial Regex AnswerLine();

    [GeneratedRegex("```json\n(?<json>.*?)\n```", RegexOptions.Singleline, 1000)]
    private static partial Regex JsonBlock();
}
