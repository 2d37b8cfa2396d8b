using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;

namespace Dragoman.TokenCounting;

/// <summary>What a prompt is made of, in tokens of our vocabulary; what a template adds around it is not in here.</summary>
/// <param name="Text">Texts, reasoning, names and arguments of calls.</param>
/// <param name="ToolDefinitions">Tools and the response format, as JSON.</param>
/// <param name="Messages">Messages.</param>
/// <param name="Tools">Tools.</param>
/// <param name="ToolCalls">Calls in the conversation.</param>
internal readonly record struct PromptTokens(long Text, long ToolDefinitions, int Messages, int Tools, int ToolCalls);

/// <summary>Measures Chat Completions requests message by message and remembers each, so that the next turn of a conversation costs only what is new. (failures.md F4)</summary>
internal sealed class PromptMeter(TextTokenizer tokenizer, IMemoryCache cache)
{
    /// <summary>Tools are nested deeper than System.Text.Json expects; the client's request was accepted up to 256 levels.</summary>
    public const int MaxDepth = 512;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    /// <summary>Measures a request as the translator wrote it: valid JSON, valid UTF-8.</summary>
    /// <exception cref="OperationCanceledException">Looked for between slices of text.</exception>
    public PromptTokens Measure(ReadOnlyMemory<byte> chat, CancellationToken cancellation)
    {
        using var request = JsonDocument.Parse(chat, new() { MaxDepth = MaxDepth });
        var root = request.RootElement;
        var sum = new PromptTokens();

        if (root.TryGetProperty("messages"u8, out var messages) && messages.ValueKind is JsonValueKind.Array)
            foreach (var message in messages.EnumerateArray())
            {
                var piece = Remembered(message, MeasureMessage, cancellation);
                sum = sum with { Text = sum.Text + piece.Text, Messages = sum.Messages + 1, ToolCalls = sum.ToolCalls + piece.ToolCalls };
            }
        if (root.TryGetProperty("tools"u8, out var tools) && tools.ValueKind is JsonValueKind.Array)
            foreach (var tool in tools.EnumerateArray())
            {
                var definition = tool.TryGetProperty("function"u8, out var function) ? function : tool;
                var piece = Remembered(definition, MeasureJson, cancellation);
                sum = sum with { ToolDefinitions = sum.ToolDefinitions + piece.ToolDefinitions, Tools = sum.Tools + 1 };
            }
        if (root.TryGetProperty("response_format"u8, out var format) && format.ValueKind is JsonValueKind.Object
            && format.TryGetProperty("json_schema"u8, out var schema))
            sum = sum with { ToolDefinitions = sum.ToolDefinitions + Remembered(schema, MeasureJson, cancellation).ToolDefinitions };
        return sum;
    }

    private delegate PromptTokens Measurement(ReadOnlySpan<byte> json, CancellationToken cancellation);

    private PromptTokens Remembered(JsonElement element, Measurement measure, CancellationToken cancellation)
    {
        var json = JsonMarshal.GetRawUtf8Value(element);
        // 128 bits, so that nobody can craft a message that is taken for another.
        var key = XxHash128.HashToUInt128(json);
        if (!cache.TryGetValue(key, out PromptTokens tokens))
        {
            tokens = measure(json, cancellation);
            cache.Set(key, tokens, new MemoryCacheEntryOptions { Size = 1 });
        }
        return tokens;
    }

    private PromptTokens MeasureMessage(ReadOnlySpan<byte> message, CancellationToken cancellation)
    {
        var tokens = new PromptTokens();
        var counted = false;
        var reader = new Utf8JsonReader(message, ReaderOptions);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName)
            {
                counted = IsPrompt(reader.ValueSpan);
                if (reader.ValueTextEquals("arguments"u8))
                    tokens = tokens with { ToolCalls = tokens.ToolCalls + 1 };
            }
            else if (reader.TokenType is JsonTokenType.String && counted)
                tokens = tokens with { Text = tokens.Text + CountString(ref reader, cancellation) };
        }
        return tokens;
    }

    /// <summary>Whether a string of that name reaches the model as text: images, ids and signatures do not.</summary>
    private static bool IsPrompt(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("content"u8) || name.SequenceEqual("text"u8) || name.SequenceEqual("arguments"u8) || name.SequenceEqual("name"u8)
        || name.SequenceEqual("reasoning_content"u8) || name.SequenceEqual("reasoning"u8) || name.SequenceEqual("summary"u8);

    private long CountString(ref Utf8JsonReader reader, CancellationToken cancellation)
    {
        var chars = ArrayPool<char>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            return tokenizer.Count(chars.AsSpan(0, reader.CopyString(chars)), cancellation);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    private PromptTokens MeasureJson(ReadOnlySpan<byte> json, CancellationToken cancellation)
    {
        var chars = ArrayPool<char>.Shared.Rent(json.Length);
        try
        {
            return new() { ToolDefinitions = tokenizer.Count(chars.AsSpan(0, Encoding.UTF8.GetChars(json, chars)), cancellation) };
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }
}
