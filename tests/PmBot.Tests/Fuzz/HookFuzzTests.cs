using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Fuzz;

/// <summary>Whatever is sent to the endpoint of outgoing webhooks, it is refused, ignored or answered, and never a fault.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class HookFuzzTests : FuzzTests
{
    private static readonly string[] Types = ["application/json", FormType];

    private static readonly string[] Fields =
        ["team_id", "team_domain", "channel_id", "channel_name", "timestamp", "user_id", "user_name", "post_id", "text", "trigger_word", "file_ids"];

    private static readonly string[] Json =
    [
        "null", "true", "0", "-1", "1e400", "\"\"", "\" \"", "[]", "{}", "[[[[[[[[[[]]]]]]]]]]", "{\"a\":{\"b\":[1]}}", "\"\\u0000\"", "\"\\ud800\"", "\"x\\udc00\"", "\"\\u202e\"",
        "\"../../users/me\"", "\"#cr\"", "\"cr:\\ncr:\"", "\"#cr \\ud83d\\udc69\"", "\"<!channel> @all\"", $"\"{new string('x', 50_000)}\"",
        $"{new string('[', 15)}{new string(']', 15)}", $"{new string('[', 16)}{new string(']', 16)}", $"{new string('[', 25_000)}{new string(']', 25_000)}", "'x'", "", "nul", "\"\\x\"",
    ];

    [Test]
    [CancelAfter(120_000)]
    public async Task Random_bytes_are_refused_and_change_nothing(CancellationToken cancellationToken)
    {
        var (edge, _) = await Notebook.StartAsync();
        await using var __ = edge;
        var before = await edge.EverythingAsync();
        await EachAsync(500, async (i, words) =>
        {
            var body = words.Bytes(i % 50 == 0 ? 60_000 : 300);
            var answer = await edge.SendAsync(HttpMethod.Post, edge.HookUrl, body, Types[i % 2]);
            return answer is { Status: 400 or 401, Body: "" } ? null : $"{Convert.ToHexString(body)}\n{answer}";
        }, cancellationToken);
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before), Seed());
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task With_a_wrong_token_nothing_changes(CancellationToken cancellationToken)
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        var before = await edge.EverythingAsync();
        await EachAsync(500, async (i, words) =>
        {
            var hook = edge.Hook(words.Text(), words.Token(Notebook.Token));
            var body = i % 2 == 0 ? hook.ToJsonString() : Form(hook, Uri.EscapeDataString);
            var answer = await edge.SendAsync(HttpMethod.Post, edge.HookUrl, Encoding.UTF8.GetBytes(body), Types[i % 2]);
            return answer is { Status: 400 or 401, Body: "" } ? null : $"{body}\n{answer}";
        }, cancellationToken);
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before), Seed());
        Assert.That(notebook.Noted, Is.Empty, Seed());
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Whatever_is_posted_is_answered(CancellationToken cancellationToken)
    {
        var (edge, notebook) = await Notebook.StartAsync();
        await using var _ = edge;
        notebook.Says = post => post.Rest;
        await EachAsync(1000, (i, words) =>
        {
            var hook = edge.Hook($"{words.Pick(["#cr ", "cr:", "#CR\n", "#crash ", ""])}{words.Text()}", Notebook.Token, postId: $"post{i}");
            return SendAsync(edge, i % 2 == 0 ? hook.ToJsonString() : Form(hook, words.Encoded), Types[i % 2]);
        }, cancellationToken);
        Assert.That(edge.Team.Server.UnexpectedCalls, Is.Empty, Seed());
        await AssertSoundAsync(edge);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Odd_values_are_refused_or_answered(CancellationToken cancellationToken)
    {
        var (edge, _) = await Notebook.StartAsync();
        await using var __ = edge;
        var cases = Fields.SelectMany(f => Json, (f, v) => (Field: f, Value: v)).ToList();
        await EachAsync(cases.Count, (i, words) =>
        {
            var hook = edge.Hook("#cr x", Notebook.Token, postId: $"post{i}");
            hook.Remove(cases[i].Field);

            // As the only one of its name, before or after the right one, or not at all.
            var text = hook.ToJsonString();
            var odd = $"\"{cases[i].Field}\":{cases[i].Value}";
            return SendAsync(edge, words.Pick([$"{{{odd},{text[1..]}", $"{text[..^1]},{odd}}}", text]), Types[0]);
        }, cancellationToken);
        await AssertSoundAsync(edge);
    }

    private static string Form(JsonObject hook, Func<string, string> encoded) =>
        string.Join('&', hook.Select(f => $"{f.Key}={(f.Key == "text" ? encoded($"{f.Value}") : Uri.EscapeDataString($"{f.Value}"))}"));

    /// <summary>Sends a post with a right token; null if it is refused as garbage or answered as it should be, else what is wrong.</summary>
    private static async Task<string?> SendAsync(Edge edge, string body, string type)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var answer = await edge.SendAsync(HttpMethod.Post, edge.HookUrl, bytes, type);
        if (answer is { Status: 400, Body: "" } && type == Types[0])
        {
            return IsReadable(bytes) ? $"{body}\nis refused" : null;
        }

        if (answer.Status != 200)
        {
            return answer is { Status: 413, Body: "" } && bytes.Length > 256 * 1024 ? null : $"{body}\n{answer}";
        }

        if (answer.Body == "{}")
        {
            return null;
        }

        var said = answer.Text;
        return answer.Json.GetProperty("response_type").GetString() != "comment" || said.Length == 0 ? $"{body}\nis answered {answer}"
            : said.Length > LongestAnswer ? $"{body}\nis answered with {said.Length} characters"
            : FaultId.IsMatch(said) ? $"{body}\nmeets a fault: {said}\n{edge.Logs.Lines.LastOrDefault(l => l.Values.ContainsKey("Fault"))}"
            : said.TrimStart().StartsWith("#cr", StringComparison.OrdinalIgnoreCase) || said.TrimStart().StartsWith("cr:", StringComparison.OrdinalIgnoreCase)
                ? $"{body}\nis answered by what sets it off again: {said}"
            : said.Contains("<!", StringComparison.Ordinal) ? $"{body}\nmay mention a group: {said}"
            : null;
    }

    /// <summary>Whether it is JSON all of whose texts are Unicode, not too deep.</summary>
    private static bool IsReadable(byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 16 });
            var text = Encoding.UTF8.GetString(bytes);
            return !text.Contains("\"\\ud800\"", StringComparison.Ordinal) && !text.Contains("\"x\\udc00\"", StringComparison.Ordinal);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Nothing broke, and it still works.</summary>
    private async Task AssertSoundAsync(Edge edge)
    {
        Assert.That(edge.Logs.Lines.Where(l => l.Level >= LogLevel.Error), Is.Empty, Seed());
        var answer = await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#cr still", Notebook.Token, postId: "last").ToJsonString());
        Assert.That(answer.Text, Does.EndWith("still"), Seed());
    }
}
