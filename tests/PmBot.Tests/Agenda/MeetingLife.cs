using System.Text.Json;
using NodaTime;
using PmBot.Agenda;
using PmBot.Meetings;
using PmBot.Storage;
using PmBot.Tests.Rotations;

namespace PmBot.Tests.Agenda;

internal enum MeetingDeed
{
    Add,
    AddForLater,
    Edit,
    Move,
    Remove,
    Defer,
    TimeBox,
    Confide,
    Note,
    Update,
    Start,
    Next,
    Skip,
    End,
    Weekday,
    TimeOfDay,
    Months,
    Cancel,
    Restore,
    Stop,
    Resume,
    Wait,
    Sleep,
    Outage,
}

/// <summary>Something that happens to a meeting. What the numbers mean depends on the deed and on the state it meets.</summary>
internal sealed record MeetingMove(MeetingDeed Deed, int A, int B, int C);

/// <summary>
/// A meeting to which things happen, beside a naive account of it: people's wishes in a list, dates found by going from day to day.
/// After each step the two must say the same.
/// </summary>
internal sealed class MeetingLife
{
    private static readonly LocalTime[] Times = [new(9, 0), new(2, 30), new(0, 0), new(23, 45)];
    private static readonly string[] Zones = [MeetingPlan.DefaultZone, "Asia/Kolkata"];

    private readonly List<Wish> wishes = [];
    private readonly HashSet<LocalDate> cancelled = [];
    private readonly HashSet<string> said = [];
    private Func<LocalDate, bool> falls;
    private LocalDate on;
    private LocalDate? ended;
    private Wish? talked;
    private bool isHeld;
    private bool isThrough;
    private bool isStopped;
    private Instant now = AgendaExample.Made;
    private Meeting meeting;

    public MeetingLife(bool isDemos, int zone)
    {
        meeting = AgendaExample.Of(AgendaExample.Plan() with { Kind = isDemos ? MeetingKind.Demos : MeetingKind.Sync, Zone = Zones[zone % Zones.Length] });
        falls = date => date.DayOfWeek == IsoDayOfWeek.Wednesday;
        on = FirstNotOver();
        Check();
    }

    /// <summary>How many dates were ended, and how many of each thing happened: a test that nothing happens in proves nothing.</summary>
    public Dictionary<string, int> Tally { get; } = new(StringComparer.Ordinal);

    public void Do(MeetingMove move)
    {
        var before = Json(meeting);
        var meant = meeting;
        Happen(move);
        Hold(Json(meant) == before, "what was is left as it was");
        Check();
    }

    private static string Json(Meeting meeting) => JsonSerializer.Serialize(meeting, StoreJson.Options);

    private static void Hold(bool holds, string what, object? about = null)
    {
        if (!holds)
        {
            throw new BrokenException($"{what} {about}");
        }
    }

