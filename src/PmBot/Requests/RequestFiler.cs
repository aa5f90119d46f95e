using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.People;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>A request to be filed, its texts as typed.</summary>
/// <param name="Title">What is asked for.</param>
/// <param name="Customer">Which customer asks; null if it was not said.</param>
/// <param name="Area">The area's name; null if it was not said.</param>
/// <param name="Link">Where more can be read; null for nowhere.</param>
/// <param name="UseCase">What customers would use it for; null if it was not said.</param>
/// <param name="Reporter">Who hears of the outcome.</param>
/// <param name="Source">The post it is filed from; null for none.</param>
internal sealed record Draft(string? Title, string? Customer, string? Area, string? Link, string? UseCase, Person Reporter, SourcePost? Source)
{
    /// <summary>What of its post was not understood, for the answer; null if all was.</summary>
    public string? Remark { get; init; }
}

/// <summary>Files requests, however they come: typed, by form, from a post.</summary>
internal sealed class RequestFiler(
    RequestDesk desk, NewWorkspaces workspaces, RequestMessages messages, RequestTexts texts, Alarms alarms, IMattermost mattermost, Buttons buttons, BotAddresses addresses, Outbox outbox)
    : IDialogHandler
{
    public string Action => RequestActions.New;

    /// <summary>Files what was typed, or opens the form for it.</summary>
    public async Task<CommandReply> RunAsync(SlashCommand slash, RequestCommand.Create command, CancellationToken cancellationToken)
    {
        // The form first: its trigger lives three seconds.
        if (command.Title is null)
        {
            return await OpenAsync(slash, command, cancellationToken);
        }

        var reporter = new Person(slash.UserId, slash.Username);
        if (command.Reporter is { } named)
        {
            switch (await desk.People.MentionedAsync(slash, named, cancellationToken))
            {
                case UserChoice.Known known:
                    reporter = known.Person;
                    break;
                case UserChoice.Unknown unknown:
                    return new CommandReply($"{unknown.Problem} Nothing was filed. You typed: {Markdown.Code(slash.Typed)}");
            }
        }

        var visit = await desk.EnterAsync(slash.TeamId, slash.UserId, slash.Username, [reporter.Id], cancellationToken, forAll: true);
        var draft = new Draft(command.Title, command.Customer, command.Area, command.Link, null, reporter, null);
        var (answer, problems) = await FileAsync(visit, draft, null, null, cancellationToken);
        return new CommandReply(answer ?? $"{string.Join(' ', problems.Values)} Nothing was filed. You typed: {Markdown.Code(slash.Typed)}");
    }

    /// <summary>The submitted form.</summary>
    public async Task<DialogReply> HandleAsync(DialogSubmission submission, CancellationToken cancellationToken)
    {
        var workspace = submission.Action.WorkspaceId;
        var values = submission.Values;
        if (await desk.People.ByIdAsync(workspace, submission.UserId, cancellationToken) is not UserChoice.Known { Person: var caller })
        {
            return new DialogReply(Error: "Mattermost did not tell me that you are in this team. Nothing was filed; please try again.");
        }

        var reporter = caller;
        if (values.TryGetValue("reporter", out var chosen))
        {
            switch (await desk.People.ByIdAsync(workspace, chosen, cancellationToken))
            {
                case UserChoice.Known known:
                    reporter = known.Person;
                    break;
                case UserChoice.Unknown unknown:
                    return new DialogReply(new Dictionary<string, string>(StringComparer.Ordinal) { ["reporter"] = unknown.Problem });
            }
        }

        var visit = await desk.EnterAsync(workspace, caller.Id, caller.Name, [reporter.Id], cancellationToken, forAll: true);
        var draft = new Draft(
            values.GetValueOrDefault("title"), values.GetValueOrDefault("customer"), values.GetValueOrDefault("area"), values.GetValueOrDefault("link"),
            values.GetValueOrDefault("usecase"), reporter, null);
        var (answer, problems) = await FileAsync(visit, draft, null, submission.Action, cancellationToken);
        return answer is not null ? new DialogReply()
            : problems.TryGetValue("", out var general) ? new DialogReply(Error: $"{general} Nothing was filed.")
            : new DialogReply(problems);
    }

    /// <summary>Files a request, or says by field what is wrong with it (the empty field: with the whole).</summary>
    /// <param name="visit">Who files it.</param>
    /// <param name="draft">The request.</param>
    /// <param name="inbox">Makes the same post file it once: returns the answer it got before, or files and remembers; null if it comes from no post.</param>
    /// <param name="dialog">The form it comes from, which works once; null if it comes from none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer, or the problems.</returns>
    public async Task<(string? Answer, IReadOnlyDictionary<string, string> Problems)> FileAsync(
        Visit visit, Draft draft, Func<Work, Func<string>, string>? inbox, SignedAction? dialog, CancellationToken cancellationToken)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        var (channel, unknown) = await desk.PmChannelAsync(visit.WorkspaceId, cancellationToken);
        if (unknown is not null)
        {
            // Filed now, it would never be announced.
            problems[""] = $"{unknown} Please try again in a minute.";
            return (null, problems);
        }

        var answer = await desk.ExecuteAsync(
            visit,
            work =>
            {
                problems.Clear();
                Check(work, draft, problems);
                if (problems.Count > 0)
                {
                    return null;
                }

                if (dialog is not null && !work.Transaction.TryUse(dialog.Nonce, dialog.Expires, work.Actor, work.Now))
                {
                    problems[""] = "This form was submitted already.";
                    return null;
                }

                return inbox is null ? File() : inbox(work, File);

                string File()
                {
                    var (request, fit) = this.File(work, draft, channel?.Id);
                    if (draft.Source is not null)
                    {
                        return texts.FiledFromPost(request, fit, draft.Remark, work.Setting);
                    }

                    var filed = texts.Filed(request, fit, channel?.Name, work.CallerIsPm, work.Setting);
                    if (dialog is not null)
                    {
                        // A form has no answer that stays, so it comes as a direct message.
                        outbox.Add(work.Transaction, work.WorkspaceId, new Content.Direct(work.Actor, filed, null));
                    }

                    return filed;
                }
            },
            cancellationToken);
        return (answer, problems);
    }

    /// <summary>Makes the workspace and its book known to the store, so that its reminders come.</summary>
    public void OpenBook(Work work)
    {
        workspaces.Open(work.Transaction, work.WorkspaceId, work.Actor);

        if (work.Book.Version == 0)
        {
            work.Transaction.Save(RequestStore.Books, work.Book);
            work.Transaction.AfterCommit(() => alarms.Set(RequestClock.AlarmKind, work.WorkspaceId));
        }
    }

    private (CustomerRequest Request, Fit Fit) File(Work work, Draft draft, string? channelId)
    {
        OpenBook(work);
        var number = work.Transaction.TakeNumbers(work.WorkspaceId, 1);
        var request = new CustomerRequest
        {
            Id = RequestStore.Id(work.WorkspaceId, number),
            WorkspaceId = work.WorkspaceId,
            Number = number,
            Title = TypedText.Line(draft.Title)!,
            Customer = TypedText.Line(draft.Customer),
            Area = draft.Area is { } area ? work.Book.Find(area)!.Name : null,
            Reporter = draft.Reporter,
            FiledBy = work.Actor,
            FiledAt = work.Now,
            ChangedAt = work.Now,
            Links = draft.Link is { } link ? [new Detail(TypedText.Url(link)!, work.Actor, work.Now)] : [],
            UseCases = TypedText.Line(draft.UseCase) is { } useCase ? [new Detail(useCase, work.Actor, work.Now)] : [],
            Source = draft.Source,
        };
        var fit = work.Fit(request);
        if (channelId is not null)
        {
            request = messages.Announce(work.Transaction, request, fit, channelId, work.Setting);
        }

        work.Save(request, "file", null, request.Title);
        return (request, fit);
    }

    private void Check(Work work, Draft draft, Dictionary<string, string> problems)
    {
        if (TypedText.Line(draft.Title) is not { } title)
        {
            problems["title"] = "Say what is asked for.";
        }
        else if (title.Length > RequestLimits.Title)
        {
            problems["title"] = $"A title has {RequestLimits.Title} characters at most, and this one has {title.Length}. Say it shorter; the rest can be a use case.";
        }

        if (TypedText.Line(draft.Customer) is { Length: > RequestLimits.Customer } customer)
        {
            problems["customer"] = $"A customer's name has {RequestLimits.Customer} characters at most, and this one has {customer.Length}.";
        }

        if (TypedText.Line(draft.UseCase) is { Length: > RequestLimits.Text } useCase)
        {
            problems["usecase"] = $"A use case has {RequestLimits.Text} characters at most, and this one has {useCase.Length}.";
        }

        if (draft.Area is { } area && work.Book.Find(area) is null)
        {
            problems["area"] = texts.NoArea(area, work.Setting);
        }

        if (draft.Link is { } link && TypedText.Url(link) is null)
        {
            problems["link"] = $"{Markdown.Code(Markdown.Shorten(link, 100))} is no link. It begins with `https://` or `http://` and has {RequestLimits.Link} characters at most.";
        }
    }

    private async Task<CommandReply> OpenAsync(SlashCommand slash, RequestCommand.Create command, CancellationToken cancellationToken)
    {
        var book = await desk.Store.BookOfAsync(slash.TeamId, desk.Now(), cancellationToken);
        var state = buttons.Signer.New(RequestActions.New, slash.TeamId, slash.ChannelId, slash.UserId, Duration.FromHours(1));
        var elements = new List<DialogElement>
        {
            new() { DisplayName = "Title", Name = "title", Type = "text", MaxLength = 150, HelpText = "What is asked for, in one line." },
            new() { DisplayName = "Customer", Name = "customer", Type = "text", MaxLength = RequestLimits.Customer, Optional = true, Default = command.Customer },
        };
        if (book.Areas.Count > 0)
        {
            elements.Add(new()
            {
                DisplayName = "Area",
                Name = "area",
                Type = "select",
                Optional = true,
                HelpText = "You don't know? Leave it empty.",
                Options = [.. book.Areas.Select(a => new ActionOption(Markdown.Plain(a.Name), a.Name))],
                Default = command.Area is { } area ? book.Find(area)?.Name : null,
            });
        }

        elements.AddRange(
        [
            new() { DisplayName = "Use case", Name = "usecase", Type = "textarea", MaxLength = RequestLimits.Text, Optional = true, HelpText = "What the customer would use it for." },
            new() { DisplayName = "Link", Name = "link", Type = "text", Subtype = "url", MaxLength = 150, Optional = true, HelpText = "Where more can be read." },
            new() { DisplayName = "Reporter", Name = "reporter", Type = "select", DataSource = "users", Optional = true, HelpText = "Who hears of the outcome. Left empty: you." },
        ]);
        var dialog = new Dialog
        {
            CallbackId = "request",
            Title = "A new customer request",
            State = buttons.Signer.SignText(state),
            SubmitLabel = "File it",
            Elements = elements,
        };
        return await mattermost.OpenDialogAsync(slash.TriggerId, addresses.Dialogs, dialog, cancellationToken) is MattermostResult<ServerStatus>.Ok
            ? new CommandReply($"I opened a form for it. It did not show? Type {texts.Command("new TITLE")}")
            : new CommandReply($"I could not open the form for it. Type it instead: {texts.Command("new TITLE --customer C")}. All that can be said with it: {texts.Command("help new")}");
    }
}
