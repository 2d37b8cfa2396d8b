using AngleSharp.Dom;

namespace Dragoman.WebFetch.Reading;

/// <summary>The language of preformatted text, as the usual highlighters mark it.</summary>
internal static class CodeLanguage
{
    private const int Longest = 20;

    private static readonly string[] Prefixes = ["language-", "lang-", "highlight-source-", "highlight-", "sourceCode-", "brush:"];

    // Classes that begin as one that names a language.
    private static readonly string[] NoLanguage = ["none", "plain", "plaintext", "text", "nohighlight", "source", "wrapper", "table"];

    /// <summary>Its name; empty: not said.</summary>
    public static string Of(IElement pre)
    {
        // On the element itself, on the code in it, or on what surrounds it.
        IElement?[] places = [pre, pre.QuerySelector("code"), pre.ParentElement, pre.ParentElement?.ParentElement];
        foreach (var place in places)
        {
            if (place is not null && (Named(place.GetAttribute("data-lang")) ?? Named(place.GetAttribute("data-language")) ?? OfClass(place.ClassName)) is { } name) return name;
        }

        return "";
    }

    private static string? OfClass(string? classes)
    {
        foreach (var one in (classes ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var prefix in Prefixes)
            {
                if (one.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && Named(one[prefix.Length..]) is { } name) return name;
            }
        }

        return null;
    }

    private static string? Named(string? text)
    {
        text = text?.Trim().ToLowerInvariant();
        return text is { Length: > 0 and <= Longest } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '#' or '-' or '_' or '.') && !NoLanguage.Contains(text, StringComparer.Ordinal) ? text : null;
    }
}
