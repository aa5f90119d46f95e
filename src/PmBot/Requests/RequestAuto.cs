using System.Text;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Storage;

namespace PmBot.Requests;

/// <summary>Assigns what is obvious, and says of each request why.</summary>
internal sealed class RequestAuto(RequestDesk desk, RequestMessages messages, RequestTexts texts)
{
    /// <summary>How many requests are assigned at once; what is left is assigned when it is asked for again.</summary>
    private const int MostAtOnce = 500;

    /// <summary>How many unassigned requests are looked through, the oldest first.</summary>
    private const int MostSeen = 10_000;

    private const int PageSize = 500;

    /// <summary>How much of the answer is filled with requests; the rest is counted.</summary>
    private const int MostText = 13_000;

    public async Task<CommandReply> RunAsync(SlashCommand slash, RequestCommand.Auto command, CancellationToken cancellationToken)
    {
        // Most requests of a long list are not obvious; that is found out while others can write.
        var entered = await desk.EnterAsync(slash.TeamId, slash.UserId, slash.Username, [], cancellationToken, forAll: true);
        var (seen, book) = await desk.Store.ReadAsync(t => Look(t, slash.TeamId, entered.Names), cancellationToken);
        var reporters = seen.Judged.Where(j => j.Fit is Fit.Obvious).Select(j => j.Request.Reporter.Id);
        var visit = await desk.EnterAsync(slash.TeamId, slash.UserId, slash.Username, reporters, cancellationToken);
        return new CommandReply(command.DryRun
            ? Text(seen, true, new Setting(book, visit.Names, desk.Now()))
            : await desk.ExecuteAsync(visit, work => work.CallerIsPm ? Assign(work, seen) : RequestTexts.NotForYou(work.Caller, "assign requests"), cancellationToken));
    }

    /// <summary>Judges the unassigned requests, the oldest first, until enough of them are obvious.</summary>
    private (Seen Seen, RequestBook Book) Look(IReadTransaction transaction, string workspaceId, Names names)
    {
        var now = desk.Now();
        var book = transaction.BookOf(workspaceId, now);
        var areas = new AreaIndex(book.Areas);
        var absent = RequestDesk.Absent(book, transaction.Away(workspaceId, now), names);
        var judged = new List<(CustomerRequest Request, Fit Fit)>();
        var obvious = 0;
        IReadOnlyList<CustomerRequest> page;
        do
        {
            page = transaction.Page(workspaceId, new RequestFilter.Unassigned(), judged.Count, PageSize).Requests;
            foreach (var request in page)
            {
                if (obvious == MostAtOnce || judged.Count == MostSeen)
                {
                    return (new Seen(judged, IsAll: false), book);
                }

                var fit = AssignmentPolicy.Decide(request, areas, absent);
                judged.Add((request, fit));
                obvious += fit is Fit.Obvious ? 1 : 0;
            }
        }
        while (page.Count == PageSize);
        return (new Seen(judged, IsAll: true), book);
    }

    private string Assign(Work work, Seen seen)
    {
        var judged = new List<(CustomerRequest Request, Fit Fit)>();
        var assigned = new List<CustomerRequest>();
        foreach (var one in seen.Judged)
        {
            if (one.Fit is not Fit.Obvious)
            {
                judged.Add(one);
                continue;
            }

            // It, or its area, may have changed since it was looked at.
            if (work.Transaction.RequestOf(work.WorkspaceId, one.Request.Number) is not { State: RequestState.Unassigned } request)
            {
                continue;
            }

            var fit = work.Fit(request);
            judged.Add((request, fit));
            if (fit is Fit.Obvious obvious && request.Assign(obvious.Owner, work.Now) is RequestStep.Done { Request: var theirs })
            {
                // What its keywords told is kept, so that lists and counts by area know it too.
                var after = theirs with { Area = obvious.By.Area.Name };
                work.Save(after, "assign", null, obvious.Owner.Id);
                messages.Update(work.Transaction, request, fit, after, null, work.Setting);
                assigned.Add(after);
            }
        }

        // One message for each person, however many requests it is about.
        foreach (var theirs in assigned.GroupBy(r => r.Assignee!.Id, StringComparer.Ordinal))
        {
            messages.Tell(work.Transaction, work.WorkspaceId, theirs.Key, work.Actor, texts.ToAssignee([.. theirs], work.Actor, work.Setting, "had them assigned by area"));
        }

        foreach (var reported in assigned.Where(r => r.Assignee!.Id != r.Reporter.Id).GroupBy(r => r.Reporter.Id, StringComparer.Ordinal))
        {
            messages.Tell(work.Transaction, work.WorkspaceId, reported.Key, work.Actor, texts.ToReporterTaken([.. reported], work.Setting));
        }

        return Text(seen with { Judged = judged }, false, work.Setting);
    }

    private string Text(Seen seen, bool dryRun, Setting setting)
    {
        var judged = seen.Judged;
        if (judged.Count == 0)
        {
            return "Every open request has an owner. Nothing was to be done.";
        }

        var obvious = judged.Where(j => j.Fit is Fit.Obvious).ToList();
        var unclear = judged.Where(j => j.Fit is not Fit.Obvious).ToList();
        var text = new StringBuilder();
        if (obvious.Count > 0)
        {
            text.Append($"**{When.Count(obvious.Count, "request")}** {(dryRun ? "would be assigned" : obvious.Count == 1 ? "is assigned; its owner is told" : "are assigned; the owners are told")}:\n");
            texts.AppendLines(
                text, obvious, o => $"- {RequestTexts.Called(o.Request)} → {setting.Names.Of(((Fit.Obvious)o.Fit).Owner)}. {RequestTexts.Why(o.Fit, setting, Markdown.Inline)}\n",
                MostText, "list");
        }

        if (unclear.Count > 0)
        {
            text.Append($"{(obvious.Count > 0 ? "\n" : "")}**{unclear.Count}** {(unclear.Count == 1 ? "is" : "are")} not obvious and {(unclear.Count == 1 ? "stays" : "stay")} for the PM sync, unless somebody takes {(unclear.Count == 1 ? "it" : "them")}:\n");
            texts.AppendLines(
                text, unclear, u => $"- {RequestTexts.Called(u.Request)}. {RequestTexts.Why(u.Fit, setting, Markdown.Inline)}\n", MostText, "list");
        }

        var rest = seen.IsAll ? "" : $"\nThese are the oldest {judged.Count}. More are unassigned: {texts.Command("list unassigned")}";
        return text.Append(rest)
            .Append(obvious.Count == 0 ? dryRun ? "\nNothing would be changed." : "\nNothing was changed."
                : dryRun ? $"\nNothing was changed yet. Do it: {texts.Command("auto")}" : $"\nUndo one: {texts.Command("unassign ID")}")
            .ToString();
    }

    /// <summary>The unassigned requests that were looked at.</summary>
    /// <param name="Judged">Each with what the rule says of it.</param>
    /// <param name="IsAll">Whether there are no others.</param>
    private sealed record Seen(IReadOnlyList<(CustomerRequest Request, Fit Fit)> Judged, bool IsAll);
}
