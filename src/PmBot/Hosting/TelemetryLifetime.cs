using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace PmBot.Hosting;

/// <summary>
/// The last one to end: when all else has stopped, it sends what is left. Without it that would happen when the program's parts are taken
/// down, one signal after the other, and outside of the time to stop.
/// </summary>
/// <param name="provider">Has the providers of those signals that are exported.</param>
/// <param name="logger">Is told when nobody takes what is exported.</param>
internal sealed class TelemetryLifetime(IServiceProvider provider, ILogger<TelemetryLifetime> logger) : IHostedLifecycleService, IDisposable
{
    private const int Patience = 5000;

    private readonly ExportTrouble _trouble = new(logger);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        // Each waits on its own thread, for the API knows no other way. That not all could be sent is no failure of the stop.
        Task sent = Task.WhenAll(
            Task.Run(() => provider.GetService<TracerProvider>()?.Shutdown(Patience), CancellationToken.None),
            Task.Run(() => provider.GetService<MeterProvider>()?.Shutdown(Patience), CancellationToken.None),
            Task.Run(() => provider.GetService<LoggerProvider>()?.Shutdown(Patience), CancellationToken.None));
        await sent.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _trouble.Dispose();
}
