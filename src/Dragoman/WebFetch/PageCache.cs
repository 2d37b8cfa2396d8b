using Dragoman.Configuration;
using Microsoft.Extensions.Caching.Memory;

namespace Dragoman.WebFetch;

/// <summary>Pages that were fetched a while ago. They were fetched without credentials, so that every caller may have them.</summary>
internal sealed class PageCache(WebFetchOptions options, TimeProvider time) : IDisposable
{
    private const int EntrySize = 512;

    private readonly MemoryCache _pages = new(new MemoryCacheOptions { SizeLimit = Math.Max(EntrySize, options.CacheSize) });

    /// <summary>The page of that URL, if it is kept and not too old.</summary>
    public FetchedPage? Find(Uri url) =>
        _pages.TryGetValue(url.AbsoluteUri, out FetchedPage? page) && time.GetUtcNow() - page!.RetrievedAt < options.CacheTime ? page with { IsCached = true } : null;

    /// <summary>Keeps a page.</summary>
    public void Keep(Uri url, FetchedPage page)
    {
        if (options.CacheTime == TimeSpan.Zero) return;
        var size = EntrySize + page.Pdf.Length + ((page.Text.Length + page.Url.Length + url.AbsoluteUri.Length) * sizeof(char));
        _pages.Set(url.AbsoluteUri, page, new MemoryCacheEntryOptions { Size = size, AbsoluteExpirationRelativeToNow = options.CacheTime });
    }

    public void Dispose() => _pages.Dispose();
}
