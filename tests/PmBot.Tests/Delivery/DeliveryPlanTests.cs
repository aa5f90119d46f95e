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
        Assert.That(reads, Has.Count.EqualTo(3).And.All.Match("USING (COVERING )?INDEX deliveries_(open|by_due|parked)"));
    }

    private async Task<IReadOnlyList<string>> PlanAsync(string sql)
    {
        var plan = await _store.ReadAsync(t => t.Query<Step>($"explain query plan {sql}"), CancellationToken.None);
        return [.. plan.Select(s => s.Detail)];
    }

    private sealed record Step(long Id, long Parent, long Notused, string Detail);
}
