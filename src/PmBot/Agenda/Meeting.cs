using NodaTime;
using PmBot.Meetings;
using PmBot.Storage;

namespace PmBot.Agenda;

/// <summary>Why a step with a meeting or its agenda cannot be taken.</summary>
public enum AgendaRefusal
{
    /// <summary>There is no item of that number.</summary>
    NoSuchItem,

    /// <summary>There is no place of that number to move it to.</summary>
    NoSuchPlace,

    /// <summary>It is so already.</summary>
    IsSo,

    /// <summary>The queue holds no more.</summary>
    IsFull,

    /// <summary>The item is being talked about.</summary>
    IsCurrent,

    /// <summary>The item was talked about in the meeting under way.</summary>
    IsPassed,

    /// <summary>The meeting is under way.</summary>
    IsUnderWay,

    /// <summary>The meeting is not under way.</summary>
    IsNotUnderWay,

    /// <summary>Somebody else has moved on meanwhile.</summary>
    IsOvertaken,

    /// <summary>All is through.</summary>
    IsThrough,

    /// <summary>It does not take place on that day.</summary>
    IsNotOnThatDay,

    /// <summary>It takes place no more.</summary>
    IsOver,

    /// <summary>That meeting is over.</summary>
    IsPast,
}

/// <summary>What a step comes to.</summary>
public abstract record AgendaStep
{
    private AgendaStep()
    {
    }

    /// <summary>The meeting after it.</summary>
    /// <param name="Meeting">The meeting.</param>
    /// <param name="Item">The item it was about, as it is now or, if it is gone, was last; null if it was about none.</param>
    public sealed record Done(Meeting Meeting, AgendaItem? Item = null) : AgendaStep;

    /// <summary>Nothing was changed.</summary>
    public sealed record Refused(AgendaRefusal Why) : AgendaStep;
}

/// <summary>How far the preparations for the current date are.</summary>
/// <param name="IsCalled">People were asked for what the meeting needs of them.</param>
/// <param name="IsPosted">The agenda was posted, or its time has passed.</param>
/// <param name="Post">The agenda's post; null if there is none.</param>
/// <param name="Shown">A fingerprint of what that post says.</param>
/// <param name="RefreshAt">When the post is looked over again; null if it stays as it is.</param>
/// <param name="IsAfter">What follows its end was said.</param>
/// <param name="LateFor">When the agenda was due, if it was posted late; null otherwise.</param>
public sealed record Progress(
    bool IsCalled = false, bool IsPosted = false, AgendaPost? Post = null, string? Shown = null, Instant? RefreshAt = null, bool IsAfter = false, Instant? LateFor = null);

/// <summary>
/// A meeting with the queue of what is to be talked about. Which items stand on the agenda of a date, and their numbers, follow from the
/// queue: numbers are unique and gapless whatever happens to it.
/// </summary>
public sealed record Meeting : Aggregate
{
    /// <summary>The most items that wait for a meeting at once.</summary>
    public const int MostItems = 100;

    /// <summary>How long after its time a meeting may be started by anybody, if nobody did who may by their office.</summary>
    public static readonly Duration ChairIsAwaited = Duration.FromMinutes(5);

    /// <summary>The team.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>When, who, where.</summary>
    public required MeetingPlan Plan { get; init; }

    /// <summary>The date that is prepared, held, or waits to be ended: the first one that is not behind the team.</summary>
    public required LocalDate On { get; init; }

    /// <summary>The last date that is behind the team; null if there is none.</summary>
    public LocalDate? LastEnded { get; init; }

    /// <summary>When it was made.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>How far <see cref="On"/> is prepared.</summary>
    public Progress Progress { get; init; } = new();

    /// <summary>Everything queued, in the order in which it is to be talked about.</summary>
    public IReadOnlyList<AgendaItem> Items { get; init; } = [];

    /// <summary>The last serial that was given to an item.</summary>
    public long LastSerial { get; init; }

