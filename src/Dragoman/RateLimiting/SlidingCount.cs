namespace Dragoman.RateLimiting;

/// <summary>What was counted in the last sixty seconds, in slices.</summary>
internal struct SlidingCount()
{
    private readonly long[] _slices = new long[LimitWindows.Slices];
    private long _newest;

    /// <summary>The sum of all slices.</summary>
    public long Total { get; private set; }

    /// <summary>Forgets what is older than the window.</summary>
    public void Advance(long slice)
    {
        var first = Math.Max(_newest + 1, slice - LimitWindows.Slices + 1);
        for (var i = first; i <= slice; i++)
        {
            ref var old = ref _slices[i % LimitWindows.Slices];
            Total -= old;
            old = 0;
        }

        _newest = Math.Max(_newest, slice);
    }

    /// <summary>Adds to a slice, unless that is forgotten already.</summary>
    public void Add(long slice, long amount)
    {
        if (slice <= _newest - LimitWindows.Slices) return;
        _slices[slice % LimitWindows.Slices] += amount;
        Total += amount;
    }

    /// <summary>How many slices from now it takes until no more than <paramref name="most"/> is left.</summary>
    public readonly long SlicesUntil(long most)
    {
        var left = Total;
        for (long ahead = 1; ahead <= LimitWindows.Slices; ahead++)
        {
            left -= _slices[(_newest + ahead) % LimitWindows.Slices];
            if (left <= most) return ahead;
        }

        return LimitWindows.Slices;
    }
}
