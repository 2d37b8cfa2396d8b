namespace Dragoman.WebSearch;

/// <summary>A search service.</summary>
internal interface ISearchProvider : IAsyncDisposable
{
    /// <summary>Searches once. What it finds is neither checked nor filtered: <see cref="WebSearcher"/> does that.</summary>
    /// <param name="query">Its text is trimmed and of a legal length.</param>
    /// <param name="count">Results wanted; more or fewer may come.</param>
    /// <param name="cancellation">The caller has gone, or the provider took too long.</param>
    /// <exception cref="SearchProviderException">There is no answer.</exception>
    Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, int count, CancellationToken cancellation);
}

/// <summary>A provider did not answer.</summary>
/// <param name="error">What that means for the search if no other provider answers.</param>
/// <param name="message">What happened, for the log: a full clause that follows the provider's name. No key, address or foreign text.</param>
internal sealed class SearchProviderException(SearchError error, string message) : Exception(message)
{
    /// <summary>What that means for the search.</summary>
    public SearchError Error => error;

    /// <summary>It asked to be left alone for so long; null: it did not.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
