using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dragoman.WebSearch.Providers;

/// <summary>Reads the text that search tools write for models: JSON, labelled lines (<c>Title: …</c>, <c>URL: …</c>), or links among words.</summary>
internal static partial class LinkText
{
    private const int LongestText = 1 << 20;
    private const int LongestSnippet = 16 << 10;

    /// <summary>The pages that the text tells of.</summary>
    public static IReadOnlyList<SearchHit> Read(string text)
    {
        text = text.Length > LongestText ? text[..LongestText] : text;
        if (text.AsSpan().TrimStart() is ['[' or '{', ..])
        {
            try
            {
                using var json = JsonDocument.Parse(text);
                return HitReading.ReadAny(json.RootElement);
            }
            catch (JsonException)
            {
                // A Markdown link begins with a bracket, too.
            }
        }

        var labelled = Labelled(text);
        return labelled.Count > 0 ? labelled : Links(text);
    }

    private static List<SearchHit> Labelled(string text)
    {
        var hits = new List<SearchHit>();
        var hit = new SearchHit(null, null, null, null);
        var inSnippet = false;
        foreach (var line in text.Split('\n'))
        {
            if (Label().Match(line) is not { Success: true } match)
            {
                if (inSnippet && hit.Snippet!.Length < LongestSnippet) hit = hit with { Snippet = $"{hit.Snippet}\n{line}" };
                continue;
            }

            var value = match.Groups["value"].Value.Trim();
            var label = match.Groups["label"].Value.ToLowerInvariant();
            inSnippet = false;
            switch (label)
            {
                case "title":
                    Add();
                    hit = hit with { Title = value };
                    break;
                case "url" or "link":
                    if (hit.Url is not null) Add();
                    hit = hit with { Url = value };
                    break;
                case "published" or "published date" or "date" or "age":
                    hit = hit with { Age = value };
                    break;
                case "author":
                    break;
                default:
                    hit = hit with { Snippet = hit.Snippet is null ? value : $"{hit.Snippet}\n{value}" };
                    inSnippet = true;
                    break;
            }
        }

        Add();
        return hits;

        void Add()
        {
            if (hit.Url is not null) hits.Add(hit);
            hit = new(null, null, null, null);
        }
    }

    /// <summary>Each link with the words from it to the next one.</summary>
    private static List<SearchHit> Links(string text)
    {
        var hits = new List<SearchHit>();
        var matches = Link().Matches(text);
        for (var i = 0; i < matches.Count; i++)
        {
            var match = matches[i];
            var from = match.Index + match.Length;
            var to = i + 1 < matches.Count ? matches[i + 1].Index : text.Length;
            var url = match.Groups["target"].Success ? match.Groups["target"].Value : match.Value.TrimEnd('.', ',', ';', ':', '!', '?', '"', '\'');
            hits.Add(new(match.Groups["title"].Value, url, null, Between(text.AsSpan(from..to))));
        }

        return hits;
    }

    /// <summary>Words without what lists and sentences put around links, such as the number of the next entry.</summary>
    private static string Between(ReadOnlySpan<char> text)
    {
        text = text.Trim(" \t\r\n-*:,.()");
        var withoutNumber = text.TrimEnd("0123456789");
        return (withoutNumber.EndsWith('\n') ? withoutNumber.TrimEnd() : text).ToString();
    }

    [GeneratedRegex(@"^[\s>*#\d.\-]*(?<label>title|url|link|description|snippet|text|content|summary|highlights|published(?: date)?|date|age|author)\**:\**(?<value>.*)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"\[(?<title>[^\[\]\n]{1,500})\]\((?<target>https?://(?:[^\s()<>]|\([^\s()<>]{0,200}\)){1,2000})[^()\n]{0,200}\)|https?://[^\s<>""'\])]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Link();
}
