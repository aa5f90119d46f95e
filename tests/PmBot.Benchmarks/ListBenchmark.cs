using System.Diagnostics;

namespace PmBot.Benchmarks;

/// <summary>
/// What one caller waits for a list, over HTTP, from stores of different sizes by turns: the ratio to the smallest store of the same run is what can be compared.
/// A change goes before each question, for until the next one the bot remembers what it was asked.
/// </summary>
internal static class ListBenchmark
{
    private const int WarmUp = 20;

    private static readonly ReadOnlyMemory<byte> Anything = "\"ephemeral\""u8.ToArray();

    private static readonly (string Trigger, Func<int, string> Text)[] Cases =
    [
        ("cr-assign", _ => "list"),
        ("cr-assign", _ => "list unassigned"),
        ("cr-assign", _ => "list undecided"),
        ("cr-assign", _ => "list mine"),
        ("cr-assign", _ => $"list @{RequestGenerator.Managers[5].Name}"),
        ("cr-assign", _ => "list stale"),
        ("cr-assign", _ => $"list {RequestGenerator.AnArea}"),
        ("cr-assign", _ => "list all"),
        ("cr-assign", _ => "list --page 3"),
        ("cr-assign", _ => "list all --page 50"),
        ("cr-assign", requests => $"show {requests / 2}"),
        ("cr-assign", _ => "areas"),
        ("pm-rotation", _ => ""),
        ("pm-rotation", _ => "who --rotation \"PM rotation\""),
        ("pm-rotation", _ => "schedule"),
        ("pm-rotation", _ => "history"),
        ("pm-rotation", _ => "stats"),
        ("pm-rotation", _ => "settings"),
        ("cr-assign", _ => "stats"),
    ];

    /// <summary>Measures and adds the table.</summary>
    public static async Task RunAsync(SpeedOptions options, Report report)
    {
        StoreSize[] sizes = options.IsQuick
            ? [new(1_000, 10), new(20_000, 10, 99)]
            : [new(1_000, 10), new(1_000_000, 10, 999)];
        var rounds = options.IsQuick ? 20 : 60;
        var started = new List<GeneratedTeam>();
        var teams = new List<(GeneratedTeam Team, HttpConnection Connection)>();
        try
        {
            foreach (var size in sizes)
            {
                started.Add(await GeneratedTeam.StartAsync(options.Folder, size));
            }

            // Only now, for the server closes what is silent for as long as a big store takes to be made.
            foreach (var team in started)
            {
                teams.Add((team, await HttpConnection.OpenAsync(team.Bot.Url)));
            }

            var times = Cases.Select(_ => teams.Select(_ => new List<double>()).ToList()).ToList();
            for (var round = -WarmUp; round < rounds; round++)
            {
                foreach (var (c, (trigger, text)) in Cases.Index())
                {
                    foreach (var (n, (team, connection)) in teams.Index())
                    {
                        await connection.AskAsync(team.Request("pm-rotation", $"handoff note of round {round}"), Anything);
                        var request = team.Request(trigger, text(team.Size.Requests));
                        var sent = Stopwatch.GetTimestamp();
                        await connection.AskAsync(request, Anything);
                        if (round >= 0)
                        {
                            times[c][n].Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                        }
                    }
                }
            }

            report.Begin(
                "Lists, one caller", ["", $"ms with {sizes[0].Name}", $"ms with {sizes[1].Name}", "ratio"],
                "Goal: at most 2. `/cr-assign stats` counts all requests, and so takes longer the more there are.");
            foreach (var (c, (trigger, text)) in Cases.Index())
            {
                var (few, many) = (Medians.Of(times[c][0]), Medians.Of(times[c][1]));
                report.Row($"/{trigger} {text(0)}".Replace("show 0", "show N", StringComparison.Ordinal).TrimEnd(), $"{few:F2}", $"{many:F2}", $"{many / few:F2}");
            }
        }
        finally
        {
            teams.ForEach(one => one.Connection.Dispose());
            foreach (var team in started)
            {
                await team.DisposeAsync();
            }
        }
    }
}
