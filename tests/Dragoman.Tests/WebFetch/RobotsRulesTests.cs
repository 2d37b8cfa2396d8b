using Dragoman.WebFetch;

namespace Dragoman.Tests.WebFetch;

/// <summary>RFC 9309.</summary>
public sealed class RobotsRulesTests
{
    [Theory]
    [InlineData("User-agent: *\nDisallow: /", "/", false)]
    [InlineData("User-agent: *\nDisallow:", "/x", true)]
    [InlineData("", "/x", true)]
    [InlineData("<html>not found</html>", "/x", true)]
    [InlineData("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true)]
    [InlineData("User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/c", false)]
    [InlineData("User-agent: *\nDisallow: /a\nAllow: /a", "/a", true)]
    [InlineData("User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /x", "/y", true)]
    [InlineData("User-agent: *\nDisallow: /\n\nUser-agent: DRAGOMAN\nDisallow: /x", "/y", true)]
    [InlineData("User-agent: *\nDisallow: /\n\nUser-agent: dragoman\nDisallow: /x", "/x", false)]
    [InlineData("User-agent: a\nUser-agent: Dragoman # that is us\nDisallow: /x", "/x/y", false)]
    [InlineData("User-agent: dragoman\nDisallow: /x\nUser-agent: b\nDisallow: /y", "/y", true)]
    [InlineData("User-agent: *\r\nDisallow: /*.pdf$\r\n", "/a/b.pdf", false)]
    [InlineData("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", true)]
    [InlineData("User-agent: *\nDisallow: /*?session=", "/a?session=1", false)]
    [InlineData("disallow: /\nuser-agent: *\ncrawl-delay: 3\nDisallow: /x", "/y", true)]
    public void The_longest_rule_of_our_group_counts(string file, string path, bool isAllowed) =>
        Assert.Equal(isAllowed, RobotsRules.Parse(file, RobotsRules.AgentOf("Dragoman/1.0 (fetches)")).Allows(path));
}
