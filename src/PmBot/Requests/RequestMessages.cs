using System.Text.Json.Nodes;
using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;

namespace PmBot.Requests;

/// <summary>The buttons and menus of a request's post. Subject: its number, a colon, the assignee's id when the post was written.</summary>
internal static class RequestActions
{
    /// <summary>Whoever presses it takes the request.</summary>
    public const string Take = "request.take";

    /// <summary>It becomes the chosen user's.</summary>
    public const string Assign = "request.assign";

    /// <summary>It belongs to the chosen area.</summary>
    public const string Area = "request.area";

    /// <summary>It is queued for the PM sync.</summary>
    public const string Discuss = "request.discuss";

    /// <summary>The dialog that files a request. Subject: the channel it was opened in.</summary>
    public const string New = "request.new";

    /// <summary>The dialog that sets an area.</summary>
    public const string SetArea = "request.area.set";

    /// <summary>What a button of a request's post is about.</summary>
    public static string Subject(CustomerRequest request) => FormattableString.Invariant($"{request.Number}:{request.Assignee?.Id}");

    /// <summary>Reads <see cref="Subject"/>.</summary>
    public static (long Number, string? AssigneeId) Read(string subject)
    {
        var colon = subject.IndexOf(':', StringComparison.Ordinal);
        return (long.Parse(subject[..colon], System.Globalization.CultureInfo.InvariantCulture), colon + 1 == subject.Length ? null : subject[(colon + 1)..]);
    }
}

/// <summary>Where the reporter of a request can be mentioned.</summary>
/// <param name="ChannelId">The channel.</param>
/// <param name="Thread">The thread of the request there.</param>
/// <param name="ReporterIsThere">Whether the reporter sees the channel.</param>
internal sealed record ReporterPlace(string ChannelId, PostThread Thread, bool ReporterIsThere);

/// <summary>Puts into the outbox what people are told of requests: who, where, with which buttons.</summary>
internal sealed class RequestMessages(Outbox outbox, Buttons buttons, RequestTexts texts)
{
    /// <summary>The buttons of a post that nobody touches for half a year are of no use any more.</summary>
    private static readonly Duration CardLife = Duration.FromDays(180);

    /// <summary>Posts a new request in the product managers' channel.</summary>
    /// <returns>The request, which knows where its post is.</returns>
    public CustomerRequest Announce(IWriteTransaction transaction, CustomerRequest request, Fit fit, string channelId, Setting setting)
    {
        var id = outbox.NewId();
        outbox.Add(transaction, request.WorkspaceId, new Content.Post(channelId, "", CardOf(request, fit, setting)), id: id);
        return request with { Card = new Card(id, channelId) };
    }

    /// <summary>Makes the post about a request say how it stands now, whoever changed it and wherever; if it says anything else than before.</summary>
    public void Update(IWriteTransaction transaction, CustomerRequest before, Fit? fitBefore, CustomerRequest request, Fit? fit, Setting setting)
    {
        if (request.Card is { } card && !RequestTexts.SameCard(before, fitBefore, request, fit, setting))
        {
            outbox.Add(
                transaction, request.WorkspaceId,
                new Content.Edit(card.Delivery, new Content.Post(card.ChannelId, "", null).Lane, CardOf(request, fit, setting)));
        }
    }

    /// <summary>Posts in a channel.</summary>
    public void Post(IWriteTransaction transaction, string workspaceId, string channelId, string text, Instant? expires = null) =>
        outbox.Add(transaction, workspaceId, new Content.Post(channelId, text, null), expires);

    /// <summary>Tells one person directly, unless they did it themselves.</summary>
    /// <returns>Whether they are told.</returns>
    public bool Tell(IWriteTransaction transaction, string workspaceId, string userId, string actor, string text, Instant? expires = null)
    {
        if (userId == actor)
        {
            return false;
        }

        outbox.Add(transaction, workspaceId, new Content.Direct(userId, text, null), expires);
        return true;
    }

    /// <summary>Sends a file that is made when it is sent.</summary>
    public void Send(IWriteTransaction transaction, string workspaceId, string userId, string text, FileRef file) =>
        outbox.Add(transaction, workspaceId, new Content.Direct(userId, text, null, File: file));

