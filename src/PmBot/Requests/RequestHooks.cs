using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>
/// <c>#cr TITLE</c>: a request is filed from a post, with its permalink. The first line is the title, what follows it the use case. The
/// flags of <c>new</c> may stand in the first line.
/// </summary>
internal sealed class RequestHook(RequestDesk desk, RequestFiler filer, IDirectory directory, RequestTexts texts) : IHookHandler
{
    private static readonly Dictionary<string, bool> Flags = new(StringComparer.Ordinal) { ["customer"] = true, ["area"] = true, ["link"] = true };

    public IReadOnlyList<string> Words { get; } = ["#cr", "cr:"];

    public async Task<HookReply> HandleAsync(HookPost post, CancellationToken cancellationToken)
    {
        // The same post again gets the same answer, whatever has changed since.
        if (await desk.Store.ReadAsync(t => t.AnswerOf(post.PostId), cancellationToken) is { Length: > 0 } before)
        {
            return new HookReply(before);
        }

        var lines = post.Rest.ReplaceLineEndings("\n").Split('\n', 2);
        var words = CommandText.Split(lines[0], Flags, RequestVerbs.Phrases);
        var (title, customer, area, link) = words.Problem is null
            ? (words.From(0), words.Flag("customer"), words.Flag("area"), words.Flag("link"))
            : (lines[0], null, null, null);
        if (title.Trim().Length == 0)
        {
            return new HookReply($"Say in the same line what is asked for, such as {Markdown.Code($"{post.TriggerWord} SAML group sync for guests")}. Nothing was filed.");
        }

        if (lines.Length == 1 && (RequestVerbs.Number(title.Trim()) is not null || title.Trim() is "help" or "?" || RequestVerbs.All.Find(title.Trim()) is not null))
        {
            return new HookReply(texts.NoTitle(post.TriggerWord, title.Trim()));
        }

        if (await directory.SiteUrlAsync(cancellationToken) is not MattermostResult<string>.Ok { Value: var site })
        {
            return new HookReply("I could not ask Mattermost for this post's address, so nothing was filed. Please post it again in a minute.");
        }

        var source = new SourcePost(post.PostId, post.ChannelId, $"{site}/{post.TeamDomain}/pl/{post.PostId}");
        var visit = await desk.EnterAsync(post.WorkspaceId, post.UserId, post.Username, [], cancellationToken, forAll: true);
        var draft = new Draft(title, customer, area, link, lines.Length > 1 ? lines[1] : null, new Person(post.UserId, post.Username), source)
        {
            Remark = words.Problem is { } problem ? $"{problem} So all of the line is its title." : null,
        };
        var (answer, problems) = await filer.FileAsync(
            visit, draft, (work, file) => work.Transaction.Once(post.WorkspaceId, post.PostId, work.Now, file), null, cancellationToken);
        return new HookReply(answer ?? $"{string.Join(' ', problems.Values)} Nothing was filed; please post it again, changed.");
    }
}

/// <summary><c>#escalate TEXT</c> (2021 practice): the owner of the area is mentioned, or whoever is on duty if it is not clear.</summary>
internal sealed class EscalateHook(RequestDesk desk) : IHookHandler
{
    public IReadOnlyList<string> Words { get; } = ["#escalate"];

    public async Task<HookReply> HandleAsync(HookPost post, CancellationToken cancellationToken)
    {
        var text = post.Rest;
        if (text.Trim().Length == 0)
        {
            return new HookReply($"Say what it is about, such as {Markdown.Code($"{post.TriggerWord} a customer asks whether guests can use SAML")}. Nobody was mentioned.");
        }

        var now = desk.Now();
        var onDuty = await desk.Store.ReadAsync(t => t.OnDuty(post.WorkspaceId, now), cancellationToken);
        var visit = await desk.EnterAsync(post.WorkspaceId, post.UserId, post.Username, onDuty is null ? [] : [onDuty], cancellationToken, forAll: true);
        return new HookReply(await desk.ExecuteAsync(
            visit, work => work.Transaction.Once(post.WorkspaceId, post.PostId, work.Now, () => Answer(work, text, onDuty)), cancellationToken));
    }

    private static string Answer(Work work, string text, string? onDuty)
    {
        var asked = new CustomerRequest
        {
            Id = "",
            WorkspaceId = work.WorkspaceId,
            Number = 0,
            Title = text,
            Reporter = new Person(work.Actor, work.Caller.Username),
            FiledBy = work.Actor,
            FiledAt = work.Now,
            ChangedAt = work.Now,
        };
        var fit = work.Fit(asked);
        var to = fit is Fit.Obvious obvious ? obvious.Owner.Id : onDuty;
        work.Transaction.Audit(work.WorkspaceId, work.Now, work.Actor, "escalation", fit.GetType().Name, null, to);
        var why = RequestTexts.Because(fit, work.Setting, Markdown.Inline);
        return fit is Fit.Obvious known
            ? $"{Mention(work, known.Owner.Id)}, this one is for you. {why}"
            : to is null ? $"Nobody is on duty, and no owner is clear. {why} Please mention a product manager yourself."
            : $"{Mention(work, to)} (on duty), please see whose this is. {why}";
    }

    /// <summary>Nobody is notified of their own doing.</summary>
    private static string Mention(Work work, string userId) => userId == work.Actor ? work.Setting.Names.Of(userId) : $"@{work.Setting.Names.Of(userId)}";
}
