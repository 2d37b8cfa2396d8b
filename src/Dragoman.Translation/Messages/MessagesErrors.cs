using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Messages;

/// <summary>Errors of services that speak the Messages API, towards a caller of ours.</summary>
/// <remarks>They speak the caller's language already, and are translated all the same: a refused credential is the gateway's and not the
/// caller's, addresses and keys are taken out, and Amazon and Google wrap errors in shapes of their own.</remarks>
public static class MessagesErrors
{
    /// <summary>An answer with an error's status.</summary>
    /// <param name="status">The service's.</param>
    /// <param name="body">What came with it.</param>
    /// <param name="context">The request it answers.</param>
    public static TranslatedError OfAnswer(int status, ReadOnlySpan<byte> body, in ErrorContext context)
    {
        // 424, Bedrock's: the model failed while it computed. As any other 4xx it would be blamed on the caller.
        if (status == 424) status = 502;
        var error = ErrorTranslator.Translate(status, body, context);
        if (status is 404 or 405 && error.Error.Type == AnthropicErrorType.Api)
            return error with { Error = error.Error with { Message = $"{context.Backend}: the backend has no Messages API at its configured address." } };
        return error;
    }

    /// <summary>The data of an <c>error</c> event, or an error that came with status 200.</summary>
    public static TranslatedError OfEvent(ReadOnlySpan<byte> data, in ErrorContext context) =>
        OfAnswer(StatusOf(UpstreamErrorBody.Read(data).Words), data, context);

    /// <summary>An exception inside a stream of Bedrock's.</summary>
    /// <param name="type">Such as <c>throttlingException</c>.</param>
    /// <param name="payload">JSON with a <c>message</c>.</param>
    /// <param name="context">The request it answers.</param>
    public static TranslatedError OfException(ReadOnlySpan<byte> type, ReadOnlySpan<byte> payload, in ErrorContext context)
    {
        var status = type switch
        {
            _ when type.SequenceEqual("throttlingException"u8) => 429,
            _ when type.SequenceEqual("validationException"u8) => 400,
            _ when type.SequenceEqual("serviceUnavailableException"u8) => 503,
            _ when type.SequenceEqual("modelTimeoutException"u8) => 504,
            _ when type.SequenceEqual("accessDeniedException"u8) => 403,
            _ => 502,
        };
        return OfAnswer(status, payload, context);
    }

    private static int StatusOf(string words)
    {
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var status = word switch
            {
                "invalid_request_error" => 400,
                "authentication_error" => 401,
                "billing_error" => 402,
                "permission_error" => 403,
                "not_found_error" => 404,
                "conflict_error" => 409,
                "request_too_large" => 413,
                "rate_limit_error" => 429,
                "timeout_error" => 504,
                "overloaded_error" => 529,
                _ => 0,
            };
            if (status != 0) return status;
        }

        // Words of another API, or none: the other table reads on.
        return 200;
    }
}
