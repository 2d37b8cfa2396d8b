using System.Buffers;
using System.Text.Json;
using Dragoman.Protocol.Anthropic;
using Dragoman.Reloading;
using Dragoman.Telemetry;
using Dragoman.TokenCounting;
using Dragoman.Upstream;

namespace Dragoman.Endpoints;

/// <summary><c>POST /v1/messages/count_tokens</c>: counted as the target of the real request would.</summary>
internal static class CountTokensEndpoint
{
    public static async Task HandleAsync(HttpContext http)
    {
        var gateway = GatewaySnapshot.Of(http);
        using var body = await RequestBody.ReadAsync(http, gateway.Options.Limits);
        var request = new MessagesRequest(body.Root);
        var telemetry = RequestTelemetry.Of(http)!;
        var plan = await RequestedModel.PlanAsync(http, request, gateway.Router, telemetry);
        telemetry.RequestBytes = body.Length;
        var target = plan.Targets[0];
        var caller = new CallerRequest(request, http.Request.Headers, telemetry);
        await WriteAsync(http, await target.Backend.Schema.CountTokensAsync(caller, target, gateway.Upstream, http.RequestAborted));
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
