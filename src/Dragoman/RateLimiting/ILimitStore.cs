namespace Dragoman.RateLimiting;

/// <summary>Where it is counted what was used of limits. The clock is the store's own.</summary>
internal interface ILimitStore : IAsyncDisposable
{
    /// <summary>Takes from every limit, or, if one of them has not enough left, from none.</summary>
    /// <param name="claims">What is asked of which limit; at least one, each limit once.</param>
    /// <exception cref="LimitStoreException">The store cannot be reached, or not in time.</exception>
    ValueTask<LimitVerdict> TakeAsync(IReadOnlyList<LimitClaim> claims);

    /// <summary>Ends what was granted: gives open places back, and puts the truth in the place of what was taken by estimate.</summary>
    /// <param name="granted">What <see cref="TakeAsync"/> answered.</param>
    /// <param name="corrections">What to add to which limit of the claims, or to take back from it.</param>
    /// <exception cref="LimitStoreException">The store cannot be reached, or not in time.</exception>
    ValueTask SettleAsync(LimitVerdict granted, IReadOnlyList<LimitCorrection> corrections);
}

/// <summary>What a request asks of a limit.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Needed">So much must be left.</param>
/// <param name="Taken">So much of it is counted at once; the rest, when it is known.</param>
internal readonly record struct LimitClaim(Limit Limit, long Needed, long Taken);

/// <summary>What is to be counted beside what was taken.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Amount">Added; negative: taken back.</param>
/// <param name="IsNew">In a minute's window it counts as of now, as tokens of an answer do; else as of when it was taken. In a day or
/// month it always counts where the request began.</param>
internal readonly record struct LimitCorrection(Limit Limit, long Amount, bool IsNew);

/// <summary>What the store says to a request.</summary>
internal sealed class LimitVerdict
{
    /// <summary>The request may go on, and has taken from every limit.</summary>
    public required bool IsGranted { get; init; }

    /// <summary>What it asked for.</summary>
    public required IReadOnlyList<LimitClaim> Claims { get; init; }

    /// <summary>The store's time.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>For each claim: what is used, this request's part included if it was granted.</summary>
    public required IReadOnlyList<long> Used { get; init; }

    /// <summary>For each claim on a minute's window that has not enough left: how long until it has. Zero for all others.</summary>
    public required IReadOnlyList<TimeSpan> Waits { get; init; }

    /// <summary>Names the places that it holds open.</summary>
    public required string Lease { get; init; }

    /// <summary>Who counts it.</summary>
    public required ILimitStore Store { get; init; }

    /// <summary>Whether this claim found not enough left.</summary>
    public bool IsShort(int claim) => !IsGranted && Used[claim] + Claims[claim].Needed > Claims[claim].Limit.Capacity;
}

/// <summary>The store of limits cannot be reached.</summary>
internal sealed class LimitStoreException(string message, Exception? inner = null) : Exception(message, inner);
