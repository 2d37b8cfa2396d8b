using System.Net;
using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Testing;

namespace Dragoman.Tests.Endpoints;

/// <summary>The routes that are no messages, and what is no route at all.</summary>
public sealed class SurfaceTests
{
    private const string ThreeModels = """
        {"object":"list","data":[
          {"id":"org/model-a","object":"model","created":1700000000,"owned_by":"org-Secret123","max_model_len":32768},
          {"id":"model-b","object":"model","context_length":8192,"top_provider":{"context_length":4096,"max_completion_tokens":512}},
          {"id":"model-c","object":"model","meta":{"n_ctx_train":131072}}]}
        """;

    // failures.md F6
    [Theory]
    [InlineData("HEAD", "/")]
    [InlineData("GET", "/")]
    [InlineData("HEAD", "/api/hello")]
    [InlineData("GET", "/healthz")]
    [InlineData("HEAD", "/anthropic/")]
    [InlineData("GET", "/anthropic/healthz")]
    public async Task Probes_are_answered_with_200_and_a_request_id(string method, string path)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.Http.SendAsync(new(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Matches("^req_[0-9A-Za-z]{24}$", Assert.Single(response.Headers.GetValues("request-id")));
        Assert.False(response.Headers.Contains("server"));
    }

    [Theory]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("POST", "/v1/messages/batches")]
    [InlineData("GET", "/metrics/x")]
    [InlineData("POST", "/other/v1/messages")]
    public async Task An_unknown_path_is_a_404_in_the_APIs_words(string method, string path)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.Http.SendAsync(new(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        Assert.Contains(path, await response.ErrorAsync(HttpStatusCode.NotFound, "not_found_error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/messages", "POST")]
    [InlineData("DELETE", "/v1/models", "GET")]
    [InlineData("GET", "/anthropic/v1/messages/count_tokens", "POST")]
    public async Task A_wrong_method_is_a_405_that_names_the_right_one(string method, string path, string allowed)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.Http.SendAsync(new(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        Assert.Contains(allowed, await response.ErrorAsync(HttpStatusCode.MethodNotAllowed, "invalid_request_error"), StringComparison.Ordinal);
        Assert.Contains(allowed, response.Content.Headers.Allow);
    }

    // failures.md F6, F8
    [Fact]
    public async Task The_list_of_models_serves_clients_of_both_APIs()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        backend.Models = ThreeModels;
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.Http.GetAsync("/v1/models", TestContext.Current.CancellationToken);
        var list = await response.JsonAsync();

        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.False(list.GetProperty("has_more").GetBoolean());
        Assert.Equal("org/model-a", list.GetProperty("first_id").GetString());
        Assert.Equal("model-c", list.GetProperty("last_id").GetString());
        var first = list.GetProperty("data")[0];
        Assert.Equal("model", first.GetProperty("type").GetString());
        Assert.Equal("org/model-a", first.GetProperty("display_name").GetString());
        Assert.Equal("2023-11-14T22:13:20Z", first.GetProperty("created_at").GetString());
        Assert.Equal("model", first.GetProperty("object").GetString());
        Assert.Equal(1700000000, first.GetProperty("created").GetInt64());
        Assert.Equal([32768, 4096, 131072], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("max_input_tokens").GetInt32()));
        Assert.Equal(512, list.GetProperty("data")[1].GetProperty("max_tokens").GetInt32());
        // The owner can be an organisation's id.
        Assert.DoesNotContain("Secret123", list.GetRawText(), StringComparison.Ordinal);
    }

    // failures.md F6; claude-code.md section 8
    [Fact]
    public async Task Claude_Code_is_shown_foreign_models_under_names_that_its_picker_keeps_and_that_work()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = """{"data":[{"id":"org/model-a"},{"id":"Claude-compatible"}]}""";
        await using var gateway = await TestGateway.StartAsync(backend);
        using var discovery = new HttpRequestMessage(HttpMethod.Get, "/v1/models?limit=1000");
        discovery.Headers.TryAddWithoutValidation("user-agent", "claude-code/2.1.330");

        using var response = await gateway.Http.SendAsync(discovery, TestContext.Current.CancellationToken);
        var listed = (await response.JsonAsync()).GetProperty("data").EnumerateArray().ToList();
        using var answer = await gateway.PostAsync(TestGateway.Request(model: "claude-gw-org/model-a"));

        Assert.Equal(["claude-gw-org/model-a", "Claude-compatible"], listed.Select(model => model.GetProperty("id").GetString()));
        Assert.Equal("org/model-a", listed[0].GetProperty("display_name").GetString());
        Assert.Contains("\"model\":\"org/model-a\"", Assert.Single(backend.Calls).Request.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_of_models_is_paged_by_limit_and_cursor()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        backend.Models = $$"""{"data":[{{string.Join(',', Enumerable.Range(0, 25).Select(i => $$"""{"id":"m{{i}}"}"""))}}]}""";
        await using var gateway = await TestGateway.StartAsync(backend);

        async Task<(string[] Ids, bool More)> PageAsync(string query)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models" + query);
            request.Headers.Add("anthropic-version", "2023-06-01");
            using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
            var list = await response.JsonAsync();
            return ([.. list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!)], list.GetProperty("has_more").GetBoolean());
        }

