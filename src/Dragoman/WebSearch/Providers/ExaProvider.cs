using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>Exa's search (docs.exa.ai/reference/search), with the passages of each page that fit the query.</summary>
internal sealed class ExaProvider(SearchProviderOptions options) : JsonSearchProvider(options, "https://api.exa.ai", "/search")
{
    private const int MostResults = 100;

    protected override HttpRequestMessage Request(SearchQuery query, int count)
    {
        var request = Post(json =>
        {
            json.WriteString("query"u8, query.Text);
            json.WriteString("type"u8, "auto"u8);
            json.WriteNumber("numResults"u8, Math.Min(count, MostResults));
            Domains(json, "includeDomains", query.Domains.Allowed);
            Domains(json, "excludeDomains", query.Domains.Blocked.Where(rule => rule.IsWholeHost));
            if (query.Location?.CountryCode is { } country) json.WriteString("userLocation"u8, country.ToUpperInvariant());
            json.WriteStartObject("contents"u8);
            json.WriteBoolean("highlights"u8, true);
            json.WriteEndObject();
        });
        request.Headers.TryAddWithoutValidation("x-api-key", Options.ApiKey);
        return request;
    }

    protected override IReadOnlyList<SearchHit> Read(JsonElement answer) =>
        HitReading.Read(HitReading.Member(answer, "results"), ["title"], ["url"], ["highlights", "summary", "text"], ["publishedDate"]);

    private static void Domains(Utf8JsonWriter json, string name, IEnumerable<DomainRule> rules)
    {
        var places = rules.Select(rule => rule.HostAndPath).Distinct(StringComparer.Ordinal).ToArray();
        if (places.Length == 0) return;
        json.WriteStartArray(name);
        foreach (var place in places) json.WriteStringValue(place);
        json.WriteEndArray();
    }
}
