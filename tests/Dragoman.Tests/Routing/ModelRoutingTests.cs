using Dragoman.Configuration;
using Dragoman.Routing;
using Dragoman.Testing;
using System.Net;

namespace Dragoman.Tests.Routing;

/// <summary>Which backend and which model serve a name.</summary>
public sealed class ModelRoutingTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("listed-2", "listed-2")] // The name is listed: passed on.
    [InlineData("claude-haiku-4-5", "listed-1")] // failures.md F7: it is not, so the first that can chat serves it.
    public async Task A_lone_backend_serves_every_name(string asked, string sent)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = """{"data":[{"id":"nomic-embed-text"},{"id":"listed-1"},{"id":"listed-2"}]}""";
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(model: asked));

        Assert.Contains($"\"model\":\"{sent}\"", Assert.Single(backend.Calls).Request.Text, StringComparison.Ordinal);
        Assert.Equal(asked, (await response.JsonAsync()).GetProperty("model").GetString());
    }

    [Fact]
    public async Task A_backend_without_a_list_gets_the_name_as_it_is()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = null;
        await using var gateway = await TestGateway.StartAsync(backend);

        using var response = await gateway.PostAsync(TestGateway.Request(model: "some/name:1"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"model\":\"some/name:1\"", Assert.Single(backend.Calls).Request.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a-model", "one", "a-model")]
    [InlineData("b-model", "two", "b-model")]
    [InlineData("two/new-model", "two", "new-model")]
    [InlineData("unheard-of", "one", "a-model")]
    public async Task Of_several_backends_the_one_that_lists_the_name_serves_it(string asked, string backendName, string sent)
    {
        await using var one = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var two = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        one.Models = """{"data":[{"id":"a-model"}]}""";
        two.Models = """{"data":[{"id":"b-model"}]}""";
        await using var gateway = await TestGateway.StartAsync(one, options => options with { Backends = [one.As("generic", "one"), two.As("generic", "two")] });

        using var response = await gateway.PostAsync(TestGateway.Request(model: asked));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains($"\"model\":\"{sent}\"", Assert.Single((backendName == "one" ? one : two).Calls).Request.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_row_that_matches_decides_and_a_name_without_a_row_is_a_404()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Routes =
            [
                new ModelRouteOptions { Model = "claude-opus-*", To = [new("scripted", "large")] },
                new ModelRouteOptions { Model = "claude-*", To = [new("scripted", "small")] },
            ],
        });

        foreach (var model in new[] { "claude-opus-5-5", "claude-haiku-5-5" })
        {
            using var response = await gateway.PostAsync(TestGateway.Request(model: model));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal([true, false], backend.Calls.Select(call => call.Request.Text.Contains("\"large\"", StringComparison.Ordinal)));
        using var none = await gateway.PostAsync(TestGateway.Request(model: "gpt-x"));
        Assert.Equal("model: gpt-x", await none.ErrorAsync(HttpStatusCode.NotFound, "not_found_error"));
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("claude-*", "claude-opus", true)]
    [InlineData("claude-*", "my-claude-opus", false)]
    [InlineData("*-mini", "gpt-mini", true)]
    [InlineData("*-mini", "gpt-mini-2", false)]
    [InlineData("a*b*c", "aXbYc", true)]
    [InlineData("a*b*c", "aXcYb", false)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("exact", "exact", true)]
    [InlineData("exact", "exactly", false)]
    public void A_star_stands_for_any_characters(string pattern, string name, bool matches) => Assert.Equal(matches, Wildcard.IsMatch(pattern, name));

    [Fact]
    public async Task The_dialect_of_a_server_is_told_by_what_it_lists()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = """{"data":[{"id":"m","owned_by":"llamacpp","meta":{"n_ctx":4096}}]}""";
        backend.ServerHeader = "llama.cpp";
        await using var gateway = await TestGateway.StartAsync(backend.As("auto"));

        using var ready = await gateway.Http.GetAsync("/readyz", Now);

        Assert.Contains("\"dialect\":\"llama.cpp\"", await ready.Content.ReadAsStringAsync(Now), StringComparison.Ordinal);
    }
}
