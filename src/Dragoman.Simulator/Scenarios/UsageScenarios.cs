using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Where usage stands and how it is spelled (failures.md E2 to E7; openai-chat-completions.md 6.5).</summary>
internal static class UsageScenarios
{
    private const string NoStreamOptions = "Unrecognized request argument supplied: stream_options";

    /// <summary>What all of these count.</summary>
    public static readonly Usage Counted = new(Prompt: 100, Completion: 20, Cached: 60, Reasoning: 8);

    public static ScenarioFamily Family { get; } = new(
        "Usage",
        "All count 100 prompt tokens, 60 of them cached, and 20 completion tokens, 8 of them reasoning; where a spelling has no word for a number, it is missing.",
        At("after-finish", "In a last chunk without choices, if include_usage asks for it (OpenAI, vLLM).", UsagePlacement.AfterFinish,
            "E7, A13"),
        At("after-finish-always", "The same, asked for or not.", UsagePlacement.AfterFinishAlways, "E7, A13"),
        At("on-finish", "On the chunk with the finish reason (DeepSeek, Mistral, Groq, Moonshot).", UsagePlacement.OnFinish, "E7"),
        At("every-chunk", "On every chunk, growing (vLLM with continuous_usage_stats, xAI).", UsagePlacement.OnEveryChunk, "E7"),
        At("twice", "On the finish chunk, and again, and right, after it.", UsagePlacement.Twice, "E7"),
        At("first", "Before the first content only, completion still 0.", UsagePlacement.First, "E7"),
        At("x-groq", "In x_groq.usage (Groq).", UsagePlacement.InXGroq, "E7"),
        At("in-choice", "In choices[0].usage (older Moonshot).", UsagePlacement.InChoice, "E7"),
        At("absent", "Never, even when asked for (old Ollama, proxies).", UsagePlacement.Absent, "E2"),
        Spelled("cached", "OpenAI's details: cached inside prompt_tokens_details.", UsageForms.OpenAI, "E3, E4"),
        Spelled("plain", "No details (vLLM, SGLang without their flag).", UsageForms.Plain, "E4"),
        Spelled("null-details", "Details that are null.", UsageForms.NullDetails, "E4"),
        Spelled("deepseek", "prompt_cache_hit_tokens beside the details (DeepSeek).", UsageForms.DeepSeek, "E4"),
        Spelled("cache-hit-only", "prompt_cache_hit_tokens without details.", UsageForms.OnlyCacheHit, "E4"),
        Spelled("moonshot", "cached_tokens at the top level of usage (Moonshot).", UsageForms.Moonshot, "E4"),
        Spelled("sglang", "reasoning_tokens at the top level, details null (SGLang).", UsageForms.SgLang, "E4"),
        Spelled("xai", "completion_tokens without the reasoning tokens, which the total includes (xAI).", UsageForms.XAI, "E3"),
        Spelled("cached-apart", "prompt_tokens without the cached ones, which the total includes.", UsageForms.CachedApart, "E3"),
        Spelled("dashscope", "cache_creation_input_tokens inside prompt_tokens_details (Qwen): 30 read, 30 written.", UsageForms.DashScope,
            "E4, E10"),
        Spelled("cache-write", "cache_write_tokens (gpt-5.6, OpenRouter): 30 read, 30 written.", UsageForms.CacheWrite, "E4, E10"),
        Spelled("anthropic-words", "cache_read_input_tokens at the top level.", UsageForms.AnthropicWords, "E4"),
        Scenario.Spelled("sim/usage-needs-no-stream-options", "Refuses stream_options with 400, and sends no usage in streams.",
            new WireForm { FixedUsage = Counted, UsagePlacement = UsagePlacement.Absent }, Speakers.ThinkThenText) with
        {
            Rows = "E2",
            Rules = new() { RefusedFields = new Dictionary<string, string> { ["stream_options"] = NoStreamOptions } },
        });

    private static Scenario At(string name, string description, UsagePlacement placement, string rows) =>
        Scenario.Spelled("sim/usage-" + name, description, new WireForm { FixedUsage = Counted, UsagePlacement = placement },
            Speakers.ThinkThenText) with { Rows = rows };

    private static Scenario Spelled(string name, string description, Func<Usage, string> json, string rows) =>
        Scenario.Spelled("sim/usage-" + name, description, new WireForm { FixedUsage = Counted, UsageJson = json }, Speakers.ThinkThenText)
            with { Rows = rows };
}
