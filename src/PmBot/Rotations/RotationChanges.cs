using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>Who asks for a change, and what they may do.</summary>
internal sealed record Caller(string UserId, string Username, AdminRight Right)
{
    public bool IsAdmin => Right is AdminRight.Yes;

    /// <summary>A sentence for something that only admins may do.</summary>
    public string Refusal(string what) => Right is AdminRight.Unknown unknown
        ? $"Only admins may {what}, and I could not find out whether you are one: {unknown.Reason} Nothing was changed; please try again."
        : $"Only admins may {what}: the admins of this team, and those whom the setting `PmBot:Admins` names. Nothing was changed.";
}

/// <summary>A change under way: what it is about, and what it has come to.</summary>
internal sealed record Change(IWriteTransaction Transaction, Rotation Stored, Caller Caller, Instant Now)
{
    /// <summary>Its date in the rotation's zone.</summary>
    public LocalDate Today => Stored.Schedule.DateOf(Now);

    public string Date(LocalDate date) => RotationTexts.Date(Stored, date, Now);

    public string Time(Instant instant) => RotationTexts.Time(Stored, instant, Now);

    public string User(string? userId) => RotationTexts.User(Stored, userId);
}

/// <summary>
/// Changes rotations: for each verb who may, whether it can be, what it comes to, who is told. A refusal is an answer and leaves
/// everything as it was.
/// </summary>
internal sealed class RotationChanges(
    IStore store,
    RotationTexts texts,
    RotationMessages messages,
    RotationClock clock,
    RotationAlarms alarms,
    RotationPeople people,
    RotationSetter setter,
    Admins admins,
    IDirectory directory,
    TimeProvider time)
{
    private const int MostMembers = 200;
    private const int MostDuties = 20;
    private const int LongestText = 1000;

    /// <summary>Carries out a verb that changes a rotation.</summary>
    public async Task<CommandReply> RunAsync(SlashCommand slash, RotationCommand command, CancellationToken cancellationToken)
    {
        var right = await admins.RightAsync(slash.TeamId, slash.UserId, slash.Username, cancellationToken);
        var caller = new Caller(slash.UserId, slash.Username, right);
        switch (command)
        {
            case RotationCommand.Add add:
                return await AddAsync(slash, caller, add, cancellationToken);
            case RotationCommand.Set set:
                return await setter.SetAsync(slash, caller, set, this, cancellationToken);
            case RotationCommand.HandOff { Now: true } handoff:
                return await HandOffNowAsync(slash, caller, handoff, cancellationToken);
            default:
                var users = await IdsAsync(slash, command, cancellationToken);
                var audience = new HandoffAudience(await admins.ToTellAsync(slash.TeamId, cancellationToken), caller.UserId);
                return await ChangeAsync(slash.TeamId, command.RotationName, caller, change => command switch
                {
                    RotationCommand.Remove remove => Remove(change, remove, users),
                    RotationCommand.Order order => Reorder(change, order, users),
                    RotationCommand.Cover cover => Cover(change, cover.On, cover.User, users),
                    RotationCommand.Take take => Take(change, take),
                    RotationCommand.SwapDates dates => SwapDates(change, dates),
                    RotationCommand.SwapUsers pair => SwapUsers(change, pair, users),
                    RotationCommand.Away away => Away(change, away, users, audience),
                    RotationCommand.Back back => Back(change, back, users),
                    RotationCommand.HandOff handoff => Note(change, handoff),
                    RotationCommand.Ack => Acknowledge(change),
                    RotationCommand.AddDuty duty => AddDuty(change, duty),
                    RotationCommand.RemoveDuty duty => RemoveDuty(change, duty),
                    _ => throw new InvalidOperationException(command.GetType().Name),
                }, cancellationToken);
        }
    }

    /// <summary>Runs a change on a rotation as it is now: with its members' present names, and nothing due left undone before it.</summary>
    public async Task<CommandReply> ChangeAsync(
        string workspaceId, string? name, Caller caller, Func<Change, string> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (seen, problem) = RotationChoice.Choose(await store.ReadAsync(t => t.RotationsOf(workspaceId), cancellationToken), name, texts);
            if (seen is null)
            {
                return new CommandReply(problem);
            }

            var names = await people.FreshAsync(seen, cancellationToken);
            if (seen.NextHandoff <= Now())
            {
                // The alarm is about to go off, or the clock has just been moved: the handoff comes first.
                await clock.RunAsync(seen.Id, cancellationToken);
            }

            var reply = await store.ExecuteAsync(
                transaction =>
                {
                    var now = Now();
                    var stored = transaction.Find(RotationStore.Table, seen.Id);
                    return stored is null ? $"**{RotationTexts.Name(seen)}** was deleted a moment ago. Nothing was changed."
                        : stored.NextHandoff <= now ? null
                        : change(new Change(transaction, stored.WithNames(names), caller, now));
                },
                cancellationToken);
            if (reply is not null)
            {
                return new CommandReply(reply);
            }
        }
    }

    /// <summary>Saves what a change came to, with its trail, and sees to the alarm.</summary>
    public void Save(Change change, Rotation after, string action, string? from, string? to)
    {
        change.Transaction.Save(RotationStore.Table, after);
        change.Transaction.Audit(after.WorkspaceId, change.Now, change.Caller.UserId, RotationClock.Subject(after), action, from, to);
        change.Transaction.AfterCommit(() => alarms.Set(after.Id));
    }

    /// <summary>Carries out moves of shifts to which all have agreed; used by commands and by the consenting button.</summary>
    /// <returns>What is to be said of it.</returns>
    public string Carry(Change change, IReadOnlyList<Move> moves, string action)
    {
        var before = change.Stored;
        var after = before;
        foreach (var move in moves)
        {
            after = after.Give(after.Shifts().First(s => s.Number == move.Shift), move.To, move.Kind, change.Now);
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
            var span = $"the shift in **{RotationTexts.Name(after)}** from **{change.Time(shift.Start)}** until {change.Time(shift.End)}";
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

    private async Task<CommandReply> AddAsync(SlashCommand slash, Caller caller, RotationCommand.Add add, CancellationToken cancellationToken)
    {
        if (!caller.IsAdmin)
        {
            return new CommandReply(caller.Refusal("change the roster"));
        }

        var found = await directory.UsersByNameAsync(add.Users, cancellationToken);
        if (found is not MattermostResult<IReadOnlyList<MattermostUser>>.Ok { Value: var users })
        {
            return new CommandReply($"I could not look the users up. {found.Describe()} Nothing was changed; please try again.");
        }

        var missing = add.Users.Except(users.Select(u => u.Username), StringComparer.OrdinalIgnoreCase).ToList();
        var unfit = users.Where(u => u.IsBot || u.IsDeactivated).Select(u => u.Username).ToList();
        if (missing.Count > 0 || unfit.Count > 0)
        {
            return new CommandReply(
                (missing.Count > 0 ? $"I know nobody of the name {string.Join(", ", missing)}. " : "")
                + (unfit.Count > 0 ? $"A bot or a deactivated account cannot be on duty: {string.Join(", ", unfit)}. " : "")
                + $"Nothing was changed. You typed: {Markdown.Code(slash.Typed)}");
        }

        return await ChangeAsync(slash.TeamId, add.RotationName, caller, change => Add(change, add, users), cancellationToken);
    }

    private string Add(Change change, RotationCommand.Add add, IReadOnlyList<MattermostUser> users)
    {
        var before = change.Stored;
        if (!Resolve(add.From, change, out var given, out var problem))
        {
            return problem;
        }

        var from = given ?? change.Today;
        if (users.Where(u => before.Find(u.Id)?.Tenures is [.., { Until: null } open] && open.From <= from).Select(u => u.Username).ToList() is { Count: > 0 } there)
        {
            return $"{string.Join(", ", there)} {(there.Count == 1 ? "is" : "are")} in **{RotationTexts.Name(before)}** already. Nothing was changed.";
        }

        if (before.Roster.Count + users.Count > MostMembers)
        {
            return $"A rotation has at most {MostMembers} members. Nothing was changed.";
        }

        var after = users.Aggregate(before, (r, u) => r.Add(RotationPeople.ToMember(u), from));
        TellWeeks(change, before, after, $"{change.Caller.Username} added {(users.Count > 2 ? When.Count(users.Count, "member") : string.Join(" and ", users.Select(u => u.Username)))}");
        Save(change, after, "add", RotationTexts.Members(before, change.Now), RotationTexts.Members(after, change.Now));
        return $"Added to **{RotationTexts.Name(after)}**{(add.From is null ? "" : $" from {change.Date(from)}")}: {string.Join(", ", users.Select(u => u.Username))}. "
            + $"The order is {RotationTexts.Members(after, change.Now)}.{NextUp(change, after)}{UnderWay(after)} "
            + $"Undo: {texts.Command(change.Stored, $"remove {string.Join(' ', users.Select(u => "@" + u.Username))}")}";
    }

    private string Remove(Change change, RotationCommand.Remove remove, Users users)
    {
        var before = change.Stored;
        if (!change.Caller.IsAdmin)
        {
            return change.Caller.Refusal("change the roster");
        }

        if (!Resolve(remove.From, change, out var given, out var problem) || Members(change, remove.Users, users, out problem) is not { } members)
        {
            return problem;
        }

        // Without a date it is the next handoff: the shift under way stays theirs.
        var from = given ?? before.NextOn;
        foreach (var member in members)
        {
            var promised = before.Shifts().Skip(1).Take(RotationVerbs.MostShifts)
                .FirstOrDefault(s => s.ScheduledOn >= from && before.Assignments.Any(a => a.Shift == s.Number && a.UserId == member.UserId));
            if (promised is not null)
            {
                return $"{member.Username} has taken the shift of {change.Date(promised.ScheduledOn)} ({RotationTexts.Why(before, promised)}). Give it to somebody else first, "
                    + $"{texts.Command(change.Stored, $"cover {Iso(promised.ScheduledOn)} @name")}, or take them out from a later date on. Nothing was changed.";
            }
        }

        var after = members.Aggregate(before, (r, m) => r.Remove(m.UserId, from));
        TellWeeks(change, before, after, $"{change.Caller.Username} took {string.Join(", ", members.Select(m => m.Username))} out");
        Save(change, after, "remove", RotationTexts.Members(before, change.Now), RotationTexts.Members(after, change.Now));
        var stays = members.FirstOrDefault(m => m.UserId == after.Current.OnDuty);
        return $"Taken out of **{RotationTexts.Name(after)}** from {change.Date(from)}: {string.Join(", ", members.Select(m => m.Username))}. The order is {RotationTexts.Members(after, change.Now)}."
            + (stays is null ? "" : $" {stays.Username} stays on duty until {change.Time(after.NextHandoff)}; sooner: {texts.Command(change.Stored, "handoff --now")}.")
            + NextUp(change, after) + $" Undo: {texts.Command(change.Stored, $"add {string.Join(' ', members.Select(m => "@" + m.Username))}{(remove.From is null ? "" : $" --from {Iso(from)}")}")}";
    }

    private string Reorder(Change change, RotationCommand.Order order, Users users)
    {
        var before = change.Stored;
        if (!change.Caller.IsAdmin)
        {
            return change.Caller.Refusal("change the order");
        }

        Rotation after;
        if (order.Users.Count == 0)
        {
            after = before with { Order = RotationOrder.Alphabetical };
        }
        else
        {
            if (Members(change, order.Users, users, out var problem) is not { } members)
            {
                return problem;
            }

            var missing = before.InOrder().Where(m => m.IsInOrWillBe(change.Today) && !members.Contains(m)).Select(m => "@" + m.Username).ToList();
            if (missing.Count > 0)
            {
                return $"An order lists all members; these are missing: {Markdown.Code(string.Join(' ', missing))}. Nothing was changed. "
                    + $"Try {texts.Command(change.Stored, $"order {string.Join(' ', order.Users.Select(u => "@" + u))} {string.Join(' ', missing)}")}";
            }

            after = before.Reorder([.. members.Select(m => m.UserId)]);
        }

        TellWeeks(change, before, after, $"{change.Caller.Username} changed the order");
        Save(change, after, "order", RotationTexts.Members(before, change.Now), RotationTexts.Members(after, change.Now));
        var undo = before.Order == RotationOrder.Alphabetical
            ? "order alphabetical"
            : $"order {string.Join(' ', before.InOrder().Where(m => m.IsInOrWillBe(change.Today)).Select(m => "@" + m.Username))}";
        return $"The order of **{RotationTexts.Name(after)}** is now {(after.Order == RotationOrder.Alphabetical ? "alphabetical by first name" : "as listed")}: "
            + $"{RotationTexts.Members(after, change.Now)}.{NextUp(change, after)} Undo: {texts.Command(change.Stored, undo)}";
    }

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
            Ask(change, shift, move, shift.OnDuty!, $"{caller.Username} would take {which} of **{RotationTexts.Name(rotation)}** from you. Do you agree?");
            return $"I asked {change.User(shift.OnDuty)} by direct message whether you may take {which}. It stays theirs until they agree. Nothing else was changed.";
        }

        if (shift.OnDuty is not null && shift.OnDuty != caller.UserId)
        {
            return $"{char.ToUpperInvariant(which[0])}{which[1..]} is {change.User(shift.OnDuty)}'s: only they or an admin can give it to {to.Username}. Nothing was changed. "
                + $"You would take it yourself? {texts.Command(change.Stored, $"take {Iso(shift.ScheduledOn)}")}";
        }

        Ask(change, shift, move, to.UserId, $"{caller.Username} asks you to take {which} of **{RotationTexts.Name(rotation)}**, until {change.Time(shift.End)}. Do you?");
        return $"I asked {to.Username} by direct message. {char.ToUpperInvariant(which[0])}{which[1..]} stays {(shift.OnDuty is null ? "uncovered" : "yours")} until they agree. Nothing else was changed.";

        string Undo(Shift was) => was.OnDuty is { } before
            ? $" Undo: {texts.Command(change.Stored, $"cover {(was.Number == rotation.Current.Number ? "today" : Iso(was.ScheduledOn))} @{change.User(before)}")}"
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
        var coming = change.Stored.Shifts().Skip(1).Take(RotationVerbs.MostShifts * 2).ToList();
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

        if ((first.OnDuty ?? second.OnDuty) is null || first.OnDuty is null || second.OnDuty is null)
        {
            return $"Nobody has {RotationTexts.ShiftOf(rotation, first.OnDuty is null ? first : second, change.Now)}; there is nothing to swap. Take it: {texts.Command(change.Stored, $"take {Iso((first.OnDuty is null ? first : second).ScheduledOn)}")}. Nothing was changed.";
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
            return Carry(change, moves, "swap") + $" Undo: {texts.Command(change.Stored, $"swap {Iso(first.ScheduledOn)} {Iso(second.ScheduledOn)}")}";
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
            Life(change, mine.Start < theirs.Start ? mine : theirs));
        Audit(change, "ask to swap", $"shift {later.Number}");
        return $"I asked {change.User(theirs.OnDuty)} by direct message. Both shifts stay as they are until they agree. Nothing else was changed.";
    }

    private string Away(Change change, RotationCommand.Away away, Users users, HandoffAudience audience)
    {
        var before = change.Stored;
        if (Person(change, away.User, users, "say that somebody else is away", out var problem) is not { } member)
        {
            return problem;
        }

        if (away.From.Resolve(change.Today) is not { } from
            || (away.To is null ? away.From.ResolveEnd(change.Today) : away.To.ResolveEnd(change.Today, from)) is not { } to)
        {
            return $"There is no such date. Dates are written {DateText.Forms}. Nothing was changed.";
        }

        if (to < from || to < change.Today || to > from.PlusYears(2))
        {
            return to < from ? $"The last day, {change.Date(to)}, is before the first, {change.Date(from)}. Nothing was changed."
                : to < change.Today ? $"That is over: {change.Date(to)} has passed. Nothing was changed."
                : "An absence lasts two years at most. Nothing was changed.";
        }

        if (away.Reason is { Length: > 200 })
        {
            return "A reason has 200 characters at most. Nothing was changed.";
        }

        var absence = new Absence(member.UserId, from, to, away.Reason);
        var after = before.Away(absence, change.Now);
        var changed = Changed(before, after, to);
        if (after.Current.OnDuty != before.Current.OnDuty)
        {
            after = messages.TakenOver(change.Transaction, before, after, audience, change.Now);
        }

        foreach (var (was, shift) in changed)
        {
            var span = $"the shift in **{RotationTexts.Name(after)}** from **{change.Time(shift.Start)}** until {change.Time(shift.End)}";
            messages.Tell(change.Transaction, after, shift.OnDuty, change.Caller.UserId, $"You have {span}, because {member.Username} is away. You can't? {texts.Command(change.Stored, "help cover")}");
            if (was.OnDuty != member.UserId)
            {
                messages.Tell(change.Transaction, after, was.OnDuty, change.Caller.UserId, $"{change.User(shift.OnDuty)} has {span}, instead of you.");
            }
        }

        if (changed.Count > 0)
        {
            messages.Announce(change.Transaction, after, $"**{RotationTexts.Name(after)}**: {member.Username} is away. {Sentence(changed)}");
        }

        messages.Tell(change.Transaction, after, member.UserId, change.Caller.UserId, $"{change.Caller.Username} said that you are away: {RotationTexts.Span(after, absence, change.Now)}. Not so? {texts.Command(change.Stored, "back")}");
        Save(change, after, "away", null, $"{member.UserId} {Iso(from)} {Iso(to)}");
        var mine = member.UserId == change.Caller.UserId;
        var stays = after.Current.OnDuty == member.UserId && absence.Overlaps(change.Today, after.NextOn)
            ? $"{(changed.Count > 0 ? " " : "")}The shift under way stays {(mine ? "yours" : "theirs")} until {change.Time(after.NextHandoff)}; give it away in time: {texts.Command(change.Stored, "cover today @name")}."
            : "";
        return $"{(mine ? "You are" : $"{member.Username} is")} away {RotationTexts.Span(after, absence, change.Now)}. "
            + (changed.Count == 0 && stays.Length == 0 && after.Current.OnDuty == before.Current.OnDuty ? "No shift changes by it." : "")
            + (after.Current.OnDuty != before.Current.OnDuty ? $"{Capital(change.User(after.Current.OnDuty))} has the shift under way now. " : "") + Sentence(changed) + stays
            + $"\nUndo: {texts.Command(change.Stored, mine ? "back" : $"back @{member.Username}")}";

        string Sentence(IReadOnlyList<(Shift Was, Shift Shift)> all) => string.Join(' ', all.Select(c =>
            $"{Capital(change.User(c.Shift.OnDuty))} has the shift of {change.Date(c.Shift.ScheduledOn)}{(c.Shift.OnDuty is null ? ": nobody else is there" : "")}."));
    }

    private string Back(Change change, RotationCommand.Back back, Users users)
    {
        var before = change.Stored;
        if (Person(change, back.User, users, "say that somebody else is back", out var problem) is not { } member)
        {
            return problem;
        }

        var ended = before.Absences.Where(a => a.UserId == member.UserId).ToList();
        var mine = member.UserId == change.Caller.UserId;
        if (ended.Count == 0)
        {
            return $"{(mine ? "You are" : $"{member.Username} is")} not listed as away. Nothing was changed.";
        }

        var after = before.Back(member.UserId);
        var changed = Changed(before, after, ended.Max(a => a.To));
        foreach (var (was, shift) in changed)
        {
            var span = $"the shift in **{RotationTexts.Name(after)}** from **{change.Time(shift.Start)}** until {change.Time(shift.End)}";
            messages.Tell(change.Transaction, after, was.OnDuty, change.Caller.UserId, $"{member.Username} is back: {span} is {change.User(shift.OnDuty)}'s again, not yours.");
            messages.Tell(change.Transaction, after, shift.OnDuty, change.Caller.UserId, $"You have {span} again.");
        }

        if (changed.Count > 0)
        {
            messages.Announce(change.Transaction, after, $"**{RotationTexts.Name(after)}**: {member.Username} is back. {string.Join(' ', changed.Select(Line))}");
        }

        Save(change, after, "back", string.Join("; ", ended.Select(a => $"{a.UserId} {Iso(a.From)} {Iso(a.To)}")), null);
        return $"{(mine ? "You are" : $"{member.Username} is")} no longer listed as away. {(changed.Count == 0 ? "No shift changes by it." : string.Join(' ', changed.Select(Line)))}"
            + (before.Current.Reason == ShiftReason.Absence && before.Current.TurnOf == member.UserId ? $" The shift under way stays {change.User(before.Current.OnDuty)}'s; take it back: {texts.Command(change.Stored, "take")}." : "")
            + $" Undo: {texts.Command(change.Stored, $"away {(mine ? "" : $"@{member.Username} ")}{Iso(ended[0].From)} {Iso(ended[0].To)}")}";

        string Line((Shift Was, Shift Shift) c) => $"{Capital(change.User(c.Shift.OnDuty))} has the shift of {change.Date(c.Shift.ScheduledOn)} again.";
    }

    private string Note(Change change, RotationCommand.HandOff handoff)
    {
        var rotation = change.Stored;
        var next = rotation.Shifts().ElementAt(1);
        if (handoff.Note is null)
        {
            return (rotation.Note is { } old ? $"The note for {change.User(next.OnDuty)}: \"{Markdown.Inline(old.Text)}\" (by {old.ByUsername}).\n" : "")
                + $"{change.User(next.OnDuty)} takes **{RotationTexts.Name(rotation)}** over on {change.Time(next.Start)}. Leave them a note: {texts.Command(change.Stored, "handoff NOTE")}. Hand over at once: {texts.Command(change.Stored, "handoff --now")}";
        }

        if (rotation.Current.OnDuty != change.Caller.UserId && !change.Caller.IsAdmin)
        {
            return $"The note is for {change.User(rotation.Current.OnDuty)} to write, who is on duty, or for an admin. Nothing was changed.";
        }

        if (handoff.Note.Length > LongestText)
        {
            return $"A note has {LongestText} characters at most; this one has {handoff.Note.Length}. Nothing was changed. Is there more? Put it into a post, and its link into the note.";
        }

        var after = rotation with { Note = new HandoffNote(handoff.Note, change.Caller.Username, change.Now) };
        Save(change, after, "note", null, null);
        return $"{change.User(next.OnDuty)} will read with the handoff on {change.Time(next.Start)}: \"{Markdown.Inline(handoff.Note)}\"\nChange it by typing another."
            + (rotation.Note is { } before ? $" It replaces: \"{Markdown.Inline(before.Text)}\"" : "");
    }

    private async Task<CommandReply> HandOffNowAsync(SlashCommand slash, Caller caller, RotationCommand.HandOff handoff, CancellationToken cancellationToken)
    {
        var (seen, problem) = RotationChoice.Choose(await store.ReadAsync(t => t.RotationsOf(slash.TeamId), cancellationToken), handoff.RotationName, texts);
        if (seen is null)
        {
            return new CommandReply(problem);
        }

        if (handoff.Note is { Length: > LongestText })
        {
            return new CommandReply($"A note has {LongestText} characters at most; this one has {handoff.Note.Length}. Nothing was changed.");
        }

        var waiting = await clock.WaitingAsync(seen, cancellationToken);
        var audience = new HandoffAudience(await admins.ToTellAsync(slash.TeamId, cancellationToken), caller.UserId);
        return await ChangeAsync(slash.TeamId, handoff.RotationName, caller, change => HandOffNow(change, handoff, waiting, audience), cancellationToken);
    }

    private string HandOffNow(Change change, RotationCommand.HandOff handoff, IReadOnlyList<WaitingLine> waiting, HandoffAudience audience)
    {
        var before = change.Stored;
        if (before.HandOffNow(change.Now) is not { } handover)
        {
            return $"{change.User(before.Current.OnDuty)} took over early, for the shift of {change.Date(before.Current.ScheduledOn)}. Nothing was changed. Somebody else is to have it: {texts.Command(change.Stored, "cover today @name")}";
        }

        var incoming = handover.Rotation.Current.OnDuty;
        var mayBegin = before.Current.OnDuty is null && incoming == change.Caller.UserId;
        if (before.Current.OnDuty != change.Caller.UserId && !mayBegin && !change.Caller.IsAdmin)
        {
            return before.Current.OnDuty is null
                ? $"Nobody is on duty, and {change.User(incoming)} is next: only they or an admin can start now. Nothing was changed. You would take it: {texts.Command(change.Stored, "take")}"
                : $"Only {change.User(before.Current.OnDuty)}, who is on duty, or an admin can hand over now. Nothing was changed. You would take it: {texts.Command(change.Stored, "take")}";
        }

        if (incoming is null)
        {
            return $"There is nobody to hand over to: {RotationTexts.Why(handover.Rotation, handover.Rotation.Shifts().First())}. Nothing was changed.";
        }

        foreach (var past in handover.Past)
        {
            change.Transaction.Append(before.Id, past);
        }

        change.Transaction.OccurEarly(RotationClock.HandoffKind, before.Id, handover.Rotation.Current.ScheduledOn, change.Now);
        var note = handoff.Note is { } text ? new HandoffNote(text, change.Caller.Username, change.Now) : before.Note;
        var after = messages.Handoff(change.Transaction, handover.Rotation, note, waiting, null, audience, change.Now);
        Save(change, after, "handoff now", $"shift {before.Current.Number}: {before.Current.OnDuty}", $"shift {after.Current.Number}: {after.Current.OnDuty}");
        return $"{Capital(change.User(after.Current.OnDuty))} is on duty for **{RotationTexts.Name(after)}** now, until {change.Time(after.NextHandoff)}."
            + (before.Current.OnDuty is { } old && old != after.Current.OnDuty ? $" Undo: {texts.Command(change.Stored, $"cover today @{change.User(old)}")}" : "");
    }

    private string Acknowledge(Change change) => Acknowledge(change, change.Stored.Current.Number);

    /// <summary>Records that the shift of that number is acknowledged; used by the command and by the button.</summary>
    public string Acknowledge(Change change, long number)
    {
        var rotation = change.Stored;
        var current = rotation.Current;
        if (current.Number != number)
        {
            return $"That shift is over; {change.User(current.OnDuty)} is on duty now. Nothing was changed.";
        }

        if (current.OnDuty is null)
        {
            return $"Nobody is on duty; take it: {texts.Command(change.Stored, "take")}. Nothing was changed.";
        }

        if (current.OnDuty != change.Caller.UserId && !change.Caller.IsAdmin)
        {
            return $"Only {change.User(current.OnDuty)}, who is on duty, can say so. Nothing was changed. You would take it: {texts.Command(change.Stored, "take")}";
        }

        if (current.AcknowledgedAt is { } before)
        {
            return $"It was acknowledged {change.Time(before)} already. Nothing was changed.";
        }

        var self = current.OnDuty == change.Caller.UserId;
        var by = self ? "" : $" (said by {change.Caller.Username})";
        messages.RemoveButtons(change.Transaction, rotation, $"{change.User(current.OnDuty)} has it since {change.Time(change.Now)}{by}.");
        Save(change, rotation.Acknowledge(change.Now), "ack", null, $"shift {current.Number}");
        return $"Noted: {(self ? "you have" : $"{change.User(current.OnDuty)} has")} **{RotationTexts.Name(rotation)}** until {change.Time(rotation.NextHandoff)}.";
    }

    private string AddDuty(Change change, RotationCommand.AddDuty duty)
    {
        var rotation = change.Stored;
        var text = string.Join(' ', duty.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (!change.Caller.IsAdmin)
        {
            return change.Caller.Refusal("change the checklist");
        }

        if (text.Length is 0 or > 300 || rotation.Duties.Count >= MostDuties)
        {
            return text.Length is 0 or > 300
                ? "A line has 1 to 300 characters. Nothing was changed."
                : $"A checklist has {MostDuties} lines at most. Take one off first: {texts.Command(change.Stored, "duties remove N")}. Nothing was changed.";
        }

        var after = rotation with { Duties = [.. rotation.Duties, text] };
        Save(change, after, "duties add", null, text);
        return $"{texts.Duties(after)}\nUndo: {texts.Command(change.Stored, $"duties remove {after.Duties.Count}")}";
    }

    private string RemoveDuty(Change change, RotationCommand.RemoveDuty duty)
    {
        var rotation = change.Stored;
        if (!change.Caller.IsAdmin)
        {
            return change.Caller.Refusal("change the checklist");
        }

        if (duty.Number < 1 || duty.Number > rotation.Duties.Count)
        {
            return $"There is no line {duty.Number}. Nothing was changed.\n{texts.Duties(rotation)}";
        }

        var text = rotation.Duties[duty.Number - 1];
        var after = rotation with { Duties = [.. rotation.Duties.Where((_, i) => i != duty.Number - 1)] };
        Save(change, after, "duties remove", text, null);
        return $"{texts.Duties(after)}\nUndo: {Markdown.Code($"/{texts.Trigger} duties add {text}")}";
    }

    /// <summary>Everybody whose weeks change is told, but not of what they did themselves.</summary>
    private void TellWeeks(Change change, Rotation before, Rotation after, string why)
    {
        var count = Math.Max(8, after.Roster.Count + 1);
        var (was, weeks) = (Weeks(before), Weeks(after));
        foreach (var userId in was.Select(w => w.Key).Union(weeks.Select(w => w.Key), StringComparer.Ordinal).OfType<string>())
        {
            var (old, now) = (was[userId].ToList(), weeks[userId].ToList());
            if (!old.SequenceEqual(now))
            {
                // What stays as it was is left out.
                var same = old.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
                (old, now) = (old[same..], now[same..]);
                messages.Tell(
                    change.Transaction, after, userId, change.Caller.UserId,
                    old.Count == 0 && same == 0
                        ? $"You have shifts in **{RotationTexts.Name(after)}** ({why}): {List(now)}. All: {texts.Command(change.Stored, "schedule")}"
                        : $"Your shifts in **{RotationTexts.Name(after)}** changed ({why}): now {List(now)}; before {List(old)}. All: {texts.Command(change.Stored, "schedule")}");
            }
        }

        ILookup<string?, LocalDate> Weeks(Rotation rotation) =>
            rotation.Shifts().Skip(1).Take(count).ToLookup(s => s.OnDuty, s => s.ScheduledOn, StringComparer.Ordinal);

        string List(List<LocalDate> dates) => dates.Count == 0 ? "none" : string.Join(" and ", dates.Take(2).Select(change.Date));
    }

    /// <summary>The shifts to come that another has than before, up to a date.</summary>
    private static List<(Shift Was, Shift Shift)> Changed(Rotation before, Rotation after, LocalDate until) =>
    [
        .. before.Shifts().Skip(1).TakeWhile(s => s.ScheduledOn <= until).Zip(after.Shifts().Skip(1))
            .Where(pair => pair.First.OnDuty != pair.Second.OnDuty),
    ];

    private void Ask(Change change, Shift shift, Move move, string asked, string question)
    {
        messages.Ask(
            change.Transaction, change.Stored, new Proposal(change.Stored.Id, change.Caller.UserId, change.Caller.Username, asked, [move]), question, Life(change, shift));
        Audit(change, "ask to cover", $"shift {shift.Number}");
    }

    private static void Audit(Change change, string action, string what) => change.Transaction.Audit(
        change.Stored.WorkspaceId, change.Now, change.Caller.UserId, RotationClock.Subject(change.Stored), action, null, what);

    /// <summary>A question is open until its shift is over, two weeks at most.</summary>
    private static Duration Life(Change change, Shift shift) => Duration.Min(Mattermost.Inbound.ActionSigner.DefaultLife, shift.End - change.Now);

    private Shift? Shift(Change change, DateText on, out string problem)
    {
        problem = "";
        if (on.Resolve(change.Today) is not { } date)
        {
            problem = $"There is no such date. Dates are written {DateText.Forms}. Nothing was changed.";
            return null;
        }

        if (date > change.Today.PlusYears(3))
        {
            problem = $"{change.Date(date)} is too far away; the plan goes on for three years. Nothing was changed.";
            return null;
        }

        var shift = change.Stored.ShiftOn(date);
        problem = shift is null ? $"The shift of {change.Date(date)} is over. Nothing was changed. Past shifts: {texts.Command(change.Stored, "history")}" : "";
        return shift;
    }

    private static bool Resolve(DateText? text, Change change, out LocalDate? date, out string problem)
    {
        date = text?.Resolve(change.Today);
        problem = text is not null && date is null ? $"There is no such date. Dates are written {DateText.Forms}. Nothing was changed."
            : date < change.Today ? $"{change.Date(date.Value)} is over. Nothing was changed. The past stays as it was; say a date from today on."
            : "";
        return problem.Length == 0;
    }

    /// <summary>The members of these names, in their order; null and a sentence if one is none.</summary>
    private List<Member>? Members(Change change, IReadOnlyList<string> names, Users users, out string problem)
    {
        var rotation = change.Stored;
        var members = names.Select(n => rotation.Roster.FirstOrDefault(m =>
            string.Equals(m.Username, n, StringComparison.OrdinalIgnoreCase) || users.GetValueOrDefault(n) == m.UserId)).ToList();
        var strangers = names.Where((_, i) => members[i] is not { } m || !m.IsInOrWillBe(change.Today)).Select(n => Markdown.Code("@" + n)).ToList();
        problem = strangers.Count == 0 ? ""
            : $"{string.Join(", ", strangers)} {(strangers.Count == 1 ? "is" : "are")} not in **{RotationTexts.Name(rotation)}**. Members are {RotationTexts.Members(rotation, change.Now)}. Nothing was changed. "
                + $"An admin adds somebody with {texts.Command(change.Stored, "add @name")}";
        return strangers.Count == 0 ? [.. members.OfType<Member>()] : null;
    }

    /// <summary>The member a verb is about: the caller, or somebody else if the caller is an admin.</summary>
    private Member? Person(Change change, string? name, Users users, string what, out string problem)
    {
        problem = "";
        if (name is null)
        {
            if (change.Stored.IsMember(change.Caller.UserId, change.Now))
            {
                return change.Stored.Find(change.Caller.UserId);
            }

            problem = NoMember(change);
            return null;
        }

        if (Members(change, [name], users, out problem) is not [{ } member])
        {
            return null;
        }

        if (member.UserId != change.Caller.UserId && !change.Caller.IsAdmin)
        {
            problem = change.Caller.Refusal(what);
            return null;
        }

        return member;
    }

    private string NoMember(Change change) =>
        $"You are not in **{RotationTexts.Name(change.Stored)}**. Members are {RotationTexts.Members(change.Stored, change.Now)}. Nothing was changed. An admin adds you with {texts.Command(change.Stored, $"add @{change.Caller.Username}")}";

    private static string NextUp(Change change, Rotation after)
    {
        var next = after.Shifts().ElementAt(1);
        return $" Next handoff: {change.Time(next.Start)}, to {RotationTexts.User(after, next.OnDuty)}.";
    }

    private string UnderWay(Rotation after) => after.Current.OnDuty is null
        ? $" Nobody is on duty until then; start now: {texts.Command(after, "handoff --now")}."
        : "";

    private static string Iso(LocalDate date) => NodaTime.Text.LocalDatePattern.Iso.Format(date);

    private static string Capital(string name) => name == "nobody" ? "Nobody" : name;

    /// <summary>Ids of the users a command names, as the command brought them or as the directory knows them.</summary>
    private async Task<Users> IdsAsync(SlashCommand slash, RotationCommand command, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names = command switch
        {
            RotationCommand.Remove remove => remove.Users,
            RotationCommand.Order order => order.Users,
            RotationCommand.Cover cover => [cover.User],
            RotationCommand.SwapUsers pair => [pair.First, pair.Second],
            RotationCommand.Away { User: { } user } => [user],
            RotationCommand.Back { User: { } user } => [user],
            _ => [],
        };
        var ids = new Users(slash.Users, StringComparer.OrdinalIgnoreCase);
        var unknown = names.Where(n => !ids.ContainsKey(n)).ToList();
        if (unknown.Count > 0)
        {
            foreach (var user in (await directory.UsersByNameAsync(unknown, cancellationToken)).ValueOrDefault ?? [])
            {
                ids[user.Username] = user.Id;
            }
        }

        return ids;
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>User ids by username.</summary>
    private sealed class Users(IEnumerable<KeyValuePair<string, string>> pairs, IEqualityComparer<string> comparer) : Dictionary<string, string>(pairs, comparer);
}