    private void Happen(MeetingMove move)
    {
        var (a, b, c) = (move.A, move.B, move.C);
        var wish = wishes.Count == 0 ? null : wishes[a % wishes.Count];
        switch (move.Deed)
        {
            case MeetingDeed.Add:
                Queue(new Wish { IsPrivate = b % 3 == 0, IsDemo = c % 2 == 0 });
                break;
            case MeetingDeed.AddForLater:
                Settle();
                Queue(new Wish { IsPrivate = b % 3 == 0, NotBefore = FirstFrom(on.PlusDays(1 + (c % 30))) });
                break;
            case MeetingDeed.Edit when wish is not null:
                if (Took(meeting.Edit(Real(wish), i => i with { Text = $"text {b}" })) is { } edited)
                {
                    Hold(edited == Real(wish) && edited.Text == $"text {b}", "the text is the new one");
                }

                break;
            case MeetingDeed.TimeBox when wish is not null:
                var minutes = b % 4 == 0 ? (int?)null : b;
                Hold(Took(meeting.Edit(Real(wish), i => i with { Minutes = minutes })) is null == (wish.Minutes == minutes), "it has the box already");
                wish.Minutes = minutes;
                break;
            case MeetingDeed.Confide when wish is not null:
                Took(meeting.Edit(Real(wish), i => i with { IsPrivate = !i.IsPrivate }));
                wish.IsPrivate = !wish.IsPrivate;
                break;
            case MeetingDeed.Note when wish is not null:
                Took(meeting.Edit(Real(wish), i => i with { Decided = $"decided {b}" }));
                break;
            case MeetingDeed.Update:
                meeting = meeting.With(new ReleaseUpdate(AgendaExample.Person($"u{a % 3}"), $"update {b}", now));
                Hold(meeting.Updates.Count(u => u.By.Id == $"u{a % 3}") == 1, "one update each");
                break;
            case MeetingDeed.Move when wish is not null:
                Place(wish, b % 5);
                break;
            case MeetingDeed.Remove when wish is not null:
                if (Took(meeting.Remove(Real(wish))) is not null)
                {
                    Hold(!wish.IsFixed && wish != talked, "what was talked about stays");
                    wishes.Remove(wish);
                }
                else
                {
                    Hold(wish.IsFixed || wish == talked, "what was not can go");
                }

                break;
            case MeetingDeed.Defer when wish is not null:
                Settle();
                if (wishes.Contains(wish))
                {
                    Defer(wish, on.PlusDays((b % 40) - 4));
                }

                break;
            case MeetingDeed.Start:
                if (!isHeld && !isStopped && a % 4 > 0)
                {
                    // Most meetings are started about their time.
                    Settle();
                    Pass(Instant.Max(now, meeting.Current.Start + Duration.FromMinutes((b % 20) - 5)));
                }

                Settle();
                Start();
                break;
            case MeetingDeed.Next:
                MoveOn(isSkip: false);
                break;
            case MeetingDeed.Skip:
                MoveOn(isSkip: true);
                break;
            case MeetingDeed.End when isHeld:
                Close(meeting.End());
                break;
            case MeetingDeed.Weekday:
                var day = (IsoDayOfWeek)(1 + (a % 7));
                Replan(p => p with { Recurrence = new Recurrence.EveryWeeks(day, 1, new LocalDate(2026, 11, 22).Next(day)) }, date => date.DayOfWeek == day);
                break;
            case MeetingDeed.Months:
                var (weekday, nth) = ((IsoDayOfWeek)(1 + (a % 7)), 1 + (b % 4));
                Replan(p => p with { Recurrence = new Recurrence.NthOfMonth(nth, weekday) }, date => date.DayOfWeek == weekday && (date.Day + 6) / 7 == nth);
                break;
            case MeetingDeed.TimeOfDay:
                Replan(p => p with { Start = Times[a % Times.Length], Minutes = 15 + (b * 4) }, falls);
                break;
            case MeetingDeed.Cancel:
                Cancel(a % 2 == 0 ? on : FirstFrom(on.PlusDays(b % 40)), isTold: c % 3 == 0);
                break;
            case MeetingDeed.Restore when cancelled.Count > 0:
                var restored = cancelled.Order().ElementAt(a % cancelled.Count);
                Settle();
                cancelled.Remove(restored);
                if (!Replan(p => p with { Cancelled = [.. p.Cancelled.Where(x => x.On != restored)] }, falls))
                {
                    cancelled.Add(restored);
                }

                break;
            case MeetingDeed.Stop:
                Replan(p => p with { IsOver = true }, falls, stop: true);
                break;
            case MeetingDeed.Resume:
                Replan(p => p with { IsOver = false }, falls, stop: false);
                break;
            case MeetingDeed.Wait:
                Pass(now + Duration.FromMinutes(isHeld ? 1 + (a % 15) : 1 + (a * 7)));
                break;
            case MeetingDeed.Sleep:
                Pass(now + Duration.FromHours(6 + (a % 50)));
                break;
            case MeetingDeed.Outage:
                // Nothing is done until the end of it.
                now += Duration.FromHours(24 + (a * 11));
                Pass(now);
                break;
        }
    }

