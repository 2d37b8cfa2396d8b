using System.Text;
using System.Text.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>An error as a backend told it, whatever its shape (openai-chat-completions.md sections 5 and 6.5).</summary>
internal sealed record UpstreamErrorBody
{
    private const int LongestBody = 256 * 1024;
    private const int LongestPlainText = 500;

    /// <summary>The backend's sentence; null if it said nothing a person could use (an HTML page, an empty body).</summary>
    public string? Message { get; init; }

    /// <summary>Its words for the kind of error: <c>type</c>, <c>code</c>, <c>status</c>, in lower case and joined by spaces.</summary>
    public string Words { get; init; } = "";

    /// <summary>The status it gives inside the body; 0 for none.</summary>
    public int Status { get; init; }

    /// <summary>The request field it blames, or null.</summary>
    public string? Parameter { get; init; }

    /// <summary>llama.cpp: tokens of the prompt; else null.</summary>
    public long? PromptTokens { get; init; }

    /// <summary>llama.cpp: tokens the context holds; else null.</summary>
    public long? ContextTokens { get; init; }

    internal static UpstreamErrorBody Read(ReadOnlySpan<byte> body)
    {
        body = body.Trim(" \t\r\n\0\uFEFF"u8);
        if (body.IsEmpty || body.Length > LongestBody) return new UpstreamErrorBody();
        if (body[0] is (byte)'{' or (byte)'[' or (byte)'"')
        {
            try
            {
                using var document = JsonDocument.Parse(body.ToArray());
                return Read(document.RootElement);
            }
            catch (JsonException)
            {
                // Not JSON after all: read as text.
            }
            catch (InvalidOperationException)
            {
                // JSON whose strings are not UTF-8.
            }
        }

        var isText = body[0] != '<' && body.Length <= LongestPlainText && !body.StartsWith("{"u8) && !body.StartsWith("["u8);
        return new UpstreamErrorBody { Message = isText ? Encoding.UTF8.GetString(body) : null };
    }

    private static UpstreamErrorBody Read(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String: return new UpstreamErrorBody { Message = value.GetString() };
            case JsonValueKind.Array: return value.GetArrayLength() > 0 ? Read(value[0]) : new UpstreamErrorBody();
            case JsonValueKind.Object: return ReadObject(value);
            default: return new UpstreamErrorBody();
        }
    }

    private static UpstreamErrorBody ReadObject(JsonElement value)
    {
        var outer = ReadMembers(value);

        // The error itself may stand inside: {"error":{…}}, {"error":"…"}, {"message":{"detail":[…]}}, {"base_resp":{…}}.
        foreach (var name in (ReadOnlySpan<string>)["error", "message", "base_resp", "errors"])
        {
            if (!value.TryGetProperty(name, out var inner)) continue;
            if (name == "message" && inner.ValueKind == JsonValueKind.String) continue;
            if (inner.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String)
                return Combine(outer, Read(inner));
        }

        return value.TryGetProperty("detail", out var detail) ? Combine(outer, ReadDetail(detail)) : outer;
    }

    private static UpstreamErrorBody ReadMembers(JsonElement value)
    {
        var words = new StringBuilder();
        foreach (var name in (ReadOnlySpan<string>)["type", "code", "status"])
        {
            if (value.TryGetProperty(name, out var word) && word.ValueKind == JsonValueKind.String) words.Append(word.GetString()).Append(' ');
        }

        if (value.TryGetProperty("innererror", out var innerError) && Text(innerError, "code") is { } innerCode) words.Append(innerCode).Append(' ');
        var body = new UpstreamErrorBody
        {
            Message = Text(value, "message") ?? Text(value, "status_msg") ?? Text(value, "msg") ?? Text(value, "error_message"),
            Words = words.ToString().ToLowerInvariant(),
            Status = StatusIn(value),
            Parameter = Text(value, "param"),
            PromptTokens = Number(value, "n_prompt_tokens"),
            ContextTokens = Number(value, "n_ctx"),
        };
        return value.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object ? WithMetadata(body, metadata) : body;
    }

    /// <summary>OpenRouter: the vendor's own error, as text or as JSON inside a string. It says more than "Provider returned error".</summary>
    private static UpstreamErrorBody WithMetadata(UpstreamErrorBody body, JsonElement metadata)
    {
        if (!metadata.TryGetProperty("raw", out var raw)) return body;
        var inner = raw.ValueKind == JsonValueKind.String ? Read(Encoding.UTF8.GetBytes(raw.GetString()!)) : Read(raw);
        return inner.Message is null ? body : Combine(body, inner);
    }

    /// <summary>FastAPI: a sentence, or a list of faults with the path to each.</summary>
    private static UpstreamErrorBody ReadDetail(JsonElement detail)
    {
        if (detail.ValueKind != JsonValueKind.Array) return Read(detail);
        var message = new StringBuilder();
        string? parameter = null;
        var words = "";
        foreach (var fault in detail.EnumerateArray())
        {
            if (fault.ValueKind != JsonValueKind.Object) continue;
            var path = fault.TryGetProperty("loc", out var loc) && loc.ValueKind == JsonValueKind.Array
                ? string.Join('.', loc.EnumerateArray().Select(static part => part.ToString()).Where(static part => part != "body"))
                : "";
            if (message.Length > 0) message.Append("; ");
            message.Append(path).Append(path.Length > 0 ? ": " : "").Append(Text(fault, "msg") ?? Text(fault, "message") ?? "not accepted");
            parameter ??= path.Length > 0 ? path : null;
            if (Text(fault, "type") is { } type) words += type.ToLowerInvariant() + " ";
        }

        return new UpstreamErrorBody { Message = message.Length > 0 ? message.ToString() : null, Parameter = parameter, Words = words };
    }

    private static UpstreamErrorBody Combine(UpstreamErrorBody outer, UpstreamErrorBody inner) => new()
    {
        Message = inner.Message ?? outer.Message,
        Words = outer.Words + inner.Words,
        Status = inner.Status != 0 ? inner.Status : outer.Status,
        Parameter = inner.Parameter ?? outer.Parameter,
        PromptTokens = inner.PromptTokens ?? outer.PromptTokens,
        ContextTokens = inner.ContextTokens ?? outer.ContextTokens,
    };

    private static int StatusIn(JsonElement value)
    {
        foreach (var name in (ReadOnlySpan<string>)["code", "status_code", "raw_status_code", "status"])
        {
            var status = Number(value, name) ?? (long.TryParse(Text(value, name), out var written) ? written : 0);
            if (status is >= 400 and < 600) return (int)status;
        }

        return 0;
    }

    private static string? Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
        && !string.IsNullOrWhiteSpace(text.GetString())
            ? text.GetString()
            : null;

    private static long? Number(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number
        && number.TryGetInt64(out var whole)
            ? whole
            : null;
}
