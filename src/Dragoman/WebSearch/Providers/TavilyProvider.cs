using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>Tavily's search (docs.tavily.com/documentation/api-reference/endpoint/search). It is not told where the user is: it knows
/// countries by their English names only.</summary>
internal sealed class TavilyProvider(SearchProviderOptions options) : JsonSearchProvider(options, "https://api.tavily.com", "/search")
{
    private const int MostResults = 20;
    private const int MostIncluded = 300;
    private const int MostExcluded = 150;

    protected override int MaxQueryLength => 400;

    protected override HttpRequestMessage Request(SearchQuery query, int count)
    {
        var request = Post(json =>
        {
            json.WriteString("query"u8, query.Text);
            json.WriteNumber("max_results"u8, Math.Min(count, MostResults));
            Domains(json, "include_domains", query.Domains.Allowed, MostIncluded);
            Domains(json, "exclude_domains", query.Domains.Blocked.Where(rule => rule.IsWholeHost), MostExcluded);
        });
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Options.ApiKey}");
        return request;
    }

    protected override IReadOnlyList<SearchHit> Read(JsonElement answer) =>
        HitReading.Read(HitReading.Member(answer, "results"), ["title"], ["url"], ["content"], ["published_date"]);

    private static void Domains(Utf8JsonWriter json, string name, IEnumerable<DomainRule> rules, int most)
    {
        var hosts = rules.Select(rule => rule.Host).Distinct(StringComparer.Ordinal).ToArray();
        if (hosts.Length == 0 || hosts.Length > most) return;
        json.WriteStartArray(name);
        foreach (var host in hosts) json.WriteStringValue(host);
        json.WriteEndArray();
    }
}
