using System.Text.Json;

namespace Dragoman.Protocol.OpenAI;

/// <summary>A part of a message's content, where that is an array (Mistral): text, or thinking whose text is a string or parts of its own.</summary>
public readonly ref struct ContentPart
{
    /// <summary>The part's <c>type</c> is <c>thinking</c>.</summary>
    public bool IsThinking { get; private init; }

    /// <summary>Inside of <c>text</c> or <c>thinking</c>; empty if neither is a string.</summary>
    public ReadOnlySpan<byte> Text { get; private init; }

    /// <summary>Raw array <c>thinking</c>; empty if it is none.</summary>
    public ReadOnlySpan<byte> Parts { get; private init; }

    /// <summary>Reads a part.</summary>
    /// <param name="json">The object, checked JSON.</param>
    public static ContentPart Read(ReadOnlySpan<byte> json)
    {
        var isThinking = false;
        ReadOnlySpan<byte> text = default, parts = default;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isText = reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("thinking"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isType && reader.TokenType == JsonTokenType.String) isThinking = reader.ValueTextEquals("thinking"u8);
            else if (isText && reader.TokenType == JsonTokenType.String) text = reader.ValueSpan;
            var isArray = isText && reader.TokenType == JsonTokenType.StartArray;
            reader.Skip();
            if (isArray) parts = json[start..(int)reader.BytesConsumed];
        }

        return new ContentPart { IsThinking = isThinking, Text = text, Parts = parts };
    }
}
