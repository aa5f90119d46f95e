using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.People;

namespace PmBot.Agenda;

/// <summary>
/// <c>#agenda TEXT</c>: an item is queued for the next PM sync from a post, with its permalink. The first line is the item; the flags of
/// <c>add</c> may stand in it, but nothing is confidential that was posted for all to read.
/// </summary>
internal sealed class AgendaHook(AgendaDesk desk, AgendaItems items, IDirectory directory, AgendaTexts texts) : IHookHandler
{
    private static readonly Dictionary<string, bool> Flags = new(StringComparer.Ordinal) { ["time"] = true, ["doc"] = true };

    public IReadOnlyList<string> Words { get; } = ["#agenda", "agenda:"];

    public async Task<HookReply> HandleAsync(HookPost post, CancellationToken cancellationToken)
    {
        // The same post again gets the same answer, whatever has changed since.
        if (await desk.Store.ReadAsync(t => t.AnswerOf(post.PostId), cancellationToken) is { Length: > 0 } before)
        {
            return new HookReply(before);
        }

        var line = post.Rest.ReplaceLineEndings("\n").Split('\n', 2)[0];
        var words = CommandText.Split(line, Flags, ["doc"]);
        var minutes = words.Flag("time") is { } time ? AgendaVerbs.Minutes(time) : null;
        var isRead = words.Problem is null && (words.Flag("time") is null || minutes is not null);
        var text = isRead ? words.From(0) : line;
        if (text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Any(w => w[0] is '-' or '–' or '—' && w.TrimStart('-', '–', '—').Equals("private", StringComparison.OrdinalIgnoreCase)))
        {
            return new HookReply($"What is posted for all to read cannot be queued as confidential. Nothing was queued. Delete the post, and type it in the private channel: {texts.Command("add TEXT --private")}");
        }

        if (text.Trim().Length == 0)
        {
            return new HookReply($"Say in the same line what it is about, such as {Markdown.Code($"{post.TriggerWord} Pricing of guests")}. Nothing was queued.");
        }

        if (text.Trim() is "help" or "?" || AgendaVerbs.All.Find(text.Trim()) is not null)
        {
            return new HookReply($"{Markdown.Code(post.TriggerWord)} queues an item, and {Markdown.Code(text.Trim())} alone is none. Nothing was queued. The agenda: {texts.Command("list")}, all that I know: {texts.Command("help")}");
        }

        if (await directory.SiteUrlAsync(cancellationToken) is not MattermostResult<string>.Ok { Value: var site })
        {
            return new HookReply("I could not ask Mattermost for this post's address, so nothing was queued. Please post it again in a minute.");
        }

        var (meeting, problem) = await desk.ChooseAsync(post.WorkspaceId, null, MeetingUse.Queue, cancellationToken);
        if (meeting is null)
        {
            return new HookReply($"{problem} Nothing was queued.");
        }

        var visit = await desk.EnterAsync(meeting, new Person(post.UserId, post.Username), post.ChannelId, cancellationToken) with { ReadsPrivately = false };
        var draft = new ItemDraft(
            text, minutes, isRead ? [.. words.Flags("doc").SelectMany(d => d.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))] : [], false, false, null,
            $"{site}/{post.TeamDomain}/pl/{post.PostId}");
        var result = await items.QueueAsync(visit, draft, (work, queue) => work.Transaction.Once(post.WorkspaceId, post.PostId, work.Now, queue), cancellationToken);
        return new HookReply(result.Answer ?? $"{result.Problem} Nothing was queued; please post it again, changed.");
    }
}
