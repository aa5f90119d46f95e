namespace PmBot.Mattermost.Inbound;

/// <summary>A post that an outgoing webhook brought with a valid token; a person wrote it.</summary>
/// <param name="WorkspaceId">The team, which is the workspace.</param>
/// <param name="TeamDomain">The team's name in URLs.</param>
/// <param name="ChannelId">Where it was posted.</param>
/// <param name="ChannelName">The channel's name in URLs.</param>
/// <param name="PostId">The post: it may come more than once, and is to have its effect once (see <see cref="Delivery.Inbox"/>).</param>
/// <param name="UserId">Who posted it.</param>
/// <param name="Username">Their name.</param>
/// <param name="Text">The whole post, its word included.</param>
/// <param name="TriggerWord">Its word: as the handler writes it once it is found, until then as Mattermost says.</param>
public sealed record HookPost(
    string WorkspaceId,
    string TeamDomain,
    string ChannelId,
    string ChannelName,
    string PostId,
    string UserId,
    string Username,
    string Text,
    string TriggerWord)
{
    /// <summary>What stands behind the word, with its line breaks; the whole text if that does not begin with the word.</summary>
    public string Rest => Behind(TriggerWord) ?? Text.Trim();

    /// <summary>
    /// What stands behind a word, in any case, with which the text begins; null if it does not. Behind a word that ends in a colon
    /// anything may follow at once; any other ends at white space or at a colon, so that <c>#crash</c> does not begin with <c>#cr</c>.
    /// </summary>
    internal string? Behind(string word)
    {
        var text = Text.Trim();
        if (word.Length == 0 || !text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var rest = text[word.Length..];
        return rest.Length == 0 || word[^1] == ':' || char.IsWhiteSpace(rest[0]) ? rest.TrimStart()
            : rest[0] == ':' ? rest[1..].TrimStart()
            : null;
    }
}

/// <summary>What is posted as a comment on the post, for everybody; null for nothing.</summary>
/// <param name="Text">Markdown.</param>
public sealed record HookReply(string? Text);

/// <summary>Carries out the posts that begin with one of its words.</summary>
public interface IHookHandler
{
    /// <summary>The words, such as <c>#cr</c> and <c>cr:</c>, compared in any case. No other handler may have them.</summary>
    IReadOnlyList<string> Words { get; }

    /// <summary>
    /// Carries it out, once for each post: <see cref="Delivery.Inbox.Once"/> belongs into its transaction. Refusals are answers; an
    /// exception is a fault.
    /// </summary>
    Task<HookReply> HandleAsync(HookPost post, CancellationToken cancellationToken);
}

/// <summary>Finds the handler of a post by its first word.</summary>
public sealed class HookRouter
{
    private readonly List<KeyValuePair<string, IHookHandler>> _longestFirst;

    /// <summary>Collects the words.</summary>
    /// <exception cref="ArgumentException">Two handlers have the same word.</exception>
    public HookRouter(IEnumerable<IHookHandler> handlers)
    {
        var words = handlers.SelectMany(h => h.Words, (h, word) => KeyValuePair.Create(word, h)).ToList();
        _longestFirst = [.. words.ToDictionary(StringComparer.OrdinalIgnoreCase).OrderByDescending(w => w.Key.Length)];
        Words = [.. words.Select(w => w.Key)];
    }

    /// <summary>All words, in the order of their handlers.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The handler, and the post with the handler's word as its own; a handler of null if the word is none of the bot's.</summary>
    public (IHookHandler? Handler, HookPost Post) Find(HookPost post)
    {
        var (word, handler) = _longestFirst.Find(w => post.Behind(w.Key) is not null);

        // Mattermost's word may be the mere beginning of another one ("#cr" of "#crash"); it counts only where the text does not show it.
        if (handler is null && !post.Text.TrimStart().StartsWith(post.TriggerWord, StringComparison.OrdinalIgnoreCase))
        {
            (word, handler) = _longestFirst.Find(w => w.Key.Equals(post.TriggerWord, StringComparison.OrdinalIgnoreCase));
        }

        return handler is null ? (null, post) : (handler, post with { TriggerWord = word });
    }
}
