using System.Text.Json.Nodes;
using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost.Client;
using PmBot.Storage;

namespace PmBot.Agenda;

/// <summary>The buttons, menus and dialogs of agendas and meetings.</summary>
internal static class AgendaActions
{
    /// <summary>The dialog that queues an item, opened by a button. Subject: the meeting.</summary>
    public const string OpenAdd = "agenda.add.open";

    /// <summary>The dialog that queues an item. Subject: the meeting, a space, the channel it was opened in.</summary>
    public const string Add = "agenda.add";

    /// <summary>The dialog for a release update, opened by a button. Subject: the meeting.</summary>
    public const string OpenRelease = "agenda.release.open";

    /// <summary>The dialog for a release update. Subject: the meeting.</summary>
    public const string Release = "agenda.release";

    /// <summary>The dialog for a demo, opened by a button. Subject: the meeting.</summary>
    public const string OpenDemo = "agenda.demo.open";

    /// <summary>The dialog for a demo. Subject: the meeting.</summary>
    public const string Demo = "agenda.demo";

    /// <summary>The meeting is started. Subject: the meeting, a space, its date.</summary>
    public const string Start = "agenda.start";

    /// <summary>The next point. Subject: the meeting, a space, its date, a space, the turn that was seen.</summary>
    public const string Next = "agenda.next";

    /// <summary>The next point, this one is carried over. Subject as for <see cref="Next"/>.</summary>
    public const string Skip = "agenda.skip";

    /// <summary>More time for the point. Subject as for <see cref="Next"/>.</summary>
    public const string More = "agenda.more";

    /// <summary>The meeting is ended. Subject: the meeting, a space, its date.</summary>
    public const string End = "agenda.end";

    /// <summary>The dialog for what was decided, opened by a button. Subject: the meeting, a space, its date, a space, the item's serial.</summary>
    public const string OpenDecided = "agenda.decided.open";

    /// <summary>The dialog for what was decided. Subject as for <see cref="OpenDecided"/>.</summary>
    public const string Decided = "agenda.decided";

    /// <summary>The dialog for an action step, opened by a button. Subject as for <see cref="OpenDecided"/>; without an item the serial is 0.</summary>
    public const string OpenStep = "agenda.step.open";

    /// <summary>The dialog for an action step. Subject as for <see cref="OpenStep"/>.</summary>
    public const string Step = "agenda.step";

    /// <summary>An action step is done. Subject: its number.</summary>
    public const string StepDone = "agenda.step.done";

    /// <summary>An item that was talked about is queued again. Subject: the meeting, a space, its date.</summary>
    public const string Again = "agenda.again";

    /// <summary>The dialog for recording and survey, opened by a button. Subject: the meeting, a space, its date.</summary>
    public const string OpenMinutes = "agenda.minutes.open";

    /// <summary>The dialog for recording and survey. Subject as for <see cref="OpenMinutes"/>.</summary>
    public const string Minutes = "agenda.minutes";

    /// <summary>The dialog that makes a meeting. Subject: the channel it was opened in.</summary>
    public const string NewMeeting = "agenda.meeting.new";
}

/// <summary>Puts into the outbox what people are told of agendas: where, with which buttons.</summary>
internal sealed class AgendaMessages(Outbox outbox)
{
    /// <summary>Posts in a channel.</summary>
    /// <param name="transaction">The transaction of the change.</param>
    /// <param name="workspaceId">The team.</param>
    /// <param name="channelId">Where.</param>
    /// <param name="text">Markdown.</param>
    /// <param name="frame">Buttons, if any.</param>
    /// <param name="thread">The post that it replies to; null for a post of its own. In another channel it is a post of its own.</param>
    /// <param name="expires">From when it is of no more use; null for never.</param>
    public AgendaPost Post(
        IWriteTransaction transaction, string workspaceId, string channelId, string text, Attachment? frame = null, AgendaPost? thread = null, Instant? expires = null)
    {
        var reply = thread?.ChannelId == channelId ? new PostThread.OfDelivery(thread.Delivery) : null;
        var content = new Content.Post(channelId, text, Props(frame), reply);
        var id = outbox.NewId(transaction, content);
        outbox.Add(transaction, workspaceId, content, expires, id);
        return new AgendaPost(id, channelId);
    }

    /// <summary>Changes a post of the bot's.</summary>
    public void Edit(IWriteTransaction transaction, string workspaceId, AgendaPost post, string text, Attachment? frame = null) =>
        outbox.Add(transaction, workspaceId, new Content.Edit(post.Delivery, new Content.Post(post.ChannelId, "", null).Lane, Props(frame) ?? [], text));

    /// <summary>Changes the frame of a post of the bot's; its text stays.</summary>
    public void Reframe(IWriteTransaction transaction, string workspaceId, AgendaPost post, Attachment frame) =>
        outbox.Add(transaction, workspaceId, new Content.Edit(post.Delivery, new Content.Post(post.ChannelId, "", null).Lane, Props(frame)!));

    /// <summary>Tells one person directly, unless they did it themselves.</summary>
    /// <returns>Whether they are told.</returns>
    public bool Tell(IWriteTransaction transaction, string workspaceId, string userId, string actor, string text, IReadOnlyList<Attachment>? frames = null, Instant? expires = null)
    {
        if (userId == actor)
        {
            return false;
        }

        outbox.Add(transaction, workspaceId, new Content.Direct(userId, text, frames is null ? null : new JsonObject().WithAttachments([.. frames])), expires);
        return true;
    }

    /// <summary>Makes the posts of items say how they stand now; those that read the same are left alone.</summary>
    /// <param name="transaction">The transaction of the change.</param>
    /// <param name="before">The meeting before it.</param>
    /// <param name="after">The meeting after it.</param>
    /// <param name="gone">What the post of an item says that is not queued any more; null to leave it.</param>
    /// <param name="setting">Names and dates.</param>
    public void Follow(IWriteTransaction transaction, Meeting before, Meeting after, Func<AgendaItem, string?> gone, AgendaSetting setting)
    {
        var renamed = setting with { Plan = after.Plan };
        foreach (var old in before.Items)
        {
            if (after.Find(old.Serial) is { } item)
            {
                if (old.Post is not null && item.Post is { } post && AgendaTexts.Card(before, old, setting) != AgendaTexts.Card(after, item, renamed))
                {
                    Edit(transaction, after.WorkspaceId, post, AgendaTexts.Card(after, item, renamed));
                }
            }
            else if (old.Post is { } left && gone(old) is { } what)
            {
                Edit(transaction, after.WorkspaceId, left, AgendaTexts.GoneCard(old, what, setting));
            }
        }
    }

    private static JsonObject? Props(Attachment? frame) => frame is null ? null : new JsonObject().WithAttachments(frame);
}
