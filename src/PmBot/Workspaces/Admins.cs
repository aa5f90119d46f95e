using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;

namespace PmBot.Workspaces;

/// <summary>Whether somebody may do everything.</summary>
public abstract record AdminRight
{
    private AdminRight()
    {
    }

    /// <summary>They may.</summary>
    public sealed record Yes : AdminRight;

    /// <summary>They may not.</summary>
    public sealed record No : AdminRight;

    /// <summary>Mattermost could not be asked, so they may not now.</summary>
    public sealed record Unknown(string Reason) : AdminRight;
}

/// <summary>Who the admins are: those of <c>PmBot:Admins</c>, of the Mattermost team, and of the server.</summary>
internal sealed class Admins(IDirectory directory, IOptions<PmBotOptions> options, IStore store)
{
    /// <summary>Each costs a request or two.</summary>
    private const int MostAsked = 20;

    private const int MostAtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Whether a user is an admin.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="userId">The user.</param>
    /// <param name="username">
    /// Their name if it came with a token; null to look it up, for what comes with a button proves nothing.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<AdminRight> RightAsync(string workspaceId, string userId, string? username, CancellationToken cancellationToken)
    {
        if (options.Value.Admins.Count > 0)
        {
            username ??= (await directory.UserAsync(userId, cancellationToken)).ValueOrDefault?.Username;
            if (options.Value.Admins.Any(a => string.Equals(a.TrimStart('@'), username, StringComparison.OrdinalIgnoreCase)))
            {
                return new AdminRight.Yes();
            }
        }

        return await directory.IsAdminAsync(workspaceId, userId, cancellationToken) switch
        {
            MattermostResult<bool>.Ok { Value: true } => new AdminRight.Yes(),
            MattermostResult<bool>.Ok or { IsNotFound: true } => new AdminRight.No(),
            var failed => new AdminRight.Unknown(failed.Describe()),
        };
    }

    /// <summary>The names of admins, as far as they are known: those of <c>PmBot:Admins</c>, and those among <paramref name="people"/>, of whom the first few are asked for.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="people">Among whom to look.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<string>> KnownAsync(string workspaceId, IReadOnlyList<MattermostUser> people, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var known = new ConcurrentBag<string>(options.Value.Admins.Select(a => a.TrimStart('@').ToLowerInvariant()));
        try
        {
            await Parallel.ForEachAsync(
                people.Take(MostAsked),
                new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = limit.Token },
                async (user, token) =>
                {
                    if (await directory.IsAdminAsync(workspaceId, user.Id, token) is MattermostResult<bool>.Ok { Value: true })
                    {
                        known.Add(user.Username);
                    }
                });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Those found until now are better than none.
        }

        return [.. known.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Whom to tell of trouble: the configured admins; if there are none, or they cannot be looked up, whoever used the bot in the
    /// workspace first.
    /// </summary>
    public async Task<IReadOnlyList<string>> ToTellAsync(string workspaceId, CancellationToken cancellationToken)
    {
        if (options.Value.Admins.Count > 0 && await ConfiguredAsync(cancellationToken) is { Count: > 0 } configured)
        {
            return configured;
        }

        var workspace = await store.ReadAsync(t => t.Find(Workspace.Table, workspaceId), cancellationToken);
        return workspace is null ? [] : [workspace.CreatedBy];
    }

    /// <summary>The configured admins; none if Mattermost does not answer soon, for a handoff does not wait for it.</summary>
    private async Task<IReadOnlyList<string>> ConfiguredAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var users = await directory.UsersByNameAsync([.. options.Value.Admins.Select(a => a.TrimStart('@'))], limit.Token);
            return [.. (users.ValueOrDefault ?? []).Select(u => u.Id)];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }
}

/// <summary>Tells the admins, once, of a delivery that cannot succeed, with a button that tries it again.</summary>
internal sealed class TroubleReport(Admins admins, Outbox outbox, Buttons buttons, IDirectory directory) : ITroubleReport
{
    public async Task<Action<IWriteTransaction>> PrepareAsync(Leased delivery, string reason, CancellationToken cancellationToken)
    {
        if (delivery.Content is Content.Direct { AboutTrouble: true })
        {
            return _ => { };
        }

        var where = await WhereAsync(delivery.Content, cancellationToken);
        var text = $"I could not deliver {where}: {reason}\nIf I am missing in the channel, invite me; then press the button. Nothing of it is lost until then.";
        var tell = await admins.ToTellAsync(delivery.WorkspaceId, cancellationToken);
        return transaction =>
        {
            foreach (var admin in tell)
            {
                var retry = buttons.Signer.New(DeliveryActions.Retry, delivery.WorkspaceId, delivery.Id, admin);
                var props = new System.Text.Json.Nodes.JsonObject().WithAttachments(
                    new Attachment { Text = text, Fallback = text, Actions = [buttons.Button("retry", "Try again", retry)] });
                outbox.Add(transaction, delivery.WorkspaceId, new Content.Direct(admin, "", props, AboutTrouble: true));
            }
        };
    }

    private async Task<string> WhereAsync(Content content, CancellationToken cancellationToken) => content switch
    {
        Content.Post post => $"a post in {await ChannelAsync(post.ChannelId, cancellationToken)}",
        Content.Header header => $"the header of {await ChannelAsync(header.ChannelId, cancellationToken)}",
        Content.Direct direct => $"a direct message to {await UserAsync(direct.UserId, cancellationToken)}",
        _ => "a change of a post",
    };

    private async Task<string> ChannelAsync(string id, CancellationToken cancellationToken) =>
        await directory.ChannelAsync(id, cancellationToken) is MattermostResult<Channel>.Ok { Value: var channel } ? $"~{channel.Name}" : $"channel `{id}`";

    private async Task<string> UserAsync(string id, CancellationToken cancellationToken) =>
        await directory.UserAsync(id, cancellationToken) is MattermostResult<MattermostUser>.Ok { Value: var user } ? user.Username : $"user `{id}`";
}

/// <summary>The buttons about deliveries.</summary>
internal static class DeliveryActions
{
    /// <summary>A parked delivery is to be tried again. Subject: its key.</summary>
    public const string Retry = "delivery.retry";
}

/// <summary>Tries a parked delivery again.</summary>
internal sealed class RetryDelivery(IStore store, Outbox outbox, Admins admins, TimeProvider time) : IActionHandler
{
    public string Action => DeliveryActions.Retry;

    public async Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken)
    {
        var workspace = press.Action.WorkspaceId;
        if (await admins.RightAsync(workspace, press.UserId, null, cancellationToken) is not AdminRight.Yes
            && !(await admins.ToTellAsync(workspace, cancellationToken)).Contains(press.UserId))
        {
            return new ActionReply("Only admins can do that. Nothing was changed.");
        }

        var again = await store.ExecuteAsync(
            transaction =>
            {
                var done = outbox.Unpark(transaction, workspace, press.Action.Subject);
                if (done)
                {
                    var now = NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow());
                    transaction.Audit(workspace, now, press.UserId, $"delivery:{press.Action.Subject}", "retry", "parked", "waiting");
                }

                return done;
            },
            cancellationToken);
        return new ActionReply(again ? "I am trying it again. You hear from me only if it fails." : "It is not waiting for that any more: it was delivered, is being tried, or is of no more use.");
    }
}
