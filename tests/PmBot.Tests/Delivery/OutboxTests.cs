using System.Text.Json.Nodes;
using NodaTime;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Sandbox;
using PmBot.Storage;
using PmBot.Tests.Storage;
using PmBot.Workspaces;

namespace PmBot.Tests.Delivery;

/// <summary>What is announced is written with the change that causes it: both, or neither.</summary>
[Engines]
internal sealed class OutboxTests
{
    private DirectoryInfo _folder = null!;
    private SandboxClock _clock = null!;
    private IStore _store = null!;
    private Outbox _outbox = null!;

    [SetUp]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("pmbot-outbox-");
        _clock = SandboxClock.Pinned(new DateTimeOffset(2026, 11, 30, 17, 0, 0, TimeSpan.Zero));
        _store = TestEngine.Current.Open(_folder.FullName, _clock);
        _outbox = new Outbox(_store, _clock);
    }

    [TearDown]
    public async Task Close()
    {
        _outbox.Dispose();
        await _store.DisposeAsync();
        _clock.Dispose();
        _folder.Delete(recursive: true);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_change_that_fails_leaves_neither_itself_nor_its_announcement(CancellationToken cancellationToken)
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.ExecuteAsync<bool>(
            transaction =>
            {
                transaction.Save(Workspace.Table, new Workspace { Id = "team", CreatedBy = "user" });
                _outbox.Add(transaction, "team", new Content.Post("channel", "text", null));
                throw new InvalidOperationException("the change fails at its end");
            },
            cancellationToken));
        Assert.That(await _store.ReadAsync(t => t.Find(Workspace.Table, "team"), cancellationToken), Is.Null);
        Assert.That(await _outbox.LeaseAsync(10, [], cancellationToken), Is.Empty);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_comes_due_has_the_same_keys_however_often_it_is_done_and_another_if_it_is_said_onceMore(CancellationToken cancellationToken)
    {
        var date = new LocalDate(2026, 11, 30);
        Content[] contents = [new Content.Post("channel", "one", null), new Content.Post("channel", "two", null), new Content.Direct("user", "one", null)];
        var first = await KeysAsync("rotation", date, keep: false);
        var again = await KeysAsync("rotation", date, keep: true);
        var onceMore = await KeysAsync("rotation", date, keep: true);
        Assert.That(first, Is.Unique);
        Assert.That(again, Is.EqualTo(first), "the first time was rolled back, or forgotten by a restore");
        Assert.That(onceMore.Concat(first), Is.Unique);
        Assert.That((await KeysAsync("rotation", date.PlusDays(7), keep: true)).Concat(first), Is.Unique);
        Assert.That((await KeysAsync("another", date, keep: true)).Concat(first), Is.Unique);

        async Task<List<string>> KeysAsync(string subject, LocalDate on, bool keep)
        {
            var keys = new List<string>();
            try
            {
                await _store.ExecuteAsync(
                    transaction =>
                    {
                        transaction.Cause = new Cause("handoff", subject, on, default);
                        foreach (var content in contents)
                        {
                            _outbox.Add(transaction, "team", content);
                            keys.Add(transaction.Query<string>("select id from deliveries order by seq desc limit 1")[0]);
                        }

                        return keep ? true : throw new InvalidOperationException("rolled back");
                    },
                    cancellationToken);
            }
            catch (InvalidOperationException) when (!keep)
            {
                // As meant.
            }

            return keys;
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task However_many_wait_in_one_channel_those_of_others_are_found_behind_them(CancellationToken cancellationToken)
    {
        await AddAsync("crowded", 600);
        var first = (await _outbox.LeaseAsync(4, [], cancellationToken)).Single();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await AddAsync("another", 2);
        await AddAsync("a third", 2);
        var others = await _outbox.LeaseAsync(4, [first.Seq], cancellationToken);
        Assert.That(others.Select(d => d.Content), Is.EqualTo((Content[])[new Content.Post("another", "1", null), new Content.Post("a third", "1", null)]));

        await _outbox.DeliveredAsync(first, "post", "crowded", cancellationToken);
        var next = await _outbox.LeaseAsync(4, [.. others.Select(d => d.Seq)], cancellationToken);
        Assert.That(next.Select(d => d.Content), Is.EqualTo((Content[])[new Content.Post("crowded", "2", null)]));

        Task<bool> AddAsync(string channel, int count) => _store.ExecuteAsync(
            transaction =>
            {
                for (var n = 1; n <= count; n++)
                {
                    _outbox.Add(transaction, "team", new Content.Post(channel, $"{n}", null));
                }

                return true;
            },
            cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_came_due_since_it_was_looked_for_is_not_waited_for(CancellationToken cancellationToken)
    {
        await AddAsync(new Content.Post("channel", "text", null));
        await _outbox.WaitAsync(cancellationToken); // it was told of this one
        var leased = (await _outbox.LeaseAsync(10, [], cancellationToken)).Single();
        await _outbox.RetryAsync(leased, Duration.FromSeconds(1), uncertain: false, "not now", cancellationToken);
        Assert.That(await _outbox.LeaseAsync(10, [], cancellationToken), Is.Empty);
        _clock.Advance(TimeSpan.FromMinutes(5));

        // In a time that stands still a timer would never go off.
        await _outbox.WaitAsync(cancellationToken);
        Assert.That(await _outbox.LeaseAsync(10, [], cancellationToken), Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task After_a_restore_only_what_was_due_before_the_first_start_may_have_been_said(CancellationToken cancellationToken)
    {
        var start = Instant.FromDateTimeOffset(_clock.GetUtcNow());
        var post = new Content.Post("channel", "text", null);
        Assert.That(await AddedAsync(start, post), Is.EqualTo("0:"), "never restored");
        await _store.ExecuteAsync(t => t.Run("insert into meta (key, value) values ('restored_since', '5')"), cancellationToken);
        Assert.That(await AddedAsync(start + Duration.FromDays(1), post), Is.EqualTo("1:5"), "not started yet");

        await _outbox.StartAsync(cancellationToken);
        _clock.Advance(TimeSpan.FromDays(1));
        await _outbox.StartAsync(cancellationToken);
        Assert.That(await AddedAsync(start, post), Is.EqualTo("1:5"));
        Assert.That(await AddedAsync(start, new Content.Direct("user", "text", null)), Is.EqualTo("1:5"));
        Assert.That(await AddedAsync(start + Duration.FromMilliseconds(1), post), Is.EqualTo("0:"), "due after the first start");
        Assert.That(await AddedAsync(null, post), Is.EqualTo("0:"), "not due, but done by somebody");

        async Task<string> AddedAsync(Instant? due, Content content) => await _store.ExecuteAsync(
            transaction =>
            {
                transaction.Cause = due is { } at ? new Cause("handoff", "rotation", new LocalDate(2026, 11, 30), at) : null;
                _outbox.Add(transaction, "team", content);
                return transaction.Query<string>("select concat(uncertain, ':', first_attempt_at) from deliveries order by seq desc limit 1")[0];
            },
            cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_change_that_is_read_is_there_with_its_announcement(CancellationToken cancellationToken)
    {
        await _store.ExecuteAsync(
            transaction =>
            {
                transaction.Save(Workspace.Table, new Workspace { Id = "team", CreatedBy = "user" });
                _outbox.Add(transaction, "team", new Content.Post("channel", "text", null));

                // Whoever sees the one, sees the other: they are in one transaction, and nowhere else.
                Assert.That(transaction.Query<long>("select count(*) from deliveries")[0], Is.EqualTo(1));
                return true;
            },
            cancellationToken);
        var leased = await _outbox.LeaseAsync(10, [], cancellationToken);
        Assert.That(leased.Single().Content, Is.InstanceOf<Content.Post>());
        Assert.That(await _outbox.LeaseAsync(10, [], cancellationToken), Is.Empty, "leased once");
        Assert.That(await _outbox.GiveBackAsync(await _outbox.UnderWayAsync(cancellationToken), cancellationToken), Is.EqualTo(1));
        var again = await _outbox.LeaseAsync(10, [], cancellationToken);
        Assert.That(again.Single(), Has.Property("Uncertain").True.And.Property("Attempts").EqualTo(2), "its process may be gone");
        Assert.That(await _outbox.DeliveredAsync(leased.Single(), "post", "channel", cancellationToken), Is.False, "the older lease no longer counts");
        Assert.That(await _outbox.DeliveredAsync(again.Single(), "post", "channel", cancellationToken), Is.True);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_newer_edit_supersedes_those_of_the_same_post_that_wait(CancellationToken cancellationToken)
    {
        await AddAsync(Edit("d1", 1, "first text"), Edit("d2", 2), new Content.Post("channel", "between", null), Edit("d1", 3, "second text"), Edit("d1", 4));

        Assert.That(await StatesAsync(), Is.EqualTo(["4 superseded", "0 ", "0 ", "4 superseded", "0 "]));
        var sent = await DeliverAllAsync(cancellationToken);
        Assert.That(sent.OfType<Content.Edit>().Select(e => (e.DeliveryId, (int)e.Props["n"]!, e.Message)), Is.EqualTo(new (string, int, string?)[]
        {
            ("d2", 2, null),
            ("d1", 4, "second text"),
        }), "the text that was still to come, comes with the newest edit");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task An_edit_that_was_tried_is_superseded_unless_it_is_under_way(CancellationToken cancellationToken)
    {
        await AddAsync(Edit("d1", 1));
        var first = (await _outbox.LeaseAsync(10, [], cancellationToken)).Single();
        await AddAsync(Edit("d1", 2));
        Assert.That(await StatesAsync(), Is.EqualTo(["1 ", "0 "]));
        Assert.That(await _outbox.LeaseAsync(10, [], cancellationToken), Is.Empty, "the newer one waits for it");

        Assert.That(await _outbox.RetryAsync(first, Duration.FromMinutes(5), uncertain: true, "a time-out", cancellationToken), Is.True);
        await AddAsync(Edit("d1", 3));

        Assert.That(await StatesAsync(), Is.EqualTo(["4 superseded", "4 superseded", "0 "]));
        Assert.That((await DeliverAllAsync(cancellationToken)).OfType<Content.Edit>().Select(e => (int)e.Props["n"]!), Is.EqualTo([3]), "at once");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_change_that_fails_supersedes_nothing(CancellationToken cancellationToken)
    {
        await AddAsync(Edit("d1", 1));

        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.ExecuteAsync<bool>(
            transaction =>
            {
                _outbox.Add(transaction, "team", Edit("d1", 2));
                throw new InvalidOperationException("the change fails at its end");
            },
            cancellationToken));

        Assert.That(await StatesAsync(), Is.EqualTo(["0 "]));
    }

    private static Content.Edit Edit(string delivery, int n, string? message = null) =>
        new(delivery, "channel:channel", new JsonObject { ["n"] = n }, message);

    private Task<bool> AddAsync(params IReadOnlyList<Content> contents) => _store.ExecuteAsync(
        transaction =>
        {
            foreach (var content in contents)
            {
                _outbox.Add(transaction, "team", content);
            }

            return true;
        },
        CancellationToken.None);

    private Task<IReadOnlyList<string>> StatesAsync() => _store.ReadAsync(
        t => t.Query<string>("select state || ' ' || case when state = 4 then error else '' end from deliveries order by seq"), CancellationToken.None);

    private async Task<IReadOnlyList<Content>> DeliverAllAsync(CancellationToken cancellationToken)
    {
        var sent = new List<Content>();
        while (await _outbox.LeaseAsync(10, [], cancellationToken) is { Count: > 0 } leased)
        {
            foreach (var delivery in leased)
            {
                sent.Add(delivery.Content);
                await _outbox.DeliveredAsync(delivery, "post", "channel", cancellationToken);
            }
        }

        return sent;
    }
}
