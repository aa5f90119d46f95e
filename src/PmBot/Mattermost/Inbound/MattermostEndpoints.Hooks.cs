using System.Diagnostics;
using System.Text.Json;
using PmBot.Hosting;
using PmBot.Mattermost.Client;

namespace PmBot.Mattermost.Inbound;

/// <content>Outgoing webhooks. Mattermost shows nothing of an answer that is not 200, and never sends a post again.</content>
public static partial class MattermostEndpoints
{
    /// <summary>The path for outgoing webhooks.</summary>
    public const string HooksPath = "/mattermost/hooks/outgoing";

    // A zero-width space looks like nothing, and yet is part of a word.
    private const string Gap = "\u200b";

    private static readonly TimeSpan LookUpPatience = TimeSpan.FromSeconds(3);

    private static async Task<IResult> HookAsync(
        HttpContext http, WebhookTokens tokens, HookRouter router, IDirectory directory, IMattermost mattermost, Telemetry telemetry, ILogger<HookPost> logger)
    {
        var started = Stopwatch.GetTimestamp();
        var (read, fields, refusal) = await HookPostAsync(http);
        if (read is null)
        {
            return refusal;
        }

        if (tokens.Check(Presented(fields, http.Request)) is not TokenCheck.Accepted)
        {
            Log.HookRefused(logger, http.Connection.RemoteIpAddress);
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        var (handler, post) = router.Find(read);
        var word = handler is null ? null : post.TriggerWord;
        string? outcome = null;
        var text = await CarryOutAsync(
            http, telemetry, started, "hook", word, AnswerAsync, e => Fault(logger, e, $"hook {word ?? None}", null), answer => outcome ?? CommandOutcome.Of(answer));
        if (string.IsNullOrWhiteSpace(text))
        {
            return Results.Json(new HookAnswer(null, null), MattermostJson.Options);
        }

        var answer = Fitting(Inert(text, [.. router.Words, read.TriggerWord]));
        var root = await RootAsync();
        return Results.Json(
            root is null ? new HookAnswer(answer, "comment") : await IsSaidInThreadAsync(root, answer) ? new HookAnswer(null, null) : new HookAnswer(answer, null),
            MattermostJson.Options);

        // Mattermost drops a comment on a reply without a word: it takes the reply for the thread's root. So the bot answers in the thread by
        // itself, and where it may not, the answer is a post in the channel.
        Task<string?> RootAsync() => WithinAsync(
            async limit => await mattermost.PostAsync(post.PostId, limit) is MattermostResult<Post>.Ok { Value.RootId: { Length: > 0 } root } ? root : null, null);

        // After an attempt that may have failed it is said once more: better twice than not at all.
        Task<bool> IsSaidInThreadAsync(string root, string answer) => WithinAsync(
            async limit => await mattermost.CreatePostAsync(
                new NewPost { ChannelId = post.ChannelId, RootId = root, Message = answer, PendingPostId = $"answer:{post.PostId}" }, limit) is MattermostResult<Post>.Ok,
            false);

        async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> ask, T late)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            limit.CancelAfter(LookUpPatience);
            try
            {
                return await ask(limit.Token);
            }
            catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
            {
                return late;
            }
        }

        async Task<string?> AnswerAsync(CancellationToken limit)
        {
            // A webhook without words brings every post of its channel; most of them are not for the bot.
            if (handler is null && post.TriggerWord.Length == 0)
            {
                return Ignored("it has no word");
            }

            // Without the post's id it could not be told from the same post coming again; without the others, whose and where it is.
            if (Missing(post) is { Count: > 0 } missing)
            {
                return $"Mattermost sent this post without its {string.Join(", ", missing)}, so nothing was changed. "
                    + "Please post it again; if it stays so, tell whoever runs me.";
            }

            var isPerson = await IsPersonAsync(directory, post.UserId, limit, http.RequestAborted);
            if (isPerson is not MattermostResult<bool>.Ok { Value: var person })
            {
                outcome = CommandOutcome.Refused;
                Log.AuthorUnknown(logger, Printable(post.PostId), isPerson.Describe());
                return "I could not ask Mattermost who posted this, so nothing was changed. Please post it again in a minute.";
            }

            // Otherwise a bot that answers with a word of its own would be answered for ever.
            return !person ? Ignored("a bot posted it")
                : handler is null ? Unknown(post, router.Words)
                : (await handler.HandleAsync(post, limit)).Text;
        }

