using System.Net.Security;
using System.Text.Json;

namespace PmBot.Hosting;

/// <summary>What a running bot says of its own health.</summary>
internal abstract record HealthAnswer
{
    private HealthAnswer()
    {
    }

    /// <summary>It is well.</summary>
    /// <param name="Address">Where it was asked.</param>
    public sealed record Well(Uri Address) : HealthAnswer;

    /// <summary>Nobody answered, or who did is not well.</summary>
    /// <param name="Reasons">Why, a sentence each.</param>
    /// <param name="Answered">Whether somebody answered.</param>
    public sealed record Unwell(IReadOnlyList<string> Reasons, bool Answered) : HealthAnswer;
}

/// <summary>
/// Asks the running bot for its health, from the machine on which it runs. The one place outside of the Mattermost part that speaks HTTP:
/// to nobody but the bot itself.
/// </summary>
internal static class OwnHealth
{
    /// <summary>The path that says whether the process answers.</summary>
    public const string LivePath = "/health/live";

    /// <summary>The path that says whether it can do its work.</summary>
    public const string ReadyPath = "/health/ready";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks at the addresses where the bot listens, until one answers that it is well.</summary>
    /// <param name="configuration">The bot's settings.</param>
    /// <param name="path"><see cref="LivePath"/> or <see cref="ReadyPath"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<HealthAnswer> AskAsync(IConfiguration configuration, string path, CancellationToken cancellationToken)
    {
        var basePath = (configuration[$"{PmBotOptions.Section}:{nameof(PmBotOptions.BasePath)}"] ?? "").Trim('/');
        var reasons = new List<string>();
        var answered = false;
        foreach (var configured in ListenAddresses.Configured(configuration))
        {
            var addresses = ListenAddresses.Reached(configured);
            if (addresses.Count == 0)
            {
                reasons.Add($"{configured} is no address that can be asked: it needs http or https, and a port.");
            }

            foreach (var address in addresses)
            {
                var url = new Uri(address, (basePath.Length == 0 ? "" : $"/{basePath}") + path);
                var (well, reason, spoke) = await AskAsync(url, cancellationToken);
                if (well)
                {
                    return new HealthAnswer.Well(url);
                }

                answered |= spoke;
                reasons.Add(reason);
            }
        }

        return new HealthAnswer.Unwell(reasons, answered);
    }

    private static async Task<(bool Well, string Reason, bool Answered)> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(Handler()) { Timeout = Patience };
        try
        {
            using var response = await http.GetAsync(url, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? (true, "", true)
                : (false, $"{url} answered {(int)response.StatusCode}{Unhealthy(body)}.", true);
        }
        catch (HttpRequestException e)
        {
            return (false, $"{url} does not answer: {e.Message.TrimEnd('.')}.", false);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"{url} does not answer within {Patience.TotalSeconds} s.", false);
        }
    }

    private static SocketsHttpHandler Handler() => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,

        // On loopback no certificate has the right name, and nobody else can listen there.
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = static (sender, _, _, errors) =>
                errors == SslPolicyErrors.None || sender is SslStream { TargetHostName: "127.0.0.1" or "::1" or "[::1]" },
        },
    };

    /// <summary>The checks that failed, with their reasons, of an answer of <see cref="ReadyPath"/>; empty for any other answer.</summary>
    private static string Unhealthy(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var failed = json.RootElement.GetProperty("checks").EnumerateObject()
                .Where(check => check.Value.GetProperty("status").GetString() != "Healthy")
                .Select(check => $"{check.Name}: {check.Value.GetProperty("description").GetString()?.TrimEnd('.')}");
            return $": {string.Join("; ", failed)}";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "";
        }
    }
}
