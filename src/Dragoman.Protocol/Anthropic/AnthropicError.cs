namespace Dragoman.Protocol.Anthropic;

/// <summary>The words of <c>error.type</c> (anthropic-messages.md section 13.1). A closed set: only we write it.</summary>
public enum AnthropicErrorType
{
    /// <summary><c>invalid_request_error</c>, status 400, and other 4xx without a word of their own.</summary>
    InvalidRequest,

    /// <summary><c>authentication_error</c>, status 401: about the caller's own credential only.</summary>
    Authentication,

    /// <summary><c>billing_error</c>, status 402.</summary>
    Billing,

    /// <summary><c>permission_error</c>, status 403: about the caller's own rights only.</summary>
    Permission,

    /// <summary><c>not_found_error</c>, status 404.</summary>
    NotFound,

    /// <summary><c>conflict_error</c>, status 409.</summary>
    Conflict,

    /// <summary><c>request_too_large</c>, status 413.</summary>
    RequestTooLarge,

    /// <summary><c>rate_limit_error</c>, status 429.</summary>
    RateLimit,

    /// <summary><c>api_error</c>, status 500 or 502.</summary>
    Api,

    /// <summary><c>timeout_error</c>, status 504.</summary>
    Timeout,

    /// <summary><c>overloaded_error</c>, status 529.</summary>
    Overloaded,
}

/// <summary>An error in the client API's words; the body of an error answer and of an <c>error</c> event alike.</summary>
/// <param name="Type">What kind of error; decides the usual status.</param>
/// <param name="Message">A sentence for a person: what was wrong, where, what is allowed. Never exception text, addresses or keys.</param>
/// <param name="ErrorCode">Stable code for <c>error.details.error_code</c>, or null for no details.</param>
/// <param name="Unsupported">For <c>thread_unsupported_request</c>: the fields that cannot be served; else null.</param>
public sealed record AnthropicError(
    AnthropicErrorType Type,
    string Message,
    string? ErrorCode = null,
    IReadOnlyList<string>? Unsupported = null)
{
    /// <summary>The status that goes with <see cref="Type"/> unless a caller knows a better one.</summary>
    public int Status => Type switch
    {
        AnthropicErrorType.InvalidRequest => 400,
        AnthropicErrorType.Authentication => 401,
        AnthropicErrorType.Billing => 402,
        AnthropicErrorType.Permission => 403,
        AnthropicErrorType.NotFound => 404,
        AnthropicErrorType.Conflict => 409,
        AnthropicErrorType.RequestTooLarge => 413,
        AnthropicErrorType.RateLimit => 429,
        AnthropicErrorType.Timeout => 504,
        AnthropicErrorType.Overloaded => 529,
        _ => 500,
    };

    /// <summary>The wire word of <see cref="Type"/>.</summary>
    public string TypeName => Type switch
    {
        AnthropicErrorType.InvalidRequest => "invalid_request_error",
        AnthropicErrorType.Authentication => "authentication_error",
        AnthropicErrorType.Billing => "billing_error",
        AnthropicErrorType.Permission => "permission_error",
        AnthropicErrorType.NotFound => "not_found_error",
        AnthropicErrorType.Conflict => "conflict_error",
        AnthropicErrorType.RequestTooLarge => "request_too_large",
        AnthropicErrorType.RateLimit => "rate_limit_error",
        AnthropicErrorType.Timeout => "timeout_error",
        AnthropicErrorType.Overloaded => "overloaded_error",
        _ => "api_error",
    };
}
