using PmBot.Mattermost.Client;

namespace PmBot.Workspaces;

/// <summary>Who is in a channel, as far as it can be told soon.</summary>
internal abstract record PeopleOfChannel
{
    private PeopleOfChannel()
    {
    }

    /// <summary>These, without bots and accounts that are out of use; in no particular order.</summary>
    public sealed record Known(IReadOnlyList<MattermostUser> People) : PeopleOfChannel;

    /// <summary>More than <see cref="ChannelPeople.Most"/>.</summary>
    public sealed record TooMany : PeopleOfChannel;

    /// <summary>The bot is not in it, or Mattermost did not answer in time.</summary>
    public sealed record Unknown : PeopleOfChannel;
}

/// <summary>Looks up the people of a channel for whoever types there.</summary>
internal sealed class ChannelPeople(IMattermost mattermost, IDirectory directory)
{
    /// <summary>In a channel of more accounts nobody is looked up: it is no team's own.</summary>
    public const int Most = 200;

    /// <summary>The people of a channel.</summary>
    /// <param name="channelId">The channel.</param>
    /// <param name="patience">How long to wait for Mattermost: a form cannot be opened later than three seconds after what asked for it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<PeopleOfChannel> OfAsync(string channelId, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await mattermost.ChannelMembersAsync(channelId, 0, Most, limit.Token) switch
            {
                // A full page may have another behind it.
                MattermostResult<IReadOnlyList<ChannelMember>>.Ok { Value.Count: >= Most } => new PeopleOfChannel.TooMany(),
                MattermostResult<IReadOnlyList<ChannelMember>>.Ok { Value: var members } => Known(await directory.UsersByIdAsync([.. members.Select(m => m.UserId)], limit.Token)),
                _ => new PeopleOfChannel.Unknown(),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PeopleOfChannel.Unknown();
        }
    }

    private static PeopleOfChannel Known(MattermostResult<IReadOnlyList<MattermostUser>> users) => users is MattermostResult<IReadOnlyList<MattermostUser>>.Ok { Value: var known }
        ? new PeopleOfChannel.Known([.. known.Where(u => !u.IsBot && !u.IsDeactivated)])
        : new PeopleOfChannel.Unknown();
}
