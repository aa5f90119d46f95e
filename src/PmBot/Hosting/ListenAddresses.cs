using System.Globalization;
using System.Net;

namespace PmBot.Hosting;

/// <summary>Where the bot listens, as its settings say and as the same machine reaches it.</summary>
internal static class ListenAddresses
{
    // Kestrel's own, where nothing is said.
    private const string Usual = "http://localhost:5000";

    /// <summary>The addresses as they are configured: <c>ASPNETCORE_URLS</c>, else the ports of <c>ASPNETCORE_HTTP_PORTS</c>, else the usual one.</summary>
    public static IReadOnlyList<string> Configured(IConfiguration configuration)
    {
        var urls = Parts(configuration[WebHostDefaults.ServerUrlsKey]);
        if (urls.Count == 0)
        {
            urls = [
                .. Parts(configuration[WebHostDefaults.HttpPortsKey]).Select(port => $"http://*:{port}"),
                .. Parts(configuration[WebHostDefaults.HttpsPortsKey]).Select(port => $"https://*:{port}"),
            ];
        }

        return urls.Count == 0 ? [Usual] : urls;
    }

    /// <summary>
    /// Where this machine reaches a configured address: loopback for what listens everywhere, in both families, as <c>[::]</c> need not
    /// have both; an address itself where only that one listens. Empty if it is none, or has no port of its own (0, a socket or pipe).
    /// </summary>
    public static IReadOnlyList<Uri> Reached(string configured)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(configured);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return [];
        }

        if (address.IsUnixPipe || address.IsNamedPipe || address.Port == 0)
        {
            return [];
        }

        // A name listens everywhere, too: Kestrel only looks at addresses.
        string[] hosts = IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && !IPAddress.Any.Equals(ip) && !IPAddress.IPv6Any.Equals(ip)
            ? [address.Host]
            : ["127.0.0.1", "[::1]"];
        return [.. hosts.Select(host => new Uri(string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://{host}:{address.Port}")))];
    }

    private static List<string> Parts(string? list) =>
        [.. (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
