using NodaTime;
using PmBot.Calendars;
using PmBot.Requests;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>
/// Puts the workspace's meetings into the calendars of those who take part in them. Of what is talked about nothing stands there, for a
/// calendar leaves the house.
/// </summary>
internal sealed class MeetingCalendar(IStore store, AgendaTexts texts, TimeProvider time) : ICalendarSource
{
    /// <summary>More dates than a meeting can have had in the weeks that a calendar looks back.</summary>
    private const int MostPast = 60;

    public Task<IReadOnlyList<CalendarEvent>> EventsAsync(
        string workspaceId, string userId, Instant from, Instant until, CancellationToken cancellationToken) => store.ReadAsync<IReadOnlyList<CalendarEvent>>(
        t =>
        {
            var now = Instant.FromDateTimeOffset(time.GetUtcNow());
            var meetings = t.MeetingsOf(workspaceId, now);
            var pms = t.ProductManagersOf(workspaceId, now);
            return pms.Count == 0 || pms.Contains(userId) || meetings.Any(m => m.Plan.Officers.Any(o => o.Id == userId) || m.Plan.ReleaseManager?.Id == userId)
                ? [.. meetings.SelectMany(m => Events(t, m, until)).Where(e => e.End > from && e.Start < until)]
                : [];
        },
        cancellationToken);

    private IEnumerable<CalendarEvent> Events(IReadTransaction transaction, Meeting meeting, Instant until)
    {
        // Meetings that a workspace will have are not stored yet; as of those no change is known.
        var changed = transaction.Find(AgendaStore.Meetings, meeting.Id) is null
            ? NodaConstants.UnixEpoch
            : transaction.LastChange(meeting.WorkspaceId, AgendaStore.Subject(meeting)) ?? meeting.CreatedAt;
        foreach (var past in transaction.RecordsOf(meeting.Id, MostPast))
        {
            yield return Event(meeting, past.On, past.MeetingName, changed);
        }

        for (var on = meeting.On; !meeting.Plan.IsOver && meeting.Plan.Occurrence(on).Start < until; on = meeting.Plan.NextAfter(on))
        {
            yield return Event(meeting, on, meeting.Plan.Name, changed);
        }
    }

    private CalendarEvent Event(Meeting meeting, LocalDate on, string name, Instant changed)
    {
        var occurrence = meeting.Plan.Occurrence(on);
        return new CalendarEvent($"{meeting.Id}-{AgendaTexts.Iso(on)}{CalendarEvent.UidSuffix}", occurrence.Start, occurrence.End, meeting.Plan.Zone, name, changed)
        {
            Description = texts.InCalendar(meeting, on),
        };
    }
}
