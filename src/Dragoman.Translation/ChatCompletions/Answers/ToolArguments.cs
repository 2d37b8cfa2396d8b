using System.Text.Json;
using Dragoman.Protocol;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>What became of a call's arguments.</summary>
internal enum ArgumentsState
{
    /// <summary>They were one JSON object, or nothing at all: <c>{}</c>. (failures.md B6)</summary>
    Sound,

    /// <summary>They were meant as one, and now are one.</summary>
    Mended,

    /// <summary>They stand as text under <c>_raw</c>, so that the client's check of the input tells the model. (failures.md B8)</summary>
    Unreadable,

    /// <summary>They end in the middle because the answer ran into a limit; there is nothing to run. (failures.md B7)</summary>
    CutOff,
}

/// <summary>Turns the arguments that a backend sent for a call into the JSON object they were meant to be (mapping.md section 9.4).</summary>
internal static class ToolArguments
{
    private const int DeepestEncoding = 3;

    /// <summary>Reads the arguments of a whole call.</summary>
    /// <param name="escaped">What was sent, as the inside of a JSON string.</param>
    /// <param name="onlyProperty">The only property that the tool's schema has, or null.</param>
    /// <param name="cutOff">The answer ran into a limit, so that arguments that end in the middle are no defect.</param>
    /// <param name="result">Takes the object, as the inside of a JSON string.</param>
    internal static ArgumentsState Read(ReadOnlySpan<byte> escaped, string? onlyProperty, bool cutOff, PooledBuffer result)
    {
        using var text = new PooledBuffer();
        using var mended = new PooledBuffer();
        EscapedText.Unescape(escaped, text);
        result.Clear();
        var state = Mend(text.Span, onlyProperty, DeepestEncoding, mended);
        if (state == ArgumentsState.Unreadable && cutOff) return ArgumentsState.CutOff;
        if (cutOff && text.Span.Trim(" \t\r\n"u8).IsEmpty) return ArgumentsState.CutOff;
        EscapedText.Escape(mended.Span, result);
        return state;
    }

    private static ArgumentsState Mend(ReadOnlySpan<byte> text, string? onlyProperty, int encodings, PooledBuffer output)
    {
        text = text.Trim(" \t\r\n"u8);
        if (text.IsEmpty || text.SequenceEqual("null"u8))
        {
            output.Append("{}"u8);
            return ArgumentsState.Sound;
        }

        if (TryReadValue(text, out var first, out var kind))
        {
            var rest = text[first.Length..].Trim(" \t\r\n"u8);
            if (kind == JsonTokenType.StartObject) return MendObject(first, rest, onlyProperty, encodings, output);
            if (rest.IsEmpty) return MendOther(first, kind, onlyProperty, encodings, output);
        }

        var start = output.Length;
        if (LenientJson.TryRewriteObject(text, output)) return ArgumentsState.Mended;
        output.Truncate(start);
        return KeepRaw(text, output);
    }

    /// <summary>An object and what follows it: the same object once more, the true one behind a placeholder, or garbage.</summary>
    private static ArgumentsState MendObject(
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> rest, string? onlyProperty, int encodings, PooledBuffer output)
    {
        if (!rest.IsEmpty && first.SequenceEqual("{}"u8) && rest[0] == '{' && TryReadValue(rest, out _, out _))
        {
            Mend(rest, onlyProperty, encodings, output);
            return ArgumentsState.Mended;
        }

        output.Append(first);
        return rest.IsEmpty ? ArgumentsState.Sound : ArgumentsState.Mended;
    }

    /// <summary>A value that is no object: encoded once too often, or the only argument without its name.</summary>
    private static ArgumentsState MendOther(
        ReadOnlySpan<byte> value, JsonTokenType kind, string? onlyProperty, int encodings, PooledBuffer output)
    {
        if (kind == JsonTokenType.String && encodings > 0)
        {
            using var decoded = new PooledBuffer();
            EscapedText.Unescape(value[1..^1], decoded);
            var start = output.Length;
            if (decoded.Span.TrimStart(" \t\r\n"u8).StartsWith("{"u8) || decoded.Span.StartsWith("\""u8))
            {
                if (Mend(decoded.Span, onlyProperty, encodings - 1, output) != ArgumentsState.Unreadable) return ArgumentsState.Mended;
                output.Truncate(start);
            }
        }

        if (onlyProperty is null) return KeepRaw(value, output);
        output.Append("{\""u8);
        EscapedText.Escape(onlyProperty, output);
        output.Append("\":"u8);
        output.Append(value);
        output.Append((byte)'}');
        return ArgumentsState.Mended;
    }

    private static ArgumentsState KeepRaw(ReadOnlySpan<byte> text, PooledBuffer output)
    {
        output.Append("{\"_raw\":\""u8);
        EscapedText.Escape(text, output);
        output.Append("\"}"u8);
        return ArgumentsState.Unreadable;
    }

    /// <summary>The first whole JSON value of <paramref name="text"/>; anything may follow it.</summary>
    private static bool TryReadValue(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> value, out JsonTokenType kind)
    {
        value = default;
        kind = JsonTokenType.None;
        var reader = new Utf8JsonReader(text);
        try
        {
            reader.Read();
            kind = reader.TokenType;
            reader.Skip();
        }
        catch (JsonException)
        {
            return false;
        }

        value = text[..(int)reader.BytesConsumed];
        return true;
    }
}
