using NUnit.Framework;
using PmBot.Mattermost.Inbound;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>The first word of a post decides whose it is.</summary>
internal sealed class HookPostTests
{
    private static readonly string[] RequestWords = ["#cr", "cr:"];
    private static readonly string[] AgendaWords = ["#agenda", "agenda:", "#cr:draft"];

    private readonly IHookHandler _requests = new Handler(RequestWords);
    private readonly IHookHandler _agenda = new Handler(AgendaWords);

    [TestCase("#cr Fix it", "#cr", "#cr", "Fix it")]
    [TestCase("#CR Fix it", "#CR", "#cr", "Fix it")]
    [TestCase("cr: Fix it", "cr:", "cr:", "Fix it")]
    [TestCase("Cr:fix it", "Cr:fix", "cr:", "fix it")]
    [TestCase("cr:fix it", "cr:", "cr:", "fix it")]
    [TestCase("  \n cr: fix it  \n", "cr:", "cr:", "fix it")]
    [TestCase("#cr\nTitle\n\n- one\n- two\n", "#cr", "#cr", "Title\n\n- one\n- two")]
    [TestCase("#cr\u00a0Title\r\nmore", "#cr", "#cr", "Title\r\nmore")]
    [TestCase("#cr: Fix it", "#cr", "#cr", "Fix it")]
    [TestCase("#cr:Fix it", "", "#cr", "Fix it")]
    [TestCase("#cr", "#cr", "#cr", "")]
    [TestCase("cr:", "", "cr:", "")]
    [TestCase("cr: cr: again", "cr:", "cr:", "cr: again")]
    [TestCase("Fix it", "#cr", "#cr", "Fix it")]
    [TestCase("Fix it", "#CR", "#cr", "Fix it")]
    [TestCase("", "cr:", "cr:", "")]
    public void A_request_is_known_by_its_word(string text, string trigger, string word, string rest)
    {
        var (handler, post) = Find(text, trigger);
        Assert.That((handler, post.TriggerWord, post.Rest, post.Text), Is.EqualTo((_requests, word, rest, text)));
    }

    [TestCase("agenda: x", "agenda:", "agenda:")]
    [TestCase("agenda: x", "#cr", "agenda:")]
    [TestCase("#cr:draft x", "#cr", "#cr:draft")]
    [TestCase("#cr:draft", "#cr", "#cr:draft")]
    public void The_text_counts_for_more_than_the_trigger_and_the_longer_word_for_more_than_the_shorter(string text, string trigger, string word)
    {
        var (handler, post) = Find(text, trigger);
        Assert.That((handler, post.TriggerWord), Is.EqualTo((_agenda, word)));
    }

    [TestCase("#crash in the night", "#cr")]
    [TestCase("#cr-2 x", "#cr")]
    [TestCase("#cr.x", "#cr")]
    [TestCase("#cr_x", "#CR")]
    [TestCase("crash: x", "cr")]
    [TestCase("cr x", "cr")]
    [TestCase("Fix it #cr", "")]
    [TestCase("", "")]
    [TestCase("#çr x", "")]
    public void Other_words_are_nobodys(string text, string trigger) =>
        Assert.That(Find(text, trigger), Is.EqualTo(((IHookHandler?)null, New(text, trigger))));

    [Test]
    public void Without_handlers_there_are_no_words()
    {
        var router = new HookRouter([]);
        Assert.That(router.Words, Is.Empty);
        Assert.That(router.Find(New("#cr x", "#cr")).Handler, Is.Null);
    }

    [Test]
    public void Two_handlers_cannot_have_the_same_word() =>
        Assert.Throws<ArgumentException>(() => _ = new HookRouter([_requests, new Handler(["#CR"])]));

    private (IHookHandler? Handler, HookPost Post) Find(string text, string trigger) => new HookRouter([_requests, _agenda]).Find(New(text, trigger));

    private static HookPost New(string text, string trigger) => new("team", "core", "channel", "twitter", "post", "user", "adam.c", text, trigger);

    private sealed class Handler(IReadOnlyList<string> words) : IHookHandler
    {
        public IReadOnlyList<string> Words { get; } = words;

        public Task<HookReply> HandleAsync(HookPost post, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
