using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost.Inbound;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Replicas;

/// <summary>A team on a stand-in server, and several bots beside it that share a PostgreSQL database. Each has a clock of its own.</summary>
internal sealed class ReplicaTeam : IAsyncDisposable
{
    /// <summary>Monday, three minutes before the handoff.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 30, 16, 57, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder;
    private readonly SandboxClock _clock;
    private readonly List<Replica> _replicas = [];

    private ReplicaTeam(DirectoryInfo folder, SandboxClock clock, SandboxTeam team, string connection) =>
        (_folder, _clock, Team, Connection) = (folder, clock, team, connection);

    public SandboxTeam Team { get; }

    /// <summary>The database.</summary>
    public string Connection { get; }

    /// <summary>What happens to calls of the server's API.</summary>
    public Func<HttpContext, RequestDelegate, Task>? Meddle { get; set; }

    /// <summary>How often a post was asked for, whatever came of it.</summary>
    public int PostCalls => Team.Server.Calls.Count(c => c.Method == "POST" && c.Path == "/api/v4/posts");

    public static async Task<ReplicaTeam> StartAsync()
    {
        PostgresServer.Require();
        var folder = Directory.CreateTempSubdirectory("pmbot-replicas-");
        var clock = SandboxClock.Running(Start);
        ReplicaTeam? made = null;
        var team = await SandboxTeam.StartAsync(
            clock, folder.FullName,
            configure: (app, _) => app.Use((HttpContext http, RequestDelegate next) => made?.Meddle is { } meddle ? meddle(http, next) : next(http)));
        return made = new ReplicaTeam(folder, clock, team, PostgresServer.Shared.NewSchema());
    }

    /// <summary>Starts a bot on the shared data.</summary>
    /// <param name="clock">Its clock; null for one that flows from <see cref="Start"/> on.</param>
    public async Task<Replica> AddAsync(SandboxClock? clock = null)
    {
        var time = clock ?? SandboxClock.Running(Start);
        var logs = new LogCapture();
        var bot = BotHost.Build(null, builder =>
        {
            builder.Configuration.AddInMemoryCollection(Team.Settings);
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Urls"] = "http://127.0.0.1:0",
                ["Storage:Provider"] = "Postgres",
                ["Storage:ConnectionString"] = Connection,
            });
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<ILoggerProvider>(logs);
            builder.Logging.AddFilter<LogCapture>("PmBot", LogLevel.Debug);
        });
        await bot.StartAsync();
        var replica = new Replica(this, bot, time, logs);
        lock (_replicas)
        {
            _replicas.Add(replica);
        }

        return replica;
    }

    /// <summary>Starts several at the same moment.</summary>
    /// <param name="clocks">Their clocks.</param>
    public Task<Replica[]> AddAsync(params IReadOnlyList<SandboxClock?> clocks) => Task.WhenAll(clocks.Select(c => Task.Run(() => AddAsync(c))));

    /// <summary>The data, without a bot.</summary>
    public IStore OpenStore(TimeProvider time) => StoreEngines.BuiltIn.Of("Postgres").Open(Connection, time, LoggerFactory.Create(_ => { }));

    /// <summary>What the bots wrote in a channel, the oldest first.</summary>
    public IReadOnlyList<string> Texts(ChatChannel channel) => [.. Team.Server.Posts(channel).Where(p => p.UserId == Team.BotUser.Id).Select(p => p.Message)];

    public static async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        try
        {
            while (!await condition())
            {
                await Task.Delay(20, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Waited in vain until {what}.");
        }
    }

    public static Task UntilAsync(Func<bool> condition, string what, CancellationToken cancellationToken) =>
        UntilAsync(() => Task.FromResult(condition()), what, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Meddle = null;
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await Team.DisposeAsync();
        _clock.Dispose();
        _folder.Delete(recursive: true);
    }
}

/// <summary>One of the bots.</summary>
internal sealed class Replica(ReplicaTeam replicas, WebApplication bot, SandboxClock clock, LogCapture logs) : IAsyncDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(bot.Urls.First()) };

    public SandboxClock Clock => clock;

    public LogCapture Logs => logs;

    public IStore Store => Get<IStore>();

    public ActionSigner Signer => Get<ActionSigner>();

    public T Get<T>()
        where T : notnull => bot.Services.GetRequiredService<T>();

    /// <summary>Puts posts into the outbox in one transaction, as a change would.</summary>
    public Task<bool> SendAsync(params IReadOnlyList<Content> posts) => Store.ExecuteAsync(
        transaction =>
        {
            foreach (var post in posts)
            {
                Get<Outbox>().Add(transaction, replicas.Team.Team.Id, post);
            }

            return true;
        },
        CancellationToken.None);

    public Task<long> CountAsync(string from) => Store.ReadAsync(t => t.Query<long>($"select count(*) from {from}")[0], CancellationToken.None);

    /// <summary>A command of the team's admin.</summary>
    public async Task<JsonObject> CommandAsync(string text, string trigger = "pm-rotation")
    {
        var (team, caller) = (replicas.Team, replicas.Team.Katie);
        using var form = new FormUrlEncodedContent(
        [
            new("channel_id", team.ProductManagement.Id), new("channel_name", "product-management"), new("command", "/" + trigger),
            new("response_url", "http://127.0.0.1:1/hooks/commands/none"), new("team_domain", "core"), new("team_id", team.Team.Id), new("text", text),
            new("token", team.CommandTokens[trigger]), new("trigger_id", "none"), new("user_id", caller.Id), new("user_name", caller.Username),
        ]);
        using var answer = await _http.PostAsync(new Uri($"/mattermost/commands/{trigger}", UriKind.Relative), form);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
    }

    /// <summary>A command that must come out as said.</summary>
    public async Task MustAsync(string text, string says, string trigger = "pm-rotation") =>
        Assert.That((string?)(await CommandAsync(text, trigger))["text"], Does.Contain(says));

    /// <summary>The team's admin presses a button.</summary>
    /// <param name="context">The button's context.</param>
    /// <returns>The status, and what is answered.</returns>
    public async Task<(int Status, string Text)> PressAsync(JsonNode context)
    {
        var (team, caller) = (replicas.Team, replicas.Team.Katie);
        using var answer = await _http.PostAsJsonAsync(new Uri(MattermostEndpoints.ActionsPath, UriKind.Relative), new
        {
            user_id = caller.Id,
            user_name = caller.Username,
            channel_id = team.ProductManagement.Id,
            team_id = team.Team.Id,
            post_id = "p",
            trigger_id = "t",
            context,
        });
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await bot.StopAsync();
        await bot.DisposeAsync();
        clock.Dispose();
    }
}
