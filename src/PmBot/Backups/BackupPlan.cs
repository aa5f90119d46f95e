using System.Globalization;
using NodaTime;
using NodaTime.Text;
using PmBot.Hosting;

namespace PmBot.Backups;

/// <summary>When the daily backup is made, and how many are kept.</summary>
/// <param name="Folder">The folder, as configured.</param>
/// <param name="At">The wall-clock time.</param>
/// <param name="Zone">Its zone.</param>
/// <param name="Keep">How many are kept, the newest; at least 1.</param>
public sealed record BackupPlan(string Folder, LocalTime At, DateTimeZone Zone, int Keep)
{
    private const int MostKept = 1000;

    private static readonly LocalTimePattern TimeOfDay = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    /// <summary>Reads the settings.</summary>
    /// <returns>The plan, null if backups are off or the settings are wrong; and what is wrong.</returns>
    public static (BackupPlan? Plan, IReadOnlyList<string> Faults) Read(BackupOptions options)
    {
        if (options.Folder.Trim() is "" || string.Equals(options.Folder.Trim(), "off", StringComparison.OrdinalIgnoreCase))
        {
            return (null, []);
        }

        var faults = new List<string>();
        if (options.Folder.AsSpan().ContainsAny(Path.GetInvalidPathChars()))
        {
            faults.Add(SettingFault.OfSecret($"{BackupOptions.Section}:Folder", "has a character that no path can have", "Set it to a folder, or to off."));
        }

        var at = TimeOfDay.Parse(options.At);
        if (!at.Success)
        {
            faults.Add(SettingFault.Of($"{BackupOptions.Section}:At", options.At, "Set it to a time of the day, such as 03:30."));
        }

        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(options.Zone);
        if (zone is null)
        {
            faults.Add(SettingFault.Of($"{BackupOptions.Section}:Zone", options.Zone, "Set it to a zone of the IANA database, such as UTC or America/Los_Angeles."));
        }

        if (!int.TryParse(options.Keep, NumberStyles.None, CultureInfo.InvariantCulture, out var keep) || keep is < 1 or > MostKept)
        {
            faults.Add(SettingFault.Of($"{BackupOptions.Section}:Keep", options.Keep, $"Set it to how many backups to keep, from 1 to {MostKept}. To make none, set {BackupOptions.Section}:Folder to off."));
        }

        return faults.Count > 0 ? (null, faults) : (new BackupPlan(options.Folder.Trim(), at.Value, zone!, keep), []);
    }

    /// <summary>The first time for a backup after an instant. A time that the zone skips is as much later as the clocks jump; of one that comes twice the first counts.</summary>
    public Instant After(Instant now)
    {
        // From yesterday on, for a zone that skips a day moves that day's time to the next one.
        var date = now.InZone(Zone).Date.PlusDays(-1);
        Instant at;
        do
        {
            at = date.At(At).InZoneLeniently(Zone).ToInstant();
            date = date.PlusDays(1);
        }
        while (at <= now);

        return at;
    }
}
