using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Rotations;

namespace PmBot.Agenda;

/// <content>What is said while a meeting is held, before it and after it.</content>
internal sealed partial class AgendaTexts
{
    /// <summary>What is talked about now, for everybody.</summary>
    public string Point(Meeting meeting, AgendaMaterial material, string actor, AgendaSetting setting)
    {
        var session = meeting.Session!;
        switch (session.At.Kind)
        {
            case StopKind.Release:
                var manager = meeting.Plan.ReleaseManager is { } person ? $"{Mention(person, actor, setting)}: " : "";
                return FirstPage(meeting, [$"#### Release updates\n{manager}", .. Release(meeting, material, setting).Skip(1)]);
            case StopKind.Requests:
                return FirstPage(
                    meeting,
                    [
                        $"#### Requests that are not obvious\nWhose is it: {requests.Command("ID @name")}; to be talked about again: {requests.Command("discuss ID")}\n",
                        .. Requests(material.Requests).Skip(1),
                    ]);
            case StopKind.Item when meeting.Talked is { IsPrivate: false } item:
                return $"#### {meeting.NumberOf(item)}. {(item.IsDemo ? "Demo: " : "")}{Markdown.Inline(item.Text)}\n{Box(meeting, item, actor, setting)}";
            case StopKind.Item:
                var hidden = meeting.ItemsOn(meeting.On, isPrivate: true);
                return $"#### A confidential item\n{meeting.NumberOf(meeting.Talked!).Number} of {hidden.Count}; it stands in the private channel.";
            case StopKind.Actions:
                return FirstPage(
                    meeting, [$"#### Action steps that are due\nDone: {Command("done A")}; how it stands: {Command("update A TEXT")}\n", .. StepLines(material.Steps, null, setting)]);
            default:
                return $"All is through. Notes are still taken: {Command("action @owner TEXT")}, {Command("decided N TEXT")}";
        }
    }

    /// <summary>A confidential item that is talked about now, for the private channel.</summary>
    public static string PrivatePoint(Meeting meeting, AgendaItem item, string actor, AgendaSetting setting) =>
        $"#### {meeting.NumberOf(item)}. {Markdown.Inline(item.Text)}\n{Markdown.Inline(meeting.Plan.Name)}, {setting.Date(meeting.On)} · {Box(meeting, item, actor, setting)}";

    /// <summary>What was talked about, once it is not any more.</summary>
    public static string PointLeft(Meeting meeting, AgendaItem? left) => meeting.Session!.At.Kind switch
    {
        StopKind.Release => "Release updates: done",
        StopKind.Requests => "Requests that are not obvious: done",
        StopKind.Actions => "Action steps that are due: done",
        StopKind.Item when left is { IsPrivate: true } => left.Outcome == ItemOutcome.Skipped ? "A confidential item: carried over" : "A confidential item: done",
        StopKind.Item when left is not null => Left(meeting, left),
        _ => "All is through.",
    };

    /// <summary>A confidential item, once it is not talked about any more, for the private channel.</summary>
    public static string PrivatePointLeft(Meeting meeting, AgendaItem left) => Left(meeting, left);

    /// <summary>That the time box of an item is over; where it is talked about.</summary>
    public static string TimeUp(Meeting meeting, AgendaItem item) =>
        $"Time is up for {meeting.NumberOf(item)}. {Markdown.Inline(item.Text)}{(item.Minutes is { } minutes ? $" ({When.Count(minutes, "minute")})" : "")}.";

    /// <summary>The note below an agenda whose meeting is held.</summary>
    public static string UnderWay(Meeting meeting, AgendaSetting setting) =>
        $"Under way since {setting.Time(meeting.Session!.StartedAt)}, started by {setting.Names.Of(meeting.Session.StartedBy)}; it goes on in the thread.";

    /// <summary>The note below an agenda whose meeting is over.</summary>
    public static string Ended(MeetingRecord record, AgendaSetting setting) =>
        $"Ended {setting.Time(record.EndedAt)}{(record.EndedBy == "schedule" ? "" : $" by {setting.Names.Of(record.EndedBy)}")}."
        + (record.WasRun || record.EndedBy != "schedule" ? " The minutes are in the thread." : "");

    /// <summary>That a meeting's time is over and nobody ended it.</summary>
    public static string NotEnded(Meeting meeting, AgendaSetting setting)
    {
        var next = setting.Date(meeting.Plan.NextAfter(meeting.On));
        var name = Markdown.Inline(meeting.Plan.Name);
        return meeting.Session is not null ? $"The time of the {name} is over; it is at {At(meeting)}. End it, and what was not reached is carried over to {next}."
            : meeting.Items.All(i => meeting.DateOf(i) != meeting.On) ? $"The time of the {name} is over, and nobody started it here. End it, if it took place; the next one is on {next}."
            : $"The time of the {name} is over, and nobody started it here. End it, and what is on its agenda is carried over to {next}.";
    }

