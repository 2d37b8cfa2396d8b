using System.Globalization;

namespace Dragoman.RateLimiting;

/// <summary><c>anthropic-ratelimit-…</c>: what is left (anthropic-messages.md section 14).</summary>
internal static class LimitHeaders
{
    private static readonly (LimitMeasure Measure, string Limit, string Remaining, string Reset)[] Families =
    [
        Family(LimitMeasure.Requests, "requests"), Family(LimitMeasure.Tokens, "tokens"),
        Family(LimitMeasure.InputTokens, "input-tokens"), Family(LimitMeasure.OutputTokens, "output-tokens"),
    ];

    /// <summary>Of several limits that count the same, over other times or for other owners, the one with the least left is told.</summary>
    public static void Write(IHeaderDictionary headers, LimitVerdict verdict)
    {
        foreach (var family in Families)
        {
            if (Tightest(verdict, family.Measure) is not { } claim) continue;
            var limit = verdict.Claims[claim].Limit;
            var reset = verdict.Used[claim] > 0 ? limit.Window.End(verdict.At) : verdict.At;
            headers[family.Limit] = limit.Capacity.ToString(CultureInfo.InvariantCulture);
            headers[family.Remaining] = Remaining(verdict, claim).ToString(CultureInfo.InvariantCulture);
            headers[family.Reset] = InWholeSeconds(reset).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Not before the time.</summary>
    public static DateTimeOffset InWholeSeconds(DateTimeOffset at) =>
        DateTimeOffset.FromUnixTimeMilliseconds((at.ToUnixTimeMilliseconds() + 999) / 1000 * 1000);

    private static int? Tightest(LimitVerdict verdict, LimitMeasure measure)
    {
        int? tightest = null;
        for (var i = 0; i < verdict.Claims.Count; i++)
        {
            var limit = verdict.Claims[i].Limit;
            if (limit.Measure != measure || limit.Window == LimitWindow.Open) continue;
            if (tightest is not { } other || Remaining(verdict, i) < Remaining(verdict, other)) tightest = i;
        }

        return tightest;
    }

    private static long Remaining(LimitVerdict verdict, int claim) => Math.Max(0, verdict.Claims[claim].Limit.Capacity - verdict.Used[claim]);

    private static (LimitMeasure, string, string, string) Family(LimitMeasure measure, string word) =>
        (measure, $"anthropic-ratelimit-{word}-limit", $"anthropic-ratelimit-{word}-remaining", $"anthropic-ratelimit-{word}-reset");
}
