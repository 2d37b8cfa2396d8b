using System.Buffers;

namespace Dragoman.Upstream;

/// <summary>A growing run of bytes from the shared pool: one block, since JSON is read and sent as one.</summary>
internal sealed class PooledBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[]? _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 256));
    private int _length;

    /// <summary>Bytes written.</summary>
    public int Length => _length;

    /// <summary>What was written; good until the next write.</summary>
    public Memory<byte> Memory => Bytes.AsMemory(0, _length);

    private byte[] Bytes => _bytes ?? throw new ObjectDisposedException(nameof(PooledBuffer));

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Bytes.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return Bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return Bytes.AsSpan(_length);
    }

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_bytes is null) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = null;
    }

    private void Reserve(int more)
    {
        var needed = (long)_length + Math.Max(more, 1);
        if (needed <= Bytes.Length) return;
        if (needed > Array.MaxLength) throw new InvalidOperationException("A buffer would outgrow what one block can hold.");
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, 2L * Bytes.Length), Array.MaxLength));
        Memory.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(Bytes);
        _bytes = larger;
    }
}
