using System.Globalization;
using System.Text.RegularExpressions;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Meetings;

namespace PmBot.Agenda;

/// <summary>How <c>/agenda</c> is typed: the table that parser and help share.</summary>
public static partial class AgendaVerbs
{
    /// <summary>The longest time box, and the longest meeting, in minutes.</summary>
    public const int MostMinutes = 480;

    /// <summary>What is said behind <c>meeting</c>, and by many without it.</summary>
    private static readonly string[] MeetingVerbs = ["create", "set", "cancel", "restore"];

    /// <summary>What people say behind <c>next</c> who have decided nothing.</summary>
    private static readonly string[] NoDecision = ["item", "point", "topic", "one", "please"];

    private const int MostDigits = 9;

    private const string OfItem = "PMs, the meeting's chairs, and whoever queued it";

    private const string Chairs = "the meeting's chair, co-chairs and vice chair, and admins";

    private const string OtherAgenda = "`--meeting` and `--date` name another agenda than the PM sync's next one.";

    /// <summary>The keys of <c>meeting set</c>, as help lists them.</summary>
    private const string Keys = "`name`, `every`, `at`, `minutes`, `zone`, `kind`, `chair`, `cochairs`, `vicechair`, `releasemanager`, `channel`, `private`, `posts`, `agenda`, `call`, `after`";

    /// <summary>The flags whose values people type in several words without quotes.</summary>
    private static readonly string[] Phrases = ["meeting", "date", "due", "doc", "every", "time", "why"];

    /// <summary>The flags of all forms of <c>meeting</c>.</summary>
    private static readonly string[] MeetingFlags = ["every", "at", "minutes", "zone", "kind", "channel", "date", "why"];

    /// <summary>Words that people try where a verb is called otherwise.</summary>
    private static Dictionary<string, string[]> Synonyms { get; } = new(StringComparer.Ordinal)
    {
        ["list"] = ["show", "ls", "view", "agenda", "items"],
        ["add"] = ["new", "queue", "topic", "item"],
        ["edit"] = ["change", "rename", "rewrite"],
        ["move"] = ["order", "reorder", "swap"],
        ["remove"] = ["delete", "rm", "drop"],
        ["defer"] = ["postpone", "later", "snooze"],
        ["time"] = ["timebox", "minutes-for", "duration"],
        ["start"] = ["begin", "open", "run"],
        ["next"] = ["continue", "forward"],
        ["skip"] = ["pass"],
        ["end"] = ["finish", "close", "stop"],
        ["decided"] = ["decide", "decision", "note"],
        ["action"] = ["todo", "task", "assign"],
        ["actions"] = ["todos", "tasks", "steps"],
        ["done"] = ["complete", "completed"],
        ["release"] = ["releases", "status", "progress"],
        ["demo"] = ["demos", "showcase"],
        ["minutes"] = ["notes", "record", "protocol", "recording", "survey"],
        ["meetings"] = ["calendar", "when"],
    };

    /// <summary>How <c>/agenda</c> is typed.</summary>
    public static VerbTable<AgendaCommand> All { get; } = new(Table(), ["add", "release", "action"], "list", new Dictionary<string, bool>(StringComparer.Ordinal));

