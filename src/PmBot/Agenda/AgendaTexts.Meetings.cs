using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Meetings;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <content>The meetings themselves: when they are, who runs them, what changes about them.</content>
internal sealed partial class AgendaTexts
{
    /// <summary>The most characters of a meeting's name.</summary>
    public const int NameLength = 64;

    /// <summary>The most characters of the reason for which a meeting does not take place.</summary>
    public const int ReasonLength = 200;

    /// <summary>The most meetings of a team, those that were cancelled for good left out.</summary>
    public const int MostMeetings = 20;

    private const string UsualChannel = "the product managers' channel";

    /// <summary>When a meeting is: <c>every Wednesday at 09:00 (America/Los_Angeles), 30 minutes</c>.</summary>
    public static string Times(MeetingPlan plan) =>
        $"{RecurrenceText.InWords(plan.Recurrence)} at {When.TimeOfDay(plan.Start)} ({plan.Zone}), {When.Count(plan.Minutes, "minute")}";

    /// <summary>The refusal of what only admins and a meeting's officers may do.</summary>
    public static string NotYours(Caller caller, string what) => caller.Right is AdminRight.Unknown unknown
        ? $"Only admins and the meeting's chairs may {what}, and I could not find out whether you are an admin: {unknown.Reason} Nothing was changed; please try again."
        : $"Only admins and the meeting's chairs may {what}. Nothing was changed.";

    /// <summary>A meeting in full, as one block.</summary>
    /// <param name="meeting">The meeting.</param>
    /// <param name="channels">The names of channels by id.</param>
    /// <param name="setting">Names and dates.</param>
    public string Overview(Meeting meeting, IReadOnlyDictionary<string, string> channels, AgendaSetting setting)
    {
        var plan = meeting.Plan;
        var name = $"**{Markdown.Inline(plan.Name)}**";
        if (plan.IsOver)
        {
            return $"{name} · takes place no more{(meeting.Items.Count == 0 ? "" : $"; {When.Count(meeting.Items.Count, "item")} {Are(meeting.Items.Count)} kept")} · again: {Command($"meeting restore {plan.Name}")}\n\n";
        }

        var lines = new List<string>
        {
            $"{name} · {Times(plan)}",
            $"- next: **{setting.Time(meeting.Current.Start)}**{(meeting.Session is null ? "" : " (under way)")} · {Said(plan, "channel", channels, setting)}",
        };
        var without = plan.Cancelled.Where(c => c.On >= setting.Today).Select(c => $"{setting.Date(c.On)}{(c.Why is { } why ? $" ({Markdown.Inline(why)})" : "")}").ToList();
        if (without.Count > 0)
        {
            lines.Add($"- not on {string.Join(", ", without)}");
        }

        lines.Add($"- chair: {Said(plan, "chair", channels, setting)} · co-chairs: {Said(plan, "cochairs", channels, setting)} · vice chair: {Said(plan, "vicechair", channels, setting)}"
            + (plan.Kind == MeetingKind.Sync || plan.ReleaseManager is not null ? $" · Release Manager: {Said(plan, "releasemanager", channels, setting)}" : ""));
        lines.Add($"- agenda: {(plan.Agenda is { } agenda ? $"posted {AheadText.InWords(agenda)}" : "not posted by itself")}"
            + plan.Kind switch
            {
                MeetingKind.Sync => $" · release updates: {(plan.Call is { } call ? $"asked for {AheadText.InWords(call)}" : "not asked for")}",
                MeetingKind.Demos => $" · demos: {(plan.Call is { } call ? $"asked for {AheadText.InWords(call)}" : "not asked for")}",
                _ => "",
            }
            + $" · afterwards: {(!plan.After ? "nothing" : plan.Kind == MeetingKind.Demos ? "places for the recording and the survey" : "a button that ends it")}");
        return string.Join('\n', lines) + "\n\n";
    }

    /// <summary>What can be done about meetings, below a list of them.</summary>
    public string BelowMeetings(string name) =>
        $"Change one: {Command($"meeting set {name} at 10:00")}. Without a date: {Command($"meeting cancel {name} --date 2026-12-23 --why Holidays")}. All that can be said: {Command("help meeting")}\n";

