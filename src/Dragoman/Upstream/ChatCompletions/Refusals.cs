using System.Buffers;
using System.Text.Json;

namespace Dragoman.Upstream.ChatCompletions;

/// <summary>A prompt that the backend's filter refused with an HTTP error is answered as a refusal: an error 400 would stop the
/// session for good, since every later turn carries the prompt again (mapping.md section 10).</summary>
internal static class Refusals
{
    /// <summary>What the backend would have sent, had it answered with 200; the translator makes of it what it makes of all
    /// refusals.</summary>
    public static ReadOnlySpan<byte> AsCompletion(string explanation)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("choices"u8);
            json.WriteStartObject();
            json.WriteNumber("index"u8, 0);
            json.WriteStartObject("message"u8);
            json.WriteString("role"u8, "assistant"u8);
            json.WriteNull("content"u8);
            json.WriteString("refusal"u8, explanation);
            json.WriteEndObject();
            json.WriteString("finish_reason"u8, "content_filter"u8);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan;
    }
}
