using System.Threading.Channels;
using NodaTime;
using PmBot.Storage;
using Quartz;

namespace PmBot.Rotations;

/// <summary>
/// The alarms: one Quartz trigger for each rotation, at the next instant at which something is due there. They are set by whoever
/// commits a change, and all of them anew at start; that is the catch-up, for those in the past go off at once.
/// </summary>
internal sealed partial class RotationAlarms(IStore store, ISchedulerFactory schedulers, TimeProvider time, ILogger<RotationAlarms> logger) : BackgroundService
{
    private readonly Channel<(string RotationId, Instant NotBefore)> _queue = Channel.CreateUnbounded<(string, Instant)>();

    /// <summary>
    /// Sets the alarm of a rotation to what is stored, or takes it away with the rotation. Never blocks and never fails. Only the one
    /// reader of the queue looks the time up, so that a late caller cannot put back an older time.
    /// </summary>
    /// <param name="rotationId">The rotation.</param>
    /// <param name="notBefore">The earliest time, after a failure.</param>
    public void Set(string rotationId, Instant? notBefore = null) => _queue.Writer.TryWrite((rotationId, notBefore ?? Instant.MinValue));

    /// <summary>Sets all alarms anew, the earliest first.</summary>
    public async Task SetAllAsync(CancellationToken cancellationToken)
    {
        var all = await store.ReadAsync(
            t => t.Query<string>("select id from rotations where next_due is not null order by next_due"), cancellationToken);
        foreach (var rotationId in all)
        {
            Set(rotationId);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var scheduler = await schedulers.GetScheduler(stoppingToken);
        var job = JobBuilder.Create<RotationAlarmJob>().WithIdentity(RotationAlarmJob.Key).StoreDurably().Build();
        await scheduler.AddJob(job, cancellationToken: stoppingToken);
        await SetAllAsync(stoppingToken);
        await foreach (var (rotationId, notBefore) in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await CarryOverAsync(scheduler, new TriggerKey(rotationId, RotationAlarmJob.Group), rotationId, notBefore, stoppingToken);
            }
            catch (Exception e) when (e is SchedulerException or StoreUnavailableException)
            {
                Log.NotSet(logger, e, rotationId);
            }
        }
    }

    private async Task CarryOverAsync(IScheduler scheduler, TriggerKey key, string rotationId, Instant notBefore, CancellationToken cancellationToken)
    {
        var due = await store.ReadAsync(t => t.Query<long>("select next_due from rotations where id = @rotationId", new { rotationId }), cancellationToken);
        if (due.Count == 0)
        {
            await scheduler.UnscheduleJob(key, cancellationToken);
            return;
        }

        var trigger = TriggerBuilder.Create(time)
            .WithIdentity(key)
            .ForJob(RotationAlarmJob.Key)
            .UsingJobData(RotationAlarmJob.RotationId, rotationId)
            .StartAt(Instant.Max(Instant.FromUnixTimeMilliseconds(due[0]), notBefore).ToDateTimeOffset())
            .Build();
        await scheduler.ScheduleTrigger(trigger, TriggerConflict.Replace, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The alarm of rotation {Rotation} could not be set")]
        public static partial void NotSet(ILogger logger, Exception exception, string rotation);
    }
}

/// <summary>Goes off when something is due in a rotation.</summary>
internal sealed partial class RotationAlarmJob(RotationClock clock, RotationAlarms alarms, TimeProvider time, ILogger<RotationAlarmJob> logger) : IJob
{
    public const string Group = "rotations";
    public const string RotationId = "rotation";

    // After a failure, such as a store that is full, the thing is still due.
    private static readonly Duration Again = Duration.FromSeconds(15);

    public static JobKey Key { get; } = new("due", Group);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var rotationId = context.MergedJobDataMap.GetString(RotationId) ?? throw new InvalidOperationException("An alarm without its rotation.");
        try
        {
            await clock.RunAsync(rotationId, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Failed(logger, e, rotationId);
            alarms.Set(rotationId, Instant.FromDateTimeOffset(time.GetUtcNow()) + Again);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "What is due in rotation {Rotation} could not be done; trying again in 15 seconds")]
        public static partial void Failed(ILogger logger, Exception exception, string rotation);
    }
}
