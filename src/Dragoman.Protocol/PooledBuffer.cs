using System.Buffers;

namespace Dragoman.Protocol;

/// <summary>Bytes that grow in an array of the shared pool, and hold none while they are empty.</summary>
public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] _array = [];

    /// <summary>How many bytes are held.</summary>
    public int Length { get; private set; }

    /// <summary>True if nothing is held.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>What is held; good until the next call that changes it.</summary>
    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    /// <summary>What is held, to be kept across a wait; good until the next call that changes it.</summary>
    public Memory<byte> Memory => _array.AsMemory(0, Length);

    /// <summary>What is held, for changes in place.</summary>
    public Span<byte> WritableSpan => _array.AsSpan(0, Length);

    /// <summary>Adds one byte.</summary>
    public void Append(byte value)
    {
        if (Length == _array.Length) Grow(1);
        _array[Length++] = value;
    }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Drops the first <paramref name="count"/> bytes.</summary>
    public void RemoveStart(int count)
    {
        _array.AsSpan(count, Length - count).CopyTo(_array);
        Length -= count;
    }

    /// <summary>Keeps the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Drops everything; the array is kept for what comes next.</summary>
    public void Clear() => Length = 0;

    /// <summary>Drops everything and gives the array back.</summary>
    public void Dispose()
    {
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        _array = [];
        Length = 0;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - Length);
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_array.Length - Length < Math.Max(sizeHint, 1)) Grow(Math.Max(sizeHint, 1));
        return _array.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_array.Length - Length < Math.Max(sizeHint, 1)) Grow(Math.Max(sizeHint, 1));
        return _array.AsSpan(Length);
    }

    private void Grow(int room)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(Length + room, Length * 2), 256));
        Span.CopyTo(grown);
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        _array = grown;
    }
}
