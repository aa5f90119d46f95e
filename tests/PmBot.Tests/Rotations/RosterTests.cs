using NodaTime;
using NUnit.Framework;
using PmBot.Rotations;

namespace PmBot.Tests.Rotations;

/// <summary>Who follows whom, and what coming and going does to it.</summary>
[TestFixture]
public sealed class RosterTests
{
    [Test]
    public void The_order_is_by_first_name_whatever_the_order_of_adding() =>
        Assert.That(Example.Of("cara", "adam", "ben").Coming(4), Is.EqualTo("adam ben cara adam"));

    [TestCase("x.z|Ann|Berg", "x.a|Bob|Adams", TestName = "The first name decides")]
    [TestCase("x.z|ann|Berg", "x.a|Bob|Adams", TestName = "The first name decides without regard to case")]
    [TestCase("x.z|Ann|Adams", "x.a|Ann|Berg", TestName = "Of one first name the last name decides")]
    [TestCase("x.z|Ann|adams", "x.a|ANN|Berg", TestName = "Of one first name the last name decides without regard to case")]
    [TestCase("x.a|Ann|Berg", "x.z|ann|BERG", TestName = "Of one name the username decides")]
    [TestCase("x.z|Ann|", "x.a|Ann|Berg", TestName = "No last name stands before any")]
    [TestCase("amy||", "x.a|Ben|Adams", TestName = "Without a first name the username stands for it")]
    [TestCase("x.a|Ben|Adams", "carl||", TestName = "Without a first name the username stands for it behind others")]
    [TestCase("x.z|Émile|", "x.a|Frank|", TestName = "A letter with an accent stands beside its letter")]
    public void Alphabetical(string first, string second)
    {
        var a = Read(first);
        var b = Read(second);
        Assert.That(Member.Alphabetical.Compare(a, b), Is.Negative);
        Assert.That(Member.Alphabetical.Compare(b, a), Is.Positive);
        Assert.That(Member.Alphabetical.Compare(a, a), Is.Zero);
        Assert.That(Example.Of([b, a]).Coming(2), Is.EqualTo($"{a.UserId} {b.UserId}"));

        static Member Read(string text)
        {
            var parts = text.Split('|');
            return Example.Person(parts[0], parts[1], parts[2]);
        }
    }

    [Test]
    public void Who_is_added_takes_their_place_in_the_alphabet_and_changes_nothing_that_is_under_way()
    {
        var rotation = Example.UnderWay("adam", "cara", "dora");
        var after = rotation.Add(Example.Person("ben"), Example.On("2026-11-24"));
        Assert.That(after.Current, Is.EqualTo(rotation.Current));
        Assert.That(after.Coming(4), Is.EqualTo("ben cara dora adam"));
    }

    [Test]
    public void Who_is_added_before_the_present_one_waits_for_the_next_round() =>
        Assert.That(
            Example.UnderWay("ben", "cara").Add(Example.Person("adam"), Example.On("2026-11-24")).Coming(4),
            Is.EqualTo("cara adam ben cara"));

    [Test]
    public void Who_is_added_from_a_later_date_has_no_shift_that_starts_before() =>
        Assert.That(
            Example.UnderWay("adam", "cara").Add(Example.Person("ben"), Example.On("2026-12-01")).Coming(4),
            Is.EqualTo("cara adam ben cara"));

    [Test]
    public void A_shift_that_starts_on_the_very_date_may_be_theirs() =>
        Assert.That(
            Example.UnderWay("adam", "cara").Add(Example.Person("ben"), Example.On("2026-11-30")).Coming(3),
            Is.EqualTo("ben cara adam"));

    [Test]
    public void In_a_custom_order_who_is_added_comes_last() =>
        Assert.That(
            Example.UnderWay("adam", "ben", "cara").Reorder(["cara", "adam", "ben"]).Add(Example.Person("aaron"), Example.On("2026-11-24")).Coming(5),
            Is.EqualTo("ben aaron cara adam ben"));

