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
        var (translator, response) = await SendAsync(message, upstream.Token, silence.Token);
        using (response)
        using (translator)
        {
            if (response is not null) await CollectAsync(response, translator, silence, upstream.Token);
            exchange.Counted(translator.Usage);
            RequestTelemetry.Of(http)?.Ended(translator);
            if (translator.Failure is { } failure) throw new UpstreamException(exchange.Backend.Name, failure);
            AnswerHeaders.Write(http.Response.Headers, exchange.Answer);
            if (translator.Usage.Estimated) http.Response.Headers["x-dragoman-usage"] = "estimated";
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = message.Length;
            await http.Response.BodyWriter.WriteAsync(message.Memory, http.RequestAborted);
            await http.Response.CompleteAsync();
            if (response is not null && !translator.WantsNoMore) await UpstreamReading.DrainAsync(response, upstream);
        }
    }

    private async Task<(StreamTranslator, HttpResponseMessage?)> SendAsync(
        PooledBuffer message, CancellationToken upstream, CancellationToken silence)
    {
        try
        {
            var response = await exchange.SendAsync(static () => true, upstream);
            return (NewTranslator(message), response);
        }
        catch (UpstreamException e) when (e.Kind == UpstreamErrorKind.ContentFiltered)
        {
            var translator = NewTranslator(message);
            translator.OnWhole(Refusals.AsCompletion(e.Error.Message));
            return (translator, null);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            throw new GatewayException(EndedByUs(_timeouts.FirstEvent, silence));
        }
    }

    private async Task CollectAsync(
        HttpResponseMessage response, StreamTranslator translator, CancellationTokenSource silence, CancellationToken upstream)
    {
        using var feed = new AnswerFeed(translator, exchange.Backend.Name, services.Options.Limits.Answer);
        try
        {
            var answer = await response.Content.ReadAsStreamAsync(upstream);
            using var reading = new UpstreamReading(answer);
            ReadOnlyMemory<byte> bytes;
            while (!translator.HasEnded && !(bytes = await reading.ReadAsync(upstream)).IsEmpty)
            {
                feed.Take(bytes.Span);
                silence.CancelAfter(translator.AwaitsOnlyUsage ? _timeouts.Usage : _timeouts.Idle);
            }

            feed.Close();
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            // Nothing but the counts was still to come, and they are not worth a longer wait. (failures.md E7)
            if (translator.AwaitsOnlyUsage) translator.OnClosed();
            else translator.Fail(EndedByUs(_timeouts.Idle, silence.Token));
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !http.RequestAborted.IsCancellationRequested)
        {
            translator.Fail(UpstreamFailures.BrokeOff(exchange.Backend.Name));
        }
    }

    private AnthropicError EndedByUs(TimeSpan limit, CancellationToken silence) =>
        silence.IsCancellationRequested ? UpstreamFailures.Silent(exchange.Backend.Name, limit) : UpstreamFailures.ShuttingDown;

    private StreamTranslator NewTranslator(PooledBuffer message) =>
        new(exchange.Answer, new MessageWriter(message), RandomIds.Message(), RandomIds.ToolUse);
}
