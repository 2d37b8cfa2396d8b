using System.Buffers;
using System.IO.Pipelines;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.ServerTools;
using Dragoman.Telemetry;
using Dragoman.Upstream;

namespace Dragoman.Streaming;

/// <summary>The caller's side of a streamed answer: what is written for them, and what of it was sent. Used by one at a time.</summary>
internal sealed class CallerStream(HttpContext http, UpstreamExchange exchange, TimeProvider time, ServerToolRounds? rounds) : IDisposable
{
    private readonly PipeWriter _client = http.Response.BodyWriter;
    private readonly RequestTelemetry? _telemetry = RequestTelemetry.Of(http);

    /// <summary>Written, and not sent yet.</summary>
    public PooledBuffer Unsent { get; } = new();

    /// <summary>Id of the message, whoever answers.</summary>
    public string MessageId { get; } = RandomIds.Message();

    /// <summary>The caller was sent message_start: failures are events from here on.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The caller was sent content: no other backend can answer instead.</summary>
    public bool HasContent { get; private set; }

    /// <summary>When something was sent last; as <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long LastSent { get; private set; } = time.GetTimestamp();

    /// <summary>Writes to <see cref="Unsent"/>.</summary>
    public MessageEventWriter Events => _events ??= new(Unsent);

    private MessageEventWriter? _events;

    /// <summary>The reader of the present attempt's answer, which goes on where the stream is.</summary>
    public UpstreamAnswer Open()
    {
        var sink = rounds is null ? (MessageSink)Events : rounds.Record(Events);
        var answer = exchange.Request.OpenAnswer(new(Unsent, sink, Stream: true, MessageId, rounds?.Progress ?? default));
        if (HasBegun) answer.Continue();
        return answer;
    }

    /// <summary>Commits to an answer while the backend is still silent: message_start now. Whoever answers goes on from there.</summary>
    public ValueTask BeginAsync(UpstreamAnswer? answer)
    {
        Events.Start(MessageId, exchange.Model, new Usage(exchange.Request.EstimatedInputTokens, 0, 0, 0, Estimated: true));
        answer?.Continue();
        HasBegun = true;
        return FlushAsync(answer);
    }

    /// <summary>Another upstream answer goes on with the message: as long as nothing of it was sent, others can take its place.</summary>
    public void BeginRound() => HasContent = false;

    /// <summary>Sends what was written.</summary>
    public async ValueTask FlushAsync(UpstreamAnswer? answer)
    {
        if (!http.Response.HasStarted) StartHeaders();
        Sent(answer);
        LastSent = time.GetTimestamp();
        Count();
        // All events at once: the pipe takes a lock for each of its calls, too much for each event.
        var flush = await _client.WriteAsync(Unsent.Memory, http.RequestAborted);
        Unsent.Dispose();
        if (flush.IsCompleted || flush.IsCanceled) throw new OperationCanceledException(http.RequestAborted);
        LastSent = time.GetTimestamp();
    }

    /// <summary>Sends what is left, together with the mark of the end.</summary>
    public async Task CompleteAsync(UpstreamAnswer? answer)
    {
        if (http.Response.HasStarted)
        {
            Count();
            _client.Write(Unsent.Span);
        }
        else if (!Unsent.IsEmpty)
        {
            await FlushAsync(answer);
        }

        await http.Response.CompleteAsync();
    }

    public void Dispose() => Unsent.Dispose();

    private void Count()
    {
        if (_telemetry is not null) _telemetry.StreamedBytes += Unsent.Length;
    }

    private void Sent(UpstreamAnswer? answer)
    {
        if (answer is null || HasContent) return;
        HasBegun |= answer.HasStarted;
        if (!answer.HasContent) return;
        HasContent = true;
        exchange.Succeeded();
    }

    private void StartHeaders()
    {
        http.Response.StatusCode = StatusCodes.Status200OK;
        AnswerHeaders.Write(http, exchange.Request.Dropped);
        var headers = http.Response.Headers;
        headers.ContentType = "text/event-stream; charset=utf-8";
        headers.CacheControl = "no-cache";
        // Asks nginx and its likes not to hold the stream back. (failures.md H5)
        headers["x-accel-buffering"] = "no";
    }
}
