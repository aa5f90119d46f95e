using System.Text;
using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Meetings;
using PmBot.Requests;

namespace PmBot.Agenda;

/// <summary>What an agenda is made of beside the meeting's queue.</summary>
/// <param name="Requests">The requests that belong into it by themselves.</param>
/// <param name="Steps">The open action steps that are due by then.</param>
/// <param name="Missing">The product managers of whom no release update came, by user id, with the last day of an absence where they are away.</param>
internal sealed record AgendaMaterial(IReadOnlyList<RequestForMeeting> Requests, IReadOnlyList<ActionStep> Steps, IReadOnlyList<(string UserId, LocalDate? AwayUntil)> Missing);

/// <summary>
/// Everything that users read of agendas and meetings. What is confidential is given out by texts whose names say so; all others show
/// its count only.
/// </summary>
/// <param name="trigger">The configured word of the command.</param>
/// <param name="requests">The texts about requests, whose commands are named here.</param>
internal sealed partial class AgendaTexts(string trigger, RequestTexts requests)
{
    /// <summary>The most characters of an item.</summary>
    public const int ItemLength = 500;

    /// <summary>The most characters of a release update, a decision, an update of an action step.</summary>
    public const int TextLength = 1000;

    /// <summary>The most links of an item.</summary>
    public const int MostDocs = 5;

    /// <summary>The most action steps and requests that an agenda lists; more than a meeting gets through.</summary>
    public const int MostLines = 30;

    /// <summary>The configured word of the command.</summary>
    public string Trigger { get; } = trigger;

    /// <summary>A command as code.</summary>
    public string Command(string rest) => Markdown.Code($"/{Trigger} {rest}".TrimEnd());

    /// <summary>An action step as people call it.</summary>
    public static string Id(long step) => FormattableString.Invariant($"A{step}");

    /// <summary>The flags that name an agenda which is not the one that is meant without them; begins with a space unless empty.</summary>
    public static string Flags(Meeting meeting, LocalDate on) => Flag(meeting.Plan.Kind, meeting.Plan.Name) + (on == meeting.On ? "" : $" --date {Iso(on)}");

    /// <summary>The flag that names a meeting which is not the one that is meant without it; begins with a space unless empty.</summary>
    public static string Flag(MeetingKind kind, string name) => kind == MeetingKind.Sync ? "" : $" --meeting {Typed(name)}";

    /// <summary>A meeting's name as a word behind a verb; begins with a space unless it is the one that is meant without it.</summary>
    public static string Behind(Meeting meeting) => meeting.Plan.Kind == MeetingKind.Sync ? "" : $" {meeting.Plan.Name}";

    /// <summary>A name as it is typed as one word.</summary>
    public static string Typed(string name) => name.Any(char.IsWhiteSpace) ? $"\"{name}\"" : name;

    /// <summary><c>the PM sync of Wed, Dec 2</c>.</summary>
    public static string Called(Meeting meeting, LocalDate on, AgendaSetting setting) => $"the {Markdown.Inline(meeting.Plan.Name)} of {setting.Date(on)}";

    /// <summary>A date as it is typed.</summary>
    public static string Iso(LocalDate date) => NodaTime.Text.LocalDatePattern.Iso.Format(date);

    /// <summary>A text that users supplied, as it is typed behind a verb: quoted where a word of it would be read as a flag.</summary>
    public static string Arg(string text) =>
        text.Split(' ').Any(w => w.Length > 1 && w[0] is '-' or '–' or '—') && !text.Contains('"', StringComparison.Ordinal) ? $"\"{text}\"" : text;

    /// <summary>The command that lists the agenda of a date.</summary>
    public string ListCommand(Meeting meeting, LocalDate on) => Command($"list{Behind(meeting)}{(on == meeting.On ? "" : $" {Iso(on)}")}");

    /// <summary>The command that lists the current agenda, a page of it.</summary>
    public string ListCommand(Meeting meeting, int page) => Command($"list{Behind(meeting)}{(page == 1 ? "" : $" --page {page}")}");

    /// <summary>A text as the beginning of a sentence.</summary>
    public static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>What an item says in a sentence; a confidential one says nothing outside of its channel.</summary>
    /// <param name="item">The item.</param>
    /// <param name="inPrivate">Whether it is read in the private channel.</param>
    public static string Quoted(AgendaItem item, bool inPrivate) => item.IsPrivate && !inPrivate ? "The confidential item" : $"\"{Markdown.Inline(item.Text)}\"";

    /// <summary>The post of an item. That of a confidential one is for the private channel only.</summary>
    public static string Card(Meeting meeting, AgendaItem item, AgendaSetting setting)
    {
        var text = new StringBuilder($"**{meeting.NumberOf(item)}. {(item.IsDemo ? "Demo: " : "")}{Markdown.Inline(item.Text)}**")
            .Append($"\n{Markdown.Inline(meeting.Plan.Name)}, {setting.Date(meeting.DateOf(item))} · {(item.Minutes is { } minutes ? $"{When.Count(minutes, "minute")} · " : "")}{setting.Names.Of(item.Owner)}");
        if (item.Carried > 0)
        {
            text.Append($" · {Since(item, setting)}");
        }

        if (item.Source is { } source)
        {
            text.Append($" · [post]({source})");
        }

        foreach (var doc in item.Docs)
        {
            text.Append($"\n{Markdown.Inline(doc)}");
        }

        return text.ToString();
    }

