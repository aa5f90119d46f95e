using NodaTime;
using PmBot.Mattermost.Commands;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <content>Covers, swaps and the consent to them.</content>
internal sealed partial class RotationChanges
{
    /// <summary>Carries out moves of shifts to which all have agreed; used by commands and by the consenting button.</summary>
    /// <returns>What is to be said of it.</returns>
    public string Carry(Change change, IReadOnlyList<Move> moves, string action)
    {
        var before = change.Stored;
        var after = before;
        foreach (var move in moves)
        {
            after = after.Give(after.Shifts().First(s => s.Number == move.Shift), move.To, move.Kind, change.Now, move.Kind == ShiftReason.Swap ? move.From : null);
        }

        var shifts = moves.Select(m => after.Shifts().First(s => s.Number == m.Shift)).ToList();
        var told = string.Join(", ", shifts.Select(s => $"{change.User(s.OnDuty)} has {RotationTexts.ShiftOf(after, s, change.Now)}"));
        var underWay = moves.FirstOrDefault(m => m.Shift == before.Current.Number);
        if (underWay is not null)
        {
            after = messages.TakenOver(change.Transaction, before, after, new HandoffAudience([], change.Caller.UserId), change.Now);
            messages.Tell(
                change.Transaction, after, before.Current.OnDuty, change.Caller.UserId,
                $"{change.User(underWay.To)} has **{RotationTexts.Name(after)}** now, instead of you.");
        }

        if (moves.Any(m => m != underWay))
        {
            messages.Announce(change.Transaction, after, $"**{RotationTexts.Name(after)}**: {told}{How()}.");
        }

        foreach (var move in moves.Where(m => m != underWay))
        {
            var shift = after.Shifts().First(s => s.Number == move.Shift);
            var span = change.Span(shift);
            messages.Tell(change.Transaction, after, move.To, change.Caller.UserId, $"You have {span} ({Was(move)}; by {change.Caller.Username}).");
            messages.Tell(change.Transaction, after, move.From, change.Caller.UserId, $"{change.User(move.To)} has {span}, instead of you (by {change.Caller.Username}).");
        }

        Save(change, after, action, string.Join("; ", moves.Select(m => $"shift {m.Shift}: {m.From}")), string.Join("; ", moves.Select(m => $"shift {m.Shift}: {m.To}")));
        return $"{told}{How()}.";

        string How() => moves.Count > 1 ? " (swapped)" : $"; {Was(moves[0])}";

        string Was(Move move) => move.From is null ? "nobody had it" : $"it was {change.User(move.From)}'s";
    }

    /// <summary>Whether the shifts are still held by whom a proposal says.</summary>
    public static bool StillHolds(Rotation rotation, IReadOnlyList<Move> moves) =>
        moves.All(m => rotation.Shifts().TakeWhile(s => s.Number <= m.Shift).LastOrDefault() is { } shift && shift.Number == m.Shift && shift.OnDuty == m.From);

    private string Cover(Change change, DateText on, string user, Users users)
    {
        var rotation = change.Stored;
        if (Shift(change, on, out var problem) is not { } shift || Members(change, [user], users, out problem) is not [{ } member])
        {
            return problem;
        }

        return Trade(change, shift, member);
    }

    private string Take(Change change, RotationCommand.Take take)
    {
        var rotation = change.Stored;
        var problem = "";
        if ((take.On is null ? rotation.ShiftAt(change.Now) : Shift(change, take.On, out problem)) is not { } shift)
        {
            return problem;
        }

        return rotation.IsMember(change.Caller.UserId, change.Now) && rotation.Find(change.Caller.UserId) is { } self
            ? Trade(change, shift, self)
            : NoMember(change);
    }

    /// <summary>One shift is to go to <paramref name="to"/>: at once where nobody's consent is missing, else by asking.</summary>
    private string Trade(Change change, Shift shift, Member to)
    {
        var (rotation, caller) = (change.Stored, change.Caller);
        var self = to.UserId == caller.UserId;
        var which = RotationTexts.ShiftOf(rotation, shift, change.Now);
        if (shift.OnDuty == to.UserId)
        {
            return $"{(self ? "You have" : $"{to.Username} has")} {which} already. Nothing was changed.";
        }

        if (rotation.IsAway(to.UserId, shift) && !self)
        {
            var absence = rotation.Absences.First(a => a.UserId == to.UserId && a.Overlaps(shift.ScheduledOn, rotation.Schedule.After(shift.ScheduledOn)));
            return $"{to.Username} is away then: {RotationTexts.Span(rotation, absence, change.Now)}. Nothing was changed. Who has which week: {texts.Command(change.Stored, "schedule")}";
        }

        var move = new Move(shift.Number, shift.OnDuty, to.UserId, ShiftReason.Cover);
        var ownTurnBack = self && shift.TurnOf == caller.UserId && shift.Reason == ShiftReason.Absence;
        if (caller.IsAdmin || (self && (shift.OnDuty is null || ownTurnBack)))
        {
            return Carry(change, [move], "cover") + Undo(shift);
        }

        if (!rotation.IsMember(caller.UserId, change.Now))
        {
            return NoMember(change);
        }

        if (self)
        {
            Ask(change, shift, move, shift.OnDuty!, $"{caller.Username} would take {which} of **{RotationTexts.Name(rotation)}** from you. Do you agree?", "Yes, they may");
            return $"I asked {change.User(shift.OnDuty)} by direct message whether you may take {which}. It stays theirs until they agree. Nothing else was changed.";
        }

        if (shift.OnDuty is not null && shift.OnDuty != caller.UserId)
        {
            return $"{char.ToUpperInvariant(which[0])}{which[1..]} is {change.User(shift.OnDuty)}'s: only they or an admin can give it to {to.Username}. Nothing was changed. "
                + $"You would take it yourself? {texts.Command(change.Stored, $"take {RotationTexts.Iso(shift.ScheduledOn)}")}";
        }

        Ask(change, shift, move, to.UserId, $"{caller.Username} asks you to take {which} of **{RotationTexts.Name(rotation)}**{(shift.Number == rotation.Current.Number ? "" : $", until {change.Time(shift.End)}")}. Do you?", "Yes, I do it");
        return $"I asked {to.Username} by direct message. {char.ToUpperInvariant(which[0])}{which[1..]} stays {(shift.OnDuty is null ? "uncovered" : "yours")} until they agree. Nothing else was changed.";

        string Undo(Shift was) => was.OnDuty is { } before
            ? $" Undo: {texts.Command(change.Stored, $"cover {(was.Number == rotation.Current.Number ? "today" : RotationTexts.Iso(was.ScheduledOn))} @{change.User(before)}")}"
            : "";
    }

