using System.Globalization;
using PmBot.Agenda;
using PmBot.Mattermost.Inbound;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Checks;

/// <summary>A channel in which the bot has something to do.</summary>
/// <param name="WorkspaceId">The team.</param>
/// <param name="ChannelId">The channel, where one was set.</param>
/// <param name="Usual">Its usual name, where none was set; the bot does without if there is none of it.</param>
/// <param name="What">What it has to do there, as the rest of a sentence that begins with the channel.</param>
internal sealed record Place(string WorkspaceId, string? ChannelId, string? Usual, string What);

/// <summary>A zone in which something is planned.</summary>
/// <param name="Zone">Its id.</param>
/// <param name="What">What is planned in it.</param>
/// <param name="Remedy">What to type for another one.</param>
internal sealed record UsedZone(string Zone, string What, string Remedy);

/// <summary>What the other checks need to know of the store.</summary>
/// <param name="IsInUse">Whether a bot runs on it.</param>
/// <param name="Workspaces">The teams that it knows.</param>
/// <param name="Places">Where the bot has something to do.</param>
/// <param name="Zones">In which zones.</param>
internal sealed record StoreFacts(bool IsInUse, IReadOnlyList<string> Workspaces, IReadOnlyList<Place> Places, IReadOnlyList<UsedZone> Zones)
{
    /// <summary>Of a store that is empty, or cannot be read.</summary>
    public static StoreFacts None { get; } = new(false, [], [], []);
}

/// <summary>Whether the store can be used; looked at from outside, and left as it is.</summary>
internal sealed class StoreCheck(CheckSettings settings)
{
    private const string Subject = "store";
    private const long LittleSpace = 200L * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Looks.</summary>
    public (StoreFacts Facts, IReadOnlyList<Finding> Findings) Check() => settings.Engines.Find(settings.Storage.Provider) switch
    {
        SqliteEngine => OfFile(),
        PostgresEngine => OfServer(),
        null => (StoreFacts.None, [Finding.Skipped(Subject, "Storage:Provider names no engine.")]),
        var other => (StoreFacts.None, [Finding.Skipped(Subject, $"A database of {other.Name} is looked at by the bot alone, when it starts.")]),
    };

    private (StoreFacts Facts, IReadOnlyList<Finding> Findings) OfFile()
    {
        if (!SqliteStore.NamesFile(settings.Storage.ConnectionString))
        {
            return (StoreFacts.None, [Finding.Skipped(Subject, "Storage:ConnectionString names no file.")]);
        }

        var path = SqliteStore.FileOf(settings.Storage.ConnectionString);
        try
        {
            return File.Exists(path) ? Existing(path) : New(path);
        }
        catch (Exception e) when (e is StoreRefusedException or StoreUnavailableException or InvalidDataException or UnauthorizedAccessException or IOException)
        {
            return (StoreFacts.None with { IsInUse = IsInUse(path) }, [Finding.Wrong(Subject, e.Message)]);
        }
    }

    /// <summary>The key with which the bot signs, as it is now; null if there is none yet, or it cannot be read.</summary>
    public byte[]? SigningKey()
    {
        if (SigningKeyRing.OfSetting(settings.Bot.SigningKey) is { } configured)
        {
            return configured;
        }

        try
        {
            using var inspection = Inspection();
            return inspection is null or { Version: 0 } ? null : inspection.Read(SigningKeyRing.OwnSigningKey);
        }
        catch (Exception e) when (e is StoreRefusedException or StoreUnavailableException or UnauthorizedAccessException or IOException)
        {
            // The check of the store has said so.
            return null;
        }
    }

    private IStoreInspection? Inspection()
    {
        var connection = settings.Storage.ConnectionString;
        return settings.Engines.Find(settings.Storage.Provider) switch
        {
            SqliteEngine when SqliteStore.FileOf(connection) is var path && File.Exists(path) => SqliteInspection.Open(path, SqliteInspection.IsInUse(path)),
            PostgresEngine => PostgresInspection.Open(connection),
            _ => null,
        };
    }

