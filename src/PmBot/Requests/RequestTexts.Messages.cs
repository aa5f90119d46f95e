using NodaTime;
using PmBot.Mattermost;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>An entry of a request's history.</summary>
internal sealed record HistoryEntry(Instant At, string ActorId, string Action, string? Before, string? After);

/// <content>Answers to changes, direct messages, history.</content>
internal sealed partial class RequestTexts
{
    /// <summary>The refusal of something that only product managers may do.</summary>
    public static string NotForYou(Caller caller, string what) => caller.Right is AdminRight.Unknown unknown
        ? $"Only product managers may {what}, and I could not find out whether you are an admin: {unknown.Reason} Nothing was changed; please try again."
        : $"Only product managers may {what}: whoever is in a rotation, owns an area, or is an admin. Nothing was changed.";

    /// <summary>A sentence about a problem, with the assurance that nothing was changed, once.</summary>
    public static string Unchanged(string problem) =>
        problem.Contains("Nothing was changed.", StringComparison.Ordinal) ? problem : $"{problem}{(problem.EndsWith('`') ? "." : "")} Nothing was changed.";

    /// <summary>That a request does not exist.</summary>
    public string NoSuch(long number) => $"There is no {Id(number)}. Which there are: {Command("list all")}. Nothing was changed.";

    /// <summary>The answer to a filed request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fit">What the rule says of it.</param>
    /// <param name="channelName">Where it is announced; null for nowhere.</param>
    /// <param name="isPm">Whether who filed it may assign it.</param>
    /// <param name="setting">Names and dates.</param>
    public string Filed(CustomerRequest request, Fit fit, string? channelName, bool isPm, Setting setting) =>
        $"{Called(request)} is filed"
        + (channelName is null ? "; it is announced nowhere, for I am in no channel of the product managers (invite me to theirs; another than ~product-management is the setting `channel.pm`)" : $" and announced in ~{channelName}")
        + $". {Why(fit, setting, Markdown.Inline)} "
        + (!isPm ? $"{(request.Reporter.Id == request.FiledBy ? "You hear" : $"{setting.Names.Of(request.Reporter)} hears")} from me when it is taken and when it is decided. "
            : fit is Fit.Obvious ? $"{Command("auto")} assigns it. " : "")
        + Seen(request);

    /// <summary>The comment under a post that a request was filed from.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fit">What the rule says of it.</param>
    /// <param name="remark">What of the post was not understood, a sentence; null if all was.</param>
    /// <param name="setting">Names and dates.</param>
    public string FiledFromPost(CustomerRequest request, Fit fit, string? remark, Setting setting) =>
        $"{Called(request)} is filed. {Why(fit, setting, Markdown.Inline)} {(remark is null ? "" : remark + " ")}"
        + $"You hear from me when it is taken and when it is decided. {Seen(request)}";

    /// <summary>The answer to a post that is a command rather than a title.</summary>
    /// <param name="triggerWord">The word it begins with.</param>
    /// <param name="title">What stands behind it.</param>
    public string NoTitle(string triggerWord, string title) =>
        $"{Markdown.Code(triggerWord)} files a request, and {Markdown.Code(title)} alone is no title. Nothing was filed. "
        + $"All requests: {Command("list")}, one: {Command("ID")}, all that I know: {Command("help")}";

    private string Seen(CustomerRequest request) =>
        $"See it: {Command($"{request.Number}")}. Something is missing? {Command($"edit {request.Number} FIELD VALUE")}, {Command($"usecase {request.Number} TEXT")}";

    /// <summary>The answer to an assignment.</summary>
    public string Assigned(CustomerRequest before, CustomerRequest after, string actor, Setting setting)
    {
        var self = after.Assignee!.Id == actor;
        var was = before.Assignee is { } old ? setting.Names.Of(old) : "nobody";
        var undo = before.Assignee is { } previous ? $"{after.Number} @{setting.Names.Of(previous)}" : $"unassign {after.Number}";
        return $"{Called(after)} is now {(self ? "yours" : $"{setting.Names.Of(after.Assignee)}'s")} (was: {was}). {(self ? "" : "They are told. ")}"
            + $"Next: {Command(after.Decision is null ? $"decide {after.Number} VALUE" : $"process {after.Number}")}. Undo: {Command(undo)}";
    }

    /// <summary>To somebody whose a request has become.</summary>
    public string ToAssignee(CustomerRequest request, string actor, Setting setting) =>
        $"{Called(request)} is yours now: {setting.Names.Of(actor)} assigned it to you. {Facts(request, setting)}\n"
        + $"Read it: {Command($"{request.Number}")}. Decide: {Command($"decide {request.Number} VALUE")}. Not yours? {Command($"unassign {request.Number}")}";

