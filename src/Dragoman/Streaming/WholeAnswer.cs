using Dragoman.Errors;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Telemetry;
using Dragoman.Translation.ChatCompletions;
using Dragoman.Upstream;

namespace Dragoman.Streaming;

/// <summary>One answer for a caller who did not ask for a stream, collected if the backend streams it.</summary>
internal sealed class WholeAnswer(HttpContext http, UpstreamExchange exchange, StreamingServices services)
{
    private readonly Configuration.TimeoutOptions _timeouts = services.Options.Timeouts;

    /// <summary>Answers.</summary>
    /// <exception cref="GatewayException">The answer failed.</exception>
    /// <exception cref="OperationCanceledException">The caller is gone.</exception>
    public async Task RunAsync()
    {
        using var message = new PooledBuffer();
        using var upstream = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, services.Shutdown);
        using var silence = new CancellationTokenSource(_timeouts.FirstEvent, services.Time);
        await using var silenced = silence.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), upstream);
        var (answer, response) = await SendAsync(message, upstream.Token, silence.Token);
        using (response)
        using (answer)
        {
            if (response is not null) await CollectAsync(response, answer, silence, upstream.Token);
            exchange.Counted(answer.Usage);
            RequestTelemetry.Of(http)?.Ended(answer);
            if (answer.Failure is { } failure) throw new UpstreamException(exchange.Backend.Name, failure);
            AnswerHeaders.Write(http.Response.Headers, exchange.Request.Dropped);
            if (answer.Usage.Estimated) http.Response.Headers["x-dragoman-usage"] = "estimated";
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = message.Length;
            await http.Response.BodyWriter.WriteAsync(message.Memory, http.RequestAborted);
            await http.Response.CompleteAsync();
            if (response is not null && !answer.WantsNoMore) await UpstreamReading.DrainAsync(response, upstream);
        }
    }

    private async Task<(UpstreamAnswer, HttpResponseMessage?)> SendAsync(PooledBuffer message, CancellationToken upstream, CancellationToken silence)
    {
        try
        {
            var response = await exchange.SendAsync(upstream);
            return (Open(message), response);
        }
        catch (UpstreamException e) when (e.Kind == UpstreamErrorKind.ContentFiltered)
        {
            var answer = Open(message);
            answer.Refuse(e.Error.Message);
            return (answer, null);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            throw new GatewayException(EndedByUs(_timeouts.FirstEvent, silence));
        }
    }

    private async Task CollectAsync(HttpResponseMessage response, UpstreamAnswer answer, CancellationTokenSource silence, CancellationToken upstream)
    {
        try
        {
            using var reading = new UpstreamReading(await response.Content.ReadAsStreamAsync(upstream));
            ReadOnlyMemory<byte> bytes;
            while (!answer.HasEnded && !(bytes = await reading.ReadAsync(upstream)).IsEmpty)
            {
                if (RequestTelemetry.Of(http) is { FirstEventAt: null } telemetry) telemetry.FirstEventAt = services.Time.GetTimestamp();
                answer.Take(bytes.Span);
                silence.CancelAfter(answer.AwaitsOnlyUsage ? _timeouts.Usage : _timeouts.Idle);
            }

            answer.Close();
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested && RequestTelemetry.Of(http) is { } telemetry)
        {
            // What was seen of the answer is what it has cost.
            telemetry.Usage = answer.Usage;
            throw;
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            if (answer.AwaitsOnlyUsage) answer.CloseWithoutUsage();
            else answer.Fail(EndedByUs(_timeouts.Idle, silence.Token));
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !http.RequestAborted.IsCancellationRequested)
        {
            answer.Fail(UpstreamFailures.BrokeOff(exchange.Backend.Name));
        }
    }

    private AnthropicError EndedByUs(TimeSpan limit, CancellationToken silence) =>
        silence.IsCancellationRequested ? UpstreamFailures.Silent(exchange.Backend.Name, limit) : UpstreamFailures.ShuttingDown;

    private UpstreamAnswer Open(PooledBuffer message) =>
        exchange.Request.OpenAnswer(new(message, new MessageWriter(message), Stream: false, RandomIds.Message()));
}