    [Test]
    public void Who_is_on_duty_stays_so_when_they_are_taken_out_and_the_order_goes_on_from_them()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara").At("2026-11-30 09:00");
        var after = rotation.Remove("ben", Example.On("2026-12-01"));
        Assert.That(after.Current, Is.EqualTo(rotation.Current));
        Assert.That(after.Now(), Is.EqualTo("ben"));
        Assert.That(after.Coming(4), Is.EqualTo("cara adam cara adam"));
        Assert.That(after.At("2026-12-14 09:00").Now(), Is.EqualTo("adam"));
    }

    [Test]
    public void Who_is_taken_out_from_a_date_keeps_the_shift_that_starts_before_it() =>
        Assert.That(
            Example.UnderWay("adam", "ben").Remove("ben", Example.On("2026-12-01")).Coming(4),
            Is.EqualTo("ben adam adam adam"));

    [Test]
    public void A_shift_that_starts_on_the_very_date_is_no_longer_theirs() =>
        Assert.That(
            Example.UnderWay("adam", "ben").Remove("ben", Example.On("2026-11-30")).Coming(2),
            Is.EqualTo("adam adam"));

    [Test]
    public void When_all_are_taken_out_nobody_is_on_duty_and_the_shift_under_way_goes_on()
    {
        var rotation = Example.UnderWay("adam", "ben").Remove("adam", Example.On("2026-11-24")).Remove("ben", Example.On("2026-11-24"));
        Assert.That(rotation.Now(), Is.EqualTo("adam"));
        Assert.That(rotation.Coming(2), Is.EqualTo("nobody:Uncovered nobody:Uncovered"));
        Assert.That(rotation.At("2026-12-07 09:00").Current.TurnOf, Is.Null);
    }

    [Test]
    public void After_a_time_without_anybody_the_order_goes_on_where_it_was()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var gone = Example.On("2026-11-24");
        var nobody = rotation.Remove("adam", gone).Remove("ben", gone).Remove("cara", gone).At("2026-12-07 09:00");
        var again = Example.On("2026-12-08");
        var back = nobody.Add(Example.Person("cara"), again).Add(Example.Person("adam"), again).Add(Example.Person("ben"), again);
        Assert.That(back.Coming(3), Is.EqualTo("ben cara adam"));
    }

    [Test]
    public void Taken_back_at_once_it_is_as_if_they_had_never_gone()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var after = rotation.Remove("ben", Example.On("2026-11-30")).Add(Example.Person("ben"), Example.On("2026-11-24"));
        Assert.That(after.Shifts().Take(20), Is.EqualTo(rotation.Shifts().Take(20)));
        Assert.That(after.Find("ben")!.Tenures, Is.EqualTo(rotation.Find("ben")!.Tenures));
    }

    [Test]
    public void Taken_back_later_they_miss_what_is_between()
    {
        var after = Example.UnderWay("adam", "ben", "cara").Remove("ben", Example.On("2026-11-30")).Add(Example.Person("ben"), Example.On("2026-12-14"));
        Assert.That(after.Coming(5), Is.EqualTo("cara adam ben cara adam"));
        Assert.That(
            after.Find("ben")!.Tenures,
            Is.EqualTo([new Tenure(Example.On("2026-11-18"), Example.On("2026-11-30")), new Tenure(Example.On("2026-12-14"), null)]));
    }

    [Test]
    public void Taken_out_before_they_ever_came_they_never_were_there()
    {
        var rotation = Example.UnderWay("adam").Add(Example.Person("ben"), Example.On("2026-12-07")).Remove("ben", Example.On("2026-12-01"));
        Assert.That(rotation.Coming(4), Is.EqualTo("adam adam adam adam"));
        Assert.That(rotation.Find("ben")!.Tenures, Is.Empty);
        Assert.That(rotation.IsMember("ben", Example.Made), Is.False);
        Assert.That(rotation.Add(Example.Person("ben"), Example.On("2026-12-02")).Coming(2), Is.EqualTo("ben adam").Or.EqualTo("adam ben"));
    }

    [Test]
    public void Who_is_not_there_cannot_be_taken_out() =>
        Assert.That(() => Example.UnderWay("adam").Remove("ben", Example.On("2026-12-01")), Throws.ArgumentException);

    [TestCase("2026-11-17", true, TestName = "A member who comes tomorrow is one")]
    [TestCase("2026-11-29", true, TestName = "A member until tomorrow is one")]
    [TestCase("2026-11-30", false, TestName = "A member until today is none")]
    public void IsMember(string today, bool expected)
    {
        var rotation = Example.Of("adam").Remove("adam", Example.On("2026-11-30"));
        Assert.That(rotation.IsMember("adam", Example.At($"{today} 12:00")), Is.EqualTo(expected));
        Assert.That(rotation.IsMember("ben", Example.At($"{today} 12:00")), Is.False);
    }

    [Test]
    public void A_custom_order_goes_on_behind_whoever_had_the_last_turn()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara", "dora");
        var after = rotation.Reorder(["dora", "cara", "adam", "ben"]);
        Assert.That(after.Current, Is.EqualTo(rotation.Current));
        Assert.That(after.Coming(5), Is.EqualTo("ben dora cara adam ben"));
        Assert.That((after with { Order = RotationOrder.Alphabetical }).Coming(4), Is.EqualTo("ben cara dora adam"));
    }

    [Test]
    public void Former_members_stay_behind_a_custom_order()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara").Remove("adam", Example.On("2026-11-24")).Reorder(["cara", "ben"]);
        Assert.That(rotation.InOrder().Select(m => m.UserId), Is.EqualTo(["cara", "ben", "adam"]));
        Assert.That(rotation.Coming(3), Is.EqualTo("cara ben cara"));
    }

    [Test]
    public void Only_who_is_known_can_be_put_in_order() =>
        Assert.That(() => Example.UnderWay("adam").Reorder(["adam", "ben"]), Throws.InvalidOperationException);

    [Test]
    public void A_rename_is_followed_and_moves_its_bearer_in_the_alphabet_only()
    {
        var rotation = Example.UnderWay("adam", "ben", "cara");
        var after = rotation.WithNames([Example.Person("cara") with { FirstName = "Alice", Username = "alice.c" }, Example.Person("stranger")]);
        Assert.That(after.Current, Is.EqualTo(rotation.Current));
        Assert.That(after.Find("cara")!.Username, Is.EqualTo("alice.c"));
        Assert.That(after.Find("stranger"), Is.Null);
        Assert.That(after.Coming(3), Is.EqualTo("cara ben adam"));
        Assert.That(rotation.Reorder(["ben", "adam", "cara"]).WithNames([Example.Person("cara", "Alice")]).Coming(3), Is.EqualTo("cara ben adam"));
    }

    [Test]
    public void Names_that_stayed_the_same_change_nothing()
    {
        var rotation = Example.UnderWay("adam", "ben");
        Assert.That(rotation.WithNames([Example.Person("adam"), Example.Person("ben")]), Is.SameAs(rotation));
    }

    [TestCase("2026-11-30", "2026-12-06", true)]
    [TestCase("2026-12-06", "2026-12-06", true)]
    [TestCase("2026-12-07", "2026-12-08", false)]
    [TestCase("2026-11-20", "2026-11-29", false)]
    [TestCase("2026-11-20", "2026-11-30", true)]
    [TestCase("2026-01-01", "2027-12-31", true)]
    public void An_absence_counts_as_soon_as_one_day_of_the_shift_is_a_day_away(string from, string to, bool overlaps) =>
        Assert.That(
            new Absence("adam", Example.On(from), Example.On(to), null).Overlaps(Example.On("2026-11-30"), Example.On("2026-12-07")),
            Is.EqualTo(overlaps));

    [TestCase("2026-11-30", null, "2026-11-30", true)]
    [TestCase("2026-11-30", null, "2026-11-29", false)]
    [TestCase("2026-11-30", "2026-12-07", "2026-12-06", true)]
    [TestCase("2026-11-30", "2026-12-07", "2026-12-07", false)]
    [TestCase("2026-11-30", "2026-11-30", "2026-11-30", false)]
    public void A_tenure_holds_from_its_first_date_to_the_day_before_its_last(string from, string? until, string date, bool contains) =>
        Assert.That(new Tenure(Example.On(from), until is null ? null : Example.On(until)).Contains(Example.On(date)), Is.EqualTo(contains));

    [Test]
    public void A_member_of_two_tenures_is_in_during_each_of_them()
    {
        var member = Example.Person("adam") with
        {
            Tenures = [new Tenure(Example.On("2026-01-01"), Example.On("2026-02-01")), new Tenure(Example.On("2026-03-01"), null)],
        };
        LocalDate[] dates = [Example.On("2025-12-31"), Example.On("2026-01-01"), Example.On("2026-02-01"), Example.On("2026-03-01")];
        Assert.That(dates.Select(member.IsIn), Is.EqualTo([false, true, false, true]));
    }
}
