using System.Threading.Channels;
using NodaTime;
using PmBot.Hosting;
using PmBot.Storage;
using Quartz;

namespace PmBot.Delivery;

/// <summary>Where the store keeps the next instant at which something is due, for each subject of a kind.</summary>
/// <param name="Kind">The kind of subject, e.g. <c>rotations</c>.</param>
/// <param name="RowsSql">
/// All subjects with such an instant, as rows of <c>id</c> and <c>due</c> (Unix milliseconds). Without an order; an index leads from the instant to
/// the subject.
/// </param>
internal sealed record AlarmSource(string Kind, string RowsSql)
{
    /// <summary>When something is due for a subject, or null.</summary>
    public Instant? Due(IReadTransaction transaction, string id) =>
        transaction.Query<long?>($"select due from ({RowsSql}) s where id = @id", new { id }) is [{ } due] ? Instant.FromUnixTimeMilliseconds(due) : null;

    /// <summary>The subjects with something due until then, the earliest first.</summary>
    public IEnumerable<Alarm> Until(IReadTransaction transaction, Instant until, int most = int.MaxValue) =>
        transaction.Query<Row>($"select id, due from ({RowsSql}) s where due <= @until order by due limit @most", new { until = until.ToUnixTimeMilliseconds(), most })
            .Select(r => new Alarm(Kind, r.Id, Instant.FromUnixTimeMilliseconds(r.Due)));

    private sealed record Row(string Id, long Due);
}

/// <summary>Something due.</summary>
/// <param name="Kind">The kind of subject.</param>
/// <param name="Id">The subject.</param>
/// <param name="Due">When.</param>
internal sealed record Alarm(string Kind, string Id, Instant Due);

/// <summary>Does what is due for the subjects of one kind.</summary>
internal interface IAlarmed
{
    /// <summary>See <see cref="AlarmSource.Kind"/>.</summary>
    string Kind { get; }

    /// <summary>
    /// Does all that is due for a subject, and sets its next alarm by <see cref="Alarms.Set"/>. An alarm may come too early, twice, or
    /// for a subject that is gone. After an exception it comes again.
    /// </summary>
    Task RunAsync(string id, CancellationToken cancellationToken);
}

