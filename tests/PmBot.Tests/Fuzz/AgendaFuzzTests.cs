using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Meetings;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Fuzz;

/// <summary>Whatever comes by <c>/agenda</c>, the buttons and forms of meetings and the posts with their words: it is answered, and never a fault.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class AgendaFuzzTests : FuzzTests
{
    private static readonly string[] Verbs = [.. AgendaVerbs.All.Verbs.Select(v => v.Name), "", "17", "P1", "xyzzy", "?"];

    private static readonly string[] Ids = ["1", "2", "#1", "3.", "P1", "p2", "A1", "a2", "0", "-1", "P0", "99999", "9223372036854775807", "99999999999999999999", "P", "A", "١"];

    private static readonly string[] Names = ["PM sync", "pm sync", "Roadmap Q&A", "Roadmap", "Product-Sales call", "none", "all", "A|B", "\u200bPM sync", "@all", "Straße", "Design review"];

    private static readonly string[] Dates = ["2026-12-02", "2026-12-09", "wednesday", "next wednesday", "feb 29", "9999-12-31", "0001-01-01", "tomorrow", "2027-11-26", "dec 32"];

    private static readonly string[] Lengths = ["10m", "0", "-5", "480", "481", "1h30", "h", "999999999h", "none", "10 minutes", "1e3", "٣"];

    private static readonly string[] Recurrences =
        ["weekly wednesday", "every 2 weeks thursday", "2nd monday", "last friday", "5th monday", "every 0 weeks monday", "every 99999999999 weeks monday", "monthly", "", "daily"];

    private static readonly string[] Keys =
    [
        "name", "every", "at", "minutes", "zone", "kind", "chair", "cochairs", "vicechair", "releasemanager", "channel", "private", "posts", "agenda", "call", "after", "nonsense", "",
    ];

    private static readonly string[] Settings =
    [
        "off", "on", "none", "default", "08:00", "25:00", "1 day 09:00", "99999 days 09:00", "-1 day 09:00", "Europe/London", "Mars/Base", "sync", "demos", "plain", "@katie.w", "@adam.c @jason.b", "@nobody",
        "~twitter", "~town-square", "~pm-private", "~none", "60", "0", "99999999999",
    ];

    private static readonly string[] Links = ["https://example.com/x?y=(z)", "<https://example.com>", "javascript:alert(1)", "https://", "http://[::1", "https://пример.рф/\u202e"];

    private static readonly string[] Fields =
        ["text", "time", "doc", "private", "date", "owner", "due", "recording", "survey"];

    [Test]
    [CancelAfter(120_000)]
    public async Task Whatever_is_typed_is_answered(CancellationToken cancellationToken)
    {
        await using var edge = await StartAsync();
        var users = new[] { edge.Team.Katie, edge.Team.Katie, edge.Team.Aaron, edge.Team.Adam, edge.Team.Sam };
        var channels = new[] { edge.Team.ProductManagement, edge.Team.ProductManagement, edge.Team.PmPrivate, edge.Team.TownSquare };
        var (url, token) = (edge.Url("/mattermost/commands/agenda"), edge.Team.CommandTokens["agenda"]);
        await EachAsync(1200, async (_, words) =>
        {
            var text = words.Encoded(Text(words));
            var form = edge.Form("", words.Pick(users), token).Where(f => f.Key is not ("text" or "command" or "channel_id"));
            var body = Edge.Encode(form) + $"&channel_id={words.Pick(channels).Id}&command=%2Fagenda&text=" + text;
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
        edge.Clock.MoveTo(new DateTimeOffset(2026, 12, 2, 17, 0, 0, TimeSpan.Zero));
        await edge.SettledAsync();
        await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, "/agenda start");
        await edge.SettledAsync();
        var buttons = edge.Team.Server.Posts().SelectMany(p => p.Actions).Where(a => a.Context is not null).Select(a => a.Context!.Value.GetRawText()).ToList();
        var users = new[] { edge.Team.Katie, edge.Team.Aaron, edge.Team.Adam, edge.Team.Sam, edge.Team.BotUser, new ChatUser("none", "none", "", "", "", 0) };
        var sync = (await edge.Store.ReadAsync(t => t.Select(AgendaStore.Meetings, "1 = 1"), cancellationToken)).Single(m => m.Plan.Kind == MeetingKind.Sync);
        await EachAsync(600, async (i, words) =>
        {
            var user = words.Pick(users);
            if (i % 2 == 0)
            {
                var context = JsonNode.Parse(words.Pick(buttons))!.AsObject();
                context["selected_option"] = Value(words, edge);
                var pressed = await edge.PressAsync(user, context);
                return pressed.Status != 200 ? $"{context}\n{pressed}" : Wrong(edge, context.ToJsonString(), pressed.Ephemeral ?? "");
            }

            var values = Fields.Where(_ => words.Pick([true, true, false])).Select(name => (name, Value(words, edge))).ToArray();
            var (action, subject) = words.Pick<(string, string)>(
            [
                (AgendaActions.Add, $"{sync.Id} {edge.Team.ProductManagement.Id}"), (AgendaActions.Release, sync.Id), (AgendaActions.Demo, sync.Id),
                (AgendaActions.Decided, AgendaBoard.Subject(sync.Id, sync.On, 1)), (AgendaActions.Decided, AgendaBoard.Subject(sync.Id, sync.On, 77)),
                (AgendaActions.Minutes, AgendaBoard.Subject(sync.Id, sync.On)),
            ]);
            var signed = edge.Signer.SignText(edge.Signer.New(action, edge.Team.Team.Id, subject, user.Id, NodaTime.Duration.FromHours(1)));
            var submitted = await edge.SubmitAsync(user, signed, values);
            return submitted.Status != 200 ? $"{action} {string.Join(' ', values)}\n{submitted}" : Wrong(edge, $"{action} {string.Join(' ', values)}", submitted.Body);
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
            var word = words.Pick<string>(["#agenda", "agenda:"]);
            var text = $"{word}{words.Pick([" ", "\n", "", " --time ", " --private "])}{words.Pick([words.Text(), Text(words)])}{words.Pick(["", "\nmore", "\r\n\r\n|x|"])}";
            var hook = edge.Hook(text, edge.Team.WebhookTokens[word], words.Pick([edge.Team.Adam, edge.Team.Sam]), word, $"post{i % 400}");
            var answer = await edge.PostJsonAsync(edge.HookUrl, hook.ToJsonString());
            return answer.Status != 200 ? $"{text}\n{answer}" : Wrong(edge, text, answer.Json.TryGetProperty("text", out var said) ? said.GetString() ?? "" : "");
        }, cancellationToken);
        await AssertSoundAsync(edge);
    }

    private static async Task<Edge> StartAsync()
    {
        var edge = await Edge.StartAsync();
        foreach (var text in (string[])["add Pricing of guests --time 10m", "add Roadmap", "add Holidays --date 2026-12-09", "release Guests: done", "demo Shared channels", "action 1 @adam.c Ask Sales"])
        {
            await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, $"/agenda {text}");
        }

        await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.PmPrivate, "/agenda add Hiring plan --private");
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
            () => $"list {words.Pick(Names)} {words.Pick(Dates)} --page {words.Pick(["1", "2", "0", "-1", "2147483648", "x"])}",
            () => $"add {words.Text()} --time {words.Pick(Lengths)} --doc {words.Pick(Links)} --meeting {words.Pick(Names)} --date {words.Pick(Dates)}",
            () => $"add {words.Text()} --private",
            () => $"edit {id} {words.Text()}",
            () => $"move {id} to {words.Pick(Ids)} --meeting {words.Pick(Names)}",
            () => $"{words.Pick(["remove", "defer"])} {id} {words.Pick(["", words.Pick(Dates)])}",
            () => $"time {id} {words.Pick(Lengths)}",
            () => $"{words.Pick(["start", "next", "skip", "end"])} {words.Pick(["", "--meeting", $"--meeting {words.Pick(Names)}", words.Text()])}",
            () => $"decided {id} {words.Text()}",
            () => $"action {id} {words.Pick(["@adam.c", "@nobody", "@ALL", "@sam.sales", "@"])} {words.Text()} --due {words.Pick(Dates)}",
            () => $"{words.Pick(["update", "done", "reopen"])} {id} {words.Text()}",
            () => $"{words.Pick(["release", "demo"])} {words.Pick([words.Text(), "none", "NONE"])}",
            () => $"minutes {words.Pick(Dates)} --meeting {words.Pick(Names)} --recording {words.Pick(Links)} --survey {words.Pick(Links)}",
            () => $"meeting create {words.Pick(Names)} --every {words.Pick(Recurrences)} --at {words.Pick(Settings)} --minutes {words.Pick(Lengths)} --kind {words.Pick(Settings)}",
            () => $"meeting set {words.Pick(Names)} {words.Pick(Keys)} {words.Pick([words.Pick(Settings), words.Pick(Recurrences), words.Text()])}",
            () => $"meeting {words.Pick(["cancel", "restore", "xyzzy"])} {words.Pick(Names)} --date {words.Pick(Dates)} --why {words.Text()}",
            () => words.Pick(["meetings", "actions", "actions @adam.c", "actions --page 99999", "minutes", "release", "demo", "add", "action", "meeting"]),
        ])();
    }

    private static JsonNode? Value(Words words, Edge edge) => words.Pick<Func<JsonNode?>>(
    [
        () => null, () => "", () => "\u0000", () => 17, () => true, () => new JsonArray(1), () => new JsonObject(), () => words.Pick(Names), () => words.Pick(Links), () => words.Pick(Dates),
        () => words.Pick(Lengths), () => words.Text(), () => new string('x', 30_000), () => edge.Team.Adam.Id, () => edge.Team.BotUser.Id, () => "../../users/me",
    ])();

    private static string? Wrong(Edge edge, string sent, string said) =>
        said.Length > LongestAnswer ? $"{sent}\nis answered with {said.Length} characters"
        : FaultId.IsMatch(said) ? $"{sent}\nmeets a fault: {said}\n{edge.Logs.Lines.LastOrDefault(l => l.Values.ContainsKey("Fault"))}"
        : Group.IsMatch(said) ? $"{sent}\nmentions a group: {said}"
        : null;

    /// <summary>All that it caused reaches Mattermost, what people read there is as safe as the answers, and what is confidential is nowhere else.</summary>
    private async Task AssertSoundAsync(Edge edge)
    {
        await edge.SettledAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(edge.Team.Server.UnexpectedCalls, Is.Empty, Seed());
            Assert.That(await edge.Store.ReadAsync(t => t.Query<string>("select error from deliveries where state = 3"), CancellationToken.None), Is.Empty, Seed());
            var posts = edge.Team.Server.Posts().Where(p => p.UserId == edge.Team.BotUser.Id).ToList();
            Assert.That(posts.SelectMany(p => p.Attachments.Select(a => a.Text).Append(p.Message)).Where(t => Group.IsMatch(t)).Take(3), Is.Empty, Seed());
            Assert.That(
                posts.Where(p => p.ChannelId != edge.Team.PmPrivate.Id).Select(p => p.Message).Where(m => m.Contains("Hiring plan", StringComparison.Ordinal)), Is.Empty, Seed());
        });
    }
}
