using Dragoman.Configuration;
using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.ServerTools;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.Streaming;

/// <summary>One answer for a caller who did not ask for a stream, collected if the backend streams it.</summary>
internal sealed class WholeAnswer(HttpContext http, UpstreamExchange exchange, StreamingServices services, ServerToolRounds? rounds)
{
    private readonly TimeoutOptions _timeouts = services.Options.Timeouts;
    private UpstreamAnswer? _answer;

    /// <summary>Answers.</summary>
    /// <exception cref="GatewayException">Every attempt failed.</exception>
    /// <exception cref="OperationCanceledException">The caller is gone.</exception>
    public async Task RunAsync()
    {
        using var message = new PooledBuffer();
        try
        {
            if (rounds?.DirectCall(exchange.Request) is { } call) await SearchAtOnceAsync(rounds, call);
            while (!await AttemptAsync(message))
            {
                _answer?.Dispose();
                _answer = null;
                message.Clear();
            }
        }
        finally
        {
            _answer?.Dispose();
        }
    }

    /// <returns>False if another attempt is to be made.</returns>
    private async Task<bool> AttemptAsync(PooledBuffer message)
    {
        using var upstream = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, services.Shutdown);
        using var silence = new CancellationTokenSource(_timeouts.FirstEvent + exchange.Wait, services.Time);
        await using var silenced = silence.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), upstream);
        UpstreamException? failure;
        try
        {
            if (exchange.Wait > TimeSpan.Zero) await Task.Delay(exchange.Wait, services.Time, upstream.Token);
            using var response = await exchange.SendAsync(upstream.Token);
            _answer = Open(message);
            failure = await CollectAsync(response, _answer, silence, upstream.Token);
            if (failure is null)
            {
                if (_answer.ServerToolCalls.Count > 0 && !await RunServerToolsAsync(rounds!, _answer, response, upstream)) return false;
                await WriteAsync(_answer, message);
                if (!_answer.WantsNoMore) await UpstreamReading.DrainAsync(response, upstream);
                return true;
            }
        }
        catch (UpstreamException e) when (e.Kind == UpstreamErrorKind.ContentFiltered)
        {
            _answer = Open(message);
            _answer.Refuse(e.Error.Message);
            await WriteAsync(_answer, message);
            return true;
        }
        catch (UpstreamException e)
        {
            failure = e;
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            failure = EndedByUs(_timeouts.FirstEvent, silence.Token);
        }

        if (exchange.TryNext(failure, longestWait: TimeSpan.MaxValue)) return false;
        var told = exchange.ToTell(failure);
        if (_answer is not null) exchange.Ended(_answer);
        throw told;
    }

    /// <returns>Why the answer failed; null if it did not.</returns>
    private async Task<UpstreamException?> CollectAsync(
        HttpResponseMessage response, UpstreamAnswer answer, CancellationTokenSource silence, CancellationToken upstream)
    {
        var limit = _timeouts.FirstEvent;
        try
        {
            using var reading = new UpstreamReading(await response.Content.ReadAsStreamAsync(upstream));
            ReadOnlyMemory<byte> bytes;
            while (!answer.HasEnded && !(bytes = await reading.ReadAsync(upstream)).IsEmpty)
            {
                if (RequestTelemetry.Of(http) is { FirstEventAt: null } telemetry) telemetry.FirstEventAt = services.Time.GetTimestamp();
                answer.Take(bytes.Span);
                // Headers and a role are no answer yet.
                if (answer.HasStarted) limit = _timeouts.Idle;
                silence.CancelAfter(answer.AwaitsOnlyUsage ? _timeouts.Usage : limit);
            }

            answer.Close();
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested && RequestTelemetry.Of(http) is { } telemetry)
        {
            // What was seen of the answer is what it has cost.
            telemetry.Usage = answer.Usage;
            throw;
        }
        catch (OperationCanceledException) when (answer.AwaitsOnlyUsage)
        {
            answer.CloseWithoutUsage();
        }
        catch (OperationCanceledException)
        {
            var end = EndedByUs(limit, silence.Token);
            answer.Fail(end.Error);
            return end;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            answer.Fail(UpstreamFailures.BrokeOff(exchange.Backend.Name));
            return new(exchange.Backend.Name, answer.Failure!) { Outcome = AttemptOutcomes.BrokenOff };
        }

        return answer.Failure is { } failure ? new(exchange.Backend.Name, failure) : null;
    }

    private async Task WriteAsync(UpstreamAnswer answer, PooledBuffer message)
    {
        exchange.Ended(answer);
        AnswerHeaders.Write(http, exchange.Request.Dropped);
        if (answer.Usage.Estimated) http.Response.Headers["x-dragoman-usage"] = "estimated";
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = message.Length;
        await http.Response.BodyWriter.WriteAsync(message.Memory, http.RequestAborted);
        await http.Response.CompleteAsync();
    }

    private UpstreamException EndedByUs(TimeSpan limit, CancellationToken silence) =>
        silence.IsCancellationRequested ? UpstreamFailures.Silent(exchange.Backend.Name, limit) : UpstreamFailures.ShuttingDown(exchange.Backend.Name);

    private UpstreamAnswer Open(PooledBuffer message)
    {
        var (id, writer) = (RandomIds.Message(), new MessageWriter(message));
        if (rounds is null) return exchange.Request.OpenAnswer(new(message, writer, Stream: false, id));
        var answer = exchange.Request.OpenAnswer(new(message, rounds.Record(writer), Stream: false, id, rounds.Progress));
        if (rounds.Blocks.IsEmpty) return answer;
        writer.StartWith(id, exchange.Model, rounds.Blocks);
        answer.Continue();
        return answer;
    }

    /// <returns>True if the message is complete; false if the backend is to be asked again.</returns>
    private async Task<bool> RunServerToolsAsync(
        ServerToolRounds rounds, UpstreamAnswer answer, HttpResponseMessage response, CancellationTokenSource upstream)
    {
        if (RequestTelemetry.Of(http) is { } telemetry) telemetry.Usage = answer.Usage;
        // Not the upstream call's own: that ends when the backend is silent, and searches have time limits of their own.
        using var running = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, services.Shutdown);
        if (!upstream.IsCancellationRequested) await UpstreamReading.DrainAsync(response, upstream);
        var outcomes = await rounds.RunAsync(answer.ServerToolCalls, running.Token);
        return rounds.End(answer, outcomes, exchange);
    }

    private async Task SearchAtOnceAsync(ServerToolRounds rounds, ServerToolCall call)
    {
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, services.Shutdown);
        using var unseen = new PooledBuffer();
        rounds.TellDirect(call, new MessageEventWriter(unseen));
        var outcomes = await rounds.RunAsync([call], stopped.Token);
        rounds.EndDirect(call, outcomes[0], exchange);
    }
}
