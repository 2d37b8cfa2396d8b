using System.Runtime.InteropServices;
using Dragoman.Configuration;

namespace Dragoman;

/// <summary>Gives open streams their grace time after the signal to stop, and then ends them with an error event: a caller that is told can
/// try elsewhere.</summary>
internal sealed class GracefulStop : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly ITimer _grace;
    private readonly PosixSignalRegistration _interrupts;
    private int _interrupted;

    public GracefulStop(IHostApplicationLifetime lifetime, GatewayOptions options, TimeProvider time)
    {
        var never = Timeout.InfiniteTimeSpan;
        _grace = time.CreateTimer(static over => ((CancellationTokenSource)over!).Cancel(), _over, never, never);
        lifetime.ApplicationStopping.Register(() => _grace.Change(options.Timeouts.Shutdown, never));
        // Who presses Ctrl+C again does not want to wait. Before the stop it means nothing here: under 'dragoman claude' it is Claude
        // Code's.
        _interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested && Interlocked.Increment(ref _interrupted) > 1) _over.Cancel();
        });
    }

    /// <summary>Cancelled when open streams are to end.</summary>
    public CancellationToken GraceIsOver => _over.Token;

    public void Dispose()
    {
        _interrupts.Dispose();
        _grace.Dispose();
        _over.Dispose();
    }
}
