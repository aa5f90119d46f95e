namespace PmBot.Benchmarks;

/// <summary>
/// Slash commands that only read, over HTTP from 32 connections, beside a no-op on the same web server that parses the same form and answers a constant. By
/// turns, so that what else the machine does hits all of them alike; each round is compared with its own no-op.
/// </summary>
internal static class ReadBenchmark
{
    /// <summary>Measures and adds the table.</summary>
    public static async Task RunAsync(SpeedOptions options, Report report)
    {
        await using var team = await GeneratedTeam.StartAsync(options.Folder, new StoreSize(1_000, 1));
        Load[] loads =
        [
            Of("no-op", team.Noop("pm-rotation", ""), BotProcess.NoopAnswer),
            Command("pm-rotation", "", "is on duty until"),
            Command("pm-rotation", "who --rotation \"PM rotation\"", "is on duty until"),
            Command("pm-rotation", "schedule", "| from | on duty"),
            Command("cr-assign", "list", "Open requests"),
            Command("cr-assign", "show 500", "CR-500"),
        ];
        if (Environment.GetEnvironmentVariable("BENCH_LOAD") is { } w) { var l = loads.First(x => x.Name == w); while (true) { var b = team.Bot.ProcessorTime; var r = await l.RunAsync(TimeSpan.FromSeconds(3), 2000); Console.Error.WriteLine($"{r.PerSecond:F0}/s {(team.Bot.ProcessorTime - b).TotalMicroseconds / r.Count:F1} us"); } }
        var rounds = loads.Select(_ => new List<(LoadResult Result, TimeSpan Processor)>()).ToList();
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var (n, load) in loads.Index())
            {
                var before = team.Bot.ProcessorTime;
                var result = await load.RunAsync(options.Time, options.LeastOf(round));
                if (round >= 0)
                {
                    rounds[n].Add((result, (team.Bot.ProcessorTime - before) / result.Count));
                }
            }
        }

        report.Begin($"Reads over HTTP, {Load.Connections} connections", ["", "requests/s", "of the no-op", "p50 ms", "p99 ms", "µs of the server's processors"], "Goal: 0.6 of the no-op.");
        foreach (var (n, load) in loads.Index())
        {
            var median = LoadResult.Median([.. rounds[n].Select(r => r.Result)]);
            var ratio = Medians.Of(rounds[n].Zip(rounds[0], (own, noop) => own.Result.PerSecond / noop.Result.PerSecond));
            report.Row(load.Name, $"{median.PerSecond:F0}", $"{ratio:F2}", $"{median.P50:F2}", $"{median.P99:F2}", $"{Medians.Of(rounds[n].Select(r => r.Processor.TotalMicroseconds)):F0}");
        }

        Load Command(string trigger, string text, string expected) => Of($"/{trigger} {text}".TrimEnd(), team.Request(trigger, text), expected);

        Load Of(string name, byte[] request, string expected) => new(name, team.Bot.Url, _ => request, expected);
    }
}
