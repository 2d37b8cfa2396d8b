using Dragoman.Reloading;
using Dragoman.Telemetry;

namespace Dragoman.Authentication;

/// <summary>Lets in whom the configuration knows, and notes who it is.</summary>
/// <remarks>Probes, and paths that lead nowhere, are open: a load balancer has no key, and there is nothing to guard.</remarks>
internal sealed class CallerAuthentication(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (!IsGuarded(http)) return next(http);
        // Keys need no wait; only the keys of a tokens' issuer may have to be fetched.
        var caller = GatewaySnapshot.Of(http).Callers.FindAsync(http);
        return caller.IsCompletedSuccessfully ? ServeAsync(http, caller.Result) : WaitAsync(http, caller);
    }

    /// <summary>Whether the request goes to an endpoint that does not answer everyone.</summary>
    public static bool IsGuarded(HttpContext http) => http.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<OpenToEveryone>() is null;

    private async Task WaitAsync(HttpContext http, ValueTask<Caller> caller) => await ServeAsync(http, await caller);

    private Task ServeAsync(HttpContext http, Caller caller)
    {
        RequestTelemetry.Of(http)!.Caller = caller;
        return next(http);
    }
}

/// <summary>Marks an endpoint that answers whoever asks.</summary>
internal sealed class OpenToEveryone
{
    /// <summary>The mark.</summary>
    public static OpenToEveryone Mark { get; } = new();
}
