namespace Dragoman.Simulator.Requests;

/// <summary>What a backend refuses (openai-chat-completions.md 6.2, 6.6). The default is what OpenAI and vLLM have in common; fields that they do not
/// know are ignored, as vLLM does.</summary>
internal sealed record BackendRules
{
    public static BackendRules Default { get; } = new();

    /// <summary>What <c>/v1/models</c> tells, and the limit where <see cref="OverflowFault"/> is set. In tokens.</summary>
    public int MaxModelLength { get; init; } = 131_072;

    /// <summary>Makes the refusal of a prompt that is too long from the numbers; null never refuses.</summary>
    public Func<Overflow, RequestFault>? OverflowFault { get; init; }

    /// <summary>What happens to fields that are not in the base of the API: null ignores them, else the status of the refusal.</summary>
    public UnknownFields UnknownFields { get; init; }

    /// <summary>Refused top-level fields, with their reason.</summary>
    public IReadOnlyDictionary<string, string> RefusedFields { get; init; } = new Dictionary<string, string>();

    /// <summary>Refused keywords anywhere in tool schemas.</summary>
    public IReadOnlyList<string> RefusedSchemaKeywords { get; init; } = [];

    public int MaxToolCallIdLength { get; init; } = 40;

    /// <summary>Call ids must be nine letters or digits (Mistral).</summary>
    public bool NineCharacterIds { get; init; }

    public int MaxTools { get; init; } = 128;

    public int MaxStops { get; init; } = 4;

    public double MaxTemperature { get; init; } = 2;

    public bool Tools { get; init; } = true;

    public bool Images { get; init; } = true;

    /// <summary>False: only <c>data:</c> URLs (Ollama).</summary>
    public bool ImageUrls { get; init; } = true;

    /// <summary>False: no <c>file</c> parts.</summary>
    public bool Files { get; init; } = true;

    /// <summary>True: <c>document_url</c> parts (Mistral).</summary>
    public bool DocumentUrls { get; init; }

    /// <summary>False: content must be a string everywhere.</summary>
    public bool ContentParts { get; init; } = true;

    public bool RequiredToolChoice { get; init; } = true;

    /// <summary>False: <c>tool_choice</c> must be a string.</summary>
    public bool NamedToolChoice { get; init; } = true;

    public bool DeveloperRole { get; init; } = true;

    public bool SystemRole { get; init; } = true;

    /// <summary>False: one system message, and only as the first.</summary>
    public bool SystemAnywhere { get; init; } = true;

    /// <summary>False: a tool result is followed by an assistant message or by nothing (Mistral).</summary>
    public bool UserAfterTool { get; init; } = true;

    /// <summary>User and assistant take turns; tool messages belong to the assistant's.</summary>
    public bool StrictAlternation { get; init; }

    /// <summary>False: the last message may not be the assistant's.</summary>
    public bool Prefill { get; init; } = true;

    /// <summary>Assistant turns with calls must carry <c>reasoning_content</c> (DeepSeek in thinking mode, Kimi).</summary>
    public bool ReasoningContentRequired { get; init; }

    /// <summary>An empty <c>reasoning_content</c> is refused as well.</summary>
    public bool ReasoningContentNotEmpty { get; init; }

    /// <summary><c>reasoning_content</c> in the history is a 422 (Mistral).</summary>
    public bool ReasoningContentRefused { get; init; }

    /// <summary>The first call of each assistant turn must carry Gemini's thought signature.</summary>
    public bool ThoughtSignatureRequired { get; init; }

    public bool JsonSchemaFormat { get; init; } = true;

    public bool FormatWithTools { get; init; } = true;

    /// <summary>Accepted values of <c>reasoning_effort</c>; null accepts all.</summary>
    public IReadOnlyList<string>? ReasoningEfforts { get; init; }

    /// <summary>False: sending <c>temperature</c> other than 1 is refused (OpenAI's reasoning models).</summary>
    public bool FreeTemperature { get; init; } = true;

    /// <summary>Prompt and <c>max_tokens</c> together must fit the window (vLLM).</summary>
    public bool MaxTokensCountAgainstWindow { get; init; }

    /// <summary>The largest <c>max_tokens</c>; null for no limit of its own.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>False: <c>/tokenize</c> answers 404 for this model.</summary>
    public bool Tokenize { get; init; } = true;

    /// <summary>Writes every refusal; null is OpenAI's shape.</summary>
    public Func<RequestFault, string>? FaultBody { get; init; }
}

/// <summary>The numbers of a prompt that does not fit.</summary>
/// <param name="Prompt">Tokens of the prompt.</param>
/// <param name="Output">Tokens the answer may have.</param>
/// <param name="Window">Tokens that fit.</param>
internal readonly record struct Overflow(int Prompt, int Output, int Window);

internal enum UnknownFields
{
    Ignored,

    /// <summary>400 <c>Unrecognized request argument supplied</c>.</summary>
    Refused400,

    /// <summary>422 <c>extra_forbidden</c> (Mistral).</summary>
    Refused422,
}
