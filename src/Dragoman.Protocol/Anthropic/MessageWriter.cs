using System.Buffers;

namespace Dragoman.Protocol.Anthropic;

/// <summary>Gathers an answer as one Message object. The output holds the whole JSON once <see cref="Finish"/> was called, and nothing if
/// the answer failed.</summary>
public sealed class MessageWriter : MessageSink, IDisposable
{
    private readonly IBufferWriter<byte> _output;
    private readonly PooledBuffer _message = new();
    private readonly ContentWriter _content;

    /// <param name="output">Takes the message.</param>
    public MessageWriter(IBufferWriter<byte> output)
    {
        _output = output;
        _content = new(_message);
    }

    /// <summary>Why the answer broke off; null while it has not.</summary>
    public AnthropicError? Failure { get; private set; }

    /// <inheritdoc/>
    public override void Start(string id, string model, in Usage usage) => MessageJson.WriteHead(_message, id, model);

    /// <summary>Begins with blocks that are there already: the answer of several upstream answers.</summary>
    /// <param name="id">As in <see cref="Start"/>.</param>
    /// <param name="model">As in <see cref="Start"/>.</param>
    /// <param name="blocks">Blocks with commas between them, as a <see cref="RecordingSink"/> has them.</param>
    public void StartWith(string id, string model, ReadOnlySpan<byte> blocks)
    {
        MessageJson.WriteHead(_message, id, model);
        _content.Append(blocks);
    }

    /// <inheritdoc/>
    public override void StartText(int index) => _content.StartText();

    /// <inheritdoc/>
    public override void TextDelta(int index, ReadOnlySpan<byte> json) => _content.Text(json);

    /// <inheritdoc/>
    public override void StartThinking(int index) => _content.StartThinking();

    /// <inheritdoc/>
    public override void ThinkingDelta(int index, ReadOnlySpan<byte> json) => _content.Text(json);

    /// <inheritdoc/>
    public override void SignatureDelta(int index, string signature) => _content.Signature(signature);

    /// <inheritdoc/>
    public override void StartToolUse(int index, string id, string name, string? toolset) => _content.StartToolUse(id, name, toolset);

    /// <inheritdoc/>
    public override void StartServerToolUse(int index, string id, ServerToolKind kind) => _content.StartServerToolUse(id, kind);

    /// <inheritdoc/>
    public override void ServerToolResult(int index, ServerToolResult result) => _content.ServerToolResult(result);

    /// <inheritdoc/>
    public override void CitationDelta(int index, WebSearchCitation citation) => _content.Citation(citation);

    /// <inheritdoc/>
    public override void InputJsonDelta(int index, ReadOnlySpan<byte> json) => _content.Input(json);

    /// <inheritdoc/>
    public override void StopBlock(int index) => _content.StopBlock();

    /// <inheritdoc/>
    public override void Finish(in MessageEnd end)
    {
        _message.Append("],"u8);
        MessageJson.WriteStop(_message, end);
        _message.Append(",\"usage\":"u8);
        MessageJson.WriteUsage(_message, end.Usage);
        if (end.NoAppliedEdits) _message.Append(",\"context_management\":{\"applied_edits\":[]}"u8);
        _message.Append("}"u8);
        _output.Write(_message.Span);
        Dispose();
    }

    /// <inheritdoc/>
    public override void Error(AnthropicError error)
    {
        Failure = error;
        Dispose();
    }

    /// <summary>Gives back what was gathered, for an answer that neither finished nor failed.</summary>
    public void Dispose()
    {
        _message.Dispose();
        _content.Dispose();
    }
}