    /// <summary>The call for demos.</summary>
    public string CallForDemos(Meeting meeting, string? lateFor, AgendaSetting setting)
    {
        var demos = meeting.ItemsOn(meeting.On, isPrivate: false);
        return FirstPage(
            meeting,
            [
                $"#### Who shows what in {Called(meeting, meeting.On, setting)}?\n{Clock(meeting, setting)}{(lateFor is null ? "" : $" (for {lateFor})")}. Sign up: {Command($"demo FEATURE{Flag(meeting.Plan.Kind, meeting.Plan.Name)}")}\n",
                demos.Count == 0 ? "Nobody has signed up yet.\n" : "So far\n",
                .. demos.Select(d => Line(meeting, d, setting)),
            ]);
    }

    /// <summary>To a product manager of whom no release update came yet.</summary>
    public string CallForUpdates(Meeting meeting, string? lateFor, AgendaSetting setting) =>
        $"Please send your release updates for {Called(meeting, meeting.On, setting)}: {Command("release TEXT")}{(lateFor is null ? "" : $" (for {lateFor})")}";

    /// <summary>The line of a handoff's announcement about the next agenda.</summary>
    public static WaitingLine Waiting(Meeting meeting, Instant now)
    {
        var within = Period.Between(meeting.Plan.DateOf(now), meeting.On, PeriodUnits.Days).Days < 7;
        return new WaitingLine(
            $"on {(within ? $"{meeting.On.DayOfWeek}'s agenda" : $"the agenda of {When.Date(meeting.On, meeting.Plan.DateOf(now))}")}",
            Load(meeting, meeting.On, inPrivate: false));
    }

    /// <summary>On the day itself: that there is no meeting.</summary>
    public static string NoMeeting(Meeting meeting, Cancellation cancellation, AgendaSetting setting) =>
        $"There is no {Markdown.Inline(meeting.Plan.Name)} today{(cancellation.Why is { } why ? $": {Markdown.Inline(why)}" : "")}. The next one is on **{setting.Time(meeting.Plan.Occurrence(meeting.Plan.NextAfter(cancellation.On)).Start)}**.";

    /// <summary>To the admins: that a meeting has no channel.</summary>
    public string Nowhere(Meeting meeting, AgendaSetting setting) =>
        $"I have no channel for the {Markdown.Inline(meeting.Plan.Name)}, next on {setting.Time(meeting.Current.Start)}: I am not in ~product-management. Invite me there, or name the channel that you use: "
        + $"{Command($"meeting set {meeting.Plan.Name} channel ~channel")}. You don't have this meeting? {Command($"meeting cancel {meeting.Plan.Name}")}";

    /// <summary>The answer to who may not run a meeting.</summary>
    public static string MayNotRun(Meeting meeting, AgendaSetting setting) =>
        $"The {Markdown.Inline(meeting.Plan.Name)} is run by {(meeting.Plan.Officers.Any() ? string.Join(", ", meeting.Plan.Officers.Select(setting.Names.Of)) : "product managers")} and admins; if none of them is there, "
        + $"by anybody from {When.TimeOfDay((meeting.Current.Start + Meeting.ChairIsAwaited).InZone(meeting.Plan.DateTimeZone()).TimeOfDay)} on. Nothing was changed.";

    /// <summary>That it is too early to start a meeting.</summary>
    public static string TooEarly(Meeting meeting, Instant from, AgendaSetting setting) =>
        $"The {Markdown.Inline(meeting.Plan.Name)} is on {setting.Time(meeting.Current.Start)}; it can be started from {When.TimeOfDay(from.InZone(meeting.Plan.DateTimeZone()).TimeOfDay)} on that day.";

    /// <summary>That a meeting was ended before.</summary>
    public string EndedBefore(MeetingRecord record, AgendaSetting setting) =>
        $"The {Markdown.Inline(record.MeetingName)} of {setting.Date(record.On)} was ended {setting.Time(record.EndedAt)}. What it came to: {Command($"minutes {Iso(record.On)}{Flag(record.Kind, record.MeetingName)}")}";

