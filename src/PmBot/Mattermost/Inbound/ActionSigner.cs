using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;

namespace PmBot.Mattermost.Inbound;

/// <summary>What a button or a dialog stands for, as the bot itself wrote it.</summary>
/// <param name="Action">Which handler it is for, e.g. <c>rotation.ack</c>.</param>
/// <param name="WorkspaceId">The workspace in which it was offered.</param>
/// <param name="Subject">What it is about; the handler knows its form.</param>
/// <param name="ForUser">The only user who may use it; empty for everybody (whose right the handler checks).</param>
/// <param name="Expires">From when on it is refused.</param>
/// <param name="Nonce">Its own random key, by which a single use is remembered.</param>
public sealed record SignedAction(string Action, string WorkspaceId, string Subject, string ForUser, Instant Expires, string Nonce);

/// <summary>What a check of a signature came to.</summary>
public abstract record SignatureCheck
{
    private SignatureCheck()
    {
    }

    /// <summary>The bot wrote it, and it may still be used.</summary>
    public sealed record Valid(SignedAction Action) : SignatureCheck;

    /// <summary>The bot wrote it, but it is too old.</summary>
    public sealed record Expired(SignedAction Action) : SignatureCheck;

    /// <summary>The bot never wrote this.</summary>
    public sealed record Forged : SignatureCheck;
}

/// <summary>
/// Signs what buttons and dialogs bring back. Mattermost sends no token with them, and a dialog's state passes through the user's
/// browser; so nothing in them is believed but what carries this signature.
/// </summary>
/// <param name="keys">The key that signs, and those that did, to begin with.</param>
/// <param name="time">Says what is too old.</param>
public sealed class ActionSigner(SigningKeys keys, TimeProvider time)
{
    /// <summary>How long a button works unless said otherwise.</summary>
    public static readonly Duration DefaultLife = Duration.FromDays(14);

    private SigningKeys _keys = keys;

    /// <summary>The key that signs, and those that did.</summary>
    public SigningKeys Keys
    {
        get => Volatile.Read(ref _keys);
        set => Volatile.Write(ref _keys, value);
    }

    /// <summary>A new action, to be signed.</summary>
    /// <param name="action">See <see cref="SignedAction.Action"/>.</param>
    /// <param name="workspaceId">See <see cref="SignedAction.WorkspaceId"/>.</param>
    /// <param name="subject">See <see cref="SignedAction.Subject"/>.</param>
    /// <param name="forUser">See <see cref="SignedAction.ForUser"/>.</param>
    /// <param name="life">How long it works; null for <see cref="DefaultLife"/>.</param>
    /// <param name="nonce">Shared by actions of which only one may be used; null for one of its own.</param>
    public SignedAction New(string action, string workspaceId, string subject, string forUser = "", Duration? life = null, string? nonce = null) =>
        new(action, workspaceId, subject, forUser, Instant.FromDateTimeOffset(time.GetUtcNow()) + (life ?? DefaultLife), nonce ?? NewNonce());

    /// <summary>A fresh key for a single use.</summary>
    public static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    /// <summary>The action as the context of a button.</summary>
    public JsonObject Sign(SignedAction action) => new()
    {
        ["a"] = action.Action,
        ["w"] = action.WorkspaceId,
        ["s"] = action.Subject,
        ["u"] = action.ForUser,
        ["x"] = action.Expires.ToUnixTimeMilliseconds(),
        ["n"] = action.Nonce,
        ["m"] = Mac(Keys.Current, action),
    };

    /// <summary>The action as the state of a dialog.</summary>
    public string SignText(SignedAction action) => Sign(action).ToJsonString();

    /// <summary>Checks a context that came back. Anything beside the signed fields is ignored.</summary>
    public SignatureCheck Check(JsonElement context)
    {
        if (context.ValueKind != JsonValueKind.Object
            || Text(context, "a") is not { } action || Text(context, "w") is not { } workspace || Text(context, "s") is not { } subject
            || Text(context, "u") is not { } user || Text(context, "n") is not { } nonce || Text(context, "m") is not { } mac
            || !context.TryGetProperty("x", out var expires) || expires.ValueKind != JsonValueKind.Number
            || !expires.TryGetInt64(out var milliseconds) || milliseconds is < 0 or > 253_402_300_799_999)
        {
            return new SignatureCheck.Forged();
        }

        var signed = new SignedAction(action, workspace, subject, user, Instant.FromUnixTimeMilliseconds(milliseconds), nonce);
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        return ValidUntil(signed, mac) is not { } until ? new SignatureCheck.Forged()
            : signed.Expires <= now || until <= now ? new SignatureCheck.Expired(signed)
            : new SignatureCheck.Valid(signed);
    }

    /// <summary>Checks the state of a dialog.</summary>
    public SignatureCheck Check(string state)
    {
        try
        {
            using var parsed = JsonDocument.Parse(state);
            return Check(parsed.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a text holds half a surrogate pair, which shows only when it is read.
            return new SignatureCheck.Forged();
        }
    }

    /// <summary>What only a bot with this key can say to a question; it is no signature of any action.</summary>
    public string Prove(string nonce) => Convert.ToHexStringLower(HMACSHA256.HashData(Keys.Current, Encoding.UTF8.GetBytes($"pmbot check, bot: {nonce}")));

    private static string? Text(JsonElement context, string name) =>
        context.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Until when the key of a signature counts; null if it is by none of the keys. All are tried, so that the time taken tells nothing.</summary>
    private Instant? ValidUntil(SignedAction signed, string mac)
    {
        var given = Encoding.UTF8.GetBytes(mac);
        Instant? until = null;
        var known = Keys;
        foreach (var (key, end) in known.Retired.Select(r => (r.Key, r.Until)).Append((known.Current, Instant.MaxValue)))
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Mac(key, signed)), given))
            {
                until = end;
            }
        }

        return until;
    }

    // A JSON array has one reading only: no field can flow over into its neighbour.
    private static string Mac(byte[] key, SignedAction action) => Convert.ToBase64String(HMACSHA256.HashData(key, JsonSerializer.SerializeToUtf8Bytes(new object[]
    {
        "pmbot.1", action.Action, action.WorkspaceId, action.Subject, action.ForUser, action.Expires.ToUnixTimeMilliseconds(), action.Nonce,
    })));
}
