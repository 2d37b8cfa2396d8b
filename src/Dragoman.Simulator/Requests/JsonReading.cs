using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dragoman.Simulator.Requests;

/// <summary>Reads JSON of any shape without throwing, and writes JSON strings.</summary>
internal static class JsonReading
{
    public static bool TryGet(this JsonElement json, string name, out JsonElement value)
    {
        value = default;
        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out value);
    }

    public static string? StringAt(this JsonElement json, string name) =>
        json.TryGet(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static int? IntAt(this JsonElement json, string name) =>
        json.TryGet(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    public static IEnumerable<JsonElement> ItemsAt(this JsonElement json, string name) =>
        json.TryGet(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    /// <summary><paramref name="text"/> as a JSON string with its quotes; only what must be escaped is, so that UTF-8 stays visible on the wire.</summary>
    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