        string? Ignored(string reason)
        {
            outcome = CommandOutcome.Ignored;
            var (id, user) = (Printable(post.PostId), Printable(post.UserId));
            Log.PostIgnored(logger, id, user, reason);
            return null;
        }
    }

    /// <summary>The post and the tokens of a body, whether it is JSON or a form.</summary>
    private static async Task<(HookPost? Post, IReadOnlyList<string> Tokens, IResult Refusal)> HookPostAsync(HttpContext http)
    {
        if (IsType(http.Request, FormType))
        {
            var (form, refusal) = await FormAsync(http);
            return form is null ? (null, [], refusal) : (Read(name => Field(form, name)), [.. Each(form, "token")], refusal);
        }

        var (document, refused) = await JsonAsync(http);
        if (document is null)
        {
            return (null, [], refused);
        }

        using (document)
        {
            // A name may stand in it twice; a token that is no text is a wrong one.
            var json = document.RootElement;
            return (
                Read(name => Text(json, name) ?? ""),
                [.. json.EnumerateObject().Where(p => p.NameEquals("token")).Select(p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString() ?? "" : "")],
                refused);
        }

        static HookPost Read(Func<string, string> field) => new(
            field("team_id"), field("team_domain"), field("channel_id"), field("channel_name"), field("post_id"), field("user_id"), field("user_name"),
            field("text"), field("trigger_word"));
    }

    private static List<string> Missing(HookPost post) =>
    [
        .. new[] { ("post_id", post.PostId), ("user_id", post.UserId), ("channel_id", post.ChannelId), ("team_id", post.WorkspaceId) }
            .Where(f => string.IsNullOrWhiteSpace(f.Item2)).Select(f => $"`{f.Item1}`"),
    ];

    /// <summary>Whether the author is neither the bot itself, whatever kind of account it has, nor another bot.</summary>
    private static async Task<MattermostResult<bool>> IsPersonAsync(
        IDirectory directory, string userId, CancellationToken limit, CancellationToken aborted)
    {
        try
        {
            var self = await directory.SelfAsync(limit);
            return self is not MattermostResult<MattermostUser>.Ok { Value: var own } ? self.Failure<bool>()
                : own.Id == userId ? new MattermostResult<bool>.Ok(Value: false)
                : (await directory.UserAsync(userId, limit)).Map(u => !u.IsBot);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return new MattermostResult<bool>.Unknown("it took too long");
        }
    }

    private static string Unknown(HookPost post, IReadOnlyList<string> words)
    {
        var first = post.Text.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(post.TriggerWord);
        var known = words.Count == 0 ? "none" : string.Join(", ", words.Select(Markdown.Code));
        return $"I don't know the word {Markdown.Code(Markdown.Shorten(first, 40))}, so nothing was changed. The words that I know: {known}.";
    }

    /// <summary>
    /// A text that sets nothing off when Mattermost posts it: it begins with none of the words, whoever made it and whatever users typed
    /// into it, and it holds none of the marks that Mattermost turns into mentions (<c>&lt;!channel&gt;</c>) or links
    /// (<c>&lt;address|text&gt;</c>) in the answers of webhooks.
    /// </summary>
    private static string Inert(string text, IEnumerable<string> words)
    {
        var start = text.TrimStart();
        var inert = text.Replace("<!", $"<{Gap}!", StringComparison.Ordinal).Replace("<@", $"<{Gap}@", StringComparison.Ordinal);

        // Whatever stands between the signs makes a link, so no gap helps; written as an entity the first sign looks the same.
        var close = inert.LastIndexOf('>');
        var bar = close < 0 ? -1 : inert.LastIndexOf('|', close);
        inert = bar < 0 ? inert : inert[..bar].Replace("<", "&lt;", StringComparison.Ordinal) + inert[bar..];
        return words.Any(w => w.Length > 0 && start.StartsWith(w, StringComparison.OrdinalIgnoreCase)) ? Gap + inert : inert;
    }

    private sealed record HookAnswer(string? Text, string? ResponseType);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "An outgoing webhook from {Remote} came with a wrong token or none")]
        public static partial void HookRefused(ILogger logger, System.Net.IPAddress? remote);

        [LoggerMessage(Level = LogLevel.Debug, Message = "Post {Post} of user {User} was ignored: {Reason}")]
        public static partial void PostIgnored(ILogger logger, string post, string user, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing was done about post {Post}, for its author could not be looked up: {Reason}")]
        public static partial void AuthorUnknown(ILogger logger, string post, string reason);
    }
}
