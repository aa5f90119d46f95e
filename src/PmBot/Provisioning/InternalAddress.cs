using System.Net;
using System.Net.Sockets;

namespace PmBot.Provisioning;

/// <summary>
/// Whether a Mattermost server calls an address: loopback, private and other reserved addresses only where its setting
/// <c>AllowedUntrustedInternalConnections</c> names the host as it stands in the URL, or a range that the address is in.
/// </summary>
public static class InternalAddress
{
    /// <summary>What is wrong with calling it, with the remedy; null if nothing is.</summary>
    /// <param name="url">Where the server is to call the bot.</param>
    /// <param name="addresses">What the URL's host resolves to here; none if it does not.</param>
    /// <param name="allowed">The setting; null if it is not known.</param>
    public static string? Objection(Uri url, IReadOnlyCollection<IPAddress> addresses, string? allowed)
    {
        var names = allowed?.Split([' ', ',', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (names is null || names.Contains(url.Host, StringComparer.Ordinal))
        {
            return null;
        }

        var ranges = names.Select(n => IPNetwork.TryParse(n, out var range) ? range : (IPNetwork?)null).OfType<IPNetwork>().ToList();
        if (addresses.FirstOrDefault(a => IsReserved(a) && !ranges.Exists(r => r.Contains(a))) is not { } address)
        {
            return null;
        }

        var what = address.ToString() == url.Host ? $"{url.Host} is an internal address" : $"{url.Host} is an internal address ({address})";
        return $"Mattermost would not call {url.GetLeftPart(UriPartial.Authority)}: {what}, and the server calls only those of them that it is told to. "
            + $"Add {url.Host} to System Console > Environment > Developer > Allow untrusted internal connections to (ServiceSettings.AllowedUntrustedInternalConnections).";
    }

    /// <summary>Loopback, private, link-local, shared and the other ranges that no public host has.</summary>
    private static bool IsReserved(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any)
            || (plain.AddressFamily == AddressFamily.InterNetwork
                && plain.GetAddressBytes() is [10, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..] or [169, 254, ..] or [100, >= 64 and < 128, ..] or [0, ..])
            || plain.IsIPv6LinkLocal || plain.IsIPv6SiteLocal || plain.IsIPv6UniqueLocal;
    }
}
