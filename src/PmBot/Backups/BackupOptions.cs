namespace PmBot.Backups;

/// <summary>The daily backup: <c>Storage:Backup</c> in the settings.</summary>
public sealed class BackupOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Storage:Backup";

    /// <summary>The folder of the backups; a relative one is beside the database. Empty or <c>off</c>: none are made.</summary>
    public string Folder { get; set; } = "backups";

    /// <summary>The wall-clock time at which one is made, each day, such as <c>03:30</c>.</summary>
    public string At { get; set; } = "03:30";

    /// <summary>The zone of that time: an id of the IANA time zone database.</summary>
    public string Zone { get; set; } = "UTC";

    /// <summary>How many are kept: a number from 1 to 1000. Text, so that one that is no number is told like any other wrong setting.</summary>
    public string Keep { get; set; } = "7";
}
