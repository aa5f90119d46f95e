using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.LiteDb;
using PmBot.LiteDb.Files;
using PmBot.Storage;

namespace PmBot.Tests.LiteDb;

[TestFixture]
internal sealed class LiteBackupTests
{
    private DirectoryInfo _folder = null!;

    private string Database => Path.Combine(_folder.FullName, "pmbot.litedb");

    private string Copy => Path.Combine(_folder.FullName, "copy.litedb");

    private LiteBackup Backup => new($"Filename={Database}", TimeProvider.System);

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("pmbot-litebackup-");

    [TearDown]
    public void TearDown() => _folder.Delete(recursive: true);

    [Test]
    public async Task A_backup_brings_back_what_there_was_and_marks_what_may_have_been_sent_since()
    {
        await using (var store = Open())
        {
            await PutAsync(store, "one");
            await store.ExecuteAsync(
                t => t.Run(
                    """
                    insert into deliveries (id, workspace_id, lane, body, state, created_at, due_at, attempts, first_attempt_at, uncertain, lease)
                    values ('d', 'w', 'l', '{}', 0, 1000, 1000, 0, null, 0, 0)
                    """),
                CancellationToken.None);
        }

        var made = await Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None);
        await using (var store = Open())
        {
            await PutAsync(store, "two");
        }

        var restored = await Backup.RestoreAsync(Copy, CancellationToken.None);

        Assert.That((made.Schema, restored.Schema), Is.EqualTo((LiteSchema.Latest, LiteSchema.Latest)));
        await using (var store = Open())
        {
            Assert.That(await KeysAsync(store), Is.EqualTo(["one", "restored_since"]));
            Assert.That(
                await store.ReadAsync(t => t.Query<string>("select uncertain || ' ' || first_attempt_at from deliveries"), CancellationToken.None), Is.EqualTo(["1 1000"]));
        }

        // What was there before is kept, and can be brought back in the same way.
        await Backup.RestoreAsync(restored.KeptAs!, CancellationToken.None);
        await using (var store = Open())
        {
            Assert.That(await KeysAsync(store), Is.EqualTo(["one", "restored_since", "two"]));
        }
    }

    [Test]
    public async Task Neither_is_done_under_a_running_bot()
    {
        await using (var store = Open())
        {
            await PutAsync(store, "one");
            var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None));
            Assert.That(refused!.Message, Does.Contain("Another PmBot is using").And.Contain("Stop it for the time of the backup"));
            await System.IO.File.WriteAllTextAsync(Copy, "x");
            await Assert.ThrowsAsync<StoreRefusedException>(() => Backup.RestoreAsync(Copy, CancellationToken.None));
        }

        await using var again = Open();
        Assert.That(await KeysAsync(again), Is.EqualTo(["one"]));
    }

    [Test]
    public async Task What_is_no_backup_is_refused_and_changes_nothing()
    {
        await using (var store = Open())
        {
            await PutAsync(store, "one");
        }

        await System.IO.File.WriteAllTextAsync(Copy, new string('x', 20_000));
        Assert.That((await Assert.ThrowsAsync<StoreRefusedException>(() => Backup.RestoreAsync(Copy, CancellationToken.None)))!.Message, Does.Contain("no LiteDB database"));
        await Assert.ThrowsAsync<StoreRefusedException>(() => Backup.MakeAsync(LiteFiles.LogOf(Database), overwrite: true, CancellationToken.None));
        await using var again = Open();
        Assert.That(await KeysAsync(again), Is.EqualTo(["one"]));
        Assert.That(_folder.GetFiles("*.part*"), Is.Empty);
    }

    [Test]
    public async Task A_restore_that_was_interrupted_is_ended_by_the_next_start()
    {
        await using (var store = Open())
        {
            await PutAsync(store, "one");
        }

        await Backup.MakeAsync(Copy, overwrite: false, CancellationToken.None);
        await using (var store = Open())
        {
            await PutAsync(store, "two");
        }

        // As it is once it was decided.
        System.IO.File.Move(Copy, Database + ".restoring-20261127T090000Z");
        await using var again = Open();
        Assert.That(await KeysAsync(again), Is.EqualTo(["one"]));
        Assert.That(System.IO.File.Exists(Database + ".before-restore-20261127T090000Z"));
    }

    private LiteStore Open() => LiteStore.Open($"Filename={Database}", TimeProvider.System, NullLogger<LiteStore>.Instance);

    private static Task<int> PutAsync(LiteStore store, string key) =>
        store.ExecuteAsync(t => t.Run("insert into meta (key, value) values (@key, 'x')", ("key", key)), CancellationToken.None);

    private static Task<IReadOnlyList<string>> KeysAsync(LiteStore store) =>
        store.ReadAsync(t => t.Query<string>("select key from meta order by key"), CancellationToken.None);
}
