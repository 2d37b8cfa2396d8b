using System.Collections.Concurrent;
using Dragoman.Configuration;
using StackExchange.Redis;

namespace Dragoman.RateLimiting;

/// <summary>Counts in a Redis or Valkey server that replicas share, one round trip for all limits of a request.</summary>
/// <remarks>All names share a hash tag, so that a cluster keeps them on one node: a script can only be atomic there, and one request's limits
/// are its caller's and its route's, which meet other callers'. One node does more than ten thousand of such scripts a second; gateways with
/// prefixes of their own spread over several.</remarks>
internal sealed class RedisLimitStore : ILimitStore
{
    private const int RenewedAtOnce = 500;

    /// <summary>A replica that dies holds its places for so long.</summary>
    internal static readonly TimeSpan LeaseLife = TimeSpan.FromSeconds(30);

    private readonly Task<ConnectionMultiplexer> _connection;
    private readonly TimeSpan _timeout;
    private readonly string _prefix;
    private readonly Func<TimeSpan> _ahead;
    private readonly ConcurrentDictionary<string, RedisKey[]> _open = new(StringComparer.Ordinal);
    private readonly string _process = Guid.NewGuid().ToString("N")[..12];
    private readonly ITimer _renewal;
    private long _leases;

    /// <param name="options">Where it is. It need not be there yet.</param>
    /// <param name="ahead">How far the clock is set forward; null: not at all, as everywhere but in tests.</param>
    /// <exception cref="ConfigurationException">The address is none.</exception>
    public RedisLimitStore(LimitStoreOptions options, Func<TimeSpan>? ahead = null)
    {
        _timeout = options.Timeout;
        _ahead = ahead ?? (static () => TimeSpan.Zero);
        _prefix = options.Prefix.Contains('{', StringComparison.Ordinal) ? options.Prefix : $"{{{options.Prefix.TrimEnd(':')}}}:";
        _connection = ConnectionMultiplexer.ConnectAsync(Read(options));
        _renewal = TimeProvider.System.CreateTimer(static store => ((RedisLimitStore)store!).Renew(), this, LeaseLife / 3, LeaseLife / 3);
    }

    public async ValueTask<LimitVerdict> TakeAsync(IReadOnlyList<LimitClaim> claims)
    {
        var lease = $"{_process}-{Interlocked.Increment(ref _leases)}";
        var keys = new RedisKey[claims.Count];
        var arguments = new RedisValue[3 + 4 * claims.Count];
        (arguments[0], arguments[1], arguments[2]) = (Ahead(), lease, Milliseconds(LeaseLife));
        for (var i = 0; i < claims.Count; i++)
        {
            var (limit, needed, taken) = claims[i];
            keys[i] = KeyOf(limit);
            arguments[3 + 4 * i] = WordOf(limit.Window);
            arguments[4 + 4 * i] = limit.Capacity;
            arguments[5 + 4 * i] = needed;
            arguments[6 + 4 * i] = taken;
        }

        var answer = (long[])(await EvaluateAsync(RedisScripts.Take, keys, arguments))!;
        var granted = answer[0] == 1;
        if (granted) Hold(lease, claims);
        return new()
        {
            IsGranted = granted,
            Claims = claims,
            At = DateTimeOffset.FromUnixTimeMilliseconds(answer[1]),
            Used = [.. claims.Select((_, i) => answer[2 + 2 * i])],
            Waits = [.. claims.Select((_, i) => TimeSpan.FromMilliseconds(answer[3 + 2 * i]))],
            Lease = lease,
            Store = this,
        };
    }

    public async ValueTask SettleAsync(LimitVerdict granted, IReadOnlyList<LimitCorrection> corrections)
    {
        _open.TryRemove(granted.Lease, out _);
        var keys = new List<RedisKey>();
        var arguments = new List<RedisValue> { Ahead(), granted.Lease, granted.At.ToUnixTimeMilliseconds() };
        foreach (var (limit, _, _) in granted.Claims)
        {
            if (limit.Window == LimitWindow.Open) Add(limit, 0, false);
        }

        foreach (var (limit, amount, isNew) in corrections) Add(limit, amount, isNew);
        if (keys.Count > 0) await EvaluateAsync(RedisScripts.Settle, [.. keys], [.. arguments]);

        void Add(Limit limit, long amount, bool isNew)
        {
            keys.Add(KeyOf(limit));
            arguments.Add(WordOf(limit.Window));
            arguments.Add(amount);
            arguments.Add(isNew ? 1 : 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _renewal.DisposeAsync();
        try
        {
            await (await _connection.WaitAsync(_timeout)).DisposeAsync();
        }
        catch (Exception e) when (e is TimeoutException or RedisException)
        {
            // It never came to be.
        }
    }

    private static ConfigurationOptions Read(LimitStoreOptions options)
    {
        ConfigurationOptions redis;
        try
        {
            redis = ConfigurationOptions.Parse(options.Redis!);
        }
        catch (ArgumentException)
        {
            // What it says could quote a password.
            throw new ConfigurationException("limit_store.redis is no address of a Redis server. Expected one like redis:6379, with further options behind commas.");
        }

        if (redis.EndPoints.Count == 0) throw new ConfigurationException("limit_store.redis names no server. Expected one like redis:6379.");
        redis.AbortOnConnectFail = false;
        redis.AsyncTimeout = (int)options.Timeout.TotalMilliseconds;
        // Who waits for a connection in a queue would hang; they count in this process, or are refused, at once.
        redis.BacklogPolicy = BacklogPolicy.FailFast;
        redis.ReconnectRetryPolicy = new LinearRetry(500);
        redis.ClientName ??= "dragoman";
        return redis;
    }

    private static string WordOf(LimitWindow window) => window switch
    {
        LimitWindow.Open => "open",
        LimitWindow.Minute => "minute",
        LimitWindow.Day => "day",
        _ => "month",
    };

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private RedisKey KeyOf(Limit limit) => _prefix + limit.Key;

    private RedisValue Ahead() => Milliseconds(_ahead());

    private void Hold(string lease, IReadOnlyList<LimitClaim> claims)
    {
        List<RedisKey>? places = null;
        foreach (var (limit, _, _) in claims)
        {
            if (limit.Window == LimitWindow.Open) (places ??= []).Add(KeyOf(limit));
        }

        if (places is not null) _open[lease] = [.. places];
    }

    private async void Renew()
    {
        try
        {
            foreach (var leases in _open.ToArray().SelectMany(lease => lease.Value.Select(key => (Key: key, Lease: lease.Key))).Chunk(RenewedAtOnce))
                await EvaluateAsync(RedisScripts.Renew, [.. leases.Select(lease => lease.Key)], [Ahead(), Milliseconds(LeaseLife), .. leases.Select(lease => (RedisValue)lease.Lease)]);
        }
        catch (LimitStoreException)
        {
            // Requests find out by themselves; places that lapse meanwhile are taken again by the next renewal.
        }
    }

    private async Task<RedisResult> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            // The client's own time-out is looked after once a second only.
            var connection = await _connection.WaitAsync(_timeout);
            return await connection.GetDatabase().ScriptEvaluateAsync(script, keys, arguments).WaitAsync(_timeout);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException or IOException)
        {
            throw new LimitStoreException(e.GetType().Name, e);
        }
    }
}
