using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PmBot.Sandbox;

namespace PmBot.Benchmarks;

/// <summary>
/// Slash commands over HTTP with nothing exported, and with traces, metrics and logs exported by OTLP to a receiver that throws them away. Both by turns in one process and so
/// on one machine: only their ratio means something, and the receiver's work is in it.
/// </summary>
internal static class TelemetryBenchmark
{
    private const int Rounds = 3;

    public static async Task RunAsync()
    {
        await using var receiver = WebApplication.CreateSlimBuilder().Build();
        receiver.Urls.Add("http://127.0.0.1:0");
        var received = 0L;
        receiver.MapPost("/v1/{signal}", async (HttpContext http) =>
        {
            Interlocked.Add(ref received, http.Request.ContentLength ?? 0);
            await http.Request.Body.CopyToAsync(Stream.Null);
        });
        await receiver.StartAsync();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
        };
        var results = new List<(bool On, string Load, LoadResult Result)>();
        for (var round = 0; round < Rounds; round++)
        {
            results.AddRange(await MeasureAsync(on: false, []));
            results.AddRange(await MeasureAsync(on: true, settings));
        }

        Console.WriteLine("| 32 connections, medians | off: requests/s | p99 ms | on: requests/s | p99 ms | on / off |");
        Console.WriteLine("| :-- | --: | --: | --: | --: | --: |");
        foreach (var load in results.GroupBy(r => r.Load))
        {
            var (off, on) = (Median(load.Where(r => !r.On).Select(r => r.Result)), Median(load.Where(r => r.On).Select(r => r.Result)));
            Console.WriteLine($"| {load.Key} | {off.PerSecond:F0} | {off.P99:F1} | {on.PerSecond:F0} | {on.P99:F1} | {on.PerSecond / off.PerSecond:F2} |");
        }

        Console.WriteLine($"The receiver got {received / 1_000_000.0:F0} MB.");
    }

    private static async Task<List<(bool On, string Load, LoadResult Result)>> MeasureAsync(bool on, Dictionary<string, string?> settings)
    {
        var folder = Directory.CreateTempSubdirectory("pmbot-benchmark-");
        using var clock = SandboxClock.Running();
        var results = new List<(bool On, string Load, LoadResult Result)>();
        await using (var team = await SandboxTeam.StartAsync(clock, folder.FullName, settings: settings))
        {
            await team.StartBotAsync(builder => builder.Logging.ClearProviders());
            foreach (var command in (string[])["create \"PM rotation\"", "add @adam.c @katie.w @jason.b @aaron.r", "handoff --now"])
            {
                await team.Server.TypeAsync(team.Katie, team.ProductManagement, "/pm-rotation " + command);
            }

            var url = new Uri($"{team.BotUrl}/mattermost/commands/pm-rotation");
            var typed = new Typed("pm-rotation", team.CommandToken, team.Team.Id, team.ProductManagement.Id, team.Katie.Id, team.Katie.Username);
            Load[] loads =
            [
                new("/pm-rotation", url, _ => typed.Request(url, ""), "is on duty until"),
                new("/pm-rotation handoff NOTE (durable write)", url, i => typed.Request(url, $"handoff note number {i}"), "note number"),
            ];
            foreach (var load in loads)
            {
                await load.RunAsync(TimeSpan.FromSeconds(2)); // warms up
                results.Add((on, load.Name, await load.RunAsync(TimeSpan.FromSeconds(5))));
            }

            await team.StopBotAsync();
        }

        folder.Delete(recursive: true);
        return results;
    }

    private static LoadResult Median(IEnumerable<LoadResult> results) => results.OrderBy(r => r.PerSecond).ElementAt(Rounds / 2);
}
