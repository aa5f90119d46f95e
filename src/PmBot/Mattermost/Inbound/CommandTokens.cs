using System.Security.Cryptography;
using System.Text;

namespace PmBot.Mattermost.Inbound;

/// <summary>What a check of a request's token came to: a closed result, never a bool that could be turned round by mistake.</summary>
public enum TokenCheck
{
    /// <summary>It is missing, unknown, or not for this trigger.</summary>
    Refused = 0,

    /// <summary>It is one of the trigger's tokens.</summary>
    Accepted = 1,
}

/// <summary>The tokens with which the Mattermost server proves that a slash command comes from it.</summary>
public sealed class CommandTokens(IReadOnlyDictionary<string, List<string>> tokens)
{
    private readonly Dictionary<string, byte[][]> _hashes = tokens.ToDictionary(
        t => t.Key, t => t.Value.Select(Hash).ToArray(), StringComparer.Ordinal);

    /// <summary>
    /// Compares a token with all of a trigger's, in the same time whatever it is: hashes have one length, and no match ends the loop.
    /// </summary>
    /// <param name="trigger">The trigger, from the request's path.</param>
    /// <param name="presented">The tokens the request came with, in form and header; each must be right, and there must be one.</param>
    public TokenCheck Check(string trigger, params IReadOnlyList<string> presented)
    {
        if (!_hashes.TryGetValue(trigger, out var known))
        {
            return TokenCheck.Refused;
        }

        var accepted = presented.Count > 0;
        foreach (var token in presented)
        {
            var hash = Hash(token);
            var matches = false;
            foreach (var expected in known)
            {
                matches |= CryptographicOperations.FixedTimeEquals(hash, expected);
            }

            accepted &= matches;
        }

        return accepted ? TokenCheck.Accepted : TokenCheck.Refused;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
