using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Dragoman.WebSearch;

/// <summary>Titles, snippets and dates of search services as plain text that is safe to show and to hand to a model.</summary>
internal static partial class PlainText
{
    /// <summary>Longest title, in characters.</summary>
    public const int LongestTitle = 300;

    private const int LongestAge = 64;

    /// <summary>What a caller wrote, without what nobody sees, and with single blanks. It is no markup.</summary>
    public static string Query(string text) => Blank().Replace(Visible(text), " ").Trim();

    /// <summary>One line; empty if there is nothing.</summary>
    public static string Line(string? markup, int length) => Cut(Blank().Replace(Plain(markup), " ").Trim(), length);

    /// <summary>Lines without empty ones between them.</summary>
    public static string Lines(string? markup, int length)
    {
        var lines = Plain(markup).Split('\n').Select(line => Blank().Replace(line, " ").Trim()).Where(line => line.Length > 0);
        return Cut(string.Join('\n', lines), length);
    }

    /// <summary>A date as <c>April 30, 2025</c>, other words as they are; null if there is nothing.</summary>
    public static string? Age(string? text)
    {
        var age = Line(text, LongestAge);
        if (age.Length == 0) return null;
        return age.Length >= 10 && char.IsAsciiDigit(age[0]) && age[4] == '-'
            && DateTimeOffset.TryParse(age, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment.ToString("MMMM d, yyyy", CultureInfo.InvariantCulture)
            : age;
    }

    // Only the tags that services mark matches with go: others may be what the page is about.
    private static string Plain(string? markup) => string.IsNullOrEmpty(markup) ? "" : Visible(WebUtility.HtmlDecode(Tag().Replace(markup, tag => tag.Groups["breaks"].Success ? "\n" : "")));

    private static string Visible(string raw)
    {
        var text = new StringBuilder(raw);
        var to = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var (high, low) = (c, text[++i]);
                // Tag characters show nothing and spell words all the same: a page could speak to the model behind the user's back.
                if (char.ConvertToUtf32(high, low) is >= 0xE0000 and <= 0xE0FFF) continue;
                text[to++] = high;
                text[to++] = low;
            }
            else if (c == '\n' || !IsUnseen(c))
            {
                text[to++] = char.IsSurrogate(c) ? '\uFFFD' : c;
            }
            else if (char.IsWhiteSpace(c))
            {
                text[to++] = ' ';
            }
        }

        text.Length = to;
        return text.ToString();
    }

    // Control characters, and those that show nothing or turn the direction of the text around. Joiners stay: scripts and emoji need them.
    private static bool IsUnseen(char c) =>
        char.IsControl(c) || c is '\u00AD' or '\u200B' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2060' and <= '\u206F') or '\uFEFF';

    private static string Cut(string text, int length)
    {
        if (text.Length <= length) return text;
        var end = char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
        return text[..end].TrimEnd() + "…";
    }

    [GeneratedRegex(@"</?(?:(?<breaks>br|p)|b|strong|em|i|mark|wbr|span|font)(?:\s[^<>]*)?/?>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();
}
