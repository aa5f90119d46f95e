using NodaTime;
using PmBot.People;
using PmBot.Scheduling;
using PmBot.Storage;

namespace PmBot.Requests;

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
