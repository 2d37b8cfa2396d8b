namespace Dragoman.RateLimiting;

/// <summary>Counts in this process.</summary>
/// <remarks>Own counters instead of System.Threading.RateLimiting's: those cannot take from several limits or from none, nor be corrected
/// when the truth is known (docs/decisions/0012-limits.md). One lock for all: what is done under it takes less than a microsecond.</remarks>
internal sealed class MemoryLimitStore(TimeProvider time) : ILimitStore
{
    // Callers with tokens come and go; what counts nothing any more is thrown out now and then.
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Counter> _counters = new(StringComparer.Ordinal);
    private DateTimeOffset _swept = time.GetUtcNow();

    /// <summary>One limit's count. Only with the gate held.</summary>
    private abstract class Counter
    {
        public abstract long Used { get; }

        public abstract void Advance(DateTimeOffset now);

        public abstract void Add(DateTimeOffset at, long amount);

        public virtual TimeSpan UntilAtMost(long most, DateTimeOffset now) => TimeSpan.Zero;
    }

    private sealed class OpenCounter : Counter
    {
        private long _open;

        public override long Used => _open;

        public override void Advance(DateTimeOffset now)
        {
        }

        public override void Add(DateTimeOffset at, long amount) => _open += amount;
    }

    private sealed class MinuteCounter : Counter
    {
        private SlidingCount _count = new();

        public override long Used => _count.Total;

        public override void Advance(DateTimeOffset now) => _count.Advance(Slice(now));

        public override void Add(DateTimeOffset at, long amount) => _count.Add(Slice(at), amount);

        public override TimeSpan UntilAtMost(long most, DateTimeOffset now)
        {
            var then = (Slice(now) + _count.SlicesUntil(most)) * LimitWindows.SliceMilliseconds;
            return TimeSpan.FromMilliseconds(then - now.ToUnixTimeMilliseconds());
        }

        private static long Slice(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / LimitWindows.SliceMilliseconds;
    }

    private sealed class CalendarCounter(LimitWindow window) : Counter
    {
        private long _number;
        private long _count;

        public override long Used => _count;

        public override void Advance(DateTimeOffset now)
        {
            if (window.Number(now) <= _number) return;
            _number = window.Number(now);
            _count = 0;
        }

        public override void Add(DateTimeOffset at, long amount)
        {
            if (window.Number(at) == _number) _count += amount;
        }
    }

    public ValueTask<LimitVerdict> TakeAsync(IReadOnlyList<LimitClaim> claims)
    {
        var used = new long[claims.Count];
        var waits = new TimeSpan[claims.Count];
        lock (_gate)
        {
            var now = time.GetUtcNow();
            Sweep(now);
            var granted = true;
            for (var i = 0; i < claims.Count; i++)
            {
                var (limit, needed, _) = claims[i];
                var counter = CounterOf(limit);
                counter.Advance(now);
                used[i] = counter.Used;
                if (used[i] + needed <= limit.Capacity) continue;
                granted = false;
                waits[i] = counter.UntilAtMost(limit.Capacity - needed, now);
            }

            for (var i = 0; granted && i < claims.Count; i++)
            {
                CounterOf(claims[i].Limit).Add(now, claims[i].Taken);
                used[i] += claims[i].Taken;
            }

            return new(new LimitVerdict { IsGranted = granted, Claims = claims, At = now, Used = used, Waits = waits, Lease = "", Store = this });
        }
    }

    public ValueTask SettleAsync(LimitVerdict granted, IReadOnlyList<LimitCorrection> corrections)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            foreach (var claim in granted.Claims)
            {
                if (claim.Limit.Window == LimitWindow.Open) CounterOf(claim.Limit).Add(now, -claim.Taken);
            }

            foreach (var (limit, amount, isNew) in corrections)
            {
                var counter = CounterOf(limit);
                counter.Advance(now);
                counter.Add(isNew && limit.Window == LimitWindow.Minute ? now : granted.At, amount);
            }
        }

        return default;
    }

    public ValueTask DisposeAsync() => default;

    private Counter CounterOf(Limit limit)
    {
        if (_counters.TryGetValue(limit.Key, out var counter)) return counter;
        counter = limit.Window switch
        {
            LimitWindow.Open => new OpenCounter(),
            LimitWindow.Minute => new MinuteCounter(),
            _ => new CalendarCounter(limit.Window),
        };
        _counters.Add(limit.Key, counter);
        return counter;
    }

    private void Sweep(DateTimeOffset now)
    {
        if (now - _swept < BetweenSweeps) return;
        _swept = now;
        foreach (var (key, counter) in _counters)
        {
            counter.Advance(now);
            if (counter.Used <= 0) _counters.Remove(key);
        }
    }
}
