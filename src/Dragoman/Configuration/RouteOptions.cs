namespace Dragoman.Configuration;

/// <summary>One row of the route table.</summary>
internal sealed record ModelRouteOptions
{
    /// <summary>The model names it is for; <c>*</c> stands for any characters, <c>(a|b)</c> for one of several.</summary>
    public required string Model { get; init; }

    /// <summary>What a request must be like beside its model's name; null takes any.</summary>
    public RouteConditionOptions? When { get; init; }

    /// <summary>Where it goes.</summary>
    public required IReadOnlyList<ModelTargetOptions> To { get; init; }

    /// <summary>How much may go this way, all callers together; null sets no bound.</summary>
    public UsageLimitOptions? Limits { get; init; }
}

/// <summary>What a request must be like for a route; every condition that is set must hold.</summary>
internal sealed record RouteConditionOptions
{
    /// <summary>Claude Code's small-model side work: titles, summaries, checks.</summary>
    public bool? Background { get; init; }

    /// <summary>Thinking is asked for.</summary>
    public bool? Thinking { get; init; }

    /// <summary>The prompt has more than so many tokens, by estimate.</summary>
    public int? TokensAbove { get; init; }

    /// <summary>Some message holds an image.</summary>
    public bool? Images { get; init; }

    /// <summary>A server-side web search is among the tools.</summary>
    public bool? WebSearch { get; init; }

    /// <summary>It comes from an agent that Claude Code started beside the main conversation.</summary>
    public bool? Subagent { get; init; }

    /// <summary>Headers that must have a value; <c>*</c> stands for any characters.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>One target of a route.</summary>
/// <param name="Backend">A backend's name.</param>
/// <param name="Model">The model to ask for, in which <c>$1</c> stands for the pattern's first star or group; null passes on what the
/// caller asked for.</param>
internal sealed record ModelTargetOptions(string Backend, string? Model = null)
{
    /// <summary>Share of the requests among targets of the same priority. 0: none as long as another can serve.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>0 comes first; the next is for when all of the one before have failed.</summary>
    public int Priority { get; init; }
}

/// <summary>How often and how long a request is tried before its caller is told of a failure.</summary>
internal sealed record RetryOptions
{
    /// <summary>Calls for one request, on all targets together. 1: no second try.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>After this no further try begins.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>First wait before a target is tried again; doubles each time, and is spread by chance.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest such wait.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A backend's <c>Retry-After</c> is waited for up to this; a longer one is handed to the caller.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>When a target that fails is left alone for a while. The last one of a route never is.</summary>
internal sealed record CircuitOptions
{
    /// <summary>Share of failures at which it opens, from 0 to 1.</summary>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Requests in the window below which it never opens.</summary>
    public int MinimumRequests { get; init; } = 5;

    /// <summary>The time over which failures are counted.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>It stays open for so long; then single requests probe.</summary>
    public TimeSpan Open { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After recovery the target's share grows back over this time.</summary>
    public TimeSpan SlowStart { get; init; } = TimeSpan.FromSeconds(30);
}
