using NUnit.Framework;
using PmBot.Mattermost.Commands;

namespace PmBot.Tests.Mattermost.Commands;

[TestFixture]
public sealed class CommandTextTests
{
    private static readonly Dictionary<string, bool> Flags = new(StringComparer.Ordinal) { ["from"] = true, ["rotation"] = true, ["now"] = false };

    [TestCase("", "")]
    [TestCase("   \n\t ", "")]
    [TestCase("a b", "a|b")]
    [TestCase("  a \t b\nc ", "a|b|c")]
    [TestCase("\"a b\" c", "a b|c")]
    [TestCase("“a b” c", "a b|c")]
    [TestCase("„a b“ c", "a b|c")]
    [TestCase("”a b” c", "a b|c")]
    [TestCase("“a b\" c", "a b|c", Description = "mixed, as phones make them")]
    [TestCase("\"\" a", "|a")]
    [TestCase("\"a b", "\"a|b", Description = "never closed: an ordinary character")]
    [TestCase("a b\"", "a|b\"")]
    [TestCase("a \"", "a|\"")]
    [TestCase("5\" screen", "5\"|screen")]
    [TestCase("say \"a\"b", "say|\"a\"b", Description = "closed only at the end of a word")]
    [TestCase("\"a \"b\" c\" d", "a \"b|c\"|d")]
    [TestCase("\"a\nb\" c", "a\nb|c")]
    [TestCase("it's", "it's")]
    [TestCase("- -- — –", "-|--|—|–", Description = "dashes alone are words")]
    [TestCase("--1 -x a--b a—b —1", "--1|-x|a--b|a—b|—1")]
    [TestCase("\"--now\"", "--now", Description = "in quotes it is no flag")]
    [TestCase("😀 \"😀 a\"", "😀|😀 a")]
    public void Words(string text, string words)
    {
        var split = CommandText.Split(text, Flags);
        Assert.That(string.Join('|', split.Words.Select(w => w.Text)), Is.EqualTo(words));
        Assert.That(split.Problem, Is.Null);
        Assert.That(split.Words.Select(w => text[w.Start..w.End].Trim('"', '“', '”', '„')), Is.EqualTo(split.Words.Select(w => w.Text.Trim('"', '“', '”', '„'))));
    }

    [TestCase("--from monday @a @b")]
    [TestCase("@a --from monday @b")]
    [TestCase("@a @b --from monday")]
    [TestCase("@a @b —from monday")]
    [TestCase("@a @b –from monday")]
    [TestCase("@a @b --FROM monday")]
    [TestCase("@a @b --from tuesday --from monday", Description = "the last one counts")]
    public void Flags_may_stand_anywhere(string text)
    {
        var split = CommandText.Split(text, Flags);
        Assert.That(split.Words.Select(w => w.Text), Is.EqualTo(["@a", "@b"]));
        Assert.That(split.Flag("from"), Is.EqualTo("monday"));
        Assert.That(split.Flag("rotation"), Is.Null);
        Assert.That(split.Has("now"), Is.False);
        Assert.That(split.Problem, Is.Null);
    }

    [Test]
    public void Values_may_be_quoted_even_if_they_look_like_flags()
    {
        var split = CommandText.Split("--from \"dec 14\" --rotation \"--now\" rest", Flags);
        Assert.That((split.Flag("from"), split.Flag("rotation"), split.Has("now")), Is.EqualTo(("dec 14", "--now", false)));
        Assert.That(split.From(0), Is.EqualTo("rest"));
    }

    [Test]
    public void A_flag_without_a_value_takes_none()
    {
        var split = CommandText.Split("--now note", Flags);
        Assert.That(split.Has("now"), Is.True);
        Assert.That(split.Flag("now"), Is.Null);
        Assert.That(split.From(0), Is.EqualTo("note"));
    }

    [TestCase("--from", "`--from` needs a value behind it.")]
    [TestCase("a --from --now", "`--from` needs a value behind it.")]
    [TestCase("a --from —now", "`--from` needs a value behind it.")]
    [TestCase("--until monday", "There is no flag `--until` here. There is `--from`, `--rotation`, `--now`.")]
    [TestCase("—until monday", "There is no flag `--until` here. There is `--from`, `--rotation`, `--now`.")]
    [TestCase("--until x --from", "There is no flag `--until` here. There is `--from`, `--rotation`, `--now`.", Description = "the first one is told")]
    public void What_is_wrong_with_a_flag_is_said(string text, string problem) =>
        Assert.That(CommandText.Split(text, Flags).Problem, Is.EqualTo(problem));

    [Test]
    public void A_verb_without_flags_says_so() =>
        Assert.That(CommandText.Split("--now", new Dictionary<string, bool>(StringComparer.Ordinal)).Problem, Is.EqualTo("There is no flag `--now` here. This verb has none."));

    [TestCase("note  two   spaces\nand a line", 1, "two   spaces\nand a line")]
    [TestCase("a \"b c\"", 1, "b c", Description = "one quoted word stands without its quotes")]
    [TestCase("a \"b c\" d", 1, "\"b c\" d", Description = "among others it keeps them")]
    [TestCase("a “b c” d", 1, "“b c” d")]
    [TestCase("a b --now c", 1, "b c")]
    [TestCase("a b --from x  c\nd", 1, "b c\nd")]
    [TestCase("--now a b", 0, "a b")]
    [TestCase("a b --now", 0, "a b")]
    [TestCase("a", 1, "")]
    [TestCase("", 0, "")]
    [TestCase("a \"b", 0, "a \"b")]
    public void The_rest_is_as_it_was_typed(string text, int index, string rest) =>
        Assert.That(CommandText.Split(text, Flags).From(index), Is.EqualTo(rest));

    [TestCase("@adam.c", "adam.c")]
    [TestCase("@Adam_C-1", "adam_c-1")]
    [TestCase("@adam,", "adam")]
    [TestCase("@adam;", "adam")]
    [TestCase("adam", null)]
    [TestCase("@", null)]
    [TestCase("@,", null)]
    [TestCase("@@adam", null)]
    [TestCase("@ädam", null)]
    [TestCase("@adam!", null)]
    [TestCase("", null)]
    public void Usernames(string word, string? username) => Assert.That(VerbInput.Username(word), Is.EqualTo(username));

    [TestCase("Helm chart --customer Umbrella Corp --area Private Cloud", "Helm chart", "Umbrella Corp", "Private Cloud")]
    [TestCase("Helm chart --customer \"Umbrella Corp\" for free", "Helm chart for free", "Umbrella Corp", null)]
    [TestCase("Helm --area Private Cloud @katie.w", "Helm @katie.w", null, "Private Cloud")]
    [TestCase("--customer ACME Helm chart", "Helm chart", "ACME", null)]
    [TestCase("Helm —customer Umbrella  Corp", "Helm", "Umbrella  Corp", null)]
    public void A_phrase_goes_on_until_the_next_flag_or_user(string typed, string words, string? customer, string? area)
    {
        var text = CommandText.Split(typed, new Dictionary<string, bool>(StringComparer.Ordinal) { ["customer"] = true, ["area"] = true }, ["customer", "area"]);
        Assert.That((text.Problem, text.From(0), text.Flag("customer"), text.Flag("area")), Is.EqualTo(((string?)null, words, customer, area)));
    }
}
