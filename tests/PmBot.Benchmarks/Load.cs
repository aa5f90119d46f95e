using System.Diagnostics;
using System.Net;
using PmBot.Sandbox;

namespace PmBot.Benchmarks;

/// <summary>Requests of one kind from 32 connections at once, for a while.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Url">Where the requests go.</param>
/// <param name="Text">What is typed behind the trigger, by the number of the request.</param>
/// <param name="Trigger">The slash command.</param>
internal sealed record Load(string Name, string Url, Func<int, string> Text, string Trigger = "pm-rotation")
{
    private const int Connections = 32;

    public async Task<LoadResult> RunAsync(SandboxTeam team, TimeSpan time)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Connections };
        using var http = new HttpClient(handler);
        var start = Stopwatch.GetTimestamp();
        var number = 0;
        var took = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            var all = new List<double>();
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                var sent = Stopwatch.GetTimestamp();
                using var request = Typed.Request(
                    Url, Trigger, team.CommandTokens[Trigger], team.Team.Id, team.ProductManagement.Id, (team.Katie.Id, team.Katie.Username), Text(Interlocked.Increment(ref number)));
                using var answer = await http.SendAsync(request);
                if (answer.StatusCode != HttpStatusCode.OK || (await answer.Content.ReadAsStringAsync()).Contains("fault", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"{Name}: {answer.StatusCode}");
                }

                all.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }

            return all;
        })));
        var sorted = took.SelectMany(t => t).Order().ToList();
        return new LoadResult(sorted.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100]);
    }
}

/// <summary>What a load came to.</summary>
/// <param name="PerSecond">Requests a second.</param>
/// <param name="P50">Half of them took at most so many milliseconds.</param>
/// <param name="P99">99 of 100 took at most so many milliseconds.</param>
internal sealed record LoadResult(double PerSecond, double P50, double P99);
