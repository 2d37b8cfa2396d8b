using System.Buffers;
using System.Buffers.Text;

namespace Dragoman.Protocol.Anthropic;

/// <summary>Writes an answer as server-sent events: the only place that knows the bytes of a client event.</summary>
/// <remarks>A delta is three copies: what stands before the text, the text as it came, what stands after it. What stands before it is made
/// once a block.</remarks>
public sealed class MessageEventWriter(IBufferWriter<byte> output) : MessageSink
{
    // Deltas up to this size go out through one span; longer ones (whole answers) in pieces, so that no writer must find room for all at once.
    private const int LargestSinglePiece = 2048;

    private readonly IBufferWriter<byte> _output = output;
    private readonly byte[] _deltaHead = new byte[192];
    private int _deltaHeadLength;
    private int _deltaHeadIndex = -1;
    private DeltaKind _deltaHeadKind;

    private enum DeltaKind
    {
        Text,
        Thinking,
        InputJson,
    }

    /// <summary>A sign of life; legal at any time, also before <see cref="Start"/>.</summary>
    public void Ping() => _output.Write("event: ping\ndata: {\"type\":\"ping\"}\n\n"u8);

    /// <inheritdoc/>
    public override void Start(string id, string model, in Usage usage)
    {
        _output.Write("event: message_start\ndata: {\"type\":\"message_start\",\"message\":"u8);
        MessageJson.WriteHead(_output, id, model);
        _output.Write("],\"stop_reason\":null,\"stop_sequence\":null,\"stop_details\":null,\"usage\":"u8);
        MessageJson.WriteUsage(_output, usage);
        _output.Write("}}\n\n"u8);
    }

    /// <inheritdoc/>
    public override void StartText(int index)
    {
        StartBlock(index);
        _output.Write("{\"type\":\"text\",\"text\":\"\"}}\n\n"u8);
    }

    /// <inheritdoc/>
    public override void TextDelta(int index, ReadOnlySpan<byte> json) => Delta(index, DeltaKind.Text, json);

    /// <inheritdoc/>
    public override void StartThinking(int index)
    {
        StartBlock(index);
        _output.Write("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"u8);
    }

    /// <inheritdoc/>
    public override void ThinkingDelta(int index, ReadOnlySpan<byte> json) => Delta(index, DeltaKind.Thinking, json);

    /// <inheritdoc/>
    public override void SignatureDelta(int index, string signature)
    {
        WriteDeltaStart(index);
        _output.Write("{\"type\":\"signature_delta\",\"signature\":"u8);
        MessageJson.WriteString(_output, signature);
        _output.Write("}}\n\n"u8);
    }

    /// <inheritdoc/>
    public override void StartToolUse(int index, string id, string name, string? toolset)
    {
        StartBlock(index);
        MessageJson.WriteToolUseHead(_output, id, name, toolset);
        _output.Write(",\"input\":{}}}\n\n"u8);
    }

    /// <inheritdoc/>
    public override void StartServerToolUse(int index, string id, ServerToolKind kind)
    {
        StartBlock(index);
        ServerToolJson.WriteUseHead(_output, id, kind);
        _output.Write(",\"input\":{}}}\n\n"u8);
    }

    /// <inheritdoc/>
    public override void ServerToolResult(int index, ServerToolResult result)
    {
        StartBlock(index);
        ServerToolJson.WriteResult(_output, result);
        _output.Write("}\n\n"u8);
        StopBlock(index);
    }

    /// <inheritdoc/>
    public override void CitationDelta(int index, WebSearchCitation citation)
    {
        WriteDeltaStart(index);
        _output.Write("{\"type\":\"citations_delta\",\"citation\":"u8);
        ServerToolJson.WriteCitation(_output, citation);
        _output.Write("}}\n\n"u8);
    }

    /// <inheritdoc/>
    public override void InputJsonDelta(int index, ReadOnlySpan<byte> json) => Delta(index, DeltaKind.InputJson, json);

    /// <inheritdoc/>
    public override void StopBlock(int index)
    {
        _output.Write("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":"u8);
        MessageJson.WriteNumber(_output, index);
        _output.Write("}\n\n"u8);
    }

    /// <inheritdoc/>
    public override void Finish(in MessageEnd end)
    {
        _output.Write("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"u8);
        MessageJson.WriteStop(_output, end);
        _output.Write("},\"usage\":"u8);
        MessageJson.WriteFinalUsage(_output, end.Usage);
        if (end.NoAppliedEdits) _output.Write(",\"context_management\":{\"applied_edits\":[]}"u8);
        _output.Write("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8);
    }

    /// <inheritdoc/>
    public override void Error(AnthropicError error)
    {
        _output.Write("event: error\ndata: "u8);
        ErrorWriter.Write(error, requestId: null, _output);
        _output.Write("\n\n"u8);
    }

    private void StartBlock(int index)
    {
        _output.Write("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":"u8);
        MessageJson.WriteNumber(_output, index);
        _output.Write(",\"content_block\":"u8);
    }

    private void WriteDeltaStart(int index)
    {
        _output.Write("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"u8);
        MessageJson.WriteNumber(_output, index);
        _output.Write(",\"delta\":"u8);
    }

    private void Delta(int index, DeltaKind kind, ReadOnlySpan<byte> json)
    {
        if (_deltaHeadIndex != index || _deltaHeadKind != kind) MakeDeltaHead(index, kind);
        var head = _deltaHead.AsSpan(0, _deltaHeadLength);
        var tail = "\"}}\n\n"u8;
        if (json.Length > LargestSinglePiece)
        {
            _output.Write(head);
            _output.Write(json);
            _output.Write(tail);
            return;
        }

        var length = head.Length + json.Length + tail.Length;
        var span = _output.GetSpan(length);
        head.CopyTo(span);
        json.CopyTo(span[head.Length..]);
        tail.CopyTo(span[(head.Length + json.Length)..]);
        _output.Advance(length);
    }

    private void MakeDeltaHead(int index, DeltaKind kind)
    {
        var span = _deltaHead.AsSpan();
        var length = Put(span, 0, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"u8);
        Utf8Formatter.TryFormat(index, span[length..], out var digits);
        length = Put(span, length + digits, kind switch
        {
            DeltaKind.Text => ",\"delta\":{\"type\":\"text_delta\",\"text\":\""u8,
            DeltaKind.Thinking => ",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\""u8,
            _ => ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\""u8,
        });
        (_deltaHeadLength, _deltaHeadIndex, _deltaHeadKind) = (length, index, kind);
    }

    private static int Put(Span<byte> span, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(span[at..]);
        return at + bytes.Length;
    }
}
