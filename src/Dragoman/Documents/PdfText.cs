using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dragoman.Translation.ChatCompletions;
using Microsoft.Extensions.Caching.Memory;
using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;

namespace Dragoman.Documents;

/// <summary>Limits of reading PDF documents for models that cannot.</summary>
public sealed record PdfTextOptions
{
    /// <summary>Longest document, in bytes. Default: what the Messages API takes in a request.</summary>
    public int MaxDocumentBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Pages read; the text says how many were left out.</summary>
    public int MaxPages { get; init; } = 600;

    /// <summary>Characters taken from one document; the text says that it was cut.</summary>
    public int MaxCharacters { get; init; } = 1_000_000;

    /// <summary>What the streams of one document may unpack to, in bytes.</summary>
    public long MaxUnpackedBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>After this no further page is begun.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Characters of extracted texts that are remembered.</summary>
    public long CacheCharacters { get; init; } = 16 * 1024 * 1024;
}

/// <summary>Text of PDF documents, in the order the page's content tells it. The texts are remembered: a client sends the whole
/// document again with every turn, and must get the same text again, or the backend's prefix cache is lost.</summary>
public sealed class PdfText : IDisposable
{
    /// <summary>Entries count for at least this, so that endless empty documents fill the cache as well.</summary>
    private const int EntrySize = 64;

    private readonly PdfTextOptions _options;
    private readonly MemoryCache _texts;

    /// <param name="options">Limits.</param>
    public PdfText(PdfTextOptions? options = null)
    {
        _options = options ?? new();
        _texts = new(new MemoryCacheOptions { SizeLimit = _options.CacheCharacters });
    }

    /// <summary>The text of a document: a <see cref="DocumentTextExtractor"/>. Never throws.</summary>
    /// <remarks>Takes up to <see cref="PdfTextOptions.MaxTime"/> for a document not seen before, on the caller's thread: do not
    /// call it where other connections wait for the thread.</remarks>
    /// <param name="base64">The document in base64, as it stood in a JSON string: escapes and line breaks may be in it.</param>
    /// <returns>Null if it is no PDF, is encrypted, damaged or too large, or holds no text (scanned pages).</returns>
    public string? Extract(ReadOnlySpan<byte> base64)
    {
        // Not a faster hash: whoever could make two documents with one hash could put words into another caller's document.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(base64, hash);
        var key = Convert.ToHexString(hash);
        if (_texts.TryGetValue(key, out string? text))
            return text;

        text = Decode(base64) is { } document ? Read(document) : null;
        _texts.Set(key, text, new MemoryCacheEntryOptions { Size = (text?.Length ?? 0) + EntrySize });
        return text;
    }

    /// <summary>Gives the remembered texts back.</summary>
    public void Dispose() => _texts.Dispose();

    private byte[]? Decode(ReadOnlySpan<byte> base64)
    {
        if (Base64.GetMaxDecodedFromUtf8Length(base64.Length) - 2 > _options.MaxDocumentBytes)
            return null;
        if (base64.Contains((byte)'\\'))
            return Unescape(base64) is { } plain ? Decode(plain) : null;
        var document = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        return Base64.DecodeFromUtf8(base64, document, out _, out var length) is OperationStatus.Done ? document[..length] : null;
    }

    /// <summary>Some clients write <c>\/</c> or <c>\u002B</c> for characters of the alphabet, and <c>\n</c> between lines.</summary>
    private static byte[]? Unescape(ReadOnlySpan<byte> json)
    {
        try
        {
            byte[] quoted = [(byte)'"', .. json, (byte)'"'];
            var reader = new Utf8JsonReader(quoted);
            reader.Read();
            var plain = new byte[json.Length];
            var length = reader.CopyString(plain);
            return plain.AsSpan(0, length).Contains((byte)'\\') ? null : plain[..length];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private string? Read(byte[] document)
    {
        try
        {
            using var pdf = PdfDocument.Open(document, new()
            {
                UseLenientParsing = true,
                SkipMissingFonts = true,
                FilterProvider = new BoundedFilters(_options.MaxUnpackedBytes),
            });
            return Read(pdf);
        }
        // Whatever a hostile or broken document makes the parser do, the conversation goes on without its text.
#pragma warning disable CA1031
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private string? Read(PdfDocument pdf)
    {
        var started = Stopwatch.GetTimestamp();
        var text = new StringBuilder();
        var read = 0;
        var found = false;
        while (read < Math.Min(pdf.NumberOfPages, _options.MaxPages) && text.Length < _options.MaxCharacters
            && Stopwatch.GetElapsedTime(started) < _options.MaxTime)
        {
            read++;
            if (pdf.NumberOfPages > 1)
                text.Append(CultureInfo.InvariantCulture, $"[Page {read}]\n");
            var page = PageText(pdf, read);
            found |= page.Length > 0;
            text.Append(page).Append(page.Length > 0 ? "\n\n" : "\n");
        }
        if (!found)
            return null;

        var cut = text.Length > _options.MaxCharacters;
        if (cut)
            text.Length = char.IsHighSurrogate(text[_options.MaxCharacters - 1]) ? _options.MaxCharacters - 1 : _options.MaxCharacters;
        while (char.IsWhiteSpace(text[^1]))
            text.Length--;
        if (cut || read < pdf.NumberOfPages)
            text.Append(CultureInfo.InvariantCulture, $"\n\n[The document was cut here, {(cut ? "within" : "after")} page {read} of {pdf.NumberOfPages}.]");
        return text.ToString();
    }

    /// <summary>Empty for a page that cannot be read: the others may.</summary>
    private static string PageText(PdfDocument pdf, int number)
    {
        try
        {
            return ContentOrderTextExtractor.GetText(pdf.GetPage(number), addDoubleNewline: true).Trim();
        }
#pragma warning disable CA1031
        catch (Exception)
#pragma warning restore CA1031
        {
            return "";
        }
    }
}
