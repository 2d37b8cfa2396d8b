using Dragoman.Protocol.Anthropic;
using Dragoman.RateLimiting;

namespace Dragoman.Tests.RateLimiting;

public sealed class PriceTableTests
{
    [Fact]
    public void Each_token_is_priced_once_and_by_its_kind() // failures.md E10
    {
        var prices = new PriceTable([new() { Model = "*", Input = 3, CachedRead = 0.3m, CachedWrite = 3.75m, Output = 15 }]);

        var cost = prices.CostOf(new Usage(InputTokens: 1_000_000, CacheReadInputTokens: 2_000_000, CacheCreationInputTokens: 4_000_000, OutputTokens: 100_000), "any", "model");

        Assert.Equal(3m + 0.6m + 15m + 1.5m, cost);
    }

    [Fact]
    public void A_cache_without_a_price_of_its_own_costs_what_other_prompt_tokens_cost()
    {
        var prices = new PriceTable([new() { Model = "*", Input = 2, Output = 0 }]);

        Assert.Equal(6m, prices.CostOf(new Usage(1_000_000, 1_000_000, 1_000_000, 5), "any", "model"));
    }
}
