using Dragoman.Configuration;

namespace Dragoman.Routing;

/// <summary>What a request must be like for a route: all that is set must hold, <c>false</c> as well as <c>true</c>.</summary>
internal sealed class RouteConditions
{
    private readonly RouteConditionOptions _options;
    private readonly string _text;

    private RouteConditions(RouteConditionOptions options, string text)
    {
        _options = options;
        _text = text;
    }

    /// <summary>The conditions that are set; null if none is.</summary>
    public static RouteConditions? Of(RouteConditionOptions? options) =>
        options is not null && string.Join(", ", Words(options)) is { Length: > 0 } text ? new(options, text) : null;

    /// <summary>Whether they hold.</summary>
    public bool Hold(RequestFacts request) =>
        // What is cheap to find out is asked for first.
        (_options.Thinking is not { } thinking || request.Thinking == thinking)
        && HeadersHold(request.Headers)
        && (_options.Subagent is not { } subagent || request.Subagent == subagent)
        && (_options.Background is not { } background || request.Background == background)
        && (_options.WebSearch is not { } search || request.WebSearch == search)
        && (_options.Images is not { } images || request.Images == images)
        && (_options.TokensAbove is not { } tokens || request.EstimatedTokens > tokens);

    /// <summary>In the words of the configuration: <c>thinking, tokens_above 60000, header x-team</c>.</summary>
    public override string ToString() => _text;

    private bool HeadersHold(IHeaderDictionary headers)
    {
        foreach (var (name, pattern) in _options.Headers)
        {
            var values = headers[name];
            var any = false;
            for (var i = 0; i < values.Count && !any; i++) any = Wildcard.IsMatch(pattern, values[i]);
            if (!any) return false;
        }

        return true;
    }

    private static IEnumerable<string> Words(RouteConditionOptions options)
    {
        foreach (var (name, value) in new[]
        {
            ("background", options.Background), ("thinking", options.Thinking), ("images", options.Images), ("web_search", options.WebSearch),
            ("subagent", options.Subagent),
        })
        {
            if (value is { } wanted) yield return wanted ? name : $"not {name}";
        }

        if (options.TokensAbove is { } tokens) yield return $"tokens_above {tokens}";
        // Their values may be secrets, and this stands in logs and messages.
        foreach (var name in options.Headers.Keys.Order(StringComparer.Ordinal)) yield return $"header {name}";
    }
}
