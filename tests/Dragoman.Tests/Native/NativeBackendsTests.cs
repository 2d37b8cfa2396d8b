using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Anthropic;
using Anthropic.Models.Messages;
using Dragoman.Configuration;
using Dragoman.Testing;
using Dragoman.Testing.Native;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Tests.Native;

/// <summary>Anthropic, Bedrock and Vertex AI, each a double that checks what it is sent as the real one does, with the official C# SDK before
/// the gateway.</summary>
public sealed class NativeBackendsTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public static TheoryData<string> Services => NativeService.All;

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_whole_answer_reaches_the_official_SDK_intact(string name)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync();

        var message = await Client(gateway).Messages.Create(Question(), Now);

        Assert.Equal("claude-test", message.Model.Raw());
        Assert.Equal("msg_01Double", message.ID);
        Assert.True(message.Content[0].TryPickThinking(out var thinking));
        Assert.Equal(ClaudeAnswer.Signature, thinking!.Signature);
        Assert.True(message.Content[1].TryPickText(out var text));
        Assert.Equal(ClaudeAnswer.Text, text!.Text);
        Assert.True(message.Content[2].TryPickToolUse(out var call));
        Assert.Equal("Paris", call!.Input["location"].GetString());
        Assert.Equal((21, 42, 7), (message.Usage.InputTokens, message.Usage.OutputTokens, message.Usage.CacheReadInputTokens));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_stream_reaches_the_official_SDK_intact(string name)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync();

        var (text, thinking, signature, input, stop, output) = ("", "", "", "", "", 0L);
        await foreach (var next in Client(gateway).Messages.CreateStreaming(Question(), Now))
        {
            if (next.TryPickStart(out var start)) Assert.Equal("claude-test", start!.Message.Model.Raw());
            if (next.TryPickDelta(out var end)) (stop, output) = (end!.Delta.StopReason!.Raw(), end.Usage.OutputTokens);
            if (!next.TryPickContentBlockDelta(out var delta)) continue;
            if (delta!.Delta.TryPickText(out var piece)) text += piece!.Text;
            if (delta.Delta.TryPickThinking(out var thought)) thinking += thought!.Thinking;
            if (delta.Delta.TryPickSignature(out var signed)) signature += signed!.Signature;
            if (delta.Delta.TryPickInputJson(out var json)) input += json!.PartialJson;
        }

        Assert.Equal((ClaudeAnswer.Text, "Paris, then.", ClaudeAnswer.Signature, "{\"location\": \"Paris\"}", "tool_use", 42L), (text, thinking, signature, input, stop, output));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_stream_passes_byte_for_byte_but_for_the_models_name(string name)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync();

        var answer = await gateway.PostAsync(TestGateway.Request(stream: true));
        var told = await answer.Content.ReadAsStringAsync(Now);

        var sent = ClaudeAnswer.Sse([.. ClaudeAnswer.Before("claude-test"), .. ClaudeAnswer.FirstHalf, .. ClaudeAnswer.SecondHalf, ClaudeAnswer.Stop]);
        Assert.Equal(Encoding.UTF8.GetString(sent), told);
        Assert.Empty(StreamGrammar.Read(Encoding.UTF8.GetBytes(told), isOurs: false).Violations);
    }

    [Fact]
    public async Task Anthropic_gets_the_callers_body_version_and_betas_and_nothing_else_of_the_caller()
    {
        await using var service = await NativeService.StartAsync("anthropic");
        await using var gateway = await service.StartGatewayAsync();
        const string body = """{ "model": "claude-test", "max_tokens": 5.0e1, "unheard_of": {"a": [1,2.50]}, "messages": [{"role": "user", "content": "H\u00e9"}], "stream": false }""";

        await gateway.PostAsync(body, "/v1/messages", null, ("anthropic-version", "2026-10-21"), ("anthropic-beta", "context-1m-2025-08-07, oauth-2025-04-20"), ("Authorization", "Bearer of-the-caller"), ("x-private", "no"));

        var call = Assert.Single(service.Double.Calls, call => call.Target == "/v1/messages");
        Assert.Equal(body.Replace("\"claude-test\"", $"\"{AnthropicDouble.Model}\"", StringComparison.Ordinal), Encoding.UTF8.GetString(call.Body));
        Assert.Equal("2026-10-21", call.Headers["anthropic-version"]);
        Assert.Equal("context-1m-2025-08-07", call.Headers["anthropic-beta"]);
        Assert.DoesNotContain("of-the-caller", string.Join(' ', call.Headers.Values), StringComparison.Ordinal);
        Assert.False(call.Headers.ContainsKey("x-private"));
    }

    // failures.md C8
    [Theory]
    [MemberData(nameof(Services))]
    public async Task Thinking_of_a_translated_turn_is_taken_out_and_the_services_own_stays(string name)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync();
        var ours = ReasoningSignature.Seal(new SealedReasoning("generic", "reasoning_content", "secret thoughts"), new byte[32]);
        var history = $$$"""[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"{{{ours}}}"},{"type":"text","text":"b"}]},{"role":"user","content":"c"},{"role":"assistant","content":[{"type":"thinking","thinking":"y","signature":"{{{ClaudeAnswer.Signature}}}"},{"type":"text","text":"d"}]},{"role":"user","content":"e"}]""";

        var answer = await gateway.PostAsync($$"""{"model":"claude-test","max_tokens":64,"messages":{{history}}}""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("thinking", Assert.Single(answer.Headers.GetValues("x-dragoman-dropped")));
        var sent = service.Double.Calls[^1].Json["messages"]!.AsArray();
        Assert.Single(sent[1]!["content"]!.AsArray());
        Assert.Equal(2, sent[3]!["content"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("anthropic", 529, "overloaded_error")]
    [InlineData("bedrock", 429, "rate_limit_error")]
    [InlineData("vertex", 429, "rate_limit_error")]
    public async Task A_service_without_room_is_told_as_such(string name, int status, string type)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync(options => options with { Retry = options.Retry with { Attempts = 1 } });
        service.Double.Manner = Manner.Refuses;

        var answer = await gateway.PostAsync(TestGateway.Request(stream: true));

        await answer.ErrorAsync((HttpStatusCode)status, type);
        if (name == "anthropic") Assert.Equal("7", Assert.Single(answer.Headers.GetValues("retry-after")));
    }

    [Theory]
    [InlineData("anthropic", 529, "overloaded_error")]
    [InlineData("bedrock", 429, "rate_limit_error")]
    [InlineData("vertex", 529, "overloaded_error")]
    public async Task A_stream_that_fails_before_content_is_an_HTTP_error(string name, int status, string type)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync(options => options with { Retry = options.Retry with { Attempts = 1 } });
        service.Double.Manner = Manner.FailsEarly;

        await (await gateway.PostAsync(TestGateway.Request(stream: true))).ErrorAsync((HttpStatusCode)status, type);
    }

    // failures.md G1
    [Theory]
    [InlineData("anthropic", "overloaded_error")]
    [InlineData("bedrock", "rate_limit_error")]
    [InlineData("vertex", "overloaded_error")]
    public async Task A_stream_that_fails_after_content_ends_in_an_error_event(string name, string type)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync();
        service.Double.Manner = Manner.FailsLate;

        var answer = await gateway.PostAsync(TestGateway.Request(stream: true));
        var read = StreamGrammar.Read(await answer.Content.ReadAsByteArrayAsync(Now), isOurs: false);

        Assert.Empty(read.Violations);
        Assert.Equal(type, read.Error!["type"]!.GetValue<string>());
        Assert.False(read.IsComplete);
    }

    // failures.md G2
    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_stream_that_breaks_off_ends_in_an_error_event(string name)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync();
        service.Double.Manner = Manner.BreaksOff;

        var answer = await gateway.PostAsync(TestGateway.Request(stream: true));
        using var events = await EventReader.OfAsync(answer);
        await events.UntilAsync("content_block_delta");
        service.Double.BreakOff();
        var last = (await events.RestAsync())[^1];

        Assert.Equal("error", last.Event);
        Assert.Contains("api_error", last.Data, StringComparison.Ordinal);
    }

    // failures.md G11
    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_caller_who_leaves_takes_the_service_off(string name)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync();
        service.Double.Manner = Manner.Hangs;
        using var leaves = new CancellationTokenSource();

        var answer = await gateway.PostAsync(TestGateway.Request(stream: true), cancellation: leaves.Token);
        await service.Double.IsHanging.WaitAsync(Now);
        answer.Dispose();

        await service.Double.CallerIsGone.WaitAsync(TimeSpan.FromSeconds(30), Now);
    }

    [Theory]
    [InlineData("anthropic", 33)]
    [InlineData("bedrock", 44)]
    [InlineData("vertex", 55)]
    public async Task Tokens_are_counted_by_the_service(string name, int expected)
    {
        await using var service = await NativeService.StartAsync(name);
        await using var gateway = await service.StartGatewayAsync();

        var count = await Client(gateway).Messages.CountTokens(new() { Model = "claude-test", Messages = [new UserMessageParam("How many?")] }, Now);

        Assert.Equal(expected, count.InputTokens);
    }

    [Fact]
    public async Task A_service_that_does_not_count_is_estimated()
    {
        await using var backend = ScriptedBackend.Answering("{}", 404);
        await using var gateway = await TestGateway.StartAsync(new BackendOptions { Name = "local", Url = new Uri(backend.Address, "/"), Schema = Schemas.Anthropic });

        var answer = await gateway.PostAsync(TestGateway.Request(), "/v1/messages/count_tokens");

        Assert.Equal("estimated", Assert.Single(answer.Headers.GetValues("x-dragoman-usage")));
        Assert.InRange((await answer.JsonAsync()).GetProperty("input_tokens").GetInt64(), 1, 30);
        await gateway.PostAsync(TestGateway.Request(), "/v1/messages/count_tokens");
        Assert.Single(backend.Calls);
    }

    [Fact]
    public async Task Anthropics_models_are_listed_and_found_by_their_short_names()
    {
        await using var service = await NativeService.StartAsync("anthropic");
        await using var gateway = await TestGateway.StartAsync(service.Backend);

        var models = await Client(gateway).Models.List(new() { Limit = 1000 }, Now);
        var message = await Client(gateway).Messages.Create(Question("claude-upstream-4"), Now);

        var model = Assert.Single(models.Items);
        Assert.Equal((AnthropicDouble.Model, "Claude Upstream 4"), (model.ID, model.DisplayName));
        Assert.Equal("claude-upstream-4", message.Model.Raw());
    }

    [Fact]
    public async Task A_refused_credential_is_our_fault_and_not_the_callers()
    {
        await using var service = await NativeService.StartAsync("bedrock");
        await using var gateway = await service.StartGatewayAsync(options => options with
        {
            Backends = [service.Backend with { Aws = service.Backend.Aws! with { SecretAccessKey = "another-secret" } }],
        });

        var message = await (await gateway.PostAsync(TestGateway.Request())).ErrorAsync(HttpStatusCode.BadGateway, "api_error");

        Assert.DoesNotContain("another-secret", message, StringComparison.Ordinal);
        Assert.DoesNotContain(BedrockDouble.KeyId, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Bedrock_refuses_is_learned_once_for_the_model()
    {
        await using var service = await NativeService.StartAsync("bedrock");
        await using var gateway = await service.StartGatewayAsync();
        ((BedrockDouble)service.Double).RefusesMetadata = true;
        var body = TestGateway.Request(extra: ""","metadata":{"user_id":"u"}""");
        (string, string)[] betas = [("anthropic-beta", "claude-code-20250219,interleaved-thinking-2025-05-14,oauth-2025-04-20")];

        var first = await gateway.PostAsync(body, headers: betas);
        var calls = service.Double.Calls.Count;
        var second = await gateway.PostAsync(body, headers: betas);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Equal("metadata", Assert.Single(first.Headers.GetValues("x-dragoman-dropped")));
        Assert.Equal(3, calls);
        Assert.Equal(4, service.Double.Calls.Count);
        Assert.Equal(["interleaved-thinking-2025-05-14"], service.Double.Calls[^1].Json["anthropic_beta"]!.AsArray().Select(beta => beta!.GetValue<string>()));
    }

    [Fact]
    public async Task A_token_is_lent_once_for_many_requests()
    {
        await using var service = await NativeService.StartAsync("vertex");
        await using var gateway = await service.StartGatewayAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync(TestGateway.Request())).StatusCode)));

        Assert.Equal(1, ((VertexDouble)service.Double).Tokens);
    }

    [Fact]
    public async Task A_backend_without_credentials_says_so_without_telling_where_it_is()
    {
        await using var service = await NativeService.StartAsync("vertex");
        await using var gateway = await service.StartGatewayAsync(options => options with
        {
            Backends = [service.Backend with { Gcp = service.Backend.Gcp! with { CredentialsFile = "/none/such.json" } }],
        });

        var message = await (await gateway.PostAsync(TestGateway.Request())).ErrorAsync(HttpStatusCode.BadGateway, "api_error");

        Assert.Equal("The backend 'vertex' cannot be called: the Google credentials file is not there.", message);
    }

    [Fact]
    public async Task A_server_of_ones_own_that_speaks_the_Messages_API_gets_its_key_in_both_headers()
    {
        await using var backend = ScriptedBackend.Answering(ClaudeAnswer.Whole("qwen"));
        await using var gateway = await TestGateway.StartAsync(new BackendOptions { Name = "local", Url = new Uri(backend.Address, "/"), Schema = Schemas.Anthropic, ApiKey = "local-key" });

        Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync(TestGateway.Request())).StatusCode);
        var call = Assert.Single(backend.Calls);
        Assert.Equal("/v1/messages", call.Request.Path);
        Assert.Equal("Bearer local-key", call.Request.Headers["authorization"]);
        Assert.Equal("local-key", call.Request.Headers["x-api-key"]);
        Assert.Equal("2023-06-01", call.Request.Headers["anthropic-version"]);
    }

    private static AnthropicClient Client(TestGateway gateway) => new() { BaseUrl = gateway.Address.ToString().TrimEnd('/'), ApiKey = "any", MaxRetries = 0 };

    private static MessageCreateParams Question(string model = "claude-test") => new() { Model = model, MaxTokens = 256, Messages = [new UserMessageParam("Hello")] };
}
