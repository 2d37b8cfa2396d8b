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
    private static readonly string[] ModelPhrases =
    [
        "model not found", "model_not_found", "no such model", "does not exist", "unknown model", "model_decommissioned", "has been decommissioned",
        "invalid model", "not a valid model", "model not exist", "no endpoints found for", "not found, try pulling", "is not a chat model", "not a chat model",
        "model was deprecated", "specified model",
    ];

    /// <summary>Words an error.</summary>
    /// <param name="status">The backend's status; 200 for an error inside an answer.</param>
    /// <param name="body">The body or event data: JSON of any of the known shapes, HTML, or anything.</param>
    /// <param name="context">The request it answers.</param>
    public static TranslatedError Translate(int status, ReadOnlySpan<byte> body, in ErrorContext context)
    {
        var told = UpstreamErrorBody.Read(body);
        status = EffectiveStatus(status, told);

        // What the request itself can be blamed for is looked at before the status: llama.cpp and old vLLM answer 500 for it.
        if (status is 400 or 404 or 413 or 422 or 500 or 501 or 502)
        {
            if (Says(told, "content_filter") || Says(told, "responsibleaipolicyviolation") || Says(told, "data_inspection_failed"))
                return Make(AnthropicErrorType.InvalidRequest, 400, Sentence(told, status, context), null, UpstreamErrorKind.ContentFiltered);
            if (ContextLength.IsExceeded(told))
                return Make(AnthropicErrorType.InvalidRequest, 400, ContextLength.Say(told, context), null, UpstreamErrorKind.ContextTooLong);
            if (NamesUnknownModel(told)) return UnknownModel(context);
            if (RefusedParameters.Find(told) is { } parameter) return Refused(status, told, parameter, context);
            if (status == 404 && (told.Parameter == "model" || Says(told, "model") || Says(told, "deployment"))) return UnknownModel(context);
        }

        return OfStatus(status, told, context);
    }

    private static TranslatedError OfStatus(int status, UpstreamErrorBody told, in ErrorContext context)
    {
        var sentence = Sentence(told, status, context);
        switch (status)
        {
            // 401 and 403 are about our credential, not the caller's. Passed on, they would make Claude Code ask its user to log in again.
            case 401 or 407:
                return Make(AnthropicErrorType.Api, 502, $"{context.Backend}: the backend refused the gateway's credential.", false, UpstreamErrorKind.Credential);
            case 403:
                return Make(AnthropicErrorType.Api, 502, $"{context.Backend}: the backend refused the gateway access{Reason(told)}.", false, UpstreamErrorKind.Credential);
            case 402:
            case 429 when Says(told, "insufficient_quota") || Says(told, "billing") || Says(told, "exceeded your current quota"):
                // As 429 it would be retried for ever.
                return Make(AnthropicErrorType.Billing, 402, sentence, false);
            case 429:
                return Make(AnthropicErrorType.RateLimit, 429, sentence, null, UpstreamErrorKind.Overloaded);
            case 404 or 405:
                return Make(AnthropicErrorType.Api, 502, $"{context.Backend}: the backend has no chat completions at its configured address.", false);
            case 408 or 504:
                return Make(AnthropicErrorType.Timeout, 504, sentence);
            case 409:
                return Make(AnthropicErrorType.Conflict, 409, sentence);
            case 413:
                return Make(AnthropicErrorType.RequestTooLarge, 413, sentence);
            case 503 or 529:
            case >= 500 when Says(told, "overloaded") || Says(told, "no capacity") || Says(told, "at capacity"):
                return Make(AnthropicErrorType.Overloaded, 529, sentence, null, UpstreamErrorKind.Overloaded);
            case >= 400 and < 500:
                return Make(AnthropicErrorType.InvalidRequest, 400, sentence);
            case 500:
                return Make(AnthropicErrorType.Api, 500, sentence);
            default:
                return Make(AnthropicErrorType.Api, 502, sentence);
        }
    }

    /// <summary>The status of an error inside an answer of status 200, as its body tells; 502 if it tells nothing.</summary>
    private static int EffectiveStatus(int status, UpstreamErrorBody told)
    {
        if (status is >= 300 and < 600) return status;
        if (told.Status != 0) return told.Status;
        if (Says(told, "rate_limit") || Says(told, "rate limit") || Says(told, "too many requests")) return 429;
        if (Says(told, "overloaded")) return 529;
        if (Says(told, "insufficient_quota") || Says(told, "insufficient balance")) return 402;
        if (told.Words.Contains("authentication", StringComparison.Ordinal) || told.Words.Contains("invalid_api_key", StringComparison.Ordinal)) return 401;
        if (told.Words.Contains("invalid_request", StringComparison.Ordinal) || told.Words.Contains("badrequest", StringComparison.Ordinal)
            || told.Words.Contains("exceed_context", StringComparison.Ordinal)) return 400;
        return 502;
    }

    private static bool NamesUnknownModel(UpstreamErrorBody told) =>
        told.Message is not null && ModelPhrases.Any(phrase => Says(told, phrase)) && (Says(told, "model") || Says(told, "no endpoints found for"));

    private static TranslatedError UnknownModel(in ErrorContext context) =>
        Make(AnthropicErrorType.NotFound, 404, $"model: {context.Model}", null, UpstreamErrorKind.UnknownModel);

    private static TranslatedError Refused(int status, UpstreamErrorBody told, string parameter, in ErrorContext context)
    {
        var isServerError = status >= 500;
        return new TranslatedError(
            new AnthropicError(isServerError ? AnthropicErrorType.Api : AnthropicErrorType.InvalidRequest, Sentence(told, status, context)),
            isServerError ? status : 400,
            Kind: UpstreamErrorKind.RefusedParameter,
            Parameter: parameter);
    }

    private static bool Says(UpstreamErrorBody told, string word) =>
        told.Words.Contains(word, StringComparison.OrdinalIgnoreCase)
        || (told.Message is { } message && message.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string Sentence(UpstreamErrorBody told, int status, in ErrorContext context) =>
        told.Message is { } message
            ? $"{context.Backend}: {ErrorText.Clean(message)}"
            : $"{context.Backend}: the backend answered with status {status} and no explanation.";

    private static string Reason(UpstreamErrorBody told) => told.Message is { } message ? $" ({ErrorText.Clean(message)})" : "";

    private static TranslatedError Make(
        AnthropicErrorType type, int status, string message, bool? shouldRetry = null, UpstreamErrorKind kind = UpstreamErrorKind.Other) =>
        new(new AnthropicError(type, message), status, shouldRetry, kind);
}
