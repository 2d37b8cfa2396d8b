using Dragoman.Reloading;

namespace Dragoman;

/// <summary>A gateway that listens.</summary>
internal sealed class RunningGateway(WebApplication app, GatewaySnapshots snapshots) : IAsyncDisposable
{
    /// <summary>Where it can be called, such as <c>http://127.0.0.1:4000/</c>.</summary>
    public Uri Address { get; } = Callable(app.Urls.First());

    /// <summary>The configuration in force.</summary>
    public GatewaySnapshots Snapshots => snapshots;

    /// <summary>Completes when a signal has stopped it.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation = default) => app.WaitForShutdownAsync(cancellation);

    /// <summary>Stops as a signal would: no new requests, open ones get the grace time.</summary>
    public Task StopAsync(CancellationToken cancellation = default) => app.StopAsync(cancellation);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    // A wildcard is where we listen, not where we can be called.
    private static Uri Callable(string address) =>
        new(address.Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal).Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//*", "//127.0.0.1", StringComparison.Ordinal).Replace("//+", "//127.0.0.1", StringComparison.Ordinal));
}
