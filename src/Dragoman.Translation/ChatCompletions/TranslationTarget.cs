using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What a request is translated for: one backend, one model, and what is known of them.</summary>
public sealed record TranslationTarget
{
    /// <summary>How the backend deviates.</summary>
    public required Dialect Dialect { get; init; }

    /// <summary>The backend's name in the configuration, for error messages; never its address.</summary>
    public string Backend { get; init; } = "backend";

    /// <summary>The model's name as the backend knows it.</summary>
    public required string Model { get; init; }

    /// <summary>Prompt and answer together, in tokens; null if unknown.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>Tells the prompt's tokens from its size, by what is known of this backend's tokenizer.</summary>
    public Func<PromptSize, long> EstimateTokens { get; init; } = static size => size.DefaultEstimate;

    /// <summary>Text of a PDF, given as base64 inside a JSON string; null if it holds none or cannot be read. Not given: no extractor.</summary>
    public DocumentTextExtractor? ExtractPdfText { get; init; }

    /// <summary>Key that thinking signatures are sealed with.</summary>
    public ReadOnlyMemory<byte> SignatureKey { get; init; }

    /// <summary>Which server tools the gateway runs.</summary>
    public ServerToolOffer ServerTools { get; init; } = new();

    /// <summary>A key that stays the same for a session (<c>x-claude-code-session-id</c>), for cache affinity; null if unknown.</summary>
    public string? SessionKey { get; init; }
}

/// <summary>Text of a document.</summary>
/// <param name="base64">The document's bytes in base64, as they stood in the JSON string.</param>
/// <returns>The text, or null if there is none to be had.</returns>
public delegate string? DocumentTextExtractor(ReadOnlySpan<byte> base64);

/// <summary>How large a translated prompt is, in what can be told without a tokenizer.</summary>
/// <param name="TextBytes">UTF-8 bytes of text, tool definitions and calls included, images not.</param>
/// <param name="ImageTokens">Tokens of all images, by pixels / 750 where the size is known, else 1600 each. (failures.md E9)</param>
/// <param name="Messages">Messages.</param>
/// <param name="Tools">Tools.</param>
public readonly record struct PromptSize(long TextBytes, long ImageTokens, int Messages, int Tools)
{
    /// <summary>The estimate for a tokenizer that nothing is known of; rounds up (mapping.md section 11).</summary>
    public long DefaultEstimate => (long)Math.Ceiling(TextBytes / 3.5) + ImageTokens + 4L * Messages;
}

/// <summary>The request holds something that cannot be said to this backend, or that is no request.</summary>
public sealed class TranslationException(AnthropicError error) : Exception(error.Message)
{
    /// <summary>What the caller is told; names the place.</summary>
    public AnthropicError Error { get; } = error;
}
