using System.Net;
using Dragoman.Configuration;
using Dragoman.Testing;

namespace Dragoman.Tests.Upstream;

/// <summary>What an operator knows better of a backend than its preset.</summary>
public sealed class DialectSettingsTests
{
    [Fact] // failures.md B20
    public async Task Leaked_tool_calls_are_found_where_the_operator_says_so()
    {
        const string tools = ""","tools":[{"name":"Read","input_schema":{"type":"object","properties":{"path":{"type":"string"}}}}]""";
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("""<tool_call>{\"name\":\"Read\",\"arguments\":{\"path\":\"/a\"}}</tool_call>"""));
        await using var unset = await TestGateway.StartAsync(backend);
        await using var set = await TestGateway.StartAsync(backend, options => Settings.Apply(options, "dialect.tool_leak=hermes"));

        using var asText = await unset.PostAsync(TestGateway.Request(extra: tools));
        using var asCall = await set.PostAsync(TestGateway.Request(extra: tools));

        Assert.Equal("end_turn", (await asText.JsonAsync()).GetProperty("stop_reason").GetString());
        var call = await asCall.JsonAsync();
        Assert.Equal("tool_use", call.GetProperty("stop_reason").GetString());
        Assert.Equal("/a", call.GetProperty("content")[0].GetProperty("input").GetProperty("path").GetString());
    }

    [Fact] // failures.md F8
    public async Task A_window_that_the_backend_does_not_tell_can_be_named()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => Settings.Apply(options, "dialect.context_window=1000"));
        var system = string.Concat(Enumerable.Repeat("many words ", 3000));

        using var response = await gateway.PostAsync(TestGateway.Request(extra: $",\"system\":\"{system}\""));

        Assert.Matches("^prompt is too long: [0-9]+ tokens > 1000 maximum$", await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error"));
        Assert.Empty(backend.Calls);
    }

    [Fact]
    public async Task A_strict_gateway_refuses_what_it_would_leave_out()
    {
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("Hello"));
        await using var gateway = await TestGateway.StartAsync(backend, options => Settings.Apply(options, "dialect.strict=true"));

        using var response = await gateway.PostAsync(TestGateway.Request(extra: ",\"top_k\":5"));

        Assert.Contains("top_k", await response.ErrorAsync(HttpStatusCode.BadRequest, "invalid_request_error"), StringComparison.Ordinal);
        Assert.Empty(backend.Calls);
    }

    [Theory]
    [InlineData("dialect.tool_leak=qwen", "none of off, auto, hermes, kimi, deepseek, mistral, llama_pythonic, qwen_xml")]
    [InlineData("dialect.context_window=3", "not a whole number from 256 to")]
    public void A_value_that_cannot_be_says_what_can(string setting, string told) =>
        Assert.Contains(told, Assert.Throws<ConfigurationException>(() => Settings.Apply(new GatewayOptions(), setting)).Message, StringComparison.Ordinal);
}
