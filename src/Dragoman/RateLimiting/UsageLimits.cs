using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Telemetry;

namespace Dragoman.RateLimiting;

/// <summary>Lets requests in as far as the limits of their caller and their route allow.</summary>
/// <remarks>
/// Before the call the prompt's estimate must fit, and of the answer a single token: <c>max_tokens</c> is no estimate, as Claude Code
/// always asks for 32,000 or more and uses a few hundred. After the call the estimate gives way to the truth. A burst may thus overdraw a
/// limit of answer tokens by what is open at that moment; the overdraft is waited off before the next request.
/// </remarks>
internal sealed class UsageLimits(ILimitStore store, PriceTable prices)
{
    /// <summary>Checks, takes, and tells the caller in headers what is left.</summary>
    /// <param name="http">The request.</param>
    /// <param name="route">What its route allows to all together.</param>
    /// <param name="promptTokens">How long the prompt is, by estimate.</param>
    /// <returns>To be disposed when the request is over; null if nothing is limited.</returns>
    /// <exception cref="GatewayException">429, 402: not enough left; 503: the store is down, and configured to refuse then.</exception>
    public ValueTask<Admission?> AdmitAsync(HttpContext http, LimitPolicy route, long promptTokens)
    {
        var telemetry = RequestTelemetry.Of(http)!;
        var caller = telemetry.Caller?.Limits ?? LimitPolicy.None;
        return caller.IsEmpty && route.IsEmpty ? default : AdmitAsync(http, telemetry, caller, route, promptTokens);
    }

    private async ValueTask<Admission?> AdmitAsync(HttpContext http, RequestTelemetry telemetry, LimitPolicy caller, LimitPolicy route, long promptTokens)
    {
        var cost = prices.CostOf(new Usage(promptTokens, 0, 0, 0), telemetry.Backend, telemetry.UpstreamModel) ?? 0;
        var estimate = new LimitAmounts(promptTokens, 0, LimitAmounts.Millionths(cost));
        var claims = new List<LimitClaim>(caller.Limits.Count + route.Limits.Count);
        foreach (var limit in caller.Limits) claims.Add(estimate.ClaimOn(limit));
        foreach (var limit in route.Limits) claims.Add(estimate.ClaimOn(limit));
        var verdict = await store.TakeAsync(claims);
        // At the last moment, so that an error answer, which clears what was set before it, carries them too.
        http.Response.OnStarting(static state =>
        {
            var (headers, verdict) = ((IHeaderDictionary, LimitVerdict))state;
            LimitHeaders.Write(headers, verdict);
            return Task.CompletedTask;
        }, (http.Response.Headers, verdict));
        if (!verdict.IsGranted) throw LimitRefusals.Of(verdict);
        return telemetry.Admission = new(store, verdict, estimate, telemetry, prices);
    }
}
