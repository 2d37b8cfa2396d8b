using System.Net;
using System.Text;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Testing.Native;

namespace Dragoman.Tests.Native;

/// <summary>Services that speak the Messages API and translated backends stand in for each other.</summary>
public sealed class MixedRouteTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool, Manner> Failures
    {
        get
        {
            var failures = new TheoryData<string, bool, Manner>();
            foreach (var service in (string[])["anthropic", "bedrock", "vertex"])
            {
                failures.Add(service, true, Manner.FailsEarly);
                failures.Add(service, true, Manner.Refuses);
                failures.Add(service, false, Manner.Refuses);
            }

            return failures;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_translated_backend_answers_for_a_service_that_fails_before_content(string name, bool stream, Manner manner)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var backend = stream ? ScriptedBackend.Streaming(Chunks.Role, Chunks.Text("from the second"), Chunks.Stop, Chunks.Usage) : ScriptedBackend.Answering(Chunks.Whole("from the second"));
        await using var gateway = await StartAsync(service, backend, nativeFirst: true);
        service.Double.Manner = manner;

        var answer = await gateway.PostAsync(TestGateway.Request(stream));
        var told = await answer.Content.ReadAsStringAsync(Now);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("from the second", told, StringComparison.Ordinal);
        Assert.DoesNotContain("msg_01Double", told, StringComparison.Ordinal);
        Assert.Single(backend.Calls);
        if (stream) Assert.Empty(StreamGrammar.Read(Encoding.UTF8.GetBytes(told)).Violations);
    }

    [Theory]
    [InlineData("anthropic", true)]
    [InlineData("bedrock", true)]
    [InlineData("vertex", true)]
    [InlineData("bedrock", false)]
    public async Task A_service_answers_for_a_translated_backend_that_fails(string name, bool stream)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var backend = ScriptedBackend.Answering("""{"error":{"message":"no room","type":"overloaded"}}""", 503);
        await using var gateway = await StartAsync(service, backend, nativeFirst: false);

        var answer = await gateway.PostAsync(TestGateway.Request(stream));
        var told = await answer.Content.ReadAsStringAsync(Now);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("msg_01Double", told, StringComparison.Ordinal);
        Assert.Contains("\"claude-test\"", told, StringComparison.Ordinal);
    }

    // failures.md C8
    [Fact]
    public async Task A_conversation_goes_on_at_a_service_after_a_translated_backend_has_thought_in_it()
    {
        await using var service = await NativeService.StartAsync("anthropic");
        await using var backend = ScriptedBackend.Answering(
            """{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"Let me think.","content":"Well."},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13}}""");
        await using var gateway = await StartAsync(service, backend, nativeFirst: true);
        const string question = """{"role":"user","content":"Hi"}""";
        var first = await gateway.PostAsync($$"""{"model":"claude-translated","max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1024},"messages":[{{question}}]}""");
        var content = (await first.JsonAsync()).GetProperty("content");
        Assert.StartsWith("gw1.", content[0].GetProperty("signature").GetString(), StringComparison.Ordinal);

        var second = await gateway.PostAsync($$"""{"model":"claude-test","max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1024},"messages":[{{question}},{"role":"assistant","content":{{content.GetRawText()}}},{"role":"user","content":"And?"}]}""");

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal("msg_01Double", (await second.JsonAsync()).GetProperty("id").GetString());
        Assert.Equal("text", Assert.Single(service.Double.Calls[^1].Json["messages"]![1]!["content"]!.AsArray())!["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_service_without_credentials_is_passed_over()
    {
        await using var service = await NativeService.StartAsync("vertex");
        await using var backend = ScriptedBackend.Answering(Chunks.Whole("from the second"));
        await using var gateway = await StartAsync(service, backend, nativeFirst: true, native: service.Backend with { Gcp = service.Backend.Gcp! with { CredentialsFile = "/none/such.json" } });

        var answer = await gateway.PostAsync(TestGateway.Request());

        Assert.Contains("from the second", await answer.Content.ReadAsStringAsync(Now), StringComparison.Ordinal);
    }

    private static Task<TestGateway> StartAsync(NativeService service, ScriptedBackend backend, bool nativeFirst, BackendOptions? native = null)
    {
        var scripted = backend.As("generic");
        return TestGateway.StartAsync(native ?? service.Backend, options => options with
        {
            Backends = [.. options.Backends, scripted],
            Retry = new() { Backoff = TimeSpan.FromMilliseconds(1), MaxRetryAfter = TimeSpan.FromMilliseconds(1) },
            Routes =
            [
                new() { Model = "claude-translated", To = [new(scripted.Name, "model-a")] },
                new()
                {
                    Model = "claude-test",
                    To = [new(service.Backend.Name, service.Model) { Priority = nativeFirst ? 0 : 1 }, new(scripted.Name, "model-a") { Priority = nativeFirst ? 1 : 0 }],
                },
            ],
        });
    }
}
