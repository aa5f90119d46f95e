using NUnit.Framework;
using PmBot.Delivery;

namespace PmBot.Tests.Mattermost.Commands;

/// <summary>The bot's parts of a channel's header. In these texts § is the invisible mark at both ends of a part.</summary>
[TestFixture]
public sealed class HeaderPartTests
{
    private const string Mark = "\u2063\u2063";
    private const int Limit = 1_024;

    [TestCase("", "§PM: adam§")]
    [TestCase("Our tweets", "§PM: adam§ | Our tweets")]
    [TestCase("  Our | tweets\n[x](y)  ", "§PM: adam§ |   Our | tweets\n[x](y)  ", Description = "to the letter")]
    [TestCase("§PM: ben§", "§PM: adam§")]
    [TestCase("§PM: ben§ | Our tweets", "§PM: adam§ | Our tweets")]
    [TestCase("Our tweets · §PM: ben§", "Our tweets · §PM: adam§", Description = "wherever people moved it")]
    [TestCase("|a|  §PM: ben§  |b|", "|a|  §PM: adam§  |b|")]
    [TestCase("PM: ben | Our tweets", "§PM: adam§ | PM: ben | Our tweets", Description = "without the marks it is people's")]
    [TestCase("§Support: ben§ | Our tweets", "§PM: adam§ | §Support: ben§ | Our tweets", Description = "another rotation's part")]
    [TestCase("§Support: ben§ | §PM: cara§ | x", "§Support: ben§ | §PM: adam§ | x")]
    [TestCase("§PM: cara§ | §Support: ben§ | x", "§PM: adam§ | §Support: ben§ | x")]
    [TestCase("§PM rotation: ben§", "§PM: adam§ | §PM rotation: ben§", Description = "a label that only begins alike")]
    [TestCase("§PM: ben", "§PM: adam§ | §PM: ben", Description = "half a part is people's")]
    [TestCase("😀 §PM: 😀§ 😀", "😀 §PM: adam§ 😀")]
    public void Written(string header, string after) => Assert.That(Write(header, "adam", null), Is.EqualTo(after));

    [TestCase("")]
    [TestCase("Our tweets")]
    [TestCase("a | b | c")]
    [TestCase("a |", Description = "people's own separators")]
    [TestCase("Hours: [9–5](http://x) 😀\nand a second line")]
    public void Taken_out_again_the_header_is_what_it_was(string header)
    {
        var written = Write(Write(header, "adam", null)!, "ben", null)!;
        Assert.That(Write(written, null, null), Is.EqualTo(header));
    }

    [TestCase("§PM: ben§", "")]
    [TestCase("§PM: ben§ | Our tweets", "Our tweets")]
    [TestCase("Our tweets | §PM: ben§", "Our tweets")]
    [TestCase("a | §PM: ben§ | b", "a | b")]
    [TestCase("§PM: ben§ | §Support: cara§", "§Support: cara§")]
    [TestCase("§Support: cara§ | §PM: ben§ | x", "§Support: cara§ | x")]
    [TestCase("Our tweets", "Our tweets", Description = "nothing of ours")]
    [TestCase("", "")]
    public void Taken_out(string header, string after) => Assert.That(Write(header, null, null), Is.EqualTo(after));

    [Test]
    public void Parts_of_several_rotations_come_and_go_by_themselves()
    {
        var both = HeaderPart.Write(Write("Our tweets", "adam", null)!, "Support: ", "ben", null)!;
        Assert.That(Show(both), Is.EqualTo("§Support: ben§ | §PM: adam§ | Our tweets"));
        Assert.That(Write(both, null, null), Is.EqualTo("§Support: ben§ | Our tweets"));
        Assert.That(Show(HeaderPart.Write(both, "Support: ", null, null)!), Is.EqualTo("§PM: adam§ | Our tweets"));
    }

    [TestCase(0, "long")]
    [TestCase(-1, "long")]
    [TestCase(1, "short")]
    public void The_shorter_text_is_for_a_header_that_has_no_room_for_the_longer(int over, string expected)
    {
        var longText = new string('l', 100);
        var shortText = new string('s', 50);
        var people = new string('x', Limit + over - Mark.Length - "PM: ".Length - longText.Length - Mark.Length - " | ".Length);
        var header = HeaderPart.Write(people, "PM: ", longText, shortText);
        Assert.That(Show(header), Is.EqualTo($"§PM: {(expected == "long" ? longText : shortText)}§ | {people}"));
        Assert.That(header, Has.Length.AtMost(Limit));
    }

    [TestCase(0, true)]
    [TestCase(1, false)]
    public void Where_there_is_no_room_at_all_the_header_stays_people_s(int over, bool fits)
    {
        var people = new string('x', Limit + over - Mark.Length - "PM: s".Length - Mark.Length - " | ".Length);
        Assert.That(HeaderPart.Write(people, "PM: ", new string('l', 100), "s") is not null, Is.EqualTo(fits));
        Assert.That(HeaderPart.Write(people, "PM: ", new string('l', 100), null), Is.Null);
        Assert.That(HeaderPart.Write(people, "PM: ", null, null), Is.EqualTo(people));
    }

    [Test]
    public void The_room_of_the_old_part_is_the_new_one_s()
    {
        var people = new string('x', Limit - 2 * Mark.Length - "PM: adam".Length - " | ".Length);
        var full = HeaderPart.Write(people, "PM: ", "adam", null)!;
        Assert.That(full, Has.Length.EqualTo(Limit));
        Assert.That(HeaderPart.Write(full, "PM: ", "evan", null), Has.Length.EqualTo(Limit));
        Assert.That(HeaderPart.Write(full, "PM: ", "adam.c", "adam"), Is.EqualTo(full));
    }

    private static string? Write(string header, string? text, string? shorter) =>
        Show(HeaderPart.Write(header.Replace("§", Mark, StringComparison.Ordinal), "PM: ", text, shorter));

    private static string? Show(string? header) => header?.Replace(Mark, "§", StringComparison.Ordinal);
}
