using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Errors;

/// <summary>Turns everything that is thrown below it into an answer in the API's words, and empty 404s and 405s of routing too.</summary>
internal sealed partial class ErrorAnswering(RequestDelegate next, ILogger<ErrorAnswering> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: 404 or 405, ContentLength: null }) await NotServedAsync(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone: there is nobody to answer, and nothing went wrong. (failures.md G15)
            RequestTelemetry.Of(http)?.CallerLeft();
            if (!http.Response.HasStarted) http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            else http.Abort();
        }
        catch (GatewayException e) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await ErrorResponses.WriteAsync(http, e);
        }
        catch (TranslationException e) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await ErrorResponses.WriteAsync(http, e.Error, e.Error.Status);
        }
        catch (JsonFormatException e) when (!http.Response.HasStarted)
        {
            await ErrorResponses.WriteAsync(http, new AnthropicError(AnthropicErrorType.InvalidRequest, e.Message), 400);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            // Kestrel's own refusals (a body that stops short, a chunk that is none); its texts are safe but speak of its internals.
            var error = e.StatusCode == 413
                ? new AnthropicError(AnthropicErrorType.RequestTooLarge, "The request is larger than this gateway takes.")
                : new AnthropicError(AnthropicErrorType.InvalidRequest, "The request body could not be read to its end.");
            await ErrorResponses.WriteAsync(http, error, e.StatusCode);
        }
        catch (Exception e)
        {
            // Unforeseen: its kind and place are ours to read in the log. Its text is for nobody: it may quote what a caller sent.
            Unforeseen(log, RequestTelemetry.IdOf(http), ExceptionKinds.Of(e), e.StackTrace);
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }

            http.Response.Clear();
            const string message = "The gateway failed in a way it should not. Its log has the details under this request's id.";
            await ErrorResponses.WriteAsync(http, new AnthropicError(AnthropicErrorType.Api, message), 500);
        }
    }

    private static Task NotServedAsync(HttpContext http)
    {
        var allow = http.Response.Headers.Allow;
        http.Response.Clear();
        if (http.Request.Path.Value is not { } path) path = "/";
        if (allow.Count == 0) return ErrorResponses.WriteAsync(http, new AnthropicError(AnthropicErrorType.NotFound, $"Not found: {path}"), 404);
        http.Response.Headers.Allow = allow;
        var message = $"Method {http.Request.Method} is not allowed for {path}. Allowed: {allow}.";
        return ErrorResponses.WriteAsync(http, new AnthropicError(AnthropicErrorType.InvalidRequest, message), 405);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{RequestId} failed in an unforeseen way: {Kinds}\n{Place}")]
    private static partial void Unforeseen(ILogger log, string requestId, string kinds, string? place);
}
