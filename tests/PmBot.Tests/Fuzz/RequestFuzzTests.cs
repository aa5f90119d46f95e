using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.Requests;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Fuzz;

/// <summary>Whatever comes by <c>/cr-assign</c>, the buttons and forms of requests and the posts with their words: it is answered, and never a fault.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class RequestFuzzTests : FuzzTests
{
    private static readonly string[] Verbs = [.. RequestVerbs.All.Verbs.Select(v => v.Name), "", "17", "CR-3", "xyzzy", "?"];

    private static readonly string[] Ids = ["1", "2", "CR-3", "cr-4", "5", "#6", "0", "-1", "99999", "9223372036854775807", "99999999999999999999", "CR-", "١"];

    private static readonly string[] Decisions =
        ["near term", "Planned: Ongoing", "won't do", "Won’t do", "6 months", "v7.10", "7.10.1", "v99999.1", "none", "future", "“near term”", "`v7.10`", "\u200b", "later"];

    private static readonly string[] Links = ["https://example.com/x?y=(z)", "<https://example.com>", "javascript:alert(1)", "https://", "http://[::1", "https://пример.рф/\u202e", "/pl/x", "HTTPS://EXAMPLE.COM"];

    private static readonly string[] Fields = ["title", "customer", "area", "usecase", "link", "reporter", "name", "owner", "second", "keywords"];

    private static readonly string[] Areas = ["Search", "Private Cloud", "search", "none", "all", "A|B", "\u200bSearch", "@all", "Straße", "c++"];

    [Test]
    [CancelAfter(120_000)]
    public async Task Whatever_is_typed_is_answered(CancellationToken cancellationToken)
    {
        await using var edge = await StartAsync();
        var users = new[] { edge.Team.Katie, edge.Team.Katie, edge.Team.Aaron, edge.Team.Adam, edge.Team.Sam };
        var (url, token) = (edge.Url("/mattermost/commands/cr-assign"), edge.Team.CommandTokens["cr-assign"]);
        await EachAsync(1200, async (_, words) =>
        {
            var text = words.Encoded(Text(words));
            var body = Edge.Encode(edge.Form("", words.Pick(users), token).Where(f => f.Key is not ("text" or "command"))) + "&command=%2Fcr-assign&text=" + text;
            var answer = await edge.SendAsync(HttpMethod.Post, url, Encoding.ASCII.GetBytes(body), FormType);
            return answer.Status != 200 ? $"{text}\n{answer}" : Wrong(edge, text, answer.Text);
        }, cancellationToken);
        await AssertSoundAsync(edge);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Whatever_is_pressed_or_submitted_is_answered(CancellationToken cancellationToken)
    {
        await using var edge = await StartAsync();
        var cards = edge.Team.Server.Posts(edge.Team.ProductManagement).SelectMany(p => p.Actions).Where(a => a.Context is not null).Select(a => a.Context!.Value.GetRawText()).ToList();
        var users = new[] { edge.Team.Katie, edge.Team.Aaron, edge.Team.Adam, edge.Team.Sam, edge.Team.BotUser, new ChatUser("none", "none", "", "", "", 0) };
        await EachAsync(600, async (i, words) =>
        {
            var user = words.Pick(users);
            if (i % 2 == 0)
            {
                var context = JsonNode.Parse(words.Pick(cards))!.AsObject();
                context["selected_option"] = Value(words, edge);
                var pressed = await edge.PressAsync(user, context);
                return pressed.Status != 200 ? $"{context}\n{pressed}" : Wrong(edge, context.ToJsonString(), pressed.Ephemeral ?? "");
            }

            var action = edge.Signer.New(
                words.Pick<string>([RequestActions.New, RequestActions.SetArea]), edge.Team.Team.Id, edge.Team.ProductManagement.Id, user.Id, NodaTime.Duration.FromHours(1));
            var values = Fields
                .Where(_ => words.Pick([true, true, false])).Select(name => (name, Value(words, edge))).ToArray();
            var submitted = await edge.SubmitAsync(user, edge.Signer.SignText(action), values);
            return submitted.Status != 200 ? $"{string.Join(' ', values)}\n{submitted}" : Wrong(edge, string.Join(' ', values), submitted.Body);
        }, cancellationToken);
        await AssertSoundAsync(edge);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Whatever_is_posted_with_their_words_is_answered(CancellationToken cancellationToken)
    {
        await using var edge = await StartAsync();
        await EachAsync(600, async (i, words) =>
        {
            var text = $"{words.Pick(["#cr ", "cr:", "#CR\n", "#escalate ", "#cr --customer "])}{words.Pick([words.Text(), Text(words)])}{words.Pick(["", "\nsaml for guests", "\r\n\r\n|x|"])}";
            var hook = edge.Hook(text, edge.Team.WebhookTokens[text.StartsWith("#e", StringComparison.Ordinal) ? "#escalate" : "#cr"], words.Pick([edge.Team.Adam, edge.Team.Sam]), "#cr", $"post{i % 400}");
            var answer = await edge.PostJsonAsync(edge.HookUrl, hook.ToJsonString());
            return answer.Status != 200 ? $"{text}\n{answer}" : Wrong(edge, text, answer.Json.TryGetProperty("text", out var said) ? said.GetString() ?? "" : "");
        }, cancellationToken);
        await AssertSoundAsync(edge);
    }

    private static async Task<Edge> StartAsync()
    {
        var edge = await Edge.StartAsync();
        string[] typed =
        [
            "area set Search @adam.c --keywords search,elastic", "area set \"Private Cloud\" @katie.w @aaron.r --keywords helm,\"on prem\",c++",
            "new search for guests --customer ACME", "new helm chart --area \"Private Cloud\"", "new nothing known of it", "new elastic and helm", "4 @adam.c", "3 @katie.w", "decide 3 near term",
        ];
        foreach (var text in typed)
        {
            await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, $"/cr-assign {text}");
        }

        await edge.SettledAsync();
        return edge;
    }

    private static string Text(Words words)
    {
        var id = words.Pick(Ids);
        return words.Pick<Func<string>>(
        [
            words.Text,
            () => $"{words.Pick(Verbs)} {words.Text()}",
            () => $"{words.Pick(Verbs)} {id} {words.Text()}",
            () => $"{words.Pick(Verbs)} {id}",
            () => $"{id} {words.Pick(["@adam.c", "@katie.w", "@nobody", "@sam.sales", "@pm-bot", "@ALL", "@"])}",
            () => $"new {words.Text()} --customer {words.Text()} --area {words.Pick(Areas)} --link {words.Pick(Links)}",
            () => $"decide {id} {words.Pick(Decisions)}",
            () => $"{words.Pick(["take", "unassign", "process", "reopen", "discuss"])} {id} {words.Pick(["", "off", "because", "\u202e"])}",
            () => $"close {id} {words.Pick(Decisions)}",
            () => $"snooze {id} {words.Pick(["monday", "off", "feb 29", "9999-12-31", "0001-01-01", "next week", "2027-11-26", "tomorrow"])}",
            () => $"edit {id} {words.Pick(["title", "customer", "area", "reporter", "number", ""])} {words.Pick([words.Text(), words.Pick(Areas), "@sam.sales", "none"])}",
            () => $"{words.Pick(["usecase", "link", "idea", "effort"])} {id} {words.Pick(["remove 1", "remove 0", "remove 99999999999", words.Pick(Links), words.Text(), "none"])}",
            () => $"area set {words.Pick(Areas)} {words.Pick(["@adam.c", "@katie.w @adam.c", "@nobody", ""])} --keywords {words.Pick(["a,b,c", "none", ",,,", words.Text(), "\"saml, sso\""])}",
            () => $"area remove {words.Pick(Areas)}",
            () => $"list {words.Pick([.. Areas, "unassigned", "mine", "stale", "all", "@adam.c", "@nobody"])} --page {words.Pick(["1", "2", "0", "-1", "2147483648", "99999999999", "214748364", "x"])}",
            () => $"{words.Pick(["auto", "auto --dry-run", "remind", "stats", "export", "areas", "areas --page 99999", "import", $"import {words.Pick(Links)}"])}",
        ])();
    }

    private static JsonNode? Value(Words words, Edge edge) => words.Pick<Func<JsonNode?>>(
    [
        () => null, () => "", () => "\u0000", () => 17, () => true, () => new JsonArray(1), () => new JsonObject(), () => words.Pick(Areas), () => words.Pick(Links), () => words.Text(),
        () => new string('x', 30_000), () => edge.Team.Adam.Id, () => edge.Team.Sam.Id, () => edge.Team.BotUser.Id, () => "../../users/me", () => "Search",
    ])();

    private static string? Wrong(Edge edge, string sent, string said) =>
        said.Length > LongestAnswer ? $"{sent}\nis answered with {said.Length} characters"
        : FaultId.IsMatch(said) ? $"{sent}\nmeets a fault: {said}\n{edge.Logs.Lines.LastOrDefault(l => l.Values.ContainsKey("Fault"))}"
        : Group.IsMatch(said) ? $"{sent}\nmentions a group: {said}"
        : null;

    /// <summary>All that it caused reaches Mattermost, and what people read there is as safe as the answers.</summary>
    private async Task AssertSoundAsync(Edge edge)
    {
        await edge.SettledAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(edge.Team.Server.UnexpectedCalls, Is.Empty, Seed());
            Assert.That(await edge.Store.ReadAsync(t => t.Query<string>("select error from deliveries where state = 3"), CancellationToken.None), Is.Empty, Seed());
            var read = edge.Team.Server.Posts().Where(p => p.UserId == edge.Team.BotUser.Id).SelectMany(p => p.Attachments.Select(a => a.Text).Append(p.Message));
            Assert.That(read.Where(t => Group.IsMatch(t)).Take(3), Is.Empty, Seed());
        });
    }
}
