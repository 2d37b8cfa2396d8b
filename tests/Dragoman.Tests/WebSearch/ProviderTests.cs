using Dragoman.Configuration;
using Dragoman.WebSearch;

namespace Dragoman.Tests.WebSearch;

/// <summary>Each search service is asked as its vendor's documentation says, and its answers are read.</summary>
public sealed class ProviderTests
{
    private const string Key = "the-key";

    private static readonly SearchQuery Query = new("gates of Aleppo")
    {
        Location = new("San Francisco", "California", "US", "America/Los_Angeles"),
        Count = 3,
    };

    [Fact]
    public async Task SearXNG_is_asked_for_JSON_and_its_results_are_read()
    {
        var (request, outcome) = await SearchAsync(
            new() { Kind = SearchProviderKind.Searxng },
            """
            {"query":"gates of Aleppo","number_of_results":0,"results":[
              {"url":"https://en.wikipedia.org/wiki/Bab_Qinnasrin","title":"Bab Qinnasrin","content":"One of the gates &amp; walls","engine":"wikipedia","publishedDate":"2025-04-30T00:00:00","score":1.0,"category":"general"},
              {"url":"https://example.org/","title":"Other","content":"","publishedDate":null}
            ],"answers":[],"unresponsive_engines":[]}
            """);

        Assert.Equal("GET /search", $"{request.Method} {request.Path}");
        Assert.Equal(("gates of Aleppo", "json"), (request.Query["q"], request.Query["format"]));
        Assert.Equal(
            [new("Bab Qinnasrin", "https://en.wikipedia.org/wiki/Bab_Qinnasrin", "April 30, 2025", "One of the gates & walls"), new("Other", "https://example.org/", null, "")],
            outcome.Results);
        Assert.Equal("searxng", outcome.Provider);
    }

    [Fact]
    public async Task A_SearXNG_whose_engines_are_silent_is_unavailable_and_not_an_empty_web()
    {
        var (_, outcome) = await SearchAsync(new() { Kind = SearchProviderKind.Searxng }, """{"results":[],"unresponsive_engines":[["google","Suspended: CAPTCHA"]]}""");

        Assert.Equal(SearchError.Unavailable, outcome.Error);
    }

    [Fact]
    public async Task Brave_is_given_key_count_and_place()
    {
        var (request, outcome) = await SearchAsync(
            new() { Kind = SearchProviderKind.Brave, ApiKey = Key },
            """
            {"type":"search","web":{"type":"search","results":[
              {"title":"The <strong>Gates</strong>","url":"https://a.example/gates?utm_source=brave","description":"Nine <strong>gates</strong>&#x27; story","page_age":"2024-01-02T03:04:05","age":"January 2, 2024","extra_snippets":["more"]}]}}
            """);

        Assert.Equal("GET /res/v1/web/search", $"{request.Method} {request.Path}");
        Assert.Equal(("gates of Aleppo", "3", "US"), (request.Query["q"], request.Query["count"], request.Query["country"]));
        Assert.Equal(Key, request.Headers["X-Subscription-Token"]);
        Assert.Equal(
            ("San Francisco", "California", "US", "America/Los_Angeles"),
            (request.Headers["X-Loc-City"], request.Headers["X-Loc-State-Name"], request.Headers["X-Loc-Country"], request.Headers["X-Loc-Timezone"]));
        Assert.Equal([new("The Gates", "https://a.example/gates", "January 2, 2024", "Nine gates' story")], outcome.Results);
    }

    [Fact]
    public async Task Tavily_is_given_the_query_the_count_and_domains_in_its_body()
    {
        var (request, outcome) = await SearchAsync(
            new() { Kind = SearchProviderKind.Tavily, ApiKey = Key },
            """{"query":"gates of Aleppo","results":[{"title":"T","url":"https://sub.example.com/a","content":"C","score":0.9,"raw_content":null}],"response_time":1.2}""",
            Query with { Domains = Domains(["example.com", "example.org/blog"]) });

        Assert.Equal("POST /search", $"{request.Method} {request.Path}");
        Assert.Equal($"Bearer {Key}", request.Headers["Authorization"]);
        // Twice as many as wanted: what is filtered out must not leave too few.
        Assert.Equal("""{"query":"gates of Aleppo","max_results":6,"include_domains":["example.com","example.org"]}""", request.Body);
        Assert.Equal([new("T", "https://sub.example.com/a", null, "C")], outcome.Results);
    }

