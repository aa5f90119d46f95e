using System.Text;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;

namespace PmBot.Requests;

/// <summary>Assigns what is obvious, and says of each request why.</summary>
internal sealed class RequestAuto(RequestDesk desk, RequestMessages messages, RequestTexts texts)
{
    /// <summary>How many unassigned requests are looked at in one go, the oldest first.</summary>
    private const int MostAtOnce = 500;

    /// <summary>How much of the answer is filled with requests; the rest is counted.</summary>
    private const int MostText = 13_000;

    public async Task<CommandReply> RunAsync(SlashCommand slash, RequestCommand.Auto command, CancellationToken cancellationToken)
    {
        var reporters = await desk.Store.ReadAsync(
            t => t.Page(slash.TeamId, new RequestFilter.Unassigned(), 0, MostAtOnce).Requests.Select(r => r.Reporter.Id).ToList(), cancellationToken);
        var visit = await desk.EnterAsync(slash.TeamId, slash.UserId, slash.Username, reporters, cancellationToken);
        return new CommandReply(command.DryRun
            ? await desk.Store.ReadAsync(
                t =>
                {
                    var now = desk.Now();
                    var book = t.BookOf(slash.TeamId, now);
                    var absent = RequestDesk.Absent(t, slash.TeamId, book, visit.Names, now);
                    var page = t.Page(slash.TeamId, new RequestFilter.Unassigned(), 0, MostAtOnce);
                    return Text(page, [.. page.Requests.Select(r => (r, AssignmentPolicy.Decide(r, book.Areas, absent)))], true, new Setting(book, visit.Names, now));
                },
                cancellationToken)
            : await desk.ExecuteAsync(visit, work => work.CallerIsPm ? Assign(work) : RequestTexts.NotForYou(work.Caller, "assign requests"), cancellationToken));
    }

    private string Assign(Work work)
    {
        var page = work.Transaction.Page(work.WorkspaceId, new RequestFilter.Unassigned(), 0, MostAtOnce);
        var judged = page.Requests.Select(r => (Request: r, Fit: work.Fit(r))).ToList();
        var assigned = new List<CustomerRequest>();
        foreach (var (request, fit) in judged)
        {
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

        return Text(page, judged, false, work.Setting);
    }

    private string Text(RequestPage page, List<(CustomerRequest Request, Fit Fit)> judged, bool dryRun, Setting setting)
    {
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
            Lines(obvious, (r, fit) => $"- {RequestTexts.Called(r)} → {setting.Names.Of(((Fit.Obvious)fit).Owner)}. {RequestTexts.Why(fit, setting, Markdown.Inline)}\n");
        }

        if (unclear.Count > 0)
        {
            text.Append($"{(obvious.Count > 0 ? "\n" : "")}**{unclear.Count}** {(unclear.Count == 1 ? "is" : "are")} not obvious and {(unclear.Count == 1 ? "stays" : "stay")} for the PM sync, unless somebody takes {(unclear.Count == 1 ? "it" : "them")}:\n");
            Lines(unclear, (r, fit) => $"- {RequestTexts.Called(r)}. {RequestTexts.Why(fit, setting, Markdown.Inline)}\n");
        }

        var rest = page.Count > judged.Count
            ? $"\nThese are the oldest {judged.Count}; {(page.Count > RequestStore.MostCounted ? "many" : page.Count - judged.Count)} more are unassigned: {texts.Command("list unassigned")}"
            : "";
        return text.Append(rest)
            .Append(obvious.Count == 0 ? dryRun ? "\nNothing would be changed." : "\nNothing was changed."
                : dryRun ? $"\nNothing was changed yet. Do it: {texts.Command("auto")}" : $"\nUndo one: {texts.Command("unassign ID")}")
            .ToString();

        void Lines(List<(CustomerRequest Request, Fit Fit)> some, Func<CustomerRequest, Fit, string> line)
        {
            for (var i = 0; i < some.Count; i++)
            {
                var one = line(some[i].Request, some[i].Fit);
                if (text.Length + one.Length > MostText)
                {
                    text.Append($"- and {some.Count - i} more: {texts.Command("list")}\n");
                    return;
                }

                text.Append(one);
            }
        }
    }
}
