using System.Text;

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

    private static int BackslashesBefore(ReadOnlySpan<byte> escaped, int end)
    {
        var start = end;
        while (start > 0 && escaped[start - 1] == '\\')
            start--;
        return end - start;
    }
}
