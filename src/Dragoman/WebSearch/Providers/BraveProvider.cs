using System.Text.Json;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>Brave's Web Search API (api-dashboard.search.brave.com/app/documentation).</summary>
internal sealed class BraveProvider(SearchProviderOptions options) : JsonSearchProvider(options, "https://api.search.brave.com", "/res/v1/web/search")
{
    private const int MostResults = 20;
    private const int MostWords = 50;

    protected override int MaxQueryLength => 400;

    protected override HttpRequestMessage Request(SearchQuery query, int count)
    {
        var text = SiteOperators.Append(query, MaxQueryLength);
        if (Words(text) > MostWords) text = query.Text;
        if (Words(text) > MostWords) throw new SearchProviderException(SearchError.QueryTooLong, "takes no query of so many words");
        var location = query.Location;
        var request = Get(("q", text), ("count", Text(Math.Min(count, MostResults))), ("country", location?.CountryCode?.ToUpperInvariant()), ("text_decorations", "false"), ("result_filter", "web"));
        request.Headers.TryAddWithoutValidation("X-Subscription-Token", Options.ApiKey);
        Tell(request, "X-Loc-City", location?.City);
        Tell(request, "X-Loc-State-Name", location?.Region);
        Tell(request, "X-Loc-Country", location?.CountryCode?.ToUpperInvariant());
        Tell(request, "X-Loc-Timezone", location?.Timezone);
        return request;
    }

    protected override IReadOnlyList<SearchHit> Read(JsonElement answer) =>
        HitReading.Read(HitReading.Member(HitReading.Member(answer, "web"), "results"), ["title"], ["url"], ["description", "extra_snippets"], ["page_age", "age"]);

    // A caller's words: what no header can hold stays out.
    private static void Tell(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null && value.All(c => c is >= ' ' and < '\x7f')) request.Headers.TryAddWithoutValidation(name, value);
    }

    private static int Words(string text) => text.Count(c => c == ' ') + 1;
}
