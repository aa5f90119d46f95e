using NodaTime;
using PmBot.Storage;

namespace PmBot.Requests;

/// <summary>A weekday and a wall-clock time.</summary>
public sealed record WeeklyTime(IsoDayOfWeek Day, LocalTime Time)
{
    /// <summary>The first date, later than <paramref name="now"/> at this time in the zone.</summary>
    /// <returns>The date, and the instant of that time on it; a time that the zone skips is as much later as the clocks jump.</returns>
    public (LocalDate Date, Instant At) After(Instant now, DateTimeZone zone)
    {
        // From yesterday on, for a zone that skips a day moves that day's time to the next one.
        var yesterday = now.InZone(zone).Date.PlusDays(-1);
        var date = yesterday.DayOfWeek == Day ? yesterday : yesterday.Next(Day);
        while (At(date) <= now)
        {
            date = date.PlusWeeks(1);
        }

        return (date, At(date));

        Instant At(LocalDate on) => on.At(Time).InZoneLeniently(zone).ToInstant();
    }
}

/// <summary>Something that is said every week: when, and when next.</summary>
/// <param name="When">The weekday and time; null if it is switched off.</param>
/// <param name="NextOn">The date for which it is due next; null if it is switched off.</param>
/// <param name="NextAt">The instant at which it is due next; null if it is switched off.</param>
public sealed record Weekly(WeeklyTime? When, LocalDate? NextOn, Instant? NextAt)
{
    /// <summary>At that time, the next time after <paramref name="now"/>.</summary>
    public static Weekly From(WeeklyTime? when, Instant now, DateTimeZone zone)
    {
        if (when is null)
        {
            return new Weekly(null, null, null);
        }

        var (date, at) = when.After(now, zone);
        return new Weekly(when, date, at);
    }

    /// <summary>It was said; next is the first time after <paramref name="now"/>.</summary>
    public Weekly Done(Instant now, DateTimeZone zone) => From(When, now, zone);
}

/// <summary>What a workspace's requests have in common: the areas, and when people are reminded.</summary>
public sealed record RequestBook : Aggregate
{
    /// <summary>The most areas of a workspace.</summary>
    public const int MostAreas = 200;

    /// <summary>The areas, in the order in which they are shown.</summary>
    public IReadOnlyList<Area> Areas { get; init; } = [];

    /// <summary>The zone of the times, as the time zone database writes it; also that in which ages and dates of requests are told.</summary>
    public string Zone { get; init; } = DefaultZone;

    /// <summary>The reminder of requests without a decision, in the product managers' channel.</summary>
    public required Weekly Decisions { get; init; }

    /// <summary>What is still nobody's, to the one on duty.</summary>
    public required Weekly Unassigned { get; init; }

    /// <summary>Where reminders are posted; null for the product managers' channel.</summary>
    public string? RemindersChannelId { get; init; }

    /// <summary>Palo Alto time.</summary>
    public const string DefaultZone = "America/Los_Angeles";

    /// <summary>The earliest instant at which something is due; null if all is switched off.</summary>
    public Instant? NextDue => (Decisions.NextAt, Unassigned.NextAt) switch
    {
        ({ } one, { } other) => Instant.Min(one, other),
        var (one, other) => one ?? other,
    };

    /// <summary>A new book: no areas, reminders on Mondays at 09:05 and Tuesdays at 09:00 (PRODUCT.md, section 3).</summary>
    public static RequestBook New(string workspaceId, Instant now)
    {
        var zone = DateTimeZoneProviders.Tzdb[DefaultZone];
        return new RequestBook
        {
            Id = workspaceId,
            Decisions = Weekly.From(new WeeklyTime(IsoDayOfWeek.Monday, new LocalTime(9, 5)), now, zone),
            Unassigned = Weekly.From(new WeeklyTime(IsoDayOfWeek.Tuesday, new LocalTime(9, 0)), now, zone),
        };
    }

    /// <summary>Everybody who owns an area, once.</summary>
    public IEnumerable<Person> Owners => Areas.SelectMany(a => a.Owners).DistinctBy(o => o.Id);

    /// <summary>The zone itself.</summary>
    public DateTimeZone DateTimeZone() => DateTimeZoneProviders.Tzdb[Zone];

    /// <summary>The calendar date in the book's zone.</summary>
    public LocalDate DateOf(Instant instant) => instant.InZone(DateTimeZone()).Date;

    /// <summary>The area of that name, or null.</summary>
    public Area? Find(string name) => new AreaIndex(Areas).Find(name);

    /// <summary>The book with that area, new or in the place of the one of its name.</summary>
    public RequestBook With(Area area) => this with
    {
        Areas = Find(area.Name) is null
            ? [.. Areas, area]
            : [.. Areas.Select(a => a.Key == area.Key ? area : a)],
    };

    /// <summary>The book without that area.</summary>
    public RequestBook Without(Area area) => this with { Areas = [.. Areas.Where(a => a.Key != area.Key)] };
}
