using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace PmBot.Mattermost.Client;

/// <summary>Registers the client and the directory.</summary>
public static class MattermostClientServices
{
    /// <summary>The name of the client's <see cref="HttpClient"/>, by which its handler can be replaced.</summary>
    public const string HttpClientName = "Mattermost";

    /// <summary>The longest answer that is read, in bytes.</summary>
    private const long LongestAnswer = 16 * 1024 * 1024;

    /// <summary>
    /// Adds <see cref="IMattermost"/> and <see cref="IDirectory"/>. <see cref="MattermostOptions"/> are to be configured by the caller;
    /// a <see cref="ClientTiming"/> or <see cref="TimeProvider"/> that is registered already is used.
    /// </summary>
    public static IServiceCollection AddMattermostClient(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ClientTiming>();
        services.AddHttpClient(HttpClientName)
            .ConfigureHttpClient(Configure)
            .ConfigurePrimaryHttpMessageHandler(provider => Handler(provider.GetRequiredService<ClientTiming>()))

            // The client lives as long as the process; the pooled connections' lifetime follows changes of DNS.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();

        // One instance: the circuit and the rate limit are shared by all requests.
        services.TryAddSingleton<IMattermost>(provider => new MattermostClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(HttpClientName),
            provider.GetRequiredService<IOptions<MattermostOptions>>(),
            provider.GetRequiredService<ClientTiming>(),
            provider.GetRequiredService<ILogger<MattermostClient>>(),
            provider.GetService<IMeterFactory>()));
        services.TryAddSingleton<IDirectory, MattermostDirectory>();
        return services;
    }

    /// <summary>An <see cref="HttpClient"/> like the bot's, for what runs without a host.</summary>
    internal static HttpClient CreateHttp(ClientTiming timing)
    {
        var http = new HttpClient(Handler(timing));
        Configure(http);
        return http;
    }

    private static void Configure(HttpClient http)
    {
        http.Timeout = Timeout.InfiniteTimeSpan;
        http.MaxResponseContentBufferSize = LongestAnswer;
    }

    private static SocketsHttpHandler Handler(ClientTiming timing) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = timing.Connect,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
}
