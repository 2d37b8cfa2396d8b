using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dragoman.Simulator.Requests;

/// <summary>Checks <c>messages</c>: each for itself, and their order.</summary>
internal static partial class MessageValidator
{
    public static RequestFault? Check(JsonElement root, BackendRules rules)
    {
        if (!root.TryGet("messages", out var messages) || messages.ValueKind != JsonValueKind.Array)
        {
            return new RequestFault("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
        }

        if (messages.GetArrayLength() == 0)
        {
            return new RequestFault(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", "messages",
                "empty_array");
        }

        var open = new List<string>();
        var roles = new List<string>();
        foreach (var message in messages.EnumerateArray())
        {
            var at = $"messages[{roles.Count.ToString(CultureInfo.InvariantCulture)}]";
            var role = message.StringAt("role") ?? "";
            if ((CheckRole(role, at, roles, rules) ?? CheckContent(message, role, at, rules) ?? CheckCalls(message, role, at, open,
                        rules) ?? CheckReasoning(message, role, at, rules)) is { } fault)
            {
                return fault;
            }

            roles.Add(role);
        }

        if (open.Count > 0) return Unanswered(open, $"messages[{(roles.Count - 1).ToString(CultureInfo.InvariantCulture)}]");
        return roles[^1] == "assistant" && !rules.Prefill
            ? new RequestFault("Expected last role User or Tool for serving but got assistant", "messages") : null;
    }

    private static RequestFault? CheckRole(string role, string at, List<string> before, BackendRules rules)
    {
        if (role is not ("system" or "developer" or "user" or "assistant" or "tool") || (role == "developer" && !rules.DeveloperRole))
        {
            return new RequestFault($"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', and 'tool'.",
                $"{at}.role", "invalid_value");
        }

        if (role == "system" && !rules.SystemRole) return new RequestFault("System role not supported", at);
        if (role == "system" && !rules.SystemAnywhere && before.Count > 0)
        {
            return new RequestFault("System message must be at the beginning.", at);
        }

        var last = before.LastOrDefault(r => r is not "system" and not "developer");
        if (role == "user" && last == "tool" && !rules.UserAfterTool)
        {
            return new RequestFault("Unexpected role 'user' after role 'tool'", at, "3230");
        }

        if (role == "tool" && last is not ("assistant" or "tool"))
        {
            return new RequestFault(
                "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", $"{at}.role");
        }

        return rules.StrictAlternation && role == last && (role is "user" or "assistant")
            ? new RequestFault("After the optional system message, conversation roles must alternate user/assistant/user/assistant/...", at)
            : null;
    }

    private static RequestFault? CheckContent(JsonElement message, string role, string at, BackendRules rules)
    {
        var has = message.TryGet("content", out var content) && content.ValueKind != JsonValueKind.Null;
        if (!has)
        {
            var mayLack = role == "assistant" && (message.ItemsAt("tool_calls").Any() || message.StringAt("refusal") is not null);
            return mayLack ? null : new RequestFault($"Invalid value for 'content': expected a string, got null.", $"{at}.content",
                "invalid_type");
        }

        if (content.ValueKind == JsonValueKind.String) return null;
        if (content.ValueKind != JsonValueKind.Array)
        {
            return new RequestFault($"Invalid type for '{at}.content': expected one of a string or array of objects.", $"{at}.content",
                "invalid_type");
        }

        if (!rules.ContentParts) return new RequestFault($"{at}.content: Input should be a valid string", $"{at}.content", Status: 422);
        if (content.GetArrayLength() == 0) return new RequestFault($"Invalid '{at}.content': empty array.", $"{at}.content", "empty_array");
        foreach (var part in content.EnumerateArray())
        {
            if (CheckPart(part, role, at, rules) is { } fault) return fault;
        }

        return null;
    }

    private static RequestFault? CheckPart(JsonElement part, string role, string at, BackendRules rules)
    {
        var type = part.StringAt("type");
        switch (type)
        {
            case "text":
                return part.StringAt("text") is null ? new RequestFault($"Missing required parameter: '{at}.content[0].text'.", at,
                    "missing_required_parameter") : null;
            case "image_url" when role == "user":
                if (!rules.Images) return new RequestFault("This model does not support image input.", at, "unsupported_value");
                if (!part.TryGet("image_url", out var image) || image.StringAt("url") is not { } url)
                {
                    return new RequestFault($"Missing required parameter: '{at}.content[0].image_url.url'.", at,
                        "missing_required_parameter");
                }

                if (url.StartsWith("data:", StringComparison.Ordinal))
                {
                    return DataUrl().IsMatch(url) ? null : new RequestFault("Invalid base64 image_url.", at, "invalid_image");
                }

                return url.StartsWith("http", StringComparison.Ordinal) && rules.ImageUrls ? null
                    : new RequestFault("invalid image input", at);
            case "file" when role == "user":
                return rules.Files ? null : new RequestFault($"Invalid value: 'file'. Supported values are: 'text' and 'image_url'.", at,
                    "invalid_value");
            case "document_url" when role == "user" && rules.DocumentUrls:
            case "input_audio" when role == "user":
                return null;
            case "refusal" or "thinking" when role == "assistant":
                return null;
            default:
                return new RequestFault(
                    $"Invalid value: '{type}'. Supported values for a message with role '{role}' are: 'text'{(role == "user" ? ", 'image_url', 'file'" : "")}.",
                    $"{at}.content", "invalid_value");
        }
    }

    /// <summary><paramref name="open"/>: ids of calls that no tool message has answered yet.</summary>
    private static RequestFault? CheckCalls(JsonElement message, string role, string at, List<string> open, BackendRules rules)
    {
        if (role == "tool")
        {
            if (message.StringAt("tool_call_id") is not { Length: > 0 } id)
            {
                return new RequestFault($"Missing required parameter: '{at}.tool_call_id'.", $"{at}.tool_call_id",
                    "missing_required_parameter");
            }

            if (CheckId(id, at, rules) is { } badId) return badId;
            return open.Remove(id) ? null
                : new RequestFault($"Invalid parameter: 'tool_call_id' of '{id}' not found in 'tool_calls' of previous message.",
                $"{at}.tool_call_id");
        }

        if (open.Count > 0) return Unanswered(open, at);
        if (!message.TryGet("tool_calls", out var calls)) return null;
        if (role != "assistant") return new RequestFault($"Unknown parameter: '{at}.tool_calls'.", $"{at}.tool_calls", "unknown_parameter");
        if (calls.ValueKind != JsonValueKind.Array || calls.GetArrayLength() == 0)
        {
            return new RequestFault($"Invalid '{at}.tool_calls': empty array. Expected an array with minimum length 1.", $"{at}.tool_calls",
                "empty_array");
        }

        var first = true;
        foreach (var call in calls.EnumerateArray())
        {
            if (call.StringAt("id") is not { Length: > 0 } id)
            {
                return new RequestFault($"Missing required parameter: '{at}.tool_calls[0].id'.", $"{at}.tool_calls",
                    "missing_required_parameter");
            }

            if (CheckId(id, at, rules) is { } badId) return badId;
            if (call.StringAt("type") != "function" || !call.TryGet("function", out var function)
                || function.StringAt("name") is not { Length: > 0 } name)
            {
                return new RequestFault($"Missing required parameter: '{at}.tool_calls[0].function.name'.", $"{at}.tool_calls",
                    "missing_required_parameter");
            }

            if (!FunctionName().IsMatch(name))
            {
                return new RequestFault($"Invalid '{at}.tool_calls[0].function.name': it does not match '^[a-zA-Z0-9_-]{{1,64}}$'.",
                    $"{at}.tool_calls", "invalid_value");
            }

            if (!IsJsonObject(function.StringAt("arguments")))
            {
                return new RequestFault($"Invalid '{at}.tool_calls[0].function.arguments': expected a string with a JSON object.",
                    $"{at}.tool_calls", "invalid_value");
            }

            if (first && rules.ThoughtSignatureRequired && !HasSignature(call))
            {
                return new RequestFault(
                    $"Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly. Function call `{name}`, position 1.",
                    at);
            }

            open.Add(id);
            first = false;
        }

        return null;
    }

    private static RequestFault? CheckReasoning(JsonElement message, string role, string at, BackendRules rules)
    {
        if (role != "assistant") return null;
        var has = message.TryGet("reasoning_content", out var reasoning);
        if (has && (rules.ReasoningContentRefused || rules.UnknownFields == UnknownFields.Refused422))
        {
            return RequestValidator.ExtraForbidden("reasoning_content");
        }

        if (!rules.ReasoningContentRequired || !message.ItemsAt("tool_calls").Any()) return null;
        if (!has || reasoning.ValueKind != JsonValueKind.String)
        {
            return new RequestFault("The reasoning_content in the thinking mode must be passed back to the API.",
                $"{at}.reasoning_content");
        }

        return rules.ReasoningContentNotEmpty && reasoning.GetString()!.Length == 0
            ? new RequestFault($"thinking is enabled but reasoning_content is missing in assistant tool call message at index {at}", at)
            : null;
    }

    private static RequestFault? CheckId(string id, string at, BackendRules rules)
    {
        if (rules.NineCharacterIds && !NineCharacters().IsMatch(id))
        {
            return new RequestFault($"Tool call id was {id} but must be a-z, A-Z, 0-9, with a length of 9.", at, "3280");
        }

        return id.Length > rules.MaxToolCallIdLength
            ? new RequestFault(
                $"Invalid '{at}.tool_call_id': string too long. Expected a string with maximum length {rules.MaxToolCallIdLength}, but got a string with length {id.Length} instead.",
                at, "string_above_max_length")
            : null;
    }

    private static RequestFault Unanswered(List<string> open, string at) =>
        new($"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {string.Join(", ", open)}",
            at);

    private static bool HasSignature(JsonElement call) =>
        call.TryGet("extra_content", out var extra) && extra.TryGet("google", out var google)
            && google.StringAt("thought_signature") is { Length: > 0 };

    private static bool IsJsonObject(string? text)
    {
        if (text is null) return false;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex FunctionName();

    [GeneratedRegex("^[a-zA-Z0-9]{9}$")]
    private static partial Regex NineCharacters();

    [GeneratedRegex("^data:image/[a-z+.-]+;base64,[A-Za-z0-9+/]+={0,2}$")]
    private static partial Regex DataUrl();
}
