using System.Text.Json;
using NodaTime;
using PmBot.Rotations;
using PmBot.Storage;

namespace PmBot.Tests.Rotations;

internal enum Deed
{
    Wait,
    Outage,
    Add,
    Remove,
    Alphabetical,
    Reorder,
    Cover,
    TakeBack,
    Swap,
    Away,
    Back,
    HandOffNow,
    RescheduleDay,
    RescheduleTime,
    RescheduleZone,
    RescheduleWeeks,
    Rename,
}

/// <summary>Something that happens to a rotation. What the numbers mean depends on the deed and on the state it meets.</summary>
internal sealed record Step(Deed Deed, int A, int B, int C);

/// <summary>Something that must always be true was not.</summary>
internal sealed class BrokenException(string message) : Exception(message);

/// <summary>A rotation to which things happen, and all that must be true of it after each of them.</summary>
internal sealed class Life
{
    private const int Ahead = 30;

    private static readonly string[] Zones = ["America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"];
    private static readonly LocalTime[] Times = [new(9, 0), new(2, 30), new(0, 0), new(23, 30), new(17, 15)];
    private static readonly string[] FirstNames = ["", "Ann", "ann", "Bob", "Zoë"];
    private static readonly string[] LastNames = ["", "Ash", "Oak"];

    private readonly List<Shift> past = [];
    private Instant now = Example.Made;
    private Rotation rotation;

    public Life(HandoffSchedule? schedule = null)
    {
        rotation = Example.Empty(schedule);
        Check();
    }

    public Rotation Rotation => rotation;

    /// <summary>Those that are over, the oldest first.</summary>
    public IReadOnlyList<Shift> Past => past;

    /// <summary>Members whom no step adds or removes.</summary>
    public void StayAllTheTime(IEnumerable<Member> members) =>
        rotation = members.Aggregate(rotation, (r, m) => r.Add(m, rotation.Schedule.DateOf(now)));

    public void Do(Step step)
    {
        var before = rotation;
        Happen(step);
        if (step.Deed is Deed.Add or Deed.Remove or Deed.Alphabetical or Deed.Reorder or Deed.Rename)
        {
            Hold(rotation.Current == before.Current, "the shift under way is a fact");
        }

        if (step.Deed is not (Deed.Wait or Deed.Outage or Deed.HandOffNow or Deed.Cover or Deed.TakeBack or Deed.Swap))
        {
            Hold(rotation.Assignments.SequenceEqual(before.Assignments), "what was agreed stays agreed");
        }

        if (step.Deed is not (Deed.Wait or Deed.Outage or Deed.HandOffNow))
        {
            Hold((rotation.Current.Number, rotation.Current.Start) == (before.Current.Number, before.Current.Start), "only a handoff begins a shift");
        }

        Check();
    }

    private static void Hold(bool true_, string what)
    {
        if (!true_)
        {
            throw new BrokenException(what);
        }
    }

    private static void Hold(bool true_, string what, object about)
    {
        if (!true_)
        {
            throw new BrokenException($"{what}: {about}");
        }
    }

    private static string Id(int n) => $"u{n % 7}";

    private static Member User(int n, int name) =>
        new(Id(n), $"user{n % 7}", FirstNames[name % FirstNames.Length], LastNames[name / FirstNames.Length % LastNames.Length], []);

