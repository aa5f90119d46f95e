using System.Text.Json.Nodes;
using NodaTime;

namespace PmBot.Mattermost.Client;

/// <summary>The Mattermost server, as the bot's account may use it. Nothing is cached here (see <see cref="IDirectory"/>).</summary>
/// <remarks>
/// Every outcome is a <see cref="MattermostResult{T}"/>; the only exception is <see cref="OperationCanceledException"/> when the
/// caller cancels. Reads are repeated twice when the network or the server fails. Writes are never repeated here. An id or a name that
/// cannot be one is refused (404) without a request.
/// </remarks>
public interface IMattermost
{
    /// <summary>The bot's own account.</summary>
    Task<MattermostResult<MattermostUser>> MeAsync(CancellationToken cancellationToken);

    /// <summary>A user by id.</summary>
    Task<MattermostResult<MattermostUser>> UserAsync(string id, CancellationToken cancellationToken);

    /// <summary>Users by username, in any number. Unknown names are left out silently; the order is the server's.</summary>
    Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByNameAsync(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    /// <summary>Users by id, in any number. Unknown ids are left out silently; the order is the server's.</summary>
    Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByIdAsync(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>A team by id.</summary>
    Task<MattermostResult<Team>> TeamAsync(string id, CancellationToken cancellationToken);

    /// <summary>A user's part in a team; 404 when there is none.</summary>
    Task<MattermostResult<TeamMember>> TeamMemberAsync(string teamId, string userId, CancellationToken cancellationToken);

    /// <summary>A channel by id.</summary>
    Task<MattermostResult<Channel>> ChannelAsync(string id, CancellationToken cancellationToken);

    /// <summary>A channel by its name in URLs.</summary>
    Task<MattermostResult<Channel>> ChannelByNameAsync(string teamId, string name, CancellationToken cancellationToken);

    /// <summary>A user's part in a channel; 404 when there is none.</summary>
    Task<MattermostResult<ChannelMember>> ChannelMemberAsync(string channelId, string userId, CancellationToken cancellationToken);

    /// <summary>A page of a channel's members.</summary>
    /// <param name="channelId">The channel.</param>
    /// <param name="page">From 0.</param>
    /// <param name="perPage">At most 200. A page with fewer members is the last.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<MattermostResult<IReadOnlyList<ChannelMember>>> ChannelMembersAsync(
        string channelId, int page, int perPage, CancellationToken cancellationToken);

    /// <summary>The direct channel of the bot and a user; it is made when there is none yet.</summary>
    Task<MattermostResult<Channel>> DirectChannelAsync(string botId, string userId, CancellationToken cancellationToken);

    /// <summary>Writes a channel's header, at most <see cref="MattermostLimits.Header"/> characters.</summary>
    Task<MattermostResult<Channel>> PatchHeaderAsync(string channelId, string header, CancellationToken cancellationToken);

    /// <summary>Posts.</summary>
    Task<MattermostResult<Post>> CreatePostAsync(NewPost post, CancellationToken cancellationToken);

    /// <summary>Changes a post. What is null stays as it is; props are replaced as a whole.</summary>
    Task<MattermostResult<Post>> PatchPostAsync(string id, string? message, JsonObject? props, CancellationToken cancellationToken);

    /// <summary>A post by id.</summary>
    Task<MattermostResult<Post>> PostAsync(string id, CancellationToken cancellationToken);

    /// <summary>
    /// The posts of a channel that were made, changed or deleted after a moment (in milliseconds), the newest first, deleted ones too.
    /// The server gives 1,000 at most.
    /// </summary>
    Task<MattermostResult<IReadOnlyList<Post>>> PostsSinceAsync(string channelId, Instant since, CancellationToken cancellationToken);

    /// <summary>A page of a channel's posts, the newest first, without deleted ones.</summary>
    /// <param name="channelId">The channel.</param>
    /// <param name="page">From 0.</param>
    /// <param name="perPage">At most 200.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<MattermostResult<IReadOnlyList<Post>>> PostsPageAsync(
        string channelId, int page, int perPage, CancellationToken cancellationToken);

    /// <summary>Uploads a file, to be attached to a post of that channel by its id. One that no post takes is seen by nobody.</summary>
    /// <param name="channelId">The channel of the post to come.</param>
    /// <param name="name">The name that people see.</param>
    /// <param name="content">The whole file. The server refuses with 413 what is longer than its settings allow.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<MattermostResult<PostFile>> UploadFileAsync(
        string channelId, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The content of a file.</summary>
    /// <param name="id">The file.</param>
    /// <param name="mostBytes">A longer one is refused (413, <c>pmbot.file_too_long</c>) and not read to its end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<MattermostResult<byte[]>> FileAsync(string id, long mostBytes, CancellationToken cancellationToken);

    /// <summary>Opens a dialog in a user's client.</summary>
    /// <param name="triggerId">From the command or action; it lives three seconds.</param>
    /// <param name="url">Where the server sends the submission.</param>
    /// <param name="dialog">The form.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<MattermostResult<ServerStatus>> OpenDialogAsync(
        string triggerId, string url, Dialog dialog, CancellationToken cancellationToken);

    /// <summary>Asks, without the token, whether the server and its database are well.</summary>
    Task<MattermostResult<ServerStatus>> PingAsync(CancellationToken cancellationToken);

    /// <summary>The server's settings for clients, e.g. <c>SiteURL</c> and <c>Version</c>.</summary>
    Task<MattermostResult<IReadOnlyDictionary<string, string>>> ClientConfigAsync(CancellationToken cancellationToken);

    /// <summary>The same server, of which every change is asked for only if it may still be.</summary>
    /// <param name="permit">Asked before each.</param>
    IMattermost Under(SendPermit permit);
}

/// <summary>
/// Whether a change may still be asked of the server. It is asked when the connection stands and nothing but the sending is left to do.
/// Without it the result is <see cref="MattermostResult{T}.NotSent"/>.
/// </summary>
public delegate ValueTask<bool> SendPermit(CancellationToken cancellationToken);
