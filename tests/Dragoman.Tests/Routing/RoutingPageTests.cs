using System.Text.RegularExpressions;
using Dragoman.Routing;
using Dragoman.Testing;
using Dragoman.Tests.Configuration;

namespace Dragoman.Tests.Routing;

/// <summary>What docs/routing.md says is true.</summary>
public sealed partial class RoutingPageTests
{
    [Theory]
    [InlineData("claude-haiku-5-5", true, "* when background", "Qwen/Qwen3-4B")]
    [InlineData("claude-opus-5-5", false, "claude-(opus|sonnet)-*", "our-opus our-opus deepseek-chat")]
    [InlineData("my-adapter", false, "*", "my-adapter")]
    public async Task The_example_can_be_loaded_and_does_what_it_says(string asked, bool background, string route, string models)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "routing.md"), TestContext.Current.CancellationToken);
        var reading = WrittenFile.Read(Example().Match(page).Groups[1].Value, ("DEEPSEEK_API_KEY", "sk-deep"));
        Assert.Empty(reading.Faults);
        await using var backend = ScriptedBackend.Answering("{}");
        await using var without = ScriptedBackend.Answering("{}");
        backend.Models = """{"data":[{"id":"our-opus"},{"id":"my-adapter","parent":"our-opus"}]}""";
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            // The page's routes, on backends that are there.
            Backends = [.. reading.Options.Backends.Select(named => (named.Name == "gpu-1" ? backend : without).As("generic", named.Name))],
            Routes = reading.Options.Routes,
        });

        var facts = new RequestFacts(asked, RequestFactsTests.Parsed("""{"max_tokens":32000,"messages":[]}"""), new Microsoft.AspNetCore.Http.HeaderDictionary
        {
            ["user-agent"] = background ? "claude-cli/2.1.330 (external, cli)" : "curl/8",
        });
        var plan = await gateway.Router.PlanAsync(facts, TestContext.Current.CancellationToken);

        Assert.Equal((route, models), (plan.Route, string.Join(' ', plan.Targets.Select(target => target.Model))));
    }

    [Fact]
    public void The_names_that_Claude_Code_uses_are_the_pages()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "routing.md"));

        Assert.All(ClaudeNames.Current, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