    private void Happen(Step step)
    {
        var today = rotation.Schedule.DateOf(now);
        var (a, b, c) = (step.A, step.B, step.C);
        switch (step.Deed)
        {
            case Deed.Wait:
                Advance(now + Duration.FromMinutes(1 + (a * 137)));
                break;
            case Deed.Outage:
                Advance(now + Duration.FromHours(24 + (a * 61)));
                break;
            case Deed.Add:
                rotation = rotation.Add(User(a, b), today.PlusDays((c % 40) - 5));
                break;
            case Deed.Remove when rotation.Find(Id(a)) is not null:
                rotation = rotation.Remove(Id(a), today.PlusDays((c % 40) - 5));
                break;
            case Deed.Alphabetical:
                rotation = rotation with { Order = RotationOrder.Alphabetical };
                break;
            case Deed.Reorder:
                var ids = rotation.Roster.Where(m => m.IsInOrWillBe(today)).Select(m => m.UserId).ToList();
                rotation = rotation.Reorder([.. ids.Skip(a % (ids.Count + 1)).Reverse(), .. ids.Take(a % (ids.Count + 1))]);
                break;
            case Deed.Cover when rotation.IsMember(Id(a), now):
                rotation = rotation.Give(rotation.Shifts().ElementAt(b % 9), Id(a), ShiftReason.Cover, now);
                break;
            case Deed.TakeBack when rotation.Shifts().ElementAt(b % 9) is { TurnOf: { } turn } shift:
                rotation = rotation.Give(shift, turn, ShiftReason.Cover, now);
                break;
            case Deed.Swap when rotation.Shifts().ElementAt(a % 9) is { OnDuty: { } one } first
                && rotation.Shifts().ElementAt(b % 9) is { OnDuty: { } other } second && one != other:
                rotation = rotation.Give(first, other, ShiftReason.Swap, now);
                rotation = rotation.Give(rotation.Shifts().First(s => s.Number == second.Number), one, ShiftReason.Swap, now);
                break;
            case Deed.Away when rotation.IsMember(Id(a), now):
                var from = today.PlusDays((b % 40) - 5);
                var to = from.PlusDays(c % 25);
                rotation = rotation.Away(new Absence(Id(a), from, to < today ? today : to, null), now);
                break;
            case Deed.Back:
                rotation = rotation.Back(Id(a));
                break;
            case Deed.HandOffNow when rotation is { Current: { TurnOf: null, OnDuty: null } }:
                var begun = rotation.HandOffNow(now)!;
                Hold(begun.Past.Count == 0 && begun.Rotation.NextOn == rotation.NextOn, "the first turn begins in the shift under way");
                Hold(begun.Rotation.Shifts().First().Number == rotation.Current.Number, "which stays the same");
                rotation = begun.Rotation;
                break;
            case Deed.HandOffNow when rotation.HandOffNow(now) is { } handover:
                var next = rotation.Shifts().ElementAt(1);
                Hold(handover.Past is [var only] && only.Shift == rotation.Shifts().First() with { End = now }, "the shift under way ends at once");
                past.AddRange(handover.Past.Select(p => p.Shift));
                rotation = handover.Rotation;
                var early = rotation.Shifts().First();
                Hold(early == next with { Start = now, OnDuty = early.OnDuty, Reason = early.Reason }, "the next one begins, and ends when it was to");
                Hold(
                    early.OnDuty == next.OnDuty || rotation.Absences.Any(a => a.UserId == next.OnDuty && a.From < next.ScheduledOn && a.To >= rotation.Schedule.DateOf(now)),
                    "with whoever was to have it, unless they are away until then");
                Hold(
                    next.Start <= now || rotation.HandOffNow(now) is null || rotation.Current is { TurnOf: null, OnDuty: null },
                    "one handoff at once is enough, unless it was to nobody");
                break;
            case Deed.RescheduleDay:
                Reschedule(rotation.Schedule with { Day = (IsoDayOfWeek)(1 + (a % 7)) });
                break;
            case Deed.RescheduleTime:
                Reschedule(rotation.Schedule with { Time = Times[a % Times.Length] });
                break;
            case Deed.RescheduleZone:
                Reschedule(rotation.Schedule with { Zone = Zones[a % Zones.Length] });
                break;
            case Deed.RescheduleWeeks:
                Reschedule(rotation.Schedule with { Weeks = 1 + (a % 3) });
                break;
            case Deed.Rename:
                rotation = rotation.WithNames([User(a, b), User(b, c)]);
                break;
        }
    }

    private void Reschedule(HandoffSchedule schedule)
    {
        var before = rotation;
        rotation = rotation.Reschedule(schedule, now);
        Hold(rotation.NextHandoff > now, "the next handoff is still to come");
        Hold(rotation.NextOn.DayOfWeek == schedule.Day, "it is on the new weekday");
        var sameWeek = before.NextOn.Previous(IsoDayOfWeek.Sunday).PlusDays((int)schedule.Day);
        sameWeek = before.NextOn.DayOfWeek == IsoDayOfWeek.Sunday ? before.NextOn.PlusDays((int)schedule.Day - 7) : sameWeek;
        Hold(rotation.NextOn == sameWeek || schedule.At(sameWeek) <= now, "it stays in its week if it can");
        Hold(Period.DaysBetween(sameWeek, rotation.NextOn) % (7 * schedule.Weeks) == 0, "it moves on by whole shifts");
    }

    private void Advance(Instant to)
    {
        var before = rotation;
        now = to;
        var handover = rotation.AdvanceTo(now);
        Hold(handover is null == before.NextHandoff > now, "what is due is done, and nothing else");
        if (handover is null)
        {
            return;
        }

        rotation = handover.Rotation;
        past.AddRange(handover.Past.Select(p => p.Shift));
        Hold(rotation.AdvanceTo(now) is null, "what is done is not done again");

        // What was foretold is what happened, the shifts that nobody was there to begin included.
        var foretold = before.Shifts().TakeWhile(s => s.Start <= now).ToList();
        Hold(rotation.Shifts().First().Number == before.ShiftAt(now).Number, "the shift under way is the one at that instant");
        var done = handover.Past.Select(p => p.Shift).Append(rotation.Shifts().First());
        Hold(done.SequenceEqual(foretold), "foretold and done", $"\n{string.Join('\n', foretold)}\n-- but --\n{string.Join('\n', done)}");
    }

    private void Check()
    {
        var shifts = rotation.Shifts().Take(Ahead + 1).ToList();
        CheckTime(shifts);
        CheckHolders(shifts);
        CheckTurns(shifts);
        CheckStored(shifts);
    }

