using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost.Client;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>
/// Does what is due in a rotation: handoffs, notices, reminders. The alarm clock (Quartz), the catch-up at start and a command that
/// arrives before the alarm all come here; the ledger sees to it that a thing is done once.
/// </summary>
internal sealed partial class RotationClock(
    IStore store,
    RotationMessages messages,
    RotationPeople people,
    Admins admins,
    IEnumerable<IWaiting> waiting,
    Alarms alarms,
    Telemetry telemetry,
    TimeProvider time,
    ILogger<RotationClock> logger) : IAlarmed
{
    /// <summary>The kind of the rotations' alarms.</summary>
    public const string AlarmKind = "rotations";

    /// <summary>The ledger's kind of a handoff.</summary>
    public const string HandoffKind = "handoff";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public string Kind => AlarmKind;

    /// <summary>Does all that is due.</summary>
    public async Task RunAsync(string rotationId, CancellationToken cancellationToken)
    {
        var now = Now();
        var seen = await store.ReadAsync(t => t.Find(RotationStore.Table, rotationId), cancellationToken);
        if (seen is null || seen.NextDue > now)
        {
            alarms.Set(AlarmKind, rotationId);
            return;
        }

        // What Mattermost must be asked is asked before the transaction, and only for a while: the handoff itself waits for nobody.
        var names = await people.FreshAsync(seen, cancellationToken);
        var audience = new HandoffAudience(await admins.ToTellAsync(seen.WorkspaceId, cancellationToken), null);
        var lines = seen.NextHandoff <= now ? await WaitingAsync(seen, cancellationToken) : [];
        await store.ExecuteAsync(
            transaction =>
            {
                if (transaction.Find(RotationStore.Table, rotationId) is not { } stored)
                {
                    return false;
                }

                var rotation = stored.WithNames(names);
                rotation = HandOff(transaction, rotation, lines, audience, now);
                rotation = Notice(transaction, rotation, now);
                rotation = Remind(transaction, rotation, now);
                if (rotation != stored)
                {
                    transaction.Save(RotationStore.Table, rotation);
                    transaction.AfterCommit(() => alarms.Set(AlarmKind, rotation.Id));
                }

                return true;
            },
            cancellationToken);
    }

    /// <summary>What waits for whoever comes on duty, as far as each feature can say it in time.</summary>
    public async Task<IReadOnlyList<WaitingLine>> WaitingAsync(Rotation rotation, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var workspace = await store.ReadAsync(t => t.WorkspaceOf(rotation.WorkspaceId, rotation.CreatedBy), cancellationToken);
        var lines = new List<WaitingLine>();
        foreach (var one in waiting)
        {
            try
            {
                lines.AddRange(await one.WaitingAsync(workspace, rotation.Schedule.DateTimeZone(), Now(), limit.Token));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                Log.WaitingTookTooLong(logger, one.GetType().Name, rotation.Id);
            }
        }

        return lines;
    }

    /// <summary>Takes the handoffs that are due; of several only the newest is told.</summary>
    private Rotation HandOff(IWriteTransaction transaction, Rotation rotation, IReadOnlyList<WaitingLine> lines, HandoffAudience audience, Instant now)
    {
        var due = rotation.NextHandoff;
        if (rotation.AdvanceTo(now) is not { } handover)
        {
            return rotation;
        }

        var after = handover.Rotation;
        foreach (var past in handover.Past)
        {
            transaction.Append(rotation.Id, past);
        }

        transaction.Audit(
            rotation.WorkspaceId, now, "schedule", Subject(rotation), "handoff", $"shift {rotation.Current.Number}: {rotation.Current.OnDuty}",
            $"shift {after.Current.Number}: {after.Current.OnDuty}");
        var started = after.Current.Start;
        if (!transaction.TryOccur(HandoffKind, rotation.Id, after.Current.ScheduledOn, started, now))
        {
            // Told before, by a handoff that was later moved; the state follows all the same.
            return after;
        }

        messages.RemoveButtons(transaction, rotation, "This shift is over.", after.NextHandoff);
        var missed = handover.Past.Count - 1;
        if (missed > 0)
        {
            // Whoever had the shift before this one was never told of it, so they hand nothing over.
            after = after with { Current = after.Current with { From = null } };
        }

        Log.HandedOff(logger, rotation.Id, after.Current.Number, missed);
        telemetry.Lag("handoff", (now - due).ToTimeSpan());
        return messages.Handoff(
            transaction, after, missed == 0 ? rotation.Note : null, lines, now - started > Timetable.Late ? started : null, audience, now);
    }

    private Rotation Notice(IWriteTransaction transaction, Rotation rotation, Instant now)
    {
        if (rotation.NoticeDue is not { } due || due > now)
        {
            return rotation;
        }

        if (transaction.TryOccur("notice", rotation.Id, rotation.NextOn, due, now))
        {
            telemetry.Lag("notice", (now - due).ToTimeSpan());
            messages.Notice(transaction, rotation, now);
        }

        return rotation with { NoticedFor = rotation.NextOn };
    }

    private Rotation Remind(IWriteTransaction transaction, Rotation rotation, Instant now)
    {
        if (rotation.Current.RemindAt is not { } due || due > now)
        {
            return rotation;
        }

        telemetry.Lag("reminder", (now - due).ToTimeSpan());
        transaction.Cause = new Cause("reminder", rotation.Id, rotation.Current.ScheduledOn, due);
        var reminded = messages.Reminder(transaction, rotation, now);
        return reminded with { Current = reminded.Current with { RemindAt = null } };
    }

    public static string Subject(Rotation rotation) => $"rotation:{rotation.Id}";

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Rotation {Rotation} handed over to shift {Shift}; {Missed} handoffs before it were missed")]
        public static partial void HandedOff(ILogger logger, string rotation, long shift, int missed);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{What} did not answer in time for the handoff of rotation {Rotation}; it goes without")]
        public static partial void WaitingTookTooLong(ILogger logger, string what, string rotation);
    }
}

/// <summary>Follows renames: the members' names as Mattermost has them now.</summary>
internal sealed class RotationPeople(IDirectory directory)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The members' names; none of them if Mattermost does not answer soon, for then the known ones do.</summary>
    public async Task<IReadOnlyList<Member>> FreshAsync(Rotation rotation, CancellationToken cancellationToken)
    {
        if (rotation.Roster.Count == 0)
        {
            return [];
        }

        try
        {
            var users = await directory.UsersByIdAsync([.. rotation.Roster.Select(m => m.UserId)], cancellationToken).WaitAsync(Patience, cancellationToken);
            return [.. (users.ValueOrDefault ?? []).Select(ToMember)];
        }
        catch (TimeoutException)
        {
            return [];
        }
    }

    /// <summary>A user as a member without tenure.</summary>
    public static Member ToMember(MattermostUser user) => new(user.Id, user.Username, user.FirstName, user.LastName, []);
}
