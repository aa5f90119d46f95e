using System.Globalization;
using System.Text;
using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.People;

namespace PmBot.Requests;

/// <summary>What a text about requests needs to know beside the requests.</summary>
/// <param name="Book">The workspace's book: areas and zone.</param>
/// <param name="Names">The users spoken of.</param>
/// <param name="Now">The present.</param>
internal sealed record Setting(RequestBook Book, Names Names, Instant Now)
{
    private readonly DateTimeZone _zone = Book.DateTimeZone();

    public LocalDate Today { get; } = Book.DateOf(Now);

    public string Time(Instant instant) => When.Time(instant, _zone, Today);

    public string Date(LocalDate date) => When.Date(date, Today);

    public string DateOf(Instant instant) => Date(instant.InZone(_zone).Date);

    /// <summary>How long ago, in whole days from two days on.</summary>
    public string Age(Instant since) => Now - since < Duration.FromMinutes(1) ? "less than a minute" : When.Length(Now - since);
}

/// <summary>
/// Everything that users read of requests. Fact first, then who, then what to do next; a name is written with <c>@</c> only where that
/// person is to be interrupted.
/// </summary>
/// <param name="trigger">The configured word of the command.</param>
internal sealed partial class RequestTexts(string trigger)
{
    /// <summary>The most ids that are listed before a command is named that lists them all.</summary>
    public const int MostIds = 10;

    /// <summary>How many requests a page of a list has: with the longest titles it still fits into one message.</summary>
    public const int PageSize = 10;

    /// <summary>The most areas, or owners, that a reason names.</summary>
    private const int MostNamed = 4;

    /// <summary>The most characters of a footer that Mattermost's clients show; they cut what is longer.</summary>
    private const int MostFooter = 300;

    /// <summary>The configured word of the command.</summary>
    public string Trigger { get; } = trigger;

    /// <summary>A command as code.</summary>
    public string Command(string rest) => Markdown.Code($"/{Trigger} {rest}");

    /// <summary>A request as people call it.</summary>
    public static string Id(long number) => string.Create(CultureInfo.InvariantCulture, $"CR-{number}");

    /// <summary><c>CR-17 "SAML group sync for guests"</c>.</summary>
    public static string Called(CustomerRequest request) => $"{Id(request.Number)} \"{Markdown.Inline(request.Title)}\"";

    /// <summary>Why it is, or is not, obvious whose a request is.</summary>
    /// <param name="fit">What the rule says.</param>
    /// <param name="setting">Names and dates.</param>
    /// <param name="safe">Makes text that users supplied safe for the place where the sentence is to stand.</param>
    public static string Why(Fit fit, Setting setting, Func<string, string> safe) =>
        $"{Because(fit, setting, safe)} {(fit is Fit.Obvious ? "Obvious." : "Not obvious.")}";

    /// <summary>What speaks for whose a request is, without the verdict.</summary>
    /// <param name="fit">What the rule says.</param>
    /// <param name="setting">Names and dates.</param>
    /// <param name="safe">Makes text that users supplied safe for the place where the sentence is to stand.</param>
    public static string Because(Fit fit, Setting setting, Func<string, string> safe)
    {
        return fit switch
        {
            Fit.Obvious { By: var by, Owner: var owner } => by.Found.Count == 0
                ? $"Filed under {safe(by.Area.Name)} ({setting.Names.Of(owner)})."
                : $"{Found(by)} fits {safe(by.Area.Name)} ({setting.Names.Of(owner)}).",
            Fit.AreaGone gone => $"Filed under {safe(gone.Area)}, which is no area any more.",
            Fit.NoArea when setting.Book.Areas.Count == 0 => "No areas are set up, so nothing says whose it is.",
            Fit.NoArea => "No area's keywords stand in it.",
            Fit.SeveralAreas several =>
                $"Fits {Number(several.Areas.Count)} areas: {Some(several.Areas, a => $"{safe(a.Area.Name)} ({Owners(a.Area)})")}.",
            Fit.SeveralOwners several =>
                $"{Fits(several.By)}, which has {Number(several.Present.Count)} owners: {Some(several.Present, setting.Names.Of)}.",
            Fit.OwnersAbsent absent => $"{Fits(absent.By)}, and {Some(absent.Owners, Absent)}.",
            _ => throw new InvalidOperationException(fit.GetType().Name),
        };

        string Found(Candidate by) => string.Join(", ", by.Found.Take(3).Select(k => $"\"{safe(k)}\""));

        string Fits(Candidate by) => by.Found.Count == 0 ? $"Filed under {safe(by.Area.Name)}" : $"{Found(by)} fits {safe(by.Area.Name)}";

        string Owners(Area area) => Some(area.Owners, setting.Names.Of);

        string Absent(AbsentOwner owner) => setting.Names.Of(owner.Owner) + (owner.Until is { } until ? $" is away until {setting.Date(until)}" : " has no account in use any more");
    }

