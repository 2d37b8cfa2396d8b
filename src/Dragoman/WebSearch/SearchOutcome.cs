namespace Dragoman.WebSearch;

/// <summary>What came of a search: results, or why there are none.</summary>
/// <param name="Results">In order of relevance; empty with an <paramref name="Error"/>, and if nothing was found.</param>
/// <param name="Error">Null: it was searched.</param>
internal sealed record SearchOutcome(IReadOnlyList<SearchResult> Results, SearchError? Error = null)
{
    /// <summary>Name of the provider that answered; null: none did.</summary>
    public string? Provider { get; init; }

    /// <summary>Answered from memory.</summary>
    public bool IsCached { get; init; }

    /// <summary>No results, and why.</summary>
    public static SearchOutcome Failed(SearchError error) => new([], error);
}

/// <summary>Why a search has no results, in the words of <c>web_search_tool_result_error</c>.</summary>
internal enum SearchError
{
    /// <summary>No provider could answer.</summary>
    Unavailable,

    /// <summary>The providers, or our own limits for them, allow no further search now.</summary>
    TooManyRequests,

    /// <summary>The query has more characters than may be.</summary>
    QueryTooLong,

    /// <summary>The tool was not called with a query, or every provider refused it.</summary>
    InvalidToolInput,

    /// <summary>The request's <c>max_uses</c> are used up. The searcher never says so: who counts uses does.</summary>
    MaxUsesExceeded,

    /// <summary>The results are too large. The searcher never says so.</summary>
    RequestTooLarge,
}

/// <summary>The words of <see cref="SearchError"/>.</summary>
internal static class SearchErrors
{
    /// <summary>The <c>error_code</c>. The official SDKs know <c>invalid_tool_input</c>; pages about the API call it <c>invalid_input</c>.</summary>
    public static string Code(this SearchError error) => error switch
    {
        SearchError.TooManyRequests => "too_many_requests",
        SearchError.QueryTooLong => "query_too_long",
        SearchError.InvalidToolInput => "invalid_tool_input",
        SearchError.MaxUsesExceeded => "max_uses_exceeded",
        SearchError.RequestTooLarge => "request_too_large",
        _ => "unavailable",
    };
}