    /// <summary>Reads what was typed behind the trigger. What begins with no word that is known is probably an item.</summary>
    public static Parsed<AgendaCommand> Parse(string text) => All.Parse(Office().Replace(text, m => m.Value.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal))) switch
    {
        Parsed<AgendaCommand>.Unknown unknown when MeetingVerbs.Contains(unknown.Typed.ToLowerInvariant()) => unknown with { Rest = text.Trim(), Nearest = [All.Find("meeting")!] },
        Parsed<AgendaCommand>.Unknown { Nearest.Count: 0 } unknown when !unknown.Typed.StartsWith("help ", StringComparison.Ordinal) =>
            unknown with { Rest = text.Trim(), Nearest = [All.Find("add")!] },
        var parsed => parsed,
    };

    /// <summary>The number in <c>3</c>, <c>#3</c>, <c>3.</c> or <c>P1</c>; null if it is none.</summary>
    public static ItemNumber? Number(string word)
    {
        var text = word.TrimStart('#').TrimEnd('.', ':', ',');
        var isPrivate = text.StartsWith("p", StringComparison.OrdinalIgnoreCase);
        return Positive(isPrivate ? text[1..] : text) is { } number ? new ItemNumber((int)number, isPrivate) : null;
    }

    /// <summary>The number in <c>A7</c>, <c>#7</c> or <c>7</c>; null if it is none.</summary>
    public static long? Step(string word)
    {
        var text = word.TrimStart('#').TrimEnd('.', ':', ',');
        return Positive(text.StartsWith("a", StringComparison.OrdinalIgnoreCase) ? text[1..] : text);
    }

    /// <summary>The minutes in <c>10m</c>, <c>10</c>, <c>10 minutes</c>, <c>1h</c> or <c>1h30</c>; null if it is none of a meeting's length.</summary>
    public static int? Minutes(string text)
    {
        var typed = text.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        foreach (var unit in (string[])["minutes", "minute", "mins", "min", "m"])
        {
            if (typed.EndsWith(unit, StringComparison.Ordinal))
            {
                typed = typed[..^unit.Length];
                break;
            }
        }

        var hour = typed.IndexOf('h', StringComparison.Ordinal);
        var (hours, rest) = hour < 0 ? (0, typed) : (Digits(typed[..hour]) ?? -1, typed[(hour + 1)..].TrimStart("ours".ToCharArray()));
        var minutes = rest.Length == 0 && hour > 0 ? 0 : Digits(rest) ?? -1;
        return hours < 0 || minutes < 0 || (hours * 60) + minutes is not (> 0 and <= MostMinutes) ? null : (int)((hours * 60) + minutes);
    }

    private static long? Positive(string digits) => Digits(digits) is { } number and > 0 ? number : null;

    private static long? Digits(string digits) =>
        digits.Length is > 0 and <= MostDigits && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static List<VerbGroup<AgendaCommand>> Table() =>
    [
        new("The agenda",
        [
            Verb(
                "list", ["list [MEETING] [DATE] [--page N]"], "the agenda of the next PM sync, or of another meeting or date",
                ["list", "list Roadmap Q&A", "list 2026-12-09"], ParseList)
            with
            {
                Flags = Flags("page"),
            },
            Verb(
                "add", ["add TEXT [--time 10m] [--doc URL] [--private] [--meeting M] [--date D]"], "queues an item and posts it; alone it opens a form",
                ["add Pricing of guests --time 10m --doc https://example.com/prfaq", "add Hiring plan --private", "add Roadmap themes --date 2026-12-09"],
                v => MinutesOf(v, out var minutes) is { } wrong ? wrong
                    : Agenda(v, out var which) is { } problem ? problem
                    : v.Words.Any(w => !w.Quoted && IsAlmostPrivate(v, w)) ? new Missing("It is written `--private`, with two dashes and no space, if it is to be confidential; put it in quotes if it belongs to the text.")
                    : v.With(new AgendaCommand.Add(
                        which, v.Words.Count == 0 ? null : v.Text.From(0), minutes, [.. v.Text.Flags("doc").SelectMany(Links)], v.Text.Has("private"))))
            with
            {
                RunLabel = "Queue it",
                Flags = Flags("time", "doc", "meeting", "date").Append(new("private", false)).ToDictionary(StringComparer.Ordinal),
                Phrases = Phrases,
                Notes = "With `--private` it is confidential: it stands in the private channel only, with a number such as `P1`, and elsewhere nothing but a count of such items is seen. "
                    + "In a public channel a post that begins with `#agenda` queues one, too; in private channels and direct messages no such post is heard. " + OtherAgenda,
            },
            Item("edit", "edit N TEXT", "says an item in other words", "edit 2 Pricing of guests in 2027", "Say the new text.",
                v => v.Words.Count > 1, (v, which, n) => new AgendaCommand.Edit(which, n, v.Text.From(1))),
            Verb("move", ["move N to M"], "gives an item another place", ["move 4 to 1"], ParseMove)
            with
            {
                Who = "PMs, and the meeting's chairs",
                Flags = Flags("meeting", "date"),
                Phrases = Phrases,
                Notes = OtherAgenda,
            },
            Item("remove", "remove N", "takes an item off", "remove 2", null, v => v.Words.Count == 1, (_, which, n) => new AgendaCommand.Remove(which, n)),
            Verb("defer", ["defer N [DATE]"], "leaves an item for the next meeting, or for that of a date", ["defer 2", "defer 2 2026-12-16"], ParseDefer)
            with
            {
                Who = OfItem,
                Flags = Flags("meeting", "date"),
                Phrases = Phrases,
                Notes = OtherAgenda,
            },
            Item("time", "time N 10m", "gives an item a time box; `none` takes it away", "time 2 10m", "Say how long, such as `10m`, or `none`.",
                v => v.Words.Count > 1, (v, which, n) => IsOff(v.Text.From(1)) ? v.With(new AgendaCommand.Time(which, n, null))
                    : Minutes(v.Text.From(1)) is { } box ? v.With(new AgendaCommand.Time(which, n, box))
                    : NoMinutes(v.Text.From(1))),
        ]),
        new("Your part",
        [
            Verb(
                "release", ["release TEXT"], "your update on the release plan, for the next PM sync", ["release Guest accounts: done, in 7.10"],
                v => new AgendaCommand.Release(v.Words.Count == 0 ? null : v.Text.From(0)))
            with
            {
                Notes = "It stands with the agenda, in the release plan's part. `none` takes it back; alone it opens a form.",
            },
            Verb(
                "demo", ["demo FEATURE [--time 10m] [--meeting M]"], "signs you up to show a feature in a monthly meeting", ["demo Shared channels --meeting Roadmap"],
                v => MinutesOf(v, out var minutes) is { } wrong ? wrong
                    : v.With(new AgendaCommand.Demo(v.Text.Flag("meeting"), v.Words.Count == 0 ? null : v.Text.From(0), minutes)))
            with
            {
                Flags = Flags("time", "meeting"),
                Phrases = Phrases,
                Notes = "The next monthly meeting, unless `--meeting` names one. Alone it opens a form.",
            },
        ]),
        new("Run the meeting",
        [
            Running("start", "starts the meeting: its first point is posted, with buttons", "start", m => new AgendaCommand.Start(m)),
            Verb(
                "next", ["next [WHAT WAS DECIDED]"], "goes to the next point, and notes what was decided", ["next", "next Ship it with 7.10"],
                // Behind an unquoted name a text could be the rest of that name as well, and would be noted as a decision.
                v => IsBehindName(v) ? new Missing("Say what was decided before `--meeting`.")
                    : v.With(new AgendaCommand.Next(v.Text.Flag("meeting"), v.Words.Count == 0 || NoDecision.Contains(v.Text.From(0).ToLowerInvariant()) ? null : v.Text.From(0))))
            with
            {
                Who = Chairs,
                Flags = Flags("meeting"),
                Phrases = Phrases,
            },
            Running("skip", "goes to the next point; this one is carried over", "skip", m => new AgendaCommand.Skip(m)),
            Running("end", "ends the meeting: minutes come, the rest is carried over", "end", m => new AgendaCommand.End(m)),
            Item("decided", "decided N TEXT", "notes what was decided on an item; `none` takes it away", "decided 2 Ship it with 7.10", "Say what was decided.",
                v => v.Words.Count > 1, (v, which, n) => new AgendaCommand.Decided(which, n, IsNone(v.Text.From(1)) ? null : v.Text.From(1)))
            with
            {
                Who = "PMs, whoever queued the item, and whoever started the meeting",
            },
        ]),
        new("Action steps",
        [
            Verb(
                "action", ["action N @owner TEXT [--due DATE]", "action @owner TEXT"], "notes who is to do what",
                ["action 2 @adam.c Ask Sales for three customers --due 2026-12-09", "action @katie.w Write the PR/FAQ"], ParseAction)
            with
            {
                Flags = Flags("due", "meeting", "date"),
                Phrases = Phrases,
                Notes = "While a meeting is under way no number is needed: it is about the item that is talked about; alone it opens a form. The owner is told. Without `--due` it is due on the date of the next meeting. " + OtherAgenda,
            },
            Verb(
                "actions", ["actions [@owner] [--page N]"], "the action steps that are open", ["actions", "actions @adam.c"],
                v => Page(v) is not { } page ? NoPage(v)
                    : v.Words.Count == 0 ? v.With(new AgendaCommand.Steps(null, page))
                    : v.Words.Count == 1 && v.User(0) is { } user ? v.With(new AgendaCommand.Steps(user, page))
                    : new Missing("Say whose, as `@name`, or nothing for all."))
            with
            {
                Flags = Flags("page"),
            },
            OfStep("update", "update A TEXT", "says how an action step stands", "update A7 Two of three have answered",
                v => v.Words.Count > 1, "Say how it stands.", (v, a) => new AgendaCommand.UpdateStep(a, v.Text.From(1)))
            with
            {
                Notes = "It is a reply under the item's own post. `none` takes your last update back.",
            },
            OfStep("done", "done A", "an action step is done", "done A7", v => v.Words.Count == 1, null, (_, a) => new AgendaCommand.FinishStep(a)),
            OfStep("reopen", "reopen A", "an action step is not done after all", "reopen A7", v => v.Words.Count == 1, null, (_, a) => new AgendaCommand.ReopenStep(a)),
        ]),
        new("Minutes and meetings",
        [
            Verb(
                "minutes", ["minutes [DATE] [--meeting M]", "minutes [DATE] --recording URL --survey URL"], "what a meeting came to",
                ["minutes", "minutes 2026-12-02", "minutes --meeting Roadmap --recording https://example.com/rec --survey https://example.com/form"], ParseMinutes)
            with
            {
                Who = "everybody; to put links into them: PMs",
                Notes = "With `--recording` and `--survey` it puts these links into the minutes.",
                Flags = Flags("meeting", "recording", "survey", "page"),
                Phrases = ["meeting"],
            },
            Verb(
                "meetings", ["meetings [--page N]"], "all meetings: when, where, who runs them", ["meetings"],
                v => Page(v) is not { } page ? NoPage(v) : v.Words.Count == 0 ? v.With(new AgendaCommand.Meetings(null, page)) : Nothing(v))
            with
            {
                Flags = Flags("page"),
            },
            Verb(
                "meeting",
                [
                    "meeting NAME",
                    "meeting create NAME --every \"2nd monday\" --at 09:00 [--minutes 60] [--zone Z] [--kind sync, demos, plain] [--channel ~ch]",
                    "meeting set NAME KEY VALUE", "meeting cancel NAME [--date D] [--why TEXT]", "meeting restore NAME [--date D]",
                ],
                "one meeting; `create`, `set`, `cancel`, `restore` change it",
                ["meeting create Design review --every \"every 2 weeks thursday\" --at 10:00", "meeting set PM sync chair @katie.w", "meeting cancel PM sync --date 2026-12-23 --why Holidays"],
                ParseMeeting)
            with
            {
                Who = "everybody; to change one: admins, and its chairs",
                Flags = Flags(MeetingFlags),
                Phrases = Phrases,
                Notes = $"It takes place {RecurrenceText.Forms}: the last two are those of the month. The keys of `meeting set` are {Keys}. "
                    + "`agenda` is when its agenda is posted, such as `08:00`; `call` is when people are asked for release updates or demos, such as `1 day 09:00`; "
                    + "`after` is whether something is posted when its time is over; each can be `off`.",
            },
        ]),
    ];

    private static Read<AgendaCommand> ParseList(VerbInput v)
    {
        if (Page(v) is not { } page)
        {
            return NoPage(v);
        }

        var (name, date) = NameAndDate(v.Words);
        return new AgendaCommand.List(new Which(name, date), page);
    }

    /// <summary>A meeting's name and the date behind it, each null if it is not there.</summary>
    private static (string? Name, DateText? Date) NameAndDate(IReadOnlyList<Word> words)
    {
        // The date is what stands at the end, the meeting what stands before it.
        for (var at = 0; at < words.Count; at++)
        {
            var end = at;
            if (DateText.Read(words, ref end) is { } date && end == words.Count)
            {
                return (Name(words.Take(at)), date);
            }
        }

        return (Name(words), null);
    }

    private static string? Name(IEnumerable<Word> words) => string.Join(' ', words.Select(w => w.Text)) is { Length: > 0 } name ? name : null;

    private static Read<AgendaCommand> ParseMove(VerbInput v)
    {
        var words = v.Words.Where(w => !w.Text.Equals("to", StringComparison.OrdinalIgnoreCase)).ToList();
        return Agenda(v, out var which) is { } problem ? problem
            : words.Count == 0 || Number(words[0].Text) is not { } number ? NoItem(v)
            : words.Count == 2 && Number(words[1].Text) is { } to ? to.IsPrivate && !number.IsPrivate
                ? new Missing("Confidential items are counted apart from the others. Say the number that it is to have, such as `move 4 to 1`.")
                : v.With(new AgendaCommand.Move(which, number, to.Number))
            : new Missing("Say the number that it is to have, such as `move 4 to 1`.");
    }

    private static Read<AgendaCommand> ParseDefer(VerbInput v)
    {
        var at = v.Words.Count > 2 && v.Words[1].Text.ToLowerInvariant() is "to" or "until" or "till" ? 2 : 1;
        return Agenda(v, out var which) is { } problem ? problem
            : v.Words.Count == 0 || Number(v.Words[0].Text) is not { } number ? NoItem(v)
            : v.Words.Count == 1 ? v.With(new AgendaCommand.Defer(which, number, null))
            : DateText.Read(v.Words, ref at) is { } date && at == v.Words.Count ? v.With(new AgendaCommand.Defer(which, number, date))
            : new Missing($"{Markdown.Code(v.Text.From(1))} is no date. Dates are written {DateText.Forms}.");
    }

    private static Read<AgendaCommand> ParseAction(VerbInput v)
    {
        if (Agenda(v, out var which) is { } problem)
        {
            return problem;
        }

        if (DateOf(v, "due", out var due) is { } noDate)
        {
            return noDate;
        }

        if (v.Words.Count == 0)
        {
            return new AgendaCommand.AddStep(which, null, null, null, due);
        }

        var number = v.User(0) is null ? Number(v.Words[0].Text) : null;
        var at = number is null ? 0 : 1;
        return v.User(at) is not { } owner
                ? at == 1 || v.Words.Count > 1 ? new Missing("Say who is to do it, as `@name`, behind the item's number.") : NoItem(v)
            : v.Words.Count == at + 1 ? new Missing("Say what is to be done.")
            : v.With(new AgendaCommand.AddStep(which, number, owner, v.Text.From(at + 1), due));
    }

    private static Read<AgendaCommand> ParseMinutes(VerbInput v)
    {
        var (name, date) = NameAndDate(v.Words);
        return Page(v) is not { } page ? NoPage(v)
            : name is not null && v.Text.Has("meeting") && !IsBehindName(v)
                ? new Missing($"{Markdown.Code(v.Text.From(0))} is no date. Dates are written {DateText.Forms}; a meeting is named with `--meeting`.")
            : v.With(new AgendaCommand.Record(new Which(v.Text.Has("meeting") ? Named(v, name) : name, date), v.Text.Flag("recording"), v.Text.Flag("survey"), page));
    }

    private static Read<AgendaCommand> ParseMeeting(VerbInput v)
    {
        var dates = v.Text.Flags("date").Select(d => (Typed: d, Date: DateText.Parse(d))).ToList();
        if (dates.Find(d => d.Date is null).Typed is { } wrong)
        {
            return NoDate(wrong);
        }

        // A date may stand behind the name, too.
        var words = v.Words.Skip(1).ToList();
        var (name, dateBehind) = NameAndDate(words);
        IReadOnlyList<DateText> all = [.. dateBehind is null ? [] : new[] { dateBehind }, .. dates.Select(d => d.Date!)];
        switch (v.Words.Count > 0 ? v.Words[0].Text.ToLowerInvariant() : "")
        {
            case "create" or "add" or "new":
                return Stray(v, "create", "every", "at", "minutes", "zone", "kind", "channel") is { } stray ? stray
                    : v.Text.Flag("minutes") is { } typed && Minutes(typed) is null ? NoMinutes(typed)
                    : v.With(new AgendaCommand.CreateMeeting(
                        Name(words), v.Text.Flag("every"), v.Text.Flag("at"), v.Text.Flag("minutes") is { } length ? Minutes(length) : null,
                        v.Text.Flag("zone"), v.Text.Flag("kind"), v.Text.Flag("channel")));
            case "set" or "change":
                return Stray(v, "set") is { } astray ? astray : ParseSet(v);
            case "cancel" or "remove" or "delete":
                return Stray(v, "cancel", "date", "why") is { } strayed ? strayed
                    : name is null ? new Missing("Say which meeting.")
                    : v.With(new AgendaCommand.CancelMeeting(name, all, v.Text.Flag("why")));
            case "restore":
                return Stray(v, "restore", "date") is { } lost ? lost
                    : name is null ? new Missing("Say which meeting.")
                    : all.Count > 1 ? new Missing("Say one date.")
                    : v.With(new AgendaCommand.RestoreMeeting(name, all.Count == 0 ? null : all[0]));
            default:
                return v.With(new AgendaCommand.Meetings(v.Words.Count == 0 ? null : v.Text.From(0), 1));
        }
    }

    private static Read<AgendaCommand> ParseSet(VerbInput v)
    {
        // The key parts the meeting's name from the value. Names may have several words, and keys among them; which is meant, the names tell.
        var keys = v.Words.Select((w, at) => (Key: w.Text.ToLowerInvariant(), At: at)).Where(k => k.At > 1 && !v.Words[k.At].Quoted && MeetingKeys.Contains(k.Key)).ToList();
        return keys.Count == 0 ? new Missing($"Say the meeting, what is to change and the value. What can change: {Keys}.")
            : v.Words.Count == keys[0].At + 1 ? new Missing($"Say the value of `{keys[0].Key}`.")
            : v.With(new AgendaCommand.SetMeeting(
                [.. keys.Where(k => v.Words.Count > k.At + 1).Select(k => new MeetingSetting(Name(v.Words.Take(k.At).Skip(1))!, k.Key, v.Text.From(k.At + 1)))]));
    }

    /// <summary>A flag that a form of <c>meeting</c> does not take, lest it be passed over in silence.</summary>
    private static Missing? Stray(VerbInput v, string form, params string[] flags) =>
        MeetingFlags.Except(flags).FirstOrDefault(v.Text.Has) is { } stray ? new Missing($"`--{stray}` does not go with `meeting {form}`.") : null;

    /// <summary>What can be changed of a meeting.</summary>
    public static IReadOnlyList<string> MeetingKeys { get; } = Keys.Replace("`", "", StringComparison.Ordinal).Split(", ");

    private static Missing? Agenda(VerbInput v, out Which which)
    {
        var problem = DateOf(v, "date", out var date);
        which = new Which(v.Text.Flag("meeting"), date);
        return problem;
    }

    private static Missing? DateOf(VerbInput v, string flag, out DateText? date)
    {
        date = null;
        return v.Text.Flag(flag) is not { } text || (date = DateText.Parse(text)) is not null ? null : NoDate(text);
    }

    private static Missing NoDate(string text) => new($"{Markdown.Code(text)} is no date. Dates are written {DateText.Forms}.");

    private static Missing? MinutesOf(VerbInput v, out int? minutes)
    {
        minutes = null;
        return v.Text.Flag("time") is not { } text || (minutes = Minutes(text)) is not null ? null : NoMinutes(text);
    }

    private static Missing NoMinutes(string text) => new($"{Markdown.Code(text)} is no length of time. Write it like `10m` or `1h`; {MostMinutes / 60} hours are the most.");

    /// <summary>Whether a word was probably meant as <c>--private</c>: posted for all to read it could not be taken back.</summary>
    private static bool IsAlmostPrivate(VerbInput v, Word word) =>
        word.Text[0] is '-' or '–' or '—' && (word.Text.TrimStart('-', '–', '—').Equals("private", StringComparison.OrdinalIgnoreCase)
            || (word.Text.All(c => c is '-' or '–' or '—') && v.Words.Any(w => w.Start > word.End && w.Start <= word.End + 2 && w.Text.Equals("private", StringComparison.OrdinalIgnoreCase))));

    private static bool IsNone(string text) => text.Trim().ToLowerInvariant() is "none";

    private static bool IsOff(string text) => text.Trim().ToLowerInvariant() is "none" or "off" or "no";

    /// <summary>The links that stand in a flag's value, commas between them or not.</summary>
    private static IEnumerable<string> Links(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(d => d.TrimEnd(',')).Where(d => d.Length > 0);

    /// <summary>Whether the words stand behind <c>--meeting</c>, so that they may be the rest of an unquoted name.</summary>
    private static bool IsBehindName(VerbInput v) => v.Text.Has("meeting") && v.Words.Count > 0 && v.Words[0].Start > 0;

    /// <summary>The meeting named by its flag, with the rest of its name.</summary>
    private static string? Named(VerbInput v, string? rest) => v.Text.Flag("meeting") is not { } name ? null : rest is null ? name : $"{name} {rest}";

    private static Missing Nothing(VerbInput v) => new($"I don't know what {Markdown.Code(v.Text.From(0))} means here.");

    private static Missing NoItem(VerbInput v) => v.Words.Count == 0
        ? new Missing("Say which item by its number on the agenda, such as `2`, or `P1` for a confidential one.")
        : new Missing($"{Markdown.Code(v.Words[0].Text)} is no number of an item. Write it like `2`, or `P1` for a confidential one.");

    /// <summary>The page that is asked for, 1 unless said otherwise; null if it is none.</summary>
    private static int? Page(VerbInput v) => v.Text.Flag("page") is not { } text ? 1 : (int?)Positive(text);

    private static Missing NoPage(VerbInput v) => new($"{Markdown.Code(v.Text.Flag("page") ?? "")} is no page. Pages are counted from 1.");

    private static Verb<AgendaCommand> Item(
        string name, string usage, string does, string example, string? missing, Func<VerbInput, bool> isWhole, Func<VerbInput, Which, ItemNumber, Read<AgendaCommand>> make) => Verb(
            name, [usage], does, [example],
            v => Agenda(v, out var which) is { } problem ? problem
                : v.Words.Count == 0 || Number(v.Words[0].Text) is not { } number ? NoItem(v)
                : isWhole(v) ? make(v, which, number)
                : missing is not null ? new Missing(missing)
                : new Missing($"I don't know what {Markdown.Code(v.Text.From(1))} means here."))
        with
        {
            Who = OfItem,
            Flags = Flags("meeting", "date"),
            Phrases = Phrases,
            Notes = OtherAgenda,
        };

    private static Verb<AgendaCommand> Running(string name, string does, string example, Func<string?, AgendaCommand> make) =>
        Verb(
            name, [$"{name} [MEETING]"], does, [example],
            v => !v.Text.Has("meeting") ? v.With(make(Name(v.Words)))
                : v.Words.Count == 0 || IsBehindName(v) ? v.With(make(Named(v, Name(v.Words))))
                : new Missing($"I don't know what {Markdown.Code(v.Text.From(0))} means here.")) with
        {
            Who = Chairs,
            Flags = Flags("meeting"),
            Notes = "Where nobody is named as chair, PMs may; and anybody, once the meeting is 5 minutes late and none of them has come. It can be started from an hour before its time on. Without a name it is the meeting under way, or today's.",
        };

    private static Verb<AgendaCommand> OfStep(
        string name, string usage, string does, string example, Func<VerbInput, bool> isWhole, string? missing, Func<VerbInput, long, AgendaCommand> make) => Verb(
            name, [usage], does, [example],
            v => v.Words.Count == 0 ? new Missing("Say which action step, as `A7` or `7`.")
                : Step(v.Words[0].Text) is not { } step ? new Missing($"{Markdown.Code(v.Words[0].Text)} is no action step. Write it like `A7` or `7`.")
                : isWhole(v) ? v.With(make(v, step))
                : new Missing(missing ?? $"I don't know what {Markdown.Code(v.Text.From(1))} means here."))
        with
        {
            Who = "its owner, whoever noted it, PMs, and the meeting's chairs",
        };

    private static Verb<AgendaCommand> Verb(
        string name, IReadOnlyList<string> usages, string does, IReadOnlyList<string> examples, Func<VerbInput, Read<AgendaCommand>> parse) =>
        new(name, usages, does, examples, parse) { Synonyms = Synonyms.GetValueOrDefault(name, []) };

    private static Dictionary<string, bool> Flags(params string[] names) => names.ToDictionary(n => n, _ => true, StringComparer.Ordinal);

    /// <summary>Names the result's type, which a conditional expression cannot find by itself.</summary>
    private static Read<AgendaCommand> With(this VerbInput input, AgendaCommand command)
    {
        ArgumentNullException.ThrowIfNull(input);
        return command;
    }

    // The offices as people write them, and as the answers do, where one of them is set.
    [GeneratedRegex(@"(?<=^\s*meeting\s+(set|change)\s.*)\b(vice[ -]chair|co-chairs|release[ -]manager)(?=\s+(@|none|off))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Office();
}
