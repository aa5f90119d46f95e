using System.Text;

namespace PmBot.Benchmarks;

/// <summary>A slash command as Mattermost sends it.</summary>
/// <param name="Trigger">The word behind the slash.</param>
/// <param name="Token">Its token.</param>
/// <param name="TeamId">The team.</param>
/// <param name="ChannelId">The channel.</param>
/// <param name="UserId">Who types.</param>
/// <param name="Username">Their name.</param>
internal sealed record Typed(string Trigger, string Token, string TeamId, string ChannelId, string UserId, string Username)
{
    /// <summary>The whole request over HTTP.</summary>
    /// <param name="url">Where it goes.</param>
    /// <param name="text">What stands behind the trigger.</param>
    public byte[] Request(Uri url, string text)
    {
        var body = string.Join('&', new (string Name, string Value)[]
        {
            ("channel_id", ChannelId), ("channel_name", "product-management"), ("command", $"/{Trigger}"), ("team_domain", "core"), ("team_id", TeamId), ("text", text),
            ("token", Token), ("trigger_id", "none"), ("user_id", UserId), ("user_name", Username),
        }.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));
        return Encoding.UTF8.GetBytes(
            $"POST {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Token {Token}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
    }
}
