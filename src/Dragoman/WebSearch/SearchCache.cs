using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dragoman.Configuration;
using Microsoft.Extensions.Caching.Hybrid;

namespace Dragoman.WebSearch;

/// <summary>Answers that are kept for a while, in this process. Searches that are alike and run at once are one search.</summary>
internal sealed class SearchCache : IDisposable
{
    private readonly ServiceProvider? _services;
    private readonly HybridCache? _cache;

    public SearchCache(WebSearchOptions options)
    {
        if (options.CacheTime <= TimeSpan.Zero) return;
        var services = new ServiceCollection();
        services.AddMemoryCache(memory => memory.SizeLimit = options.CacheSize);
        services.AddHybridCache(hybrid =>
        {
            hybrid.DefaultEntryOptions = new() { Expiration = options.CacheTime, LocalCacheExpiration = options.CacheTime };
            // A search has at most fifty results.
            hybrid.MaximumPayloadBytes = 4 << 20;
        }).AddSerializer<FoundPages, FoundPagesSerializer>();
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    /// <summary>The kept answer, or what <paramref name="search"/> finds. What it throws is thrown to everybody who waits, and not kept.</summary>
    /// <param name="key">Says what was asked (<see cref="KeyOf"/>).</param>
    /// <param name="search">Searches; cancelled when nobody waits any more.</param>
    /// <param name="cancellation">This caller has gone.</param>
    public ValueTask<FoundPages> GetAsync(string key, Func<CancellationToken, ValueTask<FoundPages>> search, CancellationToken cancellation) =>
        _cache is null ? search(cancellation) : _cache.GetOrCreateAsync(key, search, static (search, token) => search(token), cancellationToken: cancellation);

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

    public void Dispose() => _services?.Dispose();
}

/// <summary>An answer as it is kept.</summary>
/// <param name="Provider">Who answered.</param>
/// <param name="Results">What was found.</param>
[ImmutableObject(true)]
internal sealed record FoundPages(string Provider, SearchResult[] Results);

/// <summary>Writes and reads kept answers without reflection.</summary>
internal sealed class FoundPagesSerializer : IHybridCacheSerializer<FoundPages>
{
    public FoundPages Deserialize(ReadOnlySequence<byte> source)
    {
        var reader = new Utf8JsonReader(source);
        return JsonSerializer.Deserialize(ref reader, SearchJson.Default.FoundPages)!;
    }

    public void Serialize(FoundPages value, IBufferWriter<byte> target)
    {
        using var json = new Utf8JsonWriter(target);
        JsonSerializer.Serialize(json, value, SearchJson.Default.FoundPages);
    }
}

/// <summary>JSON of what the searcher keeps, and of what it tells tools.</summary>
[JsonSerializable(typeof(FoundPages))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class SearchJson : JsonSerializerContext;
