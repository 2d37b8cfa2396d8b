using System.Buffers;

namespace Dragoman.Protocol.Anthropic;

/// <summary>Gathers an answer as one Message object. The output holds the whole JSON once <see cref="Finish"/> was called, and nothing if the answer failed.</summary>
public sealed class MessageWriter(IBufferWriter<byte> output) : MessageSink
{
    private readonly IBufferWriter<byte> _output = output;
    /// <summary>Why the answer broke off; null while it has not.</summary>
    public AnthropicError? Failure { get; private set; }
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
