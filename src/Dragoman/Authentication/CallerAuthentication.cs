using Dragoman.Reloading;
using Dragoman.Telemetry;

namespace Dragoman.Authentication;

/// <summary>Lets in whom the configuration knows, and notes who it is.</summary>
/// <remarks>Probes, and paths that lead nowhere, are open: a load balancer has no key, and there is nothing to guard.</remarks>
internal sealed class CallerAuthentication(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (IsGuarded(http)) RequestTelemetry.Of(http)!.Caller = await GatewaySnapshot.Of(http).Callers.FindAsync(http);
        await next(http);
    }

    /// <summary>Whether the request goes to an endpoint that does not answer everyone.</summary>
    public static bool IsGuarded(HttpContext http) => http.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<OpenToEveryone>() is null;
}

/// <summary>Marks an endpoint that answers whoever asks.</summary>
internal sealed class OpenToEveryone
{
    /// <summary>The mark.</summary>
    public static OpenToEveryone Mark { get; } = new();
}
