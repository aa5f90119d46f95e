using System.Diagnostics;
using System.Text;

namespace PmBot.Benchmarks;

/// <summary>Requests of one kind from 32 connections at once, for a while.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Server">Where the server listens.</param>
/// <param name="Request">The request of a number, headers and body.</param>
/// <param name="Expected">What must stand in each answer.</param>
internal sealed record Load(string Name, Uri Server, Func<int, byte[]> Request, string Expected)
{
    /// <summary>How many ask at once.</summary>
    public const int Connections = 32;

    /// <summary>Runs it.</summary>
    /// <param name="time">How long.</param>
    public async Task<LoadResult> RunAsync(TimeSpan time)
    {
        var expected = Encoding.UTF8.GetBytes(Expected);
        var connections = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => HttpConnection.OpenAsync(Server)));
        try
        {
            var number = 0;
            return await LoadResult.MeasureAsync(Connections, time, n => connections[n].AskAsync(Request(Interlocked.Increment(ref number)), expected));
        }
        finally
        {
            foreach (var connection in connections)
            {
                connection.Dispose();
            }
        }
    }
}

/// <summary>What a load came to.</summary>
/// <param name="PerSecond">Requests a second.</param>
/// <param name="P50">Half of them took at most so many milliseconds.</param>
/// <param name="P99">99 of 100 took at most so many milliseconds.</param>
/// <param name="Count">How many there were.</param>
internal sealed record LoadResult(double PerSecond, double P50, double P99, int Count)
{
    /// <summary>Lets callers call at once, each again as soon as it has its answer.</summary>
    /// <param name="callers">How many.</param>
    /// <param name="time">How long.</param>
    /// <param name="call">Calls, as the caller of that number.</param>
    public static async Task<LoadResult> MeasureAsync(int callers, TimeSpan time, Func<int, ValueTask> call)
    {
        var start = Stopwatch.GetTimestamp();
        var took = await Task.WhenAll(Enumerable.Range(0, callers).Select(n => Task.Run(async () =>
        {
            var all = new List<double>();
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                var sent = Stopwatch.GetTimestamp();
                await call(n);
                all.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }

            return all;
        })));
        var elapsed = Stopwatch.GetElapsedTime(start);
        var sorted = took.SelectMany(t => t).Order().ToList();
        return new LoadResult(sorted.Count / elapsed.TotalSeconds, sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100], sorted.Count);
    }

    /// <summary>The medians of several rounds, each figure by itself.</summary>
    public static LoadResult Median(IReadOnlyList<LoadResult> rounds) => new(
        Medians.Of(rounds.Select(r => r.PerSecond)), Medians.Of(rounds.Select(r => r.P50)), Medians.Of(rounds.Select(r => r.P99)), rounds.Sum(r => r.Count));
}

/// <summary>Medians, for a machine with other work on it makes means of single rounds.</summary>
internal static class Medians
{
    /// <summary>The middle one of the values; of an even number the upper of both.</summary>
    public static double Of(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;
}
