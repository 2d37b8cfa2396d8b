using System.Text.Json;
using Dragoman.Protocol;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Reasoning that must come back to the backend that made it, and travels with the client meanwhile (mapping.md section 6.2).</summary>
/// <param name="Dialect">Name of the dialect it came from.</param>
/// <param name="Field">Field it stood in: <c>reasoning_content</c>, <c>reasoning</c>, <c>reasoning_details</c>, <c>content</c>.</param>
/// <param name="Text">The whole text, if the visible text differs or is empty; else null.</param>
/// <param name="Details">The raw JSON array <c>reasoning_details</c>, or empty.</param>
/// <param name="ExtraContent">Raw JSON <c>extra_content</c> by tool use id (Gemini's thought signatures), or null.</param>
public sealed record SealedReasoning(
    string Dialect,
    string Field,
    string? Text = null,
    ReadOnlyMemory<byte> Details = default,
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? ExtraContent = null);

/// <summary>Writes and reads the <c>gw1.</c> signatures of thinking blocks.</summary>
/// <remarks>A <see cref="ChatCompletions.Seal"/> over JSON: its MAC keeps clients from putting fields of their own into a request to the backend.</remarks>
public static class ReasoningSignature
{
    private static ReadOnlySpan<byte> Prefix => "gw1."u8;

    /// <summary>Compresses and seals <paramref name="reasoning"/>; ASCII, begins with <c>gw1.</c>; the same input gives the same signature.</summary>
    public static string Seal(SealedReasoning reasoning, ReadOnlySpan<byte> key)
    {
        using var json = new PooledBuffer();
        WriteJson(reasoning, json);
        return ChatCompletions.Seal.Close("gw1.", default, json.Span, key);
    }

    /// <summary>Whether a signature is of this gateway's making, whichever key it was sealed with, and no model's vendor's.</summary>
    /// <param name="signature">The bytes between the quotes.</param>
    public static bool IsOurs(ReadOnlySpan<byte> signature) => signature.StartsWith(Prefix);

    /// <summary>Opens a signature of ours; null if it is another's, was changed, or was sealed with another key.</summary>
    /// <param name="signature">The bytes between the quotes.</param>
    /// <param name="key">The key it was sealed with.</param>
    public static SealedReasoning? Open(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> key)
    {
        if (!signature.StartsWith(Prefix)) return null;
        if (ChatCompletions.Seal.Open(signature[Prefix.Length..], default, key) is not { } json) return null;
        try
        {
            return ReadJson(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void WriteJson(SealedReasoning reasoning, PooledBuffer output)
    {
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteString("b"u8, reasoning.Dialect);
        writer.WriteString("f"u8, reasoning.Field);
        if (reasoning.Text is not null) writer.WriteString("t"u8, reasoning.Text);
        WriteRaw(writer, "d", reasoning.Details);
        if (reasoning.ExtraContent is { Count: > 0 } extra)
        {
            writer.WriteStartObject("x"u8);
            foreach (var (id, content) in extra) WriteRaw(writer, id, content);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteRaw(Utf8JsonWriter writer, string name, ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty) return;
        writer.WritePropertyName(name);
        writer.WriteRawValue(json.Span, skipInputValidation: true);
    }

    private static SealedReasoning? ReadJson(ReadOnlySpan<byte> json)
    {
        string? dialect = null, field = null, text = null;
        ReadOnlyMemory<byte> details = default;
        Dictionary<string, ReadOnlyMemory<byte>>? extra = null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (name == "b") dialect = reader.GetString();
            else if (name == "f") field = reader.GetString();
            else if (name == "t") text = reader.GetString();
            else if (name == "d") details = Take(ref reader, json);
            else if (name == "x") extra = ReadExtra(ref reader, json);
            else reader.Skip();
        }

        return dialect is null || field is null ? null : new SealedReasoning(dialect, field, text, details, extra);
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> ReadExtra(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var extra = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var id = reader.GetString()!;
            reader.Read();
            extra[id] = Take(ref reader, json);
        }

        return extra;
    }

    private static byte[] Take(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed].ToArray();
    }
}
