using Dragoman.Configuration;
using Dragoman.Documents;
using Dragoman.WebFetch.Guard;
using Dragoman.WebFetch.Reading;
using Dragoman.WebSearch;

namespace Dragoman.WebFetch;

/// <summary>Fetches pages for models: the <c>web_fetch</c> tool. One serves all requests.</summary>
internal sealed class PageFetcher : IDisposable
{
    private readonly WebFetchOptions _options;
    private readonly PdfText _pdf;
    private readonly TimeProvider _time;
    private readonly AddressGuard _guard;
    private readonly HttpMessageInvoker _http;
    private readonly PageDownload _download;
    private readonly PageCache _cache;
    private readonly Robots _robots;
    private readonly DomainFilter _domains;
    private readonly SemaphoreSlim _slots;

    /// <summary>A page may take hundreds of megabytes while it is converted (<see cref="MarkupBudget"/>), and more than one a processor would be no faster.</summary>
    private readonly SemaphoreSlim _conversions = new(Environment.ProcessorCount);

    /// <param name="options">What may be fetched, and how much.</param>
    /// <param name="pdf">Reads PDF documents.</param>
    /// <param name="time">The clock.</param>
    /// <param name="resolve">Resolves names; null: the system does.</param>
    public PageFetcher(WebFetchOptions options, PdfText pdf, TimeProvider time, ResolveHost? resolve = null)
    {
        _options = options;
        _pdf = pdf;
        _time = time;
        _guard = new(options);
        _domains = DomainFilter.Of(options.AllowedDomains, options.BlockedDomains);
        _http = GuardedConnections.Open(options, _guard, resolve);
        _download = new(_http, options);
        _cache = new(options, time);
        _robots = new(_download, options, time);
        _slots = new(options.Concurrent);
    }

    /// <summary>Fetches a page. Failures are outcomes, too.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async Task<FetchOutcome> FetchAsync(FetchRequest request, CancellationToken cancellation)
    {
        using var telemetry = FetchTelemetry.Begin(_time);
        var outcome = await OutcomeAsync(request, cancellation);
        telemetry.End(outcome);
        return outcome;
    }

    public void Dispose()
    {
        _http.Dispose();
        _cache.Dispose();
        _robots.Dispose();
        _slots.Dispose();
    }

    private async Task<FetchOutcome> OutcomeAsync(FetchRequest request, CancellationToken cancellation)
    {
        if (!UrlRules.TryRead(request.Url, _options.MaxUrlLength, out var url, out var failure)) return failure;
        using var patience = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            // Before the cache: what another request was allowed to fetch is not for everyone.
            Check(url, request);
            if (request.UseCache && _cache.Find(url) is { } kept && MayHave(kept, request)) return ContentCut.Apply(kept, request.MaxContentTokens);
            if (!await EnterAsync(either.Token, cancellation)) return new FetchFailure(FetchError.TooManyRequests, "Too many pages are being fetched. Try again later.");
            FetchedPage page;
            try
            {
                page = await LoadAsync(url, request, either.Token);
            }
            finally
            {
                _slots.Release();
            }

            _cache.Keep(url, page);
            return ContentCut.Apply(page, request.MaxContentTokens);
        }
        catch (FetchException e)
        {
            return e.Failure;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new FetchFailure(FetchError.UrlNotAccessible, "The page took too long.");
        }
    }

    private async Task<bool> EnterAsync(CancellationToken either, CancellationToken caller)
    {
        try
        {
            await _slots.WaitAsync(either);
            return true;
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<FetchedPage> LoadAsync(Uri url, FetchRequest request, CancellationToken cancellation)
    {
        var download = await _download.GetAsync(url, next => CheckAsync(next, request, cancellation), _options.MaxBytes, cancellation);
        var at = _time.GetUtcNow();
        await _conversions.WaitAsync(cancellation);
        // Off the thread that the socket's data came on: others wait for it. What cannot be interrupted goes on there without us, and keeps
        // its place. No token for the task itself: one that never begins would keep its place for ever.
        var reading = Task.Run(
            () =>
            {
                try
                {
                    return PageReader.Read(download, at, _options, _pdf, cancellation);
                }
                finally
                {
                    _conversions.Release();
                }
            },
            CancellationToken.None);
        return await reading.WaitAsync(cancellation);
    }

    private async ValueTask CheckAsync(Uri url, FetchRequest request, CancellationToken cancellation)
    {
        Check(url, request);
        if (!_options.Robots) return;
        var isAllowed = await _robots.AllowsAsync(url, CheckSite, cancellation);
        if (!isAllowed) throw new FetchException(FetchError.UrlNotAllowed, "The site's robots.txt does not allow it.");

        ValueTask CheckSite(Uri robots)
        {
            Check(robots, request);
            return ValueTask.CompletedTask;
        }
    }

    /// <exception cref="FetchException">It must not be asked for.</exception>
    private void Check(Uri url, FetchRequest request)
    {
        if (!_guard.AllowsPort(url.Port)) throw new FetchException(FetchError.UrlNotAllowed, "The URL's port may not be connected to.");
        if (!_domains.Allows(url) || !request.Domains.Allows(url)) throw new FetchException(FetchError.UrlNotAllowed, "The URL's domain may not be fetched from.");
    }

    /// <summary>Where a kept page was found in the end may be where this request must not go.</summary>
    private static bool MayHave(FetchedPage page, FetchRequest request) => request.Domains.Allows(new(page.Url));
}
