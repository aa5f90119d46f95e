using System.Text.Json.Nodes;
using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;

namespace PmBot.Rotations;

/// <summary>Puts into the outbox what people are told of a rotation: who, where, with which buttons.</summary>
internal sealed class RotationMessages(Outbox outbox, Buttons buttons, RotationTexts texts)
{
    /// <summary>Tells of a handoff, and makes the header follow.</summary>
    /// <returns>The rotation, which knows where its buttons are.</returns>
    public Rotation Handoff(
        IWriteTransaction transaction, Rotation rotation, HandoffNote? note, IReadOnlyList<WaitingLine> waiting, Instant? due, HandoffAudience audience, Instant now)
    {
        var byThemselves = rotation.Current.OnDuty is not null && rotation.Current.OnDuty == audience.Actor;
        var sent = new List<MessageRef>();
        if (rotation.AnnounceChannelId is { } channel)
        {
            sent.Add(Send(transaction, rotation, new Content.Post(
                channel, texts.Announcement(rotation, note, waiting, due, audience.Actor, now), byThemselves ? null : AckButton(rotation)), rotation.NextHandoff));
        }

        if (rotation.Current.OnDuty is { } incoming && incoming != audience.Actor)
        {
            sent.Add(Send(transaction, rotation, new Content.Direct(incoming, texts.ToIncoming(rotation, note, now), AckButton(rotation)), rotation.NextHandoff));
        }

        if (rotation.Current.From is { } outgoing && outgoing != rotation.Current.OnDuty && outgoing != audience.Actor)
        {
            Send(transaction, rotation, new Content.Direct(outgoing, RotationTexts.ToOutgoing(rotation, now), null), rotation.NextHandoff);
        }

        IfUncovered(transaction, rotation, audience, now);
        Header(transaction, rotation, now);
        return byThemselves ? rotation.Acknowledge(now) : rotation.WithButtons(rotation.Current.OnDuty is null ? [] : sent);
    }

    /// <summary>Tells that a shift under way passed to another, and makes the header follow.</summary>
    /// <returns>The rotation, which knows where its buttons are.</returns>
    public Rotation TakenOver(IWriteTransaction transaction, Rotation before, Rotation after, HandoffAudience audience, Instant now)
    {
        var byThemselves = after.Current.OnDuty == audience.Actor;
        var acknowledged = byThemselves ? after.Acknowledge(now) : after;
        var sent = new List<MessageRef>();
        if (after.AnnounceChannelId is { } channel)
        {
            sent.Add(Send(transaction, after, new Content.Post(
                channel, texts.TakenOver(before, after, audience.Actor, now), byThemselves ? null : AckButton(after)), after.NextHandoff));
        }

        if (after.Current.OnDuty is { } incoming && !byThemselves)
        {
            sent.Add(Send(transaction, after, new Content.Direct(incoming, texts.ToIncoming(after, null, now), AckButton(after)), after.NextHandoff));
        }

        IfUncovered(transaction, after, audience, now);
        Header(transaction, after, now);
        RemoveButtons(transaction, before, $"{RotationTexts.User(after, after.Current.OnDuty)} has it now.", after.NextHandoff);
        return byThemselves || after.Current.OnDuty is null ? acknowledged : acknowledged.WithButtons(sent);
    }

    /// <summary>The next one is told that they are up.</summary>
    public void Notice(IWriteTransaction transaction, Rotation rotation, Instant now)
    {
        if (rotation.Shifts().ElementAt(1).OnDuty is { } next)
        {
            Send(transaction, rotation, new Content.Direct(next, texts.Notice(rotation, now), null), rotation.NextHandoff);
        }
    }

