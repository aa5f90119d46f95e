using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using NodaTime;

namespace PmBot.Mattermost.Client;

/// <summary><see cref="IMattermost"/> over HTTP: knows routes and shapes; how requests fare is the transport's matter.</summary>
/// <param name="http">Without a time-out of its own, see <see cref="MattermostClientServices"/>.</param>
/// <param name="options">The server's address and the bot's token.</param>
/// <param name="timing">How patient to be.</param>
/// <param name="logger">Gets routes, statuses and request ids; never bodies.</param>
/// <param name="meters">Makes the meter <c>PmBot</c>; without it nothing is measured.</param>
public sealed partial class MattermostClient(
    HttpClient http,
    IOptions<MattermostOptions> options,
    ClientTiming timing,
    ILogger<MattermostClient> logger,
    IMeterFactory? meters = null) : IMattermost
{
    /// <summary>The most ids or names that are asked for at once.</summary>
    private const int Chunk = 100;

    private readonly Transport _transport = new(http, options, timing, logger, meters);

    /// <inheritdoc/>
    public Task<MattermostResult<MattermostUser>> MeAsync(CancellationToken cancellationToken) =>
        Get<MattermostUser>("users/me", cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<MattermostUser>> UserAsync(string id, CancellationToken cancellationToken) =>
        Get<MattermostUser>("users/{user}", cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByNameAsync(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        Users("users/usernames", names, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByIdAsync(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Users("users/ids", ids, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<Team>> TeamAsync(string id, CancellationToken cancellationToken) =>
        Get<Team>("teams/{team}", cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<TeamMember>> TeamMemberAsync(string teamId, string userId, CancellationToken cancellationToken) =>
        Get<TeamMember>("teams/{team}/members/{user}", cancellationToken, teamId, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> ChannelAsync(string id, CancellationToken cancellationToken) =>
        Get<Channel>("channels/{channel}", cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> ChannelByNameAsync(string teamId, string name, CancellationToken cancellationToken) =>
        Get<Channel>("teams/{team}/channels/name/{name}", cancellationToken, teamId, name);

    /// <inheritdoc/>
    public Task<MattermostResult<ChannelMember>> ChannelMemberAsync(
        string channelId, string userId, CancellationToken cancellationToken) =>
        Get<ChannelMember>("channels/{channel}/members/{user}", cancellationToken, channelId, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<ChannelMember>>> ChannelMembersAsync(
        string channelId, int page, int perPage, CancellationToken cancellationToken) =>
        Get<IReadOnlyList<ChannelMember>>($"channels/{{channel}}/members?page={page}&per_page={perPage}", cancellationToken, channelId);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> DirectChannelAsync(string botId, string userId, CancellationToken cancellationToken) =>
        Write<Channel>(HttpMethod.Post, "channels/direct", new[] { botId, userId }, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> PatchHeaderAsync(string channelId, string header, CancellationToken cancellationToken) =>
        Write<Channel>(HttpMethod.Put, "channels/{channel}/patch", new { header }, cancellationToken, channelId);

    /// <inheritdoc/>
    public Task<MattermostResult<Post>> CreatePostAsync(NewPost post, CancellationToken cancellationToken) =>
        Write<Post>(HttpMethod.Post, "posts", post, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<Post>> PatchPostAsync(
        string id, string? message, JsonObject? props, CancellationToken cancellationToken) =>
        Write<Post>(HttpMethod.Put, "posts/{post}/patch", new { message, props }, cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<Post>> PostAsync(string id, CancellationToken cancellationToken) =>
        Get<Post>("posts/{post}", cancellationToken, id);

    /// <inheritdoc/>
    public async Task<MattermostResult<IReadOnlyList<Post>>> PostsSinceAsync(
        string channelId, Instant since, CancellationToken cancellationToken) =>
        InOrder(await Get<PostList>(
            $"channels/{{channel}}/posts?since={since.ToUnixTimeMilliseconds()}", cancellationToken, channelId));

    /// <inheritdoc/>
    public async Task<MattermostResult<IReadOnlyList<Post>>> PostsPageAsync(
        string channelId, int page, int perPage, CancellationToken cancellationToken) =>
        InOrder(await Get<PostList>(
            $"channels/{{channel}}/posts?page={page}&per_page={perPage}", cancellationToken, channelId));

    /// <inheritdoc/>
    public async Task<MattermostResult<PostFile>> UploadFileAsync(
        string channelId, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        // Escaped, a name holds no brace, so it is taken for no parameter.
        var result = await Send<Uploaded>(
            HttpMethod.Post,
            $"files?channel_id={{channel}}&filename={Uri.EscapeDataString(name)}",
            Intent.Write,
            new Payload(content, "application/octet-stream"),
            [channelId],
            cancellationToken);
        return result is MattermostResult<Uploaded>.Ok { Value.FileInfos: [] }
            ? new MattermostResult<PostFile>.Unknown("the answer names no file")
            : result.Map(uploaded => uploaded.FileInfos[0]);
    }

    /// <inheritdoc/>
    public async Task<MattermostResult<byte[]>> FileAsync(string id, long mostBytes, CancellationToken cancellationToken)
    {
        var prepared = Prepare(HttpMethod.Get, "files/{file}", Intent.Read, null, [id]);
        return prepared is MattermostResult<Call>.Ok { Value: var call }
            ? await _transport.FetchAsync(call with { MostBytes = mostBytes }, cancellationToken)
            : prepared.Failure<byte[]>();
    }

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> OpenDialogAsync(
        string triggerId, string url, Dialog dialog, CancellationToken cancellationToken) =>
        Write<ServerStatus>(
            HttpMethod.Post, "actions/dialogs/open", new { TriggerId = triggerId, Url = url, Dialog = dialog }, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> PingAsync(CancellationToken cancellationToken) =>
        _transport.SendAsync<ServerStatus>(
            new Call(HttpMethod.Get, "system/ping", "system/ping?get_server_status=true", Intent.Read, Anonymous: true),
            cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyDictionary<string, string>>> ClientConfigAsync(CancellationToken cancellationToken) =>
        Get<IReadOnlyDictionary<string, string>>("config/client?format=old", cancellationToken);

    private Task<MattermostResult<T>> Get<T>(string template, CancellationToken cancellationToken, params string[] parameters)
        where T : class =>
        Send<T>(HttpMethod.Get, template, Intent.Read, null, parameters, cancellationToken);

    private Task<MattermostResult<T>> Write<T>(
        HttpMethod method, string template, object body, CancellationToken cancellationToken, params string[] parameters)
        where T : class =>
        Send<T>(method, template, Intent.Write, Payload.Json(body), parameters, cancellationToken);

    private async Task<MattermostResult<T>> Send<T>(
        HttpMethod method, string template, Intent intent, Payload? body, string[] parameters, CancellationToken cancellationToken)
        where T : class
    {
        var prepared = Prepare(method, template, intent, body, parameters);
        return prepared is MattermostResult<Call>.Ok { Value: var call }
            ? await _transport.SendAsync<T>(call, cancellationToken)
            : prepared.Failure<T>();
    }

    private static MattermostResult<Call> Prepare(HttpMethod method, string template, Intent intent, Payload? body, string[] parameters)
    {
        // What users typed gets here too. "..", "a/b" or an empty name would ask for something else than what is meant.
        if (Array.Find(parameters, p => !Segment.IsMatch(p)) is { } wrong)
        {
            return new MattermostResult<Call>.Refused(new(
                "pmbot.not_an_id", $"\"{(wrong.Length > 64 ? wrong[..64] : wrong)}\" is no id or name of Mattermost's.", 404, ""));
        }

        var next = 0;
        var path = Placeholder.Replace(template, _ => parameters[next++]);
        var query = template.IndexOf('?', StringComparison.Ordinal);
        return new MattermostResult<Call>.Ok(new Call(method, query < 0 ? template : template[..query], path, intent, body));
    }

    private async Task<MattermostResult<IReadOnlyList<MattermostUser>>> Users(
        string route, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var found = new List<MattermostUser>();
        foreach (var chunk in keys.Distinct(StringComparer.Ordinal).Chunk(Chunk))
        {
            // A POST by its verb, a read by what it does: it may be repeated.
            var result = await Send<List<MattermostUser>>(HttpMethod.Post, route, Intent.Read, Payload.Json(chunk), [], cancellationToken);
            if (result is not MattermostResult<List<MattermostUser>>.Ok ok)
            {
                return result.Failure<IReadOnlyList<MattermostUser>>();
            }

            found.AddRange(ok.Value);
        }

        return new MattermostResult<IReadOnlyList<MattermostUser>>.Ok(found);
    }

    private static MattermostResult<IReadOnlyList<Post>> InOrder(MattermostResult<PostList> result) =>
        result.Map<IReadOnlyList<Post>>(list =>
            [.. list.Order.Select(id => list.Posts.GetValueOrDefault(id)).OfType<Post>()]);

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,256}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Segment { get; }

    [GeneratedRegex(@"\{[a-z]+\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder { get; }

    private sealed record Uploaded
    {
        public IReadOnlyList<PostFile> FileInfos { get; init; } = [];
    }

    /// <summary>The posts by id, and which of them were asked for: the map also holds the first posts of their threads.</summary>
    private sealed record PostList
    {
        public IReadOnlyList<string> Order { get; init; } = [];

        public IReadOnlyDictionary<string, Post> Posts { get; init; } = new Dictionary<string, Post>(StringComparer.Ordinal);
    }
}
