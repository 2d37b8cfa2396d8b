using System.Buffers;
using System.Text.Json;
using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Anthropic;

/// <summary>Gathers an answer as one Message object. The output holds the whole JSON once <see cref="Finish"/> was called, and nothing if
/// the answer failed.</summary>
/// <remarks>A tool use whose input is not a whole JSON object is left out: a call cut off by <c>max_tokens</c> must not be run as if it
/// had no arguments, and a Message, unlike a stream, cannot show half an input. (failures.md B7)</remarks>
public sealed class MessageWriter(IBufferWriter<byte> output) : MessageSink, IDisposable
{
    private readonly IBufferWriter<byte> _output = output;
    private readonly PooledBuffer _message = new();
    private readonly PooledBuffer _signature = new();
    private readonly PooledBuffer _input = new();
    private int _blockStart;
    private int _blocks;
    private Block _open;

    private enum Block
    {
        None,
        Text,
        Thinking,
        ToolUse,
    }

    /// <summary>Why the answer broke off; null while it has not.</summary>
    public AnthropicError? Failure { get; private set; }

    /// <inheritdoc/>
    public override void Start(string id, string model, in Usage usage) => MessageJson.WriteHead(_message, id, model);

    /// <inheritdoc/>
    public override void StartText(int index)
    {
        StartBlock(Block.Text);
        _message.Append("{\"type\":\"text\",\"text\":\""u8);
    }

    /// <inheritdoc/>
    public override void TextDelta(int index, ReadOnlySpan<byte> json) => _message.Append(json);

    /// <inheritdoc/>
    public override void StartThinking(int index)
    {
        StartBlock(Block.Thinking);
        _signature.Clear();
        _message.Append("{\"type\":\"thinking\",\"thinking\":\""u8);
    }

    /// <inheritdoc/>
    public override void ThinkingDelta(int index, ReadOnlySpan<byte> json) => _message.Append(json);

    /// <inheritdoc/>
    public override void SignatureDelta(int index, string signature) => EscapedText.Escape(signature, _signature);

    /// <inheritdoc/>
    public override void StartToolUse(int index, string id, string name, string? toolset)
    {
        StartBlock(Block.ToolUse);
        _input.Clear();
        MessageJson.WriteToolUseHead(_message, id, name, toolset);
        _message.Append(",\"input\":"u8);
    }

    /// <inheritdoc/>
    public override void InputJsonDelta(int index, ReadOnlySpan<byte> json) => _input.Append(json);

    /// <inheritdoc/>
    public override void StopBlock(int index)
    {
        switch (_open)
        {
            case Block.Text:
                _message.Append("\",\"citations\":null}"u8);
                break;
            case Block.Thinking:
                _message.Append("\",\"signature\":\""u8);
                _message.Append(_signature.Span);
                _message.Append("\"}"u8);
                break;
            case Block.ToolUse:
                StopToolUse();
                break;
        }

        _open = Block.None;
    }

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
        _signature.Dispose();
        _input.Dispose();
    }

    private void StartBlock(Block block)
    {
        _open = block;
        _blockStart = _message.Length;
        if (_blocks++ > 0) _message.Append((byte)',');
    }

    private void StopToolUse()
    {
        var start = _message.Length;
        if (_input.IsEmpty) _message.Append("{}"u8);
        else EscapedText.Unescape(_input.Span, _message);
        if (IsObject(_message.Span[start..]))
        {
            _message.Append((byte)'}');
            return;
        }

        _message.Truncate(_blockStart);
        _blocks--;
    }

    private static bool IsObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
