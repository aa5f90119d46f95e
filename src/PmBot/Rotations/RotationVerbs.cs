using System.Globalization;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;

namespace PmBot.Rotations;

/// <summary>How <c>/pm-rotation</c> is typed: the table that parser and help share.</summary>
public static class RotationVerbs
{
    /// <summary>Words that people try where a verb is called otherwise.</summary>
    private static Dictionary<string, string[]> Synonyms { get; } = new(StringComparer.Ordinal)
    {
        ["who"] = ["now", "duty", "oncall", "on-call", "current", "status", "show"],
        ["schedule"] = ["next", "plan", "list", "upcoming", "shifts", "weeks"],
        ["history"] = ["past", "log"],
        ["stats"] = ["statistics", "counts"],
        ["calendar"] = ["ical", "ics", "subscribe"],
        ["ack"] = ["acknowledge", "accept", "got", "ok", "yes"],
        ["handoff"] = ["handover", "note", "pass"],
        ["duties"] = ["checklist", "tasks", "todo"],
        ["cover"] = ["give", "replace", "substitute"],
        ["take"] = ["claim", "volunteer"],
        ["swap"] = ["trade", "exchange", "switch"],
        ["away"] = ["vacation", "holiday", "holidays", "ill", "sick", "off", "absent", "absence", "leave", "pto", "ooo"],
        ["back"] = ["return", "returned", "present"],
        ["create"] = ["new", "setup", "set-up", "init"],
        ["add"] = ["join", "invite", "member", "members"],
        ["remove"] = ["kick", "drop"],
        ["order"] = ["sort", "reorder"],
        ["settings"] = ["config", "configuration", "options", "preferences"],
        ["set"] = ["change", "configure"],
    };

    /// <summary>How <c>/pm-rotation</c> is typed.</summary>
    public static VerbTable<RotationCommand> All { get; } = new(Table(), ["schedule", "cover", "away"], "who", Flags("rotation"));

    /// <summary>Reads what was typed behind the trigger.</summary>
    public static Parsed<RotationCommand> Parse(string text) => All.Parse(text);

    /// <summary>The most shifts that one answer lists: with the longest names it still fits into one message.</summary>
    public const int MostShifts = 60;

