using System.Globalization;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;

namespace PmBot.Requests;

/// <summary>How <c>/cr-assign</c> is typed: the table that parser and help share.</summary>
public static class RequestVerbs
{
    private const int MostDigits = 12;

    /// <summary>The flags whose values people type in several words without quotes: names.</summary>
    public static IReadOnlyCollection<string> Phrases { get; } = ["customer", "area", "keywords"];

    /// <summary>Words that people try where a verb is called otherwise.</summary>
    private static Dictionary<string, string[]> Synonyms { get; } = new(StringComparer.Ordinal)
    {
        ["new"] = ["add", "create", "file", "report", "request"],
        ["show"] = ["status", "view", "info", "history"],
        ["list"] = ["ls", "find", "search", "requests"],
        ["assign"] = ["give", "reassign"],
        ["take"] = ["claim", "me"],
        ["unassign"] = ["drop", "release"],
        ["decide"] = ["decision", "plan", "planned", "version"],
        ["effort"] = ["estimate", "size"],
        ["usecase"] = ["use-case", "usecases"],
        ["edit"] = ["rename", "change", "set", "update", "title"],
        ["discuss"] = ["agenda", "queue"],
        ["process"] = ["done", "finish", "answer"],
        ["close"] = ["complete", "ship"],
        ["snooze"] = ["sleep", "later", "postpone"],
        ["areas"] = ["owners"],
        ["remind"] = ["nudge", "ping"],
    };

    private const string ToTakeOut = "everybody; to take one out: PMs, and whoever reported or filed it";

    /// <summary>How <c>/cr-assign</c> is typed.</summary>
    public static VerbTable<RequestCommand> All { get; } = new(Table(), ["new", "assign", "decide"], "list", new Dictionary<string, bool>(StringComparer.Ordinal));

    /// <summary>Reads what was typed behind the trigger.</summary>
    public static Parsed<RequestCommand> Parse(string text) => WithoutVerb(text.Trim()) ?? All.Parse(Ordered(text.Trim()));

    /// <summary>
    /// What <c>17 near term</c> and <c>17 katie.w</c> probably mean. They are offered, not run: for a decision and an assignment others are told.
    /// </summary>
    private static Parsed<RequestCommand>? WithoutVerb(string text)
    {
        var end = text.TakeWhile(c => !char.IsWhiteSpace(c)).Count();
        var (first, rest) = (text[..end], text[end..].Trim());
        return Number(first) is null ? null
            : DecisionValue.Parse(rest) is not null ? new Parsed<RequestCommand>.Unknown(text, text, [All.Find("decide")!])
            : rest.Length > 0 && char.IsAsciiLetter(rest[0]) && rest.Contains('.', StringComparison.Ordinal) && VerbInput.Username("@" + rest) is { } name
                ? new Parsed<RequestCommand>.Unknown(text, $"{first} @{name}", [All.Find("assign")!])
            : null;
    }

    /// <summary>The number in <c>CR-17</c>, <c>cr17</c>, <c>#17</c> or <c>17</c>; null if it is none.</summary>
    public static long? Number(string word)
    {
        var digits = word.TrimEnd(',', ':', '.');
        digits = digits.StartsWith("cr-", StringComparison.OrdinalIgnoreCase) ? digits[3..]
            : digits.StartsWith("cr", StringComparison.OrdinalIgnoreCase) ? digits[2..]
            : digits.StartsWith('#') ? digits[1..] : digits;
        return digits.Length is > 0 and <= MostDigits && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number : null;
    }