    private (StoreFacts Facts, IReadOnlyList<Finding> Findings) OfServer()
    {
        try
        {
            var database = PostgresSettings.Read(settings.Storage.ConnectionString);
            using var inspection = PostgresInspection.Open(settings.Storage.ConnectionString);
            var facts = (inspection.Version == 0 ? StoreFacts.None : inspection.Read(t => Facts(t, inspection.Tables))) with { IsInUse = inspection.IsInUse };
            var findings = new List<Finding>();
            if (!inspection.MayChange)
            {
                findings.Add(Finding.Wrong(Subject, $"PmBot's user may not make its tables in the schema {database.Schema} of {database.Name}. Make it the owner of the database, or of the schema."));
            }
            else
            {
                var schema = inspection.Version == 0 ? "nothing in it yet; the first start makes its tables"
                    : inspection.Version < PostgresInspection.LatestVersion ? $"version {inspection.Version}, which the next start brings to {PostgresInspection.LatestVersion} (make a dump before)"
                    : $"version {inspection.Version}";
                findings.Add(Finding.Fine(Subject, $"PostgreSQL {inspection.Server}, {database.Name}, schema {database.Schema}: {schema}{(facts.IsInUse ? ", in use by a running bot" : "")}."));
            }

            if (!inspection.Syncs)
            {
                findings.Add(Finding.Warning(Subject, $"fsync is off at {database.Name}: when its machine loses power, what was acknowledged is lost. Set fsync = on in postgresql.conf."));
            }

            return (facts, findings);
        }
        catch (Exception e) when (e is StoreRefusedException or StoreUnavailableException or InvalidDataException)
        {
            return (StoreFacts.None, [Finding.Wrong(Subject, e.Message)]);
        }
    }

