using System.Net;
using System.Net.Sockets;

namespace PmBot.Provisioning;

/// <summary>
/// Whether a Mattermost server calls an address: loopback, private and other reserved addresses only where its setting
/// <c>AllowedUntrustedInternalConnections</c> names the host as it stands in the URL, or a range that the address is in.
/// </summary>
public static class InternalAddress
{
    private static readonly TimeSpan LookUpPatience = TimeSpan.FromSeconds(3);

    /// <summary>What is wrong with calling it, with the remedy; null if nothing is.</summary>
    /// <param name="url">Where the server is to call the bot.</param>
    /// <param name="addresses">What the URL's host resolves to here; none if it does not.</param>
    /// <param name="allowed">The setting; null if it is not known.</param>
    public static string? Objection(Uri url, IReadOnlyCollection<IPAddress> addresses, string? allowed)
    {
        var names = allowed?.Split([' ', ',', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

        // The server knows an IPv6 address without its brackets.
        var host = url.Host.Trim('[', ']');
        if (names is null || names.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        var ranges = names.Select(n => IPNetwork.TryParse(n, out var range) ? range : (IPNetwork?)null).OfType<IPNetwork>().ToList();

        // It tries those that it may call.
        if (addresses.FirstOrDefault() is not { } address || addresses.Any(a => !IsReserved(a) || ranges.Exists(r => r.Contains(Plain(a)))))
        {
            return null;
        }

        var what = address.ToString() == host ? $"{host} is an internal address" : $"{host} is an internal address ({address})";
        return $"Mattermost would not call {url.GetLeftPart(UriPartial.Authority)}: {what}, and the server calls only those of them that it is told to. "
            + $"Add {host} to System Console > Environment > Developer > Allow untrusted internal connections to (ServiceSettings.AllowedUntrustedInternalConnections).";
    }

    /// <summary>What a host's addresses are here; the Mattermost server may know others, or this machine none.</summary>
    public static async Task<IReadOnlyCollection<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LookUpPatience);
        try
        {
            return IPAddress.TryParse(host.Trim('[', ']'), out var address) ? [address] : await Dns.GetHostAddressesAsync(host, patience.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return [];
        }
    }

    /// <summary>Loopback, private, link-local, shared and the other ranges that no public host has.</summary>
    public static bool IsReserved(IPAddress address)
    {
        var plain = Plain(address);
        return IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any)
            || (plain.AddressFamily == AddressFamily.InterNetwork
                && plain.GetAddressBytes() is [10, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..] or [169, 254, ..] or [100, >= 64 and < 128, ..] or [0, ..])
            || plain.IsIPv6LinkLocal || plain.IsIPv6SiteLocal || plain.IsIPv6UniqueLocal;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