    /// <summary>Both are reminded of the missing acknowledgement.</summary>
    public Rotation Reminder(IWriteTransaction transaction, Rotation rotation, Instant now)
    {
        if (rotation.Current.OnDuty is not { } incoming)
        {
            return rotation;
        }

        var sent = Send(transaction, rotation, new Content.Direct(incoming, texts.RemindIncoming(rotation, now), AckButton(rotation)), rotation.NextHandoff);
        if (rotation.Current.From is { } outgoing && outgoing != incoming)
        {
            Send(transaction, rotation, new Content.Direct(outgoing, RotationTexts.RemindOutgoing(rotation, now), null), rotation.NextHandoff);
        }

        return rotation.WithButtons([.. rotation.Current.Buttons, sent]);
    }

    /// <summary>Takes the acknowledging buttons of the shift under way off its messages.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="rotation">The rotation while it is under way.</param>
    /// <param name="instead">What stands there instead.</param>
    /// <param name="expires">From when on it is of no more use.</param>
    public void RemoveButtons(IWriteTransaction transaction, Rotation rotation, string instead, Instant expires)
    {
        foreach (var message in rotation.Current.Buttons)
        {
            outbox.Add(
                transaction, rotation.WorkspaceId, new Content.Edit(message.Delivery, message.Lane, new JsonObject().WithAttachments(new Attachment { Text = instead, Fallback = instead })),
                expires);
        }
    }

    /// <summary>The header names who is on duty, if the rotation has one.</summary>
    public void Header(IWriteTransaction transaction, Rotation rotation, Instant now)
    {
        if (rotation.HeaderChannelId is { } channel)
        {
            outbox.Add(
                transaction, rotation.WorkspaceId,
                new Content.Header(channel, RotationTexts.HeaderLabel(rotation), RotationTexts.Header(rotation, now), RotationTexts.ShortHeader(rotation)));
        }
    }

    /// <summary>Takes the rotation's part out of a header.</summary>
    public void NoHeader(IWriteTransaction transaction, Rotation rotation)
    {
        if (rotation.HeaderChannelId is { } channel)
        {
            outbox.Add(transaction, rotation.WorkspaceId, new Content.Header(channel, RotationTexts.HeaderLabel(rotation), null, null));
        }
    }

    /// <summary>Posts in the rotation's channel what others must know; silently nothing where announcements are off.</summary>
    public void Announce(IWriteTransaction transaction, Rotation rotation, string text)
    {
        if (rotation.AnnounceChannelId is { } channel)
        {
            outbox.Add(transaction, rotation.WorkspaceId, new Content.Post(channel, text, null));
        }
    }

    /// <summary>Tells one person directly, unless they did it themselves.</summary>
    public void Tell(IWriteTransaction transaction, Rotation rotation, string? userId, string actor, string text)
    {
        if (userId is not null && userId != actor)
        {
            outbox.Add(transaction, rotation.WorkspaceId, new Content.Direct(userId, text, null));
        }
    }

    /// <summary>Everybody whose weeks change is told, but not of what they did themselves.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="before">The rotation as it was.</param>
    /// <param name="after">The rotation as it is now.</param>
    /// <param name="actor">Whose doing it is.</param>
    /// <param name="why">What they did, e.g. <c>katie.w changed the order</c>.</param>
    /// <param name="now">The present.</param>
    public void TellWeeks(IWriteTransaction transaction, Rotation before, Rotation after, string actor, string why, Instant now)
    {
        var count = Math.Max(8, after.Roster.Count + 1);
        var (was, weeks) = (Weeks(before, count), Weeks(after, count));
        var (wasLater, weeksLater) = (Weeks(before, count * 3), Weeks(after, count * 3));
        foreach (var userId in was.Select(w => w.Key).Union(weeks.Select(w => w.Key), StringComparer.Ordinal).OfType<string>())
        {
            var (old, fresh) = (was[userId].ToList(), weeks[userId].ToList());
            if (!old.SequenceEqual(fresh))
            {
                // What stays as it was is left out; what comes after it is looked for further on.
                (old, fresh) = (wasLater[userId].ToList(), weeksLater[userId].ToList());
                var same = old.Zip(fresh).TakeWhile(pair => pair.First == pair.Second).Count();
                (old, fresh) = (old[same..], fresh[same..]);
                Tell(
                    transaction, after, userId, actor,
                    old.Count == 0 && same == 0
                        ? $"You have shifts in **{RotationTexts.Name(after)}** ({why}): {List(fresh)}. All: {texts.Command(after, "schedule")}"
                        : $"Your shifts in **{RotationTexts.Name(after)}** changed ({why}): now {List(fresh)}; before {List(old)}. All: {texts.Command(after, "schedule")}");
            }
        }

        static ILookup<string?, LocalDate> Weeks(Rotation rotation, int shifts) =>
            rotation.Shifts().Skip(1).Take(shifts).ToLookup(s => s.OnDuty, s => s.ScheduledOn, StringComparer.Ordinal);

        string List(List<LocalDate> dates) => dates.Count == 0 ? "none" : string.Join(" and ", dates.Take(2).Select(d => RotationTexts.Date(after, d, now)));
    }

