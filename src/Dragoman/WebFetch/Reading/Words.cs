using System.Text;

namespace Dragoman.WebFetch.Reading;

/// <summary>White space and lengths of text.</summary>
internal static class Words
{
    /// <summary>One space for every run of white space, none at the ends.</summary>
    public static string Collapse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c)) result.Append(c);
            else if (result.Length > 0 && result[^1] != ' ') result.Append(' ');
        }

        return result.Length > 0 && result[^1] == ' ' ? result.ToString(0, result.Length - 1) : result.ToString();
    }

    /// <summary>The first characters, no pair of surrogates torn.</summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length) return text;
        return text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
