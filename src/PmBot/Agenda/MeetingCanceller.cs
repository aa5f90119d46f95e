using NodaTime;
using PmBot.Mattermost;
using PmBot.Meetings;
using PmBot.People;

namespace PmBot.Agenda;

/// <summary>Cancels meetings, for dates or for good, and takes that back.</summary>
internal sealed class MeetingCanceller(AgendaDesk desk, MeetingPlanner planner, AgendaTexts texts)
{
    /// <summary>Dates on which it was not held are remembered for a while, for calendars look back, too.</summary>
    private static readonly Period Remembered = Period.FromWeeks(8);

    /// <summary>Who is told less than a day before it that a meeting does not take place need not be told again on the day.</summary>
    private static readonly Duration Shortly = Duration.FromDays(1);

    /// <summary>Cancels a meeting as it was typed.</summary>
    public async Task<CommandReply> CancelAsync(SlashCommand slash, AgendaCommand.CancelMeeting command, CancellationToken cancellationToken)
    {
        var why = TypedText.Line(command.Why);
        return why is { Length: > AgendaTexts.ReasonLength }
            ? AgendaItems.Refused(slash, $"A reason has {AgendaTexts.ReasonLength} characters at most, and this one has {why.Length}.")
            : await RunAsync(
                slash, command.Meeting, "cancel it", work => command.Dates.Count == 0 ? CancelForGood(work, why) : Cancel(work, command.Dates, why), cancellationToken);
    }

    /// <summary>Restores a meeting as it was typed.</summary>
    public Task<CommandReply> RestoreAsync(SlashCommand slash, AgendaCommand.RestoreMeeting command, CancellationToken cancellationToken) => RunAsync(
        slash, command.Meeting, "restore it", work => command.Date is { } date ? Restore(work, date) : RestoreForGood(work), cancellationToken);

    private async Task<CommandReply> RunAsync(SlashCommand slash, string name, string what, Func<AgendaWork, AgendaResult> change, CancellationToken cancellationToken)
    {
        var (meeting, problem) = await desk.ChooseAsync(slash.TeamId, name, MeetingUse.Queue, cancellationToken);
        if (meeting is null)
        {
            return AgendaItems.Refused(slash, problem);
        }

        var visit = await desk.EnterAsync(meeting, new Person(slash.UserId, slash.Username), slash.ChannelId, cancellationToken, RightNeeded.Office);
        if (visit.Places.Problem is { } unknown)
        {
            return AgendaItems.Refused(slash, $"{unknown} It could not be announced; please try again in a minute.");
        }

        var result = await desk.ExecuteAsync(
            visit, work => work.CallerHasOffice ? change(work) : AgendaResult.Wrong(AgendaTexts.NotYours(visit.Caller, what)), cancellationToken);
        return result.Answer is { } answer ? new CommandReply(answer) : AgendaItems.Refused(slash, result.Problem);
    }

    private AgendaResult Cancel(AgendaWork work, IReadOnlyList<Mattermost.Commands.DateText> typed, string? why)
    {
        var (meeting, plan, setting) = (work.Meeting, work.Meeting.Plan, work.Setting);
        if (plan.IsOver)
        {
            return AgendaResult.Wrong(texts.Refused(AgendaRefusal.IsOver, meeting, null, setting));
        }

        var dates = new SortedSet<LocalDate>();
        foreach (var text in typed)
        {
            var (date, wrong) = AgendaItems.DateOf(work, text);
            if (date is not { } on)
            {
                return AgendaResult.Wrong(wrong!);
            }

            if (plan.IsCancelled(on))
            {
                return AgendaResult.Wrong($"{Capital(AgendaTexts.Called(meeting, on, setting))} is cancelled already. To have it after all: {texts.Command($"meeting restore {plan.Name} --date {AgendaTexts.Iso(on)}")}");
            }

            if (!plan.Recurrence.Contains(on))
            {
                return AgendaResult.Wrong(AgendaTexts.NotThen(plan, on, meeting.On, setting));
            }

            if (on < meeting.On)
            {
                return AgendaResult.Wrong($"{Capital(AgendaTexts.Called(meeting, on, setting))} is over.");
            }

            dates.Add(on);
        }

        var oldest = setting.Today - Remembered;
        var cancelled = plan with
        {
            Cancelled =
            [
                .. plan.Cancelled.Where(c => !c.IsTold || c.On >= oldest)
                    .Concat(dates.Select(d => new Cancellation(d, why, work.Actor, work.Now >= meeting.ToldAt(d) - Shortly)))
                    .OrderBy(c => c.On),
            ],
        };
        var (saved, refusal) = planner.Save(
            work, cancelled, m => m, "cancel", null, string.Join(' ', dates.Select(AgendaTexts.Iso)) + (why is null ? "" : $": {why}"), after => AgendaTexts.TakenBack(after, why, setting));
        if (saved is null)
        {
            return AgendaResult.Wrong(texts.Refused(refusal, meeting, null, setting));
        }

        var all = dates.ToList();
        var nowhere = planner.Announce(work, AgendaTexts.NotOn(saved, all, why, setting));
        return AgendaResult.Of(texts.Cancelled(saved, all, why, nowhere, setting));
    }

