using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Hosting;

/// <summary>The verbs as an operator types them: what they print, how they end, and what a kill leaves.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(180_000)]
internal sealed class BackupProgramTests : IDisposable
{
    private const string ConfiguredKey = "configured-signing-key-of-this-test";

    private readonly string _folder = Directory.CreateTempSubdirectory("pmbot-verbs-").FullName;

    private string Database => Path.Combine(_folder, "data", "pmbot.db");

    private string Copy => Path.Combine(_folder, "copy.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Backup_beside_a_running_bot_then_restore_and_the_way_back(CancellationToken cancellationToken)
    {
        var settings = Path.Combine(_folder, "my settings.json");
        await File.WriteAllTextAsync(settings, $$"""{ "Storage": { "ConnectionString": "Data Source={{Database}}" } }""", cancellationToken);
        await using (var running = Open())
        {
            await MarkAsync(running, "first");
            var made = await RunAsync([], cancellationToken, "backup", Copy, "--settings", settings);
            Assert.That((made.Code, made.Error), Is.EqualTo((0, "")));
            Assert.That(made.Output, Does.StartWith($"{Database} is backed up and checked: {Copy} (").And.Contain($"To restore it: pmbot restore {Copy} --settings '{settings}'"));

            var again = await RunAsync([], cancellationToken, "backup", Copy, "--settings", settings);
            Assert.That((again.Code, again.Output), Is.EqualTo((1, "")));
            Assert.That(again.Error, Does.StartWith($"PmBot made no backup:\n- {Copy} is there already"));
            Assert.That((await RunAsync([], cancellationToken, "backup", Copy, "--force", "--settings", settings)).Code, Is.Zero);

            await MarkAsync(running, "second");
            var refused = await RunAsync([], cancellationToken, "restore", Copy, "--settings", settings);
            Assert.That((refused.Code, refused.Output), Is.EqualTo((1, "")));
            Assert.That(refused.Error, Is.EqualTo($"PmBot restored nothing:\n- Another PmBot is using {Database}. Stop it, then restore again. Nothing was changed.\n"));
        }

        var restored = await RunAsync([], cancellationToken, "restore", Copy, "--settings", settings);
        Assert.That((restored.Code, restored.Error), Is.EqualTo((0, "")));
        Assert.That(restored.Output, Does.StartWith($"{Database} is restored from {Copy}: schema {SqliteMigrations.Latest}, it knows ").And.Contain("Next: start the bot."));
        Assert.That(await MarksAsync(), Is.EqualTo(["first"]));

        // The printed command, as it stands there.
        var line = restored.Output.Split('\n').Single(l => l.Contains("To go back", StringComparison.Ordinal));
        var kept = line.Split("pmbot restore ")[1].Split(" --settings ")[0];
        Assert.That(line, Does.EndWith($" --settings '{settings}'"));
        Assert.That((await RunAsync([], cancellationToken, "restore", kept, "--settings", settings)).Code, Is.Zero);
        Assert.That(await MarksAsync(), Is.EqualTo(["first", "second"]));
    }

    [Test]
    public async Task What_they_need_is_told(CancellationToken cancellationToken)
    {
        Assert.That((await RunAsync(Storage(), cancellationToken, "backup")).Code, Is.EqualTo(1));
        Assert.That((await RunAsync(Storage(), cancellationToken, "restore")).Code, Is.EqualTo(1));
        var postgres = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage__Provider"] = "Postgres" };
        Assert.That((await RunAsync(postgres, cancellationToken, "backup", Copy)).Error, Does.StartWith("PmBot made no backup:\n- ").And.Contain("pg_dump"));
        Assert.That((await RunAsync(postgres, cancellationToken, "restore", Copy)).Error, Does.StartWith("PmBot restored nothing:\n- ").And.Contain("pg_restore"));
        var other = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage__Provider"] = "Oracle" };
        Assert.That((await RunAsync(other, cancellationToken, "backup", Copy)).Error, Does.StartWith("PmBot made no backup:\n- Storage:Provider is \"Oracle\"."));
        var missing = await RunAsync(Storage(), cancellationToken, "backup", Copy, "--settings", Path.Combine(_folder, "none.json"));
        Assert.That((missing.Code, missing.Error), Is.EqualTo((1, $"PmBot made no backup:\n- --settings {Path.Combine(_folder, "none.json")}: there is no such file.\n")));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.Empty);
    }

    [Test]
    public async Task Killed_in_the_middle_a_backup_leaves_no_file_of_its_name(CancellationToken cancellationToken)
    {
        await using var running = Open();
        await SqliteBackupTests.FillAsync(running, 20_000);
        var killed = 0;
        for (var round = 0; round < 4; round++)
        {
            using var process = Start(Storage(), "backup", Copy);
            while (!process.HasExited && !Directory.EnumerateFiles(_folder, "*.part").Any(f => new FileInfo(f).Length >= round * 4_000_000))
            {
                await Task.Delay(1, cancellationToken);
            }

            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
            killed += process.ExitCode == 0 ? 0 : 1;
            if (process.ExitCode != 0)
            {
                Assert.That(File.Exists(Copy), Is.False);
            }

            foreach (var left in Directory.EnumerateFiles(_folder).ToList())
            {
                File.Delete(left);
            }
        }

        Assert.That(killed, Is.Positive, "none was killed in time");
        Assert.That((await RunAsync(Storage(), cancellationToken, "backup", Copy)).Code, Is.Zero);
        await MarkAsync(running, "the bot goes on");
    }

