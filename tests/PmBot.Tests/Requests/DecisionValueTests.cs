using NUnit.Framework;
using PmBot.Requests;

namespace PmBot.Tests.Requests;

[TestFixture]
public sealed class DecisionValueTests
{
    [TestCase("Planned: Near Term", "Planned: Near Term")]
    [TestCase("planned near term", "Planned: Near Term")]
    [TestCase("near term", "Planned: Near Term")]
    [TestCase("near-term", "Planned: Near Term")]
    [TestCase(" NEAR \n TERM. ", "Planned: Near Term")]
    [TestCase("ongoing", "Planned: Ongoing")]
    [TestCase("unscheduled", "Planned: Unscheduled")]
    [TestCase("future consideration", "Future Consideration")]
    [TestCase("not planned", "Not Planned")]
    [TestCase("`Not Planned`", "Not Planned")]
    [TestCase("3 months", "3 months")]
    [TestCase("6months", "6 months")]
    [TestCase("Future", "future")]
    [TestCase("won't do", "won't do")]
    [TestCase("won’t do", "won't do")]
    [TestCase("wont do", "won't do")]
    [TestCase("Won't fix.", "won't do")]
    [TestCase("will not do", "won't do")]
    [TestCase("v7.10", "v7.10")]
    [TestCase("V7.10", "v7.10")]
    [TestCase("7.10", "v7.10")]
    [TestCase("7.10.1", "v7.10.1")]
    [TestCase("“v7.10”", "v7.10")]
    [TestCase("7.0.0", "v7.0.0")]
    [TestCase("10.0", "v10.0")]
    public void Is_understood(string typed, string value)
    {
        Assert.That(DecisionValue.Parse(typed), Is.EqualTo(value));
        Assert.That(DecisionValue.Parse(value), Is.EqualTo(value), "what is shown can be typed");
    }

    [TestCase("")]
    [TestCase("Q3")]
    [TestCase("planned")]
    [TestCase("term")]
    [TestCase("near")]
    [TestCase("9 months")]
    [TestCase("months")]
    [TestCase("3")]
    [TestCase("v7")]
    [TestCase("7")]
    [TestCase("7.10.1.2")]
    [TestCase("07.1")]
    [TestCase("7.010")]
    [TestCase("v 7.10")]
    [TestCase("7.10-rc1")]
    [TestCase("7.x")]
    [TestCase("12345.1")]
    [TestCase("٧.١٠", Description = "digits of another script are no release")]
    [TestCase("zukünftig future")]
    [TestCase("éfuture", Description = "a letter is a letter, in whatever language")]
    [TestCase("не 3 months")]
    [TestCase("7.10\nx")]
    [TestCase("none")]
    [TestCase("maybe not planned")]
    [TestCase("😀")]
    public void Is_no_decision(string typed) => Assert.That(DecisionValue.Parse(typed), Is.Null);

    [Test]
    public void What_is_named_is_understood() =>
        Assert.That(
            DecisionValue.FixVersions.Concat(DecisionValue.Timeframes).Append(DecisionValue.WontDo).Where(v => DecisionValue.Parse(v.ToUpperInvariant()) != v), Is.Empty);

    [TestCase("won't do", true)]
    [TestCase("Not Planned", true)]
    [TestCase("future", false)]
    [TestCase("v7.10", false)]
    public void A_no_is_a_no(string value, bool no) => Assert.That(DecisionValue.IsNo(value), Is.EqualTo(no));

    [TestCase("7.10 ", "v7.10")]
    [TestCase("future", null)]
    public void A_release(string typed, string? release) => Assert.That(DecisionValue.Release(typed), Is.EqualTo(release));
}
