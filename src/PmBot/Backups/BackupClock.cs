using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost.Commands;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Backups;

/// <summary>
/// Makes the daily backup, and deletes old ones once the new one is checked. One that was missed is made at the start. A failure is told to the
/// admins once, until it works again.
/// </summary>
internal sealed partial class BackupClock : IAlarmed, IHostedService, IDisposable
{
    /// <summary>The kind of its alarm, of which there is one.</summary>
    public const string AlarmKind = "backup";

    /// <summary>Where the store keeps when the next one is due.</summary>
    public const string DueKey = "backup.due";

    private const string FailedKey = "backup.failed";

    private static readonly Duration Day = Duration.FromDays(1);

    /// <summary>After a failure, for a disk that is full seldom gets room within seconds.</summary>
    private static readonly Duration Again = Duration.FromHours(1);

    private readonly IStore _store;
    private readonly IStoreBackup _backup;
    private readonly BackupPlan? _plan;
    private readonly BackupFolder _folder;
    private readonly Alarms _alarms;
    private readonly Admins _admins;
    private readonly Outbox _outbox;
    private readonly TimeProvider _time;
    private readonly ILogger<BackupClock> _logger;
    private readonly Counter<long> _backups;
    private readonly SemaphoreSlim _turn = new(1, 1);

    public BackupClock(
        IStore store, IStoreBackup backup, BackupSchedule schedule, Alarms alarms, Admins admins, Outbox outbox, TimeProvider time, IMeterFactory meters, ILogger<BackupClock> logger)
    {
        (_store, _backup, _alarms, _admins, _outbox, _time, _logger) = (store, backup, alarms, admins, outbox, time, logger);
        (_plan, _folder) = (schedule.Plan, schedule.Folder);
        var meter = meters.Create(Telemetry.Name);
        _backups = meter.CreateCounter<long>("pmbot.backups", "{backup}", "Scheduled backups, by what became of them.");
        meter.CreateObservableGauge("pmbot.backup.age", Ages, "s", "How old the newest scheduled backup is.");
    }

    public string Kind => AlarmKind;

