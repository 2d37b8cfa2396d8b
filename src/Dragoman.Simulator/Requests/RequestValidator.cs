using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dragoman.Simulator.Requests;

/// <summary>Refuses what a strict backend refuses, so that a translator's faults show.</summary>
internal static partial class RequestValidator
{
    /// <summary>The fields that every backend knows; the others depend on the vendor.</summary>
    private static readonly HashSet<string> BaseFields = new(StringComparer.Ordinal)
    {
        "model", "messages", "max_tokens", "temperature", "top_p", "stop", "stream", "tools", "tool_choice", "parallel_tool_calls",
            "response_format",
        "frequency_penalty", "presence_penalty", "n", "seed", "stream_options",
    };

    public static RequestFault? Check(JsonElement root, BackendRules rules)
    {
        if (root.ValueKind != JsonValueKind.Object) return new RequestFault("The request body must be a JSON object.");
        if (root.StringAt("model") is null) return new RequestFault("you must provide a model parameter", "model");
        return CheckFields(root, rules)
            ?? CheckLimits(root, rules)
            ?? CheckTools(root, rules)
            ?? CheckFormat(root, rules)
            ?? MessageValidator.Check(root, rules)
            ?? CheckWindow(new ChatRequest(root), rules);
    }

    private static RequestFault? CheckFields(JsonElement root, BackendRules rules)
    {
        foreach (var field in root.EnumerateObject())
        {
            if (rules.RefusedFields.TryGetValue(field.Name, out var reason))
            {
                return new RequestFault(reason, field.Name, "unsupported_parameter");
            }

            if (BaseFields.Contains(field.Name)) continue;
            if (rules.UnknownFields == UnknownFields.Refused400)
            {
                return new RequestFault($"Unrecognized request argument supplied: {field.Name}", field.Name);
            }

            if (rules.UnknownFields == UnknownFields.Refused422) return ExtraForbidden(field.Name);
        }

        if (root.TryGet("stream", out var stream)
            && stream.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
        {
            return new RequestFault("'stream' must be a boolean.", "stream");
        }

        if (root.TryGet("stream_options", out var options) && options.ValueKind != JsonValueKind.Null
            && stream.ValueKind != JsonValueKind.True)
        {
            return new RequestFault("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
        }

        return null;
    }

    private static RequestFault? CheckLimits(JsonElement root, BackendRules rules)
    {
        foreach (var name in (ReadOnlySpan<string>)["max_tokens", "max_completion_tokens"])
        {
            if (!root.TryGet(name, out var limit) || limit.ValueKind == JsonValueKind.Null) continue;
            if (limit.ValueKind != JsonValueKind.Number || !limit.TryGetInt32(out var tokens) || tokens < 1)
            {
                return new RequestFault($"Invalid '{name}': integer below minimum value. Expected a value >= 1.", name,
                    "integer_below_min_value");
            }

            if (tokens > rules.MaxOutputTokens)
            {
                return new RequestFault(
                    $"max_tokens is too large: {tokens}. This model supports at most {rules.MaxOutputTokens} completion tokens, whereas you provided {tokens}.",
                    name, "invalid_value");
            }
        }

        if (root.TryGet("temperature", out var temperature) && temperature.ValueKind == JsonValueKind.Number)
        {
            var value = temperature.GetDouble();
            if (value < 0 || value > rules.MaxTemperature)
            {
                return new RequestFault($"Invalid 'temperature': decimal above maximum value. Expected a value <= {rules.MaxTemperature}.",
                    "temperature", "decimal_above_max_value");
            }

            if (!rules.FreeTemperature && value != 1)
            {
                return new RequestFault(
                    $"Unsupported value: 'temperature' does not support {temperature.GetRawText()} with this model. Only the default (1) value is supported.",
                    "temperature", "unsupported_value");
            }
        }

        if (root.TryGet("stop", out var stop))
        {
            if (stop.ValueKind is not (JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Null))
            {
                return new RequestFault("'stop' must be a string or an array of strings.", "stop");
            }

            if (stop.ValueKind == JsonValueKind.Array && stop.GetArrayLength() > rules.MaxStops)
            {
                return new RequestFault(
                    $"Invalid 'stop': array too long. Expected an array with maximum length {rules.MaxStops}, but got an array with length {stop.GetArrayLength()} instead.",
                    "stop", "array_above_max_length");
            }

            if (stop.ValueKind == JsonValueKind.Array && stop.EnumerateArray()
                .Any(s => s.ValueKind != JsonValueKind.String || s.GetString()!.Length == 0))
            {
                return new RequestFault("Invalid 'stop': each entry must be a non-empty string.", "stop");
            }
        }

        return rules.ReasoningEfforts is { } efforts && root.StringAt("reasoning_effort") is { } effort && !efforts.Contains(effort)
            ? new RequestFault(
                $"Unsupported value: 'reasoning_effort' does not support '{effort}' with this model. Supported values are: {string.Join(", ", efforts)}.",
                "reasoning_effort", "unsupported_value")
            : null;
    }

    private static RequestFault? CheckTools(JsonElement root, BackendRules rules)
    {
        var hasTools = root.TryGet("tools", out var tools) && tools.ValueKind != JsonValueKind.Null;
        if (hasTools && tools.ValueKind != JsonValueKind.Array) return new RequestFault("'tools' must be an array.", "tools");
        if (hasTools && !rules.Tools) return new RequestFault("This model does not support tools.", "tools", "unsupported_parameter");
        if (hasTools && tools.GetArrayLength() == 0)
        {
            return new RequestFault(
                "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.", "tools",
                "empty_array");
        }

        if (hasTools && tools.GetArrayLength() > rules.MaxTools)
        {
            return new RequestFault(
                $"Invalid 'tools': array too long. Expected an array with maximum length {rules.MaxTools}, but got an array with length {tools.GetArrayLength()} instead.",
                "tools", "array_above_max_length");
        }

        if (!hasTools && root.TryGet("parallel_tool_calls", out _))
        {
            return new RequestFault(
                "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
                "parallel_tool_calls");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (tool, i) in root.ItemsAt("tools").Select((t, i) => (t, i)))
        {
            if (CheckTool(tool, i, names, rules) is { } fault) return fault;
        }

        return CheckToolChoice(root, hasTools, names, rules);
    }

    private static RequestFault? CheckTool(JsonElement tool, int i, HashSet<string> names, BackendRules rules)
    {
        if (tool.StringAt("type") != "function")
        {
            return new RequestFault($"Invalid value: '{tool.StringAt("type")}'. Supported values are: 'function'.", $"tools[{i}].type",
                "invalid_value");
        }

        if (!tool.TryGet("function", out var function) || function.StringAt("name") is not { } name)
        {
            return new RequestFault($"Missing required parameter: 'tools[{i}].function.name'.", $"tools[{i}].function.name",
                "missing_required_parameter");
        }

        if (!FunctionName().IsMatch(name))
        {
            return name.Length > 64
                ? new RequestFault(
                    $"Invalid 'tools[{i}].function.name': string too long. Expected a string with maximum length 64, but got a string with length {name.Length} instead.",
                    $"tools[{i}].function.name", "string_above_max_length")
                : new RequestFault(
                    $"Invalid 'tools[{i}].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
                    $"tools[{i}].function.name", "invalid_value");
        }

        if (!names.Add(name)) return new RequestFault($"Duplicate function name '{name}'.", $"tools[{i}].function.name");
        if (!function.TryGet("parameters", out var schema)) return null;
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return new RequestFault($"Invalid schema for function '{name}': it is not an object.", $"tools[{i}].function.parameters",
                "invalid_function_parameters");
        }

        if (schema.EnumerateObject().Any() && schema.StringAt("type") != "object")
        {
            return new RequestFault($"Invalid schema for function '{name}': schema must have type 'object'.",
                $"tools[{i}].function.parameters", "invalid_function_parameters");
        }

        return FindKeyword(schema, rules.RefusedSchemaKeywords) is { } keyword
            ? new RequestFault(
                $"Invalid JSON payload received. Unknown name \"{keyword}\" at 'tools[{i}].function.parameters': Cannot find field.",
                $"tools[{i}].function.parameters")
            : null;
    }

    private static RequestFault? CheckToolChoice(JsonElement root, bool hasTools, HashSet<string> names, BackendRules rules)
    {
        if (!root.TryGet("tool_choice", out var choice) || choice.ValueKind == JsonValueKind.Null) return null;
        if (!hasTools)
        {
            return new RequestFault("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
                "tool_choice");
        }

        if (choice.ValueKind == JsonValueKind.String)
        {
            var word = choice.GetString();
            if (word is not ("none" or "auto" or "required"))
            {
                return new RequestFault($"Invalid value: '{word}'. Supported values are: 'none', 'auto', and 'required'.", "tool_choice",
                    "invalid_value");
            }

            return word == "required" && !rules.RequiredToolChoice
                ? new RequestFault("tool_choice 'required' is not supported by this model.", "tool_choice", "unsupported_value") : null;
        }

        if (!rules.NamedToolChoice)
        {
            return new RequestFault("tool_choice must be a string: 'none', 'auto' or 'required'.", "tool_choice", "invalid_type");
        }

        if (choice.StringAt("type") != "function" || !choice.TryGet("function", out var function)
            || function.StringAt("name") is not { } name)
        {
            return new RequestFault("Missing required parameter: 'tool_choice.function.name'.", "tool_choice",
                "missing_required_parameter");
        }

        return names.Contains(name) ? null : new RequestFault($"Tool choice function '{name}' not found in 'tools' parameter.",
            "tool_choice");
    }

    private static RequestFault? CheckFormat(JsonElement root, BackendRules rules)
    {
        if (!root.TryGet("response_format", out var format) || format.ValueKind == JsonValueKind.Null) return null;
        var type = format.StringAt("type");
        if (type is not ("text" or "json_object" or "json_schema"))
        {
            return new RequestFault($"Invalid value: '{type}'. Supported values are: 'text', 'json_object', and 'json_schema'.",
                "response_format.type", "invalid_value");
        }

        if (type != "text" && !rules.FormatWithTools && root.TryGet("tools", out _))
        {
            return new RequestFault("response_format and tools cannot be used together.", "response_format");
        }

        if (type != "json_schema") return null;
        if (!rules.JsonSchemaFormat) return new RequestFault("This response_format type is unavailable now", "response_format");
        if (!format.TryGet("json_schema", out var named) || named.StringAt("name") is not { } name)
        {
            return new RequestFault("Missing required parameter: 'response_format.json_schema.name'.", "response_format.json_schema.name",
                "missing_required_parameter");
        }

        return FunctionName().IsMatch(name) ? null
            : new RequestFault("Invalid 'response_format.json_schema.name': string does not match pattern.",
            "response_format.json_schema.name", "invalid_value");
    }

    private static RequestFault? CheckWindow(ChatRequest request, BackendRules rules)
    {
        if (rules.OverflowFault is not { } overflow) return null;
        var numbers = new Overflow(TokenCount.OfRequest(request), request.MaxTokens ?? 0, rules.MaxModelLength);
        return numbers.Prompt + (rules.MaxTokensCountAgainstWindow ? numbers.Output : 0) > numbers.Window ? overflow(numbers) : null;
    }

    private static string? FindKeyword(JsonElement schema, IReadOnlyList<string> keywords) => schema.ValueKind switch
    {
        JsonValueKind.Object => schema.EnumerateObject().Select(m => keywords.Contains(m.Name) ? m.Name : FindKeywordIn(m, keywords))
            .FirstOrDefault(k => k is not null),
        JsonValueKind.Array => schema.EnumerateArray().Select(item => FindKeyword(item, keywords)).FirstOrDefault(k => k is not null),
        _ => null,
    };

    /// <summary>A property may be called like a keyword.</summary>
    private static string? FindKeywordIn(JsonProperty member, IReadOnlyList<string> keywords) =>
        member.Name == "properties" && member.Value.ValueKind == JsonValueKind.Object
            ? member.Value.EnumerateObject().Select(property => FindKeyword(property.Value, keywords)).FirstOrDefault(k => k is not null)
            : FindKeyword(member.Value, keywords);

    internal static RequestFault ExtraForbidden(string field) => new($"Extra inputs are not permitted: {field}", field, Status: 422)
    {
        Body = $$"""{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body",{{JsonReading.Quote(field)}}],"msg":"Extra inputs are not permitted","input":null}]},"type":"invalid_request_error","param":null,"code":null}""",
    };

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex FunctionName();
}