    /// <summary>
    /// Puts the verb first: <c>17</c> shows, <c>17 @pm</c> assigns, <c>17 take</c> is said by many; <c>mine</c> alone is a list.
    /// </summary>
    private static string Ordered(string text)
    {
        var end = text.TakeWhile(c => !char.IsWhiteSpace(c)).Count();
        var (first, rest) = (text[..end], text[end..].Trim());
        if (Number(first) is null)
        {
            return VerbInput.Username(first) is not null || first.ToLowerInvariant() is "mine" or "unassigned" or "undecided" or "stale" or "all" or "open" ? $"list {text}" : text;
        }

        var word = rest.Split((char[]?)null, 2)[0];
        return rest.Length == 0 || rest[0] is '-' or '—' or '–' ? $"show {text}"
            : VerbInput.Username(word) is not null ? $"assign {first} {rest}"
            : (All.Find(word) ?? (All.Nearest(word.ToLowerInvariant()) is [var near, ..] ? near : null)) is { } verb && verb.Name is not ("list" or "new")
                ? $"{word} {first} {rest[word.Length..].Trim()}"
            : $"show {text}";
    }

    private static List<VerbGroup<RequestCommand>> Table() =>
    [
        new("Look",
        [
            Verb(
                "list", ["list [unassigned, undecided, mine, @pm, stale, AREA, all] [--page N]"], "open requests; also `list mine`, `list unassigned`, `list @pm`",
                ["list unassigned", "list mine", "list @katie.w", "list Private Cloud --page 2"], ParseList)
            with
            {
                Flags = Flags("page"),
                Notes = "The oldest first. `mine` are those assigned to you. `undecided` are somebody's, without a decision and not snoozed; `stale` have no decision, and nobody touched them for two weeks; "
                    + "`all` has the finished ones too.",
            },
            Verb("show", ["show ID", "ID"], "one request in full, with its history", ["show 17", "CR-17"],
                v => Page(v) is { } page ? One(v, n => new RequestCommand.Show(n, page)) : NoPage(v))
            with
            {
                Flags = Flags("page"),
            },
            Verb("areas", ["areas"], "the areas, their owners and keywords", ["areas"],
                v => v.Words.Count > 0 ? Nothing(v) : Page(v) is { } page ? v.With(new RequestCommand.Areas(page)) : NoPage(v))
            with
            {
                Flags = Flags("page"),
            },
            Verb("stats", ["stats"], "counts and ages by PM, area and decision", ["stats"], v => v.Words.Count == 0 ? v.With(new RequestCommand.Stats()) : Nothing(v)),
            Verb("export", ["export"], "all requests as a CSV file, by direct message", ["export"], v => v.Words.Count == 0 ? v.With(new RequestCommand.Export()) : Nothing(v))
            with
            {
                Notes = "Finished ones too. Times are in UTC. A cell that a spreadsheet would take for a formula has an apostrophe before it; `import` takes it off again.",
            },
        ]),
        new("File one, tell more",
        [
            Verb(
                "new", ["new TITLE [--customer C] [--area A] [--link URL] [--reporter @user]"], "files a request; alone it opens a form",
                ["new SAML group sync for guests --customer ACME", "new \"Export of audit logs\" --area Compliance --reporter @sam.sales"],
                v => v.Text.Flag("reporter") is { } reporter && VerbInput.Username(reporter) is null
                    ? new Missing($"{Markdown.Code(reporter)} is no user. Write the reporter as `@name`.")
                    : v.With(new RequestCommand.Create(
                        v.Words.Count == 0 ? null : v.Text.From(0), v.Text.Flag("customer"), v.Text.Flag("area"), v.Text.Flag("link"),
                        v.Text.Flag("reporter") is { } named ? VerbInput.Username(named) : null)))
            with
            {
                Flags = Flags("customer", "area", "link", "reporter"),
                Phrases = Phrases,
                Notes = "Without `--reporter` it is you who hears of the outcome. In a public channel a post that begins with `#cr` files one, too, with the flags `--customer`, `--area` and `--link`. "
                    + "In private channels and direct messages no such post is heard.",
            },
            Verb(
                "usecase", ["usecase ID TEXT", "usecase ID remove N"], "adds what customers would use it for", ["usecase 17 Guests come from the customer's own directory", "usecase 17 remove 2"],
                v => Line(v) is { } line && Id(v) is { } n ? v.With(new RequestCommand.RemoveUseCase(n, line))
                    : WithText(v, "Say the use case.", (id, text) => new RequestCommand.AddUseCase(id, text)))
            with
            {
                Who = ToTakeOut,
            },
            Verb(
                "link", ["link ID URL", "link ID remove N"], "adds where more can be read", ["link 17 https://example.com/ticket/8", "link 17 remove 1"],
                v => Line(v) is { } line && Id(v) is { } n ? v.With(new RequestCommand.RemoveLink(n, line))
                    : WithText(v, "Say the link.", (id, text) => new RequestCommand.AddLink(id, text)))
            with
            {
                Who = ToTakeOut,
            },
            Verb(
                "edit", ["edit ID FIELD VALUE"], "changes its title, customer, area or reporter",
                ["edit 17 title SAML group sync", "edit 17 area Private Cloud", "edit 17 reporter @sam.sales"], ParseEdit)
            with
            {
                Who = "PMs, and whoever reported or filed it",
                Notes = "`none` empties customer and area.",
            },
            Verb(
                "import", ["import [PERMALINK] [--dry-run] [--partial]"], "files the requests of a CSV file that you attached",
                ["import --dry-run", "import https://chat.example.com/core/pl/…", "import --partial"],
                v => v.Words.Count <= 1
                    ? v.With(new RequestCommand.Import(v.Words.Count == 1 ? v.Words[0].Text : null, v.Text.Has("partial"), v.Text.Has("dry-run")))
                    : new Missing("Say one permalink, or nothing for the file you attached here last."))
            with
            {
                Who = WhoMay.Managers,
                Flags = Switches("partial", "dry-run"),
                Notes = "Without a permalink it is the file that you attached last in this channel. If one line is wrong nothing is filed, unless you say `--partial`; "
                    + "`--dry-run` only says what would be. A file is imported once.\n"
                    + "Columns: `title`, and if you like `customer`, `area`, `reporter` (else it is you), `assignee`, `decision`, `effort`, `idea`, `links`, `use_cases`, `filed` "
                    + "(`2026-11-30`; the age counts from it). Several links or use cases stand in one cell, each in a line of its own. At most 5,000 lines and 5 MB, as CSV UTF-8.",
            },
        ]),
        new("Whose it is",
        [
            Verb(
                "take", ["take ID"], "makes it yours, if it is nobody's", ["take 17"], v => One(v, n => new RequestCommand.Take(n)))
            with
            {
                Who = WhoMay.Managers,
            },
            Verb(
                "assign", ["assign ID @pm", "ID @pm"], "makes it somebody's, who is told", ["assign 17 @adam.c", "17 @adam.c"],
                v => Id(v) is not { } n ? NoId(v)
                    : v.Words.Count == 2 && v.User(1) is { } user ? v.With(new RequestCommand.Assign(n, user))
                    : v.Words.Count == 3 && v.Words[1].Text.Equals("to", StringComparison.OrdinalIgnoreCase) && v.User(2) is { } to ? v.With(new RequestCommand.Assign(n, to))
                    : new Missing("Say whose it is to be, as `@name`."))
            with
            {
                Who = WhoMay.Managers,
                Notes = "The reporter hears who has it.",
            },
            Verb("unassign", ["unassign ID"], "makes it nobody's", ["unassign 17"], v => One(v, n => new RequestCommand.Unassign(n)))
            with
            {
                Who = WhoMay.Managers,
            },
            Verb(
                "auto", ["auto [--dry-run]"], "gives the obvious ones to their area's owner, and says why",
                ["auto --dry-run", "auto"], v => v.Words.Count == 0 ? v.With(new RequestCommand.Auto(v.Text.Has("dry-run"))) : Nothing(v))
            with
            {
                Who = WhoMay.Managers,
                Flags = Switches("dry-run"),
                Notes = "A request is obvious if its area or the keywords in it name exactly one owner who is there. With `--dry-run` nothing is changed; you read what would be.",
            },
            Verb(
                "area", ["area set NAME @owner… [--keywords a,b,c]", "area remove NAME"], "who owns what; `area set` alone opens a form",
                ["area set Private Cloud @katie.w --keywords \"kubernetes, helm, self-hosted\"", "area set", "area remove Private Cloud"], ParseArea)
            with
            {
                Who = WhoMay.Managers,
                Flags = Flags("keywords"),
                Phrases = Phrases,
                Notes = "A request without an area belongs to the one whose keywords stand in its title or use cases, as whole words. "
                    + "`area set` of an area that exists replaces its owners, and its keywords if you name some.",
            },
        ]),
        new("Decide and finish",
        [
            Verb(
                "decide", ["decide ID VALUE"], "sets the decision, and tells the reporter",
                ["decide 17 Planned: Near Term", "decide 17 6 months", "decide 17 v7.10", "decide 17 won't do"],
                v => Id(v) is not { } n ? NoId(v) : v.Words.Count > 1 ? v.With(new RequestCommand.Decide(n, v.Text.From(1))) : new Missing($"Say the decision: {Values(DecisionValue.FixVersions)}, {Values(DecisionValue.Timeframes)}, a release such as `v7.10`, or `{DecisionValue.WontDo}`."))
            with
            {
                Who = WhoMay.Managers,
                Notes = $"Fix Versions: {Values(DecisionValue.FixVersions)}. Timeframes: {Values(DecisionValue.Timeframes)}. Or a release such as `v7.10`, or `{DecisionValue.WontDo}`. `none` takes it back.",
            },
            Verb(
                "effort", ["effort ID VALUE"], "engineering's estimate; `none` takes it away", ["effort 17 M", "effort 17 \"2 weeks\""],
                v => WithText(v, "Say the estimate.", (n, text) => new RequestCommand.Effort(n, OrNull(text))))
            with
            {
                Who = WhoMay.Managers,
            },
            Verb(
                "idea", ["idea ID TEXT_OR_URL"], "the feature idea it belongs to; `none` takes it away", ["idea 17 https://example.com/ideas/42", "idea 17 Directory sync"],
                v => WithText(v, "Say the idea, in words or as a link.", (n, text) => new RequestCommand.Idea(n, OrNull(text))))
            with
            {
                Who = WhoMay.Managers,
            },
            Verb(
                "process", ["process ID [COMMENT]"], "the end: the reporter is mentioned with the outcome", ["process 17", "process 17 Planned with the guest accounts"],
                v => Id(v) is not { } n ? NoId(v) : v.With(new RequestCommand.Process(n, v.Words.Count > 1 ? v.Text.From(1) : null)))
            with
            {
                Who = WhoMay.Managers,
                Notes = "On the thread of the request.",
            },
            Verb(
                "close", ["close ID [VERSION]"], "the end: the feature is completed, the reporter is told", ["close 17", "close 17 v7.10"],
                v => Id(v) is not { } n ? NoId(v)
                    : v.Words.Count == 1 ? v.With(new RequestCommand.Close(n, null))
                    : DecisionValue.Release(v.Text.From(1)) is { } release ? v.With(new RequestCommand.Close(n, release))
                    : new Missing($"{Markdown.Code(v.Text.From(1))} is no release. Write it like `v7.10` or `7.10.1`."))
            with
            {
                Who = WhoMay.Managers,
            },
            Verb("reopen", ["reopen ID"], "opens it again, with the assignee and decision it had", ["reopen 17"], v => One(v, n => new RequestCommand.Reopen(n)))
            with
            {
                Who = WhoMay.Managers,
            },
        ]),
        new("Discuss and remind",
        [
            Verb(
                "discuss", ["discuss ID [WHY]", "discuss ID off"], "queues it for the next PM sync", ["discuss 17 pricing is unclear", "discuss 17 off"],
                v => Id(v) is not { } n ? NoId(v)
                    : v.Words.Count == 2 && IsOff(v.Words[1].Text) ? v.With(new RequestCommand.Undiscuss(n))
                    : v.With(new RequestCommand.Discuss(n, v.Words.Count > 1 ? v.Text.From(1) : null)))
            with
            {
                Who = "everybody; `off`: PMs, and whoever queued it",
            },
            Verb(
                "snooze", ["snooze ID DATE", "snooze ID off"], "keeps it off the reminders until that date", ["snooze 17 2026-12-14", "snooze 17 \"next week\"", "snooze 17 off"], ParseSnooze)
            with
            {
                Who = WhoMay.Managers,
            },
            Verb(
                "remind", ["remind"], "posts Monday's reminder now: what has no decision, by PM", ["remind"],
                v => v.Words.Count == 0 ? v.With(new RequestCommand.Remind()) : Nothing(v))
            with
            {
                Who = WhoMay.Managers,
            },
        ]),
    ];

