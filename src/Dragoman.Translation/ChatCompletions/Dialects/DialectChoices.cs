// The words a Dialect is made of, in the order of its properties.

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Which field limits the answer's length.</summary>
public enum MaxTokensField
{
    /// <summary><c>max_tokens</c></summary>
    MaxTokens,

    /// <summary><c>max_completion_tokens</c></summary>
    MaxCompletionTokens,

    /// <summary>Both, for servers of which some versions know one and some the other.</summary>
    Both,
}

/// <summary>Where the system prompt goes.</summary>
public enum SystemRole
{
    /// <summary>A message of role <c>system</c>.</summary>
    System,

    /// <summary>A message of role <c>developer</c>.</summary>
    Developer,

    /// <summary>Before the first user message's text: the template knows no system role.</summary>
    FoldIntoUser,
}

/// <summary>What becomes of system messages inside the conversation (mapping.md section 3.2).</summary>
public enum InlineSystem
{
    /// <summary>Folded into a neighbour as a <c>&lt;system-reminder&gt;</c>.</summary>
    Fold,

    /// <summary>Kept in place.</summary>
    Keep,
}

/// <summary>Which orders of roles a backend's template takes.</summary>
public enum Alternation
{
    /// <summary>Any.</summary>
    Free,

    /// <summary>User and assistant must take turns: neighbours of one role are merged.</summary>
    Strict,

    /// <summary>No user message right after tool messages (Mistral): its text goes onto the last tool message.</summary>
    NoUserAfterTool,
}

/// <summary>How reasoning goes back to the backend (openai-chat-completions.md section 6.2).</summary>
public enum ReasoningInput
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary><c>reasoning_content</c></summary>
    ReasoningContent,

    /// <summary><c>reasoning</c></summary>
    Reasoning,

    /// <summary><c>reasoning_details</c>, unchanged and in order (OpenRouter).</summary>
    ReasoningDetails,

    /// <summary>Content parts of type <c>thinking</c> (Mistral).</summary>
    MistralParts,

    /// <summary><c>&lt;think&gt;</c> tags before the text (MiniMax).</summary>
    ThinkTags,
}

/// <summary>Which assistant turns must carry reasoning.</summary>
public enum ReasoningRequired
{
    /// <summary>None.</summary>
    Never,

    /// <summary>Those with tool calls.</summary>
    ToolTurns,

    /// <summary>All.</summary>
    AllTurns,
}

/// <summary>How reasoning is switched and dosed (openai-chat-completions.md section 6.3).</summary>
public enum ReasoningControl
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary><c>reasoning_effort</c></summary>
    Effort,

    /// <summary><c>thinking: {type}</c>, with <c>reasoning_effort</c> where <see cref="Dialect.Efforts"/> has words.</summary>
    ThinkingObject,

    /// <summary><c>enable_thinking</c> at the top (DashScope).</summary>
    EnableThinking,

    /// <summary><c>chat_template_kwargs</c> (vLLM, SGLang, llama.cpp), with <c>reasoning_effort</c> where <see cref="Dialect.Efforts"/> has words.</summary>
    TemplateKwargs,

    /// <summary><c>reasoning: {effort | max_tokens | enabled}</c> (OpenRouter).</summary>
    OpenRouter,
}

/// <summary>Tool choices a backend knows.</summary>
[Flags]
public enum ToolChoices
{
    /// <summary>It ignores or refuses the field.</summary>
    Unsupported = 0,

    /// <summary><c>auto</c></summary>
    Auto = 1,

    /// <summary><c>none</c></summary>
    None = 2,

    /// <summary><c>required</c></summary>
    Required = 4,

    /// <summary>A named function.</summary>
    Named = 8,

    /// <summary>All of them.</summary>
    All = Auto | None | Required | Named,
}

/// <summary>Tool call ids a backend takes (mapping.md section 5.3).</summary>
public enum ToolIdForm
{
    /// <summary>Up to 40 characters of <c>[a-zA-Z0-9_-]</c>; others are hashed.</summary>
    Pass40,

    /// <summary>Nine letters and digits, hashed (Mistral).</summary>
    Mistral9,

    /// <summary>Unchanged.</summary>
    Verbatim,
}