    /// <summary>The release updates for <see cref="On"/>, in the order in which they came.</summary>
    public IReadOnlyList<ReleaseUpdate> Updates { get; init; } = [];

    /// <summary>The meeting under way; null if it is not held now.</summary>
    public Session? Session { get; init; }

    /// <summary>The current meeting.</summary>
    public Occurrence Current => Plan.Occurrence(On);

    /// <summary>When the current date is behind the team, ended or not: as soon as the next one needs preparing.</summary>
    public Instant ClosesAt
    {
        get
        {
            var next = Plan.NextAfter(On);
            var begins = Plan.Occurrence(next).Start;
            foreach (var ahead in new[] { Plan.Call, Plan.Agenda }.OfType<Ahead>())
            {
                begins = Instant.Min(begins, Plan.At(next, ahead));
            }

            return Instant.Max(begins, Current.End);
        }
    }

    /// <summary>The earliest instant at which something is due; null if nothing ever is.</summary>
    public Instant? NextDue
    {
        get
        {
            var due = Untold()?.At;
            if (!Plan.IsOver)
            {
                due = Earlier(due, ClosesAt);
                due = Earlier(due, Plan.Call is { } call && !Progress.IsCalled && Session is null ? Plan.At(On, call) : null);
                due = Earlier(due, Plan.Agenda is { } agenda && !Progress.IsPosted && Session is null ? Plan.At(On, agenda) : null);
                due = Earlier(due, Session is null ? Progress.RefreshAt : null);
                due = Earlier(due, Session?.TimeUpAt);
                due = Earlier(due, Plan.After && !Progress.IsAfter ? Current.End : null);
            }

            return due;
        }
    }

    /// <summary>
    /// The earliest date of which people are still to be told, on the day, that the meeting does not take place; null if there is none. Of a
    /// date on which it would not be any more anyhow there is nothing to tell.
    /// </summary>
    public (Cancellation Cancellation, Instant At)? Untold() => Plan.Cancelled.FirstOrDefault(c => !c.IsTold && Plan.Recurrence.Contains(c.On)) is { } untold && !Plan.IsOver
        ? (untold, ToldAt(untold.On))
        : null;

    /// <summary>When people are told, on a date itself, that the meeting does not take place: when they would see its agenda, else at its start.</summary>
    public Instant ToldAt(LocalDate on) => Plan.At(on, Plan.Agenda is { Days: 0, Time: var time } ? time : Plan.Start);

    /// <summary>The date on which an item is to be talked about.</summary>
    public LocalDate DateOf(AgendaItem item) => item.NotBefore is { } date && date > On ? Plan.OnOrAfter(date) : On;

    /// <summary>The agenda's items of a date, confidential ones or the others, in their order: the first one has the number 1.</summary>
    public IReadOnlyList<AgendaItem> ItemsOn(LocalDate on, bool isPrivate) => [.. Items.Where(i => i.IsPrivate == isPrivate && DateOf(i) == on)];

    /// <summary>An item's number.</summary>
    public ItemNumber NumberOf(AgendaItem item) => new(
        ItemsOn(DateOf(item), item.IsPrivate).TakeWhile(i => i.Serial != item.Serial).Count() + 1, item.IsPrivate);

    /// <summary>The item of a number on the agenda of a date; null if there is none.</summary>
    public AgendaItem? Find(LocalDate on, ItemNumber number) => ItemsOn(on, number.IsPrivate).ElementAtOrDefault(number.Number - 1);

    /// <summary>The item of a serial; null if it is not queued.</summary>
    public AgendaItem? Find(long? serial) => Items.FirstOrDefault(i => i.Serial == serial);

    /// <summary>The item that is talked about; null if none is.</summary>
    public AgendaItem? Talked => Find(Session?.At.Serial);

