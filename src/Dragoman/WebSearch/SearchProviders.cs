using Dragoman.Configuration;
using Dragoman.WebSearch.Providers;

namespace Dragoman.WebSearch;

/// <summary>Makes providers of what an operator described.</summary>
internal static class SearchProviders
{
    /// <summary>The provider. Nothing is connected or started until it is asked.</summary>
    /// <param name="options">Checked: it has what its kind needs.</param>
    public static ISearchProvider Create(SearchProviderOptions options) => options.Kind switch
    {
        SearchProviderKind.Searxng => new SearxngProvider(options),
        SearchProviderKind.Brave => new BraveProvider(options),
        SearchProviderKind.Tavily => new TavilyProvider(options),
        SearchProviderKind.Exa => new ExaProvider(options),
        SearchProviderKind.Serper => new SerperProvider(options),
        SearchProviderKind.Google => new GoogleProvider(options),
        SearchProviderKind.Bing => new BingProvider(options),
        SearchProviderKind.DuckDuckGo => new DuckDuckGoProvider(options),
        SearchProviderKind.Command => new CommandProvider(options),
        SearchProviderKind.Mcp => new McpProvider(options),
        _ => throw new InvalidOperationException("There is no such provider."),
    };
}
