namespace PmBot.Mattermost.Client;

/// <summary>
/// The Mattermost server, as an administrator may use it: what is there, and what setting the bot up changes. The bot itself never needs it.
/// </summary>
/// <remarks>Outcomes and repetitions are as with <see cref="IMattermost"/>.</remarks>
public interface IMattermostAdmin
{
    /// <summary>Whose token it is.</summary>
    Task<MattermostResult<MattermostUser>> MeAsync(CancellationToken cancellationToken);

    /// <summary>Asks, without the token, whether the server and its database are well.</summary>
    Task<MattermostResult<ServerStatus>> PingAsync(CancellationToken cancellationToken);

    /// <summary>The server's settings for clients, e.g. <c>SiteURL</c> and <c>Version</c>.</summary>
    Task<MattermostResult<IReadOnlyDictionary<string, string>>> ClientConfigAsync(CancellationToken cancellationToken);

    /// <summary>The server's settings.</summary>
    Task<MattermostResult<ServerConfig>> ConfigAsync(CancellationToken cancellationToken);

    /// <summary>A user by id, deactivated ones too.</summary>
    Task<MattermostResult<MattermostUser>> UserAsync(string id, CancellationToken cancellationToken);

    /// <summary>Users by username, in any number. Unknown names are left out silently.</summary>
    Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByNameAsync(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    /// <summary>Users by id, in any number. Unknown ids are left out silently.</summary>
    Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByIdAsync(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>A team by its name in URLs.</summary>
    Task<MattermostResult<Team>> TeamByNameAsync(string name, CancellationToken cancellationToken);

    /// <summary>A user's part in a team; 404 when there is none.</summary>
    Task<MattermostResult<TeamMember>> TeamMemberAsync(string teamId, string userId, CancellationToken cancellationToken);

    /// <summary>A channel by its name in URLs, archived ones too.</summary>
    Task<MattermostResult<Channel>> ChannelByNameAsync(string teamId, string name, CancellationToken cancellationToken);

    /// <summary>A user's part in a channel; 404 when there is none.</summary>
    Task<MattermostResult<ChannelMember>> ChannelMemberAsync(string channelId, string userId, CancellationToken cancellationToken);

    /// <summary>The slash commands of a team.</summary>
    /// <param name="teamId">The team.</param>
    /// <param name="customOnly">
    /// Custom ones with their tokens, addresses and creators; the server answers 501 while these are switched off. Otherwise all, also those
    /// built in and those of plugins, but of the custom ones neither tokens nor addresses nor creators.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<MattermostResult<IReadOnlyList<ServerCommand>>> CommandsAsync(string teamId, bool customOnly, CancellationToken cancellationToken);

    /// <summary>The outgoing webhooks of a team, with their tokens; the server answers 501 while these are switched off.</summary>
    Task<MattermostResult<IReadOnlyList<OutgoingHook>>> OutgoingHooksAsync(string teamId, CancellationToken cancellationToken);

    /// <summary>A bot's account, disabled ones too.</summary>
    Task<MattermostResult<BotAccount>> BotAsync(string userId, CancellationToken cancellationToken);

    /// <summary>The access tokens of an account, without the tokens themselves.</summary>
    Task<MattermostResult<IReadOnlyList<AccessToken>>> TokensAsync(string userId, CancellationToken cancellationToken);

    /// <summary>A post by id.</summary>
    Task<MattermostResult<Post>> PostAsync(string id, CancellationToken cancellationToken);

    /// <summary>Makes a bot's account.</summary>
    Task<MattermostResult<BotAccount>> CreateBotAsync(
        string username, string displayName, string description, CancellationToken cancellationToken);

    /// <summary>Changes what people see of a bot.</summary>
    Task<MattermostResult<BotAccount>> PatchBotAsync(
        string userId, string displayName, string description, CancellationToken cancellationToken);

    /// <summary>Enables or disables a bot's account; deleting one is not possible.</summary>
    Task<MattermostResult<BotAccount>> EnableBotAsync(string userId, bool enable, CancellationToken cancellationToken);

    /// <summary>Gives an account its picture.</summary>
    /// <param name="userId">The account.</param>
    /// <param name="png">The picture as PNG.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<MattermostResult<ServerStatus>> SetPictureAsync(string userId, ReadOnlyMemory<byte> png, CancellationToken cancellationToken);

    /// <summary>Makes an access token. The token itself is in this answer only.</summary>
    Task<MattermostResult<AccessToken>> CreateTokenAsync(string userId, string description, CancellationToken cancellationToken);

    /// <summary>Ends an access token.</summary>
    Task<MattermostResult<ServerStatus>> RevokeTokenAsync(string tokenId, CancellationToken cancellationToken);

    /// <summary>Makes a user a member of a team; one who is a member already stays it.</summary>
    Task<MattermostResult<TeamMember>> AddToTeamAsync(string teamId, string userId, CancellationToken cancellationToken);

    /// <summary>Takes a user out of a team and all its channels.</summary>
    Task<MattermostResult<ServerStatus>> RemoveFromTeamAsync(string teamId, string userId, CancellationToken cancellationToken);

    /// <summary>Makes a member of a team a member of one of its channels; one who is a member already stays it.</summary>
    Task<MattermostResult<ChannelMember>> AddToChannelAsync(string channelId, string userId, CancellationToken cancellationToken);

    /// <summary>Takes a user out of a channel.</summary>
    Task<MattermostResult<ServerStatus>> RemoveFromChannelAsync(string channelId, string userId, CancellationToken cancellationToken);

    /// <summary>Makes a slash command; the answer has its id and token.</summary>
    Task<MattermostResult<ServerCommand>> CreateCommandAsync(ServerCommand command, CancellationToken cancellationToken);

    /// <summary>Replaces a slash command; its token stays.</summary>
    Task<MattermostResult<ServerCommand>> UpdateCommandAsync(ServerCommand command, CancellationToken cancellationToken);

    /// <summary>Deletes a slash command.</summary>
    Task<MattermostResult<ServerStatus>> DeleteCommandAsync(string id, CancellationToken cancellationToken);

    /// <summary>Makes an outgoing webhook; the answer has its id and token.</summary>
    Task<MattermostResult<OutgoingHook>> CreateHookAsync(OutgoingHook hook, CancellationToken cancellationToken);

    /// <summary>Replaces an outgoing webhook: the token too, so that the one it has must be given.</summary>
    Task<MattermostResult<OutgoingHook>> UpdateHookAsync(OutgoingHook hook, CancellationToken cancellationToken);

    /// <summary>Deletes an outgoing webhook.</summary>
    Task<MattermostResult<ServerStatus>> DeleteHookAsync(string id, CancellationToken cancellationToken);

    /// <summary>Deletes a post, and with it the replies to it.</summary>
    Task<MattermostResult<ServerStatus>> DeletePostAsync(string id, CancellationToken cancellationToken);
}
