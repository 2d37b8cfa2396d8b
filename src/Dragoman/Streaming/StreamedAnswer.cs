using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.Streaming;

/// <summary>One answer on its way to a caller who asked for a stream.</summary>
/// <remarks>
/// Two may write to the caller: the pump, which translates what the backend sends, and the watch, a timer that begins a late answer, pings
/// in silence and ends it when it lasts too long. The gate is held by who writes; the pump gives it up only while it waits for the backend.
/// Until the translator has something to tell, nothing is sent and a failure is an HTTP error; then it is an <c>error</c> event (mapping.md
/// section 9.1, the commit point). The caller's slowness reaches the backend: while a flush waits, nothing more is read.
/// </remarks>
internal sealed class StreamedAnswer : IAsyncDisposable
{
    /// <summary>A backend that is faster than its connection to us is flushed after so much, not only when it pauses.</summary>
    private const int LargestUnflushed = 32 * 1024;

    private readonly HttpContext _http;
    private readonly UpstreamExchange _exchange;
    private readonly TimeoutOptions _timeouts;
    private readonly int _largestEvent;
    private readonly TimeProvider _time;
    private readonly RequestTelemetry? _telemetry;
    private readonly PipeWriter _client;
    private readonly PooledBuffer _unsent = new();
    private readonly MessageEventWriter _events;
    private readonly string _messageId = RandomIds.Message();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _upstream;
    private readonly CancellationToken _shutdown;
    private readonly TimeSpan _commit;
    private readonly long _started;
    private readonly ITimer _watch;
    private UpstreamAnswer? _answer;
    private AnthropicError? _ended;
    private long _lastToClient;
    private long _lastFromBackend;
    private bool _begun;
    private bool _answering;
    private bool _over;

    public StreamedAnswer(HttpContext http, UpstreamExchange exchange, StreamingServices services)
    {
        _http = http;
        _exchange = exchange;
        _timeouts = services.Options.Timeouts;
        _largestEvent = services.Options.Limits.Answer;
        _time = services.Time;
        _shutdown = services.Shutdown;
        _telemetry = RequestTelemetry.Of(http);
        _client = http.Response.BodyWriter;
        _events = new(_unsent);
        _upstream = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _shutdown);
        _commit = CommitAfter(http, _timeouts);
        _started = _lastToClient = _lastFromBackend = _time.GetTimestamp();
        _watch = _time.CreateTimer(static state => ((StreamedAnswer)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Answers from first to last byte.</summary>
    /// <exception cref="GatewayException">The answer failed before anything was sent.</exception>
    /// <exception cref="OperationCanceledException">The caller is gone.</exception>
    public async Task RunAsync()
    {
        await _gate.WaitAsync();
        try
        {
            Arm(Sooner(_commit, _timeouts.FirstEvent));
            using var response = await SendAsync();
            if (response is not null) await PumpAsync(response, _answer!);
            await EndAsync(response);
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
        _unsent.Dispose();
        _upstream.Dispose();
    }

    /// <summary>Sends the request while the watch may begin the answer. Null if there is nothing to read: the refusal is the answer, or the
    /// failure is told already.</summary>
    private async Task<HttpResponseMessage?> SendAsync()
    {
        try
        {
            var response = await SendUngatedAsync();
            _answer = Open();
            return response;
        }
        catch (UpstreamException e) when (e.Kind == UpstreamErrorKind.ContentFiltered)
        {
            _answer = Open();
            _answer.Refuse(e.Error.Message);
        }
        catch (GatewayException e) when (_begun)
        {
            TellFailure(e.Error);
        }
        catch (OperationCanceledException) when (!_http.RequestAborted.IsCancellationRequested)
        {
            if (!_begun) throw new GatewayException(EndedByUs());
            TellFailure(EndedByUs());
        }

        return null;
    }

    private void TellFailure(AnthropicError error)
    {
        _events.Error(error);
        RequestTelemetry.Of(_http)?.Failed(error);
    }

    private async Task<HttpResponseMessage> SendUngatedAsync()
    {
        _gate.Release();
        try
        {
            return await _exchange.SendAsync(_upstream.Token);
        }
        finally
        {
            await _gate.WaitAsync();
        }
    }

    private async Task PumpAsync(HttpResponseMessage response, UpstreamAnswer answer)
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
                _unsent.GetSpan(bytes.Length);
                answer.Take(bytes.Span);
                if (answer.AwaitsOnlyUsage) Arm(_timeouts.Usage);
                if (!_answering && answer.HasStarted)
                {
                    _answering = true;
                    if (_telemetry is not null) _telemetry.FirstEventAt ??= _lastFromBackend;
                }

                if (_unsent.Length > LargestUnflushed) await FlushAsync();
            }
        }
        catch (OperationCanceledException) when (!_http.RequestAborted.IsCancellationRequested)
        {
            // Nothing but the counts was still to come, and they are not worth a longer wait. (failures.md E7)
            if (answer.AwaitsOnlyUsage) answer.CloseWithoutUsage();
            else answer.Fail(EndedByUs());
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !_http.RequestAborted.IsCancellationRequested)
        {
            // Cut off; never taken for an end. (failures.md G2)
            answer.Fail(UpstreamFailures.BrokeOff(_exchange.Backend.Name));
        }
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
            if (!_unsent.IsEmpty) await FlushAsync();
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
        if (_answer is not null)
        {
            _exchange.Counted(_answer.Usage);
            _telemetry?.Ended(_answer);
            if (_answer.Failure is { } untold && !_answer.HasStarted) throw new UpstreamException(_exchange.Backend.Name, untold);
        }

        // What is left goes out together with the mark of the end.
        if (_http.Response.HasStarted)
        {
            if (_telemetry is not null) _telemetry.StreamedBytes += _unsent.Length;
            _client.Write(_unsent.Span);
        }
        else if (!_unsent.IsEmpty) await FlushAsync();
        await _http.Response.CompleteAsync();
        // The caller has everything. The backend's last chunk mark is still to be taken, or its connection could not be used again.
        if (response is not null && _answer is { Failure: null, WantsNoMore: false }) await UpstreamReading.DrainAsync(response, _upstream);
    }

