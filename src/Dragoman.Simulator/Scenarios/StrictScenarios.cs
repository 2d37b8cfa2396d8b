using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Backends that refuse what others take (openai-chat-completions.md 6.2 and 6.6).</summary>
internal static class StrictScenarios
{
    private const string UseCompletionTokens = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";

    public static ScenarioFamily Family { get; } = new(
        "Refusals",
        "The demonstration model behind one rule more than usual. What breaks the rule is a 400 in OpenAI's shape unless said otherwise.",
        Rule("sim/max-completion-tokens-only", "max_tokens is refused (OpenAI's reasoning models).",
            new() { RefusedFields = Refusing("max_tokens", UseCompletionTokens) }),
        Rule("sim/max-tokens-only", "max_completion_tokens is refused (many compatible servers).",
            new() { RefusedFields = Refusing("max_completion_tokens") }),
        Rule("sim/no-stream-options", "stream_options is refused.", new() { RefusedFields = Refusing("stream_options") }, "E2"),
        Rule("sim/no-unknown-fields", "Fields outside the base of the API are refused with 400 (Groq, Cerebras, Azure).",
            new() { UnknownFields = UnknownFields.Refused400 }),
        Rule("sim/no-unknown-fields-422", "Fields outside the base of the API, and reasoning_content, are refused with 422 (Mistral).",
            new() { UnknownFields = UnknownFields.Refused422 }),
        Rule("sim/no-reasoning-effort", "reasoning_effort is refused.", new() { RefusedFields = Refusing("reasoning_effort") }, "C5"),
        Rule("sim/strict-reasoning-effort-low-high", "reasoning_effort may be low or high.", new() { ReasoningEfforts = ["low", "high"] },
            "C6"),
        Rule("sim/no-temperature", "temperature other than 1 is refused (OpenAI's reasoning models).",
            new() { FreeTemperature = false, RefusedFields = Refusing("max_tokens", UseCompletionTokens) }),
        Rule("sim/strict-temperature-1", "temperature above 1 is refused (Moonshot).", new() { MaxTemperature = 1 }),
        Rule("sim/no-stop", "stop is refused (xAI's and OpenAI's reasoning models).", new() { RefusedFields = Refusing("stop") }),
        Rule("sim/strict-one-stop", "One stop string at most (Z.ai).", new() { MaxStops = 1 }),
        Rule("sim/no-parallel-tool-calls", "parallel_tool_calls is refused.", new() { RefusedFields = Refusing("parallel_tool_calls") },
            "B15"),
        Rule("sim/no-images", "Images are refused.", new() { Images = false, Files = false }, "D6"),
        Rule("sim/no-image-urls", "Images only as data: URLs (Ollama).", new() { ImageUrls = false }, "D9"),
        Rule("sim/no-files", "file parts are refused.", new() { Files = false }, "D8"),
        Rule("sim/text-only", "Neither images, files nor tools.", new() { Images = false, Files = false, Tools = false }),
        Rule("sim/no-content-parts", "Content must be a string everywhere; else 422.",
            new() { ContentParts = false, Images = false, Files = false }, "D5"),
        Rule("sim/no-tools", "tools are refused.", new() { Tools = false }),
        Rule("sim/no-tool-choice-required", "tool_choice required is refused (Moonshot).", new() { RequiredToolChoice = false }, "B14"),
        Rule("sim/no-tool-choice-object", "tool_choice must be a string (llama.cpp).", new() { NamedToolChoice = false }, "B14"),
        Rule("sim/no-tool-choice", "tool_choice is refused.", new() { RefusedFields = Refusing("tool_choice") }, "B14"),
        Rule("sim/strict-five-tools", "Five tools at most.", new() { MaxTools = 5 }),
        Rule("sim/no-schema-keywords",
            "$schema, $ref, $defs, format, pattern, exclusiveMinimum, const, oneOf, propertyNames and additionalProperties in tool schemas are refused (Gemini).",
            new() { RefusedSchemaKeywords = ["$schema", "$ref", "$defs", "format", "pattern", "exclusiveMinimum", "exclusiveMaximum",
                    "const", "oneOf", "propertyNames", "additionalProperties"] }, "B21"),
        Rule("sim/no-additional-properties", "additionalProperties in tool schemas is refused (xAI).",
            new() { RefusedSchemaKeywords = ["additionalProperties"] }, "B21"),
        Rule("sim/no-developer-role", "The role developer is refused.", new() { DeveloperRole = false }),
        Rule("sim/no-system-role", "The role system is refused (Gemma).", new() { SystemRole = false, DeveloperRole = false }, "D2"),
        Rule("sim/strict-system-first", "One system message, as the first (Qwen's and others' templates).",
            new() { SystemAnywhere = false, DeveloperRole = false }, "D2"),
        Scenario.Spelled("sim/strict-mistral",
            "User after tool, unknown fields (422), system later than first and ids other than nine letters or digits are refused (Mistral).",
            new WireForm { Tools = ToolForms.WithIds(ToolForms.NineCharacters) }) with
        {
            Rows = "D16",
            Rules = new()
            {
                UserAfterTool = false,
                UnknownFields = UnknownFields.Refused422,
                SystemAnywhere = false,
                DeveloperRole = false,
                NineCharacterIds = true,
                DocumentUrls = true,
            },
        },
        Rule("sim/strict-alternation", "User and assistant must take turns after one optional system message.",
            new() { StrictAlternation = true, SystemAnywhere = false, DeveloperRole = false, UserAfterTool = false }, "D16"),
        Rule("sim/no-prefill", "The last message may not be the assistant's.", new() { Prefill = false }, "D21"),
        Scenario.Spelled("sim/deepseek-thinking", "Thinks, and demands reasoning_content back on assistant turns with calls.",
            new WireForm { Reasoning = ReasoningForm.NullBeside }, Speakers.ThinkThenTool)
            with { Rows = "C1", Rules = new() { ReasoningContentRequired = true } },
        Scenario.Spelled("sim/kimi-thinking", "The same, and an empty one is refused too.",
            new WireForm(), Speakers.ThinkThenTool)
            with { Rows = "C1", Rules = new() { ReasoningContentRequired = true, ReasoningContentNotEmpty = true } },
        Rule("sim/no-reasoning-content", "reasoning_content in the history is refused with 422.", new() { ReasoningContentRefused = true },
            "C1"),
        Rule("sim/no-json-schema", "response_format json_schema is refused (older DeepSeek).", new() { JsonSchemaFormat = false }, "D10"),
        Rule("sim/no-format-with-tools", "response_format beside tools is refused (Groq, Cerebras).", new() { FormatWithTools = false },
            "D10"),
        Rule("sim/max-output-4k", "max_tokens above 4096 is refused.", new() { MaxOutputTokens = 4096 }),
        Rule("sim/no-tokenize", "No /tokenize for this model: 404.", new() { Tokenize = false }, "F2"));

