using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using NodaTime;
using NUnit.Framework;
using PmBot.Rotations;

namespace PmBot.Tests.Rotations;

/// <summary>What is true of a rotation whatever happens to it. A failure prints the shrunk steps and the seed that replays them.</summary>
[TestFixture]
public sealed class RotationPropertyTests
{
    private static readonly Deed[] AllDeeds =
    [
        .. Enum.GetValues<Deed>(), Deed.Wait, Deed.Wait, Deed.Wait, Deed.Add, Deed.Add, Deed.Add, Deed.Away, Deed.Cover, Deed.Swap,
    ];

    private static readonly Gen<HandoffSchedule> Schedules =
        from day in Gen.Choose(1, 7)
        from time in Gen.Elements(new LocalTime(9, 0), new LocalTime(2, 30), new LocalTime(0, 0))
        from zone in Gen.Elements("America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia")
        from weeks in Gen.Choose(1, 3)
        select new HandoffSchedule((IsoDayOfWeek)day, time, zone, weeks);

    [TestCase(20_261_130u)]
    [TestCase(7u)]
    public void Whatever_happens_it_stays_a_rotation(uint seed) => Run(500, seed, Prop.ForAll(StepsOf(AllDeeds), steps =>
    {
        var life = new Life();
        foreach (var step in steps)
        {
            life.Do(step);
        }
    }));

    [Test]
    public void Of_a_fixed_roster_nobody_ever_carries_two_turns_more_than_another()
    {
        var cases = from count in Gen.Choose(1, 12)
                    from schedule in Schedules
                    from strides in Gen.Choose(1, 2_000).ListOf(25)
                    select (count, schedule, strides.ToArray());
        Run(300, 11, Prop.ForAll(Arb.From(cases), c =>
        {
            var (count, schedule, strides) = c;
            var rotation = Enumerable.Range(0, count).Aggregate(Example.Empty(schedule), (r, i) => r.Add(Example.Person($"u{i}"), new LocalDate(2026, 1, 1)));
            var carried = rotation.Roster.ToDictionary(m => m.UserId, _ => 0);
            var now = Example.Made;
            foreach (var stride in strides)
            {
                now += Duration.FromHours(stride);
                var handover = rotation.AdvanceTo(now);
                rotation = handover?.Rotation ?? rotation;
                foreach (var past in (handover?.Past ?? []).Where(p => p.Shift.Number > 0))
                {
                    carried[past.Shift.OnDuty!]++;
                    if (past.Shift.Reason != ShiftReason.Turn || carried.Values.Max() - carried.Values.Min() > 1)
                    {
                        throw new BrokenException($"unfair after {past.Shift}");
                    }
                }
            }
        }));
    }

    [Test]
    public void Whoever_comes_and_goes_those_who_stay_have_equal_turns()
    {
        Deed[] deeds = [Deed.Wait, Deed.Wait, Deed.Outage, Deed.Add, Deed.Add, Deed.Remove, Deed.HandOffNow];
        Run(500, 13, Prop.ForAll(StepsOf(deeds), steps =>
        {
            // u7, u8 and u9 stay all the time; the steps add and remove u0 to u6 around them.
            var life = new Life();
            life.StayAllTheTime([new("u7", "g", "", "", []), new("u8", "aaa", "Ann", "", []), new("u9", "zzz", "", "", [])]);
            foreach (var step in steps)
            {
                life.Do(step with { B = step.A % 7 }); // one name each: another name would be another place in the order
                var turns = new Dictionary<string, int> { ["u7"] = 0, ["u8"] = 0, ["u9"] = 0 };
                foreach (var shift in life.Past.Concat(life.Rotation.Shifts().Take(30)).Where(s => s.TurnOf is "u7" or "u8" or "u9"))
                {
                    turns[shift.TurnOf!]++;
                    if (turns.Values.Max() - turns.Values.Min() > 1)
                    {
                        throw new BrokenException($"unfair with {shift}");
                    }
                }
            }
        }));
    }

    private static Arbitrary<Step[]> StepsOf(Deed[] deeds)
    {
        var step = from deed in Gen.Elements(deeds)
                   from a in Gen.Choose(0, 99)
                   from b in Gen.Choose(0, 99)
                   from c in Gen.Choose(0, 99)
                   select new Step(deed, a, b, c);
        return Arb.From(Gen.Choose(1, 60).SelectMany(n => step.ArrayOf(n)), Fewer);
    }

    /// <summary>Halves first, then without one step each.</summary>
    private static IEnumerable<Step[]> Fewer(Step[] steps)
    {
        if (steps.Length > 3)
        {
            yield return steps[..(steps.Length / 2)];
            yield return steps[(steps.Length / 2)..];
        }

        for (var i = 0; i < steps.Length; i++)
        {
            yield return [.. steps[..i], .. steps[(i + 1)..]];
        }
    }

    private static void Run(int times, ulong seed, Property property) =>
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(times)
                .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed, 1), FSharpOption<int>.None))),
            property);
}
