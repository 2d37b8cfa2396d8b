using AngleSharp.Dom;

namespace Dragoman.WebFetch.Reading;

/// <summary>Which parts of a page somebody reads.</summary>
internal static class VisibleText
{
    private static readonly HashSet<string> NeverRead = new(StringComparer.Ordinal)
    {
        "script", "style", "noscript", "template", "head", "iframe", "object", "embed", "video", "audio", "canvas", "svg", "map", "area",
        "input", "select", "button", "textarea", "datalist", "nav", "rp", "link", "meta", "track", "source", "param", "frameset", "noframes",
    };

    private static readonly HashSet<string> Surroundings = new(StringComparer.OrdinalIgnoreCase)
    {
        "navigation", "banner", "search", "menu", "menubar", "contentinfo", "complementary", "dialog", "alertdialog",
    };

    /// <summary>Neither the element nor what is in it is read: it is hidden, is no text, or surrounds the content.</summary>
    public static bool IsSkipped(IElement element)
    {
        var name = element.LocalName;
        return NeverRead.Contains(name) || IsHidden(element) || (name is "footer" or "aside" && IsOfThePage(element))
            || (name == "dialog" && !element.HasAttribute("open")) || (element.GetAttribute("role") is { } role && Surroundings.Contains(role));
    }

    /// <summary>The page says that it is not shown.</summary>
    public static bool IsHidden(IElement element)
    {
        if (element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true") return true;
        return element.GetAttribute("style") is { } style
            && (Says(style, "display", "none") || Says(style, "visibility", "hidden"));
    }

    /// <summary>Characters of visible text, white space left out.</summary>
    public static int LengthOf(INode node, MarkupBudget budget)
    {
        var length = 0;
        // By index: an element finds its next sibling by searching for itself among all of them.
        for (var i = 0; i < node.ChildNodes.Length; i++)
        {
            switch (node.ChildNodes[i])
            {
                case IText text:
                    foreach (var c in text.Data) length += char.IsWhiteSpace(c) ? 0 : 1;
                    break;
                case IElement element when !IsSkipped(element):
                    budget.Check();
                    length += LengthOf(element, budget);
                    break;
            }
        }

        return length;
    }

    /// <summary>It belongs to the page, not to one of its articles.</summary>
    private static bool IsOfThePage(IElement element)
    {
        for (var parent = element.ParentElement; parent is not null; parent = parent.ParentElement)
        {
            if (parent.LocalName is "article" or "main" or "blockquote" or "section") return false;
        }

        return true;
    }

    private static bool Says(string style, string property, string value)
    {
        var at = style.IndexOf(property, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return false;
        var rest = style.AsSpan(at + property.Length).TrimStart();
        return rest.StartsWith(":", StringComparison.Ordinal) && rest[1..].TrimStart().StartsWith(value, StringComparison.OrdinalIgnoreCase);
    }
}
