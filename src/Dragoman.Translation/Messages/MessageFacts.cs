using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.Messages;

/// <summary>What the gateway wants to know of an answer that it passes on.</summary>
internal struct MessageFacts
{
    private long? _input;
    private long? _cacheRead;
    private long? _cacheCreation;
    private long? _output;
    private long? _thinking;

    /// <summary>Why the answer ended; null if it has not, or for a reason this gateway has no word for.</summary>
    internal StopReason? StopReason { get; private set; }

    /// <summary>The counts are the answer's last, and no provisional ones.</summary>
    internal bool IsFinal { get; private set; }

    /// <summary>Takes a <c>usage</c> object in: what it tells stands in place of what was told before.</summary>
    internal void Take(JsonView usage)
    {
        Take(usage["input_tokens"u8], ref _input);
        Take(usage["cache_read_input_tokens"u8], ref _cacheRead);
        Take(usage["cache_creation_input_tokens"u8], ref _cacheCreation);
        Take(usage["output_tokens"u8], ref _output);
        Take(usage["output_tokens_details"u8]["thinking_tokens"u8], ref _thinking);
    }

    /// <summary>Takes the end of an answer in.</summary>
    /// <param name="end">What holds <c>stop_reason</c>.</param>
    /// <param name="usage">The final counts.</param>
    internal void TakeEnd(JsonView end, JsonView usage)
    {
        Take(usage);
        IsFinal = true;
        StopReason = WordOf(end["stop_reason"u8]) ?? StopReason;
    }

    /// <summary>The counts.</summary>
    /// <param name="estimatedInput">Stands in for a prompt that was not counted.</param>
    /// <param name="estimatedOutput">Stands in for an answer whose final count has not come.</param>
    internal readonly Usage Usage(long estimatedInput, long estimatedOutput)
    {
        // The count at the start of a stream is provisional: a token or two.
        var output = IsFinal && _output is { } final ? final : Math.Max(_output ?? 0, estimatedOutput);
        return new(_input ?? estimatedInput, _cacheRead ?? 0, _cacheCreation ?? 0, output, _thinking, _input is null || !IsFinal || _output is null);
    }

    private static void Take(JsonView count, ref long? into)
    {
        if (count.TryGetInt64(out var value) && value >= 0) into = value;
    }

    private static StopReason? WordOf(JsonView word) =>
        word.Equals("end_turn"u8) ? Protocol.Anthropic.StopReason.EndTurn
        : word.Equals("tool_use"u8) ? Protocol.Anthropic.StopReason.ToolUse
        : word.Equals("max_tokens"u8) ? Protocol.Anthropic.StopReason.MaxTokens
        : word.Equals("stop_sequence"u8) ? Protocol.Anthropic.StopReason.StopSequence
        : word.Equals("refusal"u8) ? Protocol.Anthropic.StopReason.Refusal
        : word.Equals("pause_turn"u8) ? Protocol.Anthropic.StopReason.PauseTurn
        : word.Equals("model_context_window_exceeded"u8) ? Protocol.Anthropic.StopReason.ModelContextWindowExceeded
        : null;
}
