namespace Dragoman.WebFetch;

/// <summary>Why a page was not fetched, in the words of <c>web_fetch_tool_result_error</c>.</summary>
internal enum FetchError
{
    /// <summary>There is no URL, or it is none that could be asked for.</summary>
    InvalidToolInput,

    /// <summary>The URL is too long.</summary>
    UrlTooLong,

    /// <summary>The URL may not be fetched: by a list of domains, by the address it leads to, by its port, by robots.txt.</summary>
    UrlNotAllowed,

    /// <summary>The URL stood nowhere in the conversation.</summary>
    UrlNotInPriorContext,

    /// <summary>The server could not be reached, refused, or broke off.</summary>
    UrlNotAccessible,

    /// <summary>What the server sent is neither text nor a PDF document.</summary>
    UnsupportedContentType,

    /// <summary>Too many pages are being fetched.</summary>
    TooManyRequests,

    /// <summary>The request's <c>max_uses</c> is used up.</summary>
    MaxUsesExceeded,

    /// <summary>The gateway failed.</summary>
    Unavailable,
}

/// <summary>The wire's words.</summary>
internal static class FetchErrors
{
    /// <summary>As <c>error_code</c> has it.</summary>
    public static string Code(this FetchError error) => error switch
    {
        FetchError.InvalidToolInput => "invalid_tool_input",
        FetchError.UrlTooLong => "url_too_long",
        FetchError.UrlNotAllowed => "url_not_allowed",
        FetchError.UrlNotInPriorContext => "url_not_in_prior_context",
        FetchError.UrlNotAccessible => "url_not_accessible",
        FetchError.UnsupportedContentType => "unsupported_content_type",
        FetchError.TooManyRequests => "too_many_requests",
        FetchError.MaxUsesExceeded => "max_uses_exceeded",
        _ => "unavailable",
    };
}
