using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dragoman.Fuzz;

/// <summary>Damage that leaves JSON whole: values of other types, missing and doubled members, moved and repeated parts, odd strings.</summary>
internal sealed class JsonMutator(Random random)
{
    private static readonly JsonSerializerOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 512 };

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "3.5", "1e300", "9007199254740993", "\"\"", "\" \"", "\"x\"", "\"\\u0000\\u2028\"", "\"\\ud83d\\ude00\"", "[]", "{}", "[[]]", "[null]",
        "[1,\"a\",{}]", "{\"type\":\"text\",\"text\":\"\"}", "{\"type\":\"unknown\"}", "\"auto\"", "\"any\"", "\"user\"", "\"assistant\"", "\"system\"", "\"tool\"", "\"stop\"", "\"length\"",
        "\"tool_calls\"", "\"content_filter\"", "\"tool_use\"", "\"tool_result\"", "\"image\"", "\"document\"", "\"thinking\"", "\"<think>\"", "\"</think>\"", "\"{\\\"a\\\":\"", "\"{}\"", "\"STOP\"",
        "\"<tool_call>\\n{\\\"name\\\":\\\"Read\\\",\\\"arguments\\\":{}}\\n</tool_call>\"", "{\"$ref\":\"#/$defs/a\"}", "{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}},\"$ref\":\"#/$defs/a\"}",
        "{\"type\":[\"string\",\"null\"]}", "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}", "{\"type\":\"ephemeral\"}", "{\"message\":\"boom\",\"code\":429}",
    ];

    private static readonly string[] Names =
    [
        "type", "role", "content", "text", "id", "name", "input", "tool_use_id", "index", "tools", "tool_choice", "messages", "system", "thinking", "signature", "stop_sequences", "max_tokens",
        "stream", "cache_control", "source", "data", "media_type", "is_error", "delta", "choices", "finish_reason", "tool_calls", "function", "arguments", "usage", "error", "reasoning",
        "reasoning_content", "reasoning_details", "refusal", "input_schema", "output_config", "thread", "defer_loading", "strict", "temperature",
    ];

    /// <summary>A changed copy; null if <paramref name="json"/> is no object or array.</summary>
    public byte[]? Mutate(ReadOnlySpan<byte> json)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json, documentOptions: new() { MaxDepth = 512 });
            if (root is not (JsonObject or JsonArray))
                return null;
            for (var times = 1 << random.Next(4); times > 0; times--)
                MutateOne(root);
            return Encoding.UTF8.GetBytes(root.ToJsonString(Writing));
        }
        // Members that stand twice, half surrogates, nesting: System.Text.Json's own limits.
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private void MutateOne(JsonNode root)
    {
        var places = new List<(JsonNode Container, object Key)>();
        Collect(root, places);
        if (places.Count == 0)
            return;
        var (container, key) = places[random.Next(places.Count)];
        switch (random.Next(7))
        {
            case 0:
                Set(container, key, Value());
                break;
            case 1:
                Remove(container, key);
                break;
            case 2:
                var (other, otherKey) = places[random.Next(places.Count)];
                Set(container, key, Get(other, otherKey)?.DeepClone());
                break;
            case 3 when container is JsonArray array:
                array.Insert(random.Next(array.Count + 1), random.Next(2) == 0 ? Value() : Get(container, key)?.DeepClone());
                break;
            case 4 when container is JsonObject members:
                members[Names[random.Next(Names.Length)]] = Value();
                break;
            case 5:
                Set(container, key, new JsonArray(Get(container, key)?.DeepClone()));
                break;
            case 6 when Get(container, key) is JsonValue value && value.TryGetValue(out string? text):
                Set(container, key, Damaged(text));
                break;
        }
    }

    private string Damaged(string text)
    {
        var at = random.Next(text.Length + 1);
        return random.Next(4) switch
        {
            0 => text[..at].TrimEnd('\uD83D'),
            1 => text + text,
            2 => text.Insert(at, "\"\\\u0001é😀\n"),
            _ => text.Insert(at, "</think>"),
        };
    }

    private JsonNode? Value() => JsonNode.Parse(Values[random.Next(Values.Length)]);

    private static void Collect(JsonNode? node, List<(JsonNode Container, object Key)> places)
    {
        if (node is JsonObject members)
            foreach (var (name, value) in members)
            {
                places.Add((node, name));
                Collect(value, places);
            }
        else if (node is JsonArray array)
            for (var i = 0; i < array.Count; i++)
            {
                places.Add((node, i));
                Collect(array[i], places);
            }
    }

    private static JsonNode? Get(JsonNode container, object key) => key is string name ? container[name] : (int)key < container.AsArray().Count ? container[(int)key] : null;

    private static void Set(JsonNode container, object key, JsonNode? value)
    {
        if (key is string name)
            container[name] = value;
        else if ((int)key < container.AsArray().Count)
            container[(int)key] = value;
    }

    private static void Remove(JsonNode container, object key)
    {
        if (key is string name)
            container.AsObject().Remove(name);
        else if ((int)key < container.AsArray().Count)
            container.AsArray().RemoveAt((int)key);
    }
}
