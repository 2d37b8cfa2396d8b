using System.Buffers;
using System.Text.Json;
using Dragoman.Protocol;
using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Translation.Messages;

/// <summary>Passes the events of a service that speaks the Messages API on to the caller, and looks at them on the way.</summary>
/// <remarks>
/// Data passes byte for byte, but for the model's name at the start. What the relay adds is an end: an answer that breaks off ends in an
/// <c>error</c> event, and nothing follows an end (failures.md G1, G2, H2). What comes before the first piece of content is held back, for
/// services begin an answer at once and say only then that they are overloaded: as long as nothing of it was told, another target can
/// answer. Of the many events of content only the name is looked at.
/// </remarks>
public sealed class MessageRelay : IDisposable
{
    private static readonly SearchValues<byte> EventNames = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_.-"u8);

    private readonly RelayContext _context;
    private readonly IBufferWriter<byte> _client;
    private readonly PooledBuffer _held = new();
    private readonly PooledBuffer _scratch = new();
    private MessageFacts _facts;
    private long _contentBytes;
    private int _heldStart;
    private bool _hasMessage;
    private bool _continues;

    /// <param name="context">What is known of the request.</param>
    /// <param name="client">Takes what the caller is told.</param>
    public MessageRelay(RelayContext context, IBufferWriter<byte> client)
    {
        _context = context;
        _client = client;
    }

    /// <summary>message_start was written, or told before: what fails from here on is an error event.</summary>
    public bool HasStarted => _continues || HasContent;

    /// <summary>A piece of content was written: from here on no other backend can answer instead, once it was sent.</summary>
    public bool HasContent { get; private set; }

    /// <summary>The answer is over, by message_stop or by an error.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Why the answer failed; null if it did not. If <see cref="HasStarted"/> is false nothing was written.</summary>
    public TranslatedError? Failure { get; private set; }

    /// <summary>The counts so far; final when the answer ended well.</summary>
    public Usage Usage => _facts.Usage(_context.EstimatedInputTokens, EstimateTokens(_contentBytes));

    /// <summary>Why the answer ended; null while it has not, when it failed, or for a reason this gateway has no word for.</summary>
    public StopReason? StopReason => HasEnded && Failure is null ? _facts.StopReason : null;

    /// <summary>The counts and the reason came, and nothing but the mark of the end is to be expected: worth a short wait only, then
    /// <see cref="OnClosed"/>.</summary>
    public bool AwaitsOnlyEnd => _facts.IsFinal && !HasEnded;

    /// <summary>The caller was sent a message_start already, by whoever began the answer: the service's own is left out. Only while none was
    /// written.</summary>
    public void Continue()
    {
        _continues = true;
        _held.RemoveStart(_heldStart);
        _heldStart = 0;
    }

