using System.Net.Http.Headers;
using System.Text.Json;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Faults;

/// <summary>Sends the bot what Mattermost would send for somebody who types, over as many connections as there are people.</summary>
internal sealed class Wire(SandboxTeam team) : IDisposable
{
    // Longer than the bot takes at most, shorter than Mattermost waits.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 128 }) { Timeout = TimeSpan.FromSeconds(25) };
    private int _sent;
    private int _answered;

    /// <summary>How much was sent.</summary>
    public int Sent => _sent;

    /// <summary>How much of it was answered.</summary>
    public int Answered => _answered;

    /// <summary>What a slash command is answered; empty if the bot did not live to answer.</summary>
    public Task<string> CommandAsync(string url, ChatUser user, string trigger, string text) => PostAsync(
        $"{url}/mattermost/commands/{trigger}",
        team.CommandTokens[trigger],
        new(StringComparer.Ordinal)
        {
            ["channel_id"] = team.ProductManagement.Id,
            ["command"] = $"/{trigger}",
            ["team_domain"] = team.Team.Name,
            ["team_id"] = team.Team.Id,
            ["text"] = text,
            ["trigger_id"] = "none",
            ["user_id"] = user.Id,
            ["user_name"] = user.Username,
        });

    /// <summary>What a post with a trigger word is answered; empty if the bot did not live to answer, or has nothing to say.</summary>
    public Task<string> HookAsync(string url, ChatUser user, string word, string postId, string text) => PostAsync(
        $"{url}/mattermost/hooks/outgoing",
        team.WebhookTokens[word],
        new(StringComparer.Ordinal)
        {
            ["channel_id"] = team.ProductManagement.Id,
            ["post_id"] = postId,
            ["team_domain"] = team.Team.Name,
            ["team_id"] = team.Team.Id,
            ["text"] = $"{word} {text}",
            ["trigger_word"] = word,
            ["user_id"] = user.Id,
            ["user_name"] = user.Username,
        });

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<string> PostAsync(string url, string token, Dictionary<string, string> form)
    {
        Interlocked.Increment(ref _sent);
        form["token"] = token;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(form) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Token", token);
            using var answer = await _http.SendAsync(request);
            var json = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
            Interlocked.Increment(ref _answered);
            return json.TryGetProperty("text", out var said) ? said.GetString() ?? "" : "";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            // The bot died meanwhile; nobody was told that it was done.
            return "";
        }
    }
}
