using System.Text;

namespace Dragoman.WebSearch;

/// <summary>Addresses of found pages, freed of what search services put around them.</summary>
internal static class PageAddress
{
    private const int Longest = 4096;

    private static readonly string[] TrackingPrefixes = ["utm_", "mtm_", "pk_"];

    private static readonly string[] TrackingNames = ["gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "yclid", "twclid", "ttclid", "mc_cid", "mc_eid", "igshid", "srsltid", "_hsenc", "_hsmi"];

    /// <summary>The page itself; null: that is no address of a page.</summary>
    /// <param name="text">As a service wrote it: possibly a redirect of its own, possibly without a scheme (<c>//host/path</c>).</param>
    public static Uri? Read(string? text)
    {
        for (var hops = 0; hops < 3; hops++)
        {
            if (Parse(text) is not { } url) return null;
            if (Target(url) is not { } target) return WithoutTracking(url);
            text = target;
        }

        return null;
    }

    /// <summary>The same for addresses that differ only in scheme, <c>www.</c>, fragment or a slash at the end.</summary>
    public static string KeyOf(Uri url)
    {
        var host = url.IdnHost.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? url.IdnHost[4..] : url.IdnHost;
        return $"{host.ToLowerInvariant()}:{(url.IsDefaultPort ? 0 : url.Port)}{url.AbsolutePath.TrimEnd('/')}{url.Query}";
    }

    private static Uri? Parse(string? text)
    {
        text = text?.Trim();
        if (text is null or { Length: 0 or > Longest }) return null;
        if (text.StartsWith("//", StringComparison.Ordinal)) text = "https:" + text;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.UserInfo.Length == 0 ? url : null;
    }

    /// <summary>Where a search service's own redirect leads; null: it is none.</summary>
    private static string? Target(Uri url) => (url.IdnHost, url.AbsolutePath) switch
    {
        ("duckduckgo.com" or "www.duckduckgo.com" or "html.duckduckgo.com", "/l/" or "/l") => Parameter(url, "uddg"),
        ("www.google.com" or "google.com", "/url") => Parameter(url, "q") ?? Parameter(url, "url"),
        ("www.bing.com" or "bing.com", "/ck/a") => Parameter(url, "u") is { Length: > 2 } packed && packed.StartsWith("a1", StringComparison.Ordinal) ? FromBase64(packed[2..]) : null,
        _ => null,
    };

    private static string? Parameter(Uri url, string name)
    {
        foreach (var part in url.Query.TrimStart('?').Split('&'))
        {
            if (part.StartsWith(name + "=", StringComparison.Ordinal)) return Uri.UnescapeDataString(part[(name.Length + 1)..].Replace('+', ' '));
        }

        return null;
    }

    private static string? FromBase64(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/') + new string('=', (4 - (text.Length % 4)) % 4);
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static Uri WithoutTracking(Uri url)
    {
        if (url.Query.Length == 0) return url;
        var parts = url.Query[1..].Split('&');
        var kept = parts.Where(part => !IsTracking(part.Split('=')[0])).ToArray();
        return kept.Length == parts.Length ? url : new UriBuilder(url) { Query = string.Join('&', kept) }.Uri;
    }

    private static bool IsTracking(string name) =>
        TrackingPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || TrackingNames.Contains(name, StringComparer.OrdinalIgnoreCase);
}