    private AgendaResult CancelForGood(AgendaWork work, string? why)
    {
        var (meeting, plan) = (work.Meeting, work.Meeting.Plan);
        if (plan.IsOver)
        {
            return AgendaResult.Wrong(texts.Refused(AgendaRefusal.IsOver, meeting, null, work.Setting));
        }

        var (saved, refusal) = planner.Save(
            work, plan with { IsOver = true }, m => m, "cancel", null, $"for good{(why is null ? "" : $": {why}")}", after => AgendaTexts.TakenBack(after, why, work.Setting));
        if (saved is null)
        {
            return AgendaResult.Wrong(texts.Refused(refusal, meeting, null, work.Setting));
        }

        var nowhere = planner.Announce(work, AgendaTexts.NoMore(saved, why));
        return AgendaResult.Of($"{AgendaTexts.NoMore(saved, why)}{nowhere}{AgendaTexts.Kept(saved, work.Setting)} Undo: {texts.Command($"meeting restore {plan.Name}")}");
    }

    private AgendaResult Restore(AgendaWork work, Mattermost.Commands.DateText typed)
    {
        var (meeting, plan, setting) = (work.Meeting, work.Meeting.Plan, work.Setting);
        if (plan.IsOver)
        {
            return AgendaResult.Wrong(texts.Refused(AgendaRefusal.IsOver, meeting, null, setting));
        }

        var (date, wrong) = AgendaItems.DateOf(work, typed);
        if (date is not { } on)
        {
            return AgendaResult.Wrong(wrong!);
        }

        if (plan.Cancelled.FirstOrDefault(c => c.On == on) is not { } cancellation)
        {
            return AgendaResult.Wrong(plan.Recurrence.Contains(on)
                ? $"{Capital(AgendaTexts.Called(meeting, on, setting))} is not cancelled."
                : AgendaTexts.NotThen(plan, on, meeting.On, setting));
        }

        if (plan.Occurrence(on).End <= work.Now)
        {
            return AgendaResult.Wrong($"{Capital(AgendaTexts.Called(meeting, on, setting))} would be over.");
        }

        var (saved, refusal) = planner.Save(
            work, plan with { Cancelled = [.. plan.Cancelled.Where(c => c.On != on)] }, m => m, "restore", AgendaTexts.Iso(on), null, after => AgendaTexts.MovedTo(after, setting));
        if (saved is null)
        {
            return AgendaResult.Wrong(texts.Refused(refusal, meeting, null, setting));
        }

        var said = AgendaTexts.Again(saved, on, setting);
        var nowhere = planner.Announce(work, said);
        return AgendaResult.Of(
            $"{said}{nowhere}{AgendaTexts.Kept(saved, setting)} Undo: {texts.Command($"meeting cancel {plan.Name} --date {AgendaTexts.Iso(on)}{(cancellation.Why is { } why ? $" --why {why}" : "")}")}");
    }

    private AgendaResult RestoreForGood(AgendaWork work)
    {
        var (meeting, plan, setting) = (work.Meeting, work.Meeting.Plan, work.Setting);
        if (!plan.IsOver)
        {
            var next = plan.Cancelled.Where(c => c.On >= setting.Today).Select(c => (LocalDate?)c.On).FirstOrDefault();
            return AgendaResult.Wrong(
                $"The {Markdown.Inline(plan.Name)} is not cancelled; it takes place next on {setting.Time(meeting.Current.Start)}."
                + (next is { } on ? $" To have that of {setting.Date(on)} after all: {texts.Command($"meeting restore {plan.Name} --date {AgendaTexts.Iso(on)}")}" : ""));
        }

        var restored = plan with { IsOver = false };
        work.Transaction.Lock(AgendaStore.MeetingsLock(work.WorkspaceId));
        if (texts.NoRoom(work.Transaction.MeetingsOf(work.WorkspaceId, work.Now), restored, meeting.Id) is { } wrong)
        {
            return AgendaResult.Wrong(wrong);
        }

        var (saved, refusal) = planner.Save(work, restored, m => m, "restore", "for good", null, after => AgendaTexts.MovedTo(after, setting));
        if (saved is null)
        {
            return AgendaResult.Wrong(texts.Refused(refusal, meeting, null, setting));
        }

        var said = AgendaTexts.Again(saved, null, setting);
        var nowhere = planner.Announce(work, said);
        return AgendaResult.Of($"{said}{nowhere}{AgendaTexts.Kept(saved, setting)} Undo: {texts.Command($"meeting cancel {plan.Name}")}");
    }

    private static string Capital(string sentence) => char.ToUpperInvariant(sentence[0]) + sentence[1..];
}
