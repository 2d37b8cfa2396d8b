using Dragoman.Protocol;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Tells thinking that a backend left in the text from the text itself: <c>&lt;think&gt;…&lt;/think&gt;</c> at the very start. (failures.md O4, C3)</summary>
/// <param name="isTemplateOpened">The backend's template has opened the tag, so that only the closing one may appear: everything before it is thinking.</param>
/// <param name="text">Takes text.</param>
/// <param name="thinking">Takes thinking.</param>
internal sealed class ThinkTagFilter(bool isTemplateOpened, TextHandler text, TextHandler thinking) : IDisposable
{
    private static readonly (byte[] Open, byte[] Close)[] Tags =
    [
        ("<think>"u8.ToArray(), "</think>"u8.ToArray()),
        ("[THINK]"u8.ToArray(), "[/THINK]"u8.ToArray()),
        ("<seed:think>"u8.ToArray(), "</seed:think>"u8.ToArray()),
    ];

    private readonly PooledBuffer _held = new();
    private readonly PooledBuffer _unclosed = new();
    private byte[] _close = Tags[0].Close;
    private State _state;
    private bool _isImplied;

    private enum State
    {
        Start,
        Thinking,
        AfterThinking,
        Passing,
    }

    internal bool IsPassive => _state == State.Passing;

    internal void Push(ReadOnlySpan<byte> piece)
    {
        if (_state == State.Passing)
        {
            text(piece);
            return;
        }

        _held.Append(piece);
        while (!_held.IsEmpty && Step())
        {
        }
    }

    /// <summary>There are no tags to look for after all.</summary>
    internal void StandDown()
    {
        if (_state == State.Start) Pass();
    }

    internal void Flush(bool isEnd)
    {
        if (_state == State.Thinking)
        {
            Think(_held.Span);
            _held.Clear();

            // The template was said to open the tag, and no closing one came: it was the answer. Shown twice is better than not at all.
            if (isEnd && _isImplied && !_unclosed.IsEmpty)
            {
                _state = State.Passing;
                text(_unclosed.Span);
                _unclosed.Dispose();
            }
        }
        else
        {
            Pass();
        }
    }

    public void Dispose()
    {
        _held.Dispose();
        _unclosed.Dispose();
    }

    /// <summary>Decides about the held text; false if more must come.</summary>
    private bool Step()
    {
        switch (_state)
        {
            case State.Start: return StepStart();
            case State.Thinking: return StepThinking();
            case State.AfterThinking:
                // The blank lines behind the closing tag belong to neither.
                var blank = _held.Length - _held.Span.TrimStart(" \t\r\n"u8).Length;
                _held.RemoveStart(blank);
                if (!_held.IsEmpty) Pass();
                return false;
            default:
                return false;
        }
    }

    private bool StepStart()
    {
        var begun = _held.Span.TrimStart(" \t\r\n"u8);
        if (_held.Length - begun.Length > TextPipeline.MostBlanks)
        {
            // A model that pours out blank lines is shown doing so.
            Pass();
            return false;
        }

        if (begun.IsEmpty) return false;
        foreach (var (open, close) in Tags)
        {
            if (begun.StartsWith(open))
            {
                _held.RemoveStart(_held.Length - begun.Length + open.Length);
                _close = close;
                _state = State.Thinking;
                return true;
            }

            if (begun.Length < open.Length && open.AsSpan().StartsWith(begun)) return false;
        }

        if (isTemplateOpened)
        {
            _isImplied = true;
            _state = State.Thinking;
            return true;
        }

        Pass();
        return false;
    }

    private bool StepThinking()
    {
        var end = _held.Span.IndexOf(_close);
        if (end >= 0)
        {
            Think(_held.Span[..end]);
            _held.RemoveStart(end + _close.Length);
            _unclosed.Dispose();
            _state = State.AfterThinking;
            return true;
        }

        var kept = TextPipeline.PartialLength(_held.Span, _close);
        Think(_held.Span[..^kept]);
        _held.RemoveStart(_held.Length - kept);
        return false;
    }

    private void Think(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty) return;
        if (_isImplied) _unclosed.Append(piece);
        thinking(piece);
    }

    private void Pass()
    {
        _state = State.Passing;
        if (!_held.IsEmpty) text(_held.Span);
        _held.Dispose();
    }
}
