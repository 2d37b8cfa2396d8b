using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.WebSearch;
using Dragoman.WebSearch.Providers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace Dragoman.Tests.WebSearch;

/// <summary>A search tool of an MCP server is a provider, over HTTP and as a program.</summary>
public sealed class McpProviderTests
{
    private static readonly SearchResult[] Found = [new("T", "https://example.com/a", "2 days ago", "S")];

    [Fact]
    public async Task The_tool_is_called_with_the_query_under_the_name_it_expects()
    {
        CallToolRequestParams? called = null;
        string? authorization = null;
        await using var server = await ServeAsync(
            call =>
            {
                called = call;
                return new() { Content = [], StructuredContent = Json("""{"results":[{"title":"T","url":"https://example.com/a","age":"2 days ago","snippet":"S"}]}""") };
            },
            header => authorization = header);

        var outcome = await SearchAsync(new()
        {
            Kind = SearchProviderKind.Mcp, Url = AddressOf(server), Tool = "web_search_exa", QueryArgument = "q", CountArgument = "numResults", ApiKey = "the-key",
        });

        Assert.Equal(Found, outcome.Results);
        Assert.Equal("web_search_exa", called!.Name);
        Assert.Equal(["q=gates of Aleppo", "numResults=10"], called.Arguments!.Select(argument => $"{argument.Key}={argument.Value}"));
        Assert.Equal("Bearer the-key", authorization);
    }

