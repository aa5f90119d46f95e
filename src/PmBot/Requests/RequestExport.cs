using NodaTime;
using NodaTime.Text;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.People;

namespace PmBot.Requests;

/// <summary>All requests as a CSV file by direct message. The file is made when it is sent, so it is never older than its message.</summary>
internal sealed class RequestExport(RequestDesk desk, RequestMessages messages, RequestTexts texts, IDirectory directory) : IFileSource
{
    private const int PageSize = 500;

    public string Source => "requests";

    /// <summary>Has the file sent to whoever asks; in the team, everybody can list all requests anyway.</summary>
    public async Task<string> RunAsync(SlashCommand slash, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        return await desk.Store.ExecuteAsync(
            transaction =>
            {
                var count = transaction.CountOf(slash.TeamId);
                if (count == 0)
                {
                    return texts.NothingToExport();
                }

                var date = LocalDatePattern.Iso.Format(transaction.BookOf(slash.TeamId, now).DateOf(now));
                messages.Send(
                    transaction, slash.TeamId, slash.UserId, texts.Exported(), new FileRef(Source, slash.UserId, $"customer-requests-{date}.csv"));
                return RequestTexts.Exports(count);
            },
            cancellationToken);
    }

    /// <summary>Makes the file for a user; for one who has left the team meanwhile there is none.</summary>
    public async Task<byte[]?> ReadAsync(string workspaceId, string argument, CancellationToken cancellationToken)
    {
        if (await directory.IsMemberAsync(workspaceId, argument, cancellationToken) is MattermostResult<bool>.Ok { Value: false })
        {
            return null;
        }

        using var file = new MemoryStream();
        await using (var writer = RequestCsv.To(file))
        {
            writer.Line(RequestColumns.Written);

            // Page by page: of a hundred thousand requests only their text is held, and no page keeps another reader waiting.
            IReadOnlyList<CustomerRequest> page;
            var last = 0L;
            do
            {
                page = await desk.Store.ReadAsync(t => t.NumberedAfter(workspaceId, last, PageSize), cancellationToken);
                var names = await desk.People.NamesAsync(page.SelectMany(r => new[] { r.Reporter.Id, r.Assignee?.Id }).OfType<string>(), cancellationToken);
                foreach (var request in page)
                {
                    writer.Line(Cells(request, names));
                    last = request.Number;
                }
            }
            while (page.Count == PageSize);
        }

        return file.ToArray();
    }

    private static string?[] Cells(CustomerRequest request, Names names) =>
    [
        RequestTexts.Id(request.Number),
        request.Title,
        request.Customer,
        request.Area,
        names.Of(request.Reporter),
        request.Assignee is { } assignee ? names.Of(assignee) : null,
        request.State.ToString().ToLowerInvariant(),
        request.Decision?.Text,
        request.Effort?.Text,
        request.Idea?.Text,
        string.Join('\n', request.Links.Select(l => l.Text)),
        string.Join('\n', request.UseCases.Select(u => u.Text)),
        request.Discuss is { } discuss ? discuss.Why ?? "yes" : null,
        request.SnoozedUntil is { } until ? LocalDatePattern.Iso.Format(until) : null,
        Time(request.FiledAt),
        Time(request.AssignedAt),
        Time(request.Decision?.At),
        Time(request.Ending?.At),
        request.Source?.Link,
    ];

    /// <summary>UTC, to the second.</summary>
    private static string? Time(Instant? instant) => instant is { } at ? InstantPattern.General.Format(at) : null;
}
