using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Replies;

/// <summary>Errors as OpenAI words them. Other vendors' shapes stand with their scenarios.</summary>
internal static class ErrorReply
{
    public static string Body(string message, string type = "invalid_request_error", string? param = null, string? code = null) =>
        $$$"""{"error":{"message":{{{JsonReading.Quote(message)}}},"type":{{{JsonReading.Quote(type)}}},"param":{{{OrNull(param)}}},"code":{{{OrNull(code)}}}}}""";

    public static Reply Of(int status, string message, string type = "invalid_request_error", string? param = null, string? code = null,
        params IReadOnlyList<(string Name, string Value)> headers) =>
        Reply.Json(Body(message, type, param, code), status, headers);

    private static string OrNull(string? text) => text is null ? "null" : JsonReading.Quote(text);
}
