using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>Requests that were talked about in the PM sync are not queued for it any more.</summary>
internal sealed class RequestsAtMeeting(RequestDesk desk, RequestMessages messages)
{
    /// <summary>Looks up, before the transaction, what the change needs.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="caller">Who ends the meeting.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Visit> EnterAsync(string workspaceId, Caller caller, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var book = await desk.Store.BookOfAsync(workspaceId, now, cancellationToken);
        return new Visit(workspaceId, caller, await desk.People.NamesAsync(book.Owners.Select(o => o.Id), cancellationToken));
    }

    /// <summary>Takes requests off the queue, in the transaction that ends the meeting. What is not queued is left as it is.</summary>
    public void TalkedAbout(IWriteTransaction transaction, Visit visit, IReadOnlyList<long> numbers)
    {
        if (numbers.Count == 0)
        {
            return;
        }

        var work = desk.WorkOn(transaction, visit);
        foreach (var request in numbers.Select(n => transaction.RequestOf(visit.WorkspaceId, n)).OfType<CustomerRequest>())
        {
            if (request.Unqueue(work.Now) is RequestStep.Done { Request: var after })
            {
                work.Save(after, "undiscuss", request.Discuss?.Why, null);
                messages.Update(transaction, request, work.FitIfUnassigned(request), after, work.FitIfUnassigned(after), work.Setting);
            }
        }
    }
}
