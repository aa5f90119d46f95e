using NodaTime;

namespace PmBot.Calendars;

/// <summary>Something that stands in somebody's calendar.</summary>
/// <param name="Uid">
/// What calendar programs know it by: unique in the calendar, and the same whatever about it changes. Ends with <see cref="UidSuffix"/>.
/// </param>
/// <param name="Start">When it begins.</param>
/// <param name="End">When it is over; later than <paramref name="Start"/>.</param>
/// <param name="Zone">The zone in whose wall-clock time it stands there, an id of the IANA time zone database.</param>
/// <param name="Summary">Its title: plain text, as users wrote it.</param>
/// <param name="Changed">
/// When what it says was last changed, as far as is known. Never the present: as long as nothing changes, the calendar must not either.
/// </param>
public sealed record CalendarEvent(string Uid, Instant Start, Instant End, string Zone, string Summary, Instant Changed)
{
    /// <summary>What every <see cref="Uid"/> ends with, in the place of a host's name.</summary>
    public const string UidSuffix = "@pmbot";

    /// <summary>More about it: plain text of one or more lines, or null.</summary>
    public string? Description { get; init; }

    /// <summary>Whether one has time for other things meanwhile: then it makes nobody look busy.</summary>
    public bool IsTransparent { get; init; }
}
