using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using PmBot.Mattermost.Inbound;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Workspaces;

/// <summary>A post as people see it, with where and for whom it is.</summary>
/// <param name="TeamMark">The mark of the channel's team; null for a direct message.</param>
/// <param name="To">The other user of a direct message; null in a channel.</param>
/// <param name="Text">Message, attachments, names of buttons and options, files.</param>
internal sealed record SeenPost(string? TeamMark, string? To, string Text);

/// <summary>A server with a thousand marked teams, and one bot that serves some or all of them.</summary>
internal sealed class ManyTeams : IAsyncDisposable
{
    // What says whose a row is, in a table that has such a column.
    private static readonly string[] Keys = ["workspace_id", "rotation_id", "id"];

    /// <summary>How many teams there are.</summary>
    public const int Count = 1000;

    private static readonly DateTimeOffset Start = new(2026, 11, 25, 18, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder;
    private readonly SandboxTeam _host;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMinutes(2) };
    private readonly Dictionary<string, ChatUser> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChatChannel> _channels = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(8));

    private ManyTeams(DirectoryInfo folder, SandboxTeam host) => (_folder, _host) = (folder, host);

    /// <summary>Teams in which something comes due within two weeks: the first, the middle and the last ones.</summary>
    public static IReadOnlyList<int> Awake { get; } = [0, 1, 499, 500, 501, 998, 999];

    /// <summary>Teams whose people use the bot, each with the neighbour that it knows of.</summary>
    public static IReadOnlyList<(MarkedTeam Team, MarkedTeam Neighbour)> InUse { get; } = [(new(0), new(1)), (new(500), new(501)), (new(999), new(998))];

    public StandInServer Server => _host.Server;

    public IStore Store => _host.Bot.GetRequiredService<IStore>();

    public ActionSigner Signer => _host.Bot.GetRequiredService<ActionSigner>();

    public LogCapture Logs { get; } = new();

    public ChatUser BotUser => _host.BotUser;

    /// <summary>The server with all teams, and the bot on a store with those of some numbers.</summary>
    public static async Task<ManyTeams> StartAsync(IEnumerable<int> stored)
    {
        var folder = Directory.CreateTempSubdirectory("pmbot-teams-");
        var clock = SandboxClock.Pinned(Start);
        var host = await SandboxTeam.StartAsync(clock, folder.FullName, settings: TestEngine.Current.Settings(folder.FullName));
        var teams = new ManyTeams(folder, host);
        teams.AddTeams();
        var store = TestEngine.Current.Open(folder.FullName, clock);
        await using (store as IAsyncDisposable)
        {
            await MarkedStore.WriteAsync(TestEngine.Current, store, Instant.FromDateTimeOffset(Start), stored, Awake.Contains);
        }

        await host.StartBotAsync(builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<ILoggerProvider>(teams.Logs);
            builder.Logging.AddFilter<LogCapture>("PmBot", LogLevel.Trace);
        });
        await teams.SettledAsync();
        return teams;
    }

    public ChatUser User(string id) => _users[id];

    public ChatChannel Channel(MarkedTeam team) => _channels[team.ChannelId];

    public Task SettledAsync() => _host.SettledAsync(_patience.Token);

    /// <summary>Lets time pass until then, Palo Alto time.</summary>
    public async Task PassAsync(LocalDateTime to)
    {
        await _host.PassTimeAsync(to.InZoneStrictly(DateTimeZoneProviders.Tzdb["America/Los_Angeles"]).ToDateTimeOffset(), null, _patience.Token);
        await SettledAsync();
    }

    /// <summary>A command as Mattermost sends it, in the product managers' channel of a team.</summary>
    public Task<string> TypeAsync(MarkedTeam team, ChatUser user, string trigger, string text)
    {
        var channel = Channel(team);
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["channel_id"] = channel.Id,
            ["channel_name"] = channel.Name,
            ["command"] = "/" + trigger,
            ["response_url"] = "http://127.0.0.1:1/none",
            ["team_domain"] = team.Mark,
            ["team_id"] = team.Id,
            ["text"] = text,
            ["token"] = _host.CommandTokens[trigger],
            ["trigger_id"] = Server.NewTrigger(user, channel),
            ["user_id"] = user.Id,
            ["user_name"] = user.Username,
        };
        return SendAsync($"/mattermost/commands/{trigger}", new FormUrlEncodedContent(form));
    }

    /// <summary>A post of a user, as an outgoing webhook brings it.</summary>
    public async Task<string> PostAsync(MarkedTeam team, ChatUser user, string word, string text)
    {
        var channel = Channel(team);
        var posted = await Server.TypeAsync(user, channel, text);
        return await SendAsync(MattermostEndpoints.HooksPath, Json(new JsonObject
        {
            ["token"] = _host.WebhookTokens[word],
            ["team_id"] = team.Id,
            ["team_domain"] = team.Mark,
            ["channel_id"] = channel.Id,
            ["channel_name"] = channel.Name,
            ["user_id"] = user.Id,
            ["user_name"] = user.Username,
            ["post_id"] = posted.Post!.Id,
            ["text"] = text,
            ["trigger_word"] = word,
            ["file_ids"] = "",
        }));
    }

    /// <summary>A press as Mattermost sends it: the context is what the bot put under the button, whoever presses where.</summary>
    public Task<string> PressAsync(MarkedTeam at, ChatUser user, JsonNode context, string? selected = null)
    {
        var channel = Channel(at);
        var sent = context.DeepClone().AsObject();
        if (selected is not null)
        {
            sent["selected_option"] = selected;
        }

        return SendAsync(MattermostEndpoints.ActionsPath, Json(new JsonObject
        {
            ["user_id"] = user.Id,
            ["user_name"] = user.Username,
            ["channel_id"] = channel.Id,
            ["channel_name"] = channel.Name,
            ["team_id"] = at.Id,
            ["team_domain"] = at.Mark,
            ["post_id"] = "7idbys9jmfgf3da7ic9x7r1uir",
            ["trigger_id"] = Server.NewTrigger(user, channel),
            ["type"] = "button",
            ["data_source"] = "",
            ["context"] = sent,
        }));
    }

    /// <summary>A submitted dialog as Mattermost sends it, with whatever state.</summary>
    public Task<string> SubmitAsync(MarkedTeam at, ChatUser user, string state, IReadOnlyDictionary<string, string?> values) => SendAsync(MattermostEndpoints.DialogsPath, Json(new JsonObject
    {
        ["type"] = "dialog_submission",
        ["callback_id"] = "",
        ["state"] = state,
        ["user_id"] = user.Id,
        ["channel_id"] = Channel(at).Id,
        ["team_id"] = at.Id,
        ["submission"] = new JsonObject(values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value))),
        ["cancelled"] = false,
    }));

    /// <summary>A calendar as a program reads it.</summary>
    public Task<string> CalendarAsync(string address) => _http.GetStringAsync(new Uri(address), _patience.Token);

    /// <summary>All posts of the bot, as they are now.</summary>
    public IReadOnlyList<SeenPost> Posts() =>
    [
        .. Server.Posts().Where(p => p.UserId == BotUser.Id).Select(p => new SeenPost(
            _channels.TryGetValue(p.ChannelId, out var channel) ? MarkedTeam.MarksIn(channel.TeamId)[0] : null,
            _channels.ContainsKey(p.ChannelId) ? null : p.Channel.Split(' ').Select(n => n.TrimStart('@')).Single(n => n != BotUser.Username),
            Text(p))),
    ];

    /// <summary>The contexts of the buttons and menus in a team's channels and in the direct messages of its people, one of each action.</summary>
    public IReadOnlyList<(JsonObject Context, ChatAction Action)> Buttons(MarkedTeam team) =>
    [
        .. Server.Posts().Where(p => p.UserId == BotUser.Id).SelectMany(p => p.Actions)
            .Select(a => (Context: JsonNode.Parse(a.Context!.Value.GetRawText())!.AsObject(), Action: a))
            .Where(a => (string?)a.Context["w"] == team.Id)
            .GroupBy(a => (string?)a.Context["a"], StringComparer.Ordinal).Select(g => g.MinBy(a => (string?)a.Context["s"], StringComparer.Ordinal)),
    ];

    /// <summary>The forms that were opened for people of a team, the newest of each action.</summary>
    public IReadOnlyList<(ChatDialog Dialog, string Action)> Forms(MarkedTeam team) =>
    [
        .. team.People.SelectMany(p => Server.Dialogs(_users[p.Id])).Select(d => (Dialog: d, Action: (string)JsonNode.Parse(d.State)!["a"]!)).GroupBy(d => d.Action, StringComparer.Ordinal)
            .Select(g => g.Last()),
    ];

    /// <summary>The rows of each team, as one text for each; of those that belong to none, by the empty mark.</summary>
    /// <param name="only">Whose rows are wanted, beside those that belong to none; of all teams if none is named.</param>
    public Task<ImmutableSortedDictionary<string, string>> RowsAsync(params IReadOnlyList<MarkedTeam> only) => Store.ReadAsync(
        t => TestEngine.Current.Tables(t).Where(table => table != "meta")
            .SelectMany(table =>
            {
                var columns = TestEngine.Current.Columns(t, table);
                var key = Array.Find(Keys, columns.Contains);
                var wanted = key is null || only.Count == 0 ? "" : $" where {string.Join(" or ", only.Select(team => $"{key} like '{team.Mark}%'"))}";
                return TestEngine.Current.Rows(t, [$"'{table}'", .. columns], table + wanted);
            })
            .GroupBy(row => MarkedTeam.MarksIn(row) is [var mark, ..] ? mark : "", StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => string.Join('\n', g.Order(StringComparer.Ordinal)), StringComparer.Ordinal),
        _patience.Token);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        _host.Clock.Dispose();
        _folder.Delete(recursive: true);
        _patience.Dispose();
    }

    private static StringContent Json(JsonObject json) => new(json.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));

    private async Task<string> SendAsync(string path, HttpContent content)
    {
        using (content)
        {
            using var response = await _http.PostAsync(new Uri(_host.BotUrl + path), content, _patience.Token);
            var body = await response.Content.ReadAsStringAsync(_patience.Token);
            return string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {body}");
        }
    }

    private string Text(ChatPost post) => string.Join('\n',
    [
        post.Message,
        .. post.Attachments.SelectMany(a => new[] { a.Pretext, a.Title, a.Text, a.Footer }.Concat((a.Fields ?? []).SelectMany(f => new[] { f.Title, f.Value }))),
        .. post.Actions.SelectMany(a => a.Options.Select(o => $"{o.Text} {o.Value}").Prepend(a.Name)),
        .. Server.Files(post).SelectMany(f => new[] { f.Name, f.Text }),
    ]);

    private void AddTeams()
    {
        var visitor = Add(new MarkedTeam(0), MarkedTeam.Visitor.Id, MarkedTeam.Visitor.Name, "visitor");
        for (var number = 0; number < Count; number++)
        {
            var team = new MarkedTeam(number);
            var chat = Server.AddTeam(team.Mark, $"Team {team.Mark}", team.Id);
            var people = team.People.Select(p => Add(team, p.Id, p.Name, p.Name[(team.Mark.Length + 1)..])).ToArray();
            var channel = AddChannel("product-management", team.ChannelId);
            Server.Join(channel, [.. people, BotUser]);
            if (Awake.Contains(number))
            {
                Server.Join(AddChannel("pm-private", team.PrivateChannelId, isPrivate: true), people[0], BotUser);
                Server.Join(AddChannel($"{team.Mark}-news", $"{team.Mark}news".PadRight(26, '0')), people[0], BotUser);
                Server.Join(channel, visitor);
                Server.MakeTeamAdmin(chat, people[0]);
            }

            ChatChannel AddChannel(string name, string id, bool isPrivate = false) => _channels[id] = Server.AddChannel(chat, name, name, isPrivate, id);
        }

        ChatUser Add(MarkedTeam team, string id, string name, string first) => _users[id] = Server.AddUser(name, first, "", id: id);
    }
}
