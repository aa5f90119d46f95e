using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using PmBot.Backups;
using PmBot.Delivery;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Storage;
using Quartz;

namespace PmBot.Hosting;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work; 503 and the reason if not.</summary>
internal static class Health
{
    public static void AddBotHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<StoreHealth>("store", timeout: TimeSpan.FromSeconds(5))
        .AddQuartz()
        .AddCheck<MattermostHealth>("mattermost", timeout: TimeSpan.FromSeconds(5))
        .AddCheck<DeliveryHealth>("deliveries", timeout: TimeSpan.FromSeconds(5))
        .AddCheck<BackupHealth>("backup", timeout: TimeSpan.FromSeconds(5));

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks(OwnHealth.LivePath, new HealthCheckOptions { Predicate = _ => false });
        routes.MapHealthChecks(OwnHealth.ReadyPath, new HealthCheckOptions { ResponseWriter = WriteAsync });
    }

    private static Task WriteAsync(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.ToDictionary(
            e => e.Key, e => new { status = e.Value.Status.ToString(), description = e.Value.Description, data = e.Value.Data }, StringComparer.Ordinal),
    });
}

/// <summary>Whether the store can be written.</summary>
internal sealed class StoreHealth(IStore store, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.ProbeAsync(time, cancellationToken);
            return HealthCheckResult.Healthy("The store can be written.");
        }
        catch (StoreUnavailableException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}

/// <summary>Whether the Mattermost server answers, and knows the bot.</summary>
internal sealed class MattermostHealth(IMattermost mattermost) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await mattermost.MeAsync(cancellationToken) switch
        {
            MattermostResult<MattermostUser>.Ok => HealthCheckResult.Healthy("Mattermost answers."),
            MattermostResult<MattermostUser>.Refused { Error.StatusCode: 401 } => HealthCheckResult.Unhealthy("Mattermost does not know the bot's token. Check Mattermost:BotToken."),
            var failed => HealthCheckResult.Unhealthy(failed.Describe()),
        };
}

/// <summary>How long the oldest undelivered message has waited. What waits is not lost, so the bot stays ready.</summary>
internal sealed class DeliveryHealth(Outbox outbox) : IHealthCheck
{
    private static readonly NodaTime.Duration TooLong = NodaTime.Duration.FromMinutes(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var state = await outbox.StateAsync(cancellationToken);
            var data = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["waiting"] = state.Waiting,
                ["oldestSeconds"] = (long)state.OldestAge.TotalSeconds,
                ["parked"] = state.Parked,
            };
            return state.OldestAge > TooLong
                ? HealthCheckResult.Degraded($"The oldest undelivered message has waited {When.Length(state.OldestAge)}.", data: data)
                : HealthCheckResult.Healthy(state.Waiting == 0 ? "Nothing waits." : $"{When.Count(state.Waiting, "message")} on the way.", data);
        }
        catch (StoreUnavailableException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
