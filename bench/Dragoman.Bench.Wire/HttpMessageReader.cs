using System.Buffers.Text;
using System.Text;

namespace Dragoman.Bench.Wire;

public enum HttpPart { NeedMore, Head, Body, End }

/// <summary>HTTP/1.1 messages, requests or answers, one after another out of arriving bytes.</summary>
public sealed class HttpMessageReader
{
    private enum State { Head, Fixed, ChunkSize, ChunkData, ChunkEnd, Trailer, Done }

    private byte[] _head = new byte[4096];
    private int _headLength;
    private State _state;
    private long _remaining;
    private int _trailerLine;

    /// <summary>Start line and headers of the current message, without the empty line at their end.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _headLength);

    public bool IsChunked { get; private set; }

    /// <summary>The status code, when the message is an answer.</summary>
    public int Status => Utf8Parser.TryParse(Head[9..], out int status, out _) ? status : 0;

    /// <summary>True between messages: a connection that closes here broke nothing off.</summary>
    public bool IsIdle => _state == State.Head && _headLength == 0;

    public void Reset()
    {
        _state = State.Head;
        _headLength = 0;
    }

    /// <summary>Takes the next part off the front of <paramref name="input"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not HTTP/1.1 with a length or chunks.</exception>
    public HttpPart Read(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> body)
    {
        body = default;
        while (true)
        {
            switch (_state)
            {
                case State.Done:
                    Reset();
                    return HttpPart.End;
                case State.Head:
                    if (!TakeHead(ref input)) return HttpPart.NeedMore;
                    return HttpPart.Head;
                case State.Fixed or State.ChunkData:
                    if (input.IsEmpty) return HttpPart.NeedMore;
                    var take = (int)Math.Min(_remaining, input.Length);
                    body = input[..take];
                    input = input[take..];
                    _remaining -= take;
                    if (_remaining == 0) _state = _state == State.Fixed ? State.Done : State.ChunkEnd;
                    return HttpPart.Body;
                default:
                    if (input.IsEmpty) return HttpPart.NeedMore;
                    Step(input[0]);
                    input = input[1..];
                    break;
            }
        }
    }

    private bool TakeHead(ref ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        // The head's end may lie across two reads: look again at the last three bytes held.
        var from = Math.Max(0, _headLength - 3);
        var take = Math.Min(input.Length, 65536 - _headLength);
        if (_head.Length < _headLength + take) Array.Resize(ref _head, _headLength + take);
        input[..take].CopyTo(_head.AsSpan(_headLength));
        var end = _head.AsSpan(from, _headLength + take - from).IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            _headLength += take;
            input = input[take..];
            return _headLength < 65536 ? false : throw new InvalidDataException("head above 64 KB");
        }
        var headEnd = from + end;
        input = input[(headEnd + 4 - _headLength)..];
        _headLength = headEnd;
        ReadFraming();
        return true;
    }

    private void ReadFraming()
    {
        IsChunked = false;
        _remaining = 0;
        var rest = Head;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf("\r\n"u8);
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 2)..];
            if (HasName(line, "Content-Length:"u8))
            {
                var value = line[15..].Trim((byte)' ');
                _remaining = Utf8Parser.TryParse(value, out long length, out _) ? length : throw new InvalidDataException("Content-Length");
            }
            else if (HasName(line, "Transfer-Encoding:"u8))
            {
                IsChunked = true;
            }
        }
        _state = IsChunked ? State.ChunkSize : _remaining > 0 ? State.Fixed : State.Done;
        if (IsChunked) _remaining = 0;
    }

    private static bool HasName(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);

    /// <summary>One byte of what stands between chunks.</summary>
    private void Step(byte next)
    {
        switch (_state)
        {
            case State.ChunkSize when next == '\n':
                _state = _remaining > 0 ? State.ChunkData : State.Trailer;
                _trailerLine = 0;
                break;
            case State.ChunkSize when next != '\r':
                if (!char.IsAsciiHexDigit((char)next)) throw new InvalidDataException("chunk size");
                _remaining = _remaining * 16 + (next <= '9' ? next - '0' : (next | 0x20) - 'a' + 10);
                break;
            case State.ChunkEnd when next == '\n':
                _state = State.ChunkSize;
                break;
            case State.Trailer when next == '\n':
                if (_trailerLine == 0) _state = State.Done;
                _trailerLine = 0;
                break;
            case State.Trailer when next != '\r':
                _trailerLine++;
                break;
        }
    }
}
