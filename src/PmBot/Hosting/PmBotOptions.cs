using PmBot.Backups;

namespace PmBot.Hosting;

/// <summary>The bot itself: the <c>PmBot</c> section of the settings.</summary>
public sealed class PmBotOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "PmBot";

    /// <summary>Where the Mattermost server reaches the bot, e.g. <c>http://pmbot.internal:8080</c>; buttons lead there.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>The path under which all endpoints are, e.g. <c>/pmbot</c>; empty for none.</summary>
    public string BasePath { get; set; } = "";

    /// <summary>
    /// The secret that signs buttons and dialogs, at least 32 characters. Empty: the bot makes one at its first start and keeps it in
    /// its store.
    /// </summary>
    public string SigningKey { get; set; } = "";

    /// <summary>The practice of teams that have set none of their own: <c>2020</c> or <c>2021</c>.</summary>
    public string Practice { get; set; } = "2020";

    /// <summary>Usernames that may do everything, beside the admins of the team and of the server; they are told of trouble.</summary>
    public List<string> Admins { get; } = [];

    /// <summary>The words of the slash commands, by command: another integration may own the usual one.</summary>
    public Dictionary<string, string> Triggers { get; } = new(StringComparer.Ordinal)
    {
        ["pm-rotation"] = "pm-rotation",
        ["cr-assign"] = "cr-assign",
        ["agenda"] = "agenda",
    };
}

/// <summary>Where the bot keeps its data: the <c>Storage</c> section of the settings.</summary>
public sealed class StorageOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Storage";

    /// <summary>The engine: <c>Sqlite</c> for one process, <c>Postgres</c> for one or several.</summary>
    public string Provider { get; set; } = "Sqlite";

    /// <summary>The engine's connection string; for SQLite the file, as <c>Data Source=…</c>, for PostgreSQL <c>Host=…;Database=…;Username=…;Password=…</c>.</summary>
    public string ConnectionString { get; set; } = "Data Source=data/pmbot.db";

    /// <summary>
    /// Whether replicas on PostgreSQL keep their alarms together, in a schema of their own. If not, each keeps those that it set itself in memory, and what
    /// a dead one had set comes a minute late: enough for a single bot.
    /// </summary>
    public bool SharedAlarms { get; set; } = true;

    /// <summary>The daily backup.</summary>
    public BackupOptions Backup { get; } = new();
}
