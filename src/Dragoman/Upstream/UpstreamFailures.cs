using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream.Native;

namespace Dragoman.Upstream;

/// <summary>Failures of the way to a backend, in the client's words. Never its address or an exception's text: both would leak where it
/// stands.</summary>
internal static class UpstreamFailures
{
    /// <summary>What <see cref="ErrorTranslator"/> must know.</summary>
    public static ErrorContext ContextOf(AnswerContext answer) =>
        new(answer.Model, answer.Backend, answer.EstimatedInputTokens, answer.ContextWindow, answer.MaxTokens);

    /// <summary>No connection, no name, no TLS, or a connection that closed without an answer.</summary>
    public static TranslatedError NotReached(string backend, HttpRequestException e)
    {
        if (e is CredentialException)
            return new(new(AnthropicErrorType.Api, $"The backend '{backend}' cannot be called: {e.Message}."), 502, ShouldRetry: false, UpstreamErrorKind.Credential);
        var what = e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "could not be reached: its name does not resolve",
            HttpRequestError.SecureConnectionError => "could not be reached: no secure connection could be made",
            HttpRequestError.ConnectionError => "could not be reached",
            HttpRequestError.ProxyTunnelError => "could not be reached through the proxy",
            HttpRequestError.ResponseEnded => "closed the connection without an answer",
            HttpRequestError.InvalidResponse => "sent something that is no HTTP answer",
            _ => "could not be reached or broke off",
        };
        return new(new(AnthropicErrorType.Api, $"The backend '{backend}' {what}."), 502);
    }

    /// <summary>The connection broke inside an answer.</summary>
    public static AnthropicError BrokeOff(string backend) => new(AnthropicErrorType.Api, $"The backend '{backend}' broke off its answer.");

    /// <summary>Silence before the first event, or inside an answer.</summary>
    public static UpstreamException Silent(string backend, TimeSpan limit) =>
        Ended(backend, new(AnthropicErrorType.Timeout, $"The backend '{backend}' sent nothing for {limit.TotalSeconds:0.#} seconds."), AttemptOutcomes.Silent);

    /// <summary>The gateway stops, and the grace time of open streams is over.</summary>
    public static UpstreamException ShuttingDown(string backend) =>
        Ended(backend, new(AnthropicErrorType.Overloaded, "The gateway is shutting down. Please try again."), AttemptOutcomes.Stopped);

    /// <summary>More than the gateway is willing to hold.</summary>
    public static AnthropicError TooMuch(string backend) =>
        new(AnthropicErrorType.Api, $"The backend '{backend}' sent more at once than this gateway takes.");

    private static UpstreamException Ended(string backend, AnthropicError error, string outcome) =>
        new(backend, new(error, error.Status)) { Outcome = outcome };
}
