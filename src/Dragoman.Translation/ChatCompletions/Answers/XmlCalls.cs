using System.Text.Json;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Reads calls whose arguments stand in tags: Qwen Coder's <c>&lt;function=Read&gt;&lt;parameter=path&gt;…</c> and GLM's
/// <c>Read&lt;arg_key&gt;path&lt;/arg_key&gt;&lt;arg_value&gt;…</c>.</summary>
/// <remarks>The tags carry no types. A value that is a JSON object, array, number or word becomes one; all others are strings.</remarks>
internal static class XmlCalls
{
    internal static bool ReadFunction(ReadOnlySpan<byte> text, ToolNames tools, List<(OfferedTool Tool, byte[] Arguments)> found)
    {
        text = text["<function=".Length..];
        var end = text.IndexOf((byte)'>');
        if (end < 0 || tools.Find(text[..end].Trim(" \"'"u8)) is not { } tool) return false;
        var body = text[(end + 1)..];
        if (body.IndexOf("</function>"u8) is var close and >= 0) body = body[..close];
        body = body.Trim(" \t\r\n"u8);

        // Llama's form of the same tag has JSON inside.
        if (body.StartsWith("{"u8))
        {
            found.Add((tool, body.ToArray()));
            return true;
        }

        using var json = new PooledBuffer();
        json.Append((byte)'{');
        while (body.IndexOf("<parameter="u8) is var start and >= 0)
        {
            body = body[(start + "<parameter=".Length)..];
            end = body.IndexOf((byte)'>');
            if (end < 0) return false;
            var name = body[..end].Trim(" \"'"u8);
            body = body[(end + 1)..];
            var valueEnd = body.IndexOf("</parameter>"u8);
            if (valueEnd < 0) valueEnd = body.IndexOf("<parameter="u8);
            if (valueEnd < 0) valueEnd = body.Length;
            AddMember(name, WithoutOuterLines(body[..valueEnd]), json);
            body = body[valueEnd..];
        }

        json.Append((byte)'}');
        found.Add((tool, json.Span.ToArray()));
        return true;
    }

    internal static bool ReadArguments(ReadOnlySpan<byte> text, ToolNames tools, List<(OfferedTool Tool, byte[] Arguments)> found)
    {
        var first = text.IndexOf("<arg_key>"u8);
        if (tools.Find(text[..first].Trim(" \t\r\n"u8)) is not { } tool) return false;
        using var json = new PooledBuffer();
        json.Append((byte)'{');
        var rest = text[first..];
        while (TryTake(ref rest, "<arg_key>"u8, "</arg_key>"u8, out var name) && TryTake(ref rest, "<arg_value>"u8, "</arg_value>"u8, out var value))
            AddMember(name.Trim(" \t\r\n"u8), value, json);
        json.Append((byte)'}');
        found.Add((tool, json.Span.ToArray()));
        return true;
    }

    private static void AddMember(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, PooledBuffer json)
    {
        if (json.Length > 1) json.Append((byte)',');
        json.Append((byte)'"');
        EscapedText.Escape(name, json);
        json.Append("\":"u8);
        if (IsValue(value))
        {
            json.Append(value.Trim(" \t\r\n"u8));
            return;
        }

        json.Append((byte)'"');
        EscapedText.Escape(value, json);
        json.Append((byte)'"');
    }

    private static bool IsValue(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n"u8);
        if (text.IsEmpty || text[0] == '"') return false;
        try
        {
            var reader = new Utf8JsonReader(text);
            reader.Read();
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The template puts the value on lines of its own; only those two line ends are not the value's.</summary>
    private static ReadOnlySpan<byte> WithoutOuterLines(ReadOnlySpan<byte> value)
    {
        if (value.StartsWith("\n"u8)) value = value[1..];
        return value.EndsWith("\n"u8) ? value[..^1] : value;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> opening, ReadOnlySpan<byte> closing, out ReadOnlySpan<byte> inside)
    {
        inside = default;
        var start = text.IndexOf(opening);
        if (start < 0) return false;
        var rest = text[(start + opening.Length)..];
        var end = rest.IndexOf(closing);
        if (end < 0) return false;
        inside = rest[..end];
        text = rest[(end + closing.Length)..];
        return true;
    }
}
