using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.People;

namespace PmBot.Requests;

/// <summary>
/// Changes one request: for each verb who may, whether it can be, what it comes to, who is told. Commands, buttons and menus all come
/// here. A refusal is an answer and leaves everything as it was.
/// </summary>
internal sealed class RequestChanges(RequestDesk desk, RequestMessages messages, RequestTexts texts)
{
    /// <summary>Carries out a verb as it was typed.</summary>
    public async Task<CommandReply> RunAsync(SlashCommand slash, RequestCommand.OfOne command, CancellationToken cancellationToken)
    {
        var named = command switch
        {
            RequestCommand.Assign assign => assign.User,
            RequestCommand.Edit { Field: "reporter", Value: { } reporter } => reporter,
            _ => null,
        };
        Person? person = null;
        if (named is not null)
        {
            switch (await desk.People.MentionedAsync(slash, named, cancellationToken))
            {
                case UserChoice.Known known:
                    person = known.Person;
                    break;
                case UserChoice.Unknown unknown:
                    return Refused(slash, unknown.Problem);
            }
        }

        var (answer, changed) = await ApplyAsync(slash.TeamId, slash.UserId, slash.Username, command, person, cancellationToken);
        return changed ? new CommandReply(answer) : Refused(slash, answer);
    }

    /// <summary>Carries out a step.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="userId">Who takes it.</param>
    /// <param name="username">Their name, as it came with a token or was looked up.</param>
    /// <param name="command">The step.</param>
    /// <param name="person">Whom it names, if it names somebody.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="unless">A sentence against it, by the request as it is now; null for none.</param>
    /// <returns>What is to be said, and whether anything was changed.</returns>
    public async Task<(string Answer, bool Changed)> ApplyAsync(
        string workspaceId,
        string userId,
        string username,
        RequestCommand.OfOne command,
        Person? person,
        CancellationToken cancellationToken,
        Func<CustomerRequest, Setting, string?>? unless = null)
    {
        if (await desk.Store.ReadAsync(t => t.RequestOf(workspaceId, command.Number), cancellationToken) is not { } seen)
        {
            return (texts.NoSuch(command.Number), false);
        }

        var visit = await desk.EnterAsync(
            workspaceId, userId, username, new[] { seen.Assignee?.Id, seen.Reporter.Id, person?.Id, seen.Ending?.By }.OfType<string>(), cancellationToken);
        var place = command is RequestCommand.Process ? await desk.PlaceAsync(seen, cancellationToken) : null;
        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                if (work.Transaction.RequestOf(workspaceId, command.Number) is not { } request)
                {
                    return (texts.NoSuch(command.Number), false);
                }

                if (Forbidden(work, command, request) is { } what)
                {
                    return (RequestTexts.NotForYou(work.Caller, what), false);
                }

                if (unless?.Invoke(request, work.Setting) is { } problem)
                {
                    return (problem, false);
                }

                // Whether they see the place was asked of the reporter that it had then.
                var there = place is null ? null : place with { ReporterIsThere = place.ReporterIsThere && request.Reporter.Id == seen.Reporter.Id };
                var change = Change(work, command, request, person, there);
                if (change.Problem is { } refusal)
                {
                    return (refusal, false);
                }

                switch (change.Step)
                {
                    case RequestStep.Done { Request: var after }:
                        work.Save(after, change.Action, change.From, change.To);
                        messages.Update(work.Transaction, request, work.FitIfUnassigned(request), after, work.FitIfUnassigned(after), work.Setting);
                        return (change.Answer(after), true);
                    case RequestStep.Refused { Why: Refusal.IsNobodys } when command is RequestCommand.Unassign:
                        return ($"{RequestTexts.Called(request)} is nobody's already. Make it somebody's: {texts.Command($"{request.Number} @name")}. Nothing was changed.", false);
                    case RequestStep.Refused refused:
                        return ($"{texts.Refused(refused.Why, request, work.Actor, work.Setting)} Nothing was changed.", false);
                    default:
                        throw new InvalidOperationException(command.GetType().Name);
                }
            },
            cancellationToken);
    }

    private static CommandReply Refused(SlashCommand slash, string problem) => new($"{RequestTexts.Unchanged(problem)} You typed: {Markdown.Code(slash.Typed)}");

    /// <summary>What the caller may not do; null if they may.</summary>
    private static string? Forbidden(Work work, RequestCommand.OfOne command, CustomerRequest request)
    {
        var concerned = request.Reporter.Id == work.Actor || request.FiledBy == work.Actor;
        var theirs = request.Assignee?.Id == work.Actor;

        // Whoever was given a request must be able to go on with it, in a roster or not.
        return work.CallerIsPm || theirs ? null : command switch
        {
            RequestCommand.AddUseCase or RequestCommand.AddLink or RequestCommand.Discuss => null,
            RequestCommand.Undiscuss when request.Discuss?.By == work.Actor => null,
            RequestCommand.Undiscuss => "take a request off the PM sync",
            RequestCommand.Edit or RequestCommand.RemoveUseCase or RequestCommand.RemoveLink => concerned ? null : "edit a request that others filed",
            RequestCommand.Assign or RequestCommand.Take or RequestCommand.Unassign => "assign requests",
            RequestCommand.Decide or RequestCommand.Effort or RequestCommand.Idea => "decide on requests",
            RequestCommand.Process or RequestCommand.Close or RequestCommand.Reopen => "finish and reopen requests",
            RequestCommand.Snooze => "snooze requests",
            _ => throw new InvalidOperationException(command.GetType().Name),
        };
    }

    /// <summary>What a step comes to.</summary>
    /// <param name="Step">The request after it, or why not.</param>
    /// <param name="Action">Its name in the audit trail.</param>
    /// <param name="From">What was.</param>
    /// <param name="To">What is.</param>
    /// <param name="Answer">Tells those concerned, and returns what the caller reads.</param>
    /// <param name="Problem">Why its words mean nothing; null if they do.</param>
    private sealed record Outcome(RequestStep? Step, string Action, string? From, string? To, Func<CustomerRequest, string> Answer, string? Problem = null)
    {
        public static Outcome Of(string problem) => new(null, "", null, null, _ => "", problem);
    }

    private Outcome Change(Work work, RequestCommand.OfOne command, CustomerRequest request, Person? person, ReporterPlace? place)
    {
        var (actor, now, n) = (work.Actor, work.Now, request.Number);
        switch (command)
        {
            case RequestCommand.Assign:
                return Assigning(work, request, request.Assign(person!, now), person!.Id);
            case RequestCommand.Take:
                return Assigning(work, request, request.Take(new Person(actor, work.Caller.Username), now), actor);
            case RequestCommand.Unassign:
                return new Outcome(request.Unassign(now), "unassign", request.Assignee?.Id, null, after =>
                {
                    messages.Assigned(work.Transaction, request, after, actor, work.Setting);
                    var was = work.Setting.Names.Of(request.Assignee!);
                    return $"{RequestTexts.Called(after)} is nobody's now (was: {was}). {RequestTexts.Why(work.Fit(after), work.Setting, Markdown.Inline)} Undo: {texts.Command($"{n} @{was}")}";
                });
            case RequestCommand.Decide decide:
                return Deciding(work, request, decide.Value);
            case RequestCommand.Process process:
                return TooLong(process.Comment, RequestLimits.Text) ?? new Outcome(request.Process(Line(process.Comment), actor, now), "process", null, Line(process.Comment), after =>
                {
                    var told = messages.Processed(work.Transaction, after, actor, place, work.Setting);
                    return $"{RequestTexts.Called(after)} is processed: **{Markdown.Inline(after.Decision!.Text)}**.{Told(work, after, told)} Undo: {texts.Command($"reopen {n}")}";
                });
            case RequestCommand.Close close:
                return new Outcome(request.Close(close.Release, actor, now), "close", null, close.Release ?? request.Decision?.Text, after =>
                {
                    var told = messages.Closed(work.Transaction, after, actor, work.Setting);
                    return $"{RequestTexts.Called(after)} is closed: {Markdown.Inline(after.Decision!.Text)}.{Told(work, after, told)} Undo: {texts.Command($"reopen {n}")}";
                });
            case RequestCommand.Reopen:
                return new Outcome(request.Reopen(now), "reopen", request.State.ToString().ToLowerInvariant(), null, after =>
                {
                    messages.Reopened(work.Transaction, after, actor, work.Setting);
                    return $"{RequestTexts.Called(after)} is open again: {(after.Assignee is { } assignee ? $"{work.Setting.Names.Of(assignee)}'s" : "nobody's")}, "
                        + $"{(after.Decision is { } decision ? Markdown.Inline(decision.Text) : "without a decision")}. Undo: {texts.Command(request.State == RequestState.Closed ? $"close {n}" : $"process {n}")}";
                });
            case RequestCommand.Discuss discuss:
                return TooLong(discuss.Why, RequestLimits.Text) ?? new Outcome(request.Queue(Line(discuss.Why), actor, now), "discuss", request.Discuss?.Why, Line(discuss.Why) ?? "", _ =>
                    $"{RequestTexts.Called(request)} is queued for the next PM sync{(Line(discuss.Why) is { } why ? $": \"{Markdown.Inline(why)}\"" : "")}. Undo: {texts.Command($"discuss {n} off")}");
            case RequestCommand.Undiscuss:
                return new Outcome(request.Unqueue(now), "undiscuss", request.Discuss?.Why, null, _ =>
                    $"{RequestTexts.Called(request)} is not queued for the PM sync any more. Undo: {texts.Command($"discuss {n} {request.Discuss?.Why}".TrimEnd())}");
            case RequestCommand.Snooze snooze:
                return Snoozing(work, request, snooze.Until);
            default:
                return Detail(work, command, request, person);
        }
    }

    private Outcome Assigning(Work work, CustomerRequest request, RequestStep step, string to) => new(step, "assign", request.Assignee?.Id, to, after =>
    {
        messages.Assigned(work.Transaction, request, after, work.Actor, work.Setting);
        return texts.Assigned(request, after, work.Actor, work.Setting);
    });

    private Outcome Deciding(Work work, CustomerRequest request, string typed)
    {
        if (typed.Trim().Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            return new Outcome(request.Decide(null, work.Actor, work.Now), "decide", request.Decision?.Text, null, _ =>
                $"{RequestTexts.Called(request)} has no decision any more (was: {Markdown.Inline(request.Decision!.Text)}). Undo: {texts.Command($"decide {request.Number} {request.Decision.Text}")}");
        }

        if (DecisionValue.Parse(typed) is not { } value)
        {
            return Outcome.Of(RequestTexts.NoDecision(typed, desk.PracticeOf(work.Transaction, work.WorkspaceId)));
        }

        return new Outcome(request.Decide(value, work.Actor, work.Now), "decide", request.Decision?.Text, value, after =>
            texts.Decided(request, after, messages.Decided(work.Transaction, after, work.Actor, work.Setting), work.Setting));
    }

    private Outcome Snoozing(Work work, CustomerRequest request, DateText? until)
    {
        var was = request.SnoozedUntil is { } old ? NodaTime.Text.LocalDatePattern.Iso.Format(old) : null;
        if (until is null)
        {
            return new Outcome(request.Wake(work.Now), "snooze", was, null, _ =>
                $"{RequestTexts.Called(request)} is on the reminders again. Undo: {texts.Command($"snooze {request.Number} {was}")}");
        }

        if (until.Resolve(work.Setting.Today) is not { } date)
        {
            return Outcome.Of($"There is no such date. Dates are written {DateText.Forms}.");
        }

        return date > work.Setting.Today.PlusYears(1)
            ? Outcome.Of($"{work.Setting.Date(date)} is more than a year away; a request sleeps a year at most.")
            : new Outcome(request.Snooze(date, work.Setting.Today, work.Now), "snooze", was, NodaTime.Text.LocalDatePattern.Iso.Format(date), _ =>
                $"{RequestTexts.Called(request)} is off the reminders until **{work.Setting.Date(date)}**. Undo: {texts.Command($"snooze {request.Number} {was ?? "off"}")}");
    }

    private Outcome Detail(Work work, RequestCommand.OfOne command, CustomerRequest request, Person? person)
    {
        var (actor, now, n) = (work.Actor, work.Now, request.Number);
        switch (command)
        {
            case RequestCommand.AddUseCase add:
                return TooLong(add.Text, RequestLimits.Text) ?? new Outcome(request.AddUseCase(Line(add.Text)!, actor, now), "usecase", null, Line(add.Text), after =>
                    $"{RequestTexts.Called(after)} has {When.Count(after.UseCases.Count, "use case")} now.{NowFits(work, request, after)} Undo: {texts.Command($"usecase {n} remove {after.UseCases.Count}")}");
            case RequestCommand.RemoveUseCase remove:
                return new Outcome(request.RemoveUseCase(remove.Line, now), "usecase", TextOf(request.UseCases, remove.Line), null, after =>
                    $"Use case {remove.Line} of {RequestTexts.Called(after)} is taken out.{NowFits(work, request, after)} Undo: {texts.Command($"usecase {n} {TextOf(request.UseCases, remove.Line)}")}");
            case RequestCommand.AddLink add:
                return TypedText.Url(add.Url) is not { } url
                    ? Outcome.Of($"{Markdown.Code(Markdown.Shorten(add.Url, 100))} is no link. It begins with `https://` or `http://` and has {RequestLimits.Link} characters at most.")
                    : new Outcome(request.AddLink(url, actor, now), "link", null, url, after =>
                        $"{RequestTexts.Called(after)} has {When.Count(after.Links.Count, "link")} now. Undo: {texts.Command($"link {n} remove {after.Links.Count}")}");
            case RequestCommand.RemoveLink remove:
                return new Outcome(request.RemoveLink(remove.Line, now), "link", TextOf(request.Links, remove.Line), null, after =>
                    $"Link {remove.Line} of {RequestTexts.Called(after)} is taken out. Undo: {texts.Command($"link {n} {TextOf(request.Links, remove.Line)}")}");
            case RequestCommand.Effort effort:
                return TooLong(effort.Value, RequestLimits.Short) ?? Set("effort", request.SetEffort(Line(effort.Value), actor, now), request.Effort?.Text, Line(effort.Value), $"effort {n}");
            case RequestCommand.Idea idea:
                return TooLong(idea.Text, RequestLimits.Text) ?? Set("idea", request.SetIdea(Line(idea.Text), actor, now), request.Idea?.Text, Line(idea.Text), $"idea {n}");
            case RequestCommand.Edit { Field: "title" } edit:
                return TooLong(edit.Value, RequestLimits.Title) ?? Set("edit title", request.Rename(Line(edit.Value)!, now), request.Title, Line(edit.Value), $"edit {n} title");
            case RequestCommand.Edit { Field: "customer" } edit:
                return TooLong(edit.Value, RequestLimits.Customer) ?? Set("edit customer", request.OfCustomer(Line(edit.Value), now), request.Customer, Line(edit.Value), $"edit {n} customer");
            case RequestCommand.Edit { Field: "area" } edit:
                var area = edit.Value is { } name ? work.Book.Find(name) : null;
                return edit.Value is not null && area is null
                    ? Outcome.Of(texts.NoArea(edit.Value, work.Setting))
                    : Set("edit area", request.InArea(area?.Name, now), request.Area, area?.Name, $"edit {n} area");
            case RequestCommand.Edit:
                return new Outcome(request.ReportedBy(person!, now), "edit reporter", request.Reporter.Id, person!.Id, after =>
                    $"{RequestTexts.Called(after)} was reported by {work.Setting.Names.Of(after.Reporter)} (was: {work.Setting.Names.Of(request.Reporter)}), who hears of the outcome. "
                    + $"Undo: {texts.Command($"edit {n} reporter @{work.Setting.Names.Of(request.Reporter)}")}");
            default:
                throw new InvalidOperationException(command.GetType().Name);
        }

        Outcome Set(string action, RequestStep step, string? from, string? to, string again) => new(step, action, from, to, after =>
            $"The {action.Replace("edit ", "", StringComparison.Ordinal)} of {RequestTexts.Id(n)} is {Value(to)} now (was: {Value(from)}).{NowFits(work, request, after)} Undo: {texts.Command($"{again} {from ?? "none"}")}");

        static string Value(string? text) => text is null ? "empty" : $"\"{Markdown.Inline(text)}\"";
    }

    /// <summary>Whether a changed detail tells more of whose it is; empty if it is somebody's.</summary>
    private static string NowFits(Work work, CustomerRequest before, CustomerRequest after)
    {
        if (after.State != RequestState.Unassigned)
        {
            return "";
        }

        var why = RequestTexts.Why(work.Fit(after), work.Setting, Markdown.Inline);
        return why == RequestTexts.Why(work.Fit(before), work.Setting, Markdown.Inline) ? "" : $" {why}";
    }

    private static string Told(Work work, CustomerRequest after, bool told) => told ? $" {work.Setting.Names.Of(after.Reporter)} is told." : "";

    private static string? TextOf(IReadOnlyList<Detail> details, int line) => line >= 1 && line <= details.Count ? details[line - 1].Text : null;

    private static string? Line(string? text) => TypedText.Line(text);

    private static Outcome? TooLong(string? text, int most) => TypedText.Line(text) is { } line && line.Length > most
        ? Outcome.Of($"That has {line.Length} characters; there is room for {most}.")
        : null;
}
