using System.Net.Http.Headers;

namespace PmBot.Benchmarks;

/// <summary>A slash command as Mattermost sends it.</summary>
internal static class Typed
{
    public static HttpRequestMessage Request(string url, string trigger, string token, string teamId, string channelId, (string Id, string Name) user, string text)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["channel_id"] = channelId,
                ["channel_name"] = "product-management",
                ["command"] = "/" + trigger,
                ["team_domain"] = "core",
                ["team_id"] = teamId,
                ["text"] = text,
                ["token"] = token,
                ["trigger_id"] = "none",
                ["user_id"] = user.Id,
                ["user_name"] = user.Name,
            }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Token", token);
        return request;
    }
}
