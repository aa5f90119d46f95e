using Microsoft.Extensions.Options;
using PmBot.Storage;
using Quartz;

namespace PmBot.Hosting;

/// <summary>
/// Where Quartz keeps its triggers: in memory, or, where replicas share the data, in tables of its own beside it. It only wakes; what happens
/// is decided by the ledger.
/// </summary>
internal static class Schedules
{
    // How soon a step of the system's clock is noticed, and what another replica has set.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    // What a dead replica had taken up is free again after the sum. The second is also how far clocks may differ.
    private static readonly TimeSpan CheckIn = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckInLate = TimeSpan.FromSeconds(20);

    /// <summary>Adds Quartz. The settings must be complete: the engine that they name decides.</summary>
    public static void AddSchedules(this WebApplicationBuilder builder, StoreEngines engines)
    {
        var storage = builder.Configuration.GetSection(StorageOptions.Section);
        var engine = engines.Find(storage[nameof(StorageOptions.Provider)] ?? engines.All[0].Name);
        var isShared = engine is { IsShared: true } && !string.Equals(storage[nameof(StorageOptions.SharedAlarms)], bool.FalseString, StringComparison.OrdinalIgnoreCase);
        builder.Services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(s => s.IdleWaitTime = Idle);
            if (isShared)
            {
                Share(builder.Services, quartz);
            }
            else
            {
                quartz.UseInMemoryStore();
            }
        });
        builder.Services.AddQuartzHostedService(quartz => quartz.WaitForJobsToComplete = true);
    }

    private static void Share(IServiceCollection services, IQuartzBuilder quartz)
    {
        services.AddSingleton(p => p.GetRequiredService<StoreEngine>().Schedules(p.GetRequiredService<IOptions<StorageOptions>>().Value.ConnectionString)
            ?? throw new StoreRefusedException("The engine keeps no schedules for several replicas."));
        quartz.ConfigureScheduler(s => s.InstanceName = "PmBot");
        quartz.UsePersistentStore(store =>
        {
            store.UsePostgres(source => source.UseRegisteredDataSource = true);
            store.ConfigureStore(s =>
            {
                s.StoreJobDataAsStrings = true;
                s.DbRetryInterval = Idle; // after the database was away
            });
            store.ProvisionSchema();
            store.UseClustering(cluster =>
            {
                cluster.CheckinInterval = CheckIn;
                cluster.CheckinMisfireThreshold = CheckInLate;
            });
        });
    }
}
