using System.Net;

namespace Dragoman.Configuration;

/// <summary>The addresses that <c>urls</c> names.</summary>
internal static class ListenAddresses
{
    /// <summary>Cuts the text at semicolons.</summary>
    /// <exception cref="ConfigurationException">One is no http address.</exception>
    public static IReadOnlyList<string> Parse(string urls)
    {
        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0) throw new ConfigurationException($"No address to listen on. Expected one like {GatewayOptions.DefaultUrls}.");
        foreach (var address in addresses)
        {
            if (address.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
                throw new ConfigurationException($"Dragoman does not serve TLS itself yet ('{address}'). Listen on http and let a proxy in front do it.");
            // Hosts like * and + are Kestrel's; Uri does not know them.
            var known = address.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
            if (!Uri.TryCreate(known, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.AbsolutePath != "/")
            {
                throw new ConfigurationException(
                    $"'{address}' is no address to listen on. Expected one like {GatewayOptions.DefaultUrls}; path prefixes are a setting of their own.");
            }
        }

        return addresses;
    }

    /// <summary>Whether all of them are for this machine only.</summary>
    public static bool AreLoopback(string urls) => Parse(urls).All(IsLoopback);

    private static bool IsLoopback(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) return false;
        if (uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return true;
        return IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip);
    }
}
