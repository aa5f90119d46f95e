using NodaTime;
using PmBot.Mattermost.Client;

namespace PmBot.Calendars;

/// <summary>Puts somebody's calendar together.</summary>
/// <param name="addresses">Tell whose it is.</param>
/// <param name="sources">What stands in it.</param>
/// <param name="directory">Asked whether they are still there.</param>
/// <param name="time">The present.</param>
internal sealed class CalendarFeed(CalendarAddresses addresses, IEnumerable<ICalendarSource> sources, IDirectory directory, TimeProvider time)
{
    private const string Name = "PmBot: duty and meetings";

    private static readonly Duration Past = Duration.FromDays(4 * 7);
    private static readonly Duration Coming = Duration.FromDays(13 * 7);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The calendar that a secret leads to: the last 4 weeks and the next 13. Null if it leads nowhere, or its owner is gone.</summary>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be read.</exception>
    public async Task<string?> ReadAsync(string secret, CancellationToken cancellationToken)
    {
        if (await addresses.OwnerAsync(secret, cancellationToken) is not { } owner || await IsGoneAsync(owner, cancellationToken))
        {
            return null;
        }

        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        var events = new List<CalendarEvent>();
        foreach (var source in sources)
        {
            events.AddRange(await source.EventsAsync(owner.WorkspaceId, owner.UserId, now - Past, now + Coming, cancellationToken));
        }

        return CalendarWriter.Write(Name, events);
    }

    /// <summary>Whether Mattermost says that the owner is deactivated or has left the team. When it cannot say, they are there.</summary>
    private async Task<bool> IsGoneAsync(CalendarOwner owner, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var user = await directory.UserAsync(owner.UserId, limit.Token);
            return user.IsNotFound || user.ValueOrDefault is { IsDeactivated: true }
                || await directory.IsMemberAsync(owner.WorkspaceId, owner.UserId, limit.Token) is MattermostResult<bool>.Ok { Value: false };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