/// <summary>What is taken out of or rewritten in tool schemas (mapping.md section 5.1).</summary>
[Flags]
public enum SchemaFilters
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>$schema</c>, <c>$id</c>, <c>$comment</c> go.</summary>
    Schema = 1,

    /// <summary><c>$ref</c>s into <c>$defs</c> are written out.</summary>
    InlineDefinitions = 2,

    /// <summary><c>format</c> other than <c>enum</c> and <c>date-time</c> goes.</summary>
    Format = 4,

    /// <summary><c>additionalProperties</c> goes, be it false or a schema: whoever refuses one does not know the word.</summary>
    AdditionalProperties = 8,

    /// <summary><c>const</c> becomes a one-word <c>enum</c>.</summary>
    Const = 16,

    /// <summary><c>exclusiveMinimum</c>/<c>exclusiveMaximum</c> become <c>minimum</c>/<c>maximum</c>.</summary>
    ExclusiveBounds = 32,

    /// <summary><c>propertyNames</c>, <c>patternProperties</c>, <c>if/then/else</c>, <c>not</c> go.</summary>
    Conditionals = 64,

    /// <summary>Tuple <c>items</c> become <c>prefixItems</c>.</summary>
    TupleItems = 128,

    /// <summary>Empty <c>enum</c>s go.</summary>
    EmptyEnum = 256,

    /// <summary>Type arrays with null become <c>anyOf</c>.</summary>
    NullableTypes = 512,

    /// <summary><c>pattern</c> goes: some grammars cannot compile it. (failures.md B21)</summary>
    Pattern = 1024,
}

/// <summary>How structured output is asked for.</summary>
public enum ResponseFormat
{
    /// <summary><c>json_schema</c></summary>
    JsonSchema,

    /// <summary><c>json_object</c>, with the schema in the system prompt.</summary>
    JsonObject,

    /// <summary>Only in the system prompt.</summary>
    None,
}

/// <summary>Images a backend takes.</summary>
public enum Images
{
    /// <summary>None: a placeholder stands in.</summary>
    None,

    /// <summary>Data URLs only.</summary>
    DataUrl,

    /// <summary>Data URLs and addresses.</summary>
    Url,
}

/// <summary>How PDF documents are handed over.</summary>
public enum PdfDocuments
{
    /// <summary>As extracted text.</summary>
    None,

    /// <summary>As a <c>file</c> part with a data URL.</summary>
    File,

    /// <summary>As a <c>document_url</c> part (Mistral).</summary>
    DocumentUrl,
}

/// <summary>How a trailing assistant message is continued.</summary>
public enum Prefill
{
    /// <summary>Not at all: the request is refused.</summary>
    None,

    /// <summary><c>continue_final_message: true, add_generation_prompt: false</c> (vLLM, SGLang).</summary>
    ContinueFinalMessage,

    /// <summary><c>prefix: true</c> on the message (DeepSeek, Mistral).</summary>
    Prefix,

    /// <summary><c>partial: true</c> on the message (Moonshot, DashScope).</summary>
    Partial,

    /// <summary>Sent as it is; the backend repeats the text at the start of its answer, which is taken off (llama.cpp).</summary>
    Echoed,
}

/// <summary>How cache markers are passed on.</summary>
public enum CacheHints
{
    /// <summary>Dropped. (failures.md D4)</summary>
    None,

    /// <summary><c>prompt_cache_breakpoint</c> on parts (OpenAI).</summary>
    OpenAIBreakpoint,

    /// <summary><c>cache_control</c> on parts (OpenRouter, DashScope).</summary>
    CacheControlParts,
}

/// <summary>Whether <c>&lt;think&gt;</c> tags in the text are reasoning.</summary>
public enum ThinkTags
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>At the very start of the text, while no reasoning field was seen.</summary>
    Auto,

    /// <summary>As <see cref="Auto"/>; and text before a lone closing tag is thinking too, since the template has opened it.</summary>
    On,
}

/// <summary>Which leaked tool calls are looked for in the text, among tools that were offered. (failures.md B20)</summary>
public enum ToolLeak
{
    /// <summary>None.</summary>
    Off,

    /// <summary>All of the formats below.</summary>
    Auto,

    /// <summary><c>&lt;tool_call&gt;{"name","arguments"}&lt;/tool_call&gt;</c></summary>
    Hermes,

    /// <summary>Kimi K2's section tokens.</summary>
    Kimi,

    /// <summary>DeepSeek's section tokens.</summary>
    DeepSeek,

    /// <summary><c>[TOOL_CALLS]</c></summary>
    Mistral,

    /// <summary><c>&lt;|python_tag|&gt;</c> and <c>[name(arg=value)]</c></summary>
    LlamaPythonic,

    /// <summary><c>&lt;function=name&gt;&lt;parameter=…&gt;</c></summary>
    QwenXml,
}

/// <summary>How prompts are counted.</summary>
public enum CountTokens
{
    /// <summary>By our own estimate.</summary>
    Estimate,

    /// <summary>vLLM's <c>/tokenize</c>.</summary>
    VllmTokenize,

    /// <summary>llama.cpp's <c>/apply-template</c> and <c>/tokenize</c>.</summary>
    LlamaCpp,
}
