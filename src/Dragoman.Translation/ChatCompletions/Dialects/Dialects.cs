namespace Dragoman.Translation.ChatCompletions;

/// <summary>The presets, by name: what is known of each kind of backend (openai-chat-completions.md section 6).</summary>
/// <remarks>A vendor that differs gets an entry here and a golden case; nothing else in the translation knows vendors by name.
/// What a preset gets wrong for one model of a vendor is learned from the first refusal (<see cref="RefusalLearning"/>).</remarks>
public static class Dialects
{
    // Servers people run themselves have no fixed number of tools; their limit is the window.
    private const int ManyTools = 1024;

    private const SchemaFilters GeminiSchemas =
        SchemaFilters.Schema | SchemaFilters.InlineDefinitions | SchemaFilters.Format | SchemaFilters.AdditionalProperties | SchemaFilters.Const
        | SchemaFilters.ExclusiveBounds | SchemaFilters.Conditionals | SchemaFilters.TupleItems | SchemaFilters.EmptyEnum | SchemaFilters.NullableTypes;

    /// <summary>All that some backend's grammar is known to stumble on.</summary>
    internal const SchemaFilters EverySchemaFilter = GeminiSchemas | SchemaFilters.Pattern;

    private static readonly string[] LowToHigh = ["low", "medium", "high"];

    /// <summary>A server that nothing is known of.</summary>
    public static Dialect Generic { get; } = new() { Name = "generic" };

    /// <summary>OpenAI itself. Which effort words and sampling fields a model takes is learned.</summary>
    public static Dialect OpenAI { get; } = new()
    {
        Name = "openai",
        MaxTokensField = MaxTokensField.MaxCompletionTokens,
        InlineSystem = InlineSystem.Keep,
        ReasoningControl = ReasoningControl.Effort,
        Efforts = ["low", "medium", "high", "xhigh", "max"],
        EffortOff = "none",
        StreamToolArguments = true,
        StrictTools = true,
        Images = Images.Url,
        Pdf = PdfDocuments.File,
        PromptCacheKey = true,
        UserField = "safety_identifier",
        ServiceTier = true,
        NullContentWithToolCalls = true,
    };

