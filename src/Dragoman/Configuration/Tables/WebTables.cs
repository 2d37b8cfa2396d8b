using static Dragoman.Configuration.Tables.ValueKinds;

namespace Dragoman.Configuration.Tables;

/// <summary>What can be said of searching the web.</summary>
internal static class WebTables
{
    private static readonly (string, SearchProviderKind)[] Kinds = [.. SearchServices.All.Select(service => (service.Word, service.Kind))];

    private static readonly string Words = string.Join(", ", SearchServices.All.Select(service => $"`{service.Word}`"));

    /// <summary>What is said of a provider beside its kind.</summary>
    private static readonly Table<SearchProviderOptions> Details = new("search provider's details", "What is said of a search service.")
    {
        { "name", OptionalText, "", (o, v) => o with { Name = v }, "How logs and metrics call it. Unset: as its kind." },
        { "url", BackendAddresses.Kind.OrNoUrl(), "", (o, v) => o with { Url = v }, "Its address. `searxng`, `bing` and `mcp` need one; unset, the others are asked where their vendors have them." },
        { "api_key", Secret, "", (o, v) => o with { ApiKey = v }, "Its key, best as `${NAME}` or `${file:/path}`. Unset: as the environment has it." },
        { "engine_id", OptionalText, "", (o, v) => o with { EngineId = v }, "`google`: the id of the search engine (`cx`). Unset: `GOOGLE_CSE_ID`." },
        { "timeout", Time(TimeSpan.FromMilliseconds(1)), "10s", (o, v) => o with { Timeout = v }, "Longest wait for its answer, waiting for its turn included; then the next one is asked." },
        { "requests_per_second", Fraction(0.001, 10_000).OrNull(), "", (o, v) => o with { RequestsPerSecond = v }, "How often it may be asked; searches wait for their turn. Unset: without bound." },
        new TextsMember<SearchProviderOptions>("headers", Secret, (o, v) => o with { Headers = v }, "Headers sent with every request, by name."),
        { "command", OptionalText, "", (o, v) => o with { Command = v }, "`command`: the program that searches. `mcp`: the program of a server that is started and spoken to over its standard input and output." },
        { "arguments", List, "", (o, v) => o with { Arguments = v }, "What that program is started with." },
        { "tool", OptionalText, "", (o, v) => o with { Tool = v }, "`mcp`: the name of the server's search tool." },
        { "query_argument", Text, "query", (o, v) => o with { QueryArgument = v }, "`mcp`: the tool's argument that takes the query." },
        { "count_argument", OptionalText, "", (o, v) => o with { CountArgument = v }, "`mcp`: the tool's argument that takes how many results are wanted. Unset: it is not told." },
    };

    public static Table<SearchProviderOptions> Provider { get; } = Build();

    public static Table<WebSearchOptions> WebSearch { get; } = BuildSearch();

    private static Table<SearchProviderOptions> Build()
    {
        var table = new Table<SearchProviderOptions>("search provider", "Several search services, asked one after another until one answers.")
        {
            { "provider", OneOf(Kinds), null, (o, v) => o with { Kind = v }, $"What it speaks: {Words}." },
        };
        foreach (var row in Details) table.Add(row);
        return table;
    }

    private static Table<WebSearchOptions> BuildSearch()
    {
        var table = new Table<WebSearchOptions>("web_search", "How the gateway searches the web where a request has Anthropic's web search among its tools.")
        {
            { "provider", OneOf([("none", SearchProviderKind.None), .. Kinds]).OrNull(), "", (o, v) => o with { Provider = o.Provider with { Kind = v } }, $"The search service: {Words}; `none` searches nowhere. Unset: those that the environment has keys or an address for." },
        };
        foreach (var row in Details) table.Add(new InlineMember<WebSearchOptions, SearchProviderOptions>(row, o => o.Provider, (o, v) => o with { Provider = v }));
        table.Add(new ListMember<WebSearchOptions, SearchProviderOptions>("providers", Provider, new(), (o, v) => o with { Providers = v }));
        table.Add("results", Number(1, 50), "10", (o, v) => o with { Results = v }, "Results of one search, at most.");
        table.Add("max_query_length", Number(1, 100_000), "1000", (o, v) => o with { MaxQueryLength = v }, "A query of more characters is refused with `query_too_long`.");
        table.Add("max_snippet_length", Number(1, 1_000_000), "2000", (o, v) => o with { MaxSnippetLength = v }, "A snippet of more characters is cut.");
        table.Add("cache_time", Time(TimeSpan.Zero), "15m", (o, v) => o with { CacheTime = v }, "The same search within this time is answered from memory. `0s`: never.");
        table.Add("cache_size", Size(64 << 10, 1L << 32), "16MB", (o, v) => o with { CacheSize = v }, "Memory for answers that are kept.");
        table.Add("max_rounds", Number(1, 1000), "10", (o, v) => o with { MaxRounds = v }, "Most rounds of searches and fetches within one answer; then it ends with `pause_turn`, and the client may go on.");
        table.Add("direct", OneOf([("auto", DirectSearch.Auto), ("never", DirectSearch.Never)]), "auto", (o, v) => o with { Direct = v }, "Claude Code's requests that are nothing but a search: `auto` searches at once and lets the model write about the results, `never` leaves it to the model.");
        table.Add("allowed_domains", List, "", (o, v) => o with { AllowedDomains = v }, "Only results from there, whatever a request asks for, such as `example.com` or `example.com/docs`.");
        table.Add("blocked_domains", List, "", (o, v) => o with { BlockedDomains = v }, "No results from there, whatever a request asks for.");
        return table;
    }

    private static ValueKind<Uri?> OrNoUrl(this ValueKind<Uri> kind) => new(text => text.Length == 0 ? null : kind.Parse(text), kind.WriteSchema) { IsQuoted = false };
}
