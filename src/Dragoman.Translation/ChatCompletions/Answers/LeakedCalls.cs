using System.Text;
using System.Text.Json;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What a text that may be a leaked tool call turned out to be.</summary>
internal enum LeakState
{
    /// <summary>More must come.</summary>
    Undecided,

    /// <summary>Text.</summary>
    NoCall,

    /// <summary>One or more calls, and all of them.</summary>
    Whole,
}

/// <summary>Reads tool calls in the formats in which models write them, from the first mark on (mapping.md section 9.5).</summary>
internal sealed class LeakedCalls(ToolNames tools)
{
    private readonly List<(OfferedTool Tool, byte[] Arguments)> _found = [];

    /// <summary>The calls, in order; arguments are JSON where the model wrote such, else its text.</summary>
    internal IReadOnlyList<(OfferedTool Tool, byte[] Arguments)> Found => _found;

    /// <summary>Reads a text that begins with an opening mark.</summary>
    /// <param name="text">Unescaped.</param>
    /// <param name="isEnd">Nothing will follow.</param>
    /// <param name="length">How much of the text the calls are.</param>
    internal LeakState TryRead(ReadOnlySpan<byte> text, bool isEnd, out int length)
    {
        _found.Clear();
        if (text.StartsWith("<tool_call>"u8)) return Tagged(text, "<tool_call>"u8, "</tool_call>"u8, isEnd, out length);
        if (text.StartsWith("<function="u8)) return Tagged(text, default, "</function>"u8, isEnd, out length);
        if (text.StartsWith("<|tool_calls_section_begin|>"u8)) return Section(text, "<|tool_calls_section_end|>"u8, isEnd, out length);
        if (text.StartsWith("<|tool_call_begin|>"u8)) return Section(text, "<|tool_call_end|>"u8, isEnd, out length);
        if (text.StartsWith("<｜tool▁calls▁begin｜>"u8)) return Section(text, "<｜tool▁calls▁end｜>"u8, isEnd, out length);
        if (text.StartsWith("<｜tool▁call▁begin｜>"u8)) return Section(text, "<｜tool▁call▁end｜>"u8, isEnd, out length);
        if (text.StartsWith("[TOOL_CALLS]"u8)) return Mistral(text, isEnd, out length);
        if (text.StartsWith("<|python_tag|>"u8))
        {
            const int mark = 14;
            var state = TryReadBare(text[mark..], isEnd, out length);
            length += mark;
            return state;
        }

        length = 0;
        return LeakState.NoCall;
    }

    /// <summary>Reads a text that begins with a call without any mark: <c>[name(argument=value), …]</c>, or objects with name and parameters.</summary>
    /// <param name="text">Unescaped.</param>
    /// <param name="isEnd">Nothing will follow.</param>
    /// <param name="length">How much of the text the calls are.</param>
    internal LeakState TryReadBare(ReadOnlySpan<byte> text, bool isEnd, out int length)
    {
        _found.Clear();
        length = 0;
        var begun = text.TrimStart(" \t\r\n"u8);
        var skipped = text.Length - begun.Length;
        if (begun.IsEmpty) return LeakState.Undecided;
        if (begun[0] == '[' && PythonicCalls.Read(begun, tools, _found, out length) is var pythonic and not LeakState.NoCall)
        {
            length += skipped;
            return pythonic;
        }

        if (begun[0] is not ((byte)'{' or (byte)'[') || !MayBeNamedObject(begun)) return LeakState.NoCall;
        var state = JsonCalls(begun, isEnd, out length);
        length += skipped;
        return state;
    }

    /// <summary>Whether an object, or an array of them, may yet turn out to have a name: keeps ordinary JSON from being held back.</summary>
    private static bool MayBeNamedObject(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart("[{ \t\r\n"u8);
        foreach (var key in (ReadOnlySpan<string>)["\"name\"", "\"type\"", "\"function\""])
        {
            var wanted = Encoding.UTF8.GetBytes(key);
            if (text.StartsWith(wanted) || wanted.AsSpan().StartsWith(text)) return true;
        }

        return false;
    }

    /// <summary>Between an opening and a closing tag: JSON, or the XML of Qwen Coder, or that of GLM.</summary>
    private LeakState Tagged(ReadOnlySpan<byte> text, ReadOnlySpan<byte> opening, ReadOnlySpan<byte> closing, bool isEnd, out int length)
    {
        var inside = text[opening.Length..];
        var end = inside.IndexOf(closing);
        length = 0;
        if (end < 0 && !isEnd) return LeakState.Undecided;
        length = end < 0 ? text.Length : opening.Length + end + closing.Length;
        inside = (end < 0 ? inside : inside[..end]).Trim(" \t\r\n"u8);
        if (inside.StartsWith("<function="u8)) return XmlCalls.ReadFunction(inside, tools, _found) ? LeakState.Whole : LeakState.NoCall;
        if (inside.IndexOf("<arg_key>"u8) > 0) return XmlCalls.ReadArguments(inside, tools, _found) ? LeakState.Whole : LeakState.NoCall;
        return JsonCalls(inside, isEnd: true, out _);
    }