    private static Verb<RequestCommand> Verb(
        string name, IReadOnlyList<string> usages, string does, IReadOnlyList<string> examples, Func<VerbInput, Read<RequestCommand>> parse) =>
        new(name, usages, does, examples, parse) { Synonyms = Synonyms.GetValueOrDefault(name) ?? [] };

    private static Dictionary<string, bool> Flags(params string[] names) => names.ToDictionary(n => n, _ => true, StringComparer.Ordinal);

    private static Dictionary<string, bool> Switches(params string[] names) => names.ToDictionary(n => n, _ => false, StringComparer.Ordinal);

    private static string Values(IEnumerable<string> values) => string.Join(", ", values.Select(v => $"`{v}`"));

    private static bool IsOff(string text) => text.ToLowerInvariant() is "off" or "none" or "no";

    private static string? OrNull(string text) => text.Trim().ToLowerInvariant() is "none" or "off" ? null : text;

    private static long? Id(VerbInput v) => v.Words.Count > 0 ? Number(v.Words[0].Text) : null;

    private static Missing NoId(VerbInput v) => v.Words.Count == 0
        ? new Missing("Say which request, as `CR-17` or `17`.")
        : new Missing($"{Markdown.Code(v.Words[0].Text)} is no request. Write it like `CR-17` or `17`.");

