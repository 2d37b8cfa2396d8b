namespace Dragoman.Configuration;

/// <summary>How the gateway fetches pages for models that cannot.</summary>
internal sealed record WebFetchOptions
{
    // Fields, so that every list of defaults is an array, as those that are read from a file are.
    private static readonly int[] DefaultPorts = [80, 443];
    private static readonly string[] None = [];

    /// <summary>Clients may use <c>web_fetch</c>.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Largest body taken, after decompression. Bytes. Longer text is cut there, a longer PDF document is refused.</summary>
    public int MaxBytes { get; init; } = 10 << 20;

    /// <summary>All headers of one answer together. Bytes.</summary>
    public int MaxHeaderBytes { get; init; } = 64 << 10;

    /// <summary>Characters of a page's text; the text says that it was cut.</summary>
    public int MaxCharacters { get; init; } = 100_000;

    /// <summary>A longer URL is refused with <c>url_too_long</c>. Characters.</summary>
    public int MaxUrlLength { get; init; } = 2048;

    /// <summary>From the call to the page's text: names, connections, redirects, all of the body and its conversion.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>For resolving one host's name and connecting to it.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For turning one page's HTML into Markdown; after it the text is taken without its structure.</summary>
    public TimeSpan ConversionTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Redirects followed for one page.</summary>
    public int Redirects { get; init; } = 5;

    /// <summary>Pages fetched at once, all callers together.</summary>
    public int Concurrent { get; init; } = 16;

    /// <summary>Ports that may be connected to.</summary>
    public IReadOnlyList<int> Ports { get; init; } = DefaultPorts;

    /// <summary>Addresses (<c>10.1.2.3</c>), networks (<c>10.0.0.0/8</c>) and hosts (<c>wiki.corp.example</c>, subdomains included) that may be
    /// reached although they are not public.</summary>
    public IReadOnlyList<string> AllowPrivate { get; init; } = None;

    /// <summary>Only pages of these domains, whatever a request asks for. Empty: of any.</summary>
    public IReadOnlyList<string> AllowedDomains { get; init; } = None;

    /// <summary>No pages of these domains, whatever a request asks for.</summary>
    public IReadOnlyList<string> BlockedDomains { get; init; } = None;

    /// <summary>Sent as <c>User-Agent</c>; its first word is what robots.txt knows us by.</summary>
    public string UserAgent { get; init; } = DefaultUserAgent;

    /// <summary>As <see cref="UserAgent"/> is unless set.</summary>
    public const string DefaultUserAgent = "Dragoman/1.0 (fetches single pages for a user)";

    /// <summary>A site's robots.txt is heeded.</summary>
    public bool Robots { get; init; } = true;

    /// <summary>The same page within this time is answered from memory. Zero: never.</summary>
    public TimeSpan CacheTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Memory for pages that are kept. Bytes.</summary>
    public long CacheSize { get; init; } = 64 << 20;
}
