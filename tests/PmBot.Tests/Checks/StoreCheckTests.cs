using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Checks;
using PmBot.Storage;

namespace PmBot.Tests.Checks;

/// <summary>The check's look at the store: it says what is wrong, and leaves every byte where it is.</summary>
[Parallelizable(ParallelScope.All)]
[UnsupportedOSPlatform("windows")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StoreCheckTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pmbot-storecheck-").FullName;

    private string Database => Path.Combine(_folder, "pmbot.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task A_running_bot_goes_on_as_if_nobody_looked()
    {
        await using var store = Open();
        await WriteAsync(store, "before");
        var (facts, findings) = Check();
        Assert.That(facts.IsInUse, Is.True);
        Assert.That(findings.Single().Text, Does.Contain(", undamaged, in use by a running bot. "));
        await WriteAsync(store, "after");
        Assert.That(() => Open(), Throws.TypeOf<StoreRefusedException>().With.Message.StartsWith("Another PmBot is using"), "the bot still has its lock");
    }

    [Test]
    public async Task Looking_does_not_keep_a_bot_from_starting()
    {
        await Open().DisposeAsync();
        using var inspection = SqliteInspection.Open(Database, isInUse: false);
        await using var store = Open();
        await WriteAsync(store, "meanwhile");
    }

    [Test]
    public async Task What_a_crash_left_in_the_log_is_read_and_left_there()
    {
        var copy = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "copy")).FullName, "pmbot.db");
        await using (var store = Open())
        {
            await WriteAsync(store, "only in the log");
            foreach (var end in new[] { "", "-wal" })
            {
                File.Copy(Database + end, copy + end);
            }
        }

        Assert.That(new FileInfo(copy + "-wal").Length, Is.GreaterThan(0));
        var before = Bytes(copy, "-wal");
        var (_, findings) = Check(copy);
        Assert.That(findings.Single().Verdict, Is.EqualTo(Verdict.Fine), findings[0].Text);
        using (var inspection = SqliteInspection.Open(copy, isInUse: false))
        {
            Assert.That(inspection.Read(t => t.Query<string>("select value from meta where key = 'test'")), Is.EqualTo(new List<string> { "only in the log" }));
        }

        Assert.That(Bytes(copy, "-wal"), Is.EqualTo(before));
    }

    [Test]
    public async Task A_newer_a_foreign_and_a_broken_database_are_told_as_at_start()
    {
        await Open().DisposeAsync();
        Sql("pragma user_version = 9999");
        AssertWrong("was written by a newer PmBot: its schema is 9999");

        File.Delete(Database);
        Sql("create table theirs (x text)");
        AssertWrong("is a database of another program.");

        await File.WriteAllTextAsync(Database, new string('x', 5000));
        AssertWrong("is no SQLite database, or a damaged one.");
    }

    [Test]
    public async Task A_damaged_page_is_found()
    {
        await using (var store = Open())
        {
            // Small enough to stand in the tree itself, whose pages have a form.
            await store.ExecuteAsync(
                t => Enumerable.Range(0, 3000).Sum(n => t.Run("insert into meta (key, value) values (@key, @value)", ("key", $"k{n}"), ("value", new string('x', 300)))), CancellationToken.None);
        }

        using (var file = new FileStream(Database, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Seek(file.Length / 2, SeekOrigin.Begin);
            file.Write(new byte[20_000]);
        }

        AssertWrong("is damaged");
    }

    [Test]
    public async Task An_older_schema_is_fine_and_named()
    {
        await Open().DisposeAsync();
        Sql("drop table meetings; drop table agenda_books; pragma user_version = 4");
        var (facts, findings) = Check();
        Assert.That(findings.Single().Text, Does.Contain($"schema 4, which the next start brings to {SqliteInspection.LatestVersion} (make a backup before), undamaged."));
        Assert.That(facts.Places, Is.Empty);
    }

    [Test]
    public async Task A_database_that_others_can_read_is_a_warning()
    {
        await Open().DisposeAsync();
        File.SetUnixFileMode(Database, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var (_, findings) = Check();
        Assert.That(findings.Select(f => f.Verdict), Is.EqualTo(new List<Verdict> { Verdict.Fine, Verdict.Warning }));
        Assert.That(findings[1].Text, Does.EndWith($"Type: chmod 600 {Database}"));
    }

    [Test]
    public void A_folder_that_cannot_be_written_is_named()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        AssertWrong("cannot be made", Path.Combine(file, "data", "pmbot.db"));
        AssertWrong("cannot be made: nothing can be written into /proc by this user.", "/proc/pmbot/pmbot.db");
        Assert.That(Check(Path.Combine(_folder, "a", "b", "pmbot.db")).Findings.Single().Verdict, Is.EqualTo(Verdict.Fine));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.EqualTo(new List<string> { file }), "what was made is gone again");
    }

    private void AssertWrong(string says, string? path = null)
    {
        var before = path is null ? Bytes(Database) : "";
        var (facts, findings) = Check(path);
        Assert.That(findings.Single().Verdict, Is.EqualTo(Verdict.Wrong));
        Assert.That(findings.Single().Text, Does.StartWith(path ?? Database).And.Contains(says));
        Assert.That(facts.Places, Is.Empty);
        if (path is null)
        {
            Assert.That(Bytes(Database), Is.EqualTo(before));
        }
    }

    private (StoreFacts Facts, IReadOnlyList<Finding> Findings) Check(string? path = null) => new StoreCheck(new CheckSettings(
        new ConfigurationBuilder().AddInMemoryCollection([new("Storage:ConnectionString", $"Data Source={path ?? Database}")]).Build(), null, null)).Check();

    private SqliteStore Open() => SqliteStore.Open($"Data Source={Database}", TimeProvider.System, NullLogger<SqliteStore>.Instance);

    private static Task<int> WriteAsync(SqliteStore store, string value, string key = "test") => store.ExecuteAsync(
        t => t.Run("insert into meta (key, value) values (@key, @value) on conflict (key) do update set value = excluded.value", ("key", key), ("value", value)), CancellationToken.None);

    private static string Bytes(string path, params string[] ends) => string.Concat(ends.Prepend("").Select(end => Convert.ToHexString(File.ReadAllBytes(path + end))));

    private void Sql(string statement)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own statements
        command.CommandText = statement;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
