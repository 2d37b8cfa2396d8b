using Dragoman.Protocol;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Reads calls as Llama writes them: <c>[get_weather(city="Paris", days=3), …]</c>.</summary>
internal static class PythonicCalls
{
    /// <summary>Reads a list of calls.</summary>
    /// <param name="text">Begins with the opening bracket.</param>
    /// <param name="tools">The tools that were offered.</param>
    /// <param name="found">Takes the calls.</param>
    /// <param name="length">How much of the text they are.</param>
    internal static LeakState Read(ReadOnlySpan<byte> text, ToolNames tools, List<(OfferedTool Tool, byte[] Arguments)> found, out int length)
    {
        length = 0;
        var at = 1;
        while (true)
        {
            SkipSpace(text, ref at);
            var name = TakeName(text, ref at);
            if (at == text.Length) return IsBeginningOfName(name, tools) ? LeakState.Undecided : LeakState.NoCall;
            if (text[at] != '(' || tools.Find(name) is not { } tool) return LeakState.NoCall;
            at++;
            using var arguments = new PooledBuffer();
            var state = ReadArguments(text, ref at, arguments);
            if (state != LeakState.Whole) return state;
            found.Add((tool, arguments.Span.ToArray()));
            SkipSpace(text, ref at);
            if (at == text.Length) return LeakState.Undecided;
            if (text[at] == ']')
            {
                length = at + 1;
                return LeakState.Whole;
            }

            if (text[at] != ',') return LeakState.NoCall;
            at++;
        }
    }

    private static LeakState ReadArguments(ReadOnlySpan<byte> text, ref int at, PooledBuffer json)
    {
        json.Append((byte)'{');
        for (var first = true; ; first = false)
        {
            SkipSpace(text, ref at);
            if (at == text.Length) return LeakState.Undecided;
            if (text[at] == ')')
            {
                at++;
                json.Append((byte)'}');
                return LeakState.Whole;
            }

            if (!first)
            {
                if (text[at++] != ',') return LeakState.NoCall;
                json.Append((byte)',');
                SkipSpace(text, ref at);
            }

            var name = TakeName(text, ref at);
            SkipSpace(text, ref at);
            if (at == text.Length) return LeakState.Undecided;
            if (name.IsEmpty || text[at++] != '=') return LeakState.NoCall;
            json.Append((byte)'"');
            json.Append(name);
            json.Append("\":"u8);
            if (!LenientJson.TryRewriteValue(text[at..], json, out var used))
                return at + used >= text.Length ? LeakState.Undecided : LeakState.NoCall;
            at += used;
        }
    }

    private static bool IsBeginningOfName(ReadOnlySpan<byte> name, ToolNames tools)
    {
        foreach (var tool in tools.Offered)
        {
            var upstream = System.Text.Encoding.UTF8.GetBytes(tool.UpstreamName);
            if (upstream.AsSpan().StartsWith(name)) return true;
        }

        return false;
    }

    private static ReadOnlySpan<byte> TakeName(ReadOnlySpan<byte> text, ref int at)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit((char)text[at]) || text[at] is (byte)'_' or (byte)'-' or (byte)'.')) at++;
        return text[start..at];
    }

    private static void SkipSpace(ReadOnlySpan<byte> text, ref int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') at++;
    }
}
