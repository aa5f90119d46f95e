using NodaTime;
using NodaTime.TimeZones;
using PmBot.Meetings;

namespace PmBot.Checks;

/// <summary>Whether the program's time zone database has every zone that something is planned in.</summary>
internal static class ZoneCheck
{
    private const string Subject = "zones";

    /// <summary>Looks.</summary>
    public static IReadOnlyList<Finding> Check(IReadOnlyList<UsedZone> used)
    {
        var version = TzdbDateTimeZoneSource.Default.TzdbVersion;
        var wrong = used.Where(z => DateTimeZoneProviders.Tzdb.GetZoneOrNull(z.Zone) is null)
            .Select(z => Finding.Wrong(Subject, $"{z.What} is in {z.Zone}, which the time zone database of this program ({version}) does not have. Install a newer PmBot, or type in Mattermost: {z.Remedy}"))
            .ToList();
        var zones = used.Select(z => z.Zone).DefaultIfEmpty(MeetingPlan.DefaultZone).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return wrong.Count > 0 ? wrong : [Finding.Fine(Subject, $"time zone database {version}; {string.Join(", ", zones)}")];
    }
}