    private void Queue(Wish wish)
    {
        Settle();
        var later = wish.NotBefore is { } date && date > on ? date : (LocalDate?)null;
        var step = meeting.Add(AgendaExample.Item($"wish {meeting.LastSerial}", wish.IsPrivate, notBefore: later) with { IsDemo = wish.IsDemo });
        if (step is AgendaStep.Refused { Why: var why })
        {
            Hold(why == (isStopped ? AgendaRefusal.IsOver : AgendaRefusal.IsFull) && (isStopped || wishes.Count == Meeting.MostItems), "it is refused for a reason", why);
            return;
        }

        var item = Took(step)!;
        Hold(wishes.TrueForAll(w => w.Serial < item.Serial), "serials are given once");
        wishes.Add(wish);
        wish.Serial = item.Serial;
        wish.NotBefore = later;
        Count("queued");
    }

    private void Place(Wish wish, int to)
    {
        var group = wishes.Where(w => w.IsPrivate == wish.IsPrivate && DateOf(w) == DateOf(wish)).ToList();
        var step = meeting.Move(Real(wish), to);
        var why = to < 1 || to > group.Count ? AgendaRefusal.NoSuchPlace : group.IndexOf(wish) == to - 1 ? AgendaRefusal.IsSo : (AgendaRefusal?)null;
        Hold(step.Why() == why, "a move is refused for a reason", step);
        if (Took(step) is null)
        {
            return;
        }

        // One neighbour after the other steps aside.
        for (var at = group.IndexOf(wish); at != to - 1; at += at < to - 1 ? 1 : -1)
        {
            var other = group[at < to - 1 ? at + 1 : at - 1];
            var (i, j) = (wishes.IndexOf(wish), wishes.IndexOf(other));
            (wishes[i], wishes[j]) = (wishes[j], wishes[i]);
            (group[group.IndexOf(other)], group[at]) = (group[at], other);
        }

        Count("moved");
    }

    private void Defer(Wish wish, LocalDate to)
    {
        var step = meeting.Defer(Real(wish), to);
        var why = wish == talked ? AgendaRefusal.IsCurrent
            : wish.IsFixed ? AgendaRefusal.IsPassed
            : to < on ? AgendaRefusal.IsPast
            : FirstFrom(to) == DateOf(wish) ? AgendaRefusal.IsSo
            : (AgendaRefusal?)null;
        Hold(step.Why() == why, "deferring is refused for a reason", step);
        if (Took(step) is not null)
        {
            wish.NotBefore = FirstFrom(to);
            Count("deferred");
        }
    }

    private void Start()
    {
        var step = meeting.Start("katie", true, AgendaExample.None, now);
        var begun = meeting.Current.Start <= now && now < meeting.Current.End;
        var why = isStopped ? AgendaRefusal.IsOver
            : isHeld ? AgendaRefusal.IsUnderWay
            : meeting.Plan.DateOf(now) != on && !begun ? AgendaRefusal.IsNotOnThatDay
            : (AgendaRefusal?)null;
        Hold(step.Why() == why, "starting is refused for a reason", step);
        if (step is AgendaStep.Done { Meeting: var after })
        {
            meeting = after;
            isHeld = true;
            Reach();
            Count("started");
        }
    }

    private void MoveOn(bool isSkip)
    {
        var step = meeting.Advance(meeting.Session?.Turn, isSkip ? ItemOutcome.Skipped : ItemOutcome.Discussed, null, "katie", true, AgendaExample.None, now);
        var nothingNew = isThrough && !Waiting().Any();
        Hold(step.Why() == (!isHeld ? AgendaRefusal.IsNotUnderWay : nothingNew ? AgendaRefusal.IsThrough : null), "moving on is refused for a reason", step);
        if (step is AgendaStep.Done { Meeting: var after })
        {
            meeting = after;
            if (talked is not null)
            {
                (talked.IsDiscussed, talked.IsSkipped) = (!isSkip, isSkip);
                Count(isSkip ? "skipped" : "discussed");
            }

            Reach();
        }
    }

