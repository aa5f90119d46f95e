using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Meetings;
using PmBot.Rotations;
using PmBot.Scheduling;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>When the owners of action steps hear what is due: <c>friday 09:00</c>, perhaps with a zone, <c>off</c>, <c>default</c>.</summary>
internal sealed class StepTimeSetting(IStore store, NewWorkspaces workspaces, Alarms alarms, AgendaTexts texts, TimeProvider time) : IWorkspaceSetting
{
    public string Key => "schedule.actions";

    public string Explained =>
        "`schedule.actions`: weekday and time at which the owners of action steps hear what is due, such as `friday 09:00` or `friday 09:00 Europe/London`, or `off`, or `default`";

    public async Task<string> ShowAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var book = await store.ReadAsync(t => t.AgendaBookOf(workspaceId, Now()), cancellationToken);
        return book.Steps.When is { } when ? $"{WeeklySettings.Shown(when)} ({book.Zone})" : "off";
    }

    public Task<SettingAnswer> SetAsync(SettingRequest request, CancellationToken cancellationToken) => Read(request.Value) is var (when, zone)
        ? store.ExecuteAsync(transaction => Change(transaction, request, when, zone), cancellationToken)
        : Task.FromResult<SettingAnswer>(new SettingAnswer.Refused(
            $"{Markdown.Code(request.Value)} is no weekday and time. Write it like `friday 09:00`, perhaps with a zone such as `Europe/London` behind it, or `off`, or `default`."));

    /// <summary>Reads a value.</summary>
    /// <returns>The time, null for off, and the zone, null to leave it as it is; or null if it is no such value.</returns>
    private static (WeeklyTime? When, string? Zone)? Read(string typed)
    {
        if (RotationSettings.IsOff(typed))
        {
            return (null, null);
        }

        if (WeeklySettings.IsDefault(typed))
        {
            return (AgendaBook.UsualSteps, MeetingPlan.DefaultZone);
        }

        // A zone's id has no spaces; "9 am" has one.
        var last = typed.Trim().LastIndexOf(' ');
        var zone = last < 0 ? null : RotationSettings.Zone(typed.Trim()[last..]);
        return RotationSettings.DayAndTime(zone is null ? typed : typed.Trim()[..last]) is var (day, at) ? (new WeeklyTime(day, at), zone) : null;
    }

    private SettingAnswer Change(IWriteTransaction transaction, SettingRequest request, WeeklyTime? when, string? typedZone)
    {
        var now = Now();
        workspaces.Open(transaction, request.WorkspaceId, request.Caller.UserId);
        var before = transaction.AgendaBookOf(request.WorkspaceId, now);
        var moved = before with { Zone = typedZone ?? before.Zone };
        if (when == before.Steps.When && moved.Zone == before.Zone)
        {
            return new SettingAnswer.Refused($"That is how it is: {request.Command("settings")}.");
        }

        var zone = moved.DateTimeZone();
        var after = moved with { Steps = WeeklySettings.Next(transaction, StepClock.DueKind, moved.Id, when, now, zone) };
        transaction.Save(AgendaStore.Books, after);
        transaction.AfterCommit(() => alarms.Set(StepClock.AlarmKind, after.Id));
        var undo = WeeklySettings.Typed(before.Steps.When) + (before.Zone == after.Zone || before.Steps.When is null ? "" : $" {before.Zone}");
        request.Audit(transaction, now, undo);
        return new SettingAnswer.Changed(
            after.Steps is { When: { } set, NextAt: { } next }
                ? $"The owners of action steps hear {WeeklySettings.Shown(set)} ({after.Zone}) what is due, next on **{When.Time(next, zone, now)}**."
                : $"The owners of action steps do not hear any more what is due. They can see it themselves: {texts.Command("actions @name")}.",
            undo);
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
