using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>Google's Custom Search JSON API (developers.google.com/custom-search/v1/reference/rest/v1/cse/list).</summary>
internal sealed class GoogleProvider(SearchProviderOptions options) : JsonSearchProvider(options, "https://www.googleapis.com", "/customsearch/v1")
{
    private const int MostResults = 10;

    protected override HttpRequestMessage Request(SearchQuery query, int count) => Get(
        ("key", Options.ApiKey),
        ("cx", Options.EngineId),
        ("q", SiteOperators.Append(query, MaxQueryLength)),
        ("num", Text(Math.Min(count, MostResults))),
        ("gl", query.Location?.CountryCode));

    protected override IReadOnlyList<SearchHit> Read(JsonElement answer)
    {
        var items = HitReading.Member(answer, "items");
        var hits = HitReading.Read(items, ["title"], ["link"], ["snippet"], []);
        return [.. hits.Select((hit, i) => hit with { Age = AgeOf(items, i) })];
    }

    // Pages tell when they were published in their own tags, which Google hands on.
    private static string? AgeOf(JsonElement items, int index)
    {
        var tags = HitReading.Member(HitReading.Member(items[index], "pagemap"), "metatags");
        return tags.ValueKind == JsonValueKind.Array && tags.GetArrayLength() > 0 ? HitReading.Text(tags[0], "article:published_time") : null;
    }
}