    /// <summary>One event.</summary>
    /// <param name="name">Its name; empty if it had none, and then its data tells.</param>
    /// <param name="data">Its data: one JSON object.</param>
    public void OnEvent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        // [DONE] is another API's end; vLLM sends it here, too, and several SDKs stumble over it.
        if (HasEnded || data.IsEmpty || data.SequenceEqual("[DONE]"u8)) return;
        if (name.IsEmpty) name = TypeOf(data);
        if (name.SequenceEqual("content_block_delta"u8)) OnDelta(name, data);
        else if (name.SequenceEqual("message_start"u8)) OnStart(data);
        else if (name.SequenceEqual("content_block_start"u8)) OnBlockStart(name, data);
        else if (name.SequenceEqual("content_block_stop"u8)) OnContent(name, data);
        else if (name.SequenceEqual("message_delta"u8)) OnEnding(name, data);
        else if (name.SequenceEqual("message_stop"u8)) OnStop(name, data);
        else if (name.SequenceEqual("error"u8)) Fail(MessagesErrors.OfEvent(data, _context.ForErrors));
        else OnOther(name, data);
    }

    /// <summary>The event that was still open when the stream closed: it may lack no more than its blank line, or half of it.</summary>
    public void OnUnfinishedEvent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        bool isWhole;
        using (var json = TryParse(data)) isWhole = json is not null;
        if (isWhole) OnEvent(name, data);
    }

    /// <summary>An exception inside a stream of Bedrock's.</summary>
    /// <param name="type">Such as <c>throttlingException</c>.</param>
    /// <param name="payload">JSON with a <c>message</c>.</param>
    public void OnException(ReadOnlySpan<byte> type, ReadOnlySpan<byte> payload) =>
        Fail(MessagesErrors.OfException(type, payload, _context.ForErrors));

    /// <summary>Something whole where a stream was asked for: an error with status 200, or no answer at all.</summary>
    public void OnWhole(ReadOnlySpan<byte> body)
    {
        using var json = TryParse(body);
        if (json is not null && json.Root["error"u8].IsPresent) Fail(MessagesErrors.OfEvent(body, _context.ForErrors));
        else FailBroken("answered a request for a stream with something else.");
    }

    /// <summary>The service closed the stream in order: finished if the reason of the end had come, else an error.</summary>
    public void OnClosed()
    {
        if (HasEnded) return;
        if (_facts.IsFinal) Finish("message_stop"u8, "{\"type\":\"message_stop\"}"u8);
        else FailBroken("closed the stream before the answer was complete.");
    }

    /// <summary>The service sent something that cannot be read; what it would have said is lost, so nothing may follow.</summary>
    public void OnUnreadable() => FailBroken("sent an event that cannot be read.");

    /// <summary>The gateway ends the answer: connection lost, silence, shutdown.</summary>
    public void Fail(AnthropicError error) =>
        Fail(new TranslatedError(error, error.Type == AnthropicErrorType.Api ? 502 : error.Status));

    /// <summary>Ends the answer with an error of the service.</summary>
    public void Fail(TranslatedError failure)
    {
        if (HasEnded) return;
        HasEnded = true;
        Failure = failure;
        _held.Dispose();
        if (HasStarted) new MessageEventWriter(_client).Error(failure.Error);
    }

    /// <summary>Gives buffers back.</summary>
    public void Dispose()
    {
        _held.Dispose();
        _scratch.Dispose();
    }

    /// <summary>Tokens of an answer that was not counted, guessed from the bytes of its events.</summary>
    private static long EstimateTokens(long bytes) => (long)Math.Ceiling(bytes / 3.5);

    private void OnDelta(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        // {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}
        const int frame = 82;
        _contentBytes += Math.Max(0, data.Length - frame);
        OnContent(name, data);
    }

    private void OnContent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (!_hasMessage || data[0] != '{' || data[^1] != '}')
        {
            OnUnreadable();
            return;
        }

        if (!HasContent)
        {
            Release();
            // Nothing is parsed until the end: no memory is held for it meanwhile.
            _scratch.Dispose();
        }

        Write(name, data, _client);
    }

    private void OnBlockStart(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (!_hasMessage || data[0] != '{' || data[^1] != '}') OnUnreadable();
        else Write(name, data, HasContent ? _client : _held);
    }

    private void OnStart(ReadOnlySpan<byte> data)
    {
        if (_hasMessage) return;
        using var json = TryParse(data);
        if (json?.Root["message"u8] is not { IsObject: true } message)
        {
            OnUnreadable();
            return;
        }

        _hasMessage = true;
        _facts.Take(message["usage"u8]);
        if (_continues) return;
        WriteStart(data, message["model"u8], _held);
        _heldStart = _held.Length;
    }

    private void WriteStart(ReadOnlySpan<byte> data, JsonView model, IBufferWriter<byte> output)
    {
        var json = new JsonOutput(output);
        json.Raw("event: message_start\ndata: "u8);
        if (model.IsString)
        {
            Lines(ref json, data[..model.Offset]);
            json.Quoted(_context.Model);
            Lines(ref json, data[(model.Offset + model.Raw.Length)..]);
        }
        else
        {
            Lines(ref json, data);
        }

        json.Raw("\n\n"u8);
        json.Flush();
    }

    private void OnEnding(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        using var json = TryParse(data);
        if (!_hasMessage || json is null || !json.Root.IsObject)
        {
            OnUnreadable();
            return;
        }

        _facts.TakeEnd(json.Root["delta"u8], json.Root["usage"u8]);
        Release();
        Write(name, data, _client);
    }

    private void OnStop(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (!_facts.IsFinal)
        {
            FailBroken("ended its answer without saying why.");
            return;
        }

        // Bedrock tells of its machines here. And an end is an end, be it misspelt.
        bool isFit;
        using (var json = TryParse(data)) isFit = json is not null && data.IndexOf("amazon-bedrock-"u8) < 0;
        Finish(name, isFit ? data : "{\"type\":\"message_stop\"}"u8);
    }

    private void OnOther(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        // Pings of our own go out where silence asks for them; the service's do not begin an answer.
        if (name.SequenceEqual("ping"u8) && !HasContent) return;
        // The API may grow events. SDKs pass over names they do not know, but not over data that is no JSON.
        if (name.IsEmpty || name.ContainsAnyExcept(EventNames) || !_hasMessage) return;
        using var json = TryParse(data);
        if (json is null) return;
        Write(name, data, HasContent ? _client : _held);
    }

    private void Finish(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        HasEnded = true;
        Write(name, data, _client);
    }

    private void Release()
    {
        if (HasContent) return;
        HasContent = true;
        _client.Write(_held.Span);
        _held.Dispose();
    }

    private void FailBroken(string what) => Fail(new AnthropicError(AnthropicErrorType.Api, $"The backend '{_context.Backend}' {what}"));

    private static void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        var json = new JsonOutput(output);
        json.Raw("event: "u8);
        json.Raw(name);
        json.Raw("\ndata: "u8);
        Lines(ref json, data);
        json.Raw("\n\n"u8);
        json.Flush();
    }

    /// <remarks>A service may break its JSON over several lines; each wants a mark of its own.</remarks>
    private static void Lines(ref JsonOutput output, ReadOnlySpan<byte> data)
    {
        for (var line = data.IndexOf((byte)'\n'); line >= 0; line = data.IndexOf((byte)'\n'))
        {
            output.Raw(data[..(line + 1)]);
            output.Raw("data: "u8);
            data = data[(line + 1)..];
        }

        output.Raw(data);
    }

    private static ReadOnlySpan<byte> TypeOf(ReadOnlySpan<byte> data)
    {
        var start = "{\"type\":\""u8;
        if (data.StartsWith(start))
        {
            var rest = data[start.Length..];
            var end = rest.IndexOf((byte)'"');
            return end < 0 ? default : rest[..end];
        }

        var reader = new Utf8JsonReader(data);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                reader.Read();
                if (isType) return reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // No event, then.
        }

        return default;
    }

    /// <summary>Null if it is no JSON. Good until the next call.</summary>
    private JsonText? TryParse(ReadOnlySpan<byte> data)
    {
        _scratch.Clear();
        _scratch.Append(data);
        try
        {
            return JsonText.Parse(_scratch.Memory);
        }
        catch (JsonFormatException)
        {
            return null;
        }
    }
}
