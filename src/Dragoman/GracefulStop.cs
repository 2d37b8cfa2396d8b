using System.Runtime.InteropServices;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;

namespace Dragoman;

/// <summary>What happens from the signal to stop to the end: new requests are refused in words, open ones get their grace time, and then an
/// error event. A caller that is told can try elsewhere.</summary>
/// <remarks>The gateway goes on listening until the last open request is over: who asks whether it is ready hears that it is not, and who
/// sends a request hears to try again, instead of meeting a closed port. With nothing open it stops at once.</remarks>
internal sealed class GracefulStop : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _shutdown;
    private readonly ITimer _grace;
    private readonly PosixSignalRegistration _interrupts;
    private int _open;
    private int _interrupted;
    private volatile bool _isStopping;

    public GracefulStop(IHostApplicationLifetime lifetime, GatewayOptions options, TimeProvider time)
    {
        _shutdown = options.Timeouts.Shutdown;
        _grace = time.CreateTimer(static over => ((CancellationTokenSource)over!).Cancel(), _over, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lifetime.ApplicationStopping.Register(Begin);
        // Who presses Ctrl+C again does not want to wait. Before the stop it means nothing here: under 'dragoman claude' it is Claude
        // Code's.
        _interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested && Interlocked.Increment(ref _interrupted) > 1) _over.Cancel();
        });
    }

    /// <summary>The signal to stop has come.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Cancelled when open streams are to end.</summary>
    public CancellationToken GraceIsOver => _over.Token;

    /// <summary>A request that is to be finished before the end begins.</summary>
    /// <exception cref="GatewayException">529: too late.</exception>
    public void Enter()
    {
        Interlocked.Increment(ref _open);
        if (!_isStopping) return;
        Leave();
        const string message = "The gateway is shutting down. Please try again.";
        throw new GatewayException(new AnthropicError(AnthropicErrorType.Overloaded, message)) { RetryAfter = "1", ShouldRetry = true };
    }

    /// <summary>It is over.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0 && _isStopping) _idle.TrySetResult();
    }

    /// <summary>Runs before the server stops listening.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        Begin();
        if (Volatile.Read(ref _open) == 0) return Task.CompletedTask;
        // Whoever is in a hurry does not wait; nor is that a failure.
        return Task.WhenAny(_idle.Task, Task.Delay(Timeout.Infinite, cancellationToken));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _interrupts.Dispose();
        _grace.Dispose();
        _over.Dispose();
    }

    private void Begin()
    {
        if (_isStopping) return;
        _isStopping = true;
        // Whoever entered before sees it, or is seen.
        Interlocked.MemoryBarrier();
        _grace.Change(_shutdown, Timeout.InfiniteTimeSpan);
    }
}