    /// <summary>Sends what was written. Only with the gate held.</summary>
    private async ValueTask FlushAsync()
    {
        if (!_http.Response.HasStarted) StartHeaders();
        _lastToClient = _time.GetTimestamp();
        if (_telemetry is not null) _telemetry.StreamedBytes += _unsent.Length;
        // All events at once: the pipe takes a lock for each of its calls, too much for each event.
        var flush = await _client.WriteAsync(_unsent.Memory, _http.RequestAborted);
        _unsent.Dispose();
        if (flush.IsCompleted || flush.IsCanceled) throw new OperationCanceledException(_http.RequestAborted);
        _lastToClient = _time.GetTimestamp();
    }

    private void StartHeaders()
    {
        _http.Response.StatusCode = StatusCodes.Status200OK;
        AnswerHeaders.Write(_http.Response.Headers, _exchange.Request.Dropped);
        var headers = _http.Response.Headers;
        headers.ContentType = "text/event-stream; charset=utf-8";
        headers.CacheControl = "no-cache";
        // Asks nginx and its likes not to hold the stream back. (failures.md H5)
        headers["x-accel-buffering"] = "no";
    }

    /// <summary>The watch's turn. If the pump is writing, there is life and nothing to do, unless the caller has not read for too
    /// long.</summary>
    private async void Look()
    {
        var next = Timeout.InfiniteTimeSpan;
        if (!_gate.Wait(0))
        {
            if (_over) return;
            if (_time.GetElapsedTime(_lastToClient) > _timeouts.Idle && _time.GetElapsedTime(_lastFromBackend) > _timeouts.Idle) _http.Abort();
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
        var silence = _time.GetElapsedTime(_lastFromBackend);
        var limit = _answer is { AwaitsOnlyUsage: true } ? _timeouts.Usage : _answering ? _timeouts.Idle : _timeouts.FirstEvent;
        if (silence >= limit)
        {
            _ended = UpstreamFailures.Silent(_exchange.Backend.Name, limit);
            await _upstream.CancelAsync();
            return Timeout.InfiniteTimeSpan;
        }

        if (!HasBegun)
        {
            var left = _commit - _time.GetElapsedTime(_started);
            if (left > TimeSpan.Zero) return Sooner(left, limit - silence);
            Begin();
            await FlushAsync();
        }
        else if (_time.GetElapsedTime(_lastToClient) >= _timeouts.Ping)
        {
            _events.Ping();
            await FlushAsync();
        }

        return Sooner(_timeouts.Ping - _time.GetElapsedTime(_lastToClient), limit - silence);
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

    /// <summary>message_start is on its way, from the backend's answer or from <see cref="Begin"/>.</summary>
    private bool HasBegun => _begun || _answer is { HasStarted: true };

    /// <summary>Commits to an answer while the backend is still silent: message_start now. Whoever answers goes on from there.</summary>
    private void Begin()
    {
        _begun = true;
        var usage = new Usage(_exchange.Request.EstimatedInputTokens, 0, 0, 0, Estimated: true);
        _events.Start(_messageId, _exchange.Model, usage);
        _answer?.Continue();
    }

    private UpstreamAnswer Open()
    {
        var answer = _exchange.Request.OpenAnswer(new(_unsent, _events, Stream: true, _messageId));
        if (_begun) answer.Continue();
        return answer;
    }

    private AnthropicError EndedByUs() => _ended ?? UpstreamFailures.ShuttingDown;

    /// <summary>The client's own deadline counts too: half of it is left for the answer's headers to arrive (anthropic-messages.md section
    /// 3).</summary>
    private static TimeSpan CommitAfter(HttpContext http, TimeoutOptions timeouts)
    {
        var text = http.Request.Headers["x-stainless-timeout"].ToString();
        var told = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e6;
        return told ? Sooner(TimeSpan.FromSeconds(seconds / 2), timeouts.Commit) : timeouts.Commit;
    }
}