    /// <summary>What waits to be talked about today, in its order.</summary>
    private IEnumerable<Wish> Waiting() => wishes.Where(w => !w.IsFixed && DateOf(w) == on).OrderBy(w => w.IsPrivate);

    private void Reach()
    {
        talked = Waiting().FirstOrDefault();
        isThrough = talked is null;
        Hold(meeting.Talked?.Serial == talked?.Serial, "the next one is talked about", meeting.Talked);
        Hold(meeting.Session!.At.Kind == (isThrough ? StopKind.Through : StopKind.Item), "or all is through");
    }

    private void Cancel(LocalDate date, bool isTold)
    {
        Settle();
        if (!falls(date) || cancelled.Contains(date) || (ended is { } last && date <= last))
        {
            return;
        }

        cancelled.Add(date);
        var all = meeting.Plan.Cancelled.Append(new Cancellation(date, null, "u", isTold)).OrderBy(x => x.On).ToList();
        if (Replan(p => p with { Cancelled = all }, falls))
        {
            Count("cancelled");
        }
        else
        {
            cancelled.Remove(date);
        }
    }

    private bool Replan(Func<MeetingPlan, MeetingPlan> change, Func<LocalDate, bool> newly, bool? stop = null)
    {
        Settle();
        var (before, serials) = (falls, meeting.Items.Select(i => (i.Serial, i.Text, i.Carried)).ToList());
        falls = newly;
        var stays = falls(on) && !cancelled.Contains(on) && stop != true;
        var step = meeting.Replan(change(meeting.Plan), now);
        Hold(step.Why() == (isHeld && (!stays || isStopped) ? AgendaRefusal.IsUnderWay : null), "a plan is refused for a reason", step);
        if (step is not AgendaStep.Done { Meeting: var after })
        {
            falls = before;
            return false;
        }

        isStopped = stop ?? isStopped;
        var (wasOn, progress) = (on, meeting.Progress);
        meeting = after;
        if (!isHeld && !isStopped)
        {
            on = FirstNotOver();
        }

        Hold(meeting.Progress == (on == wasOn ? progress : new Progress()), "the preparations stay with their date");
        Hold(meeting.Items.Select(i => (i.Serial, i.Text, i.Carried)).SequenceEqual(serials), "moving a meeting keeps its items");
        Count("replanned");
        return true;
    }

    /// <summary>Time goes on, and whatever comes due is done at its time.</summary>
    private void Pass(Instant to)
    {
        var (at, steps) = (now, 0);
        while (meeting.NextDue is { } due && due <= to)
        {
            if (due > now)
            {
                now = due;
            }

            steps = now == at ? steps + 1 : 0;
            at = now;

            // Each date that went by has a call, an agenda, an end and a close at most, and so have those that were cancelled.
            Hold(steps <= 400, "time goes on", $"at {now}: {due}");
            DoDue();
            Check();
        }

        now = to;
    }

