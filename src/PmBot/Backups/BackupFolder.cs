using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;

namespace PmBot.Backups;

/// <summary>The folder of the daily backups. Files of other names in it are nobody's business here.</summary>
/// <param name="path">The folder.</param>
internal sealed partial class BackupFolder(string path)
{
    private static readonly InstantPattern Name = InstantPattern.CreateWithInvariantCulture("'pmbot-'uuuu'-'MM'-'dd'T'HHmm'Z.db'");

    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    /// <summary>Makes the folder, readable by its owner only, if it is not there.</summary>
    public void Make()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path);
        }
        else
        {
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>The file of a backup of that minute.</summary>
    public string FileOf(Instant at) => System.IO.Path.Combine(Path, Name.Format(at));

    /// <summary>When the newest was made; null if there is none. One of a time to come was made by a clock that was wrong, so nobody knows how old it is.</summary>
    public Instant? Newest(Instant now) => Backups().Select(b => (Instant?)b.At).FirstOrDefault(at => at <= now);

    /// <summary>The backups, the newest first.</summary>
    private IReadOnlyList<(string File, Instant At)> Backups() => !Directory.Exists(Path) ? [] :
    [
        .. Directory.EnumerateFiles(Path).Select(f => (File: f, At: Name.Parse(System.IO.Path.GetFileName(f)))).Where(f => f.At.Success)
            .Select(f => (f.File, f.At.Value)).OrderByDescending(f => f.Value),
    ];

    /// <summary>
    /// Deletes the backups beyond the newest ones, never the one that was just made. Those of a time after it are older all the same, and go first:
    /// the clock was wrong then.
    /// </summary>
    /// <param name="keep">How many are kept.</param>
    /// <param name="made">When the newest was made.</param>
    /// <returns>How many.</returns>
    public int Prune(int keep, Instant made)
    {
        var newest = FileOf(made);
        var others = Backups().Where(b => b.File != newest).OrderBy(b => b.At > made).Skip(keep - 1).ToList();
        others.ForEach(b => File.Delete(b.File));
        return others.Count;
    }

    /// <summary>Deletes what a process that was killed left of backups here.</summary>
    public void Sweep()
    {
        foreach (var file in Directory.EnumerateFiles(Path).Where(f => Unfinished().IsMatch(System.IO.Path.GetFileName(f))).ToList())
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"^pmbot-\d{4}-\d{2}-\d{2}T\d{4}Z\.db\.[0-9a-f]{8}\.part(-journal)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Unfinished();
}