    /// <summary>The first few, and how many more there are: a reason is a sentence, however many areas and owners there are.</summary>
    private static string Some<T>(IReadOnlyList<T> all, Func<T, string> say) =>
        string.Join(", ", all.Take(MostNamed).Select(say)) + (all.Count > MostNamed ? $" and {all.Count - MostNamed} more" : "");

    /// <summary>A small number in words.</summary>
    private static string Number(int number) => number switch
    {
        2 => "two",
        3 => "three",
        4 => "four",
        _ => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>Why a step was refused, and what to type instead.</summary>
    /// <param name="why">The reason.</param>
    /// <param name="request">The request as it is.</param>
    /// <param name="actor">Who reads it.</param>
    /// <param name="setting">Names and dates.</param>
    public string Refused(Refusal why, CustomerRequest request, string actor, Setting setting)
    {
        var it = Called(request);
        var n = request.Number;
        var how = $"How it stands: {Command($"{n}")}.";
        return why switch
        {
            Refusal.IsFinished => $"{it} is {(request.State == RequestState.Closed ? "closed" : "processed")} since {setting.Time(request.Ending!.At)}. To go on with it, open it again: {Command($"reopen {n}")}.",
            Refusal.IsOpen => $"{it} is open already. {how}",
            Refusal.IsNobodys => $"{it} is nobody's. Make it somebody's first: {Command($"take {n}")} or {Command($"{n} @name")}.",
            Refusal.HasAssignee => $"{it} is {setting.Names.Of(request.Assignee!)}'s since {setting.Time(request.AssignedAt!.Value)}. To give it to somebody else all the same: {Command($"{n} @name")}.",
            Refusal.IsTheirs => $"{it} is {(request.Assignee!.Id == actor ? "yours" : $"{setting.Names.Of(request.Assignee)}'s")} already. To give it to somebody else: {Command($"{n} @name")}.",
            Refusal.HasNoDecision => $"{it} has no decision yet, so there is no outcome to tell. First: {Command($"decide {n} VALUE")}.",
            Refusal.HasDecision => $"{it} has a decision ({Markdown.Inline(request.Decision!.Text)}), so it is on no reminder. To take the decision back: {Command($"decide {n} none")}.",
            Refusal.IsSo => $"That is how {it} is already. {how}",
            Refusal.IsNotQueued => $"{it} is not queued for the PM sync. {how}",
            Refusal.IsNotSnoozed => $"{it} is not snoozed. {how}",
            Refusal.IsPast => $"{it} cannot sleep until then: that date is not in the future. Say one from tomorrow on: {Command($"snooze {n} DATE")}.",
            Refusal.IsFull => $"{it} has {CustomerRequest.MostDetails} of these already. Take one out first: {Command($"show {n}")} has their numbers.",
            Refusal.HasNoSuchLine => $"{it} has no line of that number. See {Command($"show {n}")}.",
            _ => throw new InvalidOperationException(why.ToString()),
        };
    }

    /// <summary>The post about a request: a title, a line of facts, two short fields, the reason in the footer.</summary>
    public static Attachment Card(CustomerRequest request, Fit? fit, Setting setting, IReadOnlyList<PostAction> actions)
    {
        var facts = new List<string>();
        if (request.Customer is { } customer)
        {
            facts.Add(Markdown.Inline(customer));
        }

        if (request.Area is { } area)
        {
            facts.Add(Markdown.Inline(area));
        }

        facts.Add($"reported by {setting.Names.Of(request.Reporter)}");
        if (request.Source is { } source)
        {
            facts.Add($"[post]({source.Link})");
        }

        if (request.Discuss is { } discuss)
        {
            facts.Add("to be discussed in the PM sync" + (discuss.Why is { } why ? $": {Markdown.Inline(why)}" : ""));
        }

        var footer = Footer(request, fit, setting, Markdown.Plain);
        if (footer is { Length: > MostFooter })
        {
            facts[^1] += $"\n{Footer(request, fit, setting, Markdown.Inline)}";
            footer = null;
        }

        return new Attachment
        {
            Fallback = $"{Id(request.Number)} {Markdown.Plain(request.Title)}",
            Color = request.State switch
            {
                RequestState.Unassigned => "#d24b4e",
                RequestState.Assigned => "#f0a020",
                RequestState.Decided => "#2389d7",
                _ => "#3db887",
            },
            Title = $"{Id(request.Number)}  {Markdown.Plain(request.Title)}",
            Text = string.Join(" · ", facts),
            Fields =
            [
                new AttachmentField("Assignee", request.Assignee is { } assignee ? setting.Names.Of(assignee) : "nobody", IsShort: true),
                new AttachmentField("Decision", request.Decision is { } decision ? Markdown.Inline(decision.Text) : "none yet", IsShort: true),
            ],
            Footer = footer,
            Actions = actions.Count == 0 ? null : actions,
        };
    }

    /// <summary>Whether the post about a request would read the same, so that it need not be marked as edited.</summary>
    public static bool SameCard(CustomerRequest before, Fit? fitBefore, CustomerRequest after, Fit? fit, Setting setting)
    {
        var (one, other) = (Card(before, fitBefore, setting, []), Card(after, fit, setting, []));
        return one with { Fields = null } == other with { Fields = null } && one.Fields!.SequenceEqual(other.Fields!);
    }

    private static string? Footer(CustomerRequest request, Fit? fit, Setting setting, Func<string, string> safe) => request.State switch
    {
        RequestState.Processed => "Processed" + (request.Ending!.Comment is { } comment ? $": {safe(comment)}" : "."),
        RequestState.Closed => "Closed.",
        RequestState.Unassigned when fit is not null => Why(fit, setting, safe),
        _ => null,
    };

    /// <summary>What to type where no request is open.</summary>
    /// <param name="hasAreas">Whether it is known who owns what.</param>
    public string NothingFiled(bool hasAreas) =>
        $"File one: {Command("new TITLE")}, or {Command("new")} for a form."
        + (hasAreas ? "" : $" So that I know whose a request is, say who owns what: {Command("area set")}.")
        + $" All that I know: {Command("help")}";

    /// <summary>A page of a list.</summary>
    /// <param name="title">What it lists.</param>
    /// <param name="again">The words behind the trigger that list it again.</param>
    /// <param name="order">In which order.</param>
    /// <param name="page">The requests.</param>
    /// <param name="number">The page's number, from 1.</param>
    /// <param name="setting">Names and dates.</param>
    public string List(string title, string again, string order, RequestPage page, int number, Setting setting)
    {
        var count = page.Count > RequestStore.MostCounted ? $"more than {RequestStore.MostCounted}" : $"{page.Count}";
        if (page.Requests.Count == 0)
        {
            return page.Count == 0 ? $"{title}: none." : $"{title}: {count}, on {When.Count(PagesOf(page.Count), "page")}. There is no page {number}: {Command(again)}";
        }

        var text = new StringBuilder(Pages.UsualLength).Append($"**{title}**: {count}, {order}.\n\n| | request | whose, decision |\n| :-- | :-- | :-- |\n");
        foreach (var request in page.Requests)
        {
            text.Append($"| {Id(request.Number)} | {Markdown.Inline(request.Title)}");
            AppendFact(request.Customer);
            AppendFact(request.Area);
            text.Append(" | ");
            AppendWhose(text, request, setting);
            text.Append(" |\n");
        }

        var more = page.Count > number * PageSize;
        text.Append(page.Count <= PageSize ? "" : page.Count > RequestStore.MostCounted ? $"\nPage {number}." : $"\nPage {number} of {PagesOf(page.Count)}.");
        text.Append(more ? $" Next: {Command($"{again} --page {number + 1}")}" : "");
        return text.Append($"\nOne in full: {Command($"{page.Requests[0].Number}")}").ToString();

        void AppendFact(string? fact)
        {
            if (fact is not null)
            {
                text.Append(" · ").Append(Markdown.Inline(fact));
            }
        }
    }

    private static int PagesOf(int count) => (count + PageSize - 1) / PageSize;

    private static void AppendWhose(StringBuilder text, CustomerRequest request, Setting setting)
    {
        text.Append($"{(request.Assignee is { } assignee ? setting.Names.Of(assignee) : "nobody")}, {setting.Age(request.FiledAt)} old");
        if (request.Decision is { } decision)
        {
            text.Append(", ").Append(Markdown.Inline(decision.Text));
        }

        if (request.IsFinished)
        {
            text.Append(request.State == RequestState.Closed ? ", closed" : ", processed");
        }

        if (request.SnoozedUntil is { } until && request.IsSnoozed(setting.Today))
        {
            text.Append($", snoozed until {setting.Date(until)}");
        }

        if (request.Discuss is not null)
        {
            text.Append(", for the PM sync");
        }
    }

    /// <summary>One request in full.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fit">What the rule says of it, while it is nobody's.</param>
    /// <param name="history">Its last changes, the newest first.</param>
    /// <param name="page">Which page of it, from 1.</param>
    /// <param name="setting">Names and dates.</param>
    public string Show(CustomerRequest request, Fit? fit, IReadOnlyList<HistoryEntry> history, int page, Setting setting)
    {
        var n = request.Number;
        var answer = new LongAnswer(Pages.UsualLength);
        var text = answer.Text.Append($"#### {Id(n)} {Markdown.Inline(request.Title)}\n\n| | |\n| :-- | :-- |\n");
        Add("state", State(request, setting));
        Add("decision", request.Decision is { } decision ? By(decision, setting) : "none yet");
        Add("reporter", $"{setting.Names.Of(request.Reporter)}, filed {setting.Time(request.FiledAt)}, {setting.Age(request.FiledAt)} ago");
        Add("customer", request.Customer is { } customer ? Markdown.Inline(customer) : null);
        Add("area", request.Area is { } area ? AreaOf(area, setting) : null);
        Add("effort", request.Effort is { } effort ? By(effort, setting) : null);
        Add("idea", request.Idea is { } idea ? By(idea, setting) : null);
        Add("PM sync", request.Discuss is { } discuss ? $"queued by {setting.Names.Of(discuss.By)}" + (discuss.Why is { } why ? $": {Markdown.Inline(why)}" : "") : null);
        Add("snoozed", request.IsSnoozed(setting.Today) ? $"until {setting.Date(request.SnoozedUntil!.Value)}" : null);
        Add("filed from", request.Source is { } source ? $"[post]({source.Link})" : null);
        answer.EndPiece();
        if (fit is not null)
        {
            text.Append($"\n{Why(fit, setting, Markdown.Inline)}\n");
            answer.EndPiece();
        }

        AddNumbered("Use cases", request.UseCases);
        AddNumbered("Links", request.Links);
        if (history.Count > 0)
        {
            text.Append("\nHistory, the newest first\n");
            answer.EndPiece();
            foreach (var entry in history)
            {
                text.Append($"- {setting.Time(entry.At)}: {History(entry, setting)}\n");
                answer.EndPiece();
            }
        }

        text.Append("\nNext: ").Append(Next(request));
        answer.EndPiece();
        return answer.Page(page, number => Command(Again($"show {n}", number)));

        void Add(string what, string? fact)
        {
            if (fact is not null)
            {
                text.Append($"| {what} | {fact} |\n");
            }
        }

        void AddNumbered(string title, IReadOnlyList<Detail> details)
        {
            if (details.Count == 0)
            {
                return;
            }

            text.Append($"\n{title}\n");
            answer.EndPiece();
            foreach (var (i, detail) in details.Index())
            {
                text.Append($"{i + 1}. {Markdown.Inline(detail.Text)} ({setting.Names.Of(detail.By)}, {setting.DateOf(detail.At)})\n");
                answer.EndPiece();
            }
        }
    }

    /// <summary>The areas with their owners and keywords.</summary>
    public string Areas(Setting setting, int page) => setting.Book.Areas.Count == 0
        ? $"No areas are set up yet, so nothing says whose a request is. A first one: {Command("area set NAME @owner --keywords a,b,c")}, or {Command("area set")} for a form."
        : Paged(
            [
                .. setting.Book.Areas.Select(a =>
                    $"| {Markdown.Inline(a.Name)} | {string.Join(", ", a.Owners.Select(setting.Names.Of))} | {(a.Keywords.Count == 0 ? "none: only what is filed with `--area`" : string.Join(", ", a.Keywords.Select(Markdown.Inline)))} |\n"),
                $"\nChange one: {Command("area set NAME @owner --keywords a,b,c")}",
            ], page, "areas", "| area | owners | keywords |\n| :-- | :-- | :-- |\n");

    /// <summary>That an area does not exist, and which do.</summary>
    public string NoArea(string name, Setting setting) => $"There is no area {Markdown.Code(Markdown.Shorten(name, RequestLimits.AreaName))}. "
        + (setting.Book.Areas.Count == 0
            ? $"No areas are set up yet; a first one: {Command("area set NAME @owner")}."
            : $"There is {string.Join(", ", setting.Book.Areas.Take(20).Select(a => Markdown.Code(a.Name)))}{(setting.Book.Areas.Count > 20 ? $" and {setting.Book.Areas.Count - 20} more: {Command("areas")}" : "")}.");

    /// <summary>Ids, and where the rest of them is listed.</summary>
    public string Ids(IReadOnlyList<long> numbers, long count, string again) =>
        string.Join(", ", numbers.Select(Id)) + (count > numbers.Count ? $" and {count - numbers.Count} more: {Command(again)}" : "");

    private static string By(Detail detail, Setting setting) =>
        $"{Markdown.Inline(detail.Text)} ({setting.Names.Of(detail.By)}, {setting.Time(detail.At)})";

    private static string AreaOf(string area, Setting setting) => setting.Book.Find(area) is { } known
        ? $"{Markdown.Inline(known.Name)} ({string.Join(", ", known.Owners.Select(setting.Names.Of))})"
        : $"{Markdown.Inline(area)} (no area any more)";

    private static string State(CustomerRequest request, Setting setting) => request.State switch
    {
        RequestState.Unassigned => "nobody's",
        RequestState.Processed or RequestState.Closed =>
            $"{(request.State == RequestState.Closed ? "closed" : "processed")} by {setting.Names.Of(request.Ending!.By)}, {setting.Time(request.Ending.At)}"
            + (request.Ending.Comment is { } comment ? $": {Markdown.Inline(comment)}" : ""),
        _ => $"{setting.Names.Of(request.Assignee!)}'s since {setting.Time(request.AssignedAt!.Value)}",
    };

    private string Next(CustomerRequest request) => request.State switch
    {
        RequestState.Unassigned => $"{Command($"take {request.Number}")}, {Command($"{request.Number} @name")}, {Command($"discuss {request.Number}")}",
        RequestState.Assigned => $"{Command($"decide {request.Number} VALUE")}, {Command($"discuss {request.Number}")}, {Command($"snooze {request.Number} DATE")}",
        RequestState.Decided => $"{Command($"process {request.Number}")} tells the reporter the outcome, {Command($"close {request.Number}")} when the feature is completed",
        _ => Command($"reopen {request.Number}"),
    };

    private string Paged(IReadOnlyList<string> blocks, int page, string again, string head = "") => Pages.Of(blocks, page, n => Command(Again(again, n)), head);

    private static string Again(string again, int page) => page == 1 ? again : $"{again} --page {page}";
}
