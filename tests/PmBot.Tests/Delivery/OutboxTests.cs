using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Sandbox;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Tests.Delivery;

/// <summary>What is announced is written with the change that causes it: both, or neither.</summary>
internal sealed class OutboxTests
{
    private DirectoryInfo _folder = null!;
    private SandboxClock _clock = null!;
    private SqliteStore _store = null!;
    private Outbox _outbox = null!;

    [SetUp]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("pmbot-outbox-");
        _clock = SandboxClock.Pinned(new DateTimeOffset(2026, 11, 30, 17, 0, 0, TimeSpan.Zero));
        _store = SqliteStore.Open($"Data Source={_folder.FullName}/pmbot.db", _clock, NullLogger<SqliteStore>.Instance);
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
    [CancelAfter(20_000)]
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
    [CancelAfter(20_000)]
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
        _clock.Advance(Outbox.LeaseTime.ToTimeSpan() + TimeSpan.FromSeconds(1));
        var again = await _outbox.LeaseAsync(10, [], cancellationToken);
        Assert.That(again.Single(), Has.Property("Uncertain").True.And.Property("Attempts").EqualTo(2), "its process may be gone");
        Assert.That(await _outbox.DeliveredAsync(leased.Single(), "post", "channel", cancellationToken), Is.False, "the older lease no longer counts");
        Assert.That(await _outbox.DeliveredAsync(again.Single(), "post", "channel", cancellationToken), Is.True);
    }
}
