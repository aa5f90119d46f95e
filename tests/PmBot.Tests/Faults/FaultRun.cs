using System.Globalization;
using NUnit.Framework;

namespace PmBot.Tests.Faults;

/// <summary>How the tests with kills are run: their size and their choices are given by the environment.</summary>
internal static class FaultRun
{
    /// <summary>Whether <c>PMBOT_FAULTS=full</c> asks for the full size.</summary>
    public static bool IsFull => Environment.GetEnvironmentVariable("PMBOT_FAULTS") == "full";

    /// <summary>How many commands a soak has: <c>PMBOT_FAULTS_SOAK</c>, or what the size of the run says.</summary>
    public static int SoakCommands => int.TryParse(Environment.GetEnvironmentVariable("PMBOT_FAULTS_SOAK"), CultureInfo.InvariantCulture, out var given)
        ? given
        : IsFull ? 1_000_000 : 4_000;

    /// <summary>The seed of <c>PMBOT_FAULTS_SEED</c>, or a new one; it is written out, so that a run can be repeated.</summary>
    public static async Task<int> SeedAsync()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PMBOT_FAULTS_SEED"), CultureInfo.InvariantCulture, out var given)
            ? given
            : Environment.TickCount & 0xFFFF;
        await TestContext.Out.WriteLineAsync($"seed {seed}");
        return seed;
    }

    /// <summary>Times as they are printed: the median, and the worst.</summary>
    public static string Times(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Order().ToList();
        return sorted.Count == 0 ? "not measured" : string.Create(
            CultureInfo.InvariantCulture, $"{sorted[sorted.Count / 2].TotalMilliseconds:N0} ms (median of {sorted.Count}), {sorted[^1].TotalMilliseconds:N0} ms (worst)");
    }
}
