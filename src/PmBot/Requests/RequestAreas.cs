using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.People;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>Sets and removes areas of ownership.</summary>
internal sealed class RequestAreas(
    RequestDesk desk, RequestFiler filer, RequestMessages messages, RequestTexts texts, IMattermost mattermost, Buttons buttons, BotAddresses addresses, Outbox outbox) : IDialogHandler
{
    /// <summary>How many posts of unassigned requests follow a change of areas at once, the oldest first.</summary>
    private const int MostCards = 200;

    public string Action => RequestActions.SetArea;

    /// <summary>Sets what was typed, or opens the form for it.</summary>
    public async Task<CommandReply> SetAsync(SlashCommand slash, RequestCommand.SetArea command, CancellationToken cancellationToken)
    {
        if (command.Name is null)
        {
            return await OpenAsync(slash, cancellationToken);
        }

        var owners = new List<Person>();
        foreach (var name in command.Owners)
        {
            switch (await desk.People.MentionedAsync(slash, name, cancellationToken))
            {
                case UserChoice.Known known:
                    owners.Add(known.Person);
                    break;
                case UserChoice.Unknown unknown:
                    return new CommandReply($"{unknown.Problem} Nothing was changed. You typed: {Markdown.Code(slash.Typed)}");
            }
        }

        var visit = await desk.EnterAsync(slash.TeamId, slash.UserId, slash.Username, owners.Select(o => o.Id), cancellationToken);
        var (answer, problems) = await SetAsync(visit, command.Name, owners, command.Keywords, null, cancellationToken);
        return new CommandReply(answer ?? $"{RequestTexts.Unchanged(string.Join(' ', problems.Values))} You typed: {Markdown.Code(slash.Typed)}");
    }

    /// <summary>The submitted form.</summary>
    public async Task<DialogReply> HandleAsync(DialogSubmission submission, CancellationToken cancellationToken)
    {
        var workspace = submission.Action.WorkspaceId;
        var values = submission.Values;
        if (await desk.People.ByIdAsync(workspace, submission.UserId, cancellationToken) is not UserChoice.Known { Person: var caller })
        {
            return new DialogReply(Error: "Mattermost did not tell me that you are in this team. Nothing was changed; please try again.");
        }

        var owners = new List<Person>();
        foreach (var field in (string[])["owner", "second"])
        {
            if (values.TryGetValue(field, out var id))
            {
                switch (await desk.People.ByIdAsync(workspace, id, cancellationToken))
                {
                    case UserChoice.Known known when owners.TrueForAll(o => o.Id != known.Person.Id):
                        owners.Add(known.Person);
                        break;
                    case UserChoice.Unknown unknown:
                        return new DialogReply(new Dictionary<string, string>(StringComparer.Ordinal) { [field] = unknown.Problem });
                }
            }
        }

        var visit = await desk.EnterAsync(workspace, caller.Id, caller.Name, owners.Select(o => o.Id), cancellationToken);
        var (answer, problems) = await SetAsync(
            visit, values.GetValueOrDefault("name") ?? "", owners, values.GetValueOrDefault("keywords"), submission.Action, cancellationToken);
        return answer is not null ? new DialogReply()
            : problems.TryGetValue("", out var general) ? new DialogReply(Error: general)
            : new DialogReply(problems);
    }

    /// <summary>Removes an area.</summary>
    public async Task<CommandReply> RemoveAsync(SlashCommand slash, RequestCommand.RemoveArea command, CancellationToken cancellationToken)
    {
        var visit = await desk.EnterAsync(slash.TeamId, slash.UserId, slash.Username, [], cancellationToken);
        return new CommandReply(await desk.ExecuteAsync(
            visit,
            work =>
            {
                if (!work.CallerIsPm)
                {
                    return RequestTexts.NotForYou(work.Caller, "change areas");
                }

                if (work.Book.Find(command.Name) is not { } area)
                {
                    return $"{texts.NoArea(command.Name, work.Setting)} Nothing was changed. You typed: {Markdown.Code(slash.Typed)}";
                }

                Save(work, work.Book.Without(area), "area remove", Describe(area), null);
                TellOwners(work, area, area with { Owners = [] });
                var open = work.Transaction.OpenIn(work.WorkspaceId, area.Key);
                return $"**{Markdown.Inline(area.Name)}** is no area any more."
                    + (open == 0 ? "" : $" {When.Count(open, "open request")} filed under it {(open == 1 ? "keeps" : "keep")} the name, and nothing says whose {(open == 1 ? "it is" : "they are")}: {texts.Command($"list {area.Name}")}.")
                    + $" Undo: {texts.Command(Again(area, work.Setting))}";
            },
            cancellationToken));
    }

    private async Task<(string? Answer, IReadOnlyDictionary<string, string> Problems)> SetAsync(
        Visit visit, string typedName, List<Person> owners, string? typedKeywords, SignedAction? dialog, CancellationToken cancellationToken)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        var name = TypedText.Line(typedName) ?? "";
        var keywords = typedKeywords is null ? null : Keywords(typedKeywords);
        var answer = await desk.ExecuteAsync(
            visit,
            work =>
            {
                problems.Clear();
                if (!work.CallerIsPm)
                {
                    problems[""] = RequestTexts.NotForYou(work.Caller, "change areas");
                    return null;
                }

                var known = work.Book.Find(name);
                var area = new Area(
                    known?.Name ?? name, owners.Count > 0 ? owners : known?.Owners ?? [], keywords ?? known?.Keywords ?? []);
                Check(work, area, known, problems);
                if (problems.Count > 0)
                {
                    return null;
                }

                if (dialog is not null && !work.Transaction.TryUse(dialog.Nonce, dialog.Expires, work.Actor, work.Now))
                {
                    problems[""] = "This form was submitted already. Nothing was changed.";
                    return null;
                }

                Save(work, work.Book.With(area), "area set", known is null ? null : Describe(known), Describe(area));
                TellOwners(work, known ?? area with { Owners = [] }, area);
                var text = $"**{Markdown.Inline(area.Name)}** is {(area.Owners.Count == 1 ? "owned by" : "owned together by")} {string.Join(", ", area.Owners.Select(work.Setting.Names.Of))}; "
                    + (area.Keywords.Count == 0
                        ? $"it has no keywords, so only what is filed with `--area` is known to be of it. Add some: {texts.Command($"area set {area.Name} --keywords a,b,c")}."
                        : $"its keywords are {string.Join(", ", area.Keywords.Select(Markdown.Inline))}.")
                    + $" Undo: {texts.Command(known is null ? $"area remove {area.Name}" : Again(known, work.Setting))}";
                if (dialog is not null)
                {
                    // A form has no answer that stays, so it comes as a direct message.
                    outbox.Add(work.Transaction, work.WorkspaceId, new Content.Direct(work.Actor, text, null));
                }

                return text;
            },
            cancellationToken);
        return (answer, problems);
    }

    private static void Check(Work work, Area area, Area? known, Dictionary<string, string> problems)
    {
        if (area.Name.Length is 0 or > RequestLimits.AreaName)
        {
            problems["name"] = $"An area's name has 1 to {RequestLimits.AreaName} characters.";
        }
        else if (ReservedNames.Contains(area.Key))
        {
            problems["name"] = $"{Markdown.Code(area.Name)} means something else in commands. Choose another name.";
        }
        else if (known is null && work.Book.Areas.Count >= RequestBook.MostAreas)
        {
            problems["name"] = $"A team has {RequestBook.MostAreas} areas at most.";
        }

        if (area.Owners.Count is 0 or > RequestLimits.AreaEntries)
        {
            problems["owner"] = area.Owners.Count == 0 ? "Say who owns it, as `@name`." : $"An area has {RequestLimits.AreaEntries} owners at most.";
        }

        if (area.Keywords.Count > RequestLimits.AreaEntries || area.Keywords.Any(k => k.Length > RequestLimits.Keyword))
        {
            problems["keywords"] = $"An area has {RequestLimits.AreaEntries} keywords at most, of {RequestLimits.Keyword} characters at most.";
        }
    }

    /// <summary>Words that a list takes for something else than an area.</summary>
    private static HashSet<string> ReservedNames { get; } = new(["unassigned", "undecided", "mine", "stale", "all", "open", "none", "off"], StringComparer.Ordinal);

    private static List<string> Keywords(string text) =>
        [.. text.Split(',', ';', '\n').Select(TypedText.Line).OfType<string>().Where(k => !k.Equals("none", StringComparison.OrdinalIgnoreCase)).DistinctBy(Area.KeyOf)];

    private void Save(Work work, RequestBook book, string action, string? from, string? to)
    {
        filer.OpenBook(work);
        book.Version = work.Book.Version;
        work.Transaction.Save(RequestStore.Books, book);
        work.Transaction.Audit(work.WorkspaceId, work.Now, work.Actor, "areas", action, from, to);

        // What the posts say of whose a request is, is true no longer.
        var absent = RequestDesk.Absent(book, work.Presence.Away, work.Visit.Names);
        var areas = new AreaIndex(book.Areas);
        foreach (var request in work.Transaction.Page(work.WorkspaceId, new RequestFilter.Unassigned(), 0, MostCards).Requests)
        {
            messages.Update(
                work.Transaction, request, work.Fit(request), request, AssignmentPolicy.Decide(request, areas, absent), work.Setting with { Book = book });
        }
    }

    /// <summary>Whoever owns an area from now on, or no longer, must know it.</summary>
    private void TellOwners(Work work, Area before, Area after)
    {
        foreach (var owner in after.Owners.ExceptBy(before.Owners.Select(o => o.Id), o => o.Id))
        {
            messages.Tell(work.Transaction, work.WorkspaceId, owner.Id, work.Actor, texts.ToOwner(after, work.Actor, work.Setting));
        }

        foreach (var owner in before.Owners.ExceptBy(after.Owners.Select(o => o.Id), o => o.Id))
        {
            messages.Tell(work.Transaction, work.WorkspaceId, owner.Id, work.Actor, texts.ToFormerOwner(after, work.Actor, work.Setting));
        }
    }

    private static string Describe(Area area) => System.Text.Json.JsonSerializer.Serialize(area, StoreJson.Options);

    /// <summary>How an area is set again as it was.</summary>
    private static string Again(Area area, Setting setting) =>
        $"area set {area.Name} {string.Join(' ', area.Owners.Select(o => $"@{setting.Names.Of(o)}"))} --keywords \"{(area.Keywords.Count == 0 ? "none" : string.Join(", ", area.Keywords))}\"";

    private async Task<CommandReply> OpenAsync(SlashCommand slash, CancellationToken cancellationToken)
    {
        var state = buttons.Signer.New(RequestActions.SetArea, slash.TeamId, slash.ChannelId, slash.UserId, Duration.FromHours(1));
        var dialog = new Dialog
        {
            CallbackId = "area",
            Title = "An area of ownership",
            State = buttons.Signer.SignText(state),
            SubmitLabel = "Set it",
            Elements =
            [
                new() { DisplayName = "Name", Name = "name", Type = "text", MaxLength = RequestLimits.AreaName, HelpText = "Of an area that exists: owners and keywords are replaced." },
                new() { DisplayName = "Owner", Name = "owner", Type = "select", DataSource = "users" },
                new() { DisplayName = "Second owner", Name = "second", Type = "select", DataSource = "users", Optional = true },
                new()
                {
                    DisplayName = "Keywords", Name = "keywords", Type = "textarea", Optional = true, MaxLength = 2000,
                    HelpText = "Separated by commas. A request in which one of them stands is of this area.",
                },
            ],
        };
        return await mattermost.OpenDialogAsync(slash.TriggerId, addresses.Dialogs, dialog, cancellationToken) is MattermostResult<ServerStatus>.Ok
            ? new CommandReply($"I opened a form for it. It did not show? Type {texts.Command("area set NAME @owner --keywords a,b,c")}")
            : new CommandReply($"I could not open the form for it. Type it instead: {texts.Command("area set NAME @owner --keywords a,b,c")}. More: {texts.Command("help area")}");
    }
}
