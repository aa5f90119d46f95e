using System.Text;
using NodaTime;
using PmBot.Calendars;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>A line of the table "waiting" in a handoff's announcement. Both texts are safe Markdown.</summary>
public sealed record WaitingLine(string What, string HowMuch);

/// <summary>
/// Everything that users read of a rotation. Fact first, then who, then what to do next; a name is written with <c>@</c> only where
/// that person is to be interrupted.
/// </summary>
/// <param name="trigger">The configured word of the command.</param>
internal sealed class RotationTexts(string trigger)
{
    /// <summary>The configured word of the command.</summary>
    public string Trigger { get; } = trigger;

    /// <summary>A command as code.</summary>
    public string Command(string rest) => Markdown.Code($"/{Trigger} {rest}");

    /// <summary>A command about a rotation, which is named in it unless it is the one that is meant anyway.</summary>
    public string Command(Rotation rotation, string rest)
    {
        if (rotation.IsFirst || rest.StartsWith("help", StringComparison.Ordinal))
        {
            return Command(rest);
        }

        return Markdown.Code($"/{Trigger} {rest} --rotation {Quoted(rotation)}");
    }

    /// <summary>A date as it can be typed anywhere.</summary>
    public static string Iso(LocalDate date) => NodaTime.Text.LocalDatePattern.Iso.Format(date);

    public static string Name(Rotation rotation) => Markdown.Inline(rotation.Name);

    /// <summary>A member's name, without notifying them.</summary>
    public static string User(Rotation rotation, string? userId) => rotation.Find(userId)?.Username ?? "nobody";

    public static string Date(Rotation rotation, LocalDate date, Instant now) => When.Date(date, rotation.Schedule.DateOf(now));

    public static string Time(Rotation rotation, Instant instant, Instant now) => When.Time(instant, rotation.Schedule.DateTimeZone(), now);

    /// <summary><c>the shift of Mon, Dec 7</c>.</summary>
    public static string ShiftOf(Rotation rotation, Shift shift, Instant now) =>
        shift.Number == rotation.Current.Number ? $"the shift under way (until {Time(rotation, shift.End, now)})" : $"the shift of {Date(rotation, shift.ScheduledOn, now)}";

    /// <summary>Why a shift is not simply the turn of whoever has it; empty if it is.</summary>
    public static string Why(Rotation rotation, Shift shift) => shift.Reason switch
    {
        ShiftReason.Cover when shift.TurnOf is not null => $"covers for {User(rotation, shift.TurnOf)}",
        ShiftReason.Cover => "took it over",
        ShiftReason.Swap => $"swapped with {Partner(rotation, shift)}",
        ShiftReason.Absence => $"{User(rotation, shift.TurnOf)} is away",
        ShiftReason.Uncovered when shift.TurnOf is not null => $"{User(rotation, shift.TurnOf)} is away, and nobody else is there",
        ShiftReason.Uncovered => rotation.Roster.Count == 0 ? "no members" : "nobody's turn has begun",
        _ => "",
    };

    public string NoRotation() => $"There is no rotation in this team yet. An admin sets one up with {Command("create")}.";

    /// <summary>The first words, to somebody who may make a rotation; a button stands below.</summary>
    public string FirstWords() =>
        "There is no rotation in this team yet. Press the button and say who takes turns: then I know whose week it is, announce each handoff, and remind people of it.\n"
        + $"What else I can do: {Command("help")}";

    /// <summary>The first words, to somebody who may not.</summary>
    /// <param name="known">The names of admins, as far as they are known.</param>
    public string FirstWordsToOthers(IReadOnlyList<string> known) =>
        "There is no rotation in this team yet. "
        + (known.Count == 0 ? "An admin of this team can set one up: they type " : $"{string.Join(", ", known.Take(5))} can set one up, or any other admin of this team: they type ")
        + $"{Markdown.Code("/" + Trigger)}.\nWhat I can do: {Command("help")}";

    /// <summary>The first words, where it is not known who may.</summary>
    /// <param name="reason">Why not.</param>
    public static string FirstWordsToSomebody(string reason) =>
        $"There is no rotation in this team yet. An admin sets one up, and I could not find out whether you are one: {reason} Please try again in a minute.";

