using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PmBot.Sandbox;

namespace PmBot.Tests.Faults;

/// <summary>
/// The real bot as a process of its own, with a clock of its own that follows the team's when it is moved. It can be killed as the kernel or a
/// power cut would, and paused as a machine that is moved or swaps.
/// </summary>
internal sealed class BotProcess : IAsyncDisposable
{
    private const int KeptLines = 60;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly Process _process;
    private readonly SandboxClock _clock;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ConcurrentQueue<TaskCompletionSource<long>> _heapAsked = [];

    private BotProcess(Process process, string url, SandboxClock clock)
    {
        (_process, Url, _clock) = (process, url, clock);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        clock.Moved += TellTime;
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Where it listens.</summary>
    public string Url { get; }

    /// <summary>How long ago the program was started.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    /// <summary>The last lines that it wrote.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts the bot of a team at the team's time.</summary>
    /// <param name="team">The team.</param>
    /// <param name="logLevel">What it writes at least.</param>
    /// <param name="url">Where it listens, if it is one of several; null for where the team expects it.</param>
    public static BotProcess Start(SandboxTeam team, string logLevel = "Error", string? url = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var (key, value) in team.Settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.Environment["Urls"] = url ?? team.BotUrl;
        start.Environment["Logging__LogLevel__Default"] = logLevel;
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "PmBot.Sandbox.dll"));
        start.ArgumentList.Add("bot");
        start.ArgumentList.Add("--now");
        start.ArgumentList.Add(team.Clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        return new BotProcess(Process.Start(start)!, url ?? team.BotUrl, team.Clock);
    }

    /// <summary>SIGKILL: nothing of the bot runs after it.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It is gone already.
        }
    }

    /// <summary>SIGSTOP: it does not run, but believes afterwards that it always did.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT: it goes on after <see cref="PauseAsync"/>.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>What it takes of the machine, after a full collection of garbage.</summary>
    public async Task<Footprint> FootprintAsync(CancellationToken cancellationToken)
    {
        var asked = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        _heapAsked.Enqueue(asked);
        Tell("heap");
        var heap = await asked.Task.WaitAsync(cancellationToken);
        _process.Refresh();
        return new Footprint(_process.WorkingSet64, heap, _process.HandleCount, _process.Threads.Count);
    }

    public Task ExitedAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Waits until it serves requests.</summary>
    public async Task LiveAsync(CancellationToken cancellationToken)
    {
        while (await AskAsync("health/live", cancellationToken) is null)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"The bot ended by itself ({_process.ExitCode}):\n{Output}");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>Whether all is well, as its health tells.</summary>
    public async Task<bool> IsWellAsync(CancellationToken cancellationToken)
    {
        if (await AskAsync("health/ready", cancellationToken) is not { Length: > 0 } answer)
        {
            return false;
        }

        using var json = JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("status").GetString() == "Healthy";
    }

    /// <summary>How many deliveries wait, as its health tells; null while it does not tell.</summary>
    public Task<long?> WaitingAsync(CancellationToken cancellationToken) => DeliveriesAsync("waiting", cancellationToken);

    /// <summary>How many deliveries cannot succeed, as its health tells; null while it does not tell.</summary>
    public Task<long?> ParkedAsync(CancellationToken cancellationToken) => DeliveriesAsync("parked", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _clock.Moved -= TellTime;
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void TellTime() => Tell($"at {_clock.GetUtcNow():O}");

    private void Tell(string line)
    {
        try
        {
            lock (_process)
            {
                _process.StandardInput.WriteLine(line);
                _process.StandardInput.Flush();
            }
        }
        catch (IOException)
        {
            // It is gone already.
        }
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task<long?> DeliveriesAsync(string what, CancellationToken cancellationToken)
    {
        if (await AskAsync("health/ready", cancellationToken) is not { Length: > 0 } answer)
        {
            return null;
        }

        using var json = JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("checks").GetProperty("deliveries").GetProperty("data").TryGetProperty(what, out var count)
            ? count.GetInt64()
            : null;
    }

    private async Task<string?> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Http.GetAsync(new Uri($"{Url}/{path}"), cancellationToken);
            return await response.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private void Keep(string? line)
    {
        if (line?.Split(' ') is ["heap", var bytes] && _heapAsked.TryDequeue(out var asked))
        {
            asked.SetResult(long.Parse(bytes, CultureInfo.InvariantCulture));
        }
        else if (line is not null)
        {
            _lines.Enqueue(line);
            while (_lines.Count > KeptLines)
            {
                _lines.TryDequeue(out _);
            }
        }
    }
}

/// <summary>What a process takes of the machine.</summary>
/// <param name="Resident">Memory that is in use, in bytes.</param>
/// <param name="Heap">What of it is alive on the managed heap, in bytes.</param>
/// <param name="Handles">Open files and sockets.</param>
/// <param name="Threads">Its threads.</param>
internal sealed record Footprint(long Resident, long Heap, int Handles, int Threads);
