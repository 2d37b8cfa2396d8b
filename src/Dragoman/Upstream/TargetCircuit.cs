using Dragoman.Configuration;
using Polly;
using Polly.CircuitBreaker;

namespace Dragoman.Upstream;

/// <summary>Whether a model of a backend can be relied on just now, by what its last answers were like.</summary>
/// <remarks>
/// Polly's breaker counts failures and decides when the circuit opens and closes. It only learns how attempts ended: it stands in nobody's
/// way, since a target must still be tried when nothing else is left (failures.md G6), and since an answer that streams for minutes is no
/// call that it could wrap. What it does not know is here: which request may probe, what a <c>Retry-After</c> means, and how a target's
/// share grows back after recovery.
/// </remarks>
internal sealed class TargetCircuit
{
    private const double FirstShare = 0.1;
    private const long Never = 0;

    private readonly Lock _gate = new();
    private readonly CircuitOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<bool> _isDown;
    private readonly Action<bool> _changed;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline<bool> _breaker;
    private long _probeAt = Never;
    private long _recoveredAt = Never;
    private long _busyUntil = Never;

    /// <param name="options">When it opens and for how long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isDown">Whether the whole backend is down, as far as health questions tell.</param>
    /// <param name="changed">Told true when attempts open it and false when they close it.</param>
    public TargetCircuit(CircuitOptions options, TimeProvider time, Func<bool> isDown, Action<bool> changed)
    {
        _isDown = isDown;
        _options = options;
        _time = time;
        _changed = changed;
        // The bounds are Polly's.
        const int fewest = 2;
        var shortest = TimeSpan.FromMilliseconds(500);
        _breaker = new ResiliencePipelineBuilder<bool> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                FailureRatio = options.FailureRatio,
                MinimumThroughput = Math.Max(options.MinimumRequests, fewest),
                SamplingDuration = Longer(options.Window, shortest),
                BreakDuration = Longer(options.Open, shortest),
                ShouldHandle = static attempt => ValueTask.FromResult(!attempt.Outcome.Result),
                StateProvider = _state,
                ManualControl = _control,
            })
            .Build();
    }

    /// <summary>Too many attempts failed, or the backend does not answer health questions. May still be tried if nothing else is
    /// left.</summary>
    public bool IsOpen => _isDown() || Volatile.Read(ref _probeAt) != Never;

    /// <summary>How long it asked to be left alone; zero if it did not.</summary>
    public TimeSpan BusyFor
    {
        get
        {
            var until = Volatile.Read(ref _busyUntil);
            if (until == Never) return TimeSpan.Zero;
            var left = _time.GetElapsedTime(_time.GetTimestamp(), until);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>The part of its usual requests that it should get, from 0 to 1: routing multiplies weights with it. 0: only if nothing else
    /// is left.</summary>
    public double Share
    {
        get
        {
            if (_isDown() || BusyFor > TimeSpan.Zero) return 0;
            // Whoever usually came here may be the probe.
            if (Volatile.Read(ref _probeAt) is not Never and var probeAt) return _time.GetTimestamp() >= probeAt ? 1 : 0;
            var recoveredAt = Volatile.Read(ref _recoveredAt);
            if (recoveredAt == Never) return 1;
            var grown = _time.GetElapsedTime(recoveredAt) / _options.SlowStart;
            return grown < 1 ? FirstShare + ((1 - FirstShare) * grown) : 1;
        }
    }

    /// <summary>Asks to send a request there while others could serve it. Of an open circuit's requests one is let through when its time is
    /// over, as a probe, and another when that one has not ended after as long again.</summary>
    public bool TryEnter()
    {
        if (_isDown() || BusyFor > TimeSpan.Zero) return false;
        var probeAt = Volatile.Read(ref _probeAt);
        if (probeAt == Never) return true;
        var now = _time.GetTimestamp();
        return now >= probeAt && Interlocked.CompareExchange(ref _probeAt, After(now, _options.Open), probeAt) == probeAt;
    }

    /// <summary>An attempt has begun to answer.</summary>
    public void Succeeded() => Report(true);

    /// <summary>An attempt failed in a way that speaks against the target.</summary>
    public void Failed() => Report(false);

    /// <summary>The target asked to be left alone for so long. That is no failure: others just come first.</summary>
    public void Busy(TimeSpan time) => Volatile.Write(ref _busyUntil, After(_time.GetTimestamp(), time));

    /// <summary>The backend answers health questions again: the share grows from little.</summary>
    public void BackendIsUp()
    {
        lock (_gate)
        {
            _control.CloseAsync().GetAwaiter().GetResult();
            Recover();
        }
    }

    private void Report(bool succeeded)
    {
        bool wasOpen, isOpen;
        lock (_gate)
        {
            wasOpen = _probeAt != Never;
            try
            {
                _breaker.Execute(static outcome => outcome, succeeded);
            }
            catch (BrokenCircuitException)
            {
                // It is open and its time is not over: nothing that ends now changes that.
                return;
            }

            isOpen = _state.CircuitState == CircuitState.Open;
            // Opened, or opened again by a probe that failed.
            if (isOpen) Volatile.Write(ref _probeAt, After(_time.GetTimestamp(), _options.Open));
            else if (wasOpen) Recover();
        }

        if (wasOpen != isOpen) _changed(isOpen);
    }

    private void Recover()
    {
        Volatile.Write(ref _recoveredAt, _time.GetTimestamp());
        Volatile.Write(ref _probeAt, Never);
    }

    private long After(long now, TimeSpan time) => now + (long)(time.TotalSeconds * _time.TimestampFrequency);

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