    private string SwapDates(Change change, RotationCommand.SwapDates dates) =>
        Shift(change, dates.First, out var problem) is { } first && Shift(change, dates.Second, out problem) is { } second
            ? Swap(change, first, second)
            : problem;

    private string SwapUsers(Change change, RotationCommand.SwapUsers pair, Users users)
    {
        if (Members(change, [pair.First, pair.Second], users, out var problem) is not [{ } a, { } b])
        {
            return problem;
        }

        // Their next ones: a shift under way is not a next one.
        var coming = change.Stored.Shifts().Skip(1).Take(FarShifts).ToList();
        var (first, second) = (coming.FirstOrDefault(s => s.OnDuty == a.UserId), coming.FirstOrDefault(s => s.OnDuty == b.UserId));
        return first is null || second is null
            ? $"{(first is null ? a : b).Username} has no shift to come. Nothing was changed."
            : Swap(change, first, second);
    }

    private string Swap(Change change, Shift first, Shift second)
    {
        var (rotation, caller) = (change.Stored, change.Caller);
        if (first.Number == second.Number)
        {
            return $"Both dates are in one shift, that of {change.Date(first.ScheduledOn)}. Nothing was changed.";
        }

        if (first.OnDuty is null || second.OnDuty is null)
        {
            return $"Nobody has {RotationTexts.ShiftOf(rotation, first.OnDuty is null ? first : second, change.Now)}; there is nothing to swap. Take it: {texts.Command(change.Stored, $"take {RotationTexts.Iso((first.OnDuty is null ? first : second).ScheduledOn)}")}. Nothing was changed.";
        }

        if (first.OnDuty == second.OnDuty)
        {
            return $"{change.User(first.OnDuty)} has both of these shifts. Nothing was changed.";
        }

        foreach (var (who, shift) in new[] { (first.OnDuty, second), (second.OnDuty, first) })
        {
            if (rotation.IsAway(who, shift))
            {
                return $"{change.User(who)} is away in {RotationTexts.ShiftOf(rotation, shift, change.Now)}. Nothing was changed.";
            }
        }

        Move[] moves =
        [
            new(first.Number, first.OnDuty, second.OnDuty, ShiftReason.Swap),
            new(second.Number, second.OnDuty, first.OnDuty, ShiftReason.Swap),
        ];
        if (caller.IsAdmin)
        {
            return Carry(change, moves, "swap") + $" Undo: {texts.Command(change.Stored, $"swap {RotationTexts.Iso(first.ScheduledOn)} {RotationTexts.Iso(second.ScheduledOn)}")}";
        }

        if (first.OnDuty != caller.UserId && second.OnDuty != caller.UserId)
        {
            return $"These shifts are {change.User(first.OnDuty)}'s and {change.User(second.OnDuty)}'s: only they or an admin can swap them. Nothing was changed.";
        }

        var (mine, theirs) = first.OnDuty == caller.UserId ? (first, second) : (second, first);
        var later = theirs.Start > mine.Start ? theirs : mine;
        messages.Ask(
            change.Transaction, rotation, new Proposal(rotation.Id, caller.UserId, caller.Username, theirs.OnDuty!, moves),
            $"{caller.Username} asks you to swap in **{RotationTexts.Name(rotation)}**: you would have {RotationTexts.ShiftOf(rotation, mine, change.Now)}, they {RotationTexts.ShiftOf(rotation, theirs, change.Now)}. Do you agree?",
            "Yes, swap", Life(change, mine.Start < theirs.Start ? mine : theirs));
        Audit(change, "ask to swap", $"shift {later.Number}");
        return $"I asked {change.User(theirs.OnDuty)} by direct message. Both shifts stay as they are until they agree. Nothing else was changed.";
    }

    private void Ask(Change change, Shift shift, Move move, string asked, string question, string yes)
    {
        messages.Ask(
            change.Transaction, change.Stored, new Proposal(change.Stored.Id, change.Caller.UserId, change.Caller.Username, asked, [move]), question, yes, Life(change, shift));
        Audit(change, "ask to cover", $"shift {shift.Number}");
    }

    private static void Audit(Change change, string action, string what) => change.Transaction.Audit(
        change.Stored.WorkspaceId, change.Now, change.Caller.UserId, RotationClock.Subject(change.Stored), action, null, what);

    /// <summary>A question is open until its shift is over, two weeks at most.</summary>
    private static Duration Life(Change change, Shift shift) => Duration.Min(Mattermost.Inbound.ActionSigner.DefaultLife, shift.End - change.Now);
}
