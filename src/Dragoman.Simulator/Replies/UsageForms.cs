using Dragoman.Simulator.Model;

namespace Dragoman.Simulator.Replies;

/// <summary>The spellings of usage (failures.md E3, E4; openai-chat-completions.md 6.5).</summary>
internal static class UsageForms
{
    public static string OpenAI(Usage u) =>
        $$$"""{"prompt_tokens":{{{u.Prompt}}},"completion_tokens":{{{u.Completion}}},"total_tokens":{{{u.Prompt + u.Completion}}},"prompt_tokens_details":{"cached_tokens":{{{u.Cached}}},"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":{{{u.Reasoning}}},"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}""";

    /// <summary>Without details, as vLLM gives it unless started with a flag.</summary>
    public static string Plain(Usage u) =>
        $$"""{"prompt_tokens":{{u.Prompt}},"total_tokens":{{u.Prompt + u.Completion}},"completion_tokens":{{u.Completion}}}""";

    /// <summary>The details are there, and null.</summary>
    public static string NullDetails(Usage u) =>
        $$"""{"prompt_tokens":{{u.Prompt}},"total_tokens":{{u.Prompt + u.Completion}},"completion_tokens":{{u.Completion}},"prompt_tokens_details":null,"completion_tokens_details":null}""";

    public static string DeepSeek(Usage u) =>
        $$$"""{"prompt_tokens":{{{u.Prompt}}},"completion_tokens":{{{u.Completion}}},"total_tokens":{{{u.Prompt + u.Completion}}},"prompt_tokens_details":{"cached_tokens":{{{u.Cached}}}},"completion_tokens_details":{"reasoning_tokens":{{{u.Reasoning}}}},"prompt_cache_hit_tokens":{{{u.Cached}}},"prompt_cache_miss_tokens":{{{u.Prompt - u.Cached}}}}""";

    public static string OnlyCacheHit(Usage u) =>
        $$"""{"prompt_tokens":{{u.Prompt}},"completion_tokens":{{u.Completion}},"total_tokens":{{u.Prompt + u.Completion}},"prompt_cache_hit_tokens":{{u.Cached}},"prompt_cache_miss_tokens":{{u.Prompt - u.Cached}}}""";

    public static string Moonshot(Usage u) =>
        $$"""{"prompt_tokens":{{u.Prompt}},"completion_tokens":{{u.Completion}},"total_tokens":{{u.Prompt + u.Completion}},"cached_tokens":{{u.Cached}}}""";

    public static string SgLang(Usage u) =>
        $$"""{"prompt_tokens":{{u.Prompt}},"total_tokens":{{u.Prompt + u.Completion}},"completion_tokens":{{u.Completion}},"prompt_tokens_details":null,"reasoning_tokens":{{u.Reasoning}}}""";

    /// <summary>Reasoning tokens are not among the completion tokens, as the total shows.</summary>
    public static string XAI(Usage u) =>
        $$$"""{"prompt_tokens":{{{u.Prompt}}},"completion_tokens":{{{u.Completion - u.Reasoning}}},"total_tokens":{{{u.Prompt + u.Completion}}},"prompt_tokens_details":{"text_tokens":{{{u.Prompt}}},"audio_tokens":0,"image_tokens":0,"cached_tokens":{{{u.Cached}}}},"completion_tokens_details":{"reasoning_tokens":{{{u.Reasoning}}},"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0},"num_sources_used":0}""";

    /// <summary>Cached tokens are not among the prompt tokens, against OpenAI's definition: more are cached than prompted.</summary>
    public static string CachedApart(Usage u) =>
        $$$"""{"prompt_tokens":{{{u.Prompt - u.Cached}}},"completion_tokens":{{{u.Completion}}},"total_tokens":{{{u.Prompt + u.Completion}}},"prompt_tokens_details":{"cached_tokens":{{{u.Cached}}}}}""";

    /// <summary>Half of the cached tokens are written in this turn, both counts inside the prompt tokens.</summary>
    public static string DashScope(Usage u) =>
        $$$"""{"prompt_tokens":{{{u.Prompt}}},"completion_tokens":{{{u.Completion}}},"total_tokens":{{{u.Prompt + u.Completion}}},"prompt_tokens_details":{"cached_tokens":{{{u.Cached - u.Cached / 2}}},"cache_creation_input_tokens":{{{u.Cached / 2}}},"cache_type":"ephemeral"}}""";

    /// <summary><c>cache_write_tokens</c>, inside the prompt tokens.</summary>
    public static string CacheWrite(Usage u) =>
        $$$"""{"prompt_tokens":{{{u.Prompt}}},"completion_tokens":{{{u.Completion}}},"total_tokens":{{{u.Prompt + u.Completion}}},"prompt_tokens_details":{"cached_tokens":{{{u.Cached - u.Cached / 2}}},"cache_write_tokens":{{{u.Cached / 2}}}}}""";

    /// <summary>Anthropic's own words in an OpenAI answer.</summary>
    public static string AnthropicWords(Usage u) =>
        $$"""{"prompt_tokens":{{u.Prompt}},"completion_tokens":{{u.Completion}},"total_tokens":{{u.Prompt + u.Completion}},"cache_read_input_tokens":{{u.Cached}},"cache_creation_input_tokens":0}""";
}
