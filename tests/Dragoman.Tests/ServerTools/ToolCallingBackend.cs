using System.Text.Json;
using System.Text.Json.Nodes;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Tests.WebSearch;
using Microsoft.AspNetCore.Http;

namespace Dragoman.Tests.ServerTools;

/// <summary>A backend that says one thing after another, a search service and a gateway between them and the test.</summary>
internal sealed class ToolCallingBackend : IAsyncDisposable
{
    public const string Search = """{"type":"web_search_20250305","name":"web_search","max_uses":8}""";
    public const string Fetch = """{"type":"web_fetch_20250910","name":"web_fetch"}""";
    public const string Read = """{"name":"Read","input_schema":{"type":"object","properties":{"path":{"type":"string"}}}}""";

    private readonly Func<ScriptedCall, Task>[] _answers;
    private int _next;

    private ToolCallingBackend(Func<ScriptedCall, Task>[] answers)
    {
        _answers = answers;
        Backend = new(call => _answers[Math.Min(Interlocked.Increment(ref _next), _answers.Length) - 1](call));
    }

    /// <summary>The backend.</summary>
    public ScriptedBackend Backend { get; }

    /// <summary>The search service.</summary>
    public ScriptedSearchServer SearchServer { get; private set; } = null!;

    /// <summary>The gateway.</summary>
    public TestGateway Gateway { get; private set; } = null!;

    /// <summary>What the backend was sent, in order.</summary>
    public IReadOnlyList<JsonObject> Requests => [.. Backend.Calls.Select(static call => JsonNode.Parse(call.Request.Body)!.AsObject())];

    /// <summary>Starts all three.</summary>
    /// <param name="search">The search service's answers; null finds two pages for whatever is asked.</param>
    /// <param name="configure">Changes of the configuration.</param>
    /// <param name="answers">What the backend does, call by call.</param>
    public static async Task<ToolCallingBackend> StartAsync(
        Func<HttpContext, Task>? search, Func<GatewayOptions, GatewayOptions>? configure, params Func<ScriptedCall, Task>[] answers)
    {
        var all = new ToolCallingBackend(answers);
        all.SearchServer = await ScriptedSearchServer.StartAsync(search ?? FindAsync);
        all.Gateway = await TestGateway.StartAsync(all.Backend, options =>
        {
            options = options with { WebSearch = new() { Provider = new() { Kind = SearchProviderKind.Searxng, Url = all.SearchServer.Address }, CacheTime = TimeSpan.Zero } };
            return configure?.Invoke(options) ?? options;
        });
        return all;
    }

    /// <summary>A request.</summary>
    public static string Request(bool stream, string tools, string text = "What is new at https://one.example/?") =>
        $$"""{"model":"claude-test","max_tokens":500,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"{{text}}"}],"tools":[{{tools}}]}""";

    /// <summary>Calls functions.</summary>
    public static Func<ScriptedCall, Task> Calls(params (string Name, string Arguments)[] calls) => call =>
    {
        var list = new JsonArray();
        foreach (var (name, arguments) in calls)
        {
            list.Add(new JsonObject
            {
                ["index"] = list.Count, ["id"] = $"call_{list.Count}", ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
            });
        }

        return AnswerAsync(call, new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = list }, "tool_calls");
    };

    /// <summary>Says something.</summary>
    public static Func<ScriptedCall, Task> Says(string text) => call => AnswerAsync(call, new JsonObject { ["role"] = "assistant", ["content"] = text }, "stop");

    /// <summary>Finds two pages.</summary>
    public static Task FindAsync(HttpContext http)
    {
        var query = http.Request.Query["q"].ToString();
        var results = new JsonArray(
            new JsonObject { ["title"] = $"{query} one", ["url"] = "https://one.example/", ["content"] = $"All of {query}." },
            new JsonObject { ["title"] = $"{query} two", ["url"] = "https://two.example/", ["content"] = "More." });
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(new JsonObject { ["results"] = results }.ToJsonString());
    }

    /// <summary>Posts a request and reads the whole message, in whichever form it comes.</summary>
    public async Task<JsonObject> MessageAsync(string request)
    {
        using var response = await Gateway.PostAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(bytes));
        if (response.Content.Headers.ContentType!.MediaType == "application/json") return JsonNode.Parse(bytes)!.AsObject();
        var reading = StreamGrammar.Read(bytes);
        Assert.Empty(reading.Violations);
        Assert.Null(reading.Error);
        return reading.Message!;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await SearchServer.DisposeAsync();
        await Backend.DisposeAsync();
    }

    private static Task AnswerAsync(ScriptedCall call, JsonObject message, string finish)
    {
        var usage = new JsonObject { ["prompt_tokens"] = 100, ["completion_tokens"] = 10, ["total_tokens"] = 110 };
        var choice = new JsonObject { ["index"] = 0, ["finish_reason"] = finish };
        if (JsonDocument.Parse(call.Request.Body).RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean())
        {
            choice["delta"] = message;
            return call.StreamAsync(new JsonObject { ["choices"] = new JsonArray(choice) }.ToJsonString(), new JsonObject { ["choices"] = new JsonArray(), ["usage"] = usage }.ToJsonString());
        }

        choice["message"] = message;
        return call.AnswerAsync(new JsonObject { ["choices"] = new JsonArray(choice), ["usage"] = usage }.ToJsonString());
    }
}
