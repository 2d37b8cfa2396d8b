using System.Text.Json;

namespace Dragoman.WebSearch.Providers;

/// <summary>Reads hits out of a service's JSON. What has another shape than expected is not there.</summary>
internal static class HitReading
{
    private static readonly string[] Lists = ["results", "web", "items", "organic", "data", "value"];

    /// <summary>Reads an array of objects.</summary>
    /// <param name="array">The array; anything else holds no hits.</param>
    /// <param name="title">Members that may hold the title; the first one with text counts. The same for the others.</param>
    /// <param name="url">Members that may hold the address.</param>
    /// <param name="snippet">Members that may hold the snippet: a text, or several.</param>
    /// <param name="age">Members that may hold a date.</param>
    public static IReadOnlyList<SearchHit> Read(JsonElement array, string[] title, string[] url, string[] snippet, string[] age)
    {
        var hits = new List<SearchHit>();
        if (array.ValueKind != JsonValueKind.Array) return hits;
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object) hits.Add(new(First(item, title), First(item, url), First(item, age), First(item, snippet)));
        }

        return hits;
    }

    /// <summary>Reads hits whatever their members are called, of an array or of an object that holds one.</summary>
    public static IReadOnlyList<SearchHit> ReadAny(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object) json = Lists.Select(name => Member(json, name)).FirstOrDefault(list => list.ValueKind is JsonValueKind.Array or JsonValueKind.Object, json);
        if (json.ValueKind == JsonValueKind.Object && Member(json, "results") is { ValueKind: JsonValueKind.Array } inner) json = inner;
        return Read(
            json,
            ["title", "name"],
            ["url", "link", "href", "uri"],
            ["snippet", "content", "description", "text", "summary", "highlights", "body"],
            ["page_age", "age", "published_date", "publishedDate", "date", "published"]);
    }

    /// <summary>A member of an object; undefined if there is none.</summary>
    public static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The text of a member; null if there is none.</summary>
    public static string? Text(JsonElement json, string name) => TextOf(Member(json, name));

    private static string? First(JsonElement json, string[] names)
    {
        foreach (var name in names)
        {
            if (TextOf(Member(json, name)) is { Length: > 0 } text) return text;
        }

        return null;
    }

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Array => string.Join('\n', value.EnumerateArray().Select(TextOf).Where(text => text is not null)),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: JSON can write it, text cannot hold it.
            return null;
        }
    }
}
