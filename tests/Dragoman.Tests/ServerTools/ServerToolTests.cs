using System.Net;
using System.Text.Json.Nodes;
using Dragoman.Configuration;
using Dragoman.Testing;
using Microsoft.AspNetCore.Http;
using static Dragoman.Tests.ServerTools.ToolCallingBackend;

namespace Dragoman.Tests.ServerTools;

/// <summary>Searches and fetches inside one answer, door to door (failures.md I1, I2, O5, B11).</summary>
public sealed class ServerToolTests
{
    private const string SideRequest = """
        {"model":"claude-test","max_tokens":32000,"stream":STREAM,"tool_choice":{"type":"auto"},"system":[{"type":"text","text":"You run a web search."}],
         "messages":[{"role":"user","content":[{"type":"text","text":"Perform a web search for the query: gateway news"}]}],
         "tools":[{"type":"web_search_20250305","name":"web_search","max_uses":8}]}
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_search_runs_in_the_middle_of_the_answer(bool stream)
    {
        await using var all = await StartAsync(null, null, Calls(("web_search", """{"query":"news"}""")), Says("It rains.[cite:1] Bye."));

        var message = await all.MessageAsync(Request(stream, Search));

        Assert.Equal(["server_tool_use", "web_search_tool_result", "text", "text"], Types(message));
        Assert.Equal("end_turn", message["stop_reason"]!.GetValue<string>());
        Assert.Equal("It rains.", message["content"]![2]!["text"]!.GetValue<string>());
        var citation = message["content"]![2]!["citations"]![0]!;
        Assert.Equal("web_search_result_location", citation["type"]!.GetValue<string>());
        Assert.Equal("https://one.example/", citation["url"]!.GetValue<string>());
        Assert.Equal(200, message["usage"]!["input_tokens"]!.GetValue<int>());
        Assert.Equal(20, message["usage"]!["output_tokens"]!.GetValue<int>());
        Assert.Equal("""{"web_search_requests":1,"web_fetch_requests":0}""", message["usage"]!["server_tool_use"]!.ToJsonString());
        Assert.Equal("news", Assert.Single(all.SearchServer.Requests).Query["q"]);
        Assert.Contains("All of news.", all.Requests[1]["messages"]![2]!["content"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_searches_a_fetch_and_a_call_of_the_clients_in_one_turn(bool stream)
    {
        await using var site = await Tests.WebSearch.ScriptedSearchServer.AnsweringAsync("The page itself.", contentType: "text/plain");
        await using var all = await StartAsync(
            null,
            options => options with { WebFetch = new() { AllowPrivate = ["127.0.0.1"], Ports = [site.Address.Port], Robots = false } },
            Calls(("web_search", """{"query":"rain"}"""), ("Read", """{"path":"a"}"""), ("web_fetch", $$"""{"url":"{{site.Address}}page"}"""), ("web_search", """{"query":"sun"}""")));

        var message = await all.MessageAsync(Request(stream, $"{Search},{Fetch},{Read}", $"What is new at {site.Address}page?"));

        Assert.Equal(
            ["server_tool_use", "server_tool_use", "server_tool_use", "web_search_tool_result", "web_fetch_tool_result", "web_search_tool_result", "tool_use"],
            Types(message));
        Assert.Equal("tool_use", message["stop_reason"]!.GetValue<string>());
        Assert.Equal("The page itself.", message["content"]![4]!["content"]!["content"]!["source"]!["data"]!.GetValue<string>());
        Assert.Equal("""{"web_search_requests":2,"web_fetch_requests":1}""", message["usage"]!["server_tool_use"]!.ToJsonString());
        Assert.Single(all.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Claude_Codes_search_request_is_searched_at_once_and_the_model_only_writes_about_it(bool stream)
    {
        await using var all = await StartAsync(null, null, Says("A summary."));

        var message = await all.MessageAsync(SideRequest.Replace("STREAM", stream ? "true" : "false", StringComparison.Ordinal));

        Assert.Equal(["server_tool_use", "web_search_tool_result", "text"], Types(message));
        Assert.Equal("gateway news", message["content"]![0]!["input"]!["query"]!.GetValue<string>());
        Assert.Equal("gateway news", Assert.Single(all.SearchServer.Requests).Query["q"]);
        Assert.Equal(1, message["usage"]!["server_tool_use"]!["web_search_requests"]!.GetValue<int>());
        var asked = Assert.Single(all.Requests);
        Assert.Equal("none", asked["tool_choice"]!.GetValue<string>());
        Assert.Equal(["system", "user", "assistant", "tool"], asked["messages"]!.AsArray().Select(static sent => sent!["role"]!.GetValue<string>()));
        // Prompt injection: what was found is in the result of a call, and nowhere in the system prompt.
        Assert.DoesNotContain("All of", asked["messages"]![0]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_so_Claude_Codes_search_request_is_left_to_the_model()
    {
        await using var all = await StartAsync(
            null, options => options with { WebSearch = options.WebSearch with { Direct = DirectSearch.Never } },
            Calls(("web_search", """{"query":"own words"}""")), Says("A summary."));

        var message = await all.MessageAsync(SideRequest.Replace("STREAM", "true", StringComparison.Ordinal));

        Assert.Equal(["server_tool_use", "web_search_tool_result", "text"], Types(message));
        Assert.Equal("own words", Assert.Single(all.SearchServer.Requests).Query["q"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_search_service_that_is_down_is_one_honest_error_and_the_model_goes_on(bool stream)
    {
        await using var all = await StartAsync(
            static http =>
            {
                http.Response.StatusCode = 503;
                return Task.CompletedTask;
            },
            null, Calls(("web_search", """{"query":"news"}""")), Says("I cannot search."));

        var message = await all.MessageAsync(Request(stream, Search));

        Assert.Equal(["server_tool_use", "web_search_tool_result", "text"], Types(message));
        Assert.Equal("""{"type":"web_search_tool_result_error","error_code":"unavailable"}""", message["content"]![1]!["content"]!.ToJsonString());
        Assert.Equal("end_turn", message["stop_reason"]!.GetValue<string>());
        Assert.Equal(0, message["usage"]!["server_tool_use"]!["web_search_requests"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_model_that_only_ever_searches_is_ended_by_max_uses_and_then_by_the_rounds()
    {
        await using var all = await StartAsync(
            null, options => options with { WebSearch = options.WebSearch with { MaxRounds = 4 } }, Calls(("web_search", """{"query":"again"}""")));

        var message = await all.MessageAsync(Request(true, """{"type":"web_search_20250305","name":"web_search","max_uses":2}"""));

        Assert.Equal("pause_turn", message["stop_reason"]!.GetValue<string>());
        Assert.Equal(2, all.SearchServer.Requests.Count);
        Assert.Equal(4, all.Requests.Count);
        Assert.Equal("none", all.Requests[3]["tool_choice"]!.GetValue<string>());
        Assert.Equal("max_uses_exceeded", message["content"]![5]!["content"]!["error_code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Without_a_search_service_the_request_is_refused_and_says_what_to_add()
    {
        await using var backend = ScriptedBackend.Streaming(Chunks.Text("Hi"), Chunks.Stop);
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(Request(true, $"{Read},{Search}"));

        var message = await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error");
        Assert.StartsWith("tools.1: web_search_20250305 needs a search service", message, StringComparison.Ordinal);
        Assert.Contains("web_search: { provider: searxng", message, StringComparison.Ordinal);
        Assert.Empty(backend.Calls);
    }

    [Fact]
    public async Task A_domain_that_is_none_is_refused_with_its_place()
    {
        await using var all = await StartAsync(null, null, Says("Hi"));

        using var response = await all.Gateway.PostAsync(Request(true, """{"type":"web_search_20250305","name":"web_search","allowed_domains":["https://x y"]}"""));

        Assert.StartsWith("tools.0.allowed_domains.0: ", await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_stood_nowhere_is_not_fetched()
    {
        await using var all = await StartAsync(null, null, Calls(("web_fetch", """{"url":"https://elsewhere.example/?q=secret"}""")), Says("No."));

        var message = await all.MessageAsync(Request(true, Fetch));

        Assert.Equal("url_not_in_prior_context", message["content"]![1]!["content"]!["error_code"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_address_that_only_an_excerpt_told_can_be_fetched()
    {
        await using var site = await Tests.WebSearch.ScriptedSearchServer.AnsweringAsync("Told.", contentType: "text/plain");
        await using var all = await StartAsync(
            http => http.Response.WriteAsync($$"""{"results":[{"title":"T","url":"https://one.example/","content":"See {{site.Address}}deep for more."}]}"""),
            options => options with { WebFetch = new() { AllowPrivate = ["127.0.0.1"], Ports = [site.Address.Port], Robots = false } },
            Calls(("web_search", """{"query":"news"}""")), Calls(("web_fetch", $$"""{"url":"{{site.Address}}deep"}""")), Says("Done."));

        var message = await all.MessageAsync(Request(true, $"{Search},{Fetch}"));

        Assert.Equal("Told.", message["content"]![3]!["content"]!["content"]!["source"]!["data"]!.GetValue<string>());
    }

    // The block orders of captures/claude-code/responses are those that Claude Code was seen to accept; ours are the same.
    [Theory]
    [InlineData("websearch-side", true)]
    [InlineData("websearch-side", false)]
    [InlineData("websearch-side-allowed-domains", true)]
    public async Task Claude_Codes_recorded_search_requests_are_answered_in_the_recorded_order(string capture, bool stream)
    {
        var path = SharedData.Require($"captures/claude-code/{capture}.json");
        var request = JsonNode.Parse(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))!.AsObject();
        request["stream"] = stream;
        await using var all = await StartAsync(
            static http => http.Response.WriteAsync("""{"results":[{"title":"A","url":"https://example.com/a","content":"All."}]}"""), null, Says("Short summary of the results."));

        var message = await all.MessageAsync(request.ToJsonString());

        Assert.Equal(["server_tool_use", "web_search_tool_result", "text"], Types(message));
        Assert.Equal("end_turn", message["stop_reason"]!.GetValue<string>());
        Assert.Single(all.SearchServer.Requests);
    }

    [Fact]
    public async Task Who_leaves_during_a_search_takes_the_search_along()
    {
        var searching = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var all = await StartAsync(
            async http =>
            {
                http.RequestAborted.Register(ended.SetResult);
                searching.SetResult();
                await ended.Task;
            },
            null, Calls(("web_search", """{"query":"news"}""")), Says("Never."));

        var response = await all.Gateway.PostAsync(Request(true, Search));
        await searching.Task.WaitAsync(TestContext.Current.CancellationToken);
        response.Dispose();

        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Single(all.Requests);
    }

    [Fact]
    public async Task A_long_search_is_bridged_by_pings()
    {
        var pinged = new TaskCompletionSource();
        await using var all = await StartAsync(
            async http =>
            {
                await pinged.Task;
                await FindAsync(http);
            },
            options => options with { Timeouts = options.Timeouts with { Ping = TimeSpan.FromMilliseconds(20) } },
            Calls(("web_search", """{"query":"news"}""")), Says("Done."));

        using var response = await all.Gateway.PostAsync(Request(true, Search));
        using var reader = await EventReader.OfAsync(response);
        await reader.UntilAsync("content_block_stop");
        await reader.UntilAsync("ping");
        pinged.SetResult();

        Assert.Equal("message_stop", (await reader.RestAsync())[^1].Event);
    }

    // A backend that fails before a round's first content has reached the caller is replaced in that round.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_later_round_that_fails_is_tried_again(bool stream)
    {
        await using var all = await StartAsync(
            null, options => options with { Retry = new() { Attempts = 2, Backoff = TimeSpan.FromMilliseconds(1) } },
            Calls(("web_search", """{"query":"news"}""")), static call => call.AnswerAsync("{}", 503), Says("Done."));

        var message = await all.MessageAsync(Request(stream, Search));

        Assert.Equal(["server_tool_use", "web_search_tool_result", "text"], Types(message));
        Assert.Equal(3, all.Requests.Count);
        Assert.Equal(all.Requests[1]["messages"]!.ToJsonString(), all.Requests[2]["messages"]!.ToJsonString());
    }

    // failures.md E7: the counts are not worth a longer wait, and no reason to give up what runs next.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_round_whose_counts_never_come_goes_on_all_the_same(bool stream)
    {
        await using var all = await StartAsync(
            null,
            options => options with
            {
                Backends = [options.Backends[0] with { Dialect = "llama.cpp" }],
                Timeouts = options.Timeouts with { Usage = TimeSpan.FromMilliseconds(20) },
            },
            static async call =>
            {
                await call.BeginAsync();
                await call.EventAsync("""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"web_search","arguments":"{\"query\":\"news\"}"}}]},"finish_reason":"tool_calls"}]}""");
                await call.CallerIsGone;
            },
            Says("Done."));

        var message = await all.MessageAsync(Request(stream, Search));

        Assert.Equal(["server_tool_use", "web_search_tool_result", "text"], Types(message));
    }

    [Fact]
    public async Task A_later_round_that_cannot_be_had_ends_the_stream_in_an_error()
    {
        await using var all = await StartAsync(null, null, Calls(("web_search", """{"query":"news"}""")), static call => call.AnswerAsync("{}", 503));

        using var response = await all.Gateway.PostAsync(Request(true, Search));

        var reading = StreamGrammar.Read(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Empty(reading.Violations);
        Assert.Equal("overloaded_error", reading.Error!["type"]!.GetValue<string>());
    }

    // mapping.md section 12.2: prompt caches live on it.
    [Fact]
    public async Task Rounds_and_later_turns_begin_with_the_bytes_of_those_before()
    {
        await using var all = await StartAsync(
            null, null, Calls(("web_search", """{ "query" : "rain today" }""")), Calls(("web_search", """{"query":"sun"}""")), Says("It rains.[cite:1,3] Bye."), Says("Fine."));
        var first = JsonNode.Parse(Request(true, Search))!.AsObject();

        var message = await all.MessageAsync(first.ToJsonString());
        first["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = message["content"]!.DeepClone() });
        first["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "And now?" });
        await all.MessageAsync(first.ToJsonString());

        var sent = all.Requests.Select(static request => request["messages"]!.ToJsonString()[..^1]).ToArray();
        for (var i = 1; i < sent.Length; i++) Assert.StartsWith(sent[i - 1], sent[i], StringComparison.Ordinal);
        Assert.Contains("It rains.[cite:1,3] Bye.", sent[^1], StringComparison.Ordinal);
    }

    private static string[] Types(JsonObject message) => [.. message["content"]!.AsArray().Select(static block => block!["type"]!.GetValue<string>())];
}
