using System.Text;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Text as it stands inside a JSON string, still escaped: what can be told of it, and done to it, without decoding.</summary>
internal static class RawText
{
    /// <summary>Takes white space off the end, also where it is written as an escape.</summary>
    public static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> escaped)
    {
        while (true)
        {
            if (escaped is [.., (byte)' '])
                escaped = escaped[..^1];
            else if (escaped is [.., (byte)'\\', (byte)'n' or (byte)'t' or (byte)'r'] && BackslashesBefore(escaped, escaped.Length - 1) % 2 == 1)
                escaped = escaped[..^2];
            else
                return escaped;
        }
    }

    /// <summary>Whether it begins with <paramref name="word"/>, in any case.</summary>
    public static bool StartsWithIgnoringCase(ReadOnlySpan<byte> escaped, ReadOnlySpan<byte> word) =>
        escaped.Length >= word.Length && Ascii.EqualsIgnoreCase(escaped[..word.Length], word);

    /// <summary>About how many bytes it is once unescaped.</summary>
    public static int UnescapedLength(ReadOnlySpan<byte> escaped) => escaped.Length - escaped.Count((byte)'\\');

    /// <summary>The most bytes that <see cref="Write"/> can need.</summary>
    public static int MaxLength(string text) => text.Length * 6;

    /// <summary>Writes <paramref name="text"/> as the inside of a JSON string.</summary>
    public static int Write(string text, Span<byte> escaped)
    {
        Span<byte> utf8 = text.Length <= 128 ? stackalloc byte[3 * 128] : new byte[3 * text.Length];
        utf8 = utf8[..Encoding.UTF8.GetBytes(text, utf8)];

        var written = 0;
        while (true)
        {
            var special = JsonStrings.IndexOfSpecial(utf8);
            var plain = special < 0 ? utf8 : utf8[..special];
            plain.CopyTo(escaped[written..]);
            written += plain.Length;
            if (special < 0)
                return written;
            written += JsonStrings.WriteEscape(utf8[special], escaped[written..]);
            utf8 = utf8[(special + 1)..];
        }
    }

    private static int BackslashesBefore(ReadOnlySpan<byte> escaped, int end)
    {
        var start = end;
        while (start > 0 && escaped[start - 1] == '\\')
            start--;
        return end - start;
    }
}
