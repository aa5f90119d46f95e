using NUnit.Framework;
using PmBot.Checks;

namespace PmBot.Tests.Checks;

/// <summary>How a report reads, and what never stands in it.</summary>
internal sealed class CheckReportTests
{
    [Test]
    public void A_line_stays_a_line_and_a_secret_a_secret()
    {
        var report = new CheckReport([Finding.Wrong("mattermost", "It said: \u001b[2Jsecret-of-the-bot\nfine     all: well, secret")], ["secret", "secret-of-the-bot", ""]);
        Assert.That(report.Render(), Is.EqualTo("WRONG    mattermost: It said:  [2J*** fine     all: well, ***\n1 thing is wrong.\n"));
    }

    [TestCase(0, 0, 0, "All is well.", 0)]
    [TestCase(0, 1, 0, "Nothing is wrong; 1 warning.", 0)]
    [TestCase(0, 0, 2, "Nothing is wrong; 2 not checked.", 0)]
    [TestCase(1, 0, 0, "1 thing is wrong.", 1)]
    [TestCase(2, 3, 1, "2 things are wrong; 3 warnings, 1 not checked.", 1)]
    public void The_last_line_and_the_exit_code_sum_up(int wrong, int warnings, int skipped, string says, int code)
    {
        List<Finding> findings =
        [
            Finding.Fine("a", "b"), .. Enumerable.Repeat(Finding.Wrong("a", "b"), wrong), .. Enumerable.Repeat(Finding.Warning("a", "b"), warnings), .. Enumerable.Repeat(Finding.Skipped("a", "b"), skipped),
        ];
        var report = new CheckReport(findings, []);
        Assert.That(report.Render(), Does.EndWith($"\n{says}\n"));
        Assert.That(report.ExitCode, Is.EqualTo(code));
    }
}
