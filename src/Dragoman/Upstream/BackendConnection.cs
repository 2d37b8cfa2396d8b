using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Dragoman.Upstream;

/// <summary>A connection to a backend that reads in large pieces when there is much to read, and holds no memory while there is
/// nothing.</summary>
/// <remarks><see cref="SocketsHttpHandler"/> reads a chunked body 4 KB at a time. Paced events fit, so they go straight into its buffer; a
/// read that filled the buffer shows that more is waiting, and the next takes up to 64 KB at once (performance.md, "Read more, flush
/// less").</remarks>
internal sealed class BackendConnection(Socket socket) : Stream
{
    private const int LargeRead = 64 * 1024;

    private readonly NetworkStream _network = new(socket, ownsSocket: true);
    private byte[]? _ahead;
    private int _start;
    private int _end;
    private bool _moreIsWaiting;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ahead is not null) return new(TakeAhead(buffer.Span));
        if (_moreIsWaiting && buffer.Length > 0)
        {
            _moreIsWaiting = false;
            if (buffer.Length < LargeRead && socket.Available > buffer.Length) return ReadAheadAsync(buffer, cancellationToken);
        }

        var read = _network.ReadAsync(buffer, cancellationToken);
        if (!read.IsCompletedSuccessfully) return NoteAsync(read, buffer.Length);
        var count = read.Result;
        _moreIsWaiting = count > 0 && count == buffer.Length;
        return new(count);
    }

    // Waited for once per paced event: its state is kept for the next instead of made anew.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> NoteAsync(ValueTask<int> read, int room)
    {
        var count = await read;
        _moreIsWaiting = count > 0 && count == room;
        return count;
    }

    private async ValueTask<int> ReadAheadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var ahead = ArrayPool<byte>.Shared.Rent(LargeRead);
        int count;
        try
        {
            count = await _network.ReadAsync(ahead, cancellation);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(ahead);
            throw;
        }

        _moreIsWaiting = count == ahead.Length;
        (_ahead, _start, _end) = (ahead, 0, count);
        return TakeAhead(buffer.Span);
    }

    private int TakeAhead(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        _ahead.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        if (_start == _end) ReturnAhead();
        return count;
    }

    private void ReturnAhead()
    {
        if (Interlocked.Exchange(ref _ahead, null) is { } ahead) ArrayPool<byte>.Shared.Return(ahead);
    }

    public override int Read(Span<byte> buffer) => _ahead is not null ? TakeAhead(buffer) : _network.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer) => _network.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => _network.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _network.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _network.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // What was read ahead is left to the collector: a read may still be copying from it, and a pooled array that two hold is worse than
        // a lost one.
        if (disposing) _network.Dispose();
        base.Dispose(disposing);
    }
}
