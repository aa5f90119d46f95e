using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PmBot.Mattermost.Inbound;

/// <summary>What the bot says to the question of a check, behind a token that it knows.</summary>
/// <param name="Token">The proof that it was asked with that token, see <see cref="WayBack.TokenProof"/>.</param>
/// <param name="Bot">The proof of its signing key, see <see cref="ActionSigner.Prove"/>.</param>
/// <param name="Version">The program's version.</param>
/// <param name="Host">The host, and port where it is not the usual one, by which it was called.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c>, by which it was called; empty if a proxy may have changed that.</param>
internal sealed record WayBackAnswer(string Token, string Bot, string Version, string Host, string Scheme);

/// <summary>
/// The question with which a check goes the way that commands go: from the bot's account to Mattermost, and from there back to the bot. It
/// is an ordinary command with a word that nobody types, and its answer has no text, so that Mattermost shows nothing to anybody.
/// </summary>
internal static class WayBack
{
    /// <summary>The word behind the trigger.</summary>
    public const string Word = "pmbot-check";

    /// <summary>The property of the command's answer that holds the proof.</summary>
    public const string Property = "pmbot_check";

    private const int NonceBytes = 16;

    /// <summary>This program's version.</summary>
    public static string Version { get; } = typeof(WayBack).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>A random key, for one question.</summary>
    public static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>The text behind the trigger.</summary>
    public static string Question(string nonce) => $"{Word} {nonce}";

    /// <summary>The key of a question; null if the text is none.</summary>
    public static string? Nonce(string text) =>
        text.Trim().Split(' ') is [Word, { Length: 2 * NonceBytes } nonce] && nonce.All(char.IsAsciiHexDigitLower) ? nonce : null;

    /// <summary>What only who knows the token can say to the question.</summary>
    public static string TokenProof(string token, string nonce) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes($"pmbot check, token: {nonce}")));

    /// <summary>The answer.</summary>
    /// <param name="nonce">The question's key.</param>
    /// <param name="token">The token with which it came, which was accepted.</param>
    /// <param name="signer">Has the bot's key.</param>
    /// <param name="request">The request.</param>
    public static WayBackAnswer Answer(string nonce, string token, ActionSigner signer, HttpRequest request) =>
        new(TokenProof(token, nonce), signer.Prove(nonce), Version, Host(request), Scheme(request));

    /// <summary>The answer in what Mattermost said of the command; null if whoever answered does not know the question.</summary>
    public static WayBackAnswer? Read(JsonElement response) =>
        response.ValueKind == JsonValueKind.Object
        && response.TryGetProperty("props", out var props) && props.ValueKind == JsonValueKind.Object
        && props.TryGetProperty(Property, out var proof) && proof.ValueKind == JsonValueKind.Object
            ? new(Text(proof, "token"), Text(proof, "bot"), Text(proof, "version"), Text(proof, "host"), Text(proof, "scheme"))
            : null;

    // A proxy that calls the bot by another name says by which it was called itself.
    private static string Host(HttpRequest request) =>
        First(request, "X-Forwarded-Host") is { Length: > 0 } forwarded ? forwarded : request.Host.Value ?? "";

    private static string Scheme(HttpRequest request) =>
        First(request, "X-Forwarded-Proto") is { Length: > 0 } forwarded ? forwarded.ToLowerInvariant() : request.IsHttps ? Uri.UriSchemeHttps : "";

    private static string First(HttpRequest request, string header) => request.Headers[header].ToString().Split(',')[0].Trim();

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
