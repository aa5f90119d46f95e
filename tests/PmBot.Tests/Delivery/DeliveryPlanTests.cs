using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Delivery;

/// <summary>How SQLite reads what grows with all that was ever sent or posted.</summary>
internal sealed class DeliveryPlanTests
{
    private DirectoryInfo _folder = null!;
    private IStore _store = null!;

    [SetUp]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("pmbot-plans-");
        _store = TestEngine.Current.Open(_folder.FullName, TimeProvider.System);
    }

    [TearDown]
    public async Task Close()
    {
        await _store.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Old_posts_are_found_by_an_index() =>
        Assert.That(await PlanAsync("select post_id from inbox where received_at < 1 order by received_at limit 1"), Has.All.Contains("inbox_by_age"));

    [Test]
    public async Task How_it_stands_is_counted_in_indexes_of_what_is_open_and_never_in_all_that_was_sent()
    {
        var reads = (await PlanAsync(Outbox.StateSql)).Where(d => d.Contains("deliveries", StringComparison.Ordinal)).ToList();
        Assert.That(reads, Has.Count.EqualTo(3).And.All.Match("USING (COVERING )?INDEX deliveries_(open|parked)"));
    }

    [TestCase(Outbox.FirstsSql, "waiting|open")]
    [TestCase(Outbox.IsAllSql, "waiting")]
    [TestCase(Outbox.LanesSql, "open")]
    [TestCase(Outbox.PutOffSql, "waiting|open")]
    [TestCase(Outbox.NextSql, "waiting")]
    [TestCase(Outbox.UnderWaySql, "under_way")]
    [TestCase(Outbox.ExpireSql, "expiring")]
    public async Task What_is_sent_next_is_found_in_indexes_of_what_is_open_and_never_among_all_that_was_sent(string sql, string indexes)
    {
        var plan = (await PlanAsync(sql)).Where(d => d.StartsWith("SCAN ", StringComparison.Ordinal) || d.StartsWith("SEARCH ", StringComparison.Ordinal));

        // What was found by an index is gone through once more: the lanes, and what the inner query found (d, s). One row is read by its number.
        var reads = plan.Where(d => d is not ("SCAN lanes" or "SCAN d" or "SCAN s") && !d.EndsWith("USING INTEGER PRIMARY KEY (rowid=?)", StringComparison.Ordinal)).ToList();
        Assert.That(reads, Is.Not.Empty.And.All.Match($"USING (COVERING )?INDEX deliveries_({indexes})"));
    }

    private async Task<IReadOnlyList<string>> PlanAsync(string sql)
    {
        var plan = await _store.ReadAsync(t => t.Query<Step>($"explain query plan {sql}", new { now = 1L, latest = 2L, most = 4, looked = 500 }), CancellationToken.None);
        return [.. plan.Select(s => s.Detail)];
    }

    private sealed record Step(long Id, long Parent, long Notused, string Detail);
}
