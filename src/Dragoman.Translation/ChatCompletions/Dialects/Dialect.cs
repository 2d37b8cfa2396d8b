namespace Dragoman.Translation.ChatCompletions;

/// <summary>How one backend deviates from Chat Completions, as data (mapping.md section 1). The defaults suit a server that nothing is known of.</summary>
/// <remarks>Presets stand in <see cref="Dialects"/>. What a backend teaches at run time (a refused parameter) becomes a changed copy: <c>dialect with { … }</c>.</remarks>
public sealed record Dialect
{
    /// <summary>The preset's name: <c>vllm</c>, <c>deepseek</c>, …; also bound into thinking signatures.</summary>
    public required string Name { get; init; }

    /// <summary>Which field carries the limit of generated tokens.</summary>
    public MaxTokensField MaxTokensField { get; init; } = MaxTokensField.MaxTokens;

    /// <summary>Most tokens the backend generates in one answer; a larger <c>max_tokens</c> is lowered to it. Null: unknown.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Most tools the backend takes in one request.</summary>
    public int MaxTools { get; init; } = 128;

    /// <summary>Most stop sequences the backend takes; the rest are matched by the gateway. 0: it takes none.</summary>
    public int MaxStopSequences { get; init; } = 4;

    /// <summary>Match all stop sequences in the gateway, so that <c>stop_reason: stop_sequence</c> is exact (mapping.md section 8 c).</summary>
    public bool ExactStop { get; init; }

    /// <summary>Role of the system prompt.</summary>
    public SystemRole SystemRole { get; init; } = SystemRole.System;

    /// <summary>What becomes of system messages inside the conversation.</summary>
    public InlineSystem InlineSystem { get; init; } = InlineSystem.Fold;

    /// <summary>Which orders of roles the backend's template takes.</summary>
    public Alternation Alternation { get; init; } = Alternation.Free;

    /// <summary>Text content always as an array of parts, not as a string.</summary>
    public bool ContentAsParts { get; init; }

    /// <summary>Field in which reasoning goes back to the backend.</summary>
    public ReasoningInput ReasoningInput { get; init; } = ReasoningInput.None;

    /// <summary>Which assistant turns must carry reasoning.</summary>
    public ReasoningRequired ReasoningRequired { get; init; } = ReasoningRequired.Never;

    /// <summary>What stands in for reasoning that is required but lost: <c>""</c> or <c>" "</c>. (failures.md C1)</summary>
    public string ReasoningPlaceholder { get; init; } = "";

    /// <summary>The first call of a turn must carry a thought signature (Gemini 3). One that is lost, or a call that another model made,
    /// gets Google's word for that; without it a session begun elsewhere could never go on.</summary>
    public bool ThoughtSignatureRequired { get; init; }

    /// <summary>How reasoning is switched and dosed.</summary>
    public ReasoningControl ReasoningControl { get; init; } = ReasoningControl.None;

    /// <summary>Its word for "on" in <see cref="ReasoningControl.ThinkingObject"/>: <c>enabled</c>, or <c>adaptive</c> (MiniMax).</summary>
    public string ThinkingOnWord { get; init; } = "enabled";

    /// <summary>Effort words the backend knows, weakest first; empty: no effort is sent.</summary>
    public IReadOnlyList<string> Efforts { get; init; } = [];

    /// <summary>The effort word that turns reasoning off, or null if effort cannot do that.</summary>
    public string? EffortOff { get; init; }