    /// <summary>The post of an item that is not queued any more.</summary>
    /// <param name="item">The item.</param>
    /// <param name="what">What became of it; safe Markdown.</param>
    /// <param name="setting">Names.</param>
    public static string GoneCard(AgendaItem item, string what, AgendaSetting setting) => $"**{(item.IsDemo ? "Demo: " : "")}{Markdown.Inline(item.Text)}** · {setting.Names.Of(item.Owner)}\n{what}"
        + string.Concat(item.Docs.Select(d => $"\n{Markdown.Inline(d)}"));

    /// <summary>What became of an item that was talked about.</summary>
    public static string Settled(AgendaItem item, LocalDate on, AgendaSetting setting) =>
        $"{(item.IsDemo ? "Shown" : "Talked about")} in the {Markdown.Inline(setting.Plan.Name)} of {setting.Date(on)}." + (item.Decided is { } decided ? $" Decided: {Markdown.Inline(decided)}" : "");

    /// <summary>An agenda, in blocks that are not torn apart.</summary>
    /// <param name="meeting">The meeting.</param>
    /// <param name="on">The date.</param>
    /// <param name="material">What there is beside the queue; null for a date after the current one, of which only the queue is known.</param>
    /// <param name="setting">Names and dates.</param>
    /// <param name="readIn">The private channel, if it is read there; only then it has the confidential items themselves. Null otherwise.</param>
    /// <param name="lateFor">For when it was, if it comes late; null otherwise.</param>
    public List<string> Agenda(Meeting meeting, LocalDate on, AgendaMaterial? material, AgendaSetting setting, string? readIn, string? lateFor = null)
    {
        var inPrivate = readIn is not null;
        var plan = meeting.Plan;
        var occurrence = plan.Occurrence(on);
        var open = meeting.ItemsOn(on, isPrivate: false);
        var hidden = meeting.ItemsOn(on, isPrivate: true);
        var zone = plan.DateTimeZone();
        var blocks = new List<string>
        {
            $"#### {Markdown.Inline(plan.Name)}: {setting.Date(on)}, {When.TimeOfDay(occurrence.Start.InZone(zone).TimeOfDay)} to {When.TimeOfDay(occurrence.End.InZone(zone).TimeOfDay)} {zone.GetZoneInterval(occurrence.Start).Name}\n"
                + (lateFor is null ? "" : $"(for {lateFor})\n")
                + $"{Capital(Load(meeting, on, inPrivate))}{(plan.Chair is { } chair ? $" · chair: {setting.Names.Of(chair)}" : "")}\n",
        };
        if (plan.Kind == MeetingKind.Sync && material is not null)
        {
            blocks.AddRange(Release(meeting, material, setting));
            blocks.AddRange(Requests(material.Requests));
        }

        if (plan.Kind == MeetingKind.Sync || open.Count > 0)
        {
            blocks.Add(plan.Kind == MeetingKind.Demos ? "\n**Demos**\n" : "\n**Agenda items**\n");
            blocks.AddRange(open.Select(i => Line(meeting, i, setting)));
        }

        if (open.Count == 0)
        {
            blocks.Add(plan.Kind == MeetingKind.Demos
                ? $"\nNobody has signed up to show something: {Command($"demo FEATURE{Flag(plan.Kind, plan.Name)}")}\n"
                : $"{(plan.Kind == MeetingKind.Sync ? "" : "\n")}None yet: {Command($"add TEXT --time 10m{Flags(meeting, on)}")}\n");
        }

        if (hidden.Count > 0)
        {
            blocks.AddRange(inPrivate
                ? ["\n**Confidential items**\n", .. hidden.Select(i => Line(meeting, i, setting))]
                : [$"\n{When.Count(hidden.Count, "confidential item")}: {(hidden.Count == 1 ? "it stands" : "they stand")} in the private channel\n"]);
        }

        if (material is { Steps.Count: > 0 } && plan.Kind != MeetingKind.Demos)
        {
            blocks.Add("\n**Action steps that are due**\n");
            blocks.AddRange(StepLines(material.Steps, readIn, setting));
        }

        return blocks;
    }

    /// <summary>What can be done with an agenda that somebody looks at.</summary>
    public string Below(Meeting meeting, LocalDate on) =>
        $"\n{(meeting.ItemsOn(on, isPrivate: false).Count == 0 ? "" : $"Queue an item: {Command($"add TEXT --time 10m{Flags(meeting, on)}")}. ")}Other meetings: {Command("meetings")}. All that I know: {Command("help")}\n";

