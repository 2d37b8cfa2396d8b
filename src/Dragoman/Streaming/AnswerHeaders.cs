using System.Text;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Streaming;

/// <summary>Headers that tell what became of a request.</summary>
internal static class AnswerHeaders
{
    /// <summary>Names what was left out of the upstream request, if anything was.</summary>
    public static void Write(IHeaderDictionary headers, AnswerContext answer)
    {
        if (answer.Dropped.Count > 0) headers["x-dragoman-dropped"] = Ascii(string.Join(", ", answer.Dropped));
    }

    // A tool's or field's name may be in any script; a header may not. (failures.md D18)
    private static string Ascii(string value)
    {
        var plain = true;
        foreach (var c in value) plain &= c is >= ' ' and < (char)127;
        if (plain) return value;
        var escaped = new StringBuilder(value.Length * 3);
        foreach (var b in Encoding.UTF8.GetBytes(value))
        {
            if (b is >= (byte)' ' and < 127 and not (byte)'%') escaped.Append((char)b);
            else escaped.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }
}
