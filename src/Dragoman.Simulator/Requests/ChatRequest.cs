using System.Text;
using System.Text.Json;

namespace Dragoman.Simulator.Requests;

/// <summary>A chat completion request that a strict backend has accepted.</summary>
internal sealed class ChatRequest
{
    public ChatRequest(JsonElement root)
    {
        Root = root;
        Model = root.StringAt("model") ?? "";
        Stream = root.TryGet("stream", out var stream) && stream.ValueKind == JsonValueKind.True;
        WantsUsage = root.TryGet("stream_options", out var options) && options.TryGet("include_usage", out var usage)
            && usage.ValueKind == JsonValueKind.True;
        Messages = [.. root.ItemsAt("messages").Select(m => new ChatMessage(m))];
        Tools = [.. root.ItemsAt("tools").Select(t => t.TryGet("function", out var f) ? f : default)
            .Where(f => f.ValueKind == JsonValueKind.Object).Select(f => new OfferedTool(f))];
    }

    public JsonElement Root { get; }

    public string Model { get; }

    public bool Stream { get; }

    /// <summary><c>stream_options.include_usage</c>.</summary>
    public bool WantsUsage { get; }

    public IReadOnlyList<ChatMessage> Messages { get; }

    public IReadOnlyList<OfferedTool> Tools { get; }

    /// <summary>The larger of the two limits a request may carry, or null.</summary>
    public int? MaxTokens => Root.IntAt("max_completion_tokens") ?? Root.IntAt("max_tokens");

    /// <summary>True after tool results that no later user text has overtaken: the model speaks next.</summary>
    public bool AnswersToolResults
    {
        get
        {
            for (var i = Messages.Count - 1; i >= 0; i--)
            {
                if (Messages[i].Role == "tool") return true;
                if (Messages[i].Role == "assistant") return false;
            }

            return false;
        }
    }

    /// <summary>A name that is on offer, so that a caller can run the call; else an invented one.</summary>
    public string ToolName(int number) => Tools.Count > 0 ? Tools[number % Tools.Count].Name : number % 2 == 0 ? "get_weather" : "get_time";
}

/// <summary>A function from <c>tools</c>.</summary>
internal readonly record struct OfferedTool(JsonElement Function)
{
    public string Name => Function.StringAt("name") ?? "";

    public JsonElement Parameters => Function.TryGet("parameters", out var p) ? p : default;
}

/// <summary>One of <c>messages</c>.</summary>
internal readonly struct ChatMessage(JsonElement json)
{
    public JsonElement Json { get; } = json;

    public string Role { get; } = json.StringAt("role") ?? "";

    /// <summary>All text of the message, parts joined by line feeds.</summary>
    public string Text { get; } = TextOf(json);

    public string? ToolCallId => Json.StringAt("tool_call_id");

    public IEnumerable<JsonElement> ToolCalls => Json.ItemsAt("tool_calls");

    private static string TextOf(JsonElement message)
    {
        if (!message.TryGet("content", out var content)) return "";
        if (content.ValueKind == JsonValueKind.String) return content.GetString()!;
        if (content.ValueKind != JsonValueKind.Array) return "";
        var text = new StringBuilder();
        foreach (var part in content.EnumerateArray())
        {
            if (part.StringAt("text") is not { } piece) continue;
            if (text.Length > 0) text.Append('\n');
            text.Append(piece);
        }

        return text.ToString();
    }
}
