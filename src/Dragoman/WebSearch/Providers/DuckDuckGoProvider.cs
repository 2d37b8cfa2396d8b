using AngleSharp.Html.Parser;
using Dragoman.Configuration;

namespace Dragoman.WebSearch.Providers;

/// <summary>DuckDuckGo's page for browsers without scripts. Not an interface that anybody promises: it may change, and it turns away who asks
/// too often.</summary>
internal sealed class DuckDuckGoProvider(SearchProviderOptions options) : HttpSearchProvider(options, "https://html.duckduckgo.com", "/html/")
{
    // It refuses longer queries.
    protected override int MaxQueryLength => 499;

    protected override HttpRequestMessage Request(SearchQuery query, int count) => Get(("q", SiteOperators.Append(query, MaxQueryLength)));

    protected override IReadOnlyList<SearchHit> Read(ReadOnlyMemory<byte> answer)
    {
        using var stream = new MemoryStream(answer.ToArray(), writable: false);
        using var page = new HtmlParser().ParseDocument(stream);
        if (page.QuerySelector(".anomaly-modal__title, #challenge-form") is not null)
            throw new SearchProviderException(SearchError.TooManyRequests, "asks whether we are human");
        return
        [
            .. page.QuerySelectorAll(".result:not(.result--ad)").Select(result => new SearchHit(
                result.QuerySelector(".result__a")?.TextContent,
                result.QuerySelector(".result__a")?.GetAttribute("href"),
                null,
                result.QuerySelector(".result__snippet")?.TextContent)),
        ];
    }
}
