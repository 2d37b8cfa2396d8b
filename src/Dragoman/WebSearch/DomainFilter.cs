using System.Diagnostics.CodeAnalysis;

namespace Dragoman.WebSearch;

/// <summary>The tool's <c>allowed_domains</c> or <c>blocked_domains</c>.</summary>
internal sealed class DomainFilter
{
    private DomainFilter(IReadOnlyList<DomainRule> allowed, IReadOnlyList<DomainRule> blocked)
    {
        Allowed = allowed;
        Blocked = blocked;
    }

    /// <summary>Every page may be used.</summary>
    public static DomainFilter Everywhere { get; } = new([], []);

    /// <summary>Only pages of these; empty: of any.</summary>
    public IReadOnlyList<DomainRule> Allowed { get; }

    /// <summary>No pages of these.</summary>
    public IReadOnlyList<DomainRule> Blocked { get; }

    /// <summary>Some pages may not be used.</summary>
    public bool IsRestricted => Allowed.Count > 0 || Blocked.Count > 0;

    /// <summary>Reads the lists as a request has them.</summary>
    /// <param name="allowed"><c>allowed_domains</c>; null or empty: not given.</param>
    /// <param name="blocked"><c>blocked_domains</c>; null or empty: not given.</param>
    /// <param name="filter">Both lists, read.</param>
    /// <param name="fault">What is wrong, as <c>allowed_domains.0: …</c>: a sentence to put behind the path of the tool. Giving both lists
    /// is wrong.</param>
    public static bool TryCreate(IReadOnlyList<string>? allowed, IReadOnlyList<string>? blocked, [NotNullWhen(true)] out DomainFilter? filter, [NotNullWhen(false)] out string? fault)
    {
        filter = null;
        fault = null;
        if (allowed is { Count: > 0 } && blocked is { Count: > 0 })
            fault = "blocked_domains: Only one of allowed_domains and blocked_domains can be given.";
        else if (TryParse(allowed, "allowed_domains", out var allowedRules, out fault) && TryParse(blocked, "blocked_domains", out var blockedRules, out fault))
            filter = new(allowedRules, blockedRules);
        return fault is null;
    }

    /// <summary>The operator's own lists: both may be given. They were checked when the configuration was.</summary>
    public static DomainFilter Of(IReadOnlyList<string> allowed, IReadOnlyList<string> blocked) =>
        new(Valid(allowed), Valid(blocked));

    /// <summary>Whether a page may be used.</summary>
    public bool Allows(Uri url) => (Allowed.Count == 0 || Allowed.Any(rule => rule.Matches(url))) && !Blocked.Any(rule => rule.Matches(url));

    private static bool TryParse(IReadOnlyList<string>? domains, string name, out IReadOnlyList<DomainRule> rules, [NotNullWhen(false)] out string? fault)
    {
        var parsed = new List<DomainRule>();
        rules = parsed;
        fault = null;
        for (var i = 0; i < (domains?.Count ?? 0); i++)
        {
            if (!DomainRule.TryParse(domains![i], out var rule, out var wrong))
            {
                fault = $"{name}.{i}: This {wrong}.";
                return false;
            }

            parsed.Add(rule);
        }

        return true;
    }

    private static List<DomainRule> Valid(IReadOnlyList<string> domains)
    {
        var rules = new List<DomainRule>();
        foreach (var domain in domains)
        {
            if (DomainRule.TryParse(domain, out var rule, out _)) rules.Add(rule);
        }

        return rules;
    }
}
