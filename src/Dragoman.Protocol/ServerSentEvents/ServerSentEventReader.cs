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
/// <remarks>Holds a pooled buffer only while a partial event is in it.</remarks>
public sealed class ServerSentEventReader : IDisposable
{
    /// <param name="maxEventBytes">Longest event accepted; a longer one throws <see cref="InvalidDataException"/>.</param>
    public ServerSentEventReader(int maxEventBytes = 64 * 1024 * 1024) => MaxEventBytes = maxEventBytes;

    /// <summary>Longest event accepted, in bytes.</summary>
    public int MaxEventBytes { get; }

    /// <summary>Takes the next event off <paramref name="bytes"/>. False when what is left holds no whole event; the rest is then kept for the next call
    /// and <paramref name="bytes"/> is empty.</summary>
    public bool TryRead(ref ReadOnlySpan<byte> bytes, out ServerSentEvent next) => throw new NotImplementedException();

    /// <summary>The event that was still open when the stream closed: backends forget the last blank line.</summary>
    public bool TryReadLast(out ServerSentEvent last) => throw new NotImplementedException();

    /// <summary>Gives the buffer back.</summary>
    public void Dispose() => throw new NotImplementedException();
}
