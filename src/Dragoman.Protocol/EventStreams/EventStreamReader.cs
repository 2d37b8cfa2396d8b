using System.Buffers.Binary;
using System.IO.Hashing;

namespace Dragoman.Protocol.EventStreams;

/// <summary>Cuts bytes into the messages of a <c>vnd.amazon.eventstream</c>, in which Bedrock streams, and checks their sums.</summary>
/// <remarks>A message: its length, the length of its headers, a CRC-32 of these eight bytes; headers; payload; a CRC-32 of all before it.
/// Numbers are big-endian. A message that lies whole in the input is read in place; only a partial one is copied.</remarks>
public sealed class EventStreamReader : IDisposable
{
    private const int PreludeLength = 12;
    private const int ChecksumLength = 4;
    private const int LargestHeaders = 128 * 1024;

    private readonly PooledBuffer _partial = new();
    private readonly int _largest;
    private bool _partialIsDone;

    /// <param name="largestMessage">Longest message accepted, in bytes.</param>
    public EventStreamReader(int largestMessage = 24 * 1024 * 1024) => _largest = largestMessage;

    /// <summary>The stream stands inside a message: if it closes here, it was cut off.</summary>
    public bool IsInsideMessage => !_partialIsDone && !_partial.IsEmpty;

    /// <summary>Takes the next message off <paramref name="bytes"/>. False when what is left holds no whole one; the rest is then kept for
    /// the next call and <paramref name="bytes"/> is empty.</summary>
    /// <exception cref="InvalidDataException">A sum or a length is wrong, or the message is longer than allowed. Nothing more can be read.</exception>
    public bool TryRead(ref ReadOnlySpan<byte> bytes, out EventStreamMessage next)
    {
        if (_partialIsDone)
        {
            _partialIsDone = false;
            _partial.Dispose();
        }

        return _partial.IsEmpty ? TryReadInPlace(ref bytes, out next) : TryReadAcross(ref bytes, out next);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose() => _partial.Dispose();

    private bool TryReadInPlace(ref ReadOnlySpan<byte> bytes, out EventStreamMessage next)
    {
        if (bytes.Length >= PreludeLength)
        {
            var length = LengthOf(bytes);
            if (bytes.Length >= length)
            {
                next = Read(bytes[..length]);
                bytes = bytes[length..];
                return true;
            }
        }

        _partial.Append(bytes);
        bytes = default;
        next = default;
        return false;
    }

    private bool TryReadAcross(ref ReadOnlySpan<byte> bytes, out EventStreamMessage next)
    {
        next = default;
        if (!TryFill(ref bytes, PreludeLength)) return false;
        var length = LengthOf(_partial.Span);
        if (!TryFill(ref bytes, length)) return false;
        _partialIsDone = true;
        next = Read(_partial.Span);
        return true;
    }

    private bool TryFill(ref ReadOnlySpan<byte> bytes, int length)
    {
        var taken = Math.Min(bytes.Length, Math.Max(length - _partial.Length, 0));
        _partial.Append(bytes[..taken]);
        bytes = bytes[taken..];
        return _partial.Length >= length;
    }

    private int LengthOf(ReadOnlySpan<byte> message)
    {
        // The sum first: what it does not cover could claim any length.
        if (Crc32.HashToUInt32(message[..8]) != BinaryPrimitives.ReadUInt32BigEndian(message[8..]))
            throw new InvalidDataException("The start of a message has a wrong sum.");
        var length = BinaryPrimitives.ReadUInt32BigEndian(message);
        var headers = BinaryPrimitives.ReadUInt32BigEndian(message[4..]);
        if (length > _largest) throw new InvalidDataException("A message is longer than allowed.");
        if (headers > LargestHeaders || length < PreludeLength + headers + ChecksumLength) throw new InvalidDataException("A message has impossible lengths.");
        return (int)length;
    }

    private static EventStreamMessage Read(ReadOnlySpan<byte> message)
    {
        var content = message[..^ChecksumLength];
        if (Crc32.HashToUInt32(content) != BinaryPrimitives.ReadUInt32BigEndian(message[^ChecksumLength..]))
            throw new InvalidDataException("A message has a wrong sum.");
        var headers = content.Slice(PreludeLength, (int)BinaryPrimitives.ReadUInt32BigEndian(message[4..]));
        if (!EventStreamMessage.AreReadable(headers)) throw new InvalidDataException("A message has unreadable headers.");
        return new(headers, content[(PreludeLength + headers.Length)..]);
    }
}
