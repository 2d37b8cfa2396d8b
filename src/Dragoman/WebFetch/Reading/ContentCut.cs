namespace Dragoman.WebFetch.Reading;

/// <summary>Cuts a page's text, and says so in it.</summary>
internal static class ContentCut
{
    private const string Note = "\n\n[The page is longer; it was cut here.]";

    // Quarters of a token: four letters of the Latin alphabet make about one, other characters most of one each.
    private const int Ascii = 1;
    private const int Other = 3;

    /// <summary>How far back a better place to cut is looked for.</summary>
    private const int Slack = 200;

    /// <summary>The text with the mark behind it.</summary>
    public static string Mark(string text) => text.TrimEnd() + Note;

    /// <summary>The page with about so many tokens at most, as <c>max_content_tokens</c> promises no more.</summary>
    /// <param name="page">With the configured limit applied.</param>
    /// <param name="maxTokens">Null: no further limit.</param>
    public static FetchedPage Apply(FetchedPage page, int? maxTokens)
    {
        if (maxTokens is not { } most) return page;
        var left = Math.Max(0L, most) * 4;
        for (var i = 0; i < page.Text.Length; i++)
        {
            left -= char.IsAscii(page.Text[i]) ? Ascii : Other;
            // A document that is too long is handed over as the part of its text that is not.
            if (left < 0) return page with { Text = Mark(Whole(Words.Cut(page.Text, i))), IsCut = true, Pdf = default };
        }

        return page;
    }

    /// <summary>Up to the last end of a line or word, if there is one near.</summary>
    private static string Whole(string text)
    {
        var near = Math.Max(0, text.Length - Slack);
        var end = text.LastIndexOf('\n');
        if (end < near) end = text.LastIndexOf(' ');
        return end >= near && end > 0 ? text[..end] : text;
    }
}
