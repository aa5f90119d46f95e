using PmBot.Mattermost.Client;

namespace PmBot.Checks;

/// <summary>A team of the bot.</summary>
/// <param name="Team">The team.</param>
/// <param name="Channels">Its channels that the bot is a member of, and direct ones; those in which it has something to do first.</param>
internal sealed record BotTeam(Team Team, IReadOnlyList<Channel> Channels);

/// <summary>Whether the bot is a member of the teams and channels in which it has something to do.</summary>
internal sealed class ChannelCheck(MattermostProbe probe, IMattermost bot, MattermostUser me, StoreFacts store)
{
    private const string Subject = "channels";

    /// <summary>Looks.</summary>
    /// <returns>The bot's teams, and what is to be said.</returns>
    public async Task<(IReadOnlyList<BotTeam> Teams, IReadOnlyList<Finding> Findings)> CheckAsync(CancellationToken cancellationToken)
    {
        var listed = await probe.TeamsAsync(cancellationToken);
        if (listed is not MattermostResult<IReadOnlyList<Team>>.Ok { Value: var teams })
        {
            return ([], [Finding.Wrong(Subject, $"The bot's teams cannot be listed. {listed.Describe()}")]);
        }

        var found = new List<BotTeam>();
        var findings = new List<Finding>();
        if (teams.Count == 0)
        {
            findings.Add(Finding.Wrong(Subject, $"@{me.Username} is in no team. In each team that is to use it, main menu > Invite People > @{me.Username}; then type in its channels: /invite @{me.Username}"));
        }

        foreach (var id in store.Workspaces.Where(id => teams.All(t => t.Id != id)))
        {
            findings.Add(await LeftAsync(id, cancellationToken));
        }

        foreach (var team in teams.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            var (channels, said) = await TeamAsync(team, cancellationToken);
            found.Add(new BotTeam(team, channels));
            findings.AddRange(said);
        }

        return (found, findings);
    }

    private async Task<Finding> LeftAsync(string teamId, CancellationToken cancellationToken) => await bot.TeamAsync(teamId, cancellationToken) switch
    {
        MattermostResult<Team>.Ok { Value: { DeleteAt: not null } gone } => Finding.Warning(Subject, $"The team {gone.Name}, which used the bot, is archived. What it planned stays as it is."),
        MattermostResult<Team>.Ok { Value: var team } => Finding.Wrong(Subject, $"@{me.Username} is not in the team {team.Name}, which has used it. There, main menu > Invite People > @{me.Username}"),
        _ => Finding.Wrong(Subject, $"@{me.Username} is not in the team with the id {teamId}, which has used it. In that team, main menu > Invite People > @{me.Username}"),
    };

    private async Task<(IReadOnlyList<Channel> Channels, IReadOnlyList<Finding> Findings)> TeamAsync(Team team, CancellationToken cancellationToken)
    {
        var listed = await probe.ChannelsAsync(team.Id, cancellationToken);
        if (listed is not MattermostResult<IReadOnlyList<Channel>>.Ok { Value: var mine })
        {
            return ([], [Finding.Wrong(Subject, $"The bot's channels in the team {team.Name} cannot be listed. {listed.Describe()}")]);
        }

        IEnumerable<Place> places = store.Places.Any(p => p.WorkspaceId == team.Id)
            ? store.Places.Where(p => p.WorkspaceId == team.Id)
            : StoreCheck.Purposes(team.Id, null);
        var there = new List<Channel>();
        var missing = new List<string>();
        var outside = new List<(Outside Channel, string What)>();
        foreach (var place in places)
        {
            if (mine.FirstOrDefault(c => place.ChannelId is { } id ? c.Id == id : c.TeamId == team.Id && c.Name == place.Usual) is { } channel)
            {
                there.Add(channel);
            }
            else if (await OutsideAsync(team, place, cancellationToken) is { } known)
            {
                outside.Add((known, place.What));
            }
            else
            {
                missing.Add($"~{place.Usual}");
            }
        }

        // A channel can have several purposes, some by its name and some by its id; it is one thing to be mended.
        var findings = outside.GroupBy(o => o.Channel.Key, StringComparer.Ordinal)
            .Select(same => same.First().Channel.Say(string.Join(" and ", same.Select(o => o.What)))).ToList();
        var ordered = there.Concat(mine.OrderBy(c => c.Type is "O" or "P" ? 0 : 1).ThenBy(c => c.Name, StringComparer.Ordinal)).DistinctBy(c => c.Id).ToList();
        if (ordered.TrueForAll(c => c.Type is not ("O" or "P")))
        {
            findings.Add(Finding.Wrong(Subject, $"@{me.Username} is in no channel of the team {team.Name}. Type in each that it is to work in: /invite @{me.Username}"));
        }

        if (findings.Count == 0)
        {
            var seen = there.Count == 0 ? "nothing to do in any channel yet" : string.Join(", ", there.DistinctBy(c => c.Id).Select(c => $"~{c.Name}"));
            var unseen = missing.Count == 0 ? "" : $". It sees no {string.Join(", ", missing)}; where there is one that it is to work in, type there: /invite @{me.Username}";
            findings.Add(Finding.Fine(Subject, $"team {team.Name}: {seen}{unseen}"));
        }

        return (ordered, findings);
    }

    /// <summary>A channel that is not among the bot's; null if it is one by its usual name only, and cannot be seen.</summary>
    private async Task<Outside?> OutsideAsync(Team team, Place place, CancellationToken cancellationToken)
    {
        var found = place.ChannelId is { } id
            ? await bot.ChannelAsync(id, cancellationToken)
            : await bot.ChannelByNameAsync(team.Id, place.Usual!, cancellationToken);
        return found switch
        {
            MattermostResult<Channel>.Ok { Value: { IsArchived: true } gone } => new(gone.Id, what => Finding.Wrong(Subject, $"~{gone.Name} in the team {team.Name} {what}, and is archived. Unarchive it, or set another channel; \"settings\" of each command shows how.")),
            MattermostResult<Channel>.Ok { Value: var channel } => new(channel.Id, what => Finding.Wrong(Subject, $"~{channel.Name} in the team {team.Name} {what}, and @{me.Username} is not in it. Type there: /invite @{me.Username}")),
            MattermostResult<Channel>.Refused { Error.StatusCode: 403 or 404 } when place.ChannelId is null => null,
            { IsNotFound: true } => new(place.ChannelId!, what => Finding.Wrong(Subject, $"The channel with the id {place.ChannelId} in the team {team.Name} {what}, and there is none. Set another one; \"settings\" of each command shows how.")),
            MattermostResult<Channel>.Refused { Error.StatusCode: 403 } => new(place.ChannelId!, what => Finding.Wrong(Subject, $"A private channel (id {place.ChannelId}) in the team {team.Name} {what}, and @{me.Username} is not in it. Type there: /invite @{me.Username}")),
            _ => new(place.ChannelId ?? place.Usual!, what => Finding.Wrong(Subject, $"{(place.Usual is null ? $"The channel with the id {place.ChannelId}" : $"~{place.Usual}")} in the team {team.Name} {what}, and whether @{me.Username} is in it is not known. {found.Describe()}")),
        };
    }

    /// <summary>A channel that the bot is not a member of.</summary>
    /// <param name="Key">By which it is known that two are the same.</param>
    /// <param name="Say">Says what is wrong, given what the bot has to do there.</param>
    private sealed record Outside(string Key, Func<string, Finding> Say);
}
