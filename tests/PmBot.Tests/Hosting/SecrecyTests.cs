using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Hosting;

/// <summary>Secrets stay where they belong, and what people write stays out of the log and of all that is exported, at whatever level it is kept.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class SecrecyTests
{
    private const string Configured = "a-signing-key-of-at-least-32-characters";

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(120_000)]
    public async Task A_busy_week_leaves_no_secret_anywhere(bool configuredKey, CancellationToken cancellationToken)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = receiver.Settings(
            ("Logging:LogLevel:Default", "Trace"),
            ("Mattermost:CommandTokens:pm-rotation:1", "second-token-of-the-trigger"),
            ("PmBot:SigningKey", configuredKey ? Configured : ""));
        await using var edge = await Edge.StartAsync(settings, rotation: false);
        var answers = new List<Answer>();

        await Type("create \"Zebra duty\" --header ~twitter");
        await Type("add @adam.c @katie.w @jason.b @aaron.r");
        await Type("handoff --now walrus-note in private");
        await Type("duties add walrus-duty of the week");
        await Type("away @jason.b 2026-12-14 2026-12-20 walrus-reason nobody knows");
        await Type("set every nonsense-walrus");
        await Type("walrus-verb with text");

        // The address itself is for its owner to read, so that answer is not kept with the others.
        var calendar = (await edge.CommandAsync("calendar")).Text.Split('`')[1];
        answers.Add(await edge.SendAsync(HttpMethod.Get, calendar));
        await Type("histry");
        await Type("cover next monday @jason.b", edge.Team.Adam);
        await edge.SettledAsync();
        await Press(edge.Team.Jason, "Yes, I do it");
        await Press(edge.Team.Aaron, "I've got it");
        await Type("handoff walrus-note from aaron", edge.Team.Aaron);

        // Requests: their texts come typed, by post, by form and by file, and go out in posts, messages and a file.
        await Request("area set Walrus-area @adam.c --keywords walrus-word");
        await Request("new walrus-title of a request --customer walrus-customer --link https://example.com/walrus-link");
        await Request("usecase 1 walrus-case");
        await Request("1 @adam.c");
        await Request("decide 1 walrus-decision");
        await Request("decide 1 near term");
        await Request("discuss 1 walrus-why");
        await Request("idea 1 walrus-idea");
        await Request("process 1 walrus-comment");
        await Request("edit 1 walrus-field walrus-value");
        await Request("walrus-verb of requests");
        await Request("auto");
        await Request("export");
        answers.Add(await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#cr walrus-post\nwalrus-case", edge.Team.WebhookTokens["#cr"]).ToJsonString()));
        answers.Add(await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#cr walrus-post --area walrus-none", edge.Team.WebhookTokens["#cr"], postId: "second").ToJsonString()));
        answers.Add(await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#escalate walrus-word", edge.Team.WebhookTokens["#escalate"], word: "#escalate", postId: "another").ToJsonString()));
        answers.Add(await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#walrus text", edge.Team.WebhookTokens["#cr"], word: "#walrus", postId: "third").ToJsonString()));
        answers.Add(await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#cr walrus", "wrong").ToJsonString()));
        await edge.Team.Server.TypeAsync(edge.Team.Adam, edge.Team.ProductManagement, "the list", files: [new("walrus.csv", "title,area\nwalrus-line,walrus-none\n")]);
        await Request("import");
        await edge.SettledAsync();
        await Press(edge.Team.Jason, "Take");
        answers.Add(await edge.SubmitAsync(
            edge.Team.Katie,
            edge.Signer.SignText(edge.Signer.New("request.new", edge.Team.Team.Id, edge.Team.ProductManagement.Id, edge.Team.Katie.Id, NodaTime.Duration.FromHours(1))),
            ("title", "walrus-form"), ("area", "walrus-none")));

        // Meetings: an agenda, confidential items, one that is held and what it comes to.
        await Agenda("add walrus-item --doc https://example.com/walrus-doc --time 10m");
        await Agenda("add walrus-secret --private", edge.Team.PmPrivate);
        await Agenda("edit P1 walrus-secret said otherwise", edge.Team.PmPrivate);
        await Agenda("release walrus-release");
        await Agenda("demo walrus-demo");
        await Agenda("meeting create Walrus-meeting --every \"weekly thursday\" --at 10:00");
        await Agenda("meeting set Walrus-meeting name Walrus-review");
        await Agenda("meeting cancel Walrus-review --date 2026-12-03 --why walrus-reason");
        await Agenda("action 1 @adam.c walrus-step");
        await Agenda("update A1 walrus-news");
        await Agenda("walrus-verb of meetings");
        await Agenda("list walrus-nowhere");
        answers.Add(await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#agenda walrus-posted", edge.Team.WebhookTokens["#agenda"], word: "#agenda", postId: "fourth").ToJsonString()));

        // A Mattermost that fails and refuses, a channel that is closed, a fault of the bot's own.
        var faults = edge.Team.Server.Faults;
        faults.Add("POST", "/api/v4/posts", new FaultKind.Status(500, """{"id":"x","message":"walrus"}"""), 2);
        faults.Add("POST", "/api/v4/posts", new FaultKind.DropAfter(), 1);
        edge.Clock.MoveTo(new DateTimeOffset(2026, 11, 30, 17, 0, 0, TimeSpan.Zero));

        // What failed is tried again later, and what is behind it in the channel waits: the time has to go on.
        while (!edge.Team.Server.Posts().Any(p => p.Message.Contains("week of Mon, Nov 30", StringComparison.Ordinal)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            edge.Clock.Advance(TimeSpan.FromSeconds(10));
            answers.Add(await edge.SendAsync(HttpMethod.Get, edge.Url("/health/ready")));
        }

        while ((await edge.SendAsync(HttpMethod.Get, edge.Url("/health/ready"))).Body.Contains("\"waiting\":0", StringComparison.Ordinal) is false)
        {
            cancellationToken.ThrowIfCancellationRequested();
            edge.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        edge.Team.Server.Leave(edge.Team.ProductManagement, edge.Team.BotUser);
        await Type("cover 2026-12-21 @jason.b");
        await edge.SettledAsync();
        edge.Team.Server.Join(edge.Team.ProductManagement, edge.Team.BotUser);
        answers.Add(await edge.PressAsync(edge.Team.Aaron, edge.Signer.Sign(edge.Signer.New("walrus.gone", "w", "walrus-subject"))));
        answers.Add(await edge.PressAsync(edge.Team.Aaron, edge.Signer.Sign(edge.Signer.New("rotation.agree", edge.Team.Team.Id, "walrus is no proposal"))));
        answers.Add(await edge.PostFormAsync(edge.CommandUrl, edge.Form("walrus", token: "wrong"), "Token wrong"));
        answers.Add(await edge.SendAsync(HttpMethod.Get, edge.Url("/health/ready")));
        edge.Team.Server.Faults.Down = true;
        answers.Add(await edge.SendAsync(HttpMethod.Get, edge.Url("/health/ready")));
        edge.Team.Server.Faults.Clear();

        var meta = await edge.RowsAsync("meta");
        var key = meta.Where(r => r.Contains("\"signing_key\"", StringComparison.Ordinal)).Select(r => r.Split('"')[^2]).SingleOrDefault();
        var used = meta.Where(r => r.Contains("\"signing_key_used\"", StringComparison.Ordinal)).Select(r => r.Split('"')[^2]).Single();
        Assert.That(key is null, Is.EqualTo(configuredKey), "the bot makes a key where none is set");
        List<string> secrets = [edge.Team.BotUser.Token, .. edge.Team.CommandTokens.Values, .. edge.Team.WebhookTokens.Values, "second-token-of-the-trigger", key ?? Configured, used, calendar.Split('/')[^1][..^4]];
        var rows = await edge.RowsAsync();
        await edge.Team.StopBotAsync();
        cancellationToken.ThrowIfCancellationRequested();
        Assert.Multiple(() =>
        {
            Assert.That(edge.Logs.Lines, Has.Count.GreaterThan(200));
            var log = edge.Logs.Lines.Select(l => l.ToString()).ToList();

            // An action's name is a word of the code; what the button is about is not.
            Assert.That(log.Where(l => l.Replace("walrus.gone", "", StringComparison.Ordinal).Contains("walrus", StringComparison.OrdinalIgnoreCase)), Is.Empty);
            Assert.That(log.Where(l => l.Contains("zebra", StringComparison.OrdinalIgnoreCase)), Is.Empty);
            // What was exported holds it all, and no more.
            Assert.That(receiver.Logs, Has.Count.GreaterThan(200));
            Assert.That(receiver.Spans.Select(s => s.Name.Split(' ')[0]).Distinct(), Is.SupersetOf(new List<string> { "command", "hook", "action", "dialog", "due", "deliver", "store", "GET" }));
            var exported = receiver.Raw.Select(r => r.Replace("walrus.gone", "", StringComparison.Ordinal)).ToList();
            Assert.That(exported.Where(e => e.Contains("walrus", StringComparison.OrdinalIgnoreCase) || e.Contains("zebra", StringComparison.OrdinalIgnoreCase)), Is.Empty);
            foreach (var secret in secrets)
            {
                Assert.That(exported.Where(e => e.Contains(secret, StringComparison.OrdinalIgnoreCase)), Is.Empty);
                Assert.That(log.Where(l => l.Contains(secret, StringComparison.OrdinalIgnoreCase)), Is.Empty);
                Assert.That(answers.Where(a => a.Body.Contains(secret, StringComparison.OrdinalIgnoreCase)), Is.Empty);
                Assert.That(rows.Where(r => r.Contains(secret, StringComparison.OrdinalIgnoreCase) && !r.StartsWith("[\"meta\"", StringComparison.Ordinal) && !r.StartsWith("[\"calendars\"", StringComparison.Ordinal)), Is.Empty);
                Assert.That(edge.Team.Server.Calls.Where(c => c.Path.Contains(secret, StringComparison.Ordinal) || c.Body.Contains(secret, StringComparison.Ordinal)), Is.Empty);
                Assert.That(edge.Team.Server.Posts().Where(p => p.Message.Contains(secret, StringComparison.Ordinal)), Is.Empty);
            }
        });

        async Task Type(string text, ChatUser? user = null)
        {
            var answer = await edge.CommandAsync(text, user);
            Assert.That(answer.Status, Is.EqualTo(200));
            Assert.That(answer.Text, Does.Not.Contain("fault `"), text);
            answers.Add(answer);
        }

        async Task Request(string text)
        {
            var said = (await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, $"/cr-assign {text}")).Text;
            Assert.That(said, Does.Not.Contain("fault `"), text);
            answers.Add(new Answer(200, null, said));
        }

        async Task Agenda(string text, ChatChannel? channel = null)
        {
            var said = (await edge.Team.Server.TypeAsync(edge.Team.Katie, channel ?? edge.Team.ProductManagement, $"/agenda {text}")).Text;
            Assert.That(said, Does.Not.Contain("fault `"), text);
            answers.Add(new Answer(200, null, said));
        }

        async Task Press(ChatUser user, string button)
        {
            var answer = await edge.PressAsync(user, edge.Button(button));
            Assert.That(answer.Ephemeral, Does.Not.Contain("fault `"), button);
            answers.Add(answer);
        }
    }
}
