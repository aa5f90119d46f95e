using System.Text.RegularExpressions;
using NUnit.Framework;
using PmBot.Mattermost;

namespace PmBot.Tests.Mattermost.Commands;

[TestFixture]
public sealed partial class MarkdownTests
{
    [TestCase("@all")]
    [TestCase("@ALL")]
    [TestCase("@Channel")]
    [TestCase("@hErE")]
    [TestCase("hi @here, come")]
    [TestCase("@all: now")]
    [TestCase("@channel.")]
    [TestCase("@here!")]
    [TestCase("@all_")]
    [TestCase("@all-")]
    [TestCase("(@all)")]
    [TestCase("**@all**")]
    [TestCase("@@all")]
    [TestCase("@all@here@channel")]
    [TestCase("a@all")]
    [TestCase("x\n@all\ny")]
    [TestCase("@a\u200ell", Description = "hidden characters taken out do not make one")]
    [TestCase("@\u2060all")]
    [TestCase("@\ufeffhere")]
    [TestCase("@chan\u0000nel")]
    [TestCase("@allé", Description = "only Latin letters and digits go on with the word")]
    public void No_group_is_mentioned(string text)
    {
        foreach (var safe in new[] { Markdown.Text(text), Markdown.Inline(text), Markdown.Code(text) })
        {
            Assert.That(Group().IsMatch(safe), Is.False, safe);
        }
    }

    [TestCase("@allison")]
    [TestCase("@here2")]
    [TestCase("@channels")]
    [TestCase("@adam.c")]
    [TestCase("all here in channel")]
    [TestCase("@ all")]
    [TestCase("sam@example.com")]
    public void What_is_no_group_stays_as_it_is_in_code(string text) => Assert.That(Markdown.Code(text), Is.EqualTo($"`{text}`"));

    [TestCase("@adam.c", "@\u200badam.c")]
    [TestCase("(@adam.c)", "(@\u200badam.c)")]
    [TestCase("x.@adam.c", "x.@\u200badam.c", Description = "the server takes the sentence apart at its full stop")]
    [TestCase("é@adam.c", "é@\u200badam.c")]
    [TestCase("@@adam.c", "@@\u200badam.c")]
    [TestCase("@allison", "@\u200ballison")]
    [TestCase("@_adam", "@\u200b_adam")]
    [TestCase("sam@example.com", "sam@example.com")]
    [TestCase("@ all", "@ all")]
    [TestCase("50 @ 3", "50 @ 3")]
    public void No_user_is_mentioned(string text, string quiet)
    {
        Assert.That(Markdown.Text(text), Is.EqualTo(quiet));
        Assert.That(Markdown.Inline(text), Is.EqualTo(quiet));
        Assert.That(Markdown.Plain(text), Is.EqualTo(quiet));
    }

    [TestCase("<!channel>", "<\u200b!channel>")]
    [TestCase("<@u123>", "<\u200b@\u200bu123>")]
    [TestCase("<https://x", "<\u200bhttps://x")]
    [TestCase("1 < 2", "1 < 2")]
    [TestCase("<3", "<3")]
    public void What_Slack_would_read_stays_text(string text, string quiet)
    {
        Assert.That(Markdown.Inline(text), Is.EqualTo(quiet));
        Assert.That(Markdown.Plain(text), Is.EqualTo(quiet));
        Assert.That(Markdown.Text(text), Is.EqualTo(quiet));
    }

    [TestCase("# a", @"\# a")]
    [TestCase("###### a", @"\###### a")]
    [TestCase("#tag", "#tag")]
    [TestCase("a # b", "a # b")]
    [TestCase("> a", @"\> a")]
    [TestCase(">a", @"\>a")]
    [TestCase("- a", @"\- a")]
    [TestCase("-", @"\-")]
    [TestCase("---", @"\---")]
    [TestCase("-1", "-1")]
    [TestCase("+ a", @"\+ a")]
    [TestCase("* a", @"\* a")]
    [TestCase("***", @"\***")]
    [TestCase("___", @"\___")]
    [TestCase("~~~ x", @"\~~~ x")]
    [TestCase("~town-square", "~town-square")]
    [TestCase("1. a", @"1\. a")]
    [TestCase("12) a", @"12\) a")]
    [TestCase("1.5 a", "1.5 a")]
    public void It_begins_no_block(string text, string inline) => Assert.That(Markdown.Inline(text), Is.EqualTo(inline));

