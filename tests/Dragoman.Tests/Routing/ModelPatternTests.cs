using System.Text.RegularExpressions;
using CsCheck;
using Dragoman.Routing;

namespace Dragoman.Tests.Routing;

/// <summary>Patterns of model names, and what their stars and groups stand for.</summary>
public sealed class ModelPatternTests
{
    [Theory]
    [InlineData("*", "anything", "anything")]
    [InlineData("*", "", "")]
    [InlineData("exact", "exact")]
    [InlineData("claude-*", "claude-opus", "opus")]
    [InlineData("claude-(opus|sonnet)-*", "claude-opus-5-5", "opus", "5-5")]
    [InlineData("claude-(opus|sonnet)-*", "claude-sonnet-4", "sonnet", "4")]
    [InlineData("claude(|-mini)", "claude", "")]
    [InlineData("*/*", "org/family/model", "org", "family/model")] // A star takes as little as it can.
    [InlineData("(a|ab)(c|bcd)d", "abcd", "ab", "c")] // The first text that lets the rest match, not the first that stands there.
    [InlineData("(a|ab)*", "abc", "a", "bc")]
    [InlineData("*(b|bb)", "abb", "a", "bb")]
    [InlineData("[x].+", "[x].+")]
    public void A_pattern_tells_what_its_stars_and_groups_stand_for(string pattern, string name, params string[] captures)
    {
        Assert.True(Parse(pattern).IsMatch(name));
        Assert.Equal(captures, Parse(pattern).Match(name));
    }

    [Theory]
    [InlineData("exact", "exactly")]
    [InlineData("exact", "Exact")] // Case counts.
    [InlineData("claude-*", "my-claude-opus")]
    [InlineData("*-mini", "gpt-mini-2")]
    [InlineData("a*b*c", "aXcYb")]
    [InlineData("ab*ba", "aba")] // Nothing counts twice.
    [InlineData("claude-(opus|sonnet)-*", "claude-haiku-5-5")]
    [InlineData("claude-(opus|sonnet)", "claude-opus-5")]
    [InlineData("a.c", "abc")]
    public void A_pattern_is_for_no_other_names(string pattern, string name)
    {
        Assert.False(Parse(pattern).IsMatch(name));
        Assert.Null(Parse(pattern).Match(name));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a(b", "has a '(' without a ')' at character 2")]
    [InlineData("ab)", "has a ')' without a '(' at character 3")]
    [InlineData("a|b", "has a '|' outside of parentheses at character 2; alternatives are written (a|b)")]
    [InlineData("a()", "has empty parentheses at character 2")]
    [InlineData("(a|b*)", "has a '*' inside of parentheses at character 5; alternatives are plain texts")]
    [InlineData("((a))", "has a '(' inside of parentheses at character 2; alternatives are plain texts")]
    [InlineData("a**", "has two stars in a row at character 3; one is enough")]
    public void What_is_no_pattern_is_refused_with_the_place_of_the_fault(string text, string expected)
    {
        Assert.False(ModelPattern.TryParse(text, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void A_pattern_and_a_regular_expression_of_the_same_meaning_agree_on_every_name()
    {
        var letters = Gen.Char["ab"].Array[0, 4].Select(chars => new string(chars));
        var part = Gen.OneOf(
            letters,
            Gen.Const("*"),
            letters.Array[1, 3].Select(texts => string.Concat(texts).Length == 0 ? "" : $"({string.Join('|', texts)})"));
        var pattern = part.Array[1, 6].Select(parts => string.Concat(parts).Replace("**", "*", StringComparison.Ordinal).Replace("**", "*", StringComparison.Ordinal));
        var name = Gen.Char["ab"].Array[0, 14].Select(chars => new string(chars));

        Gen.Select(pattern, name).Sample((text, asked) =>
        {
            if (!ModelPattern.TryParse(text, out var parsed, out _)) return;
            var expected = Regex.Match(asked, $"^{text.Replace("*", "(.*?)", StringComparison.Ordinal)}\\z");
            Assert.Equal(expected.Success, parsed.IsMatch(asked));
            Assert.Equal(expected.Success ? expected.Groups.Values.Skip(1).Select(group => group.Value) : null, parsed.Match(asked));
        });
    }

    [Fact]
    public void A_name_made_to_be_tried_in_many_ways_costs_no_more_than_any_other()
    {
        // A matcher that goes back would try more ways here than there are atoms.
        var pattern = Parse(string.Concat(Enumerable.Repeat("(a|aa|aaa)*", 24)) + "b");

        Assert.False(pattern.IsMatch(new string('a', 512)));
        Assert.True(pattern.IsMatch(new string('a', 511) + "b"));
    }

    [Theory]
    [InlineData("model", "model")]
    [InlineData("claude-(opus|sonnet)-(4|5)", "claude-opus-4", "claude-opus-5", "claude-sonnet-4", "claude-sonnet-5")]
    [InlineData("claude-*")]
    [InlineData("(a|b|c|d|e|f|g|h|i)(a|b|c|d|e|f|g|h|i)")] // 81: nobody's list.
    public void A_pattern_without_stars_can_tell_its_names(string pattern, params string[] names) => Assert.Equal(names, Parse(pattern).Names());

    [Theory]
    [InlineData("fixed", "fixed")]
    [InlineData("my-$1", "my-opus")]
    [InlineData("$2/$1-$2", "5-5/opus-5-5")]
    [InlineData("costs-$-$x", "costs-$-$x")]
    public void A_targets_model_takes_captures_by_number(string template, string model)
    {
        Assert.True(ModelTemplate.TryParse(template, 2, out var parsed, out _));
        Assert.Equal(model, parsed.Fill(["opus", "5-5"]));
    }

    [Theory]
    [InlineData("", 1, "is empty; leave it out to pass on the name that was asked for")]
    [InlineData("my-$2", 1, "holds $2, but the route's pattern has one star or group")]
    [InlineData("my-$1", 0, "holds $1, but the route's pattern has no star and no group")]
    [InlineData("$1$0", 3, "holds $0, but the route's pattern has 3 stars and groups")]
    [InlineData("$99999999999", 2, "holds $99999999999, but the route's pattern has 2 stars and groups")]
    public void A_targets_model_that_names_no_capture_is_refused(string template, int captures, string expected)
    {
        Assert.False(ModelTemplate.TryParse(template, captures, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    private static ModelPattern Parse(string text)
    {
        Assert.True(ModelPattern.TryParse(text, out var pattern, out var fault), fault);
        return pattern;
    }
}
