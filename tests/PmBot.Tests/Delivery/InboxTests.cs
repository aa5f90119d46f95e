using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Storage;
using PmBot.Tests.Storage;
using PmBot.Workspaces;

namespace PmBot.Tests.Delivery;

/// <summary>A post of an outgoing webhook has its effect once, whoever brings it however often.</summary>
[Engines]
internal sealed class InboxTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 30, 17, 0);

    private DirectoryInfo _folder = null!;
    private IStore _store = null!;

    [SetUp]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("pmbot-inbox-");
        _store = TestEngine.Current.Open(_folder.FullName, TimeProvider.System);
    }

    [TearDown]
    public async Task Close()
    {
        await _store.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task The_same_post_again_changes_nothing_and_gets_the_same_answer()
    {
        var times = 0;
        string Change() => $"Filed as {++times}.";
        Assert.That(await _store.ReadAsync(t => t.AnswerOf("post"), CancellationToken.None), Is.Null);
        Assert.That(await OnceAsync("post", Now, Change), Is.EqualTo("Filed as 1."));
        Assert.That(await OnceAsync("post", Now + Duration.FromDays(29), Change), Is.EqualTo("Filed as 1."));
        Assert.That(await OnceAsync("another", Now, Change), Is.EqualTo("Filed as 2."));
        Assert.That(await _store.ReadAsync(t => t.AnswerOf("post"), CancellationToken.None), Is.EqualTo("Filed as 1."));
        Assert.That(times, Is.EqualTo(2));
    }

    [Test]
    public async Task Of_many_at_once_one_has_its_effect()
    {
        var times = 0;
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => OnceAsync("post", Now, () => $"Filed as {Interlocked.Increment(ref times)}.")));
        Assert.That(answers, Has.All.EqualTo("Filed as 1."));
    }

    [Test]
    public async Task A_change_that_fails_leaves_the_post_to_be_carried_out()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.ExecuteAsync(
            t => t.Once("team", "post", Now, () =>
            {
                t.Save(Workspace.Table, new Workspace { Id = "team", CreatedBy = "user" });
                throw new InvalidOperationException("the change fails at its end");
            }),
            CancellationToken.None));
        Assert.That(await _store.ReadAsync(t => (t.AnswerOf("post"), t.Find(Workspace.Table, "team")), CancellationToken.None), Is.EqualTo(((string?)null, (Workspace?)null)));
        Assert.That(await OnceAsync("post", Now, () => "Filed."), Is.EqualTo("Filed."));
    }

    [Test]
    public async Task Old_posts_are_forgotten_a_bounded_number_at_a_time_the_oldest_first()
    {
        await _store.ExecuteAsync(
            t =>
            {
                for (var i = 0; i < 250; i++)
                {
                    t.Once("team", $"old {i}", Now + Duration.FromSeconds(i), () => "Filed.");
                }

                return true;
            },
            CancellationToken.None);
        await OnceAsync("young", Now + Duration.FromDays(1), () => "Filed.");
        await OnceAsync("young", Now + Duration.FromDays(31), () => "Filed.");
        Assert.That(await CountAsync(), Is.EqualTo(251), "a post that is known forgets nothing");

        await OnceAsync("new 1", Now + Duration.FromDays(30) + Duration.FromSeconds(249), () => "Filed.");
        Assert.That(await CountAsync(), Is.EqualTo(152));
        Assert.That(await _store.ReadAsync(t => (t.AnswerOf("old 99"), t.AnswerOf("old 100")), CancellationToken.None), Is.EqualTo(((string?)null, "Filed.")));
        await OnceAsync("new 2", Now + Duration.FromDays(30) + Duration.FromSeconds(249), () => "Filed.");
        await OnceAsync("new 3", Now + Duration.FromDays(30) + Duration.FromSeconds(249), () => "Filed.");
        Assert.That(await _store.ReadAsync(t => t.Query<string>("select post_id from inbox order by post_id"), CancellationToken.None),
            Is.EqualTo(new List<string> { "new 1", "new 2", "new 3", "old 249", "young" }));
    }

    [Test]
    public async Task Without_a_post_there_is_no_once() =>
        await Assert.ThrowsAsync<ArgumentException>(() => OnceAsync("", Now, () => throw new AssertionException("It must not be carried out.")));

    private Task<string> OnceAsync(string postId, Instant now, Func<string> change) =>
        _store.ExecuteAsync(t => t.Once("team", postId, now, change), CancellationToken.None);

    private Task<long> CountAsync() => _store.ReadAsync(t => t.Query<long>("select count(*) from inbox")[0], CancellationToken.None);
}
