using Dragoman.Configuration;

namespace Dragoman.RateLimiting;

/// <summary>All limits of one caller or one route.</summary>
internal sealed class LimitPolicy
{
    private const int Millionths = 1_000_000;

    private LimitPolicy(IReadOnlyList<Limit> limits) => Limits = limits;

    /// <summary>No bounds.</summary>
    public static LimitPolicy None { get; } = new([]);

    /// <summary>In the order in which they are checked.</summary>
    public IReadOnlyList<Limit> Limits { get; }

    /// <summary>There are no bounds.</summary>
    public bool IsEmpty => Limits.Count == 0;

    /// <summary>What the options say.</summary>
    /// <param name="subject">Begin of its names in the store; of nobody else.</param>
    /// <param name="owner">Whose they are, for a person.</param>
    /// <param name="options">The bounds; null: none.</param>
    public static LimitPolicy Of(string subject, string owner, UsageLimitOptions? options)
    {
        if (options is null) return None;
        var limits = new List<Limit>();
        Add("requests:open", LimitMeasure.Requests, LimitWindow.Open, options.ConcurrentRequests);
        Add("requests:minute", LimitMeasure.Requests, LimitWindow.Minute, options.RequestsPerMinute);
        Add("tokens:minute", LimitMeasure.Tokens, LimitWindow.Minute, options.TokensPerMinute);
        Add("input:minute", LimitMeasure.InputTokens, LimitWindow.Minute, options.InputTokensPerMinute);
        Add("output:minute", LimitMeasure.OutputTokens, LimitWindow.Minute, options.OutputTokensPerMinute);
        Add("tokens:day", LimitMeasure.Tokens, LimitWindow.Day, options.TokensPerDay);
        Add("input:day", LimitMeasure.InputTokens, LimitWindow.Day, options.InputTokensPerDay);
        Add("output:day", LimitMeasure.OutputTokens, LimitWindow.Day, options.OutputTokensPerDay);
        Add("tokens:month", LimitMeasure.Tokens, LimitWindow.Month, options.TokensPerMonth);
        Add("input:month", LimitMeasure.InputTokens, LimitWindow.Month, options.InputTokensPerMonth);
        Add("output:month", LimitMeasure.OutputTokens, LimitWindow.Month, options.OutputTokensPerMonth);
        Add("money:day", LimitMeasure.Money, LimitWindow.Day, (long?)(options.MoneyPerDay * Millionths));
        Add("money:month", LimitMeasure.Money, LimitWindow.Month, (long?)(options.MoneyPerMonth * Millionths));
        return limits.Count == 0 ? None : new(limits);

        void Add(string name, LimitMeasure measure, LimitWindow window, long? capacity)
        {
            if (capacity is { } bound) limits.Add(new($"{subject}:{name}", owner, measure, window, bound));
        }
    }
}
