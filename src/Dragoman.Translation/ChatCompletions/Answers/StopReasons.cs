using Dragoman.Protocol.Anthropic;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Why a backend stopped, in the client's words: one table for whole and streamed answers (mapping.md section 4).</summary>
internal static class StopReasons
{
    /// <summary>The stop reason of an answer that ended in order.</summary>
    /// <param name="finishReason">The backend's word; empty if it sent none.</param>
    /// <param name="calledTool">A tool use was told to the client.</param>
    internal static StopReason From(ReadOnlySpan<byte> finishReason, bool calledTool)
    {
        if (IsLength(finishReason)) return StopReason.MaxTokens;
        if (finishReason.SequenceEqual("content_filter"u8) || finishReason.SequenceEqual("sensitive"u8)
            || finishReason.SequenceEqual("refusal"u8))
        {
            return StopReason.Refusal;
        }

        // Agents end their loop on anything but tool_use, whatever the backend called it. (failures.md B1)
        return calledTool ? StopReason.ToolUse : StopReason.EndTurn;
    }

    /// <summary>The answer was cut off by a limit of tokens.</summary>
    internal static bool IsLength(ReadOnlySpan<byte> finishReason) =>
        finishReason.SequenceEqual("length"u8) || finishReason.SequenceEqual("model_length"u8) || finishReason.SequenceEqual("max_tokens"u8)
        || finishReason.SequenceEqual("max_output_tokens"u8) || finishReason.SequenceEqual("MAX_TOKENS"u8);

    /// <summary>The error a finish reason stands for; null if it is a proper end.</summary>
    internal static TranslatedError? Failure(ReadOnlySpan<byte> finishReason, string backend)
    {
        if (finishReason.SequenceEqual("insufficient_system_resource"u8))
        {
            return new TranslatedError(
                new AnthropicError(AnthropicErrorType.Overloaded, $"{backend}: the backend ran out of resources in the middle of the answer."),
                Status: 529,
                Kind: UpstreamErrorKind.Overloaded);
        }

        if (finishReason.SequenceEqual("network_error"u8) || finishReason.SequenceEqual("error"u8) || finishReason.SequenceEqual("abort"u8))
        {
            return new TranslatedError(
                new AnthropicError(AnthropicErrorType.Api, $"{backend}: the backend broke off the answer."),
                Status: 502);
        }

        return null;
    }
}
