using System.Runtime.CompilerServices;
using NodaTime;
using PmBot.Storage;

namespace PmBot.Rotations;

/// <summary>The outgoing member's words for the incoming one, shown in the next announcement.</summary>
public sealed record HandoffNote(string Text, string ByUsername, Instant At);

/// <summary>
/// A duty that a group of people takes in turn. Every method is pure: it answers from this state, or returns a changed copy.
/// Who is on duty, in any answer, announcement or header, is told by <see cref="Shifts"/> and by nothing else.
/// </summary>
public sealed record Rotation : Aggregate
{
    // To compare names as people sort them takes longer than to reckon the shifts of two months, and a roster never changes: it is replaced.
    private static readonly ConditionalWeakTable<IReadOnlyList<Member>, IReadOnlyList<Member>> Sorted = [];

    /// <summary>The workspace (Mattermost team) it belongs to.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>As its maker wrote it; unique in the workspace without regard to case.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it was the team's first when it was made; commands then mean it without naming it.</summary>
    public bool IsFirst { get; init; } = true;

    /// <summary>The user who made it; told of trouble where no admin is configured.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it was made.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>The channel of the announcements, or null if they are switched off.</summary>
    public string? AnnounceChannelId { get; init; }

    /// <summary>The channel whose header names who is on duty, or null if no header is touched.</summary>
    public string? HeaderChannelId { get; init; }

    /// <summary>When duty changes hands.</summary>
    public required HandoffSchedule Schedule { get; init; }

    /// <summary>When the next member is told, or null if they are not.</summary>
    public NoticeTime? Notice { get; init; }

    /// <summary>How long after a handoff a missing acknowledgement is called for, or null if it is not.</summary>
    public int? ReminderMinutes { get; init; }

    /// <summary>Members, former members included; in a custom order the order of turns.</summary>
    public IReadOnlyList<Member> Roster { get; init; } = [];

    /// <summary>How turns follow one another.</summary>
    public RotationOrder Order { get; init; }

    /// <summary>Who is away, without those that are over.</summary>
    public IReadOnlyList<Absence> Absences { get; init; } = [];

    /// <summary>Shifts to come that were given to somebody by name.</summary>
    public IReadOnlyList<Assignment> Assignments { get; init; } = [];

    /// <summary>The user who had the last turn; the order goes on after them.</summary>
    public string? LastTurn { get; init; }

    /// <summary>The shift under way.</summary>
    public required CurrentShift Current { get; init; }

    /// <summary>The date of the next handoff, in the schedule's zone.</summary>
    public required LocalDate NextOn { get; init; }

    /// <summary>The handoff date for which the next member has been told, or none had to be.</summary>
    public LocalDate? NoticedFor { get; init; }

    /// <summary>What the outgoing member leaves for the incoming one.</summary>
    public HandoffNote? Note { get; init; }

    /// <summary>The checklist that goes with the announcement.</summary>
    public IReadOnlyList<string> Duties { get; init; } = [];

    /// <summary>A new rotation without members: nobody is on duty until the first handoff after <paramref name="now"/>.</summary>
    public static Rotation Create(string id, string workspaceId, string name, string createdBy, HandoffSchedule schedule, Instant now)
    {
        var next = schedule.FirstAfter(now);
        return new Rotation
        {
            Id = id,
            WorkspaceId = workspaceId,
            Name = name,
            CreatedBy = createdBy,
            CreatedAt = now,
            Schedule = schedule,
            Notice = NoticeTime.Default,
            ReminderMinutes = 240,
            NextOn = next,
            NoticedFor = NoticeTime.Default.Before(next, schedule) <= now ? next : null,
            Current = new CurrentShift(0, next.PlusWeeks(-schedule.Weeks), now, null, null, ShiftReason.Uncovered, now, null, [], null, null, []),
        };
    }

    /// <summary>When the shift under way ends.</summary>
    public Instant NextHandoff => Schedule.At(NextOn);

    /// <summary>The next instant at which something is to be done: a handoff, a notice or a reminder.</summary>
    public Instant NextDue
    {
        get
        {
            var due = NextHandoff;
            if (NoticeDue is { } notice && notice < due)
            {
                due = notice;
            }

            return Current.RemindAt is { } remind && remind < due ? remind : due;
        }
    }

    /// <summary>When the next member is to be told, or null if they have been.</summary>
    public Instant? NoticeDue => NoticedFor == NextOn ? null : Notice?.Before(NextOn, Schedule);

