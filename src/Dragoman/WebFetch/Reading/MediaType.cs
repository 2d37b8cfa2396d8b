namespace Dragoman.WebFetch.Reading;

/// <summary>How a body is read.</summary>
internal enum PageKind
{
    /// <summary>To be told by its first bytes.</summary>
    Unknown,

    /// <summary>HTML, XHTML.</summary>
    Html,

    /// <summary>A PDF document.</summary>
    Pdf,

    /// <summary>XML, feeds included: text whose charset it may declare itself.</summary>
    Xml,

    /// <summary>Text as it is.</summary>
    Text,

    /// <summary>Neither text nor a document.</summary>
    Other,
}

/// <summary>A <c>Content-Type</c>, read leniently.</summary>
/// <param name="Name">Type and subtype in small letters; empty: there is none.</param>
/// <param name="Charset">Null: not said.</param>
/// <param name="Kind">How to read it.</param>
internal readonly record struct MediaType(string Name, string? Charset, PageKind Kind)
{
    // Texts that do not call themselves text.
    private static readonly HashSet<string> Texts = new(StringComparer.Ordinal)
    {
        "json", "ld+json", "x-ndjson", "ndjson", "jsonl", "json5", "javascript", "x-javascript", "ecmascript", "typescript", "yaml", "x-yaml", "toml", "x-toml",
        "sql", "graphql", "x-sh", "x-shellscript", "x-python", "x-ruby", "x-perl", "x-httpd-php", "x-tex", "x-latex", "rtf", "x-www-form-urlencoded",
    };

    /// <summary>No byte of it needs to be read.</summary>
    public bool IsHopeless => Kind == PageKind.Other;

    /// <summary>Reads the header.</summary>
    /// <param name="contentType">As it was sent; null: it was not.</param>
    public static MediaType Of(string? contentType)
    {
        var parts = (contentType ?? "").Split(';');
        // Sent twice, it arrives with a comma; the first counts.
        var name = parts[0].Split(',')[0].Trim().ToLowerInvariant();
        string? charset = null;
        foreach (var part in parts.Skip(1))
        {
            var parameter = part.Trim();
            if (parameter.StartsWith("charset=", StringComparison.OrdinalIgnoreCase)) charset ??= parameter["charset=".Length..].Split(',')[0].Trim(' ', '"', '\'');
        }

        return new(name, string.IsNullOrEmpty(charset) ? null : charset, KindOf(name));
    }

    private static PageKind KindOf(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return PageKind.Unknown;
        var (type, subtype) = (name[..slash], name[(slash + 1)..]);
        return (type, subtype) switch
        {
            ("text", "html") or ("application", "xhtml+xml") => PageKind.Html,
            ("application", "pdf" or "x-pdf") => PageKind.Pdf,
            (_, "xml") => PageKind.Xml,
            _ when subtype.EndsWith("+xml", StringComparison.Ordinal) => PageKind.Xml,
            ("text", _) => PageKind.Text,
            ("application", _) when Texts.Contains(subtype) || subtype.EndsWith("+json", StringComparison.Ordinal) || subtype.EndsWith("+yaml", StringComparison.Ordinal) => PageKind.Text,
            // What servers send for files that they do not know.
            ("application", "octet-stream" or "force-download" or "unknown" or "x-unknown") or ("binary", _) or ("*", _) => PageKind.Unknown,
            _ => PageKind.Other,
        };
    }
}
