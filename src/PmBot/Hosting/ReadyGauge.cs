using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace PmBot.Hosting;

/// <summary>What <c>/health/ready</c> would answer, as a metric. Half a minute passes from one to the next.</summary>
internal sealed class ReadyGauge : IHealthCheckPublisher
{
    private readonly Gauge<int> _ready;

    /// <summary>Makes the instrument.</summary>
    public ReadyGauge(IMeterFactory meters) => _ready = meters.Create(Telemetry.Name).CreateGauge<int>(
        "pmbot.ready", description: "1 if the check lets the bot be ready, 0 if it does not.");

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var (check, entry) in report.Entries)
        {
            _ready.Record(entry.Status == HealthStatus.Unhealthy ? 0 : 1, new KeyValuePair<string, object?>("check", check));
        }

        return Task.CompletedTask;
    }
}