    /// <summary>To somebody whose requests have become at once.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="actor">Whose doing it is.</param>
    /// <param name="setting">Names and dates.</param>
    /// <param name="did">What that one did.</param>
    public string ToAssignee(IReadOnlyList<CustomerRequest> requests, string actor, Setting setting, string did)
    {
        if (requests.Count == 1)
        {
            return ToAssignee(requests[0], actor, setting);
        }

        const int Most = 10;
        return $"{requests.Count} requests are yours now: {setting.Names.Of(actor)} {did}.\n"
            + string.Concat(requests.Take(Most).Select(r => $"- {Called(r)}\n"))
            + (requests.Count > Most ? $"- and {requests.Count - Most} more\n" : "")
            + $"All of yours: {Command("list mine")}";
    }

    /// <summary>To somebody whose a request was.</summary>
    public static string ToFormerAssignee(CustomerRequest after, string actor, Setting setting) =>
        after.Assignee?.Id == actor
            ? $"{setting.Names.Of(actor)} took {Called(after)} over; it was yours."
            : $"{Called(after)} is {(after.Assignee is { } now ? $"{setting.Names.Of(now)}'s" : "nobody's")} now; it was yours. {setting.Names.Of(actor)} changed that.";

    /// <summary>To somebody who owns an area from now on.</summary>
    public string ToOwner(Area area, string actor, Setting setting) =>
        $"You own **{Markdown.Inline(area.Name)}** now{(area.Owners.Count > 1 ? $", one of {area.Owners.Count}" : "")}: {setting.Names.Of(actor)} set it. "
        + $"Its requests come to you{(area.Keywords.Count > 0 ? $", by the keywords {string.Join(", ", area.Keywords.Select(Markdown.Inline))}" : "")}. All areas: {Command("areas")}";

    /// <summary>To somebody who owns an area no longer.</summary>
    public string ToFormerOwner(Area area, string actor, Setting setting) =>
        $"**{Markdown.Inline(area.Name)}** is yours no longer: {setting.Names.Of(actor)} changed that. What is assigned to you stays yours: {Command("list mine")}";

    /// <summary>To a reporter: somebody has it.</summary>
    public string ToReporterTaken(CustomerRequest request, Setting setting) =>
        $"Your request {Called(request)} is with {setting.Names.Of(request.Assignee!)} now. How it stands: {Command($"{request.Number}")}";

    /// <summary>To a reporter whose several requests were assigned at once.</summary>
    public string ToReporterTaken(IReadOnlyList<CustomerRequest> requests, Setting setting)
    {
        if (requests.Count == 1)
        {
            return ToReporterTaken(requests[0], setting);
        }

        const int Most = 10;
        return $"{requests.Count} requests of yours are with product managers now.\n"
            + string.Concat(requests.Take(Most).Select(r => $"- {Called(r)}: {setting.Names.Of(r.Assignee!)}\n"))
            + (requests.Count > Most ? $"- and {requests.Count - Most} more\n" : "")
            + $"How one stands: {Command("show ID")}";
    }

    /// <summary>To a reporter: a decision was made.</summary>
    public string ToReporterDecided(CustomerRequest request, string actor, Setting setting) =>
        $"Your request {Called(request)} is decided: **{Markdown.Inline(request.Decision!.Text)}**, by {setting.Names.Of(actor)}. More: {Command($"{request.Number}")}";

    /// <summary>The outcome, for the reporter, as a direct message or, with their mention before it, on the thread of the request.</summary>
    public string Outcome(CustomerRequest request, Setting setting)
    {
        var decision = Markdown.Inline(request.Decision!.Text);
        var who = setting.Names.Of(request.Ending!.By);
        var how = request.Decision.Text == DecisionValue.WontDo ? "it **won't be done**"
            : DecisionValue.IsNo(request.Decision.Text) ? $"it won't be done (**{decision}**)"
            : request.State == RequestState.Closed
            ? DecisionValue.Release(request.Decision.Text) is null ? $"the feature is completed ({decision})" : $"the feature is completed, in **{decision}**"
            : $"the outcome is **{decision}**";
        return $"{Called(request)}: {how}."
            + (request.Ending.Comment is { } comment ? $" {who}: \"{Markdown.Inline(comment)}\"" : $" Handled by {who}.")
            + $" More: {Command($"{request.Number}")}";
    }

