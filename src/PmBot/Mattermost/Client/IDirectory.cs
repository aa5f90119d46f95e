namespace PmBot.Mattermost.Client;

/// <summary>
/// Who and what there is on the server, remembered for minutes: a look-up here is free most of the time. When the server cannot be
/// reached, what was known within the last day is answered instead of a failure.
/// </summary>
/// <remarks>Results fail as those of <see cref="IMattermost"/> do; something that does not exist is a 404.</remarks>
public interface IDirectory
{
    /// <summary>A user by id.</summary>
    Task<MattermostResult<MattermostUser>> UserAsync(string id, CancellationToken cancellationToken);

    /// <summary>Users by username (any case, without @), in the order asked for. Unknown names are left out.</summary>
    Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByNameAsync(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    /// <summary>Users by id, in the order asked for. Unknown ids are left out.</summary>
    Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByIdAsync(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>A channel by id.</summary>
    Task<MattermostResult<Channel>> ChannelAsync(string id, CancellationToken cancellationToken);

    /// <summary>A channel by its name in URLs.</summary>
    Task<MattermostResult<Channel>> ChannelByNameAsync(string teamId, string name, CancellationToken cancellationToken);

    /// <summary>A team by id.</summary>
    Task<MattermostResult<Team>> TeamAsync(string id, CancellationToken cancellationToken);

    /// <summary>
    /// Whether a user administers the team or the whole server. Remembered for one minute, and never answered from older knowledge than
    /// five minutes: a right is not granted on old evidence.
    /// </summary>
    Task<MattermostResult<bool>> IsAdminAsync(string teamId, string userId, CancellationToken cancellationToken);

    /// <summary>
    /// Whether a user belongs to the team now. Remembered for ten minutes if so, and for half a minute if not: who just came is not kept
    /// waiting.
    /// </summary>
    Task<MattermostResult<bool>> IsMemberAsync(string teamId, string userId, CancellationToken cancellationToken);

    /// <summary>
    /// Whether a user is in the channel now. Remembered for one minute, and never answered from older knowledge: a channel is not shown to
    /// those who left it.
    /// </summary>
    Task<MattermostResult<bool>> IsInChannelAsync(string channelId, string userId, CancellationToken cancellationToken);

    /// <summary>The bot's own account.</summary>
    Task<MattermostResult<MattermostUser>> SelfAsync(CancellationToken cancellationToken);

    /// <summary>Where people reach the server, without a slash at the end; where the bot reaches it, when the server names nothing.</summary>
    Task<MattermostResult<string>> SiteUrlAsync(CancellationToken cancellationToken);

    /// <summary>Forgets a user's names and rights, so that the next look-up asks the server.</summary>
    void Forget(string userId);
}
