using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace PmBot.Tests.Fuzz;

/// <summary>Sends what nobody thought of. Each run has its own seed, which a failure names; <c>PMBOT_SEED</c> repeats it.</summary>
internal abstract partial class FuzzTests
{
    protected const int LongestAnswer = 16_383;
    protected const string FormType = "application/x-www-form-urlencoded";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("PMBOT_SEED"), out var seed) ? seed : Environment.TickCount & 0xffffff;

    /// <summary>Sends that many, each with words of its own; what is not null is what is wrong.</summary>
    protected async Task EachAsync(int count, Func<int, Words, Task<string?>> send, CancellationToken cancellationToken, int lanes = 4)
    {
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = lanes, CancellationToken = cancellationToken }, async (i, _) =>
            {
                var watch = Stopwatch.StartNew();
                var problem = await send(i, new Words((_seed * 31) + i));
                problem ??= watch.Elapsed > Patience ? $"Request {i} took {watch.Elapsed}." : null;
                if (problem is not null)
                {
                    wrong.Enqueue(problem.Length > 1500 ? $"{problem[..700]} … {problem[^800..]}" : problem);
                }
            });
        Assert.That(wrong.Take(5), Is.Empty, $"{wrong.Count} of {count} went wrong. {Seed()}");
    }

    /// <summary>Repeats the run.</summary>
    protected string Seed() => $"PMBOT_SEED={_seed}";

    [GeneratedRegex("@(all|channel|here)(?![a-z0-9])", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    protected static partial Regex Group { get; }

    /// <summary>In an answer that tells of a fault of the bot's.</summary>
    [GeneratedRegex(@"\bfault `[0-9a-f]{8}`")]
    internal static partial Regex FaultId { get; }
}
