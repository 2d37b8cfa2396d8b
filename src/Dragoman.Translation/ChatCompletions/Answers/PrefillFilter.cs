using System.Text;
using Dragoman.Protocol;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Takes a prefill off the start of the text that a backend repeats there (llama-cpp.md, "a trailing assistant message is a
/// prefill").</summary>
internal sealed class PrefillFilter(string prefill, TextHandler next) : IDisposable
{
    private readonly byte[] _prefill = Encoding.UTF8.GetBytes(prefill);
    private readonly PooledBuffer _held = new();

    internal bool IsPassive { get; private set; }

    internal void Push(ReadOnlySpan<byte> text)
    {
        if (IsPassive)
        {
            next(text);
            return;
        }

        _held.Append(text);
        var held = _held.Span;
        if (held.Length < _prefill.Length && _prefill.AsSpan().StartsWith(held)) return;
        IsPassive = true;
        if (held.StartsWith(_prefill)) held = held[_prefill.Length..];
        if (!held.IsEmpty) next(held);
        _held.Dispose();
    }

    /// <remarks>An echo that ends in the middle is still an echo.</remarks>
    internal void Flush()
    {
        IsPassive = true;
        _held.Dispose();
    }

    public void Dispose() => _held.Dispose();
}