    [TestCase("[a](http://b)", "[a]\u200b(http://b)")]
    [TestCase("a\nb | `c`", "a b | `c`")]
    [TestCase("a \u202e b", "a b")]
    public void In_a_title(string text, string plain) => Assert.That(Markdown.Plain(text), Is.EqualTo(plain));

    [Test]
    public void What_was_neutralised_looks_the_same() =>
        Assert.That(Markdown.Text("@All, @here").Replace("\u200b", "", StringComparison.Ordinal), Is.EqualTo("@All, @here"));

    [TestCase("a | b", @"a \| b")]
    [TestCase("[x](http://y)", @"\[x\](http://y)")]
    [TestCase("`code`", @"\`code\`")]
    [TestCase(@"a\|b", @"a\\\|b")]
    [TestCase("a\nb\r\nc\td", "a b c d")]
    [TestCase("a\u2028b\u2029c\u0085d\u000be", "a b c d e", Description = "whatever ends a line")]
    [TestCase("  a   b  ", "a b")]
    [TestCase("", "")]
    [TestCase(" \n ", "")]
    [TestCase("abc\u202edef\u2066x\u2069", "abcdefx", Description = "the direction stays")]
    [TestCase("a\u0007b\u007fc\u009b", "abc")]
    [TestCase("שלום", "שלום", Description = "a language is no attack")]
    [TestCase("👩‍💻 😀", "👩‍💻 😀", Description = "nor are joined emoji")]
    [TestCase("*a* _b_ ~c", "*a* _b_ ~c")]
    public void In_a_sentence(string text, string inline) => Assert.That(Markdown.Inline(text), Is.EqualTo(inline));

    [TestCase(" a\r\nb ", "a\nb")]
    [TestCase("a\n\nb | c `d` [e]", "a\n\nb | c `d` [e]")]
    [TestCase("a\u202eb\u0000c", "abc")]
    [TestCase("\t\n", "")]
    public void In_a_place_of_its_own(string text, string own) => Assert.That(Markdown.Text(text), Is.EqualTo(own));

    [TestCase("a", "`a`")]
    [TestCase("", "` `")]
    [TestCase("  ", "` `")]
    [TestCase("\u202e", "` `")]
    [TestCase("a\nb", "`a b`")]
    [TestCase("`", "`` ` ``")]
    [TestCase("`a`", "`` `a` ``")]
    [TestCase("a`b", "``a`b``")]
    [TestCase("a``b`c", "```a``b`c```")]
    [TestCase("a|b [c] \\", "`a|b [c] \\`")]
    [TestCase("😀", "`😀`")]
    public void As_code(string text, string code) => Assert.That(Markdown.Code(text), Is.EqualTo(code));

    [TestCase("abc", 3, "abc")]
    [TestCase("abcd", 3, "ab…")]
    [TestCase("a😀b", 4, "a😀b")]
    [TestCase("a😀bc", 4, "a😀…")]
    [TestCase("a😀bc", 3, "a…", Description = "never half an emoji")]
    [TestCase("", 3, "")]
    public void Shortened(string text, int length, string shortened)
    {
        Assert.That(Markdown.Shorten(text, length), Is.EqualTo(shortened));
        Assert.That(shortened, Has.Length.AtMost(length));
    }

    // As Mattermost finds them: whatever stands before, and any ending that is no letter or digit.
    [GeneratedRegex("@(all|channel|here)(?![a-z0-9])", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Group();
}
