namespace Dragoman.Protocol.Anthropic;

/// <summary>What can be told to a client about one answer, in the order of the stream grammar (anthropic-messages.md section 11.1).</summary>
/// <remarks>Two kinds: <see cref="MessageEventWriter"/> writes each thing as an event at once, <see cref="MessageWriter"/> gathers a whole message.
/// So one state machine serves streamed and whole answers alike. Spans named <c>json</c> are the inside of a JSON string, still escaped.</remarks>
public abstract class MessageSink
{
    /// <summary>message_start.</summary>
    /// <param name="id"><c>msg_</c> and 24 characters; unique per answer.</param>
    /// <param name="model">The name the client asked for.</param>
    /// <param name="usage">The estimate; the truth comes with <see cref="Finish"/>.</param>
    public abstract void Start(string id, string model, in Usage usage);

    /// <summary>Opens a text block.</summary>
    public abstract void StartText(int index);

    /// <summary>Adds to the open text block.</summary>
    public abstract void TextDelta(int index, ReadOnlySpan<byte> json);

    /// <summary>Opens a thinking block.</summary>
    public abstract void StartThinking(int index);

    /// <summary>Adds to the open thinking block.</summary>
    public abstract void ThinkingDelta(int index, ReadOnlySpan<byte> json);

    /// <summary>The one signature of the open thinking block, just before its stop. Plain ASCII.</summary>
    public abstract void SignatureDelta(int index, string signature);

    /// <summary>Opens a tool use block.</summary>
    /// <param name="index">The block's place.</param>
    /// <param name="id">As the client will send it back: <c>[a-zA-Z0-9_-]+</c>.</param>
    /// <param name="name">The client's own name of the tool.</param>
    /// <param name="toolset">The toolset the tool is a member of, or null.</param>
    public abstract void StartToolUse(int index, string id, string name, string? toolset);

    /// <summary>Opens a server tool use block; its input comes as that of a tool use does.</summary>
    /// <param name="index">The block's place.</param>
    /// <param name="id"><c>srvtoolu_</c> and more; unique in the conversation.</param>
    /// <param name="kind">The tool.</param>
    public abstract void StartServerToolUse(int index, string id, ServerToolKind kind);

    /// <summary>A whole block: the result of a server tool. Needs no <see cref="StopBlock"/>.</summary>
    public abstract void ServerToolResult(int index, ServerToolResult result);

    /// <summary>Adds a citation to the open text block.</summary>
    public abstract void CitationDelta(int index, WebSearchCitation citation);

    /// <summary>Adds to the input of the open tool use block: a piece of JSON text, itself escaped as the inside of a JSON string.</summary>
    public abstract void InputJsonDelta(int index, ReadOnlySpan<byte> json);

    /// <summary>Closes the open block.</summary>
    public abstract void StopBlock(int index);

    /// <summary>message_delta and message_stop: the answer is complete.</summary>
    public abstract void Finish(in MessageEnd end);

    /// <summary>The answer broke off. Nothing may follow.</summary>
    public abstract void Error(AnthropicError error);
}

/// <summary>What is known when an answer is complete.</summary>
public readonly record struct MessageEnd
{
    /// <summary>Why it ended.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>The stop sequence that was met, for <see cref="StopReason.StopSequence"/>.</summary>
    public string? StopSequence { get; init; }

    /// <summary>The refusal's explanation, for <see cref="StopReason.Refusal"/>; null if none was given.</summary>
    public string? RefusalExplanation { get; init; }

    /// <summary>The true counts, cumulative for the whole answer.</summary>
    public required Usage Usage { get; init; }

    /// <summary>The request carried <c>safeguards</c>: answered as unavailable (claude-code.md section 7).</summary>
    public bool SafeguardsUnavailable { get; init; }

    /// <summary>The request carried <c>context_management</c>: answered with no applied edits.</summary>
    public bool NoAppliedEdits { get; init; }
}