    private static bool IsInUse(string path)
    {
        try
        {
            return SqliteInspection.IsInUse(path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    private static (StoreFacts Facts, IReadOnlyList<Finding> Findings) New(string path)
    {
        // The bot makes what folders are missing.
        var folder = Path.GetDirectoryName(path)!;
        var existing = folder;
        while (!Directory.Exists(existing) && !File.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        return Directory.Exists(existing) && CanWriteInto(existing)
            ? (StoreFacts.None, [Finding.Fine(Subject, $"{path} is not there yet; the first start makes it. {Space(existing)}"), .. Full(existing)])
            : (StoreFacts.None, [Finding.Wrong(Subject, $"{path} is not there yet, and cannot be made: nothing can be written into {existing} by this user. Make {folder} and give it to the user of the bot, or set Storage:ConnectionString to another file.")]);
    }

    private (StoreFacts Facts, IReadOnlyList<Finding> Findings) Existing(string path)
    {
        var isInUse = SqliteInspection.IsInUse(path);
        var findings = new List<Finding>();
        if (!isInUse && !(SqliteInspection.IsWritable(path) && CanWriteInto(Path.GetDirectoryName(path)!)))
        {
            findings.Add(Finding.Wrong(Subject, $"This user may not write {path}, or into its folder. Run this as the user of the bot; if it is that one, give it both: chown -R USER {Path.GetDirectoryName(path)}"));
        }

        using var inspection = SqliteInspection.Open(path, isInUse);
        var damage = inspection.QuickCheck(Patience);
        if (damage is not (null or "ok"))
        {
            if (!isInUse && SqliteInspection.IsInUse(path))
            {
                // A bot has started meanwhile, and written what was read here as if nobody would.
                return Existing(path);
            }

            return (StoreFacts.None with { IsInUse = isInUse }, [.. findings, Finding.Wrong(Subject, $"{path} is damaged: {damage} Stop the bot, and put a backup in its place: pmbot restore BACKUP")]);
        }

        var facts = inspection.Version == 0 ? StoreFacts.None : inspection.Read(t => Facts(t, inspection.Tables));
        var schema = inspection.Version < SqliteInspection.LatestVersion
            ? $"schema {inspection.Version}, which the next start brings to {SqliteInspection.LatestVersion} (make a backup before)"
            : $"schema {inspection.Version}";
        var whole = damage is null ? $"not looked through in {Patience.TotalSeconds:0} s, for it is large" : "undamaged";
        findings.AddRange(OpenToOthers(path));
        findings.AddRange(Full(path));
        if (findings.All(f => f.Verdict != Verdict.Wrong))
        {
            findings.Insert(0, Finding.Fine(Subject, $"{path}, {schema}, {whole}{(isInUse ? ", in use by a running bot" : "")}. {Space(path)}"));
        }

        return (facts with { IsInUse = isInUse }, findings);
    }

    private static IEnumerable<Finding> OpenToOthers(string path)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & others) != UnixFileMode.None)
        {
            yield return Finding.Warning(Subject, $"Others than its owner can read or write {path}, which holds what people wrote and the key that signs buttons. Type: chmod 600 {path}");
        }
    }

    private static IEnumerable<Finding> Full(string path)
    {
        if (new DriveInfo(path).AvailableFreeSpace < LittleSpace)
        {
            yield return Finding.Warning(Subject, $"Little space is left on the disk of {path}: {Space(path)} Make room; when it is full, the bot refuses all changes.");
        }
    }

    private static string Space(string path)
    {
        var megabytes = new DriveInfo(path).AvailableFreeSpace / (1024.0 * 1024);
        return megabytes < 10_000
            ? string.Create(CultureInfo.InvariantCulture, $"{megabytes:0} MB free.")
            : string.Create(CultureInfo.InvariantCulture, $"{megabytes / 1024:0} GB free.");
    }

    /// <summary>Whether a file can be made in a folder: one is, and is gone again at once.</summary>
    private static bool CanWriteInto(string folder)
    {
        try
        {
            using var file = new FileStream(
                Path.Combine(folder, $".pmbot-check-{Guid.NewGuid():n}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    private StoreFacts Facts(IReadTransaction store, IReadOnlyList<string> tables)
    {
        var (rotation, agenda) = (settings.Trigger("pm-rotation"), settings.Trigger("agenda"));
        var workspaces = All(Workspace.Table);
        var rotations = All(RotationStore.Table);
        var requests = All(RequestStore.Books);
        var meetings = All(AgendaStore.Meetings);
        var books = All(AgendaStore.Books);
        List<string> ids = [.. workspaces.Select(w => w.Id).Concat(rotations.Select(r => r.WorkspaceId)).Concat(meetings.Select(m => m.WorkspaceId)).Distinct(StringComparer.Ordinal)];
        List<Place> places =
        [
            .. ids.SelectMany(id => Purposes(id, workspaces.FirstOrDefault(w => w.Id == id))),
            .. requests.Where(r => r.RemindersChannelId is not null).Select(r => new Place(r.Id, r.RemindersChannelId, null, "is where reminders of requests are posted")),
            .. rotations.Where(r => r.AnnounceChannelId is not null).Select(r => new Place(r.WorkspaceId, r.AnnounceChannelId, null, $"is where \"{r.Name}\" is announced")),
            .. rotations.Where(r => r.HeaderChannelId is not null).Select(r => new Place(r.WorkspaceId, r.HeaderChannelId, null, $"has whoever is on duty for \"{r.Name}\" in its header")),
            .. meetings.Where(m => m.Plan.ChannelId is not null).Select(m => new Place(m.WorkspaceId, m.Plan.ChannelId, null, $"is the channel of the meeting \"{m.Plan.Name}\"")),
            .. meetings.Where(m => m.Plan.PrivateChannelId is not null).Select(m => new Place(m.WorkspaceId, m.Plan.PrivateChannelId, null, $"is where the meeting \"{m.Plan.Name}\" has its confidential items")),
        ];
        List<UsedZone> zones =
        [
            .. rotations.Select(r => new UsedZone(r.Schedule.Zone, $"the rotation \"{r.Name}\"", $"/{rotation} set zone ZONE --rotation \"{r.Name}\"")),
            .. meetings.Select(m => new UsedZone(m.Plan.Zone, $"the meeting \"{m.Plan.Name}\"", $"/{agenda} meeting set {m.Plan.Name} zone ZONE")),
            .. requests.Select(r => new UsedZone(r.Zone, "the reminders of requests", $"/{rotation} set schedule.zone ZONE")),
            .. books.Select(b => new UsedZone(b.Zone, "the reminders of action steps", $"/{rotation} set schedule.actions friday 09:00 ZONE")),
        ];
        return new StoreFacts(false, ids, places, zones);

        // A store of an older program has fewer tables.
        IReadOnlyList<T> All<T>(Table<T> table)
            where T : Aggregate => tables.Contains(table.Name) ? store.Select(table, "1 = 1 order by id") : [];
    }

    /// <summary>The channels of a team that have a purpose, set or by their usual names.</summary>
    public static IEnumerable<Place> Purposes(string workspaceId, Workspace? workspace) =>
    [
        new(workspaceId, workspace?.PmChannelId, "product-management", "is the product managers' channel (channel.pm)"),
        new(workspaceId, workspace?.PrivateChannelId, "pm-private", "is their private channel (channel.private)"),
        new(workspaceId, workspace?.TwitterChannelId, "twitter", "has the posts from Twitter (channel.twitter)"),
    ];
}
