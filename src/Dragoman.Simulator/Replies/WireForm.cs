using Dragoman.Simulator.Model;

namespace Dragoman.Simulator.Replies;

/// <summary>How a backend spells an answer. The default is what OpenAI does, with <c>reasoning_content</c> where a model reasons.</summary>
internal sealed record WireForm
{
    public SseFraming Framing { get; init; } = SseFraming.Plain;

    /// <summary>The delta that opens a stream; null for none.</summary>
    public string? OpeningDelta { get; init; } = """{"role":"assistant","content":""}""";

    /// <summary>Sent before anything else, whole events as JSON, such as Azure's first chunk.</summary>
    public IReadOnlyList<string> EventsBefore { get; init; } = [];

    public ReasoningForm Reasoning { get; init; } = ReasoningForm.ReasoningContent;

    public ToolForm Tools { get; init; } = ToolForm.Standard;

    public UsagePlacement UsagePlacement { get; init; } = UsagePlacement.AfterFinish;

    public Func<Usage, string> UsageJson { get; init; } = UsageForms.OpenAI;

    /// <summary>Counts told instead of the counted ones, for tests of arithmetic.</summary>
    public Usage? FixedUsage { get; init; }

    /// <summary>Members at the end of every delta, such as <c>,"tool_calls":null</c>.</summary>
    public string DeltaTail { get; init; } = "";

    /// <summary>Members at the end of every choice, such as <c>,"logprobs":null</c>.</summary>
    public string ChoiceTail { get; init; } = "";

    /// <summary>Members at the end of every chunk and whole answer.</summary>
    public string ChunkTail { get; init; } = "";

    /// <summary>Members at the end of the choice that finishes.</summary>
    public string FinishTail { get; init; } = "";

    /// <summary>The finish reason sent instead of the true one; null keeps it.</summary>
    public Func<Answer, string?>? FinishReason { get; init; }

    /// <summary>The finish reason rides on the last content chunk instead of a chunk of its own (failures.md A12).</summary>
    public bool FinishOnLastDelta { get; init; }

    /// <summary>A whole message with calls has <c>content: ""</c>, not null (failures.md O2).</summary>
    public bool EmptyContentBesideCalls { get; init; }

    /// <summary>All text of a part in one delta.</summary>
    public bool WholeText { get; init; }

    /// <summary>The choice has no <c>finish_reason</c> key until it finishes (xAI).</summary>
    public bool FinishKeyOnlyAtEnd { get; init; }
}

internal enum UsagePlacement
{
    /// <summary>In a chunk with <c>choices: []</c> after the finish, if asked for.</summary>
    AfterFinish,

    /// <summary>The same, whether asked for or not.</summary>
    AfterFinishAlways,

    /// <summary>On the chunk with the finish reason.</summary>
    OnFinish,

    /// <summary>On every chunk, growing.</summary>
    OnEveryChunk,

    /// <summary>In <c>x_groq.usage</c> of the finishing chunk.</summary>
    InXGroq,

    /// <summary>In <c>choices[0].usage</c> of the finishing chunk.</summary>
    InChoice,

    /// <summary>Both on the finish chunk and after it, the second one being right.</summary>
    Twice,

    /// <summary>Before the first content.</summary>
    First,

    /// <summary>Never.</summary>
    Absent,
}
