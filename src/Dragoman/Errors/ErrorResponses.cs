using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dragoman.Protocol.Anthropic;
using Dragoman.Streaming;
using Dragoman.Telemetry;

namespace Dragoman.Errors;

/// <summary>The one place that answers with an error: status, headers and body in the client API's shape (anthropic-messages.md section
/// 13.1).</summary>
internal static class ErrorResponses
{
    /// <summary>Answers with what the exception says.</summary>
    public static Task WriteAsync(HttpContext http, GatewayException error)
    {
        var headers = http.Response.Headers;
        if (error.RetryAfter is not null) headers.RetryAfter = error.RetryAfter;
        if (error.RetryAfterMs is not null) headers["retry-after-ms"] = error.RetryAfterMs;
        if (error.ShouldRetry is { } retry) headers["x-should-retry"] = retry ? "true" : "false";
        return WriteAsync(http, error.Error, error.Status);
    }

    /// <summary>Answers with <paramref name="error"/>.</summary>
    public static async Task WriteAsync(HttpContext http, AnthropicError error, int status)
    {
        RequestTelemetry.Of(http)?.Failed(error);
        if (RequestTelemetry.Of(http)?.AttemptsText is { } attempts) http.Response.Headers[AnswerHeaders.Attempts] = attempts;
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body, Readable))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, error.TypeName);
            json.WriteString("message"u8, error.Message);
            if (error.ErrorCode is not null) WriteDetails(json, error);
            json.WriteEndObject();
            json.WriteString("request_id"u8, RequestTelemetry.IdOf(http));
            json.WriteEndObject();
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.BodyWriter.WriteAsync(body.WrittenMemory, http.RequestAborted);
    }

    // The answer is JSON and never HTML: quotes and apostrophes stay readable, as Claude Code shows the message as it is.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static void WriteDetails(Utf8JsonWriter json, AnthropicError error)
    {
        json.WriteStartObject("details"u8);
        json.WriteString("error_code"u8, error.ErrorCode);
        if (error.Unsupported is not null)
        {
            json.WriteStartArray("unsupported"u8);
            foreach (var field in error.Unsupported) json.WriteStringValue(field);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
