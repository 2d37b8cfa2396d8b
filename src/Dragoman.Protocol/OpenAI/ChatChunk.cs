using System.Text.Json;

namespace Dragoman.Protocol.OpenAI;

/// <summary>What one chunk of a stream, or a whole <c>chat.completion</c>, says of choice 0: spans into the JSON it was read from.</summary>
/// <remarks>Open where it reads: every spelling that backends use for one meaning ends in one member (openai-chat-completions.md section 6).
/// Spans named "inside" are the bytes between a JSON string's quotes, still escaped; "raw" ones are whole JSON values.</remarks>
public ref struct ChatChunk
{
    /// <summary>There is a choice 0.</summary>
    public bool HasChoice { get; internal set; }

    /// <summary><c>choices</c> was there, and empty: a chunk that carries only usage, or filter results.</summary>
    public bool HasEmptyChoices { get; internal set; }

    /// <summary>Inside of <c>content</c>, if it is a string.</summary>
    public ReadOnlySpan<byte> Content { get; internal set; }

    /// <summary>Raw <c>content</c>, if it is an array of parts (Mistral).</summary>
    public ReadOnlySpan<byte> ContentParts { get; internal set; }

    /// <summary>Inside of the reasoning text: one of the fields that mirror each other, never two.</summary>
    public ReadOnlySpan<byte> Reasoning { get; internal set; }

    /// <summary>Which field <see cref="Reasoning"/> was.</summary>
    public ReasoningField ReasoningField { get; internal set; }

    /// <summary>Raw array <c>reasoning_details</c>; empty if absent, null or without entries.</summary>
    public ReadOnlySpan<byte> ReasoningDetails { get; internal set; }

    /// <summary>Raw array <c>thinking_blocks</c> (LiteLLM); empty if absent, null or without entries.</summary>
    public ReadOnlySpan<byte> ThinkingBlocks { get; internal set; }

    /// <summary>Inside of <c>refusal</c>.</summary>
    public ReadOnlySpan<byte> Refusal { get; internal set; }

    /// <summary>Tool calls, or pieces of them.</summary>
    public ToolCallDeltas ToolCalls { get; internal set; }

    /// <summary>Inside of <c>finish_reason</c>; empty if absent, null or "".</summary>
    public ReadOnlySpan<byte> FinishReason { get; internal set; }

    /// <summary>Inside of <c>native_finish_reason</c> (OpenRouter): the vendor's own word.</summary>
    public ReadOnlySpan<byte> NativeFinishReason { get; internal set; }

    /// <summary>Inside of the stop string that was met, where the backend tells: <c>stop_reason</c> (vLLM), <c>matched_stop</c> (SGLang).</summary>
    public ReadOnlySpan<byte> MatchedStop { get; internal set; }

    /// <summary>Raw usage object, from whichever place it stands in; empty if absent or null.</summary>
    public ReadOnlySpan<byte> Usage { get; internal set; }

    /// <summary>Raw <c>timings</c> (llama.cpp).</summary>
    public ReadOnlySpan<byte> Timings { get; internal set; }

    /// <summary>JSON of an error, where the chunk is one or holds one; empty if not.</summary>
    public ReadOnlySpan<byte> Error { get; internal set; }

    /// <summary>Reads a chunk or a whole answer.</summary>
    /// <param name="json">The bytes.</param>
    /// <param name="chunk">Spans into <paramref name="json"/>.</param>
    /// <param name="isWhole">It is a whole answer: of <c>message</c> and <c>delta</c>, where a server sends both, the message counts.</param>
    /// <returns>False if <paramref name="json"/> is not one JSON object.</returns>
    public static bool TryParse(ReadOnlySpan<byte> json, out ChatChunk chunk, bool isWhole = false)
    {
        chunk = default;
        try
        {
            if (!ChatChunkParser.TryParse(json, isWhole, ref chunk)) return false;
            if (isWhole) chunk.ToolCalls = chunk.ToolCalls.AsWhole();
            return true;
        }
        catch (JsonException)
        {
            chunk = default;
            return false;
        }
        catch (InvalidOperationException)
        {
            // The reader's word for text that is not UTF-8 where it must be compared.
            chunk = default;
            return false;
        }
    }
}