    /// <summary>Queues an item, whose serial is given here, at the end.</summary>
    public AgendaStep Add(AgendaItem item)
    {
        if (Plan.IsOver)
        {
            return new AgendaStep.Refused(AgendaRefusal.IsOver);
        }

        if (Items.Count >= MostItems)
        {
            return new AgendaStep.Refused(AgendaRefusal.IsFull);
        }

        var queued = item with { Serial = LastSerial + 1 };
        return new AgendaStep.Done(this with { Items = [.. Items, queued], LastSerial = queued.Serial }, queued);
    }

    /// <summary>Changes what an item says.</summary>
    public AgendaStep Edit(AgendaItem item, Func<AgendaItem, AgendaItem> change)
    {
        var after = change(item);
        return after == item ? new AgendaStep.Refused(AgendaRefusal.IsSo) : new AgendaStep.Done(With(after), after);
    }

    /// <summary>Moves an item to another place among those of its kind and date.</summary>
    /// <param name="item">The item.</param>
    /// <param name="to">The number that it is to have, from 1.</param>
    public AgendaStep Move(AgendaItem item, int to)
    {
        var group = ItemsOn(DateOf(item), item.IsPrivate).ToList();
        if (to < 1 || to > group.Count)
        {
            return new AgendaStep.Refused(AgendaRefusal.NoSuchPlace);
        }

        var order = group.Where(i => i.Serial != item.Serial).ToList();
        order.Insert(to - 1, item);
        if (order.SequenceEqual(group))
        {
            return new AgendaStep.Refused(AgendaRefusal.IsSo);
        }

        // The places in the queue that the group has stay the group's.
        var places = new Queue<AgendaItem>(order);
        var serials = group.Select(i => i.Serial).ToHashSet();
        return new AgendaStep.Done(this with { Items = [.. Items.Select(i => serials.Contains(i.Serial) ? places.Dequeue() : i)] }, item);
    }

    /// <summary>Takes an item off.</summary>
    public AgendaStep Remove(AgendaItem item) => Fixed(item) is { } why
        ? new AgendaStep.Refused(why)
        : new AgendaStep.Done(this with { Items = [.. Items.Where(i => i.Serial != item.Serial)] }, item);

    /// <summary>Puts an item on the agenda of another date.</summary>
    /// <param name="item">The item.</param>
    /// <param name="to">A date from the current one on; the first meeting from then on is meant.</param>
    public AgendaStep Defer(AgendaItem item, LocalDate to)
    {
        if (Fixed(item) is { } why)
        {
            return new AgendaStep.Refused(why);
        }

        if (to < On)
        {
            return new AgendaStep.Refused(AgendaRefusal.IsPast);
        }

        var on = Plan.OnOrAfter(to);
        var after = item with { NotBefore = on == On ? null : on };
        return on == DateOf(item) ? new AgendaStep.Refused(AgendaRefusal.IsSo) : new AgendaStep.Done(With(after), after);
    }

    /// <summary>Takes in what somebody has to say on the release plan; what they said before is replaced.</summary>
    public Meeting With(ReleaseUpdate update) => this with { Updates = [.. Updates.Where(u => u.By.Id != update.By.Id), update] };

    /// <summary>The meeting with an item in the place of the one of its serial.</summary>
    public Meeting With(AgendaItem item) => this with { Items = [.. Items.Select(i => i.Serial == item.Serial ? item : i)] };

    /// <summary>Whether somebody may run the meeting: by their office, or because nobody who has one does.</summary>
    /// <param name="userId">Who.</param>
    /// <param name="now">When.</param>
    public bool MayRun(string userId, Instant now) =>
        !Plan.Officers.Any() || Plan.Officers.Any(o => o.Id == userId) || Session?.StartedBy == userId
        || (Session is not { OfficerIsThere: true } && now >= Current.Start + ChairIsAwaited);

