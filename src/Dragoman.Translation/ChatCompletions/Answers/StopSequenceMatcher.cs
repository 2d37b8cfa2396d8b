using System.Text;
using Dragoman.Protocol;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Finds stop sequences that the backend was not given, and ends the text before the first (mapping.md section 8).</summary>
internal sealed class StopSequenceMatcher(IReadOnlyList<string> sequences, TextHandler next) : IDisposable
{
    private readonly byte[][] _sequences = [.. sequences.Where(static sequence => sequence.Length > 0).Select(Encoding.UTF8.GetBytes)];
    private readonly PooledBuffer _held = new();

    /// <summary>The sequence that was met; null while none was.</summary>
    internal string? Matched { get; private set; }

    internal void Push(ReadOnlySpan<byte> piece)
    {
        if (Matched is not null) return;
        _held.Append(piece);
        var text = _held.Span;
        if (FindFirst(text, out var start) is { } found)
        {
            Matched = Encoding.UTF8.GetString(found);
            if (start > 0) next(text[..start]);
            _held.Dispose();
            return;
        }

        var kept = 0;
        foreach (var sequence in _sequences) kept = Math.Max(kept, TextPipeline.PartialLength(text, sequence));
        if (text.Length > kept) next(text[..^kept]);
        _held.RemoveStart(text.Length - kept);
    }

    internal void Flush()
    {
        if (!_held.IsEmpty) next(_held.Span);
        _held.Dispose();
    }

    public void Dispose() => _held.Dispose();

    /// <summary>The sequence that is complete first: what a backend that stops by itself would have stopped at.</summary>
    private byte[]? FindFirst(ReadOnlySpan<byte> text, out int start)
    {
        byte[]? first = null;
        start = 0;
        foreach (var sequence in _sequences)
        {
            var at = text.IndexOf(sequence);
            if (at < 0 || (first is not null && (at + sequence.Length, at).CompareTo((start + first.Length, start)) >= 0)) continue;
            first = sequence;
            start = at;
        }

        return first;
    }
}