    /// <summary>That the form cannot be opened, and what can be typed instead.</summary>
    public string NoForm() =>
        $"I could not open the form for it. Type it instead: {Command("create \"PM rotation\"")}. All that can be said with it: {Command("help create")}";

    /// <summary>That the team's first rotation was made by somebody else in the meantime.</summary>
    public string NotTheFirst(Rotation rotation) =>
        $"By now there is a rotation in this team: {Name(rotation)}. Nothing was changed. Who is on duty: {Markdown.Code("/" + Trigger)}. Another one: {Command("create")}";

    /// <summary>That a rotation was made, and what to do next.</summary>
    public string Created(Rotation rotation, string? announce, string? header, Instant now)
    {
        var count = rotation.Roster.Count;
        return $"**{Name(rotation)}** is made{(count == 0 ? "" : $" with {When.Count(count, "member")}: {Members(rotation, now)}")}. "
            + $"It changes hands {RotationSettings.Describe(rotation.Schedule)} ({rotation.Schedule.Zone}), the first time on **{Time(rotation, rotation.NextHandoff, now)}**"
            + (count == 0 ? "; " : $", to {User(rotation, rotation.Shifts().ElementAt(1).OnDuty)}; ")
            + (announce is null ? "it is announced nowhere" : $"it is announced in ~{announce}")
            + (header is null ? ", and no header is touched." : $", and the header of ~{header} names who is on duty.")
            + (count == 0
                ? $"\nNext, add its members: {Command(rotation, "add @adam.c @katie.w")}."
                : $"\nNobody is on duty until then; start now: {Command(rotation, "handoff --now")}.")
            + $" Its checklist: {Command(rotation, "duties")}. Undo: {Markdown.Code($"/{Trigger} delete {Quoted(rotation)}")}";
    }

    /// <summary>Who is on duty in each rotation, and who is next.</summary>
    public string Who(IReadOnlyList<Rotation> rotations, Instant now)
    {
        var text = new StringBuilder();
        foreach (var rotation in rotations)
        {
            var shifts = rotation.Shifts().SkipWhile(s => s.End <= now).Take(2).ToList();
            var (shift, next) = (shifts[0], shifts[1]);
            text.Append($"**{Name(rotation)}**: ");
            if (shift.OnDuty is null)
            {
                text.Append($"nobody is on duty until **{Time(rotation, shift.End, now)}** ({Why(rotation, shift)}).");
                text.Append(rotation.Roster.Count == 0 ? $" Add members: {Command(rotation, "add @adam.c @katie.w")}." : $" Who can? {Command(rotation, "take")}");
            }
            else
            {
                var why = Why(rotation, shift);
                var current = shift.Number == rotation.Current.Number ? rotation.Current : null;
                text.Append($"{User(rotation, shift.OnDuty)} is on duty until **{Time(rotation, shift.End, now)}**");
                text.Append(why.Length > 0 ? $" ({why})" : "");
                text.Append($", since {Time(rotation, current?.Since ?? shift.Start, now)}; ");
                text.Append(current?.AcknowledgedAt is { } at ? $"acknowledged {Time(rotation, at, now)}." : "not acknowledged yet.");
            }

            if (rotation.Roster.Count > 0)
            {
                text.Append($"\nNext: {User(rotation, next.OnDuty)} from {Time(rotation, next.Start, now)}");
                text.Append(Why(rotation, next) is { Length: > 0 } reason ? $" ({reason})." : ".");
            }

            text.Append("\n\n");
        }

        return text.Append($"More: {Command("schedule")}, {Command("help")}").ToString();
    }

    /// <summary>The shifts to come, with the reason for each that is out of the usual order.</summary>
    public string Schedule(Rotation rotation, int count, Instant now)
    {
        var today = rotation.Schedule.DateOf(now);
        var text = new StringBuilder(Pages.UsualLength);
        text.Append($"**{Name(rotation)}**, {RotationSettings.Describe(rotation.Schedule)} ({rotation.Schedule.Zone}):\n\n| from | on duty | why |\n| :-- | :-- | :-- |\n");
        foreach (var shift in rotation.Shifts().SkipWhile(s => s.End <= now).Take(count))
        {
            text.Append("| ").Append(shift.Start <= now ? $"now, until {When.Date(rotation.Schedule.DateOf(shift.End), today)}" : When.Date(shift.ScheduledOn, today));
            text.Append($" | {User(rotation, shift.OnDuty)} | {Why(rotation, shift)} |\n");
        }

        var away = rotation.Absences.Where(a => a.To >= today).OrderBy(a => a.From).ToList();
        if (away.Count > 0)
        {
            text.Append("\nAway: ").AppendJoin(" · ", away.Take(50).Select(a => $"{User(rotation, a.UserId)} {Span(rotation, a, now)}")).Append('\n');
        }

        return text.Append($"\nAnother order for a week? {Command(rotation, "cover DATE @user")}, {Command(rotation, "swap DATE DATE")}, {Command(rotation, "take DATE")}").ToString();
    }

    /// <summary><c>Mon, Dec 21 – Fri, Jan 1, 2027 (holidays)</c>.</summary>
    public static string Span(Rotation rotation, Absence absence, Instant now) =>
        Date(rotation, absence.From, now)
        + (absence.To == absence.From ? "" : $" – {Date(rotation, absence.To, now)}")
        + (absence.Reason is { } reason ? $" ({Markdown.Inline(reason)})" : "");

    /// <summary>The announcement of a change of duty.</summary>
    /// <param name="rotation">The rotation after it.</param>
    /// <param name="note">The outgoing member's note.</param>
    /// <param name="waiting">What waits for the incoming member.</param>
    /// <param name="due">When it was due, if it is told late.</param>
    /// <param name="actor">Whose doing it is, who is not notified; null for the schedule.</param>
    /// <param name="now">The present.</param>
    public string Announcement(Rotation rotation, HandoffNote? note, IReadOnlyList<WaitingLine> waiting, Instant? due, string? actor, Instant now)
    {
        var shifts = rotation.Shifts().Take(2).ToList();
        var (shift, next) = (shifts[0], shifts[1]);
        var weeks = rotation.Schedule.Weeks == 1 ? "week of" : $"{rotation.Schedule.Weeks} weeks from";
        var text = new StringBuilder($"#### {Name(rotation)}: {weeks} {Date(rotation, shift.ScheduledOn, now)}\n");
        if (due is { } late)
        {
            text.Append($"This was due on {Time(rotation, late, now)} and comes late.\n");
        }

        text.Append(OnDuty(rotation, shift, actor, now));
        text.Append(From(rotation, note)).Append('\n');
        if (waiting.Count > 0)
        {
            text.Append("\n| waiting | |\n| :-- | :-- |\n");
            foreach (var line in waiting)
            {
                text.Append($"| {line.What} | {line.HowMuch} |\n");
            }
        }

        if (rotation.Duties.Count > 0)
        {
            text.Append("\nThe duty: ").AppendJoin(" · ", rotation.Duties.Select(Markdown.Inline));
        }

        text.Append($"\nNext: {User(rotation, next.OnDuty)} on {Date(rotation, next.ScheduledOn, now)}.");
        return text.Append(shift.OnDuty is null ? "" : $" Can't this week? {Command(rotation, "help cover")}").ToString();
    }

    /// <summary>That a shift under way passed to another.</summary>
    public string TakenOver(Rotation before, Rotation after, string? actor, Instant now)
    {
        var shift = after.Shifts().First();
        return $"**{Name(after)}**: {OnDuty(after, shift, actor, now)}"
            + (shift.OnDuty is not null && before.Current.OnDuty is not null ? $" {User(after, before.Current.OnDuty)} had it before." : "");
    }

    /// <summary>To the incoming member, directly.</summary>
    public string ToIncoming(Rotation rotation, HandoffNote? note, Instant now)
    {
        var shift = rotation.Shifts().First();
        var why = Why(rotation, shift);
        return $"You are on duty for **{Name(rotation)}** until **{Time(rotation, shift.End, now)}**{(why.Length > 0 ? $" ({why})" : "")}.{From(rotation, note)}\n"
            + $"You have it? Press the button, or type {Command(rotation, "ack")}. You can't? {Command(rotation, "help cover")}";
    }

    /// <summary>To the outgoing member, directly.</summary>
    public static string ToOutgoing(Rotation rotation, Instant now) =>
        rotation.Current.OnDuty is { } incoming
            ? $"Your shift in **{Name(rotation)}** is over: {User(rotation, incoming)} is on duty until {Time(rotation, rotation.NextHandoff, now)}. If there is still something they need to know, tell them."
            : $"Your shift in **{Name(rotation)}** is over, and nobody is on duty after you: {Why(rotation, rotation.Shifts().First())}.";

    /// <summary>To the next one, before the handoff.</summary>
    public string Notice(Rotation rotation, Instant now)
    {
        var next = rotation.Shifts().ElementAt(1);
        var why = Why(rotation, next);
        var iso = Iso(next.ScheduledOn);
        return $"You are up next in **{Name(rotation)}**: from **{Time(rotation, next.Start, now)}** until {Time(rotation, next.End, now)}"
            + (why.Length > 0 ? $" ({why})" : "")
            + (rotation.Current.OnDuty is { } before && before != next.OnDuty ? $", after {User(rotation, before)}." : ".")
            + $" You can't? {Command(rotation, $"cover {iso} @name")} or {Command(rotation, $"swap {iso} DATE")}";
    }

    /// <summary>To the one on duty who has not acknowledged.</summary>
    public string RemindIncoming(Rotation rotation, Instant now) =>
        $"**{Name(rotation)}** is yours since {Time(rotation, rotation.Current.Since, now)}, and you have not said yet that you have it. Press the button, or type {Command(rotation, "ack")}. You can't? {Command(rotation, "help cover")}";

    /// <summary>To the one who had it before.</summary>
    public static string RemindOutgoing(Rotation rotation, Instant now) =>
        $"{User(rotation, rotation.Current.OnDuty)} has not said yet that they have **{Name(rotation)}**, which you handed over on {Time(rotation, rotation.Current.Since, now)}. Do they know?";

    /// <summary>To the admins: nobody is on duty.</summary>
    public string Uncovered(Rotation rotation, Instant now)
    {
        var shift = rotation.Shifts().First();
        return $"Nobody is on duty in **{Name(rotation)}** until **{Time(rotation, shift.End, now)}**: {Why(rotation, shift)}. "
            + $"Give it to somebody: {Command(rotation, "cover today @name")}. Who is there? {Command(rotation, "schedule")}";
    }

    /// <summary>What stands in a channel's header behind the rotation's name.</summary>
    public static string Header(Rotation rotation, Instant now) =>
        rotation.Current.OnDuty is { } user
            ? $"@{User(rotation, user)} until {Date(rotation, rotation.NextOn, now)}"
            : $"nobody until {Date(rotation, rotation.NextOn, now)}";

    /// <summary>The same for a header with little room.</summary>
    public static string ShortHeader(Rotation rotation) => rotation.Current.OnDuty is { } user ? $"@{User(rotation, user)}" : "nobody";

    /// <summary>How a rotation's part of a header begins.</summary>
    public static string HeaderLabel(Rotation rotation) => $"{Name(rotation)}: ";

    /// <summary>The checklist.</summary>
    public string Duties(Rotation rotation) => rotation.Duties.Count == 0
        ? $"**{Name(rotation)}** has no checklist. Add a line: {Command(rotation, "duties add TEXT")}"
        : $"The checklist of **{Name(rotation)}**:\n"
            + string.Concat(rotation.Duties.Select((d, i) => $"{i + 1}. {Markdown.Inline(d)}\n"))
            + $"Change it: {Command(rotation, "duties add TEXT")}, {Command(rotation, "duties remove N")}";

    /// <summary>Past shifts, the newest first.</summary>
    public string History(Rotation rotation, IReadOnlyList<PastShift> past, Instant now)
    {
        if (past.Count == 0)
        {
            return $"**{Name(rotation)}** has no past shifts yet. To come: {Command(rotation, "schedule")}";
        }

        var text = new StringBuilder($"**{Name(rotation)}**, past shifts:\n\n| from | on duty | why |\n| :-- | :-- | :-- |\n");
        foreach (var one in past)
        {
            string[] why = [Why(rotation, one.Shift), .. one.Earlier.Select(e => $"{User(rotation, e.OnDuty)} until {Time(rotation, e.End, now)}")];
            text.Append($"| {Date(rotation, rotation.Schedule.DateOf(one.Shift.Start), now)} | {User(rotation, one.Shift.OnDuty)} | {string.Join("; ", why.Where(w => w.Length > 0))} |\n");
        }

        return text.Append($"\nHow many each has carried: {Command(rotation, "stats")}").ToString();
    }

    /// <summary>The caller's calendar address, and what it is good for.</summary>
    public string Calendar(CalendarAddress address) =>
        // As code: Mattermost itself would call a link, to show what is behind it, and remember it.
        $"Your {(address.Replaces ? "new " : "")}calendar address: {Markdown.Code(address.Url)}\n"
        + (address.Replaces ? "The old address leads nowhere any more: give the new one to your calendar program.\n" : "")
        + "In it are your shifts and this team's meetings, of the last 4 weeks and the next 13; nothing confidential. "
        + "It is yours alone: whoever knows it can read your calendar, without a password.\n"
        + "Subscribe to it in your calendar program: in Google Calendar by **Other calendars > From URL**, in Outlook by **Add calendar > Subscribe from web**, "
        + "in Apple's by **File > New Calendar Subscription**. Programs look for changes by themselves, some only once a day.\n"
        + $"Somebody else has seen it? {Command("calendar reset")}";

    /// <summary>What a calendar says of somebody's shift; plain text.</summary>
    /// <param name="rotation">The rotation.</param>
    /// <param name="shift">The shift.</param>
    /// <param name="userId">Whose calendar it is: whoever has it, or had a part of it.</param>
    /// <param name="isOver">Whether it is in the past.</param>
    public string InCalendar(Rotation rotation, Shift shift, string userId, bool isOver)
    {
        if (shift.OnDuty != userId)
        {
            return $"You had the beginning of it. After you: {User(rotation, shift.OnDuty)}.";
        }

        var why = shift.Reason switch
        {
            ShiftReason.Cover when shift.TurnOf is not null => $"You cover for {User(rotation, shift.TurnOf)}.",
            ShiftReason.Cover => "You took it.",
            ShiftReason.Swap => $"You swapped with {Partner(rotation, shift)}.",
            ShiftReason.Absence => $"It is the turn of {User(rotation, shift.TurnOf)}, who is away.",
            _ => "It is your turn.",
        };
        return isOver ? why : $"{why}\nYou can't? In Mattermost: /{Trigger} help cover";
    }

    /// <summary>How many shifts each has carried.</summary>
    public string Stats(Rotation rotation, IReadOnlyList<RotationStore.Carried> carried, Instant now)
    {
        var today = rotation.Schedule.DateOf(now);
        var lines = rotation.InOrder()
            .Select(m => (Member: m, Carried: carried.FirstOrDefault(c => c.UserId == m.UserId) ?? new RotationStore.Carried(m.UserId, 0, 0, 0)))
            .Where(x => x.Member.IsInOrWillBe(today) || x.Carried.Shifts + x.Carried.ByOthers > 0)
            .ToList();
        if (lines.Count == 0)
        {
            return $"**{Name(rotation)}** has no members yet: {Command(rotation, "add @adam.c @katie.w")}";
        }

        return $"**{Name(rotation)}**, shifts carried since {Date(rotation, rotation.Schedule.DateOf(rotation.CreatedAt), now)}, without the one under way:\n\n| who | carried | of these for others |\n| :-- | --: | --: |\n"
            + string.Concat(lines.Select(x => $"| {x.Member.Username} | {x.Carried.Shifts} | {x.Carried.ForOthers} |\n"))
            + $"\nShift by shift: {Command(rotation, "history")}";
    }

    /// <summary>The settings in force.</summary>
    /// <param name="rotation">The rotation, or null if there is none.</param>
    /// <param name="channels">Channel names by id, as far as they could be looked up.</param>
    /// <param name="workspace">The channels of the workspace by key, as Markdown, and its practice.</param>
    /// <param name="now">The present.</param>
    public string Settings(Rotation? rotation, IReadOnlyDictionary<string, string> channels, IReadOnlyList<(string Key, string Value)> workspace, Instant now)
    {
        var text = new StringBuilder();
        if (rotation is null)
        {
            text.Append($"{NoRotation()}\n\n");
        }
        else
        {
            text.Append($"**{Name(rotation)}**, next handoff {Time(rotation, rotation.NextHandoff, now)}\n\n| setting | value |\n| :-- | :-- |\n");
            text.Append($"| handoff | {rotation.Schedule.Day} {When.TimeOfDay(rotation.Schedule.Time)} |\n");
            text.Append($"| zone | {rotation.Schedule.Zone} |\n");
            text.Append($"| every | {rotation.Schedule.Weeks}w |\n");
            text.Append($"| announce | {Channel(rotation.AnnounceChannelId, channels)} |\n");
            text.Append($"| header | {Channel(rotation.HeaderChannelId, channels)} |\n");
            text.Append($"| reminder | {(rotation.ReminderMinutes is { } m ? When.Length(Duration.FromMinutes(m)) : "off")} |\n");
            text.Append($"| notice | {(rotation.Notice is { } n ? $"{n.Day} {When.TimeOfDay(n.Time)}" : "off")} |\n");
            text.Append($"| order | {(rotation.Order == RotationOrder.Alphabetical ? "alphabetical by first name" : "as listed")}: {Members(rotation, now)} |\n\n");
        }

        text.Append("**This team**\n\n| setting | value |\n| :-- | :-- |\n");
        foreach (var (key, value) in workspace)
        {
            text.Append($"| {key} | {value} |\n");
        }

        return text.Append($"\nChange one: {Command("set KEY VALUE")}, all of them: {Command("help set")}").ToString();
    }

    public static string Channel(string? channelId, IReadOnlyDictionary<string, string> channels) =>
        channelId is null ? "off" : channels.TryGetValue(channelId, out var name) ? $"~{name}" : "a channel that I cannot see any more";

    /// <summary>The members in the order of their turns.</summary>
    public static string Members(Rotation rotation, Instant now)
    {
        var today = rotation.Schedule.DateOf(now);
        var members = rotation.InOrder().Where(m => m.IsInOrWillBe(today)).Select(m => m.Username + Bounds(m)).ToList();
        return members.Count == 0 ? "nobody yet" : string.Join(", ", members);

        string Bounds(Member member)
        {
            var tenure = member.Tenures.First(t => t.Until is not { } until || until > today);
            return (tenure.From > today ? $" (from {Date(rotation, tenure.From, now)})" : "")
                + (tenure.Until is { } end ? $" (until {Date(rotation, end, now)})" : "");
        }
    }

    /// <summary>The checklist a new rotation begins with: the duties of the practice (handbook, "Twitter Rotation", "Customer Request Rotation").</summary>
    public static IReadOnlyList<string> DefaultDuties(Practice practice) =>
    [
        .. practice == Practice.Y2020
            ? ["watch Twitter: answer, retweet or like, and mark each post :heart: (liked), :repeat: (retweeted) or :no_entry_sign: (no action)"]
            : Array.Empty<string>(),
        "assign new customer requests to the PM who owns the area",
        "bring the unclear ones to Wednesday's PM sync",
        "remind fellow PMs to review their requests" + (practice == Practice.Y2020 ? " and to set at least the Fix Version" : ""),
    ];

    /// <summary>With whom a shift was swapped.</summary>
    private static string Partner(Rotation rotation, Shift shift) =>
        User(rotation, rotation.Assignments.FirstOrDefault(a => a.Shift == shift.Number)?.With ?? shift.TurnOf);

    /// <summary>The name as it is typed, in quotes if it has several words.</summary>
    private static string Quoted(Rotation rotation) => rotation.Name.Contains(' ', StringComparison.Ordinal) ? $"\"{rotation.Name}\"" : rotation.Name;

    private string OnDuty(Rotation rotation, Shift shift, string? actor, Instant now)
    {
        if (shift.OnDuty is null)
        {
            return $"**Nobody is on duty** until **{Time(rotation, shift.End, now)}**: {Why(rotation, shift)}. Who can? {Command(rotation, "take")}";
        }

        var why = Why(rotation, shift);
        return $"{(shift.OnDuty == actor ? "" : "@")}{User(rotation, shift.OnDuty)} is on duty until **{Time(rotation, shift.End, now)}**{(why.Length > 0 ? $" ({why})" : "")}.";
    }

    private static string From(Rotation rotation, HandoffNote? note)
    {
        var from = rotation.Current.From;
        if (rotation.Current.OnDuty is null)
        {
            return "";
        }

        if (note is not null)
        {
            return $" Handed over by {note.ByUsername}: \"{Markdown.Inline(note.Text)}\"";
        }

        return from is not null && from != rotation.Current.OnDuty ? $" Handed over by {User(rotation, from)}." : "";
    }
}
