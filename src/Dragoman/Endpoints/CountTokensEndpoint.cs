using System.Buffers;
using System.Text.Json;
using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Reloading;
using Dragoman.Telemetry;
using Dragoman.TokenCounting;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.Endpoints;

/// <summary><c>POST /v1/messages/count_tokens</c>: the prompt is translated as if it were to be sent, and then counted. (failures.md F1,
/// F2)</summary>
internal static class CountTokensEndpoint
{
    public static async Task HandleAsync(HttpContext http)
    {
        var gateway = GatewaySnapshot.Of(http);
        var upstream = gateway.Upstream;
        using var body = await RequestBody.ReadAsync(http, gateway.Options.Limits);
        var request = new MessagesRequest(body.Root);
        var plan = await RequestedModel.PlanAsync(http, request, gateway.Router, RequestTelemetry.Of(http)!);
        var target = plan.Targets[0];
        using var chat = new PooledBuffer();
        var answer = RequestTranslator.TranslatePrompt(request, upstream.TargetOf(target, null), chat);
        var backend = target.Backend;
        try
        {
            var count = await upstream.Counter.CountAsync(new CountRequest
            {
                Chat = chat.Memory,
                Size = answer.PromptSize,
                Dialect = answer.Dialect,
                Estimator = upstream.EstimatorOf(target),
                Url = backend.Address,
                Send = backend.SendAsync,
                ErrorContext = UpstreamFailures.ContextOf(answer),
            }, http.RequestAborted);
            await WriteAsync(http, count);
        }
        catch (CountRefusedException e)
        {
            throw new UpstreamException(backend.Name, e.Error, e);
        }
    }

    private static async Task WriteAsync(HttpContext http, TokenCount count)
    {
        var body = new ArrayBufferWriter<byte>(64);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteNumber("input_tokens"u8, count.InputTokens);
            // Beta callers read it, others ignore it.
            json.WriteNull("context_management"u8);
            json.WriteEndObject();
        }

        if (count.Estimated) http.Response.Headers["x-dragoman-usage"] = "estimated";
        await JsonAnswer.WriteAsync(http, body.WrittenMemory);
    }
}
