using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Storage
{
    /// <summary>kill -9 in the middle of writing: what was acknowledged is there, whole, and the database can be opened at once.</summary>
    internal abstract class KillContract
    {
        internal const string FolderVariable = "PMBOT_TEST_WRITE_UNTIL_KILLED";
        internal const string EngineVariable = "PMBOT_TEST_WRITE_UNTIL_KILLED_ENGINE";

        private const int Callers = 8;

        private static readonly Table<Tally> Tallies = new("tallies");

        [Test]
        public async Task What_was_acknowledged_survives_a_kill()
        {
            var folder = Directory.CreateTempSubdirectory("pmbot-kill-").FullName;
            await using (var store = OpenStore(Engine, folder))
            {
                await store.ExecuteAsync(
                    transaction =>
                    {
                        transaction.Run("create table tallies (id text primary key, version bigint not null, body text not null)");
                        return transaction.Run("create table strokes (tally text, number bigint, primary key (tally, number))");
                    },
                    CancellationToken.None);
            }

            for (var round = 1; round <= 3; round++)
            {
                var acknowledged = await KillWriter(folder, after: 400 * round);
                await using var store = OpenStore(Engine, folder);
                var (damage, found) = await store.ReadAsync(
                    transaction => (
                        Damage(transaction),
                        transaction.Select(Tallies, "true").ToDictionary(
                            tally => tally.Id,
                            tally => (
                                tally.Count,
                                Strokes: transaction.Query<long>("select count(*) from strokes where tally = @Id", new { tally.Id })[0]),
                            StringComparer.Ordinal)),
                    CancellationToken.None);

                Assert.That(damage, Is.Empty);
                Assert.That(acknowledged, Has.Count.EqualTo(Callers));
                Assert.Multiple(() =>
                {
                    foreach (var (id, count) in acknowledged)
                    {
                        Assert.That(found[id].Count, Is.GreaterThanOrEqualTo(count), $"caller {id}: what was acknowledged");
                        Assert.That(found[id].Strokes, Is.EqualTo(found[id].Count), $"caller {id}: both rows of a change or none");
                    }
                });
            }

            Directory.Delete(folder, recursive: true);
        }

        /// <summary>The engine, as <see cref="TestEngine"/> names it.</summary>
        protected abstract string Engine { get; }

        /// <summary>Writes as fast as it can until killed, and prints every acknowledgement as <c>caller count</c>.</summary>
        internal static void WriteUntilKilled(string engine, string folder)
        {
            var store = OpenStore(engine, folder);
            var print = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
            Task.WaitAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
            {
                var id = caller.ToString(CultureInfo.InvariantCulture);
                while (true)
                {
                    var count = await store.ExecuteAsync(transaction => Count(transaction, id), CancellationToken.None);
                    print.WriteLine($"{id} {count}");
                }
            })));
        }

        private static long Count(IWriteTransaction transaction, string id)
        {
            var tally = transaction.Find(Tallies, id) ?? new Tally { Id = id };
            tally = tally with { Count = tally.Count + 1, Padding = new string('x', 2000) };
            transaction.Save(Tallies, tally);
            transaction.Run("insert into strokes (tally, number) values (@id, @number)", ("id", id), ("number", tally.Count));
            return tally.Count;
        }

        /// <summary>What the engine itself finds wrong with its database.</summary>
        protected abstract IReadOnlyList<string> Damage(IReadTransaction transaction);

        private async Task<Dictionary<string, long>> KillWriter(string folder, int after)
        {
            var start = new ProcessStartInfo("dotnet", ["exec", typeof(KillContract).Assembly.Location])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(KillContract).Assembly.Location;
            start.Environment[FolderVariable] = folder;
            start.Environment[EngineVariable] = Engine;
            using var writer = Process.Start(start)!;
            try
            {
                return await ReadAcknowledged(writer, folder, after);
            }
            finally
            {
                writer.Kill();
                await writer.WaitForExitAsync();
            }
        }

        private async Task<Dictionary<string, long>> ReadAcknowledged(Process writer, string folder, int after)
        {
            var acknowledged = new Dictionary<string, long>(StringComparer.Ordinal);
            var lines = 0;
            while (await writer.StandardOutput.ReadLineAsync() is { } line)
            {
                // The last line may be cut off; what is left of its number is then too small, which claims less.
                if (line.Split(' ') is [var id, var count]
                    && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    acknowledged[id] = number;
                }

                if (++lines == after)
                {
                    Assert.Throws<StoreRefusedException>(() => OpenStore(Engine, folder), "the other process has it");
                    writer.Kill();
                }
            }

            Assert.That(lines, Is.GreaterThanOrEqualTo(after), "the writing process ended by itself");
            return acknowledged;
        }

        private static IStore OpenStore(string engine, string folder) => TestEngine.All.Single(e => e.Name == engine).Open(folder, TimeProvider.System);

        private sealed record Tally : Aggregate
        {
            public long Count { get; init; }

            public string Padding { get; init; } = "";
        }
    }
}

#pragma warning disable CA1050, MA0047, RCS1110 // The runtime looks for this type by this name, outside of namespaces.
/// <summary>Lets this assembly be the process that is to be killed; the runtime runs it before the (empty) entry point.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(KillContract.FolderVariable) is { } folder)
        {
            KillContract.WriteUntilKilled(Environment.GetEnvironmentVariable(KillContract.EngineVariable)!, folder);
        }
    }
}
