using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost.Commands;
using PmBot.Storage;

namespace PmBot.Backups;

/// <summary>The parts of this feature.</summary>
internal static class BackupServices
{
    public static void AddBackups(this IServiceCollection services)
    {
        services.AddSingleton(p => p.GetRequiredService<StoreEngine>().Backup(p.GetRequiredService<IOptions<StorageOptions>>().Value.ConnectionString, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => BackupSchedule.Of(p.GetRequiredService<StoreEngine>(), p.GetRequiredService<IOptions<StorageOptions>>().Value));
        services.AddSingleton<BackupClock>();
        services.AddSingleton<IAlarmed>(p => p.GetRequiredService<BackupClock>());
        services.AddHostedService(p => p.GetRequiredService<BackupClock>());
        services.AddSingleton(new AlarmSource(
            BackupClock.AlarmKind, $"select key as id, cast(value as bigint) as due from meta where key = '{BackupClock.DueKey}'"));
    }

}

/// <summary>The plan of the daily backup and its folder.</summary>
/// <param name="Plan">When; null if it is off.</param>
/// <param name="Folder">Where.</param>
internal sealed record BackupSchedule(BackupPlan? Plan, BackupFolder Folder)
{
    /// <summary>What the settings say, which were checked before. A relative folder is beside the database; of a database that is no file there is no plan.</summary>
    public static BackupSchedule Of(StoreEngine engine, StorageOptions storage)
    {
        if (engine.FileOf(storage.ConnectionString) is not { } file)
        {
            return new BackupSchedule(null, new BackupFolder(Path.GetFullPath(".")));
        }

        var (plan, _) = BackupPlan.Read(storage.Backup);
        var beside = Path.GetDirectoryName(file)!;
        return new BackupSchedule(plan, new BackupFolder(Path.GetFullPath(plan?.Folder ?? "", beside)));
    }
}

/// <summary>Whether the daily backup is made. A bot without one still does its work, so it stays ready.</summary>
internal sealed class BackupHealth(BackupClock backups, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var now = Instant.FromDateTimeOffset(time.GetUtcNow());
            return await backups.StateAsync(cancellationToken) switch
            {
                BackupState.Off => HealthCheckResult.Healthy("Daily backups are off."),
                BackupState.Fine { Newest: { } newest } => HealthCheckResult.Healthy($"The newest backup is from {When.Time(newest, DateTimeZone.Utc, now)}."),
                BackupState.Fine => HealthCheckResult.Healthy("The first backup is to come."),
                BackupState.Failed failed => HealthCheckResult.Degraded($"The backup of {When.Time(failed.At, DateTimeZone.Utc, now)} failed: {failed.Reason}"),
                var other => throw new InvalidOperationException(other.GetType().Name),
            };
        }
        catch (StoreUnavailableException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
