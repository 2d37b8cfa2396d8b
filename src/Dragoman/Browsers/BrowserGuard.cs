using System.Net;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.Reloading;

namespace Dragoman.Browsers;

/// <summary>Keeps the web pages that a user visits away from a gateway on the user's machine.</summary>
/// <remarks>
/// A page may send requests to loopback: its browser then names the page in <c>Origin</c>, and a foreign one is refused. A page may also
/// let its own name resolve to loopback (DNS rebinding): then it is of the same origin, and only <c>Host</c> gives it away. Programs send
/// no <c>Origin</c>, and reach us by address or by a name of ours. <c>Host</c> is not checked where the gateway listens beyond loopback:
/// there it has names we cannot know.
/// </remarks>
internal sealed class BrowserGuard(RequestDelegate next, GatewayOptions start)
{
    private readonly bool _isForThisMachine = ListenAddresses.AreLoopback(start.Urls);

    public Task InvokeAsync(HttpContext http)
    {
        var host = http.Request.Host;
        var options = GatewaySnapshot.Of(http).Options;
        if ((_isForThisMachine || options.AllowedHosts.Count > 0) && !IsOurs(host.Host, options))
            throw Refused("The Host header does not name this gateway. If it should, add the name to allowed_hosts.");
        if (http.Request.Headers.Origin is { Count: > 0 } origins)
        {
            foreach (var origin in origins)
            {
                if (!MayCall(origin, http.Request, options))
                    throw Refused("Web pages of this origin may not use the gateway. If they should, add the origin to allowed_origins.");
            }
        }

        return next(http);
    }

    private static bool IsOurs(string host, GatewayOptions options)
    {
        // An address cannot be rebound. HTTP/1.0 and health probes may send no Host at all, which no browser does.
        if (host.Length == 0 || IPAddress.TryParse(host.Trim('[', ']'), out _)) return true;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);
    }

    private static bool MayCall(string? origin, HttpRequest request, GatewayOptions options) =>
        origin is null
        || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        || options.AllowedOrigins.Contains("*");

    private static GatewayException Refused(string message) => new(new AnthropicError(AnthropicErrorType.Permission, message));
}
