using System.Text;
using Microsoft.Extensions.Options;

namespace PmBot.Mattermost.Client;

/// <summary><see cref="IMattermostAdmin"/> over HTTP.</summary>
/// <param name="http">Without a time-out of its own, see <see cref="MattermostConnection"/>.</param>
/// <param name="url">The server's address.</param>
/// <param name="token">An administrator's token.</param>
/// <param name="timing">How patient to be.</param>
/// <param name="logger">Gets routes, statuses and request ids; never bodies.</param>
public sealed class MattermostAdminClient(HttpClient http, string url, string token, ClientTiming timing, ILogger<MattermostAdminClient> logger)
    : IMattermostAdmin
{
    /// <summary>How many things of a list are asked for at once: the most that the server gives.</summary>
    private const int PerPage = 200;

    private readonly RestCaller _rest = new(new Transport(
        http, Options.Create(new MattermostOptions { Url = url, BotToken = token }), timing, logger, meters: null));

    /// <inheritdoc/>
    public Task<MattermostResult<MattermostUser>> MeAsync(CancellationToken cancellationToken) =>
        _rest.GetAsync<MattermostUser>("users/me", cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> PingAsync(CancellationToken cancellationToken) => _rest.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyDictionary<string, string>>> ClientConfigAsync(CancellationToken cancellationToken) =>
        _rest.GetAsync<IReadOnlyDictionary<string, string>>("config/client?format=old", cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerConfig>> ConfigAsync(CancellationToken cancellationToken) =>
        _rest.GetAsync<ServerConfig>("config", cancellationToken);

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
    public Task<MattermostResult<Team>> TeamByNameAsync(string name, CancellationToken cancellationToken) =>
        _rest.GetAsync<Team>("teams/name/{name}", cancellationToken, name);

    /// <inheritdoc/>
    public Task<MattermostResult<TeamMember>> TeamMemberAsync(string teamId, string userId, CancellationToken cancellationToken) =>
        _rest.GetAsync<TeamMember>("teams/{team}/members/{user}", cancellationToken, teamId, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> ChannelByNameAsync(string teamId, string name, CancellationToken cancellationToken) =>
        _rest.GetAsync<Channel>("teams/{team}/channels/name/{name}?include_deleted=true", cancellationToken, teamId, name);

    /// <inheritdoc/>
    public Task<MattermostResult<ChannelMember>> ChannelMemberAsync(
        string channelId, string userId, CancellationToken cancellationToken) =>
        _rest.GetAsync<ChannelMember>("channels/{channel}/members/{user}", cancellationToken, channelId, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<ServerCommand>>> CommandsAsync(
        string teamId, bool customOnly, CancellationToken cancellationToken) =>
        _rest.GetAsync<IReadOnlyList<ServerCommand>>(
            $"commands?team_id={{team}}&custom_only={(customOnly ? "true" : "false")}", cancellationToken, teamId);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<OutgoingHook>>> OutgoingHooksAsync(string teamId, CancellationToken cancellationToken) =>
        _rest.PagesAsync<OutgoingHook>(
            page => $"hooks/outgoing?team_id={{team}}&page={page}&per_page={PerPage}", PerPage, cancellationToken, teamId);

    /// <inheritdoc/>
    public Task<MattermostResult<BotAccount>> BotAsync(string userId, CancellationToken cancellationToken) =>
        _rest.GetAsync<BotAccount>("bots/{user}?include_deleted=true", cancellationToken, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<AccessToken>>> TokensAsync(string userId, CancellationToken cancellationToken) =>
        _rest.PagesAsync<AccessToken>(page => $"users/{{user}}/tokens?page={page}&per_page={PerPage}", PerPage, cancellationToken, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<Post>> PostAsync(string id, CancellationToken cancellationToken) =>
        _rest.GetAsync<Post>("posts/{post}", cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<BotAccount>> CreateBotAsync(
        string username, string displayName, string description, CancellationToken cancellationToken) =>
        _rest.WriteAsync<BotAccount>(
            HttpMethod.Post, "bots", new { Username = username, DisplayName = displayName, Description = description }, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<BotAccount>> PatchBotAsync(
        string userId, string displayName, string description, CancellationToken cancellationToken) =>
        _rest.WriteAsync<BotAccount>(
            HttpMethod.Put, "bots/{user}", new { DisplayName = displayName, Description = description }, cancellationToken, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<BotAccount>> EnableBotAsync(string userId, bool enable, CancellationToken cancellationToken) =>
        _rest.WriteAsync<BotAccount>(HttpMethod.Post, enable ? "bots/{user}/enable" : "bots/{user}/disable", null, cancellationToken, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> SetPictureAsync(
        string userId, ReadOnlyMemory<byte> png, CancellationToken cancellationToken)
    {
        // A form of one file; no picture holds the boundary.
        const string boundary = "pmbot-picture-1f0c7c6bd1a34a6f";
        byte[] body =
        [
            .. Encoding.ASCII.GetBytes(
                $"--{boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"picture.png\"\r\nContent-Type: image/png\r\n\r\n"),
            .. png.Span,
            .. Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n"),
        ];
        return _rest.SendAsync<ServerStatus>(
            HttpMethod.Post, "users/{user}/image", Intent.Write, new Payload(body, $"multipart/form-data; boundary={boundary}"), [userId], cancellationToken);
    }

    /// <inheritdoc/>
    public Task<MattermostResult<AccessToken>> CreateTokenAsync(string userId, string description, CancellationToken cancellationToken) =>
        _rest.WriteAsync<AccessToken>(HttpMethod.Post, "users/{user}/tokens", new { Description = description }, cancellationToken, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> RevokeTokenAsync(string tokenId, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ServerStatus>(HttpMethod.Post, "users/tokens/revoke", new { TokenId = tokenId }, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<TeamMember>> AddToTeamAsync(string teamId, string userId, CancellationToken cancellationToken) =>
        _rest.WriteAsync<TeamMember>(
            HttpMethod.Post, "teams/{team}/members", new { TeamId = teamId, UserId = userId }, cancellationToken, teamId);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> RemoveFromTeamAsync(string teamId, string userId, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ServerStatus>(HttpMethod.Delete, "teams/{team}/members/{user}", null, cancellationToken, teamId, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<ChannelMember>> AddToChannelAsync(string channelId, string userId, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ChannelMember>(
            HttpMethod.Post, "channels/{channel}/members", new { UserId = userId }, cancellationToken, channelId);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> RemoveFromChannelAsync(
        string channelId, string userId, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ServerStatus>(HttpMethod.Delete, "channels/{channel}/members/{user}", null, cancellationToken, channelId, userId);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerCommand>> CreateCommandAsync(ServerCommand command, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ServerCommand>(HttpMethod.Post, "commands", command, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerCommand>> UpdateCommandAsync(ServerCommand command, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ServerCommand>(HttpMethod.Put, "commands/{command}", command, cancellationToken, command.Id ?? "");

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> DeleteCommandAsync(string id, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ServerStatus>(HttpMethod.Delete, "commands/{command}", null, cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<OutgoingHook>> CreateHookAsync(OutgoingHook hook, CancellationToken cancellationToken) =>
        _rest.WriteAsync<OutgoingHook>(HttpMethod.Post, "hooks/outgoing", hook, cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<OutgoingHook>> UpdateHookAsync(OutgoingHook hook, CancellationToken cancellationToken) =>
        _rest.WriteAsync<OutgoingHook>(HttpMethod.Put, "hooks/outgoing/{hook}", hook, cancellationToken, hook.Id ?? "");

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> DeleteHookAsync(string id, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ServerStatus>(HttpMethod.Delete, "hooks/outgoing/{hook}", null, cancellationToken, id);

    /// <inheritdoc/>
    public Task<MattermostResult<ServerStatus>> DeletePostAsync(string id, CancellationToken cancellationToken) =>
        _rest.WriteAsync<ServerStatus>(HttpMethod.Delete, "posts/{post}", null, cancellationToken, id);
}
