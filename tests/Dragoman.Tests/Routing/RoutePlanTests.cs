using System.Net;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Tests.Authentication;

namespace Dragoman.Tests.Routing;

/// <summary>Routes through the whole gateway: which backend gets which model.</summary>
public sealed class RoutePlanTests
{
    [Theory]
    [InlineData("claude-opus-5-5", "my-opus")]
    [InlineData("claude-sonnet-4", "my-sonnet")]
    [InlineData("org/family/model", "model-of-family/model-at-org")]
    [InlineData("claude-gw-claude-opus-5", "my-opus")] // As Claude Code's picker says it.
    public async Task Captures_of_the_pattern_make_the_targets_model(string asked, string sent)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Routes =
            [
                new() { Model = "claude-(opus|sonnet)-*", To = [new("scripted", "my-$1")] },
                new() { Model = "*/*", To = [new("scripted", "model-of-$2-at-$1")] },
            ],
        });

        Assert.Equal(sent, await SentAsync(gateway, backend, TestGateway.Request(model: asked)));
    }

    [Theory]
    [InlineData("", "plain")]
    [InlineData(""","thinking":{"type":"enabled","budget_tokens":2000}""", "thinking")]
    [InlineData(""","system":"LONG" """, "long")]
    [InlineData(""","tools":[]""", "background", "user-agent", "claude-cli/2.1.330 (external, cli)")]
    [InlineData("", "sub", "x-claude-code-agent-id", "a1")]
    [InlineData("", "team", "x-team", "red-7")]
    [InlineData("", "plain", "x-team", "blue")]
    public async Task A_route_is_taken_only_if_its_conditions_hold(string extra, string sent, string? header = null, string? value = null)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Routes =
            [
                Row("team", new() { Headers = new Dictionary<string, string> { ["X-Team"] = "red-*" } }),
                Row("both", new() { Thinking = true, WebSearch = true }),
                Row("thinking", new() { Thinking = true }),
                Row("images", new() { Images = true }),
                Row("long", new() { TokensAbove = 5000 }),
                Row("background", new() { Background = true }),
                Row("sub", new() { Subagent = true }),
                Row("plain", new() { Subagent = false, Thinking = false }),
            ],
        });
        var body = TestGateway.Request(extra: extra.Replace("LONG", new string('x', 40_000), StringComparison.Ordinal));

        Assert.Equal(sent, await SentAsync(gateway, backend, body, header is null ? [] : [(header, value!)]));

        static ModelRouteOptions Row(string name, RouteConditionOptions when) => new() { Model = "*", When = when, To = [new("scripted", name)] };
    }

    [Fact]
    public async Task A_session_stays_with_its_target_and_sessions_spread_by_weight()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Routes = [new() { Model = "*", To = [new("scripted", "a"), new("scripted", "b") { Weight = 3 }] }],
        });
        var sent = new List<string>();
        for (var session = 0; session < 40; session++)
        {
            var header = ("x-claude-code-session-id", $"session-{session}");
            sent.Add(await SentAsync(gateway, backend, TestGateway.Request(), header));
            Assert.Equal(sent[^1], await SentAsync(gateway, backend, TestGateway.Request(model: "claude-haiku-5-5"), header));
        }

        // Always the same sessions, so always the same numbers.
        Assert.InRange(sent.Count(name => name == "a"), 4, 16);
    }

    [Fact]
    public async Task Counting_asks_the_target_that_will_serve()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var other = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => options with
        {
            Backends = [backend.As("vllm", "one"), other.As("vllm", "two")],
            Routes = [new() { Model = "*", To = [new("one", "m"), new("two", "m")] }],
        });
        for (var session = 0; session < 6; session++)
        {
            var header = ("x-claude-code-session-id", $"session-{session}");
            using var count = await gateway.PostAsync(TestGateway.Request(), "/v1/messages/count_tokens", headers: header);
            var counting = backend.Calls.Count;
            using var answer = await gateway.PostAsync(TestGateway.Request(), headers: header);
            // Two more at the one, none at the other: the count and the answer went the same way.
            Assert.Equal(0, (backend.Calls.Count + other.Calls.Count) % 2);
            Assert.Equal(0, backend.Calls.Count % 2);
            Assert.InRange(backend.Calls.Count - counting, 0, 1);
        }
    }

    [Fact]
    public async Task Of_targets_that_pass_a_name_on_only_those_serve_it_that_list_it()
    {
        await using var one = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var two = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        one.Models = """{"data":[{"id":"base"},{"id":"adapter-1","parent":"base"}]}""";
        two.Models = """{"data":[{"id":"base"}]}""";
        await using var gateway = await TestGateway.StartAsync(one, options => options with
        {
            Backends = [one.As("generic", "one"), two.As("generic", "two")],
            Routes = [new() { Model = "*", To = [new("one"), new("two") { Weight = 1000 }] }],
        });

        for (var session = 0; session < 8; session++) await gateway.PostAsync(TestGateway.Request(model: "adapter-1"), headers: ("x-claude-code-session-id", $"{session}"));

        Assert.Equal((8, 0), (one.Calls.Count, two.Calls.Count));
    }

    [Theory]
    [InlineData("claude-opus-4-5", "claude-opus-4-5-20251101")]
    [InlineData("claude-haiku-4-5-latest", "claude-haiku-4-5-20251001")]
    [InlineData("claude-opus-4", "claude-opus-4-5-20251101")] // Not dated, so unknown: the default.
    public async Task A_name_without_its_date_finds_the_newest_that_is_listed_with_one(string asked, string sent)
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = """{"data":[{"id":"claude-opus-4-5-20251101"},{"id":"claude-haiku-4-5-20250901"},{"id":"claude-haiku-4-5-20251001"}]}""";
        await using var gateway = await TestGateway.StartAsync(backend);

        Assert.Equal(sent, await SentAsync(gateway, backend, TestGateway.Request(model: asked)));
    }

    [Fact]
    public async Task Each_route_has_a_name_of_its_own_and_none_tells_the_value_of_a_header()
    {
        await using var backend = ScriptedBackend.Answering("{}");
        await using var gateway = await TestGateway.StartAsync(backend, options => options with { Routes = [Row("red"), Row("blue"), new() { Model = "*", To = [new("scripted")] }] });
        var names = new List<string>();
        foreach (var team in new[] { "red", "blue", "green" })
        {
            var plan = await gateway.Router.PlanAsync(new("m", default, new Microsoft.AspNetCore.Http.HeaderDictionary { ["x-team"] = team }), TestContext.Current.CancellationToken);
            names.Add(plan.Route);
        }

        Assert.Equal(["* when not images, header x-team", "* when not images, header x-team #2", "*"], names);

        static ModelRouteOptions Row(string team) => new()
        {
            Model = "*", When = new() { Images = false, Headers = new Dictionary<string, string> { ["x-team"] = team } }, To = [new("scripted")],
        };
    }

    [Fact]
    public async Task A_list_with_a_name_that_is_no_text_is_no_list()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = """{"data":[{"id":"\ud800"}]}""";
        await using var gateway = await TestGateway.StartAsync(backend);

        Assert.Equal("asked", await SentAsync(gateway, backend, TestGateway.Request(model: "asked")));
    }

    [Fact]
    public async Task The_name_that_a_picker_shows_gives_nobody_a_model_that_is_not_theirs()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        backend.Models = """{"data":[{"id":"claude-mine"},{"id":"secret"}]}""";
        await using var gateway = await TestGateway.StartAsync(
            backend, CallerKeyTests.With(new() { Name = "alice", Sha256 = CallerKeyTests.Hash("dgm-alice"), Models = ["claude-*"] }));

        using var response = await gateway.PostAsync(TestGateway.Request(model: "claude-gw-secret"), headers: ("x-api-key", "dgm-alice"));

        Assert.Equal("model: claude-gw-secret", await response.ErrorAsync(HttpStatusCode.NotFound, "not_found_error"));
        Assert.Empty(backend.Calls);
    }

    [Theory]
    [InlineData("a(b", null, "The pattern 'a(b' has a '(' without a ')' at character 2.")]
    [InlineData("a*", "x-$2", "The model 'x-$2' holds $2, but the route's pattern has one star or group.")]
    public async Task A_route_that_cannot_be_read_stops_the_start(string pattern, string? model, string expected)
    {
        await using var backend = ScriptedBackend.Answering("{}");

        var fault = await Assert.ThrowsAsync<ConfigurationException>(() => TestGateway.StartAsync(backend, options => options with
        {
            Routes = [new() { Model = pattern, To = [new("scripted", model)] }],
        }));
        Assert.Equal(expected, fault.Message);
    }

    private static async Task<string> SentAsync(TestGateway gateway, ScriptedBackend backend, string body, params (string Name, string Value)[] headers)
    {
        using var response = await gateway.PostAsync(body, headers: headers);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return System.Text.Json.JsonDocument.Parse(backend.Calls[^1].Request.Text).RootElement.GetProperty("model").GetString()!;
    }
}
