using Anthropic;
using Anthropic.Models.Messages;
using Dragoman.Configuration;
using Dragoman.Simulator;
using Dragoman.Tests.ServerTools;
using Microsoft.Extensions.AI;

namespace Dragoman.Tests.Sdk;

/// <summary>The official C# SDK, and the abstraction .NET applications put over it, door to door: their view is the one that
/// counts.</summary>
public sealed class OfficialSdkTests : IAsyncLifetime
{
    private SimulatorServer _simulator = null!;
    private TestGateway _gateway = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _simulator = await SimulatorApp.StartAsync(new SimulatorOptions(), Now);
        _gateway = await TestGateway.StartAsync(new BackendOptions { Name = "simulated", Url = BackendOptions.ParseUrl(_simulator.BaseAddress.ToString()) });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task A_message_is_created()
    {
        var message = await Client().Messages.Create(Question("sim/text"), Now);

        Assert.Equal("sim/text", message.Model.Raw());
        Assert.True(message.Content[0].TryPickText(out var text));
        Assert.NotEmpty(text!.Text);
        Assert.True(message.Usage.InputTokens > 0);
        Assert.Equal(Anthropic.Models.Messages.StopReason.EndTurn, message.StopReason!.Value());
    }

    [Fact]
    public async Task A_streamed_message_says_the_same_as_a_whole_one()
    {
        var whole = await Client().Messages.Create(Question("sim/text"), Now);
        Assert.True(whole.Content[0].TryPickText(out var expected));

        var text = "";
        await foreach (var next in Client().Messages.CreateStreaming(Question("sim/text"), Now))
        {
            if (next.TryPickContentBlockDelta(out var delta) && delta.Delta.TryPickText(out var piece)) text += piece.Text;
        }

        Assert.Equal(expected!.Text, text);
    }

    [Fact]
    public async Task Tokens_are_counted_and_models_listed()
    {
        var count = await Client().Messages.CountTokens(new() { Model = "sim/text", Messages = [new UserMessageParam("How many?")] }, Now);
        var models = await Client().Models.List(new() { Limit = 1000 }, Now);
        var one = await Client().Models.Retrieve("sim/text", cancellationToken: Now);

        Assert.True(count.InputTokens > 0);
        Assert.Contains(models.Items, model => model.ID == "sim/demo");
        Assert.Equal("sim/text", one.ID);
    }

    [Fact]
    public async Task An_unknown_model_is_the_SDKs_own_not_found()
    {
        var e = await Assert.ThrowsAsync<Anthropic.Exceptions.AnthropicNotFoundException>(() => Client().Models.Retrieve("sim/none-such", cancellationToken: Now));

        Assert.Contains("not_found_error", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_client_gets_text_whole_and_streamed()
    {
        using var chat = Client().AsIChatClient("sim/text");

        var answer = await chat.GetResponseAsync("Hello", cancellationToken: Now);
        var streamed = "";
        await foreach (var update in chat.GetStreamingResponseAsync("Hello", cancellationToken: Now)) streamed += update.Text;

        Assert.NotEmpty(answer.Text);
        Assert.Equal(answer.Text, streamed);
        Assert.True(answer.Usage!.InputTokenCount > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_chat_client_calls_functions_and_goes_on(bool stream)
    {
        var called = new List<string>();
        using var chat = Client().AsIChatClient("sim/tools-single").AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create((string location) => { called.Add(location); return "sunny"; }, "get_weather", "Tells the weather at a place.")],
        };

        var text = "";
        if (stream)
        {
            await foreach (var update in chat.GetStreamingResponseAsync("What is the weather in Paris?", options, Now)) text += update.Text;
        }
        else
        {
            text = (await chat.GetResponseAsync("What is the weather in Paris?", options, Now)).Text;
        }

        Assert.Single(called);
        Assert.NotEmpty(text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_searches_a_fetch_and_a_call_of_the_clients_in_one_turn_are_read_as_such(bool stream)
    {
        await using var site = await WebSearch.ScriptedSearchServer.AnsweringAsync("The page itself.", contentType: "text/plain");
        await using var all = await ToolCallingBackend.StartAsync(
            null,
            options => options with { WebFetch = new() { AllowPrivate = ["127.0.0.1"], Ports = [site.Address.Port], Robots = false } },
            ToolCallingBackend.Calls(
                ("web_search", """{"query":"news"}"""), ("web_fetch", $$"""{"url":"{{site.Address}}page"}"""), ("Read", """{"path":"a"}"""), ("web_search", """{"query":"more"}""")));
        using var client = new AnthropicClient { BaseUrl = all.Gateway.Address.ToString().TrimEnd('/'), ApiKey = "any", MaxRetries = 0 };
        var read = new Tool { Name = "Read", InputSchema = new InputSchema { Properties = new Dictionary<string, System.Text.Json.JsonElement>() } };
        var question = Question("claude-test", $"What is on {site.Address}page?") with { Tools = [new WebSearchTool20250305(), new WebFetchTool20250910(), read] };

        var message = stream ? await client.Messages.CreateStreaming(question, Now).Aggregate() : await client.Messages.Create(question, Now);

        Assert.Equal(7, message.Content.Count);
        for (var i = 0; i < 3; i++) Assert.True(message.Content[i].TryPickServerToolUse(out _));
        Assert.True(message.Content[0].TryPickServerToolUse(out var use));
        Assert.Equal("news", use!.Input["query"].GetString());
        Assert.True(message.Content[3].TryPickWebSearchToolResult(out var result));
        Assert.Equal(use.ID, result!.ToolUseID);
        Assert.True(result.Content.TryPickWebSearchResultBlocks(out var pages));
        Assert.Equal(["https://one.example/", "https://two.example/"], pages!.Select(page => page.Url));
        Assert.True(message.Content[4].TryPickWebFetchToolResult(out var fetched));
        Assert.True(fetched!.Content.TryPickWebFetchBlock(out var page));
        Assert.Equal($"{site.Address}page", page!.Url);
        Assert.True(message.Content[5].TryPickWebSearchToolResult(out _));
        Assert.True(message.Content[6].TryPickToolUse(out _));
        Assert.Equal(Anthropic.Models.Messages.StopReason.ToolUse, message.StopReason!.Value());
        Assert.Equal(2, message.Usage.ServerToolUse!.WebSearchRequests);
        Assert.Equal(1, message.Usage.ServerToolUse.WebFetchRequests);
    }

    private AnthropicClient Client() => new() { BaseUrl = _gateway.Address.ToString().TrimEnd('/'), ApiKey = "any", MaxRetries = 0 };

    private static MessageCreateParams Question(string model, string text = "Hello") => new() { Model = model, MaxTokens = 256, Messages = [new UserMessageParam(text)] };
}