    /// <summary>
    /// The shift under way and, without end, those to come. This is the one place that decides who is on duty; a handoff does
    /// nothing but make the next of these the current one.
    /// </summary>
    public IEnumerable<Shift> Shifts()
    {
        var current = Current;
        yield return new Shift(
            current.Number, current.ScheduledOn, current.Start, NextHandoff, current.TurnOf, current.OnDuty, current.Reason);

        var order = InOrder();
        var lastTurn = LastTurn;
        var (date, start) = (NextOn, NextHandoff);
        for (var number = current.Number + 1; ; number++)
        {
            var next = Schedule.After(date);
            var end = Schedule.At(next);
            var turn = FirstAfter(order, lastTurn, m => m.IsIn(date))?.UserId;
            lastTurn = turn ?? lastTurn;
            var (onDuty, reason) = Holder(order, number, date, date, next, turn);
            yield return new Shift(number, date, start, end, turn, onDuty, reason);
            (date, start) = (next, end);
        }
    }

    /// <summary>The shift at an instant that is not before the shift under way.</summary>
    public Shift ShiftAt(Instant instant) => Shifts().First(s => instant < s.End);

    /// <summary>
    /// The shift that begins on a date or during which it falls, in the schedule's zone (on the day of a handoff: the one that
    /// begins); null if that is over.
    /// </summary>
    public Shift? ShiftOn(LocalDate date) =>
        date < Current.ScheduledOn && date < Schedule.DateOf(Current.Start)
            ? null
            : Shifts().First(s => date < (s.Number == Current.Number ? NextOn : Schedule.After(s.ScheduledOn)));

    /// <summary>Members in the order of their turns, former ones included.</summary>
    public IReadOnlyList<Member> InOrder() =>
        Order == RotationOrder.Custom ? Roster : Sorted.GetValue(Roster, static roster => [.. roster.Order(Member.Alphabetical)]);

    /// <summary>The member with that id, former ones included.</summary>
    public Member? Find(string? userId)
    {
        for (var i = 0; userId is not null && i < Roster.Count; i++)
        {
            if (Roster[i].UserId == userId)
            {
                return Roster[i];
            }
        }

        return null;
    }

    /// <summary>Whether the user is or will be a member, seen from <paramref name="now"/>.</summary>
    public bool IsMember(string userId, Instant now) => Find(userId)?.IsInOrWillBe(Schedule.DateOf(now)) ?? false;

    /// <summary>Whether the member is away at any time of the shift.</summary>
    public bool IsAway(string userId, Shift shift) =>
        IsAway(userId, shift.ScheduledOn, shift.Number == Current.Number ? NextOn : Schedule.After(shift.ScheduledOn));

    /// <summary>
    /// Takes every handoff that is due at <paramref name="now"/>, one after the other, so that turns are not lost over missed ones.
    /// </summary>
    /// <returns>The changed rotation and what happened, or null if nothing is due.</returns>
    public Handover? AdvanceTo(Instant now)
    {
        if (NextHandoff > now)
        {
            return null;
        }

        var rotation = this;
        var past = new List<PastShift>();
        while (rotation.NextHandoff <= now)
        {
            past.Add(rotation.Close(rotation.NextHandoff));
            rotation = rotation.Begin(rotation.Shifts().ElementAt(1), now);
        }

        return new Handover(rotation, past);
    }

    /// <summary>
    /// Begins the next shift at once, instead of at its scheduled handoff. If the shift under way was nobody's turn, because there was
    /// no member when it began, the next turn begins in it instead.
    /// </summary>
    /// <returns>The change; null if the shift under way was itself begun early and its scheduled time is still to come.</returns>
    public Handover? HandOffNow(Instant now)
    {
        if (Current is { TurnOf: null, OnDuty: null })
        {
            var today = Schedule.DateOf(now);
            var first = FirstAfter(InOrder(), LastTurn, m => IsPresent(m, today, today, NextOn));
            var taken = TakeOver(first?.UserId, first is null ? ShiftReason.Uncovered : ShiftReason.Turn, now);
            return new Handover(
                taken with { LastTurn = first?.UserId ?? LastTurn, Note = null, Current = taken.Current with { TurnOf = first?.UserId } }, []);
        }

        if (Current.EarlyUntil > now)
        {
            return null;
        }

        // Begun early it lasts longer, and whoever has it must be there from today on.
        var next = Shifts().ElementAt(1);
        var (onDuty, reason) = Holder(
            InOrder(), next.Number, next.ScheduledOn, LocalDate.Min(Schedule.DateOf(now), next.ScheduledOn), Schedule.After(next.ScheduledOn), next.TurnOf);
        var begun = Begin(next with { Start = now, OnDuty = onDuty, Reason = reason }, now);
        return new Handover(begun with { Current = begun.Current with { EarlyUntil = next.Start } }, [Close(now)]);
    }

