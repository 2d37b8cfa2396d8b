using Dragoman.Configuration;
using Dragoman.Telemetry;

namespace Dragoman.WebSearch;

/// <summary>Searches the web: asks the providers in their order until one answers, and makes its hits results that can be relied on.</summary>
/// <remarks>Whatever a provider does, results are absolute http addresses without tracking, each page once, of domains that may be used, with
/// titles and snippets in plain text of bounded length.</remarks>
internal sealed partial class WebSearcher : IAsyncDisposable
{
    private readonly WebSearchOptions _options;
    private readonly PacedProvider[] _providers;
    private readonly DomainFilter _domains;
    private readonly SearchCache _cache;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public WebSearcher(WebSearchOptions options, TimeProvider time, ILoggerFactory logs)
    {
        _options = options;
        _time = time;
        _log = logs.CreateLogger("Dragoman.WebSearch");
        _domains = DomainFilter.Of(options.AllowedDomains, options.BlockedDomains);
        _providers = [.. options.InOrder.Select(provider => new PacedProvider(provider, SearchProviders.Create(provider), time))];
        _cache = new(options, time);
    }

    /// <summary>There is a provider.</summary>
    public bool IsOn => _providers.Length > 0;

    /// <summary>Searches. What goes wrong is in the outcome; any number of searches may run at once.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async Task<SearchOutcome> SearchAsync(SearchQuery query, CancellationToken cancellation)
    {
        using var telemetry = SearchTelemetry.Begin(_time);
        var outcome = await AnswerAsync(query, cancellation);
        telemetry.End(outcome);
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        _cache.Dispose();
        foreach (var provider in _providers) await provider.DisposeAsync();
    }

    private async Task<SearchOutcome> AnswerAsync(SearchQuery query, CancellationToken cancellation)
    {
        query = query with { Text = PlainText.Query(query.Text), Location = query.Location?.Cleaned() };
        if (query.Text.Length == 0) return SearchOutcome.Failed(SearchError.InvalidToolInput);
        if (query.Text.Length > _options.MaxQueryLength) return SearchOutcome.Failed(SearchError.QueryTooLong);
        var count = Math.Clamp(query.Count ?? _options.Results, 1, _options.Results);
        try
        {
            var (found, isCached) = await _cache.GetAsync(SearchCache.KeyOf(query, count), token => AskInOrderAsync(query, count, token), cancellation);
            return new(found.Results) { Provider = found.Provider, IsCached = isCached };
        }
        catch (SearchProviderException e)
        {
            return SearchOutcome.Failed(e.Error);
        }
    }

    /// <summary>Asks one provider after another; those that rest come last. One that finds nothing is believed only if nobody else finds
    /// anything.</summary>
    /// <exception cref="SearchProviderException">None answered.</exception>
    private async Task<FoundPages> AskInOrderAsync(SearchQuery query, int count, CancellationToken cancellation)
    {
        FoundPages? nothing = null;
        SearchProviderException? worst = null;
        foreach (var provider in _providers.OrderBy(provider => provider.Rests).ToArray())
        {
            try
            {
                // What is filtered out afterwards must not leave too few.
                var wanted = query.Domains.IsRestricted || _domains.IsRestricted ? count * 2 : count;
                var results = ResultsOf(await provider.SearchAsync(query, wanted, cancellation), query, count);
                if (results.Length > 0) return new(provider.Name, results);
                nothing ??= new(provider.Name, results);
            }
            catch (SearchProviderException e)
            {
                Failed(_log, provider.Name, e.Message);
                if (worst is null || Weight(e.Error) > Weight(worst.Error)) worst = e;
            }
        }

        return nothing ?? throw worst ?? new SearchProviderException(SearchError.Unavailable, "is missing");
    }

    /// <summary>Which of several failures the model is told: the one it can do most about.</summary>
    private static int Weight(SearchError error) => error switch
    {
        SearchError.QueryTooLong => 3,
        SearchError.TooManyRequests => 2,
        SearchError.Unavailable => 1,
        _ => 0,
    };

    private SearchResult[] ResultsOf(IReadOnlyList<SearchHit> hits, SearchQuery query, int count)
    {
        var results = new List<SearchResult>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var hit in hits)
        {
            if (results.Count == count) break;
            if (PageAddress.Read(hit.Url) is not { } url || !_domains.Allows(url) || !query.Domains.Allows(url) || !seen.Add(PageAddress.KeyOf(url))) continue;
            var title = PlainText.Line(hit.Title, PlainText.LongestTitle);
            results.Add(new(title.Length > 0 ? title : url.IdnHost, url.AbsoluteUri, PlainText.Age(hit.Age), PlainText.Lines(hit.Snippet, _options.MaxSnippetLength)));
        }

        return [.. results];
    }

    [LoggerMessage(EventId = 60, Level = LogLevel.Warning, Message = "Search provider {Provider} {What}.")]
    private static partial void Failed(ILogger log, string provider, string what);
}