    /// <summary>Words that stand in for efforts the backend lacks, where that is not the next weaker one it has (Z.ai: medium, high).</summary>
    public IReadOnlyDictionary<string, string> EffortInstead { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Name of the template switch for <see cref="ReasoningControl.TemplateKwargs"/>: <c>enable_thinking</c> or <c>thinking</c>.</summary>
    public string TemplateSwitch { get; init; } = "enable_thinking";

    /// <summary>Field that takes a thinking budget in tokens (<c>thinking_budget</c>, <c>thinking_token_budget</c> …), or null.</summary>
    public string? ThinkingBudgetField { get; init; }

    /// <summary>The backend takes <c>temperature</c>.</summary>
    public bool Temperature { get; init; } = true;

    /// <summary>Largest temperature; a larger one is lowered to it.</summary>
    public double MaxTemperature { get; init; } = 2;

    /// <summary>Temperature 0 is refused and raised to 0.01.</summary>
    public bool TemperatureAboveZero { get; init; }

    /// <summary>The backend takes <c>top_p</c>.</summary>
    public bool TopP { get; init; } = true;

    /// <summary>The backend takes <c>top_k</c>.</summary>
    public bool TopK { get; init; }

    /// <summary>Which tool choices the backend knows.</summary>
    public ToolChoices ToolChoices { get; init; } = ToolChoices.All;

    /// <summary>Its word for "call some tool": <c>required</c>, or <c>any</c>.</summary>
    public string RequiredWord { get; init; } = "required";

    /// <summary>The backend takes <c>parallel_tool_calls</c>.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>Tool arguments are forwarded fragment by fragment; else each call is collected, checked and repaired first.</summary>
    public bool StreamToolArguments { get; init; }

    /// <summary>Longest function name, in characters of <c>[a-zA-Z0-9_-]</c>.</summary>
    public int MaxToolName { get; init; } = 64;

    /// <summary>Which tool call ids the backend takes back.</summary>
    public ToolIdForm ToolIds { get; init; } = ToolIdForm.Pass40;

    /// <summary>What is taken out of tool schemas for this backend.</summary>
    public SchemaFilters SchemaFilters { get; init; } = SchemaFilters.Schema;

    /// <summary>Forward <c>strict: true</c> on tools whose schema is in the strict subset.</summary>
    public bool StrictTools { get; init; }

    /// <summary>How structured output is asked for.</summary>
    public ResponseFormat ResponseFormat { get; init; } = ResponseFormat.JsonSchema;

    /// <summary>The backend refuses a response format beside tools.</summary>
    public bool ResponseFormatExcludesTools { get; init; }

    /// <summary>Ask for usage with <c>stream_options.include_usage</c>. (failures.md E2)</summary>
    public bool StreamUsage { get; init; } = true;

    /// <summary>What images may be.</summary>
    public Images Images { get; init; } = Images.DataUrl;

    /// <summary>Images may stand inside tool messages.</summary>
    public bool ImagesInToolMessages { get; init; }

    /// <summary>How PDF documents are handed over.</summary>
    public PdfDocuments Pdf { get; init; } = PdfDocuments.None;

    /// <summary>How a trailing assistant message (prefill) is continued.</summary>
    public Prefill Prefill { get; init; } = Prefill.None;

    /// <summary>How cache markers are passed on.</summary>
    public CacheHints CacheHints { get; init; } = CacheHints.None;

    /// <summary>Send the session's key as <c>prompt_cache_key</c>.</summary>
    public bool PromptCacheKey { get; init; }

    /// <summary>Field for the hashed end user id (<c>user</c>, <c>safety_identifier</c>), or null.</summary>
    public string? UserField { get; init; }

    /// <summary>The backend knows <c>service_tier</c>.</summary>
    public bool ServiceTier { get; init; }

    /// <summary>Reasoning inside the text as <c>&lt;think&gt;</c> tags.</summary>
    public ThinkTags ThinkTags { get; init; } = ThinkTags.Auto;

    /// <summary>Tool calls that leak into the text, and the parser that finds them.</summary>
    public ToolLeak ToolLeak { get; init; } = ToolLeak.Off;

    /// <summary>How prompts are counted.</summary>
    public CountTokens CountTokens { get; init; } = CountTokens.Estimate;

    /// <summary>Ask the backend for a stream also where the client wants a whole answer: llama.cpp notices a gone client only in streams.</summary>
    public bool AlwaysStream { get; init; }

    /// <summary>How long an unused connection is kept. llama.cpp closes at 5 s, so 4 s there.</summary>
    public TimeSpan PoolIdle { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary><c>content: null</c> beside tool calls; else <c>""</c>.</summary>
    public bool NullContentWithToolCalls { get; init; }

    /// <summary>What stands in an empty tool result: <c>""</c>, or a word where the backend refuses the empty string.</summary>
    public string EmptyToolResult { get; init; } = "";

    /// <summary><c>completion_tokens</c> leaves reasoning tokens out (xAI): they are added.</summary>
    public bool CompletionExcludesReasoning { get; init; }

    /// <summary>Drop-class losses become errors: for operators who would rather know.</summary>
    public bool Strict { get; init; }
}
