using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Storage;

namespace PmBot.Requests;

/// <summary>Answers <c>/cr-assign</c>: reads here, changes by the parts that make them.</summary>
internal sealed class RequestHandler(
    RequestDesk desk,
    RequestChanges changes,
    RequestFiler filer,
    RequestAreas areas,
    RequestAuto auto,
    RequestClock clock,
    RequestStats stats,
    RequestExport export,
    RequestImport import,
    RequestTexts texts,
    Buttons buttons) : ICommandHandler
{
    /// <summary>The key of the command in the settings.</summary>
    public const string CommandName = "cr-assign";

    private const int MostHistory = 15;

    /// <summary>Since how long nobody touched a request that is stale.</summary>
    private static readonly Duration StaleAfter = Duration.FromDays(14);

    private readonly VerbAnswers<RequestCommand> _answers = new(
        RequestVerbs.All, buttons, "lists the open customer requests",
        $"A request is `CR-17` or `17`; users are written `@name`; dates {DateText.Forms}. Quotes group words. PMs are those in a rotation, owners of areas, and admins; everybody, as long as there is neither rotation nor area.\n"
        + "In public channels, not in private ones, a post that begins with `#cr TITLE` files a request, and one with `#escalate TEXT` asks the owner of its area.", "decide");

    public string Command => CommandName;

    public ReadCommand Read(SlashCommand command) =>
        _answers.Read(command, RequestVerbs.Parse(command.Text), (parsed, limit) => RunAsync(command, parsed, limit));

    private async Task<CommandReply> RunAsync(SlashCommand slash, RequestCommand command, CancellationToken cancellationToken) => command switch
    {
        RequestCommand.List list => await ListAsync(slash, list, cancellationToken),
        RequestCommand.Show show => new CommandReply(await ShowAsync(slash.TeamId, show, cancellationToken)),
        RequestCommand.Areas shown => new CommandReply(await AreasAsync(slash, shown, cancellationToken)),
        RequestCommand.Create create => await filer.RunAsync(slash, create, cancellationToken),
        RequestCommand.SetArea set => await areas.SetAsync(slash, set, cancellationToken),
        RequestCommand.RemoveArea remove => await areas.RemoveAsync(slash, remove, cancellationToken),
        RequestCommand.Auto assign => await auto.RunAsync(slash, assign, cancellationToken),
        RequestCommand.Remind => new CommandReply(await clock.RemindNowAsync(slash, cancellationToken)),
        RequestCommand.Stats => new CommandReply(await stats.TextAsync(slash.TeamId, cancellationToken)),
        RequestCommand.Export => new CommandReply(await export.RunAsync(slash, cancellationToken)),
        RequestCommand.Import named => new CommandReply(await import.RunAsync(slash, named, cancellationToken)),
        RequestCommand.OfOne one => await changes.RunAsync(slash, one, cancellationToken),
        _ => throw new InvalidOperationException(command.GetType().Name),
    };

    private async Task<CommandReply> ListAsync(SlashCommand slash, RequestCommand.List list, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var book = await desk.Store.BookOfAsync(slash.TeamId, now, cancellationToken);
        RequestFilter filter;
        string title;
        string again;
        switch (list.Kind)
        {
            case ListKind.Unassigned:
                (filter, title, again) = (new RequestFilter.Unassigned(), "Unassigned requests", "list unassigned");
                break;
            case ListKind.Undecided:
                (filter, title, again) = (new RequestFilter.Undecided(book.DateOf(now)), "Requests without a decision", "list undecided");
                break;
            case ListKind.Mine:
                (filter, title, again) = (new RequestFilter.Of(slash.UserId), "Requests assigned to you", "list mine");
                break;
            case ListKind.Of:
                switch (await desk.People.MentionedAsync(slash, list.Name!, cancellationToken))
                {
                    case UserChoice.Known { Person: var person }:
                        (filter, title, again) = (new RequestFilter.Of(person.Id), $"Requests assigned to {person.Name}", $"list @{person.Name}");
                        break;
                    case UserChoice.Unknown unknown:
                        return new CommandReply($"{unknown.Problem} You typed: {Markdown.Code(slash.Typed)}");
                    default:
                        throw new InvalidOperationException(list.Name);
                }

                break;
            case ListKind.Stale:
                (filter, title, again) = (
                    new RequestFilter.Stale(now - StaleAfter, book.DateOf(now)), "Requests without a decision that nobody touched for two weeks", "list stale");
                break;
            case ListKind.Area:
                if (book.Find(list.Name!) is not { } area)
                {
                    // Requests keep the name of an area that was removed.
                    var left = await desk.Store.ReadAsync(t => t.OpenIn(slash.TeamId, Area.KeyOf(list.Name!)), cancellationToken);
                    if (left == 0)
                    {
                        return new CommandReply(
                            $"{texts.NoArea(list.Name!, new Setting(book, Names.None, now))} Other lists are `unassigned`, `undecided`, `mine`, `@name`, `stale` and `all`. You typed: {Markdown.Code(slash.Typed)}");
                    }

                    area = new Area(list.Name!, [], []);
                }

                (filter, title, again) = (new RequestFilter.In(area.Key), $"Open requests of {Markdown.Inline(area.Name)}", $"list {area.Name}");
                break;
            case ListKind.All:
                (filter, title, again) = (new RequestFilter.All(), "All requests", "list all");
                break;
            default:
                (filter, title, again) = (new RequestFilter.Open(), "Open requests", "list");
                break;
        }

        var skip = (list.Page - 1) * RequestTexts.PageSize;
        var page = await desk.Store.ReadAsync(
            new Question("requests", slash.TeamId, (filter, skip)), t => t.Page(slash.TeamId, filter, skip, RequestTexts.PageSize), cancellationToken);
        var names = await desk.People.NamesAsync(page.Requests.Select(r => r.Assignee?.Id).OfType<string>(), cancellationToken);
        var order = list.Kind == ListKind.Undecided ? "by PM, the oldest first" : "the oldest first";
        var text = texts.List(title, again, order, page, list.Page, new Setting(book, names, now));
        return new CommandReply((page.Count, list.Kind) switch
        {
            (0, ListKind.Open) => $"{text} {texts.NothingFiled(book.Areas.Count > 0)}",
            (0, ListKind.Mine) => $"{text} What is nobody's: {texts.Command("list unassigned")}",
            _ => text,
        });
    }

    private async Task<string> ShowAsync(string workspaceId, RequestCommand.Show show, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var (request, known, history) = await desk.Store.ReadAsync(
            new Question("request", workspaceId, show.Number),
            t => (t.RequestOf(workspaceId, show.Number), t.Find(RequestStore.Books, workspaceId), t.HistoryOf(workspaceId, show.Number, MostHistory)),
            cancellationToken);
        var book = known ?? RequestBook.New(workspaceId, now);
        if (request is null)
        {
            return texts.NoSuch(show.Number);
        }

        // Whose it could be matters while it is nobody's; otherwise those of its area are named.
        var away = request.State == RequestState.Unassigned ? await desk.Store.ReadAsync(t => t.Away(workspaceId, now), cancellationToken) : null;
        var owners = away is not null ? book.Owners : request.Area is { } area ? book.Find(area)?.Owners ?? [] : [];
        List<string?> spoken =
        [
            request.Assignee?.Id, request.Reporter.Id, request.Ending?.By, request.Discuss?.By, request.Decision?.By, request.Effort?.By, request.Idea?.By,
            .. request.UseCases.Select(d => d.By),
            .. request.Links.Select(d => d.By),
            .. owners.Select(o => o.Id),
        ];
        foreach (var entry in history)
        {
            spoken.Add(entry.ActorId);
            if (entry.Action is "assign" or "unassign" or "edit reporter")
            {
                spoken.AddRange([entry.Before, entry.After]);
            }
        }

        var names = await desk.People.NamesAsync(spoken.OfType<string>().Where(id => id != "schedule"), cancellationToken);
        var fit = away is not null ? AssignmentPolicy.Decide(request, book.Areas, RequestDesk.Absent(book, away, names)) : null;
        return texts.Show(request, fit, history, show.Page, new Setting(book, names, now));
    }

    private async Task<string> AreasAsync(SlashCommand slash, RequestCommand.Areas shown, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var book = await desk.Store.BookOfAsync(slash.TeamId, now, cancellationToken);
        var names = await desk.People.NamesAsync(book.Owners.Select(o => o.Id), cancellationToken);
        return texts.Areas(new Setting(book, names, now), shown.Page);
    }
}
