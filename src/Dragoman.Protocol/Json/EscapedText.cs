using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Dragoman.Protocol.Json;

/// <summary>The inside of a JSON string, and the text it stands for.</summary>
public static class EscapedText
{
    /// <summary>The bytes at which a string's raw copy must stop and think: quote, backslash and control characters.</summary>
    public static SearchValues<byte> Special => JsonStrings.Special;

    /// <summary>Writes the text that <paramref name="json"/> stands for, as UTF-8.</summary>
    /// <param name="json">The bytes between the quotes. Escapes that JSON does not know stand for themselves.</param>
    /// <param name="output">Takes the text. Lone surrogates become U+FFFD.</param>
    public static void Unescape(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        while (true)
        {
            var slash = json.IndexOf((byte)'\\');
            if (slash < 0 || slash == json.Length - 1)
            {
                output.Write(json);
                return;
            }

            output.Write(json[..slash]);
            json = json[slash..];
            json = json[UnescapeOne(json, output)..];
        }
    }

    /// <summary>Writes <paramref name="text"/> as the inside of a JSON string.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="output">Takes the escaped bytes. Only what JSON demands is escaped.</param>
    public static void Escape(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        while (true)
        {
            var special = text.IndexOfAny(Special);
            if (special < 0)
            {
                output.Write(text);
                return;
            }

            output.Write(text[..special]);
            EscapeOne(text[special], output);
            text = text[(special + 1)..];
        }
    }

    /// <summary>Writes <paramref name="text"/> as the inside of a JSON string.</summary>
    public static void Escape(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        Span<byte> utf8 = stackalloc byte[512];
        while (!text.IsEmpty)
        {
            Utf8.FromUtf16(text, utf8, out var read, out var written, replaceInvalidSequences: true);
            Escape(utf8[..written], output);
            text = text[read..];
        }
    }

    /// <summary>Length of the escape that <paramref name="json"/> begins with; 0 if it is none, or is cut off.</summary>
    public static int EscapeLength(ReadOnlySpan<byte> json)
    {
        if (json.Length < 2 || json[0] != '\\') return 0;
        switch (json[1])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                return 2;
            case (byte)'u':
                return TryReadUnit(json, out _) ? 6 : 0;
            default:
                return 0;
        }
    }

    /// <summary>True if <paramref name="json"/> stands for nothing but spaces, tabs and line ends.</summary>
    public static bool IsWhiteSpace(ReadOnlySpan<byte> json)
    {
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] == ' ') continue;
            if (json[i] != '\\' || i + 1 == json.Length || json[i + 1] is not ((byte)'n' or (byte)'r' or (byte)'t')) return false;
            i++;
        }

        return true;
    }

    /// <summary>The UTF-16 unit of a <c>\uXXXX</c> that <paramref name="json"/> begins with.</summary>
    internal static bool TryReadUnit(ReadOnlySpan<byte> json, out ushort unit)
    {
        unit = 0;
        return json.Length >= 6 && json[0] == '\\' && json[1] == 'u'
            && Utf8Parser.TryParse(json.Slice(2, 4), out unit, out var used, 'x') && used == 4;
    }

    private static int UnescapeOne(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        byte single;
        switch (json[1])
        {
            case (byte)'n': single = (byte)'\n'; break;
            case (byte)'t': single = (byte)'\t'; break;
            case (byte)'r': single = (byte)'\r'; break;
            case (byte)'b': single = (byte)'\b'; break;
            case (byte)'f': single = (byte)'\f'; break;
            case (byte)'"' or (byte)'\\' or (byte)'/': single = json[1]; break;
            case (byte)'u' when TryReadUnit(json, out var unit): return UnescapeUnit(unit, json, output);
            default: single = (byte)'\\'; break;
        }

        var span = output.GetSpan(1);
        span[0] = single;
        output.Advance(1);
        return single == '\\' && json[1] != '\\' ? 1 : 2;
    }

    private static int UnescapeUnit(ushort unit, ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        var length = 6;
        if (!Rune.TryCreate((char)unit, out var rune))
        {
            rune = Rune.ReplacementChar;
            if (char.IsHighSurrogate((char)unit) && TryReadUnit(json[6..], out var low) && Rune.TryCreate((char)unit, (char)low, out var pair))
            {
                rune = pair;
                length = 12;
            }
        }

        output.Advance(rune.EncodeToUtf8(output.GetSpan(4)));
        return length;
    }

    private static void EscapeOne(byte special, IBufferWriter<byte> output) =>
        output.Advance(JsonStrings.WriteEscape(special, output.GetSpan(6)));
}
