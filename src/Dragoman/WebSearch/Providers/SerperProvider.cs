using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>Serper's Google search (serper.dev).</summary>
internal sealed class SerperProvider(SearchProviderOptions options) : JsonSearchProvider(options, "https://google.serper.dev", "/search")
{
    private const int MostResults = 100;

    protected override HttpRequestMessage Request(SearchQuery query, int count)
    {
        var request = Post(json =>
        {
            json.WriteString("q"u8, SiteOperators.Append(query, MaxQueryLength));
            json.WriteNumber("num"u8, Math.Min(count, MostResults));
            if (query.Location is not { } location) return;
            if (location.CountryCode is { } country) json.WriteString("gl"u8, country);
            var place = string.Join(", ", new[] { location.City, location.Region, location.Country }.Where(part => !string.IsNullOrWhiteSpace(part)));
            if (location.City is not null) json.WriteString("location"u8, place);
        });
        request.Headers.TryAddWithoutValidation("X-API-KEY", Options.ApiKey);
        return request;
    }

    protected override IReadOnlyList<SearchHit> Read(JsonElement answer) =>
        HitReading.Read(HitReading.Member(answer, "organic"), ["title"], ["link"], ["snippet"], ["date"]);
}