    private void DoDue()
    {
        var progress = meeting.Progress;
        if (meeting.Untold() is { } untold && untold.At <= now)
        {
            Hold(said.Add($"untold {untold.Cancellation.On} {meeting.Plan.Cancelled.Count} {now}"), "it is told once");
            Hold(falls(untold.Cancellation.On) && cancelled.Contains(untold.Cancellation.On), "what is told would have taken place", untold.Cancellation);
            meeting = meeting with
            {
                Plan = meeting.Plan with { Cancelled = [.. meeting.Plan.Cancelled.Select(x => x.On == untold.Cancellation.On ? x with { IsTold = true } : x)] },
            };
            Count("told");
            return;
        }

        Hold(!isStopped, "nothing comes due of what is over");
        if (meeting.ClosesAt <= now)
        {
            Hold(meeting.Current.End <= now, "it closes when it is over, not before");
            Close(isHeld ? meeting.End() : Closed(meeting.Settled(now)));
        }
        else if (!isHeld && !progress.IsCalled && meeting.Plan.Call is { } call && meeting.Plan.At(on, call) <= now)
        {
            meeting = meeting with { Progress = progress with { IsCalled = true } };
        }
        else if (!isHeld && !progress.IsPosted && meeting.Plan.Agenda is { } agenda && meeting.Plan.At(on, agenda) <= now)
        {
            meeting = meeting with { Progress = progress with { IsPosted = true, RefreshAt = Refresh() } };
        }
        else if (!isHeld && progress.RefreshAt <= now)
        {
            meeting = meeting with { Progress = progress with { RefreshAt = Refresh() } };
        }
        else if (meeting.Session is { TimeUpAt: { } up } session && up <= now)
        {
            meeting = meeting with { Session = session with { TimeUpAt = null } };
            Count("time up");
        }
        else if (!progress.IsAfter && meeting.Current.End <= now)
        {
            meeting = meeting with { Progress = progress with { IsAfter = true } };
            Count("after");
        }
        else
        {
            Hold(false, "what is due can be done", $"at {now}: {Json(meeting)}");
        }

        Instant? Refresh() => now + Duration.FromMinutes(30) < meeting.Current.Start ? now + Duration.FromMinutes(30) : null;
    }

    private static (Meeting Meeting, IReadOnlyList<RecordedItem> Items) Closed((Meeting Meeting, IReadOnlyList<RecordedItem>? Closed) settled)
    {
        Hold(settled.Closed is not null, "what is over settles");
        return (settled.Meeting, settled.Closed!);
    }

    /// <summary>As whoever types a command finds it: dates that are over and that nobody ran are behind the team.</summary>
    private void Settle()
    {
        while (meeting.Settled(now) is { Closed: { } closed, Meeting: var after })
        {
            Hold(!isHeld && !isStopped && meeting.Current.End <= now, "only what is over settles");
            Close((after, closed));
            Check();
        }

        Hold(isHeld || isStopped || now < meeting.Current.End, "what is over settles");
    }

    private void Close((Meeting Meeting, IReadOnlyList<RecordedItem> Items) closed)
    {
        var today = wishes.Where(w => DateOf(w) == on).OrderBy(w => w.IsPrivate).ToList();
        Hold(closed.Items.Select(i => i.Item.Serial).SequenceEqual(today.Select(w => w.Serial)), "the record has all items of the date, and no others");
        for (var i = 0; i < today.Count; i++)
        {
            var (item, number) = closed.Items[i];
            var place = today.Take(i).Count(w => w.IsPrivate == today[i].IsPrivate) + 1;
            Hold(number == new ItemNumber(place, today[i].IsPrivate) && number == meeting.NumberOf(Real(today[i])), "with the numbers they had", number);
            Hold(item.Text == Real(today[i]).Text && item.Carried == Real(today[i]).Carried && item.Decided == Real(today[i]).Decided, "as they were");
            var discussed = today[i].IsDiscussed || today[i] == talked || (!isHeld && meeting.Plan.Kind == MeetingKind.Demos && today[i].IsDemo);
            Hold(item.Outcome == (discussed ? ItemOutcome.Discussed : today[i].IsSkipped ? ItemOutcome.Skipped : null), "with what became of them", item);
            if (discussed)
            {
                wishes.Remove(today[i]);
            }
            else
            {
                (today[i].Carried, today[i].NotBefore, today[i].IsSkipped) = (today[i].Carried + 1, null, false);
                Hold(closed.Meeting.Find(today[i].Serial) is { Outcome: null, Decided: null }, "what is carried begins anew");
                Count("carried");
            }
        }

        ended = on;
        on = FirstFrom(on.PlusDays(1));
        (isHeld, isThrough, talked) = (false, false, null);
        meeting = closed.Meeting;
        Hold(meeting is { Session: null, Updates.Count: 0 } && meeting.Progress == new Progress() && meeting.LastEnded == ended, "the next date begins anew");
        Count("ended");
    }

