using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PmBot.Delivery;
using PmBot.Hosting;

namespace PmBot.Benchmarks;

/// <summary>
/// The real bot in a process of its own, and in it, on the same web server, a no-op that parses the same form and answers a constant. This program starts itself
/// for that, with the verb <see cref="Verb"/>.
/// </summary>
internal sealed class BotProcess : IAsyncDisposable
{
    /// <summary>The hidden verb.</summary>
    public const string Verb = "bot";

    /// <summary>The path of the no-op.</summary>
    public const string Noop = "/noop";

    /// <summary>What the no-op answers.</summary>
    public const string NoopAnswer = "nothing to say";

    private const string Ready = "ready";
    private const string Heap = "heap";
    private const string Allocated = "allocated";
    private const string Compiled = "compiled";
    private const string Waiting = "waiting";

    private readonly Process _process;

    private BotProcess(Process process, Uri url) => (_process, Url) = (process, url);

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>The memory that the system has given it, in MB.</summary>
    public double ResidentMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1024.0 / 1024.0;
        }
    }

    /// <summary>The time that processors spent on it so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it and waits until it serves.</summary>
    /// <param name="settings">The bot's settings.</param>
    /// <param name="clock">Whose time its own clock shows.</param>
    public static async Task<BotProcess> StartAsync(IReadOnlyDictionary<string, string?> settings, TimeProvider clock)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, Verb) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var bot = new BotProcess(process, new Uri(settings["Urls"]!));
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new Start(settings, clock.GetUtcNow() - TimeProvider.System.GetUtcNow())));
        return await process.StandardOutput.ReadLineAsync() == Ready ? bot : throw new InvalidOperationException("The bot did not start.");
    }

    /// <summary>What its heap holds, in MB: what is in use and what is still to be collected.</summary>
    public async Task<double> HeapMegabytesAsync() => await AskAsync(Heap) / 1024.0 / 1024.0;

    /// <summary>How many bytes it has asked of the heap so far.</summary>
    public Task<long> AllocatedAsync() => AskAsync(Allocated);

    /// <summary>How many methods were compiled so far, those that are compiled again because they run often among them.</summary>
    public Task<long> CompiledAsync() => AskAsync(Compiled);

    /// <summary>How many deliveries are still to be made.</summary>
    public Task<long> WaitingAsync() => AskAsync(Waiting);

    /// <summary>Stops it as an operator would.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Is the bot, in the process that was started for it, until the input ends.</summary>
    public static async Task ServeAsync()
    {
        var start = JsonSerializer.Deserialize<Start>(Console.ReadLine() ?? "") ?? throw new InvalidOperationException("The settings of the bot are missing.");
        await using var bot = BotHost.Build(null, builder =>
        {
            builder.Configuration.AddInMemoryCollection(start.Settings);
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(new LaterClock(start.Later));
        });
        MapNoop(bot);
        await bot.StartAsync();
        Console.WriteLine(Ready);
        while (await Console.In.ReadLineAsync() is { } question)
        {
            var answer = question switch
            {
                Heap => GC.GetTotalMemory(forceFullCollection: false),
                Allocated => GC.GetTotalAllocatedBytes(),
                Compiled => JitInfo.GetCompiledMethodCount(),
                _ => (await bot.Services.GetRequiredService<Outbox>().StateAsync(CancellationToken.None)).Waiting,
            };
            Console.WriteLine(answer.ToString(CultureInfo.InvariantCulture));
        }

        await bot.StopAsync();
    }

    /// <summary>Adds the no-op to a web server.</summary>
    public static void MapNoop(WebApplication app) => app.MapPost(Noop, async (HttpContext http) =>
    {
        var form = await http.Request.ReadFormAsync();
        return Results.Json(new { response_type = "ephemeral", text = form["text"].Count > 0 ? NoopAnswer : "" });
    });

    private async Task<long> AskAsync(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        return long.Parse(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The bot has ended."), CultureInfo.InvariantCulture);
    }

    private sealed record Start(IReadOnlyDictionary<string, string?> Settings, TimeSpan Later);

    // Not the sandbox's clock, whose lock all requests would share.
    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
