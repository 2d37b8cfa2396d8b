using System.Globalization;
using Dragoman.Errors;
using Dragoman.Protocol.Anthropic;

namespace Dragoman.RateLimiting;

/// <summary>What a caller is told whose limits are used up. Claude Code shows the sentence as it is.</summary>
internal static class LimitRefusals
{
    // Nobody knows when an open request ends; most answers take a few seconds.
    private static readonly TimeSpan WaitForPlace = TimeSpan.FromSeconds(2);

    /// <summary>The answer to a request that was not granted; about the limit that keeps it out the longest.</summary>
    public static GatewayException Of(LimitVerdict verdict)
    {
        var (worst, longest) = (-1, TimeSpan.Zero);
        for (var i = 0; i < verdict.Claims.Count; i++)
        {
            if (!verdict.IsShort(i)) continue;
            var wait = Wait(verdict, i);
            if (worst < 0 || wait > longest) (worst, longest) = (i, wait);
        }

        return Of(verdict.Claims[worst], verdict.Used[worst], verdict.At, longest);
    }

    private static GatewayException Of(LimitClaim claim, long used, DateTimeOffset now, TimeSpan wait)
    {
        var limit = claim.Limit;
        if (limit.Measure == LimitMeasure.Money) return OverBudget(claim, used, now);
        if (claim.Needed > limit.Capacity && limit.Measure != LimitMeasure.Requests) return NeverFits(claim);
        var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
        var when = limit.Window switch
        {
            LimitWindow.Open => "Try again when one of them has ended.",
            LimitWindow.Minute => $"Try again in {seconds} s.",
            _ => $"It renews at {Time(limit.Window.End(now))}.",
        };
        return new(new AnthropicError(AnthropicErrorType.RateLimit, $"This request would exceed the rate limit of {limit.Owner}: {Words(limit)}. {when}"))
        {
            RetryAfter = seconds.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static GatewayException NeverFits(LimitClaim claim)
    {
        var message = $"This request alone needs about {claim.Needed} tokens, more than the rate limit of {claim.Limit.Owner} ever allows: {Words(claim.Limit)}. "
            + "Shorten the conversation, or ask for a higher limit.";
        return new(new AnthropicError(AnthropicErrorType.RateLimit, message)) { ShouldRetry = false };
    }

    private static GatewayException OverBudget(LimitClaim claim, long used, DateTimeOffset now)
    {
        var limit = claim.Limit;
        var period = limit.Window == LimitWindow.Day ? "daily" : "monthly";
        var state = used >= limit.Capacity
            ? $"is used up: {Money(used)} of {Money(limit.Capacity)} spent"
            : $"has {Money(limit.Capacity - used)} of {Money(limit.Capacity)} left, and this request's prompt alone costs about {Money(claim.Needed)}";
        var message = $"The {period} budget of {limit.Owner} {state}. It renews at {Time(limit.Window.End(now))}; whoever runs this gateway can raise it.";
        return new(new AnthropicError(AnthropicErrorType.Billing, message)) { ShouldRetry = false };
    }

    private static TimeSpan Wait(LimitVerdict verdict, int claim)
    {
        var (limit, needed, _) = verdict.Claims[claim];
        if (needed > limit.Capacity && limit.Measure is not (LimitMeasure.Money or LimitMeasure.Requests)) return TimeSpan.MaxValue;
        return limit.Window switch
        {
            LimitWindow.Open => WaitForPlace,
            LimitWindow.Minute => verdict.Waits[claim],
            _ => limit.Window.End(verdict.At) - verdict.At,
        };
    }

    private static string Words(Limit limit)
    {
        var what = limit.Measure switch
        {
            LimitMeasure.Requests => "requests",
            LimitMeasure.InputTokens => "input tokens",
            LimitMeasure.OutputTokens => "output tokens",
            _ => "tokens",
        };
        var when = limit.Window switch
        {
            LimitWindow.Open => "at once",
            LimitWindow.Minute => "per minute",
            LimitWindow.Day => "per day (UTC)",
            _ => "per month (UTC)",
        };
        return $"{limit.Capacity} {what} {when}";
    }

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Money(long millionths) => (millionths / 1_000_000m).ToString("0.00####", CultureInfo.InvariantCulture);
}
