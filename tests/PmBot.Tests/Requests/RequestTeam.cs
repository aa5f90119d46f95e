using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Requests;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>A team that files requests, with the real bot, in a time that stands still. It begins on a Wednesday at 10:00 in Palo Alto.</summary>
internal abstract class RequestTeam
{
    private static readonly LocalDateTimePattern Written = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm");

    private DirectoryInfo _folder = null!;
    private CancellationTokenSource _patience = null!;

    protected SandboxTeam Team { get; private set; } = null!;

    protected SandboxClock Clock { get; private set; } = null!;

    protected LogCapture Logs { get; } = new();

    /// <summary>What happens to the calls of the server.</summary>
    protected Func<HttpContext, RequestDelegate, Task>? Meddle { get; set; }

    /// <summary>Settings of the bot beside the team's; read when it starts.</summary>
    protected Dictionary<string, string?> Settings { get; } = new(StringComparer.Ordinal);

    protected StandInServer Server => Team.Server;

    protected IStore Store => Team.Bot.GetRequiredService<IStore>();

    protected Alarms Alarms => Team.Bot.GetRequiredService<Alarms>();

    protected Instant Now => Instant.FromDateTimeOffset(Clock.GetUtcNow());

    protected virtual DateTimeOffset Start => new(2026, 11, 25, 18, 0, 0, TimeSpan.Zero);

    /// <summary>Two minutes are a hang.</summary>
    protected CancellationToken Patience => _patience.Token;

    [SetUp]
    public async Task SetUpAsync()
    {
        _patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        _folder = Directory.CreateTempSubdirectory("pmbot-test-");
        Clock = SandboxClock.Pinned(Start);
        Team = await SandboxTeam.StartAsync(
            Clock, _folder.FullName,
            configure: (app, _) => app.Use((HttpContext http, RequestDelegate next) => Meddle is { } meddle ? meddle(http, next) : next(http)),
            settings: TestEngine.Current.Settings(_folder.FullName), engines: TestEngine.Engines);
        await StartBotAsync();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        Server.Faults.Clear();
        await Team.DisposeAsync();
        Clock.Dispose();
        _folder.Delete(recursive: true);
        _patience.Dispose();
    }

    protected Task StartBotAsync() => Team.StartBotAsync(builder =>
    {
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerProvider>(Logs);
        builder.Configuration.AddInMemoryCollection(Settings);
    });

    /// <summary>Types a command in the product managers' channel.</summary>
    /// <returns>What its user sees, once all that it causes is done.</returns>
    protected Task<string> TypeAsync(ChatUser user, string text) => TypeAsync(user, Team.ProductManagement, text);

    /// <inheritdoc cref="TypeAsync(ChatUser, string)"/>
    protected async Task<string> TypeAsync(ChatUser user, ChatChannel channel, string text)
    {
        var result = await Server.TypeAsync(user, channel, text);
        await Team.SettledAsync(Patience);
        return result.Text;
    }

    /// <summary>Files requests, each with one customer's wish for a title, and makes them somebody's.</summary>
    protected async Task FileAsync(ChatUser? assignee, params IReadOnlyList<string> titles)
    {
        foreach (var title in titles)
        {
            var filed = await TypeAsync(Team.Sam, $"/cr-assign new {title}");
            Assert.That(filed, Does.StartWith("CR-"));
            if (assignee is not null)
            {
                Assert.That(await TypeAsync(Team.Katie, $"/cr-assign {filed.Split(' ')[0]} @{assignee.Username}"), Does.Contain(" is now "));
            }
        }
    }

    /// <summary>A rotation whose roster is, in the order of their turns, aaron.r, adam.c, jason.b, katie.w.</summary>
    protected async Task RotateAsync()
    {
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation create \"PM rotation\""), Does.Contain("is made"));
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation add @adam.c @katie.w @jason.b @aaron.r"), Does.StartWith("Added"));
    }

    /// <summary>The instant of a wall-clock time such as <c>2026-11-30 09:05</c>.</summary>
    protected static DateTimeOffset At(string local, string zone = "America/Los_Angeles") =>
        Written.Parse(local).GetValueOrThrow().InZoneStrictly(DateTimeZoneProviders.Tzdb[zone]).ToDateTimeOffset();

    /// <summary>Moves the clock, and waits until what is due is done.</summary>
    protected async Task GoToAsync(string local, string zone = "America/Los_Angeles")
    {
        Clock.MoveTo(At(local, zone));
        await Team.SettledAsync(Patience);
    }

    /// <summary>What the bot wrote in a channel, the oldest first; texts only.</summary>
    protected IReadOnlyList<string> Texts(ChatChannel channel) =>
        [.. Server.Posts(channel).Where(p => p.UserId == Team.BotUser.Id && p.Message.Length > 0).Select(p => p.Message)];

    /// <summary>The reminders of requests without a decision in a channel, the oldest first.</summary>
    protected IReadOnlyList<string> Reminders(ChatChannel? channel = null) =>
        [.. Texts(channel ?? Team.ProductManagement).Where(t => t.StartsWith("#### Requests without a decision\n", StringComparison.Ordinal))];

    /// <summary>The lines of the only reminder: one for each product manager.</summary>
    protected IReadOnlyList<string> Lines() =>
        [.. Reminders().Single().Split('\n').Where(l => l.StartsWith("- ", StringComparison.Ordinal))];

    /// <summary>What somebody was told of requests that are nobody's.</summary>
    protected IReadOnlyList<string> StillUnassigned(ChatUser user) =>
        [.. Server.Direct(Team.BotUser, user).Select(p => p.Message).Where(t => t.Contains("Before the PM sync", StringComparison.Ordinal))];

    /// <summary>How much was said, the meetings' announcements left out.</summary>
    protected Task<long> DeliveriesAsync() => Store.ReadAsync(t => t.Query<long>("select count(*) from deliveries where body not like '%/agenda %'")[0], Patience);

    protected async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(10, Patience);
        }
    }

    /// <summary>The clock of requests, as the alarm runs it.</summary>
    protected Task RunClockAsync() => Team.Bot.GetRequiredService<RequestClock>().RunAsync(Team.Team.Id, Patience);
}
