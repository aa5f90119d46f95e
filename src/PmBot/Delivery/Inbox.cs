using NodaTime;
using PmBot.Storage;

namespace PmBot.Delivery;

/// <summary>
/// The posts that outgoing webhooks brought. Two webhooks may bring the same post, and a proxy may repeat a request: the post has its
/// effect once, and every time the same answer.
/// </summary>
public static class Inbox
{
    /// <summary>For how long a post is remembered.</summary>
    public static readonly Duration Memory = Duration.FromDays(30);

    // More than one new post makes old, so that those of a long pause are gone in time, and few enough for one transaction.
    private const int MostForgotten = 100;

    /// <summary>What a post was answered; null if it is not known.</summary>
    public static string? AnswerOf(this IReadTransaction transaction, string postId) =>
        transaction.Query<string>("select answer from inbox where post_id = @postId", new { postId }) is [var answer] ? answer : null;

    /// <summary>Carries a post out, unless it was: then it is only answered again.</summary>
    /// <param name="transaction">The transaction of the change.</param>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="postId">The post.</param>
    /// <param name="now">When it is received.</param>
    /// <param name="change">
    /// Changes what is to be changed, in the same transaction, and returns the answer. A refusal is remembered like any other answer.
    /// </param>
    /// <returns>The answer, of now or of then.</returns>
    public static string Once(this IWriteTransaction transaction, string workspaceId, string postId, Instant now, Func<string> change)
    {
        ArgumentException.ThrowIfNullOrEmpty(postId);

        // Taken first, and not looked for first: of two at the same time one has to wait for the other, whatever the engine.
        var isNew = transaction.Run(
            "insert into inbox (post_id, workspace_id, received_at, answer) values (@post, @workspace, @now, '') on conflict do nothing",
            ("post", postId), ("workspace", workspaceId), ("now", now.ToUnixTimeMilliseconds())) == 1;
        if (!isNew)
        {
            return transaction.AnswerOf(postId) ?? throw new InvalidOperationException($"Post {postId} left the inbox while it was read.");
        }

        var answer = change();
        transaction.Write("update inbox set answer = @answer where post_id = @post", ("answer", answer), ("post", postId));
        transaction.Write(
            "delete from inbox where post_id in (select post_id from inbox where received_at < @oldest order by received_at limit @most)",
            ("oldest", (now - Memory).ToUnixTimeMilliseconds()), ("most", (long)MostForgotten));
        return answer;
    }
}
