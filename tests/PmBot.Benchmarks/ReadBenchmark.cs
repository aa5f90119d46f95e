namespace PmBot.Benchmarks;

/// <summary>
/// Slash commands that only read, over HTTP from 32 connections, beside a no-op on the same web server that parses the same form and answers a constant. By
/// turns, so that what else the machine does hits all of them alike; each round is compared with its own no-op.
/// </summary>
internal static class ReadBenchmark
{
    private const int OfThese = 1_000;

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
            Changing("pm-rotation", ""),
            Changing("cr-assign", "list"),
        ];
        await WarmUp.RunAsync(team.Bot.CompiledAsync, async () =>
        {
            foreach (var load in loads)
            {
                await load.RunAsync(TimeSpan.FromSeconds(1));
            }
        });
        var rounds = loads.Select(_ => new List<Measured>()).ToList();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (n, load) in loads.Index())
            {
                var (processor, allocated) = (team.Bot.ProcessorTime, await team.Bot.AllocatedAsync());
                var result = await load.RunAsync(options.Time);
                rounds[n].Add(new Measured(result, (team.Bot.ProcessorTime - processor) / result.Count, (await team.Bot.AllocatedAsync() - allocated) / 1024.0 / result.Count));
            }
        }

        report.Begin($"Reads over HTTP, {Load.Connections} connections", ["", "requests/s", "of the no-op", "p50 ms", "p99 ms", "µs of the server's processors", "KB of its heap"], "Goal: 0.6 of the no-op.");
        foreach (var (n, load) in loads.Index())
        {
            var median = LoadResult.Median([.. rounds[n].Select(r => r.Result)]);
            var ratio = Medians.Of(rounds[n].Zip(rounds[0], (own, noop) => own.Result.PerSecond / noop.Result.PerSecond));
            report.Row(load.Name, $"{median.PerSecond:F0}", $"{ratio:F2}", $"{median.P50:F2}", $"{median.P99:F2}", $"{Medians.Of(rounds[n].Select(r => r.Processor.TotalMicroseconds)):F0}", $"{Medians.Of(rounds[n].Select(r => r.Kilobytes)):F1}");
        }

        Load Command(string trigger, string text, string expected) => Of($"/{trigger} {text}".TrimEnd(), team.Request(trigger, text), expected);

        // What is remembered of a state is of use until the next change only.
        Load Changing(string trigger, string text)
        {
            var (read, change) = (team.Request(trigger, text), team.Request("pm-rotation", "handoff the log of SSO is still to be read"));
            return new Load($"/{trigger} {text}".TrimEnd() + $", one of {OfThese:N0} a change", team.Bot.Url, n => n % OfThese == 0 ? change : read, "\"ephemeral\"");
        }

        Load Of(string name, byte[] request, string expected) => new(name, team.Bot.Url, _ => request, expected);
    }

    /// <summary>What a round came to.</summary>
    /// <param name="Result">As the callers saw it.</param>
    /// <param name="Processor">What each request took of the server's processors.</param>
    /// <param name="Kilobytes">What each request took of the server's heap.</param>
    private sealed record Measured(LoadResult Result, TimeSpan Processor, double Kilobytes);
}
