using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What the translation of the answer must know of the request. Owns what it holds: the request's memory is given back before the answer streams.</summary>
public sealed class AnswerContext
{
    /// <summary>The model name the client asked for; answers carry it. (failures.md D20)</summary>
    public required string Model { get; init; }

    /// <summary>The backend's name in the configuration, for error messages; never its address.</summary>
    public string Backend { get; init; } = "backend";

    /// <summary>How the backend deviates.</summary>
    public required Dialect Dialect { get; init; }

    /// <summary>The client asked for a stream.</summary>
    public bool Stream { get; init; }

    /// <summary>The backend was asked for a stream.</summary>
    public bool UpstreamStream { get; init; }

    /// <summary>Thinking blocks are shown: the client asked for thinking, or the backend needs it back.</summary>
    public bool ShowThinking { get; init; }

    /// <summary><c>thinking.display: omitted</c>: thinking blocks are empty and the text rides in the signature.</summary>
    public bool OmitThinkingText { get; init; }

    /// <summary>The client asked for JSON text: code fences around it are taken off.</summary>
    public bool StructuredOutput { get; init; }

    /// <summary><c>disable_parallel_tool_use</c>: only the first call is kept. (failures.md B15)</summary>
    public bool SingleToolUse { get; init; }

    /// <summary>Stop sequences the backend was given.</summary>
    public IReadOnlyList<string> SentStopSequences { get; init; } = [];

    /// <summary>Stop sequences the gateway matches in the text itself.</summary>
    public IReadOnlyList<string> OwnStopSequences { get; init; } = [];

    /// <summary>The tools that were offered, and their names on both sides.</summary>
    public required ToolNames Tools { get; init; }

    /// <summary>Tool call ids the conversation has used up. (failures.md: claude-code.md fact 4)</summary>
    public required UsedToolIds UsedToolIds { get; init; }

    /// <summary>How large the prompt is.</summary>
    public PromptSize PromptSize { get; init; }

    /// <summary>Our estimate of the prompt's tokens, for message_start and for backends that report nothing.</summary>
    public long EstimatedInputTokens { get; init; }

    /// <summary>The limit of generated tokens that was sent.</summary>
    public long MaxTokens { get; init; }

    /// <summary>Prompt and answer together, in tokens; null if unknown.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>A prefill that the backend repeats and the client must not see; null if none.</summary>
    public string? EchoedPrefill { get; init; }

    /// <summary>The request carried <c>safeguards</c>.</summary>
    public bool Safeguards { get; init; }

    /// <summary>The request carried <c>context_management</c>.</summary>
    public bool ContextManagement { get; init; }

    /// <summary>Fields and features that were left out, in order of appearance, each once: for <c>x-dragoman-dropped</c>.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>Key that thinking signatures are sealed with.</summary>
    public ReadOnlyMemory<byte> SignatureKey { get; init; }

    /// <summary>Server tools that the model was offered.</summary>
    public IReadOnlyList<ServerTool> ServerTools { get; init; } = [];

    /// <summary>Search results that the model has been shown, and can cite by their number, from 1 on; empty if it is not to cite.</summary>
    public IReadOnlyList<CitableSource> Sources { get; init; } = [];

    /// <summary>Key that what later turns need of search results is sealed with.</summary>
    public ReadOnlyMemory<byte> SealKey { get; init; }
}

/// <summary>One tool the model was offered.</summary>
/// <param name="Name">The client's name.</param>
/// <param name="UpstreamName">The name the backend was given.</param>
/// <param name="Toolset">The toolset it is a member of, or null.</param>
/// <param name="OnlyProperty">The schema's only property, or null if it has none or several: a bare value is wrapped in it (mapping.md section 9.4).</param>
public record OfferedTool(string Name, string UpstreamName, string? Toolset = null, string? OnlyProperty = null)
{
    /// <summary>What the gateway runs when the model calls it; null if the client does.</summary>
    public virtual ServerTool? ServerTool => null;
}

/// <summary>The function that stands for a server tool.</summary>
internal sealed record OfferedServerTool(string Name, string UpstreamName, string OnlyProperty, ServerTool Tool)
    : OfferedTool(Name, UpstreamName, OnlyProperty: OnlyProperty)
{
    public override ServerTool ServerTool => Tool;
}