    /// <summary>Starts the current meeting.</summary>
    /// <param name="userId">Who.</param>
    /// <param name="byOffice">Whether they may by their office, or as an admin.</param>
    /// <param name="parts">What there is beside the items.</param>
    /// <param name="now">When.</param>
    public AgendaStep Start(string userId, bool byOffice, AgendaParts parts, Instant now)
    {
        if (Plan.IsOver)
        {
            return new AgendaStep.Refused(AgendaRefusal.IsOver);
        }

        if (Session is not null)
        {
            return new AgendaStep.Refused(AgendaRefusal.IsUnderWay);
        }

        // One that goes on past midnight is still that of its date.
        if (Plan.DateOf(now) != On && (now < Current.Start || now >= Current.End))
        {
            return new AgendaStep.Refused(AgendaRefusal.IsNotOnThatDay);
        }

        var session = new Session
        {
            StartedAt = now,
            StartedBy = userId,
            At = new Stop(StopKind.Through),
            Since = now,
            MovedBy = userId,
            OfficerIsThere = byOffice,
        };
        var started = this with { Session = session, Progress = Progress with { IsCalled = true, IsPosted = true, RefreshAt = null } };
        return new AgendaStep.Done(started.GoTo(started.StopAfter(null, parts), userId, byOffice, now));
    }

    /// <summary>Moves on.</summary>
    /// <param name="turn">The turn that the one who moves on has seen; null if they typed it.</param>
    /// <param name="outcome">What became of the item that is left.</param>
    /// <param name="decided">What was decided on it; null to keep what was noted.</param>
    /// <param name="userId">Who moves on.</param>
    /// <param name="byOffice">Whether they may by their office, or as an admin.</param>
    /// <param name="parts">What there is beside the items.</param>
    /// <param name="now">When.</param>
    public AgendaStep Advance(int? turn, ItemOutcome outcome, string? decided, string userId, bool byOffice, AgendaParts parts, Instant now)
    {
        if (Session is not { } session)
        {
            return new AgendaStep.Refused(AgendaRefusal.IsNotUnderWay);
        }

        if (turn is { } seen ? seen != session.Turn : session.MovedBy != userId && now - session.Since < AtOnce && session.Turn > 1)
        {
            return new AgendaStep.Refused(AgendaRefusal.IsOvertaken);
        }

        var left = Talked is { } talked
            ? With(talked with { Outcome = outcome, Decided = decided ?? talked.Decided })
            : this;
        var to = left.StopAfter(session.At.Kind, parts);
        return to == session.At
            ? new AgendaStep.Refused(AgendaRefusal.IsThrough)
            : new AgendaStep.Done(left.GoTo(to, userId, byOffice, now), left.Find(session.At.Serial));
    }

    /// <summary>Two who type the same within this time have meant the same move.</summary>
    public static readonly Duration AtOnce = Duration.FromSeconds(5);

    /// <summary>Gives the item that is talked about more time.</summary>
    /// <param name="more">How much, from now on.</param>
    /// <param name="now">When.</param>
    public Meeting Extend(Duration more, Instant now) => this with { Session = Session! with { TimeUpAt = now + more } };

    /// <summary>
    /// Ends the current meeting: what was talked about leaves the queue, the rest is carried to the next one. Of a meeting that nobody ran
    /// everything is carried; but demos are taken to have been shown.
    /// </summary>
    /// <returns>The meeting, whose current date is the next one; and all items that stood on the agenda with their numbers, as they were left.</returns>
    public (Meeting Meeting, IReadOnlyList<RecordedItem> Items) End()
    {
        var left = this with { Items = [.. Items.Select(i => DateOf(i) == On ? Left(i) : i)] };
        var items = left.ItemsOn(On, isPrivate: false).Concat(left.ItemsOn(On, isPrivate: true)).Select(i => new RecordedItem(i, left.NumberOf(i))).ToList();
        var after = left with
        {
            On = Plan.NextAfter(On),
            LastEnded = On,
            Progress = new Progress(),
            Session = null,
            Updates = [],
            Items =
            [
                .. left.Items.Where(i => i.Outcome != ItemOutcome.Discussed)
                    .Select(i => DateOf(i) == On ? i with { Carried = i.Carried + 1, Outcome = null, Decided = null, NotBefore = null } : i),
            ],
        };
        return (after, items);
    }

