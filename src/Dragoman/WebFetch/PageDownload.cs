using System.Buffers;
using System.Net;
using Dragoman.Configuration;
using Dragoman.WebFetch.Guard;
using Dragoman.WebFetch.Reading;

namespace Dragoman.WebFetch;

/// <summary>What a server sent.</summary>
/// <param name="Url">Whose answer it is, after redirects.</param>
/// <param name="ContentType">The header as it was sent; null: there was none.</param>
/// <param name="Body">Decompressed.</param>
/// <param name="IsCut">There was more than may be taken.</param>
internal sealed record Download(Uri Url, string? ContentType, ReadOnlyMemory<byte> Body, bool IsCut);

/// <summary>Asks servers for pages: follows redirects, stops at limits.</summary>
/// <param name="http">Guarded.</param>
/// <param name="options">Limits.</param>
internal sealed class PageDownload(HttpMessageInvoker http, WebFetchOptions options)
{
    // Many sites of documentation have their pages as Markdown, too, and give it to those who ask.
    private const string Accepted = "text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, text/plain;q=0.8, application/pdf;q=0.8, application/json;q=0.8, */*;q=0.1";

    private const int FirstBuffer = 64 * 1024;

    /// <summary>Gets a page.</summary>
    /// <param name="url">Of <see cref="UrlRules"/>.</param>
    /// <param name="check">Asked before every request, the first one and each redirect's; throws <see cref="FetchException"/> if it must not be made.</param>
    /// <param name="maxBytes">More is cut off.</param>
    /// <param name="cancellation">The caller has gone, or the time is over.</param>
    /// <exception cref="FetchException">There is no page to be had.</exception>
    public async Task<Download> GetAsync(Uri url, Func<Uri, ValueTask> check, int maxBytes, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            await check(url);
            using var request = new HttpRequestMessage(HttpMethod.Get, url) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
            request.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
            request.Headers.TryAddWithoutValidation("Accept", Accepted);
            try
            {
                using var response = await http.SendAsync(request, cancellation);
                if (Redirect(response) is not { } location) return await ReadAsync(url, response, maxBytes, cancellation);
                if (redirects == options.Redirects) throw new FetchException(FetchError.UrlNotAccessible, $"The page redirects more than {options.Redirects} times.");
                url = Next(url, location);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or InvalidOperationException)
            {
                throw new FetchException(Reason(e));
            }
        }
    }

    private static string? Redirect(HttpResponseMessage response) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.NonValidated.TryGetValues("Location", out var locations) ? locations.ToString() : null;

    private Uri Next(Uri page, string location)
    {
        if (UrlRules.Resolve(page, location) is not { } target) throw new FetchException(FetchError.UrlNotAccessible, "The page redirects to something that is no URL.");
        if (!UrlRules.TryRead(target, options.MaxUrlLength, out var next, out _))
            throw new FetchException(FetchError.UrlNotAllowed, "The page redirects to a URL that may not be fetched.");
        // Whoever sits between could write the page.
        if (page.Scheme == "https" && next.Scheme == "http") throw new FetchException(FetchError.UrlNotAllowed, "The page redirects from https to http.");
        return next;
    }

    private static async Task<Download> ReadAsync(Uri url, HttpResponseMessage response, int maxBytes, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        if (status is < 200 or > 299 or 204 or 205) throw new FetchException(FetchError.UrlNotAccessible, $"The server answered with status {status}.");
        // What the handler has unpacked it takes out of the header.
        if (response.Content.Headers.ContentEncoding.Any(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
            throw new FetchException(FetchError.UnsupportedContentType, "The page is packed in a way that cannot be read.");
        var contentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var types) ? types.ToString() : null;
        if (MediaType.Of(contentType).IsHopeless) throw new FetchException(FetchError.UnsupportedContentType, "The page is neither text nor a PDF document.");

        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var length = 0;
            while (true)
            {
                // One byte more than allowed tells whether there is more.
                if (length == buffer.Length) Grow(ref buffer, maxBytes + 1);
                var read = await stream.ReadAsync(buffer.AsMemory(length, Math.Min(buffer.Length, maxBytes + 1) - length), cancellation);
                length += read;
                if (read == 0 || length > maxBytes) break;
            }

            return new(url, contentType, buffer.AsSpan(0, Math.Min(length, maxBytes)).ToArray(), length > maxBytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Grow(ref byte[] buffer, int most)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(most, buffer.Length * 2));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    private static FetchFailure Reason(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is FetchException refused) return refused.Failure;
        }

        return new(FetchError.UrlNotAccessible, e switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "No secure connection to the server could be made.",
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "The URL's host is unknown.",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "The server cannot be connected to.",
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "The server's headers are too long.",
            InvalidDataException => "What the server sent cannot be unpacked.",
            _ => "The server broke off, or spoke no HTTP.",
        });
    }
}
