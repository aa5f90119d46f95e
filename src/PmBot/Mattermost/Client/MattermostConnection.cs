using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace PmBot.Mattermost.Client;

/// <summary>A server without a host around it: for verbs of the command line, which run once and end.</summary>
/// <param name="url">The server's address.</param>
/// <param name="timing">How patient to be.</param>
/// <param name="loggers">Where requests are logged; null for nowhere.</param>
public sealed class MattermostConnection(string url, ClientTiming timing, ILoggerFactory? loggers = null) : IDisposable
{
    private readonly HttpClient _http = MattermostClientServices.CreateHttp(timing);
    private readonly ILoggerFactory _loggers = loggers ?? NullLoggerFactory.Instance;

    /// <summary>The server as an administrator may use it.</summary>
    /// <param name="token">An administrator's token.</param>
    public IMattermostAdmin Admin(string token) =>
        new MattermostAdminClient(_http, url, token, timing, _loggers.CreateLogger<MattermostAdminClient>());

    /// <summary>The server as the bot may use it.</summary>
    /// <param name="token">The bot's token.</param>
    public IMattermost Bot(string token) => new MattermostClient(
        _http, Options.Create(new MattermostOptions { Url = url, BotToken = token }), timing, _loggers.CreateLogger<MattermostClient>());

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
