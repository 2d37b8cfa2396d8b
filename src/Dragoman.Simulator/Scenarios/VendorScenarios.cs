using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Whole servers: form and rules together.</summary>
internal static class VendorScenarios
{
    private static readonly string[] GeminiUnknownKeywords =
        ["$schema", "$ref", "$defs", "exclusiveMinimum", "exclusiveMaximum", "const", "propertyNames", "additionalProperties"];

    public static ScenarioFamily Family { get; } = new(
        "Servers",
        "The demonstration model as these servers would serve it: spelling, framing, usage and refusals together. "
        + "Where nothing else is said it thinks (if the server's models do) and calls two tools. "
        + "`--server` plays the whole server with its header, model list and pages.",
        Of("openai", "OpenAI with a reasoning model: max_completion_tokens only, no temperature, reasoning hidden.",
            new WireForm
            {
                Reasoning = ReasoningForm.Hidden,
                ChunkTail = ",\"service_tier\":\"default\",\"system_fingerprint\":null,\"obfuscation\":\"a7\"",
                DeltaTail = ",\"refusal\":null",
            },
            new BackendRules { FreeTemperature = false, RefusedFields = Refusing("max_tokens", "stop"),
                OverflowFault = OverflowFaults.OpenAI }),
        Of("azure", "Azure OpenAI: filter results, first chunk without choices.",
            FramingScenarios.AzureForm,
            new BackendRules { RefusedFields = Refusing("chat_template_kwargs", "reasoning_content"),
                OverflowFault = OverflowFaults.OpenAI }),
        Of("vllm", "vLLM: reasoning, usage without details, stop_reason, long ids.",
            new WireForm
            {
                Reasoning = ReasoningForm.Reasoning,
                UsageJson = UsageForms.Plain,
                ChoiceTail = ",\"logprobs\":null",
                FinishTail = ",\"stop_reason\":null",
                Tools = ToolForms.WithIds(ToolForms.VllmId),
            },
            new BackendRules
            {
                MaxToolCallIdLength = int.MaxValue,
                MaxTokensCountAgainstWindow = true,
                OverflowFault = OverflowFaults.Vllm,
                FaultBody = f => ErrorReply.Body(f.Message, "BadRequestError", f.Param, "400"),
            }),
        Of("sglang", "SGLang: reasoning_content, nulls in deltas, matched_stop, reasoning_tokens at the top of usage.",
            new WireForm
            {
                OpeningDelta = """{"role":"assistant","content":"","reasoning_content":null,"tool_calls":null}""",
                Reasoning = ReasoningForm.NullBeside,
                Tools = ToolForms.NullsOnTails,
                UsageJson = UsageForms.SgLang,
                FinishTail = ",\"matched_stop\":151645",
            },
            new BackendRules { OverflowFault = OverflowFaults.SgLang }),
        Of("llamacpp", "llama.cpp: a comment first, arguments begin in the head, content \"\" beside calls, timings, tool_choice a string.",
            new WireForm
            {
                Framing = new SseFraming { Preamble = ":\n\n" },
                OpeningDelta = """{"role":"assistant","content":null}""",
                Tools = ToolForms.ArgumentsInHead,
                EmptyContentBesideCalls = true,
                ChunkTail = ",\"timings\":{\"cache_n\":0,\"prompt_n\":12,\"predicted_n\":8}",
            },
            new BackendRules
            {
                NamedToolChoice = false,
                MaxToolCallIdLength = int.MaxValue,
                FormatWithTools = false,
                OverflowFault = OverflowFaults.LlamaCpp,
            }),
        Of("ollama", "Ollama: reasoning, whole calls in a chunk, finish reason stop, data: images only.",
            new WireForm
            {
                Reasoning = ReasoningForm.Reasoning,
                Tools = ToolForms.ChunkPerCall,
                UsageJson = UsageForms.Plain,
                FinishReason = _ => "stop",
                ChunkTail = ",\"system_fingerprint\":\"fp_ollama\"",
            },
            new BackendRules { ImageUrls = false, Files = false, MaxToolCallIdLength = int.MaxValue }),
        Of("lmstudio", "LM Studio: no reasoning parser, no usage, finish reason stop after calls.",
            new WireForm { Reasoning = ReasoningForm.Tags, UsagePlacement = UsagePlacement.Absent, FinishReason = _ => "stop" },
            new BackendRules { OverflowFault = OverflowFaults.LmStudio }),
        Of("groq", "Groq: reasoning, whole calls in a chunk, usage in x_groq, no response_format beside tools.",
            new WireForm
            {
                Reasoning = ReasoningForm.Reasoning,
                Tools = ToolForms.ChunkPerCall,
                UsagePlacement = UsagePlacement.InXGroq,
                UsageJson = UsageForms.Plain,
            },
            new BackendRules
            {
                FormatWithTools = false,
                RefusedFields = Refusing("chat_template_kwargs", "top_k"),
                OverflowFault = OverflowFaults.Groq,
            }),
        Of("mistral", "Mistral: content parts, whole calls without index, 422 for unknown fields, nine-character ids, no user after tool.",
            new WireForm
            {
                Reasoning = ReasoningForm.MistralParts,
                Tools = ToolForms.MistralChunk,
                FinishOnLastDelta = true,
                UsagePlacement = UsagePlacement.OnFinish,
                UsageJson = UsageForms.Plain,
            },
            new BackendRules
            {
                UnknownFields = UnknownFields.Refused422,
                NineCharacterIds = true,
                DocumentUrls = true,
                UserAfterTool = false,
                DeveloperRole = false,
                OverflowFault = OverflowFaults.Mistral,
            }),
        Of("deepseek", "DeepSeek: nulls beside, usage on the finish with cache hits, reasoning_content demanded back.",
            new WireForm
            {
                Reasoning = ReasoningForm.NullBeside,
                UsagePlacement = UsagePlacement.OnFinish,
                UsageJson = UsageForms.DeepSeek,
                ChoiceTail = ",\"logprobs\":null",
            },
            new BackendRules
            {
                ReasoningContentRequired = true,
                JsonSchemaFormat = false,
                Images = false,
                Files = false,
                MaxStops = 16,
                OverflowFault = OverflowFaults.OpenAI,
            }),
        Of("moonshot",
            "Moonshot: usage on the finish with cached_tokens, no required tool choice, temperature up to 1, reasoning demanded back.",
            new WireForm
            {
                Tools = ToolForms.WithIds(ToolForms.KimiId),
                UsagePlacement = UsagePlacement.OnFinish,
                UsageJson = UsageForms.Moonshot,
            },
            new BackendRules
            {
                RequiredToolChoice = false,
                MaxTemperature = 1,
                ReasoningContentRequired = true,
                ReasoningContentNotEmpty = true,
                Files = false,
                MaxToolCallIdLength = int.MaxValue,
                OverflowFault = OverflowFaults.Moonshot,
            }),
        Of("zai", "Z.ai: reasoning_content, whole calls in a chunk, usage on the finish, one stop string.",
            new WireForm { Tools = ToolForms.ChunkPerCall, UsagePlacement = UsagePlacement.OnFinish },
            new BackendRules { MaxStops = 1, JsonSchemaFormat = false, MaxTemperature = 1 }),
        Of("qwen", "Qwen DashScope: id \"\" on continuations, cache_creation_input_tokens.",
            new WireForm
            {
                OpeningDelta = """{"role":"assistant","content":null,"reasoning_content":""}""",
                Tools = ToolForms.EmptyIdOnTails,
                UsageJson = UsageForms.DashScope,
            },
            new BackendRules { RequiredToolChoice = false, OverflowFault = OverflowFaults.Qwen }),
        Of("gemini", "Gemini compat: no index, thought signature demanded back, schema keywords refused, finish reason stop, no [DONE].",
            new WireForm
            {
                Framing = new SseFraming { Done = false },
                Reasoning = ReasoningForm.Hidden,
                Tools = ToolForms.GeminiSigned,
                FinishReason = _ => "stop",
                UsagePlacement = UsagePlacement.OnEveryChunk,
                UsageJson = UsageForms.Plain,
            },
            new BackendRules
            {
                ThoughtSignatureRequired = true,
                RefusedSchemaKeywords = GeminiUnknownKeywords,
                MaxToolCallIdLength = int.MaxValue,
                OverflowFault = OverflowFaults.Gemini,
                FaultBody = f => $$$"""[{"error":{"code":400,"message":{{{JsonReading.Quote(f.Message)}}},"status":"INVALID_ARGUMENT"}}]""",
            }),
        Of("openrouter", "OpenRouter: comments, reasoning_details, native_finish_reason, provider.",
            new WireForm
            {
                Framing = new SseFraming { Preamble = ": OPENROUTER PROCESSING\n\n" },
                Reasoning = ReasoningForm.Details,
                UsageJson = UsageForms.CacheWrite,
                FinishTail = ",\"native_finish_reason\":\"STOP\"",
                ChunkTail = ",\"provider\":\"Sim\"",
            },
            new BackendRules { MaxToolCallIdLength = int.MaxValue, OverflowFault = OverflowFaults.OpenRouter }),
        Of("xai", "xAI: no finish_reason key until the end, usage on every chunk, reasoning tokens apart, no stop.",
            new WireForm
            {
                FinishKeyOnlyAtEnd = true,
                Tools = ToolForms.ChunkPerCall,
                UsagePlacement = UsagePlacement.OnEveryChunk,
                UsageJson = UsageForms.XAI,
            },
            new BackendRules
            {
                RefusedFields = Refusing("stop", "presence_penalty", "frequency_penalty"),
                RefusedSchemaKeywords = ["additionalProperties"],
                OverflowFault = OverflowFaults.XAI,
            }),
        Of("minimax", "MiniMax: <think> tags in the text, usage on the finish.",
            new WireForm { Reasoning = ReasoningForm.Tags, UsagePlacement = UsagePlacement.OnFinish, UsageJson = UsageForms.Plain },
            new BackendRules { MaxTemperature = 1, Images = false }),
        Of("cerebras", "Cerebras: reasoning, usage on the finish, no [DONE], no response_format beside tools.",
            new WireForm
            {
                Framing = new SseFraming { Done = false },
                Reasoning = ReasoningForm.Reasoning,
                Tools = ToolForms.ChunkPerCall,
                UsagePlacement = UsagePlacement.OnFinish,
            },
            new BackendRules { FormatWithTools = false, RefusedFields = Refusing("top_k", "chat_template_kwargs") }));

    private static Scenario Of(string name, string description, WireForm form, BackendRules rules) =>
        Scenario.Spelled("sim/" + name, description, form, Speak) with { Rules = rules };

    private static Answer Speak(Exchange exchange) => exchange.Request.Tools.Count > 0
        ? new Answer([new Part.Think(Speakers.Thought), .. Speakers.TwoTools(exchange).Parts])
        : Speakers.ThinkThenText(exchange);

    private static Dictionary<string, string> Refusing(params string[] fields) =>
        fields.ToDictionary(f => f, f => $"Unsupported parameter: '{f}' is not supported with this model.");
}