    /// <summary>Those concerned by an assignment are told: whose it is now, whose it was, and the reporter of what was nobody's.</summary>
    public void Assigned(IWriteTransaction transaction, CustomerRequest before, CustomerRequest after, string actor, Setting setting)
    {
        if (after.Assignee is { } assignee)
        {
            Tell(transaction, after.WorkspaceId, assignee.Id, actor, texts.ToAssignee(after, actor, setting));
        }

        if (before.Assignee is { } former)
        {
            Tell(transaction, after.WorkspaceId, former.Id, actor, RequestTexts.ToFormerAssignee(after, actor, setting));
        }
        else if (after.Assignee is { } taken && taken.Id != after.Reporter.Id)
        {
            Tell(transaction, after.WorkspaceId, after.Reporter.Id, actor, texts.ToReporterTaken(after, setting));
        }
    }

    /// <summary>The reporter is told of a decision.</summary>
    /// <returns>Whether they are.</returns>
    public bool Decided(IWriteTransaction transaction, CustomerRequest after, string actor, Setting setting) =>
        Tell(transaction, after.WorkspaceId, after.Reporter.Id, actor, texts.ToReporterDecided(after, actor, setting));

    /// <summary>The reporter is mentioned with the outcome on the thread of the request; directly, where they do not see it.</summary>
    /// <returns>Whether they are told.</returns>
    public bool Processed(IWriteTransaction transaction, CustomerRequest after, string actor, ReporterPlace? place, Setting setting)
    {
        var outcome = texts.Outcome(after, setting);
        if (place is not null)
        {
            // Nobody is notified of their own doing; and a mention that the reporter would not see interrupts nobody.
            var mention = after.Reporter.Id == actor || !place.ReporterIsThere ? "" : $"@{setting.Names.Of(after.Reporter)} ";
            outbox.Add(transaction, after.WorkspaceId, new Content.Post(place.ChannelId, mention + outcome, null, place.Thread));
        }

        return place is { ReporterIsThere: true }
            ? after.Reporter.Id != actor
            : Tell(transaction, after.WorkspaceId, after.Reporter.Id, actor, outcome);
    }

    /// <summary>The reporter is told directly that the feature is completed.</summary>
    /// <returns>Whether they are.</returns>
    public bool Closed(IWriteTransaction transaction, CustomerRequest after, string actor, Setting setting) =>
        Tell(transaction, after.WorkspaceId, after.Reporter.Id, actor, texts.Outcome(after, setting));

    /// <summary>The reporter, who had heard of an end, and the assignee hear that it was none.</summary>
    public void Reopened(IWriteTransaction transaction, CustomerRequest after, string actor, Setting setting)
    {
        foreach (var concerned in new[] { after.Reporter.Id, after.Assignee?.Id }.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            Tell(transaction, after.WorkspaceId, concerned, actor, texts.ToConcernedReopened(after, actor, setting));
        }
    }

    private JsonObject CardOf(CustomerRequest request, Fit? fit, Setting setting)
    {
        var actions = new List<PostAction>();
        if (!request.IsFinished)
        {
            if (request.Assignee is null)
            {
                actions.Add(buttons.Button("take", "Take", Signed(RequestActions.Take), "primary"));
            }

            actions.Add(buttons.UserMenu("assign", "Assign to…", Signed(RequestActions.Assign)));
            if (request.Decision is null && setting.Book.Areas.Count > 0)
            {
                actions.Add(buttons.Menu(
                    "area", "Area…", Signed(RequestActions.Area), [.. setting.Book.Areas.Select(a => new ActionOption(Markdown.Plain(a.Name), a.Name))]));
            }

            if (request.Decision is null && request.Discuss is null)
            {
                actions.Add(buttons.Button("discuss", "Discuss on Wednesday", Signed(RequestActions.Discuss)));
            }
        }

        return new JsonObject().WithAttachments(RequestTexts.Card(request, fit, setting, actions));

        SignedAction Signed(string action) => buttons.Signer.New(action, request.WorkspaceId, RequestActions.Subject(request), life: CardLife);
    }
}
