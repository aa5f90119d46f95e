using System.Net;
using System.Net.Sockets;

namespace PmBot.Sandbox.StandIn;

/// <summary>The server's settings that integrations depend on, as the System Console would change them.</summary>
public sealed class ServerSettings
{
    private volatile string _allowed = "127.0.0.1 localhost";

    /// <summary>Whether bot accounts can be made.</summary>
    public bool EnableBotAccountCreation { get; set; } = true;

    /// <summary>Whether it says that bots are disabled together with the account of whoever made them.</summary>
    public bool DisableBotsWhenOwnerIsDeactivated { get; set; } = true;

    /// <summary>Whether people, other than bots, can have access tokens.</summary>
    public bool EnableUserAccessTokens { get; set; } = true;

    /// <summary>Whether there are custom slash commands.</summary>
    public bool EnableCommands { get; set; } = true;

    /// <summary>Whether there are outgoing webhooks.</summary>
    public bool EnableOutgoingWebhooks { get; set; } = true;

    /// <summary>The hosts and ranges of reserved addresses that the server calls nevertheless, separated by white space or commas.</summary>
    public string AllowedUntrustedInternalConnections
    {
        get => _allowed;
        set => _allowed = value;
    }

    /// <summary>The version it says it has.</summary>
    public string Version { get; set; } = "7.10.0";

    /// <summary>Whether it says where people reach it.</summary>
    public bool HasSiteUrl { get; set; } = true;

    /// <summary>Whether an integration at this address is called: a name by itself is taken for one that leads outside.</summary>
    internal bool MayCall(Uri url)
    {
        var allowed = AllowedUntrustedInternalConnections.Split([' ', ',', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (allowed.Contains(url.Host, StringComparer.Ordinal))
        {
            return true;
        }

        var address = IPAddress.TryParse(url.IdnHost, out var parsed) ? parsed : url.Host == "localhost" ? IPAddress.Loopback : null;
        return address is null || !IsReserved(address) || allowed.Any(range => IPNetwork.TryParse(range, out var network) && network.Contains(address));
    }

    private static bool IsReserved(IPAddress address) => IPAddress.IsLoopback(address)
        || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [10, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..] or [169, 254, ..])
        || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal;
}
