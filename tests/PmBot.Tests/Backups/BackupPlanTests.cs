using NodaTime;
using NodaTime.Text;
using NUnit.Framework;
using PmBot.Backups;

namespace PmBot.Tests.Backups;

/// <summary>When the daily backup is due, and which files it deletes.</summary>
internal sealed class BackupPlanTests
{
    [TestCase("03:30", "UTC", "2026-11-30T03:29:59Z", "2026-11-30T03:30:00Z")]
    [TestCase("03:30", "UTC", "2026-11-30T03:30:00Z", "2026-12-01T03:30:00Z")]
    [TestCase("03:30", "America/Los_Angeles", "2026-11-30T11:29:00Z", "2026-11-30T11:30:00Z", Description = "winter")]
    [TestCase("03:30", "America/Los_Angeles", "2027-03-13T11:30:00Z", "2027-03-14T10:30:00Z", Description = "an hour sooner once the clocks went forward")]
    [TestCase("03:30", "America/Los_Angeles", "2026-10-31T10:30:00Z", "2026-11-01T11:30:00Z", Description = "an hour later once they went back")]
    [TestCase("02:30", "America/Los_Angeles", "2027-03-13T10:30:00Z", "2027-03-14T10:30:00Z", Description = "skipped: at 03:30")]
    [TestCase("02:30", "America/Los_Angeles", "2027-03-14T10:30:00Z", "2027-03-15T09:30:00Z")]
    [TestCase("01:30", "America/Los_Angeles", "2026-10-31T08:30:00Z", "2026-11-01T08:30:00Z", Description = "twice: the first counts")]
    [TestCase("01:30", "America/Los_Angeles", "2026-11-01T08:30:00Z", "2026-11-02T09:30:00Z", Description = "and the second does not")]
    [TestCase("12:00", "Pacific/Apia", "2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z", Description = "a day that is skipped")]
    public void It_is_due_at_the_same_wall_clock_time_every_day(string at, string zone, string now, string due)
    {
        var (plan, faults) = BackupPlan.Read(new BackupOptions { At = at, Zone = zone });
        Assert.That(faults, Is.Empty);
        Assert.That(InstantPattern.General.Format(plan!.After(InstantPattern.General.Parse(now).Value)), Is.EqualTo(due));
    }

    [TestCase("")]
    [TestCase("off")]
    [TestCase("OFF ")]
    public void It_can_be_switched_off(string folder)
    {
        var (plan, faults) = BackupPlan.Read(new BackupOptions { Folder = folder, At = "never", Keep = "all" });
        Assert.That(plan, Is.Null);
        Assert.That(faults, Is.Empty);
    }

    [Test]
    public void Only_backups_beyond_those_to_keep_are_deleted()
    {
        var path = Directory.CreateTempSubdirectory("pmbot-kept-").FullName;
        var folder = new BackupFolder(path);
        string[] others =
        [
            "pmbot.db", "pmbot-2026-11-01T0330Z.db.bak", "pmbot-2026-11-01T0330Z.db-wal", "pmbot-2026-13-01T0330Z.db", "pmbot-2026-11-01T033Z.db", "my-pmbot-2026-11-01T0330Z.db",
            "PMBOT-2026-11-01T0330Z.db", "pmbot-2026-11-01.db",
        ];
        var backups = Enumerable.Range(1, 5).Select(day => $"pmbot-2026-11-0{day}T0330Z.db").ToList();
        foreach (var name in others.Concat(backups).Append("pmbot-2026-11-05T0330Z.db.0a1b2c3d.part"))
        {
            File.WriteAllText(Path.Combine(path, name), "x");
        }

        // The clock was wrong once: a backup of the future is no reason to delete one that is newer in truth.
        File.WriteAllText(Path.Combine(path, "pmbot-2030-01-01T0330Z.db"), "x");
        Assert.That(folder.Newest(Instant.FromUtc(2026, 11, 4, 3, 30)), Is.EqualTo(Instant.FromUtc(2026, 11, 4, 3, 30)));
        Assert.That(folder.Newest(Instant.FromUtc(2026, 10, 1, 3, 30)), Is.Null);
        Assert.That(folder.Prune(6, Instant.FromUtc(2026, 11, 5, 3, 30, 59)), Is.EqualTo(0));
        Assert.That(folder.Prune(3, Instant.FromUtc(2026, 11, 5, 3, 30, 59)), Is.EqualTo(3));
        folder.Sweep();
        Assert.That(Directory.EnumerateFiles(path).Select(Path.GetFileName), Is.EquivalentTo(others.Concat(backups[2..])));

        // It is wrong now: what it calls the future is all there is, and the newest of that stays.
        Assert.That(folder.Prune(3, Instant.FromUtc(1970, 1, 1, 0, 0)), Is.EqualTo(1));
        Assert.That(Directory.EnumerateFiles(path).Select(Path.GetFileName), Is.EquivalentTo(others.Concat(backups[3..])));
        Assert.That(folder.FileOf(Instant.FromUtc(2026, 11, 30, 3, 30)), Is.EqualTo(Path.Combine(path, "pmbot-2026-11-30T0330Z.db")));
        Directory.Delete(path, recursive: true);
    }
}
