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
    public void What_is_no_group_stays_as_it_is(string text)
    {
        Assert.That(Markdown.Text(text), Is.EqualTo(text));
        Assert.That(Markdown.Inline(text), Is.EqualTo(text));
        Assert.That(Markdown.Code(text), Is.EqualTo($"`{text}`"));
    }

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
