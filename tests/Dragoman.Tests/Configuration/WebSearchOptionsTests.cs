using System.Text.RegularExpressions;
using Dragoman.Commands;
using Dragoman.Configuration;

namespace Dragoman.Tests.Configuration;

/// <summary>How an operator says where to search.</summary>
public sealed partial class WebSearchOptionsTests
{
    [Fact]
    public void One_service_is_named_in_one_line()
    {
        var search = Read("web_search: { provider: searxng, url: http://127.0.0.1:8888 }");

        var provider = Assert.Single(search.InOrder);
        Assert.Equal((SearchProviderKind.Searxng, new Uri("http://127.0.0.1:8888")), (provider.Kind, provider.Url));
    }

    [Fact]
    public void Several_services_keep_their_order_and_get_their_keys_from_the_environment()
    {
        var search = Read(
            """
            web_search:
              results: 5
              cache_time: 1h
              providers:
                - { provider: tavily, timeout: 3s, requests_per_second: 1.5 }
                - { provider: brave, api_key: "${OTHER_KEY}", name: paid }
                - { provider: duckduckgo }
            """,
            ("TAVILY_API_KEY", "t"), ("BRAVE_API_KEY", "unused"), ("OTHER_KEY", "b"), ("EXA_API_KEY", "not named"));

        Assert.Equal([(SearchProviderKind.Tavily, "t"), (SearchProviderKind.Brave, "b"), (SearchProviderKind.DuckDuckGo, null)], search.InOrder.Select(provider => (provider.Kind!.Value, provider.ApiKey)));
        Assert.Equal((5, TimeSpan.FromHours(1), TimeSpan.FromSeconds(3), 1.5), (search.Results, search.CacheTime, search.InOrder[0].Timeout, search.InOrder[0].RequestsPerSecond!.Value));
    }

    [Fact]
    public void Without_a_word_in_the_file_the_environment_decides()
    {
        (string, string)[] environment =
            [("SERPER_API_KEY", "s"), ("SEARXNG_URL", "http://searx:8080"), ("GOOGLE_CSE_API_KEY", "g"), ("BING_SEARCH_API_KEY", "without an address"), ("EXA_API_KEY", " ")];

        Assert.Equal([SearchProviderKind.Searxng, SearchProviderKind.Serper], Read("", environment).InOrder.Select(provider => provider.Kind!.Value));
        Assert.Equal(3, Read("", [.. environment, ("GOOGLE_CSE_ID", "cx")]).InOrder.Count);
        Assert.Equal(TimeSpan.FromSeconds(2), Read("web_search: { timeout: 2s }", environment).InOrder[1].Timeout);
        Assert.Empty(Read("web_search: { provider: none }", environment).InOrder);
        Assert.Empty(Read("discovery: false\nbackends: { a: { url: http://a } }", environment).InOrder);
        Assert.Empty(Read("").InOrder);
    }

