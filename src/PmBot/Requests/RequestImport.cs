using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.People;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>
/// Files the requests of a CSV file that somebody attached to a post: all its lines or none, unless the right ones are asked for; and each
/// file once.
/// </summary>
internal sealed class RequestImport(RequestDesk desk, RequestFiler filer, RequestMessages messages, RequestTexts texts, RequestImportFiles files)
{
    private const int MostRows = 5000;

    /// <summary>How many open requests are looked through at once for those that stand in the file, too.</summary>
    private const int PageSize = 500;

    private const string Kind = "import";

    private const string NothingImported = "Nothing was imported.";

    public async Task<string> RunAsync(SlashCommand slash, RequestCommand.Import command, CancellationToken cancellationToken)
    {
        // First of all: what a post holds is no matter of those who may not import.
        var entered = await desk.EnterAsync(slash.TeamId, slash.UserId, slash.Username, [], cancellationToken);
        if (!await desk.ExecuteAsync(entered, work => work.CallerIsPm, cancellationToken))
        {
            return RequestTexts.NotForYou(entered.Caller, "import requests");
        }

        var choice = await files.FindAsync(slash, command.Permalink, cancellationToken);
        if (choice is not FileChoice.Found file)
        {
            return $"{((FileChoice.None)choice).Problem} {NothingImported} You typed: {Markdown.Code(slash.Typed)}";
        }

        var (sheet, problem) = RequestCsv.Read(file.Content, MostRows) switch
        {
            CsvContent.Table table => RequestSheet.Of(table),
            CsvContent.Unreadable unreadable => (null, unreadable.Problem),
            var other => throw new InvalidOperationException(other.GetType().Name),
        };
        if (sheet is null || sheet.Rows.Count == 0)
        {
            return $"{Markdown.Code(file.Name)} {problem ?? "has no line below its header."} {NothingImported}";
        }

        var (users, failure) = await desk.People.ByNamesAsync(slash.TeamId, sheet.Usernames(), cancellationToken);
        if (failure is not null)
        {
            return $"I could not look up the people whom {Markdown.Code(file.Name)} names: {failure} {NothingImported} Please try again.";
        }

        var twice = await TwiceAsync(slash.TeamId, sheet, cancellationToken);
        var (channel, unknown) = await desk.PmChannelAsync(slash.TeamId, cancellationToken);
        if (unknown is not null)
        {
            return $"{unknown} {NothingImported} Please try again in a minute.";
        }

        var before = await desk.Store.ReadAsync(t => t.HistoryOf(slash.TeamId, Subject(file), 1), cancellationToken);
        var visit = await desk.EnterAsync(
            slash.TeamId, slash.UserId, slash.Username,
            [.. users.Values.OfType<UserChoice.Known>().Select(u => u.Person.Id), .. before.Select(b => b.ActorId)], cancellationToken);
        return await desk.ExecuteAsync(visit, work => Run(work, command, file, sheet, users, twice, channel), cancellationToken);
    }

