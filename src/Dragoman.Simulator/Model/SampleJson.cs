using System.Globalization;
using System.Text.Json;
using Dragoman.Simulator.Requests;

namespace Dragoman.Simulator.Model;

/// <summary>Simple JSON that satisfies a schema: what a model under a grammar would write.</summary>
internal static class SampleJson
{
    private const int MaxDepth = 12;

    private static readonly string[] Cities = ["Paris", "Tokyo", "Lima", "Oslo"];

    /// <summary><paramref name="variant"/> gives other values, so that two calls of one tool differ.</summary>
    public static string For(JsonElement schema, int variant = 0) => Value(schema, schema, "", variant, 0);

    /// <summary>Arguments for a tool that nobody offered.</summary>
    public static string ForUnknownTool(int variant) => $$"""{"city":"{{Cities[variant % Cities.Length]}}"}""";

    private static string Value(JsonElement schema, JsonElement root, string name, int variant, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth) return "{}";
        if (schema.TryGet("const", out var constant)) return constant.GetRawText();
        foreach (var list in (ReadOnlySpan<string>)["enum", "examples"])
        {
            var items = schema.ItemsAt(list).ToList();
            if (items.Count > 0) return items[variant % items.Count].GetRawText();
        }

        if (schema.TryGet("default", out var preset) && preset.ValueKind != JsonValueKind.Null) return preset.GetRawText();
        if (schema.StringAt("$ref") is { } reference) return Value(Resolve(root, reference), root, name, variant, depth + 1);
        foreach (var union in (ReadOnlySpan<string>)["anyOf", "oneOf", "allOf"])
        {
            var first = schema.ItemsAt(union).FirstOrDefault();
            if (first.ValueKind == JsonValueKind.Object) return Value(first, root, name, variant, depth + 1);
        }

        return TypeOf(schema) switch
        {
            "object" => Object(schema, root, variant, depth),
            "array" => Array(schema, root, name, variant, depth),
            "integer" or "number" => Number(schema, variant),
            "boolean" => "true",
            "null" => "null",
            _ => JsonReading.Quote(Text(schema, name, variant)),
        };
    }

    private static string? TypeOf(JsonElement schema)
    {
        if (schema.StringAt("type") is { } type) return type;
        var first = schema.ItemsAt("type").FirstOrDefault();
        if (first.ValueKind == JsonValueKind.String) return first.GetString();
        return schema.TryGet("properties", out _) ? "object" : schema.TryGet("items", out _) ? "array" : null;
    }

    private static string Object(JsonElement schema, JsonElement root, int variant, int depth)
    {
        if (!schema.TryGet("properties", out var properties) || properties.ValueKind != JsonValueKind.Object) return "{}";
        var required = schema.ItemsAt("required").Select(r => r.GetString()).ToHashSet();
        var members = properties.EnumerateObject().Where(p => required.Contains(p.Name))
            .Select(p => $"{JsonReading.Quote(p.Name)}:{Value(p.Value, root, p.Name, variant, depth + 1)}");
        return $"{{{string.Join(',', members)}}}";
    }

    private static string Array(JsonElement schema, JsonElement root, string name, int variant, int depth)
    {
        var count = Math.Max(1, schema.IntAt("minItems") ?? 1);
        var items = schema.TryGet("items", out var item) ? item : default;
        return $"[{string.Join(',', Enumerable.Range(0, count).Select(i => items.ValueKind == JsonValueKind.Object ? Value(items, root, name, variant + i, depth + 1) : "\"example\""))}]";
    }

    private static string Number(JsonElement schema, int variant)
    {
        var least = schema.IntAt("minimum") ?? (schema.IntAt("exclusiveMinimum") + 1) ?? 1;
        var number = least + variant;
        if (schema.IntAt("maximum") is { } most) number = Math.Min(number, most);
        return number.ToString(CultureInfo.InvariantCulture);
    }

    private static string Text(JsonElement schema, string name, int variant)
    {
        var sample = schema.StringAt("format") switch
        {
            "date" => "2026-11-22",
            "date-time" => "2026-11-22T12:00:00Z",
            "uri" => "https://example.com/",
            "email" => "someone@example.com",
            "uuid" => "00000000-0000-4000-8000-000000000001",
            _ => name switch
            {
                "city" or "location" => Cities[variant % Cities.Length],
                "command" => "echo hello",
                "file_path" or "path" => $"/tmp/example-{variant}.txt",
                "url" => "https://example.com/",
                "title" => "Demonstration of a gateway",
                _ => $"example {variant + 1}",
            },
        };
        var least = schema.IntAt("minLength") ?? 0;
        if (sample.Length < least) sample = sample.PadRight(least, 'x');
        return schema.IntAt("maxLength") is { } most && sample.Length > most ? sample[..most] : sample;
    }

    private static JsonElement Resolve(JsonElement root, string reference)
    {
        var at = root;
        foreach (var step in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!at.TryGet(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out at))
            {
                return default;
            }
        }

        return at;
    }
}
