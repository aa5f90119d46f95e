using System.Text;
using PmBot.Mattermost.Commands;

namespace PmBot.Checks;

/// <summary>What the whole check came to.</summary>
/// <param name="findings">Its lines, in their order.</param>
/// <param name="secrets">Texts that must not be shown, whoever quoted them.</param>
public sealed class CheckReport(IReadOnlyList<Finding> findings, IEnumerable<string> secrets)
{
    private readonly List<string> _secrets = [.. secrets.Where(s => s.Length > 0).OrderByDescending(s => s.Length)];

    /// <summary>The lines.</summary>
    public IReadOnlyList<Finding> Findings => findings;

    /// <summary>For scripts: 1 if anything is wrong, 0 otherwise.</summary>
    public int ExitCode => Count(Verdict.Wrong) > 0 ? 1 : 0;

    /// <summary>The report as people read it: a line each, and a last one that sums up.</summary>
    public string Render()
    {
        var text = new StringBuilder();
        foreach (var finding in findings)
        {
            text.Append(Word(finding.Verdict).PadRight(9)).Append(finding.Subject).Append(": ").Append(Shown(finding.Text)).Append('\n');
        }

        return text.Append(Summary()).Append('\n').ToString();
    }

    private string Summary()
    {
        var (wrong, warnings, skipped) = (Count(Verdict.Wrong), Count(Verdict.Warning), Count(Verdict.Skipped));
        var parts = new List<string>();
        if (warnings > 0)
        {
            parts.Add(When.Count(warnings, "warning"));
        }

        if (skipped > 0)
        {
            parts.Add($"{skipped} not checked");
        }

        var rest = parts.Count == 0 ? "" : $"; {string.Join(", ", parts)}";
        return wrong switch
        {
            0 when rest.Length == 0 => "All is well.",
            0 => $"Nothing is wrong{rest}.",
            1 => $"1 thing is wrong{rest}.",
            _ => $"{wrong} things are wrong{rest}.",
        };
    }

    private int Count(Verdict verdict) => findings.Count(f => f.Verdict == verdict);

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Fine => "fine",
        Verdict.Skipped => "skipped",
        Verdict.Warning => "warning",
        _ => "WRONG",
    };

    // Names and errors come from elsewhere: a line stays a line, and the terminal is given no orders.
    private string Shown(string text) =>
        string.Concat(_secrets.Aggregate(text, (shown, secret) => shown.Replace(secret, "***", StringComparison.Ordinal)).Select(c => char.IsControl(c) ? ' ' : c));
}
