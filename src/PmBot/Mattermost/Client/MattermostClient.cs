using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using NodaTime;

namespace PmBot.Mattermost.Client;

/// <summary><see cref="IMattermost"/> over HTTP: knows routes and shapes; how requests fare is the transport's matter.</summary>
public sealed class MattermostClient : IMattermost
{
    private readonly RestCaller _rest;

    /// <summary>A client.</summary>
    /// <param name="http">Without a time-out of its own, see <see cref="MattermostClientServices"/>.</param>
    /// <param name="options">The server's address and the bot's token.</param>
    /// <param name="timing">How patient to be.</param>
    /// <param name="logger">Gets routes, statuses and request ids; never bodies.</param>
    /// <param name="meters">Makes the meter <c>PmBot</c>; without it nothing is measured.</param>
    public MattermostClient(
        HttpClient http, IOptions<MattermostOptions> options, ClientTiming timing, ILogger<MattermostClient> logger, IMeterFactory? meters = null)
        : this(new RestCaller(new Transport(http, options, timing, logger, meters)))
    {
    }

    private MattermostClient(RestCaller rest) => _rest = rest;

    /// <inheritdoc/>
    public IMattermost Under(SendPermit permit) => new MattermostClient(_rest.Under(permit));

    /// <inheritdoc/>
    public Task<MattermostResult<MattermostUser>> MeAsync(CancellationToken cancellationToken) =>
        _rest.GetAsync<MattermostUser>("users/me", cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<MattermostUser>> UserAsync(string id, CancellationToken cancellationToken) =>
        _rest.GetAsync<MattermostUser>("users/{user}", cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByNameAsync(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        _rest.UsersAsync("users/usernames", names, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByIdAsync(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        _rest.UsersAsync("users/ids", ids, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<Team>> TeamAsync(string id, CancellationToken cancellationToken) =>
        _rest.GetAsync<Team>("teams/{team}", cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<TeamMember>> TeamMemberAsync(string teamId, string userId, CancellationToken cancellationToken) =>
        _rest.GetAsync<TeamMember>("teams/{team}/members/{user}", cancellationToken, teamId, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> ChannelAsync(string id, CancellationToken cancellationToken) =>
        _rest.GetAsync<Channel>("channels/{channel}", cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> ChannelByNameAsync(string teamId, string name, CancellationToken cancellationToken) =>
        _rest.GetAsync<Channel>("teams/{team}/channels/name/{name}", cancellationToken, teamId, name);

    /// <inheritdoc/>
    public Task<MattermostResult<ChannelMember>> ChannelMemberAsync(
        string channelId, string userId, CancellationToken cancellationToken) =>
        _rest.GetAsync<ChannelMember>("channels/{channel}/members/{user}", cancellationToken, channelId, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<ChannelMember>>> ChannelMembersAsync(
        string channelId, int page, int perPage, CancellationToken cancellationToken) =>
        _rest.GetAsync<IReadOnlyList<ChannelMember>>($"channels/{{channel}}/members?page={page}&per_page={perPage}", cancellationToken, channelId);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> DirectChannelAsync(string botId, string userId, CancellationToken cancellationToken) =>
        _rest.WriteAsync<Channel>(HttpMethod.Post, "channels/direct", new[] { botId, userId }, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> PatchHeaderAsync(string channelId, string header, CancellationToken cancellationToken) =>
        _rest.WriteAsync<Channel>(HttpMethod.Put, "channels/{channel}/patch", new { header }, cancellationToken, channelId);

    /// <inheritdoc/>
    public Task<MattermostResult<Post>> CreatePostAsync(NewPost post, CancellationToken cancellationToken) =>
        _rest.WriteAsync<Post>(HttpMethod.Post, "posts", post, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<Post>> PatchPostAsync(
        string id, string? message, JsonObject? props, CancellationToken cancellationToken) =>
        _rest.WriteAsync<Post>(HttpMethod.Put, "posts/{post}/patch", new { message, props }, cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<Post>> PostAsync(string id, CancellationToken cancellationToken) =>
        _rest.GetAsync<Post>("posts/{post}", cancellationToken, id);

    /// <inheritdoc/>
    public async Task<MattermostResult<IReadOnlyList<Post>>> PostsSinceAsync(
        string channelId, Instant since, CancellationToken cancellationToken) =>
        InOrder(await _rest.GetAsync<PostList>(
            $"channels/{{channel}}/posts?since={since.ToUnixTimeMilliseconds()}", cancellationToken, channelId));

    /// <inheritdoc/>
    public async Task<MattermostResult<IReadOnlyList<Post>>> PostsPageAsync(
        string channelId, int page, int perPage, CancellationToken cancellationToken) =>
        InOrder(await _rest.GetAsync<PostList>(
            $"channels/{{channel}}/posts?page={page}&per_page={perPage}", cancellationToken, channelId));

    /// <inheritdoc/>
    public async Task<MattermostResult<PostFile>> UploadFileAsync(
        string channelId, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        // Escaped, a name holds no brace, so it is taken for no parameter.
        var result = await _rest.SendAsync<Uploaded>(
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
    public Task<MattermostResult<byte[]>> FileAsync(string id, long mostBytes, CancellationToken cancellationToken) =>
        _rest.FetchAsync("files/{file}", mostBytes, cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> OpenDialogAsync(
        string triggerId, string url, Dialog dialog, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ServerStatus>(
            HttpMethod.Post, "actions/dialogs/open", new { TriggerId = triggerId, Url = url, Dialog = dialog }, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> PingAsync(CancellationToken cancellationToken) => _rest.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyDictionary<string, string>>> ClientConfigAsync(CancellationToken cancellationToken) =>
        _rest.GetAsync<IReadOnlyDictionary<string, string>>("config/client?format=old", cancellationToken);

    private static MattermostResult<IReadOnlyList<Post>> InOrder(MattermostResult<PostList> result) =>
        result.Map<IReadOnlyList<Post>>(list =>
            [.. list.Order.Select(id => list.Posts.GetValueOrDefault(id)).OfType<Post>()]);

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
