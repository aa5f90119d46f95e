using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using NUnit.Framework;
using PmBot.Sandbox;
using PmBot.Sandbox.Page;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Sandbox;

/// <summary>A small team on a stand-in server, and an integration that it can call.</summary>
internal abstract class StandInFixture
{
    protected static readonly DateTimeOffset Monday = new(2026, 11, 30, 17, 0, 0, TimeSpan.Zero);

    private HttpClient _http = null!;

    protected SandboxClock Clock { get; private set; } = null!;

    protected StandInServer Server { get; private set; } = null!;

    protected Receiver Bot { get; private set; } = null!;

    protected ChatTeam Team { get; private set; } = null!;

    protected ChatUser Adam { get; private set; } = null!;

    protected ChatUser Katie { get; private set; } = null!;

    protected ChatUser PmBot { get; private set; } = null!;

    protected ChatChannel Pm { get; private set; } = null!;

    protected ChatChannel Twitter { get; private set; } = null!;

    protected ChatChannel Private { get; private set; } = null!;

    [SetUp]
    public async Task StartAsync()
    {
        Clock = SandboxClock.Pinned(Monday);
        Server = await StandInServer.StartAsync(Clock, configure: (app, server) => ChatPage.Map(app, server));
        Bot = await Receiver.StartAsync();
        _http = new HttpClient { BaseAddress = Server.Url };
        Team = Server.AddTeam("core", "Core");
        Adam = Server.AddUser("adam.c", "Adam", "Clark");
        Katie = Server.AddUser("katie.w", "Katie", "Wier");
        PmBot = Server.AddBot("pm-bot", "PM Bot");
        Pm = Server.AddChannel(Team, "product-management");
        Twitter = Server.AddChannel(Team, "twitter");
        Private = Server.AddChannel(Team, "pm-private", isPrivate: true);
        Server.Join(Pm, Adam, Katie, PmBot);
        Server.Join(Twitter, Adam, Katie, PmBot);
        Server.Join(Private, Katie);
    }

    [TearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
        await Bot.DisposeAsync();
        Clock.Dispose();
    }

    protected Task<HttpResponseMessage> CallAsync(ChatUser? user, string method, string path, object? body = null) =>
        SendAsync(user?.Token, method, path, body as string ?? (body is null ? null : JsonSerializer.Serialize(body)));

    protected Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request);

    protected async Task<HttpResponseMessage> SendAsync(string? token, string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await _http.SendAsync(request);
    }

    protected async Task<JsonElement> JsonAsync(ChatUser? user, string method, string path, object? body = null)
    {
        using var response = await CallAsync(user, method, path, body);
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
    }

    /// <summary>The status and the error id of a refused call.</summary>
    protected async Task<(int Status, string? Error)> RefusalAsync(ChatUser? user, string method, string path, object? body = null)
    {
        using var response = await CallAsync(user, method, path, body);
        var json = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, json.GetProperty("id").GetString());
    }

    protected async Task<string> PostIdAsync(ChatUser user, object body) =>
        (await JsonAsync(user, "POST", "/api/v4/posts", body)).GetProperty("id").GetString()!;
}
