using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dragoman.Configuration;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;

namespace Dragoman.WebSearch;

/// <summary>An answer as it is kept.</summary>
/// <param name="Provider">Who answered.</param>
/// <param name="Results">What was found.</param>
internal sealed record FoundPages(string Provider, SearchResult[] Results);

/// <summary>Answers that are kept for a while, in this process. Searches that are alike and run at once are one search.</summary>
internal sealed class SearchCache : IDisposable
{
    private readonly Lock _change = new();
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly MemoryCache? _kept;
    private readonly TimeSpan _time;

    public SearchCache(WebSearchOptions options, TimeProvider time)
    {
        _time = options.CacheTime;
        if (_time > TimeSpan.Zero) _kept = new(new MemoryCacheOptions { SizeLimit = options.CacheSize, Clock = new Clock(time) });
    }

    /// <summary>The kept answer, or what <paramref name="search"/> finds. What it throws is thrown to everybody who waits, and not kept.</summary>
    /// <param name="key">Says what was asked (<see cref="KeyOf"/>).</param>
    /// <param name="search">Searches; cancelled when nobody waits any more.</param>
    /// <param name="cancellation">This caller has gone.</param>
    public async Task<(FoundPages Found, bool IsCached)> GetAsync(string key, Func<CancellationToken, Task<FoundPages>> search, CancellationToken cancellation)
    {
        if (_kept is null) return (await search(cancellation), false);
        Running? running;
        lock (_change)
        {
            if (_kept.TryGetValue(key, out FoundPages? kept)) return (kept!, true);
            if (!_running.TryGetValue(key, out running))
            {
                running = new();
                _running.Add(key, running);
                // Not on this thread: it holds the lock.
                running.Search = Task.Run(() => RunAsync(key, running, search), CancellationToken.None);
            }

            running.Waiting++;
        }

        try
        {
            return (await running.Search.WaitAsync(cancellation), false);
        }
        finally
        {
            Leave(key, running);
        }
    }

    /// <summary>Alike for searches that have the same answer. A hash nobody can aim at: one caller must not choose what another one reads.</summary>
    public static string KeyOf(SearchQuery query, int count)
    {
        var parts = new StringBuilder();
        Add(query.Text);
        Add(count.ToString(CultureInfo.InvariantCulture));
        AddAll(query.Domains.Allowed);
        AddAll(query.Domains.Blocked);
        Add(query.Location?.City);
        Add(query.Location?.Region);
        Add(query.Location?.Country);
        Add(query.Location?.Timezone);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts.ToString())));

        void Add(string? part) => parts.Append(part).Append('\0');

        void AddAll(IEnumerable<DomainRule> rules)
        {
            foreach (var rule in rules.Select(rule => rule.ToString()).Order(StringComparer.Ordinal)) Add(rule);
            parts.Append('\x1');
        }
    }

    public void Dispose() => _kept?.Dispose();

    private async Task<FoundPages> RunAsync(string key, Running running, Func<CancellationToken, Task<FoundPages>> search)
    {
        try
        {
            var found = await search(running.Unwanted.Token);
            _kept!.Set(key, found, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = _time, Size = SizeOf(found) });
            return found;
        }
        finally
        {
            lock (_change) Forget(key, running);
        }
    }

    private void Leave(string key, Running running)
    {
        lock (_change)
        {
            if (--running.Waiting > 0) return;
            // Whoever comes now begins anew.
            Forget(key, running);
        }

        if (!running.Search.IsCompleted) running.Unwanted.Cancel();
    }

    private void Forget(string key, Running running)
    {
        if (_running.TryGetValue(key, out var current) && current == running) _running.Remove(key);
    }

    // In bytes, roughly: what texts take, and what holds them.
    private static long SizeOf(FoundPages found) =>
        256 + found.Results.Sum(result => 160 + (2L * (result.Title.Length + result.Url.Length + (result.PageAge?.Length ?? 0) + result.Snippet.Length)));

    /// <summary>A search that is under way.</summary>
    private sealed class Running
    {
        /// <summary>The search; set before anybody else can see this.</summary>
        public Task<FoundPages> Search { get; set; } = null!;

        /// <summary>Cancelled when nobody waits. Not disposed: it has neither timer nor parent.</summary>
        public CancellationTokenSource Unwanted { get; } = new();

        /// <summary>Callers that wait.</summary>
        public int Waiting { get; set; }
    }

    /// <summary>The cache's clock in terms of ours.</summary>
    private sealed class Clock(TimeProvider time) : ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}
