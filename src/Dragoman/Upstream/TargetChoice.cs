using System.Globalization;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Routing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>For one request: which target is tried next, after which wait, and which failure the caller is told when none is left.</summary>
/// <remarks>
/// In the route's order, 1. a target that was not tried and whose circuit lets the request in; 2. one that was not tried: an open circuit
/// keeps nobody from the last target there is; 3. one that was tried and may be again, whose wait ends first. The wait is a back-off or what
/// the target itself asked for.
/// </remarks>
internal sealed class TargetChoice
{
    // What is left alone for want of a Retry-After, and the most that one may ask for.
    private static readonly TimeSpan UsualRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    private static readonly Func<double> RealChance = Random.Shared.NextDouble;

    private readonly IReadOnlyList<ModelTarget> _targets;
    private readonly RetryOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<double> _chance;
    private readonly long _started;
    private State[]? _states;
    private int _current;
    private GatewayException? _mostUseful;
    private int _usefulness;

    /// <param name="targets">In the order in which they are to be tried; at least one.</param>
    /// <param name="options">How often and how long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="chance">Spreads waits: a number from 0 to 1. Null takes real chance.</param>
    public TargetChoice(IReadOnlyList<ModelTarget> targets, RetryOptions options, TimeProvider time, Func<double>? chance = null)
    {
        _targets = targets;
        _options = options;
        _time = time;
        _chance = chance ?? RealChance;
        _started = time.GetTimestamp();
        _current = Untried() ?? 0;
    }

    private record struct State(int Failures, bool IsOut, long NotBefore);

    /// <summary>Whom to try.</summary>
    public ModelTarget Current => _targets[_current];

    /// <summary>How long to wait before.</summary>
    public TimeSpan Wait { get; private set; }

    /// <summary>Attempts so far, the present one included.</summary>
    public int Attempts { get; private set; } = 1;

    /// <summary>No other attempt can follow the present one.</summary>
    public bool IsLast => Attempts >= _options.Attempts;

    /// <summary>The request cannot be said to the present target, which was sent nothing.</summary>
    /// <returns>True if another one is to be tried.</returns>
    public bool PassOver()
    {
        StateOf(_current).IsOut = true;
        if (Untried() is not { } next) return false;
        Choose(next, TimeSpan.Zero);
        return true;
    }

    /// <summary>The present attempt has failed.</summary>
    /// <param name="failure">How.</param>
    /// <param name="longestWait">What a target that was tried already is waited for at most.</param>
    /// <returns>True if there is to be another.</returns>
    public bool TryNext(GatewayException failure, TimeSpan longestWait)
    {
        var rules = FailureRules.Of(failure);
        Note(failure, rules);
        if (!rules.Elsewhere) return false;
        ref var state = ref StateOf(_current);
        state.Failures++;
        var asked = RetryAfterOf(failure);
        if (failure.Status == 429 || asked > TimeSpan.Zero) Current.Circuit.Busy(Shorter(asked ?? UsualRest, LongestRest));
        state.IsOut = !rules.Again || asked > _options.MaxRetryAfter;
        state.NotBefore = _time.GetTimestamp() + Ticks(Longer(asked ?? TimeSpan.Zero, BackoffAfter(state.Failures)));
        if ((failure as UpstreamException)?.Kind == UpstreamErrorKind.ContextTooLong) LeaveOutSmaller(Current.Listed?.ContextWindow);
        if (IsLast || _time.GetElapsedTime(_started) >= _options.Deadline) return false;

        Attempts++;
        if (Untried() is { } untried)
        {
            Choose(untried, TimeSpan.Zero);
            return true;
        }

        if (SoonestOfTheTried() is not { } soonest) return false;
        var wait = Longer(_time.GetElapsedTime(_time.GetTimestamp(), StateOf(soonest).NotBefore), TimeSpan.Zero);
        if (wait > longestWait || _time.GetElapsedTime(_started) + wait >= _options.Deadline) return false;
        Choose(soonest, wait);
        return true;
    }

    /// <summary>The failure to tell: <paramref name="last"/>, or an earlier one that helps the caller more.</summary>
    public GatewayException MostUseful(GatewayException last) => _mostUseful ?? last;

    private ref State StateOf(int target) => ref (_states ??= new State[_targets.Count])[target];

    private void Choose(int target, TimeSpan wait) => (_current, Wait) = (target, wait);

    private int? Untried()
    {
        int? first = null;
        for (var i = 0; i < _targets.Count; i++)
        {
            if (_states?[i] is { IsOut: true } or { Failures: > 0 }) continue;
            // Asked last: who is let in and not sent takes the place of a probe.
            if (_targets[i].Circuit.TryEnter()) return i;
            if (first is null || _targets[i].Circuit.BusyFor < _targets[first.Value].Circuit.BusyFor) first = i;
        }

        return first;
    }

    private int? SoonestOfTheTried()
    {
        int? soonest = null;
        for (var i = 0; i < _targets.Count; i++)
        {
            if (StateOf(i).IsOut) continue;
            if (soonest is null || StateOf(i).NotBefore < StateOf(soonest.Value).NotBefore) soonest = i;
        }

        return soonest;
    }

    /// <summary>A prompt that was too long fits only a window that is known to be larger.</summary>
    private void LeaveOutSmaller(int? window)
    {
        for (var i = 0; i < _targets.Count; i++)
        {
            if (_targets[i].Listed?.ContextWindow is not { } other || other <= window) StateOf(i).IsOut = true;
        }
    }

    private void Note(GatewayException failure, FailureRules rules)
    {
        var isMoreUseful = _mostUseful is null || rules.Usefulness > _usefulness
            || (rules.Usefulness == _usefulness && !(RetryAfterOf(failure) >= RetryAfterOf(_mostUseful)));
        if (isMoreUseful) (_mostUseful, _usefulness) = (failure, rules.Usefulness);
    }

    private TimeSpan BackoffAfter(int failures)
    {
        var most = Shorter(_options.Backoff * Math.Pow(2, failures - 1), _options.MaxBackoff);
        // From half of it to all of it: callers that failed together do not come back together.
        return most * (0.5 + (0.5 * _chance()));
    }

    private TimeSpan? RetryAfterOf(GatewayException failure)
    {
        if (double.TryParse(failure.RetryAfterMs, NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds))
            return TimeSpan.FromMilliseconds(Bounded(milliseconds, LongestRest.TotalMilliseconds));
        if (double.TryParse(failure.RetryAfter, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(Bounded(seconds, LongestRest.TotalSeconds));
        if (DateTimeOffset.TryParse(failure.RetryAfter, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            return TimeSpan.FromSeconds(Bounded((date - _time.GetUtcNow()).TotalSeconds, LongestRest.TotalSeconds));
        return null;
    }

    private static double Bounded(double number, double most) => double.IsNaN(number) ? 0 : Math.Clamp(number, 0, most);

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
