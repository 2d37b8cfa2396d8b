namespace Dragoman.Protocol.ServerSentEvents;

/// <summary>One event of a stream; spans into the reader's input or its own buffer, good until the next call.</summary>
public readonly ref struct ServerSentEvent
{
    /// <summary>The <c>event:</c> field; empty if there was none.</summary>
    public ReadOnlySpan<byte> Event { get; init; }

    /// <summary>The <c>data:</c> lines, joined with LF.</summary>
    public ReadOnlySpan<byte> Data { get; init; }
}

/// <summary>Cuts bytes into server-sent events by the WHATWG grammar: CR, LF or CRLF, comments, several data lines, a BOM,
/// events cut at any byte. (failures.md H1, H2, H4)</summary>
/// <remarks>An event that lies whole in the input is read in place. Only a partial one is copied, and a pooled buffer is held only while
/// one is in it.</remarks>
public sealed class ServerSentEventReader : IDisposable
{
    private readonly PooledBuffer _partial = new();
    private readonly PooledBuffer _joined = new();

    // Where the line begins in _partial whose end has not come yet; all lines before it are whole and none of them is blank.
    private int _lineStart;
    private bool _partialIsDone;
    private bool _skipLineFeed;
    private bool _started;

    /// <param name="maxEventBytes">Longest event accepted; a longer one throws <see cref="InvalidDataException"/>.</param>
    public ServerSentEventReader(int maxEventBytes = 64 * 1024 * 1024) => MaxEventBytes = maxEventBytes;

    /// <summary>Longest event accepted, in bytes.</summary>
    public int MaxEventBytes { get; }

    /// <summary>Takes the next event off <paramref name="bytes"/>. False when what is left holds no whole event; the rest is then kept for
    /// the next call and <paramref name="bytes"/> is empty.</summary>
    /// <exception cref="InvalidDataException">The event is longer than <see cref="MaxEventBytes"/>.</exception>
    public bool TryRead(ref ReadOnlySpan<byte> bytes, out ServerSentEvent next)
    {
        ForgetFinishedEvent();
        if (bytes.IsEmpty)
        {
            next = default;
            return false;
        }

        if (_skipLineFeed)
        {
            _skipLineFeed = false;
            if (bytes[0] == '\n') bytes = bytes[1..];
        }

        return _partial.IsEmpty ? TryReadInPlace(ref bytes, out next) : TryReadAcross(ref bytes, out next);
    }

    /// <summary>The event that was still open when the stream closed: backends forget the last blank line.</summary>
    public bool TryReadLast(out ServerSentEvent last)
    {
        ForgetFinishedEvent();
        _partialIsDone = true;
        return TryParse(WithoutMark(_partial.Span), out last);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        _partial.Dispose();
        _joined.Dispose();
        _lineStart = 0;
    }

    private void ForgetFinishedEvent()
    {
        if (!_joined.IsEmpty) _joined.Dispose();
        if (!_partialIsDone) return;
        _partialIsDone = false;
        _partial.Dispose();
        _lineStart = 0;
    }

    private bool TryReadInPlace(ref ReadOnlySpan<byte> bytes, out ServerSentEvent next)
    {
        // The commonest event by far: one data line, LF, LF.
        if (_started && bytes.StartsWith("data:"u8))
        {
            var end = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            if (end >= 0 && end + 1 < bytes.Length && bytes[end] == '\n' && bytes[end + 1] == '\n')
            {
                next = new ServerSentEvent { Data = WithoutSpace(bytes[5..end]) };
                bytes = bytes[(end + 2)..];
                return true;
            }
        }

        while (true)
        {
            var length = FindEnd(bytes, 0, out var lastLine);
            if (length < 0)
            {
                Keep(bytes, lastLine);
                bytes = default;
                next = default;
                return false;
            }

            var whole = WithoutMark(bytes[..length]);
            bytes = bytes[length..];
            NoteSplitLineEnd(whole, ref bytes);
            _started = true;
            if (TryParse(whole, out next)) return true;
            if (bytes.IsEmpty) return false;
        }
    }