    /// <summary><c>3 items, 25 of 30 minutes</c>.</summary>
    /// <param name="meeting">The meeting.</param>
    /// <param name="on">The date.</param>
    /// <param name="inPrivate">Whether it is read in the private channel; elsewhere the time boxes of confidential items are not given away.</param>
    public static string Load(Meeting meeting, LocalDate on, bool inPrivate)
    {
        var hidden = inPrivate ? 0 : meeting.ItemsOn(on, isPrivate: true).Count;
        var items = meeting.ItemsOn(on, isPrivate: false).Concat(inPrivate ? meeting.ItemsOn(on, isPrivate: true) : []).ToList();
        var confidential = hidden == 0 ? "" : When.Count(hidden, "confidential item");
        if (items.Count == 0)
        {
            return hidden > 0 ? confidential : "no items yet";
        }

        var boxed = items.Sum(i => i.Minutes ?? 0);
        var unboxed = items.Count(i => i.Minutes is null);
        return When.Count(items.Count, meeting.Plan.Kind == MeetingKind.Demos && items.TrueForAll(i => i.IsDemo) ? "demo" : "item")
            + (unboxed == items.Count ? $" without time boxes for {meeting.Plan.Minutes} minutes"
                : $", {boxed} of {meeting.Plan.Minutes} minutes{(boxed > meeting.Plan.Minutes ? $": {boxed - meeting.Plan.Minutes} too many" : "")}{(unboxed > 0 ? $" ({unboxed} without a time box)" : "")}")
            + (hidden > 0 ? $", and {confidential}" : "");
    }

    /// <summary>The lines of action steps. A confidential one shows itself in its own private channel only; elsewhere they are counted.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="readIn">The private channel, if they are read there; null otherwise.</param>
    /// <param name="setting">Names and dates.</param>
    public static IEnumerable<string> StepLines(IReadOnlyList<ActionStep> steps, string? readIn, AgendaSetting setting)
    {
        foreach (var step in steps.Where(s => StandsIn(s, readIn)))
        {
            yield return $"- {Step(step, setting)}\n";
        }

        if (steps.Count(s => !StandsIn(s, readIn)) is > 0 and var hidden)
        {
            yield return $"- {(hidden == steps.Count ? "" : "and ")}{When.Count(hidden, "confidential one")}\n";
        }
    }

    /// <summary>An action step in a line, for those who may read it.</summary>
    public static string Step(ActionStep step, AgendaSetting setting) =>
        $"{Id(step.Number)} {Markdown.Inline(step.Text)} · {setting.Names.Of(step.Owner)}, {Due(step, setting.Today)}";

    private List<string> Release(Meeting meeting, AgendaMaterial material, AgendaSetting setting)
    {
        var manager = meeting.Plan.ReleaseManager is { } person ? $" (collected by {setting.Names.Of(person)})" : "";
        var blocks = new List<string> { $"\n**Release updates**{manager}\n" };
        blocks.AddRange(meeting.Updates.Select(u => $"- {setting.Names.Of(u.By)}: {Markdown.Inline(u.Text)}\n"));
        if (material.Missing.Count > 0)
        {
            var names = string.Join(", ", material.Missing.Select(m => setting.Names.Of(m.UserId) + (m.AwayUntil is { } until ? $" (away until {setting.Date(until)})" : "")));
            blocks.Add($"{(meeting.Updates.Count == 0 ? "Nothing yet from" : "Not yet from")} {names}: {Command("release TEXT")}\n");
        }
        else if (meeting.Updates.Count == 0)
        {
            blocks.Add($"None yet: {Command("release TEXT")}\n");
        }

        return blocks;
    }

    private static IEnumerable<string> Requests(IReadOnlyList<RequestForMeeting> requests) => requests.Count == 0 ? [] :
    [
        "\n**Requests that are not obvious**\n",
        .. requests.Take(MostLines).Select(r => $"- {RequestTexts.Id(r.Number)} {Markdown.Inline(r.Title)}: {r.Why}\n"),
        .. requests.Count > MostLines ? [$"- and {requests.Count - MostLines} more\n"] : Array.Empty<string>(),
    ];

    private static string Line(Meeting meeting, AgendaItem item, AgendaSetting setting)
    {
        var facts = new List<string> { setting.Names.Of(item.Owner) };
        if (item.Minutes is { } minutes)
        {
            facts.Insert(0, When.Count(minutes, "minute"));
        }

        if (item.Carried > 0)
        {
            facts.Add(Since(item, setting));
        }

        facts.AddRange(item.Docs.Select((d, n) => $"[{(item.Docs.Count == 1 ? "doc" : $"doc {n + 1}")}]({Target(d)})"));
        if (item.Outcome is { } outcome)
        {
            facts.Add(outcome == ItemOutcome.Discussed ? "talked about" : "carried over");
        }

        var number = meeting.NumberOf(item);
        return $"{(number.IsPrivate ? $"- {number}" : $"{number}.")} {(item.IsDemo && meeting.Plan.Kind != MeetingKind.Demos ? "Demo: " : "")}{Markdown.Inline(item.Text)} · {string.Join(" · ", facts)}\n";
    }

    /// <summary>A link's address where a bracket would end it.</summary>
    private static string Target(string url) => Markdown.Plain(url.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal));

    private static string Since(AgendaItem item, AgendaSetting setting) => $"on the agenda since {setting.Date(item.FirstOn)}";
}
