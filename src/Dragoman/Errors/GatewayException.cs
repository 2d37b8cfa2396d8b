using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.Errors;

/// <summary>The request ends here, and this is what the caller is told. Answered in one place, <see cref="ErrorResponses"/>.</summary>
internal class GatewayException(AnthropicError error, int? status = null, Exception? inner = null) : Exception(error.Message, inner)
{
    /// <summary>The body of the answer.</summary>
    public AnthropicError Error { get; } = error;

    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status ?? error.Status;

    /// <summary>For <c>x-should-retry</c>; null leaves it to the status.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>The caller's fault: 400.</summary>
    /// <param name="message">What was wrong and where.</param>
    /// <param name="code">For <c>error.details.error_code</c>, or null.</param>
    /// <param name="inner">What it was found by.</param>
    public static GatewayException InvalidRequest(string message, string? code = null, Exception? inner = null) =>
        new(new AnthropicError(AnthropicErrorType.InvalidRequest, message, code), inner: inner);

    /// <summary>For <c>retry-after</c>, as the backend gave it: seconds or a date. Rides here since headers set before a throw are
    /// cleared.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>For <c>retry-after-ms</c>, as the backend gave it.</summary>
    public string? RetryAfterMs { get; init; }
}

/// <summary>The backend failed, before the answer began.</summary>
internal sealed class UpstreamException : GatewayException
{
    /// <param name="backend">Name of the backend, for the log.</param>
    /// <param name="error">What the caller is told.</param>
    /// <param name="inner">Why, for nobody but a debugger: its text may hold addresses.</param>
    public UpstreamException(string backend, TranslatedError error, Exception? inner = null)
        : base(error.Error, error.Status, inner)
    {
        Backend = backend;
        Kind = error.Kind;
        ShouldRetry = error.ShouldRetry;
    }

    /// <summary>Name of the backend.</summary>
    public string Backend { get; }

    /// <summary>What the gateway itself may make of it.</summary>
    public UpstreamErrorKind Kind { get; }

    /// <summary>How the attempt ended: its HTTP status, or one of <see cref="AttemptOutcomes"/>.</summary>
    public string Outcome { get; init; } = AttemptOutcomes.Error;
}
