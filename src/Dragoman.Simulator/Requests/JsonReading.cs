using System.Globalization;
using System.Text;
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

    /// <summary><paramref name="text"/> as a JSON string with its quotes. Only what must be escaped is, so that UTF-8 of every length reaches the wire.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var unit = text[i];
            var isPair = char.IsHighSurrogate(unit) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            switch (unit)
            {
                case '"' or '\\':
                    quoted.Append('\\').Append(unit);
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case '\t':
                    quoted.Append("\\t");
                    break;
                default:
                    if (isPair) quoted.Append(unit).Append(text[++i]);
                    else if (unit < ' ' || char.IsSurrogate(unit)) AppendEscape(quoted, unit);
                    else quoted.Append(unit);
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Valid JSON with everything beyond ASCII escaped, as Python writes it.</summary>
    public static string EscapeBeyondAscii(string json)
    {
        var escaped = new StringBuilder(json.Length);
        foreach (var unit in json)
        {
            if (unit < 128) escaped.Append(unit);
            else AppendEscape(escaped, unit);
        }

        return escaped.ToString();
    }

    private static void AppendEscape(StringBuilder text, char unit) => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
}
