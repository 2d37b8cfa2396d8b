using System.Text.Json;
using Dragoman.Testing;

namespace Dragoman.Tests.Corpus;

/// <summary>What Claude Code and other clients really send, through the whole gateway, to a backend that keeps what reaches it.</summary>
public sealed class RecordedRequestsTests(RecordedRequestsGateway fixture) : IClassFixture<RecordedRequestsGateway>
{
    public static TheoryData<string> Cases() => [.. RecordedRequest.Names()];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_block_of_the_request_reaches_the_backend_or_is_refused_by_name(string name)
    {
        Assert.SkipWhen(name.Length == 0, SharedData.SkipReason);
        var recorded = RecordedRequest.Load(name);
        var (answer, upstream) = await fixture.AskAsync(name, recorded, TestContext.Current.CancellationToken);

        if (recorded.Body.Length == 0 || recorded.Path.Contains("count_tokens", StringComparison.Ordinal))
        {
            Assert.True(answer.Status < 500, $"{answer.Status} {answer.Error}");
            return;
        }

        if (answer.Error is { } error)
        {
            // Refusing is right where the answer would mean something else; the place must be named.
            Assert.Equal((400, "invalid_request_error"), (answer.Status, error.GetProperty("type").GetString()));
            Assert.Matches("^[a-z_]+([.\\[][a-z0-9_]+\\]?)*: |prefill", error.GetProperty("message").GetString()!);
            return;
        }

        using var request = JsonDocument.Parse(recorded.Body);
        AssertAccountedFor(request.RootElement, Assert.NotNull(upstream));
    }

    private static void AssertAccountedFor(JsonElement request, JsonElement upstream)
    {
        var sent = upstream.GetProperty("messages");
        var said = Saying.Of(sent);
        foreach (var text in Texts(request.TryGetProperty("system", out var system) ? system : default))
            if (!text.StartsWith("x-anthropic-billing-header", StringComparison.Ordinal)) Assert.Contains(Saying.Squeeze(text), said);

        var toolUses = 0;
        foreach (var message in request.GetProperty("messages").EnumerateArray())
        {
            var content = message.GetProperty("content");
            foreach (var text in Texts(content)) Assert.Contains(Saying.Squeeze(text), said);
            if (content.ValueKind != JsonValueKind.Array) continue;
            foreach (var block in content.EnumerateArray())
            {
                switch (block.GetProperty("type").GetString())
                {
                    case "server_tool_use" when Lists(request, block.GetProperty("name").GetString()!):
                    case "tool_use":
                        toolUses++;
                        Assert.Contains(Calls(sent), call => SameCall(call, block));
                        break;
                    case "tool_result":
                        foreach (var text in Texts(block.TryGetProperty("content", out var result) ? result : default)) Assert.Contains(Saying.Squeeze(text), said);
                        break;
                    case "image" when block.GetProperty("source").TryGetProperty("data", out var data):
                        Assert.Contains(data.GetString()!, said);
                        break;
                    case "image" when block.GetProperty("source").TryGetProperty("url", out var url):
                        Assert.True(said.Contains(url.GetString()!, StringComparison.Ordinal) || said.Contains("[image", StringComparison.Ordinal), "an image is gone");
                        break;
                }
            }
        }

        Assert.Equal(toolUses, Calls(sent).Count());
        AssertPaired(sent);
    }

    /// <summary>The gateway runs it: to the model it is a function, and its earlier calls are calls.</summary>
    private static bool Lists(JsonElement request, string serverTool) =>
        serverTool is "web_search" or "web_fetch"
        && request.TryGetProperty("tools", out var tools)
        && tools.EnumerateArray().Any(tool => tool.TryGetProperty("type", out var type) && type.GetString()!.StartsWith(serverTool + "_", StringComparison.Ordinal));

    /// <summary>Calls and their results stand together, each with the other. (failures.md B16)</summary>
    private static void AssertPaired(JsonElement messages)
    {
        HashSet<string> open = [];
        foreach (var message in messages.EnumerateArray())
        {
            if (message.GetProperty("role").ValueEquals("tool"))
            {
                Assert.True(open.Remove(message.GetProperty("tool_call_id").GetString()!), $"a result without its call: {message}");
                continue;
            }

            Assert.Empty(open);
            if (message.TryGetProperty("tool_calls", out var calls))
                Assert.All(calls.EnumerateArray(), call => Assert.True(open.Add(call.GetProperty("id").GetString()!), "an id twice in one message"));
        }

        Assert.Empty(open);
    }

    private static IEnumerable<JsonElement> Calls(JsonElement messages) =>
        messages.EnumerateArray().Where(message => message.TryGetProperty("tool_calls", out _)).SelectMany(message => message.GetProperty("tool_calls").EnumerateArray());

    private static bool SameCall(JsonElement call, JsonElement use)
    {
        var function = call.GetProperty("function");
        var (theirs, ours) = (function.GetProperty("name").GetString()!, use.GetProperty("name").GetString()!);
        if (theirs != ours && ours.Length <= 64) return false;
        // Byte for byte, so that a backend's prefix cache holds (failures.md B19).
        return function.GetProperty("arguments").GetString() == use.GetProperty("input").GetRawText()
            || JsonElement.DeepEquals(JsonDocument.Parse(function.GetProperty("arguments").GetString()!).RootElement, use.GetProperty("input"));
    }

    private static IEnumerable<string> Texts(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => [content.GetString()!],
        JsonValueKind.Array => content.EnumerateArray().Where(block => block.GetProperty("type").ValueEquals("text")).Select(block => block.GetProperty("text").GetString()!),
        _ => [],
    };
}
