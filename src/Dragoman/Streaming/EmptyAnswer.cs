using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Streaming;

/// <summary>The answer to <c>max_tokens: 0</c>: no content, without asking the backend, since many would generate a token all the same
/// (mapping.md section 2).</summary>
internal static class EmptyAnswer
{
    public static async Task WriteAsync(HttpContext http, AnswerContext answer)
    {
        using var body = new PooledBuffer();
        MessageSink sink = answer.Stream ? new MessageEventWriter(body) : new MessageWriter(body);
        var usage = new Usage(answer.EstimatedInputTokens, 0, 0, 0, Estimated: true);
        sink.Start(RandomIds.Message(), answer.Model, usage);
        sink.Finish(new MessageEnd
        {
            StopReason = StopReason.MaxTokens,
            Usage = usage,
            SafeguardsUnavailable = answer.Safeguards,
            NoAppliedEdits = answer.ContextManagement,
        });
        if (RequestTelemetry.Of(http) is { } telemetry)
        {
            telemetry.Usage = usage;
            telemetry.StopReason = StopReason.MaxTokens;
            telemetry.Admission?.Settle();
        }

        AnswerHeaders.Write(http, answer.Dropped);
        http.Response.Headers["x-dragoman-usage"] = "estimated";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.ContentType = answer.Stream ? "text/event-stream; charset=utf-8" : "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body.Memory, http.RequestAborted);
    }
}
