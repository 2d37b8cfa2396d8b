using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Reloading;
using Dragoman.Routing;
using Dragoman.ServerTools;
using Dragoman.Streaming;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.Endpoints;

/// <summary><c>POST /v1/messages</c>, whole and streamed.</summary>
internal static class MessagesEndpoint
{
    public static async Task HandleAsync(HttpContext http)
    {
        var gateway = GatewaySnapshot.Of(http);
        var streaming = gateway.Streaming;
        using var place = gateway.OpenRequests.Enter(gateway.Options.Limits.ConcurrentRequests);
        // Owned by the exchange once there is one: it gives the memory back before the answer streams.
        var body = await RequestBody.ReadAsync(http, streaming.Options.Limits);
        using var memory = body;
        var request = new MessagesRequest(body.Root);
        var telemetry = RequestTelemetry.Of(http)!;
        var plan = await RequestedModel.PlanAsync(http, request, gateway.Router, telemetry);
        telemetry.Stream = request.Stream;
        telemetry.RequestBytes = body.Length;

        var caller = new CallerRequest(request, http.Request.Headers, telemetry);
        using var rounds = ServerToolRequests.ListsAny(request) ? new ServerToolRounds(gateway.WebTools, request, streaming.Options.Limits.JsonDepth) : null;
        using var exchange = new UpstreamExchange(gateway.Upstream, plan, caller, body);
        if (rounds is not null)
        {
            exchange.KeepBody();
            WebTools.Check(request, exchange.Request.ServerTools);
        }

        await using var admission = await gateway.Limits.AdmitAsync(http, plan.Limits, exchange.Request.EstimatedInputTokens);
        if (exchange.Request.EmptyAnswer is { } empty)
        {
            await EmptyAnswer.WriteAsync(http, empty);
        }
        else if (telemetry.Stream)
        {
            await using var answer = new StreamedAnswer(http, exchange, streaming, rounds);
            await answer.RunAsync();
        }
        else
        {
            await new WholeAnswer(http, exchange, streaming, rounds).RunAsync();
        }
    }
}
