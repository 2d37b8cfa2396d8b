using System.Globalization;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Scenarios;

/// <summary>How vendors say that a prompt is too long (failures.md G4).</summary>
internal static class OverflowFaults
{
    public static RequestFault OpenAI(Overflow o) => new(
        Invariant(
            $"This model's maximum context length is {o.Window} tokens. However, your messages resulted in {o.Prompt} tokens. Please reduce the length of the messages."),
            "messages", "context_length_exceeded");

    public static RequestFault Vllm(Overflow o) => new(
        Invariant(
            $"This model's maximum context length is {o.Window} tokens. However, you requested {o.Prompt + o.Output} tokens ({o.Prompt} in the messages, {o.Output} in the completion). Please reduce the length of the messages or completion."),
            Type: "BadRequestError")
    {
        Body = Invariant(
            $$"""{"object":"error","message":"This model's maximum context length is {{o.Window}} tokens. However, you requested {{o.Prompt + o.Output}} tokens ({{o.Prompt}} in the messages, {{o.Output}} in the completion). Please reduce the length of the messages or completion.","type":"BadRequestError","param":null,"code":400}"""),
    };

    public static RequestFault LlamaCpp(Overflow o) => new("the request exceeds the available context size")
    {
        Body = Invariant(
            $$$"""{"error":{"code":400,"message":"request ({{{o.Prompt}}} tokens) exceeds the available context size ({{{o.Window}}} tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":{{{o.Prompt}}},"n_ctx":{{{o.Window}}}}}"""),
    };

    public static RequestFault SgLang(Overflow o) => new("too long")
    {
        Body = Invariant(
            $$"""{"object":"error","message":"The input ({{o.Prompt}} tokens) is longer than the model's context length ({{o.Window}} tokens).","type":"BadRequestError","param":null,"code":400}"""),
    };

    public static RequestFault OpenRouter(Overflow o) => new("too long")
    {
        Body = Invariant(
            $$$$"""{"error":{"message":"This endpoint's maximum context length is {{{{o.Window}}}} tokens. However, you requested about {{{{o.Prompt + o.Output}}}} tokens ({{{{o.Prompt}}}} of text input, {{{{o.Output}}}} in the output). Please reduce the length of either one.","code":400,"metadata":{"provider_name":null}}}"""),
    };

    public static RequestFault Mistral(Overflow o) => new("too long")
    {
        Body = Invariant(
            $$"""{"object":"error","message":"Prompt contains {{o.Prompt}} tokens and 0 draft tokens, too large for model with {{o.Window}} maximum context length","type":"invalid_request_prompt_too_long","param":null,"code":3051}"""),
    };

    public static RequestFault Gemini(Overflow o) => new("too long")
    {
        Body = Invariant(
            $$$"""[{"error":{"code":400,"message":"The input token count ({{{o.Prompt}}}) exceeds the maximum number of tokens allowed ({{{o.Window}}}).","status":"INVALID_ARGUMENT"}}]"""),
    };

    public static RequestFault Moonshot(Overflow o) => new(
        Invariant($"Invalid request: Your request exceeded model token limit: {o.Window} (requested: {o.Prompt})"),
            Type: "invalid_request_error");

    public static RequestFault Qwen(Overflow o) => new(
        Invariant($"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, {o.Window}]"),
            Code: "invalid_parameter_error");

    public static RequestFault Groq(Overflow o) => new("Please reduce the length of the messages or completion.", "messages",
        "context_length_exceeded");

    public static RequestFault XAI(Overflow o) => new("too long")
    {
        Body = Invariant(
            $$"""{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is {{o.Window}} but the request contains {{o.Prompt}} tokens."}"""),
    };

    public static RequestFault LmStudio(Overflow o) => new("too long")
    {
        Body = Invariant(
            $$"""{"error":"The number of tokens to keep from the initial prompt is greater than the context length ({{o.Window}}). Try to load the model with a larger context length, or provide a shorter input"}"""),
    };

    /// <summary>Only the status tells.</summary>
    public static RequestFault Payload(Overflow o) => new("Request Entity Too Large", Status: 413);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