    public static ScenarioFamily Windows { get; } = new(
        "Full windows",
        "The demonstration model with a window of 8192 tokens. A longer prompt is refused in the vendor's words.",
        Window("8k", "OpenAI's words.", OverflowFaults.OpenAI),
        Window("8k-vllm", "vLLM's words and shape; max_tokens counts.", OverflowFaults.Vllm, countsOutput: true),
        Window("8k-llamacpp", "llama.cpp's words and numbers.", OverflowFaults.LlamaCpp),
        Window("8k-sglang", "SGLang's words.", OverflowFaults.SgLang),
        Window("8k-openrouter", "OpenRouter's words.", OverflowFaults.OpenRouter),
        Window("8k-mistral", "Mistral's words.", OverflowFaults.Mistral),
        Window("8k-gemini", "Gemini's words.", OverflowFaults.Gemini),
        Window("8k-moonshot", "Moonshot's words.", OverflowFaults.Moonshot),
        Window("8k-qwen", "Qwen's words, without a count.", OverflowFaults.Qwen),
        Window("8k-groq", "Groq's words, without any number.", OverflowFaults.Groq),
        Window("8k-xai", "xAI's words; error is a string.", OverflowFaults.XAI),
        Window("8k-lmstudio", "LM Studio's words; error is a string.", OverflowFaults.LmStudio),
        Window("8k-413", "Status 413.", OverflowFaults.Payload),
        new Scenario("sim/window-always", "Every prompt is too long, in OpenAI's words: 210000 tokens for a window of 200000.", e =>
        {
            var fault = OverflowFaults.OpenAI(new Overflow(210_000, 0, 200_000));
            return ErrorReply.Of(400, fault.Message, fault.Type, fault.Param, fault.Code);
        })
        { Rows = "G4", Rules = new() { MaxModelLength = 200_000 } });

    private static Scenario Rule(string name, string description, BackendRules rules, string rows = "") =>
        Scenario.Spelled(name, description, new WireForm()) with { Rules = rules, Rows = rows };

    private static Scenario Window(string name, string description, Func<Overflow, RequestFault> fault, bool countsOutput = false) =>
        Scenario.Spelled("sim/window-" + name, description, new WireForm())
            with { Rows = "G4", Rules = new() { MaxModelLength = 8192, OverflowFault = fault,
                MaxTokensCountAgainstWindow = countsOutput } };

    private static Dictionary<string, string> Refusing(string field, string? reason = null) =>
        new() { [field] = reason ?? $"Unrecognized request argument supplied: {field}" };
}
