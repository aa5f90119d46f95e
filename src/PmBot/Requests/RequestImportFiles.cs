using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;

namespace PmBot.Requests;

/// <summary>What became of the file that an import speaks of.</summary>
internal abstract record FileChoice
{
    private FileChoice()
    {
    }

    /// <summary>It was read.</summary>
    /// <param name="Id">Mattermost's id of it; the file of another post has another.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Posted">When it was posted.</param>
    /// <param name="Content">What it holds.</param>
    public sealed record Found(string Id, string Name, Instant Posted, byte[] Content) : FileChoice;

    /// <summary>There is none to be read; the sentence says why, and what to do.</summary>
    public sealed record None(string Problem) : FileChoice;
}

/// <summary>Finds the file that an import speaks of, where both the caller and the bot may see it.</summary>
internal sealed class RequestImportFiles(IMattermost mattermost, IDirectory directory, RequestTexts texts)
{
    private const int MostBytes = 5_000_000;

    /// <summary>How far back a post is looked for that is not named.</summary>
    private const int MostPosts = 60;

    private const int IdLength = 26;

    private const string NoSuchPost =
        "I see no such post in this team, or not both of us are members of its channel. Invite me there, or attach the file here and import it without a link.";

    /// <summary>The file of the post that is named; else the newest that the caller attached in the channel where this was typed.</summary>
    public async Task<FileChoice> FindAsync(SlashCommand slash, string? permalink, CancellationToken cancellationToken)
    {
        if (permalink is null)
        {
            return await mattermost.PostsPageAsync(slash.ChannelId, 0, MostPosts, cancellationToken) switch
            {
                MattermostResult<IReadOnlyList<Post>>.Ok { Value: var posts } =>
                    posts.FirstOrDefault(p => p.UserId == slash.UserId && !p.IsDeleted && Csv(p).Any()) is { } post
                        ? await ReadAsync(post, cancellationToken)
                        : new FileChoice.None(
                            $"Among the last {MostPosts} posts here is none of yours with a CSV file. Attach one and type this again; or name the post: {texts.Command("import PERMALINK")}."),
                MattermostResult<IReadOnlyList<Post>>.Refused { Error.StatusCode: 403 or 404 } => new FileChoice.None(
                    await directory.SelfAsync(cancellationToken) is MattermostResult<MattermostUser>.Ok { Value: var self }
                        ? $"I cannot read this channel, so I don't see your file. Invite me (`/invite @{self.Username}`) and type this again; or attach the file in a direct message to me."
                        : "I cannot read this channel, so I don't see your file. Invite me and type this again."),
                var failed => Failed(failed),
            };
        }

        if (IdOf(permalink) is not { } id)
        {
            return new FileChoice.None($"{Markdown.Code(permalink)} is no permalink of a post. One ends in `/pl/` and {IdLength} letters and digits: in the post's menu, \"Copy Link\".");
        }

        // Whatever the caller may not see is as if it did not exist: the answers are the same.
        var found = await mattermost.PostAsync(id, cancellationToken);
        return found switch
        {
            MattermostResult<Post>.Ok { Value: { IsDeleted: false } post } => await directory.ChannelAsync(post.ChannelId, cancellationToken) switch
            {
                MattermostResult<Channel>.Ok { Value: var channel } when channel.TeamId == slash.TeamId || channel.Type == "D" =>
                    await directory.IsInChannelAsync(channel.Id, slash.UserId, cancellationToken) switch
                    {
                        MattermostResult<bool>.Ok { Value: true } => await ReadAsync(post, cancellationToken),
                        MattermostResult<bool>.Ok or MattermostResult<bool>.Refused => new FileChoice.None(NoSuchPost),
                        var failed => Failed(failed),
                    },
                MattermostResult<Channel>.Ok or MattermostResult<Channel>.Refused => new FileChoice.None(NoSuchPost),
                var failed => Failed(failed),
            },
            MattermostResult<Post>.Ok or MattermostResult<Post>.Refused => new FileChoice.None(NoSuchPost),
            _ => Failed(found),
        };
    }

    private async Task<FileChoice> ReadAsync(Post post, CancellationToken cancellationToken)
    {
        var attached = Csv(post).ToList();
        if (attached is not [var file])
        {
            return new FileChoice.None(attached.Count == 0
                ? "That post has no CSV file: none of which the name ends in `.csv`."
                : $"That post has {attached.Count} CSV files, and I cannot tell which one is meant. Attach one alone.");
        }

        return await mattermost.FileAsync(file.Id, MostBytes, cancellationToken) switch
        {
            MattermostResult<byte[]>.Ok { Value: var content } => new FileChoice.Found(file.Id, file.Name, post.CreateAt, content),
            MattermostResult<byte[]>.Refused { Error.StatusCode: 413 } =>
                new FileChoice.None($"{Markdown.Code(file.Name)} is longer than {MostBytes / 1_000_000} MB. Split it; each part needs the header."),
            var failed => Failed(failed),
        };
    }

    private static FileChoice.None Failed<T>(MattermostResult<T> failed) => new($"I could not read the file: {failed.Describe()} Please try again.");

    private static IEnumerable<PostFile> Csv(Post post) => post.Metadata.Files.Where(f => f.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase));

    /// <summary>The id at the end of a permalink, or an id alone; null if it is neither.</summary>
    private static string? IdOf(string permalink)
    {
        var text = permalink.Trim().TrimStart('<').TrimEnd('>').Split('?', '#')[0].TrimEnd('/');
        var id = text.LastIndexOf("/pl/", StringComparison.Ordinal) is >= 0 and var at ? text[(at + "/pl/".Length)..] : text;
        return id.Length == IdLength && id.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c)) ? id : null;
    }
}
