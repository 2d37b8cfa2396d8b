using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dragoman.Tests.Corpus;

/// <summary>Everything that a JSON document says: its strings, one after another, blank space squeezed.</summary>
internal static partial class Saying
{
    public static string Of(JsonElement element)
    {
        var all = new StringBuilder();
        Collect(element, all);
        return Squeeze(all.ToString());
    }

    public static string Squeeze(string text) => Blank().Replace(text, " ").Trim();

    private static void Collect(JsonElement element, StringBuilder all)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                all.Append(element.GetString()).Append('\n');
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) Collect(item, all);
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject()) Collect(property.Value, all);
                break;
        }
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
