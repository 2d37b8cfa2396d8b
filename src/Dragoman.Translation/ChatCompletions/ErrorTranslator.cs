using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>A backend's error in the client's words.</summary>
/// <param name="Error">What the client is told.</param>
/// <param name="Status">The HTTP status, if the answer has not begun.</param>
/// <param name="ShouldRetry">For <c>x-should-retry</c>; null leaves it to the status.</param>
/// <param name="Kind">What the gateway itself may make of it.</param>
/// <param name="Parameter">The request field the backend refused, for <see cref="UpstreamErrorKind.RefusedParameter"/>; else null.</param>
public sealed record TranslatedError(
    AnthropicError Error,
    int Status,
    bool? ShouldRetry = null,
    UpstreamErrorKind Kind = UpstreamErrorKind.Other,
    string? Parameter = null);

/// <summary>What an upstream error means for the gateway.</summary>
public enum UpstreamErrorKind
{
    /// <summary>Nothing in particular.</summary>
    Other,

    /// <summary>The prompt does not fit.</summary>
    ContextTooLong,

    /// <summary>The prompt was filtered: answered as a refusal, so that the session survives.</summary>
    ContentFiltered,

    /// <summary>The backend refused a field or feature we can do without.</summary>
    RefusedParameter,

    /// <summary>Our credential was refused.</summary>
    Credential,

    /// <summary>The backend has no such model.</summary>
    UnknownModel,

    /// <summary>Too many requests, or no capacity: another try or another target may help.</summary>
    Overloaded,
}

/// <summary>What must be known to word an error.</summary>
/// <param name="Model">The name the client asked for.</param>
/// <param name="Backend">The backend's name in the configuration; never its address.</param>
/// <param name="EstimatedInputTokens">Our estimate, where the backend gives no number.</param>
/// <param name="ContextWindow">The known window, or null.</param>
/// <param name="MaxTokens">The limit of generated tokens that was sent.</param>
public readonly record struct ErrorContext(string Model, string Backend, long EstimatedInputTokens, int? ContextWindow, long MaxTokens);

/// <summary>The table of mapping.md section 10: one for HTTP errors and errors inside a stream alike.</summary>
public static class ErrorTranslator
{
    /// <summary>Words an error.</summary>
    /// <param name="status">The backend's status; 200 for an error inside an answer.</param>
    /// <param name="body">The body or event data: JSON of any of the known shapes, HTML, or anything.</param>
    /// <param name="context">The request it answers.</param>
    public static TranslatedError Translate(int status, ReadOnlySpan<byte> body, in ErrorContext context) => throw new NotImplementedException();
}