    private void CheckTime(List<Shift> shifts)
    {
        IReadOnlyList<Shift> all = [.. past, .. shifts];
        Hold(all[0].Start == rotation.CreatedAt && all[0].Number == 0, "it begins at its beginning");
        for (var i = 0; i < all.Count; i++)
        {
            Hold(all[i].Start < all[i].End || (all[i].Start == all[i].End && i < past.Count), "a shift lasts", all[i]);
            Hold(i == 0 || (all[i].Start == all[i - 1].End && all[i].Number == all[i - 1].Number + 1), "one follows the other", all[i]);
        }

        Hold(shifts[0].Start <= now && now < shifts[0].End, "the shift under way is now", shifts[0]);
        foreach (var shift in shifts.Skip(1))
        {
            var local = shift.Start.InZone(rotation.Schedule.DateTimeZone()).LocalDateTime;
            var wanted = shift.ScheduledOn.At(rotation.Schedule.Time);
            Hold(shift.ScheduledOn.DayOfWeek == rotation.Schedule.Day, "on its weekday", shift);
            Hold(local == wanted || rotation.Schedule.DateTimeZone().MapLocal(wanted).Count == 0, "at its time", shift);
        }

        foreach (var shift in shifts.Skip(1).Take(4))
        {
            Hold(rotation.ShiftAt(shift.Start) == shift && rotation.ShiftAt(shift.End - Duration.Epsilon) == shift, "whose instant it is", shift);
            Hold(rotation.ShiftOn(shift.ScheduledOn) == shift, "whose date it is", shift);
            Hold(rotation.ShiftOn(rotation.Schedule.After(shift.ScheduledOn).PlusDays(-1)) == shift, "whose last date it is", shift);
        }

        var since = rotation.Current.Start;
        foreach (var stint in rotation.Current.Earlier)
        {
            Hold(stint.Start == since && stint.End >= since, "stints follow one another", stint);
            since = stint.End;
        }

        Hold(rotation.Current.Since == since, "the last stint is the present one");
    }

    private void CheckHolders(List<Shift> shifts)
    {
        foreach (var shift in shifts.Concat(past))
        {
            Hold(shift.OnDuty is null == (shift.Reason == ShiftReason.Uncovered), "one has it, or it is uncovered", shift);
            Hold(shift.OnDuty is null || rotation.Find(shift.OnDuty) is not null, "whoever has it is or was a member", shift);
            Hold(shift.Reason != ShiftReason.Turn || shift.OnDuty == shift.TurnOf, "a turn is one's own", shift);
        }

        foreach (var shift in shifts.Skip(1))
        {
            bool Away(string id) => rotation.Absences.Any(a => a.UserId == id && a.From < rotation.Schedule.After(shift.ScheduledOn) && a.To >= shift.ScheduledOn);
            var agreed = rotation.Assignments.SingleOrDefault(a => a.Shift == shift.Number);
            Hold(
                shift.OnDuty is null || !Away(shift.OnDuty) || (agreed is { EvenIfAway: true } && agreed.UserId == shift.OnDuty),
                "nobody is on duty while away", shift);
            Hold(
                shift.OnDuty is not null || rotation.Roster.All(m => !m.IsIn(shift.ScheduledOn) || Away(m.UserId)),
                "uncovered only if nobody is there", shift);
            Hold(agreed is null || shift.OnDuty == agreed.UserId || (!agreed.EvenIfAway && Away(agreed.UserId)), "what was agreed is done", shift);
            Hold(
                shift.Reason is not (ShiftReason.Cover or ShiftReason.Swap) || (agreed?.Kind == shift.Reason && agreed.UserId == shift.OnDuty),
                "a cover or swap was agreed", shift);
            Hold(shift.Reason != ShiftReason.Absence || Away(agreed?.UserId ?? shift.TurnOf!), "somebody is away", shift);
            Hold(agreed is not null || shift.OnDuty is null || rotation.Find(shift.OnDuty)!.IsIn(shift.ScheduledOn), "only members have turns", shift);
        }
    }

    /// <summary>Turns go round, whoever carries them: a second reading of the rule.</summary>
    private void CheckTurns(List<Shift> shifts)
    {
        var ring = new Queue<Member>(rotation.InOrder());
        for (var i = 0; i < ring.Count && rotation.Find(rotation.LastTurn) is not null; i++)
        {
            ring.Enqueue(ring.Dequeue());
            if (ring.Last().UserId == rotation.LastTurn)
            {
                break;
            }
        }

        foreach (var shift in shifts.Skip(1))
        {
            var turn = ring.FirstOrDefault(m => m.IsIn(shift.ScheduledOn));
            Hold(shift.TurnOf == turn?.UserId, "whose turn it is", shift);
            while (turn is not null && ring.Last() != turn)
            {
                ring.Enqueue(ring.Dequeue());
            }

            if (turn is not null && ring.Peek() == turn)
            {
                ring.Enqueue(ring.Dequeue());
            }
        }
    }

    private void CheckStored(List<Shift> shifts)
    {
        var json = JsonSerializer.Serialize(rotation, StoreJson.Options);
        var back = JsonSerializer.Deserialize<Rotation>(json, StoreJson.Options)!;
        Hold(back.Shifts().Take(20).SequenceEqual(shifts.Take(20)), "what is stored behaves as before", json);
        Hold(JsonSerializer.Serialize(back, StoreJson.Options) == json, "nothing is lost by being stored", json);
    }
}
