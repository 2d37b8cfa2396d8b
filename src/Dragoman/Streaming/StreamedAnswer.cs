using System.Globalization;
using System.Runtime.CompilerServices;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;
using Dragoman.ServerTools;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.Streaming;

/// <summary>One answer on its way to a caller who asked for a stream.</summary>
/// <remarks>
/// Two may write to the caller: the pump, which translates what the backend sends, and the watch, a timer that begins a late answer, pings
/// in silence and ends it when it lasts too long. The gate is held by who writes; the pump gives it up only while it waits for the backend.
/// Until the reader has something to tell, nothing is sent and a failure is an HTTP error; then it is an <c>error</c> event (mapping.md
/// section 9.1, the commit point). As long as no content was sent, a failed attempt is followed by another, which goes on where the stream
/// is. The caller's slowness reaches the backend: while a flush waits, nothing more is read.
/// </remarks>
internal sealed class StreamedAnswer : IAsyncDisposable
{
    /// <summary>A backend that is faster than its connection to us is flushed after so much, not only when it pauses.</summary>
    private const int LargestUnflushed = 32 * 1024;

    private readonly HttpContext _http;
    private readonly UpstreamExchange _exchange;
    private readonly TimeoutOptions _timeouts;
    private readonly TimeProvider _time;
    private readonly RequestTelemetry? _telemetry;
    private readonly CallerStream _caller;
    private readonly ServerToolRounds? _rounds;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationToken _shutdown;
    private readonly TimeSpan _commit;
    private readonly long _started;
    private readonly ITimer _watch;
    private CancellationTokenSource _upstream;
    private UpstreamAnswer? _answer;
    private UpstreamException? _silent;
    private long _lastFromBackend;
    private bool _answering;
    private bool _runsTools;
    private bool _over;

