namespace Dragoman.Telemetry;

/// <summary>Every name under which something is measured or told: dashboards and alerts are built on them.</summary>
internal static class TelemetryNames
{
    /// <summary>The meter of all measurements.</summary>
    public const string Meter = "Dragoman";

    /// <summary>Counts attempts, by <see cref="Backend"/> and <see cref="Outcome"/>.</summary>
    public const string UpstreamAttempts = "dragoman.upstream.attempts";

    /// <summary>A backend's name in the configuration.</summary>
    public const string Backend = "backend";

    /// <summary>How something ended; for attempts the status, or one of <see cref="Dragoman.Upstream.AttemptOutcomes"/>.</summary>
    public const string Outcome = "outcome";

    /// <summary>The source of all spans.</summary>
    public const string Activities = "Dragoman";

    /// <summary>Span of a search of the web: <see cref="Provider"/>, <see cref="Outcome"/>, <see cref="Results"/>, <see cref="Cached"/>. Never what was searched.</summary>
    public const string WebSearch = "web_search";

    /// <summary>Seconds a search took, by <see cref="Provider"/>, <see cref="Outcome"/> (<c>ok</c> or an error code) and <see cref="Cached"/>.</summary>
    public const string WebSearchDuration = "dragoman.web_search.duration";

    /// <summary>Seconds a provider took for one search, by <see cref="Provider"/> and <see cref="Outcome"/>.</summary>
    public const string WebSearchProviderDuration = "dragoman.web_search.provider.duration";

    /// <summary>A search provider's name in the configuration; empty: none answered.</summary>
    public const string Provider = "provider";

    /// <summary>How many results a search had.</summary>
    public const string Results = "results";

    /// <summary>Span of fetching a page: <see cref="Outcome"/>, <see cref="Cached"/>. Never which page.</summary>
    public const string WebFetch = "web_fetch";

    /// <summary>Seconds fetching a page took, by <see cref="Outcome"/> (<c>ok</c> or an error code) and <see cref="Cached"/>.</summary>
    public const string WebFetchDuration = "dragoman.web_fetch.duration";

    /// <summary>Characters of text that fetched pages had.</summary>
    public const string WebFetchCharacters = "dragoman.web_fetch.characters";

    /// <summary>Whether it was answered from memory.</summary>
    public const string Cached = "cached";

    /// <summary>Span of one round of server tools within an answer: <see cref="Calls"/>. The searches and fetches of the round are in it.</summary>
    public const string ServerToolRound = "server_tool_round";

    /// <summary>Counts rounds of server tools.</summary>
    public const string ServerToolRounds = "dragoman.server_tools.rounds";

    /// <summary>How many calls were run side by side.</summary>
    public const string Calls = "calls";
}