/// <summary>
/// The alarms: one Quartz trigger for each subject, at the next instant at which something is due there. They are set by whoever
/// commits a change, and all of them anew at start; that is the catch-up, for those in the past go off at once. Whoever was killed between
/// the two has set none: what is overdue without one is looked for each minute.
/// </summary>
internal sealed partial class Alarms(
    IStore store, ISchedulerFactory schedulers, IEnumerable<AlarmSource> sources, TimeProvider time, ILogger<Alarms> logger) : BackgroundService
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    // More than the clocks of two machines differ, and than an alarm on time takes.
    private static readonly Duration Overdue = Duration.FromSeconds(10);

    private static readonly Duration Soon = Duration.FromMinutes(1);

    // The rest is overdue in a minute, too.
    private const int MostSwept = 500;

    private readonly Dictionary<string, AlarmSource> _sources = sources.ToDictionary(s => s.Kind, StringComparer.Ordinal);
    private readonly Channel<(string Kind, string Id, Instant NotBefore)> _queue = Channel.CreateUnbounded<(string, string, Instant)>();

    /// <summary>
    /// Sets the alarm of a subject to what is stored, or takes it away with the subject. Never blocks and never fails. Only the one
    /// reader of the queue looks the time up, so that a late caller cannot put back an older time.
    /// </summary>
    /// <param name="kind">The kind of subject; a source of it is registered.</param>
    /// <param name="id">The subject.</param>
    /// <param name="notBefore">The earliest time, after a failure.</param>
    public void Set(string kind, string id, Instant? notBefore = null) => _queue.Writer.TryWrite((kind, id, notBefore ?? Instant.MinValue));

    /// <summary>Sets all alarms anew, the earliest first; of those at one instant in the order in which Quartz takes them, too.</summary>
    public async Task SetAllAsync(CancellationToken cancellationToken)
    {
        foreach (var alarm in (await UntilAsync(Instant.MaxValue, int.MaxValue, cancellationToken)).OrderBy(a => a.Due).ThenBy(a => a.Kind, StringComparer.Ordinal).ThenBy(a => a.Id, StringComparer.Ordinal))
        {
            Set(alarm.Kind, alarm.Id);
        }
    }

    /// <summary>The earliest instant at which something is due for a subject of any kind; null if nothing ever is.</summary>
    public Instant? Next(IReadTransaction transaction) => _sources.Values.SelectMany(s => s.Until(transaction, Instant.MaxValue, most: 1)).Min(a => (Instant?)a.Due);

    /// <summary>How many subjects, of all kinds, have something due at <paramref name="now"/>.</summary>
    public int Due(IReadTransaction transaction, Instant now) => _sources.Values.Sum(s => s.Until(transaction, now).Count());

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var scheduler = await schedulers.GetScheduler(stoppingToken);
        var job = JobBuilder.Create<AlarmJob>().WithIdentity(AlarmJob.Key).StoreDurably().Build();
        await scheduler.AddJob(job, AddJobOptions.Replacing, stoppingToken);
        await SetMissingAsync(scheduler, stoppingToken);
        await Task.WhenAll(SetAsync(scheduler, stoppingToken), SweepAsync(scheduler, stoppingToken));
    }

    /// <summary>At start: all, or, where they are kept for all replicas, those that are not there.</summary>
    private async Task SetMissingAsync(IScheduler scheduler, CancellationToken stoppingToken)
    {
        var kept = store.IsShared ? (await scheduler.GetTriggerKeys(GroupMatcher<TriggerKey>.AnyGroup(), stoppingToken)).ToHashSet() : [];
        foreach (var alarm in (await UntilAsync(Instant.MaxValue, int.MaxValue, stoppingToken)).Where(a => !kept.Contains(Key(a))).OrderBy(a => a.Due))
        {
            Set(alarm.Kind, alarm.Id);
        }
    }

    private async Task SetAsync(IScheduler scheduler, CancellationToken stoppingToken)
    {
        await foreach (var (kind, id, notBefore) in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await CarryOverAsync(scheduler, _sources[kind], id, notBefore, stoppingToken);
            }
            catch (Exception e) when (e is SchedulerException or StoreUnavailableException)
            {
                _ = SetAgainAsync(kind, id, notBefore, stoppingToken);
                Log.NotSet(logger, e, kind, id);
            }
        }
    }

    /// <summary>Sets the alarms that nobody has set. Several replicas may do so at once: the ledger decides who does what is due.</summary>
    private async Task SweepAsync(IScheduler scheduler, CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(SweepEvery, time, stoppingToken);
            try
            {
                var now = Instant.FromDateTimeOffset(time.GetUtcNow());
                foreach (var alarm in await UntilAsync(now - Overdue, MostSwept, stoppingToken))
                {
                    // One that comes soon is an alarm that is tried again. A later one was set before whatever is overdue now.
                    if (await scheduler.GetTrigger(Key(alarm), stoppingToken) is not { } set || (store.IsShared && set.StartTimeUtc > (now + Soon).ToDateTimeOffset()))
                    {
                        Log.Overdue(logger, alarm.Kind, alarm.Id);
                        Set(alarm.Kind, alarm.Id);
                    }
                }
            }
            catch (Exception e) when (e is SchedulerException or StoreUnavailableException)
            {
                Log.NotSwept(logger, e);
            }
        }
    }

    private static TriggerKey Key(Alarm alarm) => new(alarm.Id, alarm.Kind);

    private Task<IReadOnlyList<Alarm>> UntilAsync(Instant until, int most, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<Alarm>>(t => [.. _sources.Values.SelectMany(s => s.Until(t, until, most))], cancellationToken);

    /// <summary>An alarm that could not be set must not be lost until somebody happens to change its subject.</summary>
    private async Task SetAgainAsync(string kind, string id, Instant notBefore, CancellationToken stoppingToken)
    {
        await Task.WhenAny(Task.Delay(Again, time, stoppingToken));
        Set(kind, id, notBefore);
    }

    private async Task CarryOverAsync(IScheduler scheduler, AlarmSource source, string id, Instant notBefore, CancellationToken cancellationToken)
    {
        var key = new TriggerKey(id, source.Kind);
        if (await store.ReadAsync(t => source.Due(t, id), cancellationToken) is not { } due)
        {
            await scheduler.UnscheduleJob(key, cancellationToken);
            return;
        }

        var trigger = TriggerBuilder.Create(time)
            .WithIdentity(key)
            .ForJob(AlarmJob.Key)
            .StartAt(Instant.Max(due, notBefore).ToDateTimeOffset())
            .WithSimpleSchedule(once => once.WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires)) // what is long due goes off at once, the earliest first
            .Build();
        await scheduler.ScheduleTrigger(trigger, TriggerConflict.Replace, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The alarm of {Kind} {Id} could not be set; trying again in 15 seconds")]
        public static partial void NotSet(ILogger logger, Exception exception, string kind, string id);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Something is overdue for {Kind} {Id}, and no alarm was set; it goes off now")]
        public static partial void Overdue(ILogger logger, string kind, string id);

        [LoggerMessage(Level = LogLevel.Error, Message = "Whether something is overdue could not be looked up; trying again in a minute")]
        public static partial void NotSwept(ILogger logger, Exception exception);
    }
}

/// <summary>Goes off when something is due for a subject, which its trigger's key names.</summary>
internal sealed partial class AlarmJob(IEnumerable<IAlarmed> alarmed, Alarms alarms, Telemetry telemetry, TimeProvider time, ILogger<AlarmJob> logger) : IJob
{
    // After a failure, such as a store that is full, the thing is still due.
    private static readonly Duration Again = Duration.FromSeconds(15);

    public static JobKey Key { get; } = new("due", "alarms");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var (kind, id) = (context.Trigger.Key.Group, context.Trigger.Key.Name);
        using var activity = Tracing.BeginCausedBy($"due {kind}", null);
        activity?.SetTag("pmbot.subject.id", id);
        try
        {
            await alarmed.Single(a => a.Kind == kind).RunAsync(id, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            alarms.Set(kind, id, Instant.FromDateTimeOffset(time.GetUtcNow()) + Again);
            activity.Fail(e);
            telemetry.ScheduleFault(kind);
            Log.Failed(logger, e, kind, id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "What is due for {Kind} {Id} could not be done; trying again in 15 seconds")]
        public static partial void Failed(ILogger logger, Exception exception, string kind, string id);
    }
}
