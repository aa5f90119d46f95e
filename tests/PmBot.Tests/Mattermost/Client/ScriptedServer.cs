using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;

namespace PmBot.Tests.Mattermost.Client;

/// <summary>A request as it arrived.</summary>
internal sealed record Received(string Method, string Target, string Authorization, string Body);

/// <summary>An HTTP server that answers as a test tells it, and the client as the service builds it.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public const string Token = "k3token5secret7nobody9sees1";

    private readonly WebApplication _app;
    private readonly List<ServiceProvider> _clients = [];

    private ScriptedServer(WebApplication app) => _app = app;

    /// <summary>What the server does with the next requests.</summary>
    public Func<HttpContext, Received, Task> Answer { get; set; } = (_, _) => throw new AssertionException("An unexpected request.");

    /// <summary>All requests so far.</summary>
    public ConcurrentQueue<Received> Requests { get; } = [];

    /// <summary>All that was logged so far.</summary>
    public ConcurrentQueue<string> Logged { get; } = [];

    public ManualClock Clock { get; } = new();

    public string Url => _app.Urls.Single();

    public static async Task<ScriptedServer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.Run(server.Handle);
        await app.StartAsync();
        return server;
    }

    /// <summary>The services as the bot has them, impatient so that tests are quick.</summary>
    public ServiceProvider Services(string token = Token, string? url = null, TimeSpan? attempt = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new Collector(Logged)));
        services.AddMetrics();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(new ClientTiming
        {
            Attempt = attempt ?? TimeSpan.FromSeconds(10),
            RetryDelay = TimeSpan.Zero,
            Break = TimeSpan.FromMilliseconds(500),
            Clock = Clock,
        });
        services.Configure<MattermostOptions>(options =>
        {
            options.Url = url ?? Url;
            options.BotToken = token;
        });
        services.AddMattermostClient();
        var provider = services.BuildServiceProvider();
        _clients.Add(provider);
        return provider;
    }

    public IMattermost Client(string token = Token, string? url = null, TimeSpan? attempt = null) =>
        Services(token, url, attempt).GetRequiredService<IMattermost>();

    /// <summary>Answers every request with the same JSON.</summary>
    public void AnswerAll(int status, string json, params (string Name, string Value)[] headers) =>
        Answer = (http, _) => Reply(http, status, json, headers);

    /// <summary>Answers the requests in turn; the last answer stays.</summary>
    public void AnswerInTurn(params (int Status, string Json)[] answers)
    {
        var next = -1;
        Answer = (http, _) =>
        {
            var (status, json) = answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)];
            return Reply(http, status, json);
        };
    }

    public static async Task Reply(HttpContext http, int status, string json, params (string Name, string Value)[] headers)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        foreach (var (name, value) in headers)
        {
            http.Response.Headers[name] = value;
        }

        await http.Response.WriteAsync(json);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _app.DisposeAsync();
    }

    private async Task Handle(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var received = new Received(
            http.Request.Method,
            http.Request.Path.Value + http.Request.QueryString.Value,
            http.Request.Headers.Authorization.ToString(),
            await reader.ReadToEndAsync());
        Requests.Enqueue(received);
        await Answer(http, received);
    }

    private sealed class Collector(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}

/// <summary>Every test of the client has a server of its own.</summary>
internal abstract class WithServer
{
    protected ScriptedServer Server { get; private set; } = null!;

    [SetUp]
    public async Task StartServer() => Server = await ScriptedServer.Start();

    [TearDown]
    public async Task StopServer() => await Server.DisposeAsync();

    protected static T Value<T>(MattermostResult<T> result) =>
        result is MattermostResult<T>.Ok ok ? ok.Value : throw new AssertionException(result.Describe());
}
