using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Hosting;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>Something that may wait for whoever comes on duty. Each feature answers for itself.</summary>
public interface IWaiting
{
    /// <summary>The lines to show; none if nothing waits.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="zone">The zone in which times are written.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<WaitingLine>> WaitingAsync(Workspace workspace, DateTimeZone zone, Instant now, CancellationToken cancellationToken);
}

/// <summary>
/// The posts of the Twitter channel that nobody handled in the last week: without one of the three reactions, and without a reply by
/// a person (handbook, 2020 edition, "Twitter Rotation").
/// </summary>
internal sealed class TwitterWatch(IMattermost mattermost, IDirectory directory, Channels channels, IOptions<PmBotOptions> options) : IWaiting
{
    private const int PageSize = 200;
    private const int MostPages = 25;
    private const int MostLinks = 10;

    /// <summary>How long a post is looked after.</summary>
    private static readonly Duration Span = Duration.FromDays(7);

    public async Task<IReadOnlyList<WaitingLine>> WaitingAsync(Workspace workspace, DateTimeZone zone, Instant now, CancellationToken cancellationToken)
    {
        // In the 2021 practice marketing watches Twitter, and mentions the PMs when it needs them.
        if (workspace.PracticeOr(options.Value.Practice) == Practice.Y2021
            || await channels.ForPurposeAsync(workspace.Id, workspace.TwitterChannelId, "twitter", cancellationToken) is not { } channel)
        {
            return [];
        }

        const string What = "Twitter posts nobody handled";
        if (await PostsAsync(channel.Id, now - Span, cancellationToken) is not MattermostResult<IReadOnlyList<Post>>.Ok { Value: var posts }
            || await directory.SelfAsync(cancellationToken) is not MattermostResult<MattermostUser>.Ok { Value: var self }
            || await directory.TeamAsync(workspace.Id, cancellationToken) is not MattermostResult<Team>.Ok { Value: var team }
            || await directory.SiteUrlAsync(cancellationToken) is not MattermostResult<string>.Ok { Value: var site }
            || await directory.UsersByIdAsync([.. posts.Select(p => p.UserId).Distinct(StringComparer.Ordinal)], cancellationToken)
                is not MattermostResult<IReadOnlyList<MattermostUser>>.Ok { Value: var users })
        {
            return [new WaitingLine(What, $"I could not read ~{channel.Name}; please look there")];
        }

        var bots = users.Where(u => u.IsBot).Select(u => u.Id).ToHashSet(StringComparer.Ordinal);
        var unhandled = Unhandled(posts, now - Span, self.Id, bots);
        if (unhandled.Count == 0)
        {
            return [];
        }

        var links = unhandled.Take(MostLinks).Select(p => $"[{p.CreateAt.InZone(zone).ToString("ddd HH:mm", null)}]({site}/{team.Name}/pl/{p.Id})");
        var more = unhandled.Count > MostLinks ? $" and {When.Count(unhandled.Count - MostLinks, "older one")} in ~{channel.Name}" : "";
        return [new WaitingLine(What, $"**{unhandled.Count}**: {string.Join(", ", links)}{more}")];
    }

    /// <summary>Which of a channel's posts nobody handled, the newest first.</summary>
    /// <param name="posts">The channel's posts, replies included.</param>
    /// <param name="since">Older ones do not count.</param>
    /// <param name="self">The bot, whose own posts do not count.</param>
    /// <param name="bots">Bots, whose replies handle nothing.</param>
    public static IReadOnlyList<Post> Unhandled(IReadOnlyList<Post> posts, Instant since, string self, IReadOnlySet<string> bots)
    {
        var answered = posts
            .Where(p => p is { RootId.Length: > 0, IsDeleted: false } && !bots.Contains(p.UserId) && !IsTrue(p, "from_webhook") && !IsTrue(p, "from_bot"))
            .Select(p => p.RootId)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. posts
                .Where(p => p.RootId.Length == 0 && !p.IsDeleted && !p.IsSystem && p.CreateAt >= since && p.UserId != self && !answered.Contains(p.Id))
                .Where(p => !p.Reactions.Any(r => r.EmojiName is "heart" or "repeat" or "no_entry_sign"))
                .OrderByDescending(p => p.CreateAt),
        ];
    }

    private static bool IsTrue(Post post, string key) => post.Props[key] is JsonValue value && value.ToString() is "true";

    private async Task<MattermostResult<IReadOnlyList<Post>>> PostsAsync(string channelId, Instant since, CancellationToken cancellationToken)
    {
        var posts = new List<Post>();
        for (var page = 0; page < MostPages; page++)
        {
            var read = await mattermost.PostsPageAsync(channelId, page, PageSize, cancellationToken);
            if (read is not MattermostResult<IReadOnlyList<Post>>.Ok { Value: var some })
            {
                return read;
            }

            posts.AddRange(some);
            if (some.Count < PageSize || some[^1].CreateAt < since)
            {
                break;
            }
        }

        return new MattermostResult<IReadOnlyList<Post>>.Ok(posts);
    }
}
