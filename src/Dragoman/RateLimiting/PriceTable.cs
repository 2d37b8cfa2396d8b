using Dragoman.Configuration;
using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.Telemetry;

namespace Dragoman.RateLimiting;

/// <summary>What tokens cost.</summary>
internal sealed class PriceTable(IReadOnlyList<PriceOptions> prices)
{
    private const decimal Million = 1_000_000;

    /// <summary>What these tokens cost on that backend and model, in the prices' currency; null if they have no price.</summary>
    public decimal? CostOf(in Usage usage, string? backend, string? model)
    {
        if (Find(backend, model) is not { } price) return null;
        return (usage.InputTokens * price.Input
            + usage.CacheReadInputTokens * (price.CachedRead ?? price.Input)
            + usage.CacheCreationInputTokens * (price.CachedWrite ?? price.Input)
            + usage.OutputTokens * price.Output) / Million;
    }

    /// <summary>What a request has cost.</summary>
    public decimal? CostOf(RequestTelemetry request) => CostOf(request.Spent, request.Backend, request.UpstreamModel);

    private PriceOptions? Find(string? backend, string? model)
    {
        if (model is null) return null;
        foreach (var price in prices)
        {
            if ((price.Backend is null || price.Backend == backend) && Wildcard.IsMatch(price.Model, model)) return price;
        }

        return null;
    }
}