    /// <summary>Gives a shift, under way or to come, to a member by name; an earlier assignment of it is replaced.</summary>
    /// <param name="shift">One of <see cref="Shifts"/>.</param>
    /// <param name="userId">Who is to have it.</param>
    /// <param name="kind"><see cref="ShiftReason.Cover"/> or <see cref="ShiftReason.Swap"/>.</param>
    /// <param name="now">The present, from which the shift under way is theirs.</param>
    /// <param name="with">With whom it is changed, for a swap.</param>
    public Rotation Give(Shift shift, string userId, ShiftReason kind, Instant now, string? with = null)
    {
        if (shift.Number == Current.Number)
        {
            return TakeOver(userId, userId == Current.TurnOf ? ShiftReason.Turn : kind, now);
        }

        var away = IsAway(userId, shift);
        var others = Assignments.Where(a => a.Shift != shift.Number);

        // Given back to whose turn it is, nothing is left to remember.
        return this with
        {
            Assignments = userId == shift.TurnOf && !away
                ? [.. others]
                : [.. others, new Assignment(shift.Number, userId, kind, away) { With = with }],
        };
    }

    /// <summary>Records an absence. A shift under way passes to the next one present if the absence has begun.</summary>
    public Rotation Away(Absence absence, Instant now)
    {
        var today = Schedule.DateOf(now);
        var rotation = this with { Absences = [.. Absences, absence] };
        if (Current.OnDuty != absence.UserId || !absence.Overlaps(today, today.PlusDays(1)))
        {
            return rotation;
        }

        var next = FirstAfter(InOrder(), absence.UserId, m => rotation.IsPresent(m, Current.ScheduledOn, today, NextOn));
        return rotation.TakeOver(next?.UserId, next is null ? ShiftReason.Uncovered : ShiftReason.Absence, now);
    }

    /// <summary>Ends a member's absences, those to come included.</summary>
    public Rotation Back(string userId) => this with { Absences = [.. Absences.Where(a => a.UserId != userId)] };

    /// <summary>Adds a member, or takes a former one back, for shifts that start on <paramref name="from"/> or later.</summary>
    public Rotation Add(Member user, LocalDate from)
    {
        var known = Find(user.UserId);
        if (known is null)
        {
            return this with { Roster = [.. Roster, user with { Tenures = [new Tenure(from, null)] }] };
        }

        // A tenure that would end on that date or later simply does not end.
        IReadOnlyList<Tenure> tenures = known.Tenures is [.., { Until: { } until } last] && until >= from
            ? [.. known.Tenures.SkipLast(1), last with { From = from < last.From ? from : last.From, Until = null }]
            : [.. known.Tenures, new Tenure(from, null)];
        return Replace(user with { Tenures = tenures });
    }

    /// <summary>Takes a member out for shifts that start on <paramref name="from"/> or later.</summary>
    public Rotation Remove(string userId, LocalDate from)
    {
        var known = Find(userId) ?? throw new ArgumentException("not in the roster", nameof(userId));
        IReadOnlyList<Tenure> tenures =
        [
            .. known.Tenures.Where(t => t.From < from).Select(t => t.Contains(from) ? t with { Until = from } : t),
        ];
        return Replace(known with { Tenures = tenures });
    }

    /// <summary>Sets the order of turns by hand; former members are kept behind the listed ones.</summary>
    public Rotation Reorder(IReadOnlyList<string> userIds) => this with
    {
        Order = RotationOrder.Custom,
        Roster = [.. userIds.Select(id => Roster.Single(m => m.UserId == id)), .. Roster.Where(m => !userIds.Contains(m.UserId))],
    };

    /// <summary>Follows renames: the names of known members are replaced, nothing else changes.</summary>
    public Rotation WithNames(IEnumerable<Member> seen)
    {
        var rotation = this;
        foreach (var user in seen)
        {
            if (rotation.Find(user.UserId) is { } known
                && (known.Username, known.FirstName, known.LastName) != (user.Username, user.FirstName, user.LastName))
            {
                rotation = rotation.Replace(user with { Tenures = known.Tenures });
            }
        }

        return rotation;
    }

    /// <summary>
    /// Changes when duty changes hands, from the next handoff on: that keeps its place in the calendar week, or moves on to the first
    /// time still to come.
    /// </summary>
    public Rotation Reschedule(HandoffSchedule schedule, Instant now)
    {
        var next = schedule.Move(NextOn, now);
        return this with { Schedule = schedule, NextOn = next, NoticedFor = NoticedFor == NextOn ? next : NoticedFor };
    }

    /// <summary>Records that the one on duty has it.</summary>
    public Rotation Acknowledge(Instant now) => this with { Current = Current with { AcknowledgedAt = now, RemindAt = null, Buttons = [] } };

    /// <summary>Remembers where the buttons are that acknowledge the shift under way.</summary>
    public Rotation WithButtons(IReadOnlyList<MessageRef> buttons) => this with { Current = Current with { Buttons = buttons } };

