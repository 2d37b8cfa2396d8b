using System.Text.RegularExpressions;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Recognises that a backend refused a field or feature that the request can do without (mapping.md section 10).</summary>
/// <remarks>Says which, in the field's own name; what to make of it is <see cref="RefusalLearning"/>'s.</remarks>
internal static partial class RefusedParameters
{
    /// <summary>Words and phrases that say of a field that it, and not its value alone, is refused.</summary>
    private static readonly string[] Refusals =
    [
        "unsupported_parameter", "unknown_parameter", "unsupported_value", "extra_forbidden", "unrecognized_request_argument", "unsupported_content_type",
        "not support", "unsupported", "not permitted", "not allowed", "unknown", "unrecognized", "unrecognised", "unexpected", "cannot be used",
        "can't be used", "only supports", "only the default", "not enabled", "not available", "unavailable", "not accepted", "not one of", "incompatible",
    ];

    /// <summary>Words and phrases that may be about a value; enough where the field is one that we can lower or leave out.</summary>
    private static readonly string[] Complaints =
    [
        "integer_above_max_value", "decimal_above_max_value", "invalid_parameter_combination", "invalid_function_parameters", "invalid_value", "invalid_parameter",
        "invalid_request_invalid_args", "invalid", "too large", "too big", "must be", "should be", "not valid", "at most", "greater than", "less than",
    ];

    /// <summary>Fields by name, the more particular before those whose names they contain.</summary>
    private static readonly string[] Fields =
    [
        "stream_options", "parallel_tool_calls", "tool_choice", "max_completion_tokens", "max_tokens", "reasoning_effort", "chat_template_kwargs",
        "enable_thinking", "thinking_token_budget", "thinking_budget_tokens", "thinking_budget", "reasoning_details", "reasoning_content", "response_format",
        "json_schema", "json_object", "cache_control", "prompt_cache_breakpoint", "prompt_cache_key", "safety_identifier", "service_tier", "continue_final_message",
        "add_generation_prompt", "temperature", "top_p", "top_k", "thinking", "reasoning", "stop", "strict", "developer",
    ];

    private static readonly string[] ImagePhrases =
    [
        "does not support image", "do not support image", "doesn't support image", "not support images", "image input is not supported", "image_url is only supported",
        "support image input", "not a multimodal model", "does not support multimodal", "at most 0 image", "unknown variant `image_url`", "does not support vision",
        "images are not supported", "image inputs are not supported", "mmproj", "does not have vision", "vision is not supported", "not support vision",
        "cannot read image", "no image input", "image content is not supported",
    ];

    /// <summary>The field refused; null if the error is about something else.</summary>
    internal static string? Find(UpstreamErrorBody body)
    {
        var message = body.Message ?? "";
        if (OfConversation(message) is { } conversation) return conversation;
        if (ImagePhrases.Any(phrase => message.Contains(phrase, StringComparison.OrdinalIgnoreCase))) return "image_url";

        // Tools need a switch on the server itself there; no tool_choice would help.
        if (message.Contains("--enable-auto-tool-choice", StringComparison.Ordinal)) return null;
        if (Named().Match(message) is { Success: true } named) return Normal(named.Groups["name"].Value);
        if (Grammar().IsMatch(message)) return "grammar";
        var refuses = Says(body, Refusals);
        if (!refuses && !Says(body, Complaints)) return null;

        // Of a message, only what it may not hold can be left out; a fault in it is the caller's.
        if (body.Parameter is { } blamed) return refuses || !blamed.StartsWith("messages", StringComparison.Ordinal) ? Normal(blamed) : null;
        return Fields.FirstOrDefault(field => ContainsWord(message, field));
    }

    private static bool Says(UpstreamErrorBody body, string[] phrases) => phrases.Any(phrase =>
        body.Words.Contains(phrase, StringComparison.Ordinal) || (body.Message is { } message && message.Contains(phrase, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Refusals of the conversation's form, which name no field.</summary>
    private static string? OfConversation(string message)
    {
        if (message.Contains("reasoning_content", StringComparison.Ordinal)
            && (message.Contains("must be passed back", StringComparison.OrdinalIgnoreCase) || message.Contains("missing", StringComparison.OrdinalIgnoreCase)))
        {
            return "reasoning_content";
        }

        if (message.Contains("must alternate", StringComparison.OrdinalIgnoreCase) || AfterRole().IsMatch(message)) return "alternation";
        if (SystemPlace().IsMatch(message)) return "system";
        return null;
    }

    private static string Normal(string name) =>
        name.Trim('\'', '"', '`', ' ').Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);

    private static bool ContainsWord(string message, string word)
    {
        for (var at = message.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = message.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + word.Length;
            if ((at == 0 || !IsWordCharacter(message[at - 1])) && (end == message.Length || !IsWordCharacter(message[end]))) return true;
        }

        return false;
    }

    private static bool IsWordCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    [GeneratedRegex(
        @"(?:(?i:unsupported parameter|unknown parameter|unsupported value|unknown field|unknown name|unrecognized request arguments?(?: supplied)?"
        + @"|unrecognized field|unrecognized key|unexpected keyword argument|argument not supported on this model|does not support parameters?"
        + @"|invalid argument|unknown request field)|property)(?: provided)?:?\s*['""`]?(?<name>[A-Za-z_$][\w$.\[\]]*)['""`]?"
        + @"|(?<name>[A-Za-z_$][\w$.\[\]]*):? (?i:extra inputs are not permitted)")]
    private static partial Regex Named();

    [GeneratedRegex("(?i:grammar|invalid schema for function|failed to initialize samplers|json schema conversion)")]
    private static partial Regex Grammar();

    [GeneratedRegex("(?i:unexpected role '?\\w+'? after role|role '?\\w+'? after role)")]
    private static partial Regex AfterRole();

    [GeneratedRegex(
        "(?i:system (?:message|role|prompt)[^.]{0,40}(?:must be|should be|only|at the beginning|not supported|not be supported)"
        + "|role 'system'[^.]{0,30}not supported|unexpected role 'system'|only (?:one|1) system)")]
    private static partial Regex SystemPlace();
}
