using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NodaTime;
using PmBot.Storage;

namespace PmBot.Mattermost.Inbound;

/// <summary>The keys that sign buttons and dialogs.</summary>
/// <param name="Current">Signs, and is checked.</param>
/// <param name="Retired">Are only checked.</param>
public sealed record SigningKeys(byte[] Current, IReadOnlyList<RetiredKey> Retired);

/// <summary>A key that signed before.</summary>
/// <param name="Key">The key.</param>
/// <param name="Until">From when on its signatures are too old to be used.</param>
public sealed record RetiredKey(byte[] Key, Instant Until);

/// <summary>
/// Which key signs, and which did: kept in the store, so that a change is noticed by the next start, and by other replicas (<see cref="KeyWatch"/>). Each key's signatures are valid for a day
/// after it was replaced, and known as too old for as long as buttons live.
/// </summary>
public static class SigningKeyRing
{
    /// <summary>For how long the signatures of a replaced key are valid.</summary>
    public static readonly Duration Grace = Duration.FromDays(1);

    private const string Own = "signing_key";
    private const string InUse = "signing_key_used";
    private const string Retired = "signing_keys_retired";

    /// <summary>The key that <c>PmBot:SigningKey</c> stands for; null if it is empty.</summary>
    public static byte[]? OfSetting(string setting) => setting.Length > 0 ? SHA256.HashData(Encoding.UTF8.GetBytes(setting)) : null;

    /// <summary>The store's own key; null if it has none yet.</summary>
    public static byte[]? OwnSigningKey(this IReadTransaction transaction) => transaction.Key(Own);

    /// <summary>Takes the configured key into use, or else the store's own, which is made at the first start; the one before is retired.</summary>
    public static SigningKeys UseSigningKey(this IWriteTransaction transaction, byte[]? configured, Instant now)
    {
        // Of two that start at once for the first time, only one makes the key.
        transaction.Lock("signing key");
        var own = transaction.OwnSigningKey();
        var current = configured ?? own ?? transaction.Put(Own, RandomNumberGenerator.GetBytes(32));

        // A store from before keys were remembered: all that is known of then is its own key.
        var before = transaction.Key(InUse) ?? own;
        var retired = transaction.RetiredKeys().Where(r => r.Until + ActionSigner.DefaultLife > now && !Same(r.Key, current)).ToList();
        if (before is not null && !Same(before, current))
        {
            retired.Add(new RetiredKey(before, now + Grace));
        }

        transaction.Put(InUse, current);
        transaction.PutText(Retired, JsonSerializer.Serialize(retired, StoreJson.Options));
        return new SigningKeys(current, retired);
    }

    /// <summary>The keys as they are now, for a process that has taken its own into use: others may have taken others since.</summary>
    /// <param name="transaction">The state that is asked.</param>
    /// <param name="configured">See <see cref="UseSigningKey"/>.</param>
    /// <param name="known">The keys as it knows them.</param>
    public static SigningKeys SigningKeysNow(this IReadTransaction transaction, byte[]? configured, SigningKeys known)
    {
        var current = configured ?? transaction.OwnSigningKey() ?? known.Current;
        var retired = transaction.RetiredKeys().Where(r => !Same(r.Key, current));

        // Replicas that are being replaced sign by the one key, the new ones by the other; each must know both.
        return transaction.Key(InUse) is { } used && !Same(used, current)
            ? new SigningKeys(current, [.. retired.Where(r => !Same(r.Key, used)), new RetiredKey(used, Instant.MaxValue)])
            : new SigningKeys(current, [.. retired]);
    }

    /// <summary>Replaces the store's own key by a new one.</summary>
    public static void RotateOwnSigningKey(this IWriteTransaction transaction, Instant now)
    {
        transaction.UseSigningKey(null, now);
        transaction.Put(Own, RandomNumberGenerator.GetBytes(32));
        transaction.UseSigningKey(null, now);
    }

    /// <summary>Forgets every key but the one in use: what they signed is taken for forged from now on.</summary>
    public static void ForgetRetiredSigningKeys(this IWriteTransaction transaction) => transaction.PutText(Retired, "[]");

    private static bool Same(byte[] one, byte[] other) => CryptographicOperations.FixedTimeEquals(one, other);

    private static byte[]? Key(this IReadTransaction transaction, string name) => transaction.FindMeta(name) is { } text ? Convert.FromBase64String(text) : null;

    private static List<RetiredKey> RetiredKeys(this IReadTransaction transaction) =>
        transaction.FindMeta(Retired) is { } text ? JsonSerializer.Deserialize<List<RetiredKey>>(text, StoreJson.Options) ?? [] : [];

    private static byte[] Put(this IWriteTransaction transaction, string name, byte[] key)
    {
        transaction.PutText(name, Convert.ToBase64String(key));
        return key;
    }

    // Written only if it differs: a start that changes no key needs no room on a full disk.
    private static void PutText(this IWriteTransaction transaction, string key, string value)
    {
        if (transaction.FindMeta(key) != value)
        {
            transaction.PutMeta(key, value);
        }
    }
}
