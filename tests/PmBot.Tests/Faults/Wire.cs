using System.Net.Http.Headers;
using System.Text.Json;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Faults;

/// <summary>Sends the bot what Mattermost would send for somebody who types, over as many connections as there are people.</summary>
internal sealed class Wire(SandboxTeam team) : IDisposable
{
    // The bot answers within 20 seconds, whatever happens; a machine that is too busy may need more.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 128 }) { Timeout = TimeSpan.FromSeconds(100) };
    private int _sent;
    private int _answered;

    /// <summary>How much was sent.</summary>
    public int Sent => _sent;

    /// <summary>How much of it was answered.</summary>
    public int Answered => _answered;

    /// <summary>What a slash command is answered; empty if the bot did not live to answer.</summary>
    public Task<string> CommandAsync(string url, ChatUser user, string trigger, string text) =>
        AnswerAsync($"{url}/mattermost/commands/{trigger}", team.CommandTokens[trigger], Command(user, trigger, text));

    /// <summary>What a post with a trigger word is answered; empty if the bot did not live to answer, or has nothing to say.</summary>
    public Task<string> HookAsync(string url, ChatUser user, string word, string postId, string text) =>
        AnswerAsync($"{url}/mattermost/hooks/outgoing", team.WebhookTokens[word], Hook(user, word, postId, text));

    /// <summary>A slash command as Mattermost sends it.</summary>
    public FormUrlEncodedContent Command(ChatUser user, string trigger, string text, string? token = null) => new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["channel_id"] = team.ProductManagement.Id,
        ["command"] = $"/{trigger}",
        ["team_domain"] = team.Team.Name,
        ["team_id"] = team.Team.Id,
        ["text"] = text,
        ["token"] = token ?? team.CommandTokens[trigger],
        ["trigger_id"] = "none",
        ["user_id"] = user.Id,
        ["user_name"] = user.Username,
    });

    /// <summary>A post as an outgoing webhook brings it.</summary>
    public FormUrlEncodedContent Hook(ChatUser user, string word, string postId, string text) => new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["channel_id"] = team.ProductManagement.Id,
        ["post_id"] = postId,
        ["team_domain"] = team.Team.Name,
        ["team_id"] = team.Team.Id,
        ["text"] = $"{word} {text}",
        ["token"] = team.WebhookTokens[word],
        ["trigger_word"] = word,
        ["user_id"] = user.Id,
        ["user_name"] = user.Username,
    });

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Sends whatever there is to send.</summary>
    /// <returns>The status, and the answer as it came; 0 if there was none.</returns>
    public async Task<(int Status, string Body)> SendAsync(string url, HttpContent content, string? token)
    {
        Interlocked.Increment(ref _sent);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
            if (token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Token", token);
            }

            using var answer = await _http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            Interlocked.Increment(ref _answered);
            return ((int)answer.StatusCode, body);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The bot died meanwhile; nobody was told that it was done.
            return (0, "");
        }
    }

    private async Task<string> AnswerAsync(string url, string token, HttpContent content)
    {
        var (status, body) = await SendAsync(url, content, token);
        return status == 200 && JsonSerializer.Deserialize<JsonElement>(body).TryGetProperty("text", out var said) ? said.GetString() ?? "" : "";
    }
}