    private static List<VerbGroup<RotationCommand>> Table() =>
    [
        new("Look",
        [
            Verb("who", ["who"], "who is on duty, until when, and who is next", ["who"], _ => new RotationCommand.Who())
            with
            {
                Notes = "Of all rotations of the team; it is what the command alone says, too.",
            },
            Verb(
                "schedule", ["schedule [N]"], "the shifts to come, and why where one is out of turn",
                ["schedule", "schedule 20"], v => Count(v, 8) is { } n ? v.With(new RotationCommand.Schedule(n)) : NoCount)
            with
            {
                Notes = $"The next 8, or as many as you say, up to {MostShifts}.",
            },
            Verb(
                "history", ["history [N]"], "the past shifts, with covers", ["history", "history 20"],
                v => Count(v, 8) is { } n ? v.With(new RotationCommand.History(n)) : NoCount)
            with
            {
                Notes = $"The last 8, or as many as you say, up to {MostShifts}; the newest first.",
            },
            Verb("stats", ["stats"], "how many shifts each has carried", ["stats"], _ => new RotationCommand.Stats()),
            Verb(
                "calendar", ["calendar", "calendar reset"], "your shifts and the meetings, for your calendar program",
                ["calendar", "calendar reset"],
                v => v.Words.Count == 0 ? v.With(new RotationCommand.Calendar(Reset: false))
                    : v.Words is [{ Text: var word }] && word.Equals("reset", StringComparison.OrdinalIgnoreCase) ? v.With(new RotationCommand.Calendar(Reset: true))
                    : new Missing("`calendar` shows your address, `calendar reset` makes a new one."))
            with
            {
                Notes = "It answers with a private address, to be subscribed to. It needs no rotation, and it is the same one for all rotations of the team. "
                    + "Whoever knows the address can read your calendar: has somebody else seen it, make a new one.",
            },
        ]),
        new("This week",
        [
            Verb("ack", ["ack"], "says that you have the duty, as the button does", ["ack"], _ => new RotationCommand.Ack())
            with
            {
                Who = "whoever is on duty, and admins",
            },
            Verb(
                "handoff", ["handoff [NOTE]", "handoff --now [NOTE]"],
                "leaves a note for the next one; `--now` hands over at once", ["handoff Two SSO threads still wait for an answer.", "handoff --now"],
                v => new RotationCommand.HandOff(v.Words.Count == 0 ? null : v.Text.From(0), v.Text.Has("now")))
            with
            {
                Who = "whoever is on duty, and admins; with `--now`, where nobody is on duty, whoever is next",
                Flags = new Dictionary<string, bool>(StringComparer.Ordinal) { ["now"] = false },
                Notes = "Alone it tells who is next, and the note there is. Another note takes its place.",
            },
            Verb(
                "duties", ["duties", "duties add TEXT", "duties remove N"], "the checklist of the duty; `add` and `remove` change it",
                ["duties", "duties add Answer the mentions of the weekend first", "duties remove 2"], ParseDuties)
            with
            {
                Who = "everybody; to change it: admins",
                Notes = "It goes with each handoff's announcement.",
            },
        ]),
        new("Trade shifts",
        [
            Verb(
                "cover", ["cover DATE @user"], "somebody else takes the shift of that date",
                ["cover monday @adam.c", "cover 2026-12-07 @adam.c"], ParseCover)
            with
            {
                Who = "the one whose shift it is (the other is asked first), and admins",
                Notes = "Give away a shift of yours: they are asked, and it is theirs when they press the button. Admins need not ask. The order goes on as before. "
                    + "You would rather take one? `take DATE`. Exchange two? `swap`.",
            },
            Verb(
                "take", ["take [DATE]"], "you take the shift of that date, or the one under way", ["take", "take dec 7"],
                v =>
                {
                    var at = 0;
                    var date = DateText.Read(v.Words, ref at);
                    return at == v.Words.Count ? v.With(new RotationCommand.Take(date)) : NoDate(v.Text.From(at));
                })
            with
            {
                Who = "members",
                Notes = "Whoever has it is asked first, unless nobody has it. Of a shift of your own that your absence would pass on, it says that you do it.",
            },
            Verb(
                "swap", ["swap DATE DATE", "swap @a @b"], "exchanges two shifts, or two members' next ones",
                ["swap 2026-12-07 2026-12-21", "swap @katie.w @adam.c"], ParseSwap)
            with
            {
                Who = "one of the two (the other is asked first), and admins",
            },
            Verb(
                "away", ["away [@user] FROM TO [reason]"], "your shifts of that time pass to the next one present",
                ["away 2026-12-21 2027-01-01 holidays", "away next week", "away @adam.c today friday ill"], ParseAway)
            with
            {
                Who = "members for themselves, admins for everybody",
                Notes = "A shift counts as soon as one day of it is a day away. The order goes on as before. Want to do it all the same? `take DATE`. It was a mistake? `back`.",
            },
            Verb(
                "back", ["back [@user]"], "ends an absence, those to come too", ["back", "back @adam.c"],
                v => v.Words.Count == 0 ? v.With(new RotationCommand.Back(null))
                    : v.Words.Count == 1 && v.User(0) is { } user ? v.With(new RotationCommand.Back(user))
                    : new Missing("Say who is back as `@name`, or nothing for yourself."))
            with
            {
                Who = "members for themselves, admins for everybody",
            },
        ]),
        new("Rotations and members",
        [
            Verb(
                "create", ["create NAME [--handoff \"monday 09:00\"] [--every 1w] [--zone ZONE] [--announce ~channel] [--header ~channel]"],
                "makes a rotation; alone it opens a form",
                ["create \"PM rotation\" --header ~twitter", "create Support --handoff \"friday 16:00\" --zone Europe/London --every 2w"],
                v => new RotationCommand.Create(
                    v.Words.Count == 0 ? null : v.Text.From(0), v.Text.Flag("handoff"), v.Text.Flag("every"), v.Text.Flag("zone"),
                    v.Text.Flag("announce"), v.Text.Flag("header")))
            with
            {
                Who = WhoMay.Admins,
                Flags = Flags("handoff", "every", "zone", "announce", "header"),
                Notes = "It is announced where you typed this, unless `--announce` says otherwise. No header is touched without `--header`. "
                    + "The first rotation of a team is the one that the other verbs mean; another is named with `--rotation NAME`. In the form its members can be named, too.",
            },
            Verb(
                "add", ["add @user… [--from DATE]"], "adds members; the shift under way stays as it is",
                ["add @adam.c @katie.w", "add @jason.b --from 2027-01-04"],
                v => Users(v) is { } users && Date(v, "from", out var from) ? v.With(new RotationCommand.Add(users, from)) : NoUsers(v, "added"))
            with
            {
                Who = WhoMay.Admins,
                Flags = Flags("from"),
            },
            Verb(
                "remove", ["remove @user… [--from DATE]"], "takes members out; a shift under way stays theirs",
                ["remove @adam.c", "remove @adam.c --from \"dec 14\""],
                v => Users(v) is { } users && Date(v, "from", out var from) ? v.With(new RotationCommand.Remove(users, from)) : NoUsers(v, "taken out"))
            with
            {
                Who = WhoMay.Admins,
                Flags = Flags("from"),
            },
            Verb(
                "order", ["order alphabetical", "order @a @b …"], "whose turn follows whose: by first name, or as listed",
                ["order alphabetical", "order @katie.w @adam.c @jason.b"],
                v => v.Words is [{ Text: var word }] && word.StartsWith("alpha", StringComparison.OrdinalIgnoreCase) ? v.With(new RotationCommand.Order([]))
                    : Users(v) is { } users ? v.With(new RotationCommand.Order(users))
                    : new Missing("Say `alphabetical`, or list all members in the order you want."))
            with
            {
                Who = WhoMay.Admins,
            },
            Verb(
                "delete", ["delete NAME"], "deletes a rotation, after asking once more", ["delete \"PM rotation\""],
                v => v.Words.Count > 0 ? v.With(new RotationCommand.Delete(v.Text.From(0))) : new Missing("Say which rotation by its name."))
            with
            {
                Who = WhoMay.Admins,
            },
        ]),
        new("Settings",
        [
            Verb("settings", ["settings"], "the settings of the rotation and of this team", ["settings"], _ => new RotationCommand.Settings()),
            Verb(
                "set", ["set KEY VALUE"], "changes a setting",
                ["set handoff \"tuesday 10:00\"", "set zone Europe/London", "set reminder off", "set channel.twitter ~social"],
                v => v.Words.Count >= 2 ? v.With(new RotationCommand.Set(v.Words[0].Text.ToLowerInvariant(), v.Text.From(1)))
                    : new Missing(v.Words.Count == 1 ? $"Say the new value of {Markdown.Code(v.Words[0].Text)}." : "Say which setting, and its new value."))
            with
            {
                Who = WhoMay.Admins,
            },
        ]),
    ];

