namespace Dragoman.WebSearch.Providers;

/// <summary>Domain filters as words of the query, for services that have no parameter for them. They only save results: what counts is
/// checked afterwards.</summary>
internal static class SiteOperators
{
    // Search engines heed only some words of a query.
    private const int MostSites = 10;

    /// <summary>The query with <c>site:</c> operators, if there is room for them.</summary>
    /// <param name="query">The query and its filter.</param>
    /// <param name="length">Most characters.</param>
    public static string Append(SearchQuery query, int length)
    {
        var allowed = Hosts(query.Domains.Allowed);
        var blocked = Hosts(query.Domains.Blocked.Where(rule => rule.IsWholeHost));
        var text = query.Text;
        if (allowed.Length is > 0 and <= MostSites) text += allowed.Length == 1 ? $" site:{allowed[0]}" : $" ({string.Join(" OR ", allowed.Select(host => $"site:{host}"))})";
        if (blocked.Length is > 0 and <= MostSites) text += string.Concat(blocked.Select(host => $" -site:{host}"));
        return text.Length <= length ? text : query.Text;
    }

    private static string[] Hosts(IEnumerable<DomainRule> rules) => [.. rules.Select(rule => rule.Host).Distinct(StringComparer.Ordinal)];
}
