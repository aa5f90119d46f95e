using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PmBot.Sandbox;

namespace PmBot.Benchmarks;

/// <summary>
/// Slash commands over HTTP beside a no-op endpoint of the same web server that parses the same form and answers a constant. The figures
/// of one run can be compared with each other, and with nothing else.
/// </summary>
internal static class CommandBenchmark
{
    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("pmbot-benchmark-");
        using var clock = SandboxClock.Running();
        await using var team = await SandboxTeam.StartAsync(clock, folder.FullName);
        await team.StartBotAsync(builder => builder.Logging.ClearProviders());
        foreach (var command in (string[])["create \"PM rotation\"", "add @adam.c @katie.w @jason.b @aaron.r", "handoff --now"])
        {
            await team.Server.TypeAsync(team.Katie, team.ProductManagement, "/pm-rotation " + command);
        }

        await using var noop = WebApplication.CreateSlimBuilder().Build();
        noop.Urls.Add("http://127.0.0.1:0");
        noop.MapPost("/noop", async (HttpContext http) =>
        {
            var form = await http.Request.ReadFormAsync();
            return Results.Json(new { response_type = "ephemeral", text = form["text"].Count > 0 ? "nothing" : "" });
        });
        await noop.StartAsync();
        var noopUrl = noop.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/noop";
        var botUrl = team.BotUrl + "/mattermost/commands/pm-rotation";
        var agendaUrl = team.BotUrl + "/mattermost/commands/agenda";

        Load[] loads =
        [
            new("no-op", noopUrl, _ => ""),
            new("/pm-rotation", botUrl, _ => ""),
            new("/pm-rotation schedule 8", botUrl, _ => "schedule 8"),
            new("/pm-rotation handoff NOTE (durable write)", botUrl, i => $"handoff note number {i}"),
            new("/agenda", agendaUrl, _ => "", "agenda"),
            new("/agenda release TEXT (durable write)", agendaUrl, i => $"release update number {i}", "agenda"),
        ];
        Console.WriteLine("| 32 connections | requests/s | of the no-op | p50 ms | p99 ms |");
        Console.WriteLine("| :-- | --: | --: | --: | --: |");
        var baseline = 0.0;
        foreach (var load in loads)
        {
            await load.RunAsync(team, TimeSpan.FromSeconds(2)); // warms up
            var result = await load.RunAsync(team, TimeSpan.FromSeconds(8));
            baseline = baseline == 0 ? result.PerSecond : baseline;
            Console.WriteLine($"| {load.Name} | {result.PerSecond:F0} | {result.PerSecond / baseline:F2} | {result.P50:F1} | {result.P99:F1} |");
        }

        await team.StopBotAsync();
        folder.Delete(recursive: true);
    }
}