    private bool TryReadAcross(ref ReadOnlySpan<byte> bytes, out ServerSentEvent next)
    {
        while (true)
        {
            var end = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0)
            {
                Keep(bytes, _lineStart);
                bytes = default;
                next = default;
                return false;
            }

            var isBlank = _partial.Length == _lineStart && end == 0;
            var isSplit = bytes[end] == '\r' && end + 1 == bytes.Length;
            var length = bytes[end] == '\r' && end + 1 < bytes.Length && bytes[end + 1] == '\n' ? end + 2 : end + 1;
            Keep(bytes[..length], _partial.Length + length);
            bytes = bytes[length..];
            _skipLineFeed = isSplit;
            if (!isBlank) continue;

            _started = true;
            if (TryParse(WithoutMark(_partial.Span), out next))
            {
                _partialIsDone = true;
                return true;
            }

            _partial.Dispose();
            _lineStart = 0;
            if (bytes.IsEmpty) return false;
            return TryReadInPlace(ref bytes, out next);
        }
    }

    /// <summary>Length of the event that begins <paramref name="bytes"/>, its blank line included; -1 if that has not come,
    /// and then where the unfinished line begins.</summary>
    private static int FindEnd(ReadOnlySpan<byte> bytes, int start, out int lastLine)
    {
        lastLine = start;
        while (true)
        {
            var end = bytes[lastLine..].IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0) return -1;
            var next = lastLine + end + 1;
            if (bytes[next - 1] == '\r' && next < bytes.Length && bytes[next] == '\n') next++;
            if (end == 0) return next;
            lastLine = next;
        }
    }

    private void NoteSplitLineEnd(ReadOnlySpan<byte> whole, ref ReadOnlySpan<byte> rest) =>
        _skipLineFeed = rest.IsEmpty && whole.Length > 0 && whole[^1] == '\r';

    private void Keep(ReadOnlySpan<byte> bytes, int lineStart)
    {
        if (_partial.Length + bytes.Length > MaxEventBytes) throw new InvalidDataException("A server-sent event is longer than allowed.");
        _partial.Append(bytes);
        _lineStart = lineStart;
        if (bytes.Length > 0) _skipLineFeed = bytes[^1] == '\r';
    }

    private ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) =>
        !_started && bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;

    /// <summary>False for lines without data: comments, and what only names an event.</summary>
    private bool TryParse(ReadOnlySpan<byte> lines, out ServerSentEvent parsed)
    {
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> data = default;
        var dataLines = 0;
        while (TryTakeLine(ref lines, out var line))
        {
            if (TryField(line, "event"u8, out var value)) name = value;
            if (!TryField(line, "data"u8, out value)) continue;
            if (dataLines == 1) _joined.Append(data);
            if (dataLines >= 1)
            {
                _joined.Append((byte)'\n');
                _joined.Append(value);
            }

            data = value;
            dataLines++;
        }

        parsed = new ServerSentEvent { Event = name, Data = dataLines > 1 ? _joined.Span : data };
        return dataLines > 0;
    }

    private static bool TryTakeLine(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        if (rest.IsEmpty)
        {
            line = default;
            return false;
        }

        var end = rest.IndexOfAny((byte)'\n', (byte)'\r');
        if (end < 0)
        {
            line = rest;
            rest = default;
            return true;
        }

        line = rest[..end];
        rest = rest[end] == '\r' && end + 1 < rest.Length && rest[end + 1] == '\n' ? rest[(end + 2)..] : rest[(end + 1)..];
        return true;
    }

    private static bool TryField(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!line.StartsWith(name)) return false;
        if (line.Length == name.Length) return true;
        if (line[name.Length] != ':') return false;
        value = WithoutSpace(line[(name.Length + 1)..]);
        return true;
    }

    private static ReadOnlySpan<byte> WithoutSpace(ReadOnlySpan<byte> value) => value.StartsWith((byte)' ') ? value[1..] : value;
}
