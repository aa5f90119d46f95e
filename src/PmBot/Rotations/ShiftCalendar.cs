using NodaTime;
using PmBot.Calendars;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>Puts people's shifts into their calendars: past ones, the one under way, those to come.</summary>
internal sealed class ShiftCalendar(IStore store, RotationTexts texts) : ICalendarSource
{
    public Task<IReadOnlyList<CalendarEvent>> EventsAsync(
        string workspaceId, string userId, Instant from, Instant until, CancellationToken cancellationToken) => store.ReadAsync<IReadOnlyList<CalendarEvent>>(
        t => [.. t.RotationsOf(workspaceId).SelectMany(r => Events(t, r, userId, from, until)).Where(e => e.End > from && e.Start < until)], cancellationToken);

    private IEnumerable<CalendarEvent> Events(IReadTransaction transaction, Rotation rotation, string userId, Instant from, Instant until)
    {
        foreach (var past in transaction.PastShiftsSince(rotation.Id, from))
        {
            if (Span(past.Shift, past.Earlier, userId) is { } span)
            {
                yield return Event(rotation, past.Shift, userId, span, isOver: true, past.Shift.End);
            }
        }

        var changed = transaction.LastChange(rotation.WorkspaceId, RotationClock.Subject(rotation)) ?? rotation.CreatedAt;
        foreach (var shift in rotation.Shifts().TakeWhile(s => s.Start < until))
        {
            if (Span(shift, shift.Number == rotation.Current.Number ? rotation.Current.Earlier : [], userId) is { } span)
            {
                yield return Event(rotation, shift, userId, span, isOver: false, changed);
            }
        }
    }

    /// <summary>From when until when somebody has a shift that may have changed hands in its course; null if never.</summary>
    private static Interval? Span(Shift shift, IReadOnlyList<Stint> earlier, string userId)
    {
        List<Stint> stints = [.. earlier, new Stint(shift.OnDuty, earlier is [.., var last] ? last.End : shift.Start, shift.End)];
        var own = stints.Where(s => s.OnDuty == userId && s.End > s.Start).ToList();
        return own.Count == 0 ? null : new Interval(own[0].Start, own[^1].End);
    }

    /// <summary>One event a shift, for it is known by the shift's number.</summary>
    private CalendarEvent Event(Rotation rotation, Shift shift, string userId, Interval span, bool isOver, Instant changed) =>
        new($"{rotation.Id}-{shift.Number}{CalendarEvent.UidSuffix}", span.Start, span.End, rotation.Schedule.Zone, rotation.Name, changed)
        {
            Description = texts.InCalendar(rotation, shift, userId, isOver),
            IsTransparent = true,
        };
}
