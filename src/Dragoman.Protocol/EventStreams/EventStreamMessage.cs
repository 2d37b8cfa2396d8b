using System.Buffers.Binary;

namespace Dragoman.Protocol.EventStreams;

/// <summary>One message of a <c>vnd.amazon.eventstream</c>; spans into the reader's input or its own buffer, good until the next
/// call.</summary>
public readonly ref struct EventStreamMessage
{
    private readonly ReadOnlySpan<byte> _headers;

    internal EventStreamMessage(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        _headers = headers;
        Payload = payload;
    }

    /// <summary>What the message carries; for Bedrock's, JSON.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The text of the header of that name, such as <c>:event-type</c>; empty if there is none or it is no text.</summary>
    public ReadOnlySpan<byte> Text(ReadOnlySpan<byte> name)
    {
        var rest = _headers;
        while (TryTake(ref rest, out var found, out var type, out var value))
        {
            if (type == TextType && found.SequenceEqual(name)) return value;
        }

        return default;
    }

    internal const byte TextType = 7;

    /// <summary>Whether headers can be read to their end.</summary>
    internal static bool AreReadable(ReadOnlySpan<byte> headers)
    {
        while (!headers.IsEmpty)
        {
            if (!TryTake(ref headers, out _, out _, out _)) return false;
        }

        return true;
    }

    /// <summary>A header: length of the name, name, type, value. Only texts and byte strings tell their length.</summary>
    private static bool TryTake(
        scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out byte type, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        type = 0;
        if (rest.IsEmpty) return false;
        var start = 1 + rest[0];
        if (rest.Length <= start) return false;
        name = rest[1..start];
        type = rest[start++];
        int length;
        switch (type)
        {
            case 0 or 1: length = 0; break; // true, false
            case 2: length = 1; break;
            case 3: length = 2; break;
            case 4: length = 4; break;
            case 5 or 8: length = 8; break; // a long, a time
            case 9: length = 16; break;
            case 6 or TextType:
                if (rest.Length < start + 2) return false;
                length = BinaryPrimitives.ReadUInt16BigEndian(rest[start..]);
                start += 2;
                break;
            default: return false;
        }

        if (rest.Length < start + length) return false;
        value = rest.Slice(start, length);
        rest = rest[(start + length)..];
        return true;
    }
}