        var usual = await PageAsync("");
        Assert.Equal((20, true), (usual.Ids.Length, usual.More));
        var rest = await PageAsync("?after_id=m19");
        Assert.Equal(["m20", "m21", "m22", "m23", "m24"], rest.Ids);
        Assert.False(rest.More);
        var before = await PageAsync("?before_id=m10&limit=3");
        Assert.Equal(["m7", "m8", "m9"], before.Ids);
        Assert.True(before.More);
        Assert.Equal(25, (await PageAsync("?limit=1000")).Ids.Length);
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=x")]
    [InlineData("?after_id=unknown")]
    public async Task A_page_that_cannot_be_is_refused(string query)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.Http.GetAsync("/v1/models" + query, TestContext.Current.CancellationToken);

        await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error");
    }

    [Theory]
    [InlineData("/v1/models/org/model-a")]
    [InlineData("/v1/models/org%2Fmodel-a")]
    [InlineData("/anthropic/v1/models/org%2Fmodel-a")]
    public async Task One_model_is_found_by_an_id_with_a_slash(string path)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        backend.Models = ThreeModels;
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal("org/model-a", (await response.JsonAsync()).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("none", "none")]
    [InlineData("no%2Fne", "no/ne")]
    public async Task A_model_that_nobody_lists_is_a_404(string path, string name)
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.Http.GetAsync("/v1/models/" + path, TestContext.Current.CancellationToken);

        Assert.Equal("model: " + name, await response.ErrorAsync(HttpStatusCode.NotFound, "not_found_error"));
    }

    [Fact]
    public async Task Readiness_tells_of_the_backends_and_never_their_addresses()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.Http.GetAsync("/readyz", TestContext.Current.CancellationToken);
        var state = await response.JsonAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ready", state.GetProperty("status").GetString());
        var one = Assert.Single(state.GetProperty("backends").EnumerateArray());
        Assert.Equal("scripted", one.GetProperty("name").GetString());
        Assert.True(one.GetProperty("reachable").GetBoolean());
        Assert.DoesNotContain(backend.Address.Authority, state.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", state.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_backend_that_answers_the_gateway_is_alive_but_not_ready()
    {
        await using var gateway = await TestGateway.StartAsync(new BackendOptions { Name = "gone", Url = new("http://127.0.0.1:9/v1/") });

        using var ready = await gateway.Http.GetAsync("/readyz", TestContext.Current.CancellationToken);
        using var alive = await gateway.Http.GetAsync("/healthz", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(JsonValueKind.Array, (await ready.JsonAsync()).GetProperty("backends").ValueKind);
    }
}
