using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Dragoman.Configuration;

namespace Dragoman.WebFetch.Guard;

/// <summary>Which addresses may be connected to: public ones, and those an operator allowed.</summary>
internal sealed class AddressGuard
{
    private readonly List<IPNetwork> _networks = [];
    private readonly List<string> _hosts = [];
    private readonly int[] _ports;

    /// <param name="options">Its <see cref="WebFetchOptions.AllowPrivate"/> was checked with the configuration.</param>
    public AddressGuard(WebFetchOptions options)
    {
        _ports = [.. options.Ports];
        foreach (var entry in options.AllowPrivate)
        {
            if (TryParseNetwork(entry, out var network)) _networks.Add(network);
            else if (TryParseHost(entry, out var host)) _hosts.Add(host);
        }
    }

    /// <summary>Whether an entry of <see cref="WebFetchOptions.AllowPrivate"/> can be read.</summary>
    public static bool IsEntry(string text) => TryParseNetwork(text, out _) || TryParseHost(text, out _);

    /// <summary>Whether connections to that port may be made.</summary>
    public bool AllowsPort(int port) => Array.IndexOf(_ports, port) >= 0;

    /// <summary>Whether that address may be connected to.</summary>
    /// <param name="address">As it will be connected to.</param>
    /// <param name="host">The host that led to it, in small letters and ASCII.</param>
    /// <remarks>Where a cloud hands out credentials only an entry with exactly that address helps: whoever allows a network or a host does
    /// not think of them.</remarks>
    public bool Allows(IPAddress address, string host)
    {
        address = SpecialAddresses.Unwrap(address);
        if (SpecialAddresses.IsMetadata(address)) return _networks.Exists(network => IsSingle(network) && network.Contains(address));
        return SpecialAddresses.IsPublic(address) || _networks.Exists(network => network.Contains(address)) || _hosts.Exists(allowed => IsAtOrUnder(host, allowed));
    }

    private static bool IsAtOrUnder(string host, string domain) =>
        host.Equals(domain, StringComparison.Ordinal) || (host.EndsWith(domain, StringComparison.Ordinal) && host[^(domain.Length + 1)] == '.' && !IPAddress.TryParse(host, out _));

    private static bool IsSingle(IPNetwork network) => network.PrefixLength == (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    private static bool TryParseNetwork(string text, out IPNetwork network)
    {
        if (text.Contains('/', StringComparison.Ordinal)) return IPNetwork.TryParse(text, out network);
        network = default;
        if (!IPAddress.TryParse(text, out var address)) return false;
        network = new(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        return true;
    }

    private static bool TryParseHost(string text, [NotNullWhen(true)] out string? host)
    {
        host = UrlRules.Ascii(text);
        return host is not null && text.IndexOfAny(['/', ':', '%', '*']) < 0;
    }
}