    [Fact]
    public async Task Exa_is_asked_for_the_passages_that_fit()
    {
        var (request, outcome) = await SearchAsync(
            new() { Kind = SearchProviderKind.Exa, ApiKey = Key },
            """{"requestId":"r","results":[{"id":"x","title":"T","url":"https://example.com/a","publishedDate":"2023-11-16T01:36:32.547Z","author":null,"highlights":["one","two"],"highlightScores":[0.4,0.3]}]}""",
            Query with { Domains = Domains(blocked: ["example.net"]) });

        Assert.Equal("POST /search", $"{request.Method} {request.Path}");
        Assert.Equal(Key, request.Headers["x-api-key"]);
        Assert.Equal("""{"query":"gates of Aleppo","type":"auto","numResults":6,"excludeDomains":["example.net"],"userLocation":"US","contents":{"highlights":true}}""", request.Body);
        Assert.Equal([new("T", "https://example.com/a", "November 16, 2023", "one\ntwo")], outcome.Results);
    }

    [Fact]
    public async Task Serper_is_given_country_and_place()
    {
        var (request, outcome) = await SearchAsync(
            new() { Kind = SearchProviderKind.Serper, ApiKey = Key },
            """{"searchParameters":{"q":"gates of Aleppo"},"organic":[{"title":"T","link":"https://example.com/","snippet":"S","date":"2 days ago","position":1}],"credits":1}""");

        Assert.Equal("POST /search", $"{request.Method} {request.Path}");
        Assert.Equal(Key, request.Headers["X-API-KEY"]);
        Assert.Equal("""{"q":"gates of Aleppo","num":3,"gl":"us","location":"San Francisco, California, US"}""", request.Body);
        Assert.Equal([new("T", "https://example.com/", "2 days ago", "S")], outcome.Results);
    }

    [Fact]
    public async Task Google_is_given_key_and_engine()
    {
        var (request, outcome) = await SearchAsync(
            new() { Kind = SearchProviderKind.Google, ApiKey = Key, EngineId = "cx1" },
            """
            {"kind":"customsearch#search","items":[
              {"title":"T","link":"https://example.com/a","snippet":"S\nmore","pagemap":{"metatags":[{"article:published_time":"2022-02-03T10:00:00+00:00"}]}},
              {"title":"U","link":"https://example.com/b","snippet":"V"}]}
            """);

        Assert.Equal("GET /customsearch/v1", $"{request.Method} {request.Path}");
        Assert.Equal((Key, "cx1", "gates of Aleppo", "3", "us"), (request.Query["key"], request.Query["cx"], request.Query["q"], request.Query["num"], request.Query["gl"]));
        Assert.Equal([new("T", "https://example.com/a", "February 3, 2022", "S\nmore"), new("U", "https://example.com/b", null, "V")], outcome.Results);
    }

    [Fact]
    public async Task A_Google_answer_without_items_found_nothing()
    {
        var (_, outcome) = await SearchAsync(new() { Kind = SearchProviderKind.Google, ApiKey = Key, EngineId = "cx1" }, """{"kind":"customsearch#search","searchInformation":{"totalResults":"0"}}""");

        Assert.Null(outcome.Error);
        Assert.Empty(outcome.Results);
    }

    [Fact]
    public async Task A_server_like_Bing_is_asked_at_the_path_Bing_had()
    {
        var (request, outcome) = await SearchAsync(
            new() { Kind = SearchProviderKind.Bing, ApiKey = Key },
            """{"_type":"SearchResponse","webPages":{"value":[{"id":"1","name":"T","url":"https://www.bing.com/ck/a?!&&p=abc&u=a1aHR0cHM6Ly9leGFtcGxlLmNvbS9hP2I9MQ&ntb=1","snippet":"S","datePublished":"2021-05-06T00:00:00.0000000Z"}]}}""");

        Assert.Equal("GET /v7.0/search", $"{request.Method} {request.Path}");
        Assert.Equal(Key, request.Headers["Ocp-Apim-Subscription-Key"]);
        Assert.Equal(("gates of Aleppo", "3", "US"), (request.Query["q"], request.Query["count"], request.Query["cc"]));
        Assert.Equal([new("T", "https://example.com/a?b=1", "May 6, 2021", "S")], outcome.Results);
    }

