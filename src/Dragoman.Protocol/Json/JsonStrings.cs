using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Dragoman.Protocol.Json;

/// <summary>Strings inside JSON: finding their end, reading and writing their escapes.</summary>
public static class JsonStrings
{
    /// <summary>What cannot stand in a JSON string as it is.</summary>
    internal static SearchValues<byte> Special { get; } =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\']);

    /// <summary>Finds the closing quote of the string whose content begins at <paramref name="start"/>; replaces lone surrogates on the way.</summary>
    /// <param name="text">The text the string stands in.</param>
    /// <param name="start">The byte after the opening quote.</param>
    /// <param name="escaped">The string holds a backslash.</param>
    /// <returns>The place of the closing quote, or the complement of the place of a fault.</returns>
    internal static int FindEnd(Span<byte> text, int start, out bool escaped)
    {
        escaped = false;
        var i = start;
        if (Vector256.IsHardwareAccelerated)
        {
            ref var first = ref MemoryMarshal.GetReference(text);
            while (i + Vector256<byte>.Count <= text.Length)
            {
                var block = Vector256.LoadUnsafe(ref first, (nuint)i);
                var mask = (Vector256.Equals(block, Vector256.Create((byte)'"'))
                    | Vector256.Equals(block, Vector256.Create((byte)'\\'))
                    | Vector256.LessThan(block, Vector256.Create((byte)0x20))).ExtractMostSignificantBits();

                // Agent traffic is full of escapes, so several of them are taken from one block instead of loading anew after each.
                var next = i + Vector256<byte>.Count;
                while (mask != 0)
                {
                    var bit = BitOperations.TrailingZeroCount(mask);
                    var at = i + bit;
                    if (text[at] != '\\')
                        return text[at] == '"' ? at : ~at;

                    escaped = true;
                    var after = SkipEscape(text, at);
                    if (after < 0)
                        return after;
                    if (after >= i + Vector256<byte>.Count)
                    {
                        next = after;
                        break;
                    }

                    mask &= uint.MaxValue << (after - i);
                }

                i = next;
            }
        }

        while (true)
        {
            var found = i > text.Length ? -1 : text[i..].IndexOfAny(Special);
            if (found < 0)
                return ~text.Length;
            i += found;
            if (text[i] != '\\')
                return text[i] == '"' ? i : ~i;

            escaped = true;
            i = SkipEscape(text, i);
            if (i < 0)
                return i;
        }
    }

    /// <summary>What is wrong at a place that <see cref="FindEnd"/> gave.</summary>
    internal static string Describe(ReadOnlySpan<byte> text, int at) =>
        at >= text.Length ? "a string is not closed"
        : text[at] == '\\' ? "unknown escape in a string"
        : "a control character in a string must be escaped";

    /// <summary>Checks the escape at <paramref name="at"/>.</summary>
    /// <returns>The byte after it, or the complement of the place of a fault.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipEscape(Span<byte> text, int at)
    {
        if (at + 1 >= text.Length)
            return ~text.Length;
        return text[at + 1] switch
        {
            (byte)'n' or (byte)'"' or (byte)'\\' or (byte)'t' or (byte)'r' or (byte)'/' or (byte)'b' or (byte)'f' => at + 2,
            (byte)'u' => SkipUnicodeEscape(text, at),
            _ => ~at,
        };
    }

    private static int SkipUnicodeEscape(Span<byte> text, int at)
    {
        if (!TryReadUnicodeEscape(text[at..], out var unit))
            return ~at;
        if (!char.IsSurrogate(unit))
            return at + 6;
        if (char.IsHighSurrogate(unit) && TryReadUnicodeEscape(text[(at + 6)..], out var low) && char.IsLowSurrogate(low))
            return at + 12;

        "\\ufffd"u8.CopyTo(text[at..]);
        return at + 6;
    }

    private static bool TryReadUnicodeEscape(ReadOnlySpan<byte> text, out char unit)
    {
        unit = '\0';
        if (text.Length < 6 || text[0] != '\\' || text[1] != 'u')
            return false;

        var value = 0;
        foreach (var digit in text[2..6])
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
            value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        unit = (char)value;
        return true;
    }

    /// <summary>Reads a string's content.</summary>
    /// <param name="raw">The checked bytes between the quotes.</param>
    /// <param name="utf8">Takes the content; as long as <paramref name="raw"/> is always enough.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> utf8)
    {
        var written = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
            {
                raw.CopyTo(utf8[written..]);
                return written + raw.Length;
            }

            raw[..plain].CopyTo(utf8[written..]);
            written += plain;
            raw = raw[plain..];
            if (raw[1] == 'u')
            {
                var length = ReadRune(raw, out var rune);
                written += rune.EncodeToUtf8(utf8[written..]);
                raw = raw[length..];
            }
            else
            {
                utf8[written++] = raw[1] switch
                {
                    (byte)'n' => (byte)'\n',
                    (byte)'t' => (byte)'\t',
                    (byte)'r' => (byte)'\r',
                    (byte)'b' => (byte)'\b',
                    (byte)'f' => (byte)'\f',
                    var same => same,
                };
                raw = raw[2..];
            }
        }
    }

    private static int ReadRune(ReadOnlySpan<byte> raw, out Rune rune)
    {
        TryReadUnicodeEscape(raw, out var unit);
        if (!char.IsSurrogate(unit))
        {
            rune = new Rune(unit);
            return 6;
        }

        TryReadUnicodeEscape(raw[6..], out var low);
        rune = new Rune(unit, low);
        return 12;
    }

    /// <summary>A string's content, decoded.</summary>
    /// <param name="raw">The checked bytes between the quotes.</param>
    public static string Decode(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
            return Encoding.UTF8.GetString(raw);

        var rented = ArrayPool<byte>.Shared.Rent(raw.Length);
        try
        {
            return Encoding.UTF8.GetString(rented.AsSpan(0, Unescape(raw, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Whether a string's content is <paramref name="utf8"/>.</summary>
    /// <param name="raw">The checked bytes between the quotes.</param>
    /// <param name="utf8">Unescaped.</param>
    public static bool Equals(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> utf8)
    {
        if (!raw.Contains((byte)'\\'))
            return raw.SequenceEqual(utf8);
        if (raw.Length < utf8.Length)
            return false;

        var rented = ArrayPool<byte>.Shared.Rent(raw.Length);
        try
        {
            return rented.AsSpan(0, Unescape(raw, rented)).SequenceEqual(utf8);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes the escape of a byte that cannot stand in a JSON string as it is.</summary>
    /// <param name="special">A quote, a backslash, or a control character.</param>
    /// <param name="escaped">Takes the escape: at most 6 bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int WriteEscape(byte special, Span<byte> escaped)
    {
        var letter = special switch
        {
            (byte)'\\' or (byte)'"' => special,
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            _ => (byte)'u',
        };
        escaped[0] = (byte)'\\';
        escaped[1] = letter;
        if (letter != 'u')
            return 2;

        escaped[2] = escaped[3] = (byte)'0';
        escaped[4] = "0123456789abcdef"u8[special >> 4];
        escaped[5] = "0123456789abcdef"u8[special & 15];
        return 6;
    }
}
