using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using PmBot.Sandbox;

namespace PmBot.Benchmarks;

/// <summary>The program itself, as an operator starts it, beside a web server that has nothing but the no-op: how soon it is ready, and what it holds while idle.</summary>
internal static class StartBenchmark
{
    /// <summary>The hidden verb of the web server that has nothing but the no-op.</summary>
    public const string Verb = "noop";

    private const string Ready = "/health/ready";

    /// <summary>Measures and adds the table.</summary>
    public static async Task RunAsync(SpeedOptions options, Report report)
    {
        var folder = Directory.CreateTempSubdirectory("pmbot-benchmark-");
        using var clock = SandboxClock.Running();
        await using var team = await SandboxTeam.StartAsync(clock, folder.FullName);
        var bot = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "pmbot"), "run") { RedirectStandardOutput = true };
        foreach (var (key, value) in team.Settings)
        {
            bot.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var noop = new ProcessStartInfo(Environment.ProcessPath!, [Verb, team.BotUrl]) { RedirectStandardOutput = true };
        var idle = TimeSpan.FromSeconds(options.IsQuick ? 2 : 5);
        var (noops, bots) = (new List<(double Seconds, double Megabytes)>(), new List<(double Seconds, double Megabytes)>());
        for (var round = -1; round < (options.IsQuick ? 3 : 5); round++)
        {
            // The round before the first makes the store, and has the system read the programs from the disk.
            var measured = (Noop: await MeasureAsync(noop, team.BotUrl, idle), Bot: await MeasureAsync(bot, team.BotUrl, idle));
            if (round >= 0)
            {
                noops.Add(measured.Noop);
                bots.Add(measured.Bot);
            }
        }

        folder.Delete(recursive: true);
        report.Begin("Start and idle memory", ["", $"s until {Ready}", "resident MB when idle"], "Medians, from the start of the process; a store that is there already.");
        foreach (var (name, all) in new[] { ("no-op", noops), ("the bot", bots) })
        {
            report.Row(name, $"{Medians.Of(all.Select(a => a.Seconds)):F2}", $"{Medians.Of(all.Select(a => a.Megabytes)):F0}");
        }
    }

    /// <summary>Is the web server that has nothing but the no-op, until it is killed.</summary>
    public static async Task ServeAsync(string url)
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add(url);
        BotProcess.MapNoop(app);
        app.MapGet(Ready, () => Results.Ok());
        await app.RunAsync();
    }

    private static async Task<(double Seconds, double Megabytes)> MeasureAsync(ProcessStartInfo start, string url, TimeSpan idle)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        while (!await IsReadyAsync(http, url))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{start.FileName} has ended.");
            }

            await Task.Delay(2);
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await Task.Delay(idle);
        process.Refresh();
        var megabytes = process.WorkingSet64 / 1024.0 / 1024.0;
        process.Kill();
        await process.WaitForExitAsync();
        return (seconds, megabytes);
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, string url)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(url + Ready));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
