using CsCheck;
using Dragoman.WebSearch;

namespace Dragoman.Tests.WebSearch;

/// <summary>Domains are matched as Anthropic's web search matches them.</summary>
public sealed class DomainRuleTests
{
    private static readonly Gen<string> Label = Gen.String[Gen.Char["abcxyz019"], 1, 5];
    private static readonly Gen<string> Host = Gen.Select(Label.Array[1, 3], labels => string.Join('.', labels) + ".example");
    private static readonly Gen<string> Segments = Gen.Select(Label.Array[0, 3], labels => string.Concat(labels.Select(label => "/" + label)));

    [Theory]
    [InlineData("example.com", "https://example.com/", true)]
    [InlineData("example.com", "https://docs.example.com/a", true)]
    [InlineData("example.com", "http://EXAMPLE.com:8080/a?b#c", true)]
    [InlineData("example.com", "https://example.com.evil.net/", false)]
    [InlineData("example.com", "https://notexample.com/", false)]
    [InlineData("example.com", "https://evil.net/example.com", false)]
    [InlineData("example.com", "https://evil.net/?example.com", false)]
    [InlineData("example.com.", "https://example.com./", true)]
    [InlineData("docs.example.com", "https://docs.example.com/", true)]
    [InlineData("docs.example.com", "https://example.com/", false)]
    [InlineData("docs.example.com", "https://api.example.com/", false)]
    [InlineData("example.com/", "https://example.com/a", true)]
    [InlineData("example.com/blog", "https://example.com/blog", true)]
    [InlineData("example.com/blog", "https://www.example.com/blog/post?x=1", true)]
    [InlineData("example.com/blog/", "https://example.com/blog", true)]
    [InlineData("example.com/blog", "https://example.com/blogs", false)]
    [InlineData("example.com/blog", "https://example.com/", false)]
    [InlineData("example.com/blog", "https://example.com/blog/../admin", false)]
    [InlineData("example.com/blog", "https://example.com/blog/%2e%2e/admin", false)]
    [InlineData("example.com/*", "https://example.com/a/b", true)]
    [InlineData("example.com/*/articles", "https://example.com/en/articles/1", true)]
    [InlineData("example.com/*/articles", "https://example.com/en/articlesque", false)]
    [InlineData("example.com/a*", "https://example.com/abc", true)]
    [InlineData("bücher.example", "https://xn--bcher-kva.example/", true)]
    [InlineData("0.0.1", "https://127.0.0.1/", false)]
    [InlineData("127.0.0.1", "https://127.0.0.1/", true)]
    public void A_rule_covers_its_host_what_is_under_it_and_a_path_if_it_has_one(string rule, string url, bool matches)
    {
        Assert.True(DomainRule.TryParse(rule, out var parsed, out var fault), fault);

        Assert.Equal(matches, parsed.Matches(new Uri(url)));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("https://example.com", "begins with a scheme")]
    [InlineData("*.example.com", "has a wildcard in its host")]
    [InlineData("ex*mple.com/a", "has a wildcard in its host")]
    [InlineData("example.com/*/*", "has more than one wildcard")]
    [InlineData("example.com?x", "is no domain")]
    [InlineData("example.com/a?x", "has a query")]
    [InlineData("exa mple.com", "is no domain")]
    [InlineData("example..com", "is no domain")]
    [InlineData("user@example.com", "is no domain")]
    [InlineData("example.com:80", "is no domain")]
    public void What_is_no_rule_is_told_why(string rule, string fault)
    {
        Assert.False(DomainRule.TryParse(rule, out _, out var told));

        Assert.StartsWith(fault, told, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_host_is_covered_by_itself_and_by_each_domain_above_it() => Gen.Select(Host, Segments).Sample((host, path) =>
    {
        for (var above = host; above.Contains('.', StringComparison.Ordinal); above = above[(above.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            Assert.True(Rule(above).Matches(new($"https://{host}{path}")), above);
            Assert.True(Rule(above + path).Matches(new($"https://{host}{path}/more?q")), above + path);
        }
    });

    [Fact]
    public void No_host_is_covered_by_one_that_it_does_not_end_in() => Gen.Select(Host, Host, Segments).Sample((host, other, path) =>
        Assert.Equal(host == other || host.EndsWith("." + other, StringComparison.Ordinal), Rule(other).Matches(new($"https://{host}{path}"))));

    [Fact]
    public void What_is_allowed_by_a_list_is_what_is_blocked_by_the_same_list() => Gen.Select(Host.Array[1, 3], Host).Sample((rules, host) =>
    {
        var url = new Uri($"https://{host}/");
        Assert.NotEqual(Filter(allowed: rules).Allows(url), Filter(blocked: rules).Allows(url));
    });

    [Fact]
    public void Any_text_is_a_rule_or_a_fault() => Gen.String.Sample(text =>
        Assert.NotEqual(DomainRule.TryParse(text, out _, out var fault), fault is not null));

    [Fact]
    public void Both_lists_at_once_are_refused_with_the_key_that_is_wrong()
    {
        Assert.False(DomainFilter.TryCreate(["a.example"], ["b.example"], out _, out var fault));
        Assert.Equal("blocked_domains: Only one of allowed_domains and blocked_domains can be given.", fault);

        Assert.False(DomainFilter.TryCreate(["a.example", "https://b.example"], null, out _, out fault));
        Assert.StartsWith("allowed_domains.1: This begins with a scheme.", fault, StringComparison.Ordinal);

        Assert.True(DomainFilter.TryCreate([], null, out var filter, out _));
        Assert.False(filter.IsRestricted);
    }

    private static DomainRule Rule(string text) => DomainRule.TryParse(text, out var rule, out var fault) ? rule : throw new ArgumentException(fault);

    private static DomainFilter Filter(string[]? allowed = null, string[]? blocked = null) =>
        DomainFilter.TryCreate(allowed, blocked, out var filter, out var fault) ? filter : throw new ArgumentException(fault);
}
