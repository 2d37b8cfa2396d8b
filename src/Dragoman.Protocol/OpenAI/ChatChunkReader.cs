using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.OpenAI;

/// <summary>A chunk that adds to one string and says nothing else: what most events of a stream are.</summary>
public readonly ref struct ChatPiece
{
    /// <summary>What is added, never empty: the inside of a JSON string. Of <c>content</c>, unless the other members say otherwise.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>It is reasoning, from this field; <see cref="ReasoningField.None"/>: it is not.</summary>
    public ReasoningField ReasoningField { get; init; }

    /// <summary>It is arguments, of the tool call with this index; -1: it is not.</summary>
    public int ToolCall { get; init; }

    /// <summary>Arguments, as a fragment of their call.</summary>
    public ToolCallDelta Fragment => new() { Index = ToolCall, Arguments = Payload };
}

/// <summary>Reads the chunks of one stream. Chunks that differ from an earlier one only in their payload string are not parsed again.</summary>
/// <remarks>Most events of a stream are the same bytes but for one string. After an event was parsed in full, what stood before and behind
/// that string is kept; the next event is compared with it, and whatever does not match byte for byte takes the full parser
/// (performance.md, "Same-shape path for events").</remarks>
public sealed class ChatChunkReader : IDisposable
{
    private const int MaxToolShapes = 4;

    private readonly Shape _text = new();
    private readonly Shape _reasoning = new();
    private readonly Shape?[] _arguments = new Shape?[MaxToolShapes];
    private Shape? _last;

    /// <summary>Reads the data of one event if it differs from an earlier one in nothing but its payload.</summary>
    public bool TryReadPiece(ReadOnlySpan<byte> data, out ChatPiece piece) => TryShape(_last, data, out piece) || TryOtherShapes(data, out piece);

    /// <summary>Reads the data of one event.</summary>
    /// <returns>False if it is not one JSON object.</returns>
    public bool TryRead(ReadOnlySpan<byte> data, out ChatChunk chunk)
    {
        if (!ChatChunk.TryParse(data, out chunk)) return false;
        Learn(data, chunk);
        return true;
    }

    /// <summary>Gives buffers back.</summary>
    public void Dispose()
    {
        _last = null;
        _text.Dispose();
        _reasoning.Dispose();
        foreach (var shape in _arguments) shape?.Dispose();
    }

    private bool TryOtherShapes(ReadOnlySpan<byte> data, out ChatPiece piece)
    {
        if (_last != _text && TryShape(_text, data, out piece)) return true;
        if (_last != _reasoning && TryShape(_reasoning, data, out piece)) return true;
        foreach (var shape in _arguments)
        {
            if (_last != shape && TryShape(shape, data, out piece)) return true;
        }

        piece = default;
        return false;
    }

    private bool TryShape(Shape? shape, ReadOnlySpan<byte> data, out ChatPiece piece)
    {
        if (shape is null || !shape.TryMatch(data, out var payload))
        {
            piece = default;
            return false;
        }

        _last = shape;
        piece = new ChatPiece { Payload = payload, ReasoningField = shape.Field, ToolCall = shape.Index };
        return true;
    }

    /// <summary>Keeps the shape of a chunk that has one payload string and says nothing else.</summary>
    private void Learn(ReadOnlySpan<byte> data, scoped in ChatChunk chunk)
    {
        if (!chunk.HasChoice || !chunk.FinishReason.IsEmpty || !chunk.Usage.IsEmpty || !chunk.Timings.IsEmpty || !chunk.Error.IsEmpty
            || !chunk.ContentParts.IsEmpty || !chunk.ReasoningDetails.IsEmpty || !chunk.ThinkingBlocks.IsEmpty || !chunk.Refusal.IsEmpty
            || !chunk.MatchedStop.IsEmpty)
        {
            return;
        }

        if (!chunk.ToolCalls.IsEmpty)
        {
            if (chunk.Content.IsEmpty && chunk.Reasoning.IsEmpty) LearnArguments(data, chunk.ToolCalls);
        }
        else if (chunk.Reasoning.IsEmpty)
        {
            _text.Learn(data, chunk.Content);
        }
        else if (chunk.Content.IsEmpty)
        {
            _reasoning.Field = chunk.ReasoningField;
            _reasoning.Learn(data, chunk.Reasoning);
        }
    }

    private void LearnArguments(ReadOnlySpan<byte> data, ToolCallDeltas calls)
    {
        if (!calls.MoveNext()) return;
        var call = calls.Current;
        if (calls.MoveNext() || call.Index < 0) return;
        if (!call.Id.IsEmpty || !call.Name.IsEmpty || !call.ExtraContent.IsEmpty || !call.ArgumentsValue.IsEmpty) return;
        var shape = _arguments[call.Index % MaxToolShapes] ??= new Shape();
        shape.Index = call.Index;
        shape.Learn(data, call.Arguments);
    }

    /// <summary>The bytes of a chunk around its payload string.</summary>
    private sealed class Shape : IDisposable
    {
        private readonly PooledBuffer _bytes = new();
        private int _headLength;
        private int _tailLength;

        /// <summary>Which reasoning field the payload is; none if it is text or arguments.</summary>
        internal ReasoningField Field { get; set; }

        /// <summary>Which tool call the payload belongs to; -1 if it is text or reasoning.</summary>
        internal int Index { get; set; } = -1;

        internal void Learn(ReadOnlySpan<byte> data, ReadOnlySpan<byte> payload)
        {
            if (payload.IsEmpty || !data.Overlaps(payload, out var start)) return;
            _bytes.Clear();
            _bytes.Append(data[..start]);
            _headLength = start;

            // OpenAI pads every chunk with a random string; the tail then is two pieces around it.
            var tail = data[(start + payload.Length)..];
            var padding = tail.IndexOf("\"obfuscation\":\""u8);
            _tailLength = padding < 0 ? tail.Length : padding + 15;
            _bytes.Append(tail[.._tailLength]);
            if (padding >= 0) _bytes.Append(tail[(_tailLength + tail[_tailLength..].IndexOf((byte)'"'))..]);
        }

        internal bool TryMatch(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> payload)
        {
            payload = default;
            var shape = _bytes.Span;
            if (shape.IsEmpty || !data.StartsWith(shape[.._headLength])) return false;
            var rest = data[_headLength..];
            var length = StringLength(rest);
            if (length <= 0) return false;
            payload = rest[..length];
            rest = rest[length..];
            if (!rest.StartsWith(shape.Slice(_headLength, _tailLength))) return false;
            rest = rest[_tailLength..];
            var end = shape[(_headLength + _tailLength)..];
            if (!end.IsEmpty)
            {
                var padding = rest.IndexOfAny(EscapedText.Special);
                if (padding < 0) return false;
                rest = rest[padding..];
            }

            return rest.SequenceEqual(end);
        }

        public void Dispose() => _bytes.Dispose();

        /// <summary>Length of the string that <paramref name="bytes"/> begins inside of, up to its closing quote; -1 if it is none.</summary>
        private static int StringLength(ReadOnlySpan<byte> bytes)
        {
            var length = 0;
            while (true)
            {
                var special = bytes[length..].IndexOfAny(EscapedText.Special);
                if (special < 0) return -1;
                length += special;
                if (bytes[length] == '"') return length;
                var escape = EscapedText.EscapeLength(bytes[length..]);
                if (escape == 0) return -1;
                length += escape;
            }
        }
    }
}
