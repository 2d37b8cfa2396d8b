namespace Dragoman.Configuration;

/// <summary>How the gateway searches the web for models that cannot.</summary>
internal sealed record WebSearchOptions
{
    /// <summary>The search service, if there is only one.</summary>
    public SearchProviderOptions Provider { get; init; } = new();

    /// <summary>Several search services, in the order in which they are asked.</summary>
    public IReadOnlyList<SearchProviderOptions> Providers { get; init; } = [];

    /// <summary>Results of one search, at most.</summary>
    public int Results { get; init; } = 10;

    /// <summary>A longer query is refused with <c>query_too_long</c>. Characters.</summary>
    public int MaxQueryLength { get; init; } = 1000;

    /// <summary>A longer snippet is cut. Characters.</summary>
    public int MaxSnippetLength { get; init; } = 2000;

    /// <summary>The same search within this time is answered from memory. Zero: never.</summary>
    public TimeSpan CacheTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Memory for answers that are kept. Bytes.</summary>
    public long CacheSize { get; init; } = 16 << 20;

    /// <summary>Only results from there, whatever a request asks for. Empty: from anywhere.</summary>
    public IReadOnlyList<string> AllowedDomains { get; init; } = [];

    /// <summary>No results from there, whatever a request asks for.</summary>
    public IReadOnlyList<string> BlockedDomains { get; init; } = [];

    /// <summary>Most rounds of searches and fetches in one answer; then the client is told <c>pause_turn</c> and may go on.</summary>
    public int MaxRounds { get; init; } = 10;

    /// <summary>Whether Claude Code's own search requests are searched at once, or by the model.</summary>
    public DirectSearch Direct { get; init; } = DirectSearch.Auto;

    /// <summary>The search services in their order. Empty: searching is off.</summary>
    public IReadOnlyList<SearchProviderOptions> InOrder =>
        Providers.Count > 0 ? Providers : Provider.Kind is null or SearchProviderKind.None ? [] : [Provider];
}

/// <summary>What becomes of Claude Code's requests that are nothing but a search.</summary>
internal enum DirectSearch
{
    /// <summary>The gateway searches at once, and the model writes about the results.</summary>
    Auto,

    /// <summary>The model is offered the search, as in any other request.</summary>
    Never,
}

/// <summary>A search service.</summary>
internal sealed record SearchProviderOptions
{
    /// <summary>What it speaks; null: not said.</summary>
    public SearchProviderKind? Kind { get; init; }

    /// <summary>How logs and metrics call it; null: as <see cref="Kind"/> is written.</summary>
    public string? Name { get; init; }

    /// <summary>Its root, or the very address that is asked; null: the vendor's own.</summary>
    public Uri? Url { get; init; }

    /// <summary>Its key, sent as that service wants it.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Google's search engine id (<c>cx</c>).</summary>
    public string? EngineId { get; init; }

    /// <summary>Longest wait for its answer, waiting for its turn included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it may be asked; null: without bound.</summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>Headers sent with every request, by name.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The program of <see cref="SearchProviderKind.Command"/>, or of an MCP server that is started.</summary>
    public string? Command { get; init; }

    /// <summary>What the program is started with.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The MCP server's tool.</summary>
    public string? Tool { get; init; }

    /// <summary>The argument of that tool that takes the query.</summary>
    public string QueryArgument { get; init; } = "query";

    /// <summary>The argument of that tool that takes how many results are wanted; null: it has none.</summary>
    public string? CountArgument { get; init; }
}

/// <summary>What a search service speaks.</summary>
internal enum SearchProviderKind
{
    /// <summary>There is none, whatever the environment holds.</summary>
    None,

    /// <summary>A SearXNG server with its JSON format on.</summary>
    Searxng,

    /// <summary>Brave Search API.</summary>
    Brave,

    /// <summary>Tavily.</summary>
    Tavily,

    /// <summary>Exa.</summary>
    Exa,

    /// <summary>Serper.</summary>
    Serper,

    /// <summary>Google's Custom Search JSON API.</summary>
    Google,

    /// <summary>Whatever speaks as Bing's Web Search API v7 did.</summary>
    Bing,

    /// <summary>DuckDuckGo's page without scripts.</summary>
    DuckDuckGo,

    /// <summary>A program.</summary>
    Command,

    /// <summary>A tool of an MCP server.</summary>
    Mcp,
}