    [Fact]
    public async Task DuckDuckGos_page_is_read_without_its_ads_and_redirects()
    {
        var (request, outcome) = await SearchAsync(
            new() { Kind = SearchProviderKind.DuckDuckGo },
            """
            <!DOCTYPE html><html><head><meta http-equiv="content-type" content="text/html; charset=UTF-8"></head><body><div id="links" class="results">
            <div class="result results_links results_links_deep result--ad"><h2 class="result__title"><a class="result__a" href="https://duckduckgo.com/y.js?ad_domain=shop.example">Buy gates</a></h2></div>
            <div class="result results_links results_links_deep web-result"><div class="links_main links_deep result__body"><h2 class="result__title">
            <a rel="nofollow" class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fexample.com%2Fgates%3Fa%3D1%26b%3D2&amp;rut=0a1b">Gates &amp; <b>walls</b></a></h2>
            <a class="result__snippet" href="//duckduckgo.com/l/?uddg=x">Nine <b>gates</b>
            once stood.</a></div></div></div></body></html>
            """,
            contentType: "text/html; charset=UTF-8");

        Assert.Equal("GET /html/", $"{request.Method} {request.Path}");
        Assert.Equal("gates of Aleppo", request.Query["q"]);
        Assert.Equal([new("Gates & walls", "https://example.com/gates?a=1&b=2", null, "Nine gates\nonce stood.")], outcome.Results);
    }

    [Theory]
    [InlineData(200, """<html><body><div class="anomaly-modal__title">Unfortunately, bots use DuckDuckGo too.</div></body></html>""")]
    [InlineData(202, "<html></html>")]
    public async Task DuckDuckGo_asking_whether_we_are_human_is_too_many_requests(int status, string page)
    {
        var (_, outcome) = await SearchAsync(new() { Kind = SearchProviderKind.DuckDuckGo }, page, status: status, contentType: "text/html");

        Assert.Equal(SearchError.TooManyRequests, outcome.Error);
    }

