using System.Text.Json.Nodes;
using NodaTime;
using NUnit.Framework;
using PmBot.Mattermost.Client;
using PmBot.Rotations;

namespace PmBot.Tests.Rotations;

[TestFixture]
public sealed class TwitterWatchTests
{
    private static readonly Instant Since = Instant.FromUtc(2026, 11, 23, 17, 0);
    private static readonly Post Tweet = new() { Id = "tweet", UserId = "feed", CreateAt = Since, Message = "@us how do I …?" };

    [TestCase("heart", false)]
    [TestCase("repeat", false)]
    [TestCase("no_entry_sign", false)]
    [TestCase("eyes", true)]
    [TestCase("heart_eyes", true)]
    [TestCase("hearts", true)]
    public void One_of_three_reactions_handles_a_post(string emoji, bool unhandled)
    {
        var post = Tweet with { Metadata = new PostMetadata { Reactions = [new Reaction { UserId = "adam", EmojiName = "eyes" }, new Reaction { UserId = "adam", EmojiName = emoji }] } };
        Assert.That(Unhandled(post), Is.EqualTo(unhandled ? ["tweet"] : Array.Empty<string>()));
    }

    [Test]
    public void A_post_without_reaction_or_reply_is_unhandled() => Assert.That(Unhandled(Tweet), Is.EqualTo(["tweet"]));

    [Test]
    public void A_person_s_reply_handles_it_wherever_it_stands()
    {
        Assert.That(Unhandled(Tweet, Reply("adam")), Is.Empty);
        Assert.That(Unhandled(Reply("adam"), Tweet), Is.Empty);
        Assert.That(Unhandled(Tweet, Reply("feed")), Is.Empty, "the one who posted may answer it, too");
        Assert.That(Unhandled(Tweet, Reply("adam") with { RootId = "another" }), Is.EqualTo(["tweet"]));
    }

    [Test]
    public void A_reply_that_no_person_wrote_handles_nothing()
    {
        Assert.That(Unhandled(Tweet, Reply("bot")), Is.EqualTo(["tweet"]));
        Assert.That(Unhandled(Tweet, Reply("self")), Is.EqualTo(["tweet"]));
        Assert.That(Unhandled(Tweet, Reply("adam") with { DeleteAt = Since }), Is.EqualTo(["tweet"]));
        foreach (var key in (string[])["from_webhook", "from_bot"])
        {
            Assert.That(Unhandled(Tweet, Reply("adam") with { Props = new JsonObject { [key] = "true" } }), Is.EqualTo(["tweet"]));
            Assert.That(Unhandled(Tweet, Reply("adam") with { Props = new JsonObject { [key] = true } }), Is.EqualTo(["tweet"]));
            Assert.That(Unhandled(Tweet, Reply("adam") with { Props = new JsonObject { [key] = "false" } }), Is.Empty);
        }
    }

    [Test]
    public void Some_posts_never_count()
    {
        Assert.That(Unhandled(Tweet with { CreateAt = Since - Duration.Epsilon }), Is.Empty, "older ones");
        Assert.That(Unhandled(Tweet with { DeleteAt = Since }), Is.Empty, "deleted ones");
        Assert.That(Unhandled(Tweet with { Type = "system_join_channel" }), Is.Empty, "the server's");
        Assert.That(Unhandled(Tweet with { UserId = "self" }), Is.Empty, "the bot's own");
        Assert.That(Unhandled(Reply("adam") with { RootId = "gone" }), Is.Empty, "replies");
        Assert.That(Unhandled(), Is.Empty);
    }

    [Test]
    public void What_a_feed_s_bot_or_webhook_posts_counts()
    {
        Assert.That(Unhandled(Tweet with { UserId = "bot" }), Is.EqualTo(["tweet"]));
        Assert.That(Unhandled(Tweet with { Props = new JsonObject { ["from_webhook"] = "true" } }), Is.EqualTo(["tweet"]));
    }

    [Test]
    public void The_newest_stands_first() =>
        Assert.That(
            Unhandled(Tweet with { Id = "1" }, Tweet with { Id = "3", CreateAt = Since + Duration.FromHours(2) }, Tweet with { Id = "2", CreateAt = Since + Duration.FromHours(1) }),
            Is.EqualTo(["3", "2", "1"]));

    private static Post Reply(string userId) => new() { Id = "reply", UserId = userId, RootId = "tweet", CreateAt = Since };

    private static IEnumerable<string> Unhandled(params Post[] posts) =>
        TwitterWatch.Unhandled(posts, Since, "self", new HashSet<string>(StringComparer.Ordinal) { "bot", "self" }).Select(p => p.Id);
}
