using System.Text.Json;

namespace Dragoman.Protocol.OpenAI;

/// <summary>Token counts as a backend reported them; null where it said nothing (openai-chat-completions.md sections 3 and 6.5).</summary>
public readonly record struct ChatUsage
{
    /// <summary><c>prompt_tokens</c>: as a rule all prompt tokens, cached ones included.</summary>
    public long? Prompt { get; init; }

    /// <summary><c>completion_tokens</c></summary>
    public long? Completion { get; init; }

    /// <summary><c>total_tokens</c></summary>
    public long? Total { get; init; }

    /// <summary>Prompt tokens read from a cache, in whichever spelling.</summary>
    public long? Cached { get; init; }

    /// <summary>Prompt tokens written to a cache, in whichever spelling.</summary>
    public long? Written { get; init; }

    /// <summary>Tokens spent on reasoning, in whichever place.</summary>
    public long? Reasoning { get; init; }

    /// <summary>Nothing was counted: no numbers, or only zeros, as some proxies send.</summary>
    public bool IsEmpty => Prompt is null or 0 && Completion is null or 0;

    /// <summary>Reads a usage object.</summary>
    /// <param name="raw">The object, checked JSON.</param>
    public static ChatUsage Read(ReadOnlySpan<byte> raw)
    {
        var usage = new ChatUsage();
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8)) usage = usage with { Prompt = First(Number(ref reader), usage.Prompt) };
            else if (reader.ValueTextEquals("input_tokens"u8)) usage = usage with { Prompt = First(usage.Prompt, Number(ref reader)) };
            else if (reader.ValueTextEquals("completion_tokens"u8)) usage = usage with { Completion = First(Number(ref reader), usage.Completion) };
            else if (reader.ValueTextEquals("output_tokens"u8)) usage = usage with { Completion = First(usage.Completion, Number(ref reader)) };
            else if (reader.ValueTextEquals("total_tokens"u8)) usage = usage with { Total = Number(ref reader) };
            else if (reader.ValueTextEquals("prompt_tokens_details"u8) || reader.ValueTextEquals("input_tokens_details"u8)) ReadPromptDetails(ref reader, ref usage);
            else if (reader.ValueTextEquals("completion_tokens_details"u8) || reader.ValueTextEquals("output_tokens_details"u8)) ReadCompletionDetails(ref reader, ref usage);
            else if (reader.ValueTextEquals("cached_tokens"u8) || reader.ValueTextEquals("prompt_cache_hit_tokens"u8)
                || reader.ValueTextEquals("cache_read_input_tokens"u8) || reader.ValueTextEquals("num_cached_tokens"u8)) usage = usage with { Cached = First(usage.Cached, Number(ref reader)) };
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8)) usage = usage with { Written = First(usage.Written, Number(ref reader)) };
            else if (reader.ValueTextEquals("reasoning_tokens"u8)) usage = usage with { Reasoning = First(usage.Reasoning, Number(ref reader)) };
            else Skip(ref reader);
        }

        return usage;
    }

    /// <summary>Reads llama.cpp's <c>timings</c>, which stand on the last chunk also where no usage was asked for.</summary>
    public static ChatUsage ReadTimings(ReadOnlySpan<byte> raw)
    {
        long? cached = null, prompt = null, completion = null;
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("cache_n"u8)) cached = Number(ref reader);
            else if (reader.ValueTextEquals("prompt_n"u8)) prompt = Number(ref reader);
            else if (reader.ValueTextEquals("predicted_n"u8)) completion = Number(ref reader);
            else Skip(ref reader);
        }

        return new ChatUsage { Prompt = prompt + (cached ?? 0), Cached = cached, Completion = completion };
    }

    /// <summary>What was reported later, with gaps filled from <paramref name="earlier"/>.</summary>
    public ChatUsage After(in ChatUsage earlier) => new()
    {
        Prompt = Prompt ?? earlier.Prompt,
        Completion = Completion ?? earlier.Completion,
        Total = Total ?? earlier.Total,
        Cached = Cached ?? earlier.Cached,
        Written = Written ?? earlier.Written,
        Reasoning = Reasoning ?? earlier.Reasoning,
    };

    private static void ReadPromptDetails(ref Utf8JsonReader reader, ref ChatUsage usage)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("cached_tokens"u8)) usage = usage with { Cached = First(Number(ref reader), usage.Cached) };
            else if (reader.ValueTextEquals("cache_write_tokens"u8) || reader.ValueTextEquals("cache_creation_input_tokens"u8)
                || reader.ValueTextEquals("cache_creation_tokens"u8)) usage = usage with { Written = First(Number(ref reader), usage.Written) };
            else Skip(ref reader);
        }
    }

    private static void ReadCompletionDetails(ref Utf8JsonReader reader, ref ChatUsage usage)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("reasoning_tokens"u8)) usage = usage with { Reasoning = First(Number(ref reader), usage.Reasoning) };
            else Skip(ref reader);
        }
    }

    /// <summary>The first that is known. A method, so that both are read.</summary>
    private static long? First(long? first, long? second) => first ?? second;

    /// <remarks>Counts may be written as 12.0; none is negative.</remarks>
    private static long? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            if (reader.TryGetInt64(out var whole)) return Math.Max(0, whole);
            if (reader.TryGetDouble(out var real) && real is >= 0 and < 1e15) return (long)real;
        }

        reader.Skip();
        return null;
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