    private void Check()
    {
        Hold(meeting.On == on, "the current date", $"{meeting.On} {on}");
        Hold(meeting.Items.Select(i => i.Serial).SequenceEqual(wishes.Select(w => w.Serial)), "nothing is lost, and the order is kept");
        Hold(wishes.TrueForAll(w => Real(w) is var i && i.Carried == w.Carried && i.IsPrivate == w.IsPrivate && i.Minutes == w.Minutes), "each as it is wished");
        Hold(meeting.Session is not null == isHeld, "it is held or not");
        Hold(isHeld || meeting.Items.All(i => i.Outcome is null), "outcomes are of the meeting under way");
        Hold(isStopped || isHeld || (falls(on) && !cancelled.Contains(on) && !(on <= ended)), "the current date is one, and not behind");

        foreach (var dated in wishes.GroupBy(w => (Date: DateOf(w), w.IsPrivate)))
        {
            var items = meeting.ItemsOn(dated.Key.Date, dated.Key.IsPrivate);
            Hold(items.Select(i => i.Serial).SequenceEqual(dated.Select(w => w.Serial)), "the items of a date");
            Hold(dated.Key.Date == on || (falls(dated.Key.Date) && !cancelled.Contains(dated.Key.Date) && dated.Key.Date > on), "a date on which it takes place", dated.Key.Date);
            Hold(items.Select(i => meeting.NumberOf(i)).SequenceEqual(Enumerable.Range(1, items.Count).Select(n => new ItemNumber(n, dated.Key.IsPrivate))), "numbers have no gap");
            Hold(items.All(i => ReferenceEquals(meeting.Find(dated.Key.Date, meeting.NumberOf(i)), i)), "a number is that of its item");
            foreach (var number in new[] { 0, -1, items.Count + 1, int.MaxValue })
            {
                Hold(meeting.Find(dated.Key.Date, new ItemNumber(number, dated.Key.IsPrivate)) is null, "and of none else", number);
            }
        }

        Hold(isStopped == meeting.NextDue is null, "something always comes, unless it is over");
        Hold(meeting.ClosesAt >= meeting.Current.End, "it closes when it is over, not before");
        var back = JsonSerializer.Deserialize<Meeting>(Json(meeting), StoreJson.Options)!;
        Hold(Json(back) == Json(meeting) && back.NextDue == meeting.NextDue, "nothing is lost by being stored");
    }

    private LocalDate DateOf(Wish wish) => wish.NotBefore is { } date && date > on ? FirstFrom(date) : on;

    private LocalDate FirstFrom(LocalDate date)
    {
        while (!falls(date) || cancelled.Contains(date))
        {
            date = date.PlusDays(1);
        }

        return date;
    }

    private LocalDate FirstNotOver()
    {
        var date = FirstFrom(meeting.Plan.DateOf(now).PlusDays(-2));
        while (meeting.Plan.Occurrence(date).End <= now || date <= ended)
        {
            date = FirstFrom(date.PlusDays(1));
        }

        return date;
    }

    private AgendaItem Real(Wish wish) => meeting.Items.Single(i => i.Serial == wish.Serial);

    private AgendaItem? Took(AgendaStep step)
    {
        if (step is not AgendaStep.Done done)
        {
            return null;
        }

        meeting = done.Meeting;
        return done.Item;
    }

    private void Count(string what) => Tally[what] = Tally.GetValueOrDefault(what) + 1;

    /// <summary>What somebody wants to talk about, as the account has it.</summary>
    private sealed class Wish
    {
        public long Serial { get; set; }

        public bool IsPrivate { get; set; }

        public bool IsDemo { get; init; }

        public int? Minutes { get; set; }

        public LocalDate? NotBefore { get; set; }

        public int Carried { get; set; }

        public bool IsDiscussed { get; set; }

        public bool IsSkipped { get; set; }

        public bool IsFixed => IsDiscussed || IsSkipped;
    }
}
