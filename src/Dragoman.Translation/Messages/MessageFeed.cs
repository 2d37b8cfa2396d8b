using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Dragoman.Protocol;
using Dragoman.Protocol.EventStreams;
using Dragoman.Protocol.ServerSentEvents;

namespace Dragoman.Translation.Messages;

/// <summary>Hands the bytes of a service's streamed answer to the relay, event by event: server-sent events, or Bedrock's messages.</summary>
/// <param name="relay">Takes the events.</param>
/// <param name="service">Whose bytes they are.</param>
/// <param name="largest">Longest single event, in bytes.</param>
public sealed class MessageFeed(MessageRelay relay, MessagesService service, int largest) : IDisposable
{
    private readonly ServerSentEventReader? _events = service == MessagesService.Bedrock ? null : new(largest);
    private readonly EventStreamReader? _messages = service == MessagesService.Bedrock ? new(largest) : null;
    private readonly PooledBuffer _decoded = new();
    private PooledBuffer? _whole;
    private bool _hasBegun;

    /// <summary>Takes what one read brought.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (_messages is not null) TakeMessages(_messages, bytes);
            else TakeEvents(_events!, bytes);
        }
        // The readers say so of what is too long or no longer to be made sense of.
#pragma warning disable RS0030
        catch (System.IO.InvalidDataException)
#pragma warning restore RS0030
        {
            relay.OnUnreadable();
        }
    }

    /// <summary>The service has closed its answer.</summary>
    public void Close()
    {
        if (relay.HasEnded) return;
        if (_whole is not null) relay.OnWhole(_whole.Span);
        else if (_events is not null && _events.TryReadLast(out var last)) relay.OnUnfinishedEvent(last.Event, last.Data);
        relay.OnClosed();
    }

    /// <summary>Gives buffers back.</summary>
    public void Dispose()
    {
        _events?.Dispose();
        _messages?.Dispose();
        _decoded.Dispose();
        _whole?.Dispose();
    }

    private void TakeEvents(ServerSentEventReader events, ReadOnlySpan<byte> bytes)
    {
        if (!_hasBegun)
        {
            var text = bytes.TrimStart("\uFEFF \t\r\n"u8);
            if (text.IsEmpty) return;
            _hasBegun = true;
            // No event begins so: an error with status 200, or a page of some proxy.
            if (text[0] is (byte)'{' or (byte)'<') _whole = new PooledBuffer();
        }

        if (_whole is not null)
        {
            if (_whole.Length + bytes.Length > largest) relay.OnUnreadable();
            else _whole.Append(bytes);
            return;
        }

        while (!relay.HasEnded && events.TryRead(ref bytes, out var next)) relay.OnEvent(next.Event, next.Data);
    }

    private void TakeMessages(EventStreamReader messages, ReadOnlySpan<byte> bytes)
    {
        while (!relay.HasEnded && messages.TryRead(ref bytes, out var next)) Tell(next);
    }

    private void Tell(in EventStreamMessage message)
    {
        var exception = message.Text(":exception-type"u8);
        if (!exception.IsEmpty)
        {
            relay.OnException(exception, message.Payload);
        }
        else if (message.Text(":message-type"u8).SequenceEqual("error"u8))
        {
            relay.OnException(message.Text(":error-code"u8), message.Payload);
        }
        else if (message.Text(":event-type"u8).SequenceEqual("chunk"u8))
        {
            if (TryDecode(message.Payload)) relay.OnEvent(default, _decoded.Span);
            else relay.OnUnreadable();
        }
    }

    /// <summary>Bedrock wraps an event once more: <c>{"bytes":"…","p":"…"}</c>, base64 and padding.</summary>
    private bool TryDecode(ReadOnlySpan<byte> payload)
    {
        _decoded.Clear();
        var reader = new Utf8JsonReader(payload);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isBytes = reader.ValueTextEquals("bytes"u8);
                reader.Read();
                if (!isBytes) reader.Skip();
                else return reader.TokenType == JsonTokenType.String && TryDecode(ref reader);
            }
        }
        catch (JsonException)
        {
            // No JSON: unreadable.
        }

        return false;
    }

    private bool TryDecode(ref Utf8JsonReader reader)
    {
        // Escaped slashes are legal in JSON, and part of base64.
        var encoded = _decoded.GetSpan(reader.ValueSpan.Length);
        var length = reader.CopyString(encoded);
        if (Base64.DecodeFromUtf8InPlace(encoded[..length], out var written) != OperationStatus.Done) return false;
        _decoded.Advance(written);
        return true;
    }
}