    [Theory]
    [InlineData(400, "invalid_tool_input")]
    [InlineData(401, "unavailable")]
    [InlineData(402, "too_many_requests")]
    [InlineData(403, "unavailable")]
    [InlineData(404, "unavailable")]
    [InlineData(414, "query_too_long")]
    [InlineData(422, "invalid_tool_input")]
    [InlineData(429, "too_many_requests")]
    [InlineData(432, "too_many_requests")]
    [InlineData(500, "unavailable")]
    [InlineData(503, "unavailable")]
    public async Task A_refusal_becomes_an_error_code_of_the_tool(int status, string expected)
    {
        var (_, outcome) = await SearchAsync(new() { Kind = SearchProviderKind.Brave, ApiKey = Key }, """{"error":{"detail":"no"}}""", status: status);

        Assert.Equal(expected, outcome.Error?.Code());
        Assert.Empty(outcome.Results);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("""{"results":[{"url":"https://a.example/"}""")]
    public async Task An_answer_that_is_no_JSON_is_unavailable(string body)
    {
        var (_, outcome) = await SearchAsync(new() { Kind = SearchProviderKind.Searxng }, body);

        Assert.Equal(SearchError.Unavailable, outcome.Error);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"results":null}""")]
    [InlineData("""{"results":{"a":1}}""")]
    [InlineData("""{"results":[1,null,"x",[],{}, {"url":5,"title":{}},{"url":"\ud800"},{"url":"javascript:alert(1)"},{"url":"/relative"},{"url":"ftp://a/"},{"url":"https://user:pass@a.example/"}]}""")]
    public async Task What_has_another_shape_than_expected_is_not_there(string body)
    {
        var (_, outcome) = await SearchAsync(new() { Kind = SearchProviderKind.Searxng }, body);

        Assert.Equal((null, 0), (outcome.Error, outcome.Results.Count));
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        await using var server = await ScriptedSearchServer.StartAsync(async http =>
        {
            var block = new byte[64 << 10];
            Array.Fill(block, (byte)' ');
            while (!http.RequestAborted.IsCancellationRequested) await http.Response.Body.WriteAsync(block, http.RequestAborted);
        });
        await using var searcher = ScriptedSearchServer.Searcher(new() { Provider = new() { Kind = SearchProviderKind.Searxng, Url = server.Address } });

        Assert.Equal(SearchError.Unavailable, (await searcher.SearchAsync(Query, TestContext.Current.CancellationToken)).Error);
    }

    [Fact]
    public async Task A_redirect_is_followed_on_the_same_server()
    {
        await using var server = await ScriptedSearchServer.StartAsync(http =>
        {
            if (http.Request.Path == "/search") http.Response.Redirect("/engine/search" + http.Request.QueryString);
            return http.Request.Path == "/search" ? Task.CompletedTask : Answer(http, """{"results":[{"url":"https://a.example/","title":"A"}]}""");
        });
        await using var searcher = ScriptedSearchServer.Searcher(new() { Provider = new() { Kind = SearchProviderKind.Searxng, Url = server.Address } });

        Assert.Single((await searcher.SearchAsync(Query, TestContext.Current.CancellationToken)).Results);
    }

    [Fact]
    public async Task A_redirect_to_another_server_is_not_followed()
    {
        await using var other = await ScriptedSearchServer.AnsweringAsync("""{"results":[{"url":"https://a.example/"}]}""");
        await using var server = await ScriptedSearchServer.AnsweringAsync("", 302, "text/plain", ("Location", new Uri(other.Address, "/search").ToString()));
        await using var searcher = ScriptedSearchServer.Searcher(new() { Provider = new() { Kind = SearchProviderKind.Brave, ApiKey = Key, Url = server.Address } });

        Assert.Equal(SearchError.Unavailable, (await searcher.SearchAsync(Query, TestContext.Current.CancellationToken)).Error);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Headers_of_the_configuration_are_sent()
    {
        var (request, _) = await SearchAsync(
            new() { Kind = SearchProviderKind.Searxng, Headers = new Dictionary<string, string> { ["User-Agent"] = "ours", ["X-Team"] = "a" } }, """{"results":[]}""");

        Assert.Equal(("ours", "a"), (request.Headers["User-Agent"], request.Headers["X-Team"]));
    }

    [Fact]
    public async Task A_service_without_a_parameter_for_domains_is_given_words()
    {
        var (request, _) = await SearchAsync(new() { Kind = SearchProviderKind.Serper, ApiKey = Key }, """{"organic":[]}""", Query with { Location = null, Domains = Domains(["example.com", "example.org"]) });
        Assert.Contains("gates of Aleppo (site:example.com OR site:example.org)", request.Body, StringComparison.Ordinal);

        (request, _) = await SearchAsync(new() { Kind = SearchProviderKind.Brave, ApiKey = Key }, "{}", Query with { Domains = Domains(blocked: ["example.com", "example.org/only/this"]) });
        Assert.Equal("gates of Aleppo -site:example.com", request.Query["q"]);
    }

    private static DomainFilter Domains(string[]? allowed = null, string[]? blocked = null) =>
        DomainFilter.TryCreate(allowed, blocked, out var filter, out var fault) ? filter : throw new ArgumentException(fault);

    private static Task Answer(Microsoft.AspNetCore.Http.HttpContext http, string json) => http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(json)).AsTask();

    private static async Task<(SearchRequest Request, SearchOutcome Outcome)> SearchAsync(
        SearchProviderOptions provider, string answer, SearchQuery? query = null, int status = 200, string contentType = "application/json")
    {
        await using var server = await ScriptedSearchServer.AnsweringAsync(answer, status, contentType);
        await using var searcher = ScriptedSearchServer.Searcher(new() { Provider = provider with { Url = server.Address } });
        var outcome = await searcher.SearchAsync(query ?? Query, TestContext.Current.CancellationToken);
        return (Assert.Single(server.Requests), outcome);
    }
}
