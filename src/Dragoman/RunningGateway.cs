using Dragoman.Configuration;
using Dragoman.Reloading;

namespace Dragoman;

/// <summary>A gateway that listens.</summary>
internal sealed class RunningGateway(WebApplication app, GatewaySnapshots snapshots) : IAsyncDisposable
{
    /// <summary>Where it can be called, such as <c>http://127.0.0.1:4000/</c>.</summary>
    public Uri Address { get; } = Callable(app.Urls.First());

    /// <summary>The configuration in force.</summary>
    public GatewaySnapshots Snapshots => snapshots;

    /// <summary>What became of the last edit of its files.</summary>
    public ConfigurationStatus Configuration { get; } = app.Services.GetRequiredService<ConfigurationStatus>();

    /// <summary>Puts edits of the configuration's files in force, until it is disposed.</summary>
    /// <param name="source">Where the configuration comes from.</param>
    /// <param name="read">What the gateway was started with.</param>
    public ConfigurationWatch Watch(ConfigurationSource source, ConfigurationReading read) => new(
        source,
        read,
        snapshots,
        Configuration,
        app.Services.GetRequiredService<TimeProvider>(),
        app.Services.GetRequiredService<ILogger<ConfigurationWatch>>());

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