    private static Missing Nothing(VerbInput v) => new($"I don't know what {Markdown.Code(v.Text.From(0))} means here.");

    private static Read<RequestCommand> One(VerbInput v, Func<long, RequestCommand> command) =>
        Id(v) is not { } n ? NoId(v)
        : v.Words.Count > 1 ? new Missing($"I don't know what {Markdown.Code(v.Text.From(1))} means here.")
        : command(n);

    private static Read<RequestCommand> WithText(VerbInput v, string missing, Func<long, string, RequestCommand> command) =>
        Id(v) is not { } n ? NoId(v) : v.Words.Count > 1 ? command(n, v.Text.From(1)) : new Missing(missing);

    /// <summary>The number of the line in <c>ID remove N</c>, or null.</summary>
    private static int? Line(VerbInput v) =>
        v.Words.Count == 3 && v.Words[1].Text.Equals("remove", StringComparison.OrdinalIgnoreCase)
        && int.TryParse(v.Words[2].Text, NumberStyles.None, CultureInfo.InvariantCulture, out var line) ? line : null;

    /// <summary>The page that is asked for, 1 unless said otherwise; null if it is none.</summary>
    private static int? Page(VerbInput v) =>
        v.Text.Flag("page") is not { } text ? 1
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page is >= 1 and <= 1_000_000 ? page : null;