    [Test]
    public async Task Killed_at_any_moment_a_restore_leaves_the_old_or_the_new_database(CancellationToken cancellationToken)
    {
        await using (var store = Open())
        {
            await SqliteBackupTests.FillAsync(store, 5_000);
            await MarkAsync(store, "first");
            await new SqliteBackup($"Data Source={Database}", TimeProvider.System).MakeAsync(Copy, overwrite: false, cancellationToken);
            await MarkAsync(store, "second");
        }

        var steps = new HashSet<string>(StringComparer.Ordinal);
        var data = Path.GetDirectoryName(Database)!;
        var outcomes = new List<string>();
        foreach (var until in (string[])["*.part", "*.part-journal", "*.restoring-*", "*.before-restore-*", "*.part", "*.restoring-*", "*.before-restore-*"])
        {
            var keptBefore = Directory.EnumerateFiles(data, "*.before-restore-*").Count();
            using var process = Start(Storage(), "restore", Copy);
            while (!process.HasExited && Directory.EnumerateFiles(data, until).Count() <= (until.Contains("before", StringComparison.Ordinal) ? keptBefore : 0))
            {
                // As soon as it is seen; a pause would miss the short ones.
            }

            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
            steps.Add(process.ExitCode == 0 ? "done" : "killed");
            await using (var store = Open())
            {
                var marks = await store.ReadAsync(t => t.Query<string>("select key from meta where value = 'mark' order by key"), cancellationToken);
                outcomes.Add(string.Join(',', marks));
                Assert.That(outcomes[^1], Is.EqualTo("first").Or.EqualTo("first,second"));
                Assert.That(await store.ReadAsync(t => t.Query<string>("pragma integrity_check"), cancellationToken), Is.EqualTo(["ok"]));
                await store.ExecuteAsync(t => t.Run("insert into meta (key, value) values ('second', 'mark') on conflict do nothing"), cancellationToken);
            }

            Assert.That(Directory.EnumerateFiles(data, "*.restoring-*"), Is.Empty);
        }

        Assert.That(steps, Does.Contain("killed"));
        await TestContext.Out.WriteLineAsync(string.Join(" | ", outcomes));
    }

    [Test]
    public async Task Rotate_key_rolls_the_store_s_own_and_leaves_a_configured_one_alone(CancellationToken cancellationToken)
    {
        var none = await RunAsync(Storage(), cancellationToken, "rotate-key");
        Assert.That((none.Code, none.Error), Is.EqualTo((1, $"PmBot rotated nothing:\n- There is no database {Database}, so there is no key. Look at Storage:ConnectionString.\n")));
        await using (Open())
        {
            var running = await RunAsync(Storage(), cancellationToken, "rotate-key");
            Assert.That(running.Code, Is.EqualTo(1));
            Assert.That(running.Error, Does.StartWith($"PmBot rotated nothing:\n- Another PmBot is using {Database}. Stop it first"));
        }

        var first = await RunAsync(Storage(), cancellationToken, "rotate-key");
        Assert.That((first.Code, first.Output), Is.EqualTo((0, "There is a new signing key. Buttons and dialogs from before work for one more day. Next: start the bot.\n")));
        var key = Key();
        Assert.That((await RunAsync(Storage(), cancellationToken, "rotate-key")).Code, Is.Zero);
        Assert.That(Key(), Is.Not.EqualTo(key).And.Length.EqualTo(44));
        Assert.That(Meta("signing_keys_retired"), Does.Contain(key));
        var atOnce = await RunAsync(Storage(), cancellationToken, "rotate-key", "--now");
        Assert.That(atOnce.Output, Does.Contain("are refused from now on"));
        Assert.That(Meta("signing_keys_retired"), Is.EqualTo("[]"));

        var configured = new Dictionary<string, string?>(Storage(), StringComparer.Ordinal) { ["PmBot__SigningKey"] = ConfiguredKey };
        var refused = await RunAsync(configured, cancellationToken, "rotate-key");
        Assert.That(refused.Code, Is.EqualTo(1));
        Assert.That(refused.Error, Does.StartWith("PmBot rotated nothing:\n- PmBot:SigningKey is set").And.Contain("Set it to another value").And.Not.Contain(ConfiguredKey));
        key = Key();
        var only = await RunAsync(configured, cancellationToken, "rotate-key", "--now");
        Assert.That((only.Code, Key()), Is.EqualTo((0, key)));
        Assert.That(only.Output, Does.StartWith("The key of PmBot:SigningKey is the only one."));
        Assert.That(Meta("signing_keys_retired"), Is.EqualTo("[]"));
    }

    private static Task<int> MarkAsync(SqliteStore store, string key) =>
        store.ExecuteAsync(t => t.Run("insert into meta (key, value) values (@key, 'mark')", ("key", key)), CancellationToken.None);

    private Dictionary<string, string?> Storage() => new(StringComparer.Ordinal) { ["Storage__ConnectionString"] = $"Data Source={Database}" };

    private SqliteStore Open() => SqliteStore.Open($"Data Source={Database}", TimeProvider.System, NullLogger<SqliteStore>.Instance);

    private string Key() => Meta("signing_key");

    private string Meta(string key)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select value from meta where key = @key";
        command.Parameters.AddWithValue("@key", key);
        return (string)command.ExecuteScalar()!;
    }

    private async Task<IReadOnlyList<string>> MarksAsync()
    {
        await using var store = Open();
        return await store.ReadAsync(t => t.Query<string>("select key from meta where value = 'mark' order by key"), CancellationToken.None);
    }

    private Process Start(Dictionary<string, string?> environment, params string[] arguments) => PmBotProgram.Start(environment, _folder, arguments);

    private Task<(int Code, string Output, string Error)> RunAsync(
        Dictionary<string, string?> environment, CancellationToken cancellationToken, params string[] arguments) =>
        PmBotProgram.RunAsync(environment, _folder, cancellationToken, arguments);
}