    /// <summary>Kimi and DeepSeek: calls between marks of their own, each a name, a mark, the arguments.</summary>
    private LeakState Section(ReadOnlySpan<byte> text, ReadOnlySpan<byte> closing, bool isEnd, out int length)
    {
        var end = text.IndexOf(closing);
        length = 0;
        if (end < 0 && !isEnd) return LeakState.Undecided;
        length = end < 0 ? text.Length : end + closing.Length;
        var rest = text[..(end < 0 ? length : end)];
        while (TakeBetween(ref rest, "<|tool_call_begin|>"u8, "<|tool_call_end|>"u8, out var call)
            || TakeBetween(ref rest, "<｜tool▁call▁begin｜>"u8, "<｜tool▁call▁end｜>"u8, out call))
        {
            if (!(ReadKimi(call) || ReadDeepSeek(call))) return LeakState.NoCall;
        }

        return _found.Count > 0 ? LeakState.Whole : LeakState.NoCall;
    }

    // functions.Read:0<|tool_call_argument_begin|>{…}
    private bool ReadKimi(ReadOnlySpan<byte> call)
    {
        var mark = "<|tool_call_argument_begin|>"u8;
        var at = call.IndexOf(mark);
        if (at < 0) return false;
        var name = call[..at].Trim(" \t\r\n"u8);
        if (name.StartsWith("functions."u8)) name = name["functions.".Length..];
        var number = name.LastIndexOf((byte)':');
        return Add(number > 0 ? name[..number] : name, call[(at + mark.Length)..]);
    }

    // function<｜tool▁sep｜>Read\n```json\n{…}\n``` or Read<｜tool▁sep｜>{…}
    private bool ReadDeepSeek(ReadOnlySpan<byte> call)
    {
        var mark = "<｜tool▁sep｜>"u8;
        var at = call.IndexOf(mark);
        if (at < 0) return false;
        var name = call[..at].Trim(" \t\r\n"u8);
        var rest = call[(at + mark.Length)..];
        if (name.SequenceEqual("function"u8))
        {
            var line = rest.IndexOf((byte)'\n');
            if (line < 0) return false;
            name = rest[..line].Trim(" \t\r"u8);
            rest = rest[(line + 1)..];
        }

        rest = rest.Trim(" \t\r\n"u8);
        if (rest.StartsWith("```"u8) && rest.IndexOf((byte)'\n') is var open and > 0) rest = rest[(open + 1)..];
        if (rest.EndsWith("```"u8)) rest = rest[..^3];
        return Add(name, rest);
    }

    // [TOOL_CALLS][{"name":…,"arguments":{…}}] or [TOOL_CALLS]Read[ARGS]{…}, several times
    private LeakState Mistral(ReadOnlySpan<byte> text, bool isEnd, out int length)
    {
        const int mark = 12;
        length = 0;
        var inside = text[mark..].TrimStart(" \t\r\n"u8);
        if (inside.IsEmpty) return LeakState.Undecided;
        if (inside[0] is (byte)'[' or (byte)'{')
        {
            var state = JsonCalls(inside, isEnd, out length);
            length += text.Length - inside.Length;
            return state;
        }

        var arguments = inside.IndexOf("[ARGS]"u8);
        if (arguments < 0) return inside.Length > 256 ? LeakState.NoCall : LeakState.Undecided;
        var name = inside[..arguments];
        if (name.IndexOf("[CALL_ID]"u8) is var id and > 0) name = name[..id];
        var value = inside[(arguments + 6)..];
        using var json = new PooledBuffer();
        if (!LenientJson.TryRewriteValue(value, json, out var used)) return isEnd ? LeakState.NoCall : LeakState.Undecided;
        length = text.Length - value.Length + used;
        return Add(name.Trim(" \t\r\n"u8), json.Span) ? LeakState.Whole : LeakState.NoCall;
    }

    /// <summary>An object with name and arguments (or parameters), or an array of such.</summary>
    private LeakState JsonCalls(ReadOnlySpan<byte> text, bool isEnd, out int length)
    {
        using var json = new PooledBuffer();
        if (!LenientJson.TryRewriteValue(text, json, out length)) return isEnd ? LeakState.NoCall : LeakState.Undecided;
        using var document = JsonDocument.Parse(json.Span.ToArray());
        var calls = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray().ToArray() : [document.RootElement];
        foreach (var call in calls)
        {
            if (!AddObject(call)) return LeakState.NoCall;
        }

        return _found.Count > 0 ? LeakState.Whole : LeakState.NoCall;
    }

    private bool AddObject(JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Object) return false;
        if (call.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object) return AddObject(function);
        if (!call.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String) return false;
        var hasArguments = call.TryGetProperty("arguments", out var arguments) || call.TryGetProperty("parameters", out arguments);
        return Add(Encoding.UTF8.GetBytes(name.GetString()!), hasArguments ? Encoding.UTF8.GetBytes(arguments.GetRawText()) : "{}"u8);
    }

    private bool Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> arguments)
    {
        if (tools.Find(name) is not { } tool) return false;
        _found.Add((tool, arguments.Trim(" \t\r\n"u8).ToArray()));
        return true;
    }

    private static bool TakeBetween(
        scoped ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> opening, ReadOnlySpan<byte> closing, out ReadOnlySpan<byte> inside)
    {
        inside = default;
        var start = text.IndexOf(opening);
        if (start < 0) return false;
        var rest = text[(start + opening.Length)..];
        var end = rest.IndexOf(closing);
        inside = end < 0 ? rest : rest[..end];
        text = end < 0 ? default : rest[(end + closing.Length)..];
        return true;
    }
}
