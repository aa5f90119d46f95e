using Microsoft.Extensions.Options;

namespace PmBot.Mattermost.Client;

/// <summary><see cref="IDirectory"/> over <see cref="IMattermost"/>.</summary>
/// <param name="mattermost">Asked for what is not known.</param>
/// <param name="options">Give the server's address when it names none itself.</param>
/// <param name="clock">Ages what is known.</param>
public sealed class MattermostDirectory(IMattermost mattermost, IOptions<MattermostOptions> options, TimeProvider clock) : IDirectory
{
    private const int Capacity = 20_000;

    /// <summary>The key where there is only one thing to remember.</summary>
    private const string Only = "";

    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan KeepMembers = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan KeepStale = TimeSpan.FromDays(1);
    private static readonly TimeSpan KeepRights = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KeepStaleRights = TimeSpan.FromMinutes(5);

    private readonly AgingCache<MattermostUser> _users = new(clock, Keep, KeepStale, Capacity);
    private readonly AgingCache<MattermostUser> _usersByName = new(clock, Keep, KeepStale, Capacity);
    private readonly AgingCache<Channel> _channels = new(clock, Keep, KeepStale, Capacity);
    private readonly AgingCache<Channel> _channelsByName = new(clock, Keep, KeepStale, Capacity);
    private readonly AgingCache<Team> _teams = new(clock, Keep, KeepStale, Capacity);
    private readonly AgingCache<bool> _admins = new(clock, KeepRights, KeepStaleRights, Capacity);
    private readonly AgingCache<TeamMember> _members = new(clock, KeepMembers, KeepStale, Capacity);
    private readonly AgingCache<ChannelMember> _channelMembers = new(clock, KeepRights, TimeSpan.Zero, Capacity);
    private readonly AgingCache<MattermostUser> _self = new(clock, Keep, KeepStale, 1);
    private readonly AgingCache<string> _siteUrl = new(clock, Keep, KeepStale, 1);

