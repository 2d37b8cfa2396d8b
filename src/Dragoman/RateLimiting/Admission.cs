using Dragoman.Telemetry;

namespace Dragoman.RateLimiting;

/// <summary>A request that was let in, until it is over.</summary>
internal sealed class Admission(ILimitStore store, LimitVerdict granted, LimitAmounts estimate, RequestTelemetry request, PriceTable prices) : IAsyncDisposable
{
    private Task? _settled;

    /// <summary>Counts what the request really used. Called before its caller has the last byte, so that their next request is measured
    /// against the truth and finds this one's place free.</summary>
    public void Settle() => _settled ??= store.SettleAsync(granted, Corrections()).AsTask();

    /// <summary>The request is over, however it went.</summary>
    public async ValueTask DisposeAsync()
    {
        Settle();
        await _settled!;
    }

    private List<LimitCorrection> Corrections()
    {
        var spent = request.Spent;
        var truth = new LimitAmounts(spent.PromptTokens, spent.OutputTokens, LimitAmounts.Millionths(prices.CostOf(request) ?? 0));
        var corrections = new List<LimitCorrection>();
        foreach (var (limit, _, _) in granted.Claims)
        {
            switch (limit.Measure)
            {
                case LimitMeasure.Tokens:
                    Add(limit, truth.InputTokens - estimate.InputTokens, isNew: false);
                    Add(limit, truth.OutputTokens, isNew: true);
                    break;
                case LimitMeasure.InputTokens:
                    Add(limit, truth.InputTokens - estimate.InputTokens, isNew: false);
                    break;
                case LimitMeasure.OutputTokens:
                    Add(limit, truth.OutputTokens, isNew: true);
                    break;
                case LimitMeasure.Money:
                    Add(limit, truth.Money - estimate.Money, isNew: false);
                    break;
            }
        }

        return corrections;

        void Add(Limit limit, long amount, bool isNew)
        {
            if (amount != 0) corrections.Add(new(limit, amount, isNew));
        }
    }
}
