using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>Servers that speak as Bing's Web Search API v7 did. Microsoft ended its own in August 2025, so the operator names the server.</summary>
internal sealed class BingProvider(SearchProviderOptions options) : JsonSearchProvider(options, null, "/v7.0/search")
{
    private const int MostResults = 50;

    protected override HttpRequestMessage Request(SearchQuery query, int count)
    {
        var request = Get(
            ("q", SiteOperators.Append(query, MaxQueryLength)),
            ("count", Text(Math.Min(count, MostResults))),
            ("cc", query.Location?.CountryCode?.ToUpperInvariant()),
            ("responseFilter", "Webpages"),
            ("textFormat", "Raw"));
        if (Options.ApiKey is { } key) request.Headers.TryAddWithoutValidation("Ocp-Apim-Subscription-Key", key);
        return request;
    }

    protected override IReadOnlyList<SearchHit> Read(JsonElement answer) =>
        HitReading.Read(HitReading.Member(HitReading.Member(answer, "webPages"), "value"), ["name"], ["url"], ["snippet"], ["datePublishedDisplayText", "datePublished"]);
}
