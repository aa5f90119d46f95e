using NUnit.Framework;
using PmBot.Storage;

namespace PmBot.Tests.Storage;

/// <summary>What every engine promises. An engine's fixture says only how to open its database.</summary>
public abstract class StoreContract
{
    protected static readonly Table<Sample> Samples = new(
        "samples",
        new("owner", sample => sample.Owner),
        new("name_key", sample => sample.Name.ToLowerInvariant()),
        new("due", sample => sample.Due));

    /// <summary>The open store of this test.</summary>
    protected IStore Store { get; private set; } = null!;

    [SetUp]
    public async Task OpenEmpty()
    {
        Store = Open();
        await Store.ExecuteAsync(
            transaction =>
            {
                transaction.Run(
                    "create table samples (id text primary key, version bigint not null, body text not null, " +
                    "owner text not null, name_key text not null, due bigint)");
                transaction.Run("create unique index samples_by_name on samples (owner, name_key)");
                return transaction.Run("create table notes (number bigint primary key, text text)");
            },
            Cancellation);
    }

    [TearDown]
    public ValueTask Close() => Store.DisposeAsync();

    [Test]
    public async Task An_aggregate_comes_back_as_it_was_saved()
    {
        var saved = New("a") with { Tags = ["x", "ü"], Due = 17 };
        await Save(saved);
        var loaded = await Find("a");

        Assert.That(loaded, Is.Not.Null);
        Assert.Multiple(() =>
        {
            Assert.That(loaded!.Name, Is.EqualTo(saved.Name));
            Assert.That(loaded.Tags, Is.EqualTo(saved.Tags));
            Assert.That(loaded.Due, Is.EqualTo(17));
            Assert.That(loaded.Version, Is.EqualTo(1));
            Assert.That(saved.Version, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task What_was_never_saved_is_not_found() => Assert.That(await Find("nobody"), Is.Null);

    [Test]
    public async Task A_change_sees_its_own_writes()
    {
        var seen = await Store.ExecuteAsync(
            transaction =>
            {
                transaction.Save(Samples, New("a"));
                var own = transaction.Find(Samples, "a")!;
                transaction.Save(Samples, own with { Count = 5 });
                return (Found: transaction.Find(Samples, "a")!, Counted: transaction.Query<long>("select count(*) from samples")[0]);
            },
            Cancellation);

        Assert.That((seen.Found.Count, seen.Found.Version, seen.Counted), Is.EqualTo((5, 2L, 1L)));
    }

    [Test]
    public async Task Columns_follow_the_aggregate_and_can_be_selected_by()
    {
        await Save(New("a") with { Due = 30 });
        await Save(New("b") with { Due = 10 });
        await Save(New("c"));
        await Change("a", sample => sample with { Due = 5 });

        var due = await Store.ReadAsync(
            transaction => transaction.Select(Samples, "owner = @owner and due <= @now order by due", new { owner = "team", now = 10L }),
            Cancellation);

        Assert.That(due.Select(sample => (sample.Id, sample.Version)), Is.EqualTo(new[] { ("a", 2L), ("b", 1L) }));
    }

    [Test]
    public async Task Rows_are_matched_by_name_without_underscores()
    {
        await Save(New("a"));
        await Save(New("b") with { Due = 7 });

        var rows = await Store.ReadAsync(
            transaction => transaction.Query<NamedRow>(
                "select name_key, due from samples where owner = @owner order by id", new { owner = "team" }),
            Cancellation);

        Assert.That(rows, Is.EqualTo(new[] { new NamedRow("sample a", null), new NamedRow("sample b", 7) }));
    }

    [Test]
    public async Task Rows_of_expressions_are_matched_whatever_their_first_value_is()
    {
        const string sql = "select max(due) as due, count(*) as how_many from samples";
        Task<IReadOnlyList<ComputedRow>> Query() => Store.ReadAsync(transaction => transaction.Query<ComputedRow>(sql), Cancellation);
        var overNothing = await Query();
        await Save(New("a") with { Due = 7 });

        Assert.That(overNothing, Is.EqualTo([new ComputedRow(null, 0)]));
        Assert.That(await Query(), Is.EqualTo([new ComputedRow(7, 1)]));
        Assert.That(
            await Store.ReadAsync(
                transaction => transaction.Query<ComputedRow>("select null as due, 1 as how_many union all select 5, 2 order by how_many"),
                Cancellation),
            Is.EqualTo([new ComputedRow(null, 1), new ComputedRow(5, 2)]));
    }

    [Test]
    public async Task A_row_is_counted_once_and_a_repeated_one_not()
    {
        Task<int> Insert() => Store.ExecuteAsync(
            transaction => transaction.Run(
                "insert into notes (number, text) values (@number, @text) on conflict do nothing", ("number", 1), ("text", null)),
            Cancellation);

        Assert.That((await Insert(), await Insert()), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task Saving_what_another_has_changed_is_a_conflict()
    {
        await Save(New("a"));
        var mine = await Find("a");
        await Change("a", sample => sample with { Count = 1 });

        await Assert.ThrowsAsync<ConcurrencyException>(() => Save(mine! with { Count = 100 }));
        Assert.That((await Find("a"))!.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Deleting_needs_the_current_version()
    {
        await Save(New("a"));
        var old = await Find("a");
        await Change("a", sample => sample with { Count = 1 });

        await Assert.ThrowsAsync<ConcurrencyException>(() => Delete(old!));
        await Delete((await Find("a"))!);
        Assert.That(await Find("a"), Is.Null);
    }

    [Test]
    public async Task An_id_or_a_unique_name_is_taken_once()
    {
        await Save(New("a"));
        await Save(New("b"));
        var renamed = (await Find("b"))! with { Name = "SAMPLE A" };

        await Assert.ThrowsAsync<ConcurrencyException>(() => Save(New("a") with { Name = "other" }));
        await Assert.ThrowsAsync<ConcurrencyException>(() => Save(New("c") with { Name = "Sample A" }));
        await Assert.ThrowsAsync<ConcurrencyException>(() => Save(renamed));
        Assert.That(await Count("samples"), Is.EqualTo(2));
    }

    [Test]
    public async Task A_unique_name_is_taken_once_also_for_who_holds_the_row()
    {
        await Save(New("a"));
        await Save(New("b"));
        await Assert.ThrowsAsync<ConcurrencyException>(() => Change("b", sample => sample with { Name = "SAMPLE A" }));
        await Change("b", sample => sample with { Count = 1 });

        var stored = (await Find("b"))!;
        Assert.That((stored.Name, stored.Count, stored.Version), Is.EqualTo(("Sample b", 1, 2L)));
    }

    [Test]
    public async Task A_row_that_was_changed_and_deleted_in_one_change_is_gone()
    {
        await Save(New("a"));
        await Store.ExecuteAsync(
            t =>
            {
                var changed = t.Find(Samples, "a")! with { Count = 1 };
                t.Save(Samples, changed);
                t.Delete(Samples, changed);
                return 0;
            },
            Cancellation);
        Assert.That(await Find("a"), Is.Null);

        var gone = New("b");
        await Save(gone);
        await Assert.ThrowsAsync<ConcurrencyException>(() => Store.ExecuteAsync(
            t =>
            {
                var found = t.Find(Samples, "b")!;
                t.Delete(Samples, found);
                t.Save(Samples, found);
                return 0;
            },
            Cancellation));
        Assert.That(await Count("samples"), Is.EqualTo(1), "nothing of it was kept");
    }

    [Test]
    public async Task What_is_written_is_seen_by_what_follows_in_its_order()
    {
        var seen = await Store.ExecuteAsync(
            t =>
            {
                t.Write("insert into notes (number, text) values (1, 'one')");
                t.Write("insert into notes (number, text) values (2, 'two')");
                t.Write("update notes set text = @text where number = @number", ("text", "three"), ("number", 2L));
                var changed = t.Run("update notes set number = number + 10");
                t.Write("delete from notes where number = 11");
                return (changed, t.Query<string>("select text from notes")[0]);
            },
            Cancellation);

        Assert.That(seen, Is.EqualTo((2, "three")));
        Assert.That(await Count("notes"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_question_that_was_asked_before_is_answered_as_things_are_now()
    {
        Task<(string Name, int Count)> Ask(string id) => Store.ReadAsync(
            new Question("sample", "team", id), t => t.Find(Samples, id) is { } found ? (found.Name, found.Count) : ("nobody", 0), Cancellation);

        Assert.That(await Ask("a"), Is.EqualTo(("nobody", 0)));
        await Save(New("a"));
        await Save(New("b") with { Count = 7 });
        for (var count = 1; count <= 3; count++)
        {
            await Change("a", sample => sample with { Count = count });
            Assert.That((await Ask("a"), await Ask("a"), await Ask("b")), Is.EqualTo((("Sample a", count), ("Sample a", count), ("Sample b", 7))));
        }
    }

    [Test]
    public async Task However_much_is_written_at_once_all_of_it_is_there()
    {
        await Store.ExecuteAsync(
            t =>
            {
                for (var n = 0L; n < 3_000; n++)
                {
                    t.Write("insert into notes (number, text) values (@number, @text)", ("number", n), ("text", new string('x', 500)));
                }

                return 0;
            },
            Cancellation);
        Assert.That(await Count("notes"), Is.EqualTo(3_000));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Of_a_change_whose_last_write_is_wrong_nothing_is_kept(bool alsoMakes)
    {
        await Save(New("a"));
        await Store.ExecuteAsync(t => t.Run("insert into notes (number) values (1)"), Cancellation);
        var (sample, isCommitted) = (New("b"), false);
        var error = await Assert.CatchAsync(() => Store.ExecuteAsync(
            t =>
            {
                t.AfterCommit(() => isCommitted = true);
                t.Save(Samples, t.Find(Samples, "a")! with { Count = 1 });
                if (alsoMakes)
                {
                    t.Save(Samples, sample);
                }

                t.Write("insert into notes (number) values (2)");
                t.Write("insert into notes (number) values (1)");
                return 0;
            },
            Cancellation));

        Assert.That(error, Is.Not.InstanceOf<StoreUnavailableException>(), "the store is there");
        Assert.That((isCommitted, sample.Version, (await Find("a"))!.Count), Is.EqualTo((false, 0L, 0)));
        Assert.That((await Count("samples"), await Count("notes")), Is.EqualTo((1L, 1L)));
        await Save(sample);
        Assert.That(await Count("samples"), Is.EqualTo(2), "the next change is not touched by it");
    }

    [Test]
    public async Task No_increment_of_many_callers_is_lost()
    {
        const int callers = 32;
        const int each = 25;
        await Save(New("a"));

        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            for (var i = 0; i < each; i++)
            {
                await Change("a", sample => sample with { Count = sample.Count + 1 });
            }
        }));

        var counted = await Find("a");
        Assert.That((counted!.Count, counted.Version), Is.EqualTo((callers * each, (callers * each) + 1L)));
    }

    [Test]
    public async Task A_change_that_throws_leaves_nothing_and_hurts_nobody_else()
    {
        // Held up, so that the others wait together.
        using var gate = new ManualResetEventSlim();
        var first = Hold(gate);
        var others = Enumerable.Range(0, 50).Select(i => Store.ExecuteAsync(
            transaction =>
            {
                transaction.Save(Samples, New($"s{i}"));
                transaction.Run("insert into notes (number) values (@number)", ("number", (long)i));
                return i % 5 == 3 ? throw new InvalidTimeZoneException($"change {i}") : i;
            },
            Cancellation)).ToList();
        gate.Set();
        await first;

        foreach (var (i, other) in others.Index())
        {
            if (i % 5 == 3)
            {
                Assert.That((await Assert.ThrowsAsync<InvalidTimeZoneException>(() => other))!.Message, Is.EqualTo($"change {i}"));
            }
            else
            {
                Assert.That(await other, Is.EqualTo(i));
            }
        }

        Assert.That((await Count("samples"), await Count("notes"), await Find("s3")), Is.EqualTo((40L, 40L, (Sample?)null)));
    }

    [Test]
    public async Task A_wrong_statement_hurts_only_its_own_change()
    {
        using var gate = new ManualResetEventSlim();
        var first = Hold(gate);
        var wrong = Store.ExecuteAsync(transaction => transaction.Run("insert into nowhere values (1)"), Cancellation);
        var right = Save(New("a"));
        gate.Set();
        await first;

        await Assert.CatchAsync(() => wrong);
        await right;
        Assert.That(await Find("a"), Is.Not.Null);
    }

    [Test]
    public async Task An_instance_whose_change_failed_can_be_saved_again()
    {
        var sample = New("a");
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => Store.ExecuteAsync<int>(
            transaction =>
            {
                transaction.Save(Samples, sample);
                transaction.Save(Samples, sample);
                throw new InvalidTimeZoneException();
            },
            Cancellation));

        Assert.That(sample.Version, Is.Zero);
        await Save(sample);
        Assert.That((await Find("a"))!.Version, Is.EqualTo(1));
    }

    [Test]
    public async Task After_commit_others_already_see_the_change()
    {
        Task<Sample?>? seen = null;
        await Store.ExecuteAsync(
            transaction =>
            {
                transaction.AfterCommit(() => seen = Find("a"));
                transaction.Save(Samples, New("a"));
                return 0;
            },
            Cancellation);

        Assert.That(await seen!, Is.Not.Null);
    }

    [Test]
    public async Task After_commit_is_not_run_by_a_change_that_throws()
    {
        var run = false;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => Store.ExecuteAsync<int>(
            transaction =>
            {
                transaction.AfterCommit(() => run = true);
                throw new InvalidTimeZoneException();
            },
            Cancellation));

        Assert.That(run, Is.False);
    }

    [Test]
    public async Task A_failing_action_after_commit_hurts_nobody()
    {
        var order = new List<int>();
        var answer = await Store.ExecuteAsync(
            transaction =>
            {
                transaction.AfterCommit(() => order.Add(1));
                transaction.AfterCommit(() => throw new InvalidTimeZoneException());
                transaction.AfterCommit(() => order.Add(2));
                return 7;
            },
            Cancellation);

        Assert.That(answer, Is.EqualTo(7));
        Assert.That(order, Is.EqualTo([1, 2]));
        await Save(New("a"));
    }

    [Test]
    public async Task A_query_does_not_see_a_change_under_way_nor_wait_for_it()
    {
        await Save(New("a"));
        using var gate = new ManualResetEventSlim();
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var change = Store.ExecuteAsync(
            transaction =>
            {
                transaction.Save(Samples, transaction.Find(Samples, "a")! with { Count = 9 });
                written.SetResult();
                return gate.Wait(TimeSpan.FromSeconds(30));
            },
            Cancellation);
        await written.Task;

        var before = await Find("a");
        gate.Set();
        Assert.That(await change, Is.True);
        Assert.That((before!.Count, (await Find("a"))!.Count), Is.EqualTo((0, 9)));
    }

    [Test]
    public async Task A_query_sees_one_state_from_its_beginning_to_its_end()
    {
        await Save(New("a"));
        var (first, (second, rows)) = await AskAround(
            transaction => transaction.Find(Samples, "a")!.Count,
            async () =>
            {
                await Change("a", sample => sample with { Count = 9 });
                await Save(New("b"));
            },
            transaction =>
            {
                var rows = transaction.Query<long>("select count(*) from samples")[0];
                return (transaction.Find(Samples, "a")!.Count, rows);
            });

        Assert.That((first, second, rows), Is.EqualTo((0, 0, 1L)));
    }

    [Test]
    public async Task A_query_that_another_one_asked_for_in_part_sees_one_state()
    {
        await Save(New("a"));
        await Save(New("b"));
        Assert.That((await Find("a"))!.Count, Is.Zero);
        var (first, second) = await AskAround(
            transaction => transaction.Find(Samples, "a")!.Count,
            () => Store.ExecuteAsync(
                transaction =>
                {
                    transaction.Save(Samples, transaction.Find(Samples, "a")! with { Count = 9 });
                    transaction.Save(Samples, transaction.Find(Samples, "b")! with { Count = 9 });
                    return true;
                },
                Cancellation),
            transaction => transaction.Find(Samples, "b")!.Count);

        Assert.That(second, Is.EqualTo(first));
        Assert.That((await Find("a"))!.Count, Is.EqualTo(9));
    }

    [Test]
    public async Task Queries_beside_many_changes_see_one_state_and_none_that_was_over_when_they_were_asked()
    {
        await Save(New("a"));
        await Save(New("b"));
        var done = 0;
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                var count = await Store.ExecuteAsync(
                    transaction =>
                    {
                        var a = transaction.Find(Samples, "a")!;
                        transaction.Save(Samples, a with { Count = a.Count + 1 });
                        transaction.Save(Samples, transaction.Find(Samples, "b")! with { Count = a.Count + 1 });
                        return a.Count + 1;
                    },
                    Cancellation);
                Assert.That((await Find("a"))!.Count, Is.GreaterThanOrEqualTo(count), "what was answered is found");
            }

            Interlocked.Increment(ref done);
        })).ToList();
        var readers = Enumerable.Range(0, 4).Select(n => Task.Run(async () =>
        {
            while (Volatile.Read(ref done) < writers.Count)
            {
                var (a, b) = await Store.ReadAsync(
                    transaction => n % 2 == 0
                        ? (transaction.Find(Samples, "a")!.Count, transaction.Select(Samples, "id = @id", new { id = "b" })[0].Count)
                        : (transaction.Select(Samples, "id = @id", new { id = "a" })[0].Count, transaction.Find(Samples, "b")!.Count),
                    Cancellation);
                Assert.That(b, Is.EqualTo(a), "one state");
            }
        }));
        await Task.WhenAll([.. writers, .. readers]);
        Assert.That((await Find("b"))!.Count, Is.EqualTo(400));
    }

    [Test]
    public async Task A_failing_query_is_the_callers_own_and_the_next_one_works()
    {
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<InvalidTimeZoneException>(
                () => Store.ReadAsync<int>(_ => throw new InvalidTimeZoneException(), Cancellation));
        }

        Assert.That(await Find("a"), Is.Null);
    }

    [Test]
    public async Task A_query_cannot_write()
    {
        await Assert.CatchAsync(() => Store.ReadAsync(
            transaction => transaction.Query<string>("insert into notes (number, text) values (1, 'x') returning text"), Cancellation));
        Assert.That(await Count("notes"), Is.Zero);
    }

    [Test]
    public async Task A_transaction_cannot_be_used_after_its_end()
    {
        var lazily = Store.ReadAsync(transaction => Enumerable.Range(0, 1).Select(_ => transaction.Find(Samples, "a")), Cancellation);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => _ = (await lazily).ToList());
    }

    [Test]
    public async Task A_change_cancelled_before_it_begins_never_runs()
    {
        using var gate = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var first = await HoldBegun(gate);
        var ran = false;
        var cancelled = Store.ExecuteAsync(_ => ran = true, cancel.Token);
        await cancel.CancelAsync();

        // Answered although the store is still busy with the first.
        await Assert.CatchAsync<OperationCanceledException>(() => cancelled);
        gate.Set();
        await first;
        await Save(New("a"));
        Assert.That(ran, Is.False);
    }

    [Test]
    public async Task A_change_that_has_begun_runs_to_its_end()
    {
        using var cancel = new CancellationTokenSource();
        await Store.ExecuteAsync(
            transaction =>
            {
                cancel.Cancel();
                transaction.Save(Samples, New("a"));
                return 0;
            },
            cancel.Token);

        Assert.That(await Find("a"), Is.Not.Null);
    }

    [Test]
    public async Task Closing_finishes_what_was_accepted_and_refuses_the_rest()
    {
        using var gate = new ManualResetEventSlim();
        var first = await HoldBegun(gate);
        var accepted = Enumerable.Range(0, 300).Select(i => Save(New($"s{i}"))).ToList();
        var closing = Store.DisposeAsync();
        gate.Set();
        await first;
        await Task.WhenAll(accepted);
        await closing;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Save(New("late")));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Find("s1"));
        Reopen();
        Assert.That(await Count("samples"), Is.EqualTo(300));
    }

    [Test]
    public async Task What_was_saved_is_there_after_opening_again()
    {
        await Save(New("a"));
        await Store.DisposeAsync();
        Reopen();
        await Change("a", sample => sample with { Count = 1 });

        Assert.That((await Find("a"))!.Version, Is.EqualTo(2));
    }

    [Test]
    public async Task A_probe_leaves_its_mark()
    {
        await Store.ProbeAsync(TimeProvider.System, Cancellation);
        var marks = await Store.ReadAsync(
            transaction => transaction.Query<string>("select value from meta where key = 'probe'"), Cancellation);
        Assert.That(marks, Has.Count.EqualTo(1));
    }

    /// <summary>Opens the database of this test: an empty one the first time, the same afterwards.</summary>
    protected abstract IStore Open();

    /// <summary>Opens the database again, after the store was disposed.</summary>
    protected void Reopen() => Store = Open();

    protected static CancellationToken Cancellation => TestContext.CurrentContext.CancellationToken;

    protected static Sample New(string id) => new() { Id = id, Owner = "team", Name = $"Sample {id}" };

    protected Task Save(Sample sample) => Store.ExecuteAsync(
        transaction =>
        {
            transaction.Save(Samples, sample);
            return 0;
        },
        Cancellation);

    protected Task<Sample?> Find(string id) => Store.ReadAsync(transaction => transaction.Find(Samples, id), Cancellation);

    /// <summary>A query that asks, waits until a change was made, and asks again.</summary>
    private async Task<(T1 Before, T2 After)> AskAround<T1, T2>(Func<IReadTransaction, T1> before, Func<Task> change, Func<IReadTransaction, T2> after)
    {
        using var changed = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // In the background, for an engine may run it on the thread of its caller.
        var query = Task.Run(() => Store.ReadAsync(
            transaction =>
            {
                var first = before(transaction);
                begun.TrySetResult();
                Assert.That(changed.Wait(TimeSpan.FromSeconds(30)), Is.True);
                return (first, after(transaction));
            },
            Cancellation));
        await begun.Task;
        await change();
        changed.Set();
        return await query;
    }

    protected Task Change(string id, Func<Sample, Sample> change) => Store.ExecuteAsync(
        transaction =>
        {
            transaction.Save(Samples, change(transaction.Find(Samples, id)!));
            return 0;
        },
        Cancellation);

    protected Task<long> Count(string table) =>
        Store.ReadAsync(transaction => transaction.Query<long>($"select count(*) from {table}")[0], Cancellation);

    /// <summary>How many changes the engine makes at the same time.</summary>
    protected virtual int Writers => 1;

    /// <summary>Keeps all writers busy until the gate opens.</summary>
    protected Task Hold(ManualResetEventSlim gate) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Store.ExecuteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)), Cancellation)));

    /// <summary>The same, and has begun already.</summary>
    protected async Task<Task> HoldBegun(ManualResetEventSlim gate)
    {
        var begun = new CountdownEvent(Writers);
        var held = Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Store.ExecuteAsync(
            _ =>
            {
                begun.Signal();
                return gate.Wait(TimeSpan.FromSeconds(30));
            },
            Cancellation)));
        await Task.Run(() => begun.Wait(Cancellation));
        begun.Dispose();
        return held;
    }

    protected Task Delete(Sample sample) => Store.ExecuteAsync(
        transaction =>
        {
            transaction.Delete(Samples, sample);
            return 0;
        },
        Cancellation);

    protected sealed record Sample : Aggregate
    {
        public required string Owner { get; init; }

        public required string Name { get; init; }

        public IReadOnlyList<string> Tags { get; init; } = [];

        public long? Due { get; init; }

        public int Count { get; init; }
    }

    private sealed record NamedRow(string NameKey, long? Due);

    private sealed record ComputedRow(long? Due, int HowMany);
}
