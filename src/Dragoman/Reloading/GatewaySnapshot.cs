using Dragoman.Authentication;
using Dragoman.Configuration;
using Dragoman.RateLimiting;
using Dragoman.Routing;
using Dragoman.ServerTools;
using Dragoman.Streaming;
using Dragoman.Upstream;

namespace Dragoman.Reloading;

/// <summary>What one configuration makes of the gateway. It never changes: a request works with the one it began with, whatever is loaded
/// meanwhile.</summary>
internal sealed class GatewaySnapshot
{
    private readonly Action _release;
    private int _users = 1;

    /// <param name="options">The configuration.</param>
    /// <param name="router">Its routes, on its backends.</param>
    /// <param name="upstream">What exchanges with its backends need.</param>
    /// <param name="streaming">What its answers need.</param>
    /// <param name="release">Called when it was replaced and its last request is over.</param>
    public GatewaySnapshot(GatewayOptions options, ModelRouter router, UpstreamServices upstream, StreamingServices streaming, Action release)
    {
        Options = options;
        Router = router;
        Upstream = upstream;
        Streaming = streaming;
        _release = release;
    }

    /// <summary>The configuration itself.</summary>
    public GatewayOptions Options { get; }

    /// <summary>Which backend and model serves a request.</summary>
    public ModelRouter Router { get; }

    /// <summary>What every exchange with a backend needs.</summary>
    public UpstreamServices Upstream { get; }

    /// <summary>What every answer needs.</summary>
    public StreamingServices Streaming { get; }

    /// <summary>Who may call.</summary>
    public required CallerDirectory Callers { get; init; }

    /// <summary>What tokens cost.</summary>
    public required PriceTable Prices { get; init; }

    /// <summary>How much everybody may use.</summary>
    public required UsageLimits Limits { get; init; }

    /// <summary>The server tools that it runs.</summary>
    public required WebTools WebTools { get; init; }

    /// <summary>How many requests are open, of all configurations together.</summary>
    public required OpenRequests OpenRequests { get; init; }

    /// <summary>The one that serves this request.</summary>
    public static GatewaySnapshot Of(HttpContext http) => http.Features.Get<GatewaySnapshot>() ?? throw new InvalidOperationException("No configuration was leased for this request.");

    /// <summary>Keeps it until <see cref="Leave"/>. False if it is gone already.</summary>
    public bool TryEnter()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users) return true;
            users = seen;
        }

        return false;
    }

    /// <summary>Gives it back.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0) _release();
    }
}
