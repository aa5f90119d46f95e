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
    private readonly Dictionary<string, TokenSet> _sets = tokens.ToDictionary(t => t.Key, t => new TokenSet(t.Value), StringComparer.Ordinal);

    /// <summary>Compares with the tokens of a trigger.</summary>
    /// <param name="trigger">The trigger, from the request's path.</param>
    /// <param name="presented">See <see cref="TokenSet.Check"/>.</param>
    public TokenCheck Check(string trigger, params IReadOnlyList<string> presented) =>
        _sets.TryGetValue(trigger, out var known) ? known.Check(presented) : TokenCheck.Refused;
}

/// <summary>The tokens with which the Mattermost server proves that an outgoing webhook comes from it; with none, all are refused.</summary>
public sealed class WebhookTokens(IEnumerable<string> tokens)
{
    private readonly TokenSet _set = new(tokens);

    /// <summary>Compares with all of them.</summary>
    /// <param name="presented">See <see cref="TokenSet.Check"/>.</param>
    public TokenCheck Check(params IReadOnlyList<string> presented) => _set.Check(presented);
}

/// <summary>Tokens of which any will do.</summary>
internal sealed class TokenSet(IEnumerable<string> tokens)
{
    private readonly byte[][] _known = [.. tokens.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Compares in a time that tells nothing of a token but its length, which with Mattermost is always the same: no match ends the loop.</summary>
    /// <param name="presented">The tokens the request came with, in body and header; each must be right, and there must be one.</param>
    public TokenCheck Check(IReadOnlyList<string> presented)
    {
        var accepted = presented.Count > 0;
        foreach (var token in presented)
        {
            var bytes = Encoding.UTF8.GetBytes(token);
            var matches = false;
            foreach (var expected in _known)
            {
                matches |= CryptographicOperations.FixedTimeEquals(bytes, expected);
            }

            accepted &= matches;
        }

        return accepted ? TokenCheck.Accepted : TokenCheck.Refused;
    }
}
