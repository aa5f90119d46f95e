using Microsoft.AspNetCore.Routing.Patterns;
using PmBot.Mattermost.Inbound;

namespace PmBot.Checks;

/// <summary>
/// Stands in for a bot that does not run, where its settings say that it listens, so that the way back can be checked before the first start.
/// It knows the tokens, and answers nothing but the question of the check.
/// </summary>
internal sealed class ProbeListener : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProbeListener(WebApplication app) => _app = app;

    /// <summary>Listens.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="signer">Has the key by which its answers are known.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The listener, or why there is none, a sentence.</returns>
    public static async Task<(ProbeListener? Listener, string Problem)> StartAsync(CheckSettings settings, ActionSigner signer, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(settings.Configuration);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSingleton(signer);
        builder.Services.AddSingleton(new CommandTokens(settings.Mattermost.CommandTokens.Keys.ToDictionary(t => t, t => settings.TokensOf(t).ToList(), StringComparer.Ordinal)));
        var app = builder.Build();
        try
        {
            app.MapGroup(settings.Bot.BasePath.TrimEnd('/')).MapWayBack();
            await app.StartAsync(cancellationToken);
            return (new ProbeListener(app), "");
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or FormatException or System.Net.Sockets.SocketException or UnauthorizedAccessException or RoutePatternException)
        {
            await app.DisposeAsync();
            return (null, e.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
