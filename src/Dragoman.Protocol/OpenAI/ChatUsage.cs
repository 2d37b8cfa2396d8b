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
        var counts = default(Counts);
        ReadCounts(raw, ref counts);
        return new ChatUsage
        {
            Prompt = counts.Prompt,
            Completion = counts.Completion,
            Total = counts.Total,
            Cached = counts.Cached,
            Written = counts.Written,
            Reasoning = counts.Reasoning,
        };
    }

    /// <summary>Reads llama.cpp's <c>timings</c>, which stand on the last chunk also where no usage was asked for.</summary>
    public static ChatUsage ReadTimings(ReadOnlySpan<byte> raw)
    {
        long? cached = null, prompt = null, completion = null;
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var count = Number(ref reader);
            if (Is(name, "cache_n"u8)) cached = count;
            else if (Is(name, "prompt_n"u8)) prompt = count;
            else if (Is(name, "predicted_n"u8)) completion = count;
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

    /// <summary>Reads the usage object and, by the same names, the objects of details inside it.</summary>
    private static void ReadCounts(ReadOnlySpan<byte> raw, ref Counts counts)
    {
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (name.EndsWith("_tokens_details"u8)) ReadCounts(raw[start..(int)reader.BytesConsumed], ref counts);
                continue;
            }

            if (Number(ref reader) is { } count) Take(name, count, ref counts);
        }
    }

    private static void Take(ReadOnlySpan<byte> name, long count, ref Counts counts)
    {
        if (Is(name, "prompt_tokens"u8) || Is(name, "input_tokens"u8)) counts.Prompt ??= count;
        else if (Is(name, "completion_tokens"u8) || Is(name, "output_tokens"u8)) counts.Completion ??= count;
        else if (Is(name, "total_tokens"u8)) counts.Total = count;
        else if (Is(name, "reasoning_tokens"u8)) counts.Reasoning = Larger(counts.Reasoning, count);
        else if (Is(name, "cached_tokens"u8) || Is(name, "prompt_cache_hit_tokens"u8) || Is(name, "cache_read_input_tokens"u8)
            || Is(name, "num_cached_tokens"u8)) counts.Cached = Larger(counts.Cached, count);
        else if (Is(name, "cache_write_tokens"u8) || Is(name, "cache_creation_input_tokens"u8) || Is(name, "cache_creation_tokens"u8))
            counts.Written = Larger(counts.Written, count);
    }

    /// <remarks>Backends that count one thing in two places leave one of them at 0 at times.</remarks>
    private static long Larger(long? known, long count) => Math.Max(known ?? 0, count);

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> wanted) => name.SequenceEqual(wanted);

    /// <remarks>Counts may be written as 12.0; none is negative.</remarks>
    private static long? Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            if (reader.TryGetInt64(out var whole)) return Math.Max(0, whole);
            if (reader.TryGetDouble(out var real) && real is >= 0 and < 1e15) return (long)real;
        }

        reader.Skip();
        return null;
    }

    private struct Counts
    {
        internal long? Prompt;
        internal long? Completion;
        internal long? Total;
        internal long? Cached;
        internal long? Written;
        internal long? Reasoning;
    }
}
