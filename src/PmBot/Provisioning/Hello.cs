using System.Text.Json.Nodes;
using PmBot.Mattermost.Client;

namespace PmBot.Provisioning;

/// <summary>The first words of the bot in a channel that it was brought to.</summary>
internal static class Hello
{
    private const string Key = "pmbot_hello";
    private const int PerPage = 200;
    private const int MostPages = 5;

    /// <summary>What it says: the three things to type. It mentions nobody.</summary>
    public static string Text(Wanted wanted)
    {
        var (rotation, requests, agenda) = (wanted.Triggers["pm-rotation"], wanted.Triggers["cr-assign"], wanted.Triggers["agenda"]);
        return $"""
            I am the bot of Product Management. Three things to type:
            - `/{rotation}`: who is on duty, and who is next
            - `/{requests} new TITLE`: files a customer request
            - `/{agenda} add TEXT`: puts an item on the agenda of the next PM meeting

            Each has `help`, such as `/{rotation} help`.
            """.ReplaceLineEndings("\n");
    }

    /// <summary>The post.</summary>
    public static NewPost Post(Wanted wanted, string channelId) => new()
    {
        ChannelId = channelId,
        Message = Text(wanted),
        Props = new JsonObject { [Key] = "1" },
    };

    /// <summary>The bot's first words among the last thousand posts of a channel; the value is null if they are not there.</summary>
    public static async Task<MattermostResult<Found>> FindAsync(IMattermost bot, string channelId, string botId, CancellationToken cancellationToken)
    {
        for (var page = 0; page < MostPages; page++)
        {
            var result = await bot.PostsPageAsync(channelId, page, PerPage, cancellationToken);
            if (result is not MattermostResult<IReadOnlyList<Post>>.Ok { Value: var posts })
            {
                return result.Failure<Found>();
            }

            if (posts.FirstOrDefault(p => p.UserId == botId && p.Props.ContainsKey(Key)) is { } hello)
            {
                return new MattermostResult<Found>.Ok(new Found(hello.Id));
            }

            if (posts.Count < PerPage)
            {
                break;
            }
        }

        return new MattermostResult<Found>.Ok(new Found(null));
    }

    /// <summary>The post, or null.</summary>
    public sealed record Found(string? PostId);
}