/// <summary>Fields that carry reasoning (openai-chat-completions.md section 6.1).</summary>
public enum ReasoningField
{
    /// <summary>No reasoning.</summary>
    None,

    /// <summary><c>reasoning_content</c></summary>
    ReasoningContent,

    /// <summary><c>reasoning</c>, and its rarer spellings <c>reasoning_text</c> and <c>thinking</c>.</summary>
    Reasoning,

    /// <summary>Text inside <c>reasoning_details</c>.</summary>
    ReasoningDetails,

    /// <summary>Parts or tags inside <c>content</c>.</summary>
    Content,
}

/// <summary>A tool call, or the piece of one that a chunk carries.</summary>
public ref struct ToolCallDelta
{
    /// <summary>An empty piece.</summary>
    public ToolCallDelta() => Index = -1;

    /// <summary><c>index</c>; -1 if it was not sent.</summary>
    public int Index { get; internal set; }

    /// <summary>Inside of <c>id</c>; empty if absent, or no string.</summary>
    public ReadOnlySpan<byte> Id { get; internal set; }

    /// <summary>Inside of <c>function.name</c>.</summary>
    public ReadOnlySpan<byte> Name { get; internal set; }

    /// <summary>Inside of <c>function.arguments</c>, if it is a string.</summary>
    public ReadOnlySpan<byte> Arguments { get; internal set; }

    /// <summary>Raw <c>function.arguments</c>, if a server sent them as a JSON value instead.</summary>
    public ReadOnlySpan<byte> ArgumentsValue { get; internal set; }

    /// <summary>Raw <c>extra_content</c> (Gemini's thought signatures).</summary>
    public ReadOnlySpan<byte> ExtraContent { get; internal set; }

    /// <summary>There is nothing in it.</summary>
    public readonly bool IsBlank =>
        Id.IsEmpty && Name.IsEmpty && Arguments.IsEmpty && ArgumentsValue.IsEmpty && ExtraContent.IsEmpty;
}

/// <summary>The tool calls of a chunk, one after another.</summary>
public ref struct ToolCallDeltas
{
    private Utf8JsonReader _reader;
    private ToolCallDelta _current;
    private ReadOnlySpan<byte> _raw;
    private bool _isSingle;
    private bool _areWhole;
    private int _count;

    /// <param name="raw">The array <c>tool_calls</c>, checked JSON.</param>
    internal ToolCallDeltas(ReadOnlySpan<byte> raw)
    {
        _raw = raw;
        _reader = new Utf8JsonReader(raw);
        if (!raw.IsEmpty) _reader.Read();
    }

    internal ToolCallDeltas(ToolCallDelta single)
    {
        _current = single;
        _isSingle = true;
    }

    /// <summary>There are none.</summary>
    public readonly bool IsEmpty => _raw.IsEmpty && !_isSingle;

    /// <summary>The one that <see cref="MoveNext"/> came to.</summary>
    public readonly ToolCallDelta Current => _current;

    /// <summary>Itself.</summary>
    public readonly ToolCallDeltas GetEnumerator() => this;

    /// <summary>The same, each a call of its own: a whole answer tells no call in pieces, whatever ids and indices it gives them.</summary>
    internal readonly ToolCallDeltas AsWhole() => this with { _areWhole = true };

    /// <summary>Goes on to the next; false after the last.</summary>
    public bool MoveNext()
    {
        if (_isSingle)
        {
            _isSingle = false;
            return true;
        }

        if (_raw.IsEmpty) return false;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                _reader.Skip();
                continue;
            }

            _current = ChatChunkParser.ReadToolCall(ref _reader, _raw);
            if (_areWhole) _current.Index = _count++;
            return true;
        }

        return false;
    }
}
