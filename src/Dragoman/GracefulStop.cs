using Dragoman.Configuration;

namespace Dragoman;

/// <summary>Gives open streams their grace time after the signal to stop, and then ends them with an error event: a caller that is told can try elsewhere.</summary>
internal sealed class GracefulStop : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly ITimer _grace;

    public GracefulStop(IHostApplicationLifetime lifetime, GatewayOptions options, TimeProvider time)
    {
        _grace = time.CreateTimer(static over => ((CancellationTokenSource)over!).Cancel(), _over, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lifetime.ApplicationStopping.Register(() => _grace.Change(options.Timeouts.Shutdown, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Cancelled when open streams are to end.</summary>
    public CancellationToken GraceIsOver => _over.Token;

    public void Dispose()
    {
        _grace.Dispose();
        _over.Dispose();
    }
}
