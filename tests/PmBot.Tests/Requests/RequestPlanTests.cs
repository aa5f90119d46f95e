using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using NUnit.Framework;
using PmBot.Requests;
using PmBot.Storage;

namespace PmBot.Tests.Requests;

/// <summary>
/// However many requests there are, a list reads its page and nothing else: each statement of the store finds its rows by an index, in
/// the order of that index. This asks SQLite how it would do it, not how long it takes.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RequestPlanTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 25, 18, 0);
    private static readonly LocalDate Today = new(2026, 11, 25);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pmbot-test-plans-");

    private static IEnumerable<TestCaseData> Statements()
    {
        yield return List("open", new RequestFilter.Open(), "requests_open");
        yield return List("unassigned", new RequestFilter.Unassigned(), "requests_unassigned");
        yield return List("undecided", new RequestFilter.Undecided(Today), "requests_undecided");
        yield return List("mine and @pm", new RequestFilter.Of("u"), "requests_by_assignee");
        yield return List("an area", new RequestFilter.In("a"), "requests_by_area");
        yield return List("stale", new RequestFilter.Stale(Now, Today), "requests_stale");
        yield return List("all", new RequestFilter.All(), "requests_by_age");
        yield return Case("waiting for the one on duty", t => t.UnassignedOf("w", Today, 10), "requests_unassigned");
        yield return Case("numbers without a decision", t => t.OldestWithoutDecision("w", "u", Today, 10), "requests_undecided");
        yield return Case("to be discussed", t => t.ToDiscuss("w", 100), "requests_to_discuss");
        yield return Case("open in an area", t => t.OpenIn("w", "a"), "requests_by_area");
        yield return Case("history", t => t.HistoryOf("w", 1, 15), "audit_by_subject");
        yield return Case("stats", t => RequestStats.Counts(t, "w"), "requests_for_stats");

        static TestCaseData List(string name, RequestFilter filter, string index) => Case(name, t => t.Page("w", filter, 490, 10), index);

        static TestCaseData Case(string name, Action<IReadTransaction> read, string index) => new TestCaseData(read, index).SetArgDisplayNames(name);
    }

    [TearDown]
    public void TearDown() => _folder.Delete(recursive: true);

    [TestCaseSource(nameof(Statements))]
    public async Task A_list_is_read_in_the_order_of_its_index(Action<IReadTransaction> read, string index)
    {
        foreach (var (sql, steps) in await PlansAsync(read))
        {
            Assert.That(steps.Where(s => s.StartsWith("SEARCH ", StringComparison.Ordinal)).ToList(), Has.Count.EqualTo(1).And.All.Contains($"INDEX {index} ("), sql);

            // What was found in the index is counted in a second step; that is no scan of a table.
            Assert.That(steps.Where(s => s.StartsWith("SCAN ", StringComparison.Ordinal) && s != "SCAN s"), Is.Empty, sql);
            Assert.That(steps, Has.None.Contains("TEMP B-TREE"), sql);

            // A whole request is read only where it is shown.
            if (!sql.StartsWith("select id, version, body", StringComparison.Ordinal) && index != "audit_by_subject")
            {
                Assert.That(steps, Has.Some.Contains("USING COVERING INDEX"), sql);
            }
        }
    }

    [Test]
    public async Task Each_managers_requests_without_a_decision_are_counted_in_one_index_and_only_the_managers_are_sorted()
    {
        var (_, steps) = (await PlansAsync(t => t.WithoutDecision("w", Today))).Single();
        Assert.That(steps, Is.EqualTo((string[])["SEARCH requests USING COVERING INDEX requests_undecided (workspace_id=? AND state=?)", "USE TEMP B-TREE FOR ORDER BY"]));
    }

    [Test]
    public async Task A_request_is_found_by_its_key()
    {
        await using var store = Open();
        var plan = await store.ReadAsync(
            t => t.Query<Step>("explain query plan select version, body from requests where id = @id", new { id = RequestStore.Id("w", 17) }), CancellationToken.None);
        Assert.That(plan.Single().Detail, Is.EqualTo("SEARCH requests USING INDEX sqlite_autoindex_requests_1 (id=?)"));
    }

    private SqliteStore Open() =>
        SqliteStore.Open($"Data Source={Path.Combine(_folder.FullName, "plans.db")}", TimeProvider.System, NullLogger<SqliteStore>.Instance);

    private async Task<IReadOnlyList<(string Sql, IReadOnlyList<string> Steps)>> PlansAsync(Action<IReadTransaction> read)
    {
        await using var store = Open();
        return await store.ReadAsync(
            t =>
            {
                var explaining = new Explaining(t);
                read(explaining);
                return explaining.Plans;
            },
            CancellationToken.None);
    }

    private sealed record Step(long Id, long Parent, long Notused, string Detail);

    /// <summary>Asks for the plan of each statement before it runs it.</summary>
    private sealed class Explaining(IReadTransaction transaction) : IReadTransaction
    {
        public List<(string Sql, IReadOnlyList<string> Steps)> Plans { get; } = [];

        public T? Find<T>(Table<T> table, string id)
            where T : Aggregate => transaction.Find(table, id);

        public IReadOnlyList<T> Select<T>(Table<T> table, string where, object? parameters = null)
            where T : Aggregate
        {
            Explain(TableSql.For(table, "").Select + where, parameters);
            return transaction.Select(table, where, parameters);
        }

        public IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters = null)
        {
            Explain(sql, parameters);
            return transaction.Query<TRow>(sql, parameters);
        }

        private void Explain(string sql, object? parameters) =>
            Plans.Add((sql, [.. transaction.Query<Step>($"explain query plan {sql}", parameters).Select(s => s.Detail)]));
    }
}
