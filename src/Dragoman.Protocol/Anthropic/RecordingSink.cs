namespace Dragoman.Protocol.Anthropic;

/// <summary>Hands everything on, and keeps the content blocks as JSON: as the client will send them back.</summary>
/// <param name="client">Takes what the client is told.</param>
public sealed class RecordingSink(MessageSink client) : MessageSink, IDisposable
{
    private readonly PooledBuffer _blocks = new();
    private ContentWriter? _content;

    /// <summary>The blocks so far, with commas between them. Complete while none is open.</summary>
    public ReadOnlySpan<byte> Blocks => _blocks.Span;

    private ContentWriter Content => _content ??= new(_blocks);

    /// <inheritdoc/>
    public override void Start(string id, string model, in Usage usage) => client.Start(id, model, usage);

    /// <inheritdoc/>
    public override void StartText(int index)
    {
        client.StartText(index);
        Content.StartText();
    }

    /// <inheritdoc/>
    public override void TextDelta(int index, ReadOnlySpan<byte> json)
    {
        client.TextDelta(index, json);
        Content.Text(json);
    }

    /// <inheritdoc/>
    public override void StartThinking(int index)
    {
        client.StartThinking(index);
        Content.StartThinking();
    }

    /// <inheritdoc/>
    public override void ThinkingDelta(int index, ReadOnlySpan<byte> json)
    {
        client.ThinkingDelta(index, json);
        Content.Text(json);
    }

    /// <inheritdoc/>
    public override void SignatureDelta(int index, string signature)
    {
        client.SignatureDelta(index, signature);
        Content.Signature(signature);
    }

    /// <inheritdoc/>
    public override void StartToolUse(int index, string id, string name, string? toolset)
    {
        client.StartToolUse(index, id, name, toolset);
        Content.StartToolUse(id, name, toolset);
    }

    /// <inheritdoc/>
    public override void StartServerToolUse(int index, string id, ServerToolKind kind)
    {
        client.StartServerToolUse(index, id, kind);
        Content.StartServerToolUse(id, kind);
    }

    /// <inheritdoc/>
    public override void ServerToolResult(int index, ServerToolResult result)
    {
        client.ServerToolResult(index, result);
        Content.ServerToolResult(result);
    }

    /// <inheritdoc/>
    public override void CitationDelta(int index, WebSearchCitation citation)
    {
        client.CitationDelta(index, citation);
        Content.Citation(citation);
    }

    /// <inheritdoc/>
    public override void InputJsonDelta(int index, ReadOnlySpan<byte> json)
    {
        client.InputJsonDelta(index, json);
        Content.Input(json);
    }

    /// <inheritdoc/>
    public override void StopBlock(int index)
    {
        client.StopBlock(index);
        Content.StopBlock();
    }

    /// <inheritdoc/>
    public override void Finish(in MessageEnd end) => client.Finish(end);

    /// <inheritdoc/>
    public override void Error(AnthropicError error) => client.Error(error);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        _blocks.Dispose();
        _content?.Dispose();
    }
}