    [Theory]
    [InlineData("web_search: { provider: brave }", "api_key: Provider 'brave' needs a key, here or in BRAVE_API_KEY.")]
    [InlineData("web_search: { provider: bing, api_key: k }", "url: Provider 'bing' needs the address of the server, such as http://127.0.0.1:8888, here or in BING_SEARCH_URL.")]
    [InlineData("web_search: { provider: google, api_key: k }", "engine_id: Provider 'google' needs the id of a search engine, here or in GOOGLE_CSE_ID.")]
    [InlineData("web_search: { provider: command }", "command: Provider 'command' needs the path of a program.")]
    [InlineData("web_search: { provider: mcp, tool: search }", "url: Provider 'mcp' needs either the address of a server (url) or a program to start (command).")]
    [InlineData("web_search: { provider: mcp, url: http://a }", "tool: Provider 'mcp' needs the name of the server's search tool.")]
    [InlineData("web_search: { url: http://127.0.0.1:8888 }", "provider: It is missing. Which search service is it? Known: searxng, brave, tavily, exa, serper, google, bing, duckduckgo, command, mcp.")]
    [InlineData("web_search: { provider: serxng }", "provider: 'serxng' is none of none, searxng, brave, tavily, exa, serper, google, bing, duckduckgo, command, mcp. Did you mean 'searxng'?")]
    [InlineData("web_search: { provider: duckduckgo, providers: [{ provider: duckduckgo }] }", "providers: There is a 'provider' beside this list. Put it into the list, or take one of them out.")]
    [InlineData("web_search: { providers: [{ provider: exa }] }", "providers[0].api_key: Provider 'exa' needs a key, here or in EXA_API_KEY.")]
    [InlineData("web_search: { providers: [{ timeout: 1s }] }", "providers[0].provider: It is missing.")]
    [InlineData("web_search: { provider: duckduckgo, blocked_domains: [a.example, \"https://b.example\"] }", "blocked_domains[1]: 'https://b.example' begins with a scheme. Expected a domain alone, such as example.com.")]
    [InlineData("web_search: { provider: searxng, url: \"http://user:secret@host\" }", "url: The value is an address that must not hold a user name")]
    public void What_is_missing_or_wrong_is_told_with_its_place(string yaml, string expected)
    {
        var fault = Assert.Single(WrittenFile.Faults(yaml));

        Assert.StartsWith("dragoman.yaml:1:", fault, StringComparison.Ordinal);
        Assert.Contains($" web_search.{expected}", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_says_who_searches_and_where_the_keys_come_from()
    {
        Assert.Contains(
            """
            The web is searched by, one after another:
              searxng  searxng, http://searx:8080; no key
              tavily  tavily; key from the environment variable TAVILY_API_KEY
            """,
            Report("backends: { a: { url: http://a } }", ("TAVILY_API_KEY", "s3cret"), ("SEARXNG_URL", "http://searx:8080")), StringComparison.Ordinal);
        Assert.Contains(
            """
              ours  command, /bin/search; no key
              brave  brave; key from the environment variable OTHER
            """,
            Report("""{ backends: { a: { url: http://a } }, web_search: { providers: [{ provider: command, command: /bin/search, name: ours }, { provider: brave, api_key: "${OTHER}" }] } }""", ("OTHER", "s3cret")), StringComparison.Ordinal);
        Assert.Contains("  exa  exa; key from the environment variable DRAGOMAN_WEB_SEARCH_API_KEY", Report("{ backends: { a: { url: http://a } }, web_search: { provider: exa } }", ("DRAGOMAN_WEB_SEARCH_API_KEY", "s3cret"), ("EXA_API_KEY", "other")), StringComparison.Ordinal);
        Assert.DoesNotContain("searched", Report("backends: { a: { url: http://a } }"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_in_the_environment_that_is_none_is_told_without_it() =>
        Assert.Equal(["SEARXNG_URL: The value is no address. Expected one like http://127.0.0.1:8000/v1."], WrittenFile.Faults("", ("SEARXNG_URL", "localhost:8888")));

    [Fact]
    public void Every_example_of_the_page_loads()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "web-search.md"));
        var examples = YamlBlock().Matches(page).Select(match => match.Groups[1].Value).ToArray();
        var variables = SearchServices.All.SelectMany(service => new[] { service.KeyVariable, service.UrlVariable }).OfType<string>().Append(SearchServices.GoogleEngineVariable).ToArray();
        var keys = variables.Where(variable => !variable.EndsWith("_URL", StringComparison.Ordinal)).Append("MCP_TOKEN").Select(variable => (variable, "a-key")).ToArray();

        Assert.All(variables, variable => Assert.Contains($"`{variable}`", page, StringComparison.Ordinal));
        Assert.All(examples, example => Assert.NotEmpty(Read(example, keys).InOrder));
        // There is one for each service.
        Assert.Equal(SearchServices.All.Select(service => service.Kind).Order(), examples.SelectMany(example => Read(example, keys).InOrder).Select(provider => provider.Kind!.Value).Distinct().Order());
    }

    private static string Report(string yaml, params (string Name, string Value)[] environment)
    {
        var reading = WrittenFile.Read(yaml, environment);
        Assert.Empty(reading.Faults);
        using var output = new StringWriter { NewLine = "\n" };
        new ConfigurationReport(reading, output).Write(DateTimeOffset.UnixEpoch);
        Assert.DoesNotContain("s3cret", output.ToString(), StringComparison.Ordinal);
        return output.ToString();
    }

    private static WebSearchOptions Read(string yaml, params (string Name, string Value)[] environment)
    {
        var reading = WrittenFile.Read(yaml, environment);
        Assert.Empty(reading.Faults);
        return reading.Options.WebSearch;
    }

    [GeneratedRegex("```yaml\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();
}
