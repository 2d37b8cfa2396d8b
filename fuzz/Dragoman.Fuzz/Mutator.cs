using System.Text;

namespace Dragoman.Fuzz;

/// <summary>Makes new inputs of seeds: byte damage, and damage that knows JSON (a value for another, a member twice, a piece of another seed).</summary>
internal sealed class Mutator(int seed, byte[][] seeds)
{
    private static readonly byte[][] Words =
        [.. new[]
        {
            "null", "true", "0", "-1", "1e999", "9007199254740993", "\"\"", "[]", "{}", "[[]]", "\"\\ud83d\"", "\"\\u0000\"", "\"😀\"", "[null]", "{\"type\":\"text\"}",
            "data: ", "data:", "\n\n", "\r\n\r\n", "\r", ": ping\n\n", "event: error\n", "data: [DONE]\n\n", "\uFEFF", "<think>", "</think>", "<tool_call>",
            "\"index\":1", "\"index\":-1", "\"finish_reason\":\"stop\"", "\"finish_reason\":\"tool_calls\"", "\"tool_calls\":[{}]", "\"content\":null", "\"error\":{\"message\":\"x\"}",
            "\"role\":\"system\"", "\"type\":\"tool_result\"", "\"type\":\"thinking\"", "\"thread\":{}", "\"defer_loading\":true", "STOP", "\"usage\":{}", "\\", "\"",
        }.Select(Encoding.UTF8.GetBytes)];

    private readonly Random _random = new(seed);
    private readonly JsonMutator _json = new(new Random(seed));

    public byte[] Next()
    {
        var chosen = seeds[_random.Next(seeds.Length)];
        // Most damage to bytes ends at the door, as no JSON. So half of the inputs keep that.
        if (_random.Next(2) == 0 && (chosen.AsSpan().StartsWith("{"u8) ? _json.Mutate(chosen) : MutateEvent(chosen)) is { } mutated)
            return mutated;
        var input = new List<byte>(chosen);
        for (var times = 1 << _random.Next(5); times > 0; times--)
            Mutate(input);
        return [.. input];
    }

    /// <summary>Another JSON in the data of one event.</summary>
    private byte[]? MutateEvent(byte[] stream)
    {
        var start = stream.AsSpan(_random.Next(stream.Length + 1)) is var rest && rest.IndexOf("data: {"u8) is >= 0 and var found
            ? stream.Length - rest.Length + found + "data: ".Length
            : -1;
        if (start < 0)
            return null;
        var length = stream.AsSpan(start).IndexOf((byte)'\n');
        if (length < 0)
            length = stream.Length - start;
        return _json.Mutate(stream.AsSpan(start, length)) is { } json ? [.. stream.AsSpan(0, start), .. json, .. stream.AsSpan(start + length)] : null;
    }

    private void Mutate(List<byte> input)
    {
        var at = _random.Next(input.Count + 1);
        var length = Math.Min(1 << _random.Next(10), input.Count - at);
        switch (_random.Next(8))
        {
            case 0 when at < input.Count:
                input[at] = (byte)_random.Next(256);
                break;
            case 1:
                input.RemoveRange(at, length);
                break;
            case 2:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 3:
                input.InsertRange(at, Words[_random.Next(Words.Length)]);
                break;
            case 4:
                input.RemoveRange(at, input.Count - at);
                break;
            case 5:
                ReplaceValue(input, at);
                break;
            case 6:
                var other = seeds[_random.Next(seeds.Length)];
                var from = _random.Next(other.Length + 1);
                input.InsertRange(at, other.AsSpan(from, Math.Min(1 << _random.Next(12), other.Length - from)));
                break;
            case 7:
                SwapLines(input, at);
                break;
        }
    }

    /// <summary>Puts a word in the place of what stands between a colon or comma and the next comma, brace or bracket.</summary>
    private void ReplaceValue(List<byte> input, int at)
    {
        var start = input.FindIndex(at, b => b is (byte)':' or (byte)',' or (byte)'[');
        if (start < 0)
            return;
        var end = input.FindIndex(start + 1, b => b is (byte)',' or (byte)'}' or (byte)']');
        if (end < 0)
            return;
        input.RemoveRange(start + 1, end - start - 1);
        input.InsertRange(start + 1, Words[_random.Next(Words.Length)]);
    }

    private static void SwapLines(List<byte> input, int at)
    {
        var first = input.IndexOf((byte)'\n', at);
        if (first < 0)
            return;
        var second = input.IndexOf((byte)'\n', first + 1);
        if (second < 0)
            return;
        var line = input.GetRange(first + 1, second - first);
        input.RemoveRange(first + 1, line.Count);
        input.InsertRange(at, line);
    }
}
