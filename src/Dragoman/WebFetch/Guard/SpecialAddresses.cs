using System.Net;
using System.Net.Sockets;

namespace Dragoman.WebFetch.Guard;

/// <summary>Addresses that lead somewhere else than to a public server.</summary>
/// <remarks>From IANA's registries: "IPv4 Special-Purpose Address Registry", "IPv6 Special-Purpose Address Registry", "IPv4 Multicast Address
/// Space", and for IPv6 "Internet Protocol Version 6 Address Space", of which only 2000::/3 is handed out at all. Ranges that the
/// registries call globally reachable but that serve no pages (AMT, ORCHID, port control) are in, too.</remarks>
internal static class SpecialAddresses
{
    private static readonly IPNetwork[] Refused4 = Networks(
        "0.0.0.0/8",          // this network; 0.0.0.0 connects to loopback
        "10.0.0.0/8",         // private use
        "100.64.0.0/10",      // shared address space (carrier-grade NAT)
        "127.0.0.0/8",        // loopback
        "169.254.0.0/16",     // link-local; cloud metadata
        "172.16.0.0/12",      // private use
        "192.0.0.0/24",       // IETF protocol assignments; 192.0.0.192 is Oracle's metadata
        "192.0.2.0/24",       // documentation (TEST-NET-1)
        "192.31.196.0/24",    // AS112
        "192.52.193.0/24",    // AMT
        "192.88.99.0/24",     // deprecated 6to4 relay anycast
        "192.168.0.0/16",     // private use
        "192.175.48.0/24",    // AS112
        "198.18.0.0/15",      // benchmarking
        "198.51.100.0/24",    // documentation (TEST-NET-2)
        "203.0.113.0/24",     // documentation (TEST-NET-3)
        "224.0.0.0/4",        // multicast
        "240.0.0.0/4",        // reserved, and limited broadcast
        "168.63.129.16/32");  // no registry: Azure's own platform service, at a public address

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    // Inside 2000::/3. All else (loopback, mapped, compatible, discard, unique and link-local, site-local, multicast) is outside of it.
    private static readonly IPNetwork[] Refused6 = Networks(
        "2001::/23",          // IETF protocol assignments: Teredo, benchmarking, ORCHID, AMT, port control
        "2001:db8::/32",      // documentation
        "2002::/16",          // 6to4: whatever IPv4 address stands in it, nobody serves pages there
        "2620:4f:8000::/48",  // AS112
        "3ffe::/16",          // 6bone, given back
        "3fff::/20");         // documentation

    /// <summary>NAT64: networks without IPv4 reach every IPv4 server by it, so that the address inside counts. The prefix for local use
    /// (64:ff9b:1::/48) is outside of 2000::/3.</summary>
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Where clouds hand out credentials.</summary>
    private static readonly HashSet<IPAddress> Metadata =
    [
        IPAddress.Parse("169.254.169.254"),  // nearly every cloud
        IPAddress.Parse("169.254.170.2"),    // AWS ECS
        IPAddress.Parse("169.254.170.23"),   // AWS EKS
        IPAddress.Parse("fd00:ec2::254"),    // AWS
        IPAddress.Parse("fd00:ec2::23"),     // AWS EKS
        IPAddress.Parse("fd20:ce::254"),     // Google
        IPAddress.Parse("fd00:42::42"),      // Scaleway
        IPAddress.Parse("100.100.100.200"),  // Alibaba
        IPAddress.Parse("192.0.0.192"),      // Oracle
        IPAddress.Parse("168.63.129.16"),    // Azure
    ];

    /// <summary>The address that is really meant: the IPv4 one inside an IPv4-mapped or NAT64 address, else the same.</summary>
    public static IPAddress Unwrap(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (!Nat64.Contains(address)) return address;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return new(bytes[12..]);
    }

    /// <summary>Whether a public server may have this address.</summary>
    /// <param name="address">Unwrapped.</param>
    public static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !Array.Exists(Refused4, network => network.Contains(address)),
        AddressFamily.InterNetworkV6 => address.ScopeId == 0 && GlobalUnicast.Contains(address) && !Array.Exists(Refused6, network => network.Contains(address)) && !IsIsatap(address),
        _ => false,
    };

    /// <summary>Whether a cloud hands out credentials there.</summary>
    /// <param name="address">Unwrapped.</param>
    public static bool IsMetadata(IPAddress address) => Metadata.Contains(address);

    /// <summary>Intra-site tunnels (RFC 5214) have a private IPv4 address behind a public prefix.</summary>
    private static bool IsIsatap(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return bytes[8] is 0 or 2 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
    }

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(network => IPNetwork.Parse(network))];
}