    /// <summary>To reporter and assignee: it is open again.</summary>
    public string ToConcernedReopened(CustomerRequest request, string actor, Setting setting) =>
        $"{Called(request)} is open again: {setting.Names.Of(actor)} reopened it. How it stands: {Command($"{request.Number}")}";

    /// <summary>The answer to a decision.</summary>
    public string Decided(CustomerRequest before, CustomerRequest after, bool told, Setting setting) =>
        $"{Called(after)} is decided: **{Markdown.Inline(after.Decision!.Text)}** (was: {(before.Decision is { } old ? Markdown.Inline(old.Text) : "no decision")})."
        + (told ? $" {setting.Names.Of(after.Reporter)} is told." : "")
        + $" When the outcome is certain: {Command($"process {after.Number}")}"
        + (DecisionValue.IsNo(after.Decision.Text) ? "" : $"; when the feature is completed: {Command($"close {after.Number}")}")
        + $". Undo: {Command($"decide {after.Number} {before.Decision?.Text ?? "none"}")}";

    /// <summary>The refusal of a decision that is none, naming those that there are.</summary>
    public static string NoDecision(string value, Practice practice)
    {
        var first = practice == Practice.Y2021 ? $"Timeframes: {Values(DecisionValue.Timeframes)}" : $"Fix Versions: {Values(DecisionValue.FixVersions)}";
        var second = practice == Practice.Y2021 ? $"Fix Versions: {Values(DecisionValue.FixVersions)}" : $"Timeframes: {Values(DecisionValue.Timeframes)}";
        var release = DecisionValue.Release($"{value.Trim()}.0") is { } full ? $" Is it a release? Write it like `{full}`." : "";
        return $"{Markdown.Code(Markdown.Shorten(value, 100))} is no decision that I know.{release} {first}; or a release such as `v7.10`; or `{DecisionValue.WontDo}`. {second}. Nothing was changed.";

        static string Values(IEnumerable<string> values) => string.Join(", ", values.Select(v => $"`{v}`"));
    }

    private static string Facts(CustomerRequest request, Setting setting)
    {
        var facts = new List<string> { $"Reported by {setting.Names.Of(request.Reporter)}" };
        if (request.Customer is { } customer)
        {
            facts.Add($"for {Markdown.Inline(customer)}");
        }

        return $"{string.Join(' ', facts)}, {setting.Age(request.FiledAt)} ago.";
    }

    private static string History(HistoryEntry entry, Setting setting)
    {
        var who = entry.ActorId == "schedule" ? "the schedule" : setting.Names.Of(entry.ActorId);
        var after = entry.After is { } text ? Markdown.Inline(text) : "";
        var was = entry.Before is { } old ? $" (was: {Markdown.Inline(old)})" : "";
        return entry.Action switch
        {
            "file" => $"{who} filed it",
            "import" => $"{who} imported it",
            "assign" when entry.After == entry.ActorId => $"{who} took it{WasUser(entry, setting)}",
            "assign" => $"{who} assigned it to {setting.Names.Of(entry.After ?? "")}{WasUser(entry, setting)}",
            "unassign" => $"{who} made it nobody's{WasUser(entry, setting)}",
            "decide" => after.Length > 0 ? $"{who} decided {after}{was}" : $"{who} took the decision back{was}",
            "process" => $"{who} processed it" + (after.Length > 0 ? $": {after}" : ""),
            "close" => $"{who} closed it" + (after.Length > 0 ? $" ({after})" : ""),
            "reopen" => $"{who} reopened it",
            "discuss" => $"{who} queued it for the PM sync" + (after.Length > 0 ? $": {after}" : ""),
            "undiscuss" => $"{who} took it off the PM sync",
            "snooze" => after.Length > 0 ? $"{who} snoozed it until {after}" : $"{who} ended its snooze{was}",
            "usecase" => after.Length > 0 ? $"{who} added a use case: {after}" : $"{who} took a use case out{was}",
            "link" => after.Length > 0 ? $"{who} added a link: {after}" : $"{who} took a link out{was}",
            "edit reporter" => $"{who} made {setting.Names.Of(entry.After ?? "")} the reporter{WasUser(entry, setting)}",
            _ => $"{who} set {entry.Action.Replace("edit ", "", StringComparison.Ordinal)} to {(after.Length > 0 ? after : "nothing")}{was}",
        };
    }

    private static string WasUser(HistoryEntry entry, Setting setting) => entry.Before is { } id ? $" (was: {setting.Names.Of(id)})" : "";
}
