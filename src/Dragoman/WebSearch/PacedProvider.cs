using System.Threading.RateLimiting;
using Dragoman.Configuration;
using Dragoman.Telemetry;

namespace Dragoman.WebSearch;

/// <summary>A provider with its manners: how long it may take, how often it may be asked, and when it is left alone.</summary>
internal sealed class PacedProvider : IAsyncDisposable
{
    // Searches of several turns may wait for one provider; further ones go to the next.
    private const int MostWaiting = 64;

    // Asking a server that is down costs each search the whole time-out.
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    private readonly SearchProviderOptions _options;
    private readonly ISearchProvider _provider;
    private readonly TokenBucketRateLimiter? _pace;
    private readonly TimeProvider _time;
    private long _restsUntil;

    public PacedProvider(SearchProviderOptions options, ISearchProvider provider, TimeProvider time)
    {
        _options = options;
        _provider = provider;
        _time = time;
        _restsUntil = long.MinValue;
        Name = SearchServices.NameOf(options);
        if (options.RequestsPerSecond is { } rate) _pace = PaceOf(rate);
    }

    /// <summary>How logs and metrics call it.</summary>
    public string Name { get; }

    /// <summary>It failed a moment ago, or asked to be left alone: others are asked first.</summary>
    public bool Rests => _time.GetTimestamp() < Volatile.Read(ref _restsUntil);

    /// <summary>Searches once.</summary>
    /// <exception cref="SearchProviderException">There is no answer.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, int count, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_options.Timeout);
        var began = _time.GetTimestamp();
        try
        {
            await WaitForTurnAsync(deadline.Token, cancellation);
            var hits = await _provider.SearchAsync(query, count, deadline.Token);
            Volatile.Write(ref _restsUntil, long.MinValue);
            SearchTelemetry.ProviderAnswered(Name, null, _time.GetElapsedTime(began));
            return hits;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Failed(new(SearchError.Unavailable, "took too long"), began);
        }
        catch (SearchProviderException e)
        {
            throw Failed(e, began);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A fault of ours or of a library costs this provider's answer, not the caller's.
            throw Failed(new(SearchError.Unavailable, $"failed ({e.GetType().Name})"), began);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_pace is not null) await _pace.DisposeAsync();
        await _provider.DisposeAsync();
    }

    private static TokenBucketRateLimiter PaceOf(double rate)
    {
        var atOnce = (int)Math.Max(1, rate);
        return new(new()
        {
            TokenLimit = atOnce,
            TokensPerPeriod = atOnce,
            ReplenishmentPeriod = TimeSpan.FromSeconds(atOnce / rate),
            QueueLimit = MostWaiting,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            AutoReplenishment = true,
        });
    }

    private async Task WaitForTurnAsync(CancellationToken deadline, CancellationToken cancellation)
    {
        if (_pace is null) return;
        try
        {
            using var turn = await _pace.AcquireAsync(1, deadline);
            if (turn.IsAcquired) return;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Its turn did not come in time.
        }

        throw new SearchProviderException(SearchError.TooManyRequests, "has more searches waiting than its requests_per_second allows");
    }

    private SearchProviderException Failed(SearchProviderException e, long began)
    {
        SearchTelemetry.ProviderAnswered(Name, e.Error, _time.GetElapsedTime(began));
        var rest = e.RetryAfter ?? (e.Error == SearchError.Unavailable ? RestAfterFailure : TimeSpan.Zero);
        if (rest > LongestRest) rest = LongestRest;
        if (rest > TimeSpan.Zero) Volatile.Write(ref _restsUntil, began + (long)((_time.GetElapsedTime(began) + rest).TotalSeconds * _time.TimestampFrequency));
        return e;
    }
}
