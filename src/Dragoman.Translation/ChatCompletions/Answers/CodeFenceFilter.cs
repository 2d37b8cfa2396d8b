using Dragoman.Protocol;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Takes the code fence off an answer that was asked for as JSON (mapping.md section 7).</summary>
internal sealed class CodeFenceFilter(TextHandler next) : IDisposable
{
    private readonly PooledBuffer _held = new();
    private State _state;

    private enum State
    {
        Start,
        Inside,
        Closed,
        Passing,
    }

    internal bool IsPassive => _state == State.Passing;

    private static ReadOnlySpan<byte> Fence => "```"u8;

    private static ReadOnlySpan<byte> ClosingLine => "\n```"u8;

    internal void Push(ReadOnlySpan<byte> piece)
    {
        switch (_state)
        {
            case State.Start:
                _held.Append(piece);
                Start();
                break;
            case State.Inside:
                _held.Append(piece);
                Inside();
                break;
            case State.Passing:
                next(piece);
                break;
        }
    }

    internal void Flush(bool isEnd)
    {
        if (_state == State.Inside && isEnd && _held.Span.Trim(" \t\r\n"u8).SequenceEqual(Fence)) _held.Clear();
        if (!_held.IsEmpty) next(_held.Span);
        _held.Dispose();
        if (_state == State.Start) _state = State.Passing;
    }

    public void Dispose() => _held.Dispose();

    private void Start()
    {
        var begun = _held.Span.TrimStart(" \t\r\n"u8);
        var isNear = _held.Length - begun.Length <= TextPipeline.MostBlanks;
        if (isNear && begun.Length < Fence.Length && Fence.StartsWith(begun)) return;
        if (isNear && begun.StartsWith(Fence))
        {
            const int longestLanguage = 16;
            var lineEnd = begun.IndexOf((byte)'\n');
            if (lineEnd < 0 && begun.Length <= longestLanguage) return;
            if (lineEnd is >= 0 and <= longestLanguage)
            {
                _held.RemoveStart(_held.Length - begun.Length + lineEnd + 1);
                _state = State.Inside;
                Inside();
                return;
            }
        }

        _state = State.Passing;
        next(_held.Span);
        _held.Dispose();
    }

    private void Inside()
    {
        // No line of JSON begins with a fence: a string cannot hold a line end.
        var end = _held.Span.IndexOf(ClosingLine);
        if (end >= 0)
        {
            _state = State.Closed;
            if (end > 0) next(_held.Span[..end]);
            _held.Dispose();
            return;
        }

        var fence = _held.Span.EndsWith(Fence) ? Fence.Length : TextPipeline.PartialLength(_held.Span, Fence);
        var kept = Math.Max(TextPipeline.PartialLength(_held.Span, ClosingLine), fence);
        if (_held.Length > kept) next(_held.Span[..^kept]);
        _held.RemoveStart(_held.Length - kept);
    }
}