    /// <summary>The value of a key as it is typed.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="key">One of <see cref="AgendaVerbs.MeetingKeys"/>.</param>
    /// <param name="channels">The names of channels by id.</param>
    /// <param name="setting">Names.</param>
    public static string Typed(MeetingPlan plan, string key, IReadOnlyDictionary<string, string> channels, AgendaSetting setting) => key switch
    {
        "name" => plan.Name,
        "every" => RecurrenceText.Typed(plan.Recurrence),
        "at" => When.TimeOfDay(plan.Start),
        "minutes" => FormattableString.Invariant($"{plan.Minutes}"),
        "zone" => plan.Zone,
        "kind" => plan.Kind.ToString().ToLowerInvariant(),
        "chair" => AtName(plan.Chair, setting),
        "cochairs" => plan.CoChairs.Count == 0 ? "none" : string.Join(' ', plan.CoChairs.Select(p => AtName(p, setting))),
        "vicechair" => AtName(plan.ViceChair, setting),
        "releasemanager" => AtName(plan.ReleaseManager, setting),
        "channel" => Tilde(plan.ChannelId, channels),
        "private" => Tilde(plan.PrivateChannelId, channels),
        "posts" => plan.ItemPosts is { } posts ? OnOff(posts) : "default",
        "agenda" => plan.Agenda is { } agenda ? AheadText.Typed(agenda) : "off",
        "call" => plan.Call is { } call ? AheadText.Typed(call) : "off",
        "after" => OnOff(plan.After),
        _ => throw new InvalidOperationException(key),
    };

    /// <summary>The value of a key as it stands in a sentence.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="key">One of <see cref="AgendaVerbs.MeetingKeys"/>.</param>
    /// <param name="channels">The names of channels by id.</param>
    /// <param name="setting">Names.</param>
    public static string Said(MeetingPlan plan, string key, IReadOnlyDictionary<string, string> channels, AgendaSetting setting) => key switch
    {
        "name" => $"\"{Markdown.Inline(plan.Name)}\"",
        "every" => RecurrenceText.InWords(plan.Recurrence),
        "chair" or "cochairs" or "vicechair" or "releasemanager" => Typed(plan, key, channels, setting) is var names and not "none" ? names.Replace("@", "", StringComparison.Ordinal).Replace(" ", ", ", StringComparison.Ordinal) : "nobody",
        "channel" => plan.ChannelId is null ? UsualChannel : Tilde(plan.ChannelId, channels),
        "private" => plan.PrivateChannelId is null ? "the product managers' private channel" : Tilde(plan.PrivateChannelId, channels),
        _ => Markdown.Code(Typed(plan, key, channels, setting)),
    };

    /// <summary>What becomes of what is queued, as a sentence behind others; empty if nothing is.</summary>
    public static string Kept(Meeting meeting, AgendaSetting setting)
    {
        var count = meeting.Items.Count;
        var next = meeting.Items.Count(i => meeting.DateOf(i) == meeting.On);
        return count == 0 ? ""
            : meeting.Plan.IsOver ? $" Its {When.Count(count, "item")} {Are(count)} kept."
            : $" Its {When.Count(count, "item")} {(count == 1 ? "stays" : "stay")} queued{(next == count ? $" for {setting.Date(meeting.On)}" : $", {next} of them for {setting.Date(meeting.On)}")}.";
    }

    /// <summary>The answer to a change.</summary>
    /// <param name="key">What changed.</param>
    /// <param name="before">The meeting until then.</param>
    /// <param name="after">The meeting now.</param>
    /// <param name="channels">The names of channels by id.</param>
    /// <param name="setting">Names and dates.</param>
    public string Changed(string key, Meeting before, Meeting after, IReadOnlyDictionary<string, string> channels, AgendaSetting setting)
    {
        var late = key switch
        {
            "agenda" when after is { Session: null, Plan.Agenda: not null, Progress: { IsPosted: true, Post: null } } => $" That time has passed for {setting.Date(after.On)}, so it holds from the date after.",
            "call" when after is { Session: null, Plan.Call: { } call } && after.Plan.At(after.On, call) <= setting.Now => $" That time has passed for {setting.Date(after.On)}, so it holds from the date after.",
            _ => "",
        };
        return $"`{key}` of the {Markdown.Inline(before.Plan.Name)} is {Said(after.Plan, key, channels, setting)} now (was: {Said(before.Plan, key, channels, setting)}).{late} "
            + $"{Next(after, setting)}{Kept(after, setting)} Undo: {Command($"meeting set {after.Plan.Name} {key} {Typed(before.Plan, key, channels, setting)}")}";
    }

    /// <summary>When a meeting takes place next, as a sentence.</summary>
    public static string Next(Meeting meeting, AgendaSetting setting) => meeting.Session is null
        ? $"It takes place next on **{setting.Time(meeting.Current.Start)}**."
        : $"It is under way; the one after is on **{setting.Time(meeting.Plan.Occurrence(meeting.Plan.NextAfter(meeting.On)).Start)}**.";

    /// <summary>To everybody: that a meeting is at another time.</summary>
    public static string Moved(Meeting meeting, AgendaSetting setting) =>
        $"The {Markdown.Inline(meeting.Plan.Name)} is {Times(meeting.Plan)}, from now on; the next one is on **{setting.Time(meeting.Current.Start)}**.";

