using System.Text;
using Dragoman.Bench.Wire;

namespace Dragoman.Bench.Load;

/// <summary>Follows one answer as it arrives and says in the end whether it was whole and true.</summary>
/// <remarks>The content is compared byte for byte with what the backend sends, in either API, so that a server that
/// loses, repeats or reorders events cannot look fast.</remarks>
internal sealed class AnswerChecker(AnswerScript script, Api api, TurnRecord record)
{
    private readonly byte[] _key = Encoding.ASCII.GetBytes(
        (api, script.IsToolCall) switch
        {
            (Api.Messages, false) => "\"text\":\"",
            (Api.Messages, true) => "\"partial_json\":\"",
            (_, false) => "\"content\":\"",
            (_, true) => "\"arguments\":\"",
        });

    private byte[] _line = new byte[4096];
    private int _lineLength;
    private int _position;
    private bool _begun, _ended;
    private long _requestedAt, _lastEventAt;

    /// <summary>What is wrong with the answer so far; null when nothing is.</summary>
    public string? Fault { get; private set; }

    public void Begin(long now)
    {
        _lineLength = _position = 0;
        _begun = _ended = false;
        _requestedAt = now;
        _lastEventAt = 0;
        Fault = null;
    }

    public void OnBody(ReadOnlySpan<byte> body, long now)
    {
        if (!script.IsStreamed)
        {
            Keep(body);
            return;
        }
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            if (end < 0)
            {
                Keep(body);
                return;
            }
            if (_lineLength == 0)
            {
                OnLine(body[..end], now);
            }
            else
            {
                Keep(body[..end]);
                OnLine(_line.AsSpan(0, _lineLength), now);
                _lineLength = 0;
            }
            body = body[(end + 1)..];
        }
    }

    public void OnEnd(long now)
    {
        if (!script.IsStreamed)
        {
            var body = _line.AsSpan(0, _lineLength);
            if (body.IndexOf(_key) >= 0) OnContent(Value(body), now);
            _ended = true;
        }
        if (Fault is null && _position != script.Content.Length) Fault = $"{_position} of {script.Content.Length} bytes of content arrived";
        if (Fault is null && !_ended) Fault = "the stream ended without its last event";
    }

    private void OnLine(ReadOnlySpan<byte> line, long now)
    {
        if (line.StartsWith("data: "u8))
        {
            var payload = line[6..];
            if (api == Api.ChatCompletions && payload.SequenceEqual("[DONE]"u8)) _ended = true;
            else if (payload.IndexOf(_key) >= 0) OnContent(Value(payload), now);
        }
        else if (line.StartsWith("event: "u8))
        {
            OnEventName(line[7..]);
        }
    }

    private void OnEventName(ReadOnlySpan<byte> name)
    {
        if (_ended) Fail("an event after the end");
        if (name.SequenceEqual("message_start"u8))
        {
            if (_begun) Fail("a second message_start");
            _begun = true;
        }
        else if (name.SequenceEqual("error"u8))
        {
            Fail("an error event");
        }
        else if (!_begun && !name.SequenceEqual("ping"u8))
        {
            Fail("an event before message_start");
        }
        _ended |= name.SequenceEqual("message_stop"u8);
    }

    /// <summary>The JSON string behind the key, still escaped.</summary>
    private ReadOnlySpan<byte> Value(ReadOnlySpan<byte> json)
    {
        var value = json[(json.IndexOf(_key) + _key.Length)..];
        var end = 0;
        while (true)
        {
            var next = value[end..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0) return value;
            end += next;
            if (value[end] == '"') return value[..end];
            end += 2;
        }
    }

    private void OnContent(ReadOnlySpan<byte> text, long now)
    {
        if (text.IsEmpty) return;
        if (_lastEventAt == 0) record.FirstEvent(now - _requestedAt);
        else record.Gap(now - _lastEventAt);
        _lastEventAt = now;

        var expected = script.Content.AsSpan(_position);
        if (text.Length > expected.Length)
        {
            Fail("more content than the backend sent");
            return;
        }
        _position += text.Length;
        record.Content(script.IsStamped ? 0 : 1);
        if (!script.IsStamped)
        {
            if (!text.SequenceEqual(expected[..text.Length])) Fail($"other content than the backend sent: {Encoding.UTF8.GetString(text)}");
            return;
        }
        while (!text.IsEmpty)
        {
            // Piece by piece: "@", nineteen digits that differ, words that must not.
            var next = text[1..].IndexOf((byte)'@') + 1;
            var piece = next == 0 ? text : text[..next];
            const int words = AnswerScript.StampDigits + 1;
            if (piece.Length < words || !piece[words..].SequenceEqual(expected[words..piece.Length])
                || !System.Buffers.Text.Utf8Parser.TryParse(piece[1..words], out long sent, out _))
            {
                Fail($"other content than the backend sent: {Encoding.UTF8.GetString(piece)}");
                return;
            }
            record.Content(1);
            record.Delay(now - sent);
            text = text[piece.Length..];
            expected = expected[piece.Length..];
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_line.Length < _lineLength + bytes.Length) Array.Resize(ref _line, Math.Max(_line.Length * 2, _lineLength + bytes.Length));
        bytes.CopyTo(_line.AsSpan(_lineLength));
        _lineLength += bytes.Length;
    }

    private void Fail(string reason) => Fault ??= reason;
}
