using System.Text;
using Dragoman.Protocol;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Finds tool calls that a backend's parser missed and left in the text, in the formats that models are trained on. (failures.md B20)</summary>
/// <remarks>A call is one only if it names a tool that was offered; anything else stays text.</remarks>
internal sealed class ToolLeakFilter : IDisposable
{
    private static readonly (ToolLeak Format, string Opening)[] AllOpenings =
    [
        (ToolLeak.Hermes, "<tool_call>"),
        (ToolLeak.QwenXml, "<tool_call>"),
        (ToolLeak.QwenXml, "<function="),
        (ToolLeak.Kimi, "<|tool_calls_section_begin|>"),
        (ToolLeak.Kimi, "<|tool_call_begin|>"),
        (ToolLeak.DeepSeek, "<｜tool▁calls▁begin｜>"),
        (ToolLeak.DeepSeek, "<｜tool▁call▁begin｜>"),
        (ToolLeak.Mistral, "[TOOL_CALLS]"),
        (ToolLeak.LlamaPythonic, "<|python_tag|>"),
    ];

    // What closes a call that is already known; it says nothing to anybody.
    private static readonly string[] AllClosings =
        ["</tool_call>", "<|tool_calls_section_end|>", "<｜tool▁calls▁end｜>", "<|eom_id|>", "<|eot_id|>", "<｜end▁of▁sentence｜>"];

    // Up to this many bytes a call is looked at with every piece, so that text that only looks like one is let go of at once.
    private const int ShortCall = 1024;

    private readonly byte[][] _openings;
    private readonly byte[][] _closings;
    private readonly ToolNames _tools;
    private readonly bool _findsBareCalls;
    private readonly TextHandler _text;
    private readonly LeakedCallHandler _call;
    private readonly PooledBuffer _held = new();
    private bool _foundAny;
    private bool _isAtStart = true;
    private bool _isCollecting;

    /// <param name="format">Which formats are looked for.</param>
    /// <param name="tools">The tools that were offered.</param>
    /// <param name="allowsJson">The answer is not asked for as JSON, so that an object at its start may be a call.</param>
    /// <param name="text">Takes text.</param>
    /// <param name="call">Takes calls.</param>
    internal ToolLeakFilter(ToolLeak format, ToolNames tools, bool allowsJson, TextHandler text, LeakedCallHandler call)
    {
        var wanted = AllOpenings.Where(opening => format == ToolLeak.Auto || opening.Format == format);
        _openings = [.. wanted.Select(static opening => Encoding.UTF8.GetBytes(opening.Opening))];
        _closings = [.. AllClosings.Select(Encoding.UTF8.GetBytes)];
        _findsBareCalls = allowsJson && format is ToolLeak.Auto or ToolLeak.LlamaPythonic;
        (_tools, _text, _call) = (tools, text, call);
    }

    internal void Push(ReadOnlySpan<byte> piece)
    {
        _held.Append(piece);

        // A call that is still open is not read anew for every word of a long argument: only a closing character can end it.
        if (_isCollecting && _held.Length > ShortCall && piece.IndexOfAny("}])>"u8) < 0) return;
        while (!_held.IsEmpty && Step(isEnd: false))
        {
        }
    }

    /// <summary>The text is over or interrupted: a call whose closing mark never came may still be whole.</summary>
    internal void Flush()
    {
        while (!_held.IsEmpty && Step(isEnd: true))
        {
        }

        Tell(_held.Length);
        _held.Dispose();
    }

    public void Dispose() => _held.Dispose();

    /// <summary>Decides about the front of the held text; false if more must come.</summary>
    private bool Step(bool isEnd)
    {
        if (_isAtStart && _findsBareCalls && StepBare(isEnd) is { } decided) return decided;
        var opening = FindFirst(_openings, out var length);
        var closing = _foundAny ? FindFirst(_closings, out var closingLength) : FindNone(out closingLength);
        if (closing >= 0 && (opening < 0 || closing < opening))
        {
            Tell(closing);
            _held.RemoveStart(closingLength);
            return true;
        }

        if (opening < 0)
        {
            Tell(_held.Length - (isEnd ? 0 : Undecided()));
            return false;
        }

        Tell(opening);
        return StepCall(length, isEnd);
    }

    private bool StepCall(int openingLength, bool isEnd)
    {
        var calls = new LeakedCalls(_tools);
        var state = calls.TryRead(_held.Span, isEnd, out var length);
        _isCollecting = state == LeakState.Undecided && !isEnd;
        switch (state)
        {
            case LeakState.Whole:
                Call(calls, length);
                return true;
            case LeakState.Undecided when !isEnd:
                return false;
            default:
                Tell(openingLength);
                return true;
        }
    }

    /// <summary>A call without any mark: <c>[name(…)]</c> or <c>{"name":…}</c> as the very first thing. Null if it is none.</summary>
    private bool? StepBare(bool isEnd)
    {
        var begun = _held.Span.TrimStart(" \t\r\n"u8);
        var isTooFar = _held.Length - begun.Length > TextPipeline.MostBlanks;
        if (begun.IsEmpty && !isTooFar) return isEnd ? null : false;
        if (isTooFar || begun[0] is not ((byte)'[' or (byte)'{'))
        {
            _isAtStart = false;
            return null;
        }

        var calls = new LeakedCalls(_tools);
        var state = calls.TryReadBare(begun, isEnd, out var length);
        _isCollecting = state == LeakState.Undecided && !isEnd;
        switch (state)
        {
            case LeakState.Whole:
                Call(calls, _held.Length - begun.Length + length);
                return true;
            case LeakState.Undecided when !isEnd:
                return false;
            default:
                _isAtStart = false;
                return null;
        }
    }

    private void Call(LeakedCalls calls, int length)
    {
        _isAtStart = false;
        _foundAny = true;
        _held.RemoveStart(length);
        foreach (var (tool, arguments) in calls.Found) _call(tool, arguments);
    }

    private void Tell(int length)
    {
        if (length == 0) return;
        if (!_held.Span[..length].Trim(" \t\r\n"u8).IsEmpty) _isAtStart = false;
        _text(_held.Span[..length]);
        _held.RemoveStart(length);
    }

    private int FindFirst(byte[][] marks, out int length)
    {
        var first = -1;
        length = 0;
        foreach (var mark in marks)
        {
            var at = _held.Span.IndexOf(mark);
            if (at < 0 || (first >= 0 && at >= first)) continue;
            first = at;
            length = mark.Length;
        }

        return first;
    }

    private static int FindNone(out int length)
    {
        length = 0;
        return -1;
    }

    private int Undecided()
    {
        var most = 0;
        foreach (var mark in _openings) most = Math.Max(most, TextPipeline.PartialLength(_held.Span, mark));
        if (!_foundAny) return most;
        foreach (var mark in _closings) most = Math.Max(most, TextPipeline.PartialLength(_held.Span, mark));
        return most;
    }
}
