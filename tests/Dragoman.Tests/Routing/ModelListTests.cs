using System.Text.Json;
using Dragoman.Configuration;
using Dragoman.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Dragoman.Tests.Routing;

/// <summary>What <c>GET /v1/models</c> offers.</summary>
public sealed class ModelListTests
{
    private const string BaseAndAdapter = """{"data":[{"id":"org/base","max_model_len":32768},{"id":"my-adapter","parent":"org/base"}]}""";

    [Fact]
    public async Task An_adapter_is_shown_with_the_model_it_adapts_and_has_its_window()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        backend.Models = BaseAndAdapter;
        await using var gateway = await TestGateway.StartAsync(backend);

        var models = await ListAsync(gateway);

        Assert.Equal(["org/base", "my-adapter"], Ids(models));
        Assert.False(models[0].TryGetProperty("parent", out _));
        Assert.Equal("org/base", models[1].GetProperty("parent").GetString());
        Assert.Equal("Served by scripted, adapts org/base", models[1].GetProperty("description").GetString());
        Assert.Equal(32768, models[1].GetProperty("max_input_tokens").GetInt32());
    }

    [Fact]
    public async Task A_model_of_several_backends_is_shown_once()
    {
        await using var one = ScriptedBackend.Answering("{}");
        await using var two = ScriptedBackend.Answering("{}");
        one.Models = """{"data":[{"id":"a"},{"id":"shared"}]}""";
        two.Models = """{"data":[{"id":"shared"},{"id":"b"}]}""";
        await using var gateway = await TestGateway.StartAsync(one, options => options with { Backends = [one.As("generic", "one"), two.As("generic", "two")] });

        Assert.Equal(["a", "shared", "b"], Ids(await ListAsync(gateway)));
    }

    [Fact]
    public async Task Names_that_rows_can_count_are_shown_with_what_is_known_of_the_model_behind_them()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        backend.Models = BaseAndAdapter;

        var models = await ListAsync(backend,
            new() { Model = "fast", To = [new("scripted", "org/base")] },
            new() { Model = "team-(red|blue)", To = [new("scripted", "my-adapter")] });

        Assert.Equal(["fast", "team-red", "team-blue"], Ids(models));
        Assert.Equal(32768, models[0].GetProperty("max_input_tokens").GetInt32());
        Assert.Equal("Served by scripted as org/base", models[0].GetProperty("description").GetString());
        Assert.Equal("fast", models[0].GetProperty("display_name").GetString());
    }

    [Fact]
    public async Task What_a_backend_lists_is_shown_only_where_a_row_passes_it_on()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        backend.Models = """{"data":[{"id":"my-adapter"},{"id":"other"},{"id":"org/base"}]}""";

        Assert.Equal(["my-adapter"], Ids(await ListAsync(backend, new ModelRouteOptions { Model = "my-*", To = [new("scripted")] })));
        // Everything goes to one model: that is the only name which means what it says.
        Assert.Equal(["org/base"], Ids(await ListAsync(backend, new ModelRouteOptions { Model = "*", To = [new("scripted", "org/base")] })));
        // A row before it takes one of them away.
        Assert.Equal(["org/base", "my-adapter"], Ids(await ListAsync(backend,
            new() { Model = "o*", To = [new("scripted", "org/base")] }, new() { Model = "*", To = [new("scripted")] })).Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public async Task A_row_for_Claudes_names_shows_those_that_Claude_Code_uses()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        backend.Models = BaseAndAdapter;

        var models = await ListAsync(backend,
            new() { Model = "claude-haiku-*", To = [new("scripted", "my-adapter")] },
            new() { Model = "claude-*", To = [new("scripted", "org/base")] });

        Assert.Equal(["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"], Ids(models));
        Assert.Equal("Served by scripted as my-adapter", models[2].GetProperty("description").GetString());
    }

    [Fact]
    public async Task Names_that_serve_only_some_requests_are_not_shown()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        backend.Models = BaseAndAdapter;

        Assert.Equal(["org/base"], Ids(await ListAsync(backend,
            new() { Model = "special", When = new() { Thinking = true }, To = [new("scripted", "my-adapter")] },
            new() { Model = "org/*", To = [new("scripted")] })));
    }

    [Fact]
    public async Task An_adapter_that_was_just_loaded_is_found_after_somebody_has_asked_for_it()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = BaseAndAdapter;
        var time = new FakeTimeProvider();
        await using var gateway = await TestGateway.StartAsync(backend, time: time);
        Assert.Equal(2, (await ListAsync(gateway)).Count);

        backend.Models = BaseAndAdapter.Replace("]}", """,{"id":"new-adapter","parent":"org/base"}]}""", StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(11));
        using (await gateway.PostAsync(TestGateway.Request(model: "new-adapter"))) { }

        // The look at the list goes on behind the request that caused it.
        while (!Ids(await ListAsync(gateway)).Contains("new-adapter")) TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        using (await gateway.PostAsync(TestGateway.Request(model: "new-adapter"))) { }
        Assert.Equal(["org/base", "new-adapter"], backend.Calls.Select(call => JsonDocument.Parse(call.Request.Text).RootElement.GetProperty("model").GetString()));
    }

    private static async Task<List<JsonElement>> ListAsync(ScriptedBackend backend, params ModelRouteOptions[] routes)
    {
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Routes = routes });
        return await ListAsync(gateway);
    }

    private static async Task<List<JsonElement>> ListAsync(TestGateway gateway)
    {
        using var response = await gateway.Http.GetAsync("/v1/models", TestContext.Current.CancellationToken);
        return [.. (await response.JsonAsync()).GetProperty("data").EnumerateArray()];
    }

    private static IEnumerable<string?> Ids(List<JsonElement> models) => models.Select(model => model.GetProperty("id").GetString());
}
