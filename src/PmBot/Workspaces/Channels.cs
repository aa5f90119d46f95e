using PmBot.Mattermost;
using PmBot.Mattermost.Client;

namespace PmBot.Workspaces;

/// <summary>What became of a channel that a user named.</summary>
internal abstract record ChannelChoice
{
    private ChannelChoice()
    {
    }

    /// <summary>The bot can post there.</summary>
    public sealed record Usable(Channel Channel) : ChannelChoice;

    /// <summary>It cannot be used; the sentence says why and what to do.</summary>
    public sealed record Unusable(string Problem) : ChannelChoice;
}

/// <summary>Looks up the channels of a workspace.</summary>
internal sealed class Channels(IDirectory directory, IMattermost mattermost)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>A channel by name or, for the one a command was typed in, by id: whether the bot can post there.</summary>
    /// <param name="workspaceId">The team it must belong to.</param>
    /// <param name="text"><c>~name</c>, a name, or an id if <paramref name="isId"/>.</param>
    /// <param name="isId">Whether <paramref name="text"/> is an id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ChannelChoice> ChooseAsync(string workspaceId, string text, bool isId, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var name = text.Trim().TrimStart('~').ToLowerInvariant();
            var found = isId ? await directory.ChannelAsync(text, limit.Token) : await directory.ChannelByNameAsync(workspaceId, name, limit.Token);
            if (found is not MattermostResult<Channel>.Ok { Value: var channel })
            {
                return new ChannelChoice.Unusable(found is MattermostResult<Channel>.Refused
                    ? isId ? "I cannot see this channel. Type it in a channel that I am a member of, or name one." : $"I can see no channel {Markdown.Code("~" + name)} in this team. If there is one, invite me there first."
                    : found.Describe());
            }

            if (channel.IsArchived)
            {
                return new ChannelChoice.Unusable($"~{channel.Name} is archived.");
            }

            if (channel.TeamId != workspaceId)
            {
                return new ChannelChoice.Unusable(isId ? "This is no channel of a team. Name one, as `~channel`." : $"{Markdown.Code("~" + name)} belongs to another team.");
            }

            return await directory.SelfAsync(limit.Token) switch
            {
                MattermostResult<MattermostUser>.Ok { Value: var self } => await mattermost.ChannelMemberAsync(channel.Id, self.Id, limit.Token) switch
                {
                    MattermostResult<ChannelMember>.Ok => new ChannelChoice.Usable(channel),
                    MattermostResult<ChannelMember>.Refused => new ChannelChoice.Unusable(
                        $"I am no member of ~{channel.Name}. Type `/invite @{self.Username}` there, then this again."),
                    var failed => new ChannelChoice.Unusable(failed.Describe()),
                },
                var failed => new ChannelChoice.Unusable(failed.Describe()),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ChannelChoice.Unusable("Mattermost did not answer in time when I looked the channel up.");
        }
    }

    /// <summary>The workspace's channel for a purpose: the one that was set, or the team's channel of the usual name; null if there is none.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="set">The id that was set, or null.</param>
    /// <param name="usual">The usual name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Channel?> ForPurposeAsync(string workspaceId, string? set, string usual, CancellationToken cancellationToken) =>
        (await LookUpAsync(workspaceId, set, usual, cancellationToken)).ValueOrDefault;

    /// <summary>The same, where it matters whether there is none or Mattermost could not be asked.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="set">The id that was set, or null.</param>
    /// <param name="usual">The usual name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The channel; a refusal if there is none that the bot can see, or, with 401, if the bot's token is not taken.</returns>
    public async Task<MattermostResult<Channel>> LookUpAsync(string workspaceId, string? set, string usual, CancellationToken cancellationToken)
    {
        var found = set is null
            ? await directory.ChannelByNameAsync(workspaceId, usual, cancellationToken)
            : await directory.ChannelAsync(set, cancellationToken);
        return found is MattermostResult<Channel>.Ok { Value.IsArchived: true }
            ? new MattermostResult<Channel>.Refused(new MattermostError("pmbot.archived", "The channel is archived.", 404, ""))
            : found;
    }

    /// <summary>The workspace's channel for a purpose, if the bot can post there.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="set">The id that was set, or null.</param>
    /// <param name="usual">The usual name.</param>
    /// <param name="called">What people call it, for the problem.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The channel; null if there is none that the bot is a member of. With a problem, a sentence, if Mattermost could not be asked: then
    /// it is not known whether there is one.
    /// </returns>
    public async Task<(Channel? Channel, string? Problem)> ToPostAsync(
        string workspaceId, string? set, string usual, string called, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return await LookUpAsync(workspaceId, set, usual, limit.Token) switch
            {
                MattermostResult<Channel>.Ok { Value: var channel } => (await IsOutsideAsync(channel.Id, limit.Token) ? null : channel, null),
                MattermostResult<Channel>.Refused { Error.StatusCode: 403 or 404 } => (null, null),
                var failed => (null, $"I could not look up {called}: {failed.Describe()}"),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"Mattermost did not answer in time when I looked up {called}.");
        }
    }

    /// <summary>Whether the bot is certainly no member of a channel; if that is not known, a post that is refused there is parked and told.</summary>
    private async Task<bool> IsOutsideAsync(string channelId, CancellationToken cancellationToken) =>
        await directory.SelfAsync(cancellationToken) is MattermostResult<MattermostUser>.Ok { Value: var self }
        && await directory.IsInChannelAsync(channelId, self.Id, cancellationToken) is MattermostResult<bool>.Ok { Value: false };

    /// <summary>The names of channels by id; those that cannot be looked up are left out.</summary>
    public async Task<IReadOnlyDictionary<string, string>> NamesAsync(IEnumerable<string?> ids, CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in ids.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (await directory.ChannelAsync(id, cancellationToken) is MattermostResult<Channel>.Ok { Value: var channel })
            {
                names[id] = channel.Name;
            }
        }

        return names;
    }
}
