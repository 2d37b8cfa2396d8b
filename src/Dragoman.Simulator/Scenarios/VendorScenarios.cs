using Dragoman.Simulator.Model;
using Dragoman.Simulator.Replies;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Scenarios;

/// <summary>Whole servers: form and rules together.</summary>
internal static class VendorScenarios
{
    public static ScenarioFamily Family { get; } = new(
        "Servers",
        "The demonstration model as these servers would serve it: spelling, framing, usage and refusals together. Where nothing else is said it thinks (if the server's models do) and calls two tools.",
        Of("openai", "OpenAI with a reasoning model: max_completion_tokens only, no temperature, reasoning hidden.", new() { Reasoning = ReasoningForm.Hidden, ChunkTail = ",\"service_tier\":\"default\",\"system_fingerprint\":null,\"obfuscation\":\"a7\"", DeltaTail = ",\"refusal\":null" },
            new() { FreeTemperature = false, RefusedFields = Refusing("max_tokens", "stop"), UnknownFields = UnknownFields.Ignored, OverflowFault = OverflowFaults.OpenAI }),
        Of("azure", "Azure OpenAI: filter results, first chunk without choices.", FramingScenarios.AzureForm, new() { OverflowFault = OverflowFaults.OpenAI, RefusedFields = Refusing("chat_template_kwargs", "reasoning_content") }),
        Of("vllm", "vLLM: reasoning, usage without details, stop_reason, long ids.", new()
        {
            Reasoning = ReasoningForm.Reasoning, UsageJson = UsageForms.Plain, FinishTail = ",\"stop_reason\":null", ChoiceTail = ",\"logprobs\":null",
            Tools = ToolForms.WithIds((e, _, i) => "chatcmpl-tool-" + e.NewCallId(i)[8..].PadLeft(32, 'a')),
        }, new() { MaxToolCallIdLength = int.MaxValue, OverflowFault = OverflowFaults.Vllm, MaxTokensCountAgainstWindow = true, FaultBody = f => ErrorReply.Body(f.Message, "BadRequestError", f.Param, "400") }),
        Of("sglang", "SGLang: reasoning_content, nulls in every delta, matched_stop, reasoning_tokens at the top of usage.", new()
        {
            Reasoning = ReasoningForm.NullBeside, UsageJson = UsageForms.SgLang, FinishTail = ",\"matched_stop\":151645", OpeningDelta = """{"role":"assistant","content":"","reasoning_content":null,"tool_calls":null}""", Tools = ToolForms.NullsOnTails,
        }, new() { OverflowFault = OverflowFaults.SgLang }),
        Of("llamacpp", "llama.cpp: comments before the first event, arguments begin in the head, content \"\" beside calls, timings, tool_choice a string, 500 for bad requests.", new()
        {
            Framing = new() { Preamble = ":\n\n" }, OpeningDelta = """{"role":"assistant","content":null}""", Tools = ToolForms.ArgumentsInHead, EmptyContentBesideCalls = true,
            ChunkTail = ",\"timings\":{\"cache_n\":0,\"prompt_n\":12,\"predicted_n\":8}",
        }, new() { NamedToolChoice = false, MaxToolCallIdLength = int.MaxValue, FormatWithTools = false, OverflowFault = OverflowFaults.LlamaCpp }) with { ServerHeader = "llama.cpp" },
        Of("ollama", "Ollama: reasoning, whole calls in a chunk, finish reason stop, data: images only.", new() { Reasoning = ReasoningForm.Reasoning, Tools = ToolForms.ChunkPerCall, UsageJson = UsageForms.Plain, FinishReason = _ => "stop", ChunkTail = ",\"system_fingerprint\":\"fp_ollama\"" },
            new() { ImageUrls = false, Files = false, MaxToolCallIdLength = int.MaxValue }),
        Of("lmstudio", "LM Studio: no reasoning parser, no usage, finish reason stop after calls.", new() { Reasoning = ReasoningForm.Tags, UsagePlacement = UsagePlacement.Absent, FinishReason = _ => "stop" }, new() { OverflowFault = OverflowFaults.LmStudio, RequiredToolChoice = true }),
        Of("groq", "Groq: reasoning, whole calls in a chunk, usage at the finish and in x_groq.", new() { Reasoning = ReasoningForm.Reasoning, Tools = ToolForms.ChunkPerCall, UsagePlacement = UsagePlacement.InXGroq, UsageJson = UsageForms.Plain },
            new() { FormatWithTools = false, UnknownFields = UnknownFields.Ignored, RefusedFields = Refusing("reasoning_content", "chat_template_kwargs", "top_k"), OverflowFault = OverflowFaults.Groq }),
        Of("mistral", "Mistral: content parts, whole calls without index, 422 for unknown fields, nine-character ids, no user after tool.", new()
        {
            Reasoning = ReasoningForm.MistralParts, Tools = ToolForms.MistralChunk, FinishOnLastDelta = true, UsagePlacement = UsagePlacement.OnFinish, UsageJson = UsageForms.Plain,
        }, new() { UnknownFields = UnknownFields.Refused422, NineCharacterIds = true, UserAfterTool = false, DeveloperRole = false, OverflowFault = OverflowFaults.Mistral }),
        Of("deepseek", "DeepSeek: nulls beside, usage on the finish with cache hits, reasoning_content demanded back.", new() { Reasoning = ReasoningForm.NullBeside, UsagePlacement = UsagePlacement.OnFinish, UsageJson = UsageForms.DeepSeek, ChoiceTail = ",\"logprobs\":null" },
            new() { ReasoningContentRequired = true, JsonSchemaFormat = false, Images = false, Files = false, MaxStops = 16, OverflowFault = OverflowFaults.OpenAI }),
        Of("moonshot", "Moonshot: usage on the finish with cached_tokens, no required tool choice, temperature up to 1, reasoning_content demanded back.", new()
        {
            UsagePlacement = UsagePlacement.OnFinish, UsageJson = UsageForms.Moonshot, Tools = ToolForms.WithIds((_, c, i) => $"functions.{c.Name}:{i.ToString(System.Globalization.CultureInfo.InvariantCulture)}"),
        }, new() { RequiredToolChoice = false, MaxTemperature = 1, ReasoningContentRequired = true, ReasoningContentNotEmpty = true, Files = false, MaxToolCallIdLength = int.MaxValue, OverflowFault = OverflowFaults.Moonshot }),
        Of("zai", "Z.ai: reasoning_content, usage on the finish, one stop string.", new() { UsagePlacement = UsagePlacement.OnFinish, Tools = ToolForms.ChunkPerCall }, new() { MaxStops = 1, JsonSchemaFormat = false, MaxTemperature = 1 }),
        Of("qwen", "Qwen DashScope: id \"\" on continuations, cache_creation_input_tokens.", new() { Tools = ToolForms.EmptyIdOnTails, UsageJson = UsageForms.DashScope, OpeningDelta = """{"role":"assistant","content":null,"reasoning_content":""}""" },
            new() { RequiredToolChoice = false, OverflowFault = OverflowFaults.Qwen }),
        Of("gemini", "Gemini compat: no index, thought signature demanded back, schema keywords refused, finish reason stop, no [DONE], errors in an array.", new()
        {
            Reasoning = ReasoningForm.Hidden, Tools = ToolForms.GeminiSigned, FinishReason = _ => "stop", Framing = new() { Done = false }, UsagePlacement = UsagePlacement.OnEveryChunk, UsageJson = UsageForms.Plain,
        }, new()
        {
            ThoughtSignatureRequired = true, RefusedSchemaKeywords = ["$schema", "$ref", "$defs", "exclusiveMinimum", "exclusiveMaximum", "const", "propertyNames", "additionalProperties"], UnknownFields = UnknownFields.Ignored,
            MaxToolCallIdLength = int.MaxValue, OverflowFault = OverflowFaults.Gemini,
            FaultBody = f => $$$"""[{"error":{"code":400,"message":{{{JsonReading.Quote(f.Message)}}},"status":"INVALID_ARGUMENT"}}]""",
        }),
        Of("openrouter", "OpenRouter: comments, reasoning_details, native_finish_reason, provider.", new()
        {
            Reasoning = ReasoningForm.Details, Framing = new() { Preamble = ": OPENROUTER PROCESSING\n\n" }, FinishTail = ",\"native_finish_reason\":\"STOP\"", ChunkTail = ",\"provider\":\"Sim\"", UsageJson = UsageForms.CacheWrite,
        }, new() { OverflowFault = OverflowFaults.OpenRouter, MaxToolCallIdLength = int.MaxValue }),
        Of("xai", "xAI: no finish_reason key until the end, usage on every chunk, reasoning tokens apart, no stop.", new() { FinishKeyOnlyAtEnd = true, UsagePlacement = UsagePlacement.OnEveryChunk, UsageJson = UsageForms.XAI, Tools = ToolForms.ChunkPerCall },
            new() { RefusedFields = Refusing("stop", "presence_penalty", "frequency_penalty"), RefusedSchemaKeywords = ["additionalProperties"], OverflowFault = OverflowFaults.XAI }),
        Of("minimax", "MiniMax: <think> tags in the text, usage on the finish.", new() { Reasoning = ReasoningForm.Tags, UsagePlacement = UsagePlacement.OnFinish, UsageJson = UsageForms.Plain }, new() { MaxTemperature = 1, Images = false }),
        Of("cerebras", "Cerebras: reasoning, usage on the finish, no [DONE], unknown fields refused.", new() { Reasoning = ReasoningForm.Reasoning, UsagePlacement = UsagePlacement.OnFinish, Tools = ToolForms.ChunkPerCall, Framing = new() { Done = false } },
            new() { FormatWithTools = false, RefusedFields = Refusing("reasoning_content", "top_k", "chat_template_kwargs") }));

    private static Scenario Of(string name, string description, WireForm form, BackendRules rules) =>
        Scenario.Spelled("sim/vendor-" + name, description, form, Speak) with { Rules = rules };

    private static Answer Speak(Exchange exchange) => exchange.Request.Tools.Count > 0
        ? new Answer([new Part.Think(Speakers.Thought), .. Speakers.TwoTools(exchange).Parts])
        : Speakers.ThinkThenText(exchange);

    private static Dictionary<string, string> Refusing(params string[] fields) => fields.ToDictionary(f => f, f => $"Unsupported parameter: '{f}' is not supported with this model.");
}
