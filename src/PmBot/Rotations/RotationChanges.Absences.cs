using NodaTime;
using PmBot.Mattermost.Commands;

namespace PmBot.Rotations;

/// <content>Who is away.</content>
internal sealed partial class RotationChanges
{
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
            var span = change.Span(shift);
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
        Save(change, after, "away", null, $"{member.UserId} {RotationTexts.Iso(from)} {RotationTexts.Iso(to)}");
        var mine = member.UserId == change.Caller.UserId;
        var stays = after.Current.OnDuty == member.UserId && absence.Overlaps(change.Today, after.NextOn)
            ? $"{(changed.Count > 0 ? " " : "")}The shift under way stays {(mine ? "yours" : "theirs")} until {change.Time(after.NextHandoff)}; give it away in time: {texts.Command(change.Stored, "cover today @name")}."
            : "";
        return $"{(mine ? "You are" : $"{member.Username} is")} away {RotationTexts.Span(after, absence, change.Now)}. "
            + (changed.Count == 0 && stays.Length == 0 && after.Current.OnDuty == before.Current.OnDuty ? "No shift changes by it." : "")
            + (after.Current.OnDuty != before.Current.OnDuty ? $"{Capital(change.User(after.Current.OnDuty))} has the shift under way now. " : "") + Sentence(changed) + stays
            + $"\nUndo: {texts.Command(change.Stored, mine ? "back" : $"back @{member.Username}")}"
            + (before.Absences.Any(a => a.UserId == member.UserId) ? " (it ends the other absences, too)" : "")
            + (after.Current.OnDuty != before.Current.OnDuty ? $" and {texts.Command(change.Stored, $"cover today @{member.Username}")}" : "");

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
            var span = change.Span(shift);
            messages.Tell(change.Transaction, after, was.OnDuty, change.Caller.UserId, $"{member.Username} is back: {span} is {change.User(shift.OnDuty)}'s again, not yours.");
            messages.Tell(change.Transaction, after, shift.OnDuty, change.Caller.UserId, $"You have {span} again.");
        }

        if (changed.Count > 0)
        {
            messages.Announce(change.Transaction, after, $"**{RotationTexts.Name(after)}**: {member.Username} is back. {string.Join(' ', changed.Select(Line))}");
        }

        Save(change, after, "back", string.Join("; ", ended.Select(a => $"{a.UserId} {RotationTexts.Iso(a.From)} {RotationTexts.Iso(a.To)}")), null);
        return $"{(mine ? "You are" : $"{member.Username} is")} no longer listed as away. {(changed.Count == 0 ? "No shift changes by it." : string.Join(' ', changed.Select(Line)))}"
            + (before.Current.Reason == ShiftReason.Absence && before.Current.From == member.UserId && ended.Any(a => a.Overlaps(change.Today, before.NextOn))
                ? $" The shift under way stays {change.User(before.Current.OnDuty)}'s; give it back: {texts.Command(change.Stored, mine ? "take" : $"cover today @{member.Username}")}." : "")
            + $" Undo: {string.Join(" and ", ended.Select(a => texts.Command(change.Stored, $"away {(mine ? "" : $"@{member.Username} ")}{RotationTexts.Iso(a.From)} {RotationTexts.Iso(a.To)}{(a.Reason is null ? "" : " " + a.Reason)}")))}";

        string Line((Shift Was, Shift Shift) c) => $"{Capital(change.User(c.Shift.OnDuty))} has the shift of {change.Date(c.Shift.ScheduledOn)} again.";
    }

    /// <summary>The shifts to come that another has than before, up to a date.</summary>
    private static List<(Shift Was, Shift Shift)> Changed(Rotation before, Rotation after, LocalDate until) =>
    [
        .. before.Shifts().Skip(1).TakeWhile(s => s.ScheduledOn <= until).Zip(after.Shifts().Skip(1))
            .Where(pair => pair.First.OnDuty != pair.Second.OnDuty),
    ];
}
