using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PmBot.Mattermost.Inbound;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>An answer of the bot, as it came over the wire.</summary>
internal sealed record Answer(int Status, string? ContentType, string Body)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>The text of a command's answer.</summary>
    public string Text => Json.GetProperty("text").GetString()!;

    /// <summary>The text of a button's answer.</summary>
    public string? Ephemeral => Json.TryGetProperty("ephemeral_text", out var text) ? text.GetString() : null;

    public override string ToString() => $"{Status} {ContentType} {Body}";
}

/// <summary>
/// The real bot beside the stand-in, reached over HTTP by whoever wants to: what comes in need not come from the stand-in.
/// </summary>
internal sealed class Edge : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(40) };
    private readonly string _basePath;

    private Edge(DirectoryInfo folder, SandboxClock clock, SandboxTeam team, string basePath) => (_folder, Clock, Team, _basePath) = (folder, clock, team, basePath);

    public SandboxClock Clock { get; }

    public SandboxTeam Team { get; }

    public LogCapture Logs { get; } = new();

    public string Folder => _folder.FullName;

    public IStore Store => Team.Bot.GetRequiredService<IStore>();

    public ActionSigner Signer => Team.Bot.GetRequiredService<ActionSigner>();

    public string CommandUrl => Url("/mattermost/commands/pm-rotation");

    public string ActionUrl => Url(MattermostEndpoints.ActionsPath);

    public string DialogUrl => Url(MattermostEndpoints.DialogsPath);

    public string HookUrl => Url(MattermostEndpoints.HooksPath);

    public string Url(string path) => Team.BotUrl + _basePath + path;

    /// <summary>Starts the team on a Wednesday, before the first handoff of the rotation that it makes.</summary>
    /// <param name="settings">Settings beside, or instead of, the team's.</param>
    /// <param name="rotation">Whether the rotation is made.</param>
    /// <param name="configure">Further changes, such as a service added.</param>
    public static async Task<Edge> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, bool rotation = true, Action<WebApplicationBuilder>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("pmbot-edge-");
        var clock = SandboxClock.Pinned(new DateTimeOffset(2026, 11, 25, 18, 0, 0, TimeSpan.Zero));
        var team = await SandboxTeam.StartAsync(clock, folder.FullName, settings: TestEngine.Current.Settings(folder.FullName, settings), engines: TestEngine.Engines);
        var edge = new Edge(folder, clock, team, settings?.GetValueOrDefault("PmBot:BasePath") ?? "");
        await edge.StartBotAsync(configure: configure);
        if (rotation)
        {
            await edge.MustAsync("create \"PM rotation\" --header ~twitter", "is made");
            await edge.MustAsync("add @adam.c @katie.w @jason.b @aaron.r", "Added to");
            await edge.MustAsync("handoff --now", "aaron.r is on duty");
            await edge.SettledAsync();
        }

        return edge;
    }

    /// <summary>Starts the bot with every log record kept.</summary>
    /// <param name="settings">Settings beside, or instead of, the team's.</param>
    /// <param name="configure">Further changes, such as a service replaced.</param>
    public Task StartBotAsync(IReadOnlyDictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? configure = null) => Team.StartBotAsync(builder =>
    {
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerProvider>(Logs);
        builder.Logging.AddFilter<LogCapture>(null, LogLevel.Trace);
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>(StringComparer.Ordinal));
        configure?.Invoke(builder);
    });

    /// <summary>Stops the bot and starts it on what it left behind.</summary>
    public async Task StartAgainAsync()
    {
        await Team.StopBotAsync();
        await StartBotAsync();
    }

    /// <summary>A command of the team's admin that must come out as said.</summary>
    public async Task MustAsync(string text, string says, ChatUser? user = null)
    {
        var answer = await CommandAsync(text, user);
        if (answer.Status != 200 || !answer.Text.Contains(says, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"\"{text}\" came to {answer}");
        }
    }

    /// <summary>The fields of a command as Mattermost sends them.</summary>
    public List<KeyValuePair<string, string>> Form(string text, ChatUser? user = null, string? token = null)
    {
        var caller = user ?? Team.Katie;
        return
        [
            new("channel_id", Team.ProductManagement.Id), new("channel_name", "product-management"), new("command", "/pm-rotation"),
            new("response_url", "http://127.0.0.1:1/hooks/commands/none"), new("team_domain", "core"), new("team_id", Team.Team.Id), new("text", text),
            new("token", token ?? Team.CommandToken), new("trigger_id", "none"), new("user_id", caller.Id), new("user_name", caller.Username),
        ];
    }

    public Task<Answer> CommandAsync(string text, ChatUser? user = null) => PostFormAsync(CommandUrl, Form(text, user), $"Token {Team.CommandToken}");

    public Task<Answer> PostFormAsync(string url, IEnumerable<KeyValuePair<string, string>> form, params string[] authorization) =>
        SendAsync(HttpMethod.Post, url, Encoding.ASCII.GetBytes(Encode(form)), "application/x-www-form-urlencoded", authorization: authorization);

    public static string Encode(IEnumerable<KeyValuePair<string, string>> form) => string.Join('&', form.Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value)}"));

    /// <summary>A post as an outgoing webhook brings it.</summary>
    public JsonObject Hook(string text, string token, ChatUser? user = null, string word = "#cr", string postId = "8xkt1n7pkfnr986zt5snanbnqw") => new()
    {
        ["token"] = token,
        ["team_id"] = Team.Team.Id,
        ["team_domain"] = "core",
        ["channel_id"] = Team.ProductManagement.Id,
        ["channel_name"] = "product-management",
        ["timestamp"] = Clock.GetUtcNow().ToUnixTimeMilliseconds(),
        ["user_id"] = (user ?? Team.Adam).Id,
        ["user_name"] = (user ?? Team.Adam).Username,
        ["post_id"] = postId,
        ["text"] = text,
        ["trigger_word"] = word,
        ["file_ids"] = "",
    };

    /// <summary>A press as Mattermost sends it, with whatever context.</summary>
    public Task<Answer> PressAsync(ChatUser user, JsonNode? context) => PostJsonAsync(ActionUrl, Press(user, context).ToJsonString());

    public JsonObject Press(ChatUser user, JsonNode? context) => new()
    {
        ["user_id"] = user.Id,
        ["user_name"] = user.Username,
        ["channel_id"] = Team.ProductManagement.Id,
        ["channel_name"] = "product-management",
        ["team_id"] = Team.Team.Id,
        ["team_domain"] = "core",
        ["post_id"] = "7idbys9jmfgf3da7ic9x7r1uir",
        ["trigger_id"] = "none",
        ["type"] = "button",
        ["data_source"] = "",
        ["context"] = context?.DeepClone(),
    };

    public Task<Answer> SubmitAsync(ChatUser user, string? state, params (string Name, JsonNode? Value)[] values) =>
        PostJsonAsync(DialogUrl, Submission(user, state, values).ToJsonString());

    public JsonObject Submission(ChatUser user, JsonNode? state, params (string Name, JsonNode? Value)[] values) => new()
    {
        ["type"] = "dialog_submission",
        ["callback_id"] = "rotation",
        ["state"] = state?.DeepClone(),
        ["user_id"] = user.Id,
        ["channel_id"] = Team.ProductManagement.Id,
        ["team_id"] = Team.Team.Id,
        ["submission"] = new JsonObject(values.Select(v => KeyValuePair.Create(v.Name, v.Value))),
        ["cancelled"] = false,
    };

    public Task<Answer> PostJsonAsync(string url, string json) => SendAsync(HttpMethod.Post, url, Encoding.UTF8.GetBytes(json), "application/json");

    public async Task<Answer> SendAsync(
        HttpMethod method, string url, byte[]? body = null, string? type = null, bool chunked = false, IReadOnlyList<string>? authorization = null)
    {
        using var request = new HttpRequestMessage(method, url);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
            request.Headers.TransferEncodingChunked = chunked;
        }

        foreach (var header in authorization ?? [])
        {
            request.Headers.TryAddWithoutValidation("Authorization", header);
        }

        using var response = await _http.SendAsync(request);
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until nothing is under way any more; a minute and a half is a hang, and then the bot's last troubles are told.</summary>
    public async Task SettledAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        try
        {
            await Team.SettledAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Something is still under way. {string.Join('\n', Logs.Lines.Where(l => l.Level >= LogLevel.Warning).TakeLast(10))}", e);
        }
    }

    /// <summary>The newest button of that name which the bot posted, or showed to one user: its context, as the stand-in keeps it.</summary>
    public JsonObject Button(string name, ChatUser? shownTo = null)
    {
        var posts = shownTo is null ? Team.Server.Posts() : Team.Server.EphemeralsOf(shownTo);
        var action = posts.SelectMany(p => p.Actions).Last(a => a.Name == name);
        return JsonNode.Parse(action.Context!.Value.GetRawText())!.AsObject();
    }

    /// <summary>The context of the first button in a command's answer.</summary>
    public static JsonObject ButtonIn(Answer answer) => JsonNode.Parse(answer.Body)!["attachments"]![0]!["actions"]![0]!["integration"]!["context"]!.AsObject();

    /// <summary>All that the bot keeps and all that people can see of it, once nothing is under way any more.</summary>
    public async Task<string> EverythingAsync()
    {
        await SettledAsync();
        var rows = await RowsAsync();
        var posts = Team.Server.Posts().Select(p => $"{p.Channel} {p.Author} {p.Message} {p.UpdateAt} {string.Join('|', p.Attachments.Select(a => a.Text))}");
        var headers = Team.Server.Channels.OrderBy(c => c.Name, StringComparer.Ordinal).Select(c => $"{c.Name} {c.Header}");
        return string.Join('\n', [.. rows, .. posts, .. headers]);
    }

    /// <summary>All rows of all tables, as JSON arrays.</summary>
    public Task<IReadOnlyList<string>> RowsAsync(params string[] tables) => Store.ReadAsync<IReadOnlyList<string>>(
        t =>
        {
            var engine = TestEngine.Current;
            var names = tables.Length > 0 ? tables : engine.Tables(t);
            return
            [
                .. names.SelectMany(table => engine.Rows(t, [$"'{table}'", .. engine.Columns(t, table)], $"{table} where {(table == "meta" ? "key <> 'probe'" : "1 = 1")}").Order(StringComparer.Ordinal)),
            ];
        },
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Team.DisposeAsync();
        Clock.Dispose();
        _folder.Delete(recursive: true);
    }
}
