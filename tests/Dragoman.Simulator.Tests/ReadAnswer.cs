using System.Text;
using System.Text.Json;

namespace Dragoman.Simulator.Tests;

/// <summary>What a patient reader makes of an answer: written against the API's documents, not against the simulator.</summary>
public sealed class ReadAnswer
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _thinking = new();

    public string Text => _text.ToString();

    public string Thinking => _thinking.ToString();

    public List<ReadCall> Calls { get; } = [];

    public string? FinishReason { get; private set; }

    public JsonElement? Usage { get; private set; }

    public bool Done { get; private set; }

    /// <summary>The JSON of every event, in order.</summary>
    public List<JsonElement> Events { get; } = [];

    public static ReadAnswer OfStream(string body)
    {
        var answer = new ReadAnswer();
        foreach (var json in EventsOf(body))
        {
            if (json.Trim() == "[DONE]")
            {
                answer.Done = true;
                break;
            }

            using var document = JsonDocument.Parse(json);
            answer.Take(document.RootElement.Clone(), "delta");
        }

        return answer;
    }

    public static ReadAnswer OfWhole(JsonElement root)
    {
        var answer = new ReadAnswer();
        answer.Take(root, "message");
        return answer;
    }

    /// <summary>The data of each event, as the WHATWG text splits a stream.</summary>
    public static IEnumerable<string> EventsOf(string body)
    {
        List<string> data = [];
        foreach (var line in body.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.Length == 0)
            {
                if (data.Count > 0) yield return string.Join('\n', data);
                data.Clear();
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data.Add(line[5] == ' ' ? line[6..] : line[5..]);
            }
        }

        if (data.Count > 0) yield return string.Join('\n', data);
    }

    private void Take(JsonElement chunk, string member)
    {
        Events.Add(chunk);
        if (chunk.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object) Usage = usage;
        if (!chunk.TryGetProperty("choices", out var choices) || choices.ValueKind != JsonValueKind.Array) return;
        foreach (var choice in choices.EnumerateArray().Where(c => c.GetProperty("index").GetInt32() == 0))
        {
            if (choice.TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String) FinishReason = reason.GetString();
            if (!choice.TryGetProperty(member, out var delta) || delta.ValueKind != JsonValueKind.Object) continue;
            Append(_text, delta, "content");
            Append(_thinking, delta, delta.TryGetProperty("reasoning_content", out _) ? "reasoning_content" : "reasoning");
            if (delta.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array) TakeCalls(calls);
        }
    }

    /// <summary>Calls by index; a new id, or a name where one is complete, begins another call.</summary>
    private void TakeCalls(JsonElement calls)
    {
        foreach (var item in calls.EnumerateArray())
        {
            int? index = item.TryGetProperty("index", out var i) ? i.GetInt32() : null;
            var id = item.TryGetProperty("id", out var idJson) && idJson.ValueKind != JsonValueKind.Null ? idJson.ToString() : "";
            var function = item.TryGetProperty("function", out var f) ? f : default;
            var name = function.ValueKind == JsonValueKind.Object && function.TryGetProperty("name", out var n) && n.ValueKind == JsonValueKind.String ? n.GetString()! : "";
            var call = id.Length > 0 ? Calls.LastOrDefault(c => c.Id == id) : index is { } at ? Calls.LastOrDefault(c => c.Index == at) : name.Length == 0 ? Calls.LastOrDefault() : null;
            if (call is null || (id.Length == 0 && name.Length > 0 && call.Name.Length > 0 && call.Arguments.Length > 0 && call.Name != name))
            {
                if (id.Length == 0 && name.Length == 0) continue; // A fragment of nothing.
                call = new ReadCall { Index = index, Id = id };
                Calls.Add(call);
            }

            if (index is not null && call.Index != index && name.Length == 0) call.Index = index;
            if (call.Name.Length == 0) call.Name = name;
            if (function.ValueKind == JsonValueKind.Object && function.TryGetProperty("arguments", out var arguments)) call.Arguments += arguments.ValueKind == JsonValueKind.String ? arguments.GetString() : arguments.GetRawText();
        }
    }

    private static void Append(StringBuilder text, JsonElement delta, string name)
    {
        if (delta.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String) text.Append(value.GetString());
    }
}

public sealed class ReadCall
{
    public int? Index { get; set; }

    public string Id { get; init; } = "";

    public string Name { get; set; } = "";

    public string Arguments { get; set; } = "";
}
