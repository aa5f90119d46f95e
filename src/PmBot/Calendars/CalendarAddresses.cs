using System.Buffers.Text;
using System.Security.Cryptography;
using NodaTime;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Calendars;

/// <summary>Whose calendar it is.</summary>
/// <param name="WorkspaceId">The workspace (Mattermost team).</param>
/// <param name="UserId">The user.</param>
internal sealed record CalendarOwner(string WorkspaceId, string UserId);

/// <summary>A private address that leads to somebody's calendar.</summary>
/// <param name="Url">The address, with its secret.</param>
/// <param name="Replaces">Whether another address led there until now.</param>
internal sealed record CalendarAddress(string Url, bool Replaces);

/// <summary>
/// The addresses of people's calendars. Calendar programs cannot sign in, so whoever knows the secret in the address may read; it stands
/// nowhere but in the store and in the answer to its owner.
/// </summary>
internal sealed class CalendarAddresses(IStore store, BotAddresses addresses, TimeProvider time)
{
    /// <summary>192 random bits.</summary>
    private const int SecretBytes = 24;

    /// <summary>Somebody's address; made at its first use.</summary>
    public Task<CalendarAddress> OfAsync(CalendarOwner owner, CancellationToken cancellationToken) => store.ExecuteAsync(
        transaction =>
        {
            transaction.Lock(Held(owner));
            return Address(Known(transaction, owner) ?? Make(transaction, owner, "make"), replaces: false);
        },
        cancellationToken);

    /// <summary>A new address; the old one leads nowhere any more.</summary>
    public Task<CalendarAddress> ResetAsync(CalendarOwner owner, CancellationToken cancellationToken) => store.ExecuteAsync(
        transaction =>
        {
            transaction.Lock(Held(owner));
            var replaces = transaction.Run(
                "delete from calendars where workspace_id = @workspace and user_id = @user", ("workspace", owner.WorkspaceId), ("user", owner.UserId)) > 0;
            return Address(Make(transaction, owner, replaces ? "reset" : "make"), replaces);
        },
        cancellationToken);

    /// <summary>Whose calendar a secret leads to; null if it leads nowhere.</summary>
    public Task<CalendarOwner?> OwnerAsync(string secret, CancellationToken cancellationToken) => store.ReadAsync(
        t => t.Query<CalendarOwner>("select workspace_id, user_id from calendars where secret = @secret", new { secret }).SingleOrDefault(), cancellationToken);

    // Whether there is an address is decided by a row that is not there yet; without this the second one would meet the first one's.
    private static string Held(CalendarOwner owner) => $"calendar:{owner.WorkspaceId}:{owner.UserId}";

    private static string? Known(IReadTransaction transaction, CalendarOwner owner) => transaction.Query<string>(
        "select secret from calendars where workspace_id = @WorkspaceId and user_id = @UserId", owner).SingleOrDefault();

    private string Make(IWriteTransaction transaction, CalendarOwner owner, string action)
    {
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        transaction.Write(
            "insert into calendars (workspace_id, user_id, secret, made_at) values (@workspace, @user, @secret, @at)",
            ("workspace", owner.WorkspaceId), ("user", owner.UserId), ("secret", secret), ("at", now.ToUnixTimeMilliseconds()));
        transaction.Audit(owner.WorkspaceId, now, owner.UserId, $"calendar:{owner.UserId}", action, null, null);
        return secret;
    }

    private CalendarAddress Address(string secret, bool replaces) => new($"{addresses.Base}{CalendarSecret.Folder}{secret}{CalendarSecret.Extension}", replaces);
}