    private static Missing NoPage(VerbInput v) => new($"{Markdown.Code(v.Text.Flag("page") ?? "")} is no page. Pages are counted from 1.");

    private static Read<RequestCommand> ParseList(VerbInput v)
    {
        if (Page(v) is not { } page)
        {
            return NoPage(v);
        }

        var what = v.Text.From(0);
        return (v.Words.Count, what.ToLowerInvariant()) switch
        {
            (0, _) or (1, "open") => new RequestCommand.List(ListKind.Open, null, page),
            (1, "unassigned") => new RequestCommand.List(ListKind.Unassigned, null, page),
            (1, "undecided") => new RequestCommand.List(ListKind.Undecided, null, page),
            (1, "mine") => new RequestCommand.List(ListKind.Mine, null, page),
            (1, "stale") => new RequestCommand.List(ListKind.Stale, null, page),
            (1, "all") => new RequestCommand.List(ListKind.All, null, page),
            (1, _) when v.User(0) is { } user => new RequestCommand.List(ListKind.Of, user, page),
            _ => new RequestCommand.List(ListKind.Area, what, page),
        };
    }

    private static Read<RequestCommand> ParseEdit(VerbInput v)
    {
        if (Id(v) is not { } n)
        {
            return NoId(v);
        }

        if (v.Words.Count < 3)
        {
            return new Missing("Say which field, `title`, `customer`, `area` or `reporter`, and its new value.");
        }

        var (field, value) = (v.Words[1].Text.ToLowerInvariant(), v.Text.From(2));
        return field switch
        {
            "title" => new RequestCommand.Edit(n, field, value),
            "customer" or "area" => new RequestCommand.Edit(n, field, OrNull(value)),
            "reporter" when v.Words.Count == 3 && v.User(2) is { } user => new RequestCommand.Edit(n, field, user),
            "reporter" => new Missing("Write the reporter as `@name`."),
            "effort" => new RequestCommand.Effort(n, OrNull(value)),
            "idea" => new RequestCommand.Idea(n, OrNull(value)),
            "decision" => new RequestCommand.Decide(n, value),
            _ => new Missing($"There is no field {Markdown.Code(v.Words[1].Text)}. There is `title`, `customer`, `area` and `reporter`."),
        };
    }