    /// <inheritdoc/>
    public Task<MattermostResult<MattermostUser>> UserAsync(string id, CancellationToken cancellationToken)
    {
        var generation = _usersByName.Generation;
        return _users.GetAsync(
            id,
            async () =>
            {
                var result = await mattermost.UserAsync(id, CancellationToken.None);
                if (result is MattermostResult<MattermostUser>.Ok { Value: var user })
                {
                    _usersByName.Put(user.Username, user, generation);
                }

                return result;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByNameAsync(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        Users(
            [.. names.Select(n => n.ToLowerInvariant()).Distinct(StringComparer.Ordinal)],
            mattermost.UsersByNameAsync,
            (_usersByName, user => user.Username),
            (_users, user => user.Id),
            cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersByIdAsync(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Users(
            [.. ids.Distinct(StringComparer.Ordinal)],
            mattermost.UsersByIdAsync,
            (_users, user => user.Id),
            (_usersByName, user => user.Username),
            cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> ChannelAsync(string id, CancellationToken cancellationToken) =>
        _channels.GetAsync(id, () => mattermost.ChannelAsync(id, CancellationToken.None), cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<Channel>> ChannelByNameAsync(string teamId, string name, CancellationToken cancellationToken) =>
        _channelsByName.GetAsync(
            $"{teamId}/{name}", () => mattermost.ChannelByNameAsync(teamId, name, CancellationToken.None), cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<Team>> TeamAsync(string id, CancellationToken cancellationToken) =>
        _teams.GetAsync(id, () => mattermost.TeamAsync(id, CancellationToken.None), cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<bool>> IsAdminAsync(string teamId, string userId, CancellationToken cancellationToken) =>
        _admins.GetAsync($"{teamId}/{userId}", () => AskIsAdmin(teamId, userId), cancellationToken);

    /// <inheritdoc/>
    public async Task<MattermostResult<bool>> IsMemberAsync(string teamId, string userId, CancellationToken cancellationToken) =>
        IsThere(await _members.GetAsync(
            $"{teamId}/{userId}",
            async () => await mattermost.TeamMemberAsync(teamId, userId, CancellationToken.None) switch
            {
                // The server goes on to know who was a member once.
                MattermostResult<TeamMember>.Ok { Value.DeleteAt: not null } =>
                    new MattermostResult<TeamMember>.Refused(new("pmbot.no_member", "The user has left the team.", 404, "")),
                var result => result,
            },
            cancellationToken));

    /// <inheritdoc/>
    public async Task<MattermostResult<bool>> IsInChannelAsync(string channelId, string userId, CancellationToken cancellationToken) =>
        IsThere(await _channelMembers.GetAsync(
            $"{channelId}/{userId}", () => mattermost.ChannelMemberAsync(channelId, userId, CancellationToken.None), cancellationToken));

    /// <inheritdoc/>
    public Task<MattermostResult<MattermostUser>> SelfAsync(CancellationToken cancellationToken) =>
        _self.GetAsync(Only, () => mattermost.MeAsync(CancellationToken.None), cancellationToken);

    /// <inheritdoc/>
    public Task<MattermostResult<string>> SiteUrlAsync(CancellationToken cancellationToken) =>
        _siteUrl.GetAsync(
            Only,
            async () => (await mattermost.ClientConfigAsync(CancellationToken.None)).Map(config =>
                (config.GetValueOrDefault("SiteURL") is { Length: > 0 } url ? url : options.Value.Url).TrimEnd('/')),
            cancellationToken);

    /// <inheritdoc/>
    public void Forget(string userId)
    {
        _users.Forget((id, _) => id == userId);
        _usersByName.Forget((_, user) => user?.Id == userId);
        _admins.Forget((key, _) => key.EndsWith($"/{userId}", StringComparison.Ordinal));
        _members.Forget((key, _) => key.EndsWith($"/{userId}", StringComparison.Ordinal));
        _channelMembers.Forget((key, _) => key.EndsWith($"/{userId}", StringComparison.Ordinal));
        _self.Forget((_, user) => user?.Id == userId);
    }

    // Not from the cached user: roles are kept for a minute only.
    private async Task<MattermostResult<bool>> AskIsAdmin(string teamId, string userId)
    {
        var result = await mattermost.UserAsync(userId, CancellationToken.None);
        if (result is not MattermostResult<MattermostUser>.Ok { Value: var user })
        {
            return result.Failure<bool>();
        }

        if (user.IsDeactivated || user.IsSystemAdmin)
        {
            return new MattermostResult<bool>.Ok(!user.IsDeactivated);
        }

        var member = await mattermost.TeamMemberAsync(teamId, userId, CancellationToken.None);
        return member.IsNotFound ? new MattermostResult<bool>.Ok(Value: false) : member.Map(m => m.IsAdmin);
    }

    private static MattermostResult<bool> IsThere<T>(MattermostResult<T> member) =>
        member.IsNotFound ? new MattermostResult<bool>.Ok(Value: false) : member.Map(_ => true);

    private static async Task<MattermostResult<IReadOnlyList<MattermostUser>>> Users(
        IReadOnlyList<string> keys,
        Func<IReadOnlyCollection<string>, CancellationToken, Task<MattermostResult<IReadOnlyList<MattermostUser>>>> ask,
        (AgingCache<MattermostUser> Cache, Func<MattermostUser, string> Key) by,
        (AgingCache<MattermostUser> Cache, Func<MattermostUser, string> Key) other,
        CancellationToken cancellationToken)
    {
        var generation = other.Cache.Generation;
        var results = await by.Cache.GetAsync(
            keys,
            async missing =>
            {
                var answer = await ask(missing, CancellationToken.None);
                var found = new Dictionary<string, MattermostUser>(StringComparer.Ordinal);
                foreach (var user in answer.ValueOrDefault ?? [])
                {
                    found[by.Key(user)] = user;
                    other.Cache.Put(other.Key(user), user, generation);
                }

                return missing.ToDictionary(
                    key => key,
                    key => answer is MattermostResult<IReadOnlyList<MattermostUser>>.Ok
                        ? Found(found.GetValueOrDefault(key))
                        : answer.Failure<MattermostUser>(),
                    StringComparer.Ordinal);
            },
            cancellationToken);
        var users = new List<MattermostUser>(results.Count);
        foreach (var result in results)
        {
            if (result is MattermostResult<MattermostUser>.Ok { Value: var user })
            {
                users.Add(user);
            }
            else if (!result.IsNotFound)
            {
                return result.Failure<IReadOnlyList<MattermostUser>>();
            }
        }

        return new MattermostResult<IReadOnlyList<MattermostUser>>.Ok(users);
    }

    private static MattermostResult<MattermostUser> Found(MattermostUser? user) => user is null
        ? new MattermostResult<MattermostUser>.Refused(new("pmbot.no_such_user", "There is no such user.", 404, ""))
        : new MattermostResult<MattermostUser>.Ok(user);
}
