using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using SmartReader;

namespace Dragoman.WebFetch.Reading;

/// <summary>What a model reads of a page.</summary>
/// <param name="Title">Null: it has none.</param>
/// <param name="Text">Ends where it was cut, without saying so.</param>
/// <param name="IsCut">There was more.</param>
internal sealed record PageText(string? Title, string Text, bool IsCut);

/// <summary>HTML into Markdown: the page's main content, or all of it without what surrounds content.</summary>
/// <remarks>What is main is told by the page itself (<c>main</c>, a single <c>article</c>), else by SmartReader if the page is small enough for it,
/// whose work grows with the square of the page. If neither finds most of the text, the whole body is taken: too much is better than the
/// wrong part.</remarks>
internal static class HtmlPage
{
    /// <summary>Deeper elements become siblings. Whatever walks the tree recursively must come back.</summary>
    private const int MaxDepth = 256;

    /// <summary>SmartReader took a second for 2,000 paragraphs in a row, and 26 for 20,000.</summary>
    private const int MostElementsForReader = 2000;

    private const int LongestForReader = 1 << 20;
    private const int LongestTitle = 500;

    /// <summary>Shorter finds are accidents.</summary>
    private const int LeastContent = 200;

    /// <summary>Reads a page. Never throws for what is in it.</summary>
    /// <param name="html">All of it.</param>
    /// <param name="url">Where it was found: links are resolved against it.</param>
    /// <param name="maxCharacters">More is cut off.</param>
    /// <param name="time">After it the text is taken without its structure.</param>
    /// <param name="cancellation">Looked for while parsing and writing.</param>
    public static PageText Read(string html, Uri url, int maxCharacters, TimeSpan time, CancellationToken cancellation)
    {
        var budget = new MarkupBudget(time, cancellation);
        try
        {
            var document = Parse(html, budget);
            var baseUrl = BaseOf(document, url);
            var title = TitleOf(document);
            var writer = new MarkdownWriter(baseUrl, maxCharacters, budget);
            var content = ContentOf(document, html, url, budget);
            writer.Write(content);
            return new(title, writer.ToString(), writer.IsFull);
        }
        catch (CostlyMarkupException)
        {
            var text = PlainMarkup.Strip(html, cancellation);
            var isCut = text.Length > maxCharacters;
            return new(null, isCut ? text[..maxCharacters] : text, isCut);
        }
    }

    private static IHtmlDocument Parse(string html, MarkupBudget budget)
    {
        var parser = new HtmlParser(new HtmlParserOptions
        {
            MaximumDepth = MaxDepth,
            SkipComments = true,
            DisableElementPositionTracking = true,
            OnToken = (_, _) => budget.Check(),
        });
        return parser.ParseDocument(html);
    }

    private static Uri BaseOf(IHtmlDocument document, Uri url)
    {
        var href = document.QuerySelector("base[href]")?.GetAttribute("href");
        return href is not null && Uri.TryCreate(url, href, out var based) && based.Scheme is "http" or "https" ? based : url;
    }

    private static string? TitleOf(IHtmlDocument document)
    {
        foreach (var title in new[] { document.Title, document.QuerySelector("meta[property='og:title']")?.GetAttribute("content"), document.QuerySelector("h1")?.TextContent })
        {
            var text = Words.Collapse(title);
            if (text.Length > 0) return Words.Cut(text, LongestTitle);
        }

        return null;
    }

    private static IElement ContentOf(IHtmlDocument document, string html, Uri url, MarkupBudget budget)
    {
        var body = (IElement?)document.Body ?? document.DocumentElement;
        var all = VisibleText.LengthOf(body, budget);
        if (Marked(document, budget) is { } marked && VisibleText.LengthOf(marked, budget) is var length && length >= LeastContent && length * 2 >= all) return marked;
        return FoundByReader(document, html, url, all, budget) ?? body;
    }

    private static IElement? Marked(IHtmlDocument document, MarkupBudget budget)
    {
        foreach (var selector in new[] { "main, [role=main]", "article" })
        {
            var found = document.QuerySelectorAll(selector).Where(element => !VisibleText.IsHidden(element)).Take(2).ToArray();
            budget.Check();
            if (found.Length == 1) return found[0];
        }

        return null;
    }

    private static IElement? FoundByReader(IHtmlDocument document, string html, Uri url, int all, MarkupBudget budget)
    {
        if (html.Length > LongestForReader || all < LeastContent || document.All.Length > MostElementsForReader) return null;
        try
        {
            // It changes the document that it is given.
            using var reader = new Reader(url.AbsoluteUri, Parse(html, budget)) { MaxElemsToParse = MostElementsForReader };
            // Whether it calls the page readable is not asked: it counts long paragraphs. How much of the text it kept says more.
            var article = reader.GetArticle();
            if (string.IsNullOrEmpty(article.Content)) return null;
            var content = Parse(article.Content, budget).Body;
            return content is not null && VisibleText.LengthOf(content, budget) is var length && length >= LeastContent && length * 2 >= all ? content : null;
        }
        // Another's code on a stranger's page: whatever happens there, the body is still at hand.
#pragma warning disable CA1031
        catch (Exception e) when (e is not (OperationCanceledException or CostlyMarkupException))
#pragma warning restore CA1031
        {
            return null;
        }
    }
}