    /// <summary>Sets how long after a handoff a missing acknowledgement is called for, the one under way included.</summary>
    public Rotation Remind(int? minutes)
    {
        var remind = Current is { AcknowledgedAt: null, OnDuty: not null, RemindAt: not null } && minutes is { } m
            ? Current.Since + Duration.FromMinutes(m)
            : (Instant?)null;
        return this with { ReminderMinutes = minutes, Current = Current with { RemindAt = remind } };
    }

    private static Member? FirstAfter(IReadOnlyList<Member> order, string? userId, Func<Member, bool> fits)
    {
        var start = -1;
        for (var i = 0; i < order.Count && start < 0; i++)
        {
            start = order[i].UserId == userId ? i : -1;
        }

        for (var i = 1; i <= order.Count; i++)
        {
            var member = order[(start + i) % order.Count];
            if (fits(member))
            {
                return member;
            }
        }

        return null;
    }

    private (string? OnDuty, ShiftReason Reason) Holder(
        IReadOnlyList<Member> order, long number, LocalDate date, LocalDate from, LocalDate next, string? turn)
    {
        var assignment = AssignmentOf(number);
        var holder = assignment?.UserId ?? turn;
        if (holder is null)
        {
            return (null, ShiftReason.Uncovered);
        }

        if (assignment is { EvenIfAway: true } || !IsAway(holder, from, next))
        {
            return (holder, holder == turn ? ShiftReason.Turn : assignment?.Kind ?? ShiftReason.Turn);
        }

        var present = InsteadOf(holder, order, date, from, next);
        return present is null ? (null, ShiftReason.Uncovered)
            : (present.UserId, present.UserId == turn ? ShiftReason.Turn : ShiftReason.Absence);
    }

    // Apart, for what its delegate keeps would be made at the beginning of each call of Holder, which hardly ever comes so far.
    private Member? InsteadOf(string holder, IReadOnlyList<Member> order, LocalDate date, LocalDate from, LocalDate next) =>
        FirstAfter(order, holder, m => IsPresent(m, date, from, next));

    private bool IsPresent(Member member, LocalDate shift, LocalDate from, LocalDate to) =>
        member.IsIn(shift) && !IsAway(member.UserId, from, to);

    // A loop, as in the others that are asked for each shift of each answer: a query of the library would make two objects for each question (ADR 0025).
    private bool IsAway(string userId, LocalDate from, LocalDate to)
    {
        for (var i = 0; i < Absences.Count; i++)
        {
            if (Absences[i].UserId == userId && Absences[i].Overlaps(from, to))
            {
                return true;
            }
        }

        return false;
    }

    private Assignment? AssignmentOf(long shift)
    {
        for (var i = 0; i < Assignments.Count; i++)
        {
            if (Assignments[i].Shift == shift)
            {
                return Assignments[i];
            }
        }

        return null;
    }

    private PastShift Close(Instant end)
    {
        var shift = new Shift(Current.Number, Current.ScheduledOn, Current.Start, end, Current.TurnOf, Current.OnDuty, Current.Reason);
        return new PastShift(shift, Current.Earlier, Current.AcknowledgedAt);
    }

    private Rotation Begin(Shift shift, Instant now)
    {
        // Of several handoffs taken at once, the later ones still need the absences that are over by now.
        var since = LocalDate.Min(Schedule.DateOf(now), shift.ScheduledOn);
        return this with
        {
            LastTurn = shift.TurnOf ?? LastTurn,
            NextOn = Schedule.After(shift.ScheduledOn),
            Assignments = [.. Assignments.Where(a => a.Shift > shift.Number)],
            Absences = [.. Absences.Where(a => a.To >= since)],
            Note = null,
            Current = new CurrentShift(
                shift.Number,
                shift.ScheduledOn,
                shift.Start,
                shift.TurnOf,
                shift.OnDuty,
                shift.Reason,
                shift.Start,
                Current.OnDuty,
                [],
                null,
                RemindAfter(shift.OnDuty, now),
                []),
        };
    }

    private Rotation TakeOver(string? userId, ShiftReason reason, Instant now) => this with
    {
        Current = Current with
        {
            OnDuty = userId,
            Reason = reason,
            Since = now,
            From = Current.OnDuty,
            Earlier = [.. Current.Earlier, new Stint(Current.OnDuty, Current.Since, now)],
            AcknowledgedAt = null,
            RemindAt = RemindAfter(userId, now),
            Buttons = [],
        },
    };

    private Instant? RemindAfter(string? onDuty, Instant now) =>
        onDuty is not null && ReminderMinutes is { } minutes ? now + Duration.FromMinutes(minutes) : null;

    private Rotation Replace(Member member) =>
        this with { Roster = [.. Roster.Select(m => m.UserId == member.UserId ? member : m)] };
}

/// <summary>A change of duty: the rotation after it, and the shifts that ended with it, oldest first.</summary>
public sealed record Handover(Rotation Rotation, IReadOnlyList<PastShift> Past);
