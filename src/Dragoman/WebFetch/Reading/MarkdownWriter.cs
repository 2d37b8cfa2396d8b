using System.Text;
using AngleSharp.Dom;

namespace Dragoman.WebFetch.Reading;

/// <summary>A part of an HTML page as Markdown for a model to read: nothing is escaped in the text, links are absolute.</summary>
/// <remarks>Text gathers in a paragraph until a block begins or ends; a paragraph is written with the prefix of the quotations and list items that
/// it stands in. The tree is at most some hundred levels deep (<see cref="HtmlPage"/>), so that recursion is safe.</remarks>
/// <param name="page">What links are resolved against.</param>
/// <param name="maxCharacters">After so many, nothing more is written.</param>
/// <param name="budget">Asked once an element.</param>
internal sealed class MarkdownWriter(Uri page, int maxCharacters, MarkupBudget budget)
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _paragraph = new();
    private string _prefix = "";
    private string? _marker;
    private string _written = "";
    private bool _isTight;
    private int _items;

    /// <summary>Something was left out at the end.</summary>
    public bool IsFull { get; private set; }

    public override string ToString() => _output.ToString();

    /// <summary>Writes all that is read in an element.</summary>
    public void Write(IElement content)
    {
        Children(content);
        EndParagraph();
    }

    /// <summary>The same in one line, as a cell of a table has it.</summary>
    private string Line(INode content)
    {
        var inner = new MarkdownWriter(page, Math.Max(0, maxCharacters - _output.Length), budget);
        inner.Children(content);
        inner.EndParagraph();
        return Words.Collapse(inner.ToString());
    }

    private void Children(INode node)
    {
        // By index: an element finds its next sibling by searching for itself among all of them.
        for (var i = 0; i < node.ChildNodes.Length && !IsFull; i++)
        {
            switch (node.ChildNodes[i])
            {
                case IText text:
                    Append(text.Data);
                    break;
                case IElement element when !VisibleText.IsSkipped(element):
                    budget.Check();
                    Element(element);
                    break;
            }
        }
    }

    private void Element(IElement element)
    {
        switch (element.LocalName)
        {
            case "br":
                Break();
                break;
            case "b" or "strong":
                Marked(element, "**");
                break;
            case "i" or "em" or "cite" or "dfn" or "var":
                Marked(element, "*");
                break;
            case "del" or "s" or "strike":
                Marked(element, "~~");
                break;
            case "code" or "kbd" or "samp" or "tt":
                Code(element);
                break;
            case "a":
                Link(element);
                break;
            case "img":
                Image(element);
                break;
            case "math":
                Formula(element);
                break;
            case "q":
                _paragraph.Append('"');
                Children(element);
                _paragraph.Append('"');
                break;
            case "rt":
                _paragraph.Append('(');
                Children(element);
                _paragraph.Append(')');
                break;
            case ['h', >= '1' and <= '6' and var level]:
                Block(element, new string('#', level - '0') + " ", "");
                break;
            case "blockquote":
                Block(element, "> ", "> ");
                break;
            case "ul" or "ol" or "menu":
                List(element);
                break;
            case "li" or "dd":
                Block(element, "- ", "  ");
                break;
            case "dt":
                _isTight = false;
                Block(element, "", "");
                _isTight = true;
                break;
            case "pre":
                Preformatted(element);
                break;
            case "table":
                Table(element);
                break;
            case "hr":
                EndParagraph();
                Lines(["---"]);
                break;
            default:
                if (IsInline(element.LocalName)) Children(element);
                else Block(element, "", "");
                break;
        }
    }

    private static bool IsInline(string name) => name is "span" or "abbr" or "acronym" or "bdi" or "bdo" or "big" or "data" or "font" or "ins" or "label" or "mark" or "output"
        or "ruby" or "rb" or "small" or "sub" or "sup" or "time" or "u" or "wbr" or "meter" or "progress" or "slot" or "nobr";

    private void Block(IElement element, string marker, string? indent) => Block(element, marker, indent, Children);

    /// <summary>A block of its own.</summary>
    /// <param name="element">The block.</param>
    /// <param name="marker">Stands before its first line.</param>
    /// <param name="indent">Stands before every further line; null: as many blanks as the marker is long.</param>
    /// <param name="write">Writes what is in it.</param>
    private void Block(IElement element, string marker, string? indent, Action<IElement> write)
    {
        EndParagraph();
        var (outerPrefix, outerMarker) = (_prefix, _marker);
        if (marker.Length > 0) _marker = (outerMarker ?? outerPrefix) + marker;
        _prefix += indent ?? new string(' ', marker.Length);
        write(element);
        EndParagraph();
        _prefix = outerPrefix;
        // A marker that nothing was written behind goes with its block; an outer one waits on.
        _marker = _marker is null ? null : outerMarker;
    }

    private void List(IElement list)
    {
        EndParagraph();
        var number = list.LocalName == "ol" ? int.TryParse(list.GetAttribute("start"), out var start) && start is >= 0 and < 1_000_000 ? start : 1 : -1;
        // Items follow each other, and the item that they stand in, without a blank line, whatever they hold.
        _isTight |= _items > 0 && _written.StartsWith(_prefix, StringComparison.Ordinal);
        _items++;
        for (var i = 0; i < list.ChildNodes.Length && !IsFull; i++)
        {
            if (list.ChildNodes[i] is not IElement item || VisibleText.IsSkipped(item)) continue;
            budget.Check();
            // Not what the standard wants, but what is written: a list right in a list.
            if (item.LocalName is "ul" or "ol") Block(item, "", "  ", List);
            else Block(item, number < 0 ? "- " : $"{number++}. ", null, Children);
            _isTight = true;
        }

        _items--;
        _isTight = _items > 0;
    }

    private void Marked(IElement element, string mark)
    {
        var start = _paragraph.Length;
        var written = _output.Length;
        Children(element);
        // With a block in it, or nothing, the marks would only confuse.
        if (_output.Length != written || !HasText(start)) return;
        while (start < _paragraph.Length && char.IsWhiteSpace(_paragraph[start])) start++;
        var end = _paragraph.Length;
        while (end > start && char.IsWhiteSpace(_paragraph[end - 1])) end--;
        _paragraph.Insert(end, mark).Insert(start, mark);
    }

    private void Code(IElement element)
    {
        var text = Words.Collapse(TextOf(element));
        if (text.Length == 0) return;
        var fence = new string('`', LongestRun(text, '`') + 1);
        var pad = text[0] == '`' || text[^1] == '`' ? " " : "";
        _paragraph.Append(fence).Append(pad).Append(text).Append(pad).Append(fence);
    }

    private void Link(IElement element)
    {
        var start = _paragraph.Length;
        var written = _output.Length;
        Children(element);
        if (_output.Length != written || !HasText(start) || Target(element.GetAttribute("href")) is not { } target) return;
        while (start < _paragraph.Length && char.IsWhiteSpace(_paragraph[start])) start++;
        _paragraph.Insert(start, '[').Append("](").Append(target).Append(')');
    }

    /// <summary>Where a link leads; null: nowhere that another page is.</summary>
    private string? Target(string? href)
    {
        href = href?.Trim();
        if (string.IsNullOrEmpty(href) || href[0] == '#' || !Uri.TryCreate(page, href, out var url)) return null;
        if (url.Scheme is not ("http" or "https" or "mailto")) return null;
        var text = url.AbsoluteUri;
        return text.AsSpan().IndexOfAny('(', ')') < 0 ? text : text.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal);
    }

    private void Image(IElement image)
    {
        var alt = Words.Collapse(image.GetAttribute("alt"));
        if (alt.Length > 0) _paragraph.Append("![").Append(alt).Append(']');
    }

    private void Formula(IElement math)
    {
        var tex = Words.Collapse(math.QuerySelector("annotation[encoding='application/x-tex']")?.TextContent ?? math.GetAttribute("alttext") ?? math.TextContent);
        if (tex.Length > 0) _paragraph.Append('$').Append(tex).Append('$');
    }

    private void Preformatted(IElement element)
    {
        EndParagraph();
        var text = TextOf(element).ReplaceLineEndings("\n").Trim('\n');
        if (text.AsSpan().Trim().IsEmpty) return;
        var fence = new string('`', Math.Max(3, LongestRun(text, '`') + 1));
        Lines([fence + CodeLanguage.Of(element), .. text.Split('\n').Select(line => line.TrimEnd()), fence]);
    }

    private void Table(IElement element)
    {
        EndParagraph();
        var table = new HtmlTable(element);
        if (table.IsLayout)
        {
            foreach (var cell in table.Rows.SelectMany(row => row))
            {
                if (!IsFull) Block(cell, "", "");
            }

            return;
        }

        if (element.QuerySelector("caption") is { } caption && Line(caption) is { Length: > 0 } title) Lines([title]);
        Lines(table.ToMarkdown(cell => IsFull ? "" : Line(cell)));
    }

    /// <summary>The text as it stands there, line breaks included.</summary>
    private static string TextOf(INode node)
    {
        var text = new StringBuilder();
        Gather(node);
        return text.ToString();

        void Gather(INode parent)
        {
            for (var i = 0; i < parent.ChildNodes.Length; i++)
            {
                switch (parent.ChildNodes[i])
                {
                    case IText part:
                        text.Append(part.Data);
                        break;
                    case IElement { LocalName: "br" }:
                        text.Append('\n');
                        break;
                    case IElement { LocalName: "button" }:
                        break;
                    case IElement child:
                        Gather(child);
                        break;
                }
            }
        }
    }

    private void Append(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c)) _paragraph.Append(c);
            else if (_paragraph.Length > 0 && _paragraph[^1] is not (' ' or '\n')) _paragraph.Append(' ');
        }

        if (_paragraph.Length + _output.Length > maxCharacters) EndParagraph();
    }

    private void Break()
    {
        while (_paragraph.Length > 0 && _paragraph[^1] == ' ') _paragraph.Length--;
        if (_paragraph.Length > 0) _paragraph.Append('\n');
    }

    private bool HasText(int start)
    {
        for (var i = start; i < _paragraph.Length; i++)
        {
            if (!char.IsWhiteSpace(_paragraph[i])) return true;
        }

        return false;
    }

    private void EndParagraph()
    {
        var text = _paragraph.ToString().Trim();
        _paragraph.Clear();
        if (text.Length == 0) return;
        // A heading is one line.
        Lines(_marker?.EndsWith("# ", StringComparison.Ordinal) == true ? [text.Replace('\n', ' ')] : text.Split('\n'));
        _isTight = false;
    }

    /// <summary>Writes lines of one block, with what stands before them.</summary>
    private void Lines(IEnumerable<string> lines)
    {
        if (_output.Length > 0 && !_isTight) _output.Append(Shared().TrimEnd()).Append('\n');
        _written = _prefix;
        foreach (var line in lines)
        {
            if (IsFull) return;
            var start = _marker ?? _prefix;
            _marker = null;
            _output.Append(line.Length == 0 ? start.TrimEnd() : start).Append(line).Append('\n');
            if (_output.Length <= maxCharacters) continue;
            IsFull = true;
            _output.Length = maxCharacters > 0 && char.IsHighSurrogate(_output[maxCharacters - 1]) ? maxCharacters - 1 : maxCharacters;
        }

        _isTight = false;
    }

    /// <summary>The quotations and items that both the last block and the next one stand in.</summary>
    private string Shared() => _prefix[.._prefix.AsSpan().CommonPrefixLength(_written)];

    private static int LongestRun(string text, char mark)
    {
        var (longest, run) = (0, 0);
        foreach (var c in text)
        {
            run = c == mark ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
