using System.Text.Json;

namespace Dragoman.Simulator.Requests;

/// <summary>Parses bodies, and takes none whose strings could not be read later.</summary>
internal static class RequestJson
{
    /// <summary>The document's root, or null: no JSON, or a string that is no UTF-8 or has half of a surrogate pair.</summary>
    public static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var reader = new Utf8JsonReader(body.Span);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) _ = reader.GetString();
            }

            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
