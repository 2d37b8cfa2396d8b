using Dragoman.Telemetry;

namespace Dragoman.Streaming;

/// <summary>Headers that tell what became of a request.</summary>
internal static class AnswerHeaders
{
    /// <summary>How many backends were called, and how each answered: <c>2; gpu:503, deepseek:200</c>. Only if it was more than
    /// one.</summary>
    public const string Attempts = "x-dragoman-attempts";

    /// <summary>Names what was left out of the upstream request, if anything was, and the attempts.</summary>
    public static void Write(HttpContext http, IReadOnlyList<string> dropped)
    {
        if (dropped.Count > 0) http.Response.Headers["x-dragoman-dropped"] = string.Join(", ", dropped);
        if (RequestTelemetry.Of(http)?.AttemptsText is { } attempts) http.Response.Headers[Attempts] = attempts;
    }
}