    private AgendaItem Left(AgendaItem item) =>
        (Session is { At: var at } && at.Serial == item.Serial && item.Outcome is null) || (Session is null && Plan.Kind == MeetingKind.Demos && item.IsDemo)
            ? item with { Outcome = ItemOutcome.Discussed }
            : item;

    /// <summary>The meeting as it is once a date that nobody ran is over: its items are on the next agenda.</summary>
    /// <param name="now">The present.</param>
    /// <returns>The same meeting, and null, if its current date is not over or is being held.</returns>
    public (Meeting Meeting, IReadOnlyList<RecordedItem>? Closed) Settled(Instant now) =>
        Session is null && !Plan.IsOver && now >= Current.End ? End() : (this, null);

    /// <summary>Takes over a changed plan. The items stay; so do the preparations if the current date does.</summary>
    public AgendaStep Replan(MeetingPlan plan, Instant now)
    {
        if (Session is not null && (plan.IsOver || !plan.IsOn(On)))
        {
            return new AgendaStep.Refused(AgendaRefusal.IsUnderWay);
        }

        var on = Session is not null || plan.IsOver ? On : plan.FirstAt(now);
        if (Session is null && on <= LastEnded)
        {
            on = plan.NextAfter(LastEnded.Value);
        }

        return new AgendaStep.Done(this with { Plan = plan, On = on, Progress = on == On ? Progress : new Progress() });
    }

    /// <summary>A new meeting. What would have been said by now for its first date is not said any more.</summary>
    public static Meeting New(string id, string workspaceId, MeetingPlan plan, Instant now)
    {
        var on = plan.FirstAt(now);
        return new Meeting
        {
            Id = id,
            WorkspaceId = workspaceId,
            Plan = plan,
            On = on,
            CreatedAt = now,
            Progress = new Progress(
                IsCalled: plan.Call is { } call && plan.At(on, call) <= now, IsPosted: plan.Agenda is { } agenda && plan.At(on, agenda) <= now),
        };
    }

    /// <summary>The next place on the way.</summary>
    /// <param name="from">Where it is left; null at the start.</param>
    /// <param name="parts">What there is beside the items.</param>
    private Stop StopAfter(StopKind? from, AgendaParts parts)
    {
        if (from is null && parts.Release)
        {
            return new Stop(StopKind.Release);
        }

        if ((from is null || from < StopKind.Requests) && parts.Requests)
        {
            return new Stop(StopKind.Requests);
        }

        // What was queued while the rest was talked about is not forgotten.
        if (ItemsOn(On, isPrivate: false).Concat(ItemsOn(On, isPrivate: true)).FirstOrDefault(i => i.Outcome is null) is { } item)
        {
            return new Stop(StopKind.Item, item.Serial);
        }

        // Behind them items that came late are talked about, but the action steps not once more.
        return new Stop((from is null || from < StopKind.Actions) && parts.Actions && Session is not { ActionsWere: true } ? StopKind.Actions : StopKind.Through);
    }

    private Meeting GoTo(Stop stop, string userId, bool byOffice, Instant now)
    {
        var session = Session! with
        {
            At = stop,
            Since = now,
            Turn = Session.Turn + 1,
            MovedBy = userId,
            OfficerIsThere = Session.OfficerIsThere || byOffice,
            ActionsWere = Session.ActionsWere || stop.Kind == StopKind.Actions,
        };
        var minutes = Find(stop.Serial)?.Minutes;
        return this with { Session = session with { TimeUpAt = minutes is { } box ? now + Duration.FromMinutes(box) : null } };
    }

    private AgendaRefusal? Fixed(AgendaItem item) => Session?.At.Serial == item.Serial ? AgendaRefusal.IsCurrent
        : item.Outcome is not null ? AgendaRefusal.IsPassed
        : null;

    private static Instant? Earlier(Instant? one, Instant? other) => (one, other) switch
    {
        ({ } a, { } b) => Instant.Min(a, b),
        _ => one ?? other,
    };
}
