using NodaTime;
using PmBot.Storage;

namespace PmBot.Calendars;

/// <summary>Puts what a feature knows into people's calendars. A feature registers its own; all of them stand in the calendar together.</summary>
public interface ICalendarSource
{
    /// <summary>What concerns somebody in a span of time: all that overlaps it, in any order.</summary>
    /// <remarks>
    /// A calendar leaves the house: nothing confidential may be in it. Nothing may be in it that changes by the passing of time alone,
    /// such as "in 3 days".
    /// </remarks>
    /// <param name="workspaceId">The workspace (Mattermost team).</param>
    /// <param name="userId">Whose calendar it is.</param>
    /// <param name="from">The beginning of the span.</param>
    /// <param name="until">Its end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store could not be read; then nothing is served.</exception>
    Task<IReadOnlyList<CalendarEvent>> EventsAsync(
        string workspaceId, string userId, Instant from, Instant until, CancellationToken cancellationToken);
}