    /// <summary>The minutes of a meeting, in blocks that are not torn apart.</summary>
    /// <param name="record">What it came to.</param>
    /// <param name="steps">Its action steps, as they are now.</param>
    /// <param name="next">When the next one is; null if there is none.</param>
    /// <param name="readIn">The private channel, if it is read there; only then it has what is confidential. Null otherwise.</param>
    /// <param name="setting">Names and dates.</param>
    public static List<string> Minutes(MeetingRecord record, IReadOnlyList<ActionStep> steps, LocalDate? next, string? readIn, AgendaSetting setting)
    {
        var inPrivate = readIn is not null;
        var zone = DateTimeZoneProviders.Tzdb[record.Zone];
        var blocks = new List<string>
        {
            $"#### Minutes: {Markdown.Inline(record.MeetingName)}, {setting.Date(record.On)}\n"
                + (record.StartedAt is { } started
                    ? $"Held {When.TimeOfDay(started.InZone(zone).TimeOfDay)} to {When.TimeOfDay(record.EndedAt.InZone(zone).TimeOfDay)} {zone.GetZoneInterval(started).Name}{(record.EndedBy == "schedule" ? "; nobody ended it" : $", ended by {setting.Names.Of(record.EndedBy)}")}.\n"
                    : "It was not run here.\n"),
        };
        if (record.Recording is not null || record.Survey is not null)
        {
            blocks.Add($"{Links(record)}\n");
        }

        var shown = record.Items.Where(i => inPrivate || !i.Item.IsPrivate).ToList();
        var talked = shown.Where(i => i.Item.Outcome == ItemOutcome.Discussed).ToList();
        var carried = shown.Where(i => i.Item.Outcome != ItemOutcome.Discussed).ToList();
        if (talked.Count > 0)
        {
            blocks.Add(record.Kind == MeetingKind.Demos ? "\n**Shown**\n" : "\n**Talked about**\n");
            blocks.AddRange(talked.Select(i => $"- {i.Number}. {Markdown.Inline(i.Item.Text)} ({setting.Names.Of(i.Item.Owner)}){(i.Item.Decided is { } decided ? $": {Markdown.Inline(decided)}" : "")}\n"));
        }

        if (carried.Count > 0)
        {
            blocks.Add($"\n**Carried over{(next is { } date ? $" to {setting.Date(date)}" : "")}**\n");
            blocks.AddRange(carried.Select(i => $"- {Markdown.Inline(i.Item.Text)} ({setting.Names.Of(i.Item.Owner)}), on the agenda since {setting.Date(i.Item.FirstOn)}{(i.Item.Decided is { } noted ? $"; noted: {Markdown.Inline(noted)}" : "")}\n"));
        }

        if (!inPrivate && record.Items.Count(i => i.Item.IsPrivate) is > 0 and var hidden)
        {
            blocks.Add($"\n**Confidential**\n{When.Count(hidden, "item")}; the minutes in the private channel have {(hidden == 1 ? "it" : "them")}.\n");
        }

        if (steps.Count > 0)
        {
            blocks.Add("\n**Action steps**\n");
            blocks.AddRange(StepLines(steps, readIn, setting));
        }

        if (record.Updates.Count > 0)
        {
            blocks.Add("\n**Release updates**\n");
            blocks.AddRange(record.Updates.Select(u => $"- {setting.Names.Of(u.By)}: {Markdown.Inline(u.Text)}\n"));
        }

        if (record.Requests.Count > 0)
        {
            blocks.Add($"\nRequests that were talked about: {string.Join(", ", record.Requests.Select(RequestId))}\n");
        }

        if (shown.Count == 0 && steps.Count == 0 && record.Updates.Count == 0 && record.Requests.Count == 0)
        {
            blocks.Add("Nothing was noted.\n");
        }

        return blocks;
    }

    /// <summary>The post with the places for recording and survey.</summary>
    public string FollowUp(MeetingRecord record, AgendaSetting setting) =>
        $"#### {Markdown.Inline(record.MeetingName)}, {setting.Date(record.On)}: recording and survey\n{Links(record)}"
        + (record.Recording is null || record.Survey is null ? $"\nFill them in: {Command($"minutes {Iso(record.On)}{Flag(record.Kind, record.MeetingName)} --recording URL --survey URL")}" : "");

    /// <summary>Recording and survey, a line each.</summary>
    public static string Links(MeetingRecord record) => $"Recording: {(record.Recording is { } recording ? Markdown.Inline(recording) : "not yet")}\nFeedback survey: {(record.Survey is { } survey ? Markdown.Inline(survey) : "not yet")}";

    private static string RequestId(long number) => PmBot.Requests.RequestTexts.Id(number);

    private static string Left(Meeting meeting, AgendaItem left) =>
        $"{meeting.NumberOf(left)}. {(left.IsDemo ? "Demo: " : "")}{Markdown.Inline(left.Text)}: "
        + (left.Outcome == ItemOutcome.Skipped ? $"carried over{(left.Decided is { } noted ? $"; noted: {Markdown.Inline(noted)}" : "")}" : left.Decided is { } decided ? $"decided: {Markdown.Inline(decided)}" : "done");

    private static string Box(Meeting meeting, AgendaItem item, string actor, AgendaSetting setting)
    {
        var until = meeting.Session!.TimeUpAt is { } up ? $", until {When.TimeOfDay(up.InZone(meeting.Plan.DateTimeZone()).TimeOfDay)}" : "";
        return $"{(item.Minutes is { } minutes ? $"{When.Count(minutes, "minute")}{until} · " : "")}{Mention(item.Owner, actor, setting)}{string.Concat(item.Docs.Select(d => $"\n{Markdown.Inline(d)}"))}";
    }

    /// <summary>Nobody is notified of their own doing.</summary>
    private static string Mention(Person person, string actor, AgendaSetting setting) => person.Id == actor ? setting.Names.Of(person) : $"@{setting.Names.Of(person)}";

    /// <summary>As much of it as one post holds; the agenda itself has the rest.</summary>
    private string FirstPage(Meeting meeting, IReadOnlyList<string> blocks) => Pages.Of(blocks, 1, n => ListCommand(meeting, n));

    private static string Clock(Meeting meeting, AgendaSetting setting) => setting.Time(meeting.Current.Start);
}
