using System.Text;
using Dragoman.Configuration;
using Microsoft.Extensions.Caching.Memory;

namespace Dragoman.WebFetch;

/// <summary>What sites allow in their robots.txt.</summary>
/// <remarks>A page is asked for by a user, once: a robots.txt that cannot be had forbids nothing, where RFC 9309 has crawlers stay away.</remarks>
internal sealed class Robots(PageDownload download, WebFetchOptions options, TimeProvider time) : IDisposable
{
    private const int MaxBytes = 512 * 1024;
    private const int MostSites = 2000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly MemoryCache _sites = new(new MemoryCacheOptions { SizeLimit = MostSites });
    private readonly string _agent = RobotsRules.AgentOf(options.UserAgent);

    /// <summary>Whether a page may be asked for.</summary>
    /// <param name="url">The page.</param>
    /// <param name="check">Asked before every request, redirects of robots.txt included.</param>
    /// <param name="cancellation">Nobody waits for the page any more.</param>
    public async ValueTask<bool> AllowsAsync(Uri url, Func<Uri, ValueTask> check, CancellationToken cancellation)
    {
        var site = url.GetLeftPart(UriPartial.Authority);
        if (!_sites.TryGetValue(site, out RobotsRules? rules))
        {
            rules = await LoadAsync(new(url, "/robots.txt"), check, cancellation);
            // Where this request's own lists kept the file from being read, another request may read it.
            if (rules is not null) _sites.Set(site, rules, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Kept });
        }

        return rules?.Allows(url.PathAndQuery) ?? true;
    }

    public void Dispose() => _sites.Dispose();

    private async Task<RobotsRules?> LoadAsync(Uri url, Func<Uri, ValueTask> check, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            var file = await download.GetAsync(url, check, MaxBytes, either.Token);
            return RobotsRules.Parse(Encoding.UTF8.GetString(file.Body.Span), _agent);
        }
        catch (FetchException e)
        {
            return e.Failure.Error == FetchError.UrlNotAllowed ? null : RobotsRules.Everything;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return RobotsRules.Everything;
        }
    }
}