    private string Run(
        Work work, RequestCommand.Import command, FileChoice.Found file, RequestSheet sheet, IReadOnlyDictionary<string, UserChoice> users,
        IReadOnlyList<CsvLine> twice, Channel? channel)
    {
        if (!work.CallerIsPm)
        {
            return RequestTexts.NotForYou(work.Caller, "import requests");
        }

        // Of two at the same time the later one finds what the earlier one did.
        work.Transaction.Lock($"import:{work.WorkspaceId}:{file.Id}");
        if (work.Transaction.HistoryOf(work.WorkspaceId, Subject(file), 1) is [var before])
        {
            return RequestTexts.ImportedAlready(file.Name, before, work.Setting);
        }

        var caller = new Person(work.Actor, work.Caller.Username);
        var rows = sheet.Rows.Select(r => RequestSheet.Check(r, users, work.Book, work.WorkspaceId, caller, work.Now)).ToList();
        var right = rows.Select(r => r.Request).OfType<CustomerRequest>().ToList();
        var notes = new ImportNotes(file.Name, rows.Count, [.. rows.Where(r => r.Request is null)], twice, sheet.Unknown, sheet.Own);
        var nobodys = right.Count(r => r.Assignee is null);
        var again = command.Permalink is { } link ? $"import {link}" : "import";
        if (right.Count == 0 || (notes.Wrong.Count > 0 && !command.Partial && !command.DryRun))
        {
            return texts.NotImported(notes, again);
        }

        if (command.DryRun)
        {
            return texts.WouldImport(notes, right.Count, nobodys, again, command.Partial);
        }

        // The date is that of the post, so the same file has the same entry whenever it is tried again.
        if (!work.Transaction.TryOccur(Kind, $"{work.WorkspaceId}:{file.Id}", file.Posted.InUtc().Date, file.Posted, work.Now))
        {
            return $"{Markdown.Code(file.Name)} of that post was imported already. {NothingImported}";
        }

        var first = File(work, right);
        work.Transaction.Audit(work.WorkspaceId, work.Now, work.Actor, Subject(file), Kind, null, RequestTexts.Ids(first, right.Count));
        if (channel is not null)
        {
            messages.Post(
                work.Transaction, work.WorkspaceId, channel.Id, texts.Imported(work.Setting.Names.Of(work.Actor), first, right.Count, nobodys));
        }

        return texts.Imported(
            notes, first, right.Count, nobodys, right.Exists(r => r.Assignee is { } assignee && assignee.Id != work.Actor), channel?.Name);
    }

    /// <summary>Files them, and tells each assignee once.</summary>
    /// <returns>The first number; the others follow it.</returns>
    private long File(Work work, List<CustomerRequest> requests)
    {
        filer.OpenBook(work);
        var first = work.Transaction.TakeNumbers(work.WorkspaceId, requests.Count);
        var filed = requests.Select((r, i) => r with { Id = RequestStore.Id(work.WorkspaceId, first + i), Number = first + i }).ToList();
        foreach (var request in filed)
        {
            work.Save(request, Kind, null, request.Title);
        }

        foreach (var theirs in filed.Where(r => r.Assignee is not null).GroupBy(r => r.Assignee!.Id, StringComparer.Ordinal))
        {
            messages.Tell(work.Transaction, work.WorkspaceId, theirs.Key, work.Actor, texts.ToAssignee([.. theirs], work.Actor, work.Setting, "imported them for you"));
        }

        return first;
    }

    /// <summary>The lines of which title and customer are those of an open request or of an earlier line. It is only a hint, so it needs no transaction.</summary>
    private async Task<IReadOnlyList<CsvLine>> TwiceAsync(string workspaceId, RequestSheet sheet, CancellationToken cancellationToken)
    {
        var lines = sheet.Rows.Where(r => r[RequestColumns.Title] is not null)
            .GroupBy(r => Key(r[RequestColumns.Title]!, r[RequestColumns.Customer])).ToDictionary(g => g.Key, g => g.Select(r => r.Line).ToList());
        var twice = lines.Values.SelectMany(l => l.Skip(1)).ToHashSet();
        IReadOnlyList<CustomerRequest> page;
        var last = 0L;
        do
        {
            page = await desk.Store.ReadAsync(t => t.NumberedAfter(workspaceId, last, PageSize, onlyOpen: true), cancellationToken);
            foreach (var request in page)
            {
                twice.UnionWith(lines.GetValueOrDefault(Key(request.Title, request.Customer)) ?? []);
                last = request.Number;
            }
        }
        while (page.Count == PageSize);
        return [.. twice.OrderBy(l => l.Number)];

        static (string, string) Key(string title, string? customer) => (title.ToUpperInvariant(), customer?.ToUpperInvariant() ?? "");
    }

    /// <summary>What the audit trail calls an imported file.</summary>
    private static string Subject(FileChoice.Found file) => $"import:{file.Id}";
}
