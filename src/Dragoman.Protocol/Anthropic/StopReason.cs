namespace Dragoman.Protocol.Anthropic;

/// <summary>Why an answer ended (anthropic-messages.md section 10). A closed set: only we write it.</summary>
public enum StopReason
{
    /// <summary><c>end_turn</c></summary>
    EndTurn,

    /// <summary><c>max_tokens</c></summary>
    MaxTokens,

    /// <summary><c>stop_sequence</c></summary>
    StopSequence,

    /// <summary><c>tool_use</c></summary>
    ToolUse,

    /// <summary><c>refusal</c></summary>
    Refusal,

    /// <summary><c>pause_turn</c>: server tools have run as often as they may in one answer; sent back as it is, it goes on.</summary>
    PauseTurn,

    /// <summary><c>model_context_window_exceeded</c></summary>
    ModelContextWindowExceeded,
}

/// <summary>Stop reasons as the wire has them.</summary>
public static class StopReasonWords
{
    /// <summary>The reason's word, such as <c>end_turn</c>.</summary>
    public static ReadOnlySpan<byte> Word(this StopReason reason) => reason switch
    {
        StopReason.MaxTokens => "max_tokens"u8,
        StopReason.StopSequence => "stop_sequence"u8,
        StopReason.ToolUse => "tool_use"u8,
        StopReason.Refusal => "refusal"u8,
        StopReason.PauseTurn => "pause_turn"u8,
        StopReason.ModelContextWindowExceeded => "model_context_window_exceeded"u8,
        _ => "end_turn"u8,
    };
}