    /// <summary>Below an agenda whose meeting has another date now.</summary>
    public static string MovedTo(Meeting meeting, AgendaSetting setting) => $"It was moved to {setting.Time(meeting.Current.Start)}.";

    /// <summary>Below an agenda whose meeting does not take place.</summary>
    public static string TakenBack(Meeting meeting, string? why, AgendaSetting setting) =>
        $"It does not take place{(why is null ? "" : $": {Markdown.Inline(why)}")}. {(meeting.Plan.IsOver ? "Its items are kept." : $"Its items stay queued for {setting.Time(meeting.Current.Start)}.")}";

    /// <summary>To everybody: that there is a new meeting.</summary>
    public static string NewMeeting(Meeting meeting, AgendaSetting setting) =>
        $"There is a new meeting: {Markdown.Inline(meeting.Plan.Name)}, {Times(meeting.Plan)}; the first one is on **{setting.Time(meeting.Current.Start)}**.";

    /// <summary>The answer to who made a meeting.</summary>
    public string Created(Meeting meeting, string? channel, AgendaSetting setting) =>
        $"The {Markdown.Inline(meeting.Plan.Name)} is made: {Times(meeting.Plan)}; the first one is on **{setting.Time(meeting.Current.Start)}**, in {(channel is null ? UsualChannel : $"~{channel}")}. "
        + (meeting.Plan.Agenda is { } agenda ? $"Its agenda is posted {AheadText.InWords(agenda)}. " : "")
        + $"Who runs it: {Command($"meeting set {meeting.Plan.Name} chair @name")}. Undo: {Command($"meeting cancel {meeting.Plan.Name}")}";

    /// <summary>To everybody: that a meeting does not take place on some dates.</summary>
    /// <param name="meeting">The meeting, without them.</param>
    /// <param name="dates">The dates, in their order.</param>
    /// <param name="why">The reason given; null for none.</param>
    /// <param name="setting">Dates.</param>
    public static string NotOn(Meeting meeting, IReadOnlyList<LocalDate> dates, string? why, AgendaSetting setting) =>
        $"The {Markdown.Inline(meeting.Plan.Name)} of {Dates(dates, setting)} does not take place{(why is null ? "" : $": {Markdown.Inline(why)}")}. {NextOne(meeting, dates, setting)}";

    /// <summary>The answer to who cancelled a meeting for some dates.</summary>
    /// <param name="meeting">The meeting, without them.</param>
    /// <param name="dates">The dates, in their order.</param>
    /// <param name="why">The reason given; null for none.</param>
    /// <param name="posted">Where it was announced: a sentence behind others.</param>
    /// <param name="setting">Dates.</param>
    public string Cancelled(Meeting meeting, IReadOnlyList<LocalDate> dates, string? why, string posted, AgendaSetting setting) =>
        $"{NotOn(meeting, dates, why, setting)}{posted}{Kept(meeting, setting)} Undo: {string.Join(", ", dates.Select(d => Command($"meeting restore {meeting.Plan.Name} --date {Iso(d)}")))}";

    /// <summary>To everybody: that a meeting takes place no more.</summary>
    public static string NoMore(Meeting meeting, string? why) =>
        $"The {Markdown.Inline(meeting.Plan.Name)} takes place no more{(why is null ? "" : $": {Markdown.Inline(why)}")}.";

    /// <summary>To everybody: that a meeting takes place on a date all the same, or again at all.</summary>
    /// <param name="meeting">The meeting.</param>
    /// <param name="on">The date; null if it takes place again at all.</param>
    /// <param name="setting">Dates.</param>
    public static string Again(Meeting meeting, LocalDate? on, AgendaSetting setting) => on is { } date
        ? $"The {Markdown.Inline(meeting.Plan.Name)} of {setting.Date(date)} takes place after all, at {When.TimeOfDay(meeting.Plan.Start)} {meeting.Plan.DateTimeZone().GetZoneInterval(meeting.Plan.Occurrence(date).Start).Name}."
        : $"The {Markdown.Inline(meeting.Plan.Name)} takes place again, {Times(meeting.Plan)}; the next one is on **{setting.Time(meeting.Current.Start)}**.";

    /// <summary>That a meeting does not fall on a date, and the nearest ones on which it takes place.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="date">The date.</param>
    /// <param name="first">The first date that can be meant.</param>
    /// <param name="setting">Dates.</param>
    public static string NotThen(MeetingPlan plan, LocalDate date, LocalDate first, AgendaSetting setting)
    {
        LocalDate? before = null;
        for (var on = plan.OnOrAfter(first); on < date; on = plan.NextAfter(on))
        {
            before = on;
        }

        var after = plan.NextAfter(date);
        return $"The {Markdown.Inline(plan.Name)} does not take place on {setting.Date(date)}. {(before is { } near ? $"The nearest dates are {setting.Date(near)} and {setting.Date(after)}." : $"The nearest date is {setting.Date(after)}.")}";
    }

