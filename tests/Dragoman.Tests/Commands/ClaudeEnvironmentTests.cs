using Dragoman.Commands;

namespace Dragoman.Tests.Commands;

public sealed class ClaudeEnvironmentTests
{
    private static readonly ClaudeEnvironment Known = new(new Uri("http://127.0.0.1:4321/"), "token", "Qwen/Qwen3-Coder", "Qwen/Qwen3-4B", 200_000, 16_000);

    private static Dictionary<string, string?> Apply(ClaudeEnvironment environment, params (string Name, string Value)[] inherited)
    {
        var variables = inherited.ToDictionary(v => v.Name, string? (v) => v.Value);
        environment.ApplyTo(variables);
        return variables;
    }

    [Fact]
    public void Claude_code_is_pointed_at_the_gateway_and_at_its_models()
    {
        var variables = Apply(Known);

        Assert.Equal("http://127.0.0.1:4321", variables["ANTHROPIC_BASE_URL"]);
        Assert.Equal("token", variables["ANTHROPIC_AUTH_TOKEN"]);
        Assert.Equal("Qwen/Qwen3-Coder", variables["ANTHROPIC_MODEL"]);
        Assert.Equal("Qwen/Qwen3-Coder", variables["ANTHROPIC_DEFAULT_SONNET_MODEL"]);
        Assert.Equal("Qwen/Qwen3-4B", variables["ANTHROPIC_DEFAULT_HAIKU_MODEL"]);
        Assert.Equal("200000", variables["CLAUDE_CODE_MAX_CONTEXT_TOKENS"]);
        Assert.Equal("200000", variables["CLAUDE_CODE_AUTO_COMPACT_WINDOW"]);
        Assert.Equal("16000", variables["CLAUDE_CODE_MAX_OUTPUT_TOKENS"]);
        Assert.Equal("1", variables["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"]);
    }

    [Fact]
    public void Other_credentials_and_other_providers_do_not_lead_past_the_gateway()
    {
        var variables = Apply(Known, ("ANTHROPIC_API_KEY", "sk-1"), ("CLAUDE_CODE_USE_BEDROCK", "1"), ("CLAUDE_CODE_OAUTH_TOKEN", "o"),
            ("ANTHROPIC_BASE_URL", "https://elsewhere.example"), ("ANTHROPIC_AUTH_TOKEN", "theirs"));

        Assert.DoesNotContain("ANTHROPIC_API_KEY", variables);
        Assert.DoesNotContain("CLAUDE_CODE_USE_BEDROCK", variables);
        Assert.DoesNotContain("CLAUDE_CODE_OAUTH_TOKEN", variables);
        Assert.Equal("http://127.0.0.1:4321", variables["ANTHROPIC_BASE_URL"]);
        Assert.Equal("token", variables["ANTHROPIC_AUTH_TOKEN"]);
    }

    [Fact]
    public void What_a_person_has_set_stays()
    {
        var variables = Apply(Known, ("ANTHROPIC_MODEL", "my-choice"), ("CLAUDE_CODE_MAX_CONTEXT_TOKENS", "64000"), ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "0"));

        Assert.Equal("my-choice", variables["ANTHROPIC_MODEL"]);
        Assert.Equal("64000", variables["CLAUDE_CODE_MAX_CONTEXT_TOKENS"]);
        Assert.Equal("0", variables["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"]);
    }

    // failures.md F8
    [Fact]
    public void A_small_window_keeps_room_for_the_prompt() =>
        Assert.Equal("8192", Apply(Known with { ContextWindow = 32_768 })["CLAUDE_CODE_MAX_OUTPUT_TOKENS"]);

    [Fact]
    public void What_is_not_known_is_not_told()
    {
        var variables = Apply(new(new Uri("http://127.0.0.1:4321/"), "token", null, null, null, null));

        Assert.DoesNotContain("ANTHROPIC_MODEL", variables);
        Assert.DoesNotContain("CLAUDE_CODE_MAX_CONTEXT_TOKENS", variables);
        Assert.DoesNotContain("CLAUDE_CODE_MAX_OUTPUT_TOKENS", variables);
    }

    [Theory]
    [InlineData(null, "127.0.0.1")]
    [InlineData("", "127.0.0.1")]
    [InlineData("intern.example", "intern.example,127.0.0.1")]
    [InlineData("localhost,127.0.0.1", "localhost,127.0.0.1")]
    public void A_proxy_is_not_asked_for_the_gateway(string? inherited, string expected)
    {
        var variables = inherited is null ? Apply(Known) : Apply(Known, ("NO_PROXY", inherited));

        Assert.Equal(expected, variables["NO_PROXY"]);
    }
}