    public StreamedAnswer(HttpContext http, UpstreamExchange exchange, StreamingServices services, ServerToolRounds? rounds)
    {
        _http = http;
        _exchange = exchange;
        _timeouts = services.Options.Timeouts;
        _time = services.Time;
        _shutdown = services.Shutdown;
        _telemetry = RequestTelemetry.Of(http);
        _rounds = rounds;
        _caller = new(http, exchange, services.Time, rounds);
        _upstream = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _shutdown);
        _commit = CommitAfter(http, _timeouts);
        _started = _lastFromBackend = _time.GetTimestamp();
        _watch = _time.CreateTimer(static state => ((StreamedAnswer)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Answers from first to last byte.</summary>
    /// <exception cref="GatewayException">Every attempt failed before anything was sent.</exception>
    /// <exception cref="OperationCanceledException">The caller is gone.</exception>
    public async Task RunAsync()
    {
        await _gate.WaitAsync();
        try
        {
            Arm(Sooner(_commit, _timeouts.FirstEvent));
            if (_rounds?.DirectCall(_exchange.Request) is { } call && !await SearchAtOnceAsync(_rounds, call)) return;
            while (!await AttemptAsync()) BeginAnew();
        }
        catch (Exception) when (_answer is { HasEnded: false } && _telemetry is not null)
        {
            // The caller left in the middle: what was seen of the answer is what it has cost.
            _telemetry.Usage = _answer.Usage;
            throw;
        }
        finally
        {
            _over = true;
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        _answer?.Dispose();
        _caller.Dispose();
        _upstream.Dispose();
    }

    /// <summary>One attempt, from the request to the end of its answer.</summary>
    /// <returns>False if it failed and another is to be made.</returns>
    private async Task<bool> AttemptAsync()
    {
        HttpResponseMessage? response = null;
        UpstreamException? failure = null;
        try
        {
            try
            {
                response = await SendAsync();
                _answer = _caller.Open();
                failure = await PumpAsync(response, _answer);
                if (failure is null && _answer.ServerToolCalls.Count > 0 && !await RunServerToolsAsync(_rounds!, _answer, response)) return false;
            }
            catch (UpstreamException e) when (e.Kind == UpstreamErrorKind.ContentFiltered)
            {
                _answer = _caller.Open();
                _answer.Refuse(e.Error.Message);
            }
            catch (UpstreamException e)
            {
                failure = e;
            }
            catch (OperationCanceledException) when (!_http.RequestAborted.IsCancellationRequested)
            {
                failure = EndedByUs();
                if (_answer is { ServerToolCalls.Count: > 0 }) _answer.Fail(failure.Error);
            }

            if (failure is not null)
            {
                if (_exchange.TryNext(failure, LongestWait)) return false;
                Tell(failure);
            }

            await EndAsync(response);
            return true;
        }
        finally
        {
            response?.Dispose();
        }
    }

    /// <summary>Runs the tools that wait, and tells what came of it. Meanwhile the watch pings.</summary>
    /// <returns>True if the message is complete; false if the backend is to be asked again.</returns>
    private async Task<bool> RunServerToolsAsync(ServerToolRounds rounds, UpstreamAnswer answer, HttpResponseMessage response)
    {
        if (!_caller.Unsent.IsEmpty) await _caller.FlushAsync(answer);
        if (_telemetry is not null) _telemetry.Usage = answer.Usage;
        // Not the upstream call's own: that may have been ended for its counts, which did not come (failures.md E7).
        using var running = CancellationTokenSource.CreateLinkedTokenSource(_http.RequestAborted, _shutdown);
        if (!_upstream.IsCancellationRequested) await UpstreamReading.DrainAsync(response, _upstream);
        var outcomes = await UngatedAsync(rounds.RunAsync(answer.ServerToolCalls, running.Token));
        bool isComplete;
        try
        {
            isComplete = rounds.End(answer, outcomes, _exchange);
        }
        catch (Exception e) when (ToldOf(e) is { } error)
        {
            answer.Fail(error);
            return true;
        }

        if (isComplete) return true;
        await _caller.FlushAsync(answer);
        _caller.BeginRound();
        return false;
    }

    /// <summary>Searches what Claude Code asks for before any backend is asked.</summary>
    /// <returns>False if there is no more to be done.</returns>
    private async Task<bool> SearchAtOnceAsync(ServerToolRounds rounds, ServerToolCall call)
    {
        await _caller.BeginAsync(null);
        rounds.TellDirect(call, _caller.Events);
        await _caller.FlushAsync(null);
        try
        {
            var outcomes = await UngatedAsync(rounds.RunAsync([call], _upstream.Token));
            rounds.EndDirect(call, outcomes[0], _exchange);
        }
        catch (Exception e) when (ToldOf(e) is { } error)
        {
            _caller.Events.Error(error);
            _telemetry?.Failed(error);
            await _caller.CompleteAsync(null);
            return false;
        }

        await _caller.FlushAsync(null);
        return true;
    }

    /// <summary>What the caller is told of a failure between rounds: with what was found the prompt may fit no target any more. Null: it is none, or
    /// there is nobody to tell.</summary>
    private AnthropicError? ToldOf(Exception e) => e switch
    {
        GatewayException refused => refused.Error,
        TranslationException refused => refused.Error,
        OperationCanceledException when !_http.RequestAborted.IsCancellationRequested => EndedByUs().Error,
        _ => null,
    };

    private async Task<ServerToolOutcome[]> UngatedAsync(Task<ServerToolOutcome[]> running)
    {
        _runsTools = true;
        Arm(_timeouts.Ping);
        _gate.Release();
        try
        {
            return await running;
        }
        finally
        {
            await _gate.WaitAsync();
            _runsTools = false;
            _lastFromBackend = _time.GetTimestamp();
        }
    }

    /// <summary>Everything of the failed attempt is forgotten; the caller knows nothing of it.</summary>
    private void BeginAnew()
    {
        _caller.Unsent.Clear();
        _answer?.Dispose();
        _answer = null;
        _silent = null;
        _answering = false;
        _upstream.Dispose();
        _upstream = CancellationTokenSource.CreateLinkedTokenSource(_http.RequestAborted, _shutdown);
        // Nobody is silent before they are asked.
        _lastFromBackend = _time.GetTimestamp() + (long)(_exchange.Wait.TotalSeconds * _time.TimestampFrequency);
        Arm(TimeSpan.Zero);
    }

    /// <summary>Says what went wrong: as an HTTP error while nothing was sent, else as an event. What there is of content goes with
    /// it.</summary>
    private void Tell(UpstreamException failure)
    {
        var told = _exchange.ToTell(failure);
        if (_answer is { HasContent: true }) return;
        _caller.Unsent.Clear();
        if (_caller.HasBegun)
        {
            _caller.Events.Error(told.Error);
            return;
        }

        if (_answer is not null) _exchange.Ended(_answer);
        throw told;
    }

    /// <summary>Sends the request while the watch may begin the answer.</summary>
    private async Task<HttpResponseMessage> SendAsync()
    {
        _gate.Release();
        try
        {
            if (_exchange.Wait > TimeSpan.Zero) await Task.Delay(_exchange.Wait, _time, _upstream.Token);
            return await _exchange.SendAsync(_upstream.Token);
        }
        finally
        {
            await _gate.WaitAsync();
        }
    }

    /// <returns>Why the answer failed; null if it did not.</returns>
    private async Task<UpstreamException?> PumpAsync(HttpResponseMessage response, UpstreamAnswer answer)
    {
        using var reading = new UpstreamReading(await response.Content.ReadAsStreamAsync(_upstream.Token));
        _lastFromBackend = _time.GetTimestamp();
        try
        {
            while (!answer.HasEnded)
            {
                await NextAsync(reading);
                var bytes = await reading.ReadAsync(_upstream.Token);
                if (bytes.IsEmpty)
                {
                    answer.Close();
                    break;
                }

                _lastFromBackend = _time.GetTimestamp();
                // About as much goes on: one rent instead of many.
                _caller.Unsent.GetSpan(bytes.Length);
                answer.Take(bytes.Span);
                if (answer.AwaitsOnlyUsage) Arm(_timeouts.Usage);
                if (!_answering && answer.HasStarted)
                {
                    _answering = true;
                    if (_telemetry is not null) _telemetry.FirstEventAt ??= _lastFromBackend;
                }

                if (_caller.Unsent.Length > LargestUnflushed) await _caller.FlushAsync(answer);
            }
        }
        catch (OperationCanceledException) when (!_http.RequestAborted.IsCancellationRequested)
        {
            // Nothing but the counts was still to come, and they are not worth a longer wait. (failures.md E7)
            if (answer.AwaitsOnlyUsage)
            {
                answer.CloseWithoutUsage();
            }
            else
            {
                var end = EndedByUs();
                answer.Fail(end.Error);
                return end;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !_http.RequestAborted.IsCancellationRequested)
        {
            // Cut off; never taken for an end. (failures.md G2)
            answer.Fail(UpstreamFailures.BrokeOff(_exchange.Backend.Name));
            return new(_exchange.Backend.Name, answer.Failure!) { Outcome = AttemptOutcomes.BrokenOff };
        }

        return answer.Failure is { } failure ? new(_exchange.Backend.Name, failure) : null;
    }

    /// <summary>Waits for the backend. What was written goes out first if it has to be waited for, so one flush carries all that one read
    /// brought.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))] // Once per paced event: nothing is allocated for it.
    private async ValueTask NextAsync(UpstreamReading reading)
    {
        var waiting = reading.WaitAsync(_upstream.Token);
        if (waiting.IsCompleted)
        {
            await waiting;
            return;
        }

        try
        {
            if (!_caller.Unsent.IsEmpty) await _caller.FlushAsync(_answer);
            _gate.Release();
        }
        catch
        {
            // The wait must not be left alone with its buffers; whoever ended the flush ends it too.
            await _upstream.CancelAsync();
            await ((Task)waiting.AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        try
        {
            await waiting;
        }
        finally
        {
            await _gate.WaitAsync();
        }
    }

    private async Task EndAsync(HttpResponseMessage? response)
    {
        if (_answer is not null) _exchange.Ended(_answer);
        await _caller.CompleteAsync(_answer);
        // The caller has everything. The backend's last chunk mark is still to be taken, or its connection could not be used again.
        if (response is not null && _answer is { Failure: null, WantsNoMore: false }) await UpstreamReading.DrainAsync(response, _upstream);
    }

    /// <summary>The watch's turn. If the pump is writing, there is life and nothing to do, unless the caller has not read for too
    /// long.</summary>
    private async void Look()
    {
        var next = Timeout.InfiniteTimeSpan;
        if (!_gate.Wait(0))
        {
            if (_over) return;
            if (_time.GetElapsedTime(_caller.LastSent) > _timeouts.Idle && _time.GetElapsedTime(_lastFromBackend) > _timeouts.Idle) _http.Abort();
            Arm(_timeouts.Ping);
            return;
        }

        try
        {
            if (_over) return;
            next = await LookAsync();
        }
        catch (Exception)
        {
            // The caller is gone; the pump finds out by the same token.
        }
        finally
        {
            _gate.Release();
            if (next != Timeout.InfiniteTimeSpan) Arm(next);
        }
    }

    /// <summary>Begins, pings or ends the answer if it is time.</summary>
    /// <returns>When to look again.</returns>
    private async ValueTask<TimeSpan> LookAsync()
    {
        // Searches have time limits of their own.
        var silence = _runsTools ? TimeSpan.Zero : _time.GetElapsedTime(_lastFromBackend);
        var limit = _answer is { AwaitsOnlyUsage: true } ? _timeouts.Usage : _answering ? _timeouts.Idle : _timeouts.FirstEvent;
        if (silence >= limit)
        {
            _silent = UpstreamFailures.Silent(_exchange.Backend.Name, limit);
            await _upstream.CancelAsync();
            return Timeout.InfiniteTimeSpan;
        }

        if (!HasBegun)
        {
            var left = _commit - _time.GetElapsedTime(_started);
            if (left > TimeSpan.Zero) return Sooner(left, limit - silence);
            await _caller.BeginAsync(_answer);
        }
        else if (_time.GetElapsedTime(_caller.LastSent) >= _timeouts.Ping)
        {
            _caller.Events.Ping();
            await _caller.FlushAsync(_answer);
        }

        return Sooner(_timeouts.Ping - _time.GetElapsedTime(_caller.LastSent), limit - silence);
    }

    private static TimeSpan Sooner(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private void Arm(TimeSpan due)
    {
        try
        {
            _watch.Change(due > TimeSpan.Zero ? due : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The answer ended meanwhile.
        }
    }

    /// <summary>message_start is on its way.</summary>
    private bool HasBegun => _caller.HasBegun || _answer is { HasStarted: true };

    /// <summary>While nothing was sent, a wait past the commit point would turn an HTTP error, which tells a client when to come back, into
    /// an event, which does not. Null: no other attempt can follow.</summary>
    private TimeSpan? LongestWait =>
        _caller.HasContent ? null : _caller.HasBegun ? TimeSpan.MaxValue : _commit - _time.GetElapsedTime(_started);

    private UpstreamException EndedByUs() => _silent ?? UpstreamFailures.ShuttingDown(_exchange.Backend.Name);

    /// <summary>The client's own deadline counts too: half of it is left for the answer's headers to arrive (anthropic-messages.md section
    /// 3).</summary>
    private static TimeSpan CommitAfter(HttpContext http, TimeoutOptions timeouts)
    {
        var text = http.Request.Headers["x-stainless-timeout"].ToString();
        var told = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e6;
        return told ? Sooner(TimeSpan.FromSeconds(seconds / 2), timeouts.Commit) : timeouts.Commit;
    }
}
