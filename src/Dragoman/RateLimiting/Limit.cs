namespace Dragoman.RateLimiting;

/// <summary>What a limit counts.</summary>
internal enum LimitMeasure
{
    /// <summary>Requests that begin.</summary>
    Requests,

    /// <summary>Prompt and answer tokens.</summary>
    Tokens,

    /// <summary>Prompt tokens, cached ones included.</summary>
    InputTokens,

    /// <summary>Answer tokens.</summary>
    OutputTokens,

    /// <summary>Millionths of the prices' currency.</summary>
    Money,
}

/// <summary>Over which time a limit counts.</summary>
internal enum LimitWindow
{
    /// <summary>What is open at this moment.</summary>
    Open,

    /// <summary>The last sixty seconds, whenever one looks.</summary>
    Minute,

    /// <summary>The UTC day.</summary>
    Day,

    /// <summary>The UTC calendar month.</summary>
    Month,
}

/// <summary>How much somebody may use of one thing.</summary>
/// <param name="Key">Its name in the store: whose it is, what it counts, over which time.</param>
/// <param name="Owner">Whose it is, for a person: <c>alice</c>, <c>the route 'claude-*'</c>.</param>
/// <param name="Measure">What it counts.</param>
/// <param name="Window">Over which time.</param>
/// <param name="Capacity">How much.</param>
internal sealed record Limit(string Key, string Owner, LimitMeasure Measure, LimitWindow Window, long Capacity);

/// <summary>Windows as times.</summary>
internal static class LimitWindows
{
    /// <summary>Length of what is counted together in a minute's window: it slides by so much.</summary>
    public const int SliceMilliseconds = 500;

    /// <summary>Slices that hold the last sixty seconds: the oldest sticks out by up to its length, so that no sixty seconds see more than
    /// allowed.</summary>
    public const int Slices = 60_000 / SliceMilliseconds + 1;

    /// <summary>When everything counted at <paramref name="at"/> is forgotten again.</summary>
    public static DateTimeOffset End(this LimitWindow window, DateTimeOffset at) => window switch
    {
        LimitWindow.Day => Day(at).AddDays(1),
        LimitWindow.Month => new DateTimeOffset(at.UtcDateTime.Year, at.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1),
        LimitWindow.Minute => at.AddMilliseconds(Slices * SliceMilliseconds),
        _ => at,
    };

    /// <summary>A number that is the same all through a day or month and no other.</summary>
    public static long Number(this LimitWindow window, DateTimeOffset at) =>
        window == LimitWindow.Month ? at.UtcDateTime.Year * 12L + at.UtcDateTime.Month - 1 : at.ToUnixTimeSeconds() / 86_400;

    private static DateTimeOffset Day(DateTimeOffset at) => new(at.UtcDateTime.Date, TimeSpan.Zero);
}
