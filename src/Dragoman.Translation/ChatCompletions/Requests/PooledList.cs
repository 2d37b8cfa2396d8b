using System.Buffers;
using System.Runtime.CompilerServices;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>A growing list of plain values over pooled memory. <see cref="Dispose"/> gives it back.</summary>
internal sealed class PooledList<T>(int capacity) : IDisposable
    where T : unmanaged
{
    private T[] _items = ArrayPool<T>.Shared.Rent(capacity);

    public int Count { get; private set; }

    public ref T this[int index] => ref _items[index];

    public ref T Last => ref _items[Count - 1];

    public Span<T> Span => _items.AsSpan(0, Count);

    public ref T Add(T item)
    {
        if (Count == _items.Length)
            Grow();
        ref var added = ref _items[Count++];
        added = item;
        return ref added;
    }

    public void CutTo(int count) => Count = count;

    public void Dispose()
    {
        var items = _items;
        _items = [];
        Count = 0;
        if (items.Length > 0)
            ArrayPool<T>.Shared.Return(items);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        var larger = ArrayPool<T>.Shared.Rent(_items.Length * 2);
        Span.CopyTo(larger);
        ArrayPool<T>.Shared.Return(_items);
        _items = larger;
    }
}
