using NodaTime;
using NodaTime.Text;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Storage;

namespace PmBot.Agenda;

/// <summary>Where meetings, their records and action steps are stored.</summary>
internal static class AgendaStore
{
    public static Table<Meeting> Meetings { get; } = new(
        "meetings",
        new Column<Meeting>("workspace_id", m => m.WorkspaceId),
        new Column<Meeting>("name_key", m => Key(m.Plan.Name)),
        new Column<Meeting>("next_due", m => m.NextDue?.ToUnixTimeMilliseconds()));

    public static Table<MeetingRecord> Records { get; } = new(
        "meeting_records",
        new Column<MeetingRecord>("workspace_id", r => r.WorkspaceId),
        new Column<MeetingRecord>("meeting_id", r => r.MeetingId),
        new Column<MeetingRecord>("held_on", r => Iso(r.On)));

    public static Table<ActionStep> Steps { get; } = new(
        "action_steps",
        new Column<ActionStep>("workspace_id", s => s.WorkspaceId),
        new Column<ActionStep>("number", s => s.Number),
        new Column<ActionStep>("owner_id", s => s.Owner.Id),
        new Column<ActionStep>("open", s => s.IsOpen ? 1L : 0L),
        new Column<ActionStep>("due_on", s => Iso(s.Due)));

    public static Table<AgendaBook> Books { get; } = new(
        "agenda_books", new Column<AgendaBook>("next_due", b => b.Steps.NextAt?.ToUnixTimeMilliseconds()));

    /// <summary>A name as it is compared: its letters and digits.</summary>
    public static string Key(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Held by whoever decides by the meetings that a workspace has: their names, how many there are of a kind.</summary>
    public static string MeetingsLock(string workspaceId) => $"meetings:{workspaceId}";

    /// <summary>What the audit trail calls a meeting.</summary>
    public static string Subject(Meeting meeting) => $"meeting:{meeting.Id}";

    /// <summary>What the audit trail calls an action step.</summary>
    public static string Subject(ActionStep step) => FormattableString.Invariant($"step:{step.Number}");

    /// <summary>The key of an action step.</summary>
    public static string StepId(string workspaceId, long number) => FormattableString.Invariant($"{workspaceId}:{number}");

    /// <summary>The key of what a meeting came to on a date.</summary>
    public static string RecordId(string meetingId, LocalDate on) => $"{meetingId}:{Iso(on)}";

    /// <summary>The meetings of a workspace, the oldest first; those that it will have, if nothing was changed in it yet.</summary>
    public static IReadOnlyList<Meeting> MeetingsOf(this IReadTransaction transaction, string workspaceId, Instant now)
    {
        var meetings = transaction.Select(Meetings, "workspace_id = @workspaceId", new { workspaceId });
        return meetings.Count > 0 || transaction.Find(Books, workspaceId) is not null
            ? [.. meetings.OrderBy(m => m.CreatedAt).ThenBy(m => m.Id, StringComparer.Ordinal)]
            : DefaultsOf(workspaceId, now);
    }

    /// <summary>The meetings that every new workspace has; their ids are always the same.</summary>
    public static IReadOnlyList<Meeting> DefaultsOf(string workspaceId, Instant now) =>
    [
        .. MeetingPlan.Defaults(now.InZone(DateTimeZoneProviders.Tzdb[MeetingPlan.DefaultZone]).Date)
            .Select((plan, n) => Meeting.New(FormattableString.Invariant($"{workspaceId}:{n + 1}"), workspaceId, plan, now)),
    ];

    /// <summary>The workspace's book, or a new, unsaved one.</summary>
    public static AgendaBook AgendaBookOf(this IReadTransaction transaction, string workspaceId, Instant now) =>
        transaction.Find(Books, workspaceId) ?? AgendaBook.New(workspaceId, now);

    /// <summary>What a meeting came to on a date; null if that was not ended.</summary>
    public static MeetingRecord? RecordOf(this IReadTransaction transaction, string meetingId, LocalDate on) =>
        transaction.Find(Records, RecordId(meetingId, on));

    /// <summary>The last dates of a meeting that were ended, the newest first.</summary>
    public static IReadOnlyList<MeetingRecord> RecordsOf(this IReadTransaction transaction, string meetingId, int most) =>
        transaction.Select(Records, "meeting_id = @meetingId order by held_on desc limit @most", new { meetingId, most });

    public static ActionStep? StepOf(this IReadTransaction transaction, string workspaceId, long number) =>
        transaction.Find(Steps, StepId(workspaceId, number));

    /// <summary>The action steps of some numbers that there are, in their order.</summary>
    public static IReadOnlyList<ActionStep> StepsOf(this IReadTransaction transaction, string workspaceId, IEnumerable<long> numbers) =>
        [.. numbers.Select(n => transaction.StepOf(workspaceId, n)).OfType<ActionStep>()];

    /// <summary>The open action steps that are due by a date, the oldest first.</summary>
    public static IReadOnlyList<ActionStep> OpenSteps(this IReadTransaction transaction, string workspaceId, LocalDate until, int most) => transaction.Select(
        Steps, "workspace_id = @workspaceId and open = 1 and due_on <= @until order by due_on, number limit @most", new { workspaceId, until = Iso(until), most });

    /// <summary>Somebody's open action steps that are due by a date, the oldest first.</summary>
    public static IReadOnlyList<ActionStep> OpenStepsOf(this IReadTransaction transaction, string workspaceId, string userId, LocalDate until, int most) => transaction.Select(
        Steps, "workspace_id = @workspaceId and owner_id = @userId and open = 1 and due_on <= @until order by due_on, number limit @most",
        new { workspaceId, userId, until = Iso(until), most });

    /// <summary>The open action steps that are due by a meeting's current date: all of the workspace for the PM sync, else the meeting's own.</summary>
    public static IReadOnlyList<ActionStep> DueStepsOf(this IReadTransaction transaction, Meeting meeting, int most) => meeting.Plan.Kind == MeetingKind.Sync
        ? transaction.OpenSteps(meeting.WorkspaceId, meeting.On, most)
        : [.. transaction.OpenSteps(meeting.WorkspaceId, meeting.On, int.MaxValue).Where(s => s.Origin.MeetingId == meeting.Id).Take(most)];

    /// <summary>What a meeting's current agenda is made of beside its queue.</summary>
    public static AgendaMaterial MaterialOf(this IReadTransaction transaction, Meeting meeting, IReadOnlyList<RequestForMeeting> requests, Names names, Instant now)
    {
        if (meeting.Plan.Kind != MeetingKind.Sync)
        {
            return new AgendaMaterial([], transaction.DueStepsOf(meeting, AgendaTexts.MostLines), []);
        }

        var away = transaction.Away(meeting.WorkspaceId, now);
        return new AgendaMaterial(
            requests,
            transaction.DueStepsOf(meeting, AgendaTexts.MostLines),
            [
                .. transaction.ProductManagersOf(meeting.WorkspaceId, now)
                    .Where(id => !names.IsGone(id) && !meeting.Updates.Any(u => u.By.Id == id))
                    .OrderBy(names.Of, StringComparer.Ordinal)
                    .Select(id => (id, away.TryGetValue(id, out var until) ? until : (LocalDate?)null)),
            ]);
    }

    private static string Iso(LocalDate date) => LocalDatePattern.Iso.Format(date);
}
