using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PmBot.Sandbox;

namespace PmBot.Tests.Faults;

/// <summary>The real bot as a process of its own, with a clock of its own, which can be killed as the kernel or a power cut would.</summary>
internal sealed class BotProcess : IAsyncDisposable
{
    private const int KeptLines = 60;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly Process _process;
    private readonly Uri _url;
    private readonly ConcurrentQueue<string> _lines = [];

    private BotProcess(Process process, Uri url)
    {
        (_process, _url) = (process, url);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines that it wrote.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts the bot of a team at the team's time.</summary>
    public static BotProcess Start(SandboxTeam team, string logLevel = "Error")
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (key, value) in team.Settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.Environment["Logging__LogLevel__Default"] = logLevel;
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "PmBot.Sandbox.dll"));
        start.ArgumentList.Add("bot");
        start.ArgumentList.Add("--now");
        start.ArgumentList.Add(team.Clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        return new BotProcess(Process.Start(start)!, new Uri(team.BotUrl));
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

    /// <summary>How many deliveries wait, as its health tells; null while it does not tell.</summary>
    public async Task<long?> WaitingAsync(CancellationToken cancellationToken)
    {
        if (await AskAsync("health/ready", cancellationToken) is not { Length: > 0 } answer)
        {
            return null;
        }

        using var json = JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("checks").GetProperty("deliveries").GetProperty("data").TryGetProperty("waiting", out var waiting)
            ? waiting.GetInt64()
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string?> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Http.GetAsync(new Uri(_url, path), cancellationToken);
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
        if (line is not null)
        {
            _lines.Enqueue(line);
            while (_lines.Count > KeptLines)
            {
                _lines.TryDequeue(out _);
            }
        }
    }
}
