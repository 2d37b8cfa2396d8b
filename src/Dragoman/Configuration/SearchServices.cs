using Dragoman.WebSearch;

namespace Dragoman.Configuration;

/// <summary>What each kind of search service needs, and what the environment tells of it.</summary>
internal static class SearchServices
{
    /// <summary>What is needed of a kind, in the order in which the environment is looked through.</summary>
    /// <param name="Kind">The kind.</param>
    /// <param name="Word">How it is written.</param>
    /// <param name="KeyVariable">Environment variable of its key; null: it has none.</param>
    /// <param name="UrlVariable">Environment variable of its address; null: it has none.</param>
    /// <param name="NeedsKey">It does not answer without a key.</param>
    /// <param name="NeedsUrl">It has no address that everybody uses.</param>
    public sealed record Service(SearchProviderKind Kind, string Word, string? KeyVariable = null, string? UrlVariable = null, bool NeedsKey = false, bool NeedsUrl = false);

    /// <summary>Environment variable of Google's search engine id.</summary>
    public const string GoogleEngineVariable = "GOOGLE_CSE_ID";

    /// <summary>Every kind; own servers first, since they cost nothing.</summary>
    public static IReadOnlyList<Service> All { get; } =
    [
        new(SearchProviderKind.Searxng, "searxng", UrlVariable: "SEARXNG_URL", NeedsUrl: true),
        new(SearchProviderKind.Brave, "brave", "BRAVE_API_KEY", NeedsKey: true),
        new(SearchProviderKind.Tavily, "tavily", "TAVILY_API_KEY", NeedsKey: true),
        new(SearchProviderKind.Exa, "exa", "EXA_API_KEY", NeedsKey: true),
        new(SearchProviderKind.Serper, "serper", "SERPER_API_KEY", NeedsKey: true),
        new(SearchProviderKind.Google, "google", "GOOGLE_CSE_API_KEY", NeedsKey: true),
        new(SearchProviderKind.Bing, "bing", "BING_SEARCH_API_KEY", "BING_SEARCH_URL", NeedsUrl: true),
        new(SearchProviderKind.DuckDuckGo, "duckduckgo"),
        new(SearchProviderKind.Command, "command"),
        new(SearchProviderKind.Mcp, "mcp"),
    ];

    /// <summary>What there is to know of a kind.</summary>
    public static Service Of(SearchProviderKind kind) => All.First(service => service.Kind == kind);

    /// <summary>How logs and metrics call a provider.</summary>
    public static string NameOf(SearchProviderOptions provider) => provider.Name ?? Of(provider.Kind!.Value).Word;

    /// <summary>The options with the keys and addresses of the environment. If no service is named, those that it has keys or an address
    /// for.</summary>
    /// <param name="options">As an operator described them.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="discovery">Services that are not named are looked for.</param>
    /// <exception cref="ConfigurationException">An address in the environment that is none.</exception>
    public static WebSearchOptions Complete(WebSearchOptions options, Func<string, string?> variable, bool discovery)
    {
        if (options.Providers.Count > 0) return options with { Providers = [.. options.Providers.Select(provider => Complete(provider, variable))] };
        if (options.Provider.Kind is { } kind) return kind == SearchProviderKind.None ? options : options with { Provider = Complete(options.Provider, variable) };
        if (!discovery) return options;
        var found = All.Select(service => Complete(new() { Kind = service.Kind, Timeout = options.Provider.Timeout, RequestsPerSecond = options.Provider.RequestsPerSecond }, variable)).Where(IsToldOf).ToList();
        return options with { Providers = found };

        bool IsToldOf(SearchProviderOptions provider) =>
            Of(provider.Kind!.Value) is var service && (service.UrlVariable is not null || service.KeyVariable is not null)
            && Faults(provider).Count == 0;
    }

    /// <summary>What is missing: the key under the provider, and a sentence.</summary>
    public static IReadOnlyList<(string Key, string Message)> Faults(SearchProviderOptions provider)
    {
        if (provider.Kind is null or SearchProviderKind.None) return [];
        var service = Of(provider.Kind.Value);
        var faults = new List<(string, string)>();
        if (service.NeedsUrl && provider.Url is null) faults.Add(("url", $"Provider '{service.Word}' needs the address of the server, such as http://127.0.0.1:8888, here or in {service.UrlVariable}."));
        if (service.NeedsKey && provider.ApiKey is null) faults.Add(("api_key", $"Provider '{service.Word}' needs a key, here or in {service.KeyVariable}."));
        if (provider is { Kind: SearchProviderKind.Google, EngineId: null }) faults.Add(("engine_id", $"Provider 'google' needs the id of a search engine, here or in {GoogleEngineVariable}."));
        if (provider is { Kind: SearchProviderKind.Command, Command: null }) faults.Add(("command", "Provider 'command' needs the path of a program."));
        if (provider is { Kind: SearchProviderKind.Mcp, Tool: null }) faults.Add(("tool", "Provider 'mcp' needs the name of the server's search tool."));
        if (provider is { Kind: SearchProviderKind.Mcp } && provider.Url is null == provider.Command is null) faults.Add(("url", "Provider 'mcp' needs either the address of a server (url) or a program to start (command)."));
        return faults;
    }

    /// <summary>Adds every fault of the options.</summary>
    public static void Check(WebSearchOptions options, Action<string, string> add)
    {
        if (options.Providers.Count > 0 && options.Provider.Kind is not null)
            add("web_search.providers", "There is a 'provider' beside this list. Put it into the list, or take one of them out.");
        if (options.Provider is { Kind: null } and ({ Url: not null } or { ApiKey: not null } or { Command: not null }))
            add("web_search.provider", $"It is missing. Which search service is it? Known: {string.Join(", ", All.Select(service => service.Word))}.");
        foreach (var (key, message) in Faults(options.Provider)) add($"web_search.{key}", message);
        for (var i = 0; i < options.Providers.Count; i++)
        {
            foreach (var (key, message) in Faults(options.Providers[i])) add($"web_search.providers[{i}].{key}", message);
        }

        CheckDomains(options.AllowedDomains, "allowed_domains");
        CheckDomains(options.BlockedDomains, "blocked_domains");

        void CheckDomains(IReadOnlyList<string> domains, string key)
        {
            for (var i = 0; i < domains.Count; i++)
            {
                if (!DomainRule.TryParse(domains[i], out _, out var fault)) add($"web_search.{key}[{i}]", $"'{domains[i]}' {fault}.");
            }
        }
    }

    private static SearchProviderOptions Complete(SearchProviderOptions provider, Func<string, string?> variable)
    {
        if (provider.Kind is null or SearchProviderKind.None) return provider;
        var service = Of(provider.Kind.Value);
        return provider with
        {
            ApiKey = provider.ApiKey ?? Value(service.KeyVariable),
            Url = provider.Url ?? UrlOf(service),
            EngineId = provider.EngineId ?? (provider.Kind == SearchProviderKind.Google ? Value(GoogleEngineVariable) : null),
        };

        string? Value(string? name) => name is not null && variable(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

        Uri? UrlOf(Service service)
        {
            if (Value(service.UrlVariable) is not { } text) return null;
            try
            {
                return BackendAddresses.Kind.Parse(text);
            }
            catch (FormatException e)
            {
                throw new ConfigurationException($"{service.UrlVariable}: The value is {e.Message}.");
            }
        }
    }
}