    [Fact]
    public async Task One_connection_serves_many_searches_at_once()
    {
        await using var server = await ServeAsync(_ => new() { Content = [new TextContentBlock { Text = "https://example.com/a" }] });
        await using var searcher = ScriptedSearchServer.Searcher(new() { Provider = Provider(server) });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => searcher.SearchAsync(new($"query {i}"), TestContext.Current.CancellationToken)));

        Assert.All(outcomes, outcome => Assert.Equal("https://example.com/a", Assert.Single(outcome.Results).Url));
    }

    [Fact]
    public async Task Links_and_texts_are_results_too()
    {
        await using var server = await ServeAsync(_ => new()
        {
            Content =
            [
                new ResourceLinkBlock { Uri = "https://example.com/a", Name = "a", Title = "A", Description = "first" },
                new TextContentBlock { Text = "Title: B\nURL: https://example.com/b\nText: second" },
                new ImageContentBlock { Data = "AA=="u8.ToArray(), MimeType = "image/png" },
            ],
        });

        Assert.Equal([new("A", "https://example.com/a", null, "first"), new("B", "https://example.com/b", null, "second")], (await SearchAsync(Provider(server))).Results);
    }

    [Fact]
    public async Task A_tool_that_fails_is_unavailable_and_the_next_search_works()
    {
        var calls = 0;
        await using var server = await ServeAsync(_ => calls++ == 0
            ? new() { IsError = true, Content = [new TextContentBlock { Text = "quota" }] }
            : new() { Content = [new TextContentBlock { Text = "[T](https://example.com/a)" }] });
        await using var searcher = ScriptedSearchServer.Searcher(new() { Provider = Provider(server) });

        Assert.Equal(SearchError.Unavailable, (await searcher.SearchAsync(new("q"), TestContext.Current.CancellationToken)).Error);
        Assert.Single((await searcher.SearchAsync(new("q"), TestContext.Current.CancellationToken)).Results);
    }

    [Fact]
    public async Task A_server_that_was_restarted_is_connected_anew()
    {
        var server = await ServeAsync(_ => new() { Content = [new TextContentBlock { Text = "https://example.com/a" }] });
        var address = AddressOf(server);
        await using var searcher = ScriptedSearchServer.Searcher(new() { Provider = Provider(server) });
        Assert.Single((await searcher.SearchAsync(new("q"), TestContext.Current.CancellationToken)).Results);

        await server.DisposeAsync();
        Assert.Equal(SearchError.Unavailable, (await searcher.SearchAsync(new("q"), TestContext.Current.CancellationToken)).Error);

        await using var restarted = await ServeAsync(_ => new() { Content = [new TextContentBlock { Text = "https://example.com/a" }] }, port: address.Port);
        Assert.Single((await searcher.SearchAsync(new("q"), TestContext.Current.CancellationToken)).Results);
    }

    [Fact]
    public async Task Nobody_there_is_unavailable()
    {
        var server = await ServeAsync(_ => new());
        var provider = Provider(server);
        await server.DisposeAsync();

        Assert.Equal(SearchError.Unavailable, (await SearchAsync(provider)).Error);
    }

    [Fact]
    public async Task A_server_can_be_a_program_that_is_started()
    {
        // The smallest server there is: it answers each line by its method.
        const string server = """
            while IFS= read -r line; do
              id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
              case "$line" in
                *'"method":"initialize"'*) echo '{"jsonrpc":"2.0","id":'$id',"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}}';;
                *'"method":"tools/call"'*) echo '{"jsonrpc":"2.0","id":'$id',"result":{"content":[{"type":"text","text":"[T](https://example.com/a)"}]}}';;
                *'"method":"notifications/'*) ;;
                *) echo '{"jsonrpc":"2.0","id":'$id',"error":{"code":-32601,"message":"no"}}';;
              esac
            done
            """;

        var outcome = await SearchAsync(new() { Kind = SearchProviderKind.Mcp, Command = "/bin/bash", Arguments = ["-c", server], Tool = "search", Timeout = TimeSpan.FromSeconds(60) });

        Assert.Equal([new("T", "https://example.com/a", null, "")], outcome.Results);
    }

    [Theory]
    [InlineData("""[{"title":"A","url":"https://a.example/"}]""", "A|https://a.example/|")]
    [InlineData("""{"web":{"results":[{"title":"A","url":"https://a.example/","description":"d"}]}}""", "A|https://a.example/|d")]
    [InlineData("**Title:** A\n**URL:** https://a.example/\n**Description:** d\nmore\n\nTitle: B\nURL: https://b.example/", "A|https://a.example/|d\nmore\n;B|https://b.example/|")]
    [InlineData("1. [A](https://a.example/) - about a\n2. [B](https://b.example/x_(y)) - about b", "A|https://a.example/|about a;B|https://b.example/x_(y)|about b")]
    [InlineData("See https://a.example/x, and (https://b.example/).", "|https://a.example/x|and;|https://b.example/|")]
    [InlineData("[not json] at all", "")]
    [InlineData("nothing", "")]
    public void What_tools_write_for_models_is_read(string text, string expected) =>
        Assert.Equal(expected, string.Join(';', LinkText.Read(text).Select(hit => $"{hit.Title}|{hit.Url}|{hit.Snippet}")));

    private static SearchProviderOptions Provider(WebApplication server) => new() { Kind = SearchProviderKind.Mcp, Url = AddressOf(server), Tool = "search", Timeout = TimeSpan.FromSeconds(60) };

    private static Uri AddressOf(WebApplication server) => new(new Uri(server.Urls.First()), "/mcp");

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static async Task<SearchOutcome> SearchAsync(SearchProviderOptions provider)
    {
        await using var searcher = ScriptedSearchServer.Searcher(new() { Provider = provider });
        return await searcher.SearchAsync(new("gates of Aleppo"), TestContext.Current.CancellationToken);
    }

    private static async Task<WebApplication> ServeAsync(Func<CallToolRequestParams, CallToolResult> tool, Action<string?>? onAuthorization = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        builder.Services.AddMcpServer().WithHttpTransport().WithCallToolHandler((request, _) => ValueTask.FromResult(tool(request.Params!)));
        var app = builder.Build();
        app.Use((http, next) =>
        {
            onAuthorization?.Invoke(http.Request.Headers.Authorization);
            return next(http);
        });
        app.MapMcp("/mcp");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
