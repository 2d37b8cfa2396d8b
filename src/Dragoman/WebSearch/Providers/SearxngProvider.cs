using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>SearXNG's search API (docs.searxng.org/dev/search_api.html). The server must have <c>json</c> among its formats, or it answers
/// 403.</summary>
internal sealed class SearxngProvider(SearchProviderOptions options) : JsonSearchProvider(options, null, "/search")
{
    protected override HttpRequestMessage Request(SearchQuery query, int count)
    {
        var request = Get(("q", SiteOperators.Append(query, MaxQueryLength)), ("format", "json"));
        if (Options.ApiKey is { } key) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        return request;
    }

    protected override IReadOnlyList<SearchHit> Read(JsonElement answer)
    {
        var hits = HitReading.Read(HitReading.Member(answer, "results"), ["title"], ["url"], ["content"], ["publishedDate", "pubdate"]);
        // Its engines are blocked or down: that is no empty web.
        if (hits.Count == 0 && HitReading.Member(answer, "unresponsive_engines") is { ValueKind: JsonValueKind.Array } silent && silent.GetArrayLength() > 0)
            throw new SearchProviderException(SearchError.Unavailable, "found nothing, and some of its engines did not respond");
        return hits;
    }
}
