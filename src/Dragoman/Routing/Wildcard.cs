namespace Dragoman.Routing;

/// <summary>Texts in which <c>*</c> stands for any characters, none included. Everything else is itself, case included.</summary>
internal static class Wildcard
{
    public const char Star = '*';

    /// <summary>Whether the pattern is for that text.</summary>
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // Every part between stars is looked for once, from left to right: no backtracking that a long text could blow up.
        var star = pattern.IndexOf(Star);
        if (star < 0) return text.SequenceEqual(pattern);
        if (!text.StartsWith(pattern[..star], StringComparison.Ordinal)) return false;
        text = text[star..];
        pattern = pattern[(star + 1)..];
        while ((star = pattern.IndexOf(Star)) >= 0)
        {
            var found = text.IndexOf(pattern[..star], StringComparison.Ordinal);
            if (found < 0) return false;
            text = text[(found + star)..];
            pattern = pattern[(star + 1)..];
        }

        return text.EndsWith(pattern, StringComparison.Ordinal);
    }
}
