using System.Net;
using System.Net.Sockets;
using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;

namespace PmBot.Sandbox;

/// <summary>A small product team on a stand-in server, with the real bot beside it, both in the time of one clock.</summary>
public sealed class SandboxTeam : IAsyncDisposable
{
    private static readonly string[] Commands = ["pm-rotation", "cr-assign", "agenda"];

    private readonly string _folder;
    private readonly int _botPort;
    private readonly IReadOnlyDictionary<string, string?> _settings;
    private readonly StoreEngines? _engines;
    private WebApplication? _bot;

    private SandboxTeam(StandInServer server, string folder, IReadOnlyDictionary<string, string?> settings, StoreEngines? engines)
    {
        (Server, _folder, _settings, _engines) = (server, folder, settings, engines);
        _botPort = FreePort();
        Team = server.AddTeam("core", "Core");
        Adam = server.AddUser("adam.c", "Adam", "Clark");
        Katie = server.AddUser("katie.w", "Katie", "Wier");
        Jason = server.AddUser("jason.b", "Jason", "Bell");
        Aaron = server.AddUser("aaron.r", "Aaron", "Roth");
        Sam = server.AddUser("sam.sales", "Sam", "Sellers");
        BotUser = server.AddBot("pm-bot", "PM Bot");
        Feed = server.AddBot("twitter-feed", "Twitter");
        ProductManagement = server.AddChannel(Team, "product-management", "Product Management");
        Twitter = server.AddChannel(Team, "twitter", "Twitter");
        PmPrivate = server.AddChannel(Team, "pm-private", "PM: Private", isPrivate: true);
        TownSquare = server.AddChannel(Team, "town-square", "Town Square");
        server.Join(ProductManagement, Adam, Katie, Jason, Aaron, Sam, BotUser);
        server.Join(Twitter, Adam, Katie, Jason, Aaron, BotUser, Feed);
        server.Join(PmPrivate, Adam, Katie, Jason, Aaron, BotUser);
        server.Join(TownSquare, Adam, Katie, Jason, Aaron, Sam);
        server.MakeTeamAdmin(Team, Katie);
        CommandTokens = Commands.ToDictionary(c => c, c => server.AddCommand(Team, c, $"{BotUrl}/mattermost/commands/{c}"), StringComparer.Ordinal);
        var hooks = BotUrl + "/mattermost/hooks/outgoing";
        var requests = server.AddOutgoingWebhook(Team, null, ["#cr", "cr:"], hooks);
        var agenda = server.AddOutgoingWebhook(Team, null, ["#agenda", "agenda:"], hooks);

        // A form is what Mattermost sends unless its admin chooses otherwise; so the team has both kinds.
        var escalations = server.AddOutgoingWebhook(Team, null, ["#escalate"], hooks, "application/x-www-form-urlencoded");
        WebhookTokens = new Dictionary<string, string>(StringComparer.Ordinal) { ["#cr"] = requests, ["cr:"] = requests, ["#escalate"] = escalations, ["#agenda"] = agenda, ["agenda:"] = agenda };
        server.Clock.Moved += SetAlarms;
    }

    /// <summary>The stand-in server.</summary>
    public StandInServer Server { get; }

    /// <summary>The time of everything.</summary>
    public SandboxClock Clock => Server.Clock;

    /// <summary>The team.</summary>
    public ChatTeam Team { get; }

    /// <summary>A product manager.</summary>
    public ChatUser Adam { get; }

    /// <summary>A product manager, and admin of the team.</summary>
    public ChatUser Katie { get; }

    /// <summary>A product manager.</summary>
    public ChatUser Jason { get; }

    /// <summary>A product manager.</summary>
    public ChatUser Aaron { get; }

    /// <summary>Somebody of Sales, who is in no rotation.</summary>
    public ChatUser Sam { get; }

    /// <summary>The bot's account.</summary>
    public ChatUser BotUser { get; }

    /// <summary>The account that brings the posts from Twitter.</summary>
    public ChatUser Feed { get; }

    /// <summary>The product managers' channel.</summary>
    public ChatChannel ProductManagement { get; }

    /// <summary>The channel of the posts from Twitter.</summary>
    public ChatChannel Twitter { get; }

    /// <summary>The product managers' private channel.</summary>
    public ChatChannel PmPrivate { get; }

    /// <summary>A channel that the bot is no member of.</summary>
    public ChatChannel TownSquare { get; }

    /// <summary>Where the bot listens.</summary>
    public string BotUrl => $"http://127.0.0.1:{_botPort}";

    /// <summary>The token of <c>/pm-rotation</c>.</summary>
    public string CommandToken => CommandTokens["pm-rotation"];

    /// <summary>The token of each slash command, by its trigger.</summary>
    public IReadOnlyDictionary<string, string> CommandTokens { get; }

    /// <summary>The token of each outgoing webhook, by its trigger words; several words can be those of one webhook.</summary>
    public IReadOnlyDictionary<string, string> WebhookTokens { get; }

    /// <summary>Whether the bot runs.</summary>
    public bool IsBotRunning => _bot is not null;

    /// <summary>The bot's services, while it runs.</summary>
    public IServiceProvider Bot => (_bot ?? throw new InvalidOperationException("The bot is not running.")).Services;

