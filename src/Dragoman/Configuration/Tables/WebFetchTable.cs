using System.Globalization;
using Dragoman.WebFetch.Guard;
using Dragoman.WebSearch;
using static Dragoman.Configuration.Tables.ValueKinds;

namespace Dragoman.Configuration.Tables;

/// <summary>What can be said of fetching pages.</summary>
internal static class WebFetchTable
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private static readonly ValueKind<IReadOnlyList<int>> Ports = ListOf(
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port : throw new FormatException("not a port from 1 to 65535"));

    private static readonly ValueKind<IReadOnlyList<string>> Addresses = ListOf(
        text => AddressGuard.IsEntry(text) ? text : throw new FormatException("no address, network or host. Expected one like 10.1.2.3, 10.0.0.0/8 or wiki.corp.example"));

    private static readonly ValueKind<IReadOnlyList<string>> Domains = ListOf(
        text => DomainRule.TryParse(text, out _, out var fault) ? text : throw new FormatException(fault));

    public static Table<WebFetchOptions> WebFetch { get; } = new("web_fetch", "How the gateway fetches pages where a request has Anthropic's web fetch among its tools.")
    {
        { "enabled", Bool, "true", (o, v) => o with { Enabled = v }, "Whether it does. It needs no service: the gateway itself asks the page's server." },
        { "allowed_domains", Domains, "", (o, v) => o with { AllowedDomains = v }, "Only pages from there, whatever a request asks for, such as `example.com` or `example.com/docs`." },
        { "blocked_domains", Domains, "", (o, v) => o with { BlockedDomains = v }, "No pages from there, whatever a request asks for." },
        { "allow_private", Addresses, "", (o, v) => o with { AllowPrivate = v }, "Addresses, networks and hosts (subdomains included) that may be reached although they are not public, such as `10.0.0.0/8` or `wiki.corp.example`. Where a cloud hands out credentials only that very address helps." },
        { "ports", Ports, "80,443", (o, v) => o with { Ports = v }, "Ports that may be connected to." },
        { "robots", Bool, "true", (o, v) => o with { Robots = v }, "A site's robots.txt is heeded. One that cannot be had forbids nothing." },
        { "user_agent", Text, WebFetchOptions.DefaultUserAgent, (o, v) => o with { UserAgent = v }, "Sent as User-Agent; robots.txt knows the gateway by its first word." },
        { "timeout", Time(Instant), "20s", (o, v) => o with { Timeout = v }, "Longest time for one page, redirects and conversion included." },
        { "connect_timeout", Time(Instant), "5s", (o, v) => o with { ConnectTimeout = v }, "Longest wait for a host's name and for a connection to it." },
        { "conversion_time", Time(Instant), "5s", (o, v) => o with { ConversionTime = v }, "After so long a page's HTML is taken as text without its structure." },
        { "redirects", Number(0, 20), "5", (o, v) => o with { Redirects = v }, "Redirects followed for one page, each checked as the page itself." },
        { "concurrent", Number(1, 10_000), "16", (o, v) => o with { Concurrent = v }, "Pages fetched at once, all callers together; further ones wait, and get `too_many_requests` when their time is over." },
        { "max_bytes", Size(1024, 1 << 30).Select(bytes => (int)bytes), "10MB", (o, v) => o with { MaxBytes = v }, "Largest page, after decompression. Longer text is cut, a longer PDF document is refused." },
        { "max_header_bytes", Size(1024, 1 << 20).Select(bytes => (int)bytes), "64KB", (o, v) => o with { MaxHeaderBytes = v }, "All headers of one answer together." },
        { "max_characters", Number(1, 100_000_000), "100000", (o, v) => o with { MaxCharacters = v }, "Characters of text taken from one page, if the request's `max_content_tokens` asks for no less." },
        { "max_url_length", Number(16, 65_536), "2048", (o, v) => o with { MaxUrlLength = v }, "A URL of more characters is refused with `url_too_long`." },
        { "cache_time", Time(TimeSpan.Zero), "15m", (o, v) => o with { CacheTime = v }, "The same page within this time is answered from memory. `0s`: never." },
        { "cache_size", Size(64 << 10, 1L << 36), "64MB", (o, v) => o with { CacheSize = v }, "Memory for pages that are kept." },
    };

    /// <summary>Several values: a list, or one text with commas.</summary>
    private static ValueKind<IReadOnlyList<T>> ListOf<T>(Func<string, T> parse) => new(text => All(List.Parse(text), parse), List.WriteSchema) { ParseList = items => All(items, parse) };

    private static T[] All<T>(IReadOnlyList<string> items, Func<string, T> parse) => [.. items.Select(parse)];
}
