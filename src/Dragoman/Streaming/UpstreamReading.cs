using System.Buffers;

namespace Dragoman.Streaming;

/// <summary>Reads a backend's answer without holding memory while the backend is silent.</summary>
internal sealed class UpstreamReading(Stream answer) : IDisposable
{
    private const int ReadSize = 16 * 1024;

    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(1);

    private byte[]? _buffer;

    /// <summary>Takes what comes behind the last event, usually the mark of the end and no more: only then the connection can be used
    /// again.</summary>
    public static async Task DrainAsync(HttpResponseMessage response, CancellationTokenSource cancellation)
    {
        try
        {
            using var reading = new UpstreamReading(await response.Content.ReadAsStreamAsync(cancellation.Token));
            var read = reading.ReadAsync(cancellation.Token);
            // As a rule it is there already, and no timer is needed.
            if (!read.IsCompleted) cancellation.CancelAfter(LongestDrain);
            while (!(await read).IsEmpty) read = reading.ReadAsync(cancellation.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            // Then the connection is closed instead.
        }
    }

    /// <summary>Completes when there is something to read, at once if there already is. The memory of the last read is gone from here
    /// on.</summary>
    public ValueTask<int> WaitAsync(CancellationToken cancellation)
    {
        var waiting = answer.ReadAsync(Memory<byte>.Empty, cancellation);
        if (!waiting.IsCompleted) Dispose();
        return waiting;
    }

    /// <summary>What there is; empty at the end of the answer. Good until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(ReadSize);
        var count = await answer.ReadAsync(_buffer, cancellation);
        return _buffer.AsMemory(0, count);
    }

    public void Dispose()
    {
        if (_buffer is null) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }
}