    /// <summary>The bot's settings, as its environment would hold them.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Urls"] = BotUrl,
        ["Mattermost:Url"] = Server.Url.ToString(),
        ["Mattermost:BotToken"] = BotUser.Token,
        ["PmBot:PublicUrl"] = BotUrl,
        ["Storage:ConnectionString"] = $"Data Source={Path.Combine(_folder, "pmbot.db")}",
        ["Storage:Backup:Folder"] = "off", // nothing is kept here
    }
        .Concat(CommandTokens.Select(t => KeyValuePair.Create($"Mattermost:CommandTokens:{t.Key}:0", (string?)t.Value)))
        .Concat(WebhookTokens.Values.Distinct(StringComparer.Ordinal).Select((t, n) => KeyValuePair.Create($"Mattermost:WebhookTokens:{n}", (string?)t)))
        .Concat(_settings).GroupBy(s => s.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal);

    /// <summary>Starts the server with its people; the bot is started by <see cref="StartBotAsync"/>.</summary>
    /// <param name="clock">The time.</param>
    /// <param name="folder">Where the bot keeps its data.</param>
    /// <param name="port">Where the server listens; 0 for any free port.</param>
    /// <param name="configure">Adds routes to the server.</param>
    /// <param name="settings">Settings of the bot beside, or instead of, those that the team needs.</param>
    /// <param name="engines">The engines that the bot has; null for its own.</param>
    public static async Task<SandboxTeam> StartAsync(
        SandboxClock clock,
        string folder,
        int port = 0,
        Action<WebApplication, StandInServer>? configure = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        StoreEngines? engines = null)
    {
        var server = await StandInServer.StartAsync(clock, port, configure);
        return new SandboxTeam(server, folder, settings ?? new Dictionary<string, string?>(StringComparer.Ordinal), engines);
    }

    /// <summary>Starts the bot, on the data it left behind.</summary>
    /// <param name="configure">Further changes, such as a logger.</param>
    public async Task StartBotAsync(Action<WebApplicationBuilder>? configure = null)
    {
        var bot = BotHost.Build(null, builder =>
        {
            builder.Configuration.AddInMemoryCollection(Settings);
            builder.Services.AddSingleton<TimeProvider>(Clock);
            configure?.Invoke(builder);
        }, _engines);
        await bot.StartAsync();
        _bot = bot;
    }

    /// <summary>Stops the bot as an operator would.</summary>
    public async Task StopBotAsync()
    {
        if (_bot is { } bot)
        {
            _bot = null;
            await bot.StopAsync();
            await bot.DisposeAsync();
        }
    }

    /// <summary>Waits until the bot has done all that is due now, and delivered all that it can.</summary>
    public async Task SettledAsync(CancellationToken cancellationToken)
    {
        var store = Bot.GetRequiredService<IStore>();
        var alarms = Bot.GetRequiredService<Alarms>();
        while (true)
        {
            var now = Instant.FromDateTimeOffset(Clock.GetUtcNow());
            var open = await store.ReadAsync(
                t => alarms.Due(t, now) + t.Query<long>(
                    "select count(*) from deliveries where state = 1 or (state = 0 and due_at <= @now)", new { now = now.ToUnixTimeMilliseconds() })[0],
                cancellationToken);
            if (open == 0)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    /// <summary>
    /// Lets time pass as a running bot lives through it: the clock halts wherever something is due on the way, until the bot has done it.
    /// While the bot does not run or cannot reach the server, the clock jumps.
    /// </summary>
    /// <param name="to">The time to arrive at; an earlier one than now is jumped to.</param>
    /// <param name="halted">Called at each halt before <paramref name="to"/>; the clock goes on when it is done.</param>
    /// <param name="cancellationToken">Ends the wait; the clock stays where it is then.</param>
    public async Task PassTimeAsync(DateTimeOffset to, Func<Task>? halted, CancellationToken cancellationToken)
    {
        while (IsBotRunning && !Server.Faults.Down)
        {
            await SettledAsync(cancellationToken);
            if (await NextDueAsync(cancellationToken) is not { } next || next >= to)
            {
                break;
            }

            Clock.MoveTo(next);
            await SettledAsync(cancellationToken);
            await (halted?.Invoke() ?? Task.CompletedTask);
        }

        Clock.MoveTo(to);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Clock.Moved -= SetAlarms;
        await StopBotAsync();
        await Server.DisposeAsync();
    }

    private async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken)
    {
        var alarms = Bot.GetRequiredService<Alarms>();
        var (alarm, delivery) = await Bot.GetRequiredService<IStore>().ReadAsync(
            t => (alarms.Next(t)?.ToUnixTimeMilliseconds(), t.Query<long?>("select min(due_at) from deliveries where state = 0")[0]), cancellationToken);
        return alarm is null && delivery is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(alarm ?? long.MaxValue, delivery ?? long.MaxValue));
    }

    // Quartz waits in real time for what is due by the clock; setting these alarms anew has it look at the clock again.
    private void SetAlarms()
    {
        if (_bot is { } bot)
        {
            _ = bot.Services.GetRequiredService<Alarms>().SetDueAsync(CancellationToken.None);
        }
    }

    /// <summary>
    /// A port that nobody listens on, below those from which the system takes its own: one of these could be taken for a connection
    /// before the bot listens.
    /// </summary>
    internal static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(15_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one.
            }
        }
    }
}