    private static Read<RequestCommand> ParseSnooze(VerbInput v)
    {
        if (Id(v) is not { } n)
        {
            return NoId(v);
        }

        if (v.Words.Count == 2 && IsOff(v.Words[1].Text))
        {
            return new RequestCommand.Snooze(n, null);
        }

        var at = 1;
        var until = DateText.Read(v.Words, ref at);
        return until is not null && at == v.Words.Count ? new RequestCommand.Snooze(n, until)
            : v.Words.Count == 1 ? new Missing($"Say until when. Dates are written {DateText.Forms}.")
            : new Missing($"{Markdown.Code(v.Text.From(1))} is no date. Dates are written {DateText.Forms}.");
    }

    private static Read<RequestCommand> ParseArea(VerbInput v)
    {
        var verb = v.Words.Count > 0 ? v.Words[0].Text.ToLowerInvariant() : "";
        if (verb is "remove" or "delete")
        {
            return v.Words.Count > 1 ? new RequestCommand.RemoveArea(v.Text.From(1)) : new Missing("Say which area by its name.");
        }

        if (verb is not ("set" or "add"))
        {
            return verb.Length == 0 ? new RequestCommand.Areas(1) : new Missing("`areas` shows them, `area set NAME @owner` and `area remove NAME` change them.");
        }

        // The name is all that stands before the first owner.
        var owners = v.Words.Skip(1).SkipWhile(w => VerbInput.Username(w.Text) is null).Select(w => VerbInput.Username(w.Text)).ToList();
        var name = string.Join(' ', v.Words.Skip(1).TakeWhile(w => VerbInput.Username(w.Text) is null).Select(w => w.Text));
        return v.Words.Count == 1 && v.Text.Flag("keywords") is null ? new RequestCommand.SetArea(null, [], null)
            : name.Length == 0 ? new Missing("Say the area's name before its owners.")
            : owners.Contains(null) ? new Missing("Behind the first owner there is room for owners only, each as `@name`.")
            : new RequestCommand.SetArea(name, [.. owners.OfType<string>().Distinct(StringComparer.Ordinal)], v.Text.Flag("keywords"));
    }

    /// <summary>Names the result's type, which a conditional expression cannot find by itself.</summary>
    private static Read<RequestCommand> With(this VerbInput input, RequestCommand command)
    {
        ArgumentNullException.ThrowIfNull(input);
        return command;
    }
}
