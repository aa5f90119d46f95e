using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <content>Notes, handing over at once, acknowledging.</content>
internal sealed partial class RotationChanges
{
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
        Save(change, after, "note", rotation.Note?.Text, handoff.Note);
        return $"{change.User(next.OnDuty)} will read with the handoff on {change.Time(next.Start)}: \"{Markdown.Inline(handoff.Note)}\"\nChange it by typing another."
            + (rotation.Note is { } before ? $" It replaces: \"{Markdown.Inline(before.Text)}\"" : "");
    }

    private async Task<CommandReply> HandOffNowAsync(SlashCommand slash, Caller caller, RotationCommand.HandOff handoff, CancellationToken cancellationToken)
    {
        var (seen, problem) = RotationChoice.Choose(await store.RotationsOfAsync(slash.TeamId, cancellationToken), handoff.RotationName, texts);
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

        messages.RemoveButtons(change.Transaction, before, "This shift is over.", handover.Rotation.NextHandoff);
        change.Transaction.OccurEarly(RotationClock.HandoffKind, before.Id, handover.Rotation.Current.ScheduledOn, change.Now);
        var note = handoff.Note is { } text ? new HandoffNote(text, change.Caller.Username, change.Now) : before.Note;
        var after = messages.Handoff(change.Transaction, handover.Rotation, note, waiting, null, audience, change.Now);
        if (handover.Past.Count == 0)
        {
            // The first turn began in the shift under way, so that everybody's turn comes earlier.
            TellWeeks(change, before, after, $"{change.Caller.Username} began the first turn");
        }

        Save(change, after, "handoff now", $"shift {before.Current.Number}: {before.Current.OnDuty}", $"shift {after.Current.Number}: {after.Current.OnDuty}");
        return $"{Capital(change.User(after.Current.OnDuty))} is on duty for **{RotationTexts.Name(after)}** now, until {change.Time(after.NextHandoff)}."
            + $" That cannot be taken back; to give the shift to somebody else: {texts.Command(change.Stored, "cover today @name")}";
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
        messages.RemoveButtons(change.Transaction, rotation, $"{change.User(current.OnDuty)} has it since {change.Time(change.Now)}{by}.", rotation.NextHandoff);
        Save(change, rotation.Acknowledge(change.Now), "ack", null, $"shift {current.Number}");
        return $"Noted: {(self ? "you have" : $"{change.User(current.OnDuty)} has")} **{RotationTexts.Name(rotation)}** until {change.Time(rotation.NextHandoff)}.";
    }
}
