using Dragoman.Protocol;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Takes a piece of text, unescaped UTF-8.</summary>
internal delegate void TextHandler(ReadOnlySpan<byte> text);

/// <summary>Takes a tool call that was found in the text; the arguments are unescaped.</summary>
internal delegate void LeakedCallHandler(OfferedTool tool, ReadOnlySpan<byte> arguments);

/// <summary>What stands between the backend's text and the client's, where something must be found in it: an echoed prefill, think tags,
/// leaked tool calls, code fences, stop sequences, marks of citations, in this order (mapping.md sections 7, 8 and 9.5).</summary>
/// <remarks>Only here is text decoded. Each stage holds back the least that it cannot decide about yet, so that no cut of the stream changes the result.
/// While no stage has anything to look for, text goes past as the bytes it came in.</remarks>
internal sealed class TextPipeline : IDisposable
{
    /// <summary>Longest run of blanks that a filter holds before a mark; each further one is looked at together with all before it.</summary>
    internal const int MostBlanks = 1024;

    private readonly DeltaSeam _seam = new();
    private readonly PooledBuffer _decoded = new();
    private readonly PrefillFilter? _prefill;
    private readonly ThinkTagFilter? _thinkTags;
    private readonly ToolLeakFilter? _leaks;
    private readonly CodeFenceFilter? _fence;
    private readonly StopSequenceMatcher? _stops;
    private readonly CitationFilter? _citations;

    /// <param name="answer">What is known of the request: which stages there are.</param>
    /// <param name="text">Takes the text that is left.</param>
    /// <param name="thinking">Takes what stood in think tags.</param>
    /// <param name="call">Takes tool calls.</param>
    /// <param name="cite">Takes citations.</param>
    internal TextPipeline(AnswerContext answer, TextHandler text, TextHandler thinking, LeakedCallHandler call, CitationHandler cite)
    {
        // Built from the far end: each stage hands on to the one behind it.
        if (answer.Sources.Count > 0) text = (_citations = new CitationFilter(answer.Sources.Count, text, cite)).Push;
        if (answer.OwnStopSequences.Count > 0) text = (_stops = new StopSequenceMatcher(answer.OwnStopSequences, text)).Push;
        if (answer.StructuredOutput) text = (_fence = new CodeFenceFilter(text)).Push;
        if (answer.Dialect.ToolLeak != ToolLeak.Off && answer.Tools.Offered.Count > 0)
            text = (_leaks = new ToolLeakFilter(answer.Dialect.ToolLeak, answer.Tools, !answer.StructuredOutput, text, call)).Push;
        if (answer.Dialect.ThinkTags != ThinkTags.Off)
            text = (_thinkTags = new ThinkTagFilter(answer.Dialect.ThinkTags == ThinkTags.On, text, thinking)).Push;
        if (!string.IsNullOrEmpty(answer.EchoedPrefill)) text = (_prefill = new PrefillFilter(answer.EchoedPrefill, text)).Push;
        First = text;
    }

    /// <summary>Nothing is held and nothing looked for: text may go past.</summary>
    internal bool IsPassive =>
        _stops is null && _leaks is null && _citations is null && _fence is not { IsPassive: false } && _thinkTags is not { IsPassive: false }
        && _prefill is not { IsPassive: false } && _seam.IsEmpty;

    /// <summary>The stop sequence that was met; null while none was. Text behind it is swallowed.</summary>
    internal string? Stopped => _stops?.Matched;

    private TextHandler First { get; }

    /// <summary>Takes text.</summary>
    /// <param name="json">The inside of a JSON string.</param>
    internal void Push(ReadOnlySpan<byte> json)
    {
        _decoded.Clear();
        EscapedText.Unescape(_seam.Join(json), _decoded);
        if (!_decoded.IsEmpty) First(_decoded.Span);
    }

    /// <summary>Reasoning came in a field of its own, so tags in the text are text.</summary>
    internal void NoteReasoning() => _thinkTags?.StandDown();

    /// <summary>The text is interrupted by something else, or over: lets go of what is held.</summary>
    /// <param name="isEnd">Nothing follows, and the answer was not cut off.</param>
    internal void Flush(bool isEnd)
    {
        _decoded.Clear();
        EscapedText.Unescape(_seam.End(), _decoded);
        if (!_decoded.IsEmpty) First(_decoded.Span);
        _prefill?.Flush();
        _thinkTags?.Flush(isEnd);
        _leaks?.Flush();
        _fence?.Flush(isEnd);
        _stops?.Flush();
        _citations?.Flush();
    }

    public void Dispose()
    {
        _seam.Dispose();
        _decoded.Dispose();
        _prefill?.Dispose();
        _thinkTags?.Dispose();
        _leaks?.Dispose();
        _fence?.Dispose();
        _stops?.Dispose();
        _citations?.Dispose();
    }

    /// <summary>Length of the longest end of <paramref name="text"/> that may be the beginning of <paramref name="wanted"/>, but not all of it.</summary>
    internal static int PartialLength(ReadOnlySpan<byte> text, ReadOnlySpan<byte> wanted)
    {
        for (var length = Math.Min(text.Length, wanted.Length - 1); length > 0; length--)
        {
            if (text[^length..].SequenceEqual(wanted[..length])) return length;
        }

        return 0;
    }
}
