using System.Text.Json;
using Dragoman.Protocol.Json;

namespace Dragoman.Protocol.Anthropic;

/// <summary>Gathers content blocks as JSON, one after another with commas between them.</summary>
/// <remarks>A tool use whose input is not a whole JSON object is left out: a call cut off by <c>max_tokens</c> must not be run as if it
/// had no arguments, and a Message, unlike a stream, cannot show half an input. (failures.md B7)</remarks>
internal sealed class ContentWriter(PooledBuffer output) : IDisposable
{
    private readonly PooledBuffer _signature = new();
    private readonly PooledBuffer _input = new();
    private readonly PooledBuffer _citations = new();
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

    /// <summary>Begins behind blocks that are there already.</summary>
    internal void Append(ReadOnlySpan<byte> blocks)
    {
        if (blocks.IsEmpty) return;
        output.Append(blocks);
        _blocks++;
    }

    internal void StartText()
    {
        StartBlock(Block.Text);
        output.Append("{\"type\":\"text\",\"text\":\""u8);
    }

    internal void StartThinking()
    {
        StartBlock(Block.Thinking);
        _signature.Clear();
        output.Append("{\"type\":\"thinking\",\"thinking\":\""u8);
    }

    internal void StartToolUse(string id, string name, string? toolset)
    {
        StartBlock(Block.ToolUse);
        MessageJson.WriteToolUseHead(output, id, name, toolset);
        output.Append(",\"input\":"u8);
    }

    internal void StartServerToolUse(string id, ServerToolKind kind)
    {
        StartBlock(Block.ToolUse);
        ServerToolJson.WriteUseHead(output, id, kind);
        output.Append(",\"input\":"u8);
    }

    internal void ServerToolResult(ServerToolResult result)
    {
        StartBlock(Block.None);
        ServerToolJson.WriteResult(output, result);
    }

    /// <summary>Text or thinking.</summary>
    internal void Text(ReadOnlySpan<byte> json) => output.Append(json);

    internal void Signature(string signature) => EscapedText.Escape(signature, _signature);

    internal void Input(ReadOnlySpan<byte> json) => _input.Append(json);

    internal void Citation(WebSearchCitation citation)
    {
        if (!_citations.IsEmpty) _citations.Append((byte)',');
        ServerToolJson.WriteCitation(_citations, citation);
    }

    internal void StopBlock()
    {
        switch (_open)
        {
            case Block.Text when _citations.IsEmpty:
                output.Append("\",\"citations\":null}"u8);
                break;
            case Block.Text:
                output.Append("\",\"citations\":["u8);
                output.Append(_citations.Span);
                output.Append("]}"u8);
                _citations.Clear();
                break;
            case Block.Thinking:
                output.Append("\",\"signature\":\""u8);
                output.Append(_signature.Span);
                output.Append("\"}"u8);
                break;
            case Block.ToolUse:
                StopToolUse();
                break;
        }

        _open = Block.None;
    }

    /// <summary>Gives back everything but the output.</summary>
    public void Dispose()
    {
        _signature.Dispose();
        _input.Dispose();
        _citations.Dispose();
    }

    private void StartBlock(Block block)
    {
        _open = block;
        _blockStart = output.Length;
        _input.Clear();
        if (_blocks++ > 0) output.Append((byte)',');
    }

    private void StopToolUse()
    {
        var start = output.Length;
        if (_input.IsEmpty) output.Append("{}"u8);
        else EscapedText.Unescape(_input.Span, output);
        if (IsObject(output.Span[start..]))
        {
            output.Append((byte)'}');
            return;
        }

        output.Truncate(_blockStart);
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