    private static Verb<RotationCommand> Verb(
        string name, IReadOnlyList<string> usages, string does, IReadOnlyList<string> examples, Func<VerbInput, Read<RotationCommand>> parse) =>
        new(name, usages, does, examples, v =>
        {
            var read = parse(v);
            return read with { Command = read.Command is { } command ? command with { RotationName = v.Text.Flag("rotation") } : null };
        })
        {
            Synonyms = Synonyms.GetValueOrDefault(name) ?? [],
        };

    private static Dictionary<string, bool> Flags(params string[] names) => names.ToDictionary(n => n, _ => true, StringComparer.Ordinal);

    private static Missing NoCount => new($"Say how many, from 1 to {MostShifts}.");

    private static Missing NoDate(string typed) => new($"{Markdown.Code(typed)} is no date that I know. Dates are written {DateText.Forms}.");

    private static Missing NoUsers(VerbInput v, string what) =>
        v.Text.Flag("from") is { } from && DateText.Parse(from) is null
            ? NoDate(from)
            : new Missing($"Say who is to be {what}, each as `@name`.");

    private static int? Count(VerbInput v, int otherwise) =>
        v.Words.Count == 0 ? otherwise
        : v.Words.Count == 1 && int.TryParse(v.Words[0].Text, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            && n is >= 1 and <= MostShifts ? n : null;

    private static List<string>? Users(VerbInput v)
    {
        var users = v.Words.Select(w => VerbInput.Username(w.Text)).ToList();
        return users.Count == 0 || users.Contains(null) ? null : [.. users.OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    private static bool Date(VerbInput v, string flag, out DateText? date)
    {
        date = v.Text.Flag(flag) is { } text ? DateText.Parse(text) : null;
        return date is not null || v.Text.Flag(flag) is null;
    }

    private static Read<RotationCommand> ParseCover(VerbInput v)
    {
        // Both `cover monday @adam.c` and `cover @adam.c monday` say the same.
        var first = v.User(0) is null ? 0 : 1;
        var at = first;
        var date = DateText.Read(v.Words, ref at);
        var user = first == 1 ? v.User(0) : v.User(at);
        at += first == 0 && user is not null ? 1 : 0;
        return date is null && first < v.Words.Count && VerbInput.Username(v.Words[first].Text) is null ? NoDate(v.Words[first].Text)
            : date is null || user is null ? new Missing("Say which shift, by a date in it, and who is to take it, as `@name`.")
            : at < v.Words.Count ? new Missing($"I don't know what {Markdown.Code(v.Text.From(at))} means here.")
            : new RotationCommand.Cover(date, user);
    }

    private static Read<RotationCommand> ParseSwap(VerbInput v)
    {
        if (v.Words.Count == 2 && v.User(0) is { } a && v.User(1) is { } b)
        {
            return a == b ? new Missing("These are the same person twice.") : new RotationCommand.SwapUsers(a, b);
        }

        var at = 0;
        var first = DateText.Read(v.Words, ref at);
        var second = DateText.Read(v.Words, ref at);
        return first is not null && second is not null && at == v.Words.Count
            ? new RotationCommand.SwapDates(first, second)
            : new Missing("Say two dates, one in each shift, or two members as `@name`.");
    }

    private static Read<RotationCommand> ParseAway(VerbInput v)
    {
        var user = v.User(0);
        var at = user is null ? 0 : 1;
        var start = at;
        var from = DateText.Read(v.Words, ref at);
        if (from is null)
        {
            return start < v.Words.Count ? NoDate(v.Words[start].Text) : new Missing("Say the first and the last day away.");
        }

        if (at + 1 < v.Words.Count && v.Words[at].Text.ToLowerInvariant() is "to" or "until" or "-" or "–")
        {
            var behind = at + 1;
            at = DateText.Read(v.Words, ref behind) is null ? at : at + 1;
        }

        var to = DateText.Read(v.Words, ref at);
        return new RotationCommand.Away(user, from, to, at < v.Words.Count ? v.Text.From(at) : null);
    }

    private static Read<RotationCommand> ParseDuties(VerbInput v) => v.Words.Count == 0
        ? new RotationCommand.Duties()
        : (v.Words[0].Text.ToLowerInvariant(), v.Words.Count) switch
        {
            ("add", > 1) => new RotationCommand.AddDuty(v.Text.From(1)),
            ("remove", 2) when int.TryParse(v.Words[1].Text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) => new RotationCommand.RemoveDuty(n),
            ("add", _) => new Missing("Say what is to be added."),
            ("remove", _) => new Missing("Say the number of the line that is to go."),
            _ => new Missing("`duties` shows the list, `duties add TEXT` and `duties remove N` change it."),
        };

    /// <summary>Names the result's type, which a conditional expression cannot find by itself.</summary>
    private static Read<RotationCommand> With(this VerbInput input, RotationCommand command)
    {
        ArgumentNullException.ThrowIfNull(input);
        return command;
    }
}
