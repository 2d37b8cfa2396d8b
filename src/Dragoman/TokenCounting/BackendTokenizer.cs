using System.Buffers;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.TokenCounting;

/// <summary>Counts by the tokenizers of vLLM and llama.cpp (mapping.md section 11).</summary>
internal static class BackendTokenizer
{
    /// <summary>Largest answer read: a token list takes some 7 bytes a token.</summary>
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>The backend's count of the prompt without its images, or null if it could not count this prompt.</summary>
    /// <exception cref="CountRefusedException">It refused in a way that is the caller's to know.</exception>
    /// <exception cref="HttpRequestException">It could not be reached, or has no such endpoint.</exception>
    /// <exception cref="OperationCanceledException">The caller or the time-out.</exception>
    public static async Task<long?> CountAsync(CountRequest request, CancellationToken cancellation)
    {
        if (request.Dialect.CountTokens is CountTokens.VllmTokenize)
        {
            var answer = await PostAsync(request, "tokenize", Prompt(request.Chat, withModel: true), cancellation).ConfigureAwait(false);
            return answer is null ? null : ReadCount(answer);
        }

        // llama.cpp: the template first, then the tokens of what it made.
        var templated = await PostAsync(request, "apply-template", Prompt(request.Chat, withModel: false), cancellation).ConfigureAwait(false);
        if (templated is null || Content(templated) is not { } content)
            return null;
        var tokenized = await PostAsync(request, "tokenize", content, cancellation).ConfigureAwait(false);
        return tokenized is null ? null : ReadLength(tokenized);
    }

    /// <summary>The address of the server itself: its tokenizer stands beside <c>/v1</c>, not under it.</summary>
    public static Uri Root(Uri url)
    {
        var path = url.AbsolutePath.TrimEnd('/');
        if (path.EndsWith("/v1", StringComparison.Ordinal))
            path = path[..^3];
        return new UriBuilder(url) { Path = path + "/", Query = "", Fragment = "" }.Uri;
    }

    private static async Task<byte[]?> PostAsync(CountRequest request, string path, ArrayBufferWriter<byte> body, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(Root(request.Url), path));
        message.Content = new ReadOnlyMemoryContent(body.WrittenMemory) { Headers = { ContentType = Json } };
        using var response = await request.Send(message, cancellation).ConfigureAwait(false);
        await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, cancellation).ConfigureAwait(false);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        var status = (int)response.StatusCode;
        // These would meet the real request too.
        if (status is 401 or 402 or 403 or 429)
            throw new CountRefusedException(ErrorTranslator.Translate(status, answer, request.ErrorContext));
        if (status is 404 or 405 or 501)
            throw new HttpRequestException(HttpRequestError.Unknown, "no such endpoint", statusCode: response.StatusCode);
        // Anything else may be about this one prompt, as when a template cannot do without its images.
        return response.IsSuccessStatusCode ? answer : null;
    }

    /// <summary>What of a chat request decides its prompt. Images are left out and counted apart: without their projector llama.cpp
    /// refuses them, and vLLM's count holds one placeholder for each.</summary>
    private static ArrayBufferWriter<byte> Prompt(ReadOnlyMemory<byte> chat, bool withModel)
    {
        var body = new ArrayBufferWriter<byte>(chat.Length + 64);
        using var request = JsonDocument.Parse(chat, new() { MaxDepth = PromptMeter.MaxDepth });
        using var json = new Utf8JsonWriter(body, new() { SkipValidation = true, MaxDepth = PromptMeter.MaxDepth });
        json.WriteStartObject();
        foreach (var property in request.RootElement.EnumerateObject())
            if (property.NameEquals("messages"u8))
                WriteMessages(json, property.Value);
            else if (property.NameEquals("tools"u8) || property.NameEquals("chat_template_kwargs"u8) || property.NameEquals("add_generation_prompt"u8)
                || property.NameEquals("continue_final_message"u8) || (withModel && property.NameEquals("model"u8)))
                property.WriteTo(json);
        json.WriteEndObject();
        return Flushed(json, body);
    }

    private static void WriteMessages(Utf8JsonWriter json, JsonElement messages)
    {
        json.WriteStartArray("messages"u8);
        foreach (var message in messages.EnumerateArray())
        {
            json.WriteStartObject();
            foreach (var property in message.EnumerateObject())
                if (property.NameEquals("content"u8) && property.Value.ValueKind is JsonValueKind.Array)
                    WriteTexts(json, property.Value);
                else
                    WriteRaw(json, property);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, JsonElement parts)
    {
        json.WriteStartArray("content"u8);
        foreach (var part in parts.EnumerateArray())
            if (part.ValueKind is JsonValueKind.Object && part.TryGetProperty("text"u8, out _))
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(part), skipInputValidation: true);
        json.WriteEndArray();
    }

    private static void WriteRaw(Utf8JsonWriter json, JsonProperty property)
    {
        json.WritePropertyName(property.Name);
        json.WriteRawValue(JsonMarshal.GetRawUtf8Value(property.Value), skipInputValidation: true);
    }

    /// <summary><c>{"prompt":"…"}</c> of /apply-template to the body of /tokenize.</summary>
    private static ArrayBufferWriter<byte>? Content(ReadOnlyMemory<byte> templated)
    {
        if (TryParse(templated) is not { } answer)
            return null;
        using (answer)
        {
            if (answer.RootElement.ValueKind is not JsonValueKind.Object
                || !answer.RootElement.TryGetProperty("prompt"u8, out var prompt) || prompt.ValueKind is not JsonValueKind.String)
                return null;
            var body = new ArrayBufferWriter<byte>(templated.Length + 64);
            using var json = new Utf8JsonWriter(body, new() { SkipValidation = true });
            json.WriteStartObject();
            json.WritePropertyName("content"u8);
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(prompt), skipInputValidation: true);
            // As for a completion: with the model's own first token, and its markers read as markers.
            json.WriteBoolean("add_special"u8, true);
            json.WriteBoolean("parse_special"u8, true);
            json.WriteEndObject();
            return Flushed(json, body);
        }
    }

    private static ArrayBufferWriter<byte> Flushed(Utf8JsonWriter json, ArrayBufferWriter<byte> body)
    {
        json.Flush();
        return body;
    }

    private static long? ReadCount(ReadOnlyMemory<byte> answer)
    {
        using var json = TryParse(answer);
        return json?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("count"u8, out var count)
            && count.ValueKind is JsonValueKind.Number && count.TryGetInt64(out var tokens)
            ? tokens
            : null;
    }

    private static long? ReadLength(ReadOnlyMemory<byte> answer)
    {
        using var json = TryParse(answer);
        return json?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("tokens"u8, out var tokens) && tokens.ValueKind is JsonValueKind.Array
            ? tokens.GetArrayLength()
            : null;
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> answer)
    {
        try
        {
            return JsonDocument.Parse(answer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
