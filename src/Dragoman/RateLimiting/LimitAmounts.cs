namespace Dragoman.RateLimiting;

/// <summary>What one request uses, in the units of limits.</summary>
/// <param name="InputTokens">The whole prompt.</param>
/// <param name="OutputTokens">The answer.</param>
/// <param name="Money">Millionths of the prices' currency.</param>
internal readonly record struct LimitAmounts(long InputTokens, long OutputTokens, long Money)
{
    /// <summary>Rounded up: many small requests are not free.</summary>
    public static long Millionths(decimal money) => (long)decimal.Ceiling(money * 1_000_000);

    /// <summary>What a request of this size asks of that limit before it begins.</summary>
    public LimitClaim ClaimOn(Limit limit)
    {
        var taken = Of(limit.Measure);
        // Nothing is known of the answer but that there will be one.
        return new(limit, Math.Max(taken, 1), taken);
    }

    /// <summary>How much that is in the measure.</summary>
    public long Of(LimitMeasure measure) => measure switch
    {
        LimitMeasure.Tokens => InputTokens + OutputTokens,
        LimitMeasure.InputTokens => InputTokens,
        LimitMeasure.OutputTokens => OutputTokens,
        LimitMeasure.Money => Money,
        _ => 1,
    };
}
