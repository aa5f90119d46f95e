using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Mattermost.Client;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Faults;

/// <summary>A team whose Mattermost fails in all the ways that a test wants, with the real bot beside it, in a time that flows.</summary>
internal abstract class FaultyTeam
{
    protected const string Posting = "/api/v4/posts";

    /// <summary>Monday, a minute after the handoff.</summary>
    protected static readonly DateTimeOffset Start = new(2026, 11, 30, 17, 1, 0, TimeSpan.Zero);

    private DirectoryInfo _folder = null!;
    private SandboxClock _clock = null!;

    protected SandboxTeam Team { get; private set; } = null!;

    /// <summary>What happens to an answer after its call took effect; the faults of the stand-in come before, or cut the connection.</summary>
    protected Func<HttpContext, RequestDelegate, Task>? Meddle { get; set; }

    protected SandboxClock Clock => _clock;

    protected StandInServer Server => Team.Server;

    protected Outbox Outbox => Team.Bot.GetRequiredService<Outbox>();

    protected IStore Store => Team.Bot.GetRequiredService<IStore>();

    /// <summary>A client that loses patience soon, and whose circuit closes soon again.</summary>
    protected static ClientTiming Hasty { get; } = new()
    {
        Attempt = TimeSpan.FromSeconds(2),
        RetryDelay = TimeSpan.FromMilliseconds(10),
        BreakerWindow = TimeSpan.FromMilliseconds(500),
        Break = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>Calls that make a post.</summary>
    protected IReadOnlyList<ApiCall> PostCalls => [.. Server.Calls.Where(c => c.Method == "POST" && c.Path == Posting)];

    [SetUp]
    public async Task SetUpAsync()
    {
        _folder = Directory.CreateTempSubdirectory("pmbot-test-");
        _clock = SandboxClock.Running(Start);
        Team = await SandboxTeam.StartAsync(
            _clock, _folder.FullName,
            configure: (app, _) => app.Use((HttpContext http, RequestDelegate next) => Meddle is { } meddle ? meddle(http, next) : next(http)),
            settings: TestEngine.Current.Settings(
                _folder.FullName, new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:Admins:0"] = "katie.w", ["PmBot:Admins:1"] = "adam.c" }),
            engines: TestEngine.Engines);
        await StartBotAsync();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        Server.Faults.Clear();
        Meddle = null;
        await Team.DisposeAsync();
        _clock.Dispose();
        _folder.Delete(recursive: true);
    }

    protected Task StartBotAsync(ClientTiming? timing = null) => Team.StartBotAsync(builder =>
    {
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(timing ?? Hasty);
        Configure(builder.Services);
    });

    /// <summary>Adds to the bot what a test needs in it.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }

    /// <summary>Puts posts into the outbox, in one transaction, as a change would.</summary>
    protected Task<IReadOnlyList<string>> SendAsync(params IReadOnlyList<(ChatChannel Channel, string Text)> posts) => SendAsync(null, posts);

    /// <inheritdoc cref="SendAsync(IReadOnlyList{ValueTuple{ChatChannel, string}})"/>
    protected Task<IReadOnlyList<string>> SendAsync(Instant? expires, params IReadOnlyList<(ChatChannel Channel, string Text)> posts) =>
        Store.ExecuteAsync<IReadOnlyList<string>>(
            transaction =>
            {
                var ids = posts.Select(_ => Outbox.NewId()).ToList();
                foreach (var (post, id) in posts.Zip(ids))
                {
                    Outbox.Add(transaction, Team.Team.Id, new Content.Post(post.Channel.Id, post.Text, null), expires, id);
                }

                return ids;
            },
            CancellationToken.None);

    /// <summary>What the bot wrote in a channel, the oldest first.</summary>
    protected IReadOnlyList<string> Texts(ChatChannel channel) =>
        [.. Server.Posts(channel).Where(p => p.UserId == Team.BotUser.Id).Select(p => p.Message)];

    /// <summary>Waits until every delivery came to an end.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="hurry">Lets the clock run faster, for the pauses between attempts grow long.</param>
    protected Task AllEndedAsync(CancellationToken cancellationToken, bool hurry = false) => UntilAsync(
        async () =>
        {
            if (hurry)
            {
                Clock.Advance(TimeSpan.FromMilliseconds(200));
            }

            return await CountAsync("state < 2") == 0;
        },
        "all deliveries come to an end",
        cancellationToken);

    /// <summary>Waits until a delivery was tried so often, and waits for its next attempt.</summary>
    protected Task TriedAsync(string id, int times, CancellationToken cancellationToken) =>
        UntilAsync(async () => await CountAsync($"id = '{id}' and state = 0 and attempts >= {times}") == 1, $"{times} attempts", cancellationToken);

    protected Task<long> CountAsync(string where) =>
        Store.ReadAsync(t => t.Query<long>($"select count(*) from deliveries where {where}")[0], CancellationToken.None);

    protected static async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        try
        {
            while (!await condition())
            {
                await Task.Delay(10, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Waited in vain until {what}.");
        }
    }

    /// <summary>Somebody posts by the API, with whatever props they like.</summary>
    protected async Task PostAsAsync(ChatUser user, ChatChannel channel, string text, object props)
    {
        using var http = new HttpClient { BaseAddress = Server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", user.Token);
        using var answer = await http.PostAsJsonAsync(new Uri(Posting, UriKind.Relative), new { channel_id = channel.Id, message = text, props });
        Assert.That(answer.IsSuccessStatusCode);
    }

    /// <summary>Fails all reading of posts, so that an attempt of unknown outcome stays unknown until the faults are cleared.</summary>
    protected void KeepUnknown() => Server.Faults.Add(new Fault(
        r => r.Method == "GET" && r.Path.Contains("/posts?", StringComparison.Ordinal), new FaultKind.Status(503), int.MaxValue));

    protected static bool IsPost(FaultRequest request) => request.Method == "POST" && request.Path == Posting;

    protected static bool IsPost(HttpContext http) => http.Request.Method == "POST" && http.Request.Path == Posting;

    /// <summary>Carries the call out, but answers something else.</summary>
    protected static async Task AnswerInsteadAsync(HttpContext http, RequestDelegate next, int status, object json)
    {
        var answer = http.Response.Body;
        http.Response.Body = new MemoryStream();
        await next(http);
        http.Response.Body = answer;
        http.Response.StatusCode = status;
        await http.Response.WriteAsync(JsonSerializer.Serialize(json));
    }
}
