using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.Telemetry;

namespace Dragoman.Endpoints;

/// <summary>The <c>model</c> of a request, and what serves it.</summary>
internal static class RequestedModel
{
    private const int LongestName = 512;

    /// <exception cref="GatewayException">400: no usable name; 404: nothing serves it, or not for this caller.</exception>
    public static async ValueTask<RoutePlan> PlanAsync(HttpContext http, MessagesRequest request, ModelRouter router, RequestTelemetry telemetry)
    {
        var member = request.Root["model"u8];
        if (member.GetString() is not { Length: > 0 } model)
            throw GatewayException.InvalidRequest(member.IsMissing ? "model: Field required" : "model: Input should be a non-empty string");
        // A name goes into logs, maps and routes; none that exists comes near this.
        if (model.Length > LongestName) throw GatewayException.InvalidRequest($"model: String should have at most {LongestName} characters");
        telemetry.Model = model;
        var plan = await router.PlanAsync(new(model, request, http.Request.Headers), http.RequestAborted);
        // As if it did not exist, which is what the list of models says to this caller, too; Claude Code's words for a 404 name both.
        // By the name that it was found by: else who may use claude-* could say claude-gw-NAME and have any.
        if (telemetry.Caller?.MayUse(plan.Name) == false) throw new GatewayException(new AnthropicError(AnthropicErrorType.NotFound, $"model: {model}"));
        telemetry.Route = plan.Route;
        telemetry.Backend = plan.Targets[0].Backend.Name;
        telemetry.UpstreamModel = plan.Targets[0].Model;
        return plan;
    }
}