    /// <summary>Sets when the next one is due: now, if the newest is older than a day or there is none.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var now = Now();
        Instant? due = _plan is null ? null : _folder.Newest(now) is { } newest && now - newest < Day ? _plan.After(now) : now;
        try
        {
            await _store.ExecuteAsync(
                transaction =>
                {
                    SetDue(transaction, due);
                    if (due is null)
                    {
                        transaction.DeleteMeta(FailedKey);
                    }

                    return true;
                },
                cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            // Without room for this the bot can still show what it knows; what was due before stays due.
            Log.NotRecorded(_logger, e);
        }

        _alarms.Set(AlarmKind, DueKey);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task RunAsync(string id, CancellationToken cancellationToken)
    {
        if (_plan is null || !await _turn.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return;
        }

        try
        {
            if (await _store.ReadAsync(t => t.FindMeta(DueKey), cancellationToken) is { } due && Parse(due) <= Now())
            {
                await MakeAsync(_plan, cancellationToken);
            }
            else
            {
                _alarms.Set(AlarmKind, DueKey);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>How it stands.</summary>
    public async Task<BackupState> StateAsync(CancellationToken cancellationToken)
    {
        if (_plan is null)
        {
            return new BackupState.Off();
        }

        var failed = await _store.ReadAsync(t => t.FindMeta(FailedKey), cancellationToken);
        return failed is null
            ? new BackupState.Fine(_folder.Newest(Now()))
            : JsonSerializer.Deserialize<BackupState.Failed>(failed, StoreJson.Options) ?? throw new JsonException("A failed backup has no content.");
    }

    public void Dispose() => _turn.Dispose();

    private async Task MakeAsync(BackupPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            if (await TryAsync(plan, cancellationToken) is { } reason)
            {
                await TellAsync(reason, cancellationToken);
            }
            else
            {
                await _store.ExecuteAsync(
                    transaction =>
                    {
                        SetDue(transaction, plan.After(Now()));
                        transaction.DeleteMeta(FailedKey);
                        return true;
                    },
                    cancellationToken);
            }

            _alarms.Set(AlarmKind, DueKey);
        }
        catch (StoreUnavailableException e)
        {
            // The store's own health tells of it; copying it every few seconds would not help.
            Log.NotRecorded(_logger, e);
            _alarms.Set(AlarmKind, DueKey, Now() + Again);
        }
    }

    /// <summary>Makes one.</summary>
    /// <returns>Why it failed; null if it did not.</returns>
    private async Task<string?> TryAsync(BackupPlan plan, CancellationToken cancellationToken)
    {
        var now = Now();
        var file = _folder.FileOf(now);
        try
        {
            _folder.Make();
            _folder.Sweep();
            var made = await _backup.MakeAsync(file, overwrite: true, cancellationToken);
            var deleted = _folder.Prune(plan.Keep, now);
            Log.Made(_logger, made.File, made.Bytes, deleted);
            _backups.Add(1, new KeyValuePair<string, object?>("outcome", "done"));
            return null;
        }
        catch (Exception e) when (e is StoreRefusedException or IOException or UnauthorizedAccessException)
        {
            Log.Failed(_logger, e, file);
            _backups.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));
            return e.Message;
        }
    }

    private async Task TellAsync(string reason, CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var workspace in await _store.ReadAsync(t => t.Query<string>("select id from workspaces order by id"), cancellationToken))
        {
            foreach (var admin in await _admins.ToTellAsync(workspace, cancellationToken))
            {
                told.TryAdd(admin, workspace);
            }
        }

        var newest = _folder.Newest(Now()) is { } last ? $"The newest one is from {When.Time(last, DateTimeZone.Utc, Now())}." : "There is none yet.";
        var text = $"The daily backup failed: {reason}\n{newest} I try again every hour; you hear of it again only when it fails after it has worked.";
        await _store.ExecuteAsync(
            transaction =>
            {
                var now = Now();
                SetDue(transaction, now + Again);
                var isNew = transaction.FindMeta(FailedKey) is null;
                transaction.PutMeta(FailedKey, JsonSerializer.Serialize(new BackupState.Failed(now, reason), StoreJson.Options));
                foreach (var (admin, workspace) in isNew ? told : [])
                {
                    _outbox.Add(transaction, workspace, new Content.Direct(admin, text, null, AboutTrouble: true));
                }

                return isNew;
            },
            cancellationToken);
    }

    private IEnumerable<Measurement<double>> Ages() =>
        _plan is not null && Now() is var now && _folder.Newest(now) is { } newest ? [new Measurement<double>((now - newest).TotalSeconds)] : [];

    private static void SetDue(IWriteTransaction transaction, Instant? due)
    {
        if (due is { } at)
        {
            transaction.PutMeta(DueKey, at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            transaction.DeleteMeta(DueKey);
        }
    }

    private static Instant Parse(string milliseconds) => Instant.FromUnixTimeMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture));

    private Instant Now() => Instant.FromDateTimeOffset(_time.GetUtcNow());

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The daily backup is made and checked: {File}, {Bytes} bytes; {Deleted} old ones are deleted")]
        public static partial void Made(ILogger logger, string file, long bytes, int deleted);

        [LoggerMessage(Level = LogLevel.Error, Message = "The daily backup {File} failed; trying again in an hour")]
        public static partial void Failed(ILogger logger, Exception exception, string file);

        [LoggerMessage(Level = LogLevel.Error, Message = "When the daily backup is due could not be recorded")]
        public static partial void NotRecorded(ILogger logger, Exception exception);
    }
}

/// <summary>How the daily backup stands.</summary>
internal abstract record BackupState
{
    private BackupState()
    {
    }

    /// <summary>It is switched off.</summary>
    public sealed record Off : BackupState;

    /// <summary>The last one was made, or the first one is to come.</summary>
    /// <param name="Newest">When the newest was made.</param>
    public sealed record Fine(Instant? Newest) : BackupState;

    /// <summary>The last one failed.</summary>
    /// <param name="At">When it was tried last.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Failed(Instant At, string Reason) : BackupState;
}
