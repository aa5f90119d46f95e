using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace PmBot.Mattermost.Client;

/// <summary>What the server says to whoever asks, without a token.</summary>
public abstract record ServerAnswer
{
    private ServerAnswer()
    {
    }

    /// <summary>It answers.</summary>
    /// <param name="Version">Its version, such as <c>7.10.0</c>; empty if it does not say.</param>
    /// <param name="Date">The time on its clock, or on that of a proxy before it, to the second; null if it does not say.</param>
    /// <param name="AskedAt">When it was asked, by this program's clock.</param>
    /// <param name="AnsweredAt">When it had answered.</param>
    public sealed record Mattermost(string Version, DateTimeOffset? Date, DateTimeOffset AskedAt, DateTimeOffset AnsweredAt) : ServerAnswer;

    /// <summary>Something answers that is no Mattermost server, or one that is not well.</summary>
    /// <param name="Status">The HTTP status.</param>
    public sealed record Other(int Status) : ServerAnswer;

    /// <summary>Nobody answers.</summary>
    /// <param name="Reason">Why, in words for a person, without a dot.</param>
    public sealed record Nobody(string Reason) : ServerAnswer;
}

/// <summary>What became of a command that the bot's own account typed.</summary>
public abstract record ExecutedCommand
{
    private ExecutedCommand()
    {
    }

    /// <summary>Whoever has the command answered.</summary>
    /// <param name="Response">The answer, as the server read it.</param>
    public sealed record Answered(JsonElement Response) : ExecutedCommand;

    /// <summary>The server refused it, or could not carry it out.</summary>
    /// <param name="Error">Its error.</param>
    public sealed record Failed(MattermostError Error) : ExecutedCommand;

    /// <summary>The server itself did not answer, or nothing that can be read.</summary>
    /// <param name="Reason">Why, in words for a person, without a dot.</param>
    public sealed record Nothing(string Reason) : ExecutedCommand;
}

/// <summary>What a check asks of the server beside what the bot itself does. Every question is asked once.</summary>
public sealed class MattermostProbe : IDisposable
{
    // The server waits for the answer to a command for half a minute.
    private static readonly TimeSpan CommandPatience = TimeSpan.FromSeconds(40);

    private readonly HttpClient _http;
    private readonly Uri _root;
    private readonly string _token;
    private readonly ClientTiming _timing;
    private readonly RestCaller _rest;

    /// <summary>Makes it.</summary>
    /// <param name="url">The server's address.</param>
    /// <param name="token">The bot's token.</param>
    /// <param name="timing">How patient to be.</param>
    public MattermostProbe(string url, string token, ClientTiming timing)
    {
        (_token, _timing) = (token, timing);
        _http = MattermostClientServices.CreateHttp(timing);
        _root = new Uri(url.TrimEnd('/') + "/api/v4/");
        _rest = new RestCaller(new Transport(
            _http, Options.Create(new MattermostOptions { Url = url, BotToken = token }), timing, NullLogger.Instance, meters: null));
    }

    /// <summary>Whether a server answers, which one, and what its clock says.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ServerAnswer> ServerAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timing.Attempt);
        try
        {
            var asked = _timing.Clock.GetUtcNow();
            using var response = await _http.GetAsync(new Uri(_root, "system/ping"), limit.Token);
            var answered = _timing.Clock.GetUtcNow();
            var version = response.Headers.TryGetValues("X-Version-Id", out var ids) ? ids.First() : "";

            // A proxy may take the header away; the answer's shape is the server's all the same.
            return response.IsSuccessStatusCode && (version.Length > 0 || IsPing(await response.Content.ReadAsStringAsync(limit.Token)))
                ? new ServerAnswer.Mattermost(string.Join('.', version.Split('.').Take(3)), response.Headers.Date, asked, answered)
                : new ServerAnswer.Other((int)response.StatusCode);
        }
        catch (HttpRequestException e)
        {
            return new ServerAnswer.Nobody(Reason(e));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ServerAnswer.Nobody($"no answer within {_timing.Attempt.TotalSeconds} s");
        }
    }

    /// <summary>The teams of the bot.</summary>
    public Task<MattermostResult<IReadOnlyList<Team>>> TeamsAsync(CancellationToken cancellationToken) =>
        _rest.GetAsync<IReadOnlyList<Team>>("users/me/teams", cancellationToken);

    /// <summary>The bot's channels of a team that are not archived, and its direct channels.</summary>
    public Task<MattermostResult<IReadOnlyList<Channel>>> ChannelsAsync(string teamId, CancellationToken cancellationToken) =>
        _rest.GetAsync<IReadOnlyList<Channel>>("users/me/teams/{team}/channels", cancellationToken, teamId);

    /// <summary>Types a slash command as the bot.</summary>
    /// <param name="teamId">The team whose command is meant.</param>
    /// <param name="channelId">A channel that the bot is a member of.</param>
    /// <param name="command">The command, from its slash on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ExecutedCommand> ExecuteAsync(string teamId, string channelId, string command, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_root, "commands/execute"))
        {
            Content = new ReadOnlyMemoryContent(JsonSerializer.SerializeToUtf8Bytes(
                new { ChannelId = channelId, TeamId = teamId, Command = command }, MattermostJson.Options)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CommandPatience);
        try
        {
            using var response = await _http.SendAsync(request, limit.Token);
            if (response is { IsSuccessStatusCode: false, Content.Headers.ContentType.MediaType: not "application/json" })
            {
                // A proxy's words, or the server's own where it is asked too often.
                return new ExecutedCommand.Nothing(response.StatusCode == HttpStatusCode.TooManyRequests
                    ? "it is asked too often at the moment (429)"
                    : $"the server answered {(int)response.StatusCode}");
            }

            var json = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(limit.Token));
            return response.IsSuccessStatusCode
                ? new ExecutedCommand.Answered(json)
                : JsonSerializer.Deserialize<Error>(json, MattermostJson.Options) is { Id: not "" } error
                    ? new ExecutedCommand.Failed(new(error.Id, error.Message, (int)response.StatusCode, error.RequestId))
                    : new ExecutedCommand.Nothing($"the server answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            return new ExecutedCommand.Nothing(Reason(e));
        }
        catch (JsonException)
        {
            return new ExecutedCommand.Nothing("the answer cannot be read");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ExecutedCommand.Nothing($"no answer within {CommandPatience.TotalSeconds} s");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool IsPing(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<ServerStatus>(body, MattermostJson.Options) is { Status.Length: > 0 };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Reason(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError => (e.InnerException?.Message ?? e.Message).TrimEnd('.'),
        _ => e.Message.TrimEnd('.'),
    };

    private sealed record Error
    {
        public string Id { get; init; } = "";

        public string Message { get; init; } = "";

        public string RequestId { get; init; } = "";
    }
}