    /// <summary>To somebody who has an office in a meeting from now on.</summary>
    /// <param name="meeting">The meeting.</param>
    /// <param name="office">The office, with its article.</param>
    /// <param name="by">Who gave it to them, by name.</param>
    /// <param name="setting">Dates.</param>
    public string YouAre(Meeting meeting, string office, string by, AgendaSetting setting) =>
        $"You are {office} of the {Markdown.Inline(meeting.Plan.Name)} now; {by} said so. The next one is on {setting.Time(meeting.Current.Start)}. Its agenda: {Command($"list {meeting.Plan.Name}")}";

    /// <summary>What a calendar says about a meeting; plain text, and nothing of what is talked about.</summary>
    public string InCalendar(Meeting meeting, LocalDate on) =>
        $"{(meeting.LastEnded is { } last && on <= last ? $"What it came to, in Mattermost: /{Trigger} minutes {Iso(on)} --meeting" : $"Its agenda, in Mattermost: /{Trigger} list")} {meeting.Plan.Name}";

    /// <summary>Why a plan cannot be: something would be said after the meeting's start, or before the one ahead of it is over; null if it can.</summary>
    public string? Wrong(MeetingPlan plan)
    {
        foreach (var (key, what, ahead) in new[] { ("agenda", "agenda", plan.Agenda), ("call", "call for updates or demos", plan.Call) })
        {
            var most = plan.Recurrence is Recurrence.EveryWeeks weeks ? Math.Min((weeks.Weeks * 7) - 1, MostDaysAhead) : MostDaysAhead;
            if (ahead is { Days: 0 } && ahead.Time > plan.Start)
            {
                return $"The {what} would come at {When.TimeOfDay(ahead.Time)}, after the meeting's start at {When.TimeOfDay(plan.Start)}. An earlier time: {Command($"meeting set {plan.Name} {key} {AheadText.Typed(UsualAgenda(plan.Start))}")}";
            }

            if (ahead?.Days > most)
            {
                return $"The {what} can come {When.Count(most, "day")} before the meeting at most, for {RecurrenceText.InWords(plan.Recurrence)}.";
            }
        }

        return null;
    }

    /// <summary>Why a team cannot have a meeting beside its others; null if it can.</summary>
    /// <param name="meetings">The team's meetings.</param>
    /// <param name="plan">The meeting's plan.</param>
    /// <param name="id">The meeting, if it is one of them; null for a new one.</param>
    public string? NoRoom(IReadOnlyList<Meeting> meetings, MeetingPlan plan, string? id)
    {
        var others = meetings.Where(m => m.Id != id && !m.Plan.IsOver).ToList();
        return others.Count >= MostMeetings ? $"A team has {MostMeetings} meetings at most. One that is held no more is cancelled with {Command("meeting cancel NAME")}"
            : plan.Kind == MeetingKind.Sync && others.Find(m => m.Plan.Kind == MeetingKind.Sync) is { } sync
                ? $"There is a meeting of the kind `sync` already, the {Markdown.Inline(sync.Plan.Name)}: release updates and requests belong into one."
            : null;
    }

    /// <summary>When the agenda is posted if nobody says otherwise: at 08:00, or, if the meeting starts before, the day before at 16:00.</summary>
    public static Ahead UsualAgenda(LocalTime start) => MeetingPlan.UsualAgenda() is var usual && usual.Time <= start ? usual : new Ahead(1, new LocalTime(16, 0));

    /// <summary>Three weeks, less a day: less than what lies between two dates of any month.</summary>
    private const int MostDaysAhead = 20;

    private static string NextOne(Meeting meeting, IReadOnlyList<LocalDate> dates, AgendaSetting setting) =>
        $"The next one is on **{setting.Time(meeting.Plan.Occurrence(meeting.Plan.NextAfter(dates[0])).Start)}**.";

    private static string Dates(IReadOnlyList<LocalDate> dates, AgendaSetting setting) => dates.Count == 1
        ? setting.Date(dates[0])
        : $"{string.Join(", ", dates.SkipLast(1).Select(setting.Date))} and {setting.Date(dates[^1])}";

    private static string Are(int count) => count == 1 ? "is" : "are";

    private static string AtName(People.Person? person, AgendaSetting setting) => person is null ? "none" : $"@{setting.Names.Of(person)}";

    private static string Tilde(string? channelId, IReadOnlyDictionary<string, string> channels) =>
        channelId is null ? "default" : $"~{channels.GetValueOrDefault(channelId) ?? "(a channel that I cannot see)"}";

    private static string OnOff(bool value) => value ? "on" : "off";
}
