using NUnit.Framework;
using PmBot.Storage;

namespace PmBot.Tests.Storage;

/// <summary>What is remembered of a state of the database, and for how long; that queries see one state is a test of the store's.</summary>
internal sealed class SnapshotTests
{
    [Test]
    public void Only_the_same_question_has_the_same_answer()
    {
        var snapshot = new Snapshot();
        IReadOnlyList<string> found = ["one"];
        snapshot.Add("select name", new { id = "a", most = 3 }, found);
        Assert.Multiple(() =>
        {
            Assert.That(snapshot.Find<string>("select name", new { id = "a", most = 3 }), Is.SameAs(found));
            Assert.That(snapshot.Find<string>("select name", new { id = "a", most = 4 }), Is.Null, "other parameters");
            Assert.That(snapshot.Find<string>("select name", new { name = "a", most = 3 }), Is.Null, "parameters of other names");
            Assert.That(snapshot.Find<string>("select names", new { id = "a", most = 3 }), Is.Null, "another statement");
            Assert.That(snapshot.Find<object>("select name", new { id = "a", most = 3 }), Is.Null, "other rows");
        });
    }

    [Test]
    public void A_commit_ends_it_and_begins_another()
    {
        var snapshots = new Snapshots();
        var before = snapshots.Current;
        Assert.That(snapshots.Reading(before), Is.True);
        snapshots.Changing();
        Assert.That(snapshots.Current, Is.SameAs(before), "nobody was told of another state");
        snapshots.Changed();
        Assert.That(snapshots.Current, Is.Not.Null.And.Not.SameAs(before));
        Assert.That((snapshots.Reading(before), snapshots.Reading(snapshots.Current), snapshots.Reading(null)), Is.EqualTo((false, true, false)));
    }

    [Test]
    public void Who_reads_the_database_while_a_commit_is_under_way_ends_it_for_all()
    {
        var snapshots = new Snapshots();
        snapshots.Changing();
        Assert.That(snapshots.Reading(null), Is.False);
        Assert.That(snapshots.Current, Is.Null, "somebody may have seen the new state");
        snapshots.Changed();
        Assert.That(snapshots.Current, Is.Not.Null);

        var next = snapshots.Current;
        snapshots.Changing();
        Assert.That((snapshots.Reading(next), snapshots.Current), Is.EqualTo((false, (Snapshot?)null)), "it may be of the new state");
    }

    [Test]
    public void Neither_long_answers_nor_very_many_are_kept()
    {
        var snapshot = new Snapshot();
        snapshot.Add<long>("select number", null, [.. Enumerable.Range(0, 1000).Select(n => (long)n)]);
        Assert.That(snapshot.Find<long>("select number", null), Is.Null, "a long one");

        for (var n = 0; n < 100_000; n++)
        {
            snapshot.Add<long>("select number", n, [n]);
        }

        Assert.Multiple(() =>
        {
            Assert.That(Enumerable.Range(0, 100_000).Count(n => snapshot.Find<long>("select number", n) is not null), Is.InRange(1, 20_000));
            Assert.That(snapshot.Find<long>("select number", 99_999), Is.EquivalentTo((long[])[99_999]));
        });
    }
}
