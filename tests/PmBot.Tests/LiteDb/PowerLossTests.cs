using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using NUnit.Framework.Internal;
using PmBot.LiteDb;
using PmBot.LiteDb.Files;
using PmBot.Storage;

namespace PmBot.Tests.LiteDb;

/// <summary>The power fails in the middle of writing: what was acknowledged is there, whole, and the database can be opened.</summary>
[TestFixture]
internal sealed class PowerLossTests
{
    private const int Callers = 6;

    // So short that it is brought into the database several times a round.
    private const long LongLog = 40 * 8192;

    private static readonly Table<Tally> Tallies = new("tallies", new Column<Tally>("name_key", t => $"tally {t.Id}"));

    private static int Rounds => Environment.GetEnvironmentVariable("PMBOT_FAULTS") == "full" ? 500 : 60;

    [Test]
    public async Task What_was_acknowledged_survives()
    {
        var image = await MakeAsync();
        var acknowledged = 0L;
        var reopened = 0;
        foreach (var seed in Seeds())
        {
            var (counted, after) = await LoseAsync(image, seed, syncs: true);
            acknowledged += counted.Values.Sum();
            await CheckAsync(counted, after, seed);
            reopened++;
        }

        await TestContext.Progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{reopened} power losses, {acknowledged} changes acknowledged, none lost, no database damaged"));
        Assert.That(acknowledged, Is.GreaterThan(20L * reopened), "there was something to lose");
    }

    [Test]
    public async Task Without_syncs_it_does_not_which_shows_that_this_can_be_seen()
    {
        var image = await MakeAsync();
        var bad = 0;
        foreach (var seed in Seeds())
        {
            var (counted, after) = await LoseAsync(image, seed, syncs: false);
            try
            {
                using (new TestExecutionContext.IsolatedContext())
                {
                    await CheckAsync(counted, after, seed);
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Damage shows in many ways.
                bad++;
            }
        }

        await TestContext.Progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"without syncs {bad} of {Rounds} power losses lost changes or damaged the database"));
        Assert.That(bad, Is.GreaterThan(Rounds / 10));
    }

    private static IEnumerable<int> Seeds() => Environment.GetEnvironmentVariable("PMBOT_FAULTS_SEED") is { } seed
        ? [int.Parse(seed, CultureInfo.InvariantCulture)]
        : Enumerable.Range(1, Rounds);

    private static async Task<(byte[] Data, byte[] Log)> MakeAsync()
    {
        var power = new SimulatedPower(int.MaxValue);
        using var data = new SimulatedFile(power, []);
        using var log = new SimulatedFile(power, []);
        LiteFiles.MakeEmpty(data);
        await using (var store = Open(data, log))
        {
            await store.ExecuteAsync(
                transaction =>
                {
                    transaction.Run("create table tallies (id text primary key, version bigint not null, body text not null, name_key text not null)");
                    transaction.Run("create unique index tallies_by_name on tallies (name_key)");
                    return transaction.Run("create table strokes (tally text, number bigint, primary key (tally, number))");
                },
                CancellationToken.None);
        }

        return (data.Seen(), log.Seen());
    }

    private static async Task<(Dictionary<string, long> Acknowledged, (byte[] Data, byte[] Log) After)> LoseAsync((byte[] Data, byte[] Log) image, int seed, bool syncs)
    {
#pragma warning disable CA5394 // repeatable by its seed, but for the order of the callers
        var random = new Random(seed);
        var power = new SimulatedPower(random.Next(50, 2000), syncs);
#pragma warning restore CA5394
        using var data = new SimulatedFile(power, image.Data);
        using var log = new SimulatedFile(power, image.Log);
        var acknowledged = new Dictionary<string, long>(StringComparer.Ordinal);
        LiteStore store;
        try
        {
            store = Open(data, log);
        }
        catch (IOException)
        {
            return (acknowledged, (data.AfterLoss(random), log.AfterLoss(random)));
        }

        await using (store)
        {
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
            {
                var id = caller.ToString(CultureInfo.InvariantCulture);
                try
                {
                    while (true)
                    {
                        var count = await store.ExecuteAsync(transaction => Count(transaction, id), CancellationToken.None);
                        lock (acknowledged)
                        {
                            acknowledged[id] = count;
                        }
                    }
                }
                catch (StoreUnavailableException)
                {
                    // The power has failed.
                }
            })));
        }

        return (acknowledged, (data.AfterLoss(random), log.AfterLoss(random)));
    }

    private static async Task CheckAsync(Dictionary<string, long> acknowledged, (byte[] Data, byte[] Log) after, int seed)
    {
        var power = new SimulatedPower(int.MaxValue);
        using var data = new SimulatedFile(power, after.Data);
        using var log = new SimulatedFile(power, after.Log);
        for (var opening = 0; opening < 2; opening++)
        {
            await using var store = Open(data, log);
            var found = await store.ReadAsync(
                transaction => transaction.Select(Tallies, "true").ToDictionary(
                    tally => tally.Id,
                    tally => (tally.Count, Strokes: transaction.Query<long>("select number from strokes where tally = @Id order by number", new { tally.Id })),
                    StringComparer.Ordinal),
                CancellationToken.None);
            foreach (var (id, count) in acknowledged)
            {
                Assert.That(found.ContainsKey(id), $"seed {seed}, caller {id}");
                Assert.That(found[id].Count, Is.GreaterThanOrEqualTo(count), $"seed {seed}, caller {id}: what was acknowledged");
            }

            foreach (var (id, (count, strokes)) in found)
            {
                Assert.That(strokes, Is.EqualTo(Enumerable.Range(1, (int)count).Select(n => (long)n)), $"seed {seed}, caller {id}: both rows of a change or none");
                Assert.That(await store.ExecuteAsync(transaction => Count(transaction, id), CancellationToken.None), Is.EqualTo(count + 1), $"seed {seed}: it goes on");
                acknowledged[id] = count + 1;
            }
        }
    }

    private static LiteStore Open(SimulatedFile data, SimulatedFile log) =>
        LiteStore.Open("a simulated disk", () => (data, log), hold: null, TimeProvider.System, NullLogger<LiteStore>.Instance, longLog: LongLog);

    private static long Count(IWriteTransaction transaction, string id)
    {
        var tally = transaction.Find(Tallies, id) ?? new Tally { Id = id };
        tally = tally with { Count = tally.Count + 1, Padding = new string('x', (int)(tally.Count * 37 % 12_000)) };
        transaction.Save(Tallies, tally);
        transaction.Run("insert into strokes (tally, number) values (@id, @number)", ("id", id), ("number", tally.Count));
        return tally.Count;
    }

    private sealed record Tally : Aggregate
    {
        public long Count { get; init; }

        public string Padding { get; init; } = "";
    }
}