    /// <summary>Asks somebody directly for their consent, with a button to give and one to refuse it.</summary>
    public void Ask(IWriteTransaction transaction, Rotation rotation, Proposal proposal, string text, string yes, Duration life)
    {
        var id = outbox.NewId();
        var nonce = ActionSigner.NewNonce();
        var subject = (proposal with { Delivery = id }).ToText();
        var consent = buttons.Signer.New(RotationActions.Agree, rotation.WorkspaceId, subject, proposal.Asked, life, nonce);
        var refusal = buttons.Signer.New(RotationActions.Decline, rotation.WorkspaceId, subject, proposal.Asked, life, nonce);
        var props = new JsonObject().WithAttachments(new Attachment
        {
            Text = text,
            Fallback = text,
            Actions = [buttons.Button("agree", yes, consent, "primary"), buttons.Button("decline", "No", refusal)],
        });
        outbox.Add(transaction, rotation.WorkspaceId, new Content.Direct(proposal.Asked, "", props), id: id);
    }

    /// <summary>Replaces the question and its buttons by what became of it.</summary>
    public void Answered(IWriteTransaction transaction, Rotation rotation, Proposal proposal, string text) => outbox.Add(
        transaction, rotation.WorkspaceId,
        new Content.Edit(proposal.Delivery, new Content.Direct(proposal.Asked, "", null).Lane, new JsonObject().WithAttachments(new Attachment { Text = text, Fallback = text })));

    private void IfUncovered(IWriteTransaction transaction, Rotation rotation, HandoffAudience audience, Instant now)
    {
        if (rotation.Current.OnDuty is null)
        {
            foreach (var admin in audience.Admins.Where(a => a != audience.Actor))
            {
                Send(transaction, rotation, new Content.Direct(admin, texts.Uncovered(rotation, now), null), rotation.NextHandoff);
            }
        }
    }

    private MessageRef Send(IWriteTransaction transaction, Rotation rotation, Content content, Instant expires)
    {
        var id = outbox.NewId(transaction, content);
        outbox.Add(transaction, rotation.WorkspaceId, content, expires, id);
        return new MessageRef(id, content.Lane);
    }

    private JsonObject? AckButton(Rotation rotation) => rotation.Current.OnDuty is null ? null : new JsonObject().WithAttachments(new Attachment
    {
        Fallback = $"Acknowledge with /{texts.Trigger} ack",
        Actions =
        [
            buttons.Button(
                "ack", "I've got it",
                buttons.Signer.New(RotationActions.Ack, rotation.WorkspaceId, $"{rotation.Id}:{rotation.Current.Number}"), "primary"),
        ],
    });
}

/// <summary>Who, beside the two, is concerned by a change of duty.</summary>
/// <param name="Admins">Ids of the admins to tell if nobody is on duty.</param>
/// <param name="Actor">The user whose doing it is, who is not told of it; null if it is the schedule's.</param>
internal sealed record HandoffAudience(IReadOnlyList<string> Admins, string? Actor);