    private static readonly Dialect[] Presets =
    [
        Generic,
        OpenAI,

        // Deployments lag behind OpenAI and refuse fields that their api-version does not know.
        OpenAI with { Name = "azure-openai", PromptCacheKey = false, UserField = "user", ServiceTier = false },

        new()
        {
            Name = "vllm",
            MaxTools = ManyTools,
            ReasoningInput = ReasoningInput.Reasoning,
            ReasoningControl = ReasoningControl.TemplateKwargs,
            Efforts = LowToHigh,
            TopK = true,
            Images = Images.Url,
            Prefill = Prefill.ContinueFinalMessage,
            CountTokens = CountTokens.VllmTokenize,
        },
        new()
        {
            Name = "sglang",
            MaxTools = ManyTools,
            ReasoningInput = ReasoningInput.ReasoningContent,
            ReasoningControl = ReasoningControl.TemplateKwargs,
            TopK = true,
            Images = Images.Url,
            Prefill = Prefill.ContinueFinalMessage,
        },

        // llama-cpp.md: tool_choice must be a string, and "none" still shows the tools to the model, which then leaks calls as text.
        new()
        {
            Name = "llama.cpp",
            MaxTools = ManyTools,
            ReasoningInput = ReasoningInput.ReasoningContent,
            ReasoningControl = ReasoningControl.TemplateKwargs,
            ThinkingBudgetField = "thinking_budget_tokens",
            TopK = true,
            ToolChoices = ToolChoices.Auto | ToolChoices.Required,
            ResponseFormatExcludesTools = true,
            Prefill = Prefill.Echoed,
            CountTokens = CountTokens.LlamaCpp,
            AlwaysStream = true,
            PoolIdle = TimeSpan.FromSeconds(4),
        },
        new()
        {
            Name = "ollama",
            MaxTools = ManyTools,
            ReasoningInput = ReasoningInput.Reasoning,
            ReasoningControl = ReasoningControl.Effort,
            Efforts = LowToHigh,
            EffortOff = "none",
            ToolChoices = ToolChoices.Unsupported,
        },
        new()
        {
            Name = "lmstudio",
            MaxTools = ManyTools,
            ReasoningControl = ReasoningControl.Effort,
            Efforts = LowToHigh,
            TopK = true,
            ToolChoices = ToolChoices.Auto | ToolChoices.None | ToolChoices.Required,
        },
        new()
        {
            Name = "openrouter",
            InlineSystem = InlineSystem.Keep,
            ReasoningInput = ReasoningInput.ReasoningDetails,
            ReasoningControl = ReasoningControl.OpenRouter,
            Efforts = ["low", "medium", "high", "xhigh"],
            EffortOff = "none",
            TopK = true,
            Images = Images.Url,
            Pdf = PdfDocuments.File,
            CacheHints = CacheHints.CacheControlParts,
            UserField = "user",
        },

        // One space stands in for lost reasoning: some of its hosts refuse the empty string (failures.md C1).
        new()
        {
            Name = "deepseek",
            MaxStopSequences = 16,
            ReasoningInput = ReasoningInput.ReasoningContent,
            ReasoningRequired = ReasoningRequired.AllTurns,
            ReasoningPlaceholder = " ",
            ReasoningControl = ReasoningControl.ThinkingObject,
            Efforts = ["high", "max"],
            StreamToolArguments = true,
            ResponseFormat = ResponseFormat.JsonObject,
            Images = Images.None,
            Prefill = Prefill.Prefix,
        },

        // Kimi's ids (functions.bash:0) must come back as they were.
        new()
        {
            Name = "moonshot",
            ReasoningInput = ReasoningInput.ReasoningContent,
            ReasoningRequired = ReasoningRequired.ToolTurns,
            ReasoningPlaceholder = " ",
            ReasoningControl = ReasoningControl.ThinkingObject,
            MaxTemperature = 1,
            ToolChoices = ToolChoices.Auto | ToolChoices.None,
            ToolIds = ToolIdForm.Verbatim,
            SchemaFilters = SchemaFilters.Schema | SchemaFilters.TupleItems,
            ResponseFormat = ResponseFormat.JsonObject,
            Prefill = Prefill.Partial,
        },
        new()
        {
            Name = "zai",
            MaxStopSequences = 1,
            ReasoningInput = ReasoningInput.ReasoningContent,
            ReasoningRequired = ReasoningRequired.ToolTurns,
            ReasoningPlaceholder = " ",
            ReasoningControl = ReasoningControl.ThinkingObject,
            Efforts = ["low", "high", "max"],
            EffortInstead = new Dictionary<string, string> { ["medium"] = "high" },
            MaxTemperature = 1,
            ToolChoices = ToolChoices.Auto,
            ResponseFormat = ResponseFormat.JsonObject,
        },
        new()
        {
            Name = "minimax",
            ReasoningInput = ReasoningInput.ThinkTags,
            ReasoningControl = ReasoningControl.ThinkingObject,
            ThinkingOnWord = "adaptive",
            MaxTemperature = 1,
            TemperatureAboveZero = true,
            ToolChoices = ToolChoices.Auto | ToolChoices.None,
        },
        new()
        {
            Name = "qwen",
            ReasoningInput = ReasoningInput.ReasoningContent,
            ReasoningControl = ReasoningControl.EnableThinking,
            ThinkingBudgetField = "thinking_budget",
            TopK = true,
            ToolChoices = ToolChoices.Auto | ToolChoices.None | ToolChoices.Named,
            SchemaFilters = SchemaFilters.Schema | SchemaFilters.InlineDefinitions,
            Images = Images.Url,
            Prefill = Prefill.Partial,
            CacheHints = CacheHints.CacheControlParts,
        },
        new()
        {
            Name = "groq",
            MaxTokensField = MaxTokensField.MaxCompletionTokens,
            ReasoningInput = ReasoningInput.Reasoning,
            ReasoningControl = ReasoningControl.Effort,
            Efforts = LowToHigh,
            ResponseFormatExcludesTools = true,
            Images = Images.Url,
            UserField = "user",
        },

        // Usage comes in the finish chunk without being asked for; some versions refuse stream_options.
        new()
        {
            Name = "mistral",
            Alternation = Alternation.NoUserAfterTool,
            ReasoningInput = ReasoningInput.MistralParts,
            ReasoningControl = ReasoningControl.Effort,
            Efforts = ["high"],
            EffortOff = "none",
            MaxTemperature = 1.5,
            ToolChoices = ToolChoices.Auto | ToolChoices.None | ToolChoices.Required,
            RequiredWord = "any",
            ToolIds = ToolIdForm.Mistral9,
            StreamUsage = false,
            Images = Images.Url,
            Pdf = PdfDocuments.DocumentUrl,
            Prefill = Prefill.Prefix,
        },
        new()
        {
            Name = "xai",
            ReasoningControl = ReasoningControl.Effort,
            Efforts = ["low", "high"],
            SchemaFilters = SchemaFilters.Schema | SchemaFilters.AdditionalProperties,
            Images = Images.Url,
            UserField = "user",
            CompletionExcludesReasoning = true,
        },
        new()
        {
            Name = "together",
            ReasoningInput = ReasoningInput.Reasoning,
            TopK = true,
            Images = Images.Url,
        },
        new()
        {
            Name = "fireworks",
            ReasoningInput = ReasoningInput.ReasoningContent,
            ReasoningControl = ReasoningControl.Effort,
            Efforts = LowToHigh,
            EffortOff = "none",
            TopK = true,
            Images = Images.Url,
            UserField = "user",
        },
        new()
        {
            Name = "cerebras",
            MaxTokensField = MaxTokensField.MaxCompletionTokens,
            ReasoningControl = ReasoningControl.Effort,
            Efforts = LowToHigh,
            ResponseFormatExcludesTools = true,
            Images = Images.None,
            UserField = "user",
        },

        // Thought signatures of tool calls ride in our own thinking signatures (mapping.md section 6.2).
        new()
        {
            Name = "gemini",
            ThoughtSignatureRequired = true,
            ReasoningControl = ReasoningControl.Effort,
            Efforts = LowToHigh,
            EffortOff = "none",
            ToolIds = ToolIdForm.Verbatim,
            SchemaFilters = GeminiSchemas,
        },
    ];

    private static readonly Dictionary<string, Dialect> ByName = Index();

    /// <summary>The presets' names, in the order of the reference; without other spellings.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Presets.Select(preset => preset.Name)];

    /// <summary>The preset of that name, in any case and usual spelling (<c>llamacpp</c>, <c>kimi</c>, <c>alibaba</c> …), or null.</summary>
    public static Dialect? Find(string name) => ByName.GetValueOrDefault(name);

    private static Dictionary<string, Dialect> Index()
    {
        var byName = Presets.ToDictionary(preset => preset.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var (spelling, name) in new[]
        {
            ("azure", "azure-openai"), ("llamacpp", "llama.cpp"), ("llama-cpp", "llama.cpp"), ("lm-studio", "lmstudio"), ("kimi", "moonshot"),
            ("z.ai", "zai"), ("glm", "zai"), ("alibaba", "qwen"), ("dashscope", "qwen"), ("grok", "xai"), ("gemini-compat", "gemini"), ("google", "gemini"),
        })
            byName.Add(spelling, byName[name]);
        return byName;
    }
}
