using System.Buffers;

namespace Dragoman.Protocol.Anthropic;

/// <summary>Writes an answer as server-sent events: the only place that knows the bytes of a client event.</summary>
public sealed class MessageEventWriter(IBufferWriter<byte> output) : MessageSink
{
    private readonly IBufferWriter<byte> _output = output;
    /// <summary>A sign of life; legal at any time, also before <see cref="Start"/>.</summary>
    public void Ping() => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void Start(string id, string model, in Usage usage) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void StartText(int index) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void TextDelta(int index, ReadOnlySpan<byte> json) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void StartThinking(int index) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void ThinkingDelta(int index, ReadOnlySpan<byte> json) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void SignatureDelta(int index, string signature) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void StartToolUse(int index, string id, string name, string? toolset) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void InputJsonDelta(int index, ReadOnlySpan<byte> json) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void StopBlock(int index) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void Finish(in MessageEnd end) => throw new NotImplementedException();
    /// <inheritdoc/>
    public override void Error(AnthropicError error) => throw new NotImplementedException();
}
