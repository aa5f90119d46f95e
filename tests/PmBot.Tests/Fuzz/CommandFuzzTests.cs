using System.Text;
using NUnit.Framework;
using PmBot.Rotations;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Fuzz;

/// <summary>
/// Whatever is sent to the command's endpoint, the bot answers as Mattermost wants it, soon, and does nothing that the sender may
/// not do.
/// </summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class CommandFuzzTests : FuzzTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task Random_bytes_are_refused_and_change_nothing(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var before = await edge.EverythingAsync();
        await EachAsync(1000, async (i, words) =>
        {
            var body = words.Bytes(i % 50 == 0 ? 60_000 : 300);
            var answer = await edge.SendAsync(HttpMethod.Post, edge.CommandUrl, body, FormType);
            return answer is { Status: 401, Body: "" } ? null : $"{Convert.ToHexString(body)}\n{answer}";
        }, cancellationToken);
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before), Seed());
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task With_a_wrong_token_nothing_changes(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var before = await edge.EverythingAsync();
        await EachAsync(700, async (_, words) =>
        {
            var form = edge.Form(words.Text(), edge.Team.Katie, words.Token(edge.Team.CommandToken));
            var answer = await edge.PostFormAsync(edge.CommandUrl, form);
            return answer is { Status: 401, Body: "" } ? null : $"{Edge.Encode(form)}\n{answer}";
        }, cancellationToken);
        Assert.That(await edge.EverythingAsync(), Is.EqualTo(before), Seed());
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Whatever_an_admin_types_is_answered(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var users = new[] { edge.Team.Katie, edge.Team.Katie, edge.Team.Aaron, edge.Team.Adam, edge.Team.Sam };
        await EachAsync(1500, (_, words) => TypeAsync(edge, words.Pick(users), words.Encoded(words.Text())), cancellationToken);

        // It still works after all that.
        await edge.SettledAsync();
        Assert.That((await edge.CommandAsync("help")).Text, Does.StartWith("`/pm-rotation` tells who is on duty."), Seed());
        Assert.That(edge.Team.Server.UnexpectedCalls, Is.Empty, Seed());
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Long_texts_are_answered_in_time(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var verbs = RotationVerbs.All.Verbs.Select(v => v.Name).Append("").Append("xyzzy").ToList();
        string[] fillers =
        [
            new('x', 60_000), string.Concat(Enumerable.Repeat("w ", 10_000)), string.Concat(Enumerable.Repeat("@a.b ", 4_000)), new('`', 15_000), new('|', 15_000),
            string.Concat(Enumerable.Repeat("2026-12-01 ", 3_000)), string.Concat(Enumerable.Repeat("--from ", 5_000)), string.Concat(Enumerable.Repeat("\u200d👩", 2_000)),
            "2026-11-30 2026-12-01 " + string.Concat(Enumerable.Repeat("e\u0301", 5_000)), string.Concat(Enumerable.Repeat("@all ", 9_000)), new('9', 60_000),
            string.Concat(Enumerable.Repeat("\"a b\" ", 4_000)),
        ];
        var cases = verbs.SelectMany(v => fillers, (v, f) => $"{v} {f}").ToList();
        await EachAsync(cases.Count, (i, words) => TypeAsync(edge, edge.Team.Katie, Uri.EscapeDataString(cases[i])), cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Quotes_that_are_never_closed_are_answered(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var answer = await edge.SendAsync(
            HttpMethod.Post, edge.CommandUrl,
            Encoding.ASCII.GetBytes(Edge.Encode(edge.Form("").Where(f => f.Key != "text")) + "&text=cover+" + string.Concat(Enumerable.Repeat("\"a+", 20_000))), FormType);
        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Body, Does.Not.Contain("fault"));
        cancellationToken.ThrowIfCancellationRequested();
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Quotes_within_quotes_do_not_end_the_process(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var quotes = new string('"', 30_000);
        var body = Edge.Encode(edge.Form("").Where(f => f.Key != "text")) + $"&text=take+{quotes}a+b{quotes}";
        Assert.That((await edge.SendAsync(HttpMethod.Post, edge.CommandUrl, Encoding.ASCII.GetBytes(body), FormType)).Status, Is.EqualTo(200));
        cancellationToken.ThrowIfCancellationRequested();
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Who_has_no_right_changes_nothing_that_needs_one(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var before = await edge.RowsAsync("rotations", "workspaces", "shifts");
        var audit = await edge.RowsAsync("audit");
        var deliveries = await edge.RowsAsync("deliveries");

        // Sam is in no rotation and no admin: there is nothing at all that he may change.
        await EachAsync(600, (_, words) => TypeAsync(edge, edge.Team.Sam, words.Encoded(words.Sensible())), cancellationToken);
        Assert.That(await edge.RowsAsync("rotations", "workspaces", "shifts"), Is.EqualTo(before), Seed());
        Assert.That(await edge.RowsAsync("audit"), Is.EqualTo(audit), Seed());
        Assert.That(await edge.RowsAsync("deliveries"), Is.EqualTo(deliveries), Seed());
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_member_changes_only_what_is_theirs(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        await EachAsync(500, (_, words) => TypeAsync(edge, words.Pick([edge.Team.Adam, edge.Team.Jason]), words.Encoded(words.Sensible())), cancellationToken, 1);
        var kinds = (await edge.RowsAsync("audit")).Where(r => !r.Contains($"\"{edge.Team.Katie.Id}\"", StringComparison.Ordinal))
            .Select(r => System.Text.Json.JsonDocument.Parse(r).RootElement[6].GetString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        // Their own absence, and questions to others; a shift changes hands only with a consent, which nobody gives here.
        Assert.That(kinds, Is.SubsetOf(new List<string> { "ask to cover", "ask to swap", "away", "back", "cover" }), Seed());
        var rotation = (await edge.RowsAsync("rotations")).Single();
        Assert.That(rotation, Does.Contain("PM rotation").And.Contain("America/Los_Angeles"), Seed());
        foreach (var member in new[] { edge.Team.Adam, edge.Team.Katie, edge.Team.Jason, edge.Team.Aaron })
        {
            Assert.That(rotation, Does.Contain(member.Id), Seed());
        }

        await edge.MustAsync("who", "aaron.r");
        Assert.That((await edge.RowsAsync("shifts")), Has.Count.LessThanOrEqualTo(1), Seed());
    }

    /// <summary>Sends a command with a right token; null if the answer is as it should be, else what is wrong.</summary>
    private static async Task<string?> TypeAsync(Edge edge, ChatUser user, string encodedText)
    {
        var form = Edge.Encode(edge.Form("", user).Where(f => f.Key != "text")) + "&text=";
        var text = encodedText[..Math.Min(encodedText.Length, (256 * 1024) - form.Length)];
        var answer = await edge.SendAsync(HttpMethod.Post, edge.CommandUrl, Encoding.ASCII.GetBytes(form + text), FormType);
        if (answer.Status != 200)
        {
            return $"{text}\n{answer}";
        }

        var said = answer.Text;
        return answer.Json.GetProperty("response_type").GetString() != "ephemeral" || said.Length == 0 ? $"{text}\nis answered {answer}"
            : said.Length > LongestAnswer ? $"{text}\nis answered with {said.Length} characters"
            : FaultId.IsMatch(said) ? $"{text}\nmeets a fault: {said}\n{edge.Logs.Lines.LastOrDefault(l => l.Values.ContainsKey("Fault"))}"
            : Group.IsMatch(said) ? $"{text}\nmentions a group: {said}"
            : null;
    }
}
