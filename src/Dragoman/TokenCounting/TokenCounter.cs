using System.Collections.Concurrent;
using System.IO.Hashing;
using Dragoman.Translation.ChatCompletions;
using Microsoft.Extensions.Caching.Memory;

namespace Dragoman.TokenCounting;

/// <summary>Counts prompts: by the backend where it can, else by a tokenizer and what the backend's usage taught. (failures.md F2-F5)</summary>
/// <remarks>
/// Three ways, the better first:
/// 1. the backend's own tokenizer (<see cref="BackendTokenizer"/>), exact but for images;
/// 2. the o200k vocabulary and the model's family, corrected by observed usage; runs on a bounded number of threads;
/// 3. the size alone, corrected likewise: when too many counts wait. It is also what <c>message_start</c> gets.
/// </remarks>
public sealed class TokenCounter : IDisposable
{
    /// <summary>More pairs of backend and model than any gateway has; beyond it (names of callers' invention) learning starts anew.</summary>
    private const int MaxEstimators = 4096;

    private readonly TokenCountingOptions _options;
    private readonly MemoryCache _cache;
    private readonly TextTokenizer _tokenizer = new();
    private readonly PromptMeter _meter;
    private readonly int _concurrent;
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentDictionary<(string Backend, string Model), PromptEstimator> _estimators = new();
    private int _waiting;

    /// <param name="options">Limits.</param>
    public TokenCounter(TokenCountingOptions? options = null)
    {
        _options = options ?? new();
        _cache = new(new MemoryCacheOptions { SizeLimit = _options.CacheEntries });
        _meter = new(_tokenizer, _cache);
        _concurrent = _options.MaxConcurrent > 0 ? _options.MaxConcurrent : Math.Max(1, Environment.ProcessorCount / 2);
        _slots = new(_concurrent);
    }

    /// <summary>What is known of the prompts of a backend and model; the same object for all requests.</summary>
    /// <param name="backend">The backend's name in the configuration.</param>
    /// <param name="model">The model's name as the backend knows it.</param>
    public PromptEstimator Estimator(string backend, string model)
    {
        if (_estimators.TryGetValue((backend, model), out var known))
            return known;
        if (_estimators.Count >= MaxEstimators)
            _estimators.Clear();
        return _estimators.GetOrAdd((backend, model), static key => new PromptEstimator(key.Model));
    }

    /// <summary>Loads the vocabulary (0.4 s, 40 MB) in the background, so that the first count need not wait for it.</summary>
    public void WarmUp() => _ = Task.Run(() => _tokenizer.Count("a", CancellationToken.None));

    /// <summary>Counts a prompt.</summary>
    /// <exception cref="CountRefusedException">The backend refused, for a reason that would meet the real request too.</exception>
    /// <exception cref="OperationCanceledException">The caller is gone.</exception>
    public async Task<TokenCount> CountAsync(CountRequest request, CancellationToken cancellation)
    {
        if (request.Dialect.CountTokens is not CountTokens.Estimate
            && await CountByBackendAsync(request, cancellation).ConfigureAwait(false) is { } exact)
            return exact;
        return new(await EstimateAsync(request, cancellation).ConfigureAwait(false), Estimated: true);
    }

    /// <summary>Keeps a copy of a request to learn from, if it is one worth it: only where somebody counts, and rarely.</summary>
    /// <param name="estimator">That of the request's backend and model.</param>
    /// <param name="chat">The translated request.</param>
    /// <param name="size">Its size.</param>
    /// <returns>To be handed to <see cref="Observe"/> when the answer is over; null mostly.</returns>
    public PromptSample? TrySample(PromptEstimator estimator, ReadOnlySpan<byte> chat, in PromptSize size) =>
        _tokenizer.IsLoaded && chat.Length <= _options.MaxSampleBytes && size.ImageTokens == 0 && estimator.TakesSample()
            ? new(chat.ToArray())
            : null;

    /// <summary>Takes in what the backend counted for a request; returns at once.</summary>
    /// <param name="estimator">That of the request's backend and model.</param>
    /// <param name="size">The request's size.</param>
    /// <param name="promptTokens">The backend's count of the whole prompt, cached tokens included; 0 or less if it told nothing.</param>
    /// <param name="sample">What <see cref="TrySample"/> gave for the request.</param>
    public void Observe(PromptEstimator estimator, in PromptSize size, long promptTokens, PromptSample? sample = null)
    {
        estimator.Observe(size, promptTokens);
        // Learning can wait: if all slots are taken, this sample is let go.
        if (sample is not null && promptTokens > 0 && _slots.Wait(0))
            _ = Task.Run(() => Learn(estimator, promptTokens, sample));
    }

    /// <summary>Gives the cache back.</summary>
    public void Dispose() => _cache.Dispose();

    private void Learn(PromptEstimator estimator, long promptTokens, PromptSample sample)
    {
        try
        {
            estimator.Observe(_meter.Measure(sample.Chat, CancellationToken.None), promptTokens);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<TokenCount?> CountByBackendAsync(CountRequest request, CancellationToken cancellation)
    {
        var resting = BackendTokenizer.Root(request.Url);
        if (_cache.TryGetValue(resting, out _))
            return null;

        // A client counts the same parts again and again (24 counts for one /context); the model's tokenizer does not change its mind.
        var key = (request.Estimator, XxHash128.HashToUInt128(request.Chat.Span));
        if (!_cache.TryGetValue(key, out long tokens))
        {
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limited.CancelAfter(_options.BackendTimeout);
            try
            {
                if (await BackendTokenizer.CountAsync(request, limited.Token).ConfigureAwait(false) is not { } counted)
                    return null;
                tokens = counted;
            }
            catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                // No tokenizer there, slow or gone: whether it can serve is for the real request to find out.
                _cache.Set(resting, true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = _options.BackendRest });
                return null;
            }
            _cache.Set(key, tokens, new MemoryCacheEntryOptions { Size = 1 });
            request.Estimator.Observe(request.Size with { ImageTokens = 0 }, tokens);
        }
        return new(Math.Max(1, tokens + request.Size.ImageTokens), Estimated: request.Size.ImageTokens > 0);
    }

    private async Task<long> EstimateAsync(CountRequest request, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _waiting) > _options.MaxWaiting + _concurrent)
        {
            Interlocked.Decrement(ref _waiting);
            return request.Estimator.Estimate(request.Size);
        }
        try
        {
            await _slots.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                // Not awaited with the caller's token: the request's memory is in use until the measuring has really stopped.
                var prompt = await Task.Run(() => _meter.Measure(request.Chat, cancellation), CancellationToken.None).ConfigureAwait(false);
                return request.Estimator.Estimate(prompt, request.Size.ImageTokens);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
