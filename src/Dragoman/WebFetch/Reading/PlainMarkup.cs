using System.Net;
using System.Text;

namespace Dragoman.WebFetch.Reading;

/// <summary>The text between tags, for pages whose structure costs too much. Looks at every character once.</summary>
internal static class PlainMarkup
{
    private static readonly string[] Unread = ["script", "style", "noscript", "template", "svg", "head"];

    private static readonly HashSet<string> Inline = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
    };

    /// <summary>The text, a line for each block.</summary>
    public static string Strip(string html, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var rest = html.AsSpan();
        while (!rest.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            var tag = rest.IndexOf('<');
            Append(text, tag < 0 ? rest : rest[..tag]);
            if (tag < 0) break;
            rest = AfterTag(rest[tag..], text);
        }

        return WebUtility.HtmlDecode(text.ToString()).Trim();
    }

    /// <summary>What follows the tag, comment or unread element that <paramref name="html"/> begins with; nothing, if it does not end.</summary>
    private static ReadOnlySpan<char> AfterTag(ReadOnlySpan<char> html, StringBuilder text)
    {
        if (html.StartsWith("<!--", StringComparison.Ordinal)) return From(html, "-->") is { IsEmpty: false } end ? end[3..] : default;
        var isEnd = html.StartsWith("</", StringComparison.Ordinal);
        var name = html[(isEnd ? 2 : 1)..];
        var length = 0;
        while (length < name.Length && char.IsAsciiLetterOrDigit(name[length])) length++;
        if (length == 0 && html.Length > 1 && html[1] is not ('!' or '?' or '/'))
        {
            text.Append('<');
            return html[1..];
        }

        name = name[..length];
        var close = html.IndexOf('>');
        if (close < 0) return default;
        if (!Inline.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name) && text.Length > 0 && text[^1] != '\n') text.Append('\n');
        foreach (var unread in Unread)
        {
            if (!isEnd && name.Equals(unread, StringComparison.OrdinalIgnoreCase)) return From(html[1..], $"</{unread}");
        }

        return html[(close + 1)..];
    }

    private static ReadOnlySpan<char> From(ReadOnlySpan<char> html, string end)
    {
        var at = html.IndexOf(end, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? default : html[at..];
    }

    private static void Append(StringBuilder text, ReadOnlySpan<char> part)
    {
        foreach (var c in part)
        {
            if (!char.IsWhiteSpace(c)) text.Append(c);
            else if (text.Length > 0 && text[^1] is not (' ' or '\n')) text.Append(' ');
        }
    }
}
