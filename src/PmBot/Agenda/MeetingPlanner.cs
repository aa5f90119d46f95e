using PmBot.Delivery;
using PmBot.Meetings;

namespace PmBot.Agenda;

/// <summary>Takes over changed plans of meetings, with what follows for the posts about them; all that changes a plan comes here.</summary>
internal sealed class MeetingPlanner(AgendaBoard board, AgendaMessages messages)
{
    /// <summary>Takes over a changed plan and saves it.</summary>
    /// <param name="work">The work.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="adjust">What else changes about the meeting.</param>
    /// <param name="action">What was done, for the audit trail.</param>
    /// <param name="from">What was.</param>
    /// <param name="to">What is.</param>
    /// <param name="note">What stands below the agenda that was posted for a date which is none any more.</param>
    /// <returns>The meeting as it was saved; or why it is refused.</returns>
    public (Meeting? Saved, AgendaRefusal Why) Save(
        AgendaWork work, MeetingPlan plan, Func<Meeting, Meeting> adjust, string action, string? from, string? to, Func<Meeting, string> note)
    {
        var before = work.Meeting;
        var step = before.Replan(plan, work.Now);
        if (step is not AgendaStep.Done { Meeting: var after })
        {
            return (null, ((AgendaStep.Refused)step).Why);
        }

        if (before.Progress.Post is not null && (after.On != before.On || plan.IsOver))
        {
            // If the date comes back, so does its agenda, as a new post.
            board.CloseAgenda(work, before, note(after));
            work.Transaction.Forget(AgendaClock.AgendaKind, before.Id, before.On);
            after = after with { Progress = new Progress() };
        }

        return (work.Save(adjust(after), action, from, to), default);
    }

    /// <summary>Says something in the meeting's channel.</summary>
    /// <returns>A sentence for the answer, if there is no such channel; empty otherwise.</returns>
    public string Announce(AgendaWork work, string text)
    {
        if (work.Visit.Places.Public is not { } channel)
        {
            return " It was announced nowhere, for I am in no channel of the product managers.";
        }

        messages.Post(work.Transaction, work.WorkspaceId, channel.Id, text);
        return "";
    }
}
