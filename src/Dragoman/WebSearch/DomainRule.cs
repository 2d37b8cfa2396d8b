using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;

namespace Dragoman.WebSearch;

/// <summary>An entry of <c>allowed_domains</c> or <c>blocked_domains</c>: a host with everything under it, and possibly a path.</summary>
/// <remarks>As Anthropic has it: no scheme; <c>example.com</c> covers its subdomains, <c>docs.example.com</c> only itself and what is under it;
/// <c>example.com/blog</c> covers that path and what is under it; at most one <c>*</c>, and only in the path.</remarks>
internal sealed class DomainRule
{
    private static readonly IdnMapping Idn = new();

    private readonly string _path;

    private DomainRule(string host, string path)
    {
        Host = host;
        _path = path;
    }

    /// <summary>The host, in small letters and ASCII.</summary>
    public string Host { get; }

    /// <summary>There is no path: everything on that host is meant.</summary>
    public bool IsWholeHost => _path.Length == 0;

    /// <summary>The rule as services take it that know paths but no wildcards: up to the <c>*</c>.</summary>
    public string HostAndPath => Host + _path.Split('*')[0].TrimEnd('/');

    /// <summary>Reads a rule.</summary>
    /// <param name="text">As the caller wrote it.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="fault">What is wrong with it, as the end of a sentence without a full stop.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DomainRule? rule, [NotNullWhen(false)] out string? fault)
    {
        (rule, fault) = Parse(text.Trim());
        return rule is not null;
    }

    /// <summary>Whether a page is meant.</summary>
    public bool Matches(Uri url) => HostMatches(url.IdnHost.TrimEnd('.')) && (_path.Length == 0 || PathMatches(Uri.UnescapeDataString(url.AbsolutePath)));

    public override string ToString() => Host + _path;

    private static (DomainRule? Rule, string? Fault) Parse(string text)
    {
        if (text.Length == 0) return (null, "is empty. Expected a domain such as example.com");
        if (text.Contains("://", StringComparison.Ordinal)) return (null, "begins with a scheme. Expected a domain alone, such as example.com");
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var (host, path) = slash < 0 ? (text, "") : (text[..slash], text[slash..]);
        if (host.Contains('*', StringComparison.Ordinal)) return (null, "has a wildcard in its host. A domain covers its subdomains by itself; a wildcard may stand in the path");
        if (path.Count(c => c == '*') > 1) return (null, "has more than one wildcard");
        if (path.IndexOfAny(['?', '#']) >= 0) return (null, "has a query or a fragment. Expected a domain, or a domain with a path");
        if (ToAscii(host.TrimEnd('.')) is not { } ascii) return (null, "is no domain. Expected one such as example.com");
        path = Uri.UnescapeDataString(path);
        // Services are told it as JSON.
        if (path.Any(char.IsControl) || Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(path)) != path) return (null, "has a path that no address has");
        return (new(ascii, path == "/" ? "" : path), null);
    }

    private static string? ToAscii(string host)
    {
        try
        {
            var ascii = Idn.GetAscii(host).ToLowerInvariant();
            var isName = ascii.Split('.').All(label => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
            return isName && ascii.Length <= 253 ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private bool HostMatches(string host)
    {
        if (host.Equals(Host, StringComparison.OrdinalIgnoreCase)) return true;
        return host.Length > Host.Length && host[^(Host.Length + 1)] == '.' && host.EndsWith(Host, StringComparison.OrdinalIgnoreCase)
            // The end of an address is not above it.
            && !IPAddress.TryParse(host, out _);
    }

    private bool PathMatches(string path)
    {
        var star = _path.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return IsAtOrUnder(path, 0, _path);
        var (before, after) = (_path[..star], _path[(star + 1)..]);
        if (!path.StartsWith(before, StringComparison.Ordinal)) return false;
        if (after.Length == 0) return true;
        for (var at = path.IndexOf(after, before.Length, StringComparison.Ordinal); at >= 0; at = path.IndexOf(after, at + 1, StringComparison.Ordinal))
        {
            if (IsAtOrUnder(path, at, after)) return true;
        }

        return false;
    }

    /// <summary>Whether <paramref name="folder"/> stands at that place of the path, and ends where a segment ends.</summary>
    private static bool IsAtOrUnder(string path, int at, string folder)
    {
        var name = folder.AsSpan().TrimEnd('/');
        if (!path.AsSpan(at).StartsWith(name, StringComparison.Ordinal)) return false;
        var end = at + name.Length;
        return end == path.Length || path[end] == '/';
    }
}
