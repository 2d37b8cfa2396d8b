using System.Buffers.Text;
using System.Text;
using Dragoman.Configuration;
using Dragoman.Documents;

namespace Dragoman.WebFetch.Reading;

/// <summary>What a server sent, as a model reads it.</summary>
internal static class PageReader
{
    private const string NoText = "[This PDF document holds no text that could be read.]";

    private const string NoWords = "[This page holds no text; it may make it with scripts, which are not run.]";

    /// <summary>Reads a body. Takes processor time.</summary>
    /// <exception cref="FetchException">It is nothing that can be read.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public static FetchedPage Read(Download download, DateTimeOffset at, WebFetchOptions options, PdfText pdf, CancellationToken cancellation)
    {
        var body = download.Body.Span;
        var type = MediaType.Of(download.ContentType);
        var kind = body.StartsWith("%PDF-"u8) ? PageKind.Pdf : type.Kind == PageKind.Unknown ? Guess(body) : type.Kind;
        var url = download.Url.AbsoluteUri;
        switch (kind)
        {
            case PageKind.Pdf:
                if (download.IsCut) throw new FetchException(FetchError.UrlNotAccessible, $"The PDF document is longer than {options.MaxBytes >> 20} MB.");
                return Bounded(new(url, null, "application/pdf", TextOf(download.Body, pdf), at) { Pdf = download.Body }, options, isCut: false);
            case PageKind.Html:
                var page = HtmlPage.Read(Charset.Decode(body, type.Charset, isMarkup: true), download.Url, options.MaxCharacters, options.ConversionTime, cancellation);
                return Bounded(new(url, page.Title, type.Name.Length > 0 ? type.Name : "text/html", page.Text.Length > 0 ? page.Text : NoWords, at), options, page.IsCut || download.IsCut);
            case PageKind.Xml or PageKind.Text:
                var text = Charset.Decode(body, type.Charset, isMarkup: kind == PageKind.Xml);
                if (text.Contains('\0', StringComparison.Ordinal)) break;
                return Bounded(new(url, null, type.Name.Contains('/', StringComparison.Ordinal) ? type.Name : "text/plain", text, at), options, download.IsCut);
        }

        throw new FetchException(FetchError.UnsupportedContentType, "The page is neither text nor a PDF document.");
    }

    private static FetchedPage Bounded(FetchedPage page, WebFetchOptions options, bool isCut)
    {
        var text = page.Text;
        if (text.Length > options.MaxCharacters) (text, isCut) = (Words.Cut(text, options.MaxCharacters), true);
        return page with { Text = isCut ? ContentCut.Mark(text) : text, IsCut = isCut };
    }

    private static string TextOf(ReadOnlyMemory<byte> document, PdfText pdf)
    {
        var base64 = new byte[Base64.GetMaxEncodedToUtf8Length(document.Length)];
        Base64.EncodeToUtf8(document.Span, base64, out _, out var length);
        return pdf.Extract(base64.AsSpan(0, length)) ?? NoText;
    }

    /// <summary>What a body is whose type was not told.</summary>
    private static PageKind Guess(ReadOnlySpan<byte> body)
    {
        var head = Encoding.Latin1.GetString(body[..Math.Min(body.Length, 512)]).TrimStart('\u00ef', '\u00bb', '\u00bf').TrimStart();
        if (head.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || head.StartsWith("<html", StringComparison.OrdinalIgnoreCase)) return PageKind.Html;
        if (head.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase)) return PageKind.Xml;
        // UTF-16 has zeros, and a mark.
        return body.Contains((byte)0) && !(body is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]) ? PageKind.Other : PageKind.Text;
    }
}
