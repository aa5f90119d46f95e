namespace PmBot.Provisioning;

/// <summary>What an operator reads: a line a thing, and what went wrong.</summary>
/// <param name="output">For what was done.</param>
/// <param name="error">For what could not be done.</param>
internal sealed class Report(TextWriter output, TextWriter error)
{
    private const int Width = 14;

    public void Line(string outcome, string thing) => output.WriteLine(OneLine($"{outcome.PadRight(Width)} {thing}"));

    public void Say(string text) => output.WriteLine(text);

    /// <summary>Nothing can be done, and nothing was.</summary>
    public int Refuse(string what, IEnumerable<string> problems)
    {
        error.WriteLine($"{what} Nothing was changed.");
        foreach (var problem in problems.Distinct(StringComparer.Ordinal))
        {
            error.WriteLine(OneLine($"- {problem}"));
        }

        return 1;
    }

    /// <summary>Something was done, and then one step failed.</summary>
    public int Stop(string thing, string why, string file)
    {
        error.WriteLine(OneLine($"Stopped at: {thing}. {why}"));
        error.WriteLine($"What was done until then stands, and is noted in {file}. Run the same again: it goes on from there, and makes nothing twice.");
        return 1;
    }

    // Names and errors come from the server, and names from whoever may make a webhook: a line stays a line, and the terminal is given no orders.
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
